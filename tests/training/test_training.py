"""Training: examples do not see each other, none is lost or drawn twice, and a killed run goes on as if it was not."""

from __future__ import annotations

import itertools
import random
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from lathe.cli.app import main
from lathe.errors import InputError, TrainingError
from lathe.model import TokenExample, Tokenizer, write_shard
from lathe.training import (
    ACCELERATORS,
    SIZES,
    Feed,
    LoopSetting,
    Optimiser,
    Run,
    Shape,
    ShardFolder,
    Stage,
    count_flops,
    estimate_memory,
    estimate_stages,
    load_network,
    make_network,
    read_run,
    read_shape,
    train,
    use_streams,
)

RUNS = Path(__file__).parents[2] / "runs"
TINY = Shape(32, 2, 4, 64, context=256)
SETTING = LoopSetting(checkpoint_steps=4, precision="no")


def draw_examples(seed: int, count: int) -> list[TokenExample]:
    rng = random.Random(seed)
    return [
        TokenExample(*([rng.randrange(400) for _ in range(rng.randrange(2, most))] for most in (60, 90)))
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.train(["define i32 @f(i32 %x) {\n  ret i32 %x\n}\n"], size=620)


@pytest.fixture
def run(tokenizer: Tokenizer, tmp_path: Path) -> Run:
    for number, name in enumerate(("one", "two")):
        (tmp_path / name).mkdir()
        write_shard(tmp_path / name / "tokens-00000.safetensors", draw_examples(number, 60), tokenizer=tokenizer.digest)
    stages = (Stage("first", 6000, {"one": 1.0}), Stage("second", 4000, {"one": 0.15, "two": 0.85}, prompts=True))
    return Run(
        stages, batch_tokens=1024, stream_tokens=512, shape=TINY, optimiser=Optimiser(rate=3e-3),
        data={name: tmp_path / name for name in ("one", "two")},
    )  # fmt: skip


def as_lists(examples: Sequence[TokenExample]) -> list[list[int]]:
    return [[*map(int, e.prompt), *map(int, e.completion)] for e in examples]


@pytest.mark.parametrize("name", SIZES)
def test_parameters_are_those_that_transformers_makes(name: str) -> None:
    shape = SIZES[name]
    vocabulary = shape.vocabulary or 8192
    with torch.device("meta"):
        network = make_network(shape, vocabulary=vocabulary, tokenizer="", seed=0)
    assert sum(p.numel() for p in network.parameters()) == shape.count(vocabulary).total
    published = {"7b": 6_738_546_688, "13b": 13_016_028_160}  # of Code Llama's files
    assert shape.count(vocabulary).total == published.get(name, shape.count(vocabulary).total)
    assert shape.count(8192).total * 2 <= 64 << 20 or name in published
    assert read_shape(network.config) == replace(shape, vocabulary=vocabulary)


def test_examples_in_a_stream_do_not_see_each_other() -> None:
    network = make_network(TINY, vocabulary=600, tokenizer="", seed=1)
    feed = Feed({"a": draw_examples(1, 40)}, {"a": 1.0}, length=512, prompts=False)
    batch = feed.draw()
    with torch.no_grad():
        alone = [
            network(input_ids=batch.tokens[None, a:b]).logits[0] for a, b in itertools.pairwise(batch.ends.tolist())
        ]
        use_streams(network)
        together = network(
            input_ids=batch.tokens[None], position_ids=batch.positions[None], use_cache=False, ends=batch.ends,
            longest=512,
        ).logits[0]  # fmt: skip
    assert len(alone) > 4
    torch.testing.assert_close(together, torch.cat(alone))


def test_each_example_is_drawn_once_a_round_in_the_proportions_asked_for() -> None:
    sources = {"a": draw_examples(1, 300), "b": draw_examples(2, 100)}
    feed = Feed(sources, {"a": 0.9, "b": 0.1}, length=400, prompts=False)
    batches = [feed.draw() for _ in range(40)]
    drawn = [
        batch.tokens[a:b].tolist()
        for batch in batches
        for a, b in itertools.pairwise(batch.ends.tolist())
        if b <= batch.useful
    ]
    wanted = as_lists([*sources["a"], *sources["b"]])
    assert len({tuple(one) for one in drawn}) == len(drawn) and all(one in wanted for one in drawn)
    assert abs(feed.drawn["a"] / sum(feed.drawn.values()) - 0.9) < 0.01
    assert sum(batch.useful for batch in batches) / (40 * 400) > 0.95

    again = Feed(sources, {"a": 0.9, "b": 0.1}, length=400, prompts=False)
    again.skip(39)
    assert torch.equal(again.draw().tokens, batches[39].tokens)
    with pytest.raises(InputError, match="--most-tokens 60"):
        Feed(sources, {"a": 1.0}, length=60, prompts=False).draw()


def test_only_completions_are_learnt_or_prompts_too() -> None:
    examples = [TokenExample([1, 2, 3], [4, 5]), TokenExample([6], [7, 8])]
    for prompts, places, targets in (
        (False, [2, 3, 5, 6], [4, 5, 7, 8]),
        (True, [0, 1, 2, 3, 5, 6], [2, 3, 4, 5, 7, 8]),
    ):
        batch = Feed({"a": examples}, {"a": 1.0}, length=8, prompts=prompts).draw()
        assert batch.tokens.tolist() == [1, 2, 3, 4, 5, 6, 7, 8]
        assert (batch.learnt.tolist(), batch.targets.tolist()) == (places, targets)


def test_a_stopped_run_goes_on_to_the_same_losses(run: Run, tokenizer: Tokenizer, tmp_path: Path) -> None:
    whole = list(train(run, tokenizer, tmp_path / "whole", SETTING))
    assert [s.stage for s in whole] == ["first"] * 6 + ["second"] * 4 and whole[5].loss < whole[0].loss
    list(itertools.islice(train(run, tokenizer, tmp_path / "halves", SETTING), 8))  # a checkpoint was after the sixth
    rest = list(train(run, tokenizer, tmp_path / "halves", SETTING))
    assert [(s.stage, s.step, s.loss) for s in rest] == [(s.stage, s.step, s.loss) for s in whole[6:]]
    one, other = (load_network(tmp_path / n / "network", tokenizer=tokenizer.digest) for n in ("whole", "halves"))
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))
    assert len((tmp_path / "whole" / "log.jsonl").read_text().splitlines()) == 10

    with pytest.raises(InputError, match="speaks the tokens of"):
        load_network(tmp_path / "whole" / "network", tokenizer="another")
    (tmp_path / "whole" / "network" / "config.json").unlink()
    with pytest.raises(InputError, match="has no network"):
        load_network(tmp_path / "whole" / "network")


