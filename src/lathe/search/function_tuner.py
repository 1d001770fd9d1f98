"""The function tuner: a recipe for each function of a module, in an object like any other.

    result = tune_functions(engine, module, Budget(compiles=10))

In order: take the module through an inter-procedural stage; split it into its functions; tune each alone; join them
and measure the whole. The stage is one of a short list: each is tried with a few compiles of every function, and the
one with the smaller sum is searched further. The budget's compiles are for each function, its seconds for everything.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from lathe.errors import CompileError
from lathe.llvm import (
    PIECE_FLAG,
    Engine,
    Kept,
    Measurement,
    Module,
    Piece,
    Recipe,
    Split,
    Status,
    join_objects,
    measure_object,
    parse_recipe,
    split_text,
)
from lathe.search.portfolio import load_portfolio
from lathe.search.tuner import Budget, Result, StopReason, default_space, find_objective, tune

__all__ = ["STAGES", "FunctionResult", "Plan", "PlanResult", "tune_functions"]

_CLEAN = "function(sroa,early-cse,instcombine<no-verify-fixpoint>,simplifycfg)"
STAGES: Mapping[str, str] = {
    "whole": "default<Oz>",
    "across": "always-inline,inferattrs,function(sroa,early-cse,simplifycfg),ipsccp,called-value-propagation,globalopt,"
    "deadargelim,function(instcombine<no-verify-fixpoint>,simplifycfg),cgscc(inline,function-attrs,argpromotion,"
    f"{_CLEAN}),globalopt,globaldce",
}
"""What a module may go through before it is split: all of -Oz, or what looks across functions and little more."""

_SCREENING = 5  # a stage is tried with this part of the compiles
_AS_IT_IS = Recipe(())


@dataclass(frozen=True, slots=True)
class Plan:
    """The recipes of a whole unit: one for the stage, one for each piece by its first function (others: code alone)."""

    stage: Recipe
    functions: Mapping[str, Recipe]


@dataclass(frozen=True, slots=True)
class FunctionResult:
    """A piece: its functions, the costs of its object without passes and with its recipe, and the compiles spent."""

    functions: tuple[str, ...]
    before: int
    after: int
    recipe: Recipe
    compiles: int


@dataclass(frozen=True, slots=True)
class PlanResult:
    """The outcome: the object `data` and its cost beside the baseline's, the plan, and its functions."""

    baseline: int
    cost: int
    data: bytes
    plan: Plan
    functions: tuple[FunctionResult, ...]
    kept: Mapping[str, Kept]
    compiles: int
    seconds: float
    stop_reason: StopReason
    refused: int


