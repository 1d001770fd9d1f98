"""alive-tv: what it prints is never taken for more than it says, and often for less."""

from __future__ import annotations

import re
import signal
import time
from pathlib import Path

import pytest

from lathe.errors import ToolchainError
from lathe.llvm import Engine, Module, Recipe, Unit, load_unit, parse_recipe
from lathe.verify import Comparison, Decision, Finding, compare_with_alive, find_alive_tv
from lathe.verify.alive import read_answer
from lathe.verify.ir_text import IrText, drop_metadata

needs_alive_tv = pytest.mark.skipif(find_alive_tv() is None, reason="alive-tv is not installed")


def summary(correct: int, incorrect: int, failed: int, errors: int) -> str:
    return (
        f"Summary:\n  {correct} correct transformations\n  {incorrect} incorrect transformations\n"
        f"  {failed} failed-to-prove transformations\n  {errors} Alive2 errors\n"
    )


# What alive-tv of January 2026 (LLVM 22.1.8, Z3 4.8.12) printed.
RULE = "\n----------------------------------------\n"
PAIR = """define i32 @f(i32 %a, i32 %b) {
#0:
  %add = add nsw i32 %b, %a
  ret i32 %add
}
=>
define i32 @f(i32 %a, i32 %b) {
#0:
  %add = add i32 %b, %a
  ret i32 %add
}
"""
CORRECT = "Transformation seems to be correct!\n\n"
PROVED = RULE + PAIR + CORRECT + summary(1, 0, 0, 0)
SAME = """
----------------------------------------
define i32 @f(i32 %a) {
#0:
  ret i32 %a
}
=>
define i32 @f(i32 %a) {
#0:
  ret i32 %a
}
Transformation seems to be correct! (syntactically equal)

""" + summary(1, 0, 0, 0)
REFUTED = """
----------------------------------------
define i32 @f(i32 %a, i32 %b) {
#0:
  %add = add i32 %b, %a
  ret i32 %add
}
=>
define i32 @f(i32 %a, i32 %b) {
#0:
  %add = add nsw i32 %b, %a
  ret i32 %add
}
Transformation doesn't verify!

ERROR: Target is more poisonous than source

Example:
i32 %a = #x00000008 (8)
i32 %b = #x7ffffff8 (2147483640)

Source:
i32 %add = #x80000000 (2147483648, -2147483648)

Target:
i32 %add = poison
Source value: #x80000000 (2147483648, -2147483648)
Target value: poison

""" + summary(0, 1, 0, 0)
ATTRIBUTES = (
    RULE
    + PAIR
    + """Transformation doesn't verify!

ERROR: Function attributes not refined

"""
    + summary(0, 1, 0, 0)
)  # the words of TransformVerify::verify; no input tells the two apart
TIMED_OUT = """
----------------------------------------
define i64 @f(i64 %a, i64 %b) {
#0:
  %r = udiv i64 %a, %b
  %s = mul i64 %r, %b
  %u = urem i64 %a, %b
  %t = add i64 %s, %u
  ret i64 %t
}
=>
define i64 @f(i64 %a, i64 %b) {
#0:
  %r = udiv i64 %a, %b
  %u = urem i64 %a, %b
  ret i64 %a
}
ERROR: Timeout

""" + summary(0, 0, 1, 0)
APPROXIMATED = """
----------------------------------------
declare float @llvm.sin.f32(float) nofree willreturn memory(none)

define float @f(float %x) {
#0:
  %r = call float @llvm.sin.f32(float %x) nofree willreturn memory(none)
  ret float %r
}
=>
declare float @llvm.sin.f32(float) nofree willreturn memory(none)

define float @f(float %x) {
#0:
  %r = call float @llvm.sin.f32(float %x) nofree willreturn memory(none)
  %s = fadd float %r, 1.000000
  ret float %s
}
ERROR: Couldn't prove the correctness of the transformation
Alive2 approximated the semantics of the programs and therefore we
cannot conclude whether the bug found is valid or not.

Approximations done:
 - Unknown libcall: @llvm.sin.f32


""" + summary(0, 0, 1, 0)
UNSUPPORTED = """ERROR: Unsupported instruction:   store volatile i32 5, ptr %p, align 4
ERROR: Could not translate 'f' to Alive IR
""" + summary(0, 0, 0, 1)
SIGNATURE = """
----------------------------------------
define i32 @f(i32 %a) {
#0:
  ret i32 %a
}
=>
define i32 @f(i32 %a, i32 %b) {
#0:
  ret i32 %a
}
ERROR: Signature mismatch between src and tgt

""" + summary(0, 0, 1, 0)
ABSENT = summary(0, 0, 0, 0)
OTHER_LLVM = """b.ll:21:25: error: use of undefined value '%n1'
  %c = icmp ult i32 %j, %n1
                        ^
Could not read bitcode from 'b.ll'
"""
UNDEFINED_SOURCE = (
    RULE
    + PAIR
    + """
****************************************
WARNING: Source function is always UB.
It can be refined by any target function.
Please make sure this is what you wanted.
****************************************

"""
    + CORRECT
    + summary(1, 0, 0, 0)
)
LOOP = (
    """
----------------------------------------
define i32 @f(i32 %n) {
entry:
  br label %head

head:
  %i = phi i32 [ 0, %entry ], [ %j, %head ]
  %j = add i32 %i, 1
  %c = icmp ult i32 %j, %n
  br i1 %c, label %head#2, label %out

head#2:
  %i#2 = phi i32 [ %j, %head ]
  %j#2 = add i32 %i#2, 1
  %c#2 = icmp ult i32 %j#2, %n
  br i1 %c#2, label #sink, label %out

out:
  %j#phi#0 = phi i32 [ %j, %head ], [ %j#2, %head#2 ]
  ret i32 %j#phi#0
}
=>
define i32 @f(i32 %n) {
entry:
  ret i32 %n
}
"""
    + CORRECT
    + summary(1, 0, 0, 0)
)
LENGTH = (
    """
----------------------------------------
declare i64 @strlen(ptr)

define i64 @f(ptr %text) {
#0:
  %r = strlen ptr %text
  ret i64 %r
}
=>
declare i64 @strlen(ptr)

define i64 @f(ptr %text) {
#0:
  %r = strlen ptr %text
  %s = freeze i64 %r
  ret i64 %s
}
"""
    + CORRECT
    + summary(1, 0, 0, 0)
)
ASSEMBLY = """
----------------------------------------
define void @f() {
#0:
  call void asm nop, () nothrow
  ret void
}
=>
define void @f() {
#0:
  call void asm nop, () nothrow
  ret void
}
Transformation seems to be correct! (syntactically equal)

""" + summary(1, 0, 0, 0)


