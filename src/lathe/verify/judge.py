"""The judge: puts a recipe to the test on every program of a suite, as PassListEval does (Meta's LLM Compiler).

    with Judge(engine, suite) as judge:
        verdict = judge.judge(parse_recipe("sroa,default<Oz>"))

Each program is compiled in the engine, linked, and run in the sandbox; it must do what its unoptimised build did. Only
time-outs are tried again, once. The key ideas for speed: an object that passed once needs no second run, and most
recipes give some program an object that another recipe gave before; programs are linked dozens at a time (`joint.py`);
and verdicts are remembered.
"""

from __future__ import annotations

import hashlib
import math
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

from lathe.errors import CompileError, SandboxError
from lathe.llvm import Closing, Engine, Module, Recipe, Status, Store, find_cache_folder, repeat_commands
from lathe.verify.joint import write_dispatcher
from lathe.verify.launcher import Finished, Limits
from lathe.verify.linking import Linker
from lathe.verify.sandbox import SandboxPool
from lathe.verify.suite import Case, Suite, matches
from lathe.verify.verdict import Decision, Evidence, Outcome, Verdict, decide, read_verdict

__all__ = ["Judge", "default_verdict_path", "find_verdict"]

_SCHEMA = 1
"""Part of the file's name: raise it when a fixed bug makes old verdicts wrong."""

_OF_THE_MACHINE = (Status.TIMED_OUT, Status.OUT_OF_MEMORY)  # no fault of the recipe is proven
_TOGETHER = 8  # programs linked as one at least; more as long as each worker has two such groups
_SHOWN = 400  # bytes of output in evidence
_SKIPPED = Evidence("", Outcome.NOT_RUN, "another program had failed")


def default_verdict_path() -> Path:
    """The file of this user's verdicts."""
    return find_cache_folder() / f"verdicts-{_SCHEMA}.sqlite"


def find_verdict(
    store: Store, version: str, *, digest: str, recipe: Recipe | None, thorough: bool = False
) -> Verdict | None:
    """What is remembered of a recipe (None: `clang -Oz`) by the suite of a digest, with one version of LLVM."""
    key = _key(version, digest, recipe, thorough=thorough)
    known = store.get([key])
    return read_verdict(known[key]) if key in known else None


def _key(version: str, digest: str, recipe: Recipe | None, *, thorough: bool) -> str:
    return f"verdict:{version}:{digest}:{'all' if thorough else 'first'}:{recipe}"


