"""Find better recipes: a space of words, strategies that propose, a tuner that spends a budget, a minimiser.

`tune` finds one recipe for a module, `tune_functions` one for each of the functions of several. Extended through
`STRATEGIES`: one file and one row.
"""

from lathe.search.function_tuner import FunctionResult, Plan, PlanResult, Propose, take_turns, tune_functions
from lathe.search.minimiser import leave_one_out, minimise
from lathe.search.portfolio import load_portfolio
from lathe.search.selection import Selection, select_recipes
from lathe.search.space import Prior, Space, delete_at, load_prior, may_stand, paths_of
from lathe.search.speed import MAX_SLOWDOWN, SpeedGuard
from lathe.search.stages import STAGES, StagedModule, first_stages, kind_of, list_vetted, plain_after, take_apart
from lathe.search.strategy import Setting, Strategy, Trial
from lathe.search.table import STRATEGIES
from lathe.search.tuner import (
    Budget,
    Result,
    StopReason,
    default_space,
    find_objective,
    find_strategy,
    share_seconds,
    tune,
)

__all__ = [
    "MAX_SLOWDOWN",
    "STAGES",
    "STRATEGIES",
    "Budget",
    "FunctionResult",
    "Plan",
    "PlanResult",
    "Prior",
    "Propose",
    "Result",
    "Selection",
    "Setting",
    "Space",
    "SpeedGuard",
    "StagedModule",
    "StopReason",
    "Strategy",
    "Trial",
    "default_space",
    "delete_at",
    "find_objective",
    "find_strategy",
    "first_stages",
    "kind_of",
    "leave_one_out",
    "list_vetted",
    "load_portfolio",
    "load_prior",
    "may_stand",
    "minimise",
    "paths_of",
    "plain_after",
    "select_recipes",
    "share_seconds",
    "take_apart",
    "take_turns",
    "tune",
    "tune_functions",
]
