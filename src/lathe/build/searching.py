"""What a search finds, as entries of the lock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lathe.build.lock import Entry, Function, digest_piece
from lathe.errors import CompileError
from lathe.llvm import Engine, Module
from lathe.search import MAX_SLOWDOWN, Budget, PlanResult, StagedModule, take_apart, tune_functions
from lathe.verify import Gate

__all__ = ["digest_pieces", "tune_entries"]

_PRICE = 8  # bytes: up to half of the recipes for 0.1 % of the bytes (LOG.md, 2026-11-30)


def tune_entries(
    engine: Engine,
    modules: Sequence[tuple[Module, Entry]],
    budget: Budget,
    on_progress: Callable[[int, int, int], None] | None = None,
) -> list[Entry | CompileError]:
    """Search for the recipes of all functions of modules, judged by the suite.

    Each module comes with what is known of it: its digest, its source, and the bytes of clang's own object, which it
    keeps where nothing smaller is found. `on_progress` is that of `tune_functions`.
    """
    with Gate(engine) as gate:
        found = tune_functions(
            engine, [module for module, _ in modules], budget, max_slowdown=MAX_SLOWDOWN, price=_PRICE,
            on_progress=on_progress,
            accept=lambda recipe, stage: gate.judge(recipe, stage).accepted,
            known=lambda recipe, stage: gate.accepted(stage.then(recipe)),
        )  # fmt: skip
    return [
        result if isinstance(result, CompileError) else _describe(engine, module, result, entry)
        for (module, entry), result in zip(modules, found, strict=True)
    ]


def _describe(engine: Engine, module: Module, found: PlanResult, entry: Entry) -> Entry:
    """The entry of a plan, or the one that was, if the plan saves nothing."""
    if found.cost >= entry.before:
        return entry
    digests = digest_pieces(take_apart(engine, module, found.plan.stage))
    functions = {name: Function(str(recipe), digests[name]) for name, recipe in found.plan.functions.items()}
    return Entry(
        entry.digest, entry.source, before=entry.before, after=found.cost,
        stage=str(found.plan.stage), functions=functions,
    )  # fmt: skip


def digest_pieces(apart: StagedModule) -> Mapping[str, str]:
    """The digest of each piece, by its first function."""
    return {piece.functions[0]: digest_piece(piece.text) for piece in apart.split.pieces if piece.functions}