@pytest.mark.parametrize("output", [PROVED, SAME])
def test_a_proof_is_proved(output: str) -> None:
    answer = read_answer("f", 0, output)
    assert (answer.finding, answer.detail, answer.inputs) == (Finding.PROVED, "", 0)


def test_a_refutation_shows_its_example() -> None:
    answer = read_answer("f", 0, REFUTED)
    assert answer.finding is Finding.REFUTED
    assert answer.detail.splitlines() == [
        "Target is more poisonous than source",
        "Example:",
        "i32 %a = #x00000008 (8)",
        "i32 %b = #x7ffffff8 (2147483640)",
        "Source value: #x80000000 (2147483648, -2147483648)",
        "Target value: poison",
    ]


@pytest.mark.parametrize(
    ("output", "status", "reason"),
    [
        (TIMED_OUT, 0, "alive-tv says: Timeout"),
        (APPROXIMATED, 0, "alive-tv says: approximated: Unknown libcall: @llvm.sin.f32"),
        (UNSUPPORTED, 1, "alive-tv says: Unsupported instruction:   store volatile i32 5, ptr %p, align 4"),
        (SIGNATURE, 0, "alive-tv says: Signature mismatch between src and tgt"),
        (ATTRIBUTES, 0, "alive-tv says: Function attributes not refined"),
        (OTHER_LLVM, 255, "alive-tv says: b.ll:21:25: error: use of undefined value '%n1'"),
        (ABSENT, 0, "alive-tv says: nothing of this function"),
        (UNDEFINED_SOURCE, 0, "alive-tv says: Source function is always UB."),
        (LOOP, 0, "no difference in 2 turns of its loops, which does not prove the next"),
        (LENGTH, 0, "no difference in the first bytes of strlen or memcmp"),
        (ASSEMBLY, 0, "inline assembly, of which alive-tv knows no effect"),
        (PROVED, -signal.SIGABRT, "alive-tv crashed: Aborted"),
        ("", 0, "alive-tv says: nothing of this function"),
    ],
)  # fmt: skip
def test_anything_else_is_unknown_with_the_reason(output: str, status: int, reason: str) -> None:
    answer = read_answer("f", status, output)
    assert (answer.finding, answer.detail) == (Finding.UNKNOWN, reason)


