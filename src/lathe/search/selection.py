"""Selection: which of many recipes are worth a verdict.

A search finds another recipe for every function, and each wants a verdict that takes seconds. But recipes travel: what
was found for one function often pays for others (the "broadcast" of Meta's LLM Compiler), so a few verdicts go far.
The key idea: ask for the verdict that would save most on all pieces together, then for the next; the saving of each
recipe only shrinks as others are accepted, so few need to be reckoned again (lazy greedy: Minoux, 1978).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from lathe.llvm import Recipe

__all__ = ["Selection", "select_recipes"]


@dataclass(frozen=True, slots=True)
class Selection:
    """The recipe of each piece, how many recipes were put to the test for it, and how many of those were refused."""

    recipes: tuple[Recipe, ...]
    judged: int
    refused: int


def select_recipes(
    costs: Sequence[Mapping[Recipe, int]],
    accept: Callable[[Recipe], bool],
    *,
    known: Callable[[Recipe], bool],
    may_judge: Callable[[int], bool],
) -> Selection:
    """The accepted recipe with the smallest cost for each piece.

    `costs` has for each piece the costs of recipes, at least one of them known; `known` says whether a recipe is
    accepted already; `may_judge` is asked, with the number judged, whether another one may be put to `accept`.
    """
    free = {recipe for piece in costs for recipe in piece if known(recipe)}
    best = [min(((piece[r], r) for r in piece if r in free), key=lambda pair: pair[0]) for piece in costs]
    users: dict[Recipe, list[int]] = {}
    for number, piece in enumerate(costs):
        for recipe in piece.keys() - free:
            users.setdefault(recipe, []).append(number)

    def saving(recipe: Recipe) -> int:
        return sum(max(0, best[number][0] - costs[number][recipe]) for number in users[recipe])

    queue = [(-saving(recipe), str(recipe), recipe) for recipe in users]
    heapq.heapify(queue)
    judged = refused = 0
    while queue and may_judge(judged):
        _, text, recipe = heapq.heappop(queue)
        now = saving(recipe)
        if now <= 0:
            continue
        if queue and now < -queue[0][0]:
            heapq.heappush(queue, (-now, text, recipe))
            continue
        judged += 1
        if not accept(recipe):
            refused += 1
            continue
        for number in users[recipe]:
            best[number] = min(best[number], (costs[number][recipe], recipe), key=lambda pair: pair[0])
    return Selection(tuple(recipe for _, recipe in best), judged, refused)
