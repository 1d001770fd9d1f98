"""The network: Llama's architecture, in sizes from a test's to the papers', as `transformers` has it.

    network = make_network(SIZES["nano"], vocabulary=tokenizer.size, tokenizer=tokenizer.digest, seed=1)
    network.save_pretrained(folder)

So every tool of the field loads what is trained here. `7b` and `13b` have the dimensions of Code Llama (Rozière et al.,
2023), on which LLM Compiler is built; a local folder of either can be gone on from, with its own vocabulary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from lathe.errors import InputError

if TYPE_CHECKING:
    from transformers import LlamaConfig, LlamaForCausalLM

__all__ = ["SIZES", "Parameters", "Shape", "load_network", "make_config", "make_network", "read_config", "read_shape"]


@dataclass(frozen=True, slots=True)
class Parameters:
    """How many parameters each part of a network has."""

    embedding: int
    attention: int
    feed_forward: int
    norms: int
    head: int

    @property
    def total(self) -> int:
        """Of all parts."""
        return self.embedding + self.attention + self.feed_forward + self.norms + self.head


@dataclass(frozen=True, slots=True)
class Shape:
    """What a network is made of.

    `hidden` and `inner` are widths (of the stream, and inside of feed-forward layers), `context` the tokens that it can
    see, `theta` the base of rotary positions. `vocabulary` is that of a tokenizer that it is bound to; without one, the
    tokenizer at hand says. `tied`: the embedding is the head too.
    """

    hidden: int
    layers: int
    heads: int
    inner: int
    context: int
    theta: float = 10_000.0
    vocabulary: int | None = None
    tied: bool = True

    def count(self, vocabulary: int) -> Parameters:
        """The parameters of the network with such a vocabulary."""
        embedding = vocabulary * self.hidden
        return Parameters(
            embedding,
            self.layers * 4 * self.hidden**2,
            self.layers * 3 * self.hidden * self.inner,
            (2 * self.layers + 1) * self.hidden,
            0 if self.tied else embedding,
        )


_CODE_LLAMA = 32_016  # tokens

SIZES: Mapping[str, Shape] = {
    "nano": Shape(192, 4, 3, 512, context=2048, theta=1e6),
    "small": Shape(512, 8, 8, 1408, context=4096, theta=1e6),
    "7b": Shape(4096, 32, 32, 11008, context=16384, theta=1e6, vocabulary=_CODE_LLAMA, tied=False),
    "13b": Shape(5120, 40, 40, 13824, context=16384, theta=1e6, vocabulary=_CODE_LLAMA, tied=False),
}
"""The sizes by name: tests and laptops, what ships, and the papers'."""


def make_config(shape: Shape, *, vocabulary: int, tokenizer: str) -> LlamaConfig:
    """The configuration that `transformers` reads; it carries the digest of the tokenizer."""
    from transformers import LlamaConfig

    return LlamaConfig(
        vocab_size=vocabulary, hidden_size=shape.hidden, intermediate_size=shape.inner, num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads, num_key_value_heads=shape.heads, max_position_embeddings=shape.context,
        rope_parameters={"rope_type": "default", "rope_theta": shape.theta}, rms_norm_eps=1e-5,
        tie_word_embeddings=shape.tied, bos_token_id=None, eos_token_id=None, lathe_tokenizer=tokenizer,  # type: ignore[call-arg]
    )  # fmt: skip


def read_shape(config: LlamaConfig) -> Shape:
    """The shape that a configuration has."""
    theta = float(config.rope_parameters["rope_theta"])  # type: ignore[index, arg-type]
    return Shape(
        config.hidden_size, config.num_hidden_layers, config.num_attention_heads, config.intermediate_size,
        config.max_position_embeddings, theta, config.vocab_size, config.tie_word_embeddings,
    )  # fmt: skip


def make_network(shape: Shape, *, vocabulary: int, tokenizer: str, seed: int) -> LlamaForCausalLM:
    """A network with random weights, of single precision, on the device that is the default."""
    torch.manual_seed(seed)
    return _find_class()(make_config(shape, vocabulary=vocabulary, tokenizer=tokenizer))


def read_config(folder: Path) -> LlamaConfig:
    """The configuration of a folder's network; raises `InputError` when there is none of the Llama architecture."""
    from transformers import AutoConfig, LlamaConfig

    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        if not isinstance(config, LlamaConfig):
            raise TypeError(f"its architecture is {config.model_type}, not llama.")
    except Exception as error:  # noqa: BLE001  # the library raises nothing narrower
        raise _explain(folder, error) from None
    return config


def load_network(folder: Path, *, tokenizer: str | None = None) -> LlamaForCausalLM:
    """The network of a folder, in the precision of its file.

    Raises `InputError` when there is none, or when it was trained on the tokens of another tokenizer than `tokenizer`.
    """
    own = getattr(read_config(folder), "lathe_tokenizer", None)
    if tokenizer is not None and own is not None and own != tokenizer:
        raise InputError(f"The network in {folder} speaks the tokens of tokenizer {own}, not {tokenizer}. "
                         "Name the tokenizer.json that lies beside it.")  # fmt: skip
    try:
        network = _find_class().from_pretrained(folder, local_files_only=True, dtype="auto")
    except Exception as error:  # noqa: BLE001  # the library raises nothing narrower
        raise _explain(folder, error) from None
    return network


def _find_class() -> type[LlamaForCausalLM]:
    """The network's class, whose library speaks only when it is asked."""
    from transformers import LlamaForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    return LlamaForCausalLM


def _explain(folder: Path, error: Exception) -> InputError:
    reason = next(iter(str(error).splitlines()), type(error).__name__)
    return InputError(f"{folder} has no network that can be read: {reason} Name a folder with config.json and "
                      "model.safetensors of the Llama architecture.")  # fmt: skip
