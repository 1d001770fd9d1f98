"""Suites and verdicts: what behaves is accepted, what does not is rejected, and nothing is rounded up."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lathe.errors import InputError
from lathe.llvm import Engine, Module, Pass, Recipe, Store, Toolchain, parse_recipe
from lathe.verify import (
    SUITES,
    Decision,
    Judge,
    Outcome,
    SourceSetting,
    StagedJudge,
    Suite,
    SuiteProgram,
    prepare_suite,
)
from lathe.verify.joint import rename_symbols

OZ = parse_recipe("default<Oz>")
UNTOUCHED = Recipe(())
PROGRAM = """
#include <stdio.h>
static volatile int seed = 5;
struct pair { int low, high; };
static struct pair bounds(const int *values, int count) {
  struct pair found = {values[0], values[0]};
  for (int i = 1; i < count; i++) {
    if (values[i] < found.low) found.low = values[i];
    if (values[i] > found.high) found.high = values[i];
  }
  return found;
}
static unsigned mix(unsigned x, unsigned count) {
  for (unsigned i = 0; i < count; i++) x = (x >> 1) ^ (x & 1 ? 0xEDB88320u : 0) ^ (x / 7);
  return x;
}
int main(void) {
  int values[9];
  for (int i = 0; i < 9; i++) values[i] = (i * 37 + seed) % 23 - 11;
  struct pair found = bounds(values, 9);
  printf("%d %d\\n", found.low, found.high);
  printf("%u\\n", mix(0xdeadbeefu + seed, seed + 4));
  for (int i = 0; i < 9; i++) printf("%d%s", values[i] > 3 ? values[i] : -values[i], i == 8 ? "\\n" : " ");
  return seed - 2;
}
"""


@pytest.fixture(scope="module")
def suite(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Suite:
    folder = tmp_path_factory.mktemp("suite")
    path = folder / "program.c"
    path.write_text(PROGRAM)
    return prepare_suite(engine, "own", [SuiteProgram("program", path)], folder=folder)


@pytest.fixture(scope="module")
def bundled(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judge]:
    folder = tmp_path_factory.mktemp("bundled")
    suite = prepare_suite(engine, "bundled", SUITES["bundled"](SourceSetting(folder)), folder=folder)
    with Judge(engine, suite) as judge:
        yield judge


def mutate(engine: Engine, suite: Suite, pattern: str, replacement: str, passes: str = "mem2reg") -> Suite:
    """The suite with one place of its program's IR changed."""
    case = suite.cases[0]
    text = engine.emit(case.module, parse_recipe(passes), "ll").decode()
    changed, count = re.subn(pattern, replacement, text, count=1)
    assert count == 1, text
    module = Module(changed.encode(), case.module.target)
    return replace(suite, digest=f"{pattern}{replacement}", cases=(case.change(module),))


def test_a_program_that_behaves_is_accepted(engine: Engine, suite: Suite) -> None:
    assert suite.cases[0].status == 3
    with Judge(engine, suite) as judge:
        for recipe in (None, UNTOUCHED, OZ, parse_recipe("default<O3>")):
            verdict = judge.judge(recipe)
            assert verdict.decision is Decision.ACCEPTED
            assert (verdict.passed, verdict.programs, verdict.evidence) == (1, 1, ())


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (r"icmp slt i32 (%\w+), 9", r"icmp slt i32 \1, 8"),  # a bound off by one
        (r"(?s)(icmp slt i32 %\w+, %\w+.*?)icmp slt i32 (%\w+), (%\w+)", r"\1icmp ult i32 \2, \3"),  # signedness
        (r"br i1 (%\w+), label (%\w+), label (%\w+)", r"br i1 \1, label \3, label \2"),  # a swapped branch
        (r"store i32 (%\w+), ptr (%\w+), align 4", r"store i32 0, ptr \2, align 4"),
        (r"lshr i32", "ashr i32"),
        (r"udiv i32", "sdiv i32"),
        (r"xor i32", "or i32"),
        (r"srem i32 (%\w+), 23", r"srem i32 \1, 22"),
        (r"sub nsw i32 0, (%\w+)", r"sub nsw i32 1, \1"),
        (r"-306674912", "-306674911"),
        (r"mul nsw i32 (%\w+), 37", r"mul nsw i32 \1, 36"),
        (r"sub nsw i32 (%\w+), 2", r"add nsw i32 \1, 2"),  # only the exit status changes
    ],
)
def test_planted_miscompiles_are_rejected(engine: Engine, suite: Suite, pattern: str, replacement: str) -> None:
    with Judge(engine, mutate(engine, suite, pattern, replacement)) as judge:
        verdict = judge.judge(OZ)
    assert verdict.decision is Decision.REJECTED
    assert verdict.evidence[0].program == "program"


