"""One compile, from the command to the object: front end, lock, and clang where it is needed.

    Compile(command, compiler).make()    # the exit status

Clang's front end writes the unoptimised module, and the dependency file as the whole of clang would. A module that was
made before is known by its bytes: its object is there already. A module that is locked is made by a copy of this
process, which may die of it. For all else clang makes its own object, and what is smaller takes its place. What the
front end says is what clang would say; where that depends on more (a terminal, the driver, code generation) clang is
run, so that its messages are its own.
"""

from __future__ import annotations

import os

from lathe import __version__
from lathe.build import Configuration, Entry, digest_module, find_entry, name_object, read_configuration
from lathe.cc.cache import FileCache, digest_all
from lathe.cc.machine import Machine, find_machine, list_recipes, run_program
from lathe.errors import CompileError, LockError
from lathe.llvm import name_cache_folder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lathe.build import Command
    from lathe.llvm import Replay

__all__ = ["Compile", "make_folder", "remove_folder"]

_MODULE = ("-Oz", "-Xclang", "-disable-llvm-passes", "-Xclang", "-emit-llvm-uselists", "-emit-llvm")
_CACHE = "cc-5"  # another name when what is kept means something else
_SECONDS = 300
_IDENTITY = 32  # characters
_SPEAKS = b"!"


