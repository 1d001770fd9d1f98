"""Judging in two steps: the first passes are run on all programs once and kept, what follows is judged on the outcome.

    with StagedJudge(engine, suite) as judge:
        verdict = judge.judge(parse_recipe("default<Oz>,mergefunc"), parse_recipe("default<O2> -disable-lsr"))

So are functions compiled that have recipes of their own: after a stage that all share. And so is the catalogue vetted:
programs that a word under test leaves as they were need no second judgement. What is not accepted in two steps is
judged once more as one recipe, for evidence that can be repeated; what either way rejects is rejected.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from lathe.errors import CompileError
from lathe.llvm import Closing, Engine, Module, Recipe, Store
from lathe.verify.judge import Judge, find_verdict
from lathe.verify.suite import Case, Suite
from lathe.verify.verdict import Decision, Verdict

__all__ = ["StagedJudge"]

_KEPT = 8  # outcomes of first steps, each as large as the suite


class StagedJudge(Closing):
    """Judges recipes by one suite; remembers in `store`. Safe to use from many threads, in a `with` statement."""

    def __init__(self, engine: Engine, suite: Suite, *, store: Store | None = None) -> None:
        self._engine, self._suite, self._store = engine, suite, store or Store(None)
        self._whole = Judge(engine, suite, store=self._store)
        self._lock = threading.Lock()
        self._outcomes: OrderedDict[Recipe, list[Module | None]] = OrderedDict()
        self._judges: OrderedDict[tuple[Recipe, Recipe | None], Judge] = OrderedDict()

    def close(self) -> None:
        """End the programs under way."""
        for judge in (self._whole, *self._judges.values()):
            judge.close()

    def judge(self, first: Recipe, rest: Recipe, *, without: Recipe | None = None) -> Verdict:
        """The suite's verdict on `first`, then `rest`, with the options of both.

        `without` is a first step that was judged before: programs of which both make the same are not judged again.
        """
        recipe = first.then(rest)
        version, digest = self._engine.toolchain.version, self._suite.digest
        known = find_verdict(self._store, version, digest=digest, recipe=recipe)
        if known or first == Recipe(()):
            return known or self._whole.judge(recipe)
        judge = self._judge_after(first, without)
        staged = judge.judge(rest) if judge and judge.suite.cases else None
        count = len(self._suite.cases)
        if judge and (staged is None or staged.accepted):
            verdict = Verdict(Decision.ACCEPTED, str(recipe), self._suite.name, digest, version, count, count)
        else:
            verdict = self._whole.judge(recipe)
            if not verdict.accepted or staged is None or staged.decision is Decision.UNKNOWN:
                return verdict
            verdict = replace(staged, recipe=str(recipe), suite_digest=digest)
        self._whole.remember(recipe, verdict)
        return verdict

    def _judge_after(self, first: Recipe, without: Recipe | None) -> Judge | None:
        """The judge of what comes after a first step; None when a program does not compile."""
        with self._lock:
            key = (first, without)
            if key not in self._judges:
                suite = self._advance(first, without)
                if suite is None:
                    return None
                self._judges[key] = Judge(self._engine, suite, store=self._store)
                if len(self._judges) > _KEPT:
                    self._judges.popitem(last=False)[1].close()
            self._judges.move_to_end(key)
            return self._judges[key]

    def _advance(self, first: Recipe, without: Recipe | None) -> Suite | None:
        after = self._run_passes(first)
        before = self._run_passes(without) if without else after
        modules = [module for module in after if module]
        if len(modules) < len(after):
            return None
        rows = zip(self._suite.cases, before, modules, strict=True)
        cases = tuple(_advance_case(case, module) for case, was, module in rows if not without or module != was)
        return Suite(self._suite.name, f"{self._suite.digest} {first} {without}", cases, {})

    def _run_passes(self, recipe: Recipe) -> list[Module | None]:
        """What a recipe makes of the IR of every program; None for those that it does not compile."""
        if recipe not in self._outcomes:
            with ThreadPoolExecutor(self._engine.jobs) as pool:
                self._outcomes[recipe] = list(pool.map(lambda case: self._run_on(case, recipe), self._suite.cases))
            if len(self._outcomes) > _KEPT:
                self._outcomes.popitem(last=False)
        self._outcomes.move_to_end(recipe)
        return self._outcomes[recipe]

    def _run_on(self, case: Case, recipe: Recipe) -> Module | None:
        module = case.joint or case.module
        try:
            return Module(self._engine.emit(module, recipe, "bc"), module.target)
        except CompileError:
            return None


def _advance_case(case: Case, module: Module) -> Case:
    return replace(case, module=module, joint=module if case.joint else None)
