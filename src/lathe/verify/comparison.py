"""Comparisons: what a checker says of one module under a recipe, function by function.

A checker looks at the very module that is tuned, where a suite looks at programs of its own. `refuted` needs an input,
or a proof, that tells the recipe's code from the baseline's; what could not be checked says why.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from lathe.llvm import Closing, Recipe
from lathe.verify.verdict import Decision

__all__ = ["Checker", "Comparison", "Finding", "FunctionFinding"]


class Finding(StrEnum):
    """What is known of one function."""

    PROVED = "proved"
    AGREES = "agrees"
    REFUTED = "refuted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class FunctionFinding:
    """One function: what is known, on how many inputs (0: none were run), and why."""

    function: str
    finding: Finding
    detail: str = ""
    inputs: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a checker found in a module's functions, in the module's order, and what it took in seconds."""

    checker: str
    functions: tuple[FunctionFinding, ...]
    seconds: float = 0.0

    @property
    def decision(self) -> Decision:
        """Rejected when one function is refuted; accepted when one is checked and none refuted."""
        counts = self.count()
        if counts[Finding.REFUTED]:
            return Decision.REJECTED
        return Decision.ACCEPTED if counts[Finding.PROVED] + counts[Finding.AGREES] else Decision.UNKNOWN

    def count(self) -> Counter[Finding]:
        """How many functions there are of each finding."""
        return Counter(f.finding for f in self.functions)

    def list_reasons(self) -> Sequence[tuple[str, int]]:
        """Why functions could not be checked, the most frequent reason first."""
        return Counter(f.detail for f in self.functions if f.finding is Finding.UNKNOWN).most_common()


class Checker(Closing):
    """Compares recipes with the baseline on one module, in a `with` statement."""

    @abstractmethod
    def compare(self, recipe: Recipe) -> Comparison:
        """What is found of a recipe; raises `CompileError` when the module does not compile or link with it."""

    @abstractmethod
    def compare_object(self, data: bytes) -> Comparison:
        """What is found of an object made of the module, of no function where code is not what the checker reads.

        Raises `CompileError` when it does not link.
        """
