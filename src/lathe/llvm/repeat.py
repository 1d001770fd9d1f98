"""How to repeat a result without Lathe: shell commands that make the object again with LLVM's own tools."""

from __future__ import annotations

import shlex

from lathe.llvm.command import make_command
from lathe.llvm.frontend import BITCODE_FLAGS, Unit
from lathe.llvm.recipe import Recipe
from lathe.llvm.target import Target
from lathe.llvm.toolchain import Toolchain

__all__ = ["repeat_commands"]


def repeat_commands(
    toolchain: Toolchain, unit: Unit, target: Target, recipe: Recipe | None, *, out: str = "tuned.o"
) -> tuple[str, ...]:
    """The commands that compile a unit with a recipe (None: as `clang -Oz` does) into the object file `out`."""
    clang = [str(toolchain.tool("clang")), *unit.flags, "-Oz"]
    if recipe is None:
        return (shlex.join([*clang, "-c", str(unit.path), "-o", out]),)
    flags = make_command(target, recipe).flags
    first = [*clang, *BITCODE_FLAGS]
    passes = f"-passes={recipe.pass_list or 'no-op-module'}"
    opt, llc = str(toolchain.tool("opt")), str(toolchain.tool("llc"))
    return (
        shlex.join([*first, str(unit.path), "-o", "unit.bc"]),
        shlex.join([opt, *flags, passes, "-preserve-bc-uselistorder", "unit.bc", "-o", "tuned.bc"]),
        shlex.join([llc, *flags, "-filetype=obj", "tuned.bc", "-o", out]),
    )
