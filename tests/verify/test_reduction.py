"""Reduction: noise goes, the failure stays, and the report shows it to people who do not have Lathe."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from lathe.errors import OutputError, VerdictError
from lathe.llvm import Engine, Option, Pass, Recipe, Toolchain, parse_recipe
from lathe.verify import Case, Outcome, Reduction, SuiteProgram, prepare_suite, reduce_failure, write_report

PROGRAM = """
#include <stdio.h>
#include "start.h"
static volatile int seed = START;
static int walk(const int *values, int count) {
  int total = 0;
  for (int i = 0; i < count; i++) {
    switch (values[i]) {
      case 2: continue;
      case 7: return total;
      default: total += values[i];
    }
  }
  return total;
}
static unsigned mix(unsigned x, unsigned count) {
  while (count--) x = (x << 5) ^ (x / 7) ^ 0x9E37u;
  return x;
}
int main(void) {
  int values[9];
  for (int i = 0; i < 9; i++) values[i] = (i * 37 + seed) % 23 - 5;
  printf("total %d\\n", walk(values, 9));
  printf("mix %u\\n", mix(seed, 4));
  return 0;
}
"""
WRONG = Pass("structurizecfg")  # assumes what clang's code does not give it; outside the catalogue
CRASH = Pass("trigger-crash-function")  # LLVM's own, for tests of reducers
NOISE = (Pass("globaldce"), Pass("function", (), (Pass("sroa", ("modify-cfg",)), Pass("early-cse"))))


@pytest.fixture(scope="module")
def case(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Case:
    folder = tmp_path_factory.mktemp("suite")
    (folder / "start.h").write_text("#define START 5\n")
    path = folder / "program.c"
    path.write_text(PROGRAM)
    return prepare_suite(engine, "own", [SuiteProgram("program", path)], folder=folder / "kept").cases[0]


def surround(culprit: Pass) -> Recipe:
    """A recipe with a culprit deep inside, and much that has nothing to do with it."""
    inner = Pass("function", (), (Pass("simplifycfg"), culprit, Pass("dce")))
    passes = (*NOISE, Pass("cgscc", (), (Pass("devirt", ("2",), (inner,)),)), Pass("globalopt"))
    return Recipe(passes, (Option("enable-gvn-hoist", "true"),))


@pytest.fixture(scope="module")
def wrong(engine: Engine, case: Case) -> Reduction:
    return reduce_failure(engine, case, recipe=surround(WRONG), seconds=20)


@pytest.fixture(scope="module")
def crash(engine: Engine, case: Case) -> Reduction:
    return reduce_failure(engine, case, recipe=surround(CRASH), seconds=20)


def repeat(report: Path, toolchain: Toolchain) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": f"{toolchain.root / 'bin'}:{os.environ['PATH']}"}
    return subprocess.run(
        ["sh", report / "repeat.sh"], env=environment, capture_output=True, text=True, check=False, cwd="/"
    )


def test_noise_around_the_culprit_goes(wrong: Reduction) -> None:
    assert wrong.recipe == Recipe((WRONG,))
    assert wrong.original == surround(WRONG)
    assert wrong.functions == ("walk",)


def test_the_ir_gets_small_and_still_shows_it(wrong: Reduction, engine: Engine, case: Case) -> None:
    whole = engine.emit(case.module, Recipe(()), "ll")
    assert wrong.case.module.bitcode.count(b"\n") < whole.count(b"\n") * 2 / 3
    assert b"switch" in wrong.case.module.bitcode
    assert wrong.evidence.outcome in (Outcome.WRONG_OUTPUT, Outcome.WRONG_STATUS)
    assert wrong.got is not None
    assert (wrong.got.status, wrong.got.output) != (wrong.case.status, wrong.case.output)


def test_a_report_shows_it_without_lathe(wrong: Reduction, toolchain: Toolchain, tmp_path: Path) -> None:
    report = tmp_path / "new" / "report"
    write_report(wrong, report)
    assert sorted(path.name for path in report.iterdir()) == [
        "README.md", "expected.txt", "got.txt", "original-recipe.txt", "program.c", "recipe.txt", "reduced.ll",
        "repeat.sh", "start.h",
    ]  # fmt: skip
    assert [path.name for path in report.parent.iterdir()] == ["report"]
    assert (report / "recipe.txt").read_text() == "structurizecfg\n"
    run = repeat(report, toolchain)
    assert run.returncode == 1, run
    for name, sign in (("expected.txt", "<"), ("got.txt", ">")):
        lines = (report / name).read_text().splitlines()
        shown = [line[2:] for line in run.stdout.splitlines() if line.startswith(sign)]
        assert shown and set(shown) <= set(lines)
    assert "`walk`" in (report / "README.md").read_text()


def test_repeating_a_right_recipe_shows_nothing(wrong: Reduction, toolchain: Toolchain, tmp_path: Path) -> None:
    write_report(replace(wrong, recipe=parse_recipe("default<O2>")), tmp_path / "report")
    run = repeat(tmp_path / "report", toolchain)
    assert (run.returncode, run.stdout) == (0, ""), run


def test_a_crash_is_reduced_to_one_function(crash: Reduction, toolchain: Toolchain, tmp_path: Path) -> None:
    assert crash.recipe == Recipe((CRASH,))
    assert len(crash.functions) == 1
    assert crash.got is None
    assert crash.case.module.bitcode.count(b"define") == 1
    write_report(crash, tmp_path / "report")
    run = repeat(tmp_path / "report", toolchain)
    assert run.returncode == 1
    assert "< status 0" in run.stdout
    assert "status 134" in run.stdout  # abort


def test_what_behaves_is_not_reduced(engine: Engine, case: Case) -> None:
    with pytest.raises(VerdictError, match="nothing can be reduced"):
        reduce_failure(engine, case, recipe=parse_recipe("default<Oz>"))


def test_without_llvm_reduce_the_rest_is_done(toolchain: Toolchain, case: Case, tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("clang", "opt", "llc"):
        (tools / name).symlink_to(toolchain.tool(name))
    with Engine(replace(toolchain, root=tmp_path), jobs=1) as engine:
        found = reduce_failure(engine, case, recipe=surround(WRONG))
    assert found.recipe == Recipe((WRONG,))
    assert found.functions == ("walk",)
    assert "llvm-reduce" in found.notes[0]


def test_what_llvm_reduce_reached_in_time_is_kept(engine: Engine, case: Case) -> None:
    found = reduce_failure(engine, case, recipe=Recipe((WRONG,)), seconds=0)
    assert "stopped" in found.notes[0]
    assert found.evidence.outcome is Outcome.WRONG_OUTPUT
    assert (found.case.status, found.case.output) == (case.status, case.output)


def test_what_exists_is_not_overwritten(wrong: Reduction, tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    with pytest.raises(OutputError, match="not an empty directory"):
        write_report(wrong, tmp_path)
    with pytest.raises(OutputError, match="not an empty directory"):
        write_report(wrong, tmp_path / "mine")
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
