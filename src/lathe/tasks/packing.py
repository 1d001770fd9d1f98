"""Packing: data sets as token shards, shuffled by a seed, in little memory whatever their size.

    counts = pack_datasets([folder, …], tokenizer, out, PackSetting(seed=1))

Rows are read one after the other, and their tokens thrown into bins by a hash of the function that they are of; the
bins, one after the other, make shards, and each shard is shuffled. So the examples of a function are in one shard (or
two that follow each other), which makes shards small when compressed. What is longer than a model can read is dropped
and counted, never cut.
"""

from __future__ import annotations

import hashlib
import json
import random
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from lathe.corpus import replace_file
from lathe.errors import InputError, OutputError
from lathe.tasks.dataset import Row, list_files, read_file
from lathe.tasks.prompts import WRITERS, encode_row

if TYPE_CHECKING:
    from lathe.model import TokenExample, Tokenizer

__all__ = ["PackSetting", "list_tasks", "pack_datasets"]

_BINS = 256  # a byte of a hash
_TOGETHER = 256  # rows encoded at a time


@dataclass(frozen=True, slots=True)
class PackSetting:
    """How rows are packed: the seed of the order, the tokens of a shard, and those of the longest example.

    `compress` writes each shard as `.zst`, for travel, in place of the shard itself.
    """

    seed: int = 0
    shard_tokens: int = 1 << 24
    most_tokens: int = 4096
    compress: bool = False
    jobs: int = 1


def pack_datasets(folders: Sequence[Path], tokenizer: Tokenizer, out: Path, setting: PackSetting) -> dict[str, Any]:
    """Write the examples of data sets as shards into an empty folder; what became of the rows, and their tokens.

    `out`/summary.json says the same: `counts` of rows and shards, by task `tokens` (`total`, of an example the
    `median`, the 90th percentile, the `most`), by project how many examples have which licence, and a digest of all
    tokens in the order of their bins. Raises `InputError` for folders without examples and for `out` when it
    has shards, `OutputError` when it cannot be written.
    """
    if next(out.glob("tokens-*"), None):
        raise InputError(f"{out} has token shards in it. Name another folder, or remove them.")
    with tempfile.TemporaryDirectory(prefix="lathe-") as name:
        bins = [Path(name, str(number)) for number in range(_BINS)]
        try:
            counts, lengths, sources = _fill(bins, _read(folders), tokenizer, setting)
        except OSError as error:
            raise OutputError(f"{name} cannot be written: {error.strerror}. TMPDIR names another folder.") from None
        digest = hashlib.blake2b(digest_size=16)
        for number, examples in enumerate(_group(bins, setting.shard_tokens)):
            for example in examples:
                digest.update(bytes(example.prompt) + bytes(example.completion))
            _write(out / f"tokens-{number:05}.safetensors", examples, tokenizer, setting, number)
            counts["shards"] += 1
    found = {
        "tokenizer": tokenizer.digest, "seed": setting.seed, "digest": digest.hexdigest(),
        "counts": dict(sorted(counts.items())),
        "tokens": {task: _describe(of) for task, of in sorted(lengths.items())},
        "projects": {project: dict(sorted(of.items())) for project, of in sorted(sources.items())},
    }  # fmt: skip
    text = json.dumps(found, indent=1)
    replace_file(out / "summary.json", lambda fresh: fresh.write_text(text, encoding="utf-8"))
    return found


