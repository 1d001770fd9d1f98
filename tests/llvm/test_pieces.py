"""Pieces: what is split and joined is the same program, in an object like any other, at no cost in bytes."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import EXAMPLES

from lathe.errors import CompileError
from lathe.llvm import (
    PIECE_FLAG,
    Engine,
    Kept,
    Measurement,
    Module,
    Recipe,
    Replay,
    Split,
    Status,
    Target,
    Toolchain,
    Unit,
    join_objects,
    load_unit,
    measure_object,
    parse_recipe,
    run_aside,
    split_text,
)
from lathe.search import take_apart

STAGE = parse_recipe("default<Oz>")
AS_IT_IS = Recipe(())
VARIED = [
    AS_IT_IS,
    parse_recipe("function(simplifycfg<hoist-common-insts;sink-common-insts>,instcombine),default<O2>"),
    parse_recipe("default<Oz> -disable-lsr -regalloc=basic"),
    parse_recipe("default<O1> -enable-machine-outliner=always"),
]
SOURCES = sorted([*EXAMPLES.glob("*.c"), *EXAMPLES.glob("*.cpp")])
FEATURES = """
#include <stdio.h>
static const char *const names[] = {"a", "bb", "ccc"};
static int counter, zero[50];
int common_one, *pointer = &counter;
__thread int tls = 3;
static __thread int local_tls;
static int helper(int x) { counter += x; return x * counter; }
int visible(int x) { static int calls; calls++; printf("%s %d\\n", names[x % 3], calls); return helper(x) + calls; }
int other(int x) { return helper(x) - 1 + ++local_tls; }
extern int aliased(int x) __attribute__((alias("other")));
static int local_alias(int x) __attribute__((alias("other"), used));
extern int also __attribute__((alias("common_one")));
int common_one = 7;
__attribute__((constructor)) static void start(void) { puts("start"); }
int jump(int x) { static void *const to[] = {&&a, &&b}; goto *to[x & 1]; a: return 1; b: return 2; }
int held(int x) { static void *const t[] __attribute__((used)) = {&&a, &&b}; goto *t[x & 1]; a: return 1; b: return 2; }
void *labels[2];
int taken(int x) { labels[0] = &&a; if (x) goto *labels[0]; return 1; a: return 2; }
__attribute__((weak)) int weak_one(void) { return tls; }
extern int not_there(void) __attribute__((weak));
__attribute__((visibility("hidden"))) int hidden_one(void) { return 5; }
static int six(void) { return 6; }
static int (*choose(void))(void) { return six; }
int chosen(void) __attribute__((ifunc("choose")));
__attribute__((section(".mine"))) int placed(void) { return zero[3] + 8; }
__attribute__((section(".data.mine"))) int placed_data = 9;
__attribute__((used)) static int used_one(int x) { return x + 1; }
__attribute__((naked)) int bare(void) { __asm__("mov $11, %eax\\n ret"); }
__asm__(".globl by_assembly\\nby_assembly: jmp by_name\\n");
__attribute__((used)) static int by_name(void) { return 10; }
int by_assembly(void);
__attribute__((used)) static int named_inside(void) { return 12; }
int inside(void) { int r; __asm__("call named_inside" : "=a"(r) : : "memory", "cc"); return r; }
int keep(void) { return named_inside(); }
int switcher(int x) {
  switch (x) { case 0: return 5; case 1: return counter; case 2: return 9; case 3: return other(1); case 4: return 77;
    case 5: return hidden_one(); case 6: return -1; default: return 0; }
}
int main(void) {
  printf("%d %d %d %d\\n", visible(3), aliased(2), jump(1) + taken(1) + held(0), weak_one() + hidden_one());
  printf("%d %d %d %d\\n", also, chosen(), placed() + placed_data, used_one(1) + bare() + by_assembly() + inside());
  for (int i = 0; i < 8; i++) printf("%d ", switcher(i));
  return not_there ? not_there() : *pointer & 1;
}
"""


def split(engine: Engine, module: Module, stage: Recipe = STAGE) -> Split:
    return split_text(engine.emit(module, stage, "ll").decode())


def join(engine: Engine, target: Target, pieces: Split, recipes: list[Recipe], *, own_sections: bool = False) -> bytes:
    """The pieces, compiled with the recipes in turn, as one object."""
    flags = target.flags if PIECE_FLAG in target.flags else (*target.flags, PIECE_FLAG)
    objects = [
        engine.emit(Module(piece.text.encode(), replace(target, flags=flags)), recipes[number % len(recipes)])
        for number, piece in enumerate(pieces.pieces)
    ]
    return join_objects(engine.toolchain, objects, local=pieces.promoted, own_sections=own_sections)


def measured(data: bytes) -> Measurement:
    return measure_object(data, Measurement(Status.OK))


def run(toolchain: Toolchain, folder: Path, data: bytes) -> tuple[int, bytes]:
    (folder / "joined.o").write_bytes(data)
    link = [str(toolchain.tool("clang++")), "-pthread", "joined.o", "-o", "program", "-lm"]
    linked = subprocess.run(link, cwd=folder, check=False, capture_output=True, text=True)
    assert not linked.returncode, linked.stderr
    done = subprocess.run(["./program"], cwd=folder, capture_output=True, timeout=60, check=False)
    return done.returncode, done.stdout


def list_symbols(toolchain: Toolchain, folder: Path, data: bytes) -> set[str]:
    """What a linker sees: names with their kinds, local ones left out."""
    (folder / "symbols.o").write_bytes(data)
    nm = [str(toolchain.tool("llvm-nm")), "--format=posix", "symbols.o"]
    lines = subprocess.run(nm, cwd=folder, check=True, capture_output=True, text=True).stdout.splitlines()
    return {f"{name} {kind}" for name, kind, *_ in map(str.split, lines) if kind.isupper() or kind in "wvu"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.name)
def test_examples_pass_their_checks_with_a_recipe_for_each_function(
    engine: Engine, toolchain: Toolchain, tmp_path: Path, path: Path
) -> None:
    module = load_unit(engine, Unit(path))
    pieces = split(engine, module)
    whole = measured(engine.emit(module, STAGE))
    same = join(engine, module.target, pieces, [AS_IT_IS])
    assert measured(same).loadable <= whole.loadable * 1.01
    assert (measured(same).exported, measured(same).undefined) == (whole.exported, whole.undefined)
    assert run(toolchain, tmp_path, same)[0] == 0
    varied = join(engine, module.target, pieces, VARIED)
    assert measured(varied).links_like(whole)
    assert run(toolchain, tmp_path, varied) == run(toolchain, tmp_path, same)


@pytest.mark.parametrize("flags", [(), ("-g",), ("-ffunction-sections", "-fdata-sections"), ("-fno-pic",)], ids=str)
def test_every_feature_survives(engine: Engine, toolchain: Toolchain, tmp_path: Path, flags: tuple[str, ...]) -> None:
    path = tmp_path / "features.c"
    path.write_text(FEATURES)
    module = load_unit(engine, Unit(path, flags))
    whole = engine.emit(module, STAGE)
    pieces = split(engine, module)
    assert pieces.kept == {"bare": Kept.NAKED, "held": Kept.LABELS}
    data = join(engine, module.target, pieces, VARIED, own_sections="-ffunction-sections" in flags)
    if "-fno-pic" not in flags:
        assert run(toolchain, tmp_path, data) == run(toolchain, tmp_path, whole)
    assert list_symbols(toolchain, tmp_path, data) == list_symbols(toolchain, tmp_path, whole)
    sections = measured(data).sections
    assert {".mine", ".data.mine", ".init_array"} <= sections.keys()
    assert (".text.visible" in sections) == ("-ffunction-sections" in flags)


def test_debug_information_leads_to_the_right_lines(engine: Engine, toolchain: Toolchain, tmp_path: Path) -> None:
    path = tmp_path / "features.c"
    path.write_text(FEATURES)
    module = load_unit(engine, Unit(path, ("-g",)))
    run(toolchain, tmp_path, join(engine, module.target, split(engine, module), VARIED))
    verify = subprocess.run(
        [str(toolchain.tool("llvm-dwarfdump")), "--verify", "joined.o"], cwd=tmp_path, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert verify.returncode == 0, verify.stdout
    nm = subprocess.run([str(toolchain.tool("llvm-nm")), "program"], cwd=tmp_path, capture_output=True, text=True)
    addresses = {line.split()[2]: line.split()[0] for line in nm.stdout.splitlines() if len(line.split()) == 3}
    for name in ("visible", "jump", "hidden_one", "switcher", "main"):
        ask = [str(toolchain.tool("llvm-symbolizer")), "--obj=program", f"0x{addresses[name]}"]
        answer = subprocess.run(ask, cwd=tmp_path, capture_output=True, text=True, check=True).stdout.splitlines()
        line = int(answer[1].split(":")[-2])
        assert answer[0] == name
        assert f" {name}(" in "".join(FEATURES.splitlines()[line - 2 : line]), answer


@pytest.mark.parametrize("triple", ["aarch64-linux-gnu", "thumbv7em-none-eabi", "riscv32-unknown-elf"])
def test_other_targets(engine: Engine, toolchain: Toolchain, tmp_path: Path, triple: str) -> None:
    path = tmp_path / "unit.c"
    path.write_text("""
    extern int ask(int);
    static int total, table[] = {3, 1, 4, 1, 5, 9, 2, 6};
    static int add(int x) { return total += x; }
    int walk(const int *v, int n) { int s = 0; for (int i = 0; i < n; i++) s += add(v[i]) / 3; return s; }
    int pick(int x) { switch (x) { case 0: return ask(4); case 1: return 7; case 2: return add(1); case 3: return 1;
      case 4: return 12; case 5: return walk(table, 8); default: return table[x & 7]; } }
    __attribute__((weak)) double half(double x) { return x / 2; }
    """)
    module = load_unit(engine, Unit(path, (f"--target={triple}",)))
    whole = measured(engine.emit(module, STAGE))
    pieces = split(engine, module)
    assert len(pieces.pieces) >= 4
    data = join(engine, module.target, pieces, [AS_IT_IS])
    found = measured(data)
    assert (found.exported, found.undefined) == (whole.exported, whole.undefined)
    assert found.loadable <= whole.loadable + 16
    assert found.sections.keys() - {".rodata"} == whole.sections.keys() - {".rodata"}
    assert list_symbols(toolchain, tmp_path, data) == list_symbols(toolchain, tmp_path, engine.emit(module, STAGE))


def test_what_nobody_reaches_is_left_out_and_what_is_inline_is_kept_together(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "unit.cpp"
    path.write_text("""
    static int never(int x) { return x * 17; }
    inline int (*unused)(int) = never;
    struct two { int x; two(int y); ~two(); virtual int get() const; };
    two::two(int y) : x(y) {}
    two::~two() {}
    int two::get() const { static int calls = x; return ++calls; }
    template <typename T> T larger(T a, T b) { return a < b ? b : a; }
    int use(int a) { two t(a); return larger(a, 3) + t.get(); }
    """)
    module = load_unit(engine, Unit(path))
    whole = measured(engine.emit(module, AS_IT_IS))
    pieces = split(engine, module, parse_recipe("always-inline"))
    functions = [name for piece in pieces.pieces for name in piece.functions]
    assert len(functions) == len(set(functions))
    assert "_ZL5neveri" not in functions
    assert measured(join(engine, module.target, pieces, [AS_IT_IS])).exported == whole.exported


def test_a_function_that_two_modules_have_is_the_same_piece(engine: Engine, tmp_path: Path) -> None:
    shared = """
    struct pair { int a; long b; };
    extern int known(const char *, struct pair *) __attribute__((pure));
    __attribute__((weak)) long both(struct pair *p) { p->a += known("#0 !1 @known", p); return p->b * p->a; }
    """
    others = ("", "float g; struct first { long b; int *p; }; int first(struct first *f) { g = 1; return *f->p; }")
    pieces = []
    for number, other in enumerate(others):
        path = tmp_path / f"{number}.c"
        path.write_text(other + shared)
        split = split_text(engine.emit(load_unit(engine, Unit(path)), parse_recipe("default<Oz>"), "ll").decode())
        pieces += [piece.text for piece in split.pieces if piece.functions == ("both",)]
    assert len(pieces) == 2
    assert pieces[0] == pieces[1]
    assert '"#0 !1 @known\\00"' in pieces[0]


@pytest.mark.parametrize("order", [VARIED, VARIED[::-1]], ids=["plain-first", "plain-last"])
def test_a_replay_gives_what_the_engine_gives(engine: Engine, order: list[Recipe]) -> None:
    module = load_unit(engine, Unit(EXAMPLES / "hash_map.c"))
    apart = take_apart(engine, module, parse_recipe("default<Oz>,mergefunc"))
    functions = [piece.functions[0] for piece in apart.split.pieces if piece.functions]
    recipes = {name: order[number % len(order)] for number, name in enumerate(functions)}
    wanted = apart.make(engine, recipes)
    texts = {name: str(recipe) for name, recipe in recipes.items()}

    def replay() -> bytes:
        again = Replay(engine.toolchain, module.target)
        return again.identify(module.bitcode).encode() + again.make(module.bitcode, str(apart.stage), texts)

    found = run_aside(replay)
    assert found[:32].decode() == engine.read(module.bitcode, "hash_map", identify=True).identity
    assert found[32:] == wanted


def test_debug_information_does_not_change_who_a_module_is(engine: Engine) -> None:
    plain, debug, other = (
        load_unit(engine, Unit(EXAMPLES / "hash_map.c", flags)) for flags in ((), ("-g",), ("-fno-pic", "-fno-pie"))
    )
    identities = [engine.read(one.bitcode, "hash_map", identify=True).identity for one in (plain, debug, other)]
    assert identities[0] == identities[1] != identities[2]


def test_what_dies_aside_is_an_error() -> None:
    assert run_aside(lambda: b"done") == b"done"
    for work, message in (
        (lambda: bytes(os.kill(os.getpid(), signal.SIGKILL) or 0), "SIGKILL"),
        (lambda: b"%d" % (1 // 0), "modulo by zero"),
        (lambda: bytes(time.sleep(30) or 0), "SIGALRM"),
    ):
        with pytest.raises(CompileError, match=message):
            run_aside(work, seconds=0.2)


def test_a_long_chain_of_variables_is_split() -> None:
    """Each variable names the one before it, as tests that register themselves do."""
    chain = "".join(f"@v{n} = internal global ptr @v{n - 1}\n" for n in range(1, 3000))
    user = "define ptr @last() {\n  %1 = load ptr, ptr @v2999\n  ret ptr %1\n}\n"
    text = f"@v0 = internal global ptr null\n{chain}{user}"
    (piece,) = (piece for piece in split_text(text).pieces if piece.functions)
    assert piece.text.count("internal global") == 3000
