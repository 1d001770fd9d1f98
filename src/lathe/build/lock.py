"""The lock file: what was found for each module, as text that is made to be committed.

    entry = find_entry(path, digest)     # of one module, quickly
    lock = read_lock(path)               # all of it
    update_lock(path, [entry], "22.1.8") # other builds may write it at the same time

A line for each recipe, module and function, sorted, so that two searches change the lines of what they found alone:

    llvm VERSION
    recipe NAME TEXT
    module DIGEST BYTES-BY-CLANG BYTES STAGE-RECIPE SOURCE       ("-": clang's own object is the smallest known)
    function MODULE-DIGEST RECIPE PIECE-DIGEST FUNCTION

A module is known by a digest of its unoptimised IR without names of files and debug information, and of what code is
generated for: nothing that differs between machines. A function is known by its text after the stage.
"""

from __future__ import annotations

import fcntl
import os

from lathe.digests import blake2b
from lathe.errors import InputError, OutputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["Entry", "Function", "Lock", "digest_module", "digest_piece", "find_entry", "read_lock", "update_lock"]

_HEAD = "# lathe.lock 3: recipes that `lathe cc` uses; commit it"
_OF_DEBUGGING = ("-emit-call-site-info", "-debugger-tune")


class Function:
    """What is known of a function: the text of its recipe, and the digest of the piece that it was found for."""

    __slots__ = ("digest", "recipe")

    def __init__(self, recipe: str, digest: str) -> None:
        self.recipe, self.digest = recipe, digest

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Function) and (self.recipe, self.digest) == (other.recipe, other.digest)

    __hash__ = None  # type: ignore[assignment]


class Entry:
    """A module: its digest, its source and object as a build names them, loadable bytes by clang and by Lathe, recipes.

    `stage` comes first, and functions have theirs; without a stage clang's own object is the smallest known.
    """

    __slots__ = ("after", "before", "digest", "functions", "source", "stage")

    def __init__(
        self, digest: str, source: str, *, before: int, after: int, stage: str | None = None,
        functions: Mapping[str, Function] | None = None,
    ) -> None:  # fmt: skip
        self.digest, self.source, self.before, self.after = digest, source, before, after
        self.stage, self.functions = stage, functions or {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Entry) and all(getattr(self, n) == getattr(other, n) for n in self.__slots__)

    __hash__ = None  # type: ignore[assignment]

    @property
    def recipes(self) -> dict[str, str]:
        """The text of each function's recipe."""
        return {name: function.recipe for name, function in self.functions.items()}


class Lock:
    """What a lock file says: LLVM's version, and entries by digest."""

    __slots__ = ("entries", "llvm")

    def __init__(self, llvm: str, entries: Mapping[str, Entry]) -> None:
        self.llvm, self.entries = llvm, entries


def digest_module(identity: str, triple: str, flags: Iterable[str]) -> str:
    """The digest of a module by its identity, the triple and the flags of llc."""
    told = [flag for flag in flags if not flag.startswith(_OF_DEBUGGING)]
    return blake2b("\0".join((identity, triple, *told)).encode(), digest_size=16).hexdigest()


def digest_piece(text: str) -> str:
    """The digest of a function's text after a stage."""
    return blake2b(text.encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def read_lock(path: str) -> Lock | None:
    """A lock file; None where there is none. Raises `InputError` for one that is broken, naming the line."""
    lines = _read_lines(path)
    return None if lines is None else _read(path, lines)


def find_entry(path: str, digest: str, llvm: str) -> Entry | None:
    """A module's entry. Raises `InputError` for a file that is broken, or of another LLVM than this."""
    lines = _read_lines(path)
    if lines is None:
        return None
    wanted = (f"module {digest} ", f"function {digest} ")
    lock = _read(path, [line if line.startswith(("llvm ", "recipe ", *wanted)) else _skim(line) for line in lines])
    if lock.llvm != llvm:
        raise InputError(
            f"{path} is for LLVM {lock.llvm or '(none)'}, this is {llvm}: recipes do not carry over. Use that LLVM, "
            "or remove the file and tune again."
        )
    return lock.entries.get(digest)


def _skim(line: str) -> str:
    """Nothing for a line that is about another module; else the line, to be refused."""
    return "" if line.startswith(("module ", "function ")) else line


def _read_lines(path: str) -> list[str] | None:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read().split("\n")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from None


def _read(path: str, lines: Iterable[str]) -> Lock:
    reader = _Reader()
    for number, line in enumerate(lines, 1):
        try:
            if line and not line.startswith("#"):
                reader.read(*line.split(" ", 1))
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path}, line {number}, is no line of a lock file ({error}). Take it from version control again, or "
                "remove it and tune again."
            ) from None
    return Lock(reader.llvm, reader.entries)


class _Reader:
    """Reads line by line; what is named stands before what names it."""

    def __init__(self) -> None:
        self.llvm = ""
        self.recipes: dict[str, str] = {"-": ""}
        self.entries: dict[str, Entry] = {}

    def read(self, kind: str, rest: str) -> None:
        if kind == "llvm":
            self.llvm = rest
        elif kind == "recipe":
            name, text = rest.split(" ", 1)
            if name != _name(text):
                raise ValueError(f"the recipe's name should be {_name(text)}")
            self.recipes[name] = text
        elif kind == "module":
            digest, before, after, stage, source = rest.split(" ", 4)
            found = None if stage == "-" else self.recipes[stage]
            self.entries[digest] = Entry(
                digest, source, before=int(before), after=int(after), stage=found, functions={}
            )
        elif kind == "function":
            digest, recipe, piece, function = rest.split(" ", 3)
            functions = self.entries[digest].functions
            assert isinstance(functions, dict)
            functions[function] = Function(self.recipes[recipe], piece)
        else:
            raise ValueError(f"it begins with {kind!r}")


def write_lines(lock: Lock) -> Iterator[str]:
    """The lines of a lock file."""
    yield from (_HEAD, f"llvm {lock.llvm}")
    entries = sorted(lock.entries.values(), key=lambda entry: (entry.source, entry.digest))
    used = {text for e in entries for text in (e.stage, *e.recipes.values()) if text}
    yield from sorted(f"recipe {_name(text)} {text}" for text in used)
    for e in entries:
        yield f"module {e.digest} {e.before} {e.after} {_name(e.stage) if e.stage else '-'} {e.source}"
        for name, function in sorted(e.functions.items()):
            yield f"function {e.digest} {_name(function.recipe)} {function.digest} {name}"


def _name(recipe: str) -> str:
    return blake2b(recipe.encode(), digest_size=5).hexdigest() if recipe else "-"


def update_lock(path: str, fresh: Sequence[Entry], llvm: str) -> None:
    """Put entries into a lock file, in the places of older ones of their sources; another LLVM's entries go.

    Raises `InputError` for a broken file, `OutputError` when it cannot be written.
    """
    try:
        descriptor = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            known = read_lock(path)
            entries = {} if known is None or known.llvm != llvm else dict(known.entries)
            named = {entry.source for entry in fresh}
            entries = {digest: old for digest, old in entries.items() if old.source not in named}
            _write(path, Lock(llvm, entries | {entry.digest: entry for entry in fresh}))
        finally:
            os.close(descriptor)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}.") from None


def _write(path: str, lock: Lock) -> None:
    folder, name = os.path.split(path)
    fresh = os.path.join(folder, f".{name}.{os.getpid()}")
    try:
        with open(fresh, "w", encoding="utf-8") as file:
            file.writelines(f"{line}\n" for line in write_lines(lock))
        os.replace(fresh, path)
    finally:
        if os.path.exists(fresh):
            os.unlink(fresh)
