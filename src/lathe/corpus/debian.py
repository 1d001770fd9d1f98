"""Debian source packages, by name: downloaded with apt, and built under capture in the way that they ask for.

The sources come from this machine's own archive entries, read as `deb-src` in the work folder; nothing outside it is
changed, and what a build needs must be installed before (`apt-get build-dep NAME`).
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from lathe.errors import InputError
from lathe.llvm import Toolchain

__all__ = ["BuiltPackage", "build_package", "find_licence", "prepare_apt", "settle", "unpack"]

_SECONDS = 1800
_CMAKE = ("cmake -S . -B lathe-build -DCMAKE_BUILD_TYPE=None -DBUILD_SHARED_LIBS=OFF -DBUILD_TESTING=OFF"
          " -DCMAKE_POLICY_VERSION_MINIMUM=3.5", "cmake --build lathe-build")  # fmt: skip
_CONFIGURE = ("./configure --disable-shared --disable-nls --disable-dependency-tracking || ./configure", "make")
_WAYS = (  # the first file that is there says how
    ("configure", _CONFIGURE),
    ("CMakeLists.txt", _CMAKE),
    ("meson.build", ("meson setup lathe-build --buildtype=plain", "ninja -k 0 -C lathe-build")),
    ("autogen.sh", ("sh autogen.sh", *_CONFIGURE)),
    ("configure.ac", ("autoreconf -fi", *_CONFIGURE)),
    ("Makefile", ('make CC="$CC" CXX="$CXX"',)),
    ("makefile", ('make CC="$CC" CXX="$CXX"',)),
)


@dataclass(frozen=True, slots=True)
class BuiltPackage:
    """A package that was built: its version, its root, and the folder with its captured compiles."""

    name: str
    version: str
    root: Path
    captured: Path
    _copyright: str = field(repr=False)

    def clear(self) -> None:
        """Remove what was unpacked and captured; the download and the log stay."""
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.rmtree(self.captured, ignore_errors=True)

    def licence_of(self, path: str) -> str:
        """The licence that debian/copyright gives a file: its last stanza that fits, else the first."""
        return find_licence(self._copyright, path)


def build_package(name: str, toolchain: Toolchain, work: Path, *, jobs: int) -> BuiltPackage:
    """Download a package, unless it is there, and build it under capture; raises `InputError`."""
    work = work.resolve()
    prepare_apt(work)
    root, version = unpack(work, name)
    captured = work / name / "captured"
    shutil.rmtree(captured, ignore_errors=True)
    commands = next((commands for file, commands in _WAYS if (root / file).exists()), None)
    if commands is None:
        raise InputError(f"{name} has none of {', '.join(file for file, _ in _WAYS)} in its root: build it under "
                         "`lathe capture` yourself.")  # fmt: skip
    settle(root)
    _build(commands, root, _environment(toolchain, captured, jobs), work / name / "build.log")
    if not any(captured.glob("*.bc")):
        raise InputError(f"{name}: nothing was compiled. See {work / name / 'build.log'} (apt-get build-dep {name}?)")
    place = root / "debian" / "copyright"
    text = place.read_text(encoding="utf-8", errors="replace") if place.is_file() else ""
    return BuiltPackage(name, version, root, captured, text)


def _build(commands: Sequence[str], root: Path, environment: dict[str, str], log: Path) -> None:
    """Run the commands; each may fail, since a build that ends half-way has compiled something."""
    with log.open("w", encoding="utf-8") as report:
        for command in commands:
            try:
                subprocess.run(
                    ["sh", "-c", command], cwd=root, env=environment, timeout=_SECONDS, check=False,
                    stdin=subprocess.DEVNULL, stdout=report, stderr=subprocess.STDOUT,
                )  # fmt: skip
            except subprocess.TimeoutExpired:
                report.write(f"lathe: stopped after {_SECONDS} s\n")


def _environment(toolchain: Toolchain, captured: Path, jobs: int) -> dict[str, str]:
    """What makes a build use clang under capture."""
    wrapper = [sys.executable, "-P", "-m", "lathe", "capture", f"-o{captured}", "--"]  # libtool takes a bare -o
    tools = {"CC": "clang", "CXX": "clang++"}
    compilers = {name: shlex.join([*wrapper, str(toolchain.tool(tool))]) for name, tool in tools.items()}
    flags = {"CFLAGS": "-O1 -w", "CXXFLAGS": "-O1 -w"}
    idle = {"MAKEINFO": "true", "HELP2MAN": "true", "FORCE_UNSAFE_CONFIGURE": "1", "LC_ALL": "C"}
    parallel = {"MAKEFLAGS": f"-k -j{jobs}", "CMAKE_BUILD_PARALLEL_LEVEL": str(jobs)}
    return {**os.environ, **compilers, **flags, **idle, **parallel}


def _run(command: Sequence[str], folder: Path | None = None) -> str:
    """What a command printed; raises `InputError` with its first error."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", check=False)
    except FileNotFoundError:
        raise InputError(f"{command[0]} was not found: Debian packages need a Debian system.") from None
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise InputError(f"{command[0]}: {next((line for line in lines if 'error' in line.lower()), lines[-1])}")
    return done.stdout


