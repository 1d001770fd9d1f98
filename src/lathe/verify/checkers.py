"""Checkers: what can be asked about one module under a recipe, in a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lathe.errors import UsageError
from lathe.llvm import Engine, Module, Recipe, Unit
from lathe.verify.alive import compare_with_alive
from lathe.verify.comparison import Checker, Comparison
from lathe.verify.differential import Differential

__all__ = ["CHECKERS", "find_checker"]


class _Alive(Checker):
    """alive-tv as a checker of one module; nothing is kept between recipes."""

    def __init__(self, engine: Engine, unit: Unit, module: Module) -> None:
        self._engine, self._module = engine, module

    def close(self) -> None:
        """Nothing is held."""

    def compare(self, recipe: Recipe) -> Comparison:
        return compare_with_alive(self._engine, self._module, recipe)

    def compare_object(self, data: bytes) -> Comparison:
        return Comparison("alive-tv", ())  # it reads IR


CHECKERS: Mapping[str, Callable[[Engine, Unit, Module], Checker]] = {
    "differential": Differential,
    "alive-tv": _Alive,
}
"""Checkers by name; the first is the default."""


def find_checker(name: str) -> Callable[[Engine, Unit, Module], Checker]:
    """The checker of a name; raises `UsageError`."""
    if name not in CHECKERS:
        raise UsageError(f'Unknown checker "{name}". Choose of: {", ".join(CHECKERS)}')
    return CHECKERS[name]
