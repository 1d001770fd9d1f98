"""`lathe cc` against clang, over the command lines of `commands.txt`: the same status, messages, and files.

Every line is run by clang and by the wrapper in the same folder, one after the other. All that they leave is equal in
every byte, but for objects and images of commands that the wrapper says it makes smaller: those are ELF for the same
machine with the same notes, link like clang's, do the same where they can be run, and are no larger.

Not covered: what changes from run to run (`-ftime-report`), and names of temporary files in messages.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

import pytest

from lathe.build.command import read_command, split_command
from lathe.llvm import Measurement, Status, Toolchain, count_loadable, measure_object
from lathe.llvm.elf import read_sections

HERE = Path(__file__).parent
SOURCES = ("crc.c", "table.c", "text.c", "main.c", "warns.c", "shape.cpp", "greet.cpp", "config.h")
COPIES = {
    "sub/conftest.c": "conftest.c", "conftest2.c": "conftest.c", "a name.c": "crc.c", "a$name.c": "crc.c",
    "crc.rc": "crc.c", "shape.txt": "shape.cpp",
    **{f"shape.{suffix}": "shape.cpp" for suffix in ("C", "cc", "cxx", "c++")},
    **{f"src/{name}": name for name in (*SOURCES, "shape.cpp")}, "src/shape.cc": "shape.cpp",
    "src/include/unit.h": "include/unit.h",
}  # fmt: skip
FOLDERS = (
    ".deps", ".libs", "src/.deps", "src/.libs", "lib", "bin", "out", "sub", "unit.p", "build/CMakeFiles/unit.dir",
    "CMakeFiles/unit.dir/src", "CMakeFiles/CMakeScratch", "src/CMakeFiles/unit.dir",
)  # fmt: skip
PREPARED = """
cc -O1 -c crc.c table.c text.c main.c
cc -O1 -fPIC -c crc.c -o crc.pic.o
cc -O1 -fPIC -c table.c -o table.pic.o
cc -O1 -fPIC -c text.c -o text.pic.o
cc -Oz -flto -c crc.c -o crc.lto.o
cc -Oz -flto -c table.c -o table.lto.o
cc -Oz -flto -c text.c -o text.lto.o
cc -Oz -flto -c main.c -o main.lto.o
c++ -O1 -c shape.cpp greet.cpp
c++ -O1 -fPIC -c shape.cpp -o shape.pic.o
cc -shared crc.pic.o table.pic.o text.pic.o -o libunit.so
cc -E crc.c -o crc.i
cc -Oz -x c-header include/unit.h -o ready.pch
"""
PLACES = 2
_TEMPORARY = re.compile(r"TMP/(?:lathe-\w+-\w+/\d+-)?(.+?)(?:-[0-9a-f]{6})?\.(\w+)")
NOT_RUN = ("-shared", "-r", "--target=aarch64-linux-gnu")
KEPT = (".note.GNU", ".note.gnu.prop", ".comment", ".ARM.attributes", ".riscv")


@dataclass(frozen=True)
class Line:
    """A command line; `said` is its text."""

    said: str
    folder: str
    environment: dict[str, str]
    compiler: str
    words: list[str]
    source: str

    @classmethod
    def read(cls, said: str) -> Line:
        words, folder, environment, source = shlex.split(said), ".", {}, os.devnull
        if words[0] == "cd":
            folder, words = words[1], words[3:]
        while "=" in words[0]:
            name, _, value = words.pop(0).partition("=")
            environment[name] = value
        if words[-2:-1] == ["<"]:
            source, words = words[-1], words[:-2]
        return cls(said, folder, environment, words[0], words[1:], source)

    @property
    def plusplus(self) -> bool:
        return self.compiler == "c++"


def read_lines() -> dict[str, list[Line]]:
    """All lines by kind."""
    kinds: dict[str, list[Line]] = {}
    for said in (HERE / "commands.txt").read_text().splitlines():
        if said.startswith("["):
            kind = kinds.setdefault(said.strip("[]* "), [])
        elif said and not said.startswith("#"):
            kind.append(Line.read(said))
    return kinds


LINES = read_lines()


@dataclass
class Outcome:
    """What a command left; a file that it removed is None."""

    status: int
    said: list[str]
    files: dict[str, bytes | None] = field(default_factory=dict)


class Place:
    """A folder in which lines are run one after the other; it is what the template is between them."""

    def __init__(self, template: Path, path: Path) -> None:
        self.template, self.path, self.temporary = template, path, path.with_name(f"{path.name}.tmp")
        shutil.copytree(template, path)
        self.temporary.mkdir()
        self._known = self._look()

    def run(self, line: Line, command: list[str], environment: dict[str, str]) -> Outcome:
        """Run a line by a compiler; the folder is as before afterwards."""
        own = {**os.environ, "TMPDIR": str(self.temporary), **environment, **line.environment}
        with (self.path / line.folder / line.source).open("rb") as source:
            done = subprocess.run(
                [*command, *line.words], cwd=self.path / line.folder, env=own, stdin=source, capture_output=True,
                check=False,
            )  # fmt: skip
        left = {f"TMP/{path.name}": None for path in self.temporary.iterdir()}
        said = [self._clean(text.decode(errors="replace")) for text in (done.stdout, done.stderr)]
        return Outcome(done.returncode, said, self._restore() | left)

    def execute(self, image: bytes) -> tuple[int, bytes]:
        """What an image does."""
        path = self.temporary / "image"
        subprocess.run(["dd", f"of={path}", "status=none"], input=image, check=True)  # a file that we hold is busy
        path.chmod(0o700)
        try:
            done = subprocess.run([path], cwd=self.path, capture_output=True, check=False)
            return done.returncode, done.stdout
        finally:
            path.unlink()

    def _clean(self, text: str) -> str:
        """Messages without the names of temporary files."""
        return _TEMPORARY.sub(r"TMP/\1.\2", text.replace(str(self.temporary), "TMP"))

    def _look(self) -> dict[str, tuple[int, int, int]]:
        found, folders = {}, [""]
        for folder in folders:
            for entry in os.scandir(self.path / folder):
                name, stat = f"{folder}{entry.name}", entry.stat()
                if entry.is_dir():
                    folders.append(f"{name}/")
                else:
                    found[name] = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        return found

    def _restore(self) -> dict[str, bytes | None]:
        now, files = self._look(), {}
        for name in sorted(now.keys() | self._known.keys()):
            if now.get(name) == self._known.get(name):
                continue
            path, first = self.path / name, self.template / name
            files[name] = path.read_bytes() if name in now else None
            if first.exists():
                shutil.copy2(first, path)
            else:
                path.unlink()
        self._known = self._look() if files else now
        return files


@pytest.fixture(scope="module")
def template(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small program, with folders, objects and archives as a build has them half-way."""
    path = tmp_path_factory.mktemp("conformance") / "template"
    shutil.copytree(HERE / "program", path)
    for folder in FOLDERS:
        (path / folder).mkdir(parents=True)
    (path / "src" / "include").mkdir()
    for name, source in COPIES.items():
        shutil.copy(path / source, path / name)
    (path / "empty.h").touch()
    for words in map(shlex.split, PREPARED.strip().splitlines()):
        compiler = toolchain.tool("clang++" if words[0] == "c++" else "clang")
        subprocess.run([compiler, *words[1:]], cwd=path, check=True)
    objects = ["crc.o", "table.o", "text.o"]
    for archive in ("libunit.a", "lib/libunit.a", ".libs/libunit.a"):
        subprocess.run([toolchain.tool("llvm-ar"), "rcD", archive, *objects], cwd=path, check=True)
    shutil.copy(path / "libunit.so", path / ".libs")
    for name in objects:
        shutil.copy(path / name, path / f"{Path(name).stem}.sho")
    return path


