"""A recipe for each function against one for the unit, at equal numbers of compiles, and true `clang -Oz`.

    python benchmarks/functions.py run --units DIR [--sources BUILD] --count N --compiles 10 100
    python benchmarks/functions.py compare --units DIR --compiles 3
    python benchmarks/functions.py time --units DIR --count N --compiles 100
    python benchmarks/functions.py summarise

`run` appends a line for each unit and budget to results/functions.jsonl, so a stopped run goes on where it was. A unit
is tuned function by function, every recipe accepted by the bundled suite (`--verdicts` new ones for each unit), and
then as a whole: in the first `--each` units with as many compiles as a function got (the same work for LLVM), and in
the first `--beside` units with as many as all functions got together (many times the work). The joined object is
compared with clang's: symbols, sections, and what relocations want.
With `--sources` (the work folder of runs/units.py) the unit is compiled by `gcc -Os` too, when gcc takes its flags.

`compare` only tunes and compares, all units of a folder, and appends to results/functions_objects.jsonl.

`time` tunes units on one core, without verdicts, and writes the seconds of a function to results/functions_time.json.

`summarise` writes results/functions.json: rows of granularity, compiles (of a function), geomean and total saved
(percent of loadable bytes), larger, seconds. In rows of units `functions_total_percent` is what the same units save
function by function.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from machine import describe_machine, read_index, sample_rows

from lathe.llvm import (
    Engine,
    Measurement,
    Module,
    Status,
    Unit,
    compile_baseline,
    find_toolchain,
    load_unit,
    measure_object,
    parse_recipe,
)
from lathe.search import MAX_SLOWDOWN, Budget, PlanResult, SpeedGuard, tune, tune_functions
from lathe.verify import Gate

RESULT = Path(__file__).parent / "results" / "functions.json"
LINES = RESULT.with_suffix(".jsonl")
OBJECTS = RESULT.with_name("functions_objects.jsonl")
TIME = RESULT.with_name("functions_time.json")
SMALLEST = 64  # bytes of code
OK = Measurement(Status.OK)
DISCARDABLE = re.compile(
    r'^define linkonce\w* [^@\n]*@("[^"]+"|[\w$.]+)\(|^@("[^"]+"|[\w$.]+) = linkonce', re.MULTILINE
)
KINDS = {"function": "function", "unit_each": "unit", "unit": "unit, all compiles"}


def run(arguments: argparse.Namespace) -> None:
    """Tune every sampled unit both ways, with each budget."""
    done = {(row["name"], row["compiles"]) for row in read_lines(LINES)}
    chosen = choose_units(arguments)
    deadline = time.monotonic() + arguments.seconds
    with Engine(find_toolchain()) as judge, Gate(judge) as gate, LINES.open("a", encoding="utf-8") as file:
        for compiles in arguments.compiles:
            for number, row in enumerate(chosen):
                if (row["bitcode"], compiles) in done:
                    continue
                if time.monotonic() > deadline:
                    return
                line = measure_unit(gate, arguments, row, compiles, number)
                file.write(json.dumps(line) + "\n")
                file.flush()
                saved = {k: f"{1 - line[k] / line['baseline']:.2%}" for k in KINDS if line.get(k)}
                print(
                    line["name"],
                    compiles,
                    saved,
                    line.get("error", ""),
                    line.get("differs", ""),
                    line.get("discarded", ""),
                    flush=True,
                )


def choose_units(arguments: argparse.Namespace) -> list[dict[str, Any]]:
    """A seeded sample, at most a sixth of it from one project."""
    rows = [row for row in read_index(arguments.units) if row["code_bytes"] >= SMALLEST]
    return sample_rows(rows, arguments.count, seed=12, most_of_one=math.ceil(arguments.count / 6))


def measure_unit(
    gate: Gate, arguments: argparse.Namespace, row: dict[str, Any], compiles: int, number: int
) -> dict[str, Any]:
    """The line of a unit, the `number`-th, with a budget."""
    with Engine(find_toolchain()) as engine:
        unit = Unit(arguments.units / row["bitcode"])
        module, clang = load_unit(engine, unit), compile_baseline(engine.toolchain, unit)
        baseline = measure_object(clang, OK).loadable
        line = {"name": row["bitcode"], "project": row["project"], "compiles": compiles, "baseline": baseline}
        (found,) = tune_functions(
            engine,
            [module],
            Budget(compiles, verdicts=arguments.verdicts),
            accept=lambda recipe, stage: gate.judge(recipe, stage).accepted,
            known=lambda recipe, stage: gate.accepted(stage.then(recipe)),
            max_slowdown=MAX_SLOWDOWN,
        )
        if not isinstance(found, PlanResult):
            return line | {"error": str(found)}
        budgets = {"unit_each": (compiles, arguments.each), "unit": (found.compiles, arguments.beside)}
        line |= search_whole(engine, gate, module, {k: n for k, (n, units) in budgets.items() if number < units})
        line |= {"gcc": compile_gcc(arguments.sources, row)} if arguments.sources else {}
        return line | {
            "functions": len(found.functions), "spent": found.compiles, "judged": found.judged,
            "refused": found.refused, "function": min(found.cost, baseline), "joined": found.cost,
            "seconds": found.seconds, "joining": found.joining, "jobs": engine.jobs,
            **compare_objects(clang, found.data, list_discardable(engine, module)),
        }  # fmt: skip


def compare_units(arguments: argparse.Namespace) -> None:
    """Append to results/functions_objects.jsonl how the joined object of each unit differs from clang's."""
    done = {row["name"] for row in read_lines(OBJECTS)}
    (compiles,) = arguments.compiles
    with Engine(find_toolchain()) as engine, OBJECTS.open("a", encoding="utf-8") as file:
        for row in read_index(arguments.units):
            if row["bitcode"] in done:
                continue
            unit = Unit(arguments.units / row["bitcode"])
            module, clang = load_unit(engine, unit), compile_baseline(engine.toolchain, unit)
            (found,) = tune_functions(engine, [module], Budget(compiles), max_slowdown=MAX_SLOWDOWN)
            line = {"name": row["bitcode"], "compiles": compiles, "baseline": measure_object(clang, OK).loadable}
            if isinstance(found, PlanResult):
                line |= {"functions": len(found.functions), "joined": found.cost}
                line |= compare_objects(clang, found.data, list_discardable(engine, module))
            else:
                line |= {"error": str(found)}
            file.write(json.dumps(line) + "\n")
            file.flush()
            print(line["name"], line.get("error", ""), line.get("differs", ""), flush=True)


