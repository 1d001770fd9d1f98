"""The examination: what a recipe must pass before its object is used."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lathe.errors import CompileError
from lathe.llvm import Closing, Engine, Module, Recipe, Unit
from lathe.verify import Comparison, Decision, Gate, UserTest, find_checker

__all__ = ["Examination", "Examiners", "comparison_json"]


@dataclass(frozen=True, slots=True)
class Examiners:
    """Who examines: the suite's gate, checkers by name, and the user's own test; None where there is none."""

    gate: Gate | None
    checkers: Sequence[str] = ()
    test: UserTest | None = None


class Examination(Closing):
    """One unit's: its recipes are judged by the suite, compared on the unit itself, and tried in the user's test.

    `comparisons` are those of the last recipe. `path` is where the object will be, which the user's test needs.
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
        """Whether nobody objects; the cheapest is asked first."""
        gate, test = self._examiners.gate, self._examiners.test
        if gate is not None and not gate.judge(recipe).accepted:
            return False
        try:
            self.comparisons = [checker.compare(recipe) for checker in self._checkers]
        except CompileError:  # it does not link
            return False
        if any(comparison.decision is Decision.REJECTED for comparison in self.comparisons):
            return False
        return test is None or self._path is None or test.accepts(self._path, self._engine.emit(self._module, recipe))


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """A comparison as stable JSON: the decision, how many functions of each finding, and why some are unknown."""
    return {
        "checker": comparison.checker,
        "decision": comparison.decision.value,
        "functions": {finding.value: count for finding, count in sorted(comparison.count().items())},
        "unknown": dict(comparison.list_reasons()),
        "seconds": round(comparison.seconds, 3),
    }
