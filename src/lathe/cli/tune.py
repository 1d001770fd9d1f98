"""`lathe tune`: search for a smaller object for each input, show what was found, and write it."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from lathe import search
from lathe.cli.examination import Examination, Examiners
from lathe.cli.inputs import find_units
from lathe.cli.output import check_output, write_output
from lathe.cli.tuned import Tuned, results_json, show_results
from lathe.errors import LatheError, UsageError
from lathe.llvm import (
    OBJECTIVES,
    Cache,
    Engine,
    Measurement,
    Status,
    Unit,
    compile_baseline,
    default_cache_path,
    find_toolchain,
    load_unit,
    measure_object,
    repeat_commands,
)
from lathe.verify import CHECKERS, Gate, UserTest, find_checker

__all__ = ["tune"]


class Granularity(StrEnum):
    """What has a recipe of its own."""

    UNIT = "unit"
    FUNCTION = "function"


class Emit(StrEnum):
    """What is written."""

    OBJ = "obj"
    ASM = "asm"
    LL = "ll"
    BC = "bc"


_SUFFIX = {Emit.OBJ: ".o", Emit.ASM: ".s", Emit.LL: ".ll", Emit.BC: ".bc"}


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for, beside the inputs."""

    compiles: int
    seconds: float | None
    strategy: str
    objective: str
    seed: int
    emit: Emit
    granularity: Granularity
    paths: Mapping[Unit, Path]


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
    granularity: Annotated[Granularity, typer.Option(help="What has a recipe of its own.")] = Granularity.UNIT,
    strategy: Annotated[
        str | None,
        typer.Option(help=f"How to search: {', '.join(search.STRATEGIES)} (evolution; functions: portfolio)."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Repeats a run.")] = 0,
    jobs: Annotated[int | None, typer.Option(min=1, help="Worker processes (default: all CPUs).")] = None,
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
    strategy = strategy or ("evolution" if granularity is Granularity.UNIT else "portfolio")
    search.find_objective(objective), search.find_strategy(strategy)  # complain before any work
    if granularity is Granularity.FUNCTION and (emit is not Emit.OBJ or objective == "instructions"):
        raise UsageError("--granularity function joins objects: leave --emit and --objective instructions out.")
    for name in checkers or ():
        find_checker(name)
    if verify_with and (output is None or emit is not Emit.OBJ):
        raise UsageError("--verify-with runs your test with the objects in place: give -o, and leave --emit out.")
    units = find_units(inputs, flags)
    paths = _output_paths(units, output, emit)
    for path in paths.values():
        check_output(path)
    request = Request(compiles, seconds, strategy, objective, seed, emit, granularity, paths)
    kept = Cache(default_cache_path()) if cache else None
    with (
        Engine(find_toolchain(), jobs=jobs, cache=kept) as engine,
        Gate(engine, remember=cache) if verify else nullcontext() as gate,
        _start_test(engine, verify_with, paths) if verify_with else nullcontext() as test,
    ):
        engine.start()
        examiners = Examiners(gate, tuple(checkers or ()), test)
        results = _tune_all(engine, examiners, units, request, Console(stderr=True))
        version = engine.toolchain.version
        for result in results:
            if result.unit in paths and not result.error:
                write_output(paths[result.unit], result.data)
        if test:
            test.keep([paths[r.unit] for r in results if not r.error])
    if as_json:
        typer.echo(json.dumps(results_json(results, objective=objective, version=version), indent=2))
    else:
        show_results(results, paths)
    return next((r.error.exit_code for r in results if r.error), 0)


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


def _tune_all(
    engine: Engine, examiners: Examiners, units: Sequence[Unit], request: Request, console: Console
) -> list[Tuned]:
    """Tune all units, as many at a time as there are workers; an error of one stays its own."""
    started, lock, left = time.monotonic(), threading.Lock(), [len(units)]
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        total = progress.add_task("compiles", total=request.compiles * len(units))

        def one(unit: Unit) -> Tuned:
            with lock:
                limit = _share(request.seconds, time.monotonic() - started, left[0], engine.jobs)
                left[0] -= 1
            try:
                tune_one = _tune_unit if request.granularity is Granularity.UNIT else _tune_functions
                return tune_one(engine, examiners, unit, request, search.Budget(request.compiles, limit), progress)
            except LatheError as error:
                return Tuned(unit, error=error)
            finally:
                progress.update(total, advance=request.compiles)

        pool = ThreadPoolExecutor(max_workers=engine.jobs)
        try:
            results = list(pool.map(one, units))
        except BaseException:
            engine.close()  # Ctrl-C: end the compiles under way, so that the threads can end too
            raise
        finally:
            pool.shutdown(cancel_futures=True)
    for result in results:
        if result.error:
            console.print(f"lathe: {result.error}", style="red", markup=False, highlight=False, soft_wrap=True)
    return results


def _share(seconds: float | None, passed: float, left: int, jobs: int) -> float | None:
    """The seconds that one of the units left may take, when `jobs` run at a time."""
    return None if seconds is None else max(0.0, seconds - passed) * min(jobs, left) / left


def _tune_unit(
    engine: Engine, examiners: Examiners, unit: Unit, request: Request, budget: search.Budget, progress: Progress
) -> Tuned:
    with ThreadPoolExecutor(1) as aside, ExitStack() as stack:
        compiling = aside.submit(compile_baseline, engine.toolchain, unit)
        module = load_unit(engine, unit)
        path = request.paths.get(unit)
        examination = stack.enter_context(Examination(engine, unit, module, examiners=examiners, path=path))
        task = progress.add_task(str(unit.path), total=budget.compiles)
        result = search.tune(
            engine,
            module,
            budget,
            strategy=request.strategy,
            objective=request.objective,
            seed=request.seed,
            on_progress=lambda done, best: progress.update(task, completed=done, description=f"{unit.path} {best} B"),
            accept=examination.accepts,
        )
        progress.remove_task(task)
        clang = compiling.result()
    cost = search.find_objective(request.objective)
    baseline = cost(measure_object(clang, result.baseline))
    recipe, tuned, data = result.recipe, baseline, clang
    if recipe is not None:
        data = engine.emit(module, recipe)
        tuned = cost(measure_object(data, result.best))  # what is written counts, not what was measured
    if tuned >= baseline:
        recipe, tuned, data = None, baseline, clang
        if examiners.test and path:
            examiners.test.put(path, clang)
    if request.emit.value != "obj":
        data = engine.emit(module, recipe, request.emit.value)
    repeat = repeat_commands(engine.toolchain, unit, module.target, recipe)
    verdict = examiners.gate.judge(recipe) if examiners.gate and recipe else None
    comparisons = tuple(examination.comparisons) if recipe else ()
    return Tuned(
        unit, baseline, tuned, recipe, result.compiles, result.seconds, result.stop_reason.value, repeat, verdict,
        comparisons, examiners.test is not None, result.refused, data,
    )  # fmt: skip


def _tune_functions(
    engine: Engine, examiners: Examiners, unit: Unit, request: Request, budget: search.Budget, progress: Progress
) -> Tuned:
    with ThreadPoolExecutor(1) as aside, ExitStack() as stack:
        compiling = aside.submit(compile_baseline, engine.toolchain, unit)
        module = load_unit(engine, unit)
        path = request.paths.get(unit)
        examination = stack.enter_context(Examination(engine, unit, module, examiners=examiners, path=path))
        task = progress.add_task(str(unit.path), total=None)
        result = search.tune_functions(
            engine,
            module,
            budget,
            strategy=request.strategy,
            objective=request.objective,
            seed=request.seed,
            on_progress=lambda done, total: progress.update(task, completed=done, total=total),
            accept=examination.judges,
        )
        progress.remove_task(task)
        clang = compiling.result()
        baseline = search.find_objective(request.objective)(measure_object(clang, Measurement(Status.OK)))
        used = result.cost < baseline and examination.accepts_object(result.data)
    last = list(result.plan.functions.values())[-1:]
    verdict = examiners.gate.judge(result.plan.stage.then(*last)) if examiners.gate and used and last else None
    if not used and examiners.test and path:
        examiners.test.put(path, clang)
    return Tuned(
        unit, baseline, result.cost if used else baseline, None, result.compiles, result.seconds,
        result.stop_reason.value, (), verdict, tuple(examination.comparisons) if used else (),
        examiners.test is not None, result.refused, result.data if used else clang, result if used else None,
    )  # fmt: skip


def _output_paths(units: Sequence[Unit], output: Path | None, emit: Emit) -> dict[Unit, Path]:
    """Where each unit's result goes; several units go into a directory, laid out as their sources are."""
    if output is None:
        return {}
    if len(units) == 1 and not output.is_dir():
        return {units[0]: output}
    if output.is_file():
        raise UsageError(f"{output} is a file, but there are {len(units)} inputs. Give -o a directory.")
    files = [unit.file.resolve() for unit in units]
    base = Path(os.path.commonpath([f.parent for f in files]))
    paths = {u: output / f.relative_to(base).with_suffix(_SUFFIX[emit]) for u, f in zip(units, files, strict=True)}
    twice = next((p for p in paths.values() if list(paths.values()).count(p) > 1), None)
    if twice:
        raise UsageError(f"Two inputs would both be written to {twice}. Tune them in separate runs.")
    return paths
