"""Collecting: what sources list becomes rows of a corpus, each program and each function once.

Every compile that was captured is read, cut into functions, and checked by LLVM; what cannot be used is counted by its
cause. A batch is added in parts, so that memory does not grow with a project, and a run that was stopped goes on.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lathe.capture import Captured, capture, read_captured, read_module
from lathe.corpus.held_out import find_suite, refuse_held_out
from lathe.corpus.program import Function, Origin, Program, cut_functions
from lathe.corpus.sources import Batch, Ready
from lathe.corpus.store import Addition, Corpus
from lathe.errors import CompileError, InputError, LatheError, OutputError, UsageError
from lathe.llvm import Engine, Module, Toolchain, read_cc1_target

__all__ = ["add_batches", "hash_functions", "make_usual_module"]

_TOGETHER = 200  # programs that become one file
_MOST_BYTES = 32 << 20  # of bitcode


class _HashSet:
    """A set of hashes in a temporary file, so that its memory does not grow with the corpus."""

    def __init__(self, hashes: Iterable[str] = ()) -> None:
        self._base = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._base.execute("PRAGMA journal_mode = OFF")
        self.update(hashes)

    def __contains__(self, digest: object) -> bool:
        return self._base.execute("SELECT 1 FROM hashes WHERE hash = ?", (digest,)).fetchone() is not None

    def close(self) -> None:
        """Remove the file."""
        self._base.close()

    def update(self, hashes: Iterable[str]) -> None:
        """Add hashes; raises `OutputError` when there is no room for the file."""
        try:
            self._base.execute("CREATE TABLE IF NOT EXISTS hashes (hash TEXT PRIMARY KEY) WITHOUT ROWID")
            self._base.execute("BEGIN")
            self._base.executemany("INSERT OR IGNORE INTO hashes VALUES (?)", ((digest,) for digest in hashes))
            self._base.execute("COMMIT")
        except sqlite3.Error as error:
            raise OutputError(f"The folder for temporary files cannot be written: {error}. Make room there.") from None


@dataclass(slots=True)
class _Seen:
    """What the corpus has, and what it must not have."""

    programs: _HashSet
    functions: _HashSet
    held_out: frozenset[str]


@dataclass(slots=True)
class _Part:
    """Programs and functions on their way into the corpus."""

    programs: list[Program] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def add_batches(
    engine: Engine, corpus: Corpus, batches: Iterable[Batch], *, held_out: frozenset[str] = frozenset()
) -> Iterator[Addition]:
    """Add batches to a corpus, one after the other, and say of each part what became of it.

    Functions whose hash is in `held_out` are left out with their programs. Raises `UsageError` for projects that are
    held out by name and while another process adds to the corpus, `OutputError` when it cannot be written.
    """
    with (
        _locked(corpus.folder),
        closing(_HashSet(corpus.hashes("programs"))) as programs,
        closing(_HashSet(corpus.hashes("functions"))) as functions,
    ):
        seen = _Seen(programs, functions, held_out)
        added = {(row["name"], row["digest"]) for row in corpus.additions()}
        for batch in batches:
            refuse_held_out(batch.project)
            items = _list_items(batch)
            for start in range(0, max(1, len(items)), _TOGETHER):
                part_of = items[start : start + _TOGETHER]
                digest = _digest(batch, part_of)
                if (batch.name, digest) in added:
                    continue
                part = _collect(engine, batch, part_of, seen)
                addition = Addition(
                    batch.name, digest, start + _TOGETHER >= len(items),
                    len(part.programs), len(part.functions), dict(part.left_out),
                )  # fmt: skip
                corpus.add(addition, part.programs, part.functions)
                yield addition


def _digest(batch: Batch, items: Sequence[Captured | Ready]) -> str:
    """Of what is to be added, so that what changed is added again and the rest is not."""
    found = hashlib.blake2b(digest_size=8)
    for item in items:
        if isinstance(item, Ready):
            found.update(item.bitcode)
        elif batch.captured and not item.error:
            found.update(item.key.encode() + read_module(batch.captured, item))
    return found.hexdigest()


def hash_functions(engine: Engine, batches: Iterable[Batch]) -> frozenset[str]:
    """The hashes of all functions of batches, whatever they are called: what a corpus must not have."""
    hashes: set[str] = set()
    with ThreadPoolExecutor(engine.jobs) as pool:
        for batch in batches:
            for found in pool.map(functools.partial(_read, engine, batch), _list_items(batch)):
                hashes.update(function.hash for function in ([] if isinstance(found, str) else found[1]))
    return frozenset(hashes)


def _list_items(batch: Batch) -> list[Captured | Ready]:
    return list(read_captured(batch.captured)) if batch.captured else list(batch.modules)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the folder against other processes that add."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / ".lock").open("w")
    except OSError as error:
        raise OutputError(f"{folder} cannot be written: {error.strerror}.") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError(f"Another process adds to {folder}. Wait for it, or name another folder.") from None
        yield


def _collect(engine: Engine, batch: Batch, items: Iterable[Captured | Ready], seen: _Seen) -> _Part:
    part = _Part()
    with ThreadPoolExecutor(engine.jobs) as pool:
        for found in pool.map(lambda item: _read(engine, batch, item, seen.programs), items):
            if isinstance(found, str):
                part.left_out[found] += 1
                continue
            program, functions, broken = found
            hashes = {function.hash: function for function in functions}
            if program.hash in seen.programs:
                part.left_out["program: there already"] += 1
            elif find_suite(f"{program.origin.project}/{program.origin.path}"):
                part.left_out["program: held out, by its name"] += 1
            elif seen.held_out & hashes.keys():
                part.left_out["program: held out, by its functions"] += 1
            else:
                fresh = {digest: f for digest, f in hashes.items() if digest not in seen.functions}
                part.programs.append(program)
                part.functions += fresh.values()
                part.left_out["function: there already"] += len(functions) - len(fresh)
                part.left_out["function: does not stand alone"] += broken
                seen.programs.update([program.hash])
                seen.functions.update(fresh)
    part.left_out = +part.left_out
    return part


def _read(
    engine: Engine, batch: Batch, item: Captured | Ready, known: Container[str] = ()
) -> tuple[Program, list[Function], int] | str:
    """A program, those of its functions that stand alone (none if it is known), and how many do not; or why not."""
    try:
        program = (
            _read_captured(engine, batch, item) if isinstance(item, Captured) else _read_ready(engine, batch, item)
        )
        if program.hash in known:
            return program, [], 0
        if len(program.bitcode) > _MOST_BYTES:
            return f"program: more than {_MOST_BYTES >> 20} MiB"
        read = engine.read(program.bitcode, program.origin.path)
        if not read.functions:
            return "program: without functions"
        if read.optnone:
            return "program: made at -O0"
        functions = cut_functions(engine, program)
        sound = [function for function in functions if _stands_alone(engine, function)]
        return program, sound, len(functions) - len(sound)
    except _NotCompiledError:
        return "program: clang refused it"
    except (CompileError, InputError) as error:
        return f"program: {type(error).__name__}: {str(error).splitlines()[0][:80]}"


class _NotCompiledError(LatheError):
    """A compile that has no module."""


def _read_captured(engine: Engine, batch: Batch, captured: Captured) -> Program:
    assert batch.captured
    if captured.error:
        raise _NotCompiledError(captured.error)
    path = Path(captured.folder, captured.source)
    root = batch.root.resolve() if batch.root else Path(captured.folder)
    shown = str(path.resolve().relative_to(root)) if path.resolve().is_relative_to(root) else str(path)
    origin = Origin(batch.project, batch.version, shown, batch.licence_of(shown), captured.language)
    return Program(origin, read_cc1_target(engine.toolchain, captured.cc1), read_module(batch.captured, captured))


def _read_ready(engine: Engine, batch: Batch, ready: Ready) -> Program:
    triple = engine.read(ready.bitcode, ready.path).triple
    licence = ready.licence or batch.licence_of(ready.path)
    origin = Origin(ready.project or batch.project, batch.version, ready.path, licence, ready.language)
    return Program(origin, make_usual_module(engine.toolchain, triple).target, ready.bitcode)


@functools.lru_cache(maxsize=64)
def make_usual_module(toolchain: Toolchain, triple: str) -> Module:
    """An empty program for a triple, as clang makes it without other flags; raises `InputError` when it cannot."""
    with tempfile.TemporaryDirectory(prefix="lathe-") as name:
        folder = Path(name)
        (folder / "empty.c").write_text("int main(void) { return 0; }\n", encoding="utf-8")
        command = [str(toolchain.tool("clang")), f"--target={triple}", "-c", "empty.c"]
        captured = next(iter(capture(command, folder / "out", folder=folder)), None)
        if captured is None or captured.error:
            raise InputError(f'clang makes nothing for the target "{triple}".')
        return Module(read_module(folder / "out", captured), read_cc1_target(toolchain, captured.cc1))


def _stands_alone(engine: Engine, function: Function) -> bool:
    try:
        engine.read(function.module.bitcode, function.name)
    except InputError:
        return False
    return True