def search_whole(engine: Engine, gate: Gate, module: Module, budgets: dict[str, int]) -> dict[str, float]:
    """Bytes and seconds of the unit with one recipe, with each number of compiles."""
    line: dict[str, float] = {}
    for kind, compiles in budgets.items():
        started = time.monotonic()
        found = tune(
            engine, module, Budget(compiles, minimising=0), accept=lambda recipe: gate.judge(recipe).accepted,
            guard=SpeedGuard(engine, module, None, MAX_SLOWDOWN),
        )  # fmt: skip
        line |= {kind: found.best.loadable, f"{kind}_seconds": time.monotonic() - started}
    return line


def list_discardable(engine: Engine, module: Module) -> frozenset[str]:
    """Functions and data that every object that needs them has for itself (`linkonce`), so that none must keep them."""
    text = engine.emit(module, parse_recipe(""), "ll").decode("utf-8", "replace")
    return frozenset(name.strip('"') for pair in DISCARDABLE.findall(text) for name in pair if name)


def compare_objects(clang: bytes, joined: bytes, discardable: frozenset[str]) -> dict[str, Any]:
    """What the joined object has otherwise than clang's: symbols that others see, wants, kinds of sections.

    `discarded` counts the discardable symbols that one of the two has.
    """
    one, two = describe_object(clang), describe_object(joined)
    gone = {row for row in one["defined"] ^ two["defined"] if row.split()[0] in discardable}
    differs = {key: sorted((one[key] ^ two[key]) - gone) for key in one}
    return {"differs": [f"{key}: {rows}" for key, rows in differs.items() if rows], "discarded": len(gone)}


def describe_object(data: bytes) -> dict[str, set[str]]:
    """Visible symbols with their kinds, wanted symbols, allocated sections by their first name."""
    toolchain = find_toolchain()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.o"
        path.write_bytes(data)
        command = [str(toolchain.tool("llvm-nm")), "--extern-only", "--format=posix", str(path)]
        rows = [
            line.split()
            for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        ]
    sections = measure_object(data, OK).sections
    return {
        "defined": {f"{row[0]} {row[1]}" for row in rows if row[1] not in "Uwv"},
        "wanted": {row[0] for row in rows if row[1] in "Uwv"},
        "sections": {f".{name.split('.')[1]}" for name, size in sections.items() if size and "." in name},
    }


def compile_gcc(sources: Path, row: dict[str, Any]) -> int | None:
    """Loadable bytes of what `gcc -Os` makes of a unit's source; None when it cannot."""
    root = sources / row["project"] / "root"
    tool = shutil.which("g++" if row["language"] == "c++" else "gcc")
    if tool is None:
        return None
    flags = [str(flag).replace("./", f"{root}/") if flag.startswith(("-I./", "./")) else flag for flag in row["flags"]]
    source = root / row["source"]
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "a.o"
        command = [tool, *flags, "-Os", "-g0", "-w", "-c", str(source), "-o", str(out)]
        for where in (root, source.parent, root / "units-build"):
            if where.is_dir() and not subprocess.run(command, cwd=where, capture_output=True, check=False).returncode:
                return measure_object(out.read_bytes(), OK).loadable
    return None


