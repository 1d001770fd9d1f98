"""The front end: C, C++ and IR files become modules, and the object that plain `clang -Oz -c` makes of them.

Three runs of clang, with the user's own flags: `-###` (what is the target?), `-Oz -Xclang -disable-llvm-passes
-emit-llvm` (the unoptimised module, with the attributes of -Oz), and `-Oz -c` (the baseline's object).
"""

from __future__ import annotations

import functools
import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from lathe.errors import CompileError, InputError
from lathe.llvm.engine import Engine
from lathe.llvm.module import Module
from lathe.llvm.target import Target, architecture_of, read_target
from lathe.llvm.toolchain import Toolchain

__all__ = ["BITCODE_FLAGS", "C_SUFFIXES", "IR_SUFFIXES", "Unit", "compile_baseline", "compile_unit",
           "load_unit", "read_cc1_target", "read_unit_target"]  # fmt: skip

C_SUFFIXES = (".c", ".cc", ".cpp", ".cxx", ".c++", ".C")
IR_SUFFIXES = (".ll", ".bc")
BITCODE_FLAGS = ("-Xclang", "-disable-llvm-passes", "-Xclang", "-emit-llvm-uselists", "-emit-llvm", "-c")
"""What makes clang write the unoptimised module, with the order of uses."""

_SECONDS = 300  # for one run of clang
_PLACES = ("-I", "-D", "-U", "-isystem", "-iquote", "-idirafter", "-internal-isystem", "-internal-externc-isystem",
           "-include", "-imacros", "-main-file-name", "-include-pch", "-isysroot", "-x")  # fmt: skip
_OF_PLACES = ("-I", "-D", "-U", "-fdebug-compilation-dir=", "-fcoverage-compilation-dir=", "-std=", "-W",
              "-fdebug-prefix-map=", "-ffile-prefix-map=", "-fmacro-prefix-map=")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Unit:
    """A file to compile: `flags` are clang's, without `-c`, `-o` and the file; `folder` is where clang runs."""

    path: Path
    flags: tuple[str, ...] = ()
    folder: Path = field(default_factory=Path.cwd)

    @property
    def file(self) -> Path:
        """The path as seen from here."""
        return self.folder / self.path

    @property
    def language(self) -> str:
        """What clang calls the language (`c` for IR too, whose language does not matter)."""
        said = [value for word, value in pairwise(self.flags) if word == "-x"]
        plusplus = said[-1] == "c++" if said else self.path.suffix in C_SUFFIXES[1:]
        return "c++" if plusplus else "c"

    @property
    def is_ir(self) -> bool:
        """Whether the file is LLVM IR rather than source."""
        return self.path.suffix in IR_SUFFIXES


def load_unit(engine: Engine, unit: Unit) -> Module:
    """The unoptimised module of a unit.

    Raises `InputError` when the file cannot be read, is empty, is broken IR or for another target, and
    `CompileError` with clang's own words when clang refuses it.
    """
    data = _read_file(unit.file)
    flags = _usable_flags(unit.flags)
    if unit.is_ir:
        return _load_ir(engine, unit, flags, data)
    with ThreadPoolExecutor(1) as aside:
        asking = aside.submit(_ask_target, engine.toolchain, unit, flags)
        bitcode = _make_bitcode(engine.toolchain, unit, flags)
        answer = engine.read(bitcode, str(unit.path))
        return Module(bitcode, asking.result(), answer.functions)


def compile_baseline(toolchain: Toolchain, unit: Unit) -> bytes:
    """The object file that `clang -Oz -c` makes of a unit; raises `CompileError` with clang's own words."""
    return compile_unit(toolchain, unit, ("-Oz",))


def compile_unit(toolchain: Toolchain, unit: Unit, flags: Sequence[str]) -> bytes:
    """The object file that clang makes of a unit with more flags; raises `CompileError` with clang's own words."""
    with tempfile.TemporaryDirectory(prefix="lathe-") as folder:
        out = Path(folder) / "unit.o"
        _run_clang(toolchain, unit, [*_usable_flags(unit.flags), *flags, "-c", "-o", str(out)])
        return out.read_bytes()


def read_cc1_target(toolchain: Toolchain, cc1: Sequence[str]) -> Target:
    """The target of a `clang -cc1` command, its compiler and source included; raises `InputError`, `CompileError`."""
    language = cc1[cc1.index("-x") + 1]
    words = (*_without_places(cc1[1:-1]), "-emit-obj")
    return read_target(cc1, _ask_pipeline(toolchain, Path(), language, words))


