"""`lathe train`: train a model as a file says, or tell beforehand what that takes."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from lathe.cli.extras import load_extra
from lathe.errors import InputError, UsageError

if TYPE_CHECKING:
    from lathe.training import Accelerator, Memory, Parameters, Run, Step, Validation

__all__ = ["train"]


def train(
    file: Annotated[Path, typer.Argument(metavar="RUN", help="A file of stages, such as runs/nano.toml.")],
    out: Annotated[
        Path | None, typer.Option("-o", help="Folder for checkpoints, log and network; a run that was stopped goes on.")
    ] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only say what it takes.")] = False,  # noqa: FBT002
    devices: Annotated[int, typer.Option(min=1, help="Devices of the plan.")] = 1,
    device: Annotated[str, typer.Option(help="Their kind.")] = "h200",
    mfu: Annotated[float, typer.Option(min=0.01, max=1.0, help="The part of their speed that the plan uses.")] = 0.4,
    price: Annotated[
        float | None, typer.Option(min=0, help="Of an hour of one device, for the plan (dollars).")
    ] = None,
    checkpoint_steps: Annotated[int, typer.Option(min=1, help="Steps between checkpoints.")] = 200,
    checkpointing: Annotated[bool, typer.Option("--checkpointing", help="Keep less in memory.")] = False,  # noqa: FBT002
    compiled: Annotated[bool, typer.Option("--compile", help="Compile the layers with torch.")] = False,  # noqa: FBT002
    precision: Annotated[str, typer.Option(help="bf16 or no (single).")] = "bf16",
) -> None:
    """Train a network on token shards, stage after stage."""
    if precision not in ("bf16", "no"):
        raise UsageError(f'Unknown precision "{precision}". Choose one of: bf16, no')
    training = load_extra("lathe.training", "train", "Training needs torch and more")
    run = training.read_run(file)
    if plan:
        kind = training.ACCELERATORS.get(device)
        if kind is None:
            raise UsageError(f'Unknown device "{device}". Choose one of: {", ".join(training.ACCELERATORS)}')
        _show_plan(training, run, (device, kind, devices), mfu, price, checkpointing=checkpointing)
        return
    if out is None:
        raise UsageError("Name a folder for the network: -o OUT (or ask what the run takes: --plan)")
    if run.tokenizer is None:
        raise InputError(f'{file} names no tokenizer. Write: tokenizer = "tokenizer.json"')
    from lathe.model import Tokenizer

    setting = training.LoopSetting(checkpoint_steps, checkpointing, compiled, precision)
    console, first = Console(stderr=True), os.environ.get("RANK", "0") == "0"
    for said in training.train(run, Tokenizer.load(run.tokenizer), out, setting):
        if first:
            _show_progress(console, said)
    if first:
        typer.echo(out / "network")


def _show_progress(console: Console, said: Step | Validation) -> None:
    """A line for a step, in place of the one before, and one for the end of a stage."""
    if hasattr(said, "losses"):
        losses = ", ".join(f"{name} {loss:.4f}" for name, loss in said.losses.items())
        console.print(f"{said.stage}: held out: {losses}" if losses else f"{said.stage}: done", highlight=False)
        return
    share = "" if said.mfu is None else f" (MFU {said.mfu:.1%})"
    console.print(
        f"{said.stage} {said.step}/{said.steps}: loss {said.loss:.3f}, {said.tokens_a_second:,.0f} tokens/s, "
        f"{said.tflops:.2f} TFLOP/s{share}, {said.seconds_left / 60:.0f} min left",
        end="\r" if console.is_terminal and said.step < said.steps else "\n", highlight=False,
    )  # fmt: skip


def _show_plan(
    training: ModuleType, run: Run, on: tuple[str, Accelerator, int], mfu: float, price: float | None,
    *, checkpointing: bool,
) -> None:  # fmt: skip
    name, kind, devices = on
    shape = run.find_shape()
    vocabulary = shape.vocabulary or _count_tokens(run)
    parameters = shape.count(vocabulary)
    memory = training.estimate_memory(
        shape, vocabulary, stream=run.stream_tokens, devices=devices, checkpointing=checkpointing
    )
    typer.echo(f"{parameters.total:,} parameters ({_list_parts(parameters, 1, ',.0f')})")
    typer.echo(f"{memory.total / 1e9:.2f} GB on each of {devices} {name} with {kind.memory / 1e9:.0f} GB "
               f"({_list_parts(memory, 1e9, '.2f')})")  # fmt: skip
    table = Table("stage", "tokens", "FLOPs", f"{name} hours", f"hours on {devices}", box=None, pad_edge=False)
    costs = training.estimate_stages(run, shape, vocabulary, device=kind, mfu=mfu)
    for cost in costs:
        table.add_row(cost.stage.name, f"{cost.stage.tokens:,}", f"{cost.flops:.3g}", f"{cost.device_hours:,.2f}",
                      f"{cost.device_hours / devices:,.2f}")  # fmt: skip
    tokens, flops, hours = (
        sum(values) for values in zip(*((c.stage.tokens, c.flops, c.device_hours) for c in costs), strict=True)
    )
    table.add_row("all", f"{tokens:,}", f"{flops:.3g}", f"{hours:,.2f}", f"{hours / devices:,.2f}")
    Console().print(table)
    typer.echo(f"at an MFU of {mfu:.0%}; all stages cost, for example:")
    for other, of in training.ACCELERATORS.items():
        rent = price if price is not None and other == name else of.price
        alone = hours * kind.flops / of.flops
        if rent is not None:
            typer.echo(f"  {other}: {alone:,.2f} hours, {alone * rent:,.2f} dollars at {rent:.2f} an hour")
    _show_published(training, run, mfu)


def _show_published(training: ModuleType, run: Run, mfu: float) -> None:
    """The same stages for the sizes of somebody's report, beside its hours."""
    if run.published is None:
        return
    kind = training.ACCELERATORS[run.published.accelerator]
    hours = 0.0
    for size in run.published.sizes:
        shape = training.SIZES[size]
        costs = training.estimate_stages(run, shape, shape.vocabulary, device=kind, mfu=mfu)
        hours += sum(cost.device_hours for cost in costs)
    stated = run.published
    typer.echo(f"{' and '.join(stated.sizes)} together at {mfu:.0%}: {hours:,.0f} {stated.accelerator} hours")
    typer.echo(f"published: {stated.hours:,.0f} ({stated.source}); equal at an MFU of {mfu * hours / stated.hours:.0%}")


def _list_parts(record: Parameters | Memory, unit: float, form: str) -> str:
    """The fields of a record in a unit, as text."""
    return ", ".join(f"{part} {getattr(record, part) / unit:{form}}" for part in record.__slots__)


def _count_tokens(run: Run) -> int:
    if run.tokenizer and run.tokenizer.exists():
        from lathe.model import Tokenizer

        return Tokenizer.load(run.tokenizer).size
    return 8192
