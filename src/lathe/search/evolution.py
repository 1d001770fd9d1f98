"""Evolutionary search from the portfolio: the default when there are compiles to spend.

First the portfolio's head, in order, so that a small budget is spent as the portfolio would spend it.
Then generations: children of a small elite by crossover and mutation, the elite kept diverse by cost.
The key idea is the start: broadcast recipes are worth more than a short search of one's own
(design facts: tuning), and their options and words recombine.
"""

from __future__ import annotations

from collections.abc import Sequence

from lathe.llvm import Recipe
from lathe.search.strategy import Setting, Trial

__all__ = ["Evolution"]

_BATCH = 16
_ELITE = 10
_FEWEST_STARTS = 10
_START_SHARE = 0.25  # of the budget goes to the portfolio before evolution begins
_CROSS_RATE = 0.5


class Evolution:
    """A steady-state evolutionary search with rank selection."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        count = max(_FEWEST_STARTS, int(setting.compiles * _START_SHARE))
        self._starts = list(setting.starts[:count])
        self._elite: list[Trial] = []
        self._seen: set[Recipe] = set()

    def ask(self) -> list[Recipe]:
        """The next of the starting points; after them a generation of children."""
        if self._starts:
            batch, self._starts = self._starts[:_FEWEST_STARTS], self._starts[_FEWEST_STARTS:]
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
        space, rng = self._setting.space, self._setting.rng
        if not self._elite:
            return space.compose(space.draw_words(rng, rng.randint(1, 8)))
        for _ in range(8):
            child = self._pick()
            if len(self._elite) > 1 and rng.random() < _CROSS_RATE:
                child = space.cross(rng, child, self._pick())
                if rng.random() < 0.5:
                    child = space.mutate(rng, child)
            else:
                child = space.mutate(rng, child)
            if child not in self._seen:
                break
        self._seen.add(child)
        return child

    def _pick(self) -> Recipe:
        """One of the elite; the better half of the ranks is three times as likely."""
        rank = int(len(self._elite) * self._setting.rng.random() ** 2)
        return self._elite[rank].recipe


def _length(recipe: Recipe) -> int:
    return len(str(recipe))
