"""`lathe report`: where the bytes of a build are, and what Lathe saved of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from lathe.build import Binary, BuildReport, Part, RecipeUse, make_page, make_report
from lathe.cli.output import check_output, write_output
from lathe.llvm import Cache, Engine, default_cache_path, find_toolchain

__all__ = ["report"]

_MOST = 15  # rows of a table
_RECIPES = 10
_NUMBERS, _PLACE = 44, 24  # columns for all numbers of a row, and for what a function is in
_LONG = 500  # letters of a recipe that are shown


def report(
    root: Annotated[Path, typer.Argument(help="Where the build runs.")] = Path(),
    html: Annotated[Path | None, typer.Option(help="Write a page to this file too, with a map of the bytes.")] = None,
    words: Annotated[bool, typer.Option(help="Measure what the words of recipes save.")] = True,  # noqa: FBT002
    records: Annotated[Path | None, typer.Option(help="Where LATHE_RECORD was (default: .lathe/records).")] = None,
    jobs: Annotated[int | None, typer.Option(min=1, help="Compiles at the same time (default: the CPUs).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,  # noqa: FBT002
) -> None:
    """Show where the bytes of a build are, and what was saved: images, objects, functions, sections, recipes.

    Of a build that `lathe tune-build` left, or one that was made with LATHE_RECORD="$PWD/.lathe/records".
    """
    if html:
        check_output(html)
    console = Console(stderr=True)
    engine = Engine(find_toolchain(), jobs=jobs, cache=Cache(default_cache_path()))
    with engine, console.status("") as status:
        found = make_report(root, engine, records=records, words=_RECIPES if words else 0, hear=status.update)
    if html:
        write_output(html, make_page(found).encode())
    if as_json:
        typer.echo(json.dumps(_describe(found), indent=1))
        return
    _show(Console(), found)


def _describe(found: BuildReport) -> dict[str, object]:
    return {
        "name": found.name,
        "images": [asdict(one) for one in found.images],
        "objects": [asdict(one) for one in found.objects],
        "sections": [asdict(one) for one in found.sections],
        "recipes": [asdict(one) for one in found.recipes],
        "notes": list(found.notes),
    }


def _show(console: Console, found: BuildReport) -> None:
    for image in found.images:
        _show_sizes(console, f"{image.name}, by section", image.sections, total=image)
    _show_sizes(console, "objects, those that saved most first", found.objects)
    numbers: dict[str | None, str] = {use.recipe: str(number) for number, use in enumerate(found.recipes, 1)}
    orders = {"functions, the largest": found.functions, "functions that saved most": _sort_by_saved(found)}
    for title, functions in orders.items():
        parts = [Part(found.title(p.name), p.before, p.after) for _, p in functions]
        more = [(b.name, numbers.get(p.recipe, "")) for b, p in functions]
        _show_sizes(console, title, parts, more=("in", "recipe"), rest=more)
    _show_sizes(console, "sections of all objects", found.sections)
    for number, use in enumerate(found.recipes[:_RECIPES], 1):
        _show_recipe(console, number, use)
    for note in found.notes:
        console.print(note, markup=False, highlight=False, style="dim")


def _sort_by_saved(found: BuildReport) -> list[tuple[Binary, Part]]:
    return sorted(found.functions, key=lambda pair: -pair[1].saved)


def _show_sizes(
    console: Console,
    title: str,
    parts: Sequence[Part | Binary],
    *,
    total: Binary | None = None,
    more: Sequence[str] = (),
    rest: Iterable[Sequence[str]] = (),
) -> None:
    """A table of things with their bytes by clang and now; `more` are the heads of further cells, the `rest`."""
    if not parts:
        return
    table = Table(box=None, pad_edge=False)
    room = console.width - _NUMBERS - (_PLACE + _NUMBERS // 4 if more else 0)
    table.add_column("", overflow="ellipsis", no_wrap=True, max_width=max(_PLACE, room))
    for name in ("clang", "lathe", "saved", "%"):
        table.add_column(name, justify="right", no_wrap=True)
    for name in more:
        table.add_column(name, overflow="ellipsis", no_wrap=True, max_width=_PLACE)
    cells = list(rest) or [()] * len(parts)
    for part, others in list(zip(parts, cells, strict=True))[:_MOST]:
        table.add_row(*_write_row(part), *map(Text, others))
    if len(parts) > _MOST:
        table.add_row(f"… and {len(parts) - _MOST:,} more")
    if total:
        table.add_section()
        table.add_row(*_write_row(total, "together"))
    console.print(Text(title, "bold"))
    console.print(table)
    console.print()


def _write_row(part: Part | Binary, name: str | None = None) -> list[Text]:
    percent = f"{100 * part.saved / part.before:.1f}" if part.before else ""
    return [Text(name or part.name), *map(Text, (f"{part.before:,}", f"{part.after:,}", f"{part.saved:,}", percent))]


def _show_recipe(console: Console, number: int, use: RecipeUse) -> None:
    sizes = f"{use.before:,} → {use.after:,} bytes, {use.saved:,} saved"
    console.print(Text(f"recipe {number}: {use.functions} functions, {sizes}", "bold"), highlight=False)
    said = use.recipe if len(use.recipe) <= _LONG else f"{use.recipe[:_LONG]}…"
    console.print(said or "code generation alone", markup=False, highlight=False, soft_wrap=True)
    table = Table("", "bytes without it", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for word in use.telling[:_MOST]:
        table.add_row(Text(word.text), "needed" if word.saves is None else f"{word.saves:+,}")
    if use.words:
        console.print(table)
    if silent := len(use.words) - len(use.telling):
        console.print(f"words that change nothing here: {silent}", highlight=False)
    console.print()
