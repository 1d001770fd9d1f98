"""`lathe dataset`: examples of the tasks, made of a corpus, and packed as tokens for training."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from lathe.cli.extras import load_extra
from lathe.corpus import EXECUTORS, SPLITS, Corpus
from lathe.errors import InputError, UsageError
from lathe.tasks import TASKS, BuildSetting, PackSetting, build_dataset, pack_datasets, summarise

__all__ = ["dataset"]

dataset = typer.Typer(help="Make the examples of a task of a corpus; pack them for training.", no_args_is_help=True)

_PACKING = "Packing needs the libraries of models"
_CPUS = len(os.sched_getaffinity(0))


def build(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="CORPUS", help="The corpus.")],
    out: Annotated[Path, typer.Option("-o", help="Folder for the Parquet files; a run that was stopped goes on.")],
    split: Annotated[str | None, typer.Option(help=f"One split of the corpus: {', '.join(SPLITS)}.")] = None,
    each: Annotated[int, typer.Option(min=1, help="Examples of each function.")] = 1,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first functions (tuning: programs).")] = None,
    most_of_project: Annotated[int | None, typer.Option(min=1, help="About so many of each project.")] = None,
    compiles: Annotated[int, typer.Option(min=0, help="Of the search for each function's recipe (tuning).")] = 200,
    most_bytes: Annotated[int, typer.Option(min=1, help="Longer inputs and outputs are dropped.")] = 32_000,
    seed: Annotated[int, typer.Option(help="Another seed gives other examples.")] = 0,
    jobs: Annotated[int, typer.Option(min=1, help="Processes (default: the CPUs).")] = _CPUS,
    engine: Annotated[str, typer.Option(help=f"Where the work is done: {', '.join(EXECUTORS)}.")] = "local",
    address: Annotated[str | None, typer.Option(help="Address of a Ray cluster (default: start one here).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,  # noqa: FBT002
) -> None:
    task = str(context.info_name)
    if split is not None and split not in SPLITS:
        raise UsageError(f'Unknown split "{split}". Choose one of: {", ".join(SPLITS)}')
    corpus, console = Corpus(folder), Console(stderr=True)
    if not corpus.files("functions"):
        raise InputError(f"{folder} is no corpus with functions in it. Add some: lathe corpus add {folder} directory …")
    setting, counts = BuildSetting(seed, each, most_bytes, compiles if task == "tuning" else 0), Counter[str]()
    shards = build_dataset(
        task, TASKS[task], corpus, out, setting, split=split, limit=limit,
        most_of_project=most_of_project, executor=engine, jobs=jobs, address=address,
    )  # fmt: skip
    for number, done in enumerate(shards, 1):
        counts.update({"dropped: a shard that no process survives": 1} if done.lost else done.counts)
        if console.is_terminal:
            console.print(f"{number} shards, {counts['examples']} examples", end="\r")
    found = summarise(out, counts)
    if as_json:
        typer.echo(json.dumps(found, indent=1))
        return
    for cause, count in found["counts"].items():
        typer.echo(f"{count} {cause}")
    for key, lengths in found["bytes"].items():
        if lengths:
            typer.echo(f"{key}: {lengths['total']} bytes, median {lengths['median']:g}, most {lengths['most']}")


for _task in TASKS:
    dataset.command(_task, help=f"Make examples of {_task} of what is in CORPUS.")(build)


@dataset.command()
def pack(
    folders: Annotated[list[Path], typer.Argument(metavar="DATASET…", help="Folders that the tasks' commands made.")],
    out: Annotated[Path, typer.Option("-o", help="Folder for the token shards, without any in it.")],
    tokenizer: Annotated[Path, typer.Option(help="A tokenizer.json of Lathe's.")],
    seed: Annotated[int, typer.Option(help="Another seed gives another order.")] = 0,
    shard_tokens: Annotated[int, typer.Option(min=1, help="Tokens of a shard.")] = 1 << 24,
    most_tokens: Annotated[int, typer.Option(min=1, help="Longer examples are dropped.")] = 4096,
    compress: Annotated[bool, typer.Option("--compress", help="Write shards as .zst, for travel.")] = False,  # noqa: FBT002
    jobs: Annotated[int, typer.Option(min=1, help="Threads (default: the CPUs).")] = _CPUS,
) -> None:
    """Write the examples of data sets as shards of tokens, shuffled, which training maps into memory."""
    setting = PackSetting(seed, shard_tokens, most_tokens, compress, jobs)
    loaded = load_extra("lathe.model", "model", _PACKING).Tokenizer.load(tokenizer)
    found = pack_datasets(folders, loaded, out, setting)
    for what, count in found["counts"].items():
        typer.echo(f"{count} {what}")
    for task, of in found["tokens"].items():
        typer.echo(f"{task}: {of['examples']} examples, {of['total']} tokens, median {of['median']}, 90 % up to "
                   f"{of['p90']}, most {of['most']}")  # fmt: skip


@dataset.command()
def unpack(
    shards: Annotated[list[Path], typer.Argument(metavar="SHARD…", help="Files *.zst that `pack --compress` wrote.")],
) -> None:
    """Write compressed shards beside themselves as training maps them into memory."""
    model = load_extra("lathe.model", "model", _PACKING)
    for path in shards:
        typer.echo(model.expand_shard(path))
