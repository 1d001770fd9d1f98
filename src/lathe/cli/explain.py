"""`lathe explain`: what each word of a recipe contributes to one input."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from lathe.cli.inputs import find_units
from lathe.errors import CompileError, UsageError
from lathe.llvm import Engine, Measurement, Recipe, find_toolchain, load_catalogue, load_unit, parse_recipe
from lathe.search import delete_at, find_objective, paths_of

__all__ = ["explain"]


def explain(
    context: typer.Context,
    recipe: Annotated[str, typer.Argument(help="A recipe: PASSES -option=value …")],
    path: Annotated[Path, typer.Argument(metavar="INPUT", help="A C, C++, .ll or .bc file.")],
    objective: Annotated[str, typer.Option(help="The number to look at.")] = "loadable",
    target: Annotated[str | None, typer.Option(help="Target triple.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,  # noqa: FBT002
) -> None:
    """Show what each word of RECIPE contributes: how much larger INPUT's object is without it."""
    cost = find_objective(objective)
    flags = (*((f"--target={target}",) if target else ()), *(context.obj or ()))
    units = find_units([path], flags)
    if len(units) != 1:
        raise UsageError(f"{path} names {len(units)} inputs. Name one file.")
    toolchain = find_toolchain()
    whole = parse_recipe(recipe, load_catalogue(toolchain.major))
    without = _leave_one_out(whole)
    with Engine(toolchain) as engine:
        module = load_unit(engine, units[0])
        baseline, full, *found = engine.measure(module, [None, whole, *without.values()])
    if not full.ok or not baseline.ok:
        failed = baseline if full.ok else full
        raise CompileError(f"{path} does not compile with this recipe: {failed.status}: {failed.message}")
    rows = [_row(word, m, cost(full), cost(m)) for word, m in zip(without, found, strict=True)]
    if as_json:
        data = {"recipe": str(whole), "baseline": cost(baseline), "bytes": cost(full), "words": rows}
        typer.echo(json.dumps(data, indent=2))
        return
    _show(str(path), cost(baseline), cost(full), rows)


def _leave_one_out(recipe: Recipe) -> dict[str, Recipe]:
    """For each word and option, the recipe without it; a word that comes twice is numbered."""
    without: dict[str, Recipe] = {}
    for path in paths_of(recipe.passes):
        item = recipe.passes[path[0]]
        for index in path[1:]:
            item = item.children[index]
        if not item.children:
            name = str(item)
            count = sum(key.partition(" #")[0] == name for key in without)
            label = f"{name} #{count + 1}" if count else name
            without[label] = replace(recipe, passes=delete_at(recipe.passes, path))
    for option in recipe.options:
        without[str(option)] = replace(recipe, options=tuple(o for o in recipe.options if o != option))
    return without


def _row(word: str, measurement: Measurement, full: int, cost: int) -> dict[str, Any]:
    if not measurement.ok:
        return {"word": word, "without": None, "saves": None, "status": measurement.status.value}
    return {"word": word, "without": cost, "saves": cost - full, "status": measurement.status.value}


def _show(name: str, baseline: int, full: int, rows: list[dict[str, Any]]) -> None:
    console = Console()
    console.print(f"{name}: {baseline} with clang -Oz, {full} with this recipe", markup=False)
    table = Table("word", "without it", "it saves", box=None, pad_edge=False)
    table.columns[1].justify = table.columns[2].justify = "right"
    for row in rows:
        saves = row["status"] if row["saves"] is None else f"{row['saves']:+d}"
        table.add_row(row["word"], str(row["without"] or "-"), saves)
    console.print(table, markup=False)
