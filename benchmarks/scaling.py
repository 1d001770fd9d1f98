"""How what a network is worth grows with what it has learnt: one run with parts of its tokens, and a fit.

    python benchmarks/scaling.py RUN.toml DATASET… --out FOLDER [--parts 0.0625 0.25 1] [--limit 200]

Each part is a run of its own into FOLDER/PART (one that is there is gone on from, a whole one is taken as it is), with
all stages and their rates over as much fewer tokens. The networks are asked as `lathe evaluate checkpoint` does. For
each task the loss is fitted as a power of the tokens of the whole run; what the fit says of a hundred times more is
a guess. results/scaling.json has all of it.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
from machine import describe_machine

from lathe.evaluation import EvaluationSetting, evaluate
from lathe.llvm import Engine, find_toolchain
from lathe.model import Tokenizer
from lathe.training import LoopSetting, Run, export_network, load_network, read_run, train

RESULT = Path(__file__).parent / "results" / "scaling.json"


def train_part(run: Run, part: float, out: Path, setting: LoopSetting) -> Path:
    """The network of a part of a run, exported: answers are those of the GGUF file."""
    stages = tuple(replace(stage, tokens=max(1, round(stage.tokens * part))) for stage in run.stages)
    if not (out / "network").exists():
        assert run.tokenizer
        for said in train(replace(run, stages=stages), Tokenizer.load(run.tokenizer), out, setting):
            print(said, flush=True)
    if not (out / "exported").exists():
        export_network(out / "network", out / "exported", ["q8_0"])
    return out / "exported"


def fit_power(tokens: list[float], losses: list[float]) -> dict[str, float]:
    """The exponent of loss = a · tokens^-b, how far it is off at most, and the loss with a hundred times the tokens."""
    slope, offset = np.polyfit(np.log(tokens), np.log(losses), 1)
    off = np.abs(np.exp(slope * np.log(tokens) + offset) / np.array(losses) - 1).max()
    return {
        "exponent": round(float(-slope), 4), "off": round(float(off), 4),
        "hundred times": round(float(losses[-1] * 100**slope), 3),
    }  # fmt: skip


def main() -> None:
    """Train, ask, fit, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("datasets", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--parts", type=float, nargs="+", default=[0.0625, 0.25, 1.0])
    parser.add_argument("--limit", type=int, default=200)
    parser.add_argument("--compile", action="store_true")
    arguments = parser.parse_args()
    run, setting = read_run(arguments.run), LoopSetting(compile=arguments.compile)
    toolchain = find_toolchain()
    rows: list[dict[str, Any]] = []
    with Engine(toolchain) as engine:
        for part in sorted(arguments.parts):
            network = train_part(run, part, arguments.out / f"{part:g}", setting)
            found = evaluate(engine, network, arguments.datasets, EvaluationSetting(arguments.limit))
            tokens = sum(round(stage.tokens * part) for stage in run.stages)
            rows.append({"part": part, "tokens": tokens, "metrics": [asdict(metrics) for metrics in found]})
            print(json.dumps(rows[-1]), flush=True)
    result = {
        "parameters": load_network(network).num_parameters(),
        "rows": rows,
        "fits": {
            first["task"]: fit_power([row["tokens"] for row in rows], [row["metrics"][n]["loss"] for row in rows])
            for n, first in enumerate(rows[0]["metrics"])
        },
        "machine": describe_machine(toolchain),
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result["fits"], indent=1))


if __name__ == "__main__":
    main()
