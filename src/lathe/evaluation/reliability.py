"""Reliability: what a model's answers are worth, by how likely they are in its eyes."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lathe.tasks import Confidence, find_log_odds

__all__ = ["Bin", "Reliability", "fit_confidence", "measure_reliability"]

_BINS = 10
_FOLDS = 5


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose confidence is about the same: their number, the mean of it, and the share that is exact."""

    rows: int
    said: float
    exact: float


@dataclass(frozen=True, slots=True)
class Reliability:
    """How far confidence can be believed, on answers that its line was not fitted to.

    `line` is fitted to all; `brier` is the mean square of confidence and outcome (`brier_of_none`: of saying the share
    of exact answers always), `error` the mean distance of the two in `bins` of a tenth of the answers each.
    """

    line: tuple[float, float]
    brier: float
    brier_of_none: float
    error: float
    bins: tuple[Bin, ...]


def fit_confidence(scores: Sequence[float], exact: Sequence[bool]) -> Confidence:
    """The line for answers with such logarithmic probabilities; with Platt's priors, so that nothing is certain."""
    import numpy as np
    from scipy.optimize import minimize

    odds = np.array([find_log_odds(score) for score in scores])
    right = int(sum(exact))
    high, low = (right + 1) / (right + 2), 1 / (len(exact) - right + 2)
    wanted = np.where(np.asarray(exact, bool), high, low)

    def loss(line: Any) -> float:
        logits = line[0] + line[1] * odds
        return float(np.mean(np.logaddexp(0, logits) - wanted * logits))

    found = minimize(loss, np.array([0.0, 1.0]), bounds=[(None, None), (0.0, None)], method="L-BFGS-B")
    return Confidence(float(found.x[0]), float(found.x[1]))


def measure_reliability(scores: Sequence[float], exact: Sequence[bool]) -> Reliability:
    """Of answers by their logarithmic probabilities; each is rated by the line of those in other folds."""
    import numpy as np

    lines = []
    for fold in range(min(_FOLDS, len(scores))):
        others = [n for n in range(len(scores)) if n % _FOLDS != fold] or [0]
        lines.append(fit_confidence([scores[n] for n in others], [exact[n] for n in others]))
    rated = [lines[number % _FOLDS].rate(score) for number, score in enumerate(scores)]
    share = statistics.mean(exact)
    bins = []
    for part in np.array_split(np.argsort(rated, kind="stable"), min(_BINS, len(rated))):
        bins.append(Bin(len(part), float(np.mean([rated[n] for n in part])), float(np.mean([exact[n] for n in part]))))
    whole = fit_confidence(scores, exact)
    return Reliability(
        (whole.offset, whole.slope),
        statistics.mean((one - right) ** 2 for one, right in zip(rated, exact, strict=True)),
        statistics.mean((share - right) ** 2 for right in exact),
        sum(b.rows * abs(b.said - b.exact) for b in bins) / len(rated),
        tuple(bins),
    )
