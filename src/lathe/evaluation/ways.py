"""Ways of tuning: each proposes recipes for a program, which are measured in its order, so that all can be compared.

Ways are `STRATEGIES` of `lathe.search`; `model`, and `mixed` with the portfolio in turns; `functions`, a recipe for
each function as `lathe tune` does with units; `long`, a search for the share that others reach. Extended through
`WAYS`. Beside them stand `CONTEXT`: what other levels, baselines and compilers give, which is no search.
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import tempfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from lathe.errors import CompileError, UsageError
from lathe.evaluation.subjects import Subject
from lathe.llvm import Engine, Measurement, Module, Recipe, Status, measure_object, parse_recipe
from lathe.search import (
    MAX_SLOWDOWN,
    STRATEGIES,
    Budget,
    PlanResult,
    SpeedGuard,
    default_space,
    find_objective,
    first_stages,
    kind_of,
    load_portfolio,
    plain_after,
    take_turns,
    tune,
    tune_functions,
)
from lathe.tasks import AskSetting, Model, make_proposer

__all__ = ["CONTEXT", "WAYS", "Arena", "Tried"]

_LONG = 1000  # compiles
_AS_IT_IS = Recipe(())
_SECONDS = 300  # for another compiler
_NONE = '{ "lathe" }'  # LLVM reads no group of attributes without any


@dataclass(frozen=True)
class Arena:
    """What is the same for all ways and programs; `compiles` is the most that a way gets."""

    engine: Engine
    objective: str
    compiles: int
    budgets: tuple[int, ...]
    seed: int = 0
    max_slowdown: float = MAX_SLOWDOWN
    model: Model | None = None
    proposed: dict[str, list[Recipe]] = field(default_factory=dict, compare=False)  # by program

    def seed_of(self, subject: Subject) -> int:
        """Another one for each program."""
        return zlib.crc32(subject.hash.encode()) ^ self.seed

    def asked(self) -> Model:
        """The model; raises `UsageError` when there is none."""
        if self.model is None:
            raise UsageError("This strategy asks a model. Name one: --model embedded")
        return self.model


@dataclass(frozen=True, slots=True)
class Tried:
    """What a way gave: the cost after each compile (None: no object, or too slow), and the best object with its recipe.

    `best` is the baseline where nothing is smaller; `answers` is how many recipes a model proposed, `sizes` what it
    expects (loadable bytes before and after its first recipe) and `true_sizes` what they are. `data` is the best object
    where the recipe alone does not give it.
    """

    history: tuple[int | None, ...]
    best: Measurement
    recipe: str
    answers: int | None = None
    sizes: tuple[int, int] | None = None
    true_sizes: tuple[int, int] | None = None
    data: bytes = b""


Way = Callable[[Arena, Subject], Tried | None]
"""What is tried for a program; None where that cannot be."""


def _search(strategy: str, arena: Arena, subject: Subject, *, compiles: int | None = None) -> Tried:
    return _tune(arena, subject, strategy, None, compiles or arena.compiles)


def _tune(arena: Arena, subject: Subject, strategy: str, starts: Sequence[Recipe] | None, compiles: int) -> Tried:
    guard = SpeedGuard(arena.engine, subject.module, None, arena.max_slowdown)
    found = tune(
        arena.engine, subject.module, Budget(compiles, minimising=0), strategy=strategy, objective=arena.objective,
        seed=arena.seed_of(subject), starts=starts, guard=guard,
    )  # fmt: skip
    return Tried(found.history[:compiles], found.best, str(found.recipe or ""))


def _ask(arena: Arena, subject: Subject) -> Tried:
    recipes = _propose(arena, subject)
    found = _tune(arena, subject, "portfolio", recipes[: arena.compiles], arena.compiles)
    return _predict(arena, subject, replace(found, answers=len(recipes)))


def _mix(arena: Arena, subject: Subject) -> Tried:
    recipes, known = _propose(arena, subject), load_portfolio(architecture=subject.module.target.architecture)
    return replace(_tune(arena, subject, "portfolio", take_turns(recipes, known), arena.compiles), answers=len(recipes))


def _propose(arena: Arena, subject: Subject) -> list[Recipe]:
    """A model's recipes: for what the program is after a stage of each kind, in turns, or for it as it is."""
    if subject.hash in arena.proposed:
        return arena.proposed[subject.hash]
    model, module = arena.asked(), subject.module
    stages = first_stages().values() if model.takes_stages else (_AS_IT_IS,)
    found: list[list[Recipe]] = []
    for stage in stages:
        try:
            ir = arena.engine.emit(module, stage, "ll").decode("utf-8", "replace")
        except CompileError:
            continue
        space = default_space(arena.engine, module, stage=kind_of(stage) if stage.passes else "")
        answers = model.propose(ir, stage=stage, space=space, setting=AskSetting(arena.compiles))
        found.append([stage.then(answer.recipe) for answer in answers])
    recipes = arena.proposed[subject.hash] = functools.reduce(take_turns, found, [])
    return recipes