@pytest.mark.parametrize("output", [PROVED, SAME, REFUTED])
def test_half_an_answer_is_none(output: str) -> None:
    """Cut anywhere, failed, twice, or about another function: no answer."""
    counted = output.index("incorrect transformations\n")
    halves = [(output[:end], 0) for end in range(counted)]
    for text, status in [*halves, (output, 1), (output + output, 0), (output.replace("@f(", "@g("), 0)]:
        assert read_answer("f", status, text).finding is Finding.UNKNOWN, text


SOURCE = """
static int five = 5;
static int add(int x) { return x + 7; }
int half(int x) { return x / 2; }
int pick(int x) { switch (x) { case 0: return 5; case 1: return 9; case 2: return 12; case 3: return 7; } return -1; }
int sum(const int *p, int n) { int s = 0; for (int i = 0; i < n; i++) s += p[i]; return s; }
int call(int x) { return add(x) * 2; }
int get(int x) { return five + x; }
int types(int *a, float *b) { *a = 1; *b = 2; return *a; }
void device(volatile int *x) { *x = 1; }
"""
LOOPS = "no difference in 2 turns of its loops, which does not prove the next"
OTHERS = "a counterexample that other functions or the types of accesses may explain"


class Miscompiler:
    """An engine whose passes are wrong: one place in the IR that a recipe gives is changed."""

    def __init__(self, engine: Engine, pattern: str, replacement: str) -> None:
        self.engine, self.pattern, self.replacement = engine, pattern, replacement
        self.toolchain, self.jobs = engine.toolchain, engine.jobs

    def emit(self, module: Module, recipe: Recipe | None, kind: str) -> bytes:
        text = self.engine.emit(module, recipe, kind).decode()
        if recipe == Recipe():
            return text.encode()
        changed, count = re.subn(self.pattern, self.replacement, text, count=1)
        assert count == 1, text
        return changed.encode()


