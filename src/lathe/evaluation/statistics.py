"""Statistics of results, by scipy: intervals, paired tests, correlations. A seed repeats what is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

__all__ = ["bound_mean", "bound_part", "bound_share", "compare_paired", "correlate_ranks"]

_DRAWS = 2000
_LEVEL = 0.95

Interval = list[float]
"""The lower and the upper end of what is believed in 95 of 100 cases."""


def bound_share(count: int, of: int) -> Interval:
    """Wilson's interval of a share."""
    from scipy.stats import binomtest

    found = binomtest(count, of).proportion_ci(_LEVEL, method="wilson")
    return [float(found.low), float(found.high)]


def bound_part(parts: Sequence[float], wholes: Sequence[float], seed: int) -> Interval:
    """The bootstrap interval of the sum of `parts` as a part of the sum of `wholes`, programs being drawn."""
    return _bootstrap((parts, wholes), lambda part, whole, axis: part.sum(axis) / whole.sum(axis), seed)


def bound_mean(values: Sequence[float], seed: int) -> Interval:
    """The bootstrap interval of a mean."""
    return _bootstrap((values,), lambda of, axis: of.mean(axis), seed)


def _bootstrap(samples: tuple[Sequence[float], ...], statistic: Any, seed: int) -> Interval:
    import numpy as np
    from scipy.stats import bootstrap

    data = tuple(np.asarray(sample, float) for sample in samples)
    if len(data[0]) < 2:
        only = float(statistic(*data, axis=-1))
        return [only, only]
    found = bootstrap(
        data, statistic, n_resamples=_DRAWS, confidence_level=_LEVEL, paired=True, vectorized=True,
        method="percentile", batch=100, rng=np.random.default_rng(seed),
    ).confidence_interval  # fmt: skip
    return [float(found.low), float(found.high)]


def compare_paired(one: Sequence[float], other: Sequence[float]) -> float:
    """How likely such differences are when there is none (Wilcoxon's signed-rank test, two-sided); 1 when all agree."""
    from scipy.stats import wilcoxon

    if all(a == b for a, b in zip(one, other, strict=True)):
        return 1.0
    import numpy as np

    first, second = np.asarray(one, float), np.asarray(other, float)
    return float(wilcoxon(first, second, zero_method="zsplit").pvalue)


def correlate_ranks(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Spearman's rank correlation; None where one of the two never changes."""
    from scipy.stats import spearmanr

    if len(set(one)) < 2 or len(set(other)) < 2:
        return None
    found = float(spearmanr(one, other).statistic)
    return None if math.isnan(found) else found