def time_functions(arguments: argparse.Namespace) -> None:
    """Write results/functions_time.json: what a function takes on one core, where nothing is put to the test."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    rows = []
    for row in choose_units(arguments):
        for compiles in arguments.compiles:
            with Engine(find_toolchain(), jobs=1) as engine:
                module = load_unit(engine, Unit(arguments.units / row["bitcode"]))
                (found,) = tune_functions(engine, [module], Budget(compiles), max_slowdown=MAX_SLOWDOWN)
            if isinstance(found, PlanResult):
                rows.append((compiles, found.seconds / len(found.functions), found.joining / found.seconds))
                print(row["bitcode"], *rows[-1], flush=True)
    result = {"objective": "loadable", "cores": 1, "rows": [], "machine": describe_machine(find_toolchain())}
    for compiles in arguments.compiles:
        part = [row for row in rows if row[0] == compiles]
        result["rows"].append({
            "compiles": compiles, "units": len(part),
            "seconds_a_function": [round(q, 3) for q in statistics.quantiles([row[1] for row in part], n=4)],
            "joining_percent": round(100 * statistics.median(row[2] for row in part), 2),
        })  # fmt: skip
    TIME.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


def summarise() -> None:
    """Write results/functions.json from all lines."""
    groups: dict[int, list[dict[str, Any]]] = defaultdict(list)
    lines = read_lines(LINES)
    for line in lines:
        if "error" not in line:
            groups[line["compiles"]].append(line)
    rows = [
        summary_row(kind, compiles, part)
        for compiles, group in sorted(groups.items())
        for kind in KINDS
        if (part := [line for line in group if kind in line])
    ]
    with_gcc = [line for line in groups[min(groups)] if line.get("gcc")]
    result = {
        "objective": "loadable",
        "peer": "the object that clang -Oz -c writes",
        "rows": rows,
        "gcc": {
            "what": "gcc -Os against clang -Oz, on the units that gcc compiles",
            "units": len(with_gcc),
            "total_percent": saved_percent(with_gcc, "gcc"),
        },
        **summarise_objects(lines),
        "all_units": summarise_objects(read_lines(OBJECTS)),
        "machine": describe_machine(find_toolchain()),
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(RESULT.read_text(encoding="utf-8"))


def summarise_objects(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """In what joined objects differ from clang's, and where there is none."""
    return {
        "compared": sum("error" not in line for line in lines),
        "errors": {line["name"]: line["error"] for line in lines if "error" in line},
        "differs": {line["name"]: line["differs"] for line in lines if line.get("differs")},
        "units_with_discardable_functions_gone": sum(bool(line.get("discarded")) for line in lines),
    }


def summary_row(kind: str, compiles: int, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """One row of the table; seconds do not count verdicts."""
    ratios = [math.log(line[kind] / line["baseline"]) for line in lines]
    speed = {
        "spent_on_each_function": round(
            sum(line["spent"] for line in lines) / sum(line["functions"] for line in lines), 1
        ),
        "median_core_seconds_a_function": round(
            statistics.median(line["seconds"] * line["jobs"] / line["functions"] for line in lines), 3
        ),
        "joining_percent": round(100 * sum(line["joining"] for line in lines) / sum(x["seconds"] for x in lines), 2),
    }
    return {
        "granularity": KINDS[kind],
        "compiles": compiles,
        "geomean_percent": round(100 * (1 - math.exp(sum(ratios) / len(ratios))), 3),
        "total_percent": saved_percent(lines, kind),
        "larger": sum(line[kind] > line["baseline"] for line in lines),
        "units": len(lines),
        "functions": sum(line["functions"] for line in lines),
        "seconds": round(sum(line["seconds" if kind == "function" else f"{kind}_seconds"] for line in lines), 1),
        **(speed if kind == "function" else {"functions_total_percent": saved_percent(lines, "function")}),
    }


def saved_percent(lines: list[dict[str, Any]], kind: str) -> float:
    """Percent of all bytes saved."""
    before = sum(line["baseline"] for line in lines)
    return round(100 * (1 - sum(line[kind] for line in lines) / before), 3) if before else 0.0


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The lines of a JSON-lines file; none when there is no file yet."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("run", "compare", "time", "summarise"))
    parser.add_argument("--units", type=Path)
    parser.add_argument("--sources", type=Path)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--compiles", type=int, nargs="+", default=[10, 100])
    parser.add_argument("--each", type=int, default=150)
    parser.add_argument("--beside", type=int, default=150)
    parser.add_argument("--verdicts", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=7200)
    arguments = parser.parse_args()
    steps = {"run": run, "compare": compare_units, "time": time_functions, "summarise": lambda _: summarise()}
    steps[arguments.step](arguments)


if __name__ == "__main__":
    main()
