"""Data sets: examples of a task, made of a corpus's functions shard by shard; each row can be made again.

    for done in build_dataset(make_emulation, corpus, out, BuildSetting(seed=1), task="emulation"): …

A shard is some functions; its file is named by their hashes and by how examples are made of them, and written whole or
not at all. So a stopped run goes on, and two runs make the same files. What cannot be used is dropped and counted.
"""

from __future__ import annotations

import functools
import hashlib
import json
import statistics
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from lathe.corpus import Corpus, Done, Function, Shard, read_rows, replace_file, run_shards, write_rows
from lathe.llvm import Engine, find_toolchain

__all__ = ["BuildSetting", "Maker", "Row", "build_dataset", "read_dataset", "summarise"]

_TOGETHER = 100  # functions of a shard
_SECONDS = 120.0  # for one compile, as in the LLM Compiler paper

Row = dict[str, Any]
Maker = Callable[[Engine, Function, "BuildSetting"], Iterator[Row | str]]
"""Makes the examples of a function, or says why there is none."""


@dataclass(frozen=True, slots=True)
class BuildSetting:
    """How examples are made: how many of each function, the seed, and the longest input or output (bytes)."""

    seed: int = 0
    each: int = 1
    most_bytes: int = 32_000


@dataclass(frozen=True, slots=True)
class _Work:
    """Makes a shard of a data set; what the processes of an executor get."""

    make: Maker
    task: str
    out: Path
    setting: BuildSetting

    def __call__(self, shard: Shard) -> Counter[str]:
        path = self.out / f"{shard.name}.parquet"
        note = path.with_suffix(".json")
        if note.exists() and path.exists():
            return Counter(json.loads(note.read_text(encoding="utf-8")))
        engine = _find_engine()
        rows: list[Row] = []
        counts: Counter[str] = Counter()
        for function in shard.items:
            for found in self.make(engine, function, self.setting):
                counts["examples" if isinstance(found, dict) else f"dropped: {found}"] += 1
                if isinstance(found, dict):
                    rows.append({**_describe(function, engine, self.setting), **found})
        write_rows(path, rows)
        replace_file(note, lambda fresh: fresh.write_text(json.dumps(counts), encoding="utf-8"))
        return counts


@functools.cache
def _find_engine() -> Engine:
    """The engine of this process."""
    return Engine(find_toolchain(), jobs=1, timeout=_SECONDS)


def build_dataset(
    make: Maker,
    corpus: Corpus,
    out: Path,
    setting: BuildSetting,
    *,
    task: str,
    split: str | None = None,
    limit: int | None = None,
    executor: str = "local",
    jobs: int = 1,
    address: str | None = None,
) -> Iterator[Done]:
    """Make examples of a corpus's functions (of one split; of the first `limit`) in a folder, shard by shard."""
    out.mkdir(parents=True, exist_ok=True)
    functions = islice(corpus.functions(split=split), limit)
    work = _Work(make, task, out.resolve(), setting)
    yield from run_shards(work, _cut(functions, task, setting), executor=executor, jobs=jobs, address=address)


def _cut(functions: Iterator[Function], task: str, setting: BuildSetting) -> Iterator[Shard]:
    while part := tuple(islice(functions, _TOGETHER)):
        text = json.dumps([task, asdict(setting), [function.hash for function in part]])
        yield Shard(f"{task}-{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}", part)


def _describe(function: Function, engine: Engine, setting: BuildSetting) -> Row:
    """What it takes to make an example again, and whose it is."""
    return {
        "function": function.hash, "program": function.program, "name": function.name,
        "project": function.origin.project, "licence": function.origin.licence, "language": function.origin.language,
        "llvm": engine.toolchain.version, "seed": setting.seed,
    }  # fmt: skip


def read_dataset(folder: Path) -> Iterator[Row]:
    """The rows of a data set, in order of its files; raises `InputError` for a broken one."""
    for path in sorted(folder.glob("[!.]*.parquet")):
        yield from read_rows(path, remedy="Remove it, and build the data set again.")


def summarise(folder: Path, counts: Mapping[str, int]) -> dict[str, Any]:
    """How many examples, how long (bytes), and what was dropped, for people and for `summary.json`, which it writes."""
    lengths: dict[str, list[int]] = {"input": [], "output": []}
    for row in read_dataset(folder):
        for key, of in lengths.items():
            of.append(len(row[key].encode()))
    found = {
        "counts": dict(sorted(counts.items())),
        "bytes": {
            key: {"total": sum(of), "median": statistics.median(of), "most": max(of)} if of else {}
            for key, of in lengths.items()
        },
    }
    replace_file(folder / "summary.json", lambda fresh: fresh.write_text(json.dumps(found, indent=1), encoding="utf-8"))
    return found
