"""Decoding: from what a network says comes next to whole answers.

    decode(decoder, prompts, Decoding(end=tokenizer.tag("end"), limits=limits))
    sample_by_priority(decoder, prompt, Decoding(end, [limit], rule), count=10)

A `Decoder` is a network with the memory of what it has read (keys and values), for several sequences at once. A rule
says which tokens may follow what an answer says so far; nothing else can come out. All ways but nucleus sampling are
deterministic. Priority sampling is that of Grubisic et al. (2402.18734): each answer begins with the branch, of all
that no answer has taken, whose token was likeliest where it could have been said, so answers are never the same.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Completion",
    "Decoder",
    "Decoding",
    "Rule",
    "decode",
    "sample_by_priority",
    "sample_nucleus",
    "search_beams",
]

Numbers = NDArray[np.float32]
Rule = Callable[[Sequence[int]], Sequence[int] | NDArray[np.intp] | None]
"""The tokens that may follow what an answer says so far; None: any."""

_TOGETHER, _READ = 32, 16_384  # sequences, and tokens of their prompts, at once
_AHEAD = 8  # branches


class Decoder(Protocol):
    """A network that reads prompts, then goes on token by token."""

    @property
    def context(self) -> int:
        """The most tokens of a sequence."""
        ...

    def start(self, prompts: Sequence[Sequence[int]]) -> Numbers:
        """Read prompts: the logits [prompts, vocabulary] of the token after each."""
        ...

    def step(self, parents: Sequence[int], tokens: Sequence[Sequence[int]]) -> Numbers:
        """Go on from sequences of the step before, by number: logits [parents, vocabulary] after the tokens of each.

        A sequence may be gone on from several times, or not at all; all get equally many tokens.
        """
        ...

    def rewind(self) -> None:
        """Be where reading the prompts had ended."""
        ...


@dataclass(frozen=True, slots=True)
class Completion:
    """An answer: its tokens, the sum of their logarithmic probabilities, whether the last is the end."""

    tokens: list[int]
    score: float
    finished: bool


@dataclass(frozen=True, slots=True)
class Decoding:
    """When an answer ends, how long it gets at most (a limit for each prompt), and what may be said."""

    end: int
    limits: Sequence[int]
    rule: Rule | None = None

    def is_over(self, said: Sequence[int], number: int) -> bool:
        """Whether the answer to the prompt of a number is at its end."""
        return len(said) >= self.limits[number] or list(said[-1:]) == [self.end]

    def weigh(self, logits: Numbers, said: Sequence[int]) -> Numbers:
        """The logarithmic probabilities of the next token, of those that may follow what was said."""
        allowed = None if self.rule is None else self.rule(said)
        if allowed is not None:
            kept = np.full_like(logits, -np.inf)
            chosen = np.asarray(allowed)
            kept[chosen] = logits[chosen]
            logits = kept
        highest = logits.max()
        found: Numbers = logits - highest - np.log(np.exp(logits - highest).sum())
        return found


@dataclass(slots=True)
class _Open:
    """An answer that is being given to the prompt of a number."""

    number: int
    tokens: list[int] = field(default_factory=list)
    score: float = 0.0

    def close(self, setting: Decoding) -> Completion:
        return Completion(self.tokens, self.score, self.tokens[-1:] == [setting.end])


def decode(decoder: Decoder, prompts: Sequence[Sequence[int]], setting: Decoding) -> list[Completion]:
    """The likeliest next token, again and again, for each prompt; prompts of like lengths are read together."""
    return _run(decoder, prompts, setting, lambda weights: int(weights.argmax()))


def sample_nucleus(
    decoder: Decoder, prompts: Sequence[Sequence[int]], setting: Decoding, *, temperature: float, top: float, seed: int
) -> list[Completion]:
    """Draw tokens from the likeliest ones that are `top` of the probability together (Holtzman et al., 2019)."""
    random = np.random.default_rng(seed)

    def draw(weights: Numbers) -> int:
        shares = np.exp((weights - weights.max()) / temperature)
        order = np.argsort(-shares)
        sums = np.cumsum(shares[order]) / shares.sum()
        kept = order[: int(np.searchsorted(sums, top)) + 1]
        return int(random.choice(kept, p=shares[kept] / shares[kept].sum()))

    return _run(decoder, prompts, setting, draw)


def _run(
    decoder: Decoder, prompts: Sequence[Sequence[int]], setting: Decoding, choose: Callable[[Numbers], int]
) -> list[Completion]:
    found: dict[int, Completion] = {}
    for numbers in _group(prompts):
        going = [_Open(number) for number in numbers]
        distinct = list(dict.fromkeys(tuple(prompts[number]) for number in numbers))  # each is read once
        rows = [distinct.index(tuple(prompts[number])) for number in numbers]
        logits = decoder.start(distinct)[rows]
        while going:
            parents = []
            for row, answer in enumerate(going):
                weights = setting.weigh(logits[row], answer.tokens)
                token = choose(weights)
                answer.score += float(weights[token])
                answer.tokens.append(token)
                if setting.is_over(answer.tokens, answer.number):
                    found[answer.number] = answer.close(setting)
                else:
                    parents.append(row)
            going = [going[row] for row in parents]
            if going:
                logits = decoder.step([rows[row] for row in parents], [answer.tokens[-1:] for answer in going])
                rows = list(range(len(going)))
    return [found[number] for number in range(len(prompts))]


def _group(prompts: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """The numbers of prompts that are read together, which are about as long as each other."""
    group: list[int] = []
    for number in sorted(range(len(prompts)), key=lambda n: len(prompts[n])):
        if group and (len(group) == _TOGETHER or (len(group) + 1) * len(prompts[number]) > _READ):
            yield group
            group = []
        group.append(number)
    if group:
        yield group


def search_beams(decoder: Decoder, prompt: Sequence[int], setting: Decoding, *, count: int) -> list[Completion]:
    """Of the answers that `count` beams find, the likeliest by token, best first."""
    done: list[Completion] = []
    beams, logits = [_Open(0)], decoder.start([prompt])
    for _ in range(setting.limits[0]):
        weights = np.stack([setting.weigh(row, b.tokens) + b.score for row, b in zip(logits, beams, strict=True)])
        best = np.argsort(-weights, axis=None)[: 2 * count]
        parents: list[int] = []
        later: list[_Open] = []
        for parent, token in zip(*np.unravel_index(best, weights.shape), strict=True):
            score = float(weights[parent, token])
            if not np.isfinite(score):
                break
            longer = _Open(0, [*beams[parent].tokens, int(token)], score)
            if token == setting.end:
                done.append(longer.close(setting))
            elif len(later) < count:
                parents.append(int(parent))
                later.append(longer)
        beams = later
        if not beams or len(done) >= count:
            break
        logits = decoder.step(parents, [beam.tokens[-1:] for beam in beams])
    done += [beam.close(setting) for beam in beams[: max(0, count - len(done))]]
    return sorted(done, key=lambda found: (not found.finished, -found.score / len(found.tokens)))[:count]


def sample_by_priority(
    decoder: Decoder, prompt: Sequence[int], setting: Decoding, *, count: int
) -> Iterator[Completion]:
    """Answers one after the other, at most `count`, the first the likeliest next tokens.

    Branches that are likely to be taken soon are followed together, ahead of their turn, which changes no answer.
    """
    queue = [_Branch(0.0, 0, _Open(0))]
    made, first = 1, decoder.start([prompt])
    for _ in range(count):
        if not queue:
            return
        if not queue[0].followed:
            long = len(queue[0].answer.tokens)
            next_ones = [b for b in heapq.nsmallest(_AHEAD, queue) if not b.followed and len(b.answer.tokens) == long]
            _follow(decoder, first, next_ones, setting, count)
        branch = heapq.heappop(queue)
        for weight, answer in branch.others:
            heapq.heappush(queue, _Branch(-weight, made, answer))
            made += 1
        yield branch.answer.close(setting)


@dataclass(order=True, slots=True)
class _Branch:
    """A beginning that no answer has taken, by how likely its last token is, then the eldest; and what follows it."""

    unlikely: float
    age: int
    answer: _Open = field(compare=False)
    others: list[tuple[float, _Open]] = field(default_factory=list, compare=False)
    followed: bool = field(default=False, compare=False)


def _follow(decoder: Decoder, first: Numbers, branches: list[_Branch], setting: Decoding, most: int) -> None:
    """Go on with branches, equally long, to their ends; what is left aside of each goes into its `others`."""
    for branch in branches:
        branch.followed = True
    decoder.rewind()
    going, logits, rows = branches, first, [0] * len(branches)
    told = [branch.answer.tokens[:] for branch in branches]
    while True:
        kept = [n for n, branch in enumerate(going) if not setting.is_over(branch.answer.tokens, 0)]
        going, told, rows = [going[n] for n in kept], [told[n] for n in kept], [rows[n] for n in kept]
        if not going:
            return
        if told[0]:
            logits, rows = decoder.step(rows, told), list(range(len(going)))
        for row, branch in zip(rows, going, strict=True):
            answer = branch.answer
            weights = setting.weigh(logits[row], answer.tokens)
            token, *others = _list_likely(weights, most)
            branch.others += [
                (float(weights[o]), _Open(0, [*answer.tokens, o], answer.score + float(weights[o]))) for o in others
            ]
            answer.score += float(weights[token])
            answer.tokens.append(token)
        told = [branch.answer.tokens[-1:] for branch in going]


def _list_likely(weights: Numbers, count: int) -> list[int]:
    """The likeliest tokens that can be, at most so many, the likeliest first."""
    some: Any = np.argpartition(-weights, min(count, len(weights) - 1))[: count + 1]
    return [int(token) for token in sorted(some, key=lambda t: -weights[t])[:count] if np.isfinite(weights[token])]
