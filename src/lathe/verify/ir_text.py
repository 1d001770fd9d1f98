"""A module's IR as text, read just far enough to know what each function names, and what variables hold.

What it reads is LLVM's own print, one definition after the other; what it cannot read it does not name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["FunctionText", "IrText", "VariableText", "drop_metadata"]

_NAME = r'@("[^"]*"|[\w.$-]+)'
_FUNCTION = re.compile(rf"^define ([^@\n]*){_NAME}(.*?)^}}", re.MULTILINE | re.DOTALL)
_VARIABLE = re.compile(rf"^{_NAME} = (.*?)\b(global|constant|alias|ifunc)\b(.*)", re.MULTILINE)
_LOCAL = re.compile(r"\b(?:private|internal)\b")
_SPECIFIERS = re.compile(r'(?:, (?:align \d+|section "[^"]*"|comdat(?:\([^)]*\))?|![\w.]+ !\d+))+$')
_ATTACHMENTS = re.compile(r"(?:, ![\w.]+ !\d+)+$", re.MULTILINE)
_ATTRIBUTES = re.compile(r" #\d+")


@dataclass(frozen=True, slots=True)
class FunctionText:
    """A function: can other modules call it, and its code from the parameters on, without numbers of attributes."""

    exported: bool
    code: str


@dataclass(frozen=True, slots=True)
class VariableText:
    """A variable or alias and what it holds; `open`: whoever reads the module knows no more of it than that.

    Local variables are not open, for all their uses are known, nor are constants that may hold pointers to functions.
    """

    open: bool
    value: str


class IrText:
    """The functions and variables of a module's text, by name, in its order."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.functions = {
            _plain(name): FunctionText(not _LOCAL.search(head), _ATTRIBUTES.sub("", drop_metadata(code)))
            for head, name, code in _FUNCTION.findall(text)
        }
        self.variables = {
            _plain(name): VariableText(_is_open(head, kind, value), _SPECIFIERS.sub("", value))
            for name, head, kind, value in _VARIABLE.findall(text)
        }

    def reach(self, function: str) -> set[str]:
        """The names in a function's code, and in what the variables among them hold."""
        found: set[str] = set()
        fresh = _names(self.functions[function].code)
        while fresh:
            found |= fresh
            fresh = {n for v in fresh & self.variables.keys() for n in _names(self.variables[v].value)} - found
        return found


def drop_metadata(text: str, *, keep: frozenset[str] = frozenset()) -> str:
    """The text without what is attached to its instructions, but for the kinds in `keep`."""

    def choose(match: re.Match[str]) -> str:
        return "".join(a for a in re.findall(r", ![\w.]+ !\d+", match[0]) if a.split()[1][1:] in keep)

    return _ATTACHMENTS.sub(choose, text)


def _is_open(head: str, kind: str, value: str) -> bool:
    return "@" not in value if kind == "constant" else kind == "global" and not _LOCAL.search(head)


def _names(code: str) -> set[str]:
    return {_plain(name) for name in re.findall(_NAME, code)}


def _plain(name: str) -> str:
    """A name without LLVM's quotes and escapes."""
    bare = re.sub(r"\\([0-9A-Fa-f]{2})", lambda m: chr(int(m[1], 16)), name.strip('"'))
    return bare.encode("latin-1", "replace").decode("utf-8", "replace")
