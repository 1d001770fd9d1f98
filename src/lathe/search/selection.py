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
from itertools import islice
from typing import Generic, TypeVar

__all__ = ["Selection", "select_recipes", "use_fewer"]

R = TypeVar("R")  # a recipe, or one with the stage before it


@dataclass(frozen=True, slots=True)
class Selection(Generic[R]):
    """The recipe of each piece, how many recipes were put to the test for it, and how many of those were refused."""

    recipes: tuple[R, ...]
    judged: int
    refused: int


def select_recipes(
    costs: Sequence[Mapping[R, int]],
    accept: Callable[[R], bool],
    *,
    known: Callable[[R], bool],
    may_judge: Callable[[int], bool],
) -> Selection[R]:
    """The accepted recipe with the smallest cost for each piece.

    `costs` has for each piece the costs of recipes, at least one of them known; `known` says whether a recipe is
    accepted already; `may_judge` is asked, with the number judged, whether another one may be put to `accept`.
    """
    every = dict.fromkeys(recipe for piece in costs for recipe in piece)
    free = {recipe for recipe in every if known(recipe)}
    best = [min(((piece[r], r) for r in piece if r in free), key=lambda pair: pair[0]) for piece in costs]
    users: dict[R, list[int]] = {}
    for number, piece in enumerate(costs):
        for recipe in (recipe for recipe in piece if recipe not in free):
            users.setdefault(recipe, []).append(number)

    def saving(recipe: R) -> int:
        return sum(max(0, best[number][0] - costs[number][recipe]) for number in users[recipe])

    order = list(users)
    queue = [(-saving(recipe), number) for number, recipe in enumerate(order)]
    heapq.heapify(queue)
    judged = refused = 0
    while queue and may_judge(judged):
        _, place = heapq.heappop(queue)
        recipe = order[place]
        now = saving(recipe)
        if now <= 0:
            continue
        if queue and now < -queue[0][0]:
            heapq.heappush(queue, (-now, place))
            continue
        judged += 1
        if not accept(recipe):
            refused += 1
            continue
        for number in users[recipe]:
            best[number] = min(best[number], (costs[number][recipe], recipe), key=lambda pair: pair[0])
    return Selection(tuple(recipe for _, recipe in best), judged, refused)


def use_fewer(costs: Sequence[Mapping[R, int]], chosen: Sequence[R], price: int) -> list[R]:
    """The recipe with the smallest cost for each piece, of those chosen that save more than a price over the others.

    `costs` has for each piece the costs of recipes, those chosen for it among them. What saves least goes first.
    """
    kept = dict.fromkeys(chosen)
    ranked = [
        sorted(((piece[recipe], recipe) for recipe in kept if recipe in piece), key=lambda pair: pair[0])
        for piece in costs
    ]
    while len(kept) > 1:
        losses = dict.fromkeys(kept, 0.0)
        for row in ranked:
            best, *others = islice((pair for pair in row if pair[1] in kept), 2)
            losses[best[1]] += (others[0][0] if others else float("inf")) - best[0]
        least = min(losses, key=losses.__getitem__)
        if losses[least] > price:
            break
        del kept[least]
    return [next(recipe for _, recipe in row if recipe in kept) for row in ranked]
