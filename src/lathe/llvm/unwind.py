"""Unwind tables (`.eh_frame`) of joined objects, made as small as those of an object that was compiled whole.

Each piece brings a common entry (CIE) of its own, of which the first of a kind stays, and ends its function's entry
(FDE) with padding to eight bytes, where four do but for the last. Linkers do neither before they make a program. The
format is that of the Linux Standard Base Core Specification 5.0, 10.6; instructions are DWARF 5's, 6.4.2.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lathe.llvm.elf import Section, read_sections, resize_section

__all__ = ["merge_unwind_entries"]

_RELA = 4
_RELOCATION = {8: (struct.Struct("<Q"), 16), 4: (struct.Struct("<I"), 8)}  # bytes of an address → offset, rest
_FORMATS = {0x2: 2, 0x3: 4, 0x4: 8, 0xA: 2, 0xB: 4, 0xC: 8}  # of encoded addresses: bytes, but for the machine's own
_OPERANDS = {
    0x00: "", 0x02: "1", 0x03: "2", 0x04: "4", 0x05: "uu", 0x06: "u", 0x07: "u", 0x08: "u", 0x09: "uu", 0x0A: "",
    0x0B: "", 0x0C: "uu", 0x0D: "u", 0x0E: "u", 0x0F: "b", 0x10: "ub", 0x11: "uu", 0x12: "uu", 0x13: "u", 0x14: "uu",
    0x15: "uu", 0x16: "ub", 0x2D: "", 0x2E: "u",
}  # fmt: skip
"""Of each instruction: a number of bytes, u a LEB128 number, b a block after its length."""

_Relocation = tuple[int, bytes]
"""Where it applies, and the rest of the entry."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A record of the table: where it is, and where its CIE is (itself, for a CIE; -1 for the end mark)."""

    start: int
    end: int
    common: int


def merge_unwind_entries(data: bytes) -> bytes:
    """The object with a smaller `.eh_frame`; unchanged where there is none."""
    sections = read_sections(data)
    index = next((i for i, s in enumerate(sections) if s.name == ".eh_frame"), None)
    if index is None:
        return data
    address = 8 if data[4] == 2 else 4
    table = next((i for i, s in enumerate(sections) if s.type == _RELA and s.info == index), None)
    relocations = _read_relocations(data, sections[table], address) if table is not None else []
    frame = data[sections[index].offset : sections[index].offset + sections[index].size]
    frame, moved = _merge(frame, relocations, address)
    edited = bytearray(data)
    _overwrite(edited, index, sections[index], frame)
    if table is not None:
        word, _ = _RELOCATION[address]
        _overwrite(edited, table, sections[table], b"".join(word.pack(at) + rest for at, rest in moved))
    return bytes(edited)


def _overwrite(edited: bytearray, index: int, section: Section, content: bytes) -> None:
    assert len(content) <= section.size
    edited[section.offset : section.offset + len(content)] = content
    resize_section(edited, index, len(content))


def _read_relocations(data: bytes, table: Section, address: int) -> list[_Relocation]:
    word, rest = _RELOCATION[address]
    step = word.size + rest
    places = range(table.offset, table.offset + table.size, step)
    return [(word.unpack_from(data, at)[0], data[at + word.size : at + step]) for at in places]


def _merge(frame: bytes, relocations: Sequence[_Relocation], address: int) -> tuple[bytes, list[_Relocation]]:
    """The table without CIEs that repeat another and without padding, and its relocations."""
    entries = list(_read_entries(frame))
    inside = _assign(relocations, entries)
    kinds: dict[tuple[bytes, tuple[_Relocation, ...]], int] = {}
    places: dict[int, int] = {}  # of CIEs: old → new
    merged, moved = bytearray(), []
    last = max((e.start for e in entries if e.common >= 0), default=-1)
    for entry in entries:
        content = bytearray(frame[entry.start : entry.end])
        if entry.common == entry.start:
            kind = (bytes(content), tuple(inside[entry.start]))
            places[entry.start] = kinds.setdefault(kind, len(merged))
            if kinds[kind] != len(merged):
                continue
        elif entry.common >= 0:
            struct.pack_into("<I", content, 4, len(merged) + 4 - places[entry.common])
            end = _end_of_code(bytes(content), frame, entry.common, address)
            end += -(len(merged) + end) % (address if entry.start == last else 4)
            content = content[:end].ljust(end, b"\0")
            struct.pack_into("<I", content, 0, end - 4)
        moved += [(len(merged) + at, rest) for at, rest in inside[entry.start]]
        merged += content
    return bytes(merged), moved


def _assign(relocations: Sequence[_Relocation], entries: Sequence[_Entry]) -> dict[int, list[_Relocation]]:
    """The relocations of each entry, by its start, with places counted from there."""
    inside: dict[int, list[_Relocation]] = defaultdict(list)
    waiting = iter(sorted(relocations, key=lambda relocation: relocation[0]))
    pending = next(waiting, None)
    for entry in entries:
        while pending and pending[0] < entry.end:
            inside[entry.start].append((pending[0] - entry.start, pending[1]))
            pending = next(waiting, None)
    return inside


def _read_entries(frame: bytes) -> Iterator[_Entry]:
    at = 0
    while at < len(frame):
        size, pointer = struct.unpack_from("<II", frame, at) if at + 8 <= len(frame) else (0, 0)
        end = at + 4 + size
        yield _Entry(at, end, -1 if not size else at if not pointer else at + 4 - pointer)
        at = end


def _end_of_code(entry: bytes, frame: bytes, common: int, address: int) -> int:
    """Where the instructions of an FDE end, without the padding; its own end when they cannot be read."""
    encoding, augmented = _read_encoding(frame, common, address)
    if encoding is None:
        return len(entry)
    at = 8 + 2 * _FORMATS.get(encoding & 15, address)
    if augmented:
        length, at = _read_number(entry, at)
        at += length
    end = at
    while at < len(entry):
        code = entry[at]
        operands = {0x40: "", 0x80: "u", 0xC0: ""}.get(code & 0xC0, _OPERANDS.get(code))
        if operands is None:
            return len(entry)
        at += 1
        for operand in operands:
            if operand.isdigit():
                at += int(operand)
                continue
            length, at = _read_number(entry, at)
            at += length if operand == "b" else 0
        end = at if code else end
    return end


def _read_encoding(frame: bytes, common: int, address: int) -> tuple[int | None, bool]:
    """How a CIE's entries encode addresses (None: not known), and whether they have augmentation data."""
    version, start = frame[common + 8], common + 9
    end = frame.index(b"\0", start)
    letters, at = frame[start:end].decode("latin-1"), end + 1
    if version not in (1, 3) or (letters and letters[0] != "z"):
        return None, False
    _, at = _read_number(frame, at)
    _, at = _read_number(frame, at)
    at = at + 1 if version == 1 else _read_number(frame, at)[1]
    if not letters:
        return 0, False
    _, at = _read_number(frame, at)
    for letter in letters[1:]:
        if letter == "R":
            return frame[at], True
        if letter == "P":
            at += 1 + _FORMATS.get(frame[at] & 15, address)
        elif letter == "L":
            at += 1
        elif letter not in "SB":
            return None, True
    return 0, True


def _read_number(data: bytes, at: int) -> tuple[int, int]:
    """A LEB128 number, as if it had no sign, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
