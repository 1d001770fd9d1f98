"""The engine's speed: against `opt | llc | llvm-size`, two workers against one, and over LLVM's own time.

    python benchmarks/engine.py --units DIR --functions DIR

function_ratio, unit_ratio   compiles per second of the engine (one worker) over those of the three tools, all on one
                             core; median of the modules: functions of at most 300 bytes; units around the median size
two_core_ratio               compiles per second with two workers over one worker, same modules and recipes
ten_kilobyte_seconds         `lathe tune --compiles 10 --no-cache` on the unit nearest to 10 kB of code, whole process
overhead_percent             wall time of the engine (one worker) over the time inside LLVM, at the units above
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from machine import describe_machine, read_index, sample_rows

from lathe.llvm import (
    Engine,
    Module,
    Recipe,
    Toolchain,
    Unit,
    find_toolchain,
    load_catalogue,
    load_unit,
    make_command,
    parse_recipe,
)
from lathe.search import Space

RESULT = Path(__file__).parent / "results" / "engine.json"


def choose_recipes(count: int) -> list[Recipe]:
    """Neighbours of `default<Oz>`: what a search around the baseline asks for."""
    rng = random.Random(1)
    space = Space(load_catalogue(), "x86")
    start = parse_recipe("default<Oz>")
    return list(dict.fromkeys([start, *(space.mutate(rng, start) for _ in range(count - 1))]))


@contextlib.contextmanager
def one_core() -> Iterator[None]:
    """Everything that is started inside shares one core: the pipe's tools would run side by side on more."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def time_tools(toolchain: Toolchain, module: Module, recipes: list[Recipe]) -> float:
    """Compiles per second of the three tools in a shell pipe."""
    opt, llc, size = (toolchain.tool(name) for name in ("opt", "llc", "llvm-size"))
    with tempfile.TemporaryDirectory() as folder:
        bitcode, out = Path(folder) / "in.bc", Path(folder) / "out.o"
        bitcode.write_bytes(module.bitcode)
        start = time.perf_counter()
        for recipe in recipes:
            flags = list(make_command(module.target, recipe).flags)
            passes = f"-passes={recipe.pass_list or 'no-op-module'}"
            first = subprocess.Popen([opt, *flags, passes, bitcode, "-o", "-"], stdout=-1, stderr=-3)
            subprocess.run([llc, *flags, "-filetype=obj", "-o", out], stdin=first.stdout, stderr=-3, check=False)
            first.wait()
            subprocess.run([size, out], capture_output=True, check=False)
        return len(recipes) / (time.perf_counter() - start)


def time_engine(
    toolchain: Toolchain, modules: list[Module], recipes: list[Recipe], jobs: int, warm: Module
) -> tuple[float, float]:
    """Compiles per second, and wall time over the time inside LLVM; workers warm, none of `modules` in the cache."""
    with Engine(toolchain, jobs=jobs) as engine:
        for _ in range(2):  # start a process for every identity that the recipes need, in every thread
            engine.measure(warm, recipes)
        start = time.perf_counter()
        inside = 0.0
        for module in modules:
            inside += sum(m.seconds for m in engine.measure(module, recipes))
        wall = time.perf_counter() - start
    return len(modules) * len(recipes) / wall, wall / inside


def time_command(folder: Path, repeats: int) -> float:
    """Median seconds of the whole command on the unit nearest to 10 kB of code."""
    row = min(read_index(folder), key=lambda r: abs(int(r["code_bytes"]) - 10_000))
    program = "from lathe.cli.app import main; main()"
    command = [sys.executable, "-c", program, "tune", folder / row["bitcode"], "--compiles", "10", "--no-cache"]
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def load(toolchain: Toolchain, folder: Path, low: int, high: int, count: int) -> list[Module]:
    """A sample of the modules of a folder with `low` to `high` bytes of code."""
    rows = [row for row in read_index(folder) if low <= row["code_bytes"] <= high]
    with Engine(toolchain) as engine:
        return [load_unit(engine, Unit(folder / r["bitcode"])) for r in sample_rows(rows, count, seed=3, most_of_one=4)]


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--units", type=Path, required=True)
    parser.add_argument("--functions", type=Path, required=True)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    toolchain = find_toolchain()
    median = int(statistics.median(row["code_bytes"] for row in read_index(arguments.units)))
    functions = load(toolchain, arguments.functions, 16, 300, 16)
    units = load(toolchain, arguments.units, int(median * 0.85), int(median * 1.15), 11)
    recipes = choose_recipes(30)
    warm, *functions = functions
    with one_core():
        ratios = {
            name: [
                time_engine(toolchain, [module], recipes, 1, warm)[0] / time_tools(toolchain, module, recipes[::3])
                for module in modules
            ]
            for name, modules in (("function", functions), ("unit", units))
        }
    pairs = []
    for _ in range(arguments.repeats):
        one, overhead = time_engine(toolchain, units, recipes, 1, warm)
        two, _ = time_engine(toolchain, units, recipes, 2, warm)
        pairs.append((two / one, 100 * (overhead - 1)))
    result = {
        "function_ratio": round(statistics.median(ratios["function"]), 1),
        "unit_ratio": round(statistics.median(ratios["unit"]), 2),
        "two_core_ratio": round(statistics.median(p[0] for p in pairs), 2),
        "overhead_percent": round(statistics.median(p[1] for p in pairs), 1),
        "ten_kilobyte_seconds": round(time_command(arguments.units, arguments.repeats), 2),
        "functions": len(functions),
        "units": len(units),
        "unit_code_bytes": median,
        "recipes": len(recipes),
        "peer": "opt | llc | llvm-size of the same LLVM, one after the other",
        "spread": {name: [round(min(v), 1), round(max(v), 1)] for name, v in ratios.items()},
        "machine": describe_machine(toolchain),
    }
    RESULT.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(RESULT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
