"""Objects: what they do is in their text, which assembles to the same again; what cannot be read is refused."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from conftest import EXAMPLES

from lathe.cli.app import main
from lathe.corpus import Origin, Program, cut_functions
from lathe.errors import InputError
from lathe.llvm import Engine, Toolchain, Unit, load_unit, normalise_ir, parse_recipe
from lathe.tasks import Effort, Standing, lift_function, lower_function, read_object
from lathe.tasks.disassembly import target_function

OZ = parse_recipe("default<Oz>")
SOURCE = """
extern int g(int); extern int table[]; static const int known[4] = {1, 20, 3, 4}; static int counted;
static const char *const names[] = {"one", "two\\n\\"x\\""}; extern _Thread_local int own; static char room[64];
int pick(int i) { counted++; return known[i & 3] + table[i + 2]; }
const char *word(int i) { return names[i]; }
int twice(int x) { if (x > 3) return g(x) + g(x + 1); return x; }
double scale(double x) { return x * 3.2; }
int of_thread(void) { return own; }
char *place(int i) { return &room[i + 5]; }
__attribute__((noinline)) static int inner(int x) { return x * x + counted; }
int outer(int x) { return inner(x) * inner(x + 1); }
int many(int x) { switch (x) { case 0: return g(5); case 1: return 9; case 2: return g(x); case 3: return 4;
  case 4: return g(g(x)); case 5: return 31; } return 0; }
__attribute__((weak, visibility("hidden"))) int weak(int x) { while (x > 9) x = g(x); return x; }
"""
TARGETS = {"x86": "x86_64-pc-linux-gnu", "aarch64": "aarch64-unknown-linux-gnu"}


def compile_object(toolchain: Toolchain, text: str, *words: str) -> bytes:
    command = [str(toolchain.tool("clang")), "-Oz", "-c", *words, "-o", "-", "-"]
    return subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout


@pytest.mark.parametrize(
    "more",
    [[], ["-fPIC", "-ftls-model=initial-exec"], ["-fno-pie", "-mcmodel=small"], ["-ffunction-sections"], ["-O2"]],
)
@pytest.mark.parametrize("architecture", TARGETS)
def test_text_assembles_to_the_same_again(toolchain: Toolchain, architecture: str, more: list[str]) -> None:
    target = f"--target={TARGETS[architecture]}"
    found = read_object(toolchain, compile_object(toolchain, SOURCE, target, "-x", "c", *more))
    assert found.architecture == architecture
    assert [name for name, _ in found.functions if name != "inner"] == [
        "pick", "word", "twice", "scale", "of_thread", "place", "outer", "many", "weak",
    ]  # fmt: skip
    for name, text in found.functions:
        code, *data = text.split("\n.section")
        sized = "\n.section".join([f"{code}\n.size {name}, .-{name}\n", *data])
        again = read_object(toolchain, compile_object(toolchain, sized, target, "-x", "assembler"))
        ((found_name, found_text),) = again.functions
        if ".rel:" in text:  # its length is in none of the directives
            found_text, text = (one.partition("\n.section")[0] for one in (found_text, text))
        assert (found_name, found_text.replace("@PLT", "")) == (name, text.replace("@PLT", ""))  # of `inner`


def test_what_a_function_does_is_in_its_text(toolchain: Toolchain) -> None:
    found = dict(read_object(toolchain, compile_object(toolchain, SOURCE, "-x", "c")).functions)
    changes = [("3.2", "3.3", "scale"), ("20, 3", "21, 3", "pick"), ("two", "too", "word"), ("i + 5", "i + 6", "place"),
               ("i + 2", "i + 3", "pick"), ("g(5)", "g(6)", "many"), ("return 31", "return g(x)", "many"),
               ("g(x) + g", "gg(x) + g", "twice"), ("return own", "return other", "of_thread")]  # fmt: skip
    for old, new, where in changes:
        text = "extern int gg(int); extern _Thread_local int other;" + SOURCE.replace(old, new)
        changed = dict(read_object(toolchain, compile_object(toolchain, text, "-x", "c")).functions)
        assert [name for name in found if found[name] != changed[name]] == [where]


@pytest.mark.parametrize("architecture", TARGETS)
def test_a_function_is_proven_by_its_object(engine: Engine, architecture: str) -> None:
    from test_mutations import Recorded

    module = load_unit(engine, Unit(EXAMPLES / "strings.c"))
    functions = cut_functions(engine, Program(Origin("", "", "strings.c", "", ""), module.target, module.bitcode))
    proven = 0
    for function in functions:
        own = target_function(engine, function, architecture)
        if own is None:
            continue
        ((name, text),) = read_object(engine.toolchain, engine.emit(own, OZ, "obj")).functions
        answer = normalise_ir(engine.emit(own, OZ, "ll").decode())

        def lower(code: str, name: str = name) -> str | None:
            return lower_function(engine, code, architecture, name)

        lifted = lift_function(engine, Recorded([answer]), text, architecture, Effort(mutations=0), lower=lower)
        other = lift_function(
            engine, Recorded([answer]), text + "nop\n", architecture, Effort(mutations=0), lower=lower
        )
        assert other.standing is Standing.LOWERS and other.difference
        assert lifted.standing is Standing.PROVEN
        proven += 1
    assert proven > 5


def test_what_cannot_be_read_is_refused(
    toolchain: Toolchain, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = compile_object(toolchain, SOURCE, "-x", "c")
    linked = tmp_path / "linked"
    subprocess.run([str(toolchain.tool("clang")), "-x", "c", "-", "-o", linked], input=b"int main(){}", check=True)
    stripped = tmp_path / "stripped.o"
    stripped.write_bytes(compile_object(toolchain, "int f(void) { return 1; }", "-x", "c"))
    subprocess.run([str(toolchain.tool("llvm-objcopy")), "--strip-all", str(stripped)], check=True)
    other = compile_object(toolchain, "int f(void) { return 1; }", "-x", "c", "--target=riscv64-linux-gnu")
    nothing = compile_object(toolchain, "int x = 5;", "-x", "c")
    bad = {"stripped": stripped.read_bytes(), "linked already": linked.read_bytes(), "EM_RISCV": other,
           "no ELF object": whole[:300], "names no function": nothing}  # fmt: skip
    for message, data in bad.items():
        with pytest.raises(InputError, match=message):
            read_object(toolchain, data)
    (tmp_path / "module.bc").write_bytes(b"BC\xc0\xde")
    with pytest.raises(SystemExit) as ended:
        main(["disassemble", str(tmp_path / "module.bc")])
    assert ended.value.code == InputError.exit_code and "no ELF object" in capsys.readouterr().err
