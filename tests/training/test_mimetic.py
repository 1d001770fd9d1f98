"""What a network that begins mimetic can do before it has learnt anything."""

from __future__ import annotations

import pytest
import torch

from lathe.training import Shape, make_network
from lathe.training.mimetic import begin_mimetic

WIDE = Shape(192, 4, 3, 512, context=2048, theta=1e6)


def say_again(network: torch.nn.Module, length: int, *, vocabulary: int) -> tuple[float, float]:
    """How often what came next the first time is among a network's first three, and its mean loss for it."""
    chance = torch.Generator().manual_seed(3)
    once = torch.randint(vocabulary, (length,), generator=chance)
    twice = torch.cat([once, once])
    with torch.no_grad():
        logits = network(twice[None]).logits[0, length : 2 * length - 1]
    near = (logits.topk(3).indices == once[1:, None]).any(1).float().mean()
    return float(near), float(torch.nn.functional.cross_entropy(logits, once[1:]))


@pytest.mark.parametrize("shape", [WIDE, Shape(512, 8, 8, 1408, context=4096, theta=1e6)])
def test_it_says_again_what_it_never_saw_before(shape: Shape) -> None:
    network = make_network(shape, vocabulary=4096, tokenizer="", seed=1)
    before, loss_before = say_again(network, 60, vocabulary=4096)
    begin_mimetic(network, seed=1)
    after, loss_after = say_again(network, 60, vocabulary=4096)
    assert before < 0.05
    assert after > 0.5
    assert loss_after < loss_before - 1


@pytest.mark.parametrize("shape", [Shape(64, 1, 2, 64, context=64), Shape(64, 2, 1, 64, context=64)])
def test_a_network_too_small_for_it_stays_as_it_is(shape: Shape) -> None:
    network = make_network(shape, vocabulary=300, tokenizer="", seed=1)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    begin_mimetic(network, seed=1)
    torch.testing.assert_close(network.state_dict(), before)


@pytest.mark.parametrize("shape", [Shape(32, 2, 4, 64, context=64), Shape(32, 2, 2, 64, context=64)])
def test_narrow_heads_will_do(shape: Shape) -> None:
    network = make_network(shape, vocabulary=300, tokenizer="", seed=1)
    begin_mimetic(network, seed=1)
    assert all(bool(value.isfinite().all()) for value in network.state_dict().values())
