"""Searches around one recipe: greedy (all single additions, keep the best) and hill climbing (random moves)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from lathe.llvm import Recipe, parse_recipe
from lathe.search.strategy import Setting, Trial

__all__ = ["Greedy", "HillClimbing"]

_BATCH = 8
_START = "default<Oz>"


class Greedy:
    """Adds, round after round, the one word or option that helps most to what there is; stops when none does.

    A round tries every word in front of and behind the list and every option value: CompilerGym's greedy
    search over a larger space.
    """

    def __init__(self, setting: Setting) -> None:
        self._space = setting.space
        self._best = Trial(parse_recipe(_START, setting.space.catalogue), setting.baseline)
        self._round = self._best
        self._left = [self._best.recipe, *self._neighbours(self._best.recipe)]

    def ask(self) -> list[Recipe]:
        """The next neighbours of this round; at its end, those of the best found, if it is better."""
        if not self._left and _better(self._best, self._round):
            self._round = self._best
            self._left = self._neighbours(self._best.recipe)
        batch, self._left = self._left[:_BATCH], self._left[_BATCH:]
        return batch

    def tell(self, trials: Sequence[Trial]) -> None:
        """Remember the best."""
        self._best = min([self._best, *trials], key=_cost)

    def _neighbours(self, recipe: Recipe) -> list[Recipe]:
        neighbours: list[Recipe] = []
        for word in self._space.words:
            added = self._space.compose([word]).passes
            neighbours += [replace(recipe, passes=added + recipe.passes), replace(recipe, passes=recipe.passes + added)]
        for option in self._space.options:
            kept = [o for o in recipe.options if o.name != option.name]
            neighbours.append(replace(recipe, options=tuple(sorted([*kept, option]))))
        return neighbours


class HillClimbing:
    """Climbs from the default pipeline: random moves in batches, the best taken when it is no worse."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting
        self._current = Trial(parse_recipe(_START, setting.space.catalogue), None)
        self._first = True

    def ask(self) -> list[Recipe]:
        """The starting point once, then neighbours of the current recipe."""
        if self._first:
            self._first = False
            return [self._current.recipe]
        space, rng = self._setting.space, self._setting.rng
        return [space.mutate(rng, self._current.recipe) for _ in range(_BATCH)]

    def tell(self, trials: Sequence[Trial]) -> None:
        """Move to the best of the batch unless it is worse."""
        if trials:
            best = min(trials, key=_cost)
            self._current = best if _cost(best) <= _cost(self._current) else self._current


def _better(one: Trial, other: Trial) -> bool:
    return _cost(one) < _cost(other)


def _cost(trial: Trial) -> float:
    return float("inf") if trial.cost is None else trial.cost
