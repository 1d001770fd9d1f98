"""The record of an input that was tuned."""

from __future__ import annotations

from dataclasses import dataclass

from lathe import search
from lathe.errors import LatheError
from lathe.llvm import Recipe, Unit
from lathe.verify import Comparison, Verdict

__all__ = ["Tuned"]


@dataclass(frozen=True, slots=True)
class Tuned:
    """One input's outcome: sizes in the objective's unit, and the data to write; `error` when there is none."""

    unit: Unit
    baseline: int = 0
    tuned: int = 0
    recipe: Recipe | None = None
    compiles: int = 0
    seconds: float = 0.0
    stop_reason: str = ""
    repeat: tuple[str, ...] = ()
    verdict: Verdict | None = None
    comparisons: tuple[Comparison, ...] = ()
    tested: bool = False
    refused: int = 0
    data: bytes = b""
    plan: search.PlanResult | None = None
    error: LatheError | None = None
