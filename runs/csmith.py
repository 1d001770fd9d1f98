"""Random programs against the shipped portfolios: does any recipe make any of them do something else?

    python runs/csmith.py --seeds 0-999 --out WORK

Each seed's program (csmith, Debian package of that name) is compiled with every shipped recipe, linked, run, and
compared with its unoptimised build. Seeds done are kept in WORK and not done again, unless something of them could
not be told (LLVM took too long). benchmarks/results/csmith.json says what was found, with the seeds. Programs that run
too long unoptimised are left out, and counted, and so are recipes with which LLVM crashes on a program: `lathe tune`
never uses those. Ends with 1 when anything was wrong, so that a nightly run fails.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lathe.llvm import Engine, Recipe, find_toolchain, load_catalogue
from lathe.search import list_vetted, load_portfolio
from lathe.verify import SUITES, Judge, Outcome, SourceSetting, StagedJudge, prepare_suite

CHUNK = 24  # seeds that are one suite, so that they are linked together
RESULT = Path(__file__).parents[1] / "benchmarks" / "results" / "csmith.json"


@dataclass(frozen=True, slots=True)
class Row:
    """What became of a seed; recipes with what went wrong, or could not be told."""

    seed: int
    left_out: str | None
    wrong: list[tuple[str, str]] = field(default_factory=list)
    not_compiled: list[tuple[str, str]] = field(default_factory=list)
    unknown: list[tuple[str, str]] = field(default_factory=list)

    def list_of(self, outcome: Outcome) -> list[tuple[str, str]]:
        """Where a recipe belongs."""
        kinds = {Outcome.NOT_RUN: self.unknown, Outcome.NOT_COMPILED: self.not_compiled}
        return kinds.get(outcome, self.wrong)


def judge_seeds(engine: Engine, seeds: Sequence[int], folder: Path) -> list[dict[str, Any]]:
    """What became of each seed: why it was left out, or the recipes that were not accepted."""
    programs = SUITES["csmith"](SourceSetting(folder, seeds))
    suite = prepare_suite(engine, "csmith", programs, folder=folder / "suites")
    rows = {
        program.name: Row(seed, suite.left_out.get(program.name)) for seed, program in zip(seeds, programs, strict=True)
    }
    with StagedJudge(engine, suite) as judge, Judge(engine, suite) as thorough:
        for stage, recipe in list_shipped() if suite.cases else ():
            if not judge.judge(stage, recipe).accepted:
                for e in thorough.judge(stage.then(recipe), thorough=True).evidence:
                    rows[e.program].list_of(e.outcome).append((str(stage.then(recipe)), f"{e.outcome}: {e.detail}"))
    return [asdict(row) for row in rows.values()]


def list_shipped() -> list[tuple[Recipe, Recipe]]:
    """The shipped recipes, each after the stage that it is for: nothing for those of whole modules."""
    catalogue = load_catalogue()
    whole = [(Recipe(()), recipe) for recipe in load_portfolio(catalogue)]
    return whole + [(stage, recipe) for stage, recipes in list_vetted(catalogue, "x86") for recipe in recipes]


def run(seeds: range, out: Path, seconds: float) -> None:
    """Judge the seeds that are not done, until the time is over."""
    deadline = time.monotonic() + seconds
    done = {row["seed"] for row in read_rows(out) if not row["unknown"]}
    left = iter([seed for seed in seeds if seed not in done])
    with Engine(find_toolchain(), timeout=60) as engine, rows_file(out).open("a") as file:
        while time.monotonic() < deadline and (chunk := list(itertools.islice(left, CHUNK))):
            for row in judge_seeds(engine, chunk, out):
                file.write(json.dumps(row) + "\n")
                if row["wrong"] or row["not_compiled"]:
                    print(row, flush=True)
            file.flush()


def rows_file(out: Path) -> Path:
    """Where the seeds done are kept."""
    return out / "seeds.jsonl"


def read_rows(out: Path) -> list[dict[str, Any]]:
    """The last row of each seed."""
    path = rows_file(out)
    rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return list({row["seed"]: row for row in rows}.values())


def summarise(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What is published."""
    judged = [row for row in rows if not row["left_out"]]
    kinds = ("wrong", "not_compiled", "unknown")
    return {
        "llvm": find_toolchain().version,
        "recipes": len(list_shipped()),
        "seeds": sorted(row["seed"] for row in judged),
        "programs": len(judged),
        "left_out": {str(row["seed"]): row["left_out"] for row in rows if row["left_out"]},
        **{kind: {str(row["seed"]): row[kind] for row in judged if row[kind]} for kind in kinds},
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
