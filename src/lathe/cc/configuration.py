"""Configuration of the compiler wrapper: a file found upwards from where the build is, then environment, then options.

`lathe.toml`, or `[tool.lathe]` of a `pyproject.toml`:

    mode = "use"         # use what is locked; tune: search and lock; frozen: what is not locked is an error; off
    lock = "lathe.lock"  # seen from the file
    quick = 5            # compiles of each function for what is not locked; 0: clang's own object
    compiles = 100       # of each function, when tuning
    log = ""             # a file that gets a line for what went wrong (default: cc.log in the cache)

`LATHE_MODE`, `LATHE_LOCK`, `LATHE_QUICK`, `LATHE_COMPILES`, `LATHE_LOG` and options `--lathe=MODE`, `--lathe-quick=N` …
say otherwise, the latter first.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lathe.errors import InputError

__all__ = ["MODES", "Configuration", "read_configuration"]

MODES = ("use", "tune", "frozen", "off")
_NUMBERS = ("quick", "compiles")
_NAMES = ("mode", "lock", *_NUMBERS, "log")


@dataclass(frozen=True, slots=True)
class Configuration:
    """How a build is compiled; `root` is where the file was found, or the build runs."""

    root: Path
    mode: str = "use"
    lock: Path = Path("lathe.lock")
    quick: int = 5
    compiles: int = 100
    log: str = ""


def read_configuration(folder: Path, asked: Mapping[str, str]) -> Configuration:
    """The configuration for a build in a folder; raises `InputError` for a key or a value that is none."""
    root, said = _find(folder.absolute())
    said = {**said, **_read_environment(), **asked}
    values: dict[str, Any] = {}
    for key, value in said.items():
        if key not in _NAMES:
            near = get_close_matches(key, _NAMES, 1)
            hint = f' Did you mean "{near[0]}"?' if near else ""
            raise InputError(f'"{key}" is no setting of lathe cc.{hint} There are: {", ".join(_NAMES)}.')
        values[key] = _read_number(key, value) if key in _NUMBERS else str(value)
    if values.get("mode", "use") not in MODES:
        raise InputError(f'"{values["mode"]}" is no mode of lathe cc. There are: {", ".join(MODES)}.')
    values["lock"] = root / values.get("lock", "lathe.lock")
    return Configuration(root, **values)


def _find(folder: Path) -> tuple[Path, dict[str, Any]]:
    """The nearest configuration above a folder; without one, the nearest lock file or repository, or the folder."""
    fallback = None
    for place in (folder, *folder.parents):
        for path, section in ((place / "lathe.toml", None), (place / "pyproject.toml", "lathe")):
            if path.is_file():
                try:
                    data = tomllib.loads(path.read_text(encoding="utf-8"))
                except (OSError, ValueError) as error:
                    raise InputError(f"{path} cannot be read: {error}") from None
                if section is None:
                    return place, data
                if section in data.get("tool", {}):
                    return place, data["tool"][section]
        if fallback is None and ((place / "lathe.lock").exists() or (place / ".git").exists()):
            fallback = place
    return fallback or folder, {}


def _read_environment() -> dict[str, str]:
    return {name: value for name in _NAMES if (value := os.environ.get(f"LATHE_{name.upper()}"))}


def _read_number(key: str, value: object) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = -1
    if number < 0:
        raise InputError(f'{key} is "{value}", which is no number of compiles. Say 0 or more.')
    return number
