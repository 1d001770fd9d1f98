"""Making objects smaller than clang's by what is locked of others, or by a search for the lock.

smaller = look(setting, machine, bitcode, own, name)
search(setting, machine, bitcode, own, (digest, name))
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from threading import Thread

from lathe.build import Configuration, Entry, Lock, digest_pieces, read_lock, tune_entries, update_lock
from lathe.cc.machine import Machine
from lathe.errors import CompileError
from lathe.llvm import Engine, Measurement, Status, load_catalogue, measure_object, parse_recipe
from lathe.search import (
    Budget,
    first_stages,
    load_portfolio,
    plain_after,
    take_apart,
)
from lathe.verify import Gate

__all__ = ["carry_over", "choose_recipes", "search"]

_SLOW = ("default<", "outliner", "regalloc")  # to compile, or to run
_VERDICTS = 4  # of a module's search


def carry_over(
    setting: Configuration, machine: Machine, bitcode: bytes, reference: bytes, name: str
) -> bytes | None:  # fmt: skip
    """A smaller object of a source that was locked before it was changed: functions are known by text, or by name.

    Smaller than a reference (nothing: what the engine makes at -Oz); None where there is none. Raises `LatheError`.
    """
    lock = read_lock(setting.lock) or Lock("", {})
    old = next((entry for entry in lock.entries.values() if entry.source == name and entry.stage), None)
    if old is None or old.stage is None:
        return None
    known = {f.digest: f.recipe for entry in lock.entries.values() for f in entry.functions.values()}
    module = machine.module(bitcode)
    with _open_engine(machine) as engine:
        apart = take_apart(engine, module, parse_recipe(old.stage))
        plain, named = plain_after(apart.stage), old.recipes
        recipes = {}
        for first, digest in digest_pieces(apart).items():
            text = known.get(digest, named.get(first))
            recipes[first] = plain if text is None else parse_recipe(text)
        data = apart.make(engine, recipes)
        found = _measure(data)
        clang = _measure(reference) if reference else engine.measure(module, [None])[0]
    return data if found.links_like(clang) and found.loadable < clang.loadable else None


def choose_recipes(machine: Machine, count: int) -> list[str]:
    """The stage of a quick look, and as many recipes of the portfolio that are known to be accepted after it.

    Of those that only touch up what -Oz made, which takes the time of code generation, the first that do not trade
    much run time (LOG.md, 2026-11-30).
    """
    stage = first_stages()["whole"]
    with _open_engine(machine) as engine, Gate(engine) as gate:
        catalogue = load_catalogue(machine.toolchain.major)
        portfolio = load_portfolio(catalogue, machine.target.architecture, stage="whole")
        good = (r for r in portfolio if not any(w in str(r) for w in _SLOW) and gate.accepted(stage.then(r)))
        return [str(stage), *map(str, islice(good, count))]


def search(setting: Configuration, machine: Machine, bitcode: bytes, own: bytes, known_as: tuple[str, str]) -> None:
    """Search, with fresh verdicts, and put what is found into the lock; raises `LatheError`."""
    digest, name = known_as
    before = _measure(own).loadable
    with _open_engine(machine) as engine:
        entry = Entry(digest, name, before=before, after=before)
        (found,) = tune_entries(
            engine, [(machine.module(bitcode), entry)], Budget(setting.compiles, verdicts=_VERDICTS)
        )
    if isinstance(found, CompileError):
        raise found
    update_lock(setting.lock, [found], machine.version)


@contextmanager
def _open_engine(machine: Machine) -> Iterator[Engine]:
    """An engine that says nothing among a compiler's messages, and gives up what it does when the build is stopped."""
    logging.getLogger("lathe").addHandler(logging.NullHandler())
    with Engine(machine.toolchain, jobs=1) as engine:

        def stop(number: int, _: object) -> None:
            Thread(target=engine.close).start()  # or who searches would search on to the end
            raise SystemExit(128 + number)

        known = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        known = {number: handler for number, handler in known.items() if handler is not signal.SIG_IGN}
        for number in known:
            signal.signal(number, stop)
        try:
            yield engine
        finally:
            for number, handler in known.items():
                signal.signal(number, handler)


def _measure(data: bytes) -> Measurement:
    return measure_object(data, Measurement(Status.OK))