def tune_functions(
    engine: Engine,
    module: Module,
    budget: Budget,
    *,
    strategy: str = "portfolio",
    objective: str = "loadable",
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
    accept: Callable[[Recipe], bool] | None = None,
) -> PlanResult:
    """Search for the recipe of each function with the smallest objective, and join what they give.

    `on_progress` hears the functions done, and how many there are. `accept` is asked about every recipe that is used,
    with the stage before it. The result may be larger than the baseline. Raises `CompileError` when LLVM cannot compile
    the baseline or a piece, or when the whole does not link like the baseline.
    """
    accepts = accept or (lambda _: True)
    started = time.monotonic()
    baseline = engine.measure(module, [None])[0]
    if not baseline.ok:
        raise CompileError(f"LLVM could not compile the baseline: {baseline.status}: {baseline.message}")
    space = default_space(engine, module)
    starts = [parse_recipe("default<Oz>"), *load_portfolio(space.catalogue, space.architecture)]
    stages = _choose_stages(engine, module, baseline, accepts)
    few = max(1, budget.compiles // _SCREENING)
    screened = [_screen(engine, module, stage, starts[:few], find_objective(objective)) for stage in stages]
    best = min(screened, key=lambda one: one.cost)
    others = [len(s.split.pieces) for s in screened if s is not best]
    minimising = 0 if strategy == "portfolio" else budget.minimising  # its recipes are minimal, and judged as they are
    left = replace(budget, compiles=max(1, budget.compiles - few * len(others)), minimising=minimising)

    def tune_one(piece: Module, seconds: float | None) -> Result:
        return tune(
            engine, piece, replace(left, seconds=seconds), strategy=strategy, objective=objective, seed=seed,
            starts=starts, against=_AS_IT_IS, accept=lambda recipe: accepts(best.stage.then(recipe)),
        )  # fmt: skip

    deadline = None if budget.seconds is None else started + budget.seconds
    done = _tune_pieces(engine, best, tune_one, deadline=deadline, on_progress=on_progress or (lambda *_: None))
    data = _join(engine, best, done)
    found = measure_object(data, Measurement(Status.OK))
    if not found.links_like(baseline):
        names = sorted((found.undefined - baseline.undefined) | (found.exported ^ baseline.exported))
        raise CompileError(f"The functions' objects, joined, differ from clang's in the symbols {', '.join(names)}.")
    cost = find_objective(objective)
    tuned = [(piece, result) for piece, result in done if piece.functions]
    results = tuple(_describe(piece, result, cost) for piece, result in tuned)
    return PlanResult(
        cost(baseline), cost(found), data, Plan(best.stage, {r.functions[0]: r.recipe for r in results}), results,
        best.split.kept, sum(r.compiles for r in results) + few * sum(others), time.monotonic() - started,
        _sum_up(result.stop_reason for _, result in tuned), sum(result.refused for _, result in tuned),
    )  # fmt: skip


def _choose_stages(
    engine: Engine, module: Module, baseline: Measurement, accepts: Callable[[Recipe], bool]
) -> list[Recipe]:
    """The stages that are accepted and leave a module that links like the baseline."""
    stages = [parse_recipe(text) for text in STAGES.values()]
    measured = zip(stages, engine.measure(module, stages), strict=True)
    found = [stage for stage, m in measured if m.links_like(baseline) and accepts(stage)]
    if not found:
        raise CompileError("No stage that may come before splitting is accepted and links like the object of clang.")
    return found


def _tune_pieces(
    engine: Engine,
    screened: _Screened,
    tune_one: Callable[[Module, float | None], Result],
    *,
    deadline: float | None,
    on_progress: Callable[[int, int], None],
) -> list[tuple[Piece, Result]]:
    """Tune all pieces, as many at a time as there are workers; those left share the seconds left."""
    pieces = screened.split.pieces
    waiting = len(pieces)

    def one(piece: Piece) -> Result:
        nonlocal waiting
        left, waiting = waiting, waiting - 1
        seconds = None if deadline is None else max(0.0, deadline - time.monotonic()) * min(engine.jobs, left) / left
        return tune_one(screened.module_of(piece), seconds if piece.functions else 0.0)  # data has nothing to tune

    done: list[tuple[Piece, Result]] = []
    with ThreadPoolExecutor(engine.jobs) as pool:
        for piece, result in zip(pieces, pool.map(one, pieces), strict=True):
            done.append((piece, result))
            on_progress(len(done), len(pieces))
    return done


def _join(engine: Engine, screened: _Screened, done: Sequence[tuple[Piece, Result]]) -> bytes:
    objects = [engine.emit(screened.module_of(piece), result.recipe or _AS_IT_IS) for piece, result in done]
    own = PIECE_FLAG in screened.module.target.flags
    return join_objects(engine.toolchain, objects, local=screened.split.promoted, own_sections=own)


def _describe(piece: Piece, result: Result, cost: Callable[[Measurement], int]) -> FunctionResult:
    recipe = result.recipe or _AS_IT_IS
    return FunctionResult(piece.functions, cost(result.baseline), cost(result.best), recipe, result.compiles)


def _sum_up(reasons: Iterable[StopReason]) -> StopReason:
    """Why the whole ended: seconds, if they ended one; compiles, if they did; else there was nothing to propose."""
    found = set(reasons)
    order = (StopReason.SECONDS, StopReason.COMPILES, StopReason.EXHAUSTED)
    return next((reason for reason in order if reason in found), StopReason.EXHAUSTED)


@dataclass(frozen=True, slots=True)
class _Screened:
    """A module after a stage, taken apart, and what its pieces come to with a few recipes each."""

    stage: Recipe
    module: Module
    split: Split
    cost: int

    def module_of(self, piece: Piece) -> Module:
        """A piece as a module of its own."""
        target = self.module.target
        flags = target.flags if PIECE_FLAG in target.flags else (*target.flags, PIECE_FLAG)
        return Module(piece.text.encode(), replace(target, flags=flags))


def _screen(
    engine: Engine, module: Module, stage: Recipe, recipes: Sequence[Recipe], objective: Callable[[Measurement], int]
) -> _Screened:
    split = split_text(engine.emit(module, stage, "ll").decode("utf-8", "surrogateescape"))
    screened = _Screened(stage, module, split, 0)
    with ThreadPoolExecutor(engine.jobs) as pool:
        found = pool.map(lambda p: engine.measure(screened.module_of(p), [_AS_IT_IS, *recipes]), split.pieces)
        costs = [min(objective(m) for m in ms if m.links_like(ms[0])) for ms in found]
    return replace(screened, cost=sum(costs))
