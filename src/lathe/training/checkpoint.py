"""Checkpoints: all that a run needs to go on as if nothing had happened, written whole or not at all.

A folder has what is learnt of the network (`model.safetensors`, single precision), the optimiser's moments and the
state of random numbers (`state`, in the format of `torch.distributed.checkpoint`, a part from each process), and where
in the run it was; the position in the data is the number of steps. It is written beside its place, and moved there when
all of it is on disk. Another number of devices can go on from it.
"""

from __future__ import annotations

import json
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch.distributed.checkpoint.api import CheckpointException
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_model_state_dict,
    set_optimizer_state_dict,
)
from torch.distributed.checkpoint.state_dict_loader import load
from torch.distributed.checkpoint.state_dict_saver import save

from lathe.errors import InputError, OutputError
from lathe.training.devices import Devices

__all__ = [
    "Checkpoint",
    "find_checkpoint",
    "gather_weights",
    "load_checkpoint",
    "replace_folder",
    "save_checkpoint",
]

_KEPT = 2


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A folder, and where in the run it was written: so many steps of a stage (from 0 on) were done."""

    folder: Path
    stage: int
    step: int


def save_checkpoint(devices: Devices, learner: Any, optimiser: Any, out: Path, *, stage: int, step: int) -> None:
    """Write a checkpoint, and remove all but the last two; raises `OutputError` when it cannot be written."""
    weights = gather_weights(learner)
    with replace_folder(devices, out / "checkpoints" / f"{stage:02}-{step:08}") as fresh:
        with _quiet():
            save(_find_state(learner, optimiser), checkpoint_id=fresh / "state")
        if devices.first:
            save_file(weights, fresh / "model.safetensors")
            (fresh / "position.json").write_text(json.dumps({"stage": stage, "step": step}), encoding="utf-8")
    if devices.first:
        for old in _list(out)[:-_KEPT]:
            shutil.rmtree(old)


def gather_weights(learner: Any, *, frozen: bool = False) -> dict[str, torch.Tensor]:
    """What is learnt, and with `frozen` the rest, by its name: whole in the first process, nothing in others."""
    options = StateDictOptions(full_state_dict=True, cpu_offload=True, ignore_frozen_params=not frozen)
    found: dict[str, Any] = get_model_state_dict(learner, options=options)
    tied = {"network.lm_head.weight"} if learner.network.config.tie_word_embeddings else set()
    return {name: value.contiguous() for name, value in found.items() if name not in tied}


def load_checkpoint(devices: Devices, learner: Any, optimiser: Any, checkpoint: Checkpoint) -> None:
    """Be where a checkpoint was; raises `InputError` when it is broken, or of another network."""
    try:
        weights: dict[str, Any] = load_file(checkpoint.folder / "model.safetensors") if devices.first else {}
        options = StateDictOptions(full_state_dict=True, broadcast_from_rank0=devices.count > 1, strict=False)
        set_model_state_dict(learner, weights, options=options)
        state = _find_state(learner, optimiser)
        with _quiet():
            load(state, checkpoint_id=checkpoint.folder / "state")
        set_optimizer_state_dict(learner, optimiser, state["optimiser"])
        torch.set_rng_state(state["random"])
    except (OSError, RuntimeError, KeyError, ValueError, CheckpointException) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise InputError(f"{checkpoint.folder} cannot be gone on from: {reason} Remove it, and the run goes on from "
                         "the one before; or name another folder for the run.") from None  # fmt: skip


def _find_state(learner: Any, optimiser: Any) -> dict[str, Any]:
    return {"optimiser": get_optimizer_state_dict(learner, optimiser), "random": torch.get_rng_state()}


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the warning that one process writes for itself."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="torch.distributed is disabled")
        yield


@contextmanager
def replace_folder(devices: Devices, folder: Path) -> Iterator[Path]:
    """A folder for all processes to write, which takes its place at the end, when nothing went wrong.

    Raises `OutputError`.
    """
    fresh = folder.with_name(f".{folder.name}")
    try:
        if devices.first:
            shutil.rmtree(fresh, ignore_errors=True)
            fresh.mkdir(parents=True)
        devices.wait()
        yield fresh
        devices.wait()
        if devices.first:
            shutil.rmtree(folder, ignore_errors=True)
            fresh.replace(folder)
    except OSError as error:
        raise OutputError(f"{folder} cannot be written: {error.strerror or error}. Those before are whole.") from None
    finally:
        if devices.first:
            shutil.rmtree(fresh, ignore_errors=True)
    devices.wait()


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
