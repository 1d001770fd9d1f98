"""Tuning a whole build: what makes its images smaller, and passes its tests, goes into the lock.

    result = tune_build(Request(("make", "CC=lathe cc"), Path.cwd(), seconds=600, test="make check"), engine)

One page, in order. Build with clang, and write down what is compiled and linked. Search recipes for all modules
together, the heaviest first. Make the objects again by the lock, and the images by the build command. Take back what an
image is no smaller for. Run the tests; where they fail, find the objects that they fail with by halves, and take those
back. What is taken back stays in the lock as clang's own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from lathe.build.configuration import read_configuration
from lathe.build.image import is_image, load_whole, measure_file, relink
from lathe.build.lock import Entry, digest_module, read_lock, update_lock
from lathe.build.record import STATE_FOLDER, Record, read_records
from lathe.build.searching import tune_entries
from lathe.errors import CompileError, InputError, LatheError
from lathe.llvm import Engine, Module, load_unit
from lathe.search import Budget

__all__ = ["BuildResult", "ImageResult", "ObjectResult", "Request", "tune_build"]

_SEARCHING = 0.8  # of the seconds that are left after the first build
_VERDICTS = 60  # if there is time


@dataclass(frozen=True, slots=True)
class Request:
    """A build command, where it runs, seconds for everything after the first build, compiles of each function.

    `test` is a command of the shell that fails when the program is wrong (empty: none).
    """

    command: tuple[str, ...]
    root: Path
    seconds: float = 600
    compiles: int = 400
    test: str = ""


@dataclass(frozen=True, slots=True)
class ObjectResult:
    """An object: its name, loadable bytes by clang and now, and why clang's own is back (empty: it is not)."""

    name: str
    before: int
    after: int
    taken_back: str = ""


@dataclass(frozen=True, slots=True)
class ImageResult:
    """An image and its loadable bytes with clang's objects and now."""

    name: str
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What became of a build."""

    objects: Sequence[ObjectResult]
    images: Sequence[ImageResult]
    lock: Path
    seconds: float


@dataclass(slots=True)
class _Object:
    """An object of the build: how it is compiled, clang's own and the one by the lock in the state folder."""

    record: Record
    clang: Path
    tuned: Path
    module: Module | None = None
    entry: Entry | None = None
    taken_back: str = ""

    @property
    def out(self) -> Path:
        return Path(self.record.out).resolve()

    @property
    def saves(self) -> int:
        """The bytes by which the object by the lock is smaller."""
        return measure_file(self.clang) - measure_file(self.tuned) if self.tuned.exists() else 0

    def holds(self, file: Path) -> bool:
        """Whether a file's bytes are in the object's place."""
        return self.out.exists() and self.out.read_bytes() == file.read_bytes()

    @property
    def differs(self) -> bool:
        """Whether there is an object by the lock, other than clang's own."""
        tuned = not self.taken_back and self.tuned.exists()
        return tuned and self.tuned.read_bytes() != self.clang.read_bytes()


@dataclass(slots=True)
class _Build:
    """A build under way."""

    request: Request
    engine: Engine
    hear: Callable[[str], None]
    deadline: float
    objects: list[_Object] = field(default_factory=list)
    images: list[Record] = field(default_factory=list)

    @property
    def late(self) -> bool:
        return time.monotonic() > self.deadline

    def measure_images(self) -> dict[str, int]:
        return {image.out: measure_file(Path(image.out)) for image in self.images}

    @property
    def linked(self) -> list[Record]:
        """The images of objects, not of bitcode."""
        return [image for image in self.images if not image.whole]

    def run(self, mode: str, **environment: str) -> None:
        """Run the build command; raises `InputError` with the end of what it says when it fails."""
        said = _run(self.request, self.request.command, {"LATHE_MODE": mode, "LATHE_QUICK": "0", **environment})
        if said is not None:
            raise InputError(f"{' '.join(self.request.command)} failed:\n{said}")

    def passes(self) -> bool:
        """Whether the tests pass with the objects that are there."""
        return not self.request.test or _run(self.request, ("sh", "-c", self.request.test), {}) is None

    def put(self, tuned: Iterable[_Object]) -> None:
        """Put the objects by the lock in their places, clang's own in all others, and link again."""
        chosen = {id(one) for one in tuned}
        wanted = [(one, one.tuned if id(one) in chosen else one.clang) for one in self.objects]
        for one, file in wanted:
            if not one.holds(file):
                shutil.copyfile(file, one.out)
                if (library := one.out.with_suffix(".lo")).exists():
                    library.touch()  # what make looks at, where libtool builds
        self.run("off")
        for one, file in wanted:
            if not one.holds(file):
                if not one.record.whole:
                    raise InputError(f"The build makes {one.out} anew each time. It must leave alone what is made.")
                shutil.copyfile(file, one.out)  # linked again


