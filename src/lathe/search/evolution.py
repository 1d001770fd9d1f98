"""Evolutionary search from the portfolio: the default when there are compiles to spend.

First the portfolio's head, in order, so that a small budget is spent as the portfolio would spend it. Then a
share of the budget floods good recipes with random options, dozens at a time: most do nothing, and those that
help or harm are told apart by recombination. Then generations: children of a small elite by gene-pool and
uniform crossover and by mutation. A fixed share between the three keeps it simple.
"""

from __future__ import annotations

from collections.abc import Sequence

from lathe.llvm import Recipe
from lathe.search.strategy import Setting, Trial

__all__ = ["FEWEST_STARTS", "Evolution"]

_BATCH = 16
_ELITE = 12
FEWEST_STARTS = 10
_START_SHARE = 0.1  # of the budget goes to the portfolio
_FLOOD_SHARE = 0.3  # and this to floods of options


class Evolution:
    """A steady-state evolutionary search with rank selection."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        count = max(FEWEST_STARTS, int(setting.compiles * _START_SHARE))
        self._starts = list(setting.starts[:count])
        self._floods = int(setting.compiles * _FLOOD_SHARE)
        self._elite: list[Trial] = []
        self._seen: set[Recipe] = set()

    def ask(self) -> list[Recipe]:
        """The next of the starting points; after them a generation of children."""
        if self._starts:
            batch, self._starts = self._starts[:FEWEST_STARTS], self._starts[FEWEST_STARTS:]
            return batch
        return [self._child() for _ in range(_BATCH)]

    def tell(self, trials: Sequence[Trial]) -> None:
        """Keep the best recipe of each cost, and of those the best few."""
        self._seen.update(t.recipe for t in trials)
        by_cost: dict[int, Trial] = {}
        for trial in (*trials, *self._elite):
            if trial.cost is None:
                continue
            rival = by_cost.get(trial.cost)
            if rival is None or _length(trial.recipe) <= _length(rival.recipe):
                by_cost[trial.cost] = trial
        self._elite = [by_cost[cost] for cost in sorted(by_cost)[:_ELITE]]

    def _child(self) -> Recipe:
        """A recipe not seen yet (after a few attempts, any)."""
        child = self._breed()
        for _ in range(5):
            if child not in self._seen:
                break
            child = self._breed()
        self._seen.add(child)
        return child

    def _breed(self) -> Recipe:
        space, rng = self._setting.space, self._setting.rng
        if not self._elite:
            return space.compose(space.draw_words(rng, rng.randint(1, 8)))
        parent = self._pick()
        if self._floods > 0:
            self._floods -= 1
            return space.flood(rng, parent)
        kind = rng.random()
        if kind < 0.4:
            parent = space.pool(rng, [t.recipe for t in self._elite])
        elif kind < 0.7:
            parent = space.cross(rng, parent, self._pick())
        return space.mutate(rng, parent)

    def _pick(self) -> Recipe:
        """One of the elite; the upper half of the ranks is drawn in seven of ten cases."""
        rank = int(len(self._elite) * self._setting.rng.random() ** 2)
        return self._elite[rank].recipe


def _length(recipe: Recipe) -> int:
    return len(str(recipe))
