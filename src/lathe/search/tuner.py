"""The tuner: spends a budget on a module and returns the best recipe found, never worse than the baseline.

    result = tune(engine, module, Budget(compiles=100), strategy="evolution")

One page, in order: measure the baseline; let the strategy ask and tell until a reason to stop; remove the
words that do not pay; compare with the baseline.
"""

from __future__ import annotations

import functools
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lathe.errors import CompileError, UsageError
from lathe.llvm import OBJECTIVES, Engine, Measurement, Module, Objective, Recipe, load_catalogue
from lathe.search.evolution import FEWEST_STARTS
from lathe.search.minimiser import minimise
from lathe.search.portfolio import load_portfolio
from lathe.search.space import Space, load_prior
from lathe.search.speed import SpeedGuard
from lathe.search.strategy import Setting, Strategy, Trial
from lathe.search.table import FROM_STARTS, STRATEGIES
from lathe.verify import load_vetting

__all__ = ["Budget", "Result", "StopReason", "share_seconds", "tune"]

_MINIMISE_FROM = 50  # compiles; below, recipes come from the portfolio, which is minimal
_SEARCHING = 0.8  # of the seconds, when words are removed afterwards
_CANDIDATES = 5  # winners that are offered for acceptance


class StopReason(StrEnum):
    """Why a search ended, as shown to the user."""

    COMPILES = "the budget of compiles is spent"
    SECONDS = "the budget of seconds is spent"
    EXHAUSTED = "the strategy has nothing more to propose"


