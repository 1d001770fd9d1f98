"""Prototypes: a module's functions and variables as its text declares them, enough to call and to stand in for them.

LLVM's text form is read, not its memory: `define` and `declare` lines, attribute groups, and variables. Types and
attributes of parameters are kept as text, which is valid again where calls are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Parameter", "Prototype", "Variable", "read_prototypes", "read_variables", "split_type"]

_NAME = r'(?:[-\w$.]+|"[^"]*")'
_LINE = re.compile(rf"^(define|declare) (.*?)@({_NAME})\((.*)$")
_LOCAL = ("internal", "private")
_LINKAGES = (
    *_LOCAL, "available_externally", "linkonce", "weak", "common", "appending", "extern_weak", "linkonce_odr",
    "weak_odr", "external",
)  # fmt: skip
_CONVENTIONS = re.compile(r"\b(?:fastcc|coldcc|\w+cc \d+|tailcc|swiftcc|ghccc|preserve_\w+|\w+_\w*cc|cc \d+)\b")
_OPENING, _CLOSING = "([{<", ")]}>"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter or a result: LLVM's type, and its attributes."""

    type: str
    attributes: str = ""


@dataclass(frozen=True, slots=True)
class Prototype:
    """A function: `name` as written after the `@`, whether it has a body here, and words of its attributes."""

    name: str
    defined: bool
    linkage: str
    result: Parameter
    parameters: tuple[Parameter, ...]
    variadic: bool
    plain_convention: bool
    attributes: frozenset[str]

    @property
    def symbol(self) -> str:
        """The name as the object has it."""
        return self.name.strip('"')

    @property
    def local(self) -> bool:
        """Whether it is invisible outside its module."""
        return self.linkage in _LOCAL


@dataclass(frozen=True, slots=True)
class Variable:
    """A global variable: whether it has a value here, can change, is one for each thread, and its type."""

    name: str
    defined: bool
    linkage: str
    constant: bool
    thread_local: bool
    type: str

    @property
    def symbol(self) -> str:
        """The name as the object has it."""
        return self.name.strip('"')


def read_prototypes(text: str) -> list[Prototype]:
    """The functions of a module's text in order, LLVM's own (`llvm.*`) left out."""
    groups = {
        number: frozenset(re.findall(r"[a-z_]+(?:\([^)]*\))?", re.sub(r'"[^"]*"(="[^"]*")?', "", body)))
        for number, body in re.findall(r"^attributes #(\d+) = \{ (.*) \}$", text, re.MULTILINE)
    }
    found = (_LINE.match(line) for line in text.splitlines() if line.startswith(("define ", "declare ")))
    return [_read_prototype(match, groups) for match in found if match and not match[3].startswith("llvm.")]


def _read_prototype(match: re.Match[str], groups: dict[str, frozenset[str]]) -> Prototype:
    kind, before, name, after = match.groups()
    inside, rest = _split_at_end(after)
    linkage = _read_linkage(before)
    type_ = _last_type(before.strip())
    texts = list(_split_commas(inside))
    variadic = bool(texts) and texts[-1] == "..."
    parameters = tuple(_read_parameter(text) for text in (texts[:-1] if variadic else texts))
    numbers = re.findall(r"#(\d+)", rest)
    attributes = frozenset().union(*(groups.get(number, frozenset()) for number in numbers))
    result = Parameter(type_, " ".join(re.findall(r"\b(?:zeroext|signext|inreg|nonnull)\b", before)))
    defined = kind == "define" and linkage != "available_externally"
    return Prototype(name, defined, linkage, result, parameters, variadic, not _CONVENTIONS.search(before), attributes)


def _read_parameter(text: str) -> Parameter:
    type_, rest = split_type(text)
    return Parameter(type_, re.sub(rf"\s*%{_NAME}$", "", rest).strip())


def read_variables(text: str) -> list[Variable]:
    """The global variables of a module's text in order, LLVM's own (`llvm.*`) left out."""
    pattern = rf"^@({_NAME}) = (.*?)\b(global|constant) (.*)$"
    found = []
    for name, words, kind, rest in re.findall(pattern, text, re.MULTILINE):
        linkage = _read_linkage(words)
        if not name.startswith("llvm."):
            defined = linkage not in ("external", "extern_weak", "available_externally")
            found.append(
                Variable(name, defined, linkage, kind == "constant", "thread_local" in words, split_type(rest)[0])
            )
    return found


def _read_linkage(words: str) -> str:
    first = words.split()[:1]
    return first[0] if first and first[0] in _LINKAGES else ""


def split_type(text: str) -> tuple[str, str]:
    """The type that a text starts with, and what follows it."""
    if text[0] in _OPENING:
        inside, rest = _split_at_end(text[1:])
        return text[: len(inside) + 2], rest.strip()
    match = re.match(rf"ptr addrspace\(\d+\)|%{_NAME}|[^\s,]+", text)
    assert match, text
    return match[0], text[match.end() :].strip()


def _last_type(text: str) -> str:
    """The type that a text ends with."""
    starts = [m.start() for m in re.finditer(r'(?:^|(?<= ))[^\s"]', text)]
    return next((text[at:] for at in starts if not split_type(text[at:])[1] and _is_type(text[at:])), "void")


def _is_type(text: str) -> bool:
    return bool(re.match(r"[\[{<%]|i\d+$|ptr$|ptr addrspace|void$|float$|double$|half$|bfloat$|x86_fp80$|fp128$", text))


def _split_at_end(text: str) -> tuple[str, str]:
    """What stands before the bracket that closes the one before `text`, and what follows."""
    for at, depth in _depths(text):
        if depth < 0:
            return text[:at], text[at + 1 :]
    return text, ""


def _split_commas(text: str) -> Iterator[str]:
    start = 0
    for at, depth in _depths(text):
        if text[at] == "," and not depth:
            yield text[start:at].strip()
            start = at + 1
    if text[start:].strip():
        yield text[start:].strip()


def _depths(text: str) -> Iterator[tuple[int, int]]:
    """Each place outside quotes, with how many brackets are open after it."""
    depth, quoted = 0, False
    for at, letter in enumerate(text):
        quoted ^= letter == '"'
        if not quoted:
            depth += (letter in _OPENING) - (letter in _CLOSING)
            yield at, depth
