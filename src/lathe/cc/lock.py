"""The lock file: what was found for each module, as text that is made to be committed.

    lock = read_lock(Path("lathe.lock"))
    entry = lock.entries.get(digest)
    update_lock(path, entry)             # other builds may write it at the same time

A line for each recipe, module and function, sorted, so that two searches change the lines of what they found alone. A
module is known by the digest of its unoptimised IR without names of files and debug information, and by nothing that
differs between machines. Recipes hold for one version of LLVM, which the file names.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from lathe.errors import InputError, OutputError, RecipeError
from lathe.llvm import Recipe, parse_recipe

__all__ = ["Entry", "Lock", "read_lock", "update_lock"]

_HEAD = "# lathe.lock 1: recipes that `lathe cc` uses; commit it"


@dataclass(frozen=True, slots=True)
class Entry:
    """A module: its digest, its source as a reader knows it, bytes by clang and by Lathe, and its recipes.

    Either `recipe` is for the whole, or `stage` comes first and `functions` have theirs; with neither, clang's own
    object is the smallest that is known.
    """

    digest: str
    source: str
    before: int
    after: int
    recipe: Recipe | None = None
    stage: Recipe | None = None
    functions: Mapping[str, Recipe] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lock:
    """What a lock file says: LLVM's version, and entries by digest."""

    llvm: str
    entries: Mapping[str, Entry]


def read_lock(path: Path) -> Lock | None:
    """A lock file; None where there is none. Raises `InputError` for one that is broken, naming the line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}") from None
    reader = _Reader()
    for number, line in enumerate(lines, 1):
        try:
            reader.read(line)
        except (ValueError, KeyError, RecipeError) as error:
            raise InputError(
                f"{path}, line {number}, is no line of a lock file ({error}). Take it from version control again, or "
                "remove it and tune again."
            ) from None
    return reader.finish()


class _Reader:
    """Reads line by line; recipes stand before what names them."""

    def __init__(self) -> None:
        self.llvm = ""
        self.recipes: dict[str, Recipe] = {}
        self.modules: dict[str, tuple[str, int, int, dict[str, str]]] = {}
        self.functions: dict[str, dict[str, Recipe]] = {}

    def read(self, line: str) -> None:
        if not line or line.startswith("#"):
            return
        kind, _, rest = line.partition(" ")
        if kind == "llvm":
            self.llvm = rest
        elif kind == "recipe":
            name, _, text = rest.partition(" ")
            self.recipes[name] = parse_recipe(text)
        elif kind == "module":
            digest, before, after, said, source = rest.split(" ", 4)
            self.modules[digest] = (
                source,
                int(before),
                int(after),
                dict(part.split("=") for part in said.split(",") if part != "-"),
            )
        elif kind == "function":
            digest, name, function = rest.split(" ", 2)
            self.functions.setdefault(digest, {})[function] = self.recipes[name]
        else:
            raise ValueError(f"it begins with {kind!r}")

    def finish(self) -> Lock:
        entries = {}
        for digest, (source, before, after, said) in self.modules.items():
            recipe, stage = (self.recipes[said[name]] if name in said else None for name in ("recipe", "stage"))
            entries[digest] = Entry(digest, source, before, after, recipe, stage, self.functions.get(digest, {}))
        return Lock(self.llvm, entries)


def write_lines(lock: Lock) -> Iterator[str]:
    """The lines of a lock file."""
    yield from (_HEAD, f"llvm {lock.llvm}")
    entries = sorted(lock.entries.values(), key=lambda entry: (entry.source, entry.digest))
    used = {r for e in entries for r in (e.recipe, e.stage, *e.functions.values()) if r is not None}
    yield from sorted(f"recipe {_name(recipe)} {recipe}" for recipe in used)
    for e in entries:
        said = [f"{what}={_name(r)}" for what, r in (("recipe", e.recipe), ("stage", e.stage)) if r is not None]
        yield f"module {e.digest} {e.before} {e.after} {','.join(said) or '-'} {e.source}"
        yield from (f"function {e.digest} {_name(recipe)} {name}" for name, recipe in sorted(e.functions.items()))


def _name(recipe: Recipe) -> str:
    return hashlib.blake2b(str(recipe).encode(), digest_size=5).hexdigest()


def update_lock(path: Path, entry: Entry, llvm: str) -> None:
    """Put an entry into a lock file, in place of an older one of its source; another LLVM's entries go.

    Raises `InputError` for a broken file, `OutputError` when it cannot be written.
    """
    try:
        with _alone(path.parent):
            known = read_lock(path)
            entries = {} if known is None or known.llvm != llvm else dict(known.entries)
            entries = {digest: old for digest, old in entries.items() if old.source != entry.source}
            text = "\n".join(write_lines(Lock(llvm, entries | {entry.digest: entry}))) + "\n"
            fresh = path.with_name(f".{path.name}.{os.getpid()}")
            try:
                fresh.write_text(text, encoding="utf-8")
                fresh.replace(path)
            finally:
                fresh.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}.") from None


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While nobody else writes a lock file in a folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
