"""`lathe check`: compare what a recipe makes of one input with the baseline, function by function."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from lathe.cli.inputs import find_units
from lathe.cli.tuned import comparison_json
from lathe.errors import SandboxError, UsageError, VerdictError
from lathe.llvm import Engine, find_toolchain, load_catalogue, load_unit, parse_recipe
from lathe.verify import CHECKERS, Comparison, Decision, Finding, find_checker

__all__ = ["check"]

_STATUS = {
    Decision.ACCEPTED: 0,
    Decision.REJECTED: VerdictError.exit_code,
    Decision.UNKNOWN: SandboxError.exit_code,
}


def check(
    context: typer.Context,
    recipe: Annotated[str, typer.Argument(help="A recipe: PASSES -option=value …")],
    path: Annotated[Path, typer.Argument(metavar="INPUT", help="A C, C++, .ll or .bc file.")],
    checkers: Annotated[
        list[str] | None, typer.Option("--with", help=f"Checkers: {', '.join(CHECKERS)} (may be repeated).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,  # noqa: FBT002
) -> int:
    """Compare what RECIPE makes of INPUT with what `clang -Oz` makes of it. Flags for clang go last, after --

    Ends with 0 when functions were checked and none is refuted, 9 when one is, 8 when none could be checked.
    """
    names = checkers or [next(iter(CHECKERS))]
    makers = [find_checker(name) for name in names]
    units = find_units([path], context.obj or ())
    if len(units) != 1:
        raise UsageError(f"{path} names {len(units)} inputs. Name one file.")
    toolchain = find_toolchain()
    parsed = parse_recipe(recipe, load_catalogue(toolchain.major))
    found: list[Comparison] = []
    with Engine(toolchain) as engine:
        module = load_unit(engine, units[0])
        for make in makers:
            with make(engine, units[0], module) as checker:
                found.append(checker.compare(parsed))
    if as_json:
        rows = [{**comparison_json(c), "findings": [asdict(f) for f in c.functions]} for c in found]
        typer.echo(json.dumps({"recipe": str(parsed), "comparisons": rows}, indent=2))
    else:
        for comparison in found:
            _show(comparison)
    return max(_STATUS[c.decision] for c in found)


def _show(comparison: Comparison) -> None:
    console = Console()
    plain: dict[str, Any] = {"markup": False, "highlight": False, "soft_wrap": True}
    counts = ", ".join(f"{count} {finding}" for finding, count in sorted(comparison.count().items()))
    console.print(f"{comparison.decision} by {comparison.checker}: {counts} ({comparison.seconds:.1f} s)", **plain)
    table = Table("function", "finding", "inputs", "", box=None, pad_edge=False)
    for function in comparison.functions:
        if function.finding is not Finding.UNKNOWN:
            table.add_row(function.function, function.finding, str(function.inputs or "-"), function.detail)
    console.print(table, markup=False)
    for reason, count in comparison.list_reasons():
        console.print(f"{count} unknown: {reason}", style="dim", **plain)
