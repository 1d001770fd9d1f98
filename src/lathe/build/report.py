"""The report of a build: where its bytes are, and what Lathe saved of them.

    report = make_report(Path("."), engine)

Before is what clang makes of the same commands: the objects that `tune_build` kept, where those of the build are still
the ones that it left, and else clang's own, made again. Images are linked again with them. After is what is there.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from lathe.build.configuration import read_configuration
from lathe.build.image import is_image, link_again, measure_file
from lathe.build.lock import Entry, read_lock
from lathe.build.parts import Binary, Part, compare_binaries, sum_parts
from lathe.build.record import STATE_FOLDER, Record, read_records
from lathe.build.words import Word, measure_words
from lathe.errors import CompileError, InputError, LatheError
from lathe.llvm import Engine, Toolchain

__all__ = ["BuildReport", "RecipeUse", "make_report"]

_T = TypeVar("_T")
_SECONDS = 300  # for one run of clang


@dataclass(frozen=True, slots=True)
class RecipeUse:
    """A recipe of the lock (empty: code generation alone), how many functions have it, their bytes by clang and now.

    `words` are its passes and options, where they were measured.
    """

    recipe: str
    functions: int
    before: int
    after: int
    words: tuple[Word, ...] = ()

    @property
    def saved(self) -> int:
        """The bytes that went."""
        return self.before - self.after

    @property
    def telling(self) -> tuple[Word, ...]:
        """The words that change anything."""
        return tuple(word for word in self.words if word.saves != 0)


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build is made of: its images, its objects, those that save most first, and the recipes that they use.

    An image that is optimised as a whole (`-flto`) is one of the objects too. `titles` are the names of C++ functions
    as people write them; `notes` say what is missing.
    """

    name: str
    images: tuple[Binary, ...]
    objects: tuple[Binary, ...]
    recipes: tuple[RecipeUse, ...]
    titles: Mapping[str, str]
    notes: tuple[str, ...]

    @property
    def binaries(self) -> tuple[Binary, ...]:
        """Where functions are looked at: objects, or images where there are none."""
        return self.objects or self.images

    @property
    def sections(self) -> tuple[Part, ...]:
        """The sections of all objects together, the largest first."""
        return sum_parts(part for binary in self.binaries for part in binary.sections)

    @property
    def functions(self) -> list[tuple[Binary, Part]]:
        """Functions and what they are in, the largest first."""
        found = [(binary, part) for binary in self.binaries for part in binary.functions]
        return sorted(found, key=lambda pair: -pair[1].after)

    def title(self, name: str) -> str:
        """The name of a function as people write it."""
        return self.titles.get(name, name)


@dataclass(frozen=True, slots=True)
class _Object:
    """An object of the build, clang's own, the recipes that it was made with, and what both have."""

    record: Record
    clang: Path
    entry: Entry | None
    binary: Binary


@dataclass(frozen=True, slots=True)
class _Build:
    """What is looked at, and a folder for what is made on the way."""

    root: Path
    toolchain: Toolchain
    entries: Mapping[str, Entry]
    scratch: Path


def make_report(
    root: Path,
    engine: Engine,
    *,
    records: Path | None = None,
    words: int = 10,
    hear: Callable[[str], None] | None = None,
) -> BuildReport:
    """Look at a build by its records (default: those in its state folder); `hear` is told what goes on.

    The words of the `words` recipes that saved most are measured. Raises `InputError` where there are no records, or
    the lock or the configuration is broken.
    """
    say, root = hear or (lambda _: None), root.absolute()
    found = _read_records(records or root / STATE_FOLDER / "records")
    entries, notes = _read_entries(root, engine.toolchain.version)
    with tempfile.TemporaryDirectory(prefix="lathe-") as scratch, ThreadPoolExecutor(engine.jobs) as pool:
        build = _Build(root, engine.toolchain, entries, Path(scratch))
        say("looking at the objects")
        compiled = enumerate(record for record in found if not record.links or record.whole)
        objects = _collect([pool.submit(_look_at_object, build, r, number) for number, r in compiled], notes)
        say("linking with clang's own objects")
        replaced = {Path(one.record.out).resolve(): one.clang for one in objects if not one.record.whole}
        images = _collect([pool.submit(_look_at_image, build, r, replaced) for r in found if is_image(r)], notes)
    uses = _sum_recipes(one.binary for one in objects)
    if words and uses:
        say("measuring what the words of recipes save")
        uses, missing = _measure_words(engine, objects, uses, words)
        notes += missing
    binaries = sorted((one.binary for one in objects), key=lambda one: (-one.saved, one.name))
    names = {part.name for binary in (*images, *binaries) for part in binary.functions}
    titles = _demangle(engine.toolchain, names)
    return BuildReport(root.resolve().name, tuple(images), tuple(binaries), tuple(uses), titles, tuple(notes))


def _collect(jobs: Iterable[Future[_T]], notes: list[str]) -> list[_T]:
    """What jobs give; why some give nothing goes into the notes."""
    found = []
    for job in jobs:
        try:
            found.append(job.result())
        except LatheError as error:
            notes.append(f"left out: {error}")
    return found


