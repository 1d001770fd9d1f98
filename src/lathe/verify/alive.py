"""alive-tv: asks a solver of each function of a module whether a recipe's code refines the unoptimised code.

    comparison = compare_with_alive(engine, module, parse_recipe("instcombine"))

alive-tv (github.com/AliveToolkit/alive2) is used if the user has it, one process a function: a crash or a hang costs
that function. The key idea: its answers are taken for less than they say, because they are softer than they sound.

- "Correct" counts when it looked at all there is. It cuts loops off after some turns, `strlen` after some bytes, and
  compares neither what variables hold at the start nor what inline assembly does.
- A counterexample counts when nothing but the function's own code can explain it. alive-tv knows no callers, no code of
  callees, and no type-based aliasing, all of which LLVM may rightly use. And it must hold for inputs without poison and
  undef: LLVM's own passes copy half-defined memory in ways that break the letter of its rules.

Not covered: the code generator and its options; linkage, calling conventions and metadata; and what callees do, each of
which is compared on its own.
"""

from __future__ import annotations

import contextlib
import os
import re
import resource
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from lathe.errors import ToolchainError
from lathe.llvm import Engine, Module, Recipe
from lathe.verify.comparison import Comparison, Finding, FunctionFinding
from lathe.verify.ir_text import IrText, drop_metadata

__all__ = ["compare_texts", "compare_with_alive", "find_alive_tv", "read_answer"]

_BEFORE, _AFTER = "before.ll", "after.ll"
_TURNS = 2  # of each loop; what further ones do is cut off
_QUERY_SECONDS = 10  # for one question to the solver
_FUNCTION_SECONDS = 60.0
_SOLVER_MEGABYTES = 1024
_MEMORY, _OUTPUT = 4 << 30, 16 << 20  # bytes
_DEFINED = ("-disable-undef-input", "-disable-poison-input")
_SHOWN = 12  # lines of a complaint and the inputs
_WIDTH = 160  # characters of a complaint

_PROVED, _REFUTED = "Transformation seems to be correct!", "Transformation doesn't verify!"
_SUMMARY = re.compile(r"^Summary:\n +(\d+) correct transformations\n +(\d+) incorrect transformations$", re.MULTILINE)
_UNDERSTOOD = frozenset({
    "nonnull", "range", "noundef", "align", "dereferenceable", "dereferenceable_or_null", "callees", "llvm.loop",
    "nosanitize", "prof", "unpredictable",
})  # fmt: skip
"""The metadata that alive-tv reads in the source; of any other it gives the function up."""
_ERROR, _WARNING = "ERROR: ", "***\nWARNING: "
_GAPS = (
    (re.compile(r"\basm\b"), "inline assembly, of which alive-tv knows no effect"),
    (re.compile(r"#sink"), f"no difference in {_TURNS} turns of its loops, which does not prove the next"),
    (re.compile(r"= (?:\w+ )*(?:strlen|memcmp|bcmp) "), "no difference in the first bytes of strlen or memcmp"),
)
"""What alive-tv leaves out of a proof; but for the first, not where both sides are the same text."""


def find_alive_tv() -> Path | None:
    """The alive-tv of `LATHE_ALIVE_TV` or of the PATH; raises `ToolchainError` when the former is no program."""
    chosen = os.environ.get("LATHE_ALIVE_TV")
    found = shutil.which(chosen or "alive-tv")
    if chosen and not found:
        raise ToolchainError(f"LATHE_ALIVE_TV={chosen} is not a program. Set it to the path of alive-tv, or unset it.")
    return Path(found).absolute() if found else None


def compare_with_alive(engine: Engine, module: Module, recipe: Recipe | None, *, seconds: float = 300.0) -> Comparison:
    """What alive-tv says of each function under a recipe (None: as `clang -Oz` does), within `seconds` for them all.

    Raises `ToolchainError` when there is no alive-tv, and `CompileError` when the recipe gives no IR.
    """
    return _compare(
        engine, lambda: _emit_sides(engine, module, recipe), seconds, "the recipe removed it, inlined perhaps"
    )


