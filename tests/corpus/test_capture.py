"""Capture: whatever a build does, it ends as without the wrapper, and what it compiled is there as modules."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lathe.capture import read_captured
from lathe.llvm import Engine, Toolchain

WRAPPER = [sys.executable, "-P", "-m", "lathe", "capture"]
MAKEFILE = """
all: program
program: a.o b.o sub/c.o asm.o
\t$(CXX) $^ -o $@
%.o: %.c
\t$(CC) -MMD -MP -O2 -g -flto=thin -c $< -o $@
%.o: %.cc
\t$(CXX) @flags.rsp -c $< -o $@
asm.o: asm.s
\t$(CC) -c $< -o $@
"""
SOURCES = {
    "Makefile": MAKEFILE.replace("-flto=thin ", ""),
    "a.c": '#include "h.h"\nint main(void) { return N + b(1) + c() - 6; }\n',
    "h.h": "#define N 1\nint b(int), c(void);\n",
    "b.cc": 'extern "C" int b(int x) { return x + TWO; }\n',
    "flags.rsp": '-DTWO=2 "-I." -fno-exceptions\n',
    "sub/c.c": "int c(void) { return 2; }\n",
    "asm.s": ".globl g\ng: ret\n.section .note.GNU-stack\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in SOURCES.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return tmp_path / "project"


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("option", ["-o ", "-o"])
def test_a_parallel_make_leaves_its_program_and_every_module(
    engine: Engine, toolchain: Toolchain, project: Path, tmp_path: Path, option: str
) -> None:
    out = tmp_path / "out"
    compilers = {"CC": "clang", "CXX": "clang++"}
    words = [f"{name}={' '.join([*WRAPPER, f'{option}{out}', '--', str(toolchain.tool(tool))])}"
             for name, tool in compilers.items()]  # fmt: skip
    for _ in range(2):  # the second time everything is up to date, then made anew: nothing is there twice
        made = run(["make", "-j4", *words], project)
        assert made.returncode == 0, made.stderr
    (project / "a.o").unlink()
    assert run(["make", *words], project).returncode == 0
    assert run([str(project / "program")], project).returncode == 0
    assert (project / "a.d").read_text().startswith("a.o: a.c h.h")
    found = {Path(c.source).name: c for c in read_captured(out)}
    assert {name: c.language for name, c in found.items()} == {"a.c": "c", "b.cc": "c++", "c.c": "c"}
    assert len(list(out.iterdir())) == 6
    for captured in found.values():
        read = engine.read((out / f"{captured.key}.bc").read_bytes(), captured.source)
        assert read.functions and not read.optnone
        assert captured.folder == str(project) and not captured.error


@pytest.mark.parametrize(
    ("words", "modules"),
    [
        (["-E", "a.c"], 0), (["-M", "a.c"], 0), (["-fsyntax-only", "a.c"], 0), (["--version"], 0), (["-c", "asm.s"], 0),
        (["-S", "a.c"], 1), (["a.c", "-x", "c++", "b.cc", "-x", "none", "-DTWO=2", "sub/c.c", "asm.s", "-o", "p"], 3),
        (["-c", "a.c", "-flto", "-O0", "-fsanitize=undefined"], 1), (["-c", "missing.c"], 0), (["-c", "bad.c"], 0),
    ],
)  # fmt: skip
def test_it_does_what_the_compiler_does(
    toolchain: Toolchain, project: Path, tmp_path: Path, words: list[str], modules: int
) -> None:
    (project / "bad.c").write_text("int f(void) { return undeclared; }\n")
    clang = str(toolchain.tool("clang"))
    plain = run([clang, *words], project)
    files = {path.name: path.read_bytes() for path in project.iterdir() if path.is_file()}
    wrapped = run([*WRAPPER, "-o", str(tmp_path / "out"), "--", clang, *words], project)
    assert (wrapped.returncode, wrapped.stdout, wrapped.stderr) == (plain.returncode, plain.stdout, plain.stderr)
    assert {path.name: path.read_bytes() for path in project.iterdir() if path.is_file()} == files
    assert len(list((tmp_path / "out").glob("*.bc"))) == modules


def test_what_goes_wrong_with_keeping_is_not_the_builds_concern(
    toolchain: Toolchain, project: Path, tmp_path: Path
) -> None:
    taken = tmp_path / "file"
    taken.write_text("not a folder")
    compile_a = [str(toolchain.tool("clang")), "-c", "a.c"]
    assert run([*WRAPPER, "-o", str(taken), "--", *compile_a], project).returncode == 0
    (tmp_path / "gcc").write_text("#!/bin/sh\nexit 0\n")  # a compiler that is not clang
    (tmp_path / "gcc").chmod(0o755)
    out = tmp_path / "out"
    out.mkdir()
    assert run([*WRAPPER, "-o", str(out), "--", str(tmp_path / "gcc"), "-c", "a.c"], project).returncode == 0
    assert "not clang" in (out / "errors.log").read_text()
    (project / "conftest.c").write_text("int main(void) { return 0; }\n")
    assert run([*WRAPPER, "-o", str(out), "--", *compile_a[:-1], "conftest.c"], project).returncode == 0
    assert not list(out.glob("*.json"))


def test_wrong_use_is_one_clear_error(tmp_path: Path) -> None:
    for words in ([], ["-o", "x"], ["-o", "x", "--"], ["--", "clang"], ["-o", "x", "--", "/no/such/compiler"]):
        wrong = run([*WRAPPER, *words], tmp_path)
        assert wrong.returncode == 2 and wrong.stderr.startswith("lathe: "), words
    assert not list(tmp_path.iterdir())


def test_it_loads_the_standard_library_alone() -> None:
    code = (
        "import sys, lathe.capture; print(*sorted(m for m in sys.modules if m.startswith(('lathe', 'typer', 'rich'))))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert loaded.split() == ["lathe", "lathe.capture", "lathe.errors"]
