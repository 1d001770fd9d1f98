"""The numbers of values as a rule for decoding: IR in normal form that mentions only values that are there.

    rule = ValueRule(tokenizer)
    decode(decoder, [prompt], Decoding(end, [500], rule))

Most IR of models that is none uses a value before it is there, one of another type, or numbers its own wrongly
(`lathe.llvm.normalise_ir` has them numbered in order). All of that can be told from the text so far, so that numbers
that cannot be right are not said. Whatever is not known for sure is allowed: the compiler has the last word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from lathe.model import Tokenizer

__all__ = ["ValueRule"]

_TYPE = r"(?:ptr|i\d+|half|bfloat|float|double|fp128|x86_fp80|<[^<>]*>)"
_FLAGS = r"(?:(?:nuw|nsw|exact|disjoint|samesign|nneg|fast|nnan|ninf|nsz|arcp|contract|afn|reassoc|volatile|atomic) )*"
_TWO = "add|sub|mul|udiv|sdiv|urem|srem|shl|lshr|ashr|and|or|xor|fadd|fsub|fmul|fdiv|frem"
_COMPARED = re.compile(rf"(?:icmp|fcmp) {_FLAGS}\w+ ({_TYPE}) ")
_COMPUTED = re.compile(rf"(?:{_TWO}|load|phi|fneg|freeze) {_FLAGS}({_TYPE})(?=[ ,])")
_CALLED = re.compile(rf"(?:(?:tail|musttail|notail) )?call {_FLAGS}(?:\w+ )*?({_TYPE}) (?:\([^()]*\) )?[@%]")
_CASTS = "trunc|zext|sext|fptrunc|fpext|fptoui|fptosi|uitofp|sitofp|ptrtoint|inttoptr|bitcast"
_CAST = re.compile(rf"(?:{_CASTS}) .* to ({_TYPE})$")
_CHOSEN = re.compile(rf"select {_FLAGS}i1 \S+, ({_TYPE}) ")
_ADDRESS = re.compile(rf"(?:alloca|getelementptr (?:(?:inbounds|nuw|nusw) )*{_TYPE}, ptr)\b")
_SECOND = re.compile(rf"%\d+ = (?:(?:{_TWO}) {_FLAGS}|(?:icmp|fcmp) {_FLAGS}\w+ )({_TYPE}) \S+, %$")
_CALLEE = re.compile(r"[^@(]*\bcall [^@(]*%$")
_DIRECT = re.compile(rf"(?<![\w>])({_TYPE}) %$")
_PARAMETERS = re.compile(r'.*?@(?:"[^"]*"|[-\w.$]+)\((.*)', re.DOTALL)
_NESTED = re.compile(r"(?<=[a-z])\((?:[^()]|\([^()]*\))*\)")  # of attributes
_PARAMETER = re.compile(rf"(?:({_TYPE}) (?:[a-z][^,()%]*)?)?%(\d+)(?=[,)])")
_DEFINED = re.compile(r"(?:%(\d+) = |(\d+):)")
_FREE = re.compile(r"label %$|^%\d+ = phi ")  # of blocks, or of values that may come later


class ValueRule:
    """Says which tokens may follow those of IR; None when any may."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    @cached_property
    def _digits(self) -> dict[int, str]:
        """The tokens that are a digit."""
        tokens = {self._tokenizer.encode(str(digit))[0]: str(digit) for digit in range(10)}
        assert len(tokens) == 10
        return tokens

    @cached_property
    def _others(self) -> NDArray[np.intp]:
        import numpy as np

        return np.array([token for token in range(self._tokenizer.size) if token not in self._digits])

    def __call__(self, said: Sequence[int]) -> NDArray[np.intp] | None:
        """What may follow."""
        import numpy as np

        start = len(said)
        while start and said[start - 1] in self._digits:
            start -= 1
        if not start or not self._tokenizer.decode(said[start - 1 : start]).endswith((b"%", b"\n")):
            return None
        text = self._tokenizer.decode(said[:start]).decode("utf-8", "replace")
        number = "".join(self._digits[token] for token in said[start:])
        allowed = _find_allowed(text)
        if allowed is None:
            return None
        names = {str(one) for one in allowed}
        digits = [
            token for token, digit in self._digits.items() if any(name.startswith(number + digit) for name in names)
        ]
        may_end = number in names or (not number and not text.endswith("\n%"))
        if may_end:
            return np.concatenate([np.array(digits, np.intp), self._others])
        return np.array(digits, np.intp) if digits else None  # it is wrong already, begun where nothing was known


def _find_allowed(text: str) -> set[int] | None:
    """The numbers that may follow a text that ends where one could begin; None when nothing is known."""
    start = text.rfind("\ndefine ")
    start = 0 if text.startswith("define ") and start < 0 else start
    head, separator, body = text[max(start, 0) :].partition("{\n")
    if start < 0 or not separator or "\n}" in body:
        return None
    parameters = _NESTED.sub("", _PARAMETERS.sub(r"\1", head))
    known: dict[int, str | None] = {int(number): kind or None for kind, number in _PARAMETER.findall(parameters)}
    upcoming = len(known) + 1  # the first block has a number too
    *lines, line = body.split("\n")
    for done in lines:
        if match := _DEFINED.match(done):
            upcoming = int(match[1] or match[2]) + 1
            if match[1]:
                known[int(match[1])] = _find_type(done[match.end() :])
    if line in ("", "%"):
        return {upcoming}
    if _FREE.search(line):
        return None
    if _CALLEE.match(line):
        wanted: str | None = "ptr"
    else:
        match = _SECOND.match(line) or _DIRECT.search(line)
        wanted = match[1] if match else None
    return {number for number, kind in known.items() if wanted is None or kind in (None, wanted)} or None


def _find_type(instruction: str) -> str | None:
    """The type of what an instruction gives, where it is plain."""
    if match := _COMPARED.match(instruction):
        return None if match[1].startswith("<") else "i1"
    if _ADDRESS.match(instruction):
        return "ptr"
    found = _CAST.match(instruction) or _COMPUTED.match(instruction) or _CALLED.match(instruction)
    found = found or _CHOSEN.match(instruction)
    return found[1] if found else None
