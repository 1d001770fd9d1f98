"""The sizes in an ELF object and the symbols that a linker sees, for 32 and 64 bits, little endian.

This reads what `measure` needs and nothing else, because it runs once per compile: 25 µs where pyelftools
takes milliseconds (LOG.md, 2026-11-20). Only objects that LLVM just wrote are read.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

__all__ = [
    "FunctionSymbol", "ObjectSizes", "Section", "count_loadable", "read_functions", "read_sections", "read_sizes",
    "resize_section",
]  # fmt: skip

_SHT_SYMTAB, _SHT_NOBITS, _SHF_ALLOC, _STT_FUNC, _STB_GLOBAL = 2, 8, 2, 2, 1
_RESERVED = 0xFF00  # section numbers from here on stand for something else
_HEADER = {1: struct.Struct("<28xIIIHHHHHH"), 2: struct.Struct("<32xQQIHHHHHH")}
_SYMBOL = {1: struct.Struct("<IIIBBH"), 2: struct.Struct("<IBBHQQ")}
_SECTION = {1: struct.Struct("<IIIIIIIIII"), 2: struct.Struct("<IIQQQQIIQQ")}


class Section(NamedTuple):
    """One section header: `offset` and `size` in bytes; `link` and `info` are indices of related sections."""

    name: str
    type: int
    flags: int
    offset: int
    size: int
    link: int
    info: int = 0

    @property
    def allocated(self) -> bool:
        """Whether the section is part of the loaded program."""
        return bool(self.flags & _SHF_ALLOC)

    @property
    def occupies_file(self) -> bool:
        """Whether the section's bytes are in the file (`.bss` has none)."""
        return self.type != _SHT_NOBITS


class FunctionSymbol(NamedTuple):
    """A name of a function: where it is (section by name and number, offset or address), and how many bytes it has."""

    name: str
    section: str
    number: int
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class ObjectSizes:
    """What is measured of an object, in bytes.

    Allocated sections by name (same names summed), which of them occupy no file, and functions. Beside the sizes,
    what the linker will see: `exported` are the strong global symbols that are defined, `undefined` those wanted.
    """

    sections: dict[str, int]
    nobits: frozenset[str]
    functions: dict[str, int]
    exported: frozenset[str]
    undefined: frozenset[str]


def count_loadable(data: bytes) -> int:
    """The bytes of an object that end in an image."""
    return sum(section.size for section in read_sections(data) if section.allocated and section.occupies_file)


def read_sizes(data: bytes) -> ObjectSizes:
    """The sizes in an object; raises `ValueError` when it is not little-endian ELF."""
    found = read_sections(data)
    sections: dict[str, int] = {}
    for section in found:
        if section.allocated:
            sections[section.name] = sections.get(section.name, 0) + section.size
    nobits = frozenset(s.name for s in found if s.allocated and not s.occupies_file)
    functions: dict[str, int] = {}
    exported, undefined = set(), set()
    for table in found:
        if table.type == _SHT_SYMTAB:
            for name, info, where, _, size in _read_symbols(data, table, found):
                if info & 15 == _STT_FUNC and size:
                    functions[name] = size
                if info >> 4 == _STB_GLOBAL and where:
                    exported.add(name)
                if info >> 4 and not where:
                    undefined.add(name)
    return ObjectSizes(sections, nobits, functions, frozenset(exported), frozenset(undefined))


def read_functions(data: bytes) -> list[FunctionSymbol]:
    """All names of functions in an object or image; raises `ValueError` when it is not little-endian ELF."""
    found = read_sections(data)
    return [
        FunctionSymbol(name, found[where].name, where, start, size)
        for table in found if table.type == _SHT_SYMTAB
        for name, info, where, start, size in _read_symbols(data, table, found)
        if info & 15 == _STT_FUNC and size and 0 < where < min(len(found), _RESERVED)
    ]  # fmt: skip


def read_sections(data: bytes) -> list[Section]:
    """All sections of an object in order; raises `ValueError` when it is not little-endian ELF."""
    if data[:4] != b"\x7fELF" or data[5] != 1:
        raise ValueError("not a little-endian ELF object")
    bits = data[4]
    fields = _HEADER[bits].unpack_from(data)
    table, count, names_index = fields[1], fields[-2], fields[-1]
    layout = _SECTION[bits]
    rows = [layout.unpack_from(data, table + i * layout.size) for i in range(count)]
    if not count and table:  # more than 65,279 sections: the count is in the first header
        first = layout.unpack_from(data, table)
        names_index = first[6] if names_index == 0xFFFF else names_index
        rows = [layout.unpack_from(data, table + i * layout.size) for i in range(first[5])]
    names = rows[names_index][4]
    return [Section(_text(data, names + r[0]), r[1], r[2], r[4], r[5], r[6], r[7]) for r in rows]


def resize_section(data: bytearray, index: int, size: int) -> None:
    """Write another size into a section's header; its content stays where it is."""
    bits = data[4]
    table = _HEADER[bits].unpack_from(data)[1]
    place, form = (32, "<Q") if bits == 2 else (20, "<I")
    struct.pack_into(form, data, table + index * _SECTION[bits].size + place, size)


def _read_symbols(data: bytes, table: Section, sections: list[Section]) -> Iterator[tuple[str, int, int, int, int]]:
    """A table's functions, globals and weak symbols: name, binding and type, section (0: undefined), start, size."""
    names = sections[table.link].offset
    rows = data[table.offset : table.offset + table.size]
    wide = data[4] == 2
    for row in _SYMBOL[data[4]].iter_unpack(rows):
        name, info, section, start, size = (
            (row[0], row[1], row[3], row[4], row[5]) if wide else (row[0], row[3], row[5], row[1], row[2])
        )
        if info >> 4 or info & 15 == _STT_FUNC:
            yield _text(data, names + name), info, section, start, size


def _text(data: bytes, start: int) -> str:
    return data[start : data.index(b"\0", start)].decode("utf-8", "replace")
