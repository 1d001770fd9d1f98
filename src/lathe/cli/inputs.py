"""What the user names on the command line, as units: files, directories, compilation databases."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lathe.errors import InputError
from lathe.llvm import C_SUFFIXES, IR_SUFFIXES, Unit

__all__ = ["find_units"]

_SUFFIXES = (*C_SUFFIXES, *IR_SUFFIXES)
_WITH_VALUE = ("-o", "-MF", "-MT", "-MQ")  # of a recorded command: dropped with the word after them
_DROPPED = ("-c", "-S", "-E", "-M", "-MM", "-MD", "-MMD", "-MP", "-MG", "--")


def find_units(inputs: Sequence[Path], flags: Sequence[str]) -> list[Unit]:
    """The units that the inputs name, each once; `flags` are appended to every unit's own.

    Raises `InputError` when an input does not exist, or has no source in it.
    """
    found = [unit for path in inputs for unit in _expand(path, tuple(flags))]
    return list(dict.fromkeys(found))


def _expand(path: Path, flags: tuple[str, ...]) -> Iterator[Unit]:
    if path.is_dir():
        sources = sorted(p for p in path.rglob("*") if p.suffix in _SUFFIXES and p.is_file())
        if not sources:
            raise InputError(
                f"{path} has no sources in it ({', '.join(_SUFFIXES)}). Name a file, or another directory."
            )
        yield from (Unit(p, flags) for p in sources)
    elif path.suffix == ".json":
        yield from _read_database(path, flags)
    elif path.suffix in _SUFFIXES or not path.exists():
        yield Unit(path, flags)
    else:
        raise InputError(f"{path} is not something to tune. Name {', '.join(_SUFFIXES)}, or compile_commands.json.")


def _read_database(path: Path, flags: tuple[str, ...]) -> Iterator[Unit]:
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        units = [_read_command(row, path.parent, flags) for row in rows]
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is not a compilation database (compile_commands.json): {error!r}.") from None
    found = [unit for unit in units if unit.path.suffix in C_SUFFIXES]
    if not found:
        raise InputError(f"{path} names no C or C++ file.")
    yield from found


def _read_command(row: dict[str, Any], base: Path, flags: tuple[str, ...]) -> Unit:
    words = row["arguments"] if "arguments" in row else shlex.split(row["command"])
    file, folder = str(row["file"]), base / row["directory"]
    kept: list[str] = []
    rest = iter(words[1:])
    for word in rest:
        if word in _WITH_VALUE:
            next(rest, None)
        elif word not in _DROPPED and word != file and (folder / word) != (folder / file):
            kept.append(word)
    return Unit(Path(file), (*kept, *flags), folder)
