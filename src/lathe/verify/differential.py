"""The differential check: the functions of the very module that is tuned, run on generated inputs in two builds.

    with Differential(engine, unit, module) as check:
        comparison = check.compare(parse_recipe("sroa,default<Oz>"))

Three objects are linked with the same driver and the same glue (`glue.py`, `harness/driver.c`) and run in the sandbox:

guard     the unoptimised build, with a trap wherever the source's behaviour would be undefined
baseline  the object that LLVM makes at -Oz
tuned     the object of the recipe, byte for byte what is written

Only inputs count on which the guard ends normally and the baseline agrees with it: what reads memory that nobody wrote
(stack and heap are painted differently in the two), or is undefined in another way that the guard does not trap,
drops out. On those the tuned code must give the same results, memory, calls and end.
"""

from __future__ import annotations

import platform
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import resources
from pathlib import Path

from lathe.errors import CompileError
from lathe.llvm import Engine, Module, Recipe, Unit, compile_unit
from lathe.verify.comparison import Checker, Comparison, Finding, FunctionFinding
from lathe.verify.glue import COPIED, write_glue
from lathe.verify.guard import add_guards
from lathe.verify.launcher import Limits
from lathe.verify.linking import Linker
from lathe.verify.prototypes import Prototype, Variable, read_prototypes, read_variables
from lathe.verify.sandbox import SandboxPool

__all__ = ["Differential"]

_INPUTS = 48  # as in the driver
_LIMITS = Limits(seconds=20, output=1 << 24)
_SECONDS = 3  # of CPU, after which the driver leaves the other functions out
_GUARD = ("-fsanitize=undefined,local-bounds,float-cast-overflow", "-fno-sanitize=vptr,function", "-fsanitize-trap=all")
_PAINTS = {"guard": 17, "baseline": 230, "tuned": 230}
_NORMAL = frozenset("rts")  # returned, threw, or called what never returns
_ENDINGS = {"r": "returns", "t": "throws", "s": "stops", "c": "crashes", "o": "does not end", "h": "allocates too much"}
_MACHINES = {"x86_64": "x86", "aarch64": "aarch64"}

_Call = tuple[str, str]
"""How a call ended, and the digest of what was seen."""
_Calls = dict[tuple[int, int], _Call]
"""Calls by function and input."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What the guard and the baseline did, and a byte for each call: whether the guard ended normally."""

    guard: _Calls
    baseline: _Calls
    wanted: bytes