def read_unit_target(toolchain: Toolchain, unit: Unit) -> Target:
    """The target of a unit's flags; raises `InputError`, `CompileError`."""
    return _ask_target(toolchain, unit, _usable_flags(unit.flags))


def _without_places(cc1: Sequence[str]) -> Iterator[str]:
    """The words that matter to the pipeline: without files, folders and macros, which all compiles have others of."""
    rest = iter(cc1)
    for word in rest:
        if word in _PLACES:
            next(rest, None)
        elif not word.startswith(_OF_PLACES):
            yield word


def _load_ir(engine: Engine, unit: Unit, flags: list[str], data: bytes) -> Module:
    answer = engine.read(data, str(unit.path))
    asked = next((f.removeprefix("--target=") for f in flags if f.startswith("--target=")), None)
    if asked is None and answer.triple:
        architecture_of(answer.triple)
        flags = [f"--target={answer.triple}", *flags]
    target = _ask_target(engine.toolchain, unit, flags)
    if answer.triple and architecture_of(target.triple) != architecture_of(answer.triple):
        raise InputError(
            f"{unit.path} is IR for {answer.triple}, not for {target.triple}. Leave --target out, or compile the "
            "source for that target."
        )
    if answer.optnone:
        raise InputError(
            f"{unit.path} was made at -O0: its functions are marked optnone, which forbids all passes. "
            "Make it with: clang -Oz -Xclang -disable-llvm-passes -emit-llvm -c"
        )
    bitcode = data if unit.path.suffix == ".bc" else _make_bitcode(engine.toolchain, unit, flags)
    return Module(bitcode, target, answer.functions)


def _make_bitcode(toolchain: Toolchain, unit: Unit, flags: list[str]) -> bytes:
    """The unoptimised module; with the order of uses, without which passes give something else than in clang."""
    with tempfile.TemporaryDirectory(prefix="lathe-") as folder:
        out = Path(folder) / "unit.bc"
        _run_clang(toolchain, unit, [*flags, "-Oz", *BITCODE_FLAGS, "-o", str(out)])
        return out.read_bytes()


def _ask_target(toolchain: Toolchain, unit: Unit, flags: list[str]) -> Target:
    """The target that clang's driver makes of the flags (`clang -###`)."""
    answer = _run_clang(toolchain, unit, [*flags, "-Oz", "-c", "-###"])
    line = next((text for text in answer.splitlines() if '"-cc1"' in text), None)
    if line is None:
        raise CompileError(f"clang does not compile {unit.path} with these flags: {answer.strip()[-500:]}")
    return read_target(shlex.split(line), _ask_pipeline(toolchain, unit.folder, unit.language, (*flags, "-Oz", "-c")))


@functools.lru_cache(maxsize=64)
def _ask_pipeline(toolchain: Toolchain, folder: Path, language: str, words: tuple[str, ...]) -> str:
    """The pass list that clang runs with these words, which ask for an object, as text for `opt -passes=`."""
    command = [str(toolchain.tool("clang")), *words, "-o", os.devnull, "-mllvm", "-print-pipeline-passes"]
    run = subprocess.run(
        [*command, "-x", language, os.devnull],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode or not run.stdout.strip():
        raise CompileError(f"clang does not show its pipeline for the flags {shlex.join(words)}:\n{run.stderr.strip()}")
    return run.stdout.strip()


def _run_clang(toolchain: Toolchain, unit: Unit, arguments: Sequence[str]) -> str:
    """Run clang on a unit and return what it wrote to standard error."""
    driver = "clang++" if unit.language == "c++" else "clang"
    command = [str(toolchain.tool(driver)), *arguments, str(unit.path)]
    if unit.is_ir:
        command.insert(-1, "-Wno-override-module")
    try:
        run = subprocess.run(
            command, cwd=unit.folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise CompileError(f"clang took more than {_SECONDS} s on {unit.path}.") from None
    except OSError as error:
        raise CompileError(f"clang could not be run in {unit.folder}: {error}") from None
    said = run.stderr.decode("utf-8", "replace")
    if run.returncode:
        raise CompileError(f"clang refused {unit.path}:\n{said.strip()}")
    return said


def _usable_flags(flags: Sequence[str]) -> list[str]:
    """The user's flags without those that would make something other than an object (`-flto`)."""
    return [flag for flag in flags if not flag.startswith("-flto")]


def _read_file(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}. Name a C, C++, .ll or .bc file.") from None
    if not data.strip():
        raise InputError(f"{path} is empty. Name a C, C++, .ll or .bc file.")
    return data
