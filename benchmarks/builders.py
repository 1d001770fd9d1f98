"""How fast data sets are made, against the same work as a shell pipeline of clang's tools.

    python benchmarks/builders.py --corpus CORPUS [--functions N] [--programs N]

A seeded sample of a corpus's training functions becomes a data set of each task, as `lathe dataset` makes it, start of
processes included. The peer makes some of the same rows with `opt`, `llc` and `llvm-size`, as many at a time
as there are processors: for emulation the output and both sizes, for disassembly IR and assembly for both
architectures, for tuning the size of each broadcast recipe. results/datasets.json has rows a second (tuning: compiles
a second of broadcasting) of both, and their ratio; and the seconds that a label of about 400 compiles takes, broadcast
and search, of functions that are searched for (64 bytes at -Oz and more), beside as many compiles in the shell.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shlex
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from machine import describe_machine

from lathe.corpus import Addition, Corpus, Function, Program
from lathe.llvm import Recipe, Target, Toolchain, find_toolchain, make_command, parse_recipe
from lathe.search import load_portfolio
from lathe.tasks import TASKS, BuildSetting, Row, build_dataset, read_dataset

RESULT = Path(__file__).parent / "results" / "datasets.json"
JOBS = len(os.sched_getaffinity(0))
SHELL_ROWS = 60
SEARCH = 290  # compiles of a label after those of broadcasting
SEARCHED_PROGRAMS = 10


def take_sample(corpus: Corpus, out: Path, functions: int, programs: int) -> Corpus:
    """A seeded sample of training functions and programs, as a corpus of its own."""
    sample = Corpus(out)
    chosen: dict[str, list[Any]] = {}
    for kind, count in (("functions", functions), ("programs", programs)):
        hashes = sorted(row["hash"] for row in corpus.read(kind, ["hash"], split="train"))
        wanted = set(random.Random(7).sample(hashes, min(count, len(hashes))))
        items: Iterator[Function | Program] = (
            corpus.functions(split="train") if kind == "functions" else corpus.programs(split="train")
        )
        chosen[kind] = [item for item in items if item.hash in wanted]
        random.Random(8).shuffle(chosen[kind])
    addition = Addition(
        "sample", "", last=True, programs=len(chosen["programs"]), functions=len(chosen["functions"]), left_out={}
    )
    sample.add(addition, chosen["programs"], chosen["functions"])
    return sample


def time_dataset(
    task: str, sample: Corpus, out: Path, setting: BuildSetting, limit: int | None = None
) -> tuple[list[Row], float]:
    """The rows of a data set, and the seconds that it took."""
    started = time.monotonic()
    for done in build_dataset(task, TASKS[task], sample, out, setting, limit=limit, jobs=JOBS):
        assert not done.lost
    seconds = time.monotonic() - started
    return list(read_dataset(out)), seconds


def time_pipelines(lines: Sequence[str], folder: Path) -> float:
    """Seconds for shell lines, as many at a time as there are processors; what fails counts as done."""
    started = time.monotonic()
    with ThreadPoolExecutor(JOBS) as pool:
        list(
            pool.map(lambda line: subprocess.run(line, shell=True, cwd=folder, capture_output=True, check=False), lines)
        )
    return time.monotonic() - started


class Shell:
    """Shell lines that do the work of rows."""

    def __init__(self, toolchain: Toolchain, folder: Path) -> None:
        names = ("opt", "llc", "llvm-size")
        self._opt, self._llc, self._size = (shlex.quote(str(toolchain.tool(name))) for name in names)
        self._folder = folder

    def _write(self, ir: str, name: str) -> str:
        (self._folder / f"{name}.ll").write_text(ir, encoding="utf-8")
        return f"{name}.ll"

    def _optimise(self, source: str, recipe: Recipe, target: Target, out: str) -> str:
        flags = shlex.join(make_command(target, recipe).flags)
        return f"{self._opt} {flags} -passes={shlex.quote(recipe.pass_list or 'no-op-module')} -S {source} -o {out}"

    def _measure(self, source: str, recipe: Recipe, target: Target) -> str:
        flags = shlex.join(make_command(target, recipe).flags)
        return f"{self._llc} {flags} -filetype=obj {source} -o {source}.o && {self._size} {source}.o"

    def emulate(self, row: Row, target: Target, name: str) -> Iterator[str]:
        """The output of a recipe, and the sizes before and after."""
        source, out, recipe = self._write(row["input"], name), f"{name}.out.ll", parse_recipe(row["recipe"])
        steps = [
            self._measure(source, Recipe(()), target),
            self._optimise(source, recipe, target, out),
            self._measure(out, recipe, target),
        ]
        yield " ; ".join(steps if row["kind"] == "ll" else [*steps, f"{self._llc} {out} -o {name}.s"])

    def disassemble(self, row: Row, target: Target, name: str) -> Iterator[str]:
        """IR at -Oz, and its assembly."""
        source, out = self._write(row["output"], name), f"{name}.out.ll"
        yield f"{self._optimise(source, parse_recipe('default<Oz>'), target, out)} ; {self._llc} {out} -o {name}.s"

    def broadcast(self, row: Row, target: Target, name: str) -> Iterator[str]:
        """The size with each recipe."""
        source = self._write(row["input"], name)
        for number, recipe in enumerate(load_portfolio(stage="across")[::10]):
            out = f"{name}.{number}.ll"
            yield f"{self._optimise(source, recipe, target, out)} ; {self._measure(out, recipe, target)}"


def compare(
    rows: Sequence[Row], seconds: float, count: int, lines_of: Callable[[Row, Target, str], Iterator[str]], folder: Path
) -> dict[str, float]:
    """Rows a second here and in the shell; `count` is what was made here."""
    chosen = random.Random(9).sample(list(rows), min(len(rows), SHELL_ROWS))
    target = Target("x86_64-pc-linux-gnu")
    lines = [line for number, row in enumerate(chosen) for line in lines_of(row, target, f"r{number}")]
    other = len(lines) / time_pipelines(lines, folder)
    here = count / seconds
    return {"a_second": round(here, 1), "shell": round(other, 1), "ratio": round(here / other, 1)}


def describe_labels(rows: Sequence[Row], seconds: float, shell: float) -> dict[str, float]:
    """Seconds a label takes with all processors, here and at the shell's rate; rows without a search are free."""
    searched = [row for row in rows if row["loadable_baseline"] >= 64]
    compiles = statistics.mean(row["compiles"] for row in searched)
    here, other = seconds / len(searched), compiles / shell
    return {
        "rows": len(searched), "compiles": round(compiles), "seconds": round(here, 2), "shell": round(other, 2),
        "ratio": round(other / here, 1),
    }  # fmt: skip


