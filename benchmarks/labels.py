"""How good labels for tuning are: what they save beside a search of 1,000 compiles, and what they cost.

    python benchmarks/labels.py run --corpus CORPUS --count N [--seconds S]
    python benchmarks/labels.py summarise
    python benchmarks/labels.py long --corpus CORPUS --count N [--seconds S]
    python benchmarks/labels.py rows --corpus CORPUS --out DATASET

`run` labels a seeded sample of functions of training projects, as `lathe dataset tuning --compiles N` does, for several
N (0: broadcast alone), and searches each with 1,000 compiles from the same recipes. A line for each function and N goes
to results/labels.jsonl, so a stopped run goes on. `summarise` writes results/labels.json: percent saved of the bytes at
-Oz, the share of what the long search saves, and core-seconds a function. With --untimed the labels of a function share
what was measured, which takes half the time, and their lines have no seconds.

What the long search found is kept in results/long.jsonl, without code, which has its own licences; `long` searches more
functions, smaller ones too, until there are N. `rows` makes a data set of them, of a corpus with the same
programs, as `lathe dataset pack` reads them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

from machine import describe_machine

from lathe.corpus import Corpus, write_rows
from lathe.llvm import Engine, Toolchain, find_toolchain, normalise_ir, parse_recipe
from lathe.tasks import BuildSetting, Labelled, Row, list_pieces, make_label

RESULT = Path(__file__).parent / "results" / "labels.json"
LINES, LONG_LINES = RESULT.with_suffix(".jsonl"), RESULT.with_name("long.jsonl")
KEPT = ("function", "name", "stage", "recipe", "recipes", "compiles", "accepted", "loadable_before",
        "loadable_baseline", "loadable_after")  # fmt: skip
COMPILES = (0, 50, 100, 200, 400)
LONG = 1000
SMALLEST, LARGEST = 128, 4096  # bytes at -Oz; the few that are larger take as long as all others
MOST_OF_ONE = 30  # functions of a project
LONG_SIZES, LONG_MOST_OF_ONE = range(32, 257), 80  # more of them in the same time


def list_functions(engine: Engine, corpus: Corpus, sizes: range, most_of_one: int) -> Iterator[Labelled]:
    """Pieces of training programs, in the order of a hash, at most one of a program, of such sizes at -Oz."""
    found: set[str] = set()  # functions of headers are in many programs
    keys = sorted(
        hashlib.blake2b(row["hash"].encode(), digest_size=8).hexdigest() + row["hash"]
        for row in corpus.read("programs", ["hash"], split="train")
    )
    programs = {program.hash: program for program in corpus.programs(split="train")}
    taken: Counter[str] = Counter()
    for key in keys:
        program = programs[key[16:]]
        if taken[program.origin.project] == most_of_one:
            continue
        pieces = [p for p in list_pieces(engine, program) if not isinstance(p, str)]
        for piece in sorted(pieces, key=lambda p: hashlib.blake2b(p.function.hash.encode()).hexdigest()):
            if piece.function.hash in found:
                continue
            if engine.measure(piece.function.module, [piece.plain])[0].loadable in sizes:
                found.add(piece.function.hash)
                taken[program.origin.project] += 1
                yield piece
                break


def run(arguments: argparse.Namespace) -> None:
    """Label the sample with each number of compiles, several functions at a time."""
    lines = read_lines(LINES)
    done = {(line["function"], line["compiles"]) for line in lines}
    deadline = time.monotonic() + arguments.seconds
    toolchain = find_toolchain()
    with Engine(toolchain) as engine:
        pieces = list_functions(engine, Corpus(arguments.corpus), range(SMALLEST, LARGEST + 1), MOST_OF_ONE)
        chosen = list(islice(pieces, arguments.count))
    print(len(chosen), "functions", flush=True)

    def one(piece: Labelled) -> None:
        with Engine(toolchain, jobs=1) as shared:
            for compiles in (*COMPILES, LONG):
                if (piece.function.hash, compiles) in done or time.monotonic() > deadline:
                    continue
                row, seconds = label(piece, compiles, toolchain, shared if arguments.untimed else None)
                if isinstance(row, str):
                    print(piece.function.origin.path, row, flush=True)
                    return
                line = {
                    "function": row["function"], "project": piece.function.origin.project, "compiles": compiles,
                    "spent": row["compiles"], "baseline": row["loadable_baseline"], "after": row["loadable_after"],
                    "seconds": seconds,
                }  # fmt: skip
                with LINES.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line) + "\n")
                if compiles == LONG:
                    keep_row(piece, row)

    with ThreadPoolExecutor(arguments.jobs) as pool:
        for number, _ in enumerate(pool.map(one, chosen), 1):
            print(number, flush=True)


def keep_row(piece: Labelled, row: Row) -> None:
    """Write down what the long search found for a function, and where that is from."""
    origin = piece.function.origin
    whose = {"project": origin.project, "path": origin.path, "version": origin.version, "licence": origin.licence}
    with LONG_LINES.open("a", encoding="utf-8") as file:
        file.write(json.dumps({**whose, **{key: row[key] for key in KEPT}}) + "\n")


def search_long(arguments: argparse.Namespace) -> None:
    """Search functions with 1,000 compiles each, several at a time, until there are so many."""
    done = {row["function"] for row in read_lines(LONG_LINES)}
    deadline = time.monotonic() + arguments.seconds
    toolchain = find_toolchain()

    def one(piece: Labelled) -> None:
        if time.monotonic() > deadline:
            return
        row, _ = label(piece, LONG, toolchain, None)
        if isinstance(row, dict):
            keep_row(piece, row)

    with Engine(toolchain) as engine, ThreadPoolExecutor(arguments.jobs) as pool:
        pieces = list_functions(engine, Corpus(arguments.corpus), LONG_SIZES, LONG_MOST_OF_ONE)
        chosen = (piece for piece in pieces if piece.function.hash not in done)
        for number, _ in enumerate(pool.map(one, islice(chosen, arguments.count - len(done))), len(done) + 1):
            print(number, flush=True)


def make_rows(arguments: argparse.Namespace) -> None:
    """The data set of what the long search found: functions are looked for in the programs that they came from."""
    wanted: dict[tuple[str, str], list[Row]] = {}
    for line in read_lines(LONG_LINES):
        wanted.setdefault((line["project"], line["path"]), []).append(line)
    rows: dict[str, Row] = {}
    with Engine(find_toolchain()) as engine:
        for program in Corpus(arguments.corpus).programs(split="train"):
            lines = wanted.get((program.origin.project, program.origin.path), [])
            pieces = [piece for piece in list_pieces(engine, program) if isinstance(piece, Labelled)] if lines else []
            for line in lines:
                found = next((p for p in pieces if p.function.hash == line["function"]), None)
                if found:
                    rows[line["function"]] = make_row(engine, found, line)
    write_rows(arguments.out / "tuning-long.parquet", [rows[key] for key in sorted(rows)])
    print(f"{len(rows)} of {sum(map(len, wanted.values()))} rows")


def make_row(engine: Engine, piece: Labelled, line: Row) -> Row:
    """A row for `lathe dataset pack`, of a line that was kept."""
    function = piece.function
    output = engine.emit(function.module, parse_recipe(line["recipe"]), "ll").decode("utf-8", "replace")
    return {
        **{key: line[key] for key in KEPT}, "project": line["project"], "licence": line["licence"],
        "program": function.program, "language": function.origin.language, "llvm": engine.toolchain.version, "seed": 0,
        "input": function.ir, "output": normalise_ir(output),
    }  # fmt: skip


def label(
    piece: Labelled, compiles: int, toolchain: Toolchain, shared: Engine | None
) -> tuple[Row | str, float | None]:
    """A label, and the seconds that it took with an engine of its own, which remembers nothing."""
    setting = BuildSetting(compiles=compiles, most_bytes=1 << 20)
    if shared:
        return make_label(shared, piece, setting), None
    with Engine(toolchain, jobs=1) as engine:
        engine.start()
        started = time.monotonic()
        return make_label(engine, piece, setting), round(time.monotonic() - started, 3)


def summarise() -> None:
    """Write results/labels.json from all lines of functions that have every number of compiles."""
    table: dict[str, dict[int, dict[str, Any]]] = {}
    for line in read_lines(LINES):
        table.setdefault(line["function"], {})[line["compiles"]] = line
    every = [rows for rows in table.values() if set(rows) == {*COMPILES, LONG}]
    whole = [rows for rows in every if rows[LONG]["baseline"] <= LARGEST]
    for rows in whole:
        if any(line["seconds"] is None for line in rows.values()):  # seconds of all or of none
            rows.update({compiles: {**line, "seconds": None} for compiles, line in rows.items()})
    long = sum(rows[LONG]["baseline"] - rows[LONG]["after"] for rows in whole)
    result = {
        "what": f"functions of training programs of {SMALLEST} to {LARGEST} bytes: broadcast, then so many compiles",
        "functions": len(whole),
        "larger, left out": len(every) - len(whole),
        "projects": len({rows[0]["project"] for rows in whole}),
        "rows": [summary_row([rows[c] for rows in whole], c, long) for c in (*COMPILES, LONG)],
        "machine": describe_machine(find_toolchain()),
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(RESULT.read_text(encoding="utf-8"))


def summary_row(lines: list[dict[str, Any]], compiles: int, long: int) -> dict[str, Any]:
    """One row of the table."""
    saved = sum(line["baseline"] - line["after"] for line in lines)
    seconds = [line["seconds"] for line in lines if line["seconds"] is not None]
    return {
        "compiles": compiles,
        "spent": round(statistics.mean(line["spent"] for line in lines), 1),
        "total_percent": round(100 * saved / sum(line["baseline"] for line in lines), 2),
        "geomean_percent": round(
            100 * (1 - math.exp(statistics.mean(math.log(line["after"] / line["baseline"]) for line in lines))), 2
        ),
        "share_of_long": round(saved / long, 3),
        "timed": len(seconds),
        "core_seconds": round(statistics.mean(seconds), 2),
        "core_seconds_median": round(statistics.median(seconds), 2),
    }


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The lines that there are."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("run", "summarise", "long", "rows"))
    parser.add_argument("--corpus", type=Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--untimed", action="store_true")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    steps = {"run": run, "summarise": lambda _: summarise(), "long": search_long, "rows": make_rows}
    steps[arguments.step](arguments)


if __name__ == "__main__":
    main()
