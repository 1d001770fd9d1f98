"""The examination: what a recipe must pass before its object is used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from lathe.errors import CompileError
from lathe.llvm import Closing, Engine, Module, Recipe, Unit
from lathe.verify import Checker, Comparison, Decision, Gate, UserTest, find_checker

__all__ = ["Examination", "Examiners"]


@dataclass(frozen=True, slots=True)
class Examiners:
    """Who examines: the suite's gate, checkers by name, and the user's own test; None where there is none."""

    gate: Gate | None
    checkers: Sequence[str] = ()
    test: UserTest | None = None


class Examination(Closing):
    """One unit's: its recipes are judged by the suite, compared on the unit itself, and tried in the user's test.

    `comparisons` are the last ones. `path` is where the object will be, which the user's test needs.
    """

    def __init__(self, engine: Engine, unit: Unit, module: Module, *, examiners: Examiners, path: Path | None) -> None:
        self._engine, self._module, self._examiners, self._path = engine, module, examiners, path
        self._stack = ExitStack()
        self._checkers = [
            self._stack.enter_context(find_checker(name)(engine, unit, module)) for name in examiners.checkers
        ]
        self.comparisons: list[Comparison] = []

    def close(self) -> None:
        """End what the checkers run."""
        self._stack.close()

    def accepts(self, recipe: Recipe) -> bool:
        """Whether nobody objects to a recipe for the whole unit; the cheapest is asked first."""
        return (
            self.judges(recipe)
            and self._compare(lambda checker: checker.compare(recipe))
            and self._try(lambda: self._engine.emit(self._module, recipe))
        )

    def judges(self, recipe: Recipe) -> bool:
        """Whether the suite accepts a recipe."""
        return self._examiners.gate is None or self._examiners.gate.judge(recipe).accepted

    def accepts_object(self, data: bytes) -> bool:
        """Whether nobody objects to an object whose recipes the suite accepts."""
        return self._compare(lambda checker: checker.compare_object(data)) and self._try(lambda: data)

    def _compare(self, compare: Callable[[Checker], Comparison]) -> bool:
        try:
            self.comparisons = [compare(checker) for checker in self._checkers]
        except CompileError:  # it does not link
            return False
        return all(comparison.decision is not Decision.REJECTED for comparison in self.comparisons)

    def _try(self, make: Callable[[], bytes]) -> bool:
        test = self._examiners.test
        return test is None or self._path is None or test.accepts(self._path, make())