def test_an_endless_loop_is_rejected(engine: Engine, suite: Suite) -> None:
    endless = mutate(engine, suite, r"add nsw i32 (%\w+), 1", r"add nsw i32 \1, 0", passes="")
    with Judge(engine, endless) as judge:
        verdict = judge.judge(UNTOUCHED)
    assert verdict.decision is Decision.REJECTED
    assert verdict.evidence[0].outcome is Outcome.TIMED_OUT


def test_what_cannot_be_run_is_unknown(toolchain: Toolchain, suite: Suite) -> None:
    with Engine(toolchain, jobs=1, timeout=0.0001) as engine, Judge(engine, suite) as judge:
        verdict = judge.judge(OZ)
    assert verdict.decision is Decision.UNKNOWN
    assert verdict.evidence[0].outcome is Outcome.NOT_RUN


def test_an_empty_suite_accepts_nothing(engine: Engine) -> None:
    with Judge(engine, Suite("empty", "0", (), {})) as judge:
        assert judge.judge(OZ).decision is Decision.UNKNOWN


def test_verdicts_are_remembered(engine: Engine, suite: Suite, tmp_path: Path) -> None:
    path = tmp_path / "verdicts.sqlite"
    with Judge(engine, suite, store=Store(path)) as judge:
        first = judge.judge(OZ)
    other = replace(suite, cases=())  # nothing could be run any more
    with Judge(engine, other, store=Store(path)) as judge:
        assert judge.judge(OZ) == first


def test_flaky_programs_are_thrown_out(engine: Engine, tmp_path: Path) -> None:
    bodies = {
        "time": "#include <stdio.h>\n#include <time.h>\nint main(void) "
        '{ struct timespec t; clock_gettime(0, &t); printf("%ld", t.tv_nsec); }',
        "fails": "int main(void) { __builtin_trap(); }",
        "broken": "int main(void) { return x; }",
        "good": "int main(void) { return 4; }",
    }
    programs = []
    for name, body in bodies.items():
        path = tmp_path / f"{name}.c"
        path.write_text(body)
        programs.append(SuiteProgram(name, path))
    suite = prepare_suite(engine, "own", programs, folder=tmp_path / "kept")
    assert [case.program.name for case in suite.cases] == ["good"]
    assert "differ" in suite.left_out["time"]
    assert "signal" in suite.left_out["fails"]
    assert "undeclared" in suite.left_out["broken"]
    assert prepare_suite(engine, "own", programs, folder=tmp_path / "kept") == suite


def test_two_steps_come_to_the_same(engine: Engine, suite: Suite) -> None:
    with StagedJudge(engine, suite) as judge:
        for first, rest in ((OZ, UNTOUCHED), (OZ, parse_recipe("default<O2> -disable-lsr")), (UNTOUCHED, OZ)):
            verdict = judge.judge(first, rest)
            assert (verdict.decision, verdict.passed) == (Decision.ACCEPTED, 1)
            assert verdict.recipe == str(Recipe(first.passes + rest.passes, rest.options))
    wrong = mutate(engine, suite, "udiv i32", "sdiv i32")
    with StagedJudge(engine, wrong) as judge:
        verdict = judge.judge(OZ, parse_recipe("sroa"))
        assert (verdict.decision, verdict.evidence[0].program) == (Decision.REJECTED, "program")
        sroa = parse_recipe("sroa")
        verdict = judge.judge(sroa, UNTOUCHED, without=sroa)  # what the first step leaves alike is not judged again
        assert verdict.decision is Decision.ACCEPTED


