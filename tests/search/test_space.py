"""The space: moves keep recipes legal, seeds repeat, the prior steers."""

from __future__ import annotations

import random

import pytest

from lathe.llvm import load_catalogue, parse_recipe, read_pipeline
from lathe.search import Prior, Space, delete_at, load_portfolio, load_prior, paths_of

PIPELINE = "globalopt,cgscc(devirt<4>(inline,function<eager-inv>(sroa,loop-mssa(licm),loop(indvars)))),globaldce"


@pytest.fixture
def space() -> Space:
    return Space(load_catalogue(), "x86")


@pytest.mark.parametrize("start", ["", "default<Oz>", PIPELINE])
def test_mutants_and_children_are_legal_and_new(space: Space, start: str) -> None:
    rng = random.Random(1)
    recipe = read_pipeline(start) if start else parse_recipe("")
    other = parse_recipe("sroa,default<Oz> -disable-lsr")
    for _ in range(300):
        mutant = space.mutate(rng, recipe)
        assert mutant != recipe
        assert parse_recipe(str(mutant)) == mutant
        child = space.cross(rng, mutant, other)
        assert parse_recipe(str(child)) == child


def test_a_seed_repeats(space: Space) -> None:
    start = parse_recipe("default<Oz>")
    one, two = random.Random(7), random.Random(7)
    assert [space.mutate(one, start) for _ in range(20)] == [space.mutate(two, start) for _ in range(20)]


def test_only_options_of_the_architecture() -> None:
    names = {o.name for o in Space(load_catalogue(), "riscv").options}
    assert not any(n.startswith(("x86-", "aarch64-", "arm-")) for n in names)


def test_the_prior_steers() -> None:
    heavy = Prior({"sroa": 1e6}, {"-disable-lsr=true": 1e6})
    space = Space(load_catalogue(), "x86", heavy)
    rng = random.Random(0)
    texts = " ".join(str(space.mutate(rng, parse_recipe("default<Oz>"))) for _ in range(50))
    assert texts.count("sroa") + texts.count("-disable-lsr=true") > 40


def test_deleting_every_path_leaves_nothing() -> None:
    passes = parse_recipe(PIPELINE).passes
    while passes:
        before = len(paths_of(passes))
        passes = delete_at(passes, paths_of(passes)[-1])
        assert len(paths_of(passes)) < before


def test_the_shipped_data_fits_the_catalogue() -> None:
    space = Space(load_catalogue(), "x86")
    prior = load_prior()
    options = {str(o) for o in space.options}
    # words of clang's own pipeline are spelled out with all parameters, so not every weight names a word
    assert sum(name in options for name in prior.options) >= 0.9 * len(prior.options)
    for major in (19, 20, 21, 22):
        for architecture in ("x86", "aarch64", "arm", "riscv"):
            catalogue = load_catalogue(major)
            for stage in ("", "whole", "across"):
                for recipe in load_portfolio(catalogue, architecture, stage=stage):
                    assert parse_recipe(str(recipe), catalogue) == recipe
