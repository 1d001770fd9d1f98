"""Configuration of the compiler wrapper: a file found upwards from where the build is, then environment, then options.

`lathe.toml`, or `[tool.lathe]` of a `pyproject.toml`:

    mode = "use"         # use what is locked; tune: search and lock; frozen: what is not locked is an error; off
    lock = "lathe.lock"  # seen from the file
    quick = 3            # recipes tried for each module that is not locked; 0: clang's own object
    compiles = 100       # of each function, when tuning
    log = ""             # a file that gets a line for what went wrong (default: cc.log in the cache)

`LATHE_MODE`, `LATHE_LOCK`, `LATHE_QUICK`, `LATHE_COMPILES`, `LATHE_LOG` and options `--lathe=MODE`, `--lathe-quick=N` …
say otherwise, the latter first.
"""

from __future__ import annotations

import os

from lathe.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["MODES", "Configuration", "read_configuration"]

MODES = ("use", "tune", "frozen", "off")
_NUMBERS = ("quick", "compiles")
_NAMES = ("mode", "lock", *_NUMBERS, "log")


class Configuration:
    """How a build is compiled; `root` is where the file was found, or the build runs."""

    __slots__ = ("compiles", "lock", "log", "mode", "quick", "root")

    def __init__(
        self, root: str, *, mode: str = "use", lock: str = "lathe.lock", quick: int = 3, compiles: int = 100,
        log: str = "",
    ) -> None:  # fmt: skip
        self.root, self.mode, self.lock = root, mode, os.path.join(root, lock)
        self.quick, self.compiles, self.log = quick, compiles, log


def read_configuration(folder: str, asked: Mapping[str, str]) -> Configuration:
    """The configuration for a build in a folder; raises `InputError` for a key or a value that is none."""
    root, said = _find(os.path.abspath(folder))
    said = {**said, **_read_environment(), **asked}
    values: dict[str, Any] = {}
    for key, value in said.items():
        if key not in _NAMES:
            raise InputError(f'"{key}" is no setting of lathe cc.{_suggest(key)} There are: {", ".join(_NAMES)}.')
        values[key] = _read_number(key, value) if key in _NUMBERS else str(value)
    if values.get("mode", "use") not in MODES:
        raise InputError(f'"{values["mode"]}" is no mode of lathe cc. There are: {", ".join(MODES)}.')
    return Configuration(root, **values)


def _suggest(key: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, _NAMES, 1)
    return f' Did you mean "{near[0]}"?' if near else ""


def _find(folder: str) -> tuple[str, dict[str, Any]]:
    """The nearest configuration above a folder; without one, the nearest lock file or repository, or the folder."""
    fallback, place = "", folder
    while True:
        for name in ("lathe.toml", "pyproject.toml"):
            path = os.path.join(place, name)
            if os.path.isfile(path):
                data = _read_file(path)
                if name == "lathe.toml":
                    return place, data
                if "lathe" in data.get("tool", {}):
                    return place, data["tool"]["lathe"]
        if not fallback and any(os.path.exists(os.path.join(place, name)) for name in ("lathe.lock", ".git")):
            fallback = place
        above = os.path.dirname(place)
        if above == place:
            return fallback or folder, {}
        place = above


def _read_file(path: str) -> dict[str, Any]:
    import tomllib

    try:
        with open(path, "rb") as file:
            return tomllib.load(file)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}") from None


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