@dataclass(frozen=True, slots=True)
class Budget:
    """What a search may spend: compiles (the baseline not counted), and wall-clock seconds (None: no limit).

    Removing the words that do not pay comes after the search, and may add `minimising` compiles within the seconds.
    `verdicts` limits how many recipes are put to the test where functions have their own (None: no limit).
    """

    compiles: int
    seconds: float | None = None
    minimising: int = 300
    verdicts: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The outcome of a search; `recipe` is None when nothing was smaller than the baseline.

    `history` holds, for every compile of the search in order, the cost of its recipe (None: no object);
    `compiles` counts those of the minimiser too.
    """

    baseline: Measurement
    best: Measurement
    recipe: Recipe | None
    compiles: int
    seconds: float
    stop_reason: StopReason
    history: tuple[int | None, ...]
    refused: int = 0


def tune(
    engine: Engine,
    module: Module,
    budget: Budget,
    *,
    strategy: str = "evolution",
    objective: str = "loadable",
    seed: int = 0,
    space: Space | None = None,
    starts: Sequence[Recipe] | None = None,
    against: Recipe | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    accept: Callable[[Recipe], bool] | None = None,
    guard: SpeedGuard | None = None,
) -> Result:
    """Search for the recipe with the smallest objective within a budget.

    The baseline is what `clang -Oz` does, or the recipe `against`. `on_progress` hears the compiles done and the best
    cost so far. `accept` is asked about winners, the best first; those that it refuses are passed over, and counted in
    the result. Recipes that `guard` finds too slow count as those without an object. Raises `CompileError`
    when LLVM cannot compile the baseline, and `UsageError` for an unknown strategy or objective.
    """
    measure_cost = find_objective(objective)
    make = find_strategy(strategy)
    started = time.monotonic()
    space = space or default_space(engine, module)
    starts = load_portfolio(space.catalogue, space.architecture) if starts is None else starts
    head = starts[: min(budget.compiles, FEWEST_STARTS)] if strategy in FROM_STARTS else ()
    baseline = engine.measure(module, [against, *head])[0]  # the engine remembers what the strategy will ask first
    if not baseline.ok:
        raise CompileError(f"LLVM could not compile the baseline: {baseline.status}: {baseline.message}")
    allows = guard.allows if guard else lambda _: True
    run = _Run(engine, module, measure_cost, budget, started, on_progress, baseline, allows, len(head))
    setting = Setting(space, random.Random(seed), budget.compiles, run.baseline_cost, starts)
    reason = run.search(make(setting))
    history = tuple(run.history)
    recipe, refused = _choose(run, accept or (lambda _: True))
    found = engine.measure(module, [recipe])[0] if recipe else baseline
    seconds = time.monotonic() - started
    return Result(baseline, found, recipe, len(run.history), seconds, reason, history, refused)


def share_seconds(left: float, waiting: int, jobs: int) -> float:
    """The seconds that one of several searches may take when `waiting` share what is left, `jobs` at a time."""
    return max(0.0, left) * min(jobs, waiting) / waiting


def _choose(run: _Run, accept: Callable[[Recipe], bool]) -> tuple[Recipe | None, int]:
    """The best accepted recipe, without words that do not pay, and how many were refused before it."""
    refused = 0
    for trial in run.rank_winners()[:_CANDIDATES]:
        winner = trial
        if run.budget.compiles >= _MINIMISE_FROM:
            run.limit, run.share = len(run.history) + run.budget.minimising, 1.0
            winner = minimise(trial, run.measure)
        for recipe in dict.fromkeys((winner.recipe, trial.recipe)):
            if not run.allows(recipe):
                continue
            if accept(recipe):
                return recipe, refused
            refused += 1
    return None, refused


def default_space(engine: Engine, module: Module, *, stage: str = "") -> Space:
    """What a search may use: what the suite did not refuse, for the engine's LLVM and the module's architecture.

    Its weights are those for whole modules, or for the pieces of one after a stage.
    """
    return _make_space(engine.toolchain.major, module.target.architecture, stage)


@functools.cache
def _make_space(major: int, architecture: str, stage: str) -> Space:
    vetting = load_vetting()
    refused = vetting.refused_words | vetting.refused_options
    return Space(load_catalogue(major), architecture, load_prior(stage=stage), refused)


def find_objective(name: str) -> Objective:
    """The objective of a name; raises `UsageError`."""
    if name not in OBJECTIVES:
        raise UsageError(f'Unknown objective "{name}". Choose one of: {", ".join(OBJECTIVES)}')
    return OBJECTIVES[name]


def find_strategy(name: str) -> Callable[[Setting], Strategy]:
    """The strategy of a name; raises `UsageError`."""
    if name not in STRATEGIES:
        raise UsageError(f'Unknown strategy "{name}". Choose one of: {", ".join(STRATEGIES)}')
    return STRATEGIES[name]


class _Run:
    """One search under way: counts compiles, remembers costs, knows the best."""

    def __init__(
        self,
        engine: Engine,
        module: Module,
        objective: Objective,
        budget: Budget,
        started: float,
        on_progress: Callable[[int, int], None] | None,
        baseline: Measurement,
        allows: Callable[[Recipe], bool],
        sure: int,
    ) -> None:
        self._engine, self._module, self._objective, self.allows = engine, module, objective, allows
        self.budget, self._started, self._on_progress = budget, started, on_progress
        self._costs: dict[Recipe, int | None] = {}
        self.limit = budget.compiles
        self.share = _SEARCHING if budget.compiles >= _MINIMISE_FROM and budget.minimising else 1.0  # of the seconds
        self._baseline, self._sure = baseline, sure  # so many compiles, however late
        self.baseline_cost = objective(baseline)
        self.history: list[int | None] = []
        self.best: Trial | None = None

    def search(self, strategy: Strategy) -> StopReason:
        """Ask and tell until the budget is spent or nothing is left to propose."""
        idle = 0
        while True:
            if self._late():
                return StopReason.SECONDS
            if len(self.history) >= self.limit:
                return StopReason.COMPILES
            batch = strategy.ask()
            before = len(self.history)
            strategy.tell(self.measure(batch))
            idle = idle + 1 if len(self.history) == before else 0
            if not batch or idle > 50:
                return StopReason.EXHAUSTED

    def measure(self, recipes: Sequence[Recipe]) -> list[Trial]:
        """The trials of recipes, in order, as far as the budget goes; what is known costs nothing."""
        left = 0 if self._late() else self.limit - len(self.history)
        fresh = [r for r in dict.fromkeys(recipes) if r not in self._costs][: max(left, 0)]
        for recipe, found in zip(fresh, self._engine.measure(self._module, fresh), strict=True):
            cost = self._objective(found) if found.links_like(self._baseline) else None
            if cost is not None and (self.best is None or self.best.cost is None or cost < self.best.cost):
                if cost >= self.baseline_cost or self.allows(recipe):
                    self.best = Trial(recipe, cost)
                else:
                    cost = None
            self._costs[recipe] = cost
            self.history.append(cost)
        if self._on_progress and fresh:
            best = self.best.cost if self.best and self.best.cost is not None else self.baseline_cost
            self._on_progress(len(self.history), min(best, self.baseline_cost))
        return [Trial(r, self._costs[r]) for r in recipes if r in self._costs]

    def rank_winners(self) -> list[Trial]:
        """The recipes that beat the baseline, one for each cost, the best first."""
        winners: dict[int, Trial] = {}
        for recipe, cost in self._costs.items():
            if cost is not None and cost < self.baseline_cost:
                winners.setdefault(cost, Trial(recipe, cost))
        return [winners[cost] for cost in sorted(winners)]

    def _late(self) -> bool:
        limit = self.budget.seconds
        late = limit is not None and time.monotonic() - self._started >= limit * self.share
        return late and len(self.history) >= self._sure
