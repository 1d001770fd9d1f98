"""Tuning: given a function's IR, the recipe with which it becomes small (LLM Compiler, section on flag tuning).

Functions are the pieces of a program after an inter-procedural stage, as `lathe tune` has them, for one stage of each
kind. A label is made in two steps: the shipped recipes for such pieces, which a long search over training programs
found and the suite accepted, are all tried (broadcast); the best few are what a short search starts from (refinement),
minimised at its end. Both keep to the speed guard, as `lathe tune` does. `accepted` says of an example whether the
suite accepted its recipe after its stage; recipes of the short search were not judged as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lathe.corpus import Function, Program
from lathe.errors import CompileError
from lathe.llvm import Engine, Measurement, Recipe, normalise_ir
from lathe.search import (
    MAX_SLOWDOWN,
    Budget,
    SpeedGuard,
    default_space,
    first_stages,
    kind_of,
    load_portfolio,
    plain_after,
    take_apart,
    tune,
)
from lathe.tasks.dataset import BuildSetting, Row, measure_row

__all__ = ["Labelled", "list_pieces", "make_label", "make_tuning"]

_STARTS = 10  # of the broadcast recipes, for the search
_KEPT = 8  # recipes of an example
_SMALLEST = 64  # bytes at -Oz: what is smaller gets no search of its own
_AS_IT_IS = Recipe(())


@dataclass(frozen=True)
class Labelled:
    """What gets a label: a function after a stage."""

    function: Function
    stage: Recipe

    @property
    def kind(self) -> str:
        """Which recipes there are for it."""
        return kind_of(self.stage)

    @property
    def plain(self) -> Recipe:
        """What makes the baseline of it."""
        return plain_after(self.stage)


def make_tuning(engine: Engine, program: Program, setting: BuildSetting) -> Iterator[Row | str]:
    """Examples of all functions of a program: IR after a stage, the best recipe, what it gives; others with sizes."""
    for found in list_pieces(engine, program):
        yield found if isinstance(found, str) else make_label(engine, found, setting)


def list_pieces(engine: Engine, program: Program) -> Iterator[Labelled | str]:
    """The functions of a program after each stage, or why there is none."""
    for stage in first_stages().values():
        try:
            apart = take_apart(engine, program.module, stage)
        except CompileError as error:
            yield f"{error.status or 'not compiled'} before splitting"
            continue
        for piece in apart.split.pieces:
            if len(piece.functions) == 1:
                target = apart.module_of(piece).target
                name, ir = piece.functions[0], normalise_ir(piece.text)
                yield Labelled(Function(program.origin, target, program.hash, name, ir), stage)
            elif piece.functions:
                yield "functions that cannot be split"


def make_label(engine: Engine, labelled: Labelled, setting: BuildSetting) -> Row | str:
    """The example of a function, or why there is none."""
    function, plain = labelled.function, labelled.plain
    if len(function.ir) > setting.most_bytes:
        return "input too long"
    module, recipes = function.module, load_portfolio(architecture=function.target.architecture, stage=labelled.kind)
    before, baseline, *found = engine.measure(module, [_AS_IT_IS, plain, *recipes])
    if not before.ok or not baseline.ok:
        return str((before if baseline.ok else baseline).status)
    guard = SpeedGuard(engine, module, plain, MAX_SLOWDOWN)
    good, compiles = _rank(baseline, recipes, found), len(recipes)
    if setting.compiles and baseline.loadable >= _SMALLEST:
        result = tune(
            engine, module, Budget(setting.compiles, minimising=setting.compiles), against=plain, guard=guard,
            seed=int(function.hash[:8], 16) ^ setting.seed, space=default_space(engine, module, stage=labelled.kind),
            starts=[*good, *(r for r in recipes if r not in good)][:_STARTS],
        )  # fmt: skip
        good = [*([result.recipe] if result.recipe else []), *(r for r in good if r != result.recipe)]
        compiles += result.compiles
    kept = [recipe for recipe in good[:_KEPT] if guard.allows(recipe)]
    best = kept[0] if kept else plain
    output = normalise_ir(engine.emit(module, best, "ll").decode("utf-8", "replace"))
    if len(output) > setting.most_bytes:
        return "output too long"
    sizes = engine.measure(module, kept)
    return {
        "function": function.hash, "name": function.name, "input": function.ir, "stage": str(labelled.stage),
        "recipe": str(best), "output": output,
        **measure_row("before", before), **measure_row("baseline", baseline),
        **measure_row("after", sizes[0] if kept else baseline),
        "recipes": [{"recipe": str(r), "loadable": m.loadable} for r, m in zip(kept, sizes, strict=True)],
        "compiles": compiles, "accepted": best == plain or best in recipes,
    }  # fmt: skip


def _rank(baseline: Measurement, recipes: Sequence[Recipe], found: Sequence[Measurement]) -> list[Recipe]:
    """Those that are smaller than the baseline, the smallest first, the first of those of one size."""
    of_size: dict[int, Recipe] = {}
    for recipe, measurement in zip(recipes, found, strict=True):
        if measurement.links_like(baseline) and measurement.loadable < baseline.loadable:
            of_size.setdefault(measurement.loadable, recipe)
    return [of_size[size] for size in sorted(of_size)]
