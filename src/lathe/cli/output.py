"""Results: written beside the old file first, then renamed, so that nothing is ever half-written; shown in colour."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from rich.console import Console
from rich.text import Text

from lathe.errors import OutputError

__all__ = ["check_output", "show_difference", "write_output"]


def check_output(path: Path) -> None:
    """Raise `OutputError` now, before hours of search, when a file could not be written later."""
    if path.is_dir():
        raise OutputError(f"{path} is a directory. Name a file.")
    parent = next(p for p in path.absolute().parents if p.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        raise OutputError(f"{path} cannot be written: {parent} is not a writable directory. Choose another -o.")


def write_output(path: Path, data: bytes) -> None:
    """Write a file whole or not at all; raises `OutputError`, and then the old file is as it was."""
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        number, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(number, "wb") as file:
            file.write(data)
            os.fchmod(number, 0o666 & ~_umask())
        Path(temporary).rename(path)
    except OSError as error:
        if temporary:
            Path(temporary).unlink(missing_ok=True)
        raise OutputError(
            f"{path} could not be written: {error.strerror}. What was there before is untouched."
        ) from None


def show_difference(say: Console, lines: Iterable[str]) -> None:
    """Print the lines of a unified difference in colour."""
    for line in lines:
        say.print(Text(line, "green" if line.startswith("+") else "red" if line.startswith("-") else "dim"))


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
