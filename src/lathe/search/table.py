"""The table of strategies: one row for each."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lathe.search.evolution import Evolution
from lathe.search.local_search import Greedy, HillClimbing
from lathe.search.portfolio import Portfolio
from lathe.search.random_search import RandomSearch
from lathe.search.strategy import Setting, Strategy

__all__ = ["FROM_STARTS", "STRATEGIES"]

STRATEGIES: Mapping[str, Callable[[Setting], Strategy]] = {
    "evolution": Evolution,
    "portfolio": Portfolio,
    "climbing": HillClimbing,
    "greedy": Greedy,
    "random": RandomSearch,
}
"""Strategies by name; the first is the default."""

FROM_STARTS = ("evolution", "portfolio")
"""Those that try the head of the starting points first, whatever they hear."""