def compare_texts(engine: Engine, before: str, after: str, *, seconds: float = 300.0) -> Comparison:
    """What alive-tv says of each function of one text of IR as it is in another; raises as `compare_with_alive`."""
    sides = _Sides(IrText(drop_metadata(before, keep=_UNDERSTOOD)), IrText(after), IrText(after))
    return _compare(engine, lambda: sides, seconds, "the other text does not have it")


def _compare(engine: Engine, make_sides: Callable[[], _Sides], seconds: float, missing: str) -> Comparison:
    tool = find_alive_tv()
    if tool is None:
        raise ToolchainError(
            "alive-tv was not found on the PATH. Build it from github.com/AliveToolkit/alive2, of about the date of "
            f"LLVM {engine.toolchain.major}'s release, and set LATHE_ALIVE_TV to its path."
        )
    started = time.monotonic()
    sides = make_sides()
    with tempfile.TemporaryDirectory(prefix="lathe-") as name:
        folder = Path(name)
        (folder / _BEFORE).write_text(sides.before.text, encoding="utf-8")
        (folder / _AFTER).write_text(sides.after.text, encoding="utf-8")
        found = _ask_and_doubt(_Prover(tool, folder, started + seconds, jobs=engine.jobs), sides)
    functions = tuple(found.get(f) or _unknown(f, missing) for f in sides.before.functions)
    return Comparison("alive-tv", functions, time.monotonic() - started)


@dataclass(frozen=True, slots=True)
class _Sides:
    """The unoptimised module, less what alive-tv cannot read; what the recipe makes of it as it was; and of the less.

    Metadata are promises about the source: what refines code that promises less refines the source too.
    """

    before: IrText
    after: IrText
    twin: IrText


def _emit_sides(engine: Engine, module: Module, recipe: Recipe | None) -> _Sides:
    before = drop_metadata(engine.emit(module, Recipe(), "ll").decode(), keep=_UNDERSTOOD)
    less = Module(before.encode(), module.target)
    after, twin = (IrText(engine.emit(m, recipe, "ll").decode()) for m in (module, less))
    return _Sides(IrText(before), after, twin)


def _ask_and_doubt(prover: _Prover, sides: _Sides) -> dict[str, FunctionFinding]:
    """The findings on the functions of both sides, each as sure as it is called."""
    functions = sides.before.functions
    both = sorted(functions.keys() & sides.after.functions.keys(), key=lambda f: (len(functions[f].code), f))
    found = {a.function: _weigh(a, sides) for a in prover.ask_all(both)}  # short ones first: most are soon proved
    refuted = [f for f, a in found.items() if a.finding is Finding.REFUTED]
    for again in prover.ask_all(refuted, _DEFINED):
        only = _unknown(again.function, "a counterexample with undefined values, none found without")
        found[again.function] = again if again.finding is Finding.REFUTED else only
    return found