def tune_build(
    request: Request,
    engine: Engine,
    *,
    hear: Callable[[str], None] | None = None,
) -> BuildResult:
    """Make a build smaller, and lock how; `hear` is told what goes on.

    Raises `InputError` when the build or its tests fail with clang's own objects, or nothing is compiled by us.
    """
    started = time.monotonic()
    build = _Build(request, engine, hear or (lambda _: None), 0.0)
    setting = read_configuration(str(request.root), {})
    state = request.root / STATE_FOLDER
    _build_first(build, state)
    build.deadline = time.monotonic() + request.seconds
    before = build.measure_images()
    _search(build, setting.lock)
    _make_objects(build, setting.lock, state)
    build.put(one for one in build.objects if one.differs)
    _drop_losers(build)
    _drop_failing(build)
    _lock(build, setting.lock, [one for one in build.objects if one.taken_back])
    after = build.measure_images()
    objects = [
        ObjectResult(one.record.name(str(request.root)), measure_file(one.clang), measure_file(one.out), one.taken_back)
        for one in build.objects
    ]
    images = [ImageResult(os.path.relpath(name, request.root), before[name], after[name]) for name in before]
    return BuildResult(objects, images, Path(setting.lock), time.monotonic() - started)


def _build_first(build: _Build, state: Path) -> None:
    """Build with clang's own objects, keep them and what was recorded aside, and see that the tests pass."""
    shutil.rmtree(state, ignore_errors=True)
    for folder in ("records", "clang", "tuned"):
        (state / folder).mkdir(parents=True)
    (state / ".gitignore").write_text("*\n", encoding="utf-8")
    build.hear("building with clang's own objects")
    build.run("off", LATHE_RECORD=str(state / "records"))
    records = read_records(state / "records")
    build.images = [record for record in records if is_image(record)]
    for number, record in enumerate(one for one in records if not one.links or one.whole):
        one = _Object(record, state / "clang" / f"{number}.o", state / "tuned" / f"{number}.o")
        shutil.copyfile(one.out, one.clang)
        build.objects.append(one)
    if not build.objects:
        raise InputError(
            "Nothing was compiled by `lathe cc` at -Oz or -Os. Clean the build first, and have it use "
            'CC="lathe cc" and CXX="lathe c++".'
        )
    if not build.passes():
        raise InputError(f"The tests fail with clang's own objects already: {build.request.test}")


def _search(build: _Build, lock: str) -> None:
    """Search the recipes of all objects that are not locked, the heaviest first, and lock them."""
    what, done = f"searching recipes for {len(build.objects)} objects", dict[int, int]()
    build.hear(what)

    def on_progress(number: int, functions: int, _: int) -> None:
        done[number] = functions
        build.hear(f"{what}: {sum(done.values()):,} functions done")

    known = read_lock(lock)
    entries = known.entries if known and known.llvm == build.engine.toolchain.version else {}
    with ThreadPoolExecutor(build.engine.jobs) as pool:
        list(pool.map(lambda one: _load(build.engine, one, str(build.request.root)), build.objects))
    for one in build.objects:
        if one.entry and one.entry.digest in entries:
            one.entry = entries[one.entry.digest]
    fresh = [one for one in build.objects if one.module and one.entry and one.entry.digest not in entries]
    fresh.sort(key=lambda one: -one.entry.before if one.entry else 0)
    pairs = [(one.module, one.entry) for one in fresh if one.module and one.entry]
    seconds = max(1.0, (build.deadline - time.monotonic()) * _SEARCHING)
    budget = Budget(build.request.compiles, seconds, verdicts=_VERDICTS)
    for one, found in zip(fresh, tune_entries(build.engine, pairs, budget, on_progress), strict=True):
        if isinstance(found, CompileError):
            one.taken_back = f"no smaller object could be made: {found}"
        else:
            one.entry = found
    _lock(build, lock, fresh)


