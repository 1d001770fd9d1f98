"""One conformance suite over every row of STRATEGIES, against a simulated compiler; and what each must find."""

from __future__ import annotations

import random

import pytest

from lathe.llvm import Recipe, load_catalogue, parse_recipe
from lathe.search import STRATEGIES, Setting, Space, Trial, load_portfolio, load_prior

BASELINE = 1000


def cost_of(recipe: Recipe) -> int | None:
    """A made-up landscape: some words and options help, `gvn` crashes."""
    text = str(recipe)
    if "gvn" in text and "newgvn" not in text:
        return None
    return (
        BASELINE
        + 40
        - 50 * ("default<Oz>" in text)
        - 20 * ("sroa" in text)
        - 30 * ("-disable-lsr=true" in text)
        - 10 * ("simplifycfg" in text)
        + 2 * len(recipe.options)
        + len(recipe.passes)
    )


def make_setting(seed: int = 0, compiles: int = 400) -> Setting:
    space = Space(load_catalogue(), "x86", load_prior())
    return Setting(space, random.Random(seed), compiles, BASELINE, load_portfolio())


def run(name: str, seed: int = 0, compiles: int = 400) -> list[Recipe]:
    strategy = STRATEGIES[name](make_setting(seed, compiles))
    asked: list[Recipe] = []
    while len(asked) < compiles:
        batch = strategy.ask()
        if not batch:
            break
        asked += batch
        strategy.tell([Trial(r, cost_of(r)) for r in batch])
    return asked


@pytest.mark.parametrize("name", STRATEGIES)
def test_everything_proposed_is_legal(name: str) -> None:
    for recipe in run(name):
        assert parse_recipe(str(recipe)) == recipe


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_seed_repeats_a_run(name: str) -> None:
    assert run(name, 3, 120) == run(name, 3, 120)


@pytest.mark.parametrize("name", STRATEGIES)
def test_a_strategy_survives_all_kinds_of_answers(name: str) -> None:
    strategy = STRATEGIES[name](make_setting())
    for answer in (None, BASELINE, None, 5):
        batch = strategy.ask()
        strategy.tell([Trial(r, answer) for r in batch[: len(batch) // 2]])
    assert all(parse_recipe(str(r)) == r for r in strategy.ask())


@pytest.mark.parametrize("name", ["evolution", "climbing"])
def test_searches_find_what_helps(name: str) -> None:
    costs = [c for r in run(name, compiles=600) if (c := cost_of(r)) is not None]
    assert min(costs) <= BASELINE - 35


def test_evolution_spends_a_small_budget_as_the_portfolio_does() -> None:
    assert run("evolution", compiles=10)[:10] == run("portfolio", compiles=10)[:10]


def test_random_lists_are_as_in_the_papers() -> None:
    lengths = [sum(not p.children for top in r.passes for p in top.walk()) for r in run("random", compiles=800)]
    assert min(lengths) == 1
    assert max(lengths) == 50
    assert 22 < sum(lengths) / len(lengths) < 29
