"""`lathe tune`: search for a smaller object for each input, show what was found, and write it."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from lathe import library, search
from lathe.cli.extras import load_extra
from lathe.cli.inputs import find_units
from lathe.cli.output import check_output, write_output
from lathe.cli.tuned import results_json, show_results
from lathe.errors import LatheError, UsageError
from lathe.llvm import (
    OBJECTIVES,
    Cache,
    Engine,
    Unit,
    compile_baseline,
    default_cache_path,
    find_toolchain,
)
from lathe.tasks import EMBEDDED
from lathe.tuning import Emit, Examiners, Granularity, Request, Tuned, choose_granularity, tune_all
from lathe.verify import CHECKERS, Gate, UserTest, find_checker

__all__ = ["tune"]


_MODEL, _BEHIND = "model", "evolution"  # the strategy that a model's answers are where it starts
_SUFFIX = {Emit.OBJ: ".o", Emit.ASM: ".s", Emit.LL: ".ll", Emit.BC: ".bc"}


def tune(
    context: typer.Context,
    inputs: Annotated[list[Path], typer.Argument(help="C, C++, .ll or .bc files, directories, compile_commands.json.")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="File to write (a directory for several inputs).")
    ] = None,
    emit: Annotated[Emit, typer.Option(help="What to write.")] = Emit.OBJ,
    objective: Annotated[str, typer.Option(help=f"The number to make small: {', '.join(OBJECTIVES)}.")] = "loadable",
    target: Annotated[str | None, typer.Option(help="Target triple, such as thumbv7em-none-eabi.")] = None,
    compiles: Annotated[int, typer.Option(min=1, help="Compiles to spend on each input (or function).")] = 100,
    seconds: Annotated[float | None, typer.Option(min=0, help="Seconds to spend on all inputs together.")] = None,
    granularity: Annotated[
        Granularity, typer.Option(help="What has a recipe of its own; auto tries both.")
    ] = Granularity.AUTO,
    max_slowdown: Annotated[
        float, typer.Option(min=0, help="Percent of run time that code may lose, by estimate (inf: any).")
    ] = 100 * search.MAX_SLOWDOWN,
    strategy: Annotated[
        str, typer.Option(help=f"How to search: {', '.join(search.STRATEGIES)}; model: evolution from what it says.")
    ] = "evolution",
    model: Annotated[str, typer.Option(help="Who proposes, with --strategy model: embedded, or a folder.")] = EMBEDDED,
    seed: Annotated[int, typer.Option(help="Repeats a run.")] = 0,
    jobs: Annotated[int | None, typer.Option(min=1, help="Worker processes (default: all CPUs).")] = None,
    verdicts: Annotated[
        int, typer.Option(min=0, help="New recipes to put to the suite for the functions of an input, on average.")
    ] = 2,
    verify: Annotated[bool, typer.Option(help="Use no recipe that the bundled suite does not accept.")] = True,  # noqa: FBT002
    checkers: Annotated[
        list[str] | None, typer.Option("--check", help=f"Compare the input's own code: {', '.join(CHECKERS)} (repeat).")
    ] = None,
    verify_with: Annotated[
        str | None, typer.Option(metavar="CMD", help="Your own test: run with each object in its -o place.")
    ] = None,
    cache: Annotated[bool, typer.Option(help="Remember measurements between runs.")] = True,  # noqa: FBT002
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,  # noqa: FBT002
) -> int:
    """Make objects smaller than `clang -Oz` does. Flags for clang go last: lathe tune a.c -o a.o -- -DNDEBUG -Iinc

    The result is never larger than the baseline: when nothing is smaller, the baseline is what is written.
    """
    flags = (*((f"--target={target}",) if target else ()), *(context.obj or ()))
    asked = strategy == _MODEL
    strategy = _BEHIND if asked else strategy
    search.find_objective(objective), search.find_strategy(strategy)  # complain before any work
    if granularity is Granularity.FUNCTION and (emit is not Emit.OBJ or objective == "instructions"):
        raise UsageError("--granularity function joins objects: leave --emit and --objective instructions out.")
    toolchain = find_toolchain()
    granularity = choose_granularity(granularity, emit, objective, toolchain)
    if asked and granularity is Granularity.UNIT:
        raise UsageError("A model proposes recipes for functions: leave --granularity unit, --emit and others out.")
    for name in checkers or ():
        find_checker(name)
    if verify_with and (output is None or emit is not Emit.OBJ):
        raise UsageError("--verify-with runs your test with the objects in place: give -o, and leave --emit out.")
    units = find_units(inputs, flags)
    paths = _output_paths(units, output, emit)
    for path in paths.values():
        check_output(path)
    budget = search.Budget(compiles, seconds, verdicts=verdicts)
    if asked:
        load_extra("lathe.model", "model", "Asking a model needs some libraries")
    propose = library.propose_from(model, budget) if asked else None
    request = Request(budget, strategy, objective, seed, emit, granularity, max_slowdown / 100, paths, propose)
    kept = Cache(default_cache_path()) if cache else None
    with (
        Engine(toolchain, jobs=jobs, cache=kept) as engine,
        Gate(engine, remember=cache) if verify else nullcontext() as gate,
        _start_test(engine, verify_with, paths) if verify_with else nullcontext() as test,
    ):
        engine.start()
        examiners = Examiners(gate, tuple(checkers or ()), test)
        results = _tune_aloud(engine, examiners, units, request)
        version = engine.toolchain.version
        for result in results:
            if result.unit in paths and not result.error:
                write_output(paths[result.unit], result.data)
        if test:
            test.keep([paths[r.unit] for r in results if not r.error])
    if as_json:
        typer.echo(json.dumps(results_json(results, paths, objective=objective, version=version), indent=2))
    else:
        show_results(results, paths)
    return next((r.error.exit_code for r in results if r.error), 0)


def _tune_aloud(engine: Engine, examiners: Examiners, units: Sequence[Unit], request: Request) -> list[Tuned]:
    """Tune, with progress and errors on standard error."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        results = tune_all(engine, examiners, units, request, _Bars(progress))
    for result in results:
        if result.error:
            console.print(f"lathe: {result.error}", style="red", markup=False, highlight=False, soft_wrap=True)
    return results


