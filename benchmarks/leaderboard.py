"""The leaderboard: what `lathe evaluate` measured and was committed, beside what others published.

    lathe evaluate tuning --programs … --out DIR
    python benchmarks/leaderboard.py add DIR NAME     # keeps its summary as results/evaluations/NAME.json
    python benchmarks/leaderboard.py write            # leaderboard.md

Rows of two summaries compare only where programs and protocol are the same, which the digests beside them say. What
others published stands apart, with its source, and with what sets it apart from ours: metric, LLVM, programs.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SUMMARIES, PUBLISHED, BOARD = HERE / "results" / "evaluations", HERE / "published.toml", HERE / "leaderboard.md"
TASKS = ("tuning", "emulation", "disassembly", "next-token", "general")
LLVM = "22"
HEAD = """\
# Leaderboard

Made by `benchmarks/leaderboard.py` of the summaries in `results/evaluations` (`lathe evaluate`; LLVM, catalogue, suite
and machine are in each). Rows compare with each other where *programs* says the same digest.
"""


def describe_programs(summary: dict[str, Any]) -> str:
    """How many of which."""
    return f"{summary['drawn']:,} {summary['granularity']}s ({summary['programs']})"


def list_ours(task: str) -> Iterator[tuple[str, ...]]:
    """The rows of a task: who, effort, figure, programs, LLVM, name of the summary."""
    for path in sorted(SUMMARIES.glob("*.json")):
        summary = json.loads(path.read_text(encoding="utf-8"))
        if summary["task"] != task:
            continue
        about = (describe_programs(summary), summary["llvm"], path.stem)
        model = f"{summary['model']} ({summary['model_digest']})" if summary.get("model") else ""
        if task == "tuning":
            for way, of in summary["ways"].items():
                for compiles, found in of.items():
                    who = f"{way}, {model}" if way in ("model", "mixed") else way
                    low, high = (100 * end for end in found["interval"])
                    share = (
                        f"; {100 * found['share_of_long']:.0f} % of a long search" if "share_of_long" in found else ""
                    )
                    figure = f"{100 * found['saved']:.2f} % ({low:.2f} to {high:.2f}){share}"
                    yield (who, f"{compiles} compiles", figure, *about)
        elif task == "next-token":
            figures = [f"{name} {of['bits_a_byte']:.3f} bits a byte, perplexity {of['perplexity']:.2f}"
                       for name, of in summary["texts"].items() if "," not in name]  # fmt: skip
            yield (model, "", "; ".join(figures), *about)
        else:
            figures = [f"{name} {100 * of['share']:.1f} %" for name, of in summary["shares"].items()]
            effort = f"{summary.get('candidates', 1)} answers, {summary.get('mutations', 0)} changes"
            bleu = f"; BLEU of the answers {summary['bleu']['score']:.3f}" if summary.get("bleu") else ""
            yield (model, effort, ", ".join(figures) + bleu, *about)


def list_published(task: str) -> Iterator[tuple[str, ...]]:
    """The rows of a task that are not ours, each with why it does not compare."""
    for row in tomllib.loads(PUBLISHED.read_text(encoding="utf-8"))["row"]:
        if row["task"] == task:
            other = "" if row["llvm"] == LLVM else f"LLVM {row['llvm']}; "
            yield (row["system"], row["effort"], row["figure"], row["metric"], row["programs"],
                   f"{other}another protocol", f"{row['source']} ({row['trust']})")  # fmt: skip


def write_board() -> str:
    """The text of leaderboard.md."""
    lines = [HEAD]
    for task in TASKS:
        ours, others = list(list_ours(task)), list(list_published(task))
        if not ours and not others:
            continue
        lines += [f"## {task}", ""]
        if ours:
            lines += make_table(("who", "effort", "figure", "programs", "LLVM", "summary"), ours)
        if others:
            lines += ["**Published elsewhere, not measured by us, and not comparable:**", ""]
            head = ("who", "effort", "figure", "metric", "programs", "warning", "source (trust)")
            lines += make_table(head, others)
    return "\n".join(lines)


def make_table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    """Lines of Markdown."""
    cells = [head, ("---",) * len(head), *rows]
    return [*("| " + " | ".join(row) + " |" for row in cells), ""]


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("add", "write"))
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("name", nargs="?")
    arguments = parser.parse_args()
    if arguments.step == "add":
        SUMMARIES.mkdir(parents=True, exist_ok=True)
        shutil.copy(arguments.folder / "summary.json", SUMMARIES / f"{arguments.name}.json")
    BOARD.write_text(write_board(), encoding="utf-8")


if __name__ == "__main__":
    main()
