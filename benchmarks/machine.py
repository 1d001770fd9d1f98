"""What a figure was measured on: written beside every result."""

from __future__ import annotations

import platform
import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lathe import __version__, evaluation
from lathe.llvm import Toolchain

__all__ = ["describe_machine", "read_index", "sample_rows"]


def describe_machine(toolchain: Toolchain) -> dict[str, Any]:
    """Date, processor, cores, and versions."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        **evaluation.describe_machine(),
        "python": platform.python_version(),
        "llvm": toolchain.version,
        "lathe": __version__,
    }


def read_index(folder: Path) -> list[dict[str, Any]]:
    """The rows of a corpus folder's index (`units.jsonl` or `functions.jsonl`)."""
    import json

    index = next(folder.glob("*.jsonl"))
    return [json.loads(line) for line in index.read_text(encoding="utf-8").splitlines()]


def sample_rows(rows: list[dict[str, Any]], count: int, *, seed: int, most_of_one: int) -> list[dict[str, Any]]:
    """A seeded sample with at most `most_of_one` rows of any project."""
    order = sorted(rows, key=lambda row: str(row["bitcode"]))
    random.Random(seed).shuffle(order)
    taken: dict[str, int] = {}
    chosen: list[dict[str, Any]] = []
    for row in order:
        project = row["project"]
        if taken.get(project, 0) < most_of_one and len(chosen) < count:
            taken[project] = taken.get(project, 0) + 1
            chosen.append(row)
    return chosen
