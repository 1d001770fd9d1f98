"""Making objects smaller, one compile at a time: by what is locked, by a quick look, or by a search that is locked.

    improve(command, compiler)               # clang's object is there already

An object is replaced by a smaller one, whole or not at all, and by no other.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from lathe.cc.command import Command
from lathe.cc.configuration import Configuration, read_configuration
from lathe.cc.lock import Entry, Lock, read_lock, update_lock
from lathe.errors import CompileError, InputError, LatheError, LockError
from lathe.llvm import (
    Engine,
    Measurement,
    Module,
    Recipe,
    Status,
    Toolchain,
    Unit,
    find_toolchain,
    load_unit,
    measure_object,
)
from lathe.search import MAX_SLOWDOWN, Budget, take_apart, tune_functions
from lathe.verify import Gate

__all__ = ["explain", "improve"]

_AS_IT_IS = Recipe(())
_VERDICTS = 4  # of a module's search


@dataclass(frozen=True, slots=True)
class _Compile:
    """One compile: what is known of it before anything is made."""

    configuration: Configuration
    toolchain: Toolchain
    unit: Unit
    out: Path

    @property
    def source(self) -> str:
        """The source as all who build the project know it."""
        path = os.path.relpath(self.unit.file, self.configuration.root)
        return str(self.unit.file) if path.startswith("..") else path


def _prepare(command: Command, compiler: str) -> _Compile:
    """Raises `InputError` where the compiler is not the one whose LLVM is loaded."""
    folder = Path.cwd()
    toolchain = find_toolchain()
    own = toolchain.tool("clang").resolve()
    if Path(compiler).resolve() != own:
        raise InputError(f"{compiler} is not {own}, whose LLVM makes the objects.")
    unit = Unit(Path(command.source), tuple(command.flags), folder)
    return _Compile(read_configuration(folder, command.asked), toolchain, unit, folder / command.out)


def improve(command: Command, compiler: str) -> None:
    """Replace clang's object by a smaller one, if there is one.

    Raises `LatheError` for whatever keeps it from doing so; `LockError` where there must be no object then.
    """
    compile_ = _prepare(command, compiler)
    mode = compile_.configuration.mode
    if mode == "off":
        return
    try:
        data = _find_object(compile_)
    except LatheError as error:
        if mode != "frozen":
            raise
        compile_.out.unlink(missing_ok=True)
        raise LockError(str(error)) from None
    if data is not None:
        _replace(compile_.out, data)


def _find_object(compile_: _Compile) -> bytes | None:
    """What the lock, or a search, or a quick look gives; None where that is clang's own object."""
    setting, version = compile_.configuration, compile_.toolchain.version
    lock = _read_usable(setting.lock, version)
    with Engine(compile_.toolchain, jobs=1) as engine:
        module = load_unit(engine, compile_.unit)
        entry = lock.entries.get(_identify(engine, module))
        if entry is None and setting.mode == "frozen":
            raise LockError(f"{compile_.source} is not in {setting.lock}. Tune it: LATHE_MODE=tune.")
        if entry is None and setting.mode == "tune":
            entry = _search(engine, compile_, module)
            update_lock(setting.lock, entry, version)
        return _make(engine, module, entry) if entry else _look(engine, module, setting.quick)


def explain(command: Command, compiler: str) -> str:
    """What would become of a compile."""
    compile_ = _prepare(command, compiler)
    setting, lock = compile_.configuration, _read_usable(compile_.configuration.lock, compile_.toolchain.version)
    with Engine(compile_.toolchain, jobs=1) as engine:
        entry = lock.entries.get(_identify(engine, load_unit(engine, compile_.unit)))
    about = f"{compile_.source} → {command.out}, mode {setting.mode}, lock {setting.lock}: "
    if entry is None:
        return (
            about
            + {
                "use": f"not locked, a quick look of {setting.quick} compiles a function",
                "tune": f"not locked, a search of {setting.compiles} compiles a function, which is locked",
                "frozen": "not locked, which is an error",
                "off": "clang's own object",
            }[setting.mode]
        )
    if entry.stage is not None:
        return f"{about}locked, {len(entry.functions)} functions, {entry.before} → {entry.after} bytes"
    return f"{about}locked, clang's own object"


def _read_usable(path: Path, version: str) -> Lock:
    """The lock, empty where there is none; raises `InputError` for one that is broken or of another LLVM."""
    lock = read_lock(path)
    if lock is not None and lock.llvm != version:
        raise InputError(
            f"{path} is for LLVM {lock.llvm}, this is {version}: recipes do not carry over. Use that LLVM, "
            "or remove the file and tune again."
        )
    return lock or Lock(version, {})


def _identify(engine: Engine, module: Module) -> str:
    return engine.read(module.bitcode, "the module", identify=True).identity


def _search(engine: Engine, compile_: _Compile, module: Module) -> Entry:
    """What a search finds, with fresh verdicts."""
    budget = Budget(compile_.configuration.compiles, verdicts=_VERDICTS)
    with Gate(engine) as gate:
        (found,) = tune_functions(
            engine, [module], budget, max_slowdown=MAX_SLOWDOWN,
            accept=lambda recipe, stage: gate.judge(recipe, stage).accepted,
            known=lambda recipe, stage: gate.accepted(stage.then(recipe)),
        )  # fmt: skip
    if isinstance(found, CompileError):
        raise found
    digest, before = _identify(engine, module), _measure(compile_.out.read_bytes())
    if found.cost >= before:
        return Entry(digest, compile_.source, before, before)
    return Entry(digest, compile_.source, before, found.cost, None, found.plan.stage, found.plan.functions)


def _look(engine: Engine, module: Module, compiles: int) -> bytes | None:
    """What a few recipes give that the suite is known to accept: the same each time."""
    if not compiles:
        return None
    with Gate(engine) as gate:

        def known(recipe: Recipe, stage: Recipe) -> bool:
            return gate.accepted(stage.then(recipe))

        (found,) = tune_functions(
            engine, [module], Budget(compiles, verdicts=0), accept=known, known=known, max_slowdown=MAX_SLOWDOWN
        )
    if isinstance(found, CompileError):
        raise found
    return found.data


def _make(engine: Engine, module: Module, entry: Entry) -> bytes | None:
    """The object of locked recipes."""
    if entry.stage is None:
        return None if entry.recipe is None else engine.emit(module, entry.recipe)
    apart = take_apart(engine, module, entry.stage)
    recipes = [
        entry.functions.get(piece.functions[0], _AS_IT_IS) if piece.functions else _AS_IT_IS
        for piece in apart.split.pieces
    ]
    return apart.join(engine, recipes)


def _measure(data: bytes) -> int:
    return measure_object(data, Measurement(Status.OK)).loadable


def _replace(out: Path, data: bytes) -> None:
    """Put an object in the place of clang's if it is smaller, with its permissions."""
    if _measure(data) >= _measure(out.read_bytes()):
        return
    fresh = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        fresh.write_bytes(data)
        fresh.chmod(out.stat().st_mode & 0o7777)
        fresh.replace(out)
    finally:
        fresh.unlink(missing_ok=True)
