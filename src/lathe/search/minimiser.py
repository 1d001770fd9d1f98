"""The minimiser removes every word and option of a recipe that does not pay.

Delta debugging (Zeller and Hildebrandt, 2002) over the tree: large pieces first, then single words; a
removal stays when the object is no larger without it. It is also the last step of a search, since what
is removed was sometimes in the way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from lathe.llvm import Recipe
from lathe.search.space import Path, delete_at, paths_of
from lathe.search.strategy import Trial

__all__ = ["leave_one_out", "minimise"]

Measure = Callable[[Sequence[Recipe]], list[Trial]]
"""Gives the costs of recipes; fewer than asked (the first ones) when the budget is spent."""


def minimise(best: Trial, measure: Measure) -> Trial:
    """The shortest recipe found by removals that cost no more than `best`; stops when the budget is spent."""
    size = max(1, (len(paths_of(best.recipe.passes)) + len(best.recipe.options)) // 2)
    while True:
        smaller = _try_removals(best, measure, size)
        if smaller is None:
            return best
        if smaller.recipe == best.recipe and size == 1:
            return best
        size = size if smaller.recipe != best.recipe else size // 2
        best = smaller


def _try_removals(best: Trial, measure: Measure, size: int) -> Trial | None:
    """One sweep with pieces of `size`; None when the budget ran out before anything was tried."""
    position = 0
    asked = False
    while True:
        parts: list[Path | str] = [*paths_of(best.recipe.passes)[::-1], *(o.name for o in best.recipe.options)]
        if position >= len(parts):
            return best
        candidate = _without(best.recipe, parts[position : position + size])
        trials = measure([candidate])
        if not trials:
            return best if asked else None
        asked = True
        cost = trials[0].cost
        if cost is not None and best.cost is not None and cost <= best.cost:
            best = trials[0]
        else:
            position += size


def _without(recipe: Recipe, parts: Sequence[Path | str]) -> Recipe:
    """A recipe without some passes (by path, innermost and last first) and options (by name)."""
    passes = recipe.passes
    for part in parts:
        if not isinstance(part, str) and part in set(paths_of(passes)):
            passes = delete_at(passes, part)
    names = {p for p in parts if isinstance(p, str)}
    return replace(recipe, passes=passes, options=tuple(o for o in recipe.options if o.name not in names))


def leave_one_out(recipe: Recipe) -> dict[str, Recipe]:
    """For each word and option, the recipe without it; a word that comes twice is numbered."""
    without: dict[str, Recipe] = {}
    for path in paths_of(recipe.passes):
        item = recipe.passes[path[0]]
        for index in path[1:]:
            item = item.children[index]
        if not item.children:
            name = str(item)
            count = sum(key.partition(" #")[0] == name for key in without)
            label = f"{name} #{count + 1}" if count else name
            without[label] = replace(recipe, passes=delete_at(recipe.passes, path))
    for option in recipe.options:
        without[str(option)] = replace(recipe, options=tuple(o for o in recipe.options if o != option))
    return without
