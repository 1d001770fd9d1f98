"""Prediction: what a model says that the compiler would give for a function and a recipe; and what it does give.

    predicted = predict_output(engine, model, function, recipe, "ll")
    predicted.code, predicted.likelihood     # None: what the model said is no IR, or no assembly, and is not passed on
    truth = check_prediction(engine, predicted, function)

A prediction costs no compile with the recipe; that its code is IR or assembly at all is seen to by the compiler.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from lathe.corpus import Function
from lathe.llvm import Engine, Recipe, normalise_assembly, normalise_ir
from lathe.tasks.dataset import measure_row
from lathe.tasks.models import AskSetting, Model, TooLongError
from lathe.tasks.scores import Answer, is_code

__all__ = ["Prediction", "Truth", "check_prediction", "predict_output"]

_AS_IT_IS = Recipe(())

Kind = Literal["ll", "asm"]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a model predicts: code in normal form, and the loadable bytes before and after.

    `confidence` is the probability that all of it is exact, by what was measured of the model (`lathe evaluate
    checkpoint`); `likelihood` is that in the model's own eyes; both may be unknown. `reason` says why there is no code.
    """

    name: str
    recipe: Recipe
    kind: Kind
    code: str | None
    sizes: tuple[int, int] | None
    likelihood: float | None
    confidence: float | None = None
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
    """What a model says that a recipe makes of a function; of the compiler it needs to know the input's sizes.

    Raises `InputError` for words that the model does not know, `ModelError` when it does not answer, `CompileError`
    when the input cannot be compiled.
    """
    before = engine.measure(function.module, [_AS_IT_IS])[0]
    printed = engine.emit(function.module, _AS_IT_IS, "ll").decode("utf-8", "replace")
    row = {"input": function.ir, "printed": printed, "recipe": str(recipe), "kind": kind}
    try:
        answer = next(model.answer("emulation", row | measure_row("before", before), AskSetting()))
    except TooLongError as error:
        return Prediction(function.name, recipe, kind, None, None, None, reason=str(error))
    reason = _find_fault(engine, answer, function.target.architecture, kind)
    if reason:
        return Prediction(function.name, recipe, kind, None, answer.sizes, None, reason=reason)
    likelihood = None if answer.score is None else math.exp(answer.score)
    return Prediction(function.name, recipe, kind, answer.code, answer.sizes, likelihood, answer.confidence)


def _find_fault(engine: Engine, answer: Answer, architecture: str, kind: Kind) -> str:
    """Why an answer is none; empty when it is."""
    if not answer.finished:
        return "the answer has no end"
    good = is_code(engine, answer.code or "", kind, architecture)
    return "" if good else "the answer is no IR" if kind == "ll" else "the answer is no assembly"


def check_prediction(engine: Engine, predicted: Prediction, function: Function) -> Truth:
    """What the compiler does give; raises `CompileError` when it gives nothing."""
    recipe, kind = predicted.recipe, predicted.kind
    before, after = engine.measure(function.module, [_AS_IT_IS, recipe])
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
