"""A recipe for each function: the whole is one object, smaller than with one recipe for all, and the same program."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from conftest import EXAMPLES

from lathe.errors import CompileError
from lathe.llvm import (
    Engine,
    Measurement,
    Module,
    Recipe,
    Status,
    Toolchain,
    Unit,
    load_unit,
    measure_object,
    parse_recipe,
)
from lathe.search import STAGES, Budget, PlanResult, StopReason, select_recipes, tune, tune_functions
from lathe.search.selection import use_fewer
from lathe.verify import SUITES, Judge, SourceSetting, prepare_suite

PLAIN = {Recipe(()), parse_recipe("default<Oz>")}  # what makes -Oz of a piece needs no verdict of its own


def tune_one(engine: Engine, module: Module, budget: Budget, **settings: Any) -> PlanResult:
    (found,) = tune_functions(engine, [module], budget, **settings)
    assert isinstance(found, PlanResult), found
    return found


@pytest.fixture(scope="module")
def module(engine: Engine) -> Module:
    return load_unit(engine, Unit(EXAMPLES / "sorting.c"))


def test_functions_with_recipes_of_their_own_beat_one_recipe_and_pass_the_checks(
    engine: Engine, toolchain: Toolchain, module: Module, tmp_path: Path
) -> None:
    one = tune(engine, module, Budget(10), strategy="portfolio").best.loadable
    found = tune_one(engine, module, Budget(10))
    assert found.cost < one < found.baseline
    assert found.cost == measure_object(found.data, Measurement(Status.OK)).loadable
    assert {f.functions[0] for f in found.functions} == set(found.plan.functions) >= {"heap_sort", "main"}
    assert all(f.after <= f.before for f in found.functions)
    assert len(set(map(str, found.plan.functions.values()))) > 1
    (tmp_path / "tuned.o").write_bytes(found.data)
    link = [str(toolchain.tool("clang")), "tuned.o", "-o", "program"]
    subprocess.run(link, cwd=tmp_path, check=True)
    assert subprocess.run(["./program"], cwd=tmp_path, capture_output=True, check=False).returncode == 0


def test_every_recipe_is_judged_with_its_stage_before_it(engine: Engine, module: Module) -> None:
    asked: list[Recipe] = []

    def accept(recipe: Recipe, stage: Recipe) -> bool:
        asked.append(stage)
        return recipe in PLAIN and str(stage) in STAGES

    found = tune_one(engine, module, Budget(5), accept=accept)
    assert PLAIN.issuperset(found.plan.functions.values())  # no winner was accepted
    assert found.refused == found.judged > 0
    assert set(asked[3:]) == {found.plan.stage}
    (error,) = tune_functions(engine, [module], Budget(5), accept=lambda *_: False)
    assert isinstance(error, CompileError) and "No stage" in str(error)


def test_few_verdicts_are_spent_where_they_save_most(engine: Engine, module: Module) -> None:
    whole = tune_one(engine, module, Budget(20), accept=lambda *_: True)
    known = tune_one(engine, module, Budget(20, verdicts=0), accept=lambda *_: True, known=lambda *_: True)
    few = tune_one(engine, module, Budget(20, verdicts=2), accept=lambda *_: True)
    none = tune_one(engine, module, Budget(20, verdicts=0), accept=lambda *_: True)
    assert whole.judged > few.judged == 2 > known.judged == none.judged == 0
    assert whole.cost == known.cost <= few.cost < none.cost
    assert len(set(few.plan.functions.values()) - PLAIN) <= 2


def test_equal_functions_are_merged_before_they_are_taken_apart(engine: Engine, tmp_path: Path) -> None:
    body = "{ int s = 0; for (int i = 0; i < n; i++) s += p[i] % (i + 3) * (s ^ i) - p[n - i - 1] / 7; return s; }"
    path = tmp_path / "equal.c"
    path.write_text("".join(f"__attribute__((weak)) int {name}(int *p, int n) {body}\n" for name in ("one", "two")))
    module = load_unit(engine, Unit(path))
    text = engine.emit(module, parse_recipe("default<Oz>,mergefunc"), "ll").decode()
    assert re.search(r"^define .*@\d+\(", text, re.MULTILINE)  # LLVM gives what they share no name
    found = tune_one(engine, module, Budget(5))
    assert found.cost < 0.75 * found.baseline
    assert any(name.startswith("anon.") for f in found.functions for name in f.functions)


def test_selection_asks_for_the_recipe_that_saves_most_on_all_together() -> None:
    a, b, c, free = (parse_recipe(f"default<O{level}>") for level in ("1", "2", "3", "s"))
    costs = [{free: 100, a: 90, b: 91, c: 50}, {free: 100, a: 100, b: 80}, {free: 50, b: 40, c: 45}]
    asked: list[Recipe] = []

    def accept(recipe: Recipe) -> bool:
        asked.append(recipe)
        return recipe != c

    def select(most: int) -> tuple[Recipe, ...]:
        asked.clear()
        may = lambda judged: judged < most  # noqa: E731
        return select_recipes(costs, accept, known=lambda recipe: recipe == free, may_judge=may).recipes

    assert (select(0), asked) == ((free, free, free), [])
    assert (select(1), asked) == ((free, free, free), [c])  # saves 55, and is refused
    assert (select(2), asked) == ((b, b, b), [c, b])  # 39
    assert (select(9), asked) == ((a, b, b), [c, b, a])


def test_a_recipe_that_saves_little_over_the_others_is_not_used() -> None:
    costs = [{"a": 10, "b": 12}, {"b": 20, "c": 19}, {"c": 30, "d": 22}, {"d": 5}]
    chosen = ["a", "c", "d", "d"]
    assert use_fewer(costs, chosen, 0) == chosen  # b is none of those chosen
    assert use_fewer([{**piece, "b": 9} for piece in costs], ["b", *chosen[1:]], 0) == ["b", "b", "b", "d"]
    every = [{**piece, "d": 21} for piece in costs]
    assert use_fewer(every, chosen, 1) == ["a", "c", "d", "d"]
    assert use_fewer(every, chosen, 2) == use_fewer(every, chosen, 10) == ["a", "d", "d", "d"]
    assert use_fewer(every, chosen, 11) == ["d", "d", "d", "d"]


def test_what_is_found_for_one_module_serves_others_and_an_error_stays_its_own(
    engine: Engine, module: Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lathe.search.function_tuner.STAGES", STAGES[:1])  # a verdict is for a stage too
    other = load_unit(engine, Unit(EXAMPLES / "strings.c"))
    broken = Module(b"define i32 @f() { ret i64 0 }", module.target)
    found = tune_functions(engine, [module, broken, other], Budget(10, verdicts=1), accept=lambda *_: True)
    first, error, second = found
    assert isinstance(error, CompileError)
    assert isinstance(first, PlanResult) and isinstance(second, PlanResult)
    used = [set(one.plan.functions.values()) - PLAIN for one in (first, second)]
    assert len(used[0]) == 1 and used[0] == used[1]


def test_the_seconds_are_for_everything_and_the_best_so_far_is_joined(engine: Engine, module: Module) -> None:
    found = tune_one(engine, module, Budget(400, seconds=0.0))
    assert found.stop_reason is StopReason.SECONDS
    assert measure_object(found.data, Measurement(Status.OK)).loadable == found.cost


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bundled", "csmith"])
def test_programs_built_function_by_function_do_what_they_should(engine: Engine, tmp_path: Path, name: str) -> None:
    programs = SUITES[name](SourceSetting(tmp_path, range(40)))
    suite = prepare_suite(engine, name, programs, folder=tmp_path)
    with Judge(engine, suite) as judge:
        for case in suite.cases:
            found = tune_one(engine, case.module, Budget(6))
            finished = judge.run(case, found.data)
            assert (finished.status, finished.output) == (case.status, case.output), (case.program.name, found.plan)


def test_a_seed_repeats_a_plan(engine: Engine, module: Module) -> None:
    one, two = (tune_one(engine, module, Budget(12), seed=3) for _ in range(2))
    assert (one.plan, one.data) == (two.plan, two.data)


def test_no_function_wants_what_the_whole_does_not(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lathe.search.function_tuner.STAGES", STAGES[:1])
    only = (parse_recipe("-regalloc=basic"),)  # leaves the calls, which is smaller
    monkeypatch.setattr("lathe.search.screening.load_portfolio", lambda *_, **__: only)
    path = tmp_path / "compare.c"
    equal = " + ".join(f'(strcmp(s[{i}], "ab") == 0)' for i in range(8))
    path.write_text(f"#include <string.h>\nint all(const char **s) {{ return {equal}; }}\n")
    module = load_unit(engine, Unit(path))
    assert engine.measure(module, [None])[0].undefined < engine.measure(module, [Recipe(())])[0].undefined
    found = tune_one(engine, module, Budget(6))
    assert "strcmp" not in measure_object(found.data, Measurement(Status.OK)).undefined
