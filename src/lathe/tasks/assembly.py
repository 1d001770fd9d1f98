"""Splitting assembly: the functions of a file that LLVM or GCC wrote, each as LLVM would write it alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lathe.errors import InputError
from lathe.llvm import normalise_assembly
from lathe.tasks.disassembly import TRIPLES

__all__ = ["split_assembly"]

_SECTION = re.compile(r"\s*\.(?:text|data|bss|section)\b")
_OWN_SECTION = re.compile(r'\s*\.section\s+\.text\.([.\w$]+),"ax",[@%]progbits.*')  # by -ffunction-sections
_LABEL = re.compile(r"([\w.$@]+|\"[^\"]*\"):")
_MENTION = re.compile(r"[\w.$]+")
_GLOBAL = re.compile(r"\s*\.(?:globl|weak)\s+([^\s,]+)")
_OUTLINED = re.compile(r"OUTLINED_FUNCTION_\d+$")
_DESCRIBED = re.compile(r"\s*\.(?:hidden|protected|comm|lcomm)\s+([^\s,]+)")  # what is not defined here
_FUNCTION = re.compile(r"\s*\.type\s+([^\s,]+),\s*[@%]function")
_BEGINS = re.compile(r"\s*\.(?:type|globl|weak|hidden|protected|p2align|comm|lcomm)\b")


def split_assembly(text: str, architecture: str) -> list[tuple[str, str]]:
    """The functions of a file that LLVM or GCC wrote, by name, each in normal form with the local data it mentions.

    Raises `InputError` when there is none, or for an architecture that is not of `TRIPLES`.
    """
    if architecture not in TRIPLES:
        raise InputError(f'Assembly of "{architecture}" cannot be lifted. It can be of {", ".join(TRIPLES)}.')
    atoms = list(_cut(text.splitlines()))
    found = []
    for atom in atoms:
        if atom.function and not _OUTLINED.match(atom.function):
            text = "\n".join(_join(_close(atom, atoms)))
            found.append((atom.function, normalise_assembly(text, architecture)))
    if not found:
        raise InputError("There is no function in this assembly (.type NAME,@function). Name what clang -S writes.")
    return found


@dataclass(frozen=True, slots=True)
class _Atom:
    """What lies between two places where a file could be cut: a function, or some constants.

    `head` is what was said of it before its section.
    """

    head: tuple[str, ...]
    section: str
    lines: tuple[str, ...]
    labels: frozenset[str]
    function: str | None


def _cut(lines: Sequence[str]) -> Iterator[_Atom]:
    section, head, kept = "\t.text", list[str](), list[str]()
    defined = {match[1] for line in lines if (match := _LABEL.match(line))}
    for line in lines:
        labels, function = _look_at(kept)
        switches = _SECTION.match(line) is not None
        if labels and (switches or (not function and _BEGINS.match(line)) or kept[-1].strip().startswith(".size")):
            yield _Atom(tuple(head), section, tuple(kept), labels, function)
            head, kept, labels = [], [], frozenset()
        if switches:
            head, kept = [*head, *kept], []
            section = line
        else:
            kept.append(line)
        if not labels and (match := _DESCRIBED.match(line)) and match[1] not in defined:
            yield _Atom((), "", (*head, *kept), frozenset([match[1]]), None)
            head, kept = [], []
    labels, function = _look_at(kept)
    if labels:
        yield _Atom(tuple(head), section, tuple(kept), labels, function)


def _look_at(lines: Sequence[str]) -> tuple[frozenset[str], str | None]:
    """The labels in some lines, and the function that they say is one."""
    functions = [match[1] for line in lines if (match := _FUNCTION.match(line))]
    return frozenset(m[1] for line in lines if (m := _LABEL.match(line))), functions[0] if functions else None


def _join(atoms: Sequence[_Atom]) -> Iterator[str]:
    section = ""
    for atom in atoms:
        yield from atom.head
        own = "\t.text" if atom.function and _OWN_SECTION.sub(r"\1", atom.section) == atom.function else atom.section
        if own not in ("", section):
            section = own
            yield section
        yield from atom.lines


def _close(function: _Atom, atoms: Sequence[_Atom]) -> list[_Atom]:
    """A function and what of the file goes with it because it mentions that, in the file's order."""
    shared = {name for atom in atoms for line in atom.lines for name in _GLOBAL.findall(line)}
    owners = {label: atom for atom in atoms for label in atom.labels if _belongs(label, atom, shared)}
    needed, waiting = {id(function)}, [function]
    while waiting:
        for word in _MENTION.findall("\n".join(waiting.pop().lines)):
            owner = owners.get(word)
            if owner and id(owner) not in needed:
                needed.add(id(owner))
                waiting.append(owner)
    return [atom for atom in atoms if id(atom) in needed]


def _belongs(label: str, atom: _Atom, shared: set[str]) -> bool:
    """Whether what has a label goes with the function that mentions it: descriptions, what is outlined, local data."""
    if not atom.section or _OUTLINED.match(label) or label.startswith("DW.ref."):
        return True
    return not atom.function and label not in shared
