"""Models of our own: asked in Lathe's tokens, so that recipes come out under a rule."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lathe.errors import RecipeError
from lathe.llvm import Recipe, normalise_ir
from lathe.search import Space
from lathe.tasks.confidence import Confidence
from lathe.tasks.dataset import Row
from lathe.tasks.grammar import RecipeRule
from lathe.tasks.models import AskSetting, Proposal, TooLongError
from lathe.tasks.prompts import encode_prompt, read_words
from lathe.tasks.scores import Answer, read_answer
from lathe.tasks.values import ValueRule

if TYPE_CHECKING:
    from lathe.model import Completion, Decoder, Decoding, Tokenizer

__all__ = ["SAMPLINGS", "OwnModel"]

_WORDS = 200  # the longest recipe
_ROOM = 32  # tokens, the least that an answer needs
_TIMES, _MORE = {"emulation": 2, "tuning": 2, "disassembly": 4}, 128
"""How often as long as its prompt, and so many tokens more, an answer gets at most: what goes round in circles is none.

Of held-out answers 1 % are longer in disassembly, none in emulation (LOG.md, 2026-11-30).
"""
_TEMPERATURE, _TOP = 0.6, 0.95  # of answers that are code


@dataclass(frozen=True)
class OwnModel:
    """A `Model` that is a tokenizer of Lathe's and what goes on from its tokens."""

    name: str
    tokenizer: Tokenizer
    decoder: Decoder
    confidences: Mapping[str, Confidence] = field(default_factory=dict)
    takes_differences = False  # its prompts have no words for them
    takes_stages = True
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def propose(self, ir: str, *, stage: Recipe, space: Space, setting: AskSetting) -> list[Proposal]:
        """See `lathe.tasks.Model`."""
        from lathe.model import Decoding

        prompt = encode_prompt(self.tokenizer, "tuning", {"stage": str(stage), "input": normalise_ir(ir)})
        rule = RecipeRule(self.tokenizer, space)
        room = min(_WORDS, self.decoder.context - len(prompt))
        if room < 2:
            return []
        with self._lock:
            answers = SAMPLINGS[setting.sampling](self.decoder, prompt, Decoding(rule.end, [room], rule), setting)
            return list(self._read_recipes(answers))

    def expect_sizes(self, ir: str, *, stage: Recipe, space: Space) -> Answer | None:
        """See `lathe.tasks.Model`."""
        from lathe.model import Decoding, decode

        prompt = encode_prompt(self.tokenizer, "tuning", {"stage": str(stage), "input": normalise_ir(ir)})
        rule = RecipeRule(self.tokenizer, space)
        room = min(_WORDS, self.decoder.context - len(prompt))
        if room < 2:
            return None
        setting = Decoding(self.tokenizer.tag("output"), [room], lambda said: None if rule.end in said else rule(said))
        with self._lock:
            (said,) = decode(self.decoder, [prompt], setting)
        found = read_answer(self.tokenizer, "tuning", said.tokens)
        return found if said.finished and found.recipe is not None and found.sizes is not None else None

    def answer(self, task: str, row: Row, setting: AskSetting) -> Iterator[Answer]:
        """See `lathe.tasks.Model`."""
        from lathe.model import Decoding, decode, sample_nucleus

        prompt = encode_prompt(self.tokenizer, task, row)
        room, others = self.decoder.context - len(prompt), setting.count - 1
        if room < _ROOM:
            raise TooLongError(f"{len(prompt)} tokens leave no room for an answer in a context of "
                               f"{self.decoder.context}. Ask for something shorter.")  # fmt: skip
        end, room, rule = (
            self.tokenizer.tag("end"),
            min(room, _TIMES[task] * len(prompt) + _MORE),
            ValueRule(self.tokenizer),
        )
        with self._lock:
            first = decode(self.decoder, [prompt], Decoding(end, [room], rule))
        yield from self._read_answers(task, first)
        if others:
            many = Decoding(end, [room] * others, rule)
            with self._lock:
                drawn = sample_nucleus(
                    self.decoder, [prompt] * others, many, temperature=_TEMPERATURE, top=_TOP, seed=setting.seed
                )
            yield from self._read_answers(task, drawn)

    def _read_answers(self, task: str, said: Sequence[Completion]) -> Iterator[Answer]:
        for one in said:
            rated = self.confidences[task].rate(one.score) if task in self.confidences else None
            yield replace(read_answer(self.tokenizer, task, one.tokens), score=one.score, confidence=rated)

    def _read_recipes(self, answers: Iterable[Completion]) -> Iterator[Proposal]:
        """What was said to its end, each recipe once."""
        seen = set()
        for answer in answers:
            if not answer.finished:
                continue
            try:
                recipe = read_words([self.tokenizer.decode([token]).decode() for token in answer.tokens[:-1]])
            except RecipeError:  # two adaptors in each other that the parser would join
                continue
            if recipe not in seen:
                seen.add(recipe)
                yield Proposal(recipe, answer.score)


def _by_priority(decoder: Decoder, prompt: list[int], setting: Decoding, asked: AskSetting) -> Iterable[Completion]:
    from lathe.model import sample_by_priority

    return sample_by_priority(decoder, prompt, setting, count=asked.count)


def _by_beams(decoder: Decoder, prompt: list[int], setting: Decoding, asked: AskSetting) -> Iterable[Completion]:
    from lathe.model import search_beams

    return search_beams(decoder, prompt, setting, count=asked.count)


def _from_nucleus(decoder: Decoder, prompt: list[int], setting: Decoding, asked: AskSetting) -> Iterable[Completion]:
    from lathe.model import Decoding, sample_nucleus

    many = Decoding(setting.end, list(setting.limits) * asked.count, setting.rule)
    found = sample_nucleus(decoder, [prompt] * asked.count, many, temperature=1.0, top=0.95, seed=asked.seed)
    return sorted(found, key=lambda answer: -answer.score)


SAMPLINGS: Mapping[str, Callable[[Decoder, list[int], Decoding, AskSetting], Iterable[Completion]]] = {
    "priority": _by_priority,
    "beam": _by_beams,
    "nucleus": _from_nucleus,
}
"""The ways to have several recipes."""
