"""The speed guard: what a recipe saves in bytes must not cost much run time.

Search for size alone outlines from the innermost loop: bzip2 came out 14 % smaller and 35 % slower (LOG.md,
2026-11-27). The estimate is rough (`estimate_run_time`), so is the limit: it is there for the bad ones.
"""

from __future__ import annotations

import math
from dataclasses import replace

from lathe.errors import CompileError
from lathe.llvm import TRAP_FLAG, Engine, Module, Recipe, estimate_run_time

__all__ = ["MAX_SLOWDOWN", "SpeedGuard"]

MAX_SLOWDOWN = 0.02  # what `lathe tune` allows unless told: bzip2 is within 3 % of -Oz then (LOG.md, 2026-11-27)


class SpeedGuard:
    """Says whether a recipe makes a module's code estimated `most` slower than a reference does, at most.

    `most` is a share (0.2: a fifth); infinity lets everything pass. The reference is a recipe, or None: `clang -Oz`.
    """

    def __init__(self, engine: Engine, module: Module, reference: Recipe | None, most: float) -> None:
        self._engine, self._reference, self._most = engine, reference, most
        self._module = replace(module, target=replace(module.target, flags=(*module.target.flags, TRAP_FLAG)))
        self._estimates: dict[Recipe | None, float | None] = {}

    def allows(self, recipe: Recipe) -> bool:
        """Whether a recipe is fast enough; one that does not compile is not."""
        if self._most == math.inf or recipe == self._reference:
            return True
        time, before = self.estimate(recipe), self.estimate(self._reference)
        return time is not None and (before is None or time <= before * (1 + self._most))

    def estimate(self, recipe: Recipe | None) -> float | None:
        """The estimated run time (weighted instructions) with a recipe; None when it does not compile."""
        if recipe not in self._estimates:
            try:
                assembly = self._engine.emit(self._module, recipe, "asm").decode("utf-8", "replace")
                self._estimates[recipe] = estimate_run_time(assembly)
            except CompileError:
                self._estimates[recipe] = None
        return self._estimates[recipe]
