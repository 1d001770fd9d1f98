"""Suites: self-testing programs that judge recipes, compiled once and kept.

    suite = prepare_suite(engine, "bundled", SUITES["bundled"](setting), folder=find_cache_folder() / "suites")

Of each program a suite holds the unoptimised module, and what its unoptimised build (`clang -O0` of that module) wrote
and returned. That build is run twice: a program that differs between the two, or does not build, is left out, with the
reason.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from lathe.errors import CompileError, InputError
from lathe.llvm import Engine, Module, Target, Toolchain, Unit, load_unit
from lathe.verify.joint import rename_symbols
from lathe.verify.launcher import Finished, Limits
from lathe.verify.linking import Linker
from lathe.verify.sandbox import SandboxPool

__all__ = ["Case", "Suite", "SuiteProgram", "digest_programs", "prepare_suite"]

_SCHEMA = 2
_HEADROOM = 5  # times slower than the unoptimised build may an optimised one be before its time is over
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SuiteProgram:
    """A self-testing program: a C or C++ file and the flags that it wants."""

    name: str
    path: Path
    flags: tuple[str, ...] = ()

    @property
    def unit(self) -> Unit:
        """The file as the front end takes it."""
        return Unit(self.path, self.flags)


@dataclass(frozen=True, slots=True)
class Case:
    """A program ready to judge: its unoptimised module, and the status and output of its unoptimised build.

    `joint` is the module with symbols of its own, to be linked with other programs' (`joint.py`), which `Judge.judge`
    looks at instead; None: it is linked alone.
    """

    program: SuiteProgram
    module: Module
    status: int
    output: bytes
    joint: Module | None = None

    def change(self, module: Module) -> Case:
        """The case with another module, which is linked alone."""
        return replace(self, module=module, joint=None)

    @property
    def expected(self) -> str:
        """Identifies what an object is held to."""
        return hashlib.blake2b(f"{self.status} ".encode() + self.output, digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Suite:
    """Cases under a name; `digest` identifies programs, flags and LLVM; `left_out` says why a program is none."""

    name: str
    digest: str
    cases: tuple[Case, ...]
    left_out: Mapping[str, str]


def prepare_suite(engine: Engine, name: str, programs: Sequence[SuiteProgram], *, folder: Path) -> Suite:
    """Build a suite, or read it from `folder`, where every suite is kept under its digest."""
    digest = digest_programs(engine.toolchain, programs)
    kept = folder / f"{name}-{_SCHEMA}-{digest}"
    found = _read(kept, name, digest, programs)
    if found is not None:
        return found
    linker = Linker(engine.toolchain)
    with ThreadPoolExecutor(engine.jobs) as pool, SandboxPool() as sandboxes:
        built = list(pool.map(lambda program: _build(engine, linker, sandboxes, program), programs))
    pairs = list(zip(programs, built, strict=True))
    left_out = {program.name: reason for program, reason in pairs if isinstance(reason, str)}
    for program, reason in left_out.items():
        _log.warning("suite %s: %s is left out: %s", name, program, reason)
    suite = Suite(name, digest, tuple(case for case in built if isinstance(case, Case)), left_out)
    if suite.cases:
        _write(kept, suite)
    return suite


def digest_programs(toolchain: Toolchain, programs: Sequence[SuiteProgram]) -> str:
    """Hash of LLVM's version and of all programs, with their flags and the headers beside them."""
    state = hashlib.blake2b(toolchain.version.encode(), digest_size=16)
    headers = sorted({header for folder in {p.path.parent for p in programs} for header in folder.glob("*.h")})
    for program in programs:
        state.update(f"\0{program.name}\0{program.flags}\0".encode() + program.path.read_bytes())
    for header in headers:
        state.update(b"\0" + header.read_bytes())
    return state.hexdigest()


def _build(engine: Engine, linker: Linker, sandboxes: SandboxPool, program: SuiteProgram) -> Case | str:
    """A case, or the reason why there is none."""
    try:
        case = observe(linker, sandboxes, program, load_unit(engine, program.unit))
        if isinstance(case, str):
            return case
        return replace(case, joint=rename_symbols(engine.toolchain, case.module, f"{program.name}."))
    except (CompileError, InputError) as error:  # what this machine lacks is no fault of the program
        return str(error)


def observe(
    linker: Linker, sandboxes: SandboxPool, program: SuiteProgram, module: Module, limits: Limits | None = None
) -> Case | str:
    """What the unoptimised build of a program's module does, as a case, or the reason why there is none."""
    limits = limits or Limits()
    limits = replace(limits, seconds=limits.seconds / _HEADROOM)
    try:
        with tempfile.TemporaryDirectory(prefix="lathe-") as name:
            folder = Path(name)
            linker.build(program.unit, module.bitcode, folder / "program")
            first, second = (sandboxes.run(("program",), folder, limits) for _ in range(2))
    except CompileError as error:
        return str(error)
    if first.timed_out or first.output_exceeded:
        return "its unoptimised build runs too long or writes too much"
    if (first.status, first.output) != (second.status, second.output):
        return "two runs of its unoptimised build differ"
    if first.status < 0:
        return f"its unoptimised build is ended by signal {-first.status}"
    return Case(program, module, first.status, first.output)


def _read(kept: Path, name: str, digest: str, programs: Sequence[SuiteProgram]) -> Suite | None:
    try:
        index = json.loads((kept / "index.json").read_text(encoding="utf-8"))
        cases = tuple(_read_case(kept, row, programs) for row in index["cases"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Suite(name, digest, cases, index["left_out"])


def _read_case(kept: Path, row: dict[str, object], programs: Sequence[SuiteProgram]) -> Case:
    program = next(p for p in programs if p.name == row["name"])
    target = row["target"]
    assert isinstance(target, dict)
    target["flags"] = tuple(target["flags"])
    functions = row["functions"]
    assert isinstance(functions, list)
    module = Module((kept / f"{program.name}.bc").read_bytes(), Target(**target), tuple(functions))
    joint = kept / f"{program.name}.joint.bc"
    return Case(
        program, module, int(str(row["status"])), str(row["output"]).encode("latin-1"),
        Module(joint.read_bytes(), module.target) if joint.exists() else None,
    )  # fmt: skip


def _write(kept: Path, suite: Suite) -> None:
    """Keep a suite: a whole directory or nothing."""
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".new-", dir=kept.parent) as name:
            folder = Path(name) / "suite"
            folder.mkdir()
            for case in suite.cases:
                (folder / f"{case.program.name}.bc").write_bytes(case.module.bitcode)
                if case.joint:
                    (folder / f"{case.program.name}.joint.bc").write_bytes(case.joint.bitcode)
            rows = [
                {"name": c.program.name, "status": c.status, "output": c.output.decode("latin-1"),
                 "target": asdict(c.module.target), "functions": c.module.functions}
                for c in suite.cases
            ]  # fmt: skip
            index = {"cases": rows, "left_out": dict(suite.left_out)}
            (folder / "index.json").write_text(json.dumps(index), encoding="utf-8")
            shutil.rmtree(kept, ignore_errors=True)
            folder.rename(kept)
    except OSError as error:
        _log.warning("suite %s is not kept: %s", suite.name, error)


def matches(case: Case, finished: Finished) -> bool:
    """Whether a run did what the unoptimised build does."""
    return (finished.status, finished.output) == (case.status, case.output) and not finished.output_exceeded
