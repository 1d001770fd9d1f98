"""Joining: the objects of a module's pieces become one ordinary object again.

The linker's relocatable mode puts them together in their order, with a script of ours: pieces have a section for each
function, since a section that all objects have would be padded between them, and the script gives those the common
name. What was promoted becomes local again, and the pieces' unwind tables become one (`unwind.py`).
"""

from __future__ import annotations

import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path

from lathe.errors import CompileError, ToolchainError
from lathe.llvm.elf import read_sections, read_sizes
from lathe.llvm.toolchain import Toolchain
from lathe.llvm.unwind import merge_unwind_entries

__all__ = ["PIECE_FLAG", "join_objects"]

PIECE_FLAG = "-function-sections"
"""The flag with which pieces must be compiled."""

_SECONDS = 120
_GROUPED = 0x200
_SHARED = (".text", ".rodata", ".gcc_except_table")
_OF_TEXT = (".ARM.exidx", ".ARM.extab")  # named after the section of the code that they describe
_KINDS = (".hot", ".unlikely", ".startup", ".exit", ".unknown", ".split")  # of code, by how often it runs


def join_objects(
    toolchain: Toolchain, objects: Sequence[bytes], *, local: Collection[str], own_sections: bool = False
) -> bytes:
    """One object made of pieces that were compiled with `PIECE_FLAG`; the symbols `local` become local.

    `own_sections`: functions keep sections of their own, as with `-ffunction-sections`. Raises `CompileError` with the
    linker's words, and `ToolchainError` without ld.lld.
    """
    if not toolchain.has("ld.lld"):
        raise ToolchainError(f"ld.lld was not found. Install it: apt-get install lld-{toolchain.major}")
    with tempfile.TemporaryDirectory(prefix="lathe-") as name:
        folder = Path(name)
        for number, data in enumerate(objects):
            (folder / f"{number}.o").write_bytes(data)
        (folder / "script").write_text(_write_script(objects, own_sections=own_sections), encoding="utf-8")
        (folder / "local").write_text("".join(f"{symbol}\n" for symbol in sorted(local)), encoding="utf-8")
        (folder / "inputs").write_text("".join(f"{number}.o\n" for number in range(len(objects))), encoding="utf-8")
        _run(folder, [str(toolchain.tool("ld.lld")), "-r", "-T", "script", "-o", "joined.o", "@inputs"])
        _run(folder, [str(toolchain.tool("llvm-objcopy")), "--localize-symbols=local", "joined.o"])
        return merge_unwind_entries((folder / "joined.o").read_bytes())


def _run(folder: Path, command: list[str]) -> None:
    try:
        run = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise CompileError(f"{command[0]} took more than {_SECONDS} s.") from None
    if run.returncode:
        raise CompileError(f"{Path(command[0]).name} failed: {run.stderr.strip()[-2000:]}")


def _write_script(objects: Sequence[bytes], *, own_sections: bool) -> str:
    """Which input sections go into the common ones. An empty `.text` goes nowhere: its alignment would pad the next."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for number, data in enumerate(objects):
        functions = read_sizes(data).functions
        for section in read_sections(data):
            if section.name == ".text":
                wanted[".text" if section.size else "/DISCARD/"].append(f"{number}.o(.text)")
            elif (
                not own_sections and not section.flags & _GROUPED and (common := _common_name(section.name, functions))
            ):
                wanted[common].append(f'{number}.o("{section.name}")')
    lines = (f"  {name} : {{ {' '.join(inputs)} }}" for name, inputs in wanted.items())
    return "\n".join(["SECTIONS {", *lines, "}", ""])


def _common_name(name: str, functions: Collection[str]) -> str:
    """Where a function's own section would be without a section for each; empty for sections that are no function's."""
    for table in _OF_TEXT:
        if name.startswith(f"{table}."):
            text = _common_name(name.removeprefix(table), functions)
            return f"{table}{text.removeprefix('.text')}" if text else ""
    base = next((base for base in _SHARED if name.startswith(f"{base}.")), "")
    function = next((f for f in functions if name.endswith(f".{f}")), "")
    between = name[len(base) : -len(function) - 1] if base and function else "."
    return base if not between else f"{base}{between}." if between in _KINDS else ""
