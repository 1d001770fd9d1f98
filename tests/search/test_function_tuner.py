"""A recipe for each function: the whole is one object, smaller than with one recipe for all, and the same program."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from conftest import EXAMPLES

from lathe.errors import CompileError
from lathe.llvm import Engine, Measurement, Module, Recipe, Status, Toolchain, Unit, load_unit, measure_object
from lathe.search import STAGES, Budget, StopReason, tune, tune_functions
from lathe.verify import SUITES, Judge, SourceSetting, prepare_suite


@pytest.fixture(scope="module")
def module(engine: Engine) -> Module:
    return load_unit(engine, Unit(EXAMPLES / "sorting.c"))


def test_functions_with_recipes_of_their_own_beat_one_recipe_and_pass_the_checks(
    engine: Engine, toolchain: Toolchain, module: Module, tmp_path: Path
) -> None:
    one = tune(engine, module, Budget(10), strategy="portfolio").best.loadable
    found = tune_functions(engine, module, Budget(10))
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

    def accept(recipe: Recipe) -> bool:
        asked.append(recipe)
        return str(recipe) in STAGES.values()

    found = tune_functions(engine, module, Budget(5), accept=accept)
    assert set(found.plan.functions.values()) == {Recipe(())}  # no winner was accepted
    assert found.refused > 0
    assert all(recipe.passes[: len(found.plan.stage.passes)] == found.plan.stage.passes for recipe in asked[2:])
    with pytest.raises(CompileError, match="No stage"):
        tune_functions(engine, module, Budget(5), accept=lambda recipe: False)


def test_the_seconds_are_for_everything_and_the_best_so_far_is_joined(engine: Engine, module: Module) -> None:
    found = tune_functions(engine, module, Budget(400, seconds=0.0), strategy="evolution")
    assert found.stop_reason is StopReason.SECONDS
    assert measure_object(found.data, Measurement(Status.OK)).loadable == found.cost


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bundled", "csmith"])
def test_programs_built_function_by_function_do_what_they_should(engine: Engine, tmp_path: Path, name: str) -> None:
    programs = SUITES[name](SourceSetting(tmp_path, range(40)))
    suite = prepare_suite(engine, name, programs, folder=tmp_path)
    with Judge(engine, suite) as judge:
        for case in suite.cases:
            found = tune_functions(engine, case.module, Budget(6))
            finished = judge.run(case, found.data)
            assert (finished.status, finished.output) == (case.status, case.output), (case.program.name, found.plan)


def test_a_seed_repeats_a_plan(engine: Engine, module: Module) -> None:
    one, two = (tune_functions(engine, module, Budget(12), strategy="evolution", seed=3) for _ in range(2))
    assert (one.plan, one.data) == (two.plan, two.data)
