"""Joint programs: many programs of a suite linked as one, since a linker's start costs more than its work.

Each program's symbols get a prefix of their own, its `main` among them, so that no program can take another's. The
joint program is told by its argument whose `main` it is to be; each still runs alone, in a process of its own.

Not joined: what runs before `main`, and what the linker gathers across objects by the name of a section.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from lathe.errors import CompileError
from lathe.llvm import Module, Toolchain

__all__ = ["rename_symbols", "write_dispatcher"]

_RUNS_BEFORE_MAIN = (b"llvm.global_ctors", b"llvm.global_dtors")
_GATHERED = ("__start_", "__stop_")
_KINDS = ("function", "global variable", "global alias")


def rename_symbols(toolchain: Toolchain, module: Module, prefix: str) -> Module | None:
    """The module with a prefix on all that it defines for others; None when it must not be joined.

    Raises `CompileError` when LLVM's tools fail.
    """
    if any(name in module.bitcode for name in _RUNS_BEFORE_MAIN):
        return None
    with tempfile.TemporaryDirectory(prefix="lathe-") as name:
        folder = Path(name)
        (folder / "in.bc").write_bytes(module.bitcode)
        # bodies that another object has (`available_externally`) count as defined for llvm-nm
        _run(toolchain, "opt", "-passes=elim-avail-extern", folder / "in.bc", "-o", folder / "own.bc")
        nm = ("llvm-nm", "--extern-only", "--format=just-symbols", folder / "own.bc")
        wanted, defined = (_run(toolchain, *nm, f"--{which}-only").split() for which in ("undefined", "defined"))
        if "main" not in defined or any(symbol.startswith(_GATHERED) for symbol in wanted):
            return None
        rows = [f'{kind}: {{source: "{s}", target: "{prefix}{s}"}}' for s in defined for kind in _KINDS]
        (folder / "map").write_text("\n".join(rows), encoding="utf-8")
        rename = ("-passes=rewrite-symbols", f"-rewrite-map-file={folder / 'map'}", "-preserve-bc-uselistorder")
        _run(toolchain, "opt", *rename, folder / "in.bc", "-o", folder / "out.bc")
        return Module((folder / "out.bc").read_bytes(), module.target)


def write_dispatcher(prefixes: Sequence[str]) -> str:
    """The C text of the `main` that becomes the one of the prefix that its argument numbers; those not linked are 0."""
    declared = [
        f'extern int main_{number}(int, char **) __asm__("{prefix}main") __attribute__((weak));'
        for number, prefix in enumerate(prefixes)
    ]
    mains = ", ".join(f"main_{number}" for number in range(len(prefixes)))
    return "\n".join([
        "#include <stdlib.h>",
        *declared,
        f"static int (*const mains[])(int, char **) = {{{mains}}};",
        "int main(int count, char **words) { return mains[atoi(words[count - 1])](1, words); }",
        "",
    ])  # fmt: skip


def _run(toolchain: Toolchain, tool: str, *words: str | Path) -> str:
    run = subprocess.run([toolchain.tool(tool), *words], capture_output=True, text=True, check=False)
    if run.returncode:
        raise CompileError(f"{tool} failed: {run.stderr.strip()[-2000:]}")
    return run.stdout