def _read_records(folder: Path) -> list[Record]:
    try:
        found = read_records(folder)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"{folder} has a record that cannot be read ({error!r}). Remove it, and build again."
        ) from None
    if not any(not record.links or is_image(record) for record in found):
        raise InputError(
            f"{folder} has no record of an object or image that is there. Tune the build (lathe tune-build), or clean "
            'it and record it: LATHE_RECORD="$PWD/.lathe/records" make CC="lathe cc" CXX="lathe c++"'
        )
    return found


def _read_entries(root: Path, llvm: str) -> tuple[dict[str, Entry], list[str]]:
    """The entries of the lock with recipes, by their sources; and what is missing of them."""
    path = read_configuration(str(root), {}).lock
    lock = read_lock(path)
    if lock is None:
        return {}, ["there is no lock, so recipes are not known"]
    if lock.llvm != llvm:
        return {}, [f"the lock is for LLVM {lock.llvm}, this is {llvm}: recipes are left out"]
    return {entry.source: entry for entry in lock.entries.values() if entry.stage}, []


def _look_at_object(build: _Build, record: Record, number: int) -> _Object:
    """Clang's own object beside that of the build; raises `CompileError`."""
    out = Path(record.out)
    clang, own = _find_clang(build, record, number), out.read_bytes()
    before = clang.read_bytes()
    names = {record.name(str(build.root)), record.name(read_configuration(str(build.root), {}).root)}
    entry = next((build.entries[name] for name in names if name in build.entries), None)
    if entry and (before == own or (not record.whole and entry.before != measure_file(clang))):
        entry = None  # clang's own is in its place, or its source changed since
    recipes = entry.recipes if entry else {}
    return _Object(record, clang, entry, _compare(record.name(str(build.root)), before, own, recipes))


def _look_at_image(build: _Build, record: Record, replaced: Mapping[Path, Path]) -> Binary:
    """An image beside what clang's own objects give; raises `CompileError`."""
    name, own = os.path.relpath(record.out, build.root), Path(record.out).read_bytes()
    return _compare(name, link_again(build.toolchain, record, replaced), own, {})


def _compare(name: str, before: bytes, after: bytes, recipes: Mapping[str, str]) -> Binary:
    try:
        return compare_binaries(name, before, after, recipes)
    except ValueError as error:
        raise CompileError(f"{name} cannot be read: {error}") from None


def _find_clang(build: _Build, record: Record, number: int) -> Path:
    """Clang's own object: the one that was kept, if that of the build is what was left with it, or made again."""
    own, kept = Path(record.out).read_bytes(), build.root / STATE_FOLDER / "clang" / f"{number}.o"
    tuned = build.root / STATE_FOLDER / "tuned" / kept.name
    if kept.is_file() and any(path.is_file() and path.read_bytes() == own for path in (kept, tuned)):
        return kept
    fresh = build.scratch / kept.name
    if record.whole:
        fresh.write_bytes(link_again(build.toolchain, record, {}))
        return fresh
    command = [record.compiler, "-w", *record.compile_words(str(fresh))]
    try:
        run = subprocess.run(
            command, cwd=record.folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CompileError(f"{record.source} cannot be compiled again: {error}") from None
    if run.returncode:
        said = run.stderr.decode("utf-8", "replace").strip()[-500:]
        raise CompileError(f"{record.source} cannot be compiled again: {said}")
    return fresh


def _sum_recipes(binaries: Iterable[Binary]) -> list[RecipeUse]:
    """The recipes of functions, those that saved most first."""
    found: dict[str, list[Part]] = defaultdict(list)
    for part in (part for binary in binaries for part in binary.functions):
        if part.recipe is not None:
            found[part.recipe].append(part)
    uses = [
        RecipeUse(recipe, len(parts), sum(p.before for p in parts), sum(p.after for p in parts))
        for recipe, parts in found.items()
    ]
    return sorted(uses, key=lambda use: (-use.saved, use.recipe))


def _measure_words(
    engine: Engine, objects: Sequence[_Object], uses: Sequence[RecipeUse], most: int
) -> tuple[list[RecipeUse], list[str]]:
    """The recipes with what the words of the first of them save; and what is missing."""
    tuned = [(one.record, one.entry) for one in objects if one.entry]
    measured, missing = measure_words(engine, tuned, {use.recipe for use in uses[:most]})
    return [replace(use, words=measured.get(use.recipe, ())) for use in uses], missing


def _demangle(toolchain: Toolchain, names: Iterable[str]) -> dict[str, str]:
    """The names of C++ functions as people write them, where LLVM's tool for that is there."""
    mangled = sorted(name for name in names if name.startswith("_Z"))
    if not mangled or not toolchain.has("llvm-cxxfilt"):
        return {}
    run = subprocess.run(
        [str(toolchain.tool("llvm-cxxfilt"))], input="\n".join(mangled), capture_output=True, text=True, check=False
    )
    found = run.stdout.splitlines()
    return dict(zip(mangled, found, strict=True)) if len(found) == len(mangled) else {}