class _Prover:
    """Runs alive-tv on the two files in `folder`, a process for each function, until the deadline."""

    def __init__(self, tool: Path, folder: Path, deadline: float, *, jobs: int) -> None:
        self._command = (
            str(tool), _BEFORE, _AFTER, f"-src-unroll={_TURNS}", f"-tgt-unroll={_TURNS}",
            f"-smt-to={1000 * _QUERY_SECONDS}", f"-smt-max-mem={_SOLVER_MEGABYTES}",
        )  # fmt: skip
        self._folder = folder
        self._deadline = deadline
        self._jobs = jobs
        self._running: set[subprocess.Popen[bytes]] = set()

    def ask_all(self, functions: Iterable[str], flags: Sequence[str] = ()) -> list[FunctionFinding]:
        """What alive-tv answers of each function, in order; no process outlives the call."""
        pool = ThreadPoolExecutor(self._jobs, thread_name_prefix="lathe-alive")
        try:
            return list(pool.map(lambda f: self._ask(f, flags), functions))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(self._running):
                _kill(process)
            pool.shutdown()

    def _ask(self, function: str, flags: Sequence[str]) -> FunctionFinding:
        left = min(_FUNCTION_SECONDS, self._deadline - time.monotonic())
        if left <= 0:
            return _unknown(function, "not reached in time")
        with tempfile.TemporaryFile() as output:
            process = self._start([*self._command, *flags, f"-func={function}"], output)
            try:
                _limit(process.pid, left)
                status = process.wait(left)
            except subprocess.TimeoutExpired:
                return _unknown(function, "alive-tv gave no answer in time")
            finally:
                _kill(process)
                self._running.discard(process)
            output.seek(0)
            return read_answer(function, status, output.read().decode("utf-8", "replace"))

    def _start(self, command: list[str], output: IO[bytes]) -> subprocess.Popen[bytes]:
        try:
            process = subprocess.Popen(
                command, cwd=self._folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise ToolchainError(
                f"{command[0]} could not be started: {error.strerror}. Build alive-tv again."
            ) from None
        self._running.add(process)
        return process


def _limit(process: int, seconds: float) -> None:
    for kind, value in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_FSIZE, _OUTPUT),
        (resource.RLIMIT_CPU, int(seconds) + 1),  # should Lathe itself be killed
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ProcessLookupError):  # it has ended
            resource.prlimit(process, kind, (value, value))


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def read_answer(function: str, status: int, output: str) -> FunctionFinding:
    """What alive-tv's exit status and output say of the one function that it was asked about.

    Unknown is whatever is not one plain answer: both versions of the function shown, one verdict, a summary that counts
    the same, no warning; of a proof no error and nothing cut off, of a refutation the example.
    """
    if status < 0:
        return _unknown(function, f"alive-tv crashed: {signal.strsignal(-status)}")
    shown = len(re.findall(rf"^define .*@{re.escape(function)}\(", output, re.MULTILINE)) == 2
    summary = _SUMMARY.search(output)
    plain = shown and status == 0 and _WARNING not in output
    counts = summary.groups() if plain and summary else ()
    verdicts = (output.count(_PROVED), output.count(_REFUTED))
    complaint = output.partition(_ERROR)[2]
    if counts == ("1", "0") and verdicts == (1, 0) and not complaint:
        gaps = _GAPS[:1] if "(syntactically equal)" in output else _GAPS
        gap = next((reason for pattern, reason in gaps if pattern.search(output)), None)
        return _unknown(function, gap) if gap else FunctionFinding(function, Finding.PROVED)
    if counts == ("0", "1") and verdicts == (0, 1) and "\nExample:\n" in complaint:
        return FunctionFinding(function, Finding.REFUTED, _shorten(complaint))
    return _unknown(function, f"alive-tv says: {_explain(status, output)[:_WIDTH]}")


def _explain(status: int, output: str) -> str:
    """Why there is no answer, in alive-tv's own words: what it approximated, else what it complains of first."""
    made = re.findall(r"^ - (.*)", output, re.MULTILINE)
    if made:
        return f"approximated: {', '.join(made)}"
    mark = next((m for m in (_ERROR, _WARNING) if m in output), None)
    said = output.partition(mark)[2] if mark else output if status else ""
    return next(filter(None, map(str.strip, said.splitlines())), "nothing of this function")


def _shorten(complaint: str) -> str:
    """The complaint, the inputs of the example, and what the two sides make of them; not the steps between."""
    head, _, steps = complaint.partition("\nSource:\n")
    lines = [*head.splitlines()[:_SHOWN], *re.findall(r"^(?:Source|Target) value: .*", steps, re.MULTILINE)]
    return "\n".join(filter(None, lines))


def _unknown(function: str, detail: str) -> FunctionFinding:
    return FunctionFinding(function, Finding.UNKNOWN, detail)


def _weigh(answer: FunctionFinding, sides: _Sides) -> FunctionFinding:
    """The answer, or unknown where something that alive-tv does not look at could have made it another."""
    name, before, after = answer.function, sides.before, sides.after
    names = before.reach(name) | after.reach(name)
    if answer.finding is Finding.PROVED:
        common = names & before.variables.keys() & after.variables.keys()
        if any(before.variables[n].value != after.variables[n].value for n in common):
            return _unknown(name, "the recipe changed what its variables hold at the start")
    if answer.finding is Finding.REFUTED:
        variables = after.variables | before.variables
        alone = all(variables[n].open if n in variables else n.startswith("llvm.") for n in names)
        typeless = name in sides.twin.functions and sides.twin.functions[name].code == after.functions[name].code
        if not (alone and typeless and before.functions[name].exported):
            return _unknown(name, "a counterexample that other functions or the types of accesses may explain")
    return answer
