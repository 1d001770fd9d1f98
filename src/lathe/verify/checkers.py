"""Checkers: what can be asked about one module under a recipe, in a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lathe.errors import UsageError
from lathe.llvm import Engine, Module, Unit
from lathe.verify.comparison import Checker
from lathe.verify.differential import Differential

__all__ = ["CHECKERS", "find_checker"]

CHECKERS: Mapping[str, Callable[[Engine, Unit, Module], Checker]] = {
    "differential": Differential,
}
"""Checkers by name; the first is the default."""


def find_checker(name: str) -> Callable[[Engine, Unit, Module], Checker]:
    """The checker of a name; raises `UsageError`."""
    if name not in CHECKERS:
        raise UsageError(f'Unknown checker "{name}". Choose of: {", ".join(CHECKERS)}')
    return CHECKERS[name]
