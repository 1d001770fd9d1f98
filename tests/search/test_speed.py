"""The speed guard, on what LLVM really prints for four targets."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from lathe.llvm import Engine, Module, Unit, estimate_run_time, load_unit, parse_recipe
from lathe.search import SpeedGuard

TARGETS = ("x86_64-linux-gnu", "aarch64-linux-gnu", "thumbv7em-none-eabi", "riscv32-unknown-elf")
OZ = parse_recipe("default<Oz>")
OUTLINED = parse_recipe("default<Oz> -enable-machine-outliner=always -outliner-benefit-threshold=2")

G = "int g(int);"
NONE = G + "int f(int a) { return g(a) + 3; }"
ONE = G + "int f(int a) { for (int i = 0; i < a; i++) a += g(i); return a; }"
TWO = G + "int f(int a) { for (int i = 0; i < a; i++) for (int j = 0; j < a; j++) a += g(i ^ j); return a; }"
CALLED = ONE + "int h(int a) { for (int i = 0; i < a; i++) a += f(i); return a; }"
MACHINE = (
    G
    + """
void fail(void) __attribute__((noreturn));
int f(int state, int a) {
  switch (state) {
    for (;;) {
      case 0: if (g(a) == 0) return 1;
      case 1: if (g(a + 1) == 0) return 2;
      case 2: if (g(a + 2) == 0) return 3;
      case 3: if (g(a + 3) == 0) return 4;
      case 4: if (g(a + 4) == 0) fail();
    }
  }
  return 0;
}
"""
)
STRAIGHT = (
    G
    + """
void fail(void) __attribute__((noreturn));
int f(int a) {
  if (g(a) == 1) fail();
  if (g(a) == 2) fail();
  return a;
}
"""
)
THREADED = (
    G
    + """
int f(const unsigned char *code) {
  static void *const table[] = {&&stop, &&a, &&b, &&c};
  int x = 0;
  goto *table[*code++];
  a: x = g(x + 1); goto *table[*code++];
  b: x = g(x * 3); goto *table[*code++];
  c: x = g(x - 7); goto *table[*code++];
  stop: return x;
}
"""
)
STEP = "if (k(p, 1000, 2000, 3000, i + 70)) p = k(p, 4000, 5000, 6000, i + 80);"
HOT = f"""
void *k(void *, int, int, int, int);
void f(void *p, int n) {{
  for (int i = 0; i < n; i++) {{ {STEP * 8} }}
}}
"""

NOTHING, ACCESS = (
    f"int f(volatile int *p, int n) {{ while (n--) {{ {statement * 8} }} return n; }}"
    for statement in ('__asm__ volatile("nop");', "(void)*p;")
)


def load(engine: Engine, folder: Path, text: str, target: str) -> Module:
    path = folder / "a.c"
    path.write_text(text)
    return load_unit(engine, Unit(path, (f"--target={target}", "-ffreestanding")))


def estimate(engine: Engine, folder: Path, text: str, target: str) -> float:
    """At -Oz, by way of the guard's own module."""
    time = SpeedGuard(engine, load(engine, folder, text, target), None, 0.2).estimate(None)
    assert time is not None
    return time


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_in_loops_weighs_more(engine: Engine, tmp_path: Path, target: str) -> None:
    none, one, two, called = (estimate(engine, tmp_path, text, target) for text in (NONE, ONE, TWO, CALLED))
    assert none < 12
    assert one > 3 * none
    assert two > 4 * one
    assert called > 6 * one  # what is called in a loop is in the loop


@pytest.mark.parametrize("target", TARGETS)
def test_cycles_with_many_entries_are_loops_and_what_never_returns_is_none(
    engine: Engine, tmp_path: Path, target: str
) -> None:
    assert estimate(engine, tmp_path, MACHINE, target) > 120  # some twenty instructions are in the cycle
    assert estimate(engine, tmp_path, THREADED, target) > 100
    assert estimate(engine, tmp_path, STRAIGHT, target) < 30


@pytest.mark.parametrize("target", TARGETS)
def test_an_access_to_memory_weighs_more(engine: Engine, tmp_path: Path, target: str) -> None:
    nothing, access = (estimate(engine, tmp_path, text, target) for text in (NOTHING, ACCESS))
    assert access > 1.4 * nothing


def test_an_address_is_no_access() -> None:
    costs = [
        estimate_run_time(f"\t.globl\tf\n\t.type\tf,@function\nf:\n\t{instruction}\n")
        for instruction in (
            "lui\ta0, %hi(x)", "addi\ta0, a0, %lo(x)", "fxch\t%st(1)", "leaq\t8(%rdi), %rax",
            "lw\ta0, %lo(x)(a0)", "movl\t8(%rdi), %eax", "ldr\tx0, [x1, #8]",
        )
    ]  # fmt: skip
    assert costs == [1, 1, 1, 1, 2, 2, 2]


def test_the_guard_refuses_outlining_from_a_loop(engine: Engine, tmp_path: Path) -> None:
    module = load(engine, tmp_path, HOT, TARGETS[0])
    small, usual = engine.measure(module, [OUTLINED, OZ])
    assert small.loadable < usual.loadable
    assert not SpeedGuard(engine, module, OZ, 0.2).allows(OUTLINED)
    assert SpeedGuard(engine, module, OZ, math.inf).allows(OUTLINED)
    assert SpeedGuard(engine, module, OZ, 0.0).allows(OZ)


def test_recursion_and_no_code_at_all() -> None:
    assert estimate_run_time("") == 0
    text = "\t.globl\tf\n\t.type\tf,@function\nf:\n\tcallq\tg\n\tretq\n\t.type\tg,@function\ng:\n\tjmp\tf\n"
    assert 11 <= estimate_run_time(text) <= 17  # three instructions, two calls
