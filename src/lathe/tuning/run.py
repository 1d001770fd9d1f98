"""Tuning inputs: each with one recipe, or with one for each of its functions, and put to the test before it is used."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Protocol, TypeVar

from lathe import search
from lathe.errors import CompileError, LatheError
from lathe.llvm import (
    Engine,
    Measurement,
    Module,
    Status,
    Toolchain,
    Unit,
    compile_baseline,
    load_unit,
    measure_object,
    repeat_commands,
)
from lathe.tuning.examination import Examination, Examiners
from lathe.tuning.record import Tuned

__all__ = ["Emit", "Granularity", "Listener", "Request", "choose_granularity", "tune_all"]

_T = TypeVar("_T")
_R = TypeVar("_R")
_TOGETHER = 16  # inputs whose functions share what is found for one of them
_GLANCE = 10  # compiles of the whole unit, to see whether a recipe for each function is the better way


class Granularity(StrEnum):
    """What has a recipe of its own."""

    AUTO = "auto"
    UNIT = "unit"
    FUNCTION = "function"


class Emit(StrEnum):
    """What is written."""

    OBJ = "obj"
    ASM = "asm"
    LL = "ll"
    BC = "bc"


def choose_granularity(granularity: Granularity, emit: Emit, objective: str, toolchain: Toolchain) -> Granularity:
    """What auto means where functions' objects cannot be joined, or are not wanted: the unit."""
    joins = emit is Emit.OBJ and objective != "instructions" and toolchain.has("ld.lld")
    return Granularity.UNIT if granularity is Granularity.AUTO and not joins else granularity


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for, beside the inputs.

    `budget` has the compiles of each input or function, the verdicts of each input's functions, and seconds for all;
    `max_slowdown` is a share of the run time; `propose` is what a model says of functions.
    """

    budget: search.Budget
    strategy: str
    objective: str
    seed: int
    emit: Emit
    granularity: Granularity
    max_slowdown: float
    paths: Mapping[Unit, Path]
    propose: search.Propose | None = None


class Listener(Protocol):
    """Hears how work goes on: `done` of `total` (None: not yet known) of a task that it gave a number."""

    def begin(self, name: str, total: int | None) -> int:
        """A task begins."""
        ...

    def update(self, task: int, done: int, total: int, name: str = "") -> None:
        """So much of it is done; `name` is what it is called now."""
        ...

    def end(self, task: int) -> None:
        """A task is over."""
        ...


class _Deaf:
    def begin(self, name: str, total: int | None) -> int:
        return 0

    def update(self, task: int, done: int, total: int, name: str = "") -> None:
        pass

    def end(self, task: int) -> None:
        pass


def tune_all(
    engine: Engine, examiners: Examiners, units: Sequence[Unit], request: Request, listener: Listener | None = None
) -> list[Tuned]:
    """Tune all units, as many at a time as there are workers; an error of one stays its own."""
    heard = listener or _Deaf()
    run = _Run(engine, examiners, request, heard, heard.begin("inputs", len(units)), len(units))
    return run.tune_units(units) if request.granularity is Granularity.UNIT else run.tune_functions(units)


@dataclass(frozen=True, slots=True)
class _Opened:
    """An input in memory, and clang's own object for it, which is made meanwhile."""

    unit: Unit
    module: Module
    compiling: Future[bytes]

    @property
    def clang(self) -> bytes:
        """Clang's object; raises `CompileError` when clang refuses the input."""
        return self.compiling.result()


