"""Making objects smaller than clang's, which is there: by a quick look, or by a search for the lock.

smaller = look(setting, machine, bitcode, own, name)
search(setting, machine, bitcode, own, (digest, name))
"""

from __future__ import annotations

from collections.abc import Mapping

from lathe.cc.configuration import Configuration
from lathe.cc.lock import Entry, Function, Lock, digest_piece, read_lock, update_lock
from lathe.cc.machine import Machine
from lathe.errors import CompileError
from lathe.llvm import Engine, Measurement, Module, Recipe, Status, measure_object, parse_recipe
from lathe.search import (
    MAX_SLOWDOWN,
    Budget,
    PlanResult,
    StagedModule,
    plain_after,
    take_apart,
    tune_functions,
)
from lathe.verify import Gate

__all__ = ["look", "search"]

_VERDICTS = 4  # of a module's search


def look(setting: Configuration, machine: Machine, bitcode: bytes, own: bytes, name: str) -> bytes | None:
    """A smaller object by what the lock says of functions, else by a few recipes that the suite is known to accept.

    The same each time; None where there is none. Raises `LatheError`.
    """
    module, lock = machine.module(bitcode), read_lock(setting.lock) or Lock("", {})
    with Engine(machine.toolchain, jobs=1) as engine:
        found = _carry_over(engine, module, lock, name, own)
        if found is None and setting.quick:
            found = _look_quickly(engine, module, setting.quick)
    return found if found is not None and _measure(found).loadable < _measure(own).loadable else None


def _carry_over(engine: Engine, module: Module, lock: Lock, name: str, own: bytes) -> bytes | None:
    """The object of a source that was locked before it was changed: functions are known by their text, or by name."""
    old = next((entry for entry in lock.entries.values() if entry.source == name and entry.stage), None)
    if old is None or old.stage is None:
        return None
    known = {f.digest: f.recipe for entry in lock.entries.values() for f in entry.functions.values()}
    apart = take_apart(engine, module, parse_recipe(old.stage))
    plain, named = plain_after(apart.stage), old.recipes
    recipes = {}
    for first, digest in _digest_pieces(apart).items():
        text = known.get(digest, named.get(first))
        recipes[first] = plain if text is None else parse_recipe(text)
    data = apart.make(engine, recipes)
    found, clang = _measure(data), _measure(own)
    return data if found.links_like(clang) and found.loadable < clang.loadable else None


def _look_quickly(engine: Engine, module: Module, compiles: int) -> bytes:
    with Gate(engine) as gate:

        def known(recipe: Recipe, stage: Recipe) -> bool:
            return gate.accepted(stage.then(recipe))

        (found,) = tune_functions(
            engine, [module], Budget(compiles, verdicts=0), accept=known, known=known, max_slowdown=MAX_SLOWDOWN
        )
    if isinstance(found, CompileError):
        raise found
    return found.data


def search(setting: Configuration, machine: Machine, bitcode: bytes, own: bytes, known_as: tuple[str, str]) -> None:
    """Search, with fresh verdicts, and put what is found into the lock; raises `LatheError`."""
    digest, name = known_as
    module, before = machine.module(bitcode), _measure(own).loadable
    with Engine(machine.toolchain, jobs=1) as engine, Gate(engine) as gate:
        (found,) = tune_functions(
            engine, [module], Budget(setting.compiles, verdicts=_VERDICTS), max_slowdown=MAX_SLOWDOWN,
            accept=lambda recipe, stage: gate.judge(recipe, stage).accepted,
            known=lambda recipe, stage: gate.accepted(stage.then(recipe)),
        )  # fmt: skip
        if isinstance(found, CompileError):
            raise found
        entry = Entry(digest, name, before=before, after=before)
        if found.cost < before:
            entry = _describe(engine, module, found, entry)
    update_lock(setting.lock, entry, machine.version)


def _describe(engine: Engine, module: Module, found: PlanResult, entry: Entry) -> Entry:
    """The entry of a plan."""
    digests = _digest_pieces(take_apart(engine, module, found.plan.stage))
    functions = {name: Function(str(recipe), digests[name]) for name, recipe in found.plan.functions.items()}
    return Entry(
        entry.digest, entry.source, before=entry.before, after=found.cost,
        stage=str(found.plan.stage), functions=functions,
    )  # fmt: skip


def _digest_pieces(apart: StagedModule) -> Mapping[str, str]:
    return {piece.functions[0]: digest_piece(piece.text) for piece in apart.split.pieces if piece.functions}


def _measure(data: bytes) -> Measurement:
    return measure_object(data, Measurement(Status.OK))
