"""`lathe tune-build`: make a whole build smaller, and lock how."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from lathe.build import BuildResult, Request
from lathe.build import tune_build as make_smaller
from lathe.errors import UsageError
from lathe.llvm import Cache, Engine, default_cache_path, find_toolchain

__all__ = ["tune_build"]

_MOST = 20  # objects in the table


def tune_build(
    context: typer.Context,
    seconds: Annotated[float, typer.Option(min=1, help="Seconds for everything after the first build.")] = 600,
    compiles: Annotated[int, typer.Option(min=1, help="Compiles to spend on each function, at most.")] = 400,
    test: Annotated[str, typer.Option(help="Command that fails when the program is wrong.")] = "",
    root: Annotated[Path, typer.Option(help="Where the build runs.")] = Path(),
    jobs: Annotated[int | None, typer.Option(min=1, help="Compiles at the same time (default: the CPUs).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,  # noqa: FBT002
) -> None:
    """Make the images of a build smaller, and lock how: `lathe tune-build --test "make check" -- make CC="lathe cc"`.

    The build must start clean and have `lathe cc` and `lathe c++` as its compilers, at -Oz or -Os; CC and CXX are set
    for it. It is left with the smaller objects and images, and `lathe.lock` says how to make them again.
    """
    command: tuple[str, ...] = context.obj or ()
    if not command:
        raise UsageError('Which build? Say it after --, such as: lathe tune-build -- make CC="lathe cc"')
    console = Console(stderr=True)
    request = Request(command, root.absolute(), seconds=seconds, compiles=compiles, test=test)
    engine = Engine(find_toolchain(), jobs=jobs, cache=Cache(default_cache_path()))
    with engine, console.status("") as status:
        result = make_smaller(request, engine, hear=status.update)
    if as_json:
        typer.echo(json.dumps(_describe(result), indent=1))
        return
    _show(Console(), result)


def _describe(result: BuildResult) -> dict[str, object]:
    return {
        "objects": [asdict(one) for one in result.objects],
        "images": [asdict(one) for one in result.images],
        "lock": str(result.lock),
        "seconds": round(result.seconds, 1),
    }


def _show(console: Console, result: BuildResult) -> None:
    table = Table(box=None, pad_edge=False)
    for name, justify in (("", "left"), ("clang -Oz", "right"), ("lathe", "right"), ("saved", "right"), ("", "left")):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    rows = sorted(result.objects, key=lambda one: one.after - one.before)
    for one in rows[:_MOST]:
        table.add_row(one.name, f"{one.before:,}", f"{one.after:,}", _say_saved(one.before, one.after), one.taken_back)
    if len(rows) > _MOST:
        table.add_row(f"… and {len(rows) - _MOST} objects more")
    table.add_section()
    for image in result.images:
        table.add_row(image.name, f"{image.before:,}", f"{image.after:,}", _say_saved(image.before, image.after))
    console.print(table)
    console.print(f"locked in {os.path.relpath(result.lock)}, {result.seconds:.0f} s", highlight=False)


def _say_saved(before: int, after: int) -> str:
    return f"{100 * (before - after) / before:.1f} %" if before else ""
