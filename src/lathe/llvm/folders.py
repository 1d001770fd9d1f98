"""Where Lathe keeps what can be computed again."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["find_cache_folder"]


def find_cache_folder() -> Path:
    """Where this user's caches are: `$LATHE_CACHE`, else `$XDG_CACHE_HOME/lathe`, else `~/.cache/lathe`."""
    base = os.environ.get("LATHE_CACHE")
    return Path(base) if base else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lathe"
