"""The command line's door: registers the commands, and turns every error into one message and an exit code."""

from __future__ import annotations

import logging
import sys

import typer
from typer.exceptions import TyperException

from lathe import __version__
from lathe.cli.capture import capture
from lathe.cli.check import check
from lathe.cli.corpus import corpus
from lathe.cli.dataset import dataset
from lathe.cli.disassemble import disassemble
from lathe.cli.doctor import doctor
from lathe.cli.emulate import emulate
from lathe.cli.evaluate import evaluate
from lathe.cli.explain import explain
from lathe.cli.export import export
from lathe.cli.models import models
from lathe.cli.passes import passes
from lathe.cli.report import report
from lathe.cli.train import train
from lathe.cli.tune import tune
from lathe.cli.tune_build import tune_build
from lathe.cli.verify import verify
from lathe.errors import LatheError

__all__ = ["app", "main"]

_INTERRUPTED = 130

app = typer.Typer(
    name="lathe",
    help="Smaller compiled code than `clang -Oz`, and the recipe that made it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(tune)
app.command()(tune_build)
app.command()(report)
app.command()(emulate)
app.command()(disassemble)
app.command()(explain)
app.command()(verify)
app.command()(check)
app.command()(capture)
app.add_typer(corpus, name="corpus")
app.add_typer(dataset, name="dataset")
app.command()(train)
app.command()(export)
app.add_typer(evaluate, name="evaluate")
app.command()(models)
app.command()(passes)
app.command()(doctor)


def _show_version(value: bool) -> None:  # noqa: FBT001 (typer's callback)
    if value:
        typer.echo(f"lathe {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_show_version, is_eager=True, help="Show the version."),  # noqa: FBT001, FBT003
    verbose: bool = typer.Option(False, "--verbose", help="Log what happens inside to standard error."),  # noqa: FBT001, FBT003
) -> None:
    logging.basicConfig(level=logging.DEBUG if verbose else logging.WARNING, format="lathe: %(message)s")


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit. Words after `--` are clang's flags, and reach the commands as `context.obj`."""
    words = sys.argv[1:] if arguments is None else arguments
    split = words.index("--") if "--" in words else len(words)
    sys.exit(_run(words[:split], tuple(words[split + 1 :])))


def _run(words: list[str], flags: tuple[str, ...]) -> int:
    try:
        status: object = app(words, standalone_mode=False, prog_name="lathe", obj=flags)
    except LatheError as error:
        _complain(str(error))
        return error.exit_code
    except TyperException as error:
        _complain(error.format_message())
        return error.exit_code
    except typer.Abort:
        status = _INTERRUPTED
    if status == _INTERRUPTED:  # typer makes this of KeyboardInterrupt
        _complain("interrupted; outputs are untouched")
    return status if isinstance(status, int) else 0


def _complain(message: str) -> None:
    typer.echo(f"lathe: {message}", err=True)
