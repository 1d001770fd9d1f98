"""Stages: what a module goes through before it is taken apart, and what it is then.

    apart = take_apart(engine, module, parse_recipe(STAGES[0]))
    data = apart.join(engine, [recipe for piece in apart.split.pieces])

Extended through `STAGES`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from lathe.llvm import (
    NAME_PASS,
    PIECE_FLAG,
    Catalogue,
    Engine,
    Module,
    Pass,
    Piece,
    Recipe,
    Split,
    Target,
    join_functions,
    parse_recipe,
    split_text,
)
from lathe.search.portfolio import load_portfolio

__all__ = [
    "AS_IT_IS",
    "OZ",
    "STAGES",
    "StagedModule",
    "first_stages",
    "kind_of",
    "list_vetted",
    "plain_after",
    "take_apart",
]

_CLEAN = "function(sroa,early-cse,instcombine<no-verify-fixpoint>,simplifycfg)"
_WHOLE = "default<Oz>,mergefunc"
_ACROSS = (
    "always-inline,inferattrs,function(sroa,early-cse,simplifycfg),ipsccp,called-value-propagation,globalopt,"
    "deadargelim,function(instcombine<no-verify-fixpoint>,simplifycfg),cgscc(inline,function-attrs,argpromotion,"
    f"{_CLEAN}),globalopt,mergefunc,globaldce"
)
STAGES = (
    _ACROSS,
    f"{_ACROSS} -inline-threshold=15",
    _WHOLE,
    f"{_WHOLE} -inline-call-penalty=0",
    f"{_ACROSS} -inline-instr-cost=2 -inline-threshold=25",
    f"{_ACROSS} -inline-threshold=200",
)
"""What a module may go through before it is split: what looks across functions and little more, or all of -Oz.

All end with merging equal functions, which no piece can do: 4 % of the bytes of C++ units (LOG.md, 2026-11-26); how
much is inlined is 2 % of them (2026-11-27).
"""

AS_IT_IS = Recipe(())
OZ = parse_recipe("default<Oz>")
_AFTER_VARIANT = 30
_NAME = Pass(NAME_PASS)


@dataclass(frozen=True, slots=True)
class StagedModule:
    """A module, its text after a stage, and how that is split."""

    stage: Recipe
    module: Module
    text: str = field(repr=False)
    split: Split

    def module_of(self, piece: Piece) -> Module:
        """A piece as a module of its own."""
        target = self.module.target
        flags = target.flags if PIECE_FLAG in target.flags else (*target.flags, PIECE_FLAG)
        return Module(piece.text.encode(), replace(target, flags=flags))

    def join(self, engine: Engine, recipes: Sequence[Recipe]) -> bytes:
        """The object of all pieces, each with its recipe; raises `CompileError`."""
        pairs = zip(self.split.pieces, recipes, strict=True)
        named = {piece.functions[0]: recipe for piece, recipe in pairs if piece.functions}
        return self.make(engine, named)

    def make(self, engine: Engine, recipes: Mapping[str, Recipe]) -> bytes:
        """The object with a recipe for each function, the others as they are; raises `CompileError`."""
        known = {str(recipe): recipe for recipe in (AS_IT_IS, *recipes.values())}

        def emit(pieces: Sequence[tuple[bytes, str]], target: Target) -> list[bytes]:
            with ThreadPoolExecutor(engine.jobs) as pool:
                return list(pool.map(lambda piece: engine.emit(Module(piece[0], target), known[piece[1]]), pieces))

        texts = {name: str(recipe) for name, recipe in recipes.items()}
        return join_functions(engine.toolchain, self.module.target, self.text, texts, emit)


def take_apart(engine: Engine, module: Module, stage: Recipe) -> StagedModule:
    """A module split after a stage; raises `CompileError`."""
    named = Recipe((*stage.passes, _NAME), stage.options)
    text = engine.emit(module, named, "ll").decode("utf-8", "surrogateescape")
    return StagedModule(stage, module, text, split_text(text))


def kind_of(stage: Recipe) -> str:
    """Which recipes are for pieces after a stage: those for after all of -Oz ("whole"), or the others ("across")."""
    return "whole" if stage.passes[0] == OZ.passes[0] else "across"


def first_stages() -> dict[str, Recipe]:
    """The first stage of each kind, of which the others of the kind are variants."""
    return {kind_of(stage): stage for stage in map(parse_recipe, reversed(STAGES))}


def list_vetted(catalogue: Catalogue, architecture: str) -> Iterator[tuple[Recipe, list[Recipe]]]:
    """Each stage and the recipes that ship vetted after it: all of its kind, after variants of a stage the best few."""
    first = first_stages().values()
    for stage in map(parse_recipe, STAGES):
        recipes = load_portfolio(catalogue, architecture, stage=kind_of(stage))
        yield stage, recipes if stage in first else recipes[:_AFTER_VARIANT]


def plain_after(stage: Recipe) -> Recipe:
    """What makes of a piece after a stage about what -Oz makes of its functions."""
    return AS_IT_IS if kind_of(stage) == "whole" else OZ
