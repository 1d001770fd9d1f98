"""The function tuner: a recipe for each function of modules, in objects like any other.

    results = tune_functions(engine, [module, …], Budget(compiles=100, verdicts=8))

One page, in order. For each module: take it through an inter-procedural stage; split it into its functions; search a
recipe for each. Then for all modules together: try what was found for one function on the others, and put to the test
the recipes that save most. At last, for each module again: join the functions' objects and measure the whole.

The stage is one of a short list: with each the module is measured as a whole, and the best one or two are tried with a
few compiles of every function; the one with the smaller sum is searched further. The budget's compiles are for each
function on average: the larger a function, the more it gets. Its seconds and verdicts are for everything.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain, count, islice, zip_longest

from lathe.errors import CompileError
from lathe.llvm import (
    Engine,
    Kept,
    Measurement,
    Module,
    Objective,
    Piece,
    Recipe,
    Status,
    measure_object,
    parse_recipe,
)
from lathe.search.evolution import FEWEST_STARTS
from lathe.search.screening import Screened, hold_to, say_unlike, screen
from lathe.search.selection import Selection, select_recipes, use_fewer
from lathe.search.space import Space
from lathe.search.speed import SpeedGuard
from lathe.search.stages import AS_IT_IS, STAGES, kind_of, plain_after, take_apart
from lathe.search.tuner import Budget, Result, StopReason, default_space, find_objective, share_seconds, tune

__all__ = ["FunctionResult", "Plan", "PlanResult", "Propose", "take_turns", "tune_functions"]

_log = logging.getLogger(__name__)
_STAGES = 5  # of so many compiles, one may go to trying another stage
_SCREENING = 5  # a stage is tried in pieces with this part of the compiles,
_MOST_SCREENING = 5  # but with so many at most
_TWO_APART = 25  # compiles with which two stages are tried in pieces
_BROADCAST = 5  # this part goes to what was found for other functions
_MINIMISING = 5  # and this part of what is left to removing words that do not pay
_LEAST_PACE = 0.01  # seconds of a compile, lest what is known already takes none
_MOST_SHARED = 40  # recipes
_SEARCHING, _SHARING = 0.7, 0.85  # of the seconds, when recipes must be put to the test afterwards

Accept = Callable[[Recipe, Recipe], bool]
"""Says whether a recipe may be used after a stage."""

Propose = Callable[[Piece, Recipe, Space], Sequence[Recipe]]
"""Says which recipes are worth trying first for a piece after a stage, the best first."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The recipes of a whole unit: one for the stage, one for each piece by its first function (others: code alone)."""

    stage: Recipe
    functions: Mapping[str, Recipe]


@dataclass(frozen=True, slots=True)
class FunctionResult:
    """A piece: its functions, the costs of its object at -Oz and with its recipe, and the compiles spent.

    At -Oz means: without further passes after all of -Oz, else with `default<Oz>` after what looks across functions.
    """

    functions: tuple[str, ...]
    before: int
    after: int
    recipe: Recipe
    compiles: int


@dataclass(frozen=True, slots=True)
class PlanResult:
    """The outcome: the object `data` and its cost beside the baseline's, the plan, and its functions.

    `joining` are the seconds that making one of the pieces took. `judged` counts the recipes that were put to the test
    for all modules, `refused` those of them that failed.
    """

    baseline: int
    cost: int
    data: bytes
    plan: Plan
    functions: tuple[FunctionResult, ...]
    kept: Mapping[str, Kept]
    compiles: int
    seconds: float
    joining: float
    stop_reason: StopReason
    judged: int
    refused: int


def tune_functions(
    engine: Engine,
    modules: Sequence[Module],
    budget: Budget,
    *,
    strategy: str = "evolution",
    objective: str = "loadable",
    seed: int = 0,
    on_progress: Callable[[int, int, int], None] | None = None,
    accept: Accept | None = None,
    known: Accept | None = None,
    propose: Propose | None = None,
    max_slowdown: float = math.inf,
    price: int = 0,
) -> list[PlanResult | CompileError]:
    """Search for the recipe of each function with the smallest objective, and join what they give.

    `on_progress` hears a module's number, how many of its functions are done, and how many there are. `accept` is asked
    about every recipe that is used, and the stage before it, unless `known` says that they are accepted. What `propose`
    says of a function is tried in turns with the portfolio. `max_slowdown` is how much slower than at -Oz a function
    may be, by estimate (0.2: a fifth). A recipe must save more than `price`, or a thousandth of the module, over the
    others used in it, since each takes time when the object is made again. A result may be larger than the baseline. It
    is an error where LLVM cannot compile the baseline or a piece, or when the whole does not link like the baseline.
    """
    cost = find_objective(objective)
    search = _Search(engine, budget, strategy, cost, objective, seed, propose, max_slowdown, price, time.monotonic())
    accepts: Accept = accept or (lambda *_: True)
    hear = on_progress or (lambda *_: None)
    waiting = count(len(modules), -1)

    def one(number: int) -> _Searched | CompileError:
        seconds = search.share(next(waiting), reserve=accept is not None)
        try:
            return search.search_module(modules[number], accepts, seconds, lambda done, of: hear(number, done, of))
        except CompileError as error:
            return error

    with ThreadPoolExecutor(engine.jobs) as pool:
        try:
            found = list(pool.map(one, range(len(modules))))
            good = [one for one in found if isinstance(one, _Searched)]
            costs = search.broadcast(pool, good)
            selection = search.select(
                [one.screened.apart.stage for one in good for _ in one.found], costs, accept, known
            )
            rows = iter(zip(costs, (recipe for recipe, _ in selection.recipes), strict=True))
            parts = [list(islice(rows, len(one.found))) if isinstance(one, _Searched) else [] for one in found]
            return list(pool.map(lambda one, part: search.finish(one, part, selection), found, parts))
        except KeyboardInterrupt:
            engine.close()  # ends the compiles under way, so that the threads can end too
            raise


