"""Recipes: the grammar, the canonical form, and what must never get through."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lathe.errors import RecipeError
from lathe.llvm import load_catalogue, parse_recipe, read_pipeline
from lathe.search import Space


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("sroa", "function(sroa)"),
        ("sroa, early-cse<memssa> ,globalopt", "function(sroa,early-cse<memssa>),globalopt"),
        ("licm,sroa", "function(loop-mssa(licm),sroa)"),
        ("function(sroa),function(dce)", "function(sroa),function(dce)"),
        ("cgscc(devirt<4>(inline,function(sroa)))", "cgscc(devirt<4>(inline,function(sroa)))"),
        ("early-cse<>", "function(early-cse)"),
        ("instcombine", "function(instcombine<no-verify-fixpoint>)"),
        ("default<Oz> -sink-common-insts", "default<Oz> -sink-common-insts=true"),
        ("-regalloc=basic -disable-lsr", "-disable-lsr=true -regalloc=basic"),
        ("", ""),
    ],
)
def test_canonical_form(text: str, canonical: str) -> None:
    assert str(parse_recipe(text)) == canonical


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gnv", 'Unknown pass "gnv" (LLVM 22). Did you mean "gvn"?'),
        ("dot-cfg", 'Pass "dot-cfg" is kept out'),
        ("memprof-use<profile-filename=/etc/passwd>", 'Pass "memprof-use" is kept out'),
        ("structurizecfg", 'Pass "structurizecfg" is kept out'),
        ("sroa<x>", 'unknown parameter "x" of "sroa"'),
        ("simplifycfg<bonus-inst-threshold=99999>", "unknown parameter"),
        ("sroa,", "a pass is missing"),
        ("function(sroa", "is not closed"),
        ("sroa)", "unexpected ')'"),
        ("function", "needs passes inside"),
        ("function<x>(sroa)", "takes only"),
        ("devirt<99>(inline)", "takes a count"),
        ("function(globalopt)", "cannot stand inside"),
        ("loop(licm)", "cannot stand inside"),
        ("sroa -o=/etc/x", 'Unknown option "o"'),
        ("sroa -regalloc=/etc/x", "the value must be one of"),
        ("sroa -disable-lsr=maybe", "the value must be true or false"),
        ("sroa -disable-lsr -disable-lsr=false", "sets an option twice"),
        ("sroa 'x", "open quote"),
        ("sroa;dce", "cannot read"),
        ("$(id)", "cannot read"),
    ],
)
def test_refused_with_the_reason(text: str, words: str) -> None:
    with pytest.raises(RecipeError) as error:
        parse_recipe(text)
    assert words in str(error.value)


@given(st.integers(0, 2**32))
@settings(max_examples=200, deadline=None)
def test_every_recipe_round_trips(seed: int) -> None:
    rng = random.Random(seed)
    space = Space(load_catalogue(), "x86")
    recipe = space.compose(space.draw_words(rng, rng.randint(0, 12)), rng.sample(space.options, 0))
    for _ in range(rng.randint(0, 6)):
        recipe = space.mutate(rng, recipe)
    again = parse_recipe(str(recipe))
    assert again == recipe
    assert hash(again) == hash(recipe)


@given(st.text(max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_text_is_a_recipe_or_an_error(text: str) -> None:
    try:
        recipe = parse_recipe(text)
    except RecipeError:
        return
    assert parse_recipe(str(recipe)) == recipe


def test_a_printed_pipeline_is_read_without_what_is_kept_out() -> None:
    recipe = read_pipeline(
        "annotation2metadata,function<eager-inv>(ee-instrument<>,sroa<modify-cfg>,early-cse<>),verify"
    )
    assert str(recipe) == "function<eager-inv>(sroa<modify-cfg>,early-cse)"
