"""`lathe corpus`: collect programs and their functions, keep training and test apart, look, and export."""

from __future__ import annotations

import json
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from lathe.corpus import SOURCES, SPLITS, Corpus, Shares, SourceSetting, add_batches, hash_functions, split_corpus
from lathe.errors import InputError, UsageError
from lathe.llvm import Engine, find_toolchain

__all__ = ["corpus"]

corpus = typer.Typer(help="Collect programs of real projects, for training and evaluation.", no_args_is_help=True)

Folder = Annotated[Path, typer.Argument(metavar="CORPUS", help="The corpus: a folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print as JSON.")]


@corpus.command()
def add(
    context: typer.Context,
    folder: Folder,
    source: Annotated[str, typer.Argument(help=f"Where from: {', '.join(SOURCES)}.")],
    what: Annotated[list[str], typer.Argument(help="Directories, databases, folders, packages, seeds or files.")],
    project: Annotated[str, typer.Option(help="Its project (default: the name of what is added).")] = "",
    version: Annotated[str, typer.Option(help="Its version.")] = "",
    licence: Annotated[str, typer.Option(help="Its licence, as an SPDX identifier.")] = "",
    language: Annotated[
        list[str] | None, typer.Option(help="Only modules of this language (parquet); again for more.")
    ] = None,
    work: Annotated[
        Path | None, typer.Option(help="Folder for downloads and builds (default: a temporary one).")
    ] = None,
    held_out: Annotated[list[Path] | None, typer.Option(help="Sources whose functions must not be in it.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Compiles at a time (default: the CPUs).")] = len(
        os.sched_getaffinity(0)
    ),
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Add programs and their functions, each once. Words after `--` are flags for clang."""
    if source not in SOURCES:
        raise UsageError(f'Unknown source "{source}". Choose one of: {", ".join(SOURCES)}')
    toolchain, console = find_toolchain(), Console(stderr=True)
    with tempfile.TemporaryDirectory(prefix="lathe-") as name, Engine(toolchain, jobs=jobs) as engine:
        flags, found = tuple(context.obj or ()), Corpus(folder)
        setting = SourceSetting(
            toolchain, work or Path(name), engine.jobs, flags, project, version, licence, frozenset(language or ()),
            found.has,
        )  # fmt: skip
        refused = hash_functions(engine, SOURCES["directory"](setting, [str(path) for path in held_out or ()]))
        rows = []
        for addition in add_batches(engine, found, SOURCES[source](setting, what), held_out=refused):
            rows.append(addition)
            if not as_json:
                console.print(f"{addition.name}: {addition.programs} programs, {addition.functions} functions"
                              f"{_list_causes(Counter(addition.left_out))}", highlight=False, markup=False)  # fmt: skip
    if as_json:
        typer.echo(json.dumps([{"name": a.name, "programs": a.programs, "functions": a.functions,
                                "left_out": dict(a.left_out)} for a in rows], indent=1))  # fmt: skip


@corpus.command()
def split(
    folder: Folder,
    validation: Annotated[int, typer.Option(min=0, max=100, help="Percent of the projects for validation.")] = 5,
    test: Annotated[int, typer.Option(min=0, max=100, help="Percent of the projects for test.")] = 10,
    for_test: Annotated[
        list[str] | None, typer.Option(help="A project that is for test anyhow; again for more.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed gives another split.")] = 0,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Share the projects among training, validation and test; near copies of training functions leave the latter."""
    found = split_corpus(Corpus(folder), Shares(validation, test, frozenset(for_test or ())), seed=seed)
    if as_json:
        typer.echo(json.dumps(found, indent=1))
        return
    table = Table("split", "projects", "functions", box=None, pad_edge=False)
    for name in SPLITS:
        table.add_row(name, str(found["projects"][name]), str(found["functions"][name]))
    Console().print(table)
    typer.echo(f"left out of validation and test, as near to training: {found['near_training']} functions")


@corpus.command()
def stats(folder: Folder, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Show what a corpus holds: programs and functions by project, licence and language, and what was left out."""
    found = _count(Corpus(folder))
    if as_json:
        typer.echo(json.dumps(found, indent=1))
        return
    console = Console()
    console.print(f"{found['programs']} programs, {found['functions']} functions, {found['bytes'] / 1e6:.1f} MB")
    for key in ("project", "language", "licence"):
        table = Table(key, "programs", "functions", box=None, pad_edge=False)
        for name, row in found[key].items():
            table.add_row(name or "(none)", str(row["programs"]), str(row["functions"]))
        console.print(table, markup=False)
    console.print(f"left out{_list_causes(Counter(found['left_out'])) or ': nothing'}", markup=False, highlight=False)


@corpus.command()
def show(folder: Folder, digest: Annotated[str, typer.Argument(help="A hash, or how it starts.")]) -> None:
    """Show a function or program: origin, target, and a function's IR."""
    for kind in ("functions", "programs"):
        for row in Corpus(folder).read(kind):
            if row["hash"].startswith(digest):
                ir = row.pop("ir", "")
                bitcode = row.pop("bitcode", b"")
                row |= {"bitcode": f"{len(bitcode)} bytes"} if bitcode else {}
                typer.echo(json.dumps(row, indent=1))
                typer.echo(ir)
                return
    raise InputError(f'{folder} has nothing whose hash starts with "{digest}". List hashes: lathe corpus export')


@corpus.command()
def export(
    folder: Folder,
    out: Annotated[Path, typer.Option("-o", help="Folder for one Parquet file a split.")],
    kind: Annotated[str, typer.Option(help="programs or functions.")] = "functions",
) -> None:
    """Write each split as one Parquet file, which pandas, DuckDB and datasets read."""
    for name, count in Corpus(folder).export(kind, out):
        typer.echo(f"{out / name}.parquet: {count} {kind}")


def _count(found: Corpus) -> dict[str, Any]:
    counts = {
        kind: {key: found.count(kind, key) for key in ("project", "language", "licence")}
        for kind in ("programs", "functions")
    }
    tables = {
        key: {name: {kind: counts[kind][key][name] for kind in counts}
              for name in sorted({*counts["programs"][key], *counts["functions"][key]})}
        for key in ("project", "language", "licence")
    }  # fmt: skip
    left_out: Counter[str] = Counter()
    for row in found.additions():
        left_out.update(row["left_out"])
    sizes = [path.stat().st_size for kind in counts for path in found.files(kind)]
    totals = {kind: sum(counts[kind]["project"].values()) for kind in counts}
    return {**totals, "bytes": sum(sizes), **tables, "left_out": dict(left_out.most_common())}


def _list_causes(left_out: Counter[str]) -> str:
    return "".join(f"\n  {count} × {cause}" for cause, count in left_out.most_common())
