"""Doors that open slowly: the names of a room, each loaded when it is asked for.

A compiler wrapper starts thousands of times, and needs little of the rooms that it enters.
"""

import sys

TYPE_CHECKING = False  # as type checkers know it; `typing` takes longer to load than a build should wait
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

__all__ = ["open_door"]


def open_door(room: str, homes: "Mapping[str, str]") -> "Callable[[str], Any]":
    """The `__getattr__` of a room; `homes` are its files, each with the names that it has for others."""

    def find(name: str) -> "Any":
        home = next((home for home, names in homes.items() if name in names.split()), None)
        if home is None:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        __import__(f"{room}.{home}")
        return getattr(sys.modules[f"{room}.{home}"], name)

    return find
