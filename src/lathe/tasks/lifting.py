"""Lifting: assembly to LLVM IR by a model, and what the compiler says of it.

    for name, assembly in split_assembly(text, "x86"):  # lathe.tasks.assembly
        lifted = lift_function(engine, model, assembly, "x86", Effort())
        lifted.standing                      # proven, lowers, or abstains

A candidate is proven when LLVM, lowering it for the usual target, writes the input again, in normal form. That is a
proof of this function's code: not of what lies behind its addresses, nor of types that left no trace. Candidates with
inline assembly, which proves anything, count for nothing.
"""

from __future__ import annotations

import difflib
import functools
import heapq
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum

from lathe.llvm import Engine
from lathe.tasks.disassembly import has_inline_assembly, lower_text
from lathe.tasks.models import AskSetting, Model, TooLongError
from lathe.tasks.mutations import list_mutations
from lathe.tasks.scores import Answer

__all__ = ["Effort", "Lifted", "Standing", "lift_function"]

_WORD = re.compile(r"[\w.$@%#-]+|\n")
_LONG = 4000  # bytes


class Standing(StrEnum):
    """What is known of an answer."""

    PROVEN = "proven"
    LOWERS = "lowers"
    ABSTAINS = "abstains"


@dataclass(frozen=True, slots=True)
class Effort:
    """How hard to try: how many answers, and how many changed forms of the best one, which cost a lowering each.

    A model that can be told what its best answer lowers to (`Model.takes_differences`) is asked again, `rounds` times.
    """

    asked: AskSetting = field(default_factory=lambda: AskSetting(10))
    mutations: int = 300
    rounds: int = 2


@dataclass(frozen=True, slots=True)
class Lifted:
    """A function's IR (None: there is none to be shown), how it stands, and how much was tried.

    `difference` is that of the input and of what the IR lowers to, line by line; empty when it is proven.
    """

    name: str
    standing: Standing
    ir: str | None
    difference: tuple[str, ...]
    candidates: int
    mutations: int = 0
    reason: str = ""


Lower = Callable[[str], str | None]
"""What IR lowers to, in the form of the input that it is compared with; None where it does not."""


def lift_function(
    engine: Engine, model: Model, assembly: str, architecture: str, effort: Effort, *, name: str = "",
    lower: Lower | None = None,
) -> Lifted:  # fmt: skip
    """The IR of a function in normal form: the first that is proven, else that which lowers most alike.

    `lower` is for input that is not what LLVM writes as assembly. Raises `ModelError` when the model does not answer.
    """
    hunt = _Hunt(assembly, lower or functools.partial(lower_text, engine, architecture=architecture))
    row, reason = {"input": assembly, "architecture": architecture}, "no candidate is IR that lowers"
    try:
        for number in range(1 + effort.rounds):
            asked = replace(effort.asked, seed=effort.asked.seed + number)
            if hunt.try_answers(model.answer("disassembly", row, asked)) or hunt.change(effort.mutations):
                break
            if hunt.best is None or not model.takes_differences:
                break
            row |= {"said": hunt.best.code, "difference": "\n".join(hunt.differ())}
    except TooLongError as error:
        reason = str(error)
    best = hunt.best
    if best is None:
        return Lifted(name, Standing.ABSTAINS, None, (), hunt.candidates, 0, reason)
    standing = Standing.PROVEN if best.text == assembly else Standing.LOWERS
    return Lifted(name, standing, best.code, hunt.differ(), hunt.candidates, hunt.mutations)


@dataclass(frozen=True, slots=True)
class _Form:
    """IR that lowers, and what it lowers to; `changed` are forms of it that were not tried yet."""

    code: str
    text: str
    changed: Iterator[str]


@dataclass(slots=True)
class _Hunt:
    """A search for IR that lowers to some assembly: among answers, and best first among changed forms of these."""

    wanted: str
    lower: Lower
    candidates: int = 0
    mutations: int = 0
    _forms: list[tuple[float, int, _Form]] = field(default_factory=list)  # a heap: how unlike, and a number
    _seen: set[str] = field(default_factory=set)
    _best: tuple[float, _Form] | None = None

    @property
    def best(self) -> _Form | None:
        """The form that lowers most alike, the first of those."""
        return self._best[1] if self._best else None

    def try_answers(self, answers: Iterable[Answer]) -> bool:
        """Whether one of a model's answers is proven; those after it are not asked for."""
        for answer in answers:
            if answer.finished and answer.code and answer.code not in self._seen:
                self.candidates += 1
                if self._look_at(answer.code):
                    return True
        return False

    def change(self, most: int) -> bool:
        """Whether one of so many changed forms is proven."""
        for _ in range(most):
            code = self._take_change()
            if code is None:
                return False
            self.mutations += 1
            if code not in self._seen and self._look_at(code):
                return True
        return False

    def _take_change(self) -> str | None:
        """The next change of the form that lowers most alike, and has some left."""
        while self._forms:
            if changed := next(self._forms[0][2].changed, None):
                return changed
            heapq.heappop(self._forms)
        return None

    def differ(self) -> tuple[str, ...]:
        """What the best lowers to beside what is wanted."""
        found = self.best.text if self.best else ""
        lines = difflib.unified_diff(self.wanted.splitlines(), found.splitlines(), "input", "lowered", lineterm="", n=2)
        return tuple(lines)

    def _look_at(self, code: str) -> bool:
        """Whether IR is proven."""
        self._seen.add(code)
        text = None if has_inline_assembly(code) else self.lower(code)
        if text is None or text in self._seen:
            return False
        self._seen.add(text)
        form = _Form(code, text, list_mutations(code, self.wanted, text))
        unlikeness = 1 - _compare(text, self.wanted)
        heapq.heappush(self._forms, (unlikeness, len(self._seen), form))
        if self._best is None or unlikeness < self._best[0]:
            self._best = unlikeness, form
        return text == self.wanted


def _compare(one: str, other: str) -> float:
    """How alike two texts are: 1 when they are the same, else less; by words, for long ones by lines."""
    if one == other:
        return 1.0
    cut = _WORD.findall if len(one) < _LONG else str.splitlines
    return min(0.999, difflib.SequenceMatcher(None, cut(one), cut(other), autojunk=False).ratio())
