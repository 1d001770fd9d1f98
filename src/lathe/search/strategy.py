"""Strategies propose recipes and hear what they gave: ask and tell, nothing else.

To add one, write a class with `ask` and `tell` and a row in `STRATEGIES` (`search/__init__.py`); the
conformance tests then run over it. A strategy asks for whole batches, whose size never depends on the
number of CPUs, so a seed repeats a run on any machine.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from lathe.llvm import Recipe
from lathe.search.space import Space

__all__ = ["Setting", "Strategy", "Trial"]


@dataclass(frozen=True, slots=True)
class Trial:
    """A recipe and its cost in the objective's unit; None when it gave no object."""

    recipe: Recipe
    cost: int | None


@dataclass(frozen=True, slots=True)
class Setting:
    """What a strategy is made from: the space, the random generator, the compiles it may use, and starting points.

    `baseline` is the cost of `clang -Oz`; `starts` are recipes worth trying first, best first.
    """

    space: Space
    rng: random.Random
    compiles: int
    baseline: int
    starts: Sequence[Recipe]


class Strategy(Protocol):
    """Proposes recipes. Contract: `ask` and `tell` alternate; every recipe asked for is told, in the same order."""

    def ask(self) -> list[Recipe]:
        """The next batch; empty when there is nothing left to propose. Recipes already told may come again."""

    def tell(self, trials: Sequence[Trial]) -> None:
        """Hear the costs of the last batch; a budget may have cut it short."""
