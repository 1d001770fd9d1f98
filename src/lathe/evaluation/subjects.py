"""Subjects: the programs that are evaluated, whole units or single functions, of files or of a corpus.

    subjects = choose_subjects(engine, find_units(…), SubjectSetting("function", limit=2000))

A seeded sample, ordered by hashes, so that a smaller one is the beginning of a larger one. What does not compile is
listed with its reason; what is there twice (functions that differ in names only, equal bitcode) is taken once, and
counted.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from lathe.corpus import Corpus, Function, Origin, Program, cut_functions
from lathe.errors import InputError, LatheError
from lathe.llvm import Engine, Module, Unit, load_unit

__all__ = ["Subject", "SubjectSetting", "Subjects", "choose_subjects"]

Granularity = Literal["function", "unit"]


@dataclass(frozen=True, slots=True)
class SubjectSetting:
    """What is evaluated of programs: units or functions, the split of a corpus, how many, drawn by which seed."""

    granularity: Granularity = "function"
    split: str | None = None
    limit: int | None = None
    seed: int = 0


@dataclass(frozen=True)
class Subject:
    """A program that is evaluated; `unit` is the file that it is all of, if it is one."""

    name: str
    hash: str
    module: Module = field(repr=False)
    origin: Origin
    unit: Unit | None = None

    @property
    def function(self) -> Function:
        """The subject as a function in normal form; only where it was cut as one."""
        ir = self.module.bitcode.decode("utf-8", "surrogateescape")
        return Function(self.origin, self.module.target, self.hash, self.name.rpartition(":")[2], ir)


@dataclass(frozen=True)
class Subjects:
    """Those that were chosen, in the sample's order; what could not be read, with reasons; how many there were."""

    chosen: tuple[Subject, ...]
    failed: Mapping[str, str]
    total: int
    repeated: int

    @property
    def digest(self) -> str:
        """Identifies the sample: 16 hexadecimal digits."""
        text = "\n".join([*(subject.hash for subject in self.chosen), *sorted(self.failed)])
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def choose_subjects(engine: Engine, programs: Sequence[Unit] | Corpus, setting: SubjectSetting) -> Subjects:
    """Draw a sample; raises `InputError` when there is nothing to draw from, `UsageError` for a split not made yet."""
    failed: dict[str, str] = {}
    if isinstance(programs, Corpus):
        found, total, repeated = _draw_from_corpus(programs, setting)
    else:
        every = list(_read_units(engine, programs, setting.granularity, failed))
        once = {subject.hash: subject for subject in every}
        found, total, repeated = _order(once.values(), setting), len(every), len(every) - len(once)
    if not found:
        causes = "; ".join(f"{name}: {reason}" for name, reason in list(failed.items())[:3])
        raise InputError(f"There is no {setting.granularity} to evaluate. {causes or 'Name other programs.'}")
    return Subjects(tuple(found), failed, total, repeated)


def _key(setting: SubjectSetting) -> Callable[[str], bytes]:
    return lambda name: hashlib.blake2b(f"{setting.seed} {name}".encode(), digest_size=8).digest()


def _order(subjects: Iterable[Subject], setting: SubjectSetting) -> list[Subject]:
    key = _key(setting)
    return sorted(subjects, key=lambda subject: key(subject.hash))[: setting.limit]


def _draw_from_corpus(corpus: Corpus, setting: SubjectSetting) -> tuple[list[Subject], int, int]:
    """Subjects, how many there were and how often again; hashes are drawn before anything large is read."""
    kind = "functions" if setting.granularity == "function" else "programs"
    hashes = [row["hash"] for row in corpus.read(kind, ["hash"], split=setting.split)]
    once = sorted(set(hashes), key=_key(setting))
    wanted, found = set(once[: setting.limit]), {}
    items: Iterator[Function | Program] = (
        corpus.functions(split=setting.split) if kind == "functions" else corpus.programs(split=setting.split)
    )
    for item in items:
        if item.hash in wanted:
            found[item.hash] = _make_subject(item)
    return _order(found.values(), setting), len(hashes), len(hashes) - len(once)


def _make_subject(item: Function | Program) -> Subject:
    place = f"{item.origin.project}/{item.origin.path}".lstrip("/")
    if isinstance(item, Function):
        return Subject(f"{place}:{item.name}", item.hash, item.module, item.origin)
    return Subject(place, item.hash, item.module, item.origin)


def _read_units(
    engine: Engine, units: Sequence[Unit], granularity: Granularity, failed: dict[str, str]
) -> Iterator[Subject]:
    """The subjects of files, in order, named as seen from where all are; what fails goes into `failed`."""
    root = Path(os.path.commonpath([unit.file.absolute().parent for unit in units])) if units else Path()

    def name(unit: Unit) -> str:
        return str(unit.file.absolute().relative_to(root))

    def read(unit: Unit) -> list[Subject] | LatheError:
        origin = Origin(unit.file.absolute().parent.name, "", name(unit), "", unit.language)
        try:
            module = load_unit(engine, unit)
            if granularity == "unit":
                return [Subject(name(unit), module.hash, module, origin, unit)]
            functions = cut_functions(engine, Program(origin, module.target, module.bitcode))
            return [Subject(f"{name(unit)}:{f.name}", f.hash, f.module, f.origin) for f in functions]
        except LatheError as error:
            return error

    with ThreadPoolExecutor(engine.jobs) as pool:
        for unit, found in zip(units, pool.map(read, units), strict=True):
            if isinstance(found, LatheError):
                failed[name(unit)] = " ".join(str(found).splitlines()[:2]).replace(f"{root}/", "")
            else:
                yield from found
