"""Replay: what a plan gives, made again by the text of its recipes, without engine, cache, catalogue or search.

    data = run_aside(lambda: Replay(toolchain, target).make(bitcode, stage, recipes), seconds=60)

For who makes one object and is gone, as a compiler wrapper is: libLLVM is loaded into a copy of the process, which may
crash. Functions with the same recipe are compiled together (`join_functions`, which the engine's users join with too).
"""

from __future__ import annotations

import marshal
import os
import resource
import signal
from contextlib import contextmanager

from lathe.errors import CompileError
from lathe.llvm.bindings import Library, LoadedModule, RefusedError, TargetMachine
from lathe.llvm.command import Command, make_command, read_command
from lathe.llvm.elf import count_loadable, read_sizes
from lathe.llvm.joining import PIECE_FLAG, join_objects
from lathe.llvm.splitting import split_text
from lathe.llvm.target import Target
from lathe.llvm.toolchain import Toolchain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

__all__ = ["NAME_PASS", "Replay", "join_functions", "run_aside"]

NAME_PASS = "name-anon-globals"
"""Goes before splitting: what has a number only is not found again in a piece."""

_WORTH = 50
"""A quick look compiles functions apart where that promises to save one part in so many, for each recipe tried."""

_SPEAKING = (b"warn-stack-size", b"dontcall-error", b"dontcall-warn")
_OF_LOOPS = tuple(b"llvm.loop." + word for word in (
    b"vectorize.", b"interleave.", b"distribute.", b"unroll.enable", b"unroll.full", b"unroll.count",
    b"unroll_and_jam."))  # fmt: skip
"""Marks of what clang may warn of when it generates code: frames, calls, and loops that it was told of."""


def join_functions(
    toolchain: Toolchain,
    target: Target,
    text: str,
    recipes: Mapping[str, str],
    emit: Callable[[Sequence[tuple[bytes, str]], Target], Sequence[bytes]],
) -> bytes:
    """The object of a module's text, each function compiled with its recipe (those not named: code alone).

    Functions with equal recipes are compiled as one piece: the same sizes as one by one, in two thirds of the time
    (LOG.md, 2026-11-30). `emit` makes objects for a target, each of IR and a recipe. Raises `CompileError`.
    """
    split = split_text(text, together=recipes)
    flags = target.flags if PIECE_FLAG in target.flags else (*target.flags, PIECE_FLAG)
    pieces = [
        (
            piece.text.encode("utf-8", "surrogateescape"),
            next((recipes[name] for name in piece.functions if name in recipes), ""),
        )
        for piece in split.pieces
    ]
    objects = emit(pieces, Target(target.triple, flags, target.pipeline))
    return join_objects(toolchain, objects, local=split.promoted, own_sections=PIECE_FLAG in target.flags)


