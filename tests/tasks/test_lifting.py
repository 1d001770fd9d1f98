"""Splitting assembly: the functions of a file come out one by one as LLVM writes each alone; other input is refused."""

from __future__ import annotations

import importlib.util
import io
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import EXAMPLES

from lathe.cli.app import main
from lathe.corpus import Origin, Program, cut_functions
from lathe.errors import InputError
from lathe.llvm import Engine, Toolchain, Unit, load_unit, normalise_assembly, parse_recipe
from lathe.tasks import HEADS, TRIPLES, lower_text, split_assembly

SOURCE = """
int table(int x) { switch (x) { case 0: return 5; case 1: return 9; case 2: return 77; case 3: return 4; } return 0; }
const char *word(int x) { return x ? "hello" : "world"; }
double scale(double x) { return x * 3.25; }
static const int known[4] = {1, 20, 3, 4};
int counted;
int pick(int i) { counted++; return known[i]; }
__attribute__((noinline)) static int inner(int x) { return x * x + counted; }
int outer(int x) { return inner(x) + inner(x + 1); }
"""
OZ = parse_recipe("default<Oz>")


@pytest.mark.parametrize("name", ["sorting.c", "strings.c", "bytecode_vm.c", "event_bus.cpp"])
def test_one_function_alone_is_what_llvm_writes(engine: Engine, name: str) -> None:
    module = load_unit(engine, Unit(EXAMPLES / name))
    functions = cut_functions(engine, Program(Origin("", "", name, "", ""), module.target, module.bitcode))
    for function in functions:
        text = engine.emit(function.module, OZ, "asm").decode()
        ((found, code),) = split_assembly(text, "x86")
        assert code == normalise_assembly(text, "x86") and found == function.name
    assert len(functions) > 5


def test_functions_of_a_file_come_with_their_constants_alone(toolchain: Toolchain) -> None:
    words = [str(toolchain.tool("clang")), "-Oz", "-S", "-o", "-", "-x", "c", "-"]
    for more in ([], ["-ffunction-sections"], ["--target=aarch64-linux-gnu"]):
        architecture = "aarch64" if more and "aarch64" in more[0] else "x86"
        text = subprocess.run([*words, *more], input=SOURCE, capture_output=True, text=True, check=True).stdout
        found = dict(split_assembly(text, architecture))
        assert len(found) == text.count("@function") - text.count("OUTLINED_FUNCTION_0,@function")
        for name, code in found.items():
            assert code.count(f"\n{name}:\n") == 1 and ".cfi" not in code and code.startswith((".text", ".section"))
            others = [other for other in found if other != name and f"\n{other}:\n" in code]
            assert not others
            command = [words[0], f"--target={'aarch64' if architecture == 'aarch64' else 'x86_64'}-linux-gnu", "-c"]
            subprocess.run([*command, "-x", "assembler", "-", "-o", "/dev/null"], input=code.encode(), check=True)


def test_what_is_no_assembly_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="no function"):
        split_assembly("\t.text\n\t.globl x\nx:\n\tretq\n", "x86")
    with pytest.raises(InputError, match="cannot be lifted"):
        split_assembly("", "arm")
    (tmp_path / "object.o").write_bytes(b"\x7fELF\x02")
    (tmp_path / "arm.s").write_text("f:\n\tstp x29, x30, [sp, #-16]!\n")
    for name, message in (("object.o", "no ELF object"), ("arm.s", "is no assembly of x86_64"), ("none.s", "be read")):
        with pytest.raises(SystemExit) as ended:
            main(["disassemble", str(tmp_path / name)])
        assert ended.value.code == InputError.exit_code and message in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"nonsense is here\n")))
    with pytest.raises(SystemExit) as ended:
        main(["disassemble", "-"])
    assert ended.value.code == InputError.exit_code and "no assembly" in capsys.readouterr().err


@pytest.mark.parametrize("architecture", ["x86", "aarch64"])
def test_the_independent_check_tells_proofs_from_lies(engine: Engine, architecture: str) -> None:
    """benchmarks/check_proofs.py, by LLVM's command-line tools alone."""
    path = Path(__file__).parents[2] / "benchmarks" / "check_proofs.py"
    spec = importlib.util.spec_from_file_location("check_proofs", path)
    assert spec and spec.loader
    checker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(checker)
    ir = HEADS[architecture] + (
        "declare i32 @other(i32)\n"
        "define hidden i32 @f(i32 %0) minsize nounwind optsize uwtable {\n"
        "  %2 = add i32 %0, 7\n  %3 = tail call i32 @other(i32 %2)\n  ret i32 %3\n}\n"
    )
    wanted = lower_text(engine, ir, architecture)
    tools = engine.toolchain.root / "bin"
    assert wanted and checker.is_proven(tools, {"ir": ir, "input": wanted, "triple": TRIPLES[architecture]})
    for old, new in ((" 7", " 8"), ("hidden ", ""), ("@other", "@another"), ("@f(", "@g("), ("add", "sub")):
        lie = {"ir": ir.replace(old, new), "input": wanted, "triple": TRIPLES[architecture]}
        assert not checker.is_proven(tools, lie), new
