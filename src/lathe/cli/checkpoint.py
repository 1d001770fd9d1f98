"""`lathe evaluate checkpoint`: how good a network is at the tasks, by the compiler, on held-out data sets."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from lathe.cli.extras import load_extra
from lathe.errors import InputError
from lathe.evaluation import GROUPINGS, EvaluationSetting, Metrics, evaluate
from lathe.llvm import Engine, find_toolchain

__all__ = ["checkpoint"]


def checkpoint(
    folder: Annotated[Path, typer.Argument(metavar="NETWORK", help="A folder of `lathe train` or `lathe export`.")],
    datasets: Annotated[list[Path], typer.Argument(metavar="DATASET…", help="Data sets of tasks, held out.")],
    limit: Annotated[int, typer.Option(min=1, help="Rows of each data set.")] = 200,
    seed: Annotated[int, typer.Option(help="Another seed draws other rows.")] = 0,
    save: Annotated[bool, typer.Option("--save", help="Keep the metrics in NETWORK, and in its card.")] = False,  # noqa: FBT002
    by: Annotated[str | None, typer.Option(help=f"A table of groups too: {', '.join(GROUPINGS)}.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,  # noqa: FBT002
) -> None:
    """Ask a network what data sets know, and score its answers."""
    if by is not None and by not in GROUPINGS:
        raise InputError(f'There is no grouping "{by}". There are: {", ".join(GROUPINGS)}.')
    training = load_extra("lathe.training", "train", "Evaluating a network needs torch and more")
    with Engine(find_toolchain()) as engine:
        found = list(evaluate(engine, folder, datasets, EvaluationSetting(limit, seed)))
    text = json.dumps([asdict(metrics) for metrics in found], indent=1)
    if save:
        (folder / "metrics.json").write_text(text + "\n", encoding="utf-8")
        training.write_card(folder, name=folder.name)
    if as_json:
        typer.echo(text)
    else:
        Console().print(_make_table(found))
        for metrics in found if by else ():
            Console().print(_make_group_table(metrics, str(by)))


def _make_table(found: list[Metrics]) -> Table:
    """A column for each task; shares as percent."""
    table = Table("", *(metrics.task for metrics in found), box=None)
    for name in ("rows", "projects", "too_long"):
        table.add_row(name.replace("_", " "), *(str(getattr(metrics, name)) for metrics in found))
    table.add_row("loss", *(f"{metrics.loss:.3f}" for metrics in found))
    table.add_row("finished", *(f"{metrics.finished:.1%}" for metrics in found))
    for name in dict.fromkeys(name for metrics in found for name in metrics.scores):
        shares = (f"{metrics.scores[name]:.1%}" if name in metrics.scores else "" for metrics in found)
        table.add_row(name.replace("_", " "), *shares)
    table.add_row("confidence off by", *(f"{metrics.confidence.error:.1%}" for metrics in found))
    return table


def _make_group_table(metrics: Metrics, by: str) -> Table:
    """A row for each group; shares as percent."""
    groups, names = metrics.groups.get(by, {}), list(metrics.scores)
    table = Table(f"{metrics.task}, {by}", "rows", *(name.replace("_", " ") for name in names), box=None)
    for label, group in groups.items():
        shares = (f"{group.scores[name]:.1%}" if name in group.scores else "" for name in names)
        table.add_row(label, str(group.rows), *shares)
    return table
