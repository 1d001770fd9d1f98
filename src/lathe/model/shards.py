"""Token shards: examples as token numbers, in files that training maps into memory.

    write_shard(path, examples, tokenizer=tokenizer.digest)
    shard = TokenShard(path)
    prompt, completion = shard[0]

A shard is a safetensors file, so its header is JSON that any tool reads: the arrays `tokens` (uint16, all examples one
after the other), `ends` (int64, where each of them ends) and `prompts` (int32, how many of its first tokens are not to
be learnt), and the digest of the tokenizer as metadata. Compressed, for travel, it is the same file in a zstd frame
(`.zst`) whose window is the whole shard, since examples of one function are far apart after shuffling.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import zstandard
from safetensors.numpy import save_file

from lathe.errors import InputError, OutputError

__all__ = ["TokenExample", "TokenShard", "compress_shard", "expand_shard", "write_shard"]

_ARRAYS = {"tokens": np.uint16, "ends": np.int64, "prompts": np.int32}
_LEVEL = 19
_LARGEST_WINDOW = 30  # bits; what a 64-bit decoder takes


@dataclass(frozen=True, slots=True)
class TokenExample:
    """Tokens of a prompt, and of its completion."""

    prompt: Sequence[int]
    completion: Sequence[int]

    def __len__(self) -> int:
        return len(self.prompt) + len(self.completion)


def write_shard(path: Path, examples: Sequence[TokenExample], *, tokenizer: str) -> None:
    """Write examples in their order; `tokenizer` is the digest of what made the tokens."""
    parts = [np.asarray(part, np.uint16) for e in examples for part in (e.prompt, e.completion)]
    arrays: dict[str, np.ndarray[Any, Any]] = {
        "tokens": np.concatenate(parts) if parts else np.zeros(0, np.uint16),
        "ends": np.cumsum([len(e) for e in examples], dtype=np.int64),
        "prompts": np.asarray([len(e.prompt) for e in examples], np.int32),
    }
    save_file(arrays, path, metadata={"tokenizer": tokenizer})  # more keys have no order of their own


class TokenShard(Sequence[TokenExample]):
    """The examples of a file, of which only those that are looked at are read.

    Raises `InputError` when it is no shard, is cut short, or is of another tokenizer than `tokenizer` (None: any).
    """

    def __init__(self, path: Path, *, tokenizer: str | None = None) -> None:
        try:
            header, start = _read_header(path)
            self.tokenizer = str(header["__metadata__"]["tokenizer"])
            self._arrays = {name: _map_array(path, header[name], start, of) for name, of in _ARRAYS.items()}
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path} is no token shard, or broken ({error}). Pack the data set again.") from None
        if tokenizer not in (None, self.tokenizer):
            raise InputError(
                f"{path} was made with the tokenizer {self.tokenizer}, not {tokenizer}. Pack the data set again."
            )

    def __len__(self) -> int:
        return len(self._arrays["ends"])

    def __getitem__(self, number: Any) -> Any:
        if isinstance(number, slice):
            return [self[n] for n in range(*number.indices(len(self)))]
        number = range(len(self))[number]
        ends, tokens = self._arrays["ends"], self._arrays["tokens"]
        start = int(ends[number - 1]) if number else 0
        cut = start + int(self._arrays["prompts"][number])
        return TokenExample(tokens[start:cut], tokens[cut : int(ends[number])])

    @property
    def tokens(self) -> int:
        """How many tokens there are."""
        return len(self._arrays["tokens"])


def _read_header(path: Path) -> tuple[dict[str, Any], int]:
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        return json.loads(file.read(size)), 8 + size


def _map_array(path: Path, entry: dict[str, Any], start: int, of: type) -> Any:
    (length,), (first, _) = entry["shape"], entry["data_offsets"]
    return np.memmap(path, of, "r", start + first, (length,)) if length else np.zeros(0, of)


def compress_shard(path: Path) -> Path:
    """Write a shard as `.zst` beside it, whole or not at all; its path."""
    window = min(_LARGEST_WINDOW, max(10, math.ceil(math.log2(path.stat().st_size + 1))))
    parameters = zstandard.ZstdCompressionParameters.from_level(_LEVEL, window_log=window, enable_ldm=True)
    out = path.with_name(f"{path.name}.zst")
    with _write_beside(out) as fresh, path.open("rb") as source, fresh.open("wb") as target:
        zstandard.ZstdCompressor(compression_params=parameters).copy_stream(source, target)
    return out


def expand_shard(path: Path) -> Path:
    """Write the shard of a `.zst` beside it, whole or not at all; its path.

    Raises `InputError` when it is broken or cannot be read, `OutputError` when the shard cannot be written.
    """
    out = path.with_suffix("")
    try:
        with path.open("rb") as source, _write_beside(out) as fresh:
            with fresh.open("wb") as target:
                zstandard.ZstdDecompressor(max_window_size=1 << _LARGEST_WINDOW).copy_stream(source, target)
            TokenShard(fresh)  # a frame that is cut short is no error of the decoder
    except (zstandard.ZstdError, InputError):
        raise InputError(f"{path} is broken. Pack the data set again.") from None
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror}. What was there is as it was.") from None
    return out


@contextmanager
def _write_beside(out: Path) -> Iterator[Path]:
    """A file to write, which takes its place at the end, when nothing went wrong."""
    fresh = out.with_name(f".{out.name}")
    try:
        yield fresh
        fresh.replace(out)
    finally:
        fresh.unlink(missing_ok=True)
