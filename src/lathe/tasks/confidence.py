"""Confidence: how likely an answer is exact, by what answers as likely in the model's eyes were on held-out rows.

A model's own probability of an answer is a product over many tokens, and wrong by as many. `lathe evaluate checkpoint`
fits a line to it (Platt, 1999), in log-odds, and keeps that beside the model, in `metrics.json`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Confidence", "find_log_odds", "read_confidences"]

_LEAST, _MOST = -500.0, -1e-6  # of logarithmic probabilities


@dataclass(frozen=True, slots=True)
class Confidence:
    """The line: log-odds that an answer is exact = offset + slope · its log-odds in the model's eyes."""

    offset: float
    slope: float

    def rate(self, score: float) -> float:
        """The probability that an answer is exact, by the logarithm of the model's."""
        return 1 / (1 + math.exp(min(700.0, -(self.offset + self.slope * find_log_odds(score)))))


def find_log_odds(score: float) -> float:
    """The log-odds of a logarithmic probability, which is kept off both ends."""
    score = min(max(score, _LEAST), _MOST)
    return score - math.log(-math.expm1(score))


def read_confidences(folder: Path) -> Mapping[str, Confidence]:
    """What `lathe evaluate checkpoint --save` found for a model's folder, by task; empty where it was not asked."""
    path = folder / "metrics.json"
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        return {row["task"]: Confidence(*row["confidence"]["line"]) for row in rows if row.get("confidence")}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