class Judge(Closing):
    """Judges recipes by one suite; remembers in `store` (default: in memory). Use it in a `with` statement.

    `limits` hold each run of a program.
    """

    def __init__(
        self, engine: Engine, suite: Suite, *, store: Store | None = None, limits: Limits | None = None
    ) -> None:
        self.suite = suite
        self.limits = limits or Limits()
        self._engine = engine
        self._store = store or Store(None)
        self._linker = Linker(engine.toolchain)
        self._sandboxes = SandboxPool()
        self._groups = _group(suite.cases, engine.jobs)
        self._pool = ThreadPoolExecutor(engine.jobs, thread_name_prefix="lathe-judge")

    def close(self) -> None:
        """End the programs under way."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._sandboxes.close()
        self._pool.shutdown()

    def judge(self, recipe: Recipe | None, *, thorough: bool = False) -> Verdict:
        """The suite's verdict on a recipe (None: `clang -Oz`); `thorough` goes on after the first failure."""
        version, digest = self._engine.toolchain.version, self.suite.digest
        known = find_verdict(self._store, version, digest=digest, recipe=recipe, thorough=thorough)
        if known:
            return known
        started = time.monotonic()
        stop = threading.Event()

        def check(group: list[int]) -> list[Evidence | None]:
            if stop.is_set():
                return [_SKIPPED] * len(group)
            found = self._check_joint(group, recipe)
            if not thorough and any(e and e.outcome is not Outcome.NOT_RUN for e in found):
                stop.set()
            return found

        found = [evidence for group in self._pool.map(check, self._groups) for evidence in group]
        failures = tuple(e for e in found if e and e is not _SKIPPED)
        passed = sum(e is None for e in found)
        verdict = Verdict(
            decide(failures, passed, len(found)), str(recipe or "clang -Oz"), self.suite.name, self.suite.digest,
            version, len(found), passed, failures, time.monotonic() - started,
        )  # fmt: skip
        if verdict.decision is not Decision.UNKNOWN:
            self.remember(recipe, verdict, thorough=thorough)
        return verdict

    def remember(self, recipe: Recipe | None, verdict: Verdict, *, thorough: bool = False) -> None:
        """Keep a verdict, so that nothing is run for it again."""
        key = _key(self._engine.toolchain.version, self.suite.digest, recipe, thorough=thorough)
        self._store.put({key: verdict.to_json()})

    def check(self, case: Case, recipe: Recipe | None) -> Evidence | None:
        """What is wrong with one program, of any suite, under a recipe; None when nothing is."""
        data = self._compile(case, case.module, recipe)
        if isinstance(data, Evidence) or self._has_passed(case, data):
            return data if isinstance(data, Evidence) else None
        try:
            finished = self.run(case, data)
        except CompileError as error:
            return self._evidence(case, recipe, Outcome.NOT_LINKED, str(error))
        except SandboxError as error:
            return self._evidence(case, recipe, Outcome.NOT_RUN, str(error))
        return self._compare(case, data, finished, recipe)

    def run(self, case: Case, data: bytes) -> Finished:
        """How the program that an object of a case makes ends; raises `CompileError` when it does not link."""
        with tempfile.TemporaryDirectory(prefix="lathe-") as name:
            folder = Path(name)
            self._linker.link(case.program.unit, data, folder / "program")
            return self._run(folder)

    @cached_property
    def _dispatcher(self) -> bytes:
        """The object that chooses among joined programs, by their numbers in the suite."""
        return self._linker.compile(write_dispatcher([f"{case.program.name}." for case in self.suite.cases]))

    def _run(self, folder: Path, *words: str) -> Finished:
        finished = self._sandboxes.run(("program", *words), folder, self.limits)
        if finished.timed_out:
            finished = self._sandboxes.run(("program", *words), folder, self.limits)
        return finished

    def _check_joint(self, group: list[int], recipe: Recipe | None) -> list[Evidence | None]:
        """What is wrong with each of a few programs, linked as one; what fails so is tried again alone."""
        cases = [self.suite.cases[number] for number in group]
        if cases[0].joint is None:
            return [self.check(case, recipe) for case in cases]
        compiled = [self._compile(case, case.joint or case.module, recipe) for case in cases]
        found: list[Evidence | None] = [data if isinstance(data, Evidence) else None for data in compiled]
        fresh = {
            place: data for place, (case, data) in enumerate(zip(cases, compiled, strict=True))
            if isinstance(data, bytes) and not self._has_passed(case, data)
        }  # fmt: skip
        if not fresh:
            return found
        with tempfile.TemporaryDirectory(prefix="lathe-") as name:
            folder = Path(name)
            try:
                objects = [self._dispatcher, *fresh.values()]
                self._linker.link_many(cases[0].program.unit.language, objects, folder / "program")
                for place, data in fresh.items():
                    wrong = self._compare(cases[place], data, self._run(folder, str(group[place])), recipe)
                    alone = self.check(cases[place], recipe) if wrong else None
                    found[place] = alone if alone and alone.outcome is not Outcome.NOT_LINKED else wrong
            except (CompileError, SandboxError):
                return [self.check(case, recipe) for case in cases]
        return found

    def _compile(self, case: Case, module: Module, recipe: Recipe | None) -> bytes | Evidence:
        try:
            return self._engine.emit(module, recipe)
        except CompileError as error:
            outcome = Outcome.NOT_RUN if error.status in _OF_THE_MACHINE else Outcome.NOT_COMPILED
            return self._evidence(case, recipe, outcome, str(error))

    def _has_passed(self, case: Case, data: bytes) -> bool:
        return bool(self._store.get([_passed_key(case, data)]))

    def _compare(self, case: Case, data: bytes, finished: Finished, recipe: Recipe | None) -> Evidence | None:
        if matches(case, finished):
            self._store.put({_passed_key(case, data): "1"})
            return None
        return self._evidence(case, recipe, *_describe(case, finished, self.limits))

    def _evidence(self, case: Case, recipe: Recipe | None, outcome: Outcome, detail: str) -> Evidence:
        unit, toolchain = case.program.unit, self._engine.toolchain
        commands = (
            *repeat_commands(toolchain, unit, case.module.target, recipe),
            self._linker.show(unit, "tuned.o", "tuned"),
            "./tuned",
        )
        return Evidence(case.program.name, outcome, detail, commands)


def _passed_key(case: Case, data: bytes) -> str:
    return f"passed:{case.expected}:{hashlib.blake2b(data, digest_size=16).hexdigest()}"


def _group(cases: Sequence[Case], jobs: int) -> list[list[int]]:
    """The numbers of cases that are linked together: of one language, some at a time, or one alone."""
    groups = [[number] for number, case in enumerate(cases) if case.joint is None]
    for language in ("c", "c++"):
        joined = [n for n, case in enumerate(cases) if case.joint and case.program.unit.language == language]
        size = max(_TOGETHER, math.ceil(len(joined) / (2 * jobs)))
        groups += [joined[i : i + size] for i in range(0, len(joined), size)]
    return groups


def _describe(case: Case, finished: Finished, limits: Limits) -> tuple[Outcome, str]:
    if finished.timed_out:
        return Outcome.TIMED_OUT, f"more than {limits.seconds:g} s"
    if finished.status != case.status:
        ended = f"signal {-finished.status}" if finished.status < 0 else f"status {finished.status}"
        return Outcome.WRONG_STATUS, f"{ended}, not status {case.status}; its output ends: {_show(finished.output)}"
    pairs = zip(finished.output.splitlines(), case.output.splitlines(), strict=False)
    lines = next(((a, b) for a, b in pairs if a != b), None)
    if lines is None:
        return Outcome.WRONG_OUTPUT, f"{len(finished.output)} bytes of output, not {len(case.output)}"
    return Outcome.WRONG_OUTPUT, f'"{_show(lines[0])}", not "{_show(lines[1])}"'


def _show(output: bytes) -> str:
    return output[-_SHOWN:].decode("utf-8", "replace").strip()