class Differential(Checker):
    """Checks recipes on one module; the guard and the baseline are built and run once. For one thread at a time."""

    def __init__(self, engine: Engine, unit: Unit, module: Module) -> None:
        self._engine, self._unit, self._module = engine, unit, module
        self._folder = tempfile.TemporaryDirectory(prefix="lathe-")
        self._sandboxes = SandboxPool()
        self._linker = Linker(engine.toolchain)

    def close(self) -> None:
        """End the program under way, and remove what was built."""
        self._sandboxes.close()
        self._folder.cleanup()

    def compare(self, recipe: Recipe) -> Comparison:
        """What running a recipe's code tells; raises `CompileError` when it does not compile or link."""
        return self.compare_object(self._engine.emit(self._module, recipe))

    def compare_object(self, data: bytes) -> Comparison:
        """What running an object made of the module tells; raises `CompileError` when it does not link."""
        started = time.monotonic()
        prepared = self._unusable or self._prepared
        defined = [f for f in self._functions if f.defined]
        if isinstance(prepared, str):
            found = [FunctionFinding(f.symbol, Finding.UNKNOWN, _why_not(f) or prepared) for f in defined]
        else:
            tuned = self._run_tuned(data, prepared)
            numbers = {f.name: number for number, f in enumerate(self._checked)}
            builds = (prepared.guard, prepared.baseline, tuned)
            found = [_compare_function(f, *(_select(calls, numbers.get(f.name)) for calls in builds)) for f in defined]
        return Comparison("differential", tuple(found), time.monotonic() - started)

    @cached_property
    def _text(self) -> str:
        return self._engine.emit(self._module, Recipe(()), "ll").decode("utf-8", "replace")

    @cached_property
    def _functions(self) -> Sequence[Prototype]:
        return read_prototypes(self._text)

    @property
    def _cplusplus(self) -> bool:
        return "@_Z" in self._text

    @cached_property
    def _checked(self) -> Sequence[Prototype]:
        """What is called, inline functions last: time may run out."""
        found = [f for f in self._functions if f.defined and not _why_not(f)]
        return sorted(found, key=lambda f: f.linkage.startswith("linkonce"))

    @property
    def _unusable(self) -> str | None:
        """Why nothing of this module can run here."""
        architecture = _MACHINES.get(platform.machine())
        triple = self._module.target.triple
        if self._module.target.architecture != architecture or "linux" not in triple or triple.endswith("x32"):
            return f"code for {triple}, which this machine does not run"
        return None

    @cached_property
    def _prepared(self) -> _Prepared | str:
        """What the guard and the baseline did; or why they could not be built."""
        if not self._checked:
            return "the module has no function that can be called"
        try:
            with ThreadPoolExecutor(2) as pool:
                guard = pool.submit(self._build_guard)
                self._build_harness()
                calls, died = self._run("guard", guard.result())
            if died and not calls:
                return "the check could not be started: the module's constructors need what stands in for other modules"
            count = len(self._checked)
            wanted = bytes(calls.get((f, i), ("",))[0] in _NORMAL for f in range(count) for i in range(_INPUTS))
            baseline, _ = self._run("baseline", self._engine.emit(self._module, None), wanted)
            return _Prepared(calls, baseline, wanted)
        except CompileError as error:
            lines = [line for line in str(error).splitlines() if "error" in line]
            return f"the check could not be built: {' '.join(lines[:1]) or error}"

    def _build_guard(self) -> bytes:
        if not self._unit.is_ir:
            return compile_unit(self._engine.toolchain, self._unit, ("-O0", "-w", *_GUARD))
        path = Path(self._folder.name) / "guard.ll"
        path.write_text(add_guards(self._text), encoding="utf-8")
        return compile_unit(self._engine.toolchain, replace(self._unit, path=path), ("-O0",))

    def _build_harness(self) -> None:
        """Compile the driver and the glue, which all builds share."""
        folder = Path(self._folder.name)
        library = self._linker.list_runtime() if self._cplusplus else ()
        (folder / "glue.ll").write_text(write_glue(self._text, self._checked, library), encoding="utf-8")
        driver = resources.files("lathe.verify") / "harness" / "driver.c"
        (folder / "driver.c").write_bytes(driver.read_bytes())
        self._write_copies(folder)
        target = f"--target={self._module.target.triple}"
        for name, flags in (("driver.c", ("-O1",)), ("glue.ll", ("-O0", target)), ("copies.bc", ("-O0", target))):
            data = compile_unit(self._engine.toolchain, Unit(folder / name), flags)
            (folder / name).with_suffix(".o").write_bytes(data)

    def _write_copies(self, folder: Path) -> None:
        """A module of what is here for inlining alone (C's inline, C++'s extern templates), as real definitions."""
        copies = self._text.replace(f"define {COPIED} ", "define weak_odr ").replace(f"= {COPIED} ", "= weak_odr ")
        (folder / "all.ll").write_text(copies, encoding="utf-8")
        items: list[Prototype | Variable] = [*self._functions, *read_variables(self._text)]
        self._linker.keep([i.symbol for i in items if i.linkage == COPIED], folder / "all.ll", folder / "copies.bc")

    def _run_tuned(self, data: bytes, prepared: _Prepared) -> _Calls:
        calls, died = self._run("tuned", data, prepared.wanted)
        if any(call[0] == "o" for call in calls.values()):  # time-outs alone are tried again
            calls, died = self._run("tuned", data, prepared.wanted)
        if died and (missing := next((at for at in prepared.baseline if at not in calls), None)):
            calls[missing] = ("c", "")
        return calls

    def _run(self, name: str, data: bytes, wanted: bytes | None = None) -> tuple[_Calls, bool]:
        """Link an object with the harness and run it: what its functions did, and whether the process died of it."""
        harness, folder = Path(self._folder.name), Path(self._folder.name) / name
        folder.mkdir(exist_ok=True)
        (folder / "module.o").write_bytes(data)
        objects = [*(harness / f"{name}.o" for name in ("driver", "glue", "copies")), folder / "module.o"]
        self._linker.link_harness(objects, folder / "program", cplusplus=self._cplusplus)
        words: tuple[str, ...] = ("program", str(_PAINTS[name]), str(_SECONDS))
        if wanted is not None:
            (folder / "inputs").write_bytes(wanted)
            words = (*words, "inputs")
        finished = self._sandboxes.run(words, folder, _LIMITS)
        return _read_calls(finished.output), bool(finished.status) and not finished.timed_out


def _why_not(function: Prototype) -> str | None:
    """Why a function cannot be called by the driver."""
    if function.local:
        return "internal: it runs when its callers do"
    if function.symbol == "main":
        return "the program's entry"
    if function.variadic:
        return "takes a variable number of arguments"
    if not function.plain_convention:
        return "has a calling convention of its own"
    if len(function.parameters) > 60:
        return "takes more than 60 arguments"
    return None


def _read_calls(output: bytes) -> dict[tuple[int, int], tuple[str, str]]:
    calls = {}
    for line in output.splitlines():
        words = line.split()
        if len(words) == 4 and words[0].isdigit() and words[1].isdigit():
            calls[int(words[0]), int(words[1])] = (words[2].decode("latin-1"), words[3].decode("latin-1"))
    return calls


def _select(calls: _Calls, number: int | None) -> dict[int, _Call]:
    return {i: seen for (function, i), seen in calls.items() if function == number}


def _compare_function(
    function: Prototype, guard: dict[int, _Call], baseline: dict[int, _Call], tuned: dict[int, _Call]
) -> FunctionFinding:
    """What the calls of one function, by input, say."""
    if reason := _why_not(function):
        return FunctionFinding(function.symbol, Finding.UNKNOWN, reason)
    if any(call[0] == "a" for calls in (guard, baseline, tuned) for call in calls.values()):
        return FunctionFinding(function.symbol, Finding.UNKNOWN, "has no code of its own in one of the builds")
    defined = {i: seen for i, seen in guard.items() if seen[0] in _NORMAL}
    agreed = [i for i, seen in defined.items() if baseline.get(i) == seen and i in tuned]
    wrong = next((i for i in agreed if tuned[i] != baseline[i]), None)
    if wrong is not None:
        before, after = (_ENDINGS.get(seen[wrong][0], "?") for seen in (baseline, tuned))
        detail = f"{before} with another result" if before == after else f"{after}, where the baseline {before}"
        return FunctionFinding(function.symbol, Finding.REFUTED, f"input {wrong}: {detail}", len(agreed))
    if agreed:
        return FunctionFinding(function.symbol, Finding.AGREES, "", len(agreed))
    if not guard:
        reason = "not called in time"
    elif not defined:
        reason = "every input crashed, ran too long or was undefined"
    else:
        reason = "its results depend on more than its input"
    return FunctionFinding(function.symbol, Finding.UNKNOWN, reason)
