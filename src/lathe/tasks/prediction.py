"""Prediction: what a model says that the compiler would give for a function and a recipe; and what it does give.

    predicted = predict_output(engine, model, function, recipe, "ll")
    predicted.code, predicted.likelihood     # None: what the model said is no IR, or no assembly, and is not passed on
    truth = check_prediction(engine, predicted, function)

A prediction costs no compile of the function; that its code is IR or assembly at all is seen to by the compiler.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lathe.corpus import Function
from lathe.llvm import Engine, Recipe, normalise_assembly, normalise_ir
from lathe.tasks.disassembly import lower_text
from lathe.tasks.models import Model
from lathe.tasks.prompts import encode_prompt
from lathe.tasks.scores import assembles, read_answer

__all__ = ["Prediction", "Truth", "check_prediction", "predict_output"]

_ROOM = 32  # tokens, the least that an answer needs

Kind = Literal["ll", "asm"]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model predicts: code in normal form, the loadable bytes before and after, and how likely it thinks all is.

    `reason` says why there is no code.
    """

    name: str
    recipe: Recipe
    kind: Kind
    code: str | None
    sizes: tuple[int, int] | None
    likelihood: float
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Truth:
    """What the compiler gives, and where the prediction differs, line by line; `size_error` is a part of the size."""

    code: str
    sizes: tuple[int, int]
    exact: bool
    size_error: float | None
    difference: tuple[str, ...]


def predict_output(engine: Engine, model: Model, function: Function, recipe: Recipe, kind: Kind) -> Prediction:
    """What a model says that a recipe makes of a function; raises `InputError` for words that it does not know."""
    from lathe.model import Decoding, decode

    row = {"input": function.ir, "recipe": str(recipe), "kind": kind}
    prompt = encode_prompt(model.tokenizer, "emulation", row)
    room = model.decoder.context - len(prompt)
    if room < _ROOM:
        reason = f"{len(prompt)} tokens of input leave no room in a context of {model.decoder.context}"
        return Prediction(function.name, recipe, kind, None, None, 0.0, reason)
    with model.lock:
        (said,) = decode(model.decoder, [prompt], Decoding(model.tokenizer.tag("end"), [room]))
    answer = read_answer(model.tokenizer, "emulation", said.tokens)
    architecture = function.target.architecture
    if not answer.finished:
        reason = f"the answer has no end within {room} tokens"
    elif not answer.code or not (
        lower_text(engine, answer.code, architecture) is not None
        if kind == "ll"
        else assembles(engine, answer.code, architecture)
    ):
        reason = "the answer is no IR" if kind == "ll" else "the answer is no assembly"
    else:
        return Prediction(function.name, recipe, kind, answer.code, answer.sizes, math.exp(said.score))
    return Prediction(function.name, recipe, kind, None, answer.sizes, 0.0, reason)


def check_prediction(engine: Engine, predicted: Prediction, function: Function) -> Truth:
    """What the compiler does give; raises `CompileError` when it gives nothing."""
    recipe, kind = predicted.recipe, predicted.kind
    before, after = engine.measure(function.module, [Recipe(()), recipe])
    text = engine.emit(function.module, recipe, kind).decode("utf-8", "replace")
    code = normalise_ir(text) if kind == "ll" else normalise_assembly(text, function.target.architecture)
    error = None
    if predicted.sizes:
        error = abs(predicted.sizes[1] - after.loadable) / max(1, after.loadable)
    exact = predicted.code == code and predicted.sizes == (before.loadable, after.loadable)
    lines = _compare((predicted.code or "").splitlines(), code.splitlines())
    return Truth(code, (before.loadable, after.loadable), exact, error, lines)


def _compare(said: Sequence[str], given: Sequence[str]) -> tuple[str, ...]:
    return tuple(difflib.unified_diff(said, given, "predicted", "compiled", lineterm="", n=2))
