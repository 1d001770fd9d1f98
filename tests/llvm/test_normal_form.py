"""The normal form is short, the same for the same code, and LLVM makes the same of it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from conftest import EXAMPLES

from lathe.llvm import (
    Engine,
    Module,
    Recipe,
    Toolchain,
    Unit,
    load_unit,
    normalise_assembly,
    normalise_ir,
    parse_recipe,
    read_sections,
)

AS_IT_IS, OZ = Recipe(()), parse_recipe("default<Oz>")
SOURCES = sorted([*EXAMPLES.glob("*.c"), *EXAMPLES.glob("*.cpp")])
FREESTANDING = """
static int a, b, c;
_Thread_local int t;
extern int g(const char *, ...);
int f(int x) { a += x; b += a; c ^= b; t++; return a + b + c; }
int h(double d, int x) { switch (x) { case 1: return g("a; b # c // d @ e  f\\"g"); case 2: return f(3);
  case 3: return a; case 4: return (int)d; case 5: return g("%f", d * 3.5); case 9: return b; default: return t; } }
"""
NAMED = """
; a comment
%struct.s = type { i32, ptr }
%unused = type { i8 }
@"quoted name" = private unnamed_addr constant [7 x i8] c"a;b\\0A%x\\00" ; not in the string
@.str.17 = private constant [3 x i8] c"ab\\00"
declare i32 @g(ptr, ...) #7
define i32 @f(i32 noundef %count, ptr %"the pointer") #4 {
entry:
  %local = alloca %struct.s, align 8
  %"is zero" = icmp eq i32 %count, 0
  br i1 %"is zero", label %done, label %"more work", !prof !3 ; preds

"more work":                                          ; preds = %entry
  %r = call i32 (ptr, ...) @g(ptr @.str.17, ptr @"quoted name", ptr %local, i32 %count) #4, !srcloc !2
  br label %done

done:                                              ; preds = %"more work", %entry
  %v = phi i32 [ %r, %"more work" ], [ 0, %entry ]
  ret i32 %v
}
attributes #4 = { nounwind }
attributes #7 = { cold }
!llvm.ident = !{!2}
!2 = !{!"clang"}
!3 = !{!"branch_weights", i32 1, i32 9}
""".replace(" !dbg !9", "").replace(", !dbg !9", "")


def text_of(engine: Engine, module: Module, recipe: Recipe = AS_IT_IS) -> str:
    return engine.emit(module, recipe, "ll").decode()


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_llvm_makes_the_same_of_it(engine: Engine, path: Path) -> None:
    module = load_unit(engine, Unit(path))
    for text in (text_of(engine, module), text_of(engine, module, OZ)):
        normal = normalise_ir(text)
        assert normalise_ir(normal) == normal and len(normal) < len(text)
        plain, short = (Module(t.encode(), module.target) for t in (text, normal))
        for one, two in zip(*(engine.measure(m, [AS_IT_IS, OZ]) for m in (plain, short)), strict=True):
            assert two.ok, two.message
            assert one.sections == two.sections


def test_debug_information_goes_without_a_trace(engine: Engine) -> None:
    plain, debug = (
        normalise_ir(text_of(engine, load_unit(engine, Unit(EXAMPLES / "sorting.c", flags)))) for flags in ((), ("-g",))
    )
    assert plain == debug and "dbg" not in debug and "!DI" not in debug


def test_names_become_numbers(engine: Engine) -> None:
    normal = normalise_ir(NAMED)
    assert normal.splitlines() == [
        "%struct.s = type { i32, ptr }",
        '@"quoted name" = private unnamed_addr constant [7 x i8] c"a;b\\0A%x\\00"',
        '@.str.0 = private constant [3 x i8] c"ab\\00"',
        "declare i32 @g(ptr, ...) #0",
        "define i32 @f(i32 noundef %0, ptr %1) #1 {",
        "%3 = alloca %struct.s, align 8",
        "%4 = icmp eq i32 %0, 0",
        "br i1 %4, label %7, label %5, !prof !0",
        "5:",
        '%6 = call i32 (ptr, ...) @g(ptr @.str.0, ptr @"quoted name", ptr %3, i32 %0) #1',
        "br label %7",
        "7:",
        "%8 = phi i32 [ %6, %5 ], [ 0, %2 ]",
        "ret i32 %8",
        "}",
        "attributes #0 = { cold }",
        "attributes #1 = { nounwind }",
        '!0 = !{!"branch_weights", i32 1, i32 9}',
    ]
    engine.read(normal.encode(), "normal.ll")


def test_the_same_function_is_the_same_text_in_other_surroundings(engine: Engine, tmp_path: Path) -> None:
    body = 'extern int puts(const char *); int f(int x) { return x ? puts("one") : puts("two"); }\n'
    before = 'static const char *names[] = {"other", "strings"}; const char *n(int i) { return names[i]; }\n'
    texts = []
    for name, source in (("a.c", body), ("b.c", before + body)):
        (tmp_path / name).write_text(source)
        text = normalise_ir(text_of(engine, load_unit(engine, Unit(tmp_path / name))))
        texts.append(text[text.index("define dso_local i32 @f") :].partition("\n}\n")[0])
    assert texts[0].replace("@.str.0", "@.str.2").replace("@.str.1", "@.str.3") == texts[1]


@pytest.mark.parametrize(
    ("architecture", "target"),
    [
        ("x86", "x86_64-linux-gnu"),
        ("aarch64", "aarch64-linux-gnu"),
        ("arm", "thumbv7em-none-eabi"),
        ("riscv", "riscv32-unknown-elf"),
    ],
)
def test_assembly_gives_the_same_bytes(
    engine: Engine, toolchain: Toolchain, tmp_path: Path, architecture: str, target: str
) -> None:
    (tmp_path / "f.c").write_text(FREESTANDING)
    sources = [Unit(tmp_path / "f.c", (f"--target={target}", "-ffreestanding"))]
    sources += [Unit(path) for path in SOURCES[::4]] if architecture == "x86" else []
    for unit in sources:
        module = load_unit(engine, unit)
        text = engine.emit(module, OZ, "asm").decode()
        normal = normalise_assembly(text, architecture)
        assert normalise_assembly(normal, architecture) == normal and len(normal) < 0.8 * len(text)
        assert ".cfi" not in normal and ".ident" not in normal
        assert assemble(toolchain, text, target, tmp_path) == assemble(toolchain, normal, target, tmp_path)


def assemble(toolchain: Toolchain, text: str, target: str, folder: Path) -> dict[str, bytes | int]:
    """The sections that are loaded, without the unwind tables."""
    (folder / "x.s").write_text(text)
    command = [str(toolchain.tool("clang")), f"--target={target}", "-c", "x.s", "-o", "x.o"]
    subprocess.run(command, cwd=folder, check=True)
    data = (folder / "x.o").read_bytes()
    found = [s for s in read_sections(data) if s.allocated and s.size]
    return {
        s.name: s.size if s.type == 8 else data[s.offset : s.offset + s.size]
        for s in found if not s.name.startswith((".eh_frame", ".ARM.ex"))
    }  # fmt: skip
