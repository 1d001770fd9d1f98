"""`lathe emulate`: what a model says that the compiler would give, marked as such."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.text import Text

from lathe import library
from lathe.cli.extras import load_extra
from lathe.cli.output import show_difference
from lathe.library import Emulated
from lathe.tasks import EMBEDDED, Prediction

__all__ = ["emulate"]

_ABSTAINS = 12
_COMMENT = {"ll": ";", "asm": "#"}


def emulate(
    context: typer.Context,
    source: Annotated[Path, typer.Argument(metavar="INPUT", help="A C, C++, .ll or .bc file.")],
    passes: Annotated[str, typer.Option(metavar="RECIPE", help="PASSES -option=value …")] = "default<Oz>",
    emit: Annotated[Literal["ir", "asm"], typer.Option(help="What to predict.")] = "ir",
    check: Annotated[bool, typer.Option("--check", help="Run the compiler too, and show the difference.")] = False,  # noqa: FBT002
    model: Annotated[str, typer.Option(help="Who is asked: embedded, or a folder.")] = EMBEDDED,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,  # noqa: FBT002
) -> int:
    """Predict what the compiler makes of each function of INPUT with a recipe, without running it.

    Predictions are guesses, each with how likely the model thinks it is. Status 12: for some functions there is none.
    """
    load_extra("lathe.model", "model", "Asking a model needs some libraries")
    flags = tuple(context.obj or ())
    found = library.emulate(
        source, passes, emit=emit, check=check, model=model, flags=flags, each=None if as_json else _show
    )
    if as_json:
        typer.echo(json.dumps([_describe(one) for one in found], indent=1))
    return _ABSTAINS if any(one.predicted.code is None for one in found) else 0


def _describe(one: Emulated) -> dict[str, Any]:
    predicted, truth = one.predicted, one.truth
    found = asdict(predicted) | {"recipe": str(predicted.recipe), "predicted": True}
    return found | ({"compiled": asdict(truth) | {"difference": "\n".join(truth.difference)}} if truth else {})


def _show(one: Emulated) -> None:
    """The code to standard output, and what is known of it to standard error."""
    say, predicted, truth = Console(stderr=True), one.predicted, one.truth
    sizes = "{} → {} bytes".format(*predicted.sizes) if predicted.sizes else "no sizes"
    told = predicted.reason or f"predicted, {_rate(predicted)}"
    say.print(Text(f"{predicted.name}: {told}; {sizes}", "red" if predicted.reason else ""))
    if truth:
        error = "" if truth.size_error is None else f", {truth.size_error:.1%} off"
        given = "{} → {} bytes".format(*truth.sizes)
        say.print(Text(f"{predicted.name}: {'exact' if truth.exact else 'not exact'}; compiled: {given}{error}"))
        show_difference(say, truth.difference if predicted.code else ())
    if predicted.code:
        typer.echo(f"{_COMMENT[predicted.kind]} {predicted.name}: predicted, not compiled\n{predicted.code}")


def _rate(predicted: Prediction) -> str:
    if predicted.confidence is not None:
        return f"exact with a probability of {predicted.confidence:.1%}"
    if predicted.likelihood is not None:
        return f"{predicted.likelihood:.1%} likely in the model's eyes (not calibrated)"
    return "how likely it does not say"
