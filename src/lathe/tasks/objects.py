"""Objects as assembly: the functions of an ELF object, each with the local data that it mentions.

    for name, assembly in read_object(toolchain, data).functions: …

LLVM's disassembler writes the instructions; symbols are put back where the linker would have, from the relocations, and
data as directives. The text assembles, but for a few rare relocations, and says all that the object does of a function
but how its data is aligned: two functions with one text are the same code. It is near to what `clang -S` gives, not the
same: what was written in one of several ways, and for people, is lost.
"""

from __future__ import annotations

import io
import re
import struct
import subprocess
import tempfile
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

from lathe.errors import InputError
from lathe.llvm import Toolchain, normalise_assembly

__all__ = ["ObjectCode", "read_object"]

_ARCHITECTURES = {"EM_X86_64": "x86", "EM_AARCH64": "aarch64"}
_SECTION = re.compile(r"Disassembly of section (.*):$")
_LINE = re.compile(r"\s*([0-9a-f]+):\s+(\S.*)$")
_PLACE = re.compile(r"0x([0-9a-f]+)(?: <[^>]*>)?$")
_GUESS = re.compile(r" <[^>]*>$")
_BRANCH = re.compile(r"(?:j|call|b$|b\.|bl$|cbn?z|tbn?z|adr$|loop|xbegin)")
_OUTLINED = re.compile(r"OUTLINED_FUNCTION_\d+")  # by LLVM's outliner; they go with what calls them
_MAPPING = re.compile(r"\$[adx](?:\.|$)")  # AArch64's marks of what is code
_TABLE = re.compile(r".*\.rel(?:\.\d+)?$")  # of distances from itself, which need no relocation in their section
_UNKNOWN = "<unknown>"  # to pyelftools, which names most types
_COMMENT = re.compile(r"\s*(?:#|//) .*$")
_RIP = re.compile(r"(?:-?\d+)?\(%rip\)")
_WRITE, _EXECUTE, _MERGE, _STRINGS = 1, 4, 16, 32  # flags of sections
_AT_RIP = {"R_X86_64_PC32": "", "R_X86_64_GOTPCREL": "@GOTPCREL", "R_X86_64_GOTPCRELX": "@GOTPCREL",
           "R_X86_64_REX_GOTPCRELX": "@GOTPCREL", "R_X86_64_GOTTPOFF": "@GOTTPOFF"}  # fmt: skip
_ABSOLUTE, _MEMORY = ("R_X86_64_32S", "R_X86_64_32"), re.compile(r"(?<![\w)])\((?=[%,])")
_CALLS = ("R_X86_64_PLT32", "R_AARCH64_CALL26", "R_AARCH64_JUMP26")
_PAGES = {"R_AARCH64_ADR_PREL_PG_HI21": "", "R_AARCH64_ADR_GOT_PAGE": ":got:",
          "R_AARCH64_TLSIE_ADR_GOTTPREL_PAGE21": ":gottprel:"}  # fmt: skip
_IN_PAGE = {"R_AARCH64_LD64_GOT_LO12_NC": ":got_lo12:", "R_AARCH64_TLSIE_LD64_GOTTPREL_LO12_NC": ":gottprel_lo12:"} | {
    f"R_AARCH64_LDST{bits}_ABS_LO12_NC": ":lo12:" for bits in (8, 16, 32, 64, 128)
}
_WORDS = {"R_X86_64_64": 8, "R_AARCH64_ABS64": 8, "R_X86_64_PC32": 4, "R_AARCH64_PREL32": 4}  # bytes, in data
_RELATIVE = ("R_X86_64_PC32", "R_AARCH64_PREL32")
_ESCAPES = {ord('"'): '\\"', ord("\\"): "\\\\", 10: "\\n", 9: "\\t", 13: "\\r", 8: "\\b", 12: "\\f"}


@dataclass(frozen=True, slots=True)
class ObjectCode:
    """An object's architecture (of `TRIPLES`), and its functions by name, as assembly in normal form."""

    architecture: str
    functions: tuple[tuple[str, str], ...]


