"""Asking a network directly: the loss of given completions, and its own, greedily; for evaluation between stages.

nats, tokens = measure_loss(network, examples)
answers = generate(network, prompts, limits, end=tokenizer.tag("end"))
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch

from lathe.training.attention import use_streams
from lathe.training.batches import make_batch
from lathe.training.learner import Learner

if TYPE_CHECKING:
    from lathe.model import TokenExample

__all__ = ["generate", "measure_loss"]

_TOGETHER = 32


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


@torch.no_grad()
def generate(network: Any, prompts: Sequence[Sequence[int]], limits: Sequence[int], *, end: int) -> list[list[int]]:
    """The likeliest next token, again and again, until `end` or as many as a limit says; an answer for each prompt."""
    answers: list[list[int]] = [[] for _ in prompts]
    order = sorted(range(len(prompts)), key=lambda n: len(prompts[n]) + limits[n])
    for start in range(0, len(order), _TOGETHER):
        part = order[start : start + _TOGETHER]
        longest = max(len(prompts[n]) for n in part)
        tokens = torch.tensor([[end] * (longest - len(prompts[n])) + list(prompts[n]) for n in part])
        mask = torch.tensor([[0] * (longest - len(prompts[n])) + [1] * len(prompts[n]) for n in part])
        found = network.generate(
            tokens.to(network.device), attention_mask=mask.to(network.device), do_sample=False, eos_token_id=end,
            max_new_tokens=max(limits[n] for n in part), pad_token_id=end,
        )[:, longest:].tolist()  # fmt: skip
        for number, answer in zip(part, found, strict=True):
            cut = answer[: limits[number]]
            answers[number] = cut[: cut.index(end) + 1] if end in cut else cut
    return answers