@dataclass(frozen=True, slots=True)
class _Searched:
    """A module before selection: its pieces, their results, the compiles of other stages."""

    baseline: Measurement
    screened: Screened
    found: tuple[Result, ...]
    spent: int
    seconds: float


@dataclass(frozen=True, slots=True)
class _Search:
    """What is the same for all modules."""

    engine: Engine
    budget: Budget
    strategy: str
    cost: Objective
    objective: str
    seed: int
    propose: Propose | None
    max_slowdown: float
    price: int
    started: float
    hurried: bool = False

    @property
    def few(self) -> int:
        """The compiles of each function with each stage."""
        return max(1, min(_MOST_SCREENING, self.budget.compiles // _SCREENING))

    @property
    def stages(self) -> int:
        """How many stages are tried, when one of them makes the whole smaller."""
        return max(2, min(len(STAGES), self.budget.compiles // _STAGES))

    @property
    def apart(self) -> int:
        """After how many of them the module is taken apart."""
        return 1 if self.budget.compiles < _TWO_APART else 2

    @property
    def most(self) -> int:
        """The compiles of each function with what was found for others."""
        return max(1, min(_MOST_SHARED, self.budget.compiles // _BROADCAST))

    def late(self, share: float = 1.0) -> bool:
        """Whether the seconds are over, or a share of them."""
        return self.budget.seconds is not None and time.monotonic() - self.started >= self.budget.seconds * share

    def guard(self, module: Module, stage: Recipe) -> SpeedGuard:
        """What compares the speed of a piece with that at -Oz."""
        return SpeedGuard(self.engine, module, plain_after(stage), self.max_slowdown)

    def share(self, waiting: int, *, reserve: bool) -> float | None:
        """The seconds of one module when as many wait; a part is kept for verdicts."""
        if self.budget.seconds is None:
            return None
        left = self.budget.seconds * (_SEARCHING if reserve else 1) - (time.monotonic() - self.started)
        return share_seconds(left, waiting, self.engine.jobs)

    def within(self, compiles: float) -> _Search:
        """The same, to try stages with no more compiles than there is time for, told in those of the module."""
        most = max(1, min(self.budget.compiles, int(compiles)))
        return replace(self, budget=replace(self.budget, compiles=most), hurried=most < _TWO_APART)

    def search_module(
        self,
        module: Module,
        accepts: Accept,
        seconds: float | None,
        on_progress: Callable[[int, int], None],
    ) -> _Searched:
        """Choose a module's stage, and search a recipe for each of its pieces."""
        started = time.monotonic()
        baseline = self.engine.measure(module, [None])[0]
        if not baseline.ok:
            raise CompileError(f"LLVM could not compile the baseline: {baseline.status}: {baseline.message}")
        allowed = self if seconds is None else self.within(seconds / max(time.monotonic() - started, _LEAST_PACE))
        screened, tried = allowed.screen_stages(module, baseline, accepts)
        if not screened:
            raise CompileError(
                "No stage that may come before splitting is accepted and links like the object of clang."
            )
        best = min(screened, key=lambda one: one.cost)
        spent = (tried + allowed.few * (len(screened) - 1)) * sum(
            bool(piece.functions) for piece in best.apart.split.pieces
        )
        deadline = None if seconds is None else started + seconds
        found = self.search_pieces(best, spent, deadline, on_progress)
        return _Searched(baseline, best, tuple(found), spent, time.monotonic() - started)

    def screen_stages(self, module: Module, baseline: Measurement, accepts: Accept) -> tuple[list[Screened], int]:
        """The module after the best stages that are accepted, link like the baseline and can be taken apart.

        And how many stages were tried: more than the budget has for them while none makes the whole smaller.
        """
        stages = [parse_recipe(text) for text in STAGES]
        if self.hurried:  # code generation alone comes after all of -Oz
            stages.sort(key=lambda stage: kind_of(stage) != "whole")
        ranked, left = self.rank_stages(stages[: self.stages], module, baseline), stages[self.stages :]
        while left and (not ranked or ranked[0][0] >= self.cost(baseline)):
            ranked = sorted([*ranked, *self.rank_stages([left.pop(0)], module, baseline)], key=lambda pair: pair[0])
        found: list[Screened] = []
        tried = len(stages) - len(left)
        others = (pair for stage in left for pair in self.rank_stages([stage], module, baseline))
        for _, stage in chain(ranked, others):
            if all(accepts(recipe, stage) for recipe in dict.fromkeys((AS_IT_IS, plain_after(stage)))):
                space = default_space(self.engine, module, stage=kind_of(stage))
                try:
                    apart = take_apart(self.engine, module, stage)
                    found.append(screen(self.engine, apart, space, baseline, few=self.few, cost=self.cost))
                except CompileError as error:
                    _log.info("stage %s: %s", stage, error)
            if len(found) == self.apart:
                break
        return found, tried

    def rank_stages(
        self, stages: Sequence[Recipe], module: Module, baseline: Measurement
    ) -> list[tuple[float, Recipe]]:
        """What the module costs with each stage that links, and what is plain after it, the smallest first."""

        def measure(stage: Recipe) -> Measurement:
            try:
                after = replace(module, bitcode=self.engine.emit(module, stage, "bc"))
            except CompileError as error:
                return Measurement(Status.INVALID, str(error))
            return self.engine.measure(after, [plain_after(stage)])[0]

        with ThreadPoolExecutor(self.engine.jobs) as pool:
            found = zip(pool.map(measure, stages), stages, strict=True)
            good = [(self.cost(m), stage) for m, stage in found if m.links_like(baseline)]
        return sorted(good, key=lambda pair: pair[0])

    def search_pieces(
        self,
        screened: Screened,
        spent: int,
        deadline: float | None,
        on_progress: Callable[[int, int], None],
    ) -> list[Result]:
        """Search for all pieces, as many at a time as there are workers; those left share the seconds left."""
        apart = screened.apart
        pieces, allowed = apart.split.pieces, _allot(screened, self.budget.compiles, self.few, spent)
        waiting = count(len(pieces), -1)

        def one(piece: Piece, compiles: int) -> Result:
            seconds = None
            if deadline is not None:
                seconds = share_seconds(deadline - time.monotonic(), next(waiting), self.engine.jobs)
            part = min(compiles // _MINIMISING, self.budget.minimising)
            limits = Budget(compiles - part, seconds, minimising=part)
            module = apart.module_of(piece)
            proposed = self.propose(piece, apart.stage, screened.space) if self.propose and piece.functions else ()
            return tune(
                self.engine, module, limits if piece.functions else Budget(1, 0.0),
                strategy=self.strategy, objective=self.objective, seed=self.seed, space=screened.space,
                starts=take_turns(proposed, screened.starts), against=AS_IT_IS, guard=self.guard(module, apart.stage),
            )  # fmt: skip

        done: list[Result] = []
        with ThreadPoolExecutor(self.engine.jobs) as pool:
            for result in pool.map(one, pieces, allowed):
                done.append(result)
                on_progress(len(done), len(pieces))
        return done

    def broadcast(self, pool: ThreadPoolExecutor, searched: Sequence[_Searched]) -> list[dict[Recipe, int]]:
        """For each piece the costs of starting points, of its own recipe, and of those that saved most elsewhere.

        Elsewhere is in all modules, and in its own.
        """
        shared = self.best_of(result for one in searched for result in one.found)
        elsewhere = {id(one): take_turns(shared, self.best_of(one.found))[: self.most] for one in searched}
        tried = 0 if self.late(_SHARING) or self.propose else min(FEWEST_STARTS, self.budget.compiles)  # by each piece

        def measure(one: _Searched, piece: Piece, result: Result) -> dict[Recipe, int]:
            own = [result.recipe] if result.recipe else []
            apart, plain = one.screened.apart, plain_after(one.screened.apart.stage)
            others = [*one.screened.starts[:tried], *(() if self.late(_SHARING) else elsewhere[id(one)])]
            recipes = list(dict.fromkeys([AS_IT_IS, plain, *own, *others] if piece.functions else [AS_IT_IS]))
            module = apart.module_of(piece)
            measured = dict(zip(recipes, self.engine.measure(module, recipes), strict=True))
            like = hold_to(measured, apart, one.baseline)
            costs = {r: self.cost(m) for r, m in measured.items() if m.links_like(like)}
            usual = _usual_of(costs, apart.stage)
            guard = self.guard(module, apart.stage)
            return {r: c for r, c in costs.items() if r == usual or (c < costs[usual] and guard.allows(r))}

        rows = [(one, *row) for one in searched for row in zip(one.screened.apart.split.pieces, one.found, strict=True)]
        return list(pool.map(measure, *zip(*rows, strict=True))) if rows else []

    def best_of(self, results: Iterable[Result]) -> list[Recipe]:
        """Recipes, those that saved most first."""
        found = sorted(results, key=lambda result: self.cost(result.best) - self.cost(result.baseline))
        return list(dict.fromkeys(result.recipe for result in found if result.recipe))

    def select(
        self,
        stages: Sequence[Recipe],
        costs: Sequence[Mapping[Recipe, int]],
        accept: Accept | None,
        known: Accept | None,
    ) -> Selection[tuple[Recipe, Recipe]]:
        """The recipe of each piece, and the stage before it, within the budget of verdicts."""
        most = self.budget.verdicts
        return select_recipes(
            [
                {(recipe, stage): cost for recipe, cost in piece.items()}
                for stage, piece in zip(stages, costs, strict=True)
            ],
            lambda pair: accept is None or accept(*pair),
            known=lambda pair: (
                accept is None or pair[0] in (AS_IT_IS, plain_after(pair[1])) or (known is not None and known(*pair))
            ),
            may_judge=lambda judged: not self.late() and (most is None or judged < most),
        )

    def finish(
        self,
        one: _Searched | CompileError,
        part: Sequence[tuple[Mapping[Recipe, int], Recipe]],
        selection: Selection[tuple[Recipe, Recipe]],
    ) -> PlanResult | CompileError:
        """Join a module's objects and measure the whole; `part` has the costs and the selected recipe of each piece."""
        if isinstance(one, CompileError):
            return one
        started = time.monotonic()
        apart = one.screened.apart
        price = min(self.price, self.cost(one.baseline) // 1000)
        chosen = use_fewer([costs for costs, _ in part], [recipe for _, recipe in part], price)
        try:
            data = apart.join(self.engine, chosen)
        except CompileError as error:
            return error
        joining = time.monotonic() - started
        whole = measure_object(data, Measurement(Status.OK))
        if not whole.links_like(one.baseline):
            return CompileError(say_unlike(whole, one.baseline))
        pairs = zip(one.found, apart.split.pieces, strict=True)
        reasons = [result.stop_reason for result, piece in pairs if piece.functions]
        results = tuple(
            FunctionResult(
                piece.functions, costs[_usual_of(costs, apart.stage)], costs[recipe], recipe,
                result.compiles + self.most,
            )
            for piece, result, (costs, _), recipe in zip(apart.split.pieces, one.found, part, chosen, strict=True)
            if piece.functions
        )  # fmt: skip
        return PlanResult(
            self.cost(one.baseline), self.cost(whole), data,
            Plan(apart.stage, {r.functions[0]: r.recipe for r in results}), results, apart.split.kept,
            one.spent + sum(r.compiles for r in results), one.seconds + joining, joining,
            _sum_up(reasons), selection.judged, selection.refused,
        )  # fmt: skip


def _usual_of(costs: Mapping[Recipe, int], stage: Recipe) -> Recipe:
    """What a piece is compared with: -Oz, or nothing where that gives no object."""
    plain = plain_after(stage)
    return plain if plain in costs else AS_IT_IS


def _allot(screened: Screened, compiles: int, few: int, spent: int) -> list[int]:
    """The compiles of each piece's search: by its size, at most four times the average that the budget leaves."""
    pieces = screened.apart.split.pieces
    sizes = [cost if piece.functions else 0 for piece, cost in zip(pieces, screened.costs, strict=True)]
    left = (compiles - compiles // _BROADCAST) * sum(size > 0 for size in sizes) - spent
    shares = (left * size // sum(sizes) if size else 0 for size in sizes)
    return [min(max(few, share), 4 * compiles) if size else 0 for share, size in zip(shares, sizes, strict=True)]


def _sum_up(reasons: Iterable[StopReason]) -> StopReason:
    """Why the whole ended: seconds, if they ended one; compiles, if they did; else there was nothing to propose."""
    found = set(reasons)
    order = (StopReason.SECONDS, StopReason.COMPILES, StopReason.EXHAUSTED)
    return next((reason for reason in order if reason in found), StopReason.EXHAUSTED)


def take_turns(proposed: Sequence[Recipe], others: Sequence[Recipe]) -> list[Recipe]:
    """One of the first, one of the others, and so on, each once."""
    pairs = zip_longest(proposed, others)
    return list(dict.fromkeys(recipe for pair in pairs for recipe in pair if recipe is not None))
