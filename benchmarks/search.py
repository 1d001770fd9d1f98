"""Every strategy at equal numbers of compiles, against true `clang -Oz`, on programs that the portfolio never saw.

    python benchmarks/search.py run --modules DIR --granularity unit|function --count N --out WORK [--strategy …]
    python benchmarks/search.py summarise --out WORK

`run` appends a line for each module and strategy, so a stopped run goes on where it was. `summarise` writes
results/search.json: rows of strategy, compiles, geomean and total saved (percent of loadable bytes), losers, seconds.

A run of 400 compiles says what it had after 1, 5, 10 and 45 too, since no strategy but `evolution` plans with its
budget; that one is run again for 45. Each result is checked: the object that the recipe gives is made once more and
compared with the object that clang itself writes.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import time
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import Any

from machine import describe_machine, read_index, sample_rows

from lathe.llvm import (
    Engine,
    Measurement,
    Status,
    Unit,
    compile_baseline,
    find_toolchain,
    load_unit,
    measure_object,
)
from lathe.search import STRATEGIES, Budget, tune

BUDGETS = (1, 5, 10, 45, 400)
RESULT = Path(__file__).parent / "results" / "search.json"
SMALLEST = {"unit": 64, "function": 16}  # bytes of code
LARGEST = 4_000  # above, 400 compiles take minutes


def run(arguments: argparse.Namespace) -> None:
    """Tune every sampled module with every strategy."""
    arguments.out.mkdir(parents=True, exist_ok=True)
    out = arguments.out / f"{arguments.granularity}.jsonl"
    done = {(r["module"], r["strategy"]) for r in read_lines(out)}
    rows = [
        row for row in read_index(arguments.modules) if SMALLEST[arguments.granularity] <= row["code_bytes"] <= LARGEST
    ]
    most = math.ceil(arguments.count / 6)
    chosen = sample_rows(rows, arguments.count, seed=11, most_of_one=most)
    deadline = time.time() + arguments.seconds
    tasks = [
        (arguments.modules / row["bitcode"], row, [s for s in arguments.strategy if (row["bitcode"], s) not in done])
        for row in chosen
    ]
    tasks = [task for task in tasks if task[2]]
    with ProcessPoolExecutor() as pool, out.open("a", encoding="utf-8") as file:
        futures = [pool.submit(measure_module, *task, deadline) for task in tasks]
        for number, future in enumerate(as_completed(futures)):
            for result in future.result():
                file.write(json.dumps(result) + "\n")
                saved = 1 - result["best"]["400"] / max(1, result["baseline"])
                print(f"{number + 1}/{len(tasks)} {result['module']} {result['strategy']} {saved:.2%}", flush=True)
            file.flush()


def measure_module(path: Path, row: dict[str, Any], strategies: Sequence[str], deadline: float) -> list[dict[str, Any]]:
    """The best cost after each budget, for each strategy; nothing after the deadline."""
    unit = Unit(path)
    results: list[dict[str, Any]] = []
    if time.time() > deadline:
        return results
    other = open_engine("made again", ())
    module = load_unit(other, unit)
    clang = measure_object(compile_baseline(other.toolchain, unit), Measurement(Status.OK)).loadable
    for strategy in strategies:
        if time.time() > deadline:
            break
        best: dict[str, int] = {}
        seconds: dict[str, float] = {}
        for budgets in plan(strategy):
            engine = open_engine(strategy, budgets)
            times: list[tuple[int, float]] = []
            start = time.perf_counter()
            found = tune(
                engine, module, Budget(budgets[-1], minimising=0), strategy=strategy,
                on_progress=lambda done, _, t=times, s=start: t.append((done, time.perf_counter() - s)),
            )  # fmt: skip
            made = measure_object(other.emit(module, found.recipe), found.best).loadable
            if made != found.best.loadable:
                print(f"{path}: not repeatable: {found.recipe}", flush=True)
            for compiles in budgets:
                costs = [c for c in found.history[:compiles] if c is not None]
                best[str(compiles)] = min([clang, *costs])
                seconds[str(compiles)] = next((t for n, t in times if n >= compiles), found.seconds)
        results.append({
            "module": row["bitcode"], "project": row["project"], "strategy": strategy, "baseline": clang,
            "made": made, "best": best, "seconds": seconds,
        })  # fmt: skip
    return results


@functools.cache
def open_engine(strategy: str, budgets: tuple[int, ...]) -> Engine:
    """This process's engine for a row of the table: one worker, and no measurements from other rows."""
    return Engine(find_toolchain(), jobs=1)


def plan(strategy: str) -> list[tuple[int, ...]]:
    """The runs that give all budgets: one where the strategy does not plan with its budget, else two."""
    return [(1, 5, 10, 45), (400,)] if strategy == "evolution" else [BUDGETS]


def summarise(arguments: argparse.Namespace) -> None:
    """Write results/search.json from all lines; a granularity without lines keeps the rows it has there."""
    result: dict[str, Any] = json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}
    rows: list[dict[str, Any]] = result.get("rows", [])
    result |= {
        "objective": "loadable",
        "peer": "the object that clang -Oz -c writes",
        "seconds": "wall time with one worker, summed over modules; other work ran beside it on the machine",
    }
    for granularity in ("unit", "function"):
        lines = read_lines(arguments.out / f"{granularity}.jsonl")
        if not lines:
            continue
        groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for line in lines:
            groups[line["strategy"]].append(line)
        rows = [row for row in rows if row["granularity"] != granularity]
        for strategy in STRATEGIES:
            rows += [summary_row(granularity, strategy, c, groups[strategy]) for c in BUDGETS if strategy in groups]
        result.setdefault("projects", {})[granularity] = count_projects(lines)
        result.setdefault("machines", {})[granularity] = describe_machine(find_toolchain())
    result["rows"] = rows
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for row in rows:
        print(row)


def summary_row(granularity: str, strategy: str, compiles: int, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """One row of the table."""
    pairs = [(line["baseline"], line["best"][str(compiles)]) for line in lines if line["baseline"]]
    before, after = sum(b for b, _ in pairs), sum(a for _, a in pairs)
    geomean = math.exp(sum(math.log(a / b) for b, a in pairs) / len(pairs))
    return {
        "granularity": granularity,
        "strategy": strategy,
        "compiles": compiles,
        "geomean_percent": round(100 * (1 - geomean), 3),
        "total_percent": round(100 * (1 - after / before), 3),
        "improved": sum(a < b for b, a in pairs),
        "larger": sum(line["made"] > line["baseline"] for line in lines),
        "units": len(pairs),
        "seconds": round(sum(line["seconds"][str(compiles)] for line in lines), 1),
    }


def count_projects(lines: list[dict[str, Any]]) -> dict[str, int]:
    """How many modules of each project were measured."""
    counts: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        counts[line["project"]].add(line["module"])
    return {project: len(modules) for project, modules in sorted(counts.items())}


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a JSON-lines file; none when there is no file yet."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("run", "summarise"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--modules", type=Path)
    parser.add_argument("--granularity", choices=("unit", "function"), default="unit")
    parser.add_argument("--count", type=int, default=160)
    parser.add_argument("--seconds", type=float, default=7200)
    parser.add_argument("--strategy", nargs="+", default=list(STRATEGIES), choices=list(STRATEGIES))
    arguments = parser.parse_args()
    run(arguments) if arguments.step == "run" else summarise(arguments)


if __name__ == "__main__":
    main()