@dataclass(frozen=True, slots=True)
class _Bars:
    """A listener that draws a bar for each task."""

    progress: Progress

    def begin(self, name: str, total: int | None) -> int:
        return self.progress.add_task(name, total=total)

    def update(self, task: int, done: int, total: int, name: str = "") -> None:
        self.progress.update(TaskID(task), completed=done, total=total, description=name or None)

    def end(self, task: int) -> None:
        self.progress.remove_task(TaskID(task))


def _start_test(engine: Engine, command: str, paths: dict[Unit, Path]) -> UserTest:
    """The user's test with clang's own objects in place; inputs that clang refuses are left out, and reported later."""

    def compile_one(unit: Unit) -> bytes | None:
        try:
            return compile_baseline(engine.toolchain, unit)
        except LatheError:
            return None

    with ThreadPoolExecutor(engine.jobs) as pool:
        found = dict(zip(paths, pool.map(compile_one, paths), strict=True))
    return UserTest(command, {paths[unit]: data for unit, data in found.items() if data is not None})


def _output_paths(units: Sequence[Unit], output: Path | None, emit: Emit) -> dict[Unit, Path]:
    """Where each unit's result goes; several units go into a directory, laid out as their sources are.

    What a build compiles more than once, with other flags, gets a number from the second time on.
    """
    if output is None:
        return {}
    if len(units) == 1 and not output.is_dir():
        return {units[0]: output}
    if output.is_file():
        raise UsageError(f"{output} is a file, but there are {len(units)} inputs. Give -o a directory.")
    files = [unit.file.resolve() for unit in units]
    base = Path(os.path.commonpath([f.parent for f in files]))
    paths: dict[Path, Unit] = {}
    for unit, file in zip(units, files, strict=True):
        path = output / file.relative_to(base).with_suffix(_SUFFIX[emit])
        numbered = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
        paths[next(p for p in chain([path], numbered) if p not in paths)] = unit
    return {unit: path for path, unit in paths.items()}
