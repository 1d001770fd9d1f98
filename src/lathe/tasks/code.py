"""Code: the IR and the assembly of a function, for a model to read before it is asked anything (LLM Compiler, stage 1).

One text of each kind: unoptimised, or as one of clang's levels leaves it; assembly for x86-64 or, less often, AArch64.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Literal

from lathe.corpus import Function
from lathe.errors import CompileError
from lathe.llvm import Engine, normalise_assembly, normalise_ir, parse_recipe
from lathe.tasks.dataset import BuildSetting, Row
from lathe.tasks.disassembly import target_function

__all__ = ["make_code"]

_KINDS: tuple[Literal["ll", "asm"], ...] = ("ll", "asm")
_RECIPES = ("", *(f"default<{level}>" for level in ("O1", "O2", "O3", "Os", "Oz")))
_FOREIGN = 0.15  # of assembly, as in the paper


def make_code(engine: Engine, function: Function, setting: BuildSetting) -> Iterator[Row | str]:
    """Texts of a function as output, with what they are; there is no input."""
    own = function.target.architecture
    other = "aarch64" if own == "x86" else "x86"
    for number in range(setting.each):
        rng = random.Random(f"code {setting.seed} {function.hash} {number}")
        recipe = parse_recipe(rng.choice(_RECIPES))
        for kind in _KINDS:
            architecture = other if kind == "asm" and rng.random() < _FOREIGN else own
            module = target_function(engine, function, architecture)
            if module is None:
                yield f"not for {architecture}"
                continue
            try:
                text = engine.emit(module, recipe, kind).decode("utf-8", "replace")
            except CompileError as error:
                yield error.status or "not compiled"
                continue
            output = normalise_ir(text) if kind == "ll" else normalise_assembly(text, architecture)
            if len(output) > setting.most_bytes:
                yield "too long"
                continue
            yield {"input": "", "output": output, "kind": kind, "architecture": architecture, "recipe": str(recipe)}
