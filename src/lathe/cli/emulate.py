"""`lathe emulate`: what a model says that the compiler would give, marked as such."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from lathe.cli.extras import load_extra
from lathe.cli.inputs import find_units
from lathe.corpus import Function, Origin, Program, cut_functions
from lathe.errors import InputError
from lathe.llvm import Engine, Unit, find_cache_folder, find_toolchain, load_unit, parse_recipe
from lathe.tasks import EMBEDDED, Prediction, Truth, check_prediction, open_model, predict_output

__all__ = ["emulate"]

_ABSTAINS = 12


class _Emit(StrEnum):
    IR = "ir"
    ASM = "asm"


def emulate(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="A C, C++, .ll or .bc file.")],
    passes: Annotated[str, typer.Option(metavar="RECIPE", help="PASSES -option=value …")] = "default<Oz>",
    emit: Annotated[_Emit, typer.Option(help="What to predict.")] = _Emit.IR,
    check: Annotated[bool, typer.Option("--check", help="Run the compiler too, and show the difference.")] = False,  # noqa: FBT002
    model: Annotated[str, typer.Option(help="Who is asked: embedded, or a folder.")] = EMBEDDED,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,  # noqa: FBT002
) -> int:
    """Predict what the compiler makes of each function of INPUT with a recipe, without running it.

    Predictions are guesses, each with how likely the model thinks it is. Status 12: for some functions there is none.
    """
    load_extra("lathe.model", "model", "Asking a model needs some libraries")
    toolchain, recipe = find_toolchain(), parse_recipe(passes)
    (unit,) = find_units([source], tuple(context.obj or ()))
    asked = open_model(model, cache=find_cache_folder() / "networks")
    with Engine(toolchain) as engine:
        found: list[tuple[Prediction, Truth | None]] = []
        for function in _cut(engine, unit):
            predicted = predict_output(engine, asked, function, recipe, "ll" if emit is _Emit.IR else "asm")
            found.append((predicted, check_prediction(engine, predicted, function) if check else None))
    if as_json:
        typer.echo(json.dumps([_describe(*pair) for pair in found], indent=1))
    else:
        _show(found)
    return _ABSTAINS if any(predicted.code is None for predicted, _ in found) else 0


def _cut(engine: Engine, unit: Unit) -> list[Function]:
    """The functions of an input that can stand alone; raises `InputError` when there are none."""
    module = load_unit(engine, unit)
    found = cut_functions(engine, Program(Origin("", "", str(unit.path), "", ""), module.target, module.bitcode))
    if not found:
        raise InputError(f"{unit.path} has no function that can stand alone.")
    return found


def _describe(predicted: Prediction, truth: Truth | None) -> dict[str, Any]:
    found = asdict(predicted) | {"recipe": str(predicted.recipe), "predicted": True}
    return found | ({"compiled": asdict(truth) | {"difference": "\n".join(truth.difference)}} if truth else {})


def _show(found: list[tuple[Prediction, Truth | None]]) -> None:
    """The code to standard output, and what is known of it to standard error."""
    say = Console(stderr=True)
    for predicted, truth in found:
        sizes = "{} → {} bytes".format(*predicted.sizes) if predicted.sizes else "no sizes"
        likely = "" if predicted.likelihood is None else f", {predicted.likelihood:.1%} likely in the model's eyes"
        told = predicted.reason or f"predicted{likely}"
        say.print(Text(f"{predicted.name}: {told}; {sizes}", "red" if predicted.reason else ""))
        if truth:
            error = "" if truth.size_error is None else f", {truth.size_error:.1%} off"
            given = "{} → {} bytes".format(*truth.sizes)
            say.print(Text(f"{predicted.name}: {'exact' if truth.exact else 'not exact'}; compiled: {given}{error}"))
            for line in truth.difference if predicted.code else ():
                say.print(Text(line, "green" if line.startswith("+") else "red" if line.startswith("-") else "dim"))
        if predicted.code:
            typer.echo(f"{_COMMENT[predicted.kind]} {predicted.name}: predicted, not compiled\n{predicted.code}")


_COMMENT = {"ll": ";", "asm": "#"}
