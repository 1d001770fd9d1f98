"""Parts: where the bytes of an object or image are, by clang and now: sections, functions, and the rest of sections.

    found = compare_binaries("lapi.c → lapi.o", clang, own, {"lua_settop": "sroa"})

Every loadable byte is counted once: a function that has several names goes by the one that has a recipe, or the first,
and of functions that overlap the later one has what is left. So the functions and the rest are together the whole.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from lathe.llvm import read_functions, read_sections

__all__ = ["Binary", "Part", "compare_binaries", "sum_parts"]

_SECTIONS = (
    ".text", ".data.rel.ro", ".data", ".rodata", ".eh_frame", ".gcc_except_table", ".init_array", ".fini_array",
    ".ctors", ".dtors", ".tdata", ".ARM.exidx", ".ARM.extab", ".note",
)  # fmt: skip
"""Sections under whose names compilers put those of single functions, variables and kinds of constants."""

_OUTLINED = ("OUTLINED_FUNCTION_", "outlined code")  # numbered anew in each piece, so the names say nothing


@dataclass(frozen=True, slots=True)
class Part:
    """A section or function: loadable bytes by clang and now, and the recipe that it was made with, where known."""

    name: str
    before: int
    after: int
    recipe: str | None = None

    @property
    def saved(self) -> int:
        """The bytes that went."""
        return self.before - self.after


@dataclass(frozen=True, slots=True)
class Binary:
    """An object or image: loadable bytes by clang and now, its sections, its functions, and of sections the rest."""

    name: str
    before: int
    after: int
    sections: tuple[Part, ...]
    functions: tuple[Part, ...]
    rest: tuple[Part, ...]

    @property
    def saved(self) -> int:
        """The bytes that went."""
        return self.before - self.after


def compare_binaries(name: str, before: bytes, after: bytes, recipes: Mapping[str, str]) -> Binary:
    """What two objects of one source have, or two images; raises `ValueError` for what is no little-endian ELF."""
    old, new = _Read(before, recipes), _Read(after, recipes)
    return Binary(
        name, old.sections.total(), new.sections.total(), _pair(old.sections, new.sections),
        _pair(old.functions, new.functions, recipes), _pair(old.rest, new.rest),
    )  # fmt: skip


def sum_parts(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Parts of the same names summed, the largest first."""
    before, after = Counter[str](), Counter[str]()
    for part in parts:
        before[part.name] += part.before
        after[part.name] += part.after
    return _pair(before, after)


def _pair(
    before: Mapping[str, int], after: Mapping[str, int], recipes: Mapping[str, str] | None = None
) -> tuple[Part, ...]:
    known = recipes or {}
    parts = [Part(n, before.get(n, 0), after.get(n, 0), known.get(n)) for n in dict.fromkeys((*before, *after))]
    return tuple(sorted((p for p in parts if p.before or p.after), key=lambda p: (-p.after, -p.before, p.name)))


class _Read:
    """Bytes by names of sections and functions, and what no function has by names of sections."""

    def __init__(self, data: bytes, known: Container[str]) -> None:
        self.sections, self.functions, self.rest = Counter[str](), Counter[str](), Counter[str]()
        inside = Counter[int]()
        sections = {i: s for i, s in enumerate(read_sections(data)) if s.allocated and s.occupies_file}
        for index, name, size in _list_functions(data, known):
            if index in sections:
                inside[index] += size
                self.functions[_OUTLINED[1] if name.startswith(_OUTLINED[0]) else name] += size
        for index, section in sections.items():
            name = next((n for n in _SECTIONS if section.name == n or section.name.startswith(f"{n}.")), section.name)
            self.sections[name] += section.size
            self.rest[name] += max(0, section.size - inside[index])


def _list_functions(data: bytes, known: Container[str]) -> list[tuple[int, str, int]]:
    """The section, the name and the bytes of functions, no byte twice; names that are known come first."""
    found, section, end = [], 0, 0
    for symbol in sorted(read_functions(data), key=lambda s: (s.number, s.start, s.name not in known, s.name)):
        if symbol.number != section:
            section, end = symbol.number, 0
        start, end = max(symbol.start, end), max(symbol.start + symbol.size, end)
        if end > start:
            found.append((section, symbol.name, end - start))
    return found
