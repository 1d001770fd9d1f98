"""Training: examples do not see each other, none is lost or drawn twice, and a killed run goes on as if it was not."""

from __future__ import annotations

import itertools
import json
import os
import random
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch.nn.functional import cross_entropy

from lathe.cli.app import main
from lathe.errors import InputError, TrainingError
from lathe.model import TokenExample, Tokenizer, write_shard
from lathe.training import (
    ACCELERATORS,
    SIZES,
    Feed,
    LoopSetting,
    Lora,
    Optimiser,
    Run,
    Shape,
    ShardFolder,
    Stage,
    Step,
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
from lathe.training.learner import sum_losses
from lathe.training.loop import Watch

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
        data={name: tmp_path / name for name in ("one", "two")}, held_out={"two": tmp_path / "two"},
    )  # fmt: skip


FIRST = """
tokenizer = "tokenizer.json"
batch_tokens = 1024
stream_tokens = 512
[data]
one = "one"
two = "two"
[held_out]
two = "two"
[shape]
hidden = 32
layers = 2
heads = 4
inner = 64
context = 256
[optimiser]
rate = 3e-3
[[stage]]
name = "first"
tokens = 6000
mix = { one = 1 }
"""
SECOND = """
[[stage]]
name = "second"
tokens = 4000
prompts = true
mix = { one = 0.15, two = 0.85 }
"""