def _predict(arena: Arena, subject: Subject, tried: Tried) -> Tried:
    """With the sizes that the model expects, where it says any."""
    stage = next(iter(first_stages().values()))
    if not arena.asked().takes_stages or not tried.answers:
        return tried
    ir = arena.engine.emit(subject.module, stage, "ll").decode("utf-8", "replace")
    space = default_space(arena.engine, subject.module, stage=kind_of(stage))
    said = arena.asked().expect_sizes(ir, stage=stage, space=space)
    if said is None or said.recipe is None:
        return tried
    before, after = arena.engine.measure(subject.module, [stage.then(plain_after(stage)), stage.then(said.recipe)])
    if not before.ok or not after.ok:
        return tried
    return replace(tried, sizes=said.sizes, true_sizes=(before.loadable, after.loadable))


def _tune_functions(arena: Arena, subject: Subject) -> Tried:
    """A recipe for each function with each budget, whose compiles are those of each function."""
    history: list[int | None] = [None] * arena.compiles
    cost, least = find_objective(arena.objective), arena.engine.measure(subject.module, [None])[0]
    recipe, data = "", b""
    for compiles in arena.budgets:
        propose = make_proposer(arena.model, count=(compiles + 1) // 2) if arena.model else None
        (found,) = tune_functions(
            arena.engine, [subject.module], Budget(compiles), objective=arena.objective, seed=arena.seed_of(subject),
            propose=propose, max_slowdown=arena.max_slowdown,
        )  # fmt: skip
        if not isinstance(found, PlanResult):
            continue
        history[compiles - 1] = found.cost
        if found.cost < cost(least):
            least, recipe, data = measure_object(found.data, least), str(found.plan.stage), found.data
    return Tried(tuple(history), least, recipe, data=data)


WAYS: Mapping[str, Way] = {
    **{name: functools.partial(_search, name) for name in STRATEGIES},
    "model": _ask,
    "mixed": _mix,
    "functions": _tune_functions,
    "long": functools.partial(_search, "evolution", compiles=_LONG),
}
"""What can be compared."""


_ATTRIBUTES = re.compile(r"^attributes #\d+ = .*$", re.MULTILINE)


def _measure_level(attributes: str, passes: str, arena: Arena, subject: Subject) -> Tried | None:
    """A pipeline for functions without such attributes, which is what clang gives them at another level."""
    ir = arena.engine.emit(subject.module, _AS_IT_IS, "ll").decode("utf-8", "surrogateescape")
    less = _ATTRIBUTES.sub(lambda line: re.sub(rf"\b(?:{attributes}) ", "", line[0]), ir).replace("{ }", _NONE)
    module = Module(less.encode("utf-8", "surrogateescape"), subject.module.target)
    (found,) = arena.engine.measure(module, [parse_recipe(passes)])
    return _take(arena, found) if found.ok else None


def _compile_with_gcc(arena: Arena, subject: Subject) -> Tried | None:
    """The object of `gcc -Os`, where the program is a source and GCC can compile it."""
    unit = subject.unit
    tool = unit and shutil.which("g++" if unit.language == "c++" else "gcc")
    if unit is None or unit.is_ir or not tool:
        return None
    with tempfile.TemporaryDirectory(prefix="lathe-") as folder:
        out = Path(folder) / "unit.o"
        command = [tool, *unit.flags, "-Os", "-w", "-c", str(unit.path), "-o", str(out)]
        try:
            done = subprocess.run(command, cwd=unit.folder, capture_output=True, check=False, timeout=_SECONDS)
        except subprocess.TimeoutExpired:
            return None
        return None if done.returncode else _take(arena, measure_object(out.read_bytes(), Measurement(Status.OK)))


def _take(arena: Arena, found: Measurement) -> Tried:
    return Tried((find_objective(arena.objective)(found),), found, "")


CONTEXT: Mapping[str, Way] = {
    "clang -Os": functools.partial(_measure_level, "minsize", "default<Os>"),
    "clang -O2": functools.partial(_measure_level, "minsize|optsize", "default<O2>"),
    "opt -Oz without size attributes": functools.partial(_measure_level, "minsize|optsize", "default<Oz>"),
    "gcc -Os": _compile_with_gcc,
}
"""What stands beside: no search, and not the baseline."""
