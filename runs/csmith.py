"""Random programs against the shipped portfolio: does any recipe make any of them do something else?

    python runs/csmith.py --seeds 0-999 --out WORK

Each seed's program (csmith, Debian package of that name) is compiled with every recipe of the portfolio, linked, run,
and compared with its unoptimised build. Seeds done are kept in WORK and not done again; benchmarks/results/csmith.json
says what was found, with the seeds. Programs that run too long unoptimised are left out, and counted. Ends with 1 when
anything was wrong, so that a nightly run fails.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from lathe.llvm import Engine, Recipe, find_toolchain, load_catalogue
from lathe.search import load_portfolio
from lathe.verify import SUITES, Decision, Judge, SourceSetting, prepare_suite

RESULT = Path(__file__).parents[1] / "benchmarks" / "results" / "csmith.json"


def judge_seed(engine: Engine, seed: int, recipes: Sequence[Recipe], folder: Path) -> dict[str, Any]:
    """What became of one seed: why it was left out, or the recipes that were not accepted."""
    programs = SUITES["csmith"](SourceSetting(folder, range(seed, seed + 1)))
    suite = prepare_suite(engine, "csmith", programs, folder=folder / "suites")
    if not suite.cases:
        return {"seed": seed, "left_out": "; ".join(suite.left_out.values()), "wrong": [], "unknown": []}
    with Judge(engine, suite) as judge:
        verdicts = [judge.judge(recipe) for recipe in recipes]
    found = {
        decision: [
            [v.recipe, f"{v.evidence[0].outcome}: {v.evidence[0].detail}"] for v in verdicts if v.decision is decision
        ]
        for decision in (Decision.REJECTED, Decision.UNKNOWN)
    }
    return {"seed": seed, "left_out": None, "wrong": found[Decision.REJECTED], "unknown": found[Decision.UNKNOWN]}


def run(seeds: range, out: Path, seconds: float) -> None:
    """Judge the seeds that are not done, until the time is over."""
    recipes = load_portfolio(load_catalogue(), "x86")
    deadline = time.monotonic() + seconds
    done = {row["seed"] for row in read_rows(out)}
    left = iter([seed for seed in seeds if seed not in done])
    with Engine(find_toolchain()) as engine, ThreadPoolExecutor(engine.jobs) as pool, rows_file(out).open("a") as file:
        while time.monotonic() < deadline and (chunk := list(itertools.islice(left, 4 * engine.jobs))):
            for row in pool.map(lambda seed: judge_seed(engine, seed, recipes, out), chunk):
                file.write(json.dumps(row) + "\n")
                file.flush()
                if row["wrong"]:
                    print(row, flush=True)


def rows_file(out: Path) -> Path:
    """Where the seeds done are kept."""
    return out / "seeds.jsonl"


def read_rows(out: Path) -> list[dict[str, Any]]:
    """The seeds done."""
    path = rows_file(out)
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def summarise(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What is published."""
    judged = [row for row in rows if not row["left_out"]]
    return {
        "llvm": find_toolchain().version,
        "recipes": len(load_portfolio(load_catalogue(), "x86")),
        "seeds": sorted(row["seed"] for row in judged),
        "programs": len(judged),
        "left_out": {str(row["seed"]): row["left_out"] for row in rows if row["left_out"]},
        "wrong": {str(row["seed"]): row["wrong"] for row in judged if row["wrong"]},
        "unknown": {str(row["seed"]): row["unknown"] for row in judged if row["unknown"]},
    }


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", default="0-999", help="FIRST-LAST")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=7200)
    arguments = parser.parse_args()
    first, last = map(int, arguments.seeds.split("-"))
    arguments.out.mkdir(parents=True, exist_ok=True)
    run(range(first, last + 1), arguments.out, arguments.seconds)
    result = summarise([row for row in read_rows(arguments.out) if first <= row["seed"] <= last])
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print({key: value for key, value in result.items() if key != "seeds"})
    sys.exit(bool(result["wrong"]))


if __name__ == "__main__":
    main()
