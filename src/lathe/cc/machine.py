"""The machine that objects are made with and for, as clang says it of a command's flags; asked once, and kept."""

from __future__ import annotations

import os

from lathe import __version__
from lathe.cc.cache import FileCache, digest_all
from lathe.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lathe.build import Command
    from lathe.llvm import Module, Target, Toolchain

__all__ = ["Machine", "find_machine", "list_recipes", "run_program"]

_TERMINATE, _IGNORED = 15, (13, 25)  # of `signal`, which takes longer to load; what Python ignores: SIGPIPE, SIGXFSZ
_PLACES = ("-I", "-D", "-U", "-isystem", "-iquote", "-idirafter", "-include", "-imacros")


class Machine:
    """LLVM's version, root and library; the target's triple, pipeline at -Oz, and flags of llc."""

    __slots__ = ("flags", "library", "pipeline", "root", "triple", "version")

    def __init__(self, text: str) -> None:
        self.version, self.root, self.library, self.triple, self.pipeline, *self.flags = text.split("\n")

    @property
    def words(self) -> tuple[str, ...]:
        """All that decides what LLVM makes of a module."""
        return (self.version, self.triple, *self.flags)

    @property
    def toolchain(self) -> Toolchain:
        """LLVM as the engine knows it."""
        from pathlib import Path

        from lathe.llvm import Toolchain

        return Toolchain(self.version, Path(self.root), Path(self.library))

    @property
    def target(self) -> Target:
        """The target as the engine knows it."""
        from lathe.llvm import Target

        return Target(self.triple, tuple(self.flags), self.pipeline)

    def module(self, bitcode: bytes) -> Module:
        """A module for the engine."""
        from lathe.llvm import Module

        return Module(bitcode, self.target)


def find_machine(command: Command, compiler: str, cache: FileCache) -> Machine:
    """The machine for a command; raises `InputError` where the compiler is not the one whose LLVM is loaded."""
    program = _find_program(compiler)
    status = os.stat(program)
    chosen = os.environ.get("LATHE_LLVM", "")
    asked = (
        program,
        str(status.st_mtime_ns),
        str(status.st_size),
        chosen,
        "link" if command.links else command.language,
    )
    name = digest_all(*asked, *_without_places(command.flags))
    text = cache.read("machine", name)
    if text is None:
        text = _ask(command, program).encode()
        cache.write("machine", name, text)
    return Machine(text.decode())


def _ask(command: Command, program: str) -> str:
    from pathlib import Path

    from lathe.llvm import Unit, find_toolchain, read_unit_target

    toolchain = find_toolchain()
    own = toolchain.tool("clang").resolve()
    if Path(program) != own:
        raise InputError(f"{program} is not {own}, whose LLVM makes the objects.")
    if command.links:
        from lathe.build import read_whole_target

        target = read_whole_target(toolchain, command.flags, Path.cwd())
    else:
        target = read_unit_target(toolchain, Unit(Path(command.source), tuple(command.flags), Path.cwd()))
    places = (str(toolchain.root), str(toolchain.library))
    return "\n".join((toolchain.version, *places, target.triple, target.pipeline, *target.flags))


def list_recipes(machine: Machine, cache: FileCache, count: int) -> list[str]:
    """The stage and the recipes of a quick look, which are asked for once."""
    name = digest_all(__version__, *machine.words, str(count))
    text = cache.read("recipes", name)
    if text is None:
        from lathe.cc.making import choose_recipes

        text = "\n".join(choose_recipes(machine, count)).encode()
        cache.write("recipes", name, text)
    return text.decode().split("\n")


def _without_places(flags: Sequence[str]) -> Iterator[str]:
    """The flags that may matter to code generation."""
    rest = iter(flags)
    for word in rest:
        if word in _PLACES:
            next(rest, None)
        elif not word.startswith(_PLACES):
            yield word


def _find_program(name: str) -> str:
    """The program that is run by a name, behind all links."""
    places = [""] if os.sep in name else os.get_exec_path()
    found = next((path for place in places if os.access(path := os.path.join(place, name), os.X_OK)), name)
    return os.path.realpath(found)


def run_program(words: list[str], told: str | None = None, printed: str | None = None) -> int:
    """Run a program; its exit status, as a shell says it.

    All that it says goes into the file `told` if one is named, but what it says to its output into `printed`.
    """
    files = ((2, told), (1, printed or told))
    into = [
        (os.POSIX_SPAWN_OPEN, number, name, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for number, name in files
        if name is not None
    ]
    child = os.posix_spawnp(words[0], words, os.environ, file_actions=into, setsigdef=_IGNORED)
    try:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    except BaseException:  # whoever stops us stops it
        os.kill(child, _TERMINATE)
        os.waitpid(child, 0)
        raise
    return status if status >= 0 else 128 - status
