"""Linking: objects become programs, with the command that clang's driver would run, asked for once."""

from __future__ import annotations

import functools
import shlex
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lathe.errors import CompileError, ToolchainError
from lathe.llvm import Toolchain, Unit

__all__ = ["Linker"]

_SECONDS = 60
_OBJECT, _PROGRAM = "/dev/null", "program-goes-here"  # stand-ins; the driver wants the object to exist


class Linker:
    """Links single objects, and builds units without optimisation. Safe to use from many threads."""

    def __init__(self, toolchain: Toolchain) -> None:
        self._toolchain = toolchain

    def link(self, unit: Unit, data: bytes, program: Path) -> None:
        """Write the program that an object of `unit` makes; raises `CompileError` with the linker's words."""
        self.link_many(unit.language, [data], program)

    def link_many(self, language: str, objects: Sequence[bytes], program: Path) -> None:
        """Write the program that objects of a language make; raises `CompileError` with the linker's words."""
        paths = [program.with_name(f"{program.name}.{number}.o") for number in range(len(objects))]
        for path, data in zip(paths, objects, strict=True):
            path.write_bytes(data)
        places = {_OBJECT: [str(path) for path in paths], _PROGRAM: [str(program)]}
        command = _ask_command(self._toolchain, language)
        _run([place for word in command for place in places.get(word, [word])])

    def compile(self, text: str) -> bytes:
        """The object of a C text; raises `CompileError`."""
        with tempfile.TemporaryDirectory(prefix="lathe-") as name:
            path = Path(name) / "text.c"
            path.write_text(text, encoding="utf-8")
            _run([_driver(self._toolchain, "c"), "-c", str(path), "-o", str(path.with_suffix(".o"))])
            return path.with_suffix(".o").read_bytes()

    def build(self, unit: Unit, bitcode: bytes, program: Path) -> None:
        """Write the program that `clang -O0` makes of a unit's bitcode; raises `CompileError`."""
        path = program.with_suffix(".bc")
        path.write_bytes(bitcode)
        _run([_driver(self._toolchain, unit.language), "-O0", "-pthread", str(path), "-o", str(program), "-lm"])

    def link_harness(self, objects: Sequence[Path], program: Path, *, cplusplus: bool) -> None:
        """Write a program that starts at `__wrap_main`, not at a module's `main`; raises `CompileError`."""
        driver = _driver(self._toolchain, "c++" if cplusplus else "c")
        linker = ["-fuse-ld=lld"] if self._toolchain.has("ld.lld") else []
        flags = [*linker, "-no-pie", "-pthread", "-Wl,--wrap=main"]
        _run([driver, *flags, *map(str, objects), "-o", str(program), "-lm"])

    def keep(self, symbols: Sequence[str], module: Path, out: Path) -> None:
        """Write the bitcode of a module without what the named symbols do not need; raises `CompileError`."""
        names = out.with_suffix(".txt")
        names.write_text("\n".join(symbols), encoding="utf-8")
        passes = ["-passes=internalize,globaldce", f"-internalize-public-api-file={names}"]
        _run([str(self._toolchain.tool("opt")), *passes, str(module), "-o", str(out)])

    def list_runtime(self) -> frozenset[str]:
        """The symbols of the C++ run-time library."""
        return _list_symbols(self._toolchain, "libstdc++.so") | _list_symbols(self._toolchain, "libgcc_s.so.1")

    def show(self, unit: Unit, obj: str, program: str) -> str:
        """The link as a command for a shell."""
        return shlex.join([_driver(self._toolchain, unit.language), "-pthread", obj, "-o", program, "-lm"])


def _driver(toolchain: Toolchain, language: str) -> str:
    return str(toolchain.tool("clang++" if language == "c++" else "clang"))


@functools.cache
def _ask_command(toolchain: Toolchain, language: str) -> tuple[str, ...]:
    """The command that the driver would run: half the time of a link is the driver's own start."""
    command = [_driver(toolchain, language), "-pthread", _OBJECT, "-o", _PROGRAM, "-lm", "-###"]
    if language == "c++" and toolchain.has("ld.lld"):  # half the time with libstdc++; without, no gain
        command.append("-fuse-ld=lld")
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = [line for line in run.stderr.splitlines() if _PROGRAM in line]
    if run.returncode or not lines:
        raise ToolchainError(f"clang does not say how to link: {run.stderr.strip()}. Install g++.")
    return tuple(shlex.split(lines[-1]))


@functools.cache
def _list_symbols(toolchain: Toolchain, library: str) -> frozenset[str]:
    """What a shared library defines; nothing when it is not there."""
    path = _run([str(toolchain.tool("clang++")), f"-print-file-name={library}"]).strip()
    if not Path(path).is_file():
        return frozenset()
    nm = [str(toolchain.tool("llvm-nm")), "--dynamic", "--defined-only", "--format=just-symbols", path]
    return frozenset(name.partition("@")[0] for name in _run(nm).split())


def _run(command: list[str]) -> str:
    try:
        run = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise CompileError(f"{command[0]} took more than {_SECONDS} s.") from None
    if run.returncode:
        raise CompileError(f"{Path(command[0]).name} failed: {run.stderr.strip()[-2000:]}")
    return run.stdout
