"""Images: what a build links, measured, and linked again with other objects in the places of some."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lathe.build.record import Record
from lathe.errors import CompileError
from lathe.llvm import Module, Target, Toolchain, Unit, count_loadable, read_unit_target

__all__ = ["Whole", "is_image", "link_again", "link_whole", "load_whole", "measure_file", "read_whole_target", "relink"]

_WHOLE_FLAGS = ("-function-sections", "-data-sections")  # as lld generates code, beside the compiler's flags

_SECONDS = 300
_ELF = b"\x7fELF"


def is_image(record: Record) -> bool:
    """Whether a record made an image that is there."""
    path = Path(record.out)
    if not record.links or not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(4) == _ELF


def measure_file(path: Path) -> int:
    """The loadable bytes of an object or image."""
    return count_loadable(path.read_bytes())


@dataclass(frozen=True, slots=True)
class Whole:
    """What lld merged, before it is optimised, and the object that it made of it; empty where there was no bitcode."""

    bitcode: bytes
    data: bytes


def link_whole(words: Sequence[str], out: Path, folder: Path, *, here: Path | None = None) -> tuple[int, Whole]:
    """Link bitcode as a command says it, run `here`, into `out`; its exit status, and what was merged."""
    made, merged = folder / "whole.o", Path(f"{out}.0.2.internalize.bc")
    extra = ("-o", str(out), "-Wl,--save-temps=internalize", f"-Wl,--lto-obj-path={made}")
    status = subprocess.call([*words, *extra], cwd=here)
    found = [path.read_bytes() if path.exists() else b"" for path in (merged, made)]
    merged.unlink(missing_ok=True)
    made.unlink(missing_ok=True)
    return status, Whole(*found)


def read_whole_target(toolchain: Toolchain, flags: Sequence[str], folder: Path) -> Target:
    """What lld generates code for, by the compiler's flags at the link; raises `InputError`, `CompileError`."""
    target = read_unit_target(toolchain, Unit(Path(os.devnull), (*flags, "-x", "c"), folder))
    return replace(target, flags=tuple(dict.fromkeys((*target.flags, *_WHOLE_FLAGS))))


def load_whole(toolchain: Toolchain, record: Record) -> tuple[Module, int]:
    """The module that a link merges, and the loadable bytes of the object that lld makes of it.

    Raises `InputError`, `CompileError`.
    """
    target = read_whole_target(toolchain, record.flags, Path(record.folder))
    with tempfile.TemporaryDirectory(prefix="lathe-") as name:
        words = [record.compiler, *record.words]
        status, whole = link_whole(words, Path(name) / "image", Path(name), here=Path(record.folder))
    if status or not whole.bitcode:
        raise CompileError("it cannot be linked again, or has no bitcode.")
    return Module(whole.bitcode, target), count_loadable(whole.data)


def relink(toolchain: Toolchain, record: Record, replaced: Mapping[Path, Path]) -> int:
    """The loadable bytes of an image when objects are replaced, those in archives too; raises `CompileError`."""
    return count_loadable(link_again(toolchain, record, replaced))


def link_again(toolchain: Toolchain, record: Record, replaced: Mapping[Path, Path]) -> bytes:
    """An image when objects (absolute paths without links) are replaced; raises `CompileError`."""
    with tempfile.TemporaryDirectory(prefix="lathe-") as name:
        folder, out = Path(name), Path(name) / "image"
        found = (_find_archive(record, word) for word in record.words)
        words = [_replace(toolchain, Path(record.folder), word, replaced, folder) for word in found]
        run = _run([record.compiler, *words, "-o", str(out)], record.folder)
        if run.returncode:
            raise CompileError(f"{record.out} cannot be linked again: {run.stderr.decode(errors='replace')[-500:]}")
        return out.read_bytes()


def _find_archive(record: Record, word: str) -> str:
    """The archive that `-lNAME` is, where the command says in which folder; all other words as they are."""
    if not word.startswith("-l") or word == "-l":
        return word
    name, endings = word[2:], (".a",) if "-static" in record.words else (".so", ".a")
    files = [name[1:]] if name.startswith(":") else [f"lib{name}{ending}" for ending in endings]
    pairs = zip(record.words, (*record.words[1:], ""), strict=True)
    folders = (after if one == "-L" else one[2:] for one, after in pairs if one.startswith("-L"))
    paths = (Path(record.folder, folder, file) for folder in folders for file in files)
    found = next((path for path in paths if path.is_file()), None)
    return str(found) if found and found.suffix == ".a" else word


def _replace(toolchain: Toolchain, here: Path, word: str, replaced: Mapping[Path, Path], folder: Path) -> str:
    """A word of a link command, or what stands for it."""
    path = (here / word).resolve() if not word.startswith("-") else here
    if path in replaced:
        return str(replaced[path])
    if path.suffix != ".a" or not path.is_file():
        return word
    ar = str(toolchain.tool("llvm-ar"))
    members = set(_run([ar, "t", str(path)], here).stdout.decode(errors="replace").split())
    copy = None
    for old, new in replaced.items():
        if old.name in members and _run([ar, "p", str(path), old.name], here).stdout == old.read_bytes():
            copy = copy or Path(shutil.copy(path, folder / f"{len(list(folder.iterdir()))}.a"))
            member = folder / old.name
            shutil.copy(new, member)
            _run([ar, "r", str(copy), str(member)], here)
            member.unlink()
    return str(copy or word)


def _run(command: list[str], folder: Path | str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        command, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=_SECONDS, check=False
    )
