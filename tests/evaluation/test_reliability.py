"""Confidence: lines that are fitted to likelihoods say how often answers are exact, and never that one is certain."""

from __future__ import annotations

import json
import math
import random
from pathlib import Path

import pytest

from lathe.evaluation.reliability import fit_confidence, measure_reliability
from lathe.tasks import Confidence, read_confidences


def draw_answers(count: int, *, times: float) -> tuple[list[float], list[bool]]:
    """Logarithmic probabilities that are `times` too sure of themselves, and whether the answers were exact."""
    rng = random.Random(5)
    scores, exact = [], []
    for _ in range(count):
        odds = rng.gauss(-1, 2)
        exact.append(rng.random() < 1 / (1 + math.exp(-odds)))
        scores.append(-math.log1p(math.exp(-times * odds)))
    return scores, exact


@pytest.mark.parametrize("times", [0.5, 1.0, 3.0])
def test_what_is_too_sure_or_too_modest_is_put_right(times: float) -> None:
    scores, exact = draw_answers(4000, times=times)
    line = fit_confidence(scores, exact)
    assert line.slope == pytest.approx(1 / times, rel=0.15) and line.offset == pytest.approx(0, abs=0.2)
    found = measure_reliability(scores, exact)
    assert found.error < 0.03 and found.brier < 0.9 * found.brier_of_none
    assert sum(one.rows for one in found.bins) == 4000 and len(found.bins) == 10
    assert [one.said for one in found.bins] == sorted(one.said for one in found.bins)
    raw = [math.exp(score) for score in scores]
    without = sum((one - right) ** 2 for one, right in zip(raw, exact, strict=True)) / 4000
    assert found.brier < without + 0.001


@pytest.mark.parametrize("right", [0, 1])
def test_nothing_is_certain(right: int) -> None:
    scores = [-0.5 * number for number in range(200)]
    line = fit_confidence(scores, [right > 0] * 200)
    assert all(0 < line.rate(score) < 1 for score in (0.0, -1.0, -1e4))
    assert line.rate(-20) == pytest.approx(float(right), abs=0.02)
    assert len(measure_reliability(scores[:3], [right > 0] * 3).bins) == 3


def test_it_lies_beside_the_model(tmp_path: Path) -> None:
    assert read_confidences(tmp_path) == {}
    scores, exact = draw_answers(100, times=1.0)
    found = measure_reliability(scores, exact)
    rows = [{"task": "emulation", "confidence": {"line": found.line}}, {"task": "tuning"}]
    (tmp_path / "metrics.json").write_text(json.dumps(rows))
    assert read_confidences(tmp_path) == {"emulation": Confidence(*found.line)}
    (tmp_path / "metrics.json").write_text("{")
    assert read_confidences(tmp_path) == {}
