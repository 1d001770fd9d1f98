"""Emulation: given IR and a pass list, what the compiler makes of it (LLM Compiler, section on compiler emulation).

Pass lists are drawn as there: 1 to 50 words, each equally likely, of those that the suite accepts. Some stand before,
after or on both sides of `default<Oz>`, a few are words put inside clang's own pipeline. The output is IR or assembly;
lists with which LLVM crashes, refuses or takes more than 120 s are dropped.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Literal

from lathe.corpus import Function
from lathe.errors import CompileError
from lathe.llvm import (
    Engine,
    Pass,
    Recipe,
    normalise_assembly,
    normalise_ir,
    parse_recipe,
    read_pipeline,
)
from lathe.search import Space, default_space
from lathe.tasks.dataset import BuildSetting, Row, measure_row

__all__ = ["draw_recipe", "make_emulation"]

_LONGEST = 50
_ALONE, _BEFORE, _AFTER, _AROUND = 0.55, 0.15, 0.15, 0.1  # the rest is inside clang's pipeline
_MOST_INSIDE = 3
_OZ = parse_recipe("default<Oz>").passes
_AS_IT_IS = Recipe(())


def make_emulation(engine: Engine, function: Function, setting: BuildSetting) -> Iterator[Row | str]:
    """Examples of a function: IR, a recipe, what LLVM gives, and sizes before and after."""
    if len(function.ir) > setting.most_bytes:
        yield "input too long"
        return
    space = default_space(engine, function.module)
    for number in range(setting.each):
        rng = random.Random(f"emulation {setting.seed} {function.hash} {number}")
        recipe = draw_recipe(rng, space, function.target.pipeline)
        kind: Literal["asm", "ll"] = "asm" if rng.random() < 0.5 else "ll"
        before, after = engine.measure(function.module, [_AS_IT_IS, recipe])
        if not before.ok or not after.ok:
            yield str((before if after.ok else after).status)
            continue
        try:
            text = engine.emit(function.module, recipe, kind).decode("utf-8", "replace")
        except CompileError as error:
            yield error.status or "not compiled"
            continue
        output = normalise_assembly(text, function.target.architecture) if kind == "asm" else normalise_ir(text)
        if len(output) > setting.most_bytes:
            yield "output too long"
            continue
        yield {
            "input": function.ir, "recipe": str(recipe), "kind": kind, "output": output,
            **measure_row("before", before), **measure_row("after", after),
        }  # fmt: skip


def draw_recipe(rng: random.Random, space: Space, pipeline: str) -> Recipe:
    """A pass list as emulation has them."""
    words = space.draw_words(rng, rng.randint(1, _LONGEST))
    where = rng.random()
    if where < _ALONE:
        return space.compose(words)
    if where < _ALONE + _BEFORE:
        return Recipe((*space.compose(words).passes, *_OZ))
    if where < _ALONE + _BEFORE + _AFTER:
        return Recipe((*_OZ, *space.compose(words).passes))
    if where < _ALONE + _BEFORE + _AFTER + _AROUND:
        cut = rng.randint(0, len(words))
        return Recipe((*space.compose(words[:cut]).passes, *_OZ, *space.compose(words[cut:]).passes))
    return _put_inside(rng, space, read_pipeline(pipeline), words[: rng.randint(1, _MOST_INSIDE)])


def _put_inside(rng: random.Random, space: Space, whole: Recipe, words: list[Pass]) -> Recipe:
    passes = list(whole.passes)
    for word in words:
        place = rng.randint(0, len(passes))
        passes[place:place] = space.compose([word]).passes
    return Recipe(tuple(passes))
