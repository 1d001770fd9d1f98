"""The differential check: right code agrees, wrong code is refuted, and what proves nothing counts for nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lathe.llvm import Engine, Module, Recipe, Unit, load_unit, parse_recipe
from lathe.verify import Comparison, Decision, Differential, Finding

C = """
#include <stdlib.h>
#include <string.h>
struct small { int a; char b; };
struct large { long values[5]; double weight; };
extern int ask(int question, const char *where);
extern void tell(long what);
extern int limit;
int total;
static int twice(int x) { return x + x; }
int clamp(int x, int low, int high) { return x < low ? low : x > high ? high : x; }
unsigned sum(const unsigned char *bytes, unsigned count) {
  unsigned s = 0;
  for (unsigned i = 0; i < (count & 31); i++) s = s * 31 + bytes[i];
  return s;
}
struct large widen(struct small s, float f) {
  struct large r = {{s.a, s.b, 3, 4, 5}, f};
  return r;
}
double mean(const double *values, int count) {
  double s = 0;
  for (int i = 0; i < (count & 7); i++) s += values[i];
  return s / ((count & 7) + 1);
}
void store(int *to, int value) { to[1] = twice(value & 0xffff); total += 1; }
int conversation(int x) {
  int answer = ask(x & 3, "here");
  if (answer > limit) tell(answer);
  return answer & 7;
}
char *copy(const char *text) {
  char *p = malloc(16);
  for (int i = 0; i < 15; i++) p[i] = text[i];
  p[15] = 0;
  return p;
}
int greater(int x) { return x + 1 > x; }
int sign(int x) { return x >> 31; }
int many(int count, ...) { return count; }
int main(void) { return 0; }
"""


@contextmanager
def differential(engine: Engine, path: Path, text: str) -> Iterator[tuple[Differential, Module]]:
    path.write_text(text)
    unit = Unit(path)
    module = load_unit(engine, unit)
    with Differential(engine, unit, module) as check:
        yield check, module


@pytest.fixture(scope="module")
def c(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Differential, Module]]:
    with differential(engine, tmp_path_factory.mktemp("c") / "unit.c", C) as found:
        yield found


def findings(comparison: Comparison) -> dict[str, Finding]:
    return {f.function: f.finding for f in comparison.functions}


def compare_mutant(
    engine: Engine, check: Differential, module: Module, pattern: str, change: str, passes: str = "mem2reg"
) -> Comparison:
    """What the check says of an object whose IR has one place changed."""
    text = engine.emit(module, parse_recipe(passes), "ll").decode()
    changed, count = re.subn(pattern, change, text, count=1)
    assert count == 1, text
    return check.compare_object(engine.emit(Module(changed.encode(), module.target), Recipe(())))


@pytest.mark.parametrize("recipe", ["default<Oz>", "default<O3>", "mem2reg,instcombine", "sroa -regalloc=basic"])
def test_right_code_agrees_on_every_kind_of_signature(c: tuple[Differential, Module], recipe: str) -> None:
    comparison = c[0].compare(parse_recipe(recipe))
    assert comparison.decision is Decision.ACCEPTED
    found = findings(comparison)
    for name in ("clamp", "sum", "widen", "mean", "store", "conversation", "copy", "sign"):
        assert found[name] is Finding.AGREES, comparison
    assert all(f.inputs >= 3 for f in comparison.functions if f.finding is Finding.AGREES)


def test_what_cannot_be_called_says_why(c: tuple[Differential, Module]) -> None:
    comparison = c[0].compare(parse_recipe("default<Oz>"))
    reasons = {f.function: f.detail for f in comparison.functions if f.finding is Finding.UNKNOWN}
    assert reasons == {
        "twice": "internal: it runs when its callers do",
        "many": "takes a variable number of arguments",
        "main": "the program's entry",
    }


@pytest.mark.parametrize(
    ("function", "pattern", "change"),
    [
        ("clamp", r"icmp slt i32 %0, %1", "icmp ult i32 %0, %1"),
        ("clamp", r"icmp slt i32 %0, %1", "icmp sgt i32 %0, %1"),
        ("sum", r"mul i32 (%\S+), 31", r"mul i32 \1, 30"),
        ("sum", r"zext i8", "sext i8"),
        ("sum", r"icmp ult i32", "icmp ule i32"),
        ("widen", r"fpext float (%\S+) to double", r"fpext float 0.0 to double"),
        ("mean", r"fadd double", "fsub double"),
        ("mean", r"fdiv double (%\S+), (%\S+)", r"fdiv double \2, \1"),
        ("store", r"  store i32 %\d+, ptr @total.*\n", ""),
        ("store", r"getelementptr inbounds i32, ptr %0, i64 1", "getelementptr inbounds i32, ptr %0, i64 2"),
        ("conversation", r"  call void @tell\(.*\n", ""),
        ("conversation", r"(ptr @limit.*\n.*)icmp sgt", r"\1icmp sge"),
        ("conversation", r"and i32 (%\S+), 7\n  ret", r"and i32 \1, 15\n  ret"),
        ("copy", r"icmp slt i32 (%\S+), 15", r"icmp slt i32 \1, 14"),
        ("sign", r"ashr i32", "lshr i32"),
    ],
)
def test_wrong_code_is_refuted(
    engine: Engine, c: tuple[Differential, Module], function: str, pattern: str, change: str
) -> None:
    comparison = compare_mutant(engine, *c, pattern, change)
    assert comparison.decision is Decision.REJECTED
    assert [name for name, finding in findings(comparison).items() if finding is Finding.REFUTED] == [function]


def test_wrong_code_that_hangs_or_crashes_is_refuted(engine: Engine, c: tuple[Differential, Module]) -> None:
    comparison = compare_mutant(engine, *c, r"add nsw i32 (%\S+), 1", r"add i32 \1, 0")
    assert any("does not end" in f.detail for f in comparison.functions if f.finding is Finding.REFUTED)
    comparison = compare_mutant(engine, *c, r"load i8, ptr (%\S+), align 1", r"load volatile i8, ptr null, align 1")
    assert any("crashes" in f.detail for f in comparison.functions if f.finding is Finding.REFUTED)


def test_undefined_inputs_do_not_count(engine: Engine, c: tuple[Differential, Module], tmp_path: Path) -> None:
    """`x + 1 > x` is 1 wherever it is defined: at -O0 the largest int gives 0, and must not refute."""
    for recipe in ("mem2reg", "default<Oz>"):
        assert findings(c[0].compare(parse_recipe(recipe)))["greater"] is Finding.AGREES
    text = engine.emit(c[1], Recipe(()), "ll").decode()
    with differential(engine, tmp_path / "unit.ll", text) as (check, _):  # the guard is made of the IR here
        found = findings(check.compare(parse_recipe("default<Oz>")))
        assert found["greater"] is Finding.AGREES
        assert Finding.REFUTED not in found.values()


def test_what_was_never_written_does_not_count(engine: Engine, tmp_path: Path) -> None:
    text = "extern void fill(int *); int f(void) { int x; fill(&x); return x; } int g(int x) { return x / 3; }"
    with differential(engine, tmp_path / "unit.c", text) as (check, _):
        found = check.compare(parse_recipe("default<O1>")).functions
    assert (found[0].finding, found[0].detail) == (Finding.UNKNOWN, "its results depend on more than its input")
    assert found[1].finding is Finding.AGREES


def test_exceptions_and_classes(engine: Engine, tmp_path: Path) -> None:
    text = """
    #include <stdexcept>
    #include <string>
    struct shape { virtual ~shape() = default; virtual int area() const = 0; };
    struct square : shape { int side; explicit square(int s) : side(s & 255) {} int area() const override; };
    int square::area() const { return side * side; }
    int check(int x) { if (x > 3) throw std::range_error("large"); return x; }
    int area(int x) { square s(x); const shape &t = s; return t.area(); }
    std::string name(int x) { return x & 1 ? "odd" : "even"; }
    """
    with differential(engine, tmp_path / "unit.cpp", text) as (check, module):
        found = findings(check.compare(parse_recipe("default<O2>")))
        assert [found[name] for name in ("_Z5checki", "_Z4areai", "_ZNK6square4areaEv")] == [Finding.AGREES] * 3
        wrong = compare_mutant(engine, check, module, r"icmp sgt i32 (%\S+), 3", r"icmp sgt i32 \1, 4", "always-inline")
        assert findings(wrong)["_Z5checki"] is Finding.REFUTED


def test_code_for_another_machine_is_unknown(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "unit.c"
    path.write_text("int f(int x) { return x * 3; }")
    unit = Unit(path, ("--target=thumbv7em-none-eabi",))
    with Differential(engine, unit, load_unit(engine, unit)) as check:
        comparison = check.compare(parse_recipe("default<Oz>"))
    assert comparison.decision is Decision.UNKNOWN
    assert "which this machine does not run" in comparison.functions[0].detail


def test_inline_functions_with_a_body_elsewhere(engine: Engine, tmp_path: Path) -> None:
    """C's `inline` gives no code here; one build inlines it and another calls it, which must come to the same."""
    text = "inline int third(int x) { return x / 3 + 1; } int f(int x) { return third(x) * 2; }"
    with differential(engine, tmp_path / "unit.c", text) as (check, _):
        for recipe in ("default<O3>", "sroa"):
            assert findings(check.compare(parse_recipe(recipe)))["f"] is Finding.AGREES
