"""Batches: examples of several sources, in given proportions, one after the other in streams of one length.

    feed = Feed({"code": SourceShards(folder), …}, {"code": 0.15, "emulation": 0.85}, length=8192, prompts=False)
    batch = feed.draw()

A stream holds whole examples only; `ends` says where each of them ends, so that attention need not look across
(`lathe.training.attention`), and what is left at the end is filled up. The next example is of the source that is most
behind its share of tokens, and of a few that wait, the longest that fits is taken: little is left over. There is no
randomness: shards were shuffled when they were packed. So the position in the data is one number, and a feed that has
drawn as many batches is the same feed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
import torch

from lathe.errors import InputError
from lathe.model import TokenExample, TokenShard

__all__ = ["Batch", "Feed", "ShardFolder"]

_WAITING = 32
_IGNORED = -100


@dataclass(frozen=True, slots=True)
class Batch:
    """A stream of examples.

    `tokens` and `positions` (each from 0 within its example) are int64 [length]; `ends` int32 [examples + 1], from 0
    on, the filling being the last; `learnt` int64 are the places whose next token is learnt, `targets` those tokens.
    """

    tokens: torch.Tensor
    positions: torch.Tensor
    ends: torch.Tensor
    learnt: torch.Tensor
    targets: torch.Tensor
    useful: int

    def to(self, device: torch.device) -> Batch:
        """The batch on a device."""
        parts = {
            f.name: getattr(self, f.name).to(device, non_blocking=True) for f in fields(self) if f.name != "useful"
        }
        return replace(self, **parts)


class ShardFolder(Sequence[TokenExample]):
    """The examples of all shards of a folder; raises `InputError` when there are none, or of another tokenizer."""

    def __init__(self, folder: Path, *, tokenizer: str | None = None) -> None:
        self.folder = folder
        self.shards = [TokenShard(path, tokenizer=tokenizer) for path in sorted(folder.glob("tokens-*.safetensors"))]
        if not self.shards or not any(map(len, self.shards)):
            packed = next(folder.glob("tokens-*.zst"), None)
            remedy = f"lathe dataset unpack {packed.parent}/*.zst" if packed else f"lathe dataset pack … -o {folder}"
            raise InputError(f"{folder} has no token shards with examples in it. Make some: {remedy}")
        self._starts = np.cumsum([0, *map(len, self.shards)])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getitem__(self, number: int) -> TokenExample:  # type: ignore[override]  # one at a time
        shard = int(np.searchsorted(self._starts, number, "right")) - 1
        found: TokenExample = self.shards[shard][number - int(self._starts[shard])]
        return found

    @property
    def tokens(self) -> int:
        """How many tokens there are."""
        return sum(shard.tokens for shard in self.shards)


class Feed:
    """Draws batches; each source starts again at its end."""

    def __init__(
        self, sources: Mapping[str, Sequence[TokenExample]], mix: Mapping[str, float], *, length: int, prompts: bool
    ) -> None:
        self._sources, self._mix, self._length, self._prompts = sources, mix, length, prompts
        self._examples = dict.fromkeys(mix, 0)
        self._tokens = dict.fromkeys(mix, 0)
        self._waiting: list[TokenExample] = []

    @property
    def drawn(self) -> dict[str, int]:
        """How many tokens of each source were drawn, those that wait included."""
        return dict(self._tokens)

    def draw(self) -> Batch:
        """The next batch."""
        return make_batch(self._choose(), self._length, prompts=self._prompts)

    def skip(self, batches: int) -> None:
        """Be where a feed is that has drawn so many."""
        for _ in range(batches):
            self._choose()

    def _choose(self) -> list[TokenExample]:
        chosen: list[TokenExample] = []
        left = self._length
        while True:
            while len(self._waiting) < _WAITING:
                self._waiting.append(self._next())
            fitting = [n for n, example in enumerate(self._waiting) if len(example) <= left]
            if not fitting:
                return chosen
            # the one that waits longest while there is room for any, then the longest that fits
            number = fitting[0] if left > self._length // 4 else max(fitting, key=lambda n: len(self._waiting[n]))
            chosen.append(self._waiting.pop(number))
            left -= len(chosen[-1])

    def _next(self) -> TokenExample:
        name = min(self._mix, key=lambda n: self._tokens[n] / self._mix[n])
        source = self._sources[name]
        example = source[self._examples[name] % len(source)]
        if len(example) > self._length:
            raise InputError(f"An example of {name} has {len(example)} tokens, and a batch {self._length}. "
                             f"Pack with --most-tokens {self._length}, or make batches longer.")  # fmt: skip
        self._examples[name] += 1
        self._tokens[name] += len(example)
        return example


def make_batch(examples: Sequence[TokenExample], length: int, *, prompts: bool) -> Batch:
    """Examples, which fit, as a stream; with `prompts` all but the first token of each is learnt."""
    tokens, targets = np.zeros(length, np.int64), np.full(length, _IGNORED, np.int64)
    positions, ends = np.zeros(length, np.int64), [0]
    for example in examples:
        start, end = ends[-1], ends[-1] + len(example)
        cut = start + (1 if prompts else len(example.prompt))
        tokens[start:end] = [*example.prompt, *example.completion]
        targets[max(cut, start + 1) - 1 : end - 1] = tokens[max(cut, start + 1) : end]
        positions[start:end] = np.arange(len(example))
        ends.append(end)
    useful = ends[-1]
    positions[useful:] = np.arange(length - useful)
    learnt = np.flatnonzero(targets != _IGNORED)
    if useful < length:
        ends.append(length)
    make = torch.from_numpy
    return Batch(
        make(tokens), make(positions), make(np.asarray(ends, np.int32)), make(learnt), make(targets[learnt]), useful
    )
