"""Weights to begin with that can copy already.

    begin_mimetic(network, seed=1)

What a compiler's output has in common with its input is most of it, and a network has to copy it. Large ones find a
circuit for that by themselves (Olsson et al., 2022: heads that tell each token what stood before it, and heads of the
next layer that look for where the token at hand stood, and say what came then); a small one does not within its budget.
So it begins with the circuit, as mimetic initialisation (Trockman and Kolter, 2023) begins with a structure that
training arrives at. Nothing holds it there: all weights are learnt as ever.
"""

from __future__ import annotations

import math
from typing import Any

import torch

__all__ = ["begin_mimetic"]

# by trying, on nano and 0.7 M tokens of code and emulation
_CONSTANT = 8.0  # of a direction that all tokens share, in standard deviations of the embedding
_GAP, _MATCH = 8.0, 30.0  # in scores: the place looked at above its neighbours, and a token above others
_KEEP, _COPY = 2.0, 4.0  # how loudly a token says what stood before it, and a match what came after it
_REST = 0.96  # what another layer says, beside the embedding; all together grow as if there were four layers
_SLOW = 5e-3  # radians a token: what turns slower is much the same at all places of a function


@torch.no_grad()
def begin_mimetic(network: Any, *, seed: int) -> None:
    """Give the first two layers of a network of the Llama architecture the weights of such a circuit.

    A network of one layer or one head stays as it is.
    """
    config = network.config
    stream, heads = config.hidden_size, config.num_attention_heads
    if config.num_hidden_layers < 2 or heads < 2:
        return
    width, scale = stream // heads, config.initializer_range
    turns = float(config.rope_parameters["rope_theta"]) ** (-torch.arange(width // 2) / (width // 2))
    chance = torch.Generator().manual_seed(seed)
    rest = _REST / (scale * stream) * math.sqrt(4 / config.num_hidden_layers)
    for layer in network.model.layers:
        layer.self_attn.o_proj.weight *= rest
        layer.mlp.down_proj.weight *= rest
    network.model.embed_tokens.weight[:, 0] = _CONSTANT * scale
    first, second = (layer.self_attn for layer in network.model.layers[:2])
    token, before, earlier = (_draw_directions(width, stream, chance) for _ in range(3))
    constant = _CONSTANT / math.sqrt((stream - 1 + _CONSTANT**2) / stream)  # as the norm leaves it
    for head, (back, told) in enumerate([(1, before), (2, earlier)]):
        _look_back(first, head, turns, back, constant)
        _tell(first, head, token, told * (_KEEP * scale))
    slow = (turns <= max(_SLOW, float(turns[-1]))).nonzero().flatten()
    places = torch.cat([slow, slow + width // 2])
    half = len(places) // 2
    wanted, said = token[: len(places)], before[: len(places)]
    _look_for(second, 0, places, wanted, said)
    _look_for(second, 1, places, torch.cat([before[:half], wanted[half:]]), torch.cat([earlier[:half], said[half:]]))
    for head, part in enumerate(torch.split(_draw_directions(min(2 * width, stream - 1), stream, chance), width)):
        _tell(second, head, part, part * (_COPY * scale))


def _draw_directions(count: int, stream: int, chance: torch.Generator) -> torch.Tensor:
    """Orthonormal directions [count, stream], none of which sees what all tokens share."""
    found, _ = torch.linalg.qr(torch.randn(stream - 1, count, generator=chance))
    return torch.nn.functional.pad(found.T, (1, 0))


def _look_back(layer: Any, head: int, turns: torch.Tensor, back: int, constant: float) -> None:
    """Have a head look so many tokens back: what all tokens share, turned as far as a key there will have been.

    Fast turns count most: they tell neighbours apart, and with them the score is the least for it.
    """
    width, half = layer.head_dim, len(turns)
    sizes = (_GAP * math.sqrt(width) * turns / (turns * (1 - turns.cos())).sum()).sqrt() / constant
    query, key = (part.weight[head * width : (head + 1) * width] for part in (layer.q_proj, layer.k_proj))
    query.zero_()
    key.zero_()
    key[:half, 0] = sizes
    query[:half, 0] = sizes * (-back * turns).cos()
    query[half:, 0] = sizes * (-back * turns).sin()


def _look_for(layer: Any, head: int, places: torch.Tensor, wanted: torch.Tensor, said: torch.Tensor) -> None:
    """Have a head look for tokens that say [places, stream] what this one wants [places, stream]."""
    width = layer.head_dim
    size = math.sqrt(_MATCH * math.sqrt(width) / len(places))
    for part, directions in ((layer.q_proj, wanted), (layer.k_proj, said)):
        weight = part.weight[head * width : (head + 1) * width]
        weight.zero_()
        weight[places] = directions * size


def _tell(layer: Any, head: int, read: torch.Tensor, write: torch.Tensor) -> None:
    """Have a head write along `write` [count, stream] what it reads along `read` [count, stream]."""
    rows = slice(head * layer.head_dim, head * layer.head_dim + len(read))
    layer.v_proj.weight[rows] = read
    layer.o_proj.weight[:, rows] = write.T
