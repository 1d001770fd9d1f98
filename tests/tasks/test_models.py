"""Models that are asked: only legal recipes come out, no two the same, and tuning with a model keeps its promises."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from conftest import EXAMPLES

from lathe.cli.app import main
from lathe.errors import InputError
from lathe.llvm import LEVELS, Toolchain, load_catalogue, normalise_ir, parse_recipe
from lathe.model import Tokenizer
from lathe.search import STAGES, Space, load_portfolio
from lathe.tasks import SAMPLINGS, Model, RecipeRule, list_words, open_model, propose_recipes, read_words
from lathe.training import Shape, export_network, make_network

IR = "define i32 @f(i32 %x) {\n  ret i32 %x\n}\n"


@pytest.fixture(scope="module")
def space(toolchain: Toolchain) -> Space:
    return Space(load_catalogue(toolchain.major), "x86")


@pytest.fixture(scope="module")
def tokenizer(space: Space) -> Tokenizer:
    words = [*map(str, space.words), *map(str, space.options), *(f"{level}(" for level in LEVELS), ")"]
    return Tokenizer.train([IR] * 9, size=1600, words=words)


@pytest.fixture(scope="module")
def folder(tokenizer: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that was never trained, as it is exported."""
    folder = tmp_path_factory.mktemp("models")
    network = make_network(
        Shape(64, 2, 2, 96, context=512), vocabulary=tokenizer.size, tokenizer=tokenizer.digest, seed=3
    )
    network.save_pretrained(folder / "plain")
    tokenizer.save(folder / "plain" / "tokenizer.json")
    export_network(folder / "plain", folder / "out", ["q8_0"])
    return folder


def test_whatever_follows_the_rule_is_a_recipe_of_the_space(tokenizer: Tokenizer, space: Space) -> None:
    rule, rng = RecipeRule(tokenizer, space), random.Random(1)
    allowed = {*map(str, space.words)}
    options = {*map(str, space.options)}
    for _ in range(300):
        said: list[int] = []
        while (token := rng.choice([*(following := rule(said)), *following[-1:] * len(following)])) != rule.end:
            said.append(token)
        recipe = read_words([tokenizer.decode([token]).decode() for token in said])
        leaves = [str(item) for top in recipe.passes for item in top.walk() if not item.children]
        assert set(leaves) <= allowed and set(map(str, recipe.options)) <= options


def test_recipes_that_are_known_follow_the_rule(tokenizer: Tokenizer, space: Space) -> None:
    rule = RecipeRule(tokenizer, space)
    recipes = [recipe for kind in ("across", "whole") for recipe in load_portfolio(stage=kind)]
    for recipe in recipes:
        tokens = tokenizer.encode_words(list_words(recipe))
        for number, token in enumerate([*tokens, rule.end]):
            assert token in rule(tokens[:number]), str(recipe)


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_proposals_are_legal_and_each_there_once(sampling: str, folder: Path, space: Space, tmp_path: Path) -> None:
    model = open_model(str(folder / "out"), cache=tmp_path)
    stage = parse_recipe(STAGES[0])
    found = propose_recipes(model, space, IR, stage=stage, count=8, sampling=sampling, seed=5)
    assert len({proposal.recipe for proposal in found}) == len(found) <= 8
    assert found == propose_recipes(model, space, IR, stage=stage, count=8, sampling=sampling, seed=5)
    for proposal in found:
        assert parse_recipe(str(proposal.recipe)) == proposal.recipe and proposal.score < 0
    assert propose_recipes(model, space, IR * 600, stage=stage, count=8, sampling=sampling) == []


def test_torch_and_openvino_propose_the_same(folder: Path, space: Space, tmp_path: Path) -> None:
    export_network(folder / "plain", tmp_path / "exact", ["f16"])
    stage = parse_recipe(STAGES[0])
    models: list[Model] = [open_model(str(path), cache=tmp_path) for path in (folder / "plain", tmp_path / "exact")]
    one, two = (propose_recipes(model, space, normalise_ir(IR), stage=stage, count=3) for model in models)
    assert [p.recipe for p in one] == [p.recipe for p in two]


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int | str | None, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["tune", *words])
    said = capsys.readouterr()
    return ended.value.code, said.out, said.err


def test_tune_with_a_model(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = str(EXAMPLES / "sorting.c")
    words = ("--strategy", "model", "--model", str(folder / "out"), "--compiles", "6", "--no-cache", "--json")
    code, out, _ = run(capsys, source, *words, "-o", str(tmp_path / "sorting.o"))
    (found,) = json.loads(out)["files"]
    assert code == 0 and 0 < found["tuned"]["bytes"] <= found["baseline"]["bytes"]
    assert (tmp_path / "sorting.o").stat().st_size > 0

    for more, status, message in (
        (("--model", str(tmp_path)), InputError.exit_code, "has no model"),
        (("--granularity", "unit"), 2, "for functions"),
    ):
        code, _, error = run(capsys, source, *words, *more)
        assert code == status and message in error