def _fill(
    bins: Sequence[Path], rows: Iterator[tuple[str, Row]], tokenizer: Tokenizer, setting: PackSetting
) -> tuple[Counter[str], dict[str, Counter[int]], dict[str, Counter[str]]]:
    """Encode all rows into the bins of their functions.

    What became of them, by task how many have what length, and by project how many have what licence.
    """
    counts: Counter[str] = Counter()
    lengths: dict[str, Counter[int]] = {}
    sources: dict[str, Counter[str]] = {}
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(setting.jobs))
        files = [stack.enter_context(path.open("wb")) for path in bins]
        while part := list(islice(rows, _TOGETHER)):
            encoded = pool.map(lambda pair: _encode(tokenizer, *pair, most=setting.most_tokens), part)
            for (task, row), found in zip(part, encoded, strict=True):
                if isinstance(found, str):
                    counts[f"dropped: {found}"] += 1
                    continue
                counts["examples"] += 1
                lengths.setdefault(task, Counter())[len(found)] += 1
                sources.setdefault(row["project"], Counter())[row["licence"]] += 1
                _put(files[_bin_of(row, setting.seed)], found)
    return counts, lengths, sources


def _describe(lengths: Counter[int]) -> dict[str, int]:
    """Statistics of lengths, from how many examples have each."""
    seen, places = 0, dict[int, int]()
    for length, count in sorted(lengths.items()):
        seen += count
        for percent in (50, 90):
            if 100 * seen >= percent * lengths.total():
                places.setdefault(percent, length)
    total = sum(length * count for length, count in lengths.items())
    return {"examples": lengths.total(), "total": total, "median": places[50], "p90": places[90], "most": max(lengths)}


def _read(folders: Sequence[Path]) -> Iterator[tuple[str, Row]]:
    """Each row with its task, in order of the folders and their files."""
    for folder in folders:
        list_tasks(folder)
        for path in list_files(folder):
            yield from ((_task_of(path), row) for row in read_file(path))


def list_tasks(folder: Path) -> set[str]:
    """The tasks that a data set is of; raises `InputError` when it is none."""
    files = list_files(folder)
    if not files:
        raise InputError(f"{folder} has no examples in it. Make some: lathe dataset emulation CORPUS -o {folder}")
    for path in files:
        if _task_of(path) not in WRITERS:
            raise InputError(f"{path} is not named after a task ({', '.join(WRITERS)}), as data sets are.")
    return set(map(_task_of, files))


def _task_of(path: Path) -> str:
    return path.stem.partition("-")[0]


def _encode(tokenizer: Tokenizer, task: str, row: Row, *, most: int) -> TokenExample | str:
    """An example, or why it is dropped."""
    try:
        found = encode_row(tokenizer, task, row)
    except InputError:
        return "a word that the tokenizer lacks"
    return found if len(found) <= most else f"more than {most} tokens"


def _bin_of(row: Row, seed: int) -> int:
    return hashlib.blake2b(f"{seed} {row['function']}".encode(), digest_size=1).digest()[0]


def _put(file: IO[bytes], example: TokenExample) -> None:
    lengths = array("I", [len(example.prompt), len(example.completion)])
    file.write(lengths.tobytes() + array("H", [*example.prompt, *example.completion]).tobytes())


def _get(path: Path) -> Iterator[TokenExample]:
    from lathe.model import TokenExample

    with path.open("rb") as file:
        while head := file.read(8):
            first, second = array("I", head)
            tokens = array("H", file.read(2 * (first + second)))
            yield TokenExample(tokens[:first], tokens[first:])


def _group(bins: Sequence[Path], most: int) -> Iterator[list[TokenExample]]:
    """The examples of a shard: from bin after bin, until there are tokens enough."""
    group: list[TokenExample] = []
    tokens = 0
    for example in (example for path in bins for example in _get(path)):
        group.append(example)
        tokens += len(example)
        if tokens >= most:
            yield group
            group, tokens = [], 0
    if group:
        yield group


def _write(path: Path, examples: list[TokenExample], tokenizer: Tokenizer, setting: PackSetting, number: int) -> None:
    from lathe.model import compress_shard, write_shard

    random.Random(f"{setting.seed} {number}").shuffle(examples)

    def write(fresh: Path) -> int:
        write_shard(fresh, examples, tokenizer=tokenizer.digest)
        if setting.compress:
            compress_shard(fresh).replace(fresh)
        return 0

    replace_file(path.with_name(f"{path.name}.zst") if setting.compress else path, write)
