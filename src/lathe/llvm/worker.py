"""The process in which LLVM runs: reads jobs from a pipe, answers each, and may die of any of them.

Started by `engine.py`, which calls `main` with a file descriptor, libLLVM's path and a memory limit. It
limits its own memory, takes a time limit for every answer (in case the parent is gone), and writes LLVM's
complaints to standard error, where the parent reads the reason of a death. Each compile has a fresh LLVM context.

A job may hold many commands: each has an answer of its own, sent as soon as it is known, so that the parent knows
which command a dead worker was at. The worker remembers the code of the IR that it saw last and generates none twice.
"""

from __future__ import annotations

import gc
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

__all__ = ["Answer", "Emitted", "Job", "Kind", "Measured", "Read", "Refused"]

_GRACE = 5  # seconds beyond an answer's limit after which the worker ends itself
_REMEMBERED = 2000  # objects, at most 64 KiB each

_SMALL = 1 << 16  # bytes of an object that is sent along and remembered

_Codes = dict[tuple[str, tuple[str, ...]], tuple[bytes, ObjectSizes]]
"""Objects and sizes by the hash of the IR and the flags; the triple is the process's own."""

Kind = Literal["obj", "asm", "ll", "bc"]


@dataclass(frozen=True, slots=True)
class Job:
    """What the parent asks of some IR: to read it (no commands), to emit what a command gives, or to measure each.

    `seconds` limits each answer. `identify`: reading says the identity too, which takes as long again.
    """

    data: bytes
    seconds: float
    commands: tuple[Command, ...] = ()
    emit: Kind | None = None
    identify: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """The answer to `read`: the module's triple, its functions, whether any is `optnone`.

    `identity`, where it was asked for, is of the IR without names of files and debug information: the same wherever a
    project is built.
    """

    triple: str
    functions: tuple[str, ...]
    optnone: bool
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """The answer to a command: what the passes made of the IR, its object (empty when large), sizes, and seconds."""

    ir_hash: str
    instructions: int
    data: bytes
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


Answer = Read | Measured | Emitted | Refused


def _read(library: Library, data: bytes, *, identify: bool) -> Read:
    with LoadedModule(library, data) as module:
        module.verify()
        functions, optnone = tuple(module.defined_functions()), module.has_attribute("optnone")
        if not identify:
            return Read(module.triple, functions, optnone)
        triple = module.triple
        return Read(triple, functions, optnone, module.identify())


def _optimise(module: LoadedModule, machine: TargetMachine, command: Command) -> None:
    if command.passes:
        module.run_passes(command.passes, machine)
    module.verify()


def _measure(library: Library, data: bytes, command: Command, codes: _Codes) -> Measured:
    start = time.perf_counter()
    library.set_options(command.flags)
    with LoadedModule(library, data) as module, TargetMachine(library, command.triple) as machine:
        _optimise(module, machine, command)
        instructions = module.count_instructions()
        ir_hash, data, sizes = _generate(module, machine, command, codes)
    small = data if len(data) <= _SMALL else b""
    return Measured(ir_hash, instructions, small, sizes, time.perf_counter() - start)


def _generate(
    module: LoadedModule, machine: TargetMachine, command: Command, codes: _Codes
) -> tuple[str, bytes, ObjectSizes]:
    """The hash of optimised IR, its object (empty when large and seen before), and its sizes."""
    ir_hash = hashlib.blake2b(module.bitcode(), digest_size=16).hexdigest()
    code = (ir_hash, command.flags)
    known = codes.pop(code, None)
    data, sizes = known or _read_object(module.emit(machine))
    codes[code] = (data if len(data) <= _SMALL else b"", sizes)  # now the youngest
    if len(codes) > _REMEMBERED:
        del codes[next(iter(codes))]
    return ir_hash, data, sizes


def _read_object(data: bytes) -> tuple[bytes, ObjectSizes]:
    return data, read_sizes(data)


def _emit(library: Library, data: bytes, command: Command, kind: Kind, codes: _Codes) -> Emitted:
    library.set_options(command.flags)
    with LoadedModule(library, data) as module, TargetMachine(library, command.triple) as machine:
        _optimise(module, machine, command)
        if kind == "bc":
            return Emitted(module.bitcode())
        if kind == "ll":
            return Emitted(module.text())
        if kind == "asm":
            return Emitted(module.emit(machine, assembly=True))
        _, data, _ = _generate(module, machine, command, codes)
        return Emitted(data or module.emit(machine))


def _answer(library: Library, job: Job, command: Command | None, codes: _Codes) -> Answer:
    try:
        if command is None:
            return _read(library, job.data, identify=job.identify)
        if job.emit:
            return _emit(library, job.data, command, job.emit, codes)
        return _measure(library, job.data, command, codes)
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
    gc.freeze()
    codes: _Codes = {}
    while True:
        try:
            job: Job = pipe.recv()
        except EOFError:
            return
        for command in job.commands or (None,):
            signal.setitimer(signal.ITIMER_REAL, job.seconds + _GRACE)
            pipe.send(_answer(library, job, command, codes))
        signal.setitimer(signal.ITIMER_REAL, 0)
