"""The judge's speed: a verdict on a new recipe, on a known one, and against clang called for every program.

    python benchmarks/verify.py --humaneval-x FILE --out WORK

prepare_seconds  both suites (bundled, humaneval-x) from their sources, once for each LLVM
cold_seconds     verdicts of both suites on a recipe, with no verdict and no object known: median of new recipes
warm_seconds     the same when other recipes were judged before, whose objects are known
cached_seconds   a verdict that is known: from opening the file of verdicts and reading the programs
command_seconds  the whole command `lathe verify` on a known verdict
clang_seconds    the peer: `clang -Oz` for each program of both suites, linked and run, one on every core
clang_ratio      clang_seconds over cold_seconds
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from machine import describe_machine

from lathe.llvm import Engine, Recipe, Store, find_toolchain, load_catalogue, parse_recipe
from lathe.search import Space
from lathe.verify import SUITES, Judge, SourceSetting, Suite, SuiteProgram, digest_programs, find_verdict, prepare_suite

RESULT = Path(__file__).parent / "results" / "verify.json"
NAMES = ("bundled", "humaneval-x")


def judge_all(suites: Sequence[Suite], recipe: Recipe, store: Store | None = None) -> float:
    """Seconds for the verdicts of all suites, with a fresh engine."""
    with Engine(find_toolchain()) as engine:
        engine.start()
        start = time.perf_counter()
        for suite in suites:
            with Judge(engine, suite, store=store) as judge:
                print(judge.judge(recipe).decision, recipe, flush=True)
        return time.perf_counter() - start


def call_clang(programs: Sequence[SuiteProgram]) -> float:
    """Seconds that clang itself takes for the programs, each compiled, linked and run."""
    toolchain = find_toolchain()

    def one(program: SuiteProgram) -> None:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "program"
            driver = str(toolchain.tool("clang++" if program.unit.language == "c++" else "clang"))
            command = [driver, *program.flags, "-Oz", str(program.path), "-o", str(out), "-lm"]
            subprocess.run(command, check=True, capture_output=True)
            subprocess.run([str(out)], capture_output=True, cwd=folder, check=False)

    start = time.perf_counter()
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        list(pool.map(one, programs))
    return time.perf_counter() - start


def time_known(listed: Sequence[Sequence[SuiteProgram]], recipe: Recipe, path: Path) -> float:
    """Seconds to find a verdict that is in the file."""
    toolchain = find_toolchain()
    start = time.perf_counter()
    store = Store(path)
    for programs in listed:
        assert find_verdict(store, toolchain.version, digest=digest_programs(toolchain, programs), recipe=recipe)
    store.close()
    return time.perf_counter() - start


def time_command(recipe: Recipe, humaneval: Path) -> float:
    """Seconds of the whole command, the second time."""
    words = [sys.executable, "-c", "from lathe.cli.app import main; main()", "verify", str(recipe)]
    words += ["--humaneval-x", str(humaneval), *(word for name in NAMES for word in ("--suite", name))]
    times = []
    for _ in range(6):
        start = time.perf_counter()
        subprocess.run(words, check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def main() -> None:
    """Read the command line, measure, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--humaneval-x", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--recipes", type=int, default=5)
    arguments = parser.parse_args()
    space, rng = Space(load_catalogue(), "x86"), random.Random(3)
    start = parse_recipe("default<Oz>")
    recipes = [start, *(space.mutate(rng, start) for _ in range(arguments.recipes))]
    with tempfile.TemporaryDirectory(dir=arguments.out) as name, Engine(find_toolchain()) as engine:
        folder = Path(name)
        listed = [SUITES[n](SourceSetting(folder, humaneval=arguments.humaneval_x)) for n in NAMES]
        begun = time.perf_counter()
        suites = [prepare_suite(engine, n, programs, folder=folder) for n, programs in zip(NAMES, listed, strict=True)]
        prepared = time.perf_counter() - begun
        cold = [judge_all(suites, recipe) for recipe in recipes]
        path = folder / "verdicts.sqlite"
        warm = [judge_all(suites, recipe, Store(path)) for recipe in recipes][1:]
        cached = [time_known(listed, recipes[1], path) for _ in range(5)]
        clang = [call_clang([case.program for suite in suites for case in suite.cases]) for _ in range(2)]
    result = {
        "programs": {suite.name: len(suite.cases) for suite in suites},
        "recipes": [str(recipe) for recipe in recipes],
        "prepare_seconds": round(prepared, 1),
        "cold_seconds": round(statistics.median(cold), 2),
        "warm_seconds": round(statistics.median(warm), 2),
        "cached_seconds": round(statistics.median(cached), 4),
        "command_seconds": round(time_command(recipes[0], arguments.humaneval_x), 3),
        "clang_seconds": round(statistics.median(clang), 2),
        "clang_ratio": round(statistics.median(clang) / statistics.median(cold), 2),
        "machine": describe_machine(find_toolchain()),
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(RESULT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