@dataclass(frozen=True)
class Case:
    """A line; whether the wrapper says that it makes something smaller, and whether that can be run."""

    line: Line
    smaller: bool
    runs: bool

    @classmethod
    def of(cls, line: Line) -> Case:
        """The case of a line whose folder is the current one."""
        command = read_command(line.words, plusplus=line.plusplus)
        smaller = not command.reason or bool(split_command(command))
        return cls(line, smaller, command.links and not any(word in line.words for word in NOT_RUN))


@dataclass
class Bench:
    """Two compilers and places to run them in."""

    template: Path
    clang: Path
    environment: dict[str, str]
    places: SimpleQueue[Place]

    def compare(self, case: Case) -> str:
        """How the wrapper differs from clang; nothing where it does not."""
        line, place = case.line, self.places.get()
        try:
            wanted = place.run(line, [str(self.clang) + "++" * line.plusplus], {})
            found = place.run(line, [sys.executable, "-m", "lathe", line.compiler], self.environment)
            differences = list(self._differ(case, wanted, found, place))
        finally:
            self.places.put(place)
        return "\n  ".join([line.said, *differences]) if differences else ""

    def _differ(self, case: Case, wanted: Outcome, found: Outcome, place: Place) -> Iterator[str]:
        if found.status != wanted.status:
            yield f"status {found.status}, not {wanted.status}"
        for one, other in zip(found.said, wanted.said, strict=True):
            if one != other:
                yield f"it says {one!r}, not {other!r}"
        for name in sorted(found.files.keys() - wanted.files.keys()):
            yield f"{name} is left"
        for name in sorted(wanted.files.keys() - found.files.keys()):
            yield f"{name} is not made"
        for name in sorted(found.files.keys() & wanted.files.keys()):
            one, other = found.files[name] or b"", wanted.files[name] or b""
            if one != other:
                fault = find_fault(one, other) if case.smaller else "other bytes"
                if not fault and case.runs and place.execute(one) != place.execute(other):
                    fault = "it does something else"
                if fault:
                    yield f"{name}: {fault}"