Call = Callable[..., tuple[int | str | None, str, str]]


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Runs a command: its exit code, and what it said."""

    def run_command(*words: str) -> tuple[int | str | None, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(words))
        said = capsys.readouterr()
        return ended.value.code, said.out, said.err

    return run_command


def read_log(out: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (out / "log.jsonl").read_text().splitlines()]


def do_steps(run: Run, tokenizer: Tokenizer, out: Path) -> list[Step]:
    return [said for said in train(run, tokenizer, out, SETTING) if isinstance(said, Step)]


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
    whole = do_steps(run, tokenizer, tmp_path / "whole")
    assert [s.stage for s in whole] == ["first"] * 6 + ["second"] * 4 and whole[5].loss < whole[0].loss
    said = itertools.islice(train(run, tokenizer, tmp_path / "halves", SETTING), 9)
    assert sum(isinstance(one, Step) for one in said) == 8  # a checkpoint was after the sixth
    rest = do_steps(run, tokenizer, tmp_path / "halves")
    assert [(s.stage, s.step, s.loss) for s in rest] == [(s.stage, s.step, s.loss) for s in whole[6:]]
    one, other = (load_network(tmp_path / n / "network", tokenizer=tokenizer.digest) for n in ("whole", "halves"))
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))
    logs = [
        [(line["stage"], line.get("step"), line.get("loss"), line.get("losses")) for line in read_log(tmp_path / name)]
        for name in ("whole", "halves")
    ]
    assert logs[0] == logs[1] and len(logs[0]) == 12 and set(logs[0][6][3]) == {"two"}
    assert load_network(tmp_path / "whole" / "stages" / "1-first").config.hidden_size == TINY.hidden

    with pytest.raises(InputError, match="speaks the tokens of"):
        load_network(tmp_path / "whole" / "network", tokenizer="another")
    (tmp_path / "whole" / "network" / "config.json").unlink()
    with pytest.raises(InputError, match="has no network"):
        load_network(tmp_path / "whole" / "network")


@pytest.mark.parametrize("compiled", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["", "compiled"])
def test_two_processes_learn_what_one_does(run: Run, tokenizer: Tokenizer, tmp_path: Path, *, compiled: bool) -> None:
    whole = list(train(run, tokenizer, tmp_path / "whole", LoopSetting(precision="no")))
    tokenizer.save(tmp_path / "tokenizer.json")
    (tmp_path / "run.toml").write_text(FIRST)
    words = ["train", str(tmp_path / "run.toml"), "-o", str(tmp_path / "out"), "--precision", "no", "--checkpointing"]
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--standalone", "-m", "lathe"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*launcher, *words, *(["--compile"] if compiled else [])], env=environment, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("network") == 1  # one process speaks
    (tmp_path / "run.toml").write_text(FIRST + SECOND)
    done = subprocess.run([sys.executable, "-m", "lathe", *words], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = read_log(tmp_path / "out")
    steps = [said for said in whole if isinstance(said, Step)]
    assert [(line["stage"], line["step"]) for line in found if "step" in line] == [(s.stage, s.step) for s in steps]
    assert [line["loss"] for line in found if "step" in line] == pytest.approx([s.loss for s in steps], rel=1e-3)
    one, other = (load_network(tmp_path / name / "network") for name in ("whole", "out"))
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(a, b, rtol=0.02, atol=2e-3)


def test_two_processes_learn_in_half_precision(run: Run, tokenizer: Tokenizer, tmp_path: Path) -> None:
    whole = list(train(run, tokenizer, tmp_path / "whole", LoopSetting(precision="no")))
    tokenizer.save(tmp_path / "tokenizer.json")
    (tmp_path / "run.toml").write_text(FIRST)
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--standalone", "-m", "lathe"]
    done = subprocess.run(
        [*launcher, "train", str(tmp_path / "run.toml"), "-o", str(tmp_path / "out"), "--precision", "bf16"],
        env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    losses = [line["loss"] for line in read_log(tmp_path / "out") if "step" in line]
    assert losses == pytest.approx([said.loss for said in whole if isinstance(said, Step)][: len(losses)], rel=0.02)


@pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing`:FutureWarning")  # in peft, which the test loads with
def test_lora_learns_beside_a_network_that_stays(run: Run, tokenizer: Tokenizer, tmp_path: Path) -> None:
    from peft import PeftModel

    list(train(run, tokenizer, tmp_path / "base", LoopSetting(precision="no")))
    base = tmp_path / "base" / "network"
    beside = replace(
        run, start=base, lora=Lora(rank=4, targets=("q_proj", "down_proj")), optimiser=Optimiser(rate=1e-2),
        stages=(Stage("only", 30_000, {"one": 1.0}),), most_rounds=10.0,
    )  # fmt: skip
    losses = [s.loss for s in train(beside, tokenizer, tmp_path / "out", LoopSetting()) if isinstance(s, Step)]
    assert sum(losses[-5:]) < sum(losses[:5])
    merged, adapted = load_network(tmp_path / "out" / "network").float(), load_network(base).float()
    changed = {
        n
        for (n, a), (_, b) in zip(merged.named_parameters(), adapted.named_parameters(), strict=True)
        if not torch.equal(a, b)
    }
    assert changed == {
        f"model.layers.{n}.{part}.weight" for n in (0, 1) for part in ("self_attn.q_proj", "mlp.down_proj")
    }
    tokens = torch.arange(40)[None]
    with torch.no_grad():
        wanted = PeftModel.from_pretrained(adapted, tmp_path / "out" / "network" / "adapter")(tokens).logits
        torch.testing.assert_close(merged(tokens).logits, wanted, rtol=0.02, atol=0.02)
    (tmp_path / "out" / "checkpoints").rename(tmp_path / "kept")
    (tmp_path / "other").mkdir()
    (tmp_path / "kept").rename(tmp_path / "other" / "checkpoints")
    with pytest.raises(InputError, match="cannot be gone on from"):
        list(train(run, tokenizer, tmp_path / "other", LoopSetting(precision="no")))


def test_another_models_network_gets_our_tokens_too(run: Run, tokenizer: Tokenizer, tmp_path: Path) -> None:
    network = make_network(TINY, vocabulary=300, tokenizer="", seed=5)
    del network.config.lathe_tokenizer
    network.save_pretrained(tmp_path / "foreign")
    still = replace(run, start=tmp_path / "foreign", optimiser=Optimiser(rate=1e-12, weight_decay=0.0))
    list(train(still, tokenizer, tmp_path / "out", SETTING))
    found = load_network(tmp_path / "out" / "network", tokenizer=tokenizer.digest)
    assert found.config.vocab_size == tokenizer.size > 300
    torch.testing.assert_close(found.model.embed_tokens.weight[:300].float(), network.model.embed_tokens.weight,
                               rtol=0.01, atol=1e-4)  # fmt: skip


def test_an_exported_network_is_the_same_in_other_hands(
    run: Run, tokenizer: Tokenizer, tmp_path: Path, call: Call
) -> None:
    import openvino
    import openvino_genai
    from gguf import GGUFReader
    from transformers import AutoModelForCausalLM, AutoTokenizer

    # random: of 32 columns in a block, the one that all tokens share takes most of what 8 bits can tell
    list(train(replace(run, initial="random"), tokenizer, tmp_path / "run", SETTING))
    found = call("export", str(tmp_path / "run" / "network"), "-o", str(out := tmp_path / "out"), "--gguf", "f16",
                 "--gguf", "q8_0")  # fmt: skip
    assert found[0] == 0 and f"{out}/model-q8_0.gguf" in found[1].splitlines()
    card = (out / "README.md").read_text()
    assert (
        f"{load_network(out).num_parameters():,} parameters" in card and "| second | 4,000 | one 15%, two 85%" in card
    )
    assert "not evaluated" in card and tokenizer.digest in card
    text = "define i32 @f(i32 %y) {\n  ret i64 %x\n}\n"
    plain = AutoTokenizer.from_pretrained(out)
    assert plain(text)["input_ids"] == tokenizer.encode(text) and plain.decode(tokenizer.encode(text)) == text
    fields = GGUFReader(out / "model-f16.gguf").fields
    assert len(fields["tokenizer.ggml.tokens"].contents()) == tokenizer.size
    assert fields["tokenizer.ggml.tokens"].contents(tokenizer.tag("end")) == "<|end|>"

    network, tokens = load_network(out).float(), torch.tensor([tokenizer.encode(text)])
    with torch.no_grad():
        wanted = network(tokens).logits
        for kind, most in (("f16", 1e-3), ("q8_0", 0.05)):
            other = AutoModelForCausalLM.from_pretrained(out, gguf_file=f"model-{kind}.gguf")
            assert float((other(tokens).logits - wanted).abs().max()) < most * float(wanted.std())
        greedy = network.generate(tokens, max_new_tokens=12, do_sample=False, eos_token_id=None, pad_token_id=0)
    pipeline = openvino_genai.LLMPipeline(out / "model-f16.gguf", "CPU", INFERENCE_PRECISION_HINT="f32")
    answer = pipeline.generate(openvino.Tensor(tokens.numpy()), max_new_tokens=12, do_sample=False, ignore_eos=True)
    assert answer.tokens[0] == greedy[0, tokens.shape[1] :].tolist()

    shutil.copytree(out, tmp_path / "other")
    inner = json.loads((out / "tokenizer.json").read_text())
    inner["model"]["byte_fallback"] = True  # as Llama's
    (tmp_path / "other" / "tokenizer.json").write_text(json.dumps(inner))
    for words, status, message in (
        (("export", str(tmp_path / "other"), "-o", str(tmp_path / "none"), "--gguf", "f16"), 3, "no tokenizer of"),
        (("export", str(out), "-o", str(out)), 7, "exists"),
        (("export", str(tmp_path / "one"), "-o", str(tmp_path / "none")), 3, "has no network"),
        (("export", str(out), "-o", str(tmp_path / "none"), "--gguf", "q1"), 2, "Unknown kind"),
    ):
        code, _, error = call(*words)
        assert code == status and message in error and not (tmp_path / "none").exists()


def test_train_as_a_user_would(run: Run, tokenizer: Tokenizer, tmp_path: Path, call: Call) -> None:
    tokenizer.save(tmp_path / "tokenizer.json")
    (tmp_path / "run.toml").write_text(
        'tokenizer = "tokenizer.json"\nbatch_tokens = 512\nstream_tokens = 512\n[data]\none = "one"\n'
        "[shape]\nhidden = 32\nlayers = 1\nheads = 4\ninner = 64\ncontext = 256\n"
        '[[stage]]\nname = "first"\ntokens = 1024\nmix = { one = 1 }\n'
    )
    code, out, err = call("train", str(tmp_path / "run.toml"), "-o", str(tmp_path / "out"), "--precision", "no")
    assert code == 0 and "first 2/2: loss" in err and out.strip() == str(tmp_path / "out" / "network")
    assert load_network(tmp_path / "out" / "network", tokenizer=tokenizer.digest).config.num_hidden_layers == 1
    code, out, _ = call(
        "train", str(RUNS / "llm-compiler.toml"), "--plan", "--device", "a100", "--devices", "64", "--price", "2"
    )
    assert code == 0 and "6,738,546,688 parameters" in out and "710,000,000,000" in out and "264,000" in out
    for words, status, message in (
        ((str(RUNS / "none.toml"),), 3, "cannot be read"),
        ((str(tmp_path / "run.toml"),), 2, "-o OUT"),
        ((str(RUNS / "nano.toml"), "--plan", "--device", "abacus"), 2, "Unknown device"),
        ((str(RUNS / "llm-compiler.toml"), "-o", str(tmp_path / "x")), 3, "names no tokenizer"),
    ):
        code, _, err = call("train", *words)
        assert code == status and message in err, (words, err)


@pytest.mark.parametrize(("precision", "most"), [(torch.float32, 1e-5), (torch.bfloat16, 0.02)])
def test_losses_in_pieces_have_the_gradients_of_the_whole(precision: torch.dtype, most: float) -> None:
    torch.manual_seed(1)
    found = []
    hidden, weight = torch.randn(1300, 16), torch.randn(90, 16)
    targets = torch.randint(0, 90, (1300,))
    for sums in (sum_losses, lambda h, w, t: cross_entropy((h @ w.T).float(), t, reduction="sum")):
        h, w = (part.to(precision, copy=True).requires_grad_() for part in (hidden, weight))
        loss = sums(h, w, targets)
        loss.backward()
        assert h.grad.dtype == w.grad.dtype == precision
        found.append([loss.detach(), h.grad.float(), w.grad.float()])
    for ours, theirs in zip(*found, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=most, atol=most * float(theirs.abs().max()))


def test_a_loss_that_jumps_and_stays_stops_the_run() -> None:
    watch = Watch("second")
    for step in range(100):
        watch.look_at(2.0 + step % 2 / 2, step)
    for step, loss in enumerate((9.0, 2.0, 9.0, 9.0, 2.0)):  # odd batches
        watch.look_at(loss, step)
    watch.look_at(9.0, 6)
    watch.look_at(9.0, 7)
    with pytest.raises(TrainingError, match=r'9 at step 8 of stage "second", where 2\.\d* is usual'):
        watch.look_at(9.0, 8)


def test_a_loss_that_is_no_number_stops_the_run(run: Run, tokenizer: Tokenizer, tmp_path: Path) -> None:
    wild = Run(run.stages, 1024, stream_tokens=512, shape=TINY, data=run.data, optimiser=Optimiser(rate=1e30))
    with pytest.raises(TrainingError, match="stage"):
        list(train(wild, tokenizer, tmp_path / "out", SETTING))


@pytest.mark.slow
def test_too_little_memory_names_the_knob(run: Run, tokenizer: Tokenizer, tmp_path: Path) -> None:
    tokenizer.save(tmp_path / "tokenizer.json")
    wide = FIRST.replace("_tokens = 512", "_tokens = 1_048_576").replace("tokens = 6000", "tokens = 10\nprompts = true")
    (tmp_path / "run.toml").write_text("most_rounds = 1000\n" + wide)
    words = [sys.executable, "-m", "lathe", "train", str(tmp_path / "run.toml"), "-o", str(tmp_path / "out")]
    limited = f"ulimit -v {8 << 20} && exec {shlex.join(words)} --precision no"
    done = subprocess.run(["sh", "-c", limited], capture_output=True, text=True, check=False)
    assert done.returncode == TrainingError.exit_code and "Lower stream_tokens" in done.stderr, done.stderr


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