@pytest.fixture(scope="module")
def small(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Module:
    path = tmp_path_factory.mktemp("alive") / "small.c"
    path.write_text(SOURCE)
    return load_unit(engine, Unit(path))


def outcomes(comparison: Comparison) -> dict[str, tuple[str, str]]:
    return {f.function: (str(f.finding), f.detail.splitlines()[0] if f.detail else "") for f in comparison.functions}


@needs_alive_tv
def test_passes_are_proved_function_by_function(engine: Engine, small: Module) -> None:
    comparison = compare_with_alive(engine, small, parse_recipe("sroa,simplifycfg"))
    found = outcomes(comparison)
    assert comparison.checker == "alive-tv"
    assert list(found) == [*small.functions]
    assert {f for f, (finding, _) in found.items() if finding == "proved"} >= {"add", "half", "pick", "call", "get"}
    assert found["sum"] == ("unknown", LOOPS)
    assert found["device"][1].startswith("alive-tv says: Unsupported instruction:   store volatile")
    assert comparison.decision is Decision.ACCEPTED


@needs_alive_tv
def test_what_other_functions_or_types_allow_is_not_refuted(engine: Engine, small: Module) -> None:
    """Each of these has a counterexample of alive-tv's, and each is right."""
    found = outcomes(compare_with_alive(engine, small, parse_recipe("default<Oz>")))
    assert found["add"] == ("unknown", "the recipe removed it, inlined perhaps")
    assert found["call"] == found["get"] == found["types"] == ("unknown", OTHERS)
    assert "refuted" not in {finding for finding, _ in found.values()}


@needs_alive_tv
def test_a_miscompile_is_refuted_with_an_input(engine: Engine, small: Module) -> None:
    wrong = Miscompiler(engine, r"sdiv i32 (%\w+), 2", r"sdiv i32 \1, 3")
    comparison = compare_with_alive(wrong, small, parse_recipe("sroa"))
    refuted = next(f for f in comparison.functions if f.function == "half")
    assert refuted.finding is Finding.REFUTED
    assert re.match(r"Value mismatch\nExample:\ni32 noundef %#?0 = #x", refuted.detail)
    assert comparison.decision is Decision.REJECTED


@needs_alive_tv
def test_a_counterexample_with_poison_alone_is_not_enough(engine: Engine, tmp_path: Path) -> None:
    """As when structures are copied as one integer, which LLVM does in spite of its own rules."""
    path = tmp_path / "frozen.ll"
    path.write_text("define i32 @frozen(i32 %x) {\n  %y = freeze i32 %x\n  ret i32 %y\n}\n")
    wrong = Miscompiler(engine, "freeze i32 %x", "or i32 %x, 0")
    found = outcomes(compare_with_alive(wrong, load_unit(engine, Unit(path)), parse_recipe("sroa")))
    assert found == {"frozen": ("unknown", "a counterexample with undefined values, none found without")}


@needs_alive_tv
def test_a_changed_variable_is_not_proved(engine: Engine, small: Module) -> None:
    """alive-tv itself finds the same code with another initial value correct."""
    wrong = Miscompiler(engine, r"@five = internal global i32 5", "@five = internal global i32 6")
    found = outcomes(compare_with_alive(wrong, small, parse_recipe("sroa")))
    assert found["get"] == ("unknown", "the recipe changed what its variables hold at the start")
    assert found["half"][0] == "proved"


@needs_alive_tv
def test_ir_that_alive_tv_cannot_read_is_unknown(engine: Engine, small: Module) -> None:
    wrong = Miscompiler(engine, r"sdiv i32", "sdiw i32")
    comparison = compare_with_alive(wrong, small, parse_recipe("sroa"))
    assert comparison.decision is Decision.UNKNOWN
    assert {f.detail.partition(": ")[0] for f in comparison.functions} == {"alive-tv says"}
    assert "expected instruction opcode" in comparison.functions[0].detail


def test_without_alive_tv_the_error_says_what_to_do(
    engine: Engine, small: Module, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("LATHE_ALIVE_TV", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_alive_tv() is None
    with pytest.raises(ToolchainError, match=r"not found on the PATH.*set LATHE_ALIVE_TV"):
        compare_with_alive(engine, small, Recipe())
    monkeypatch.setenv("LATHE_ALIVE_TV", str(tmp_path / "alive-tv"))
    with pytest.raises(ToolchainError, match="is not a program"):
        compare_with_alive(engine, small, Recipe())


def stand_in(monkeypatch: pytest.MonkeyPatch, folder: Path, script: str) -> Path:
    """A program in alive-tv's place, for what the real one cannot be made to do."""
    path = folder / "alive-tv"
    path.write_text(script)
    path.chmod(0o755)
    monkeypatch.setenv("LATHE_ALIVE_TV", str(path))
    return path


def test_a_hang_is_killed_with_all_that_it_started(
    engine: Engine, small: Module, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_in(monkeypatch, tmp_path, f"#!/bin/sh\nsleep 1000 &\necho $! >> {tmp_path}/sleepers\nwait\n")
    comparison = compare_with_alive(engine, small, parse_recipe("sroa"), seconds=1)
    details = {f.detail for f in comparison.functions}
    assert {f.finding for f in comparison.functions} == {Finding.UNKNOWN}
    assert details == {"alive-tv gave no answer in time", "not reached in time"}
    sleepers = [int(line) for line in (tmp_path / "sleepers").read_text().split()]
    assert sleepers
    assert not any(map(is_running, sleepers))


def test_short_functions_are_asked_about_first(
    engine: Engine, small: Module, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_in(monkeypatch, tmp_path, f'#!/bin/sh\nfor word; do :; done\necho "$word" >> {tmp_path}/asked\n')
    comparison = compare_with_alive(engine, small, parse_recipe("sroa"))
    asked = [line.removeprefix("-func=") for line in (tmp_path / "asked").read_text().split()]
    assert sorted(asked) == sorted(f.function for f in comparison.functions) == sorted(small.functions)
    assert asked[0] in ("add", "device", "get", "half")
    assert asked[-1] in ("pick", "sum")


def is_running(process: int) -> bool:
    for _ in range(100):  # what was killed still has to be reaped, by whoever inherited it
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return False
        if state in "ZX":
            return False
        time.sleep(0.05)
    return True


@pytest.mark.parametrize(
    ("script", "detail"),
    [
        ("#!/bin/sh\nkill -SEGV $$\n", "alive-tv crashed: Segmentation fault"),
        ("#!/bin/sh\necho Transformation seems to be correct!\n", "alive-tv says: nothing of this function"),
        ("#!/bin/sh\nhead -c 100000 /dev/urandom\n", "alive-tv says: nothing of this function"),
        ("#!/bin/sh\nexec cat /dev/zero\n", "alive-tv crashed: File size limit exceeded"),
    ],
)
def test_a_crash_and_nonsense_are_unknown(
    engine: Engine, small: Module, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str, detail: str
) -> None:
    stand_in(monkeypatch, tmp_path, script)
    comparison = compare_with_alive(engine, small, parse_recipe("sroa"))
    assert {(f.finding, f.detail) for f in comparison.functions} == {(Finding.UNKNOWN, detail)}


def test_a_program_that_cannot_start_is_an_error(
    engine: Engine, small: Module, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stand_in(monkeypatch, tmp_path, "#!/no/such/interpreter\n")
    with pytest.raises(ToolchainError, match="could not be started"):
        compare_with_alive(engine, small, parse_recipe("sroa"))


IR = """@open = global i32 1, align 4
@own = internal global i32 2, align 4
@table = private constant [1 x ptr] [ptr @plain], align 8
@text = private unnamed_addr constant [4 x i8] c"@own"
@"odd name\\C3\\A9" = internal constant i32 3

define i32 @plain(ptr %0) #0 {
  %2 = load i32, ptr %0, align 4, !tbaa !5, !range !6
  ret i32 %2
}

define internal i32 @"q.1"(ptr %0) #1 {
  %2 = call i32 @plain(ptr @table), !srcloc !7
  store [9 x i8] c", !tbaa !5", ptr @"odd name\\C3\\A9"
  ret i32 %2
}
"""


def test_what_a_function_names_and_what_variables_hold() -> None:
    text = IrText(IR)
    assert list(text.functions) == ["plain", "q.1"]
    assert [f.exported for f in text.functions.values()] == [True, False]
    assert text.reach("plain") == set()
    assert text.reach("q.1") == {"plain", "table", "odd name\u00e9"}
    assert {n: v.open for n, v in text.variables.items()} == {
        "open": True, "own": False, "table": False, "text": False, "odd name\u00e9": True,
    }  # fmt: skip
    assert text.variables["own"].value == " i32 2"


def test_only_attachments_are_dropped() -> None:
    dropped = drop_metadata(IR, keep=frozenset({"range"}))
    assert "align 4, !range !6\n" in dropped
    assert "(ptr @table)\n" in dropped
    assert 'c", !tbaa !5", ptr' in dropped
    assert dropped.count("!") == 4
