"""The gate: what a recipe must pass before it is used, a verdict of the bundled suite."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Self

from lathe.llvm import Engine, Recipe, Store, find_cache_folder
from lathe.verify.judge import Judge, default_verdict_path
from lathe.verify.sources import SUITES, SourceSetting
from lathe.verify.suite import prepare_suite
from lathe.verify.verdict import Verdict

__all__ = ["Gate"]


class Gate:
    """Judges recipes by the first suite of `SUITES`, which is prepared when the first recipe comes.

    `remember` False neither reads nor writes the verdicts of earlier runs. Safe to use from many threads, in a `with`
    statement. The suite runs on this machine's own processor, whatever the recipe is for.
    """

    def __init__(self, engine: Engine, *, remember: bool = True) -> None:
        self._engine = engine
        self._store = Store(default_verdict_path() if remember else None)
        self._lock = threading.Lock()
        self._judge: Judge | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._judge is not None:
            self._judge.close()
        self._store.close()

    def prepare(self) -> None:
        """Prepare the suite now, as far as it is not kept from an earlier run."""
        with self._lock:
            self._judge = self._judge or self._make_judge()

    def judge(self, recipe: Recipe) -> Verdict:
        """The suite's verdict; raises `ToolchainError` when programs cannot be linked on this machine."""
        self.prepare()
        assert self._judge is not None
        return self._judge.judge(recipe)

    def _make_judge(self) -> Judge:
        name, list_programs = next(iter(SUITES.items()))
        folder = find_cache_folder() / "suites"
        suite = prepare_suite(self._engine, name, list_programs(SourceSetting(folder)), folder=folder)
        return Judge(self._engine, suite, store=self._store)
