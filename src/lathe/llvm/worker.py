"""The process in which LLVM runs: reads jobs from a pipe, answers each, and may die of any of them.

Started by `engine.py`, which calls `main` with a file descriptor, libLLVM's path and a memory limit. It
limits its own memory, takes a time limit for every job (in case the parent is gone), and writes LLVM's
complaints to standard error, where the parent reads the reason of a death. Each job has a fresh LLVM context.

A `measure` job has two steps, so that no code is generated twice: the worker says which IR the passes
gave (`Optimised`), and the parent answers whether it still wants the code.
"""

from __future__ import annotations

import hashlib
import resource
import signal
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Literal

from lathe.llvm.bindings import Library, LoadedModule, RefusedError, TargetMachine
from lathe.llvm.command import Command
from lathe.llvm.elf import ObjectSizes, read_sizes

__all__ = ["Emitted", "Job", "Measured", "Optimised", "Read", "Refused"]

_GRACE = 5  # seconds beyond a job's limit after which the worker ends itself


Kind = Literal["obj", "asm", "ll", "bc"]


@dataclass(frozen=True, slots=True)
class Job:
    """What the parent asks of some IR: to read it (no command), to emit what a command gives, or to measure that."""

    data: bytes
    seconds: float
    command: Command | None = None
    emit: Kind | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """The answer to `read`: the module's triple, its functions, and whether any is `optnone`."""

    triple: str
    functions: tuple[str, ...]
    optnone: bool


@dataclass(frozen=True, slots=True)
class Optimised:
    """The first answer to `measure`: what the passes made of the IR."""

    ir_hash: str
    instructions: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Measured:
    """The second answer to `measure`: the sizes of the object, and the seconds of code generation."""

    sizes: ObjectSizes
    seconds: float


@dataclass(frozen=True, slots=True)
class Emitted:
    """The answer to `emit`."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """LLVM refused in an orderly way."""

    message: str


def _read(library: Library, data: bytes) -> Read:
    with LoadedModule(library, data) as module:
        module.verify()
        return Read(module.triple, tuple(module.defined_functions()), module.has_attribute("optnone"))


def _optimise(module: LoadedModule, machine: TargetMachine, command: Command) -> None:
    if command.passes:
        module.run_passes(command.passes, machine)
    module.verify()


def _measure(library: Library, job: Job, command: Command, pipe: Connection) -> Measured | None:
    start = time.perf_counter()
    library.set_options(command.flags)
    with LoadedModule(library, job.data) as module, TargetMachine(library, command.triple) as machine:
        _optimise(module, machine, command)
        ir_hash = hashlib.blake2b(module.bitcode(), digest_size=16).hexdigest()
        pipe.send(Optimised(ir_hash, module.count_instructions(), time.perf_counter() - start))
        if not pipe.recv():
            return None
        start = time.perf_counter()
        data = module.emit(machine)
    return Measured(read_sizes(data), time.perf_counter() - start)


def _emit(library: Library, job: Job, command: Command) -> Emitted:
    library.set_options(command.flags)
    with LoadedModule(library, job.data) as module, TargetMachine(library, command.triple) as machine:
        _optimise(module, machine, command)
        if job.emit == "bc":
            return Emitted(module.bitcode())
        if job.emit == "ll":
            return Emitted(module.text())
        return Emitted(module.emit(machine, assembly=job.emit == "asm"))


def _answer(library: Library, job: Job, pipe: Connection) -> Read | Measured | Emitted | Refused | None:
    try:
        if job.command is None:
            return _read(library, job.data)
        if job.emit:
            return _emit(library, job, job.command)
        return _measure(library, job, job.command, pipe)
    except (RefusedError, ValueError) as error:
        return Refused(str(error))


def _limit_memory(extra: int) -> None:
    """Allow `extra` bytes of address space beyond what is mapped now, and no core files."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + extra
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(arguments: list[str]) -> None:
    """Answer jobs until the parent closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides; Ctrl-C reaches the whole group
    pipe = Connection(int(arguments[0]))
    library = Library(Path(arguments[1]))
    _limit_memory(int(arguments[2]))
    while True:
        try:
            job: Job = pipe.recv()
        except EOFError:
            return
        signal.setitimer(signal.ITIMER_REAL, job.seconds + _GRACE)
        pipe.send(_answer(library, job, pipe))
        signal.setitimer(signal.ITIMER_REAL, 0)