class Compile:
    """A compile of one source into one object; `status` is clang's own once it has run, `log` where messages go."""

    _more = 1
    """So many times the recipes of a quick look are tried."""

    def __init__(self, command: Command, compiler: str) -> None:
        self.command, self.compiler = command, compiler
        self.status: int | None = None
        self.log = self._why = ""
        self._cache = FileCache(os.path.join(name_cache_folder(), _CACHE))
        self._speaks = self._waits = False
        self._messages = b""

    def close(self) -> None:
        """Remove what was in between."""

    def clang(self) -> int:
        """Let clang do what it was asked to, unless it has; its exit status."""
        if self.status is None:
            self.status = run_program([self.compiler, *self.command.words])
        return self.status

    def settle(self) -> None:
        """What is there stays."""
        if self._waits and os.path.exists(self.command.out):
            os.utime(self.command.out)

    def _clang_first(self) -> int:
        """Let clang make what may be replaced: it looks old until it is settled, lest a killed build leaves it."""
        status = self.clang()
        if not status and os.path.exists(self.command.out):
            os.utime(self.command.out, (0, 0))
            self._waits = True
        return status

    def make(self) -> int:
        """Make the object, and return the exit status.

        Raises `LatheError` for what keeps Lathe from making a smaller one; `LockError` where there must be none then.
        """
        setting = read_configuration(os.getcwd(), self.command.asked)
        self.log = setting.log
        if setting.mode == "off":
            return self.clang()
        try:
            bitcode = self._read_module()
            if bitcode is None:
                if status := self.clang():
                    return status
                raise CompileError(f"clang makes an object of it, and no module. {self._why or 'Has TMPDIR space?'}")
            return self._make(setting, find_machine(self.command, self.compiler, self._cache), bitcode)
        except Exception as error:
            if setting.mode == "frozen":
                raise LockError(str(error) or type(error).__name__) from None
            raise

    def explain(self) -> str:
        """What would become of the compile; raises `LatheError`."""
        setting = read_configuration(os.getcwd(), self.command.asked)
        bitcode = self._read_module()
        if bitcode is None:
            return f"clang refuses {self.command.source}"
        entry = self._find(setting, find_machine(self.command, self.compiler, self._cache), bitcode).entry
        about = f"{self._name(setting)}, mode {setting.mode}, lock {setting.lock}: "
        if setting.mode == "off":
            return f"{about}clang's own object"
        if entry is not None:
            if entry.stage is None:
                return f"{about}locked, clang's own object"
            return f"{about}locked, {len(entry.functions)} functions, {entry.before} → {entry.after} bytes"
        return (
            about
            + {
                "use": f"not locked, a quick look, {setting.quick} recipes",
                "tune": f"not locked, a search of {setting.compiles} compiles a function, which is locked",
                "frozen": "not locked, which is an error",
            }[setting.mode]
        )

    def _make(self, setting: Configuration, machine: Machine, bitcode: bytes) -> int:
        found = self._find(setting, machine, bitcode)
        if found.data is not None:
            return self._finish(found.data)
        if found.entry is None and setting.mode == "frozen":
            raise LockError(f"{self.command.source} is not in {setting.lock}. Tune it: LATHE_MODE=tune.")
        if found.entry is None and setting.mode == "tune":
            return self._clang_first() or self._search(setting, machine, bitcode, found.digest)
        what = "own" if found.entry else f"quick {setting.quick} {__version__} {_read_bytes(setting.lock)!r}"
        name = digest_all(bitcode, *machine.words, *self.command.words, what)
        data = self._cache.read("object", name)
        if data is None and found.entry is None:
            data = self._look(setting, machine, bitcode) if found.looked is None else found.looked
        if not data and (status := self.clang()):
            return status
        self._cache.write("object", name, data or self._own())
        return self._finish(data) if data else 0

    def _look(self, setting: Configuration, machine: Machine, bitcode: bytes) -> bytes:
        """A smaller object for a module that is not locked; nothing where none was found."""
        reference = self._reference()
        if os.path.exists(setting.lock):
            from lathe.cc.making import carry_over

            if (data := carry_over(setting, machine, bitcode, reference, self._name(setting))) is not None:
                return data
        if not (listed := self._list_recipes(setting, machine)):
            return b""
        from lathe.llvm import Replay, run_aside

        def work() -> bytes:
            return _look_at(Replay(machine.toolchain, machine.target), bitcode, listed, reference)

        return run_aside(work, seconds=_SECONDS)

    def _list_recipes(self, setting: Configuration, machine: Machine) -> list[str]:
        """The stage and the recipes of a quick look; nothing where there is to be none."""
        return list_recipes(machine, self._cache, self._more * setting.quick) if setting.quick else []

    @property
    def _reference_needed(self) -> bool:
        """Whether what an object must be smaller than is not what the engine makes at -Oz."""
        return self.command.links or self.command.level != "-Oz"

    def _reference(self) -> bytes:
        """What an object must be smaller than; nothing where it is what the engine makes at -Oz."""
        if not self._reference_needed:
            return b""
        self._clang_first()
        return _read_bytes(self.command.out)

    def _own(self) -> bytes:
        """Clang's own object, after `clang`."""
        return _read_bytes(self.command.out)

    def _find(self, setting: Configuration, machine: Machine, bitcode: bytes) -> Found:
        """What the lock says of a module, and the object, which is made if it must be; raises `LatheError`."""
        known = digest_all(bitcode, *machine.words)
        identity = self._cache.read("identity", known) or b""
        found = self._look_up(setting, machine, identity, known)
        if not identity or (found.entry and found.entry.stage and found.data is None):
            from lathe.llvm import Replay, run_aside

            looks = setting.mode == "use" and not self._reference_needed and not os.path.exists(setting.lock)
            listed = self._list_recipes(setting, machine) if looks else []

            def work() -> bytes:
                replay = Replay(machine.toolchain, machine.target)
                identity, data = replay.identify(bitcode).encode(), b""
                entry = self._look_up(setting, machine, identity, known).entry
                if entry and entry.stage:
                    data = replay.make(bitcode, entry.stage, entry.recipes)
                elif entry is None and listed:
                    data = _look_at(replay, bitcode, listed, b"")
                return identity + (_SPEAKS if replay.speaks else b" ") + data

            answer = run_aside(work, seconds=_SECONDS)
            identity, data = answer[: _IDENTITY + 1], answer[_IDENTITY + 1 :]
            self._cache.write("identity", known, identity)
            found = self._look_up(setting, machine, identity, known)
            if found.entry is None and listed:
                found.looked = data
            elif data and found.entry:
                _check(data, found.entry)
                self._cache.write("object", found.name, data)
                found.data = data
        self._speaks |= identity.endswith(_SPEAKS)
        return found

    def _look_up(self, setting: Configuration, machine: Machine, identity: bytes, known: str) -> Found:
        if not identity:
            return Found("", None, "", None)
        digest = digest_module(identity[:_IDENTITY].decode(), machine.triple, (self.command.level, *machine.flags))
        entry = find_entry(setting.lock, digest, machine.version)
        if entry is None or entry.stage is None:
            return Found(digest, entry, "", None)
        recipes = (f"{function} {recipe}" for function, recipe in sorted(entry.recipes.items()))
        name = digest_all(known, entry.stage, *recipes)
        return Found(digest, entry, name, self._cache.read("object", name))

    def _search(self, setting: Configuration, machine: Machine, bitcode: bytes, digest: str) -> int:
        """Search and lock; the object is what the lock gives from then on."""
        from lathe.cc.making import search

        search(setting, machine, bitcode, self._own(), (digest, self._name(setting)))
        data = self._find(setting, machine, bitcode).data
        return 0 if data is None else self._finish(data)

    def _read_module(self) -> bytes | None:
        """The unoptimised module; None where the front end refuses the source."""
        folder = make_folder()
        out, told, printed = (os.path.join(folder, name) for name in ("unit.bc", "told", "printed"))
        try:
            command = self.command
            extra = [*_MODULE, "-o", out]
            if command.dependencies and not any(word.startswith(("-MF", "-Wp,-M")) for word in command.dependencies):
                place, name = os.path.split(command.out)
                stem, dot, _ = name.rpartition(".")
                extra += ["-MF", os.path.join(place, f"{stem if dot else name}.d")]
            if command.dependencies and not any(word.startswith(("-MT", "-MQ")) for word in command.dependencies):
                extra += ["-MQ", command.out]
            at = command.words.index("--") if "--" in command.words else len(command.words)
            if run_program([self.compiler, *command.words[:at], *extra, *command.words[at:]], told, printed):
                self._why = _read_bytes(told).decode(errors="replace")
                return None
            self._messages = _read_bytes(told)
            driver = os.path.basename(self.compiler).encode() + b": "  # may be of what is ours in the command
            own = any(line.startswith(driver) for line in self._messages.splitlines())
            self._speaks = own or os.path.getsize(printed) > 0 or (self._messages != b"" and os.isatty(2))
            return _read_bytes(out)
        finally:
            remove_folder(folder)

    def _finish(self, data: bytes) -> int:
        """Put an object in its place, after clang's messages if there are any."""
        if self._speaks and (status := self._clang_first()):
            return status
        fresh = os.path.join(os.path.dirname(self.command.out), f".{os.path.basename(self.command.out)}.{os.getpid()}")
        try:
            with open(fresh, "wb") as file:
                file.write(data)
            os.replace(fresh, self.command.out)
        except BaseException:
            if os.path.exists(fresh):
                os.unlink(fresh)
            raise
        if self.status is None and self._messages:
            with os.fdopen(os.dup(2), "wb") as file:
                file.write(self._messages)
        return 0

    def _name(self, setting: Configuration) -> str:
        return name_object(os.getcwd(), self.command.source, self.command.out, setting.root)