def read_object(toolchain: Toolchain, data: bytes) -> ObjectCode:
    """The functions of an ELF object; raises `InputError` for what is none, another machine's, linked, or stripped."""
    from elftools.common.exceptions import ELFError
    from elftools.elf.elffile import ELFFile

    try:
        elf = ELFFile(io.BytesIO(data))
        machine, kind = elf["e_machine"], elf["e_type"]
        reader = _Reader(elf) if kind == "ET_REL" else None
    except (ELFError, ValueError, KeyError) as error:
        raise InputError(f"This is no ELF object that can be read: {error}. Give what clang -c writes.") from None
    if reader is None:
        raise InputError("This is linked already (a program or a shared library). Give the objects that it is made of.")
    if machine not in _ARCHITECTURES:
        raise InputError(f"This is an object for {machine}. It can be for x86-64 or AArch64.")
    functions = [s for s in reader.symbols if s.is_function and not _OUTLINED.match(s.name)]
    if not functions:
        raise InputError("This object names no function: it is stripped, or has no code. Give one with its symbols.")
    reader.lines = _disassemble(toolchain, data, reader)
    architecture = _ARCHITECTURES[machine]
    return ObjectCode(
        architecture,
        tuple(
            (s.name, normalise_assembly("\n".join(_Writer(reader, s).write()), architecture))
            for s in sorted(functions, key=lambda s: (s.section, s.offset))
        ),
    )


@dataclass(frozen=True, slots=True)
class _Symbol:
    name: str
    kind: str
    section: int | str
    offset: int
    size: int
    local: bool
    hidden: bool
    weak: bool

    @property
    def is_function(self) -> bool:
        return self.kind == "STT_FUNC" and self.size > 0 and isinstance(self.section, int)


@dataclass(frozen=True, slots=True)
class _Relocation:
    offset: int
    type: str
    symbol: _Symbol
    addend: int


