"""Data sets: examples of a task, made of a corpus shard by shard; each row can be made again.

    for done in build_dataset("emulation", TASKS["emulation"], corpus, out, BuildSetting(seed=1)): …

A shard is some functions or programs; its file is named by their hashes and by how examples are made of them, and
written whole or not at all. So a stopped run goes on, and two runs make the same files. What cannot be used is dropped
and counted.
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
from typing import Any, Literal

from lathe.corpus import Corpus, Done, Function, Program, Shard, read_rows, replace_file, run_shards, write_rows
from lathe.llvm import Engine, Measurement, find_toolchain

__all__ = [
    "BuildSetting",
    "Maker",
    "Row",
    "Task",
    "build_dataset",
    "list_files",
    "measure_row",
    "read_dataset",
    "read_file",
    "summarise",
]

_TOGETHER = {"functions": 100, "programs": 5}  # of a shard
_SECONDS = 120.0  # for one compile, as in the LLM Compiler paper

Row = dict[str, Any]
Maker = Callable[[Engine, Any, "BuildSetting"], Iterator[Row | str]]
"""Makes the examples of a function or a program, or says why there is none."""


@dataclass(frozen=True, slots=True)
class Task:
    """How examples are made, and of what: functions or programs."""

    make: Maker
    of: Literal["functions", "programs"] = "functions"


@dataclass(frozen=True, slots=True)
class BuildSetting:
    """How examples are made: how many of each function, the seed, and the longest input or output (bytes).

    `compiles` are those of the search for a recipe, for the task that has one.
    """

    seed: int = 0
    each: int = 1
    most_bytes: int = 32_000
    compiles: int = 0


@dataclass(frozen=True, slots=True)
class _Work:
    """Makes a shard of a data set; what the processes of an executor get."""

    make: Maker
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
        for item in shard.items:
            for found in self.make(engine, item, self.setting):
                counts["examples" if isinstance(found, dict) else f"dropped: {found}"] += 1
                if isinstance(found, dict):
                    rows.append({**_describe(item, engine, self.setting), **found})
        write_rows(path, rows)
        replace_file(note, lambda fresh: fresh.write_text(json.dumps(counts), encoding="utf-8"))
        return counts


@functools.cache
def _find_engine() -> Engine:
    """The engine of this process."""
    return Engine(find_toolchain(), jobs=1, timeout=_SECONDS)


def build_dataset(
    name: str,
    task: Task,
    corpus: Corpus,
    out: Path,
    setting: BuildSetting,
    *,
    split: str | None = None,
    limit: int | None = None,
    most_of_project: int | None = None,
    executor: str = "local",
    jobs: int = 1,
    address: str | None = None,
) -> Iterator[Done]:
    """Make a task's examples of a corpus (of one split; of the first `limit` items) in a folder, shard by shard.

    `most_of_project` takes about so many items of each project, by their hashes, so that none drowns the others.
    Raises `OutputError` when the folder cannot be written.
    """
    items: Iterator[Function | Program] = (
        corpus.functions(split=split) if task.of == "functions" else corpus.programs(split=split)
    )
    if most_of_project is not None:
        items = _balance(items, Counter(row["project"] for row in corpus.read(task.of, ["project"])), most_of_project)
    shards = _cut(islice(items, limit), _TOGETHER[task.of], name, setting)
    work = _Work(task.make, out.resolve(), setting)
    yield from run_shards(work, shards, executor=executor, jobs=jobs, address=address)


def _balance(items: Iterator[Any], counts: Counter[str], most: int) -> Iterator[Any]:
    """Those whose hashes are in the part of all hashes that their project may have."""
    for item in items:
        if int(item.hash[:8], 16) / 16**8 < most / counts[item.origin.project]:
            yield item


def _cut(items: Iterator[Function | Program], most: int, name: str, setting: BuildSetting) -> Iterator[Shard]:
    while part := tuple(islice(items, most)):
        text = json.dumps([name, asdict(setting), [item.hash for item in part]])
        yield Shard(f"{name}-{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}", part)


def _describe(item: Function | Program, engine: Engine, setting: BuildSetting) -> Row:
    """What it takes to make an example again, and whose it is."""
    own = (
        {"function": item.hash, "program": item.program, "name": item.name}
        if isinstance(item, Function)
        else {"program": item.hash}
    )
    return {
        **own, "project": item.origin.project, "licence": item.origin.licence, "language": item.origin.language,
        "llvm": engine.toolchain.version, "seed": setting.seed,
    }  # fmt: skip


def measure_row(when: str, measurement: Measurement) -> Row:
    """The columns of a measurement."""
    return {f"instructions_{when}": measurement.instructions, f"binary_{when}": measurement.text_data,
            f"loadable_{when}": measurement.loadable}  # fmt: skip


def read_dataset(folder: Path) -> Iterator[Row]:
    """The rows of a data set, in order of its files; raises `InputError` for a broken one."""
    for path in list_files(folder):
        yield from read_file(path)


def list_files(folder: Path) -> list[Path]:
    """The files of a data set, in order."""
    return sorted(folder.glob("[!.]*.parquet"))


def read_file(path: Path) -> Iterator[Row]:
    """The rows of one of its files; raises `InputError` for a broken one."""
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
