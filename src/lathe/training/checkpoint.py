"""Checkpoints: all that a run needs to go on as if nothing had happened, written whole or not at all.

A folder has the network (safetensors), the optimiser, the state of random numbers, and where in the run it was; the
position in the data is the number of steps. It is written beside its place, and moved there when all of it is on disk.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lathe.errors import InputError, OutputError

if TYPE_CHECKING:
    from accelerate import Accelerator

__all__ = ["Checkpoint", "find_checkpoint", "replace_folder", "save_checkpoint"]

_KEPT = 2


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A folder, and where in the run it was written: so many steps of a stage (from 0 on) were done."""

    folder: Path
    stage: int
    step: int


def save_checkpoint(accelerator: Accelerator, out: Path, *, stage: int, step: int) -> None:
    """Write a checkpoint, and remove all but the last two; raises `OutputError` when it cannot be written."""
    with replace_folder(accelerator, out / "checkpoints" / f"{stage:02}-{step:08}") as fresh:
        accelerator.save_state(str(fresh))
        if accelerator.is_main_process:
            (fresh / "position.json").write_text(json.dumps({"stage": stage, "step": step}), encoding="utf-8")
    if accelerator.is_main_process:
        for old in _list(out)[:-_KEPT]:
            shutil.rmtree(old)


@contextmanager
def replace_folder(accelerator: Accelerator, folder: Path) -> Iterator[Path]:
    """A folder for all processes to write, which takes its place at the end, when nothing went wrong.

    Raises `OutputError`.
    """
    fresh, first = folder.with_name(f".{folder.name}"), accelerator.is_main_process
    try:
        if first:
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir(parents=True)
        accelerator.wait_for_everyone()
        yield fresh
        accelerator.wait_for_everyone()
        if first:
            shutil.rmtree(folder, ignore_errors=True)
            fresh.replace(folder)
    except OSError as error:
        raise OutputError(f"{folder} cannot be written: {error.strerror or error}. Those before are whole.") from None
    finally:
        if first:
            shutil.rmtree(fresh, ignore_errors=True)
    accelerator.wait_for_everyone()


def find_checkpoint(out: Path) -> Checkpoint | None:
    """The last checkpoint of a run; raises `InputError` when it is broken."""
    folders = _list(out)
    if not folders:
        return None
    try:
        position = json.loads((folders[-1] / "position.json").read_text(encoding="utf-8"))
        return Checkpoint(folders[-1], int(position["stage"]), int(position["step"]))
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError(
            f"{folders[-1]} is no whole checkpoint. Remove it, and the run goes on from the one before."
        ) from None


def _list(out: Path) -> list[Path]:
    return sorted((out / "checkpoints").glob("[!.]*-*"))
