"""Asking a network of `transformers`: the loss of given completions, and its own.

nats, tokens = measure_loss(network, examples)
answers = decode(NetworkDecoder(network), prompts, Decoding(tokenizer.tag("end"), limits))
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from lathe.errors import InputError
from lathe.model import Decoding, decode, sample_nucleus
from lathe.training.attention import use_streams
from lathe.training.batches import make_batch
from lathe.training.devices import find_device
from lathe.training.learner import Learner
from lathe.training.network import load_network

if TYPE_CHECKING:
    from lathe.model import TokenExample

__all__ = ["NetworkDecoder", "NetworkText", "measure_loss"]


@torch.no_grad()
def measure_loss(network: Any, examples: Sequence[TokenExample]) -> tuple[float, int]:
    """The sum of the losses (nats) of the completions' tokens, and how many there are."""
    usual = network.config._attn_implementation
    use_streams(network)
    learner, total, tokens = Learner(network), 0.0, 0
    for example in examples:
        batch = make_batch([example], len(example), prompts=False).to(network.device)
        total += float(learner(batch))
        tokens += len(batch.targets)
    network.set_attn_implementation(usual)
    return total, tokens


class NetworkDecoder:
    """A `lathe.model.Decoder` of a network of `transformers`, on its own device."""

    def __init__(self, network: Any) -> None:
        self._network = network
        self._known: list[tuple[torch.Tensor, torch.Tensor]] = []  # keys and values of each layer
        self._begun = self._known
        self._mask = self._begun_mask = torch.ones(0, 0, dtype=torch.int64)

    @property
    def context(self) -> int:
        """The most tokens of a sequence."""
        return int(self._network.config.max_position_embeddings)

    def start(self, prompts: Sequence[Sequence[int]]) -> Any:
        """See `lathe.model.Decoder`."""
        longest = max(map(len, prompts))
        tokens = torch.tensor([[0] * (longest - len(prompt)) + list(prompt) for prompt in prompts])
        self._mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
        self._known = []
        logits = self._read(tokens)
        self._begun, self._begun_mask = self._known, self._mask
        return logits

    def step(self, parents: Sequence[int], tokens: Sequence[Sequence[int]]) -> Any:
        """See `lathe.model.Decoder`."""
        rows = list(parents)
        if rows != list(range(len(self._mask))):
            self._known = [(keys[rows], values[rows]) for keys, values in self._known]
        more = torch.tensor([list(part) for part in tokens])
        self._mask = torch.cat([self._mask[rows], torch.ones_like(more)], dim=1)
        return self._read(more)

    def rewind(self) -> None:
        """See `lathe.model.Decoder`."""
        self._known, self._mask = self._begun, self._begun_mask

    @torch.no_grad()
    def _read(self, tokens: torch.Tensor) -> Any:
        from transformers import DynamicCache

        device, cache = self._network.device, DynamicCache(self._known or None)
        positions = (self._mask.cumsum(1) - 1).clamp(min=0)[:, -tokens.shape[1] :]
        found = self._network(
            tokens.to(device), attention_mask=self._mask.to(device), position_ids=positions.to(device),
            cache=cache, logits_to_keep=1,
        )  # fmt: skip
        self._known = [(layer.keys, layer.values) for layer in cache.layers]  # type: ignore
        return found.logits[:, -1].float().cpu().numpy()


class NetworkText:
    """A `lathe.model.TextGenerator` of a folder with a network and the tokenizer that `transformers` has for it.

    Raises `InputError` when there is none.
    """

    def __init__(self, folder: Path) -> None:
        from transformers import AutoTokenizer

        self._network = load_network(folder)
        self._network.to(find_device())  # type: ignore[arg-type]
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        except Exception as error:  # noqa: BLE001  # the library raises nothing narrower
            raise InputError(f"{folder} has no tokenizer that can be read: {error}") from None
        self._lock = threading.Lock()

    def complete(self, prompt: str, *, count: int, limit: int, temperature: float, seed: int) -> list[str]:
        """See `lathe.model.TextGenerator`."""
        tokens, context = self._tokenizer(prompt)["input_ids"], self._network.config.max_position_embeddings
        if len(tokens) >= context:
            raise InputError(f"{len(tokens)} tokens are too long for a context of {context}.")
        end = self._network.generation_config.eos_token_id or self._tokenizer.eos_token_id
        end = end[0] if isinstance(end, list) else -1 if end is None else end
        limits = [min(limit, context - len(tokens))] * count
        decoder, prompts = NetworkDecoder(self._network), [tokens] * count
        with self._lock:
            found = (
                sample_nucleus(decoder, prompts, Decoding(end, limits), temperature=temperature, top=0.95, seed=seed)
                if temperature
                else decode(decoder, prompts, Decoding(end, limits))
            )
        return [self._tokenizer.decode(one.tokens, skip_special_tokens=True) for one in found]

    @torch.no_grad()
    def measure(self, text: str) -> tuple[float, int]:
        """The sum of the losses (nats) of a text's tokens but the first, and how many there are; in parts if need be.

        The first token of a later part is the last of the one before.
        """
        tokens, context = self._tokenizer(text)["input_ids"], self._network.config.max_position_embeddings
        total = 0.0
        for start in range(0, len(tokens) - 1, context - 1):
            part = torch.tensor([tokens[start : start + context]], device=self._network.device)
            with self._lock:
                logits = self._network(part).logits[0, :-1].float()
            total += float(torch.nn.functional.cross_entropy(logits, part[0, 1:], reduction="sum"))
        return total, max(0, len(tokens) - 1)
