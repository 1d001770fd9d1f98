"""Run time beside size: a tuned program and the one of `clang -Oz`, run in turns in the sandbox.

A unit has a workload when it is a whole program, which ends by itself and takes long enough for a clock: those of
suites, benchmarks and examples do. Pairs follow each other, so what else the machine does meets both. Layout is not
shuffled: differences of a few percent of a short program can come from where its code happens to lie.
"""

from __future__ import annotations

import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lathe.errors import CompileError
from lathe.evaluation.statistics import bound_mean
from lathe.evaluation.subjects import Subject
from lathe.llvm import Engine
from lathe.verify import Limits, Linker, SandboxPool

__all__ = ["RunTime", "Stopwatch"]

_PAIRS = 10
_SHORTEST = 0.02  # seconds of a run; below, starting it is most of it
_LIMITS = Limits(seconds=30.0)


@dataclass(frozen=True, slots=True)
class RunTime:
    """The tuned program's time as a part of clang's (mean of pairs), its interval, and whether both did the same."""

    ratio: float
    interval: list[float]
    same: bool


class Stopwatch(SandboxPool):
    """Compares run times, in a `with` statement; safe to use from many threads, which disturb each other."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._linker = Linker(engine.toolchain)

    def compare(self, subject: Subject, baseline: bytes, tuned: bytes) -> RunTime | None:
        """What running two objects of a unit tells; None where it is no program, fails, or ends too soon."""
        if subject.unit is None:
            return None
        with tempfile.TemporaryDirectory(prefix="lathe-") as name:
            folder = Path(name)
            try:
                for program, data in (("baseline", baseline), ("tuned", tuned)):
                    self._linker.link(subject.unit, data, folder / program)
            except CompileError:
                return None
            first, other = (self.run((program,), folder, _LIMITS) for program in ("baseline", "tuned"))
            if first.status or first.timed_out or first.seconds < _SHORTEST:
                return None
            same = (first.status, first.output) == (other.status, other.output)
            pairs = [
                [self.run((program,), folder, _LIMITS).seconds for program in ("baseline", "tuned")]
                for _ in range(_PAIRS)
            ]
        ratios = [tuned / baseline for baseline, tuned in pairs]
        return RunTime(statistics.fmean(ratios), bound_mean(ratios, 0), same)
