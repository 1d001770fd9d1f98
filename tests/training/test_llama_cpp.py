"""llama.cpp reads what `lathe export` writes: its tokens, logits and greedy answers are those of the reference."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer as Inner
from transformers import LlamaForCausalLM

from lathe.model import Tokenizer
from lathe.training import Shape, export_network, load_network, make_config

SHIPPED = Path(__file__).parents[2] / "src" / "lathe" / "model" / "shipped"
ONE = "define i32 @f{0}(i32 %0) {{\n  %2 = add i32 %0, {1}\n  ret i32 %2 ; !{0}\n}}\n"
TEXT = "".join(ONE.format(number, number * 37) for number in range(20))


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    llama_cpp = pytest.importorskip("llama_cpp")
    plain = llama_cpp.llama_model_default_params()
    plain.use_extra_bufts = False  # its AMX kernels crash in some builds: ggml-org/llama.cpp#20824
    monkeypatch.setattr(llama_cpp.llama_cpp, "llama_model_default_params", lambda: plain)
    return partial(llama_cpp.Llama, n_ctx=512, n_threads=1, n_threads_batch=1, logits_all=True, verbose=False)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A network that has learnt a text; its queries share keys, and its head is its own, unlike the shipped one's."""
    pytest.importorskip("llama_cpp")
    (tokenizer := Tokenizer.train([TEXT], size=600)).save((folder := tmp_path_factory.mktemp("x")) / "tokenizer.json")
    shape = Shape(64, 2, 4, 128, context=512, tied=False)
    config = make_config(shape, vocabulary=tokenizer.size, tokenizer=tokenizer.digest)
    config.num_key_value_heads = 2
    torch.manual_seed(0)
    network, tokens = LlamaForCausalLM(config), torch.tensor([tokenizer.encode(TEXT)[:512]])
    optimiser = torch.optim.AdamW(network.parameters(), 3e-3)
    for _ in range(120):
        optimiser.zero_grad()
        network(input_ids=tokens, labels=tokens).loss.backward()
        optimiser.step()
    network.save_pretrained(folder)
    export_network(folder, folder / "out", ["f16", "q8_0"])
    return folder / "out"


@pytest.mark.parametrize(
    ("name", "most", "mean", "same"),
    [("f16", 0.05, 2e-3, 0.99), ("q8_0", 0.3, 0.03, 0.99), ("shipped", 0.3, 0.03, 0.95)],
)
def test_it_says_the_same(
    exported: Path, read: Callable[[str], Any], name: str, most: float, mean: float, same: float
) -> None:
    folder, kind = (SHIPPED, "q8_0") if name == "shipped" else (exported, name)
    network, tokenizer = load_network(folder).float(), Tokenizer.load(folder / "tokenizer.json")
    llama, prompt = read(str(folder / f"model-{kind}.gguf")), [tokenizer.tag("tuning"), *tokenizer.encode(TEXT)][:300]
    answer, tokens = list(itertools.islice(llama.generate(prompt, temp=0.0), 64)), torch.tensor([prompt])
    with torch.no_grad():
        wanted, found = network(tokens).logits[0].numpy(), llama.scores[: len(prompt)]
        greedy = network.generate(tokens, max_new_tokens=64, do_sample=False, eos_token_id=None, pad_token_id=0)
    off = abs(found - wanted) / wanted.std()
    assert off.max() < most and off.mean() < mean
    assert (found.argmax(1) == wanted.argmax(1)).mean() >= same
    assert kind != "f16" or answer == greedy[0, len(prompt) :].tolist()


def test_its_tokens_are_ours_but_it_cuts_texts_otherwise(read: Callable[[str], Any]) -> None:
    llama, tokenizer = read(str(SHIPPED / "model-q8_0.gguf")), Tokenizer.load(SHIPPED / "tokenizer.json")
    names = map(Inner.from_file(str(SHIPPED / "tokenizer.json")).id_to_token, range(tokenizer.size))
    for number, name in enumerate(names):
        if special := re.fullmatch(r"<\|.+\|>", name):
            assert llama.tokenize(name.encode(), special=True) == [number]
        piece = name.encode() if special else tokenizer.decode([number])
        assert len(piece) > 32 or llama.detokenize([number], special=True) == piece  # the binding's buffer is of 32
    assert all(llama.tokenize(word.encode()) == tokenizer.encode(word) for word in re.findall("[a-z]+", TEXT))
    for text in (TEXT.encode(), b"\tmovl\t$0, %eax\n", b"early-cse<memssa>", b"1234567890", b"\xff"):
        assert llama.tokenize(text) != tokenizer.encode(text)  # so prompts are to be passed as numbers
