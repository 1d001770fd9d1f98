"""`lathe explain`: what each word of a recipe contributes to one input, or what was found for each function."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from lathe.cli.inputs import find_units
from lathe.cli.tuned import list_functions
from lathe.errors import CompileError, InputError, UsageError
from lathe.llvm import Engine, Measurement, find_toolchain, load_catalogue, load_unit, parse_recipe
from lathe.search import find_objective, leave_one_out

__all__ = ["explain"]


def explain(
    context: typer.Context,
    recipe: Annotated[str, typer.Argument(help="PASSES -option=value …, or what `lathe tune --json` printed (.json).")],
    path: Annotated[Path | None, typer.Argument(metavar="INPUT", help="A C, C++, .ll or .bc file.")] = None,
    objective: Annotated[str, typer.Option(help="The number to look at.")] = "loadable",
    target: Annotated[str | None, typer.Option(help="Target triple.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,  # noqa: FBT002
) -> None:
    """Show what each word of RECIPE contributes: how much larger INPUT's object is without it.

    Of a result of `lathe tune --json` it shows the functions: bytes at -Oz and tuned, compiles, recipe.
    """
    cost = find_objective(objective)
    if path is None:
        if not recipe.endswith(".json"):
            raise UsageError("A recipe is explained on an input: name a C, C++, .ll or .bc file after it.")
        _show_files(Path(recipe))
        return
    flags = (*((f"--target={target}",) if target else ()), *(context.obj or ()))
    units = find_units([path], flags)
    if len(units) != 1:
        raise UsageError(f"{path} names {len(units)} inputs. Name one file.")
    toolchain = find_toolchain()
    whole = parse_recipe(recipe, load_catalogue(toolchain.major))
    without = leave_one_out(whole)
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


def _show_files(path: Path) -> None:
    """The functions of each file of a result, or its one recipe."""
    console = Console()
    try:
        for file in json.loads(path.read_text(encoding="utf-8"))["files"]:
            if "error" in file:
                console.print(f"{file['input']}: {file['error']}", markup=False, highlight=False)
                continue
            sizes = f"{file['baseline']['bytes']} with clang -Oz, {file['tuned']['bytes']} tuned"
            console.print(f"{file['input']}: {sizes}, {file['compiles']} compiles", markup=False, highlight=False)
            if file["granularity"] == "function":
                stage = f"before they were taken apart: {file['stage']}"
                console.print(stage, markup=False, highlight=False, soft_wrap=True)
                console.print(list_functions(file["functions"]), markup=False)
                for name, why in file["kept"].items():
                    console.print(f"{name} is no piece of its own: {why}", markup=False, highlight=False)
            else:
                words = [file["pass_list"] or "clang -Oz", *file["codegen_options"]]
                console.print(f"one recipe for all: {' '.join(words)}", markup=False, highlight=False, soft_wrap=True)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is not what `lathe tune --json` prints: {error!r}.") from None


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