def main() -> None:
    """Measure and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--functions", type=int, default=3000)
    parser.add_argument("--programs", type=int, default=60)
    arguments = parser.parse_args()
    toolchain = find_toolchain()
    with tempfile.TemporaryDirectory(prefix="lathe-") as name:
        folder = Path(name)
        sample = take_sample(Corpus(arguments.corpus), folder / "sample", arguments.functions, arguments.programs)
        shell = Shell(toolchain, folder)
        result: dict[str, Any] = {"peer": "opt, llc and llvm-size in a shell", "processes": JOBS}
        for task, lines_of in (("emulation", shell.emulate), ("disassembly", shell.disassemble)):
            rows, seconds = time_dataset(task, sample, folder / task, BuildSetting())
            result[task] = {"rows": len(rows), **compare(rows, seconds, len(rows), lines_of, folder)}
            print(task, result[task], flush=True)
        rows, seconds = time_dataset("tuning", sample, folder / "tuning", BuildSetting())
        compiles = sum(row["compiles"] for row in rows)
        result["broadcast"] = {"rows": len(rows), **compare(rows, seconds, compiles, shell.broadcast, folder)}
        print("broadcast", result["broadcast"], flush=True)
        rows, seconds = time_dataset(
            "tuning", sample, folder / "labels", BuildSetting(compiles=SEARCH), SEARCHED_PROGRAMS
        )
        result["label"] = describe_labels(rows, seconds, result["broadcast"]["shell"])
        print("label", result["label"], flush=True)
        result["machine"] = describe_machine(toolchain)
        RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
