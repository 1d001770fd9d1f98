"""Where Lathe keeps what can be computed again."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["find_cache_folder", "name_cache_folder"]


def name_cache_folder() -> str:
    """Where this user's caches are: `$LATHE_CACHE`, else `$XDG_CACHE_HOME/lathe`, else `~/.cache/lathe`."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.environ.get("LATHE_CACHE") or os.path.join(base, "lathe")


def find_cache_folder() -> Path:
    """The same as a path."""
    from pathlib import Path

    return Path(name_cache_folder())