def test_what_two_steps_reject_is_not_accepted_as_one(
    engine: Engine, suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = mutate(engine, suite, "udiv i32", "sdiv i32").cases[0].module
    joint = rename_symbols(engine.toolchain, Module(engine.emit(wrong, UNTOUCHED, "bc"), wrong.target), "program.")
    store = Store(None)
    with StagedJudge(engine, suite, store=store) as judge:
        monkeypatch.setattr(judge, "_run_on", lambda case, recipe: joint)  # a first step that is wrong on its own
        for _ in range(2):  # the second time it is remembered
            verdict = judge.judge(OZ, parse_recipe("sroa"))
            assert (verdict.decision, verdict.evidence[0].outcome) == (Decision.REJECTED, Outcome.WRONG_OUTPUT)
            assert (verdict.recipe, verdict.suite_digest) == ("default<Oz>,function(sroa)", suite.digest)


def test_joined_programs_fail_one_by_one(engine: Engine, tmp_path: Path) -> None:
    bodies = {
        "good": "int shared = 3; int main(void) { return shared; }",
        "other": "int shared(void) { return 5; } int main(void) { return shared() - 5; }",
        "early": "int n; __attribute__((constructor)) void set(void) { n = 4; } int main(void) { return n; }",
        "wrong": "volatile int x = 9; int main(void) { return x < 9; }",
    }
    for name, body in bodies.items():
        (tmp_path / f"{name}.c").write_text(body)
    programs = [SuiteProgram(name, tmp_path / f"{name}.c") for name in bodies]
    suite = prepare_suite(engine, "own", programs, folder=tmp_path / "kept")
    assert [case.program.name for case in suite.cases if case.joint is None] == ["early"]
    with Judge(engine, suite) as judge:
        assert judge.judge(OZ).passed == 4
    last = suite.cases[3]
    assert last.joint is not None
    text = engine.emit(last.joint, UNTOUCHED, "ll").decode().replace("icmp slt", "icmp sle")
    joint = Module(text.encode(), last.joint.target)
    broken = replace(suite, digest="broken", cases=(*suite.cases[:3], replace(last, joint=joint)))
    with Judge(engine, broken) as judge:
        verdict = judge.judge(OZ, thorough=True)
    assert (verdict.decision, verdict.passed) == (Decision.REJECTED, 3)
    assert [(e.program, e.outcome) for e in verdict.evidence] == [("wrong", Outcome.WRONG_STATUS)]
    text = text.replace("  ret i32", "  %gone = call i32 @missing()\n  ret i32") + "declare i32 @missing()\n"
    module = Module(text.encode(), joint.target)
    unlinked = replace(last, module=module, joint=module)
    with Judge(engine, replace(suite, digest="unlinked", cases=(*suite.cases[:3], unlinked))) as judge:
        verdict = judge.judge(OZ, thorough=True)
    assert [(e.program, e.outcome) for e in verdict.evidence] == [("wrong", Outcome.NOT_LINKED)]


def test_missing_sources_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="--humaneval-x"):
        SUITES["humaneval-x"](SourceSetting(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="apt-get install csmith"):
        SUITES["csmith"](SourceSetting(tmp_path))


def test_the_bundled_suite_is_whole(bundled: Judge) -> None:
    assert len(bundled.suite.cases) >= 120
    assert not bundled.suite.left_out


@pytest.mark.parametrize("text", ["default<Oz>", "default<O3>"])
def test_the_bundled_suite_accepts_the_default_pipelines(bundled: Judge, text: str) -> None:
    verdict = bundled.judge(parse_recipe(text))
    assert verdict.decision is Decision.ACCEPTED, verdict.evidence


@pytest.mark.parametrize("name", ["structurizecfg", "normalize"])
def test_the_bundled_suite_rejects_wrong_passes(bundled: Judge, name: str) -> None:
    passes = (Pass("function", (), (Pass("sroa"), Pass(name))),)
    assert bundled.judge(Recipe(passes)).decision is Decision.REJECTED


def test_evidence_can_be_repeated_in_a_shell(bundled: Judge, tmp_path: Path) -> None:
    verdict = bundled.judge(Recipe((Pass("function", (), (Pass("sroa"), Pass("normalize"))),)))
    evidence = next(e for e in verdict.evidence if e.outcome in (Outcome.WRONG_OUTPUT, Outcome.WRONG_STATUS))
    case = next(c for c in bundled.suite.cases if c.program.name == evidence.program)
    script = " && ".join(evidence.commands)
    run = subprocess.run(script, shell=True, cwd=tmp_path, capture_output=True, check=False)
    assert (tmp_path / "tuned").exists()
    assert (run.returncode, run.stdout) != (case.status, case.output)
