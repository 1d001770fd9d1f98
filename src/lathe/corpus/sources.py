"""Sources: where programs come from. `SOURCES` is the table; a new source is a function and a row.

Each makes a folder of captured compiles (`lathe.capture`) of what the user names, except `parquet`, which has modules
already.
"""

from __future__ import annotations

import json
import logging
import shlex
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from lathe.capture import capture
from lathe.corpus.csmith import find_csmith
from lathe.corpus.debian import BuiltPackage, build_package, prepare_apt
from lathe.corpus.parquet import read_rows
from lathe.errors import InputError, OutputError, UsageError
from lathe.llvm import C_SUFFIXES, Toolchain

__all__ = ["SOURCES", "Batch", "Ready", "SourceSetting"]

_log = logging.getLogger(__name__)
_BUILDS = 2  # at a time
_SEEDS_TOGETHER = 100
_BYTES_TOGETHER = 64 << 20  # of bitcode
_BITCODE = ("content", "bitcode")  # what layouts of the field call their columns; ComPile's come first
_LICENCE = ("license_expression", "license", "licence")
_PROJECT = ("package_source", "project")


@dataclass(frozen=True, slots=True)
class SourceSetting:
    """What sources work with: a folder for builds, how many jobs at a time, flags and names that the user gave.

    `languages` are those whose modules are taken, of sources that say it (none: all). `known` says of a batch's name
    that all of it is in the corpus already, so that it need not be made.
    """

    toolchain: Toolchain
    work: Path
    jobs: int
    flags: tuple[str, ...] = ()
    project: str = ""
    version: str = ""
    licence: str = ""
    languages: frozenset[str] = frozenset()
    known: Callable[[str], bool] = lambda _: False


@dataclass(frozen=True, slots=True)
class Ready:
    """A module that exists already, with its language, licence and project, as far as they are known."""

    bitcode: bytes
    path: str
    language: str = ""
    licence: str = ""
    project: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """What is added together: a name, a project with version and licence, a folder of captured compiles, or modules.

    Paths are shown from `root` on; `licence_of` knows the licence of each.
    """

    name: str
    project: str
    version: str
    licence_of: Callable[[str], str]
    captured: Path | None = None
    root: Path | None = None
    modules: Sequence[Ready] = ()


def list_directory(setting: SourceSetting, what: Sequence[str]) -> Iterator[Batch]:
    """All C and C++ files below directories, compiled with the flags given."""
    for text in what:
        root = _existing(text)
        files = (
            [root] if root.is_file() else sorted(p for p in root.rglob("*") if p.suffix in C_SUFFIXES and p.is_file())
        )
        if not files:
            raise InputError(f"{root} has no sources in it ({', '.join(C_SUFFIXES)}). Name another directory.")
        folder = root if root.is_dir() else root.parent
        commands = [(_compiler(path, setting), [*setting.flags, "-c", str(path.resolve())], folder) for path in files]
        yield _capture_all(setting, root.resolve().name, commands, folder)


def list_database(setting: SourceSetting, what: Sequence[str]) -> Iterator[Batch]:
    """The commands of compilation databases (compile_commands.json)."""
    for text in what:
        path = _existing(text)
        try:
            rows = json.loads(path.read_text(encoding="utf-8"))
            commands = [_read_command(row, path.parent, setting) for row in rows]
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{path} is not a compilation database (compile_commands.json): {error!r}.") from None
        yield _capture_all(setting, path.resolve().parent.name, commands, path.parent)


def list_captured(setting: SourceSetting, what: Sequence[str]) -> Iterator[Batch]:
    """Folders that `lathe capture` filled."""
    for text in what:
        folder = _existing(text)
        if not any(folder.glob("*.json")):
            raise InputError(f"{folder} holds no captured compiles. Fill it: CC='lathe capture -o{folder} -- clang'")
        yield _make_batch(setting, folder.resolve().name, folder, None)


def list_debian(setting: SourceSetting, what: Sequence[str]) -> Iterator[Batch]:
    """Debian source packages by name, downloaded and built under capture; one that fails does not stop the others.

    The next is built while one is read, since `configure` keeps one processor busy at most. Raises `InputError` at the
    end for those that failed.
    """
    names = [name for name in what if not setting.known(f"debian:{name}")]
    if names:
        prepare_apt(setting.work.resolve())  # once, before builds side by side would
    failed = []

    def build(name: str) -> BuiltPackage | InputError:
        try:
            return build_package(name, setting.toolchain, setting.work, jobs=setting.jobs)
        except InputError as error:
            return error

    left = iter(names)
    with ThreadPoolExecutor(_BUILDS) as pool:
        ahead = deque(pool.submit(build, name) for name in islice(left, _BUILDS))
        while ahead:
            built = ahead.popleft().result()
            ahead.extend(pool.submit(build, name) for name in islice(left, 1))
            if isinstance(built, InputError):
                _log.warning("%s", built)
                failed.append(built)
                continue
            name = f"debian:{built.name}"
            yield Batch(name, built.name, built.version, built.licence_of, built.captured, built.root)
            built.clear()
    if failed:
        raise InputError("\n".join(str(error) for error in failed))


