"""The LLVM on this machine: where its library and its tools are, and which version it is.

One function finds it: `find_toolchain`. An explicit choice (`LATHE_LLVM`, a directory such as
`/usr/lib/llvm-22`) wins; else the newest supported version among Debian's directories and the
`llvm-config` programs on the PATH. Nothing is loaded here; the library itself is only ever loaded in
worker processes.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lathe.errors import ToolchainError

__all__ = ["SUPPORTED_VERSIONS", "Toolchain", "find_toolchain", "list_toolchains"]

SUPPORTED_VERSIONS = (22, 21, 20, 19)
"""Major versions that work, the reference first."""

_INSTALL = (
    "Install LLVM 22: apt-get install clang-22 llvm-22 lld-22 (or set LATHE_LLVM to its directory). See: lathe doctor"
)


@dataclass(frozen=True, slots=True)
class Toolchain:
    """One LLVM installation: `root/bin` holds its tools, `library` is libLLVM as a shared object."""

    version: str
    root: Path
    library: Path

    @property
    def major(self) -> int:
        """The major version, such as 22."""
        return int(self.version.split(".")[0])

    def tool(self, name: str) -> Path:
        """The path of a tool such as `clang` or `opt`; raises `ToolchainError` when it is not installed."""
        path = self.root / "bin" / name
        if not path.exists():
            package = "clang" if name.startswith("clang") else "llvm"
            raise ToolchainError(
                f"LLVM {self.version} in {self.root} has no `{name}`. "
                f"Install it: apt-get install {package}-{self.major}"
            )
        return path

    def has(self, name: str) -> bool:
        """Whether a tool is installed."""
        return (self.root / "bin" / name).exists()


def find_toolchain(version: int | None = None) -> Toolchain:
    """Find the LLVM to use: `LATHE_LLVM` if set, else the newest supported one (or exactly `version`).

    Raises `ToolchainError` when there is none, or when the chosen one is too old or too new.
    """
    chosen = os.environ.get("LATHE_LLVM")
    if chosen:
        return _checked(Path(chosen))
    found = list_toolchains()
    usable = [t for t in found if t.major in SUPPORTED_VERSIONS and version in (None, t.major)]
    if usable:
        return usable[0]
    wanted = f"LLVM {version}" if version else f"LLVM {SUPPORTED_VERSIONS[-1]} to {SUPPORTED_VERSIONS[0]}"
    have = ", ".join(f"{t.version} in {t.root}" for t in found) or "none"
    raise ToolchainError(f"No usable LLVM: {wanted} is needed, found {have}. {_INSTALL}")


def list_toolchains() -> list[Toolchain]:
    """Every LLVM with a shared library on this machine, newest first, supported or not."""
    roots = [*Path("/usr/lib").glob("llvm-*"), *Path("/usr/local").glob("llvm*"), *Path("/opt").glob("llvm*")]
    config = shutil.which("llvm-config")
    if config:
        roots.append(Path(config).resolve().parent.parent)
    found = {t.root: t for t in map(_inspect, dict.fromkeys(r.resolve() for r in roots)) if t}
    return sorted(found.values(), key=lambda t: [int(n) for n in re.findall(r"\d+", t.version)], reverse=True)


def _checked(root: Path) -> Toolchain:
    toolchain = _inspect(root)
    if toolchain is None:
        raise ToolchainError(f"LATHE_LLVM={root} holds no LLVM with a shared library (bin/llvm-config). {_INSTALL}")
    if toolchain.major not in SUPPORTED_VERSIONS:
        age = "too old" if toolchain.major < SUPPORTED_VERSIONS[-1] else "newer than what Lathe knows"
        raise ToolchainError(f"LLVM {toolchain.version} in {root} is {age}: 19 to 22 work. {_INSTALL}")
    return toolchain


def _inspect(root: Path) -> Toolchain | None:
    """Ask the `llvm-config` of a directory for its version and library; None when it has neither."""
    config = root / "bin" / "llvm-config"
    if not config.exists():
        return None
    command = [str(config), "--version", "--libdir"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split("\n")
    if len(answer) < 2 or not re.match(r"\d+\.\d+", answer[0]):
        return None
    library = _find_library(answer[0], [Path(answer[1]), root / "lib", *Path("/usr/lib").glob("*-linux-gnu")])
    return Toolchain(version=answer[0], root=root, library=library) if library else None


def _find_library(version: str, folders: list[Path]) -> Path | None:
    major, minor = version.split(".")[:2]
    names = (f"libLLVM.so.{major}.{minor}", f"libLLVM-{major}.so", f"libLLVM-{major}.so.1")
    return next((f / n for f in folders for n in names if (f / n).exists()), None)
