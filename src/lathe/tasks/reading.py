"""Readers: networks as predictors of texts, for how many nats a text costs them.

    reader = open_reader("embedded")
    found = reader.read({"output": ir, "kind": "ll", "architecture": "x86"})
    found.nats / found.tokens

Torch reads, also where a folder has a GGUF file: the embedded decoder gives logits of the last token alone.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from lathe.errors import InputError, UsageError
from lathe.tasks.dataset import Row
from lathe.tasks.models import find_folder
from lathe.tasks.prompts import encode_row

if TYPE_CHECKING:
    from lathe.model import Tokenizer

__all__ = ["Reader", "Reading", "open_reader"]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text cost: nats, of so many tokens."""

    nats: float
    tokens: int


class Reader(Protocol):
    """What reads texts; several threads may ask at a time."""

    def read(self, row: Row) -> Reading | None:
        """The cost of a row of `code`; None when it is longer than the network reads."""
        ...


def open_reader(name: str) -> Reader:
    """The reader of a model's name (`lathe.tasks.open_model`); raises `InputError`, and `UsageError` for a server."""
    if name.startswith(("http://", "https://")):
        raise UsageError(f"{name} is a server, which does not say how likely a given text is. Name a folder.")
    try:
        from lathe.training import NetworkText, load_network
    except ImportError:
        raise UsageError("Reading texts needs torch. Install it: pip install 'lathe[train]'") from None
    from lathe.model import Tokenizer

    folder = find_folder(name)
    try:
        tokenizer = Tokenizer.load(folder / "tokenizer.json")
    except InputError:
        return _Foreign(NetworkText(folder))
    network = load_network(folder, tokenizer=tokenizer.digest).float()  # type: ignore[no-untyped-call]
    return _Own(tokenizer, network)


@dataclass(frozen=True)
class _Own:
    """A network with Lathe's tags: it is told whether IR or assembly follows."""

    tokenizer: Tokenizer
    network: Any
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def read(self, row: Row) -> Reading | None:
        from lathe.training import measure_loss

        example = encode_row(self.tokenizer, "code", row)
        if len(example) > self.network.config.max_position_embeddings:
            return None
        with self._lock:
            return Reading(*measure_loss(self.network, [example]))


@dataclass(frozen=True)
class _Foreign:
    """Any other network, with its own tokenizer."""

    text: Any

    def read(self, row: Row) -> Reading | None:
        return Reading(*self.text.measure(row["output"]))