@dataclass(slots=True)
class _Reader:
    """What an object has: sections, symbols, relocations by the section that they are in, instructions likewise."""

    elf: Any
    symbols: list[_Symbol] = field(init=False)
    relocations: dict[int, list[_Relocation]] = field(init=False)
    lines: Mapping[int, list[tuple[int, str]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        table = self.elf.get_section_by_name(".symtab")
        self.symbols = [_read_symbol(entry) for entry in table.iter_symbols()] if table else []
        self.relocations = {}
        for section in self.elf.iter_sections():
            if section["sh_type"] in ("SHT_RELA", "SHT_REL"):
                found = [self._read_relocation(entry) for entry in section.iter_relocations()]
                self.relocations[section["sh_info"]] = sorted(found, key=lambda r: r.offset)

    def list_relocations(self, section: int, start: int, end: int) -> list[_Relocation]:
        """Those of a part of a section, by offset."""
        found = self.relocations.get(section, [])
        first, last = (bisect_left(found, place, key=lambda r: r.offset) for place in (start, end))
        return found[first:last]

    def _read_relocation(self, entry: Any) -> _Relocation:
        from elftools.elf.descriptions import describe_reloc_type

        number = entry["r_info_type"]
        kind = describe_reloc_type(number, self.elf).replace(_UNKNOWN, f"TYPE_{number}")
        symbol, addend = self.symbols[entry["r_info_sym"]], entry["r_addend"] if entry.is_RELA() else 0
        return _Relocation(entry["r_offset"], kind, symbol, addend)


def _read_symbol(entry: Any) -> _Symbol:
    info, other = entry["st_info"], entry["st_other"]["visibility"]
    return _Symbol(
        entry.name, info["type"], entry["st_shndx"], entry["st_value"], entry["st_size"], info["bind"] == "STB_LOCAL",
        other == "STV_HIDDEN", info["bind"] == "STB_WEAK",
    )  # fmt: skip


def _disassemble(toolchain: Toolchain, data: bytes, reader: _Reader) -> dict[int, list[tuple[int, str]]]:
    """The instructions of each section of code, with their offsets."""
    with tempfile.TemporaryDirectory(prefix="lathe-") as folder:
        path = Path(folder) / "object.o"
        path.write_bytes(data)
        words = [str(toolchain.tool("llvm-objdump")), "-d", "-z", "--no-show-raw-insn", "--no-print-imm-hex", str(path)]
        done = subprocess.run(words, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        raise InputError(f"LLVM's disassembler cannot read this object: {done.stderr.strip()[:200]}")
    names = [section.name for section in reader.elf.iter_sections()]
    number, found = 0, dict[int, list[tuple[int, str]]]()
    for line in done.stdout.splitlines():
        if match := _SECTION.match(line):
            number = names.index(match[1], number + 1)
        elif match := _LINE.match(line):
            found.setdefault(number, []).append((int(match[1], 16), match[2]))
    return found


@dataclass(slots=True)
class _Writer:
    """Writes a function, then what LLVM outlined of it, and the data that is mentioned."""

    object: _Reader
    function: _Symbol
    _labels: set[tuple[int, int]] = field(default_factory=set)  # places in code
    _outlined: dict[_Symbol, None] = field(default_factory=dict)
    _wanted: dict[tuple[int, int], str] = field(default_factory=dict)  # places of data, and their names

    def write(self) -> Iterator[str]:
        """The lines."""
        codes = [(self.function, list(self._list_code(self.function)))]
        data = list(self._list_data())
        while len(codes) <= len(self._outlined):
            outlined = list(self._outlined)[len(codes) - 1]
            codes.append((outlined, list(self._list_code(outlined))))
        yield ".text"
        for own, code in codes:
            if own.hidden:
                yield f".hidden {own.name}"
            if not own.local:
                yield f"{'.weak' if own.weak else '.globl'} {own.name}"
            yield from (f".type {own.name},@function", f"{own.name}:")
            for place, lines in code:
                if place in self._labels:
                    yield f"{_name_label(place)}:"
                yield from lines
        yield from data

    def _list_code(self, own: _Symbol) -> Iterator[tuple[tuple[int, int], list[str]]]:
        """The instructions of a function, with what goes before them, by place."""
        assert isinstance(own.section, int)
        inside = range(own.offset, own.offset + own.size)
        lines = self.object.lines.get(own.section, [])
        first, last = (bisect_left(lines, place, key=itemgetter(0)) for place in (inside.start, inside.stop))
        lines = lines[first:last]
        ends = [at for at, _ in lines[1:]] + [inside.stop]
        for (at, text), end in zip(lines, ends, strict=True):
            text = _COMMENT.sub("", text).replace("\t", " ").strip()
            inner = self.object.list_relocations(own.section, at, end)
            left = []
            for one in inner:
                changed = self._put_symbol(text, one, end)
                if changed is None:
                    self._labels.add((own.section, at))
                    label = _name_label((own.section, at))
                    left.append(f".reloc {label}+{one.offset - at}, {one.type}, {self._name_target(one, 0)}")
                text = changed or text
            if not inner and (match := _PLACE.search(text)) and _BRANCH.match(text.split()[0]):
                text = text[: match.start()] + self._name_code(own.section, int(match[1], 16))
            yield (own.section, at), [*left, _GUESS.sub("", text)]

    def _put_symbol(self, text: str, one: _Relocation, end: int) -> str | None:
        """An instruction with the symbol that it refers to; None for a relocation of which nothing is known."""
        if one.type in _CALLS and (match := _PLACE.search(text)):
            ahead = end - one.offset if one.type == "R_X86_64_PLT32" else 0
            plt = "@PLT" if one.type == "R_X86_64_PLT32" and not one.symbol.local else ""
            return text[: match.start()] + self._name_target(one, ahead) + plt
        if one.type in _AT_RIP and _RIP.search(text):
            target = self._name_target(one, end - one.offset) + _AT_RIP[one.type]
            return _RIP.sub(lambda _: f"{target}(%rip)", text, count=1)
        if one.type in _ABSOLUTE and one.offset + 4 == end and "$0" in text:
            return text.replace("$0", f"${self._name_target(one, 0)}")
        if one.type in _ABSOLUTE and "(" in text:
            return _MEMORY.sub(lambda _: f"{self._name_target(one, 0)}(", text, count=1)
        if one.type in _PAGES and (match := _PLACE.search(text)):
            return text[: match.start()] + _PAGES[one.type] + self._name_target(one, 0)
        if one.type == "R_AARCH64_ADD_ABS_LO12_NC" and text.endswith("#0"):
            return f"{text[:-2]}:lo12:{self._name_target(one, 0)}"
        if one.type in _IN_PAGE and text.endswith("]") and "," not in text[text.index("[") :]:
            return f"{text[:-1]}, {_IN_PAGE[one.type]}{self._name_target(one, 0)}]"
        return None

    def _name_target(self, one: _Relocation, ahead: int) -> str:
        """What a relocation refers to, `ahead` bytes (from it to where the machine counts from) added."""
        symbol, more = one.symbol, one.addend + ahead
        if isinstance(symbol.section, int) and (symbol.kind == "STT_SECTION" or symbol.local):
            return self._name_place(symbol.section, symbol.offset + more)
        return symbol.name + (f"{more:+d}" if more else "")

    def _name_place(self, section: int, offset: int) -> str:
        if self.object.elf.get_section(section)["sh_flags"] & _EXECUTE:
            return self._name_code(section, offset)
        before = [s for s in self._list_owners(section) if s.offset <= offset]
        owner = max(before, key=lambda s: (s.offset, s.size), default=None)
        if owner is None or (owner.size and offset >= owner.offset + owner.size):
            return self._wanted.setdefault((section, offset), f".Ldata{section}_{offset}")
        more = f"{offset - owner.offset:+d}" if offset != owner.offset else ""
        if owner.local:
            self._wanted.setdefault((section, owner.offset), owner.name)
        return owner.name + more

    def _list_owners(self, section: int) -> Iterator[_Symbol]:
        """The symbols of a section that name something."""
        return (
            s for s in self.object.symbols
            if s.section == section and s.name and s.kind != "STT_SECTION" and not _MAPPING.match(s.name)
        )  # fmt: skip

    def _name_code(self, section: int, offset: int) -> str:
        owners = [s for s in self._list_owners(section) if s.is_function and s.offset <= offset]
        owner = max(owners, key=lambda s: s.offset, default=None)
        if owner is None:
            return f".Lsection{section}{offset:+d}"
        if owner.offset == offset:
            return self._mention(owner)
        if (owner is self.function or owner in self._outlined) and offset < owner.offset + owner.size:
            self._labels.add((section, offset))
            return _name_label((section, offset))
        return f"{self._mention(owner)}{offset - owner.offset:+d}"

    def _mention(self, function: _Symbol) -> str:
        if _OUTLINED.match(function.name):
            self._outlined.setdefault(function)
        return function.name

    def _list_data(self) -> Iterator[str]:
        done = 0
        while done < len(self._wanted):  # what is written may mention more
            (section, start), name = list(self._wanted.items())[done]
            done += 1
            header = self.object.elf.get_section(section)
            yield f".section {header.name},{_describe_section(header)}"
            yield f"{name}:"
            yield from self._list_content(section, start, self._find_end(section, start))

    def _find_end(self, section: int, start: int) -> int:
        """Where data that begins at a place ends."""
        header, symbols = self.object.elf.get_section(section), list(self._list_owners(section))
        own = next((s for s in symbols if s.offset == start), None)
        flags = header["sh_flags"]
        if own and own.size:
            return start + own.size
        if flags & _STRINGS:
            return int(header.data().index(b"\0", start)) + 1
        if flags & _MERGE:
            return start + int(header["sh_entsize"])
        places = [s.offset for s in symbols] + [
            r.addend for of in self.object.relocations.values() for r in of
            if r.symbol.section == section and r.symbol.kind == "STT_SECTION" and own is None
        ]  # fmt: skip
        places += [place for of, place in self._wanted if of == section]
        return min((place for place in places if place > start), default=int(header["sh_size"]))

    def _list_content(self, section: int, start: int, end: int) -> Iterator[str]:
        header = self.object.elf.get_section(section)
        if header["sh_type"] == "SHT_NOBITS":
            yield f".zero {end - start}"
            return
        data, at = header.data(), start
        inner = self.object.list_relocations(section, start, end)
        if not inner and _TABLE.match(name := self._wanted[section, start]):
            for (distance,) in struct.iter_unpack("<i", data[start : end - (end - start) % 4]):
                yield f".long {self._name_place(section, start + distance)}-{name}"
            return
        for one in inner:
            yield from _list_bytes(data[at : one.offset], header)
            width = _WORDS.get(one.type)
            if width is None:
                place = f"{self._wanted[section, start]}+{one.offset - start}"
                yield f".reloc {place}, {one.type}, {self._name_target(one, 0)}"
                at = one.offset
            else:
                relative = one.type in _RELATIVE
                target = self._name_target(one, start - one.offset if relative else 0)
                base = f"-{self._wanted[section, start]}" if relative else ""
                yield f"{'.quad' if width == 8 else '.long'} {target}{base}"
                at = one.offset + width
        yield from _list_bytes(data[at:end], header)


def _name_label(place: tuple[int, int]) -> str:
    return f".Lcode{place[0]}_{place[1]}"


def _describe_section(header: Any) -> str:
    letters = ((_WRITE, "w"), (_MERGE, "M"), (_STRINGS, "S"))
    flags = "a" + "".join(letter for bit, letter in letters if header["sh_flags"] & bit)
    size = f",{header['sh_entsize']}" if header["sh_flags"] & _MERGE else ""
    return f'"{flags}",@{"nobits" if header["sh_type"] == "SHT_NOBITS" else "progbits"}{size}'


def _list_bytes(data: bytes, header: Any) -> Iterator[str]:
    """Bytes as directives: text, or numbers as wide as can be told."""
    if header["sh_flags"] & _STRINGS and header["sh_entsize"] == 1 and data.endswith(b"\0"):
        text = "".join(_ESCAPES.get(byte) or (chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}") for byte in data[:-1])
        yield f'.asciz "{text}"'
    else:
        width = 8 if header["sh_entsize"] == 8 else 4 if len(data) % 4 == 0 else 1
        for at in range(0, len(data), width):
            number = int.from_bytes(data[at : at + width], "little")
            yield {8: f".quad {number:#x}", 4: f".long {number}", 1: f".byte {number}"}[width]
