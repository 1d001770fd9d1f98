"""Choose the stages that a module may go through before it is split, from the words and options of shipped recipes.

    python runs/stages.py --corpus CORPUS --out WORK [--units N] [--keep N] [--length N] [--seconds S]

Candidates are the stages there are, each also with the options of every recipe for whole modules, and those recipes
themselves before merging of functions. On a seeded sample of training programs each candidate is first measured as one
recipe of the whole; those that lead by marginal gain are then tried as stages: the module is taken apart, each piece
gets the best of a few recipes, and the sum counts. Prints the stages ordered by marginal gain, their options
without those that change no sum.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from portfolio import order_by_marginal_gain, read_rows

from lathe.corpus import Corpus, Program
from lathe.errors import CompileError
from lathe.llvm import Engine, Recipe, find_toolchain, parse_recipe
from lathe.search import STAGES, load_portfolio, plain_after, take_apart

MERGING = parse_recipe("mergefunc")
SMALLEST, LARGEST, FEWEST_FUNCTIONS, MOST_OF_ONE = 1000, 20000, 3, 3
RECIPES = 3  # that each piece is tried with


def sample_programs(engine: Engine, corpus: Corpus, count: int) -> list[Program]:
    """A seeded sample of training programs with several functions, a few of each project."""
    programs = sorted(corpus.programs(split="train"), key=lambda program: program.hash)
    random.Random(3).shuffle(programs)
    chosen: list[Program] = []
    for program in programs:
        if len(chosen) == count:
            break
        if sum(one.origin.project == program.origin.project for one in chosen) == MOST_OF_ONE:
            continue
        found = engine.measure(program.module, [None])[0]
        if found.ok and SMALLEST <= found.loadable <= LARGEST and len(found.exported) >= FEWEST_FUNCTIONS:
            chosen.append(program)
    return chosen


def list_candidates() -> list[Recipe]:
    """The stages there are, with options of recipes, and recipes as stages."""
    stages = [parse_recipe(text) for text in STAGES.values()]
    whole = load_portfolio()
    with_options = [Recipe(stage.passes, recipe.options) for stage in stages for recipe in whole]
    own = [Recipe((*r.passes, *MERGING.passes), r.options) for r in whole if "default<" in str(r)]
    return list(dict.fromkeys([*stages, *with_options, *own]))


def measure_whole(engine: Engine, program: Program, stages: Sequence[Recipe]) -> list[float]:
    """Logarithms of size over baseline with each stage and what is plain after it."""
    baseline, *found = engine.measure(program.module, [None, *(stage.then(plain_after(stage)) for stage in stages)])
    return [math.log(m.loadable / baseline.loadable) if m.links_like(baseline) else 0.5 for m in found]


def measure_apart(engine: Engine, program: Program, stage: Recipe) -> float:
    """Logarithm of size over baseline of the object joined from pieces, each with the best of a few recipes."""
    baseline = engine.measure(program.module, [None])[0]
    name = "whole" if stage.passes[0] == parse_recipe("default<Oz>").passes[0] else "across"
    tried = [plain_after(stage), *load_portfolio(stage=name)[:RECIPES]]
    try:
        if not engine.measure(program.module, [stage])[0].links_like(baseline):
            return 0.5
        apart = take_apart(engine, program.module, stage)
        costs = [[m for m in engine.measure(apart.module_of(p), tried) if m.ok] for p in apart.split.pieces]
        return math.log(sum(min(m.loadable for m in cost) for cost in costs) / baseline.loadable)
    except (CompileError, ValueError):
        return 0.5


def relative(rows: Sequence[Sequence[float]]) -> list[list[float]]:
    """Against the best of the first two columns: what a candidate adds to the stages there are."""
    return [[value - min(row[:2]) for value in row] for row in rows]


def choose(rows: Sequence[Sequence[float]], length: int) -> list[tuple[int, float]]:
    """The order of marginal gain, behind the two stages there are."""
    return order_by_marginal_gain([[min(0.0, v) for v in row] for row in relative(rows)], length, lambda _: True)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--units", type=int, default=60)
    parser.add_argument("--keep", type=int, default=20)
    parser.add_argument("--length", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=1800)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + arguments.seconds
    with Engine(find_toolchain(), timeout=10) as engine:
        programs = sample_programs(engine, Corpus(arguments.corpus), arguments.units)
        print(len(programs), "programs", flush=True)
        candidates = list_candidates()
        whole = [measure_whole(engine, program, candidates) for program in programs]
        kept = [0, 1, *(i for i, _ in choose(whole, arguments.keep) if i > 1)]
        print("kept", [(str(candidates[i])[:150]) for i in kept], flush=True)
        stages = [candidates[i] for i in kept]
        path = arguments.out / "stages.jsonl"
        rows: list[dict[str, Any]] = list(read_rows(path))
        done = {row["program"] for row in rows}
        with path.open("a", encoding="utf-8") as file:
            for program in programs:
                if program.hash in done or time.monotonic() > deadline:
                    continue
                row = {"program": program.hash, "project": program.origin.project,
                       "sizes": [measure_apart(engine, program, stage) for stage in stages]}  # fmt: skip
                rows.append(row)
                file.write(json.dumps(row) + "\n")
                file.flush()
                print(len(rows), row["project"], [f"{v:.2%}" for v in relative([row["sizes"]])[0]], flush=True)
        sizes = [row["sizes"] for row in rows]
        for number, gain in choose(sizes, arguments.length):
            print(f"{gain:.3f} {stages[number]}")


if __name__ == "__main__":
    main()
