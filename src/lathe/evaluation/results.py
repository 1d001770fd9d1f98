"""Result folders: what was asked, and rows for each program, in Parquet files that any tool reads.

    results = ResultFolder(path, question)
    for done in results.fill(subjects, work, engine): …
    rows = results.read(subjects)

`question.json` says what was asked, of which programs, with which versions; a folder with answers to another question
is refused. Files are written whole or not at all, a few programs each, so an evaluation that was stopped goes on where
it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from lathe.corpus import read_rows, replace_file, write_rows
from lathe.errors import InputError
from lathe.evaluation.subjects import Subject
from lathe.llvm import Engine

__all__ = ["PROTOCOL", "ResultFolder", "ResultRow"]

PROTOCOL = 1
"""Another one whenever rows or summaries mean something else than before."""

_TOGETHER = 50  # programs of a file

ResultRow = dict[str, Any]


class ResultFolder:
    """The folder of one evaluation; raises `InputError` when it holds answers to another question."""

    def __init__(self, path: Path, question: Mapping[str, Any]) -> None:
        self.path = path
        self.question = {"protocol": PROTOCOL, **question}
        note = path / "question.json"
        if note.exists():
            _compare(path, _read_note(note), self.question)
        else:
            text = json.dumps(self.question, indent=1) + "\n"
            replace_file(note, lambda fresh: fresh.write_text(text, encoding="utf-8"))

    def fill(
        self, subjects: Sequence[Subject], work: Callable[[Subject], list[ResultRow]], engine: Engine
    ) -> Iterator[int]:
        """Do what is not done yet, as many programs at a time as the engine has workers; says how many are done."""
        done = 0
        with ThreadPoolExecutor(engine.jobs) as pool:
            try:
                for part in _cut(subjects):
                    path = self._file_of(part)
                    if not path.exists():
                        found = pool.map(lambda subject: [_name(subject) | row for row in work(subject)], part)
                        write_rows(path, _fill_up([row for rows in found for row in rows]))
                    done += len(part)
                    yield done
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    engine.close()  # ends the compiles under way, so that the threads can end too
                pool.shutdown(cancel_futures=True)
                raise

    def read(self, subjects: Sequence[Subject]) -> list[ResultRow]:
        """All rows, in the order of the programs; raises `InputError` for a broken file."""
        remedy = "Remove it, and evaluate again."
        return [row for part in _cut(subjects) for row in read_rows(self._file_of(part), remedy=remedy)]

    def _file_of(self, part: Sequence[Subject]) -> Path:
        digest = hashlib.blake2b("".join(subject.hash for subject in part).encode(), digest_size=8).hexdigest()
        return self.path / "rows" / f"{digest}.parquet"


def _cut(subjects: Sequence[Subject]) -> Iterator[Sequence[Subject]]:
    return (subjects[start : start + _TOGETHER] for start in range(0, len(subjects), _TOGETHER))


def _fill_up(rows: list[ResultRow]) -> list[ResultRow]:
    """Rows that all have the same columns, since the first says which there are."""
    columns = dict.fromkeys(name for row in rows for name in row)
    return [{name: row.get(name) for name in columns} for row in rows]


def _name(subject: Subject) -> ResultRow:
    origin = subject.origin
    return {"name": subject.name, "hash": subject.hash, "project": origin.project, "language": origin.language}


def _read_note(note: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{note} cannot be read ({error}). Name another --out, or remove the folder.") from None
    if not isinstance(found, dict):
        raise InputError(f"{note} says nothing of an evaluation. Name another --out.")
    return found


def _compare(path: Path, there: Mapping[str, Any], asked: Mapping[str, Any]) -> None:
    for key in asked:
        if there.get(key) != asked[key]:
            raise InputError(
                f"{path} has results of another evaluation: its {key} is {json.dumps(there.get(key))}, asked for is "
                f"{json.dumps(asked[key])}. Name another --out, or remove the folder."
            )
