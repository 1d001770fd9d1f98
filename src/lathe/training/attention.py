"""Attention that stays within examples which stand one after the other in a stream.

`use_streams` has `transformers` call it: on a GPU by the kernel for sequences of any lengths that torch brings, else
example by example. Nothing is spent on pairs of tokens that may not see each other, as a mask would.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention

__all__ = ["ATTENTION", "use_streams"]

ATTENTION = "lathe_streams"


def use_streams(network: Any) -> None:
    """Have a network of `transformers` attend within examples; its calls get `ends` (of examples, from 0 on)."""
    from transformers import AttentionInterface

    AttentionInterface.register(ATTENTION, _attend)
    network.set_attn_implementation(ATTENTION)


@torch.compiler.disable  # type: ignore[untyped-decorator]
def _attend(
    module: Any, query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: None, *, ends: torch.Tensor,
    longest: int, **_: Any,
) -> tuple[torch.Tensor, None]:  # fmt: skip
    """Query, key and value [1, heads, length, width] to [1, length, heads, width]."""
    assert mask is None and query.shape[0] == 1
    if query.is_cuda:
        from torch.nn.attention.varlen import varlen_attn

        streams = [part[0].transpose(0, 1).contiguous() for part in (query, key, value)]
        out: torch.Tensor = varlen_attn(*streams, ends, ends, longest, longest, window_size=(-1, 0))  # type: ignore
        return out[None], None
    lengths = ends.diff().tolist()
    examples = zip(*(torch.split(part.float(), lengths, dim=2) for part in (query, key, value)), strict=True)
    with torch.autocast("cpu", enabled=False):  # in half precision a CPU takes twice as long for short examples
        pieces = [scaled_dot_product_attention(q, k, v, is_causal=True) for q, k, v in examples]
    return torch.cat(pieces, dim=2).to(query.dtype).transpose(1, 2).contiguous(), None
