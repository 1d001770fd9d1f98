"""What a model's recipes are worth: bytes saved after so many compiles, beside other ways, and a long search.

    python benchmarks/proposals.py DATASET [--model embedded] [--count 200] [--long 0]

DATASET is one of tuning (`lathe dataset tuning --split validation`): pieces of programs of projects that neither the
model nor the portfolio ever saw. For a seeded sample of them each way proposes; recipes are measured in its order, with
the speed guard of `lathe tune`. What is saved after 1, 5, 10 and 30 compiles is of all bytes at -Oz together.
`--long N` searches as many of the sample with 1,000 compiles too, and adds each way's share of what that saves there.
results/proposals.json has all of it, a row for each model; bootstrap intervals are of functions.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import json
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from machine import describe_machine

from lathe.corpus import make_usual_module
from lathe.llvm import PIECE_FLAG, Engine, Module, Recipe, find_cache_folder, find_toolchain, parse_recipe
from lathe.search import (
    MAX_SLOWDOWN,
    Budget,
    Result,
    Space,
    SpeedGuard,
    default_space,
    kind_of,
    load_portfolio,
    plain_after,
    take_turns,
    tune,
)
from lathe.tasks import SAMPLINGS, AskSetting, Model, Row, open_model, read_dataset

RESULT = Path(__file__).parent / "results" / "proposals.json"
COMPILES, LONG, DRAWN = (1, 5, 10, 30), 1000, 1000
TRIPLE = "x86_64-pc-linux-gnu"


class Piece:
    """A function after a stage, and what is saved of it after each compile of a search."""

    def __init__(self, engine: Engine, row: Row) -> None:
        target = make_usual_module(engine.toolchain, TRIPLE).target
        self.engine, self.ir, self.stage = engine, row["input"], parse_recipe(row["stage"])
        self.module = Module(self.ir.encode(), replace(target, flags=(*target.flags, PIECE_FLAG)))
        self.kind, self.plain = kind_of(self.stage), plain_after(self.stage)
        self.space: Space = default_space(engine, self.module, stage=self.kind)
        self.portfolio = load_portfolio(architecture="x86", stage=self.kind)
        self.baseline = engine.measure(self.module, [self.plain])[0].loadable

    def search(self, strategy: str, compiles: int, starts: Sequence[Recipe]) -> list[int]:
        """The least size after each compile; the last holds for those that were not needed."""
        guard = SpeedGuard(self.engine, self.module, self.plain, MAX_SLOWDOWN)
        found: Result = tune(
            self.engine, self.module, Budget(compiles, minimising=0), strategy=strategy, against=self.plain,
            space=self.space, starts=starts, guard=guard,
        )  # fmt: skip
        sizes, least = [], self.baseline
        for cost in found.history[:compiles]:
            least = min(least, self.baseline if cost is None else cost)
            sizes.append(least)
        return sizes + [least] * (compiles - len(sizes))


Way = Callable[[Piece], list[int]]


def list_ways(model: Model) -> dict[str, Way]:
    """Everything that is compared."""
    most = COMPILES[-1]

    def ask(sampling: str, piece: Piece) -> list[int]:
        found = model.propose(piece.ir, stage=piece.stage, space=piece.space, setting=AskSetting(most, sampling))
        return piece.search("portfolio", most, [proposal.recipe for proposal in found])

    def mix(piece: Piece) -> list[int]:
        found = model.propose(piece.ir, stage=piece.stage, space=piece.space, setting=AskSetting(most // 2))
        turns = take_turns([p.recipe for p in found], piece.portfolio)
        return piece.search("portfolio", most, turns)

    return {
        **{f"model, {name}": functools.partial(ask, name) for name in SAMPLINGS},
        "model and portfolio in turns": mix,
        "portfolio": lambda piece: piece.search("portfolio", most, piece.portfolio),
        "evolution": lambda piece: piece.search("evolution", most, piece.portfolio),
        "random": lambda piece: piece.search("random", most, []),
    }


def bound(saved: list[int], before: list[int], draws: int = DRAWN) -> list[float]:
    """The middle 95 % of what is saved in percent, when functions are drawn again and again."""
    rng, numbers = random.Random(1), range(len(saved))
    found = []
    for _ in range(draws):
        chosen = rng.choices(numbers, k=len(saved))
        found.append(100 * sum(saved[n] for n in chosen) / sum(before[n] for n in chosen))
    found.sort()
    return [round(found[int(draws * part)], 2) for part in (0.025, 0.975)]


def summarise(sizes: dict[str, list[list[int]]], before: list[int], longest: list[int]) -> dict[str, Any]:
    """For each way, what is saved after so many compiles, and its share of the long search's."""
    rows = {}
    for way, of in sizes.items():
        rows[way] = {}
        for compiles in COMPILES:
            saved = [b - least[compiles - 1] for b, least in zip(before, of, strict=True)]
            rows[way][str(compiles)] = {
                "percent": round(100 * sum(saved) / sum(before), 2), "interval": bound(saved, before),
            }  # fmt: skip
            if longest:
                best = sum(b - least for b, least in zip(before, longest, strict=False))
                part = sum(saved[: len(longest)])
                rows[way][str(compiles)]["share"] = round(part / best, 3) if best else None
    return rows


def main() -> None:
    """Ask, measure, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--long", type=int, default=0)
    arguments = parser.parse_args()
    model = open_model(arguments.model, cache=find_cache_folder() / "networks")

    def key(row: Row) -> bytes:
        return hashlib.blake2b(f"{row['function']} {row['stage']}".encode(), digest_size=8).digest()

    rows = sorted(read_dataset(arguments.dataset), key=key)[: arguments.count]
    started = time.monotonic()
    with Engine(find_toolchain()) as engine, ThreadPoolExecutor(engine.jobs) as pool:
        pieces = list(pool.map(functools.partial(Piece, engine), rows))
        before = [piece.baseline for piece in pieces]
        sizes, seconds = {}, {}
        for name, way in list_ways(model).items():
            begun = time.monotonic()
            sizes[name] = list(pool.map(way, pieces))
            seconds[name] = round(time.monotonic() - begun, 1)
            print(name, seconds[name], flush=True)

        def search_long(piece: Piece) -> int:
            return piece.search("evolution", LONG, piece.portfolio)[-1]

        longest = list(pool.map(search_long, pieces[: arguments.long]))
        version = engine.toolchain
    ways = summarise(sizes, before, longest)
    found = {
        "model": arguments.model, "functions": len(pieces), "bytes": sum(before), "long": len(longest),
        "projects": sorted({row["project"] for row in rows}), "ways": ways, "seconds": seconds,
        "machine": describe_machine(version),
    }  # fmt: skip
    known = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else []
    RESULT.write_text(json.dumps([*known, found], indent=1) + "\n", encoding="utf-8")
    for way, of in ways.items():
        print(f"{way:30}", *(f"{of[str(n)]['percent']:6.2f}" for n in COMPILES), of[str(COMPILES[-1])].get("share"))
    print(round(time.monotonic() - started), "seconds")


if __name__ == "__main__":
    main()