class Found:
    """What is known of a module: its digest, what the lock says, the object by that and the name that it is kept by.

    `looked` is what a quick look gave, where there has been one.
    """

    __slots__ = ("data", "digest", "entry", "looked", "name")

    def __init__(self, digest: str, entry: Entry | None, name: str, data: bytes | None) -> None:
        self.digest, self.entry, self.name, self.data = digest, entry, name, data
        self.looked: bytes | None = None


def _look_at(replay: Replay, bitcode: bytes, listed: list[str], reference: bytes) -> bytes:
    """An object that is smaller than a reference (nothing: clang's), of a stage and recipes; nothing if there is none.

    Runs in a copy of the process; raises `CompileError`.
    """
    from lathe.llvm import Measurement, Status, count_loadable, measure_object

    stage, *recipes = listed
    made, own = replay.look(bitcode, stage, recipes), reference or replay.make_baseline(bitcode)
    clang = measure_object(own, Measurement(Status.OK))
    data = next((data for data in made if measure_object(data, clang).links_like(clang)), own)
    return data if count_loadable(data) < clang.loadable else b""


def _check(data: bytes, entry: Entry) -> None:
    from lathe.llvm import count_loadable

    if (size := count_loadable(data)) > entry.before:
        raise CompileError(f"the locked recipes give {size} bytes, the lock says {entry.after}. Tune it again.")


def _read_bytes(path: str) -> bytes:
    """A file; nothing where there is none."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except FileNotFoundError:
        return b""


def make_folder() -> str:
    """A folder of one's own for files in between."""
    folder = os.path.join(os.environ.get("TMPDIR") or "/tmp", f"lathe-{os.getpid()}-{os.urandom(4).hex()}")
    os.mkdir(folder, 0o700)
    return folder


def remove_folder(folder: str) -> None:
    """Remove a folder of `make_folder` and its files."""
    for name in os.listdir(folder):
        os.unlink(os.path.join(folder, name))
    os.rmdir(folder)