def _apt_options(work: Path) -> list[str]:
    """Options that keep apt's entries and lists in the work folder."""
    return [
        "-oDir::Etc::sourcelist=/dev/null",
        f"-oDir::Etc::sourceparts={work / 'apt' / 'parts'}",
        f"-oDir::State::lists={work / 'apt' / 'lists'}",
        "-oDir::Cache::pkgcache=",
        "-oDir::Cache::srcpkgcache=",
    ]


def prepare_apt(work: Path) -> None:
    """Write this machine's archive entries, one-line or deb822, as deb-src and get the lists of sources, once."""
    parts, lists = work / "apt" / "parts", work / "apt" / "lists"
    if any(lists.glob("*_Sources*")):
        return
    parts.mkdir(parents=True, exist_ok=True)
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    shell = _run(["apt-config", "shell", "LIST", "Dir::Etc::sourcelist/f", "PARTS", "Dir::Etc::sourceparts/d"])
    places = dict(line.split("=", 1) for line in shlex.split(shell))
    folder = Path(places["PARTS"])
    for entry in (Path(places["LIST"]), *folder.glob("*.list"), *folder.glob("*.sources")):
        if entry.is_file():
            text = re.sub(r"(?m)^deb(?=\s)", "deb-src", entry.read_text(encoding="utf-8"))
            text = re.sub(r"(?m)^Types:.*$", "Types: deb-src", text)
            (parts / entry.name).write_text(text, encoding="utf-8")
    _run(["apt-get", *_apt_options(work), "update"])


def unpack(work: Path, name: str) -> tuple[Path, str]:
    """Download and unpack a source package: its root and its version."""
    home = work / name
    shutil.rmtree(home / "root", ignore_errors=True)
    home.mkdir(parents=True, exist_ok=True)
    description = _download(work, name, home)
    _run(["dpkg-source", "--no-check", "-x", description.name, "root"], home)
    return home / "root", _field(description.read_text(encoding="utf-8", errors="replace"), "Version")


def _download(work: Path, name: str, home: Path) -> Path:
    """The .dsc of a downloaded source package; an older version where a mirror lacks the newest."""
    shown = _run(["apt-cache", *_apt_options(work), "showsrc", "--only-source", name])
    failed = InputError(f"{name}: no such source package. Search: apt-cache search {name}")
    for version in ("", *reversed(re.findall(r"(?m)^Version: (\S+)$", shown))):
        for old in home.glob("*.dsc"):
            old.unlink()
        wanted = f"{name}={version}" if version else name
        try:
            _run(["apt-get", *_apt_options(work), "source", "--only-source", "--download-only", wanted], home)
            return next(home.glob("*.dsc"))
        except InputError as reason:
            failed = reason
    raise failed


def settle(root: Path) -> None:
    """Make the generated build files look newer than what patches touched."""
    when = time.time() - 3600
    for pattern in ("*", "aclocal.m4", "configure", "*.hin", "*h.in", "Makefile.in"):
        for place in root.rglob(pattern):
            os.utime(place, (when, when), follow_symlinks=False)
        when += 1


def find_licence(text: str, path: str) -> str:
    """The licence that the text of debian/copyright gives a path: the last stanza that fits, else the first."""
    found, first = "", ""
    for stanza in re.split(r"\n\s*\n", text):
        name = _field(stanza, "License")
        first = first or name
        files = re.search(r"(?m)^Files:((?:.*)(?:\n[ \t].*)*)", stanza)
        patterns = files[1].replace(",", " ").split() if files else []
        if name and any(fnmatchcase(path, pattern) for pattern in patterns):
            found = name
    return found or first or "see debian/copyright"


def _field(text: str, name: str) -> str:
    """The first value of a `Name: value` line, or nothing."""
    found = re.search(rf"(?m)^{name}:[ \t]*(.+)$", text)
    return found[1].strip() if found else ""
