"""Mutations: IR that is nearly right, changed in one place, the likeliest changes first.

    for changed in list_mutations(code, assembly, lowered): …

What a model gets wrong last are names, numbers, predicates and the order of operands. Which names and numbers should be
there is read off the assembly that is wanted; everything else is tried. Most changes are no IR or change nothing:
whoever asks lowers them and looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

__all__ = ["list_mutations"]

_NAME = re.compile(r"(?<![\w.$%@!])[A-Za-z_.$][\w.$]*")
_GLOBAL = re.compile(r"@([\w.$]+)")
_NUMBER = re.compile(r"(?<![\w.%@!-])-?(?:0x[0-9a-f]+|\d+)\b")
_LITERAL = re.compile(r"(?<=[ ,(\[])-?\d+(?=[,)\]\n ])")  # %5 and i32 are none
_OPERANDS = re.compile(r"(%[\w.]+|-?\d+|null|true|false), (%[\w.]+|-?\d+|null|true|false)$")
_ARMS = re.compile(r"^(%[\w.]+ = select i1 %[\w.]+), (\S+ \S+), (\S+ \S+)$")
_WIDTH = re.compile(r"\bi(?:1|8|16|32|64)\b")
_WIDTHS = ("i1", "i8", "i16", "i32", "i64", "ptr")
_FAMILIES = [
    ("eq", "ne", "ugt", "uge", "ult", "ule", "sgt", "sge", "slt", "sle"),
    ("oeq", "une", "ogt", "oge", "olt", "ole", "ugt", "uge", "ult", "ule", "ord", "uno", "one", "ueq"),
    ("add", "sub", "mul", "and", "or", "xor", "shl", "lshr", "ashr", "sdiv", "udiv", "srem", "urem"),
    ("fadd", "fsub", "fmul", "fdiv"), ("zext", "sext", "trunc", "zext nneg"),
    ("define", "define internal", "define hidden", "define dso_local"), ("tail call", "call", "musttail call"),
]  # fmt: skip


def list_mutations(code: str, wanted: str, given: str) -> Iterator[str]:
    """Changed forms of IR in normal form that lowers to `given` where `wanted` is asked for (assembly, normal form)."""
    missing, surplus = (_subtract(one, other) for one, other in ((wanted, given), (given, wanted)))
    lines = code.splitlines(keepends=True)
    cut = _count_head(lines)
    head, body = "".join(lines[:cut]), "".join(lines[cut:])
    seen = {body}
    for changed in _list_all(body, missing, surplus):
        if changed not in seen:
            seen.add(changed)
            yield head + changed


def _count_head(lines: list[str]) -> int:
    """How many lines say what the target is."""
    return next((number for number, line in enumerate(lines) if not line.startswith("target ")), len(lines))


def _subtract(one: str, other: str) -> str:
    """The lines of a text that another lacks."""
    return "\n".join(dict.fromkeys(line for line in one.splitlines() if line not in set(other.splitlines())))


def _list_all(code: str, missing: str, surplus: str) -> Iterator[str]:
    yield from _rename(code, missing, surplus)
    numbers = {near for found in _NUMBER.findall(missing) for near in _list_near(int(found, 0))}
    yield from _replace(code, _LITERAL, [str(number) for number in sorted(numbers, key=lambda n: (abs(n), n))])
    for words in _FAMILIES:
        longest_first = sorted(words, key=len, reverse=True)
        yield from _replace(code, re.compile(rf"(?<![\w.])(?:{'|'.join(longest_first)})(?![\w.])"), words)
    yield from _reorder(code)
    yield from _replace(code, _WIDTH, _WIDTHS)
    for old in _WIDTHS:
        for new in _WIDTHS:
            yield re.sub(rf"\b{old}\b", new, code)


def _rename(code: str, missing: str, surplus: str) -> Iterator[str]:
    """Names of the IR that the assembly lacks, for names of the assembly that the IR lacks."""
    own, surplus_names = set(_GLOBAL.findall(code)), set(_NAME.findall(surplus))
    absent = [name for name in dict.fromkeys(_NAME.findall(missing)) if name not in own]
    for old in dict.fromkeys(name for name in _GLOBAL.findall(code) if name in surplus_names):
        for new in absent:
            yield re.sub(rf"@{re.escape(old)}(?![\w.$])", f"@{new}", code)


def _list_near(number: int) -> Iterable[int]:
    """Numbers that an instruction with such a number may come from."""
    return (number, -number, number + 1, number - 1, 1 << number if 0 <= number < 64 else number)


def _replace(code: str, pattern: re.Pattern[str], others: Iterable[str]) -> Iterator[str]:
    """Each match, one at a time, replaced by each other word."""
    for match in pattern.finditer(code):
        for other in others:
            yield code[: match.start()] + other + code[match.end() :]


def _reorder(code: str) -> Iterator[str]:
    """Lines with their two operands, or arms, the other way round."""
    for match in re.finditer(r"^%.*$", code, re.MULTILINE):
        for pattern, order in ((_OPERANDS, r"\2, \1"), (_ARMS, r"\1, \3, \2")):
            yield code[: match.start()] + pattern.sub(order, match[0]) + code[match.end() :]
