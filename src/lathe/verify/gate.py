"""The gate: what a recipe must pass before it is used, a verdict of the bundled suite."""

from __future__ import annotations

import threading

from lathe.llvm import Closing, Engine, Recipe, Store, find_cache_folder
from lathe.verify.judge import default_verdict_path, find_verdict
from lathe.verify.sources import SUITES, SourceSetting
from lathe.verify.staged import StagedJudge
from lathe.verify.suite import digest_programs, prepare_suite
from lathe.verify.verdict import Decision, Verdict
from lathe.verify.vetting import load_vetting

__all__ = ["Gate"]


class Gate(Closing):
    """Judges recipes by the first suite of `SUITES`, which is prepared when the first recipe comes.

    `remember` False neither reads nor writes the verdicts of earlier runs. Safe to use from many threads, in a `with`
    statement. The suite runs on this machine's own processor, whatever the recipe is for.
    """

    def __init__(self, engine: Engine, *, remember: bool = True) -> None:
        self._engine = engine
        self._store = Store(default_verdict_path() if remember else None)
        self._lock = threading.Lock()
        self._judge: StagedJudge | None = None
        self._name, list_programs = next(iter(SUITES.items()))
        self._folder = find_cache_folder() / "suites"
        self._programs = list_programs(SourceSetting(self._folder))
        self.digest = digest_programs(engine.toolchain, self._programs)

    def close(self) -> None:
        """End the programs under way, and close the file of verdicts."""
        if self._judge is not None:
            self._judge.close()
        self._store.close()

    def find(self, recipe: Recipe) -> Verdict | None:
        """The suite's verdict, if it is shipped or remembered."""
        vetting, version = load_vetting(), self._engine.toolchain.version
        if vetting.digest == self.digest and str(recipe) in vetting.accepted_recipes:
            return Verdict(
                Decision.ACCEPTED, str(recipe), self._name, self.digest, version, vetting.programs, vetting.programs
            )
        return find_verdict(self._store, version, digest=self.digest, recipe=recipe)

    def accepted(self, recipe: Recipe) -> bool:
        """Whether it is known that the suite accepts a recipe."""
        found = self.find(recipe)
        return found is not None and found.accepted

    def judge(self, recipe: Recipe, stage: Recipe | None = None) -> Verdict:
        """The suite's verdict, shipped, remembered or fresh, on a recipe after a stage (None: without one).

        Raises `ToolchainError` when programs cannot be linked on this machine.
        """
        if known := self.find(stage.then(recipe) if stage else recipe):
            return known
        with self._lock:
            judge = self._judge = self._judge or self._make_judge()
        return judge.judge(stage or Recipe(()), recipe)

    def _make_judge(self) -> StagedJudge:
        suite = prepare_suite(self._engine, self._name, self._programs, folder=self._folder)
        return StagedJudge(self._engine, suite, store=self._store)