@dataclass(frozen=True, slots=True)
class _Run:
    """One call of `lathe tune`."""

    engine: Engine
    examiners: Examiners
    request: Request
    listener: Listener
    whole: int
    units: int
    done: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    started: float = field(default_factory=time.monotonic)

    def tune_units(self, units: Sequence[Unit]) -> list[Tuned]:
        """Each input as a whole."""
        count = itertools.count(len(units), -1)
        return self._map(lambda unit: self._count(self._tune_whole(self._open(unit), self._share(next(count)))), units)

    def tune_functions(self, units: Sequence[Unit]) -> list[Tuned]:
        """A recipe for each function, a few inputs together; with `auto`, one for the whole where that is better."""
        results: list[Tuned] = []
        for batch in (units[i : i + _TOGETHER] for i in range(0, len(units), _TOGETHER)):
            results += self._tune_together(batch, waiting=len(units) - len(results))
        return results

    def _tune_together(self, units: Sequence[Unit], *, waiting: int) -> list[Tuned]:
        request, gate = self.request, self.examiners.gate
        opened = self._map(self._open, units)
        modules = [one.module for one in opened if isinstance(one, _Opened)]
        left, verdicts = self._left(), request.budget.verdicts
        budget = replace(
            request.budget,
            seconds=None if left is None else left * len(units) / waiting,
            verdicts=None if verdicts is None else verdicts * len(units),
        )
        tasks = [self.listener.begin(str(one.unit.path), None) for one in opened if isinstance(one, _Opened)]
        plans = search.tune_functions(
            self.engine,
            modules,
            budget,
            strategy=request.strategy,
            objective=request.objective,
            seed=request.seed,
            on_progress=lambda number, done, of: self.listener.update(tasks[number], done, of),
            accept=(lambda recipe, stage: gate.judge(recipe, stage).accepted) if gate else None,
            known=(lambda recipe, stage: gate.accepted(stage.then(recipe))) if gate else None,
            propose=request.propose,
            max_slowdown=request.max_slowdown,
        )
        for task in tasks:
            self.listener.end(task)
        found = iter(plans)
        pairs = [(one, next(found) if isinstance(one, _Opened) else None) for one in opened]
        count = itertools.count(waiting, -1)
        return self._map(lambda pair: self._count(self._finish(*pair, next(count))), pairs)

    def _finish(self, opened: _Opened | Tuned, plan: search.PlanResult | CompileError | None, waiting: int) -> Tuned:
        """What becomes of an input whose functions were searched."""
        if isinstance(opened, Tuned) or plan is None:
            assert isinstance(opened, Tuned)
            return opened
        joined = self._take_plan(opened, plan)
        if self.request.granularity is Granularity.FUNCTION:
            return joined
        if joined.plan and not self._looks_better(opened, joined.tuned):
            return joined
        whole = self._tune_whole(opened, self._share(waiting))
        if not joined.plan or whole.error or whole.tuned < joined.tuned:
            return replace(whole, refused=whole.refused + joined.refused)
        self._put_back(opened.unit, joined.data)
        return joined

    def _looks_better(self, opened: _Opened, cost: int) -> bool:
        """Whether one recipe for the whole gives less at a glance than one for each function."""
        result = search.tune(
            self.engine, opened.module, search.Budget(_GLANCE), strategy="portfolio", objective=self.request.objective,
            guard=self._guard(opened.module),
        )  # fmt: skip
        return self._cost(result.best) < cost

    def _take_plan(self, opened: _Opened, plan: search.PlanResult | CompileError) -> Tuned:
        """The joined object, if it is smaller than clang's and nobody objects; else clang's."""
        try:
            if isinstance(plan, CompileError):
                raise plan
            return self._examine_plan(opened, plan)
        except LatheError as error:
            return Tuned(opened.unit, error=error)

    def _examine_plan(self, opened: _Opened, plan: search.PlanResult) -> Tuned:
        unit, clang = opened.unit, opened.clang
        baseline = self._cost(measure_object(clang, Measurement(Status.OK)))
        with self._examine(opened) as examination:
            smaller = plan.cost < baseline
            used = smaller and examination.accepts_object(plan.data)
            comparisons = tuple(examination.comparisons) if used else ()
        if not used:
            self._put_back(unit, clang)
        repeat = () if used else repeat_commands(self.engine.toolchain, unit, opened.module.target, None)
        last = list(plan.plan.functions.values())[-1:]
        verdict = (
            self.examiners.gate.find(plan.plan.stage.then(*last)) if self.examiners.gate and used and last else None
        )
        return Tuned(
            unit, baseline, plan.cost if used else baseline, None, plan.compiles, plan.seconds, plan.stop_reason.value,
            repeat, verdict, comparisons, self.examiners.test is not None, plan.refused + (smaller and not used),
            plan.data if used else clang, plan if used else None,
        )  # fmt: skip

    def _tune_whole(self, opened: _Opened | Tuned, seconds: float | None) -> Tuned:
        """One recipe for an input, or clang's object."""
        if isinstance(opened, Tuned):
            return opened
        try:
            return self._search_whole(opened, seconds)
        except LatheError as error:
            return Tuned(opened.unit, error=error)

    def _search_whole(self, opened: _Opened, seconds: float | None) -> Tuned:
        request, unit, module = self.request, opened.unit, opened.module
        with self._examine(opened) as examination:
            task = self.listener.begin(str(unit.path), request.budget.compiles)
            result = search.tune(
                self.engine,
                module,
                replace(request.budget, seconds=seconds),
                strategy=request.strategy,
                objective=request.objective,
                seed=request.seed,
                on_progress=lambda done, best: self.listener.update(
                    task, done, request.budget.compiles, f"{unit.path} {best} B"
                ),
                accept=examination.accepts,
                guard=self._guard(module),
            )
            self.listener.end(task)
        clang = opened.clang
        baseline = self._cost(measure_object(clang, result.baseline))
        recipe, tuned, data = result.recipe, baseline, clang
        if recipe is not None:
            data = self.engine.emit(module, recipe)
            tuned = self._cost(measure_object(data, result.best))  # what is written counts, not what was measured
        if tuned >= baseline:
            recipe, tuned, data = None, baseline, clang
            self._put_back(unit, clang)
        if request.emit.value != "obj":
            data = self.engine.emit(module, recipe, request.emit.value)
        repeat = repeat_commands(self.engine.toolchain, unit, module.target, recipe)
        verdict = self.examiners.gate.judge(recipe) if self.examiners.gate and recipe else None
        comparisons = tuple(examination.comparisons) if recipe else ()
        return Tuned(
            unit, baseline, tuned, recipe, result.compiles, result.seconds, result.stop_reason.value, repeat, verdict,
            comparisons, self.examiners.test is not None, result.refused, data,
        )  # fmt: skip

    def _open(self, unit: Unit) -> _Opened | Tuned:
        """An input, read; or its error."""
        aside = ThreadPoolExecutor(1)
        try:
            compiling = aside.submit(compile_baseline, self.engine.toolchain, unit)
            return _Opened(unit, load_unit(self.engine, unit), compiling)
        except LatheError as error:
            return Tuned(unit, error=error)
        finally:
            aside.shutdown(wait=False)

    def _examine(self, opened: _Opened) -> Examination:
        path = self.request.paths.get(opened.unit)
        return Examination(self.engine, opened.unit, opened.module, examiners=self.examiners, path=path)

    def _guard(self, module: Module) -> search.SpeedGuard:
        return search.SpeedGuard(self.engine, module, None, self.request.max_slowdown)

    def _put_back(self, unit: Unit, data: bytes) -> None:
        """Place an object that the user's test needs no more to see."""
        if self.examiners.test and unit in self.request.paths:
            self.examiners.test.put(self.request.paths[unit], data)

    def _cost(self, measurement: Measurement) -> int:
        return search.find_objective(self.request.objective)(measurement)

    def _count(self, tuned: Tuned) -> Tuned:
        self.listener.update(self.whole, next(self.done), self.units)
        return tuned

    def _left(self) -> float | None:
        seconds = self.request.budget.seconds
        return None if seconds is None else max(0.0, seconds - (time.monotonic() - self.started))

    def _share(self, waiting: int) -> float | None:
        """The seconds that one of the inputs left may take."""
        left = self._left()
        return None if left is None else search.share_seconds(left, waiting, self.engine.jobs)

    def _map(self, work: Callable[[_T], _R], items: Iterable[_T]) -> list[_R]:
        """Work on all, as many at a time as there are workers."""
        pool = ThreadPoolExecutor(max_workers=self.engine.jobs)
        try:
            return list(pool.map(work, items))
        except BaseException:
            self.engine.close()  # Ctrl-C: end the compiles under way, so that the threads can end too
            raise
        finally:
            pool.shutdown(cancel_futures=True)
