"""Find better recipes: a space of words, strategies that propose, a tuner that spends a budget, a minimiser.

`tune` is the whole of it. Extended through `STRATEGIES`: one file and one row.
"""

from lathe.search.minimiser import minimise
from lathe.search.portfolio import load_portfolio
from lathe.search.space import Prior, Space, load_prior
from lathe.search.strategy import Setting, Strategy, Trial
from lathe.search.table import STRATEGIES
from lathe.search.tuner import Budget, Result, StopReason, default_space, find_objective, tune

__all__ = [
    "STRATEGIES",
    "Budget",
    "Prior",
    "Result",
    "Setting",
    "Space",
    "StopReason",
    "Strategy",
    "Trial",
    "default_space",
    "find_objective",
    "load_portfolio",
    "load_prior",
    "minimise",
    "tune",
]