def _load(engine: Engine, one: _Object, root: str) -> None:
    """Read the module of an object, or say why it stays clang's own."""
    record, size = one.record, measure_file(one.clang)
    try:
        if record.whole:
            module, size = load_whole(engine.toolchain, record)
        else:
            module = load_unit(engine, record.unit)
        identity = engine.read(module.bitcode, record.source, identify=True).identity
    except LatheError as error:
        one.taken_back = f"its module cannot be had: {error}"
        return
    digest = digest_module(identity, module.target.triple, (record.level, *module.target.flags))
    one.module, one.entry = module, Entry(digest, record.name(root), before=size, after=size)


def _lock(build: _Build, lock: str, objects: Iterable[_Object]) -> None:
    """Write the entries of objects, those taken back as clang's own."""
    entries = [
        Entry(one.entry.digest, one.entry.source, before=one.entry.before, after=one.entry.before)
        if one.taken_back
        else one.entry
        for one in objects
        if one.entry
    ]
    update_lock(lock, entries, build.engine.toolchain.version)


def _make_objects(build: _Build, lock: str, state: Path) -> None:
    """Make the objects by the lock, as the wrapper makes them."""
    build.hear("making the objects")

    def make(one: _Object) -> None:
        record = one.record
        words = record.words if record.whole else record.compile_words(record.out)
        command = [sys.executable, "-P", "-m", "lathe", record.compiler, *words]
        setting = {"LATHE_MODE": "frozen", "LATHE_LOCK": lock, "LATHE_LOG": str(state / "cc.log")}
        run = subprocess.run(
            command, cwd=record.folder, env={**os.environ, **setting}, capture_output=True, check=False
        )
        if run.returncode:
            one.taken_back = f"it cannot be made again: {run.stderr.decode(errors='replace').strip()[-200:]}"
            return
        shutil.copyfile(one.out, one.tuned)

    with ThreadPoolExecutor(build.engine.jobs) as pool:
        list(pool.map(make, [one for one in build.objects if one.entry and one.entry.stage and not one.taken_back]))


def _drop_losers(build: _Build) -> None:
    """Take back the objects without which the images are no larger, those that save least first."""
    left = sorted((one for one in build.objects if one.differs and not one.record.whole), key=lambda one: one.saves)
    build.hear(f"linking without each of {len(left)} objects")
    total = sum(measure_file(Path(image.out)) for image in build.linked)
    dropped: dict[Path, Path] = {}
    for one in left:
        if build.late:
            break
        found = _link_without(build, {**dropped, one.out: one.clang})
        if found is not None and found <= total:
            one.taken_back, total = "the images are no smaller for it", found
            dropped[one.out] = one.clang
    if dropped:
        build.put(one for one in build.objects if one.differs)


def _link_without(build: _Build, replaced: Mapping[Path, Path]) -> int | None:
    """The bytes of all images with some objects replaced; None where there are none, or they cannot be linked again."""
    if not build.linked:
        return None
    with ThreadPoolExecutor(build.engine.jobs) as pool:
        try:
            return sum(pool.map(lambda one: relink(build.engine.toolchain, one, replaced), build.linked))
        except CompileError:
            return None


def _drop_failing(build: _Build) -> None:
    """Take back the objects with which the tests fail."""
    build.hear("running the tests")
    chosen = [one for one in build.objects if one.differs]
    if build.passes():
        return
    kept: list[_Object] = []

    def keep(part: list[_Object]) -> None:
        """Keep what passes together with all that is kept, by halves."""
        build.hear(f"the tests fail: trying {len(part)} of {len(chosen)} objects")
        if not build.late:
            build.put([*kept, *part])
            if build.passes():
                kept.extend(part)
                return
        if len(part) == 1 or build.late:
            for one in part:
                one.taken_back = "the tests fail with it" if len(part) == 1 else "the tests fail, and time is up"
            return
        keep(part[: len(part) // 2])
        keep(part[len(part) // 2 :])

    keep(chosen)
    build.put(kept)
    if not build.passes():
        raise InputError(f"The tests fail now and then, also with clang's own objects: {build.request.test}")


def _run(request: Request, command: Sequence[str], setting: Mapping[str, str]) -> str | None:
    """Run a command in the build's root with the wrapper as its compiler; what it said if it failed."""
    lathe = f"{sys.executable} -P -m lathe"
    own = {"CC": f"{lathe} cc", "CXX": f"{lathe} c++", **os.environ, **setting}
    try:
        run = subprocess.run(
            command, cwd=request.root, env=own, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    except OSError as error:
        raise InputError(f"{command[0]} cannot be run: {error.strerror}.") from None
    return run.stdout.decode(errors="replace").strip()[-2000:] if run.returncode else None
