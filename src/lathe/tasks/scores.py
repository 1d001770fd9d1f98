"""Scores: what a model's answer is worth, by the compiler; and the answer as a program, a recipe and sizes.

    answer = read_answer(tokenizer, "disassembly", tokens)
    score = SCORERS["disassembly"](engine, row, answer)
    score.exact, score.compiles              # 1.0 or 0.0; None where there is nothing to say

An answer without an end is none. Every task has `exact` (the answer is the row's own) and `compiles` (what it says
can be compiled or assembled).
Emulation has `size_error` (of the size after, as a part of it), tuning `saved` and `best` (the part of the bytes at -Oz
that the recipe saves, and that the row's does), disassembly `proven` (lowered again, it is the input).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lathe.corpus import make_usual_module
from lathe.errors import RecipeError
from lathe.llvm import PIECE_FLAG, Engine, Module, Recipe, parse_recipe
from lathe.search import plain_after
from lathe.tasks.dataset import Row
from lathe.tasks.disassembly import TRIPLES, find_assembly_fault, has_inline_assembly, lower_text
from lathe.tasks.prompts import HEADS, read_words

if TYPE_CHECKING:
    from lathe.model import Tokenizer

__all__ = ["SCORERS", "Answer", "Score", "is_code", "read_answer"]

_AS_IT_IS = Recipe(())
_DIGITS = 12  # of a size; a model that goes round in circles says more


@dataclass(frozen=True, slots=True)
class Answer:
    """What a completion says: code with its target, a recipe, sizes; None is what it does not say.

    `finished`: the model said itself that this is the end. `score` is the logarithm of how likely it is in its eyes,
    `confidence` the probability that it is exact, where that was measured (`lathe.tasks.confidence`).
    """

    code: str | None = None
    recipe: Recipe | None = None
    sizes: tuple[int, int] | None = None
    finished: bool = False
    score: float | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """What an answer is worth, see above."""

    exact: float
    compiles: float
    size_error: float | None = None
    saved: float | None = None
    best: float | None = None
    proven: float | None = None


def read_answer(tokenizer: Tokenizer, task: str, tokens: Sequence[int]) -> Answer:
    """The answer that a model gave to a prompt of a task."""
    end, sizes, output = (tokenizer.tag(name) for name in ("end", "sizes", "output"))
    finished = end in tokens
    told = list(tokens[: tokens.index(end)] if finished else tokens)
    parts: dict[int, list[int]] = {0: []}
    part = parts[0]
    for token in told:
        if token in (sizes, output):
            part = parts.setdefault(token, [])
        else:
            part.append(token)
    code = parts.get(output, []) if task == "tuning" else parts[0]
    return Answer(
        _read_code(tokenizer, code) if code else None,
        _read_recipe(tokenizer, parts[0]) if task == "tuning" and sizes in parts else None,
        _read_sizes(tokenizer, parts.get(sizes, [])), finished,
    )  # fmt: skip


def _read_code(tokenizer: Tokenizer, tokens: list[int]) -> str:
    """Text, with its head where a tag stands for it; assembly has none."""
    text = tokenizer.decode(tokens).decode("utf-8", "replace")
    for name, head in HEADS.items():
        if tokens[0] == tokenizer.tag(name):
            return head + text
    return text


def _read_recipe(tokenizer: Tokenizer, tokens: list[int]) -> Recipe | None:
    try:
        return read_words([tokenizer.decode([token]).decode("utf-8", "replace") for token in tokens])
    except RecipeError:
        return None


def _read_sizes(tokenizer: Tokenizer, tokens: list[int]) -> tuple[int, int] | None:
    words = tokenizer.decode(tokens).split()
    good = len(words) == 2 and all(word.isdigit() and len(word) <= _DIGITS for word in words)
    return (int(words[0]), int(words[1])) if good else None


def score_emulation(engine: Engine, row: Row, answer: Answer) -> Score:
    """The output of a recipe, and its sizes."""
    code, kind = answer.code if answer.code and answer.finished else "", row["kind"]
    error = abs(answer.sizes[1] - row["loadable_after"]) / max(1, row["loadable_after"]) if answer.sizes else None
    architecture = next((name for name, head in HEADS.items() if row["input"].startswith(head)), "x86")
    compiles = is_code(engine, code, kind, architecture)
    return Score(float(code == row["output"]), float(compiles), size_error=error)


def score_tuning(engine: Engine, row: Row, answer: Answer) -> Score:
    """A recipe, beside the row's, and what LLVM makes of it; larger than -Oz counts as -Oz, as `lathe tune` does."""
    if answer.recipe is None:
        return Score(0.0, 0.0, saved=0.0, best=_save(row["loadable_baseline"], row["loadable_after"]))
    target = make_usual_module(engine.toolchain, TRIPLES["x86"]).target
    module = Module(row["input"].encode(), replace(target, flags=(*target.flags, PIECE_FLAG)))
    stage, own = parse_recipe(row["stage"]), parse_recipe(row["recipe"])
    baseline, after, best = engine.measure(module, [plain_after(stage), answer.recipe, own])
    size, least = (m.loadable if m.links_like(baseline) else baseline.loadable for m in (after, best))
    return Score(
        float(answer.recipe == own), float(after.ok), saved=_save(baseline.loadable, size),
        best=_save(baseline.loadable, least),
    )  # fmt: skip


def score_disassembly(engine: Engine, row: Row, answer: Answer) -> Score:
    """IR that lowers to the input."""
    code, architecture = answer.code if answer.code and answer.finished else "", row["architecture"]
    lowered = None if has_inline_assembly(code) else lower_text(engine, code, architecture)
    if lowered is None:
        return Score(0.0, 0.0, proven=0.0)
    return Score(
        float(code == row["output"]), 1.0,
        proven=float(lowered == row["input"]),
    )  # fmt: skip


SCORERS: Mapping[str, Callable[[Engine, Row, Answer], Score]] = {
    "emulation": score_emulation,
    "tuning": score_tuning,
    "disassembly": score_disassembly,
}
"""What scores the answers to a task's prompts."""


def _save(before: int, after: int) -> float:
    return max(0.0, 1 - after / before) if before else 0.0


def is_code(engine: Engine, code: str, kind: str, architecture: str) -> bool:
    """Whether text is IR that lowers (kind `ll`), or assembly, for an architecture of `TRIPLES`."""
    if kind == "ll":
        return lower_text(engine, code, architecture) is not None
    return bool(code) and not find_assembly_fault(engine, code, TRIPLES[architecture])
