"""The tuner on real modules: never worse, budgets kept, seeds repeat, the minimiser leaves only what pays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lathe.errors import UsageError
from lathe.llvm import Engine, Module, Recipe, Unit, load_unit, parse_recipe
from lathe.search import STRATEGIES, Budget, StopReason, Trial, minimise, tune


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_never_worse_and_within_the_budget(engine: Engine, module: Module, strategy: str) -> None:
    result = tune(engine, module, Budget(24), strategy=strategy)
    assert result.best.loadable <= result.baseline.loadable
    assert len(result.history) <= 24
    assert (result.recipe is None) == (result.best.loadable == result.baseline.loadable)


def test_a_seed_repeats_on_any_number_of_cores(engine: Engine, module: Module) -> None:
    with Engine(engine.toolchain, jobs=1) as single:
        one = tune(single, module, Budget(60), seed=5)
    two = tune(engine, module, Budget(60), seed=5)
    assert one.history == two.history
    assert one.recipe == two.recipe
    assert one.history != tune(engine, module, Budget(60), seed=6).history


def test_seconds_stop_a_search(engine: Engine, module: Module) -> None:
    result = tune(engine, module, Budget(100_000, seconds=0.5), seed=1)
    assert result.stop_reason is StopReason.SECONDS
    assert result.seconds < 20


def test_an_exhausted_strategy_says_so(engine: Engine, module: Module) -> None:
    result = tune(engine, module, Budget(40), strategy="portfolio", starts=[parse_recipe("default<Os>")])
    assert result.stop_reason is StopReason.EXHAUSTED
    assert result.compiles == 1


def test_nothing_smaller_means_no_recipe(engine: Engine, module: Module) -> None:
    result = tune(engine, module, Budget(1), strategy="portfolio", starts=[parse_recipe("dce")])
    assert result.recipe is None
    assert result.best == result.baseline


def test_what_would_not_link_is_never_chosen(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "inline.c"
    path.write_text(
        "extern inline __attribute__((always_inline, gnu_inline)) int body(int a) { return a * 3; }\n"
        "int call(int a) { return body(a) + body(a + 1) + body(a + 2) + body(a + 3); }\n"
    )
    module = load_unit(engine, Unit(path))
    smaller = parse_recipe("sroa")
    baseline, found = engine.measure(module, [None, smaller])
    assert found.undefined == {"body"}
    assert not found.links_like(baseline)
    result = tune(engine, module, Budget(2), strategy="portfolio", starts=[smaller, parse_recipe("always-inline,sroa")])
    assert result.history[0] is None
    assert result.history[1] is not None


def test_refused_winners_are_passed_over(engine: Engine, module: Module) -> None:
    first = tune(engine, module, Budget(40), seed=3)
    assert first.recipe is not None
    assert first.refused == 0
    second = tune(engine, module, Budget(40), seed=3, accept=lambda recipe: recipe != first.recipe)
    assert second.refused == 1
    assert second.recipe != first.recipe
    assert first.best.loadable <= second.best.loadable <= second.baseline.loadable
    none = tune(engine, module, Budget(40), seed=3, accept=lambda recipe: False)
    assert none.recipe is None
    assert none.refused > 1
    assert none.best == none.baseline


def test_objectives(engine: Engine, module: Module) -> None:
    for objective, attribute in (("text-data", "text_data"), ("instructions", "instructions")):
        result = tune(engine, module, Budget(20), objective=objective)
        assert getattr(result.best, attribute) <= getattr(result.baseline, attribute)
    with pytest.raises(UsageError, match="loadable"):
        tune(engine, module, Budget(1), objective="speed")
    with pytest.raises(UsageError, match="evolution"):
        tune(engine, module, Budget(1), strategy="magic")


def test_the_minimiser_leaves_only_what_pays() -> None:
    whole = parse_recipe("dce,sroa,gvn,default<Oz>,globaldce,function(adce) -disable-lsr -regalloc=basic")
    needed = ("sroa", "default<Oz>", "-disable-lsr=true")
    asked = 0

    def measure(recipes: list[Recipe]) -> list[Trial]:
        nonlocal asked
        asked += len(recipes)
        return [Trial(r, 100 - sum(word in str(r) for word in needed)) for r in recipes]

    found = minimise(Trial(whole, 97), measure)  # type: ignore[arg-type]
    assert str(found.recipe) == "function(sroa),default<Oz> -disable-lsr=true"
    assert asked < 40


def test_the_minimiser_stops_with_the_budget() -> None:
    whole = Trial(parse_recipe("dce,sroa,default<Oz>"), 10)
    assert minimise(whole, lambda recipes: []) == whole


def test_what_tune_returns_is_minimal(engine: Engine, module: Module) -> None:
    result = tune(engine, module, Budget(150), seed=2)
    if result.recipe is None:
        pytest.skip("nothing was found on this module")
    for option in result.recipe.options:
        shorter = replace(result.recipe, options=tuple(o for o in result.recipe.options if o != option))
        found = engine.measure(module, [shorter])[0]
        assert not found.ok or found.loadable > result.best.loadable, option
