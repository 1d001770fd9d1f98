"""`lathe passes`: the catalogue, for people and programs."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from lathe.errors import ToolchainError
from lathe.llvm import Catalogue, find_toolchain, load_catalogue

__all__ = ["passes"]


def passes(
    pattern: Annotated[str, typer.Argument(help="Show only names that contain this.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="Also those kept out, with the reason.")] = False,  # noqa: FBT002
    llvm: Annotated[int | None, typer.Option(min=19, max=22, help="LLVM version (default: the one found).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,  # noqa: FBT002
) -> None:
    """List the passes, their words and the codegen options that recipes may use."""
    catalogue = load_catalogue(llvm or _found_version())
    if as_json:
        typer.echo(json.dumps(_as_json(catalogue, pattern, everything=everything), indent=1))
        return
    console = Console()
    console.print(_pass_table(catalogue, pattern, everything=everything))
    console.print(_option_table(catalogue, pattern))


def _found_version() -> int:
    try:
        return find_toolchain().major
    except ToolchainError:
        return 22


def _pass_table(catalogue: Catalogue, pattern: str, *, everything: bool) -> Table:
    table = Table("pass", "level", "origin", "words, or why it is kept out", box=None, pad_edge=False)
    for entry in catalogue.passes.values():
        if pattern in entry.name and (everything or not entry.reason):
            text = f"kept out: {entry.reason}" if entry.reason else ", ".join(entry.words)
            table.add_row(entry.name, entry.level, entry.origin, text)
    return table


def _option_table(catalogue: Catalogue, pattern: str) -> Table:
    table = Table("option", "values", "targets", "what it does", box=None, pad_edge=False)
    for entry in catalogue.options.values():
        if pattern in entry.name:
            table.add_row("-" + entry.name, ", ".join(entry.values), ", ".join(entry.targets), entry.note)
    return table


def _as_json(catalogue: Catalogue, pattern: str, *, everything: bool) -> dict[str, Any]:
    chosen = [p for p in catalogue.passes.values() if pattern in p.name and (everything or not p.reason)]
    options = [asdict(o) for o in catalogue.options.values() if pattern in o.name]
    return {"llvm": catalogue.major, "passes": [asdict(p) for p in chosen], "options": options}
