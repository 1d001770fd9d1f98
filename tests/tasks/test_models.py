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
from lathe.tasks import (
    SAMPLINGS,
    AskSetting,
    PromptedModel,
    RecipeRule,
    TooLongError,
    list_words,
    open_model,
    read_answer,
    read_pass_list,
    read_words,
    write_prompt,
)
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
    stage, setting = parse_recipe(STAGES[0]), AskSetting(8, sampling, seed=5)
    found = model.propose(IR, stage=stage, space=space, setting=setting)
    assert len({proposal.recipe for proposal in found}) == len(found) <= 8
    assert found == model.propose(IR, stage=stage, space=space, setting=setting)
    for proposal in found:
        assert parse_recipe(str(proposal.recipe)) == proposal.recipe
        assert proposal.score is not None and proposal.score < 0
    assert model.propose(IR * 600, stage=stage, space=space, setting=setting) == []


def test_torch_and_openvino_say_the_same(folder: Path, space: Space, tmp_path: Path) -> None:
    export_network(folder / "plain", tmp_path / "exact", ["f16"])
    stage = parse_recipe(STAGES[0])
    models = [open_model(str(path), cache=tmp_path) for path in (folder / "plain", tmp_path / "exact")]
    one, two = (m.propose(normalise_ir(IR), stage=stage, space=space, setting=AskSetting(3)) for m in models)
    assert [p.recipe for p in one] == [p.recipe for p in two]
    row = {"input": "f:\nretq\n", "architecture": "x86"}
    first, second = (next(model.answer("disassembly", row, AskSetting())) for model in models)
    assert (first.code, first.finished) == (second.code, second.finished)
    with pytest.raises(TooLongError, match="no room"):
        next(models[1].answer("disassembly", row | {"input": "nop\n" * 900}, AskSetting()))


PROMPTS = {
    ("tuning", ""): "[INST] Tell me how to optimize this LLVM-IR for object file size:\n\n<code>CODE</code> [/INST]",
    ("disassembly", ""): "[INST] Disassemble this code to LLVM-IR:\n\n<code>CODE</code> [/INST]",
    ("emulation", "ll"): (
        "[INST] Give the LLVM-IR for the following code when optimized using opt -p 'module(default<Oz>)':\n\n"
        "<code>CODE</code>\n\nThe input code has instruction count 39 and binary size 2567 bytes. [/INST]"
    ),
    ("emulation", "asm"): (
        "[INST] Give the assembly for the following code when optimized using opt -p 'module(default<Oz>)':\n\n"
        "<code>CODE</code>\n\nThe input code has instruction count 39 and binary size 2567 bytes. [/INST]"
    ),
}


@pytest.mark.parametrize(("task", "kind"), PROMPTS)
def test_the_published_prompts_to_the_letter(task: str, kind: str) -> None:
    row = {
        "input": "other", "printed": "CODE", "recipe": "default<Oz>", "kind": kind, "instructions_before": 39,
        "binary_before": 2567,
    }  # fmt: skip
    assert write_prompt(task, row) == PROMPTS[task, kind]


def test_pass_lists_of_an_older_llvm_are_read() -> None:
    said = "Use this: opt -p 'module(function(sroa<modify-cfg>,no-such-pass,gvn),default<Oz>)' to optimize."
    assert str(read_pass_list(said)) == "function(sroa<modify-cfg>,gvn),default<Oz>"
    assert read_pass_list("I do not know.") is None and read_pass_list("opt -p 'module(((' ") is None


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


class Recorded:
    """Answers as LLM Compiler gives them."""

    def __init__(self, *texts: str) -> None:
        self.texts, self.asked = list(texts), list[tuple[str, int, float]]()

    def complete(self, prompt: str, *, count: int, limit: int, temperature: float, seed: int) -> list[str]:
        self.asked.append((prompt, count, temperature))
        found, self.texts = self.texts[:count], self.texts[count:]
        return found


def test_recorded_answers_of_llm_compiler_are_read(space: Space) -> None:
    said = (
        "Run the following passes to optimize this code: `opt -p 'module(default<Oz>,gvn-hoist,mergefunc)'`",
        "opt -p 'function(mem2reg,not-any-more),default<O1>'",
        "opt -p 'module(default<Oz>,gvn-hoist,mergefunc)'",
        "I am sorry.",
    )
    model = PromptedModel("recorded", Recorded(*said))
    found = model.propose(IR, stage=parse_recipe(STAGES[0]), space=space, setting=AskSetting(4))
    assert [str(p.recipe) for p in found] == [
        "default<Oz>,function(gvn-hoist),mergefunc", "function(mem2reg),default<O1>",
    ]  # fmt: skip
    assert [(count, temperature > 0) for _, count, temperature in model.generator.asked] == [(1, False), (3, True)]

    printed = "; ModuleID = 'x'\ndefine i32 @f(i32 %x) {\nentry:\n  ret i32 %x\n}\n"
    model = PromptedModel("recorded", Recorded(f"<code>{printed}</code>", "<code>define i32 @f("))
    row = {"input": "f:\n", "architecture": "x86"}
    one, two = model.answer("disassembly", row, AskSetting(2))
    assert one.finished and one.code == normalise_ir(printed)
    assert not two.finished and two.code is None


def test_a_network_with_the_keys_of_llm_compiler(space: Space, tmp_path: Path) -> None:
    from tokenizers import Tokenizer as Inner
    from tokenizers import decoders, models, pre_tokenizers, trainers
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    inner = Inner(models.BPE())
    inner.pre_tokenizer, inner.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, special_tokens=["<s>", "</s>"], initial_alphabet=alphabet)
    inner.train_from_iterator([IR] * 9, trainer)
    PreTrainedTokenizerFast(tokenizer_object=inner, bos_token="<s>", eos_token="</s>").save_pretrained(tmp_path)
    config = LlamaConfig(
        vocab_size=32_016, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=4, max_position_embeddings=600, rms_norm_eps=1e-5, bos_token_id=1, eos_token_id=2,
        rope_parameters={"rope_type": "default", "rope_theta": 1e6}, tie_word_embeddings=False,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(tmp_path)
    model = open_model(str(tmp_path), cache=tmp_path / "cache")
    assert isinstance(model, PromptedModel)
    assert model.propose(IR, stage=parse_recipe(STAGES[0]), space=space, setting=AskSetting(2)) == []
    row = {"input": "f:\nretq\n", "architecture": "x86"}
    (answer,) = model.answer("disassembly", row, AskSetting())
    assert not answer.finished and answer.code is None
    with pytest.raises(TooLongError, match="context of 600"):
        list(model.answer("disassembly", row | {"input": "nop\n" * 900}, AskSetting()))


def test_sizes_that_go_on_for_ever_are_none() -> None:
    tokenizer = Tokenizer.train([IR] * 9, size=600, words=[])

    def read(text: str) -> tuple[int, int] | None:
        said = [*tokenizer.encode(IR), tokenizer.tag("sizes"), *tokenizer.encode(text), tokenizer.tag("end")]
        return read_answer(tokenizer, "emulation", said).sizes

    assert read("120 96") == (120, 96)
    assert read("120 " + "9" * 400) is None and read("120") is None and read("a b") is None
