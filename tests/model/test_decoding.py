"""Decoding: what comes out is what a network that is written down by hand must say, and two real ones say the same."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from lathe.errors import InputError, OutputError
from lathe.model import (
    Completion,
    Decoder,
    Decoding,
    EmbeddedDecoder,
    Tokenizer,
    decode,
    sample_by_priority,
    sample_nucleus,
    search_beams,
)
from lathe.training import NetworkDecoder, Shape, export_network, load_network, make_network

END, LIMIT = 0, 4


class Table:
    """A decoder whose next token hangs on the last two, by a table of random numbers."""

    context = 64

    def __init__(self, seed: int, vocabulary: int = 4) -> None:
        self.logits = np.random.default_rng(seed).normal(0, 2, (vocabulary, vocabulary, vocabulary)).astype(np.float32)
        self._rows: list[list[int]] = []
        self._begun: list[list[int]] = []

    def start(self, prompts: Sequence[Sequence[int]]) -> np.ndarray:
        self._rows = self._begun = [list(prompt) for prompt in prompts]
        return self._look()

    def step(self, parents: Sequence[int], tokens: Sequence[Sequence[int]]) -> np.ndarray:
        self._rows = [[*self._rows[parent], *more] for parent, more in zip(parents, tokens, strict=True)]
        return self._look()

    def rewind(self) -> None:
        self._rows = self._begun

    def _look(self) -> np.ndarray:
        return np.stack([self.logits[row[-2], row[-1]] for row in self._rows])


def weigh(table: Table, prompt: list[int], answer: Sequence[int]) -> list[float]:
    """The logarithmic probability of each token of an answer."""
    row, found = list(prompt), []
    for token in answer:
        logits = table.logits[row[-2], row[-1]].astype(float)
        found.append(float(logits[token] - np.log(np.exp(logits).sum())))
        row.append(token)
    return found


def list_all(vocabulary: int) -> list[list[int]]:
    """All answers that there can be."""
    ended = [[*some, END] for n in range(LIMIT) for some in itertools.product(range(1, vocabulary), repeat=n)]
    return [*ended, *(list(some) for some in itertools.product(range(1, vocabulary), repeat=LIMIT))]


@pytest.mark.parametrize("seed", range(8))
def test_answers_are_what_the_table_says(seed: int) -> None:
    table, prompts = Table(seed), [[1, 2], [3, 3, 1], [2, 0]]
    setting = Decoding(END, [LIMIT] * 3)
    for prompt, answer in zip(prompts, decode(table, prompts, setting), strict=True):
        for n, token in enumerate(answer.tokens):
            row = [*prompt, *answer.tokens[:n]]
            assert token == table.logits[row[-2], row[-1]].argmax()
        assert answer.finished == (answer.tokens[-1] == END) and (answer.finished or len(answer.tokens) == LIMIT)
        assert answer.score == pytest.approx(sum(weigh(table, prompt, answer.tokens)), abs=1e-4)


@pytest.mark.parametrize("seed", range(8))
def test_enough_beams_find_the_best(seed: int) -> None:
    table, prompt = Table(seed), [1, 2]
    found = search_beams(table, prompt, Decoding(END, [LIMIT]), count=300)
    assert sorted(answer.tokens for answer in found) == sorted(list_all(4))
    ended = [answer for answer in list_all(4) if answer[-1] == END]
    assert found[0].tokens == max(ended, key=lambda a: sum(weigh(table, prompt, a)) / len(a))
    few = search_beams(table, prompt, Decoding(END, [LIMIT]), count=3)
    assert len({tuple(answer.tokens) for answer in few}) == 3
    for answer in few:
        assert answer.score == pytest.approx(sum(weigh(table, prompt, answer.tokens)), abs=1e-4)


def expect_by_priority(table: Table, prompt: list[int], count: int) -> list[list[int]]:
    """The samples of 2402.18734 as its text has them: the likeliest token that nobody took, then greedily."""
    taken: set[tuple[int, ...]] = set()
    seen: dict[tuple[int, ...], tuple[float, int]] = {(): (0.0, 0)}  # likelihood of the last token, and its age
    answers = []
    for _ in range(count):
        free = [prefix for prefix in seen if prefix not in taken]
        if not free:
            break
        prefix = max(free, key=lambda p: (seen[p][0], -seen[p][1]))
        while True:
            taken.add(prefix)
            if prefix[-1:] == (END,) or len(prefix) == LIMIT:
                break
            tokens = sorted(range(4), key=lambda t: -weigh(table, prompt, [*prefix, t])[-1])
            for token in tokens:
                seen.setdefault((*prefix, token), (weigh(table, prompt, [*prefix, token])[-1], len(seen)))
            prefix = (*prefix, tokens[0])
        answers.append(list(prefix))
    return answers


@pytest.mark.parametrize("seed", range(8))
def test_priority_sampling_takes_the_likeliest_branch(seed: int) -> None:
    table, prompt, setting = Table(seed), [2, 1], Decoding(END, [LIMIT])
    found = list(sample_by_priority(table, prompt, setting, count=12))
    assert [answer.tokens for answer in found] == expect_by_priority(table, prompt, 12)
    assert found[0] == decode(table, [prompt], setting)[0]
    for answer in found:
        assert answer.score == pytest.approx(sum(weigh(table, prompt, answer.tokens)), abs=1e-4)
    everything = [answer.tokens for answer in sample_by_priority(table, prompt, setting, count=1000)]
    assert sorted(everything) == sorted(list_all(4))


def test_nothing_comes_out_that_the_rule_forbids() -> None:
    def rule(said: Sequence[int]) -> list[int]:
        return [2] if not said else [END, 3] if said[-1] == 2 else [2]

    table, setting = Table(3), Decoding(END, [LIMIT], rule)
    every = [
        *decode(table, [[1, 1]], setting),
        *sample_by_priority(table, [1, 1], setting, count=50),
        *search_beams(table, [1, 1], setting, count=50),
        *sample_nucleus(table, [[1, 1]] * 50, Decoding(END, [LIMIT] * 50, rule), temperature=2.0, top=1.0, seed=1),
    ]
    assert {tuple(answer.tokens) for answer in every} == {(2, 0), (2, 3, 2, 0), (2, 3, 2, 3)}


def test_the_nucleus_is_drawn_from_as_likely_as_it_is() -> None:
    table, prompt, count = Table(5, vocabulary=6), [2, 1], 4000
    one = Decoding(END, [1] * count)
    drawn = [a.tokens[0] for a in sample_nucleus(table, [prompt] * count, one, temperature=1.0, top=0.8, seed=7)]
    assert drawn == [
        a.tokens[0] for a in sample_nucleus(table, [prompt] * count, one, temperature=1.0, top=0.8, seed=7)
    ]
    shares = {token: math.exp(weigh(table, prompt, [token])[0]) for token in range(6)}
    order, total, kept = sorted(shares, key=lambda t: -shares[t]), 0.0, []
    while total < 0.8:
        kept.append(order.pop(0))
        total += shares[kept[-1]]
    assert set(drawn) <= set(kept)
    for token in kept:
        share = shares[token] / total
        assert abs(drawn.count(token) / count - share) < 5 * math.sqrt(share * (1 - share) / count) + 1e-9


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.train(["define i32 @f(i32 %x) {\n  ret i32 %x\n}\n"] * 9, size=450)


def test_the_embedded_decoder_says_what_transformers_does(tokenizer: Tokenizer, tmp_path: Path) -> None:
    network = make_network(
        Shape(64, 2, 2, 96, context=128), vocabulary=tokenizer.size, tokenizer=tokenizer.digest, seed=3
    )
    network.save_pretrained(tmp_path / "one")
    tokenizer.save(tmp_path / "one" / "tokenizer.json")
    export_network(tmp_path / "one", tmp_path / "out", ["f16"])
    embedded = EmbeddedDecoder(tmp_path / "out", cache=tmp_path / "cache")
    again = EmbeddedDecoder(tmp_path / "out", cache=tmp_path / "cache")
    assert embedded.context == again.context == 128 and len(list((tmp_path / "cache").iterdir())) == 1
    plain = NetworkDecoder(load_network(tmp_path / "out").float())

    random = np.random.default_rng(1)
    prompts = [random.integers(0, tokenizer.size, length).tolist() for length in (1, 50, 7, 33)]
    np.testing.assert_allclose(embedded.start(prompts), plain.start(prompts), atol=0.02)
    more = random.integers(0, tokenizer.size, (3, 5)).tolist()
    np.testing.assert_allclose(embedded.step([3, 1, 1], more), plain.step([3, 1, 1], more), atol=0.02)
    for decoder in (embedded, plain):
        decoder.rewind()
    more = random.integers(0, tokenizer.size, (4, 2)).tolist()
    np.testing.assert_allclose(embedded.step(range(4), more), plain.step(range(4), more), atol=0.02)

    def answer_all(decoder: Decoder) -> list[Completion]:
        end = tokenizer.tag("end")
        return [
            *decode(decoder, prompts, Decoding(end, [9, 2, 5, 7])),
            *sample_by_priority(decoder, prompts[1], Decoding(end, [6]), count=5),
            *search_beams(decoder, prompts[1], Decoding(end, [6]), count=3),
        ]

    ours, theirs = answer_all(embedded), answer_all(plain)
    assert [len(answer.tokens) for answer in ours[:4]] == [9, 2, 5, 7]
    assert [answer.tokens for answer in ours] == [answer.tokens for answer in theirs]
    assert [answer.score for answer in ours] == pytest.approx([answer.score for answer in theirs], abs=0.05)


def test_what_is_no_model_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no GGUF file"):
        EmbeddedDecoder(tmp_path, cache=tmp_path / "cache")
    (tmp_path / "model.gguf").write_bytes(b"GGUF\x03\x00\x00\x00nonsense")
    with pytest.raises(InputError, match="does not read"):
        EmbeddedDecoder(tmp_path, cache=tmp_path / "cache")
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        EmbeddedDecoder(tmp_path, cache=tmp_path / "file")
