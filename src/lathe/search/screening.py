"""Screening: a module taken apart after a stage, its pieces tried with a few recipes, and joined again.

screened = screen(engine, take_apart(engine, module, stage), space, baseline, few=5, cost=cost)
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from lathe.errors import CompileError
from lathe.llvm import Engine, Measurement, Objective, Piece, Recipe, Status, measure_object
from lathe.search.portfolio import load_portfolio
from lathe.search.space import Space
from lathe.search.stages import AS_IT_IS, OZ, StagedModule, kind_of, plain_after

__all__ = ["Screened", "hold_to", "say_unlike", "screen"]


@dataclass(frozen=True, slots=True)
class Screened:
    """A module taken apart, and what its pieces are searched with.

    `costs` are those of the pieces with the best of a few recipes, `cost` that of the whole, joined from them.
    """

    apart: StagedModule
    space: Space
    starts: tuple[Recipe, ...]
    costs: tuple[int, ...]
    cost: int


def screen(
    engine: Engine, apart: StagedModule, space: Space, baseline: Measurement, *, few: int, cost: Objective
) -> Screened:
    """A module in pieces with a few of the starting points.

    Raises `CompileError` when a piece does not compile, or when the whole does not link like the baseline.
    """
    starts = (OZ, *load_portfolio(space.catalogue, space.architecture, stage=kind_of(apart.stage)))
    tried = [AS_IT_IS, *starts[:few]]

    def measure(piece: Piece) -> tuple[int, Recipe]:
        measured = dict(zip(tried, engine.measure(apart.module_of(piece), tried), strict=True))
        if not measured[AS_IT_IS].ok:
            names, said = ", ".join(piece.functions), measured[AS_IT_IS].message
            raise CompileError(f"LLVM could not compile a piece ({names}): {said}")
        like = hold_to(measured, apart, baseline)
        pairs = ((cost(m), r) for r, m in measured.items() if m.links_like(like))
        return min(pairs, key=lambda pair: pair[0])

    with ThreadPoolExecutor(engine.jobs) as pool:
        costs, best = zip(*pool.map(measure, apart.split.pieces), strict=True)
    whole = measure_object(apart.join(engine, best), Measurement(Status.OK))
    if not whole.links_like(baseline):
        raise CompileError(say_unlike(whole, baseline))
    return Screened(apart, space, starts, costs, cost(whole))


def hold_to(measured: Mapping[Recipe, Measurement], apart: StagedModule, whole: Measurement) -> Measurement:
    """What an object of a piece must link like: the piece as it is, but wanting only what the whole has or wants.

    What -Oz leaves of the piece may want more, if anything.
    """
    as_it_is, plain = measured[AS_IT_IS], measured.get(plain_after(apart.stage))
    if plain is None or not plain.ok:
        return as_it_is
    return replace(as_it_is, undefined=plain.undefined | whole.undefined | whole.exported | apart.split.promoted)


def say_unlike(whole: Measurement, baseline: Measurement) -> str:
    names = sorted((whole.undefined - baseline.undefined) | (whole.exported ^ baseline.exported))
    return f"The functions' objects, joined, differ from clang's in the symbols {', '.join(names)}."