def list_csmith(setting: SourceSetting, what: Sequence[str]) -> Iterator[Batch]:
    """Random programs by seed: numbers, or ranges such as 0-999."""
    csmith = find_csmith()
    seeds = [seed for text in what for seed in _read_seeds(text)]
    for first in range(0, len(seeds), _SEEDS_TOGETHER):
        part = seeds[first : first + _SEEDS_TOGETHER]
        name = f"csmith:{part[0]}-{part[-1]}"
        if setting.known(name):
            continue
        folder = setting.work / "csmith" / f"{part[0]}-{part[-1]}"
        folder.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(setting.jobs) as pool:
            list(pool.map(csmith.write, part, [folder / f"{seed}.c" for seed in part]))
        clang = str(setting.toolchain.tool("clang"))
        commands = [(clang, [*csmith.flags, "-c", f"{seed}.c"], folder) for seed in part]
        batch = _capture_all(setting, "csmith", commands, folder)
        yield Batch(name, "csmith", "", lambda _: "BSD-2-Clause", batch.captured, folder)


def list_parquet(setting: SourceSetting, what: Sequence[str]) -> Iterator[Batch]:
    """Parquet files in the layout of ComPile, local, or streamed from the hub (hub:OWNER/NAME)."""
    for text in what:
        rows = _stream_hub(text.removeprefix("hub:")) if text.startswith("hub:") else _read_parquet(_existing(text))
        found: list[Ready] = []
        start, size = 0, 0
        for number, row in enumerate(rows):
            ready = _read_row(row, f"{text}:{number}", setting.project)
            if setting.languages and ready.language not in setting.languages:
                continue
            found.append(ready)
            size += len(ready.bitcode)
            if size >= _BYTES_TOGETHER:
                yield _make_modules(setting, text, start, found)
                found, start, size = [], number + 1, 0
        if found:
            yield _make_modules(setting, text, start, found)


SOURCES: Mapping[str, Callable[[SourceSetting, Sequence[str]], Iterator[Batch]]] = {
    "directory": list_directory,
    "database": list_database,
    "captured": list_captured,
    "debian": list_debian,
    "csmith": list_csmith,
    "parquet": list_parquet,
}
"""The sources by name."""


def _existing(text: str) -> Path:
    path = Path(text)
    if not path.exists():
        raise InputError(f"{path} does not exist.")
    return path


def _compiler(path: Path, setting: SourceSetting) -> str:
    return str(setting.toolchain.tool("clang" if path.suffix == ".c" else "clang++"))


def _read_command(row: dict[str, Any], base: Path, setting: SourceSetting) -> tuple[str, list[str], Path]:
    words = [str(word) for word in row["arguments"]] if "arguments" in row else shlex.split(row["command"])
    return _compiler(Path(row["file"]), setting), [*words[1:], *setting.flags], base / row["directory"]


def _capture_all(
    setting: SourceSetting, name: str, commands: Sequence[tuple[str, list[str], Path]], root: Path
) -> Batch:
    """Capture commands (compiler, words, folder) as a batch."""
    out = setting.work / "captured" / name
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)

    def one(command: tuple[str, list[str], Path]) -> None:
        tool, words, folder = command
        capture([tool, *words], out, folder=folder.resolve())

    try:
        with ThreadPoolExecutor(setting.jobs) as pool:
            list(pool.map(one, commands))
    except OSError as error:
        raise OutputError(f"{out} cannot be written: {error.strerror}. Name a folder with room: --work DIR.") from None
    return _make_batch(setting, name, out, root)


def _make_batch(setting: SourceSetting, name: str, captured: Path, root: Path | None) -> Batch:
    project = setting.project or name
    return Batch(project, project, setting.version, lambda _: setting.licence, captured, root)


def _make_modules(setting: SourceSetting, text: str, number: int, found: Sequence[Ready]) -> Batch:
    project = setting.project or text.rpartition("/")[2].removesuffix(".parquet")
    return Batch(f"{text}:{number}", project, setting.version, lambda _: setting.licence, modules=tuple(found))


def _read_seeds(text: str) -> range:
    first, _, last = text.partition("-")
    try:
        return range(int(first), int(last or first) + 1)
    except ValueError:
        raise UsageError(f'"{text}" is no seed of csmith. Write a number, or a range such as 0-999.') from None


def _read_parquet(path: Path) -> Iterator[dict[str, Any]]:
    for file in [path] if path.is_file() else sorted(path.rglob("*.parquet")):
        yield from read_rows(file, remedy="Name another file.")


def _stream_hub(name: str) -> Iterator[dict[str, Any]]:
    try:
        from datasets import load_dataset
    except ImportError:
        raise UsageError("The hub needs datasets. Install it: pip install 'lathe[corpus]'") from None
    try:
        yield from load_dataset(name, split="train", streaming=True)
    except Exception as error:  # noqa: BLE001  # the library, and what it reads with, raise nothing narrower
        raise InputError(
            f"hub:{name} cannot be read: {type(error).__name__}: {_first_line(error)}. What was read is kept: run this "
            "again when it can."
        ) from None


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "").rstrip(".")


def _read_row(row: Mapping[str, Any], path: str, project: str) -> Ready:
    column = next((name for name in _BITCODE if name in row), "")
    if not isinstance(bitcode := row.get(column) or b"", bytes) or not column:
        raise InputError(f"{path} has no column of bitcode ({' or '.join(_BITCODE)}). It has: {', '.join(row)}.")
    licence, own = (next((str(row[name]) for name in names if row.get(name)), "") for names in (_LICENCE, _PROJECT))
    return Ready(bitcode, path, str(row.get("language", "")), licence, project or own)
