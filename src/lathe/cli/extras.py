"""Rooms that come with an extra of the package, loaded when a command needs them."""

from __future__ import annotations

import importlib
from types import ModuleType

from lathe.errors import UsageError

__all__ = ["load_extra"]


def load_extra(room: str, extra: str, what: str) -> ModuleType:
    """A room whose libraries come with an extra; raises `UsageError` when they are not installed."""
    try:
        return importlib.import_module(room)
    except ImportError:
        raise UsageError(f"{what}. Install it: pip install 'lathe[{extra}]'") from None