class Replay:
    """libLLVM in this process, for one module and one target."""

    def __init__(self, toolchain: Toolchain, target: Target) -> None:
        self._toolchain, self._target = toolchain, target
        self._library = Library(toolchain.library)
        self._identity = read_command(target, "").identity
        self._speaks = False

    @property
    def speaks(self) -> bool:
        """Whether clang may have had something to say when it generated code of the modules seen."""
        return self._speaks or self._library.warned

    def identify(self, bitcode: bytes) -> str:
        """The identity of a module, as the engine says it."""
        with LoadedModule(self._library, bitcode) as module:
            self._speaks |= module.has_text_attribute(*_SPEAKING) or any(word in bitcode for word in _OF_LOOPS)
            return module.identify()

    def make(self, bitcode: bytes, stage: str, recipes: Mapping[str, str]) -> bytes:
        """The object of a plan; raises `CompileError`."""
        with _refusals():
            with self._stage(bitcode, stage) as module:
                text = module.text().decode("utf-8", "surrogateescape")
            return join_functions(self._toolchain, self._target, text, recipes, self._emit)

    def look(self, bitcode: bytes, stage: str, recipes: Sequence[str]) -> list[bytes]:
        """Objects of the module after a stage, the smallest first; raises `CompileError`.

        One with each recipe for the whole module, and one with the recipe for each function that it is smallest with.
        """
        with _refusals():
            with self._stage(bitcode, stage) as module:
                text, staged = module.text(), module.bitcode()  # which is read in a third of the time
            made = self._emit([(staged, recipe) for recipe in recipes], self._target)
            if chosen := _choose(made, recipes):
                ir = text.decode("utf-8", "surrogateescape")
                made.append(join_functions(self._toolchain, self._target, ir, chosen, self._emit))
            return sorted(made, key=count_loadable)

    def make_baseline(self, bitcode: bytes) -> bytes:
        """What `clang -Oz` makes of a module; raises `CompileError`."""
        with _refusals():
            return self._run(bitcode, make_command(self._target, None))

    @contextmanager
    def _stage(self, bitcode: bytes, stage: str) -> Iterator[LoadedModule]:
        """A module after a stage."""
        command = read_command(self._target, stage)
        self._library.set_options(command.flags)
        with LoadedModule(self._library, bitcode) as module, TargetMachine(self._library, command.triple) as machine:
            module.run_passes(f"{command.passes},{NAME_PASS}" if command.passes else NAME_PASS, machine)
            module.verify()
            yield module

    def _emit(self, pieces: Sequence[tuple[bytes, str]], target: Target) -> list[bytes]:
        """The objects of IR with recipes; a copy of this process makes those where LLVM must not have read options."""
        commands = [read_command(target, recipe) for _, recipe in pieces]
        objects = [b""] * len(pieces)
        others = dict.fromkeys(command.identity for command in commands if command.identity != self._identity)
        for identity in (*others, self._identity):  # copies of a process that has generated code would be bound by that
            chosen = [number for number, command in enumerate(commands) if command.identity == identity]

            def work(chosen: Sequence[int] = chosen) -> bytes:
                return marshal.dumps([self._run(pieces[number][0], commands[number]) for number in chosen])

            made = marshal.loads(work() if identity == self._identity else run_aside(work))
            for number, data in zip(chosen, made, strict=True):
                objects[number] = data
        return objects

    def _run(self, data: bytes, command: Command) -> bytes:
        self._library.set_options(command.flags)
        with LoadedModule(self._library, data) as module, TargetMachine(self._library, command.triple) as machine:
            if command.passes:
                module.run_passes(command.passes, machine)
            module.verify()
            return module.emit(machine)


def _choose(objects: Sequence[bytes], recipes: Sequence[str]) -> dict[str, str]:
    """The recipe for each function that it is smallest with; nothing where that promises less than it takes."""
    sizes = [read_sizes(data).functions for data in objects]
    best = min(range(len(objects)), key=lambda number: count_loadable(objects[number]))
    chosen = {
        name: min((size[name], number) for number, size in enumerate(sizes) if name in size) for name in sizes[best]
    }
    gain = sum(sizes[best][name] - size for name, (size, _) in chosen.items())
    worth = gain * _WORTH * len(recipes) > count_loadable(objects[best])
    return {name: recipes[number] for name, (_, number) in chosen.items()} if worth else {}


@contextmanager
def _refusals() -> Iterator[None]:
    """What LLVM refuses is a `CompileError`."""
    try:
        yield
    except (RefusedError, ValueError) as error:
        raise CompileError(f"LLVM could not compile: {error}") from None


def run_aside(work: Callable[[], bytes], *, seconds: float = 0) -> bytes:
    """What a function returns in a copy of this process, which has `seconds` (0: any).

    Raises `CompileError` with the copy's last words when it dies.
    """
    receiver, sender = os.pipe()
    with os.fdopen(os.memfd_create("said"), "r+b") as words:
        child = os.fork()
        if not child:
            os.close(receiver)
            _work_aside(work, (sender, words.fileno()), seconds)
        os.close(sender)
        try:
            with os.fdopen(receiver, "rb") as file:
                data = file.read()
        except BaseException:
            os.kill(child, signal.SIGKILL)
            raise
        finally:
            _, status = os.waitpid(child, 0)
        if status == 0:
            return data
        words.seek(0)
        said = (words.read() + data).decode("utf-8", "replace").strip().splitlines()
    ended = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else f"status {status >> 8}"
    raise CompileError(f"LLVM ended with {ended}{': ' + said[-1] if said else ''}")


def _work_aside(work: Callable[[], bytes], files: tuple[int, int], seconds: float) -> None:
    """In the copy: send the result, or what goes wrong; what LLVM says on its own goes into another file."""
    sender, words = files
    try:
        os.dup2(words, 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if seconds:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, seconds)
        data, status = work(), 0
    except BaseException as error:  # noqa: BLE001 (whatever it is, the other process says it)
        data, status = str(error).encode() or type(error).__name__.encode(), 1
    with os.fdopen(sender, "wb") as file:
        file.write(data)
    os._exit(status)