def find_fault(found: bytes, wanted: bytes) -> str:
    """Why an object or image cannot take the place of clang's own; nothing where it can."""
    if found[:4] != b"\x7fELF" or wanted[:4] != b"\x7fELF":
        return "other bytes"
    if found[4:20] != wanted[4:20]:
        return "for another machine"
    if keep(found) != keep(wanted):
        return "other notes or attributes"
    if count_loadable(found) > count_loadable(wanted):
        return f"{count_loadable(found)} bytes, more than {count_loadable(wanted)}"
    one, other = (measure_object(data, Measurement(Status.OK)) for data in (found, wanted))
    return "" if one.links_like(other) else f"other symbols: {one.exported ^ other.exported}"


def keep(data: bytes) -> dict[str, bytes]:
    """What a linker reads beside code and data."""
    return {s.name: data[s.offset : s.offset + s.size] for s in read_sections(data) if s.name.startswith(KEPT)}


@pytest.fixture(scope="module")
def bench(template: Path, toolchain: Toolchain) -> Bench:
    places: SimpleQueue[Place] = SimpleQueue()
    for number in range(PLACES):
        places.put(Place(template, template.with_name(f"place{number}")))
    environment = {
        "LATHE_QUICK": "1",
        "LATHE_CACHE": str(template.with_name("cache")),
        "LATHE_LOG": str(template.with_name("log")),
    }
    return Bench(template, toolchain.tool("clang"), environment, places)


@pytest.mark.parametrize("kind", LINES)
def test_the_wrapper_does_what_clang_does(bench: Bench, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = []
    for line in LINES[kind]:
        monkeypatch.chdir(bench.template / line.folder)
        cases.append(Case.of(line))
    with ThreadPoolExecutor(PLACES) as pool:
        found = [fault for fault in pool.map(bench.compare, cases) if fault]
    assert not found, "\n".join(["", *found])


def test_there_are_many_lines_and_all_differ() -> None:
    lines = [line.said for lines in LINES.values() for line in lines]
    assert len(set(lines)) == len(lines) >= 400
    sections = (HERE / "commands.txt").read_text().split("\n[")[1:]
    real = [line for text in sections if "*]" not in text.splitlines()[0] for line in text.splitlines()[1:] if line]
    assert len(real) >= 200
