"""`lathe disassemble`: assembly and objects to LLVM IR, proven by lowering it again."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from lathe import library
from lathe.cli.extras import load_extra
from lathe.cli.output import check_output, show_difference, write_output
from lathe.errors import InputError
from lathe.tasks import EMBEDDED, Lifted, Standing

__all__ = ["disassemble"]

_STATUSES = {Standing.PROVEN: 0, Standing.LOWERS: 11, Standing.ABSTAINS: 12}
_COLOURS = {Standing.PROVEN: "green", Standing.LOWERS: "yellow", Standing.ABSTAINS: "red"}


def disassemble(
    source: Annotated[
        Path, typer.Argument(metavar="INPUT", help="Assembly that LLVM or GCC wrote, or an ELF object; - reads stdin.")
    ],
    output: Annotated[Path | None, typer.Option("-o", "--output", help="File for the IR of proven functions.")] = None,
    target: Annotated[str, typer.Option(help="The assembly's target triple.")] = "x86_64-pc-linux-gnu",
    candidates: Annotated[int, typer.Option(min=1, help="Answers to be tried for each function.")] = 10,
    mutations: Annotated[int, typer.Option(min=0, help="Changes to be tried of the best answer.")] = 300,
    model: Annotated[str, typer.Option(help="Who is asked: embedded, or a folder.")] = EMBEDDED,
    seed: Annotated[int, typer.Option(help="Another seed gives other candidates.")] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,  # noqa: FBT002
) -> int:
    """Find LLVM IR for the functions of assembly or an object, and prove it: lowered again, it is the input.

    Status 0: all are proven. 11: some are not, but lower. 12: for some there is no answer.
    """
    if output:
        check_output(output)
    load_extra("lathe.model", "model", "Asking a model needs some libraries")
    found = library.disassemble(
        _read(source), target=target, candidates=candidates, mutations=mutations, model=model, seed=seed,
        each=None if as_json else _show,
    )  # fmt: skip
    if output:
        proven = [lifted.ir for lifted in found if lifted.standing is Standing.PROVEN and lifted.ir]
        write_output(output, "\n".join(proven).encode())
    if as_json:
        typer.echo(json.dumps([_describe(lifted) for lifted in found], indent=1))
    return max(_STATUSES[lifted.standing] for lifted in found)


def _read(source: Path) -> str | bytes:
    """Assembly as text, an object as bytes."""
    try:
        data = sys.stdin.buffer.read() if str(source) == "-" else source.read_bytes()
    except OSError as error:
        raise InputError(f"{source} cannot be read: {error.strerror}.") from None
    if data.startswith((b"BC\xc0\xde", b"\xcf\xfa\xed\xfe", b"!<arch>")):
        raise InputError(
            f"{source} is no ELF object, and no assembly. Give what clang -S or clang -c writes for Linux."
        )
    return data if data.startswith(b"\x7fELF") else data.decode("utf-8", "replace")


def _describe(lifted: Lifted) -> dict[str, Any]:
    return asdict(lifted) | {"standing": str(lifted.standing), "difference": "\n".join(lifted.difference)}


def _show(lifted: Lifted) -> None:
    """The IR to standard output, and what is known of it to standard error."""
    say = Console(stderr=True)
    tried = f"{lifted.candidates} candidate{'s' * (lifted.candidates != 1)}"
    tried += f" and {lifted.mutations} changes" if lifted.mutations else ""
    line = Text(f"{lifted.name}: ").append(str(lifted.standing), _COLOURS[lifted.standing]).append(f", {tried}")
    say.print(line.append(f"; {lifted.reason}" if lifted.reason else ""))
    show_difference(say, lifted.difference)
    if lifted.ir:
        mark = "" if lifted.standing is Standing.PROVEN else "; not proven: it lowers to other code\n"
        typer.echo(f"; {lifted.name}\n{mark}{lifted.ir}")
