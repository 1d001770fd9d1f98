"""The catalogue: every pass and codegen option that a recipe may name, for one LLVM version.

It is data (`data/catalogue-22.json`, made by `runs/catalogue.py`), and the allow-list of the whole
system: a name, parameter or value that is not in it never reaches LLVM. Passes that were kept out
are in it too, with the reason, so that an error can say why.

A *word* is what the search composes: a plain pass or one of its useful variants with parameters.
LLVM 20 and 21 have no file of their own: what both 19 and 22 know, they know.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import resources
from typing import Any

from lathe.errors import RecipeError

__all__ = ["Catalogue", "OptionEntry", "PassEntry", "load_catalogue"]


@dataclass(frozen=True, slots=True)
class PassEntry:
    """One pass of `opt`: the level it runs at, and the parameters that it may be given.

    `integers` maps a parameter to its useful values; any value between the least and the greatest is
    accepted. `reason` is set, and the pass refused, when it was kept out.
    """

    name: str
    level: str
    origin: str
    flags: tuple[str, ...] = ()
    integers: Mapping[str, tuple[int, ...]] | None = None
    words: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class OptionEntry:
    """One global option of LLVM: its kind (bool, int, enum), its useful values, and the targets it acts on."""

    name: str
    kind: str
    values: tuple[str, ...]
    stage: str
    targets: tuple[str, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All passes and options of one LLVM major version, by name."""

    major: int
    passes: Mapping[str, PassEntry]
    options: Mapping[str, OptionEntry]

    @property
    def digest(self) -> str:
        """Identifies all entries: 16 hexadecimal digits."""
        text = repr([self.major, *sorted(self.passes.items()), *sorted(self.options.items())])
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def find_pass(self, name: str) -> PassEntry:
        """The entry of a pass that recipes may use; raises `RecipeError` with the nearest name or the reason."""
        entry = self.passes.get(name)
        if entry is None:
            raise RecipeError(self._unknown("pass", name, [p.name for p in self.passes.values() if not p.reason]))
        if entry.reason:
            raise RecipeError(f'Pass "{name}" is kept out of recipes: {entry.reason}. List the others: lathe passes')
        return entry

    def find_option(self, name: str) -> OptionEntry:
        """The entry of a codegen option; raises `RecipeError` with the nearest name."""
        entry = self.options.get(name)
        if entry is None:
            raise RecipeError(self._unknown("option", name, list(self.options)))
        return entry

    def _unknown(self, kind: str, name: str, known: list[str]) -> str:
        near = get_close_matches(name, known, n=1)
        hint = f' Did you mean "{near[0]}"?' if near else ""
        return f'Unknown {kind} "{name}" (LLVM {self.major}).{hint} List them: lathe passes'


@functools.cache
def load_catalogue(major: int = 22) -> Catalogue:
    """The catalogue of an LLVM major version (19 to 22)."""
    newest = _read(22)
    if major >= newest.major:
        return newest
    oldest = _read(19)
    if major <= oldest.major:
        return oldest
    return Catalogue(
        major=major,
        passes={n: p for n, p in oldest.passes.items() if n in newest.passes},
        options={n: o for n, o in oldest.options.items() if n in newest.options},
    )


def _read(major: int) -> Catalogue:
    path = resources.files("lathe.llvm") / "data" / f"catalogue-{major}.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    passes = [_read_pass(row) for row in data["passes"]]
    options = [_read_option(row) for row in data["options"]]
    return Catalogue(data["llvm"], {p.name: p for p in passes}, {o.name: o for o in options})


def _read_pass(row: dict[str, Any]) -> PassEntry:
    return PassEntry(
        name=row["name"],
        level=row["level"],
        origin=row["origin"],
        flags=tuple(row.get("flags", ())),
        integers={k: tuple(v) for k, v in row.get("integers", {}).items()},
        words=tuple(row.get("words", ())),
        reason=None if row["kept"] else row["reason"],
    )


def _read_option(row: dict[str, Any]) -> OptionEntry:
    return OptionEntry(
        name=row["name"],
        kind=row["kind"],
        values=tuple(row["values"]),
        stage=row["stage"],
        targets=tuple(row["targets"]),
        note=row.get("note", ""),
    )
