"""The compiler wrapper: clang runs as it was asked to, and an object that it wrote at -Oz or -Os is made smaller.

    make CC="lathe cc" CXX="lathe c++" CFLAGS=-Oz

What is no such compile becomes clang itself, at once. Whatever goes wrong in Lathe, clang's object, its messages, its
dependency files and its status are there, and what it was is a line in the log.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # `signal` takes longer to load
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from lathe.build import Command
    from lathe.cc.compiling import Compile

__all__ = ["main"]

_PLACES = tuple(f"/usr/lib/llvm-{version}/bin/" for version in (22, 21, 20, 19))
_OURS = ("-Oz", "-Os", "@", "--lathe", "--explain")  # without any of these a command is clang's
_INTERRUPTED, _MISSING = 130, 127


def main(words: Sequence[str], *, compiler: str | None = None, plusplus: bool = False) -> int:
    """Compile, and return the exit status; `compiler` is whom a launcher was told to start (None: LLVM's own clang)."""
    found, records = compiler or _find_compiler("clang++" if plusplus else "clang"), os.environ.get("LATHE_RECORD")
    plain = not any(word.startswith(_OURS) for word in words) and not records
    if plain or os.environ.get("CCC_OVERRIDE_OPTIONS"):  # with which clang is asked for something else
        return _become(found, words)
    from lathe.build import read_command

    explain = "--explain" in words
    command = read_command([word for word in words if word != "--explain"], plusplus=plusplus)
    if explain:
        sys.stdout.write(f"{_explain(command, found)}\n")
        return 0
    if records and (command.links or not command.reason):
        from lathe.build import write_record

        write_record(records, command, found)
    if command.asked.get("mode", os.environ.get("LATHE_MODE")) == "off":
        return _become(found, command.words)
    if not command.reason:
        _stop_cleanly()
        return _compile(command, found)
    if command.level and command.inputs:
        _stop_cleanly()
        return _compile_all(command, found, plusplus=plusplus)
    return _become(found, command.words)


def _explain(command: Command, compiler: str) -> str:
    """What would become of a command."""
    if command.reason and command.level:
        from lathe.build import split_command

        if parts := split_command(command):
            return f"{', '.join(parts)}: each is compiled by itself, and may be made smaller"
    if command.reason:
        return command.reason
    if command.links:
        return f"{command.out}: linked by lld, and what it merges may be made smaller then"
    from lathe.cc.compiling import Compile

    return Compile(command, compiler).explain()


def _find_compiler(name: str) -> str:
    """The clang that belongs to the LLVM that Lathe takes, as `lathe.llvm.find_toolchain` would find it, but faster."""
    chosen = os.environ.get("LATHE_LLVM")
    for folder in (f"{chosen}/bin/",) if chosen else _PLACES:
        if os.path.exists(folder + name):
            return folder + name
    return name


def _become(compiler: str, words: Sequence[str]) -> int:
    for number in (_signal.SIGPIPE, _signal.SIGXFSZ):  # which Python ignores, and who is started by it would
        _signal.signal(number, _signal.SIG_DFL)
    try:
        os.execvp(compiler, [compiler, *words])
    except OSError as error:
        return _miss(compiler, error)


def _miss(compiler: str, error: OSError) -> int:
    sys.stderr.write(f"lathe: {compiler} cannot be run: {error.strerror}. Install clang-22, or set LATHE_LLVM.\n")
    return _MISSING


def _stop_cleanly() -> None:
    """Leave nothing behind when a build is stopped."""

    def stop(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    for number in (_signal.SIGTERM, _signal.SIGHUP):
        if _signal.getsignal(number) == _signal.SIG_DFL:
            _signal.signal(number, stop)


def _compile(command: Command, compiler: str) -> int:
    from lathe.errors import LockError

    compile_ = _open(command, compiler)
    try:
        status = compile_.make()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except LockError as error:
        if os.path.isfile(command.out):
            os.unlink(command.out)
        sys.stderr.write(f"lathe: {error}\n")
        return error.exit_code
    except Exception as error:  # noqa: BLE001 (a build must not notice)
        _note(compile_, error)
        status = _run_clang(compile_)
    finally:
        compile_.close()
    compile_.settle()
    return status


def _open(command: Command, compiler: str) -> Compile:
    if command.links:
        from lathe.cc.linking import Link

        return Link(command, compiler)
    from lathe.cc.compiling import Compile

    return Compile(command, compiler)


def _run_clang(compile_: Compile) -> int:
    try:
        return compile_.clang()
    except OSError as error:
        return _miss(compile_.compiler, error)


def _compile_all(command: Command, compiler: str, *, plusplus: bool) -> int:
    """Compile each source of a command that has several, or that links what it compiles, and link."""
    from lathe.build import expand_words, read_command, split_command

    parts = split_command(command)
    if not parts:
        return _become(compiler, command.words)
    from lathe.cc.compiling import Compile, make_folder, remove_folder
    from lathe.cc.machine import run_program

    try:
        folder, failed = make_folder() if command.links else "", 0
    except OSError as error:
        _note(Compile(command, compiler), error)
        return _become(compiler, command.words)
    try:
        made: dict[str, str] = {}
        for number, (source, words) in enumerate(parts.items()):
            stem = os.path.splitext(os.path.basename(source))[0]
            made[source] = os.path.join(folder, f"{number}-{stem}.o") if command.links else f"{stem}.o"
            part = read_command([*words, "-o", made[source]], plusplus=plusplus)
            part.asked = command.asked
            failed = (run_program([compiler, *part.words]) if part.reason else _compile(part, compiler)) or failed
        if failed or not command.links:
            return failed
        return run_program([compiler, *(made.get(word, word) for word in expand_words(command.words))])
    except OSError as error:
        return _miss(compiler, error)
    finally:
        if folder:
            remove_folder(folder)


def _note(compile_: Compile, error: Exception) -> None:
    """A line in the log, where that can be."""
    from lathe.llvm import name_cache_folder

    said = " ".join(str(error).split()) or type(error).__name__
    place = compile_.log or os.environ.get("LATHE_LOG") or os.path.join(name_cache_folder(), "cc.log")
    what = compile_.command.source or " ".join(compile_.command.inputs)
    try:
        os.makedirs(os.path.dirname(os.path.abspath(place)), exist_ok=True)
        with open(place, "a", encoding="utf-8", errors="surrogateescape") as log:
            log.write(f"{os.path.join(os.getcwd(), what)}: clang's own object is used: {said}\n")
    except OSError:
        pass