def test_train_as_a_user_would(
    run: Run, tokenizer: Tokenizer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tokenizer.save(tmp_path / "tokenizer.json")
    (tmp_path / "run.toml").write_text(
        'tokenizer = "tokenizer.json"\nbatch_tokens = 512\nstream_tokens = 512\n[data]\none = "one"\n'
        "[shape]\nhidden = 32\nlayers = 1\nheads = 4\ninner = 64\ncontext = 256\n"
        '[[stage]]\nname = "first"\ntokens = 1024\nmix = { one = 1 }\n'
    )

    def call(*words: str) -> tuple[int | str | None, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["train", *words])
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    code, out, err = call(str(tmp_path / "run.toml"), "-o", str(tmp_path / "out"), "--precision", "no")
    assert code == 0 and "first 2/2: loss" in err and out.strip() == str(tmp_path / "out" / "network")
    assert load_network(tmp_path / "out" / "network", tokenizer=tokenizer.digest).config.num_hidden_layers == 1
    code, out, _ = call(
        str(RUNS / "llm-compiler.toml"), "--plan", "--device", "a100", "--devices", "64", "--price", "2"
    )
    assert code == 0 and "6,738,546,688 parameters" in out and "710,000,000,000" in out and "264,000" in out
    for words, status, message in (
        ((str(RUNS / "none.toml"),), 3, "cannot be read"),
        ((str(tmp_path / "run.toml"),), 2, "-o OUT"),
        ((str(RUNS / "nano.toml"), "--plan", "--device", "abacus"), 2, "Unknown device"),
        ((str(RUNS / "llm-compiler.toml"), "-o", str(tmp_path / "x")), 3, "names no tokenizer"),
    ):
        code, _, err = call(*words)
        assert code == status and message in err, (words, err)


def test_a_loss_that_is_no_number_stops_the_run(run: Run, tokenizer: Tokenizer, tmp_path: Path) -> None:
    wild = Run(run.stages, 1024, stream_tokens=512, shape=TINY, data=run.data, optimiser=Optimiser(rate=1e30))
    with pytest.raises(TrainingError, match="stage"):
        list(train(wild, tokenizer, tmp_path / "out", SETTING))


def test_wrong_data_is_a_clear_error(run: Run, tokenizer: Tokenizer, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="was made with the tokenizer"):
        ShardFolder(tmp_path / "one", tokenizer="another")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="lathe dataset pack"):
        ShardFolder(tmp_path / "empty")
    shutil.copy(tmp_path / "one" / "tokens-00000.safetensors", tmp_path / "empty" / "tokens-00000.safetensors.zst")
    with pytest.raises(InputError, match="lathe dataset unpack"):
        ShardFolder(tmp_path / "empty")
    less = Run(run.stages, 1024, stream_tokens=512, shape=TINY, data={"one": tmp_path / "one"})
    with pytest.raises(InputError, match="no data for two"):
        list(train(less, tokenizer, tmp_path / "out", SETTING))


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (("\ntokens =", "\ntoken ="), 'unknown key "stage.0.token". Did you mean "tokens"'),
        (('size = "nano"', 'size = "mano"'), "'nano', 'small', '7b' or '13b'"),
        (("rate = 2e-3", 'rate = "fast"'), "\"optimiser.rate\" is 'fast'"),
        (("mix = { code = 1 }", "mix = { cod = 1 }"), 'mixes "cod", which .data. lacks. Did you mean "code"'),
        (("mix = { code = 1 }", "mix = {}"), "stage.0.mix"),
        (("batch_tokens = 8192", ""), '"batch_tokens" is missing'),
        (("[data]", "[data"), "is not TOML"),
    ],
)
def test_a_wrong_file_is_one_clear_error(change: tuple[str, str], match: str, tmp_path: Path) -> None:
    text = (RUNS / "nano.toml").read_text()
    assert change[0] in text
    (tmp_path / "run.toml").write_text(text.replace(*change, 1))
    with pytest.raises(InputError, match=match):
        read_run(tmp_path / "run.toml")


def test_the_files_that_come_with_it_are_read() -> None:
    for path in RUNS.glob("*.toml"):
        if "[[stage]]" in path.read_text():
            assert all(abs(sum(stage.mix.values()) - 1) < 1e-9 for stage in read_run(path).stages)


def test_the_papers_hours_are_those_of_a_usual_utilisation() -> None:
    run = read_run(RUNS / "llm-compiler.toml")
    assert run.published and sum(stage.tokens for stage in run.stages) == 710_000_000_000
    a100 = ACCELERATORS["a100"]
    hours = sum(
        cost.device_hours
        for size in run.published.sizes
        for cost in estimate_stages(run, SIZES[size], 32_016, device=a100, mfu=1.0)
    )
    assert 0.3 < hours / run.published.hours < 0.5
    assert count_flops(SIZES["7b"], 32_016, 0) == pytest.approx(6 * 6.6e9, rel=0.01)
    alone, many = (
        estimate_memory(SIZES["7b"], 32_016, stream=16_384, devices=n, checkpointing=True).total for n in (1, 64)
    )
    assert alone > a100.memory > many
