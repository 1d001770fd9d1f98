"""The store: programs and functions of a corpus, as Parquet files that any tool reads.

    corpus = Corpus(Path("corpus"))
    corpus.add("zlib", programs, functions)
    for row in corpus.read("functions", split="train"): …

A folder with `programs/*.parquet` and `functions/*.parquet`, a file for each thing that was added, and `splits.json`
and `additions.jsonl` beside them. A file is written whole or not at all, and its name follows from what is in it: what
was added is found by its name, so adding it again does nothing, and two runs into one folder do not disturb each other.
Reading goes batch by batch; memory does not grow with the corpus.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lathe.corpus.parquet import read_rows, write_rows
from lathe.corpus.program import Function, Origin, Program
from lathe.errors import OutputError, UsageError
from lathe.llvm import Target

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["KINDS", "Addition", "Corpus"]

KINDS = ("programs", "functions")
_REMEDY = "Remove it, and add its project again."
_ORIGIN = ("project", "version", "path", "licence", "language")
_TARGET = ("triple", "flags", "pipeline")


@dataclass(frozen=True, slots=True)
class Addition:
    """What became of a part of one thing that was added: rows kept, those left out by cause, and if it was the last.

    `digest` is of what the part was made of.
    """

    name: str
    digest: str
    last: bool
    programs: int
    functions: int
    left_out: Mapping[str, int]


class Corpus:
    """A corpus in a folder, which is made when something is added."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def has(self, name: str) -> bool:
        """Whether all of something was added."""
        return any(row["name"] == name and row["last"] for row in self.additions())

    def additions(self) -> list[dict[str, Any]]:
        """What was added, in order."""
        path = self.folder / "additions.jsonl"
        if not path.exists():
            return []
        lines = path.read_text(encoding="utf-8").splitlines()
        return [row for row in map(_read_line, lines) if row]

    def add(self, addition: Addition, programs: Sequence[Program], functions: Sequence[Function]) -> None:
        """Add programs and functions, and write down what became of them; raises `OutputError` when it cannot."""
        for kind, rows in (("programs", programs), ("functions", functions)):
            if rows:
                self._write(kind, [_make_row(item) for item in rows])
        try:
            with (self.folder / "additions.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(addition)) + "\n")
        except OSError as error:
            raise OutputError(
                f"{self.folder} cannot be written: {error.strerror or error}. What was there is as it was."
            ) from None

    def _write(self, kind: str, rows: list[dict[str, Any]]) -> None:
        digest = hashlib.blake2b("".join(row["hash"] for row in rows).encode(), digest_size=8).hexdigest()
        path = self.folder / kind / f"{rows[0]['project'].replace('/', '_')[:100]}-{digest}.parquet"
        write_rows(path, rows, _make_schema(kind))

    def files(self, kind: str) -> list[Path]:
        """The Parquet files of programs or functions, in order."""
        assert kind in KINDS, kind
        return sorted((self.folder / kind).glob("[!.]*.parquet"))

    def read(
        self, kind: str, columns: Sequence[str] | None = None, *, split: str | None = None
    ) -> Iterator[dict[str, Any]]:
        """Rows of programs or functions, of one split or all; raises `InputError` for a broken file.

        A split has no functions that are much like one of training.
        """
        if split is None:
            for path in self.files(kind):
                yield from read_rows(path, columns, remedy=_REMEDY)
            return
        splits = self._read_splits()
        near = set(splits["near"]) if kind == "functions" else set()
        wanted = None if columns is None else list(dict.fromkeys([*columns, "project", "hash"]))
        for path in self.files(kind):
            for row in read_rows(path, wanted, remedy=_REMEDY):
                if splits["projects"].get(row["project"]) == split and row["hash"] not in near:
                    yield row

    def programs(self, *, split: str | None = None) -> Iterator[Program]:
        """The programs."""
        for row in self.read("programs", split=split):
            yield Program(_origin_of(row), _target_of(row), row["bitcode"])

    def functions(self, *, split: str | None = None) -> Iterator[Function]:
        """The functions."""
        for row in self.read("functions", split=split):
            yield Function(_origin_of(row), _target_of(row), row["program"], row["name"], row["ir"])

    def hashes(self, kind: str) -> Iterator[str]:
        """The hashes of all rows."""
        return (row["hash"] for row in self.read(kind, ["hash"]))

    def splits(self) -> dict[str, str]:
        """The split of each project; raises `UsageError` before there is one."""
        found: dict[str, str] = self._read_splits()["projects"]
        return found

    def _read_splits(self) -> dict[str, Any]:
        path = self.folder / "splits.json"
        if not path.exists():
            raise UsageError(f"{self.folder} is not split yet. Split it: lathe corpus split {self.folder}")
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def export(self, kind: str, out: Path) -> Iterator[tuple[str, int]]:
        """Write each split that has rows as one Parquet file, and say how many; raises `OutputError`."""
        for split in dict.fromkeys(self.splits().values()):
            path = out / f"{split}.parquet"
            yield split, write_rows(path, self.read(kind, split=split), _make_schema(kind))

    def count(self, kind: str, column: str) -> Counter[str]:
        """How many rows have each value of a column."""
        return Counter(str(row[column]) for row in self.read(kind, [column]))


def _read_line(line: str) -> dict[str, Any] | None:
    """A line of JSON; None for one that a crash cut off."""
    try:
        row: dict[str, Any] = json.loads(line)
    except ValueError:
        return None
    return row


def _make_schema(kind: str) -> pa.Schema:
    import pyarrow as pa

    text, words = pa.string(), pa.list_(pa.string())
    common = [
        ("hash", text),
        *((name, text) for name in _ORIGIN),
        ("triple", text),
        ("flags", words),
        ("pipeline", text),
    ]
    own = {"programs": [("bitcode", pa.binary())], "functions": [("program", text), ("name", text), ("ir", text)]}
    return pa.schema(common + own[kind])


def _make_row(item: Program | Function) -> dict[str, Any]:
    row = {"hash": item.hash, **asdict(item.origin), **asdict(item.target)}
    row["flags"] = list(item.target.flags)
    if isinstance(item, Program):
        return row | {"bitcode": item.bitcode}
    return row | {"program": item.program, "name": item.name, "ir": item.ir}


def _origin_of(row: Mapping[str, Any]) -> Origin:
    return Origin(*(row[name] for name in _ORIGIN))


def _target_of(row: Mapping[str, Any]) -> Target:
    return Target(row["triple"], tuple(row["flags"]), row["pipeline"])
