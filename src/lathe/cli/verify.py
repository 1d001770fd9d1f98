"""`lathe verify`: put recipes to the test on programs that test themselves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from lathe.errors import SandboxError, UsageError, VerdictError
from lathe.llvm import Engine, Recipe, Store, Toolchain, find_cache_folder, find_toolchain, load_catalogue, parse_recipe
from lathe.verify import (
    SUITES,
    Decision,
    Judge,
    Outcome,
    Reduction,
    SourceSetting,
    Suite,
    Verdict,
    check_report_folder,
    default_verdict_path,
    describe_protection,
    digest_programs,
    find_verdict,
    prepare_suite,
    reduce_failure,
    write_report,
)

__all__ = ["verify"]

_STATUS = {
    Decision.ACCEPTED: 0,
    Decision.REJECTED: VerdictError.exit_code,
    Decision.UNKNOWN: SandboxError.exit_code,
}


def verify(
    recipe: Annotated[list[str], typer.Argument(help="Recipes: PASSES -option=value …")],
    suite: Annotated[list[str] | None, typer.Option(help=f"Programs: {', '.join(SUITES)} (may be repeated).")] = None,
    seeds: Annotated[str, typer.Option(help="Seeds of random programs: FIRST-LAST.")] = "0-99",
    humaneval_x: Annotated[Path | None, typer.Option(help="HumanEval-X for C++, as JSON lines.")] = None,
    thorough: Annotated[bool, typer.Option("--all", help="Go on after the first failure.")] = False,  # noqa: FBT002
    jobs: Annotated[int | None, typer.Option(min=1, help="Worker processes (default: all CPUs).")] = None,
    cache: Annotated[bool, typer.Option(help="Remember verdicts between runs.")] = True,  # noqa: FBT002
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdicts as JSON.")] = False,  # noqa: FBT002
    reduce: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write the first failure, made small, as a report to DIR.")
    ] = None,
) -> int:
    """Compile self-testing programs with each RECIPE, run them, and compare with their unoptimised builds.

    Ends with 0 when every recipe is accepted, 9 when one is rejected, 8 when one could not be judged.
    """
    names = suite or [next(iter(SUITES))]
    unknown = next((name for name in names if name not in SUITES), None)
    if unknown is not None:
        raise UsageError(f'Unknown suite "{unknown}". Choose of: {", ".join(SUITES)}')
    if reduce is not None:
        check_report_folder(reduce)
    toolchain = find_toolchain()
    recipes = [parse_recipe(text, load_catalogue(toolchain.major)) for text in recipe]
    folder = find_cache_folder() / "suites"
    setting = SourceSetting(folder, _read_seeds(seeds), humaneval_x)
    verdicts: list[Verdict] = []
    reduction: Reduction | None = None
    store = Store(default_verdict_path() if cache else None)
    with Engine(toolchain, jobs=jobs) as engine:
        for name in names:
            programs = SUITES[name](setting)
            found = _recall(store, toolchain, digest_programs(toolchain, programs), recipes, thorough=thorough)
            if not found or reduce is not None:
                prepared = prepare_suite(engine, name, programs, folder=folder)
                with Judge(engine, prepared, store=store) as judge:
                    found = [judge.judge(one, thorough=thorough) for one in recipes]
                if reduce is not None and reduction is None:
                    reduction = _reduce(engine, prepared, zip(recipes, found, strict=True))
            verdicts += found
    if reduction is not None and reduce is not None:
        write_report(reduction, reduce)
    if as_json:
        data = {"protection": str(describe_protection()), "verdicts": [asdict(v) for v in verdicts]}
        typer.echo(json.dumps(data | ({"reduction": _as_json(reduction)} if reduce else {}), indent=2))
    else:
        _show(verdicts)
        if reduce is not None:
            typer.echo(_describe(reduction, reduce))
    return max(_STATUS[v.decision] for v in verdicts)


def _recall(
    store: Store, toolchain: Toolchain, digest: str, recipes: Sequence[Recipe], *, thorough: bool
) -> list[Verdict]:
    """What is remembered of all recipes; nothing when one is new."""
    found = (find_verdict(store, toolchain.version, digest=digest, recipe=r, thorough=thorough) for r in recipes)
    known = [verdict for verdict in found if verdict]
    return known if len(known) == len(recipes) else []


def _reduce(engine: Engine, suite: Suite, judged: Iterable[tuple[Recipe, Verdict]]) -> Reduction | None:
    """The first failure of a suite, reduced; None when there is none."""
    rejected = ((recipe, v) for recipe, v in judged if v.decision is Decision.REJECTED)
    recipe, verdict = next(rejected, (None, None))
    if recipe is None or verdict is None:
        return None
    program = next(e.program for e in verdict.evidence if e.outcome is not Outcome.NOT_RUN)
    case = next(c for c in suite.cases if c.program.name == program)
    console = Console(stderr=True)
    if not console.is_terminal:
        return reduce_failure(engine, case, recipe=recipe)
    with console.status("reducing the recipe") as status:
        return reduce_failure(engine, case, recipe=recipe, on_progress=lambda step: status.update(escape(step)))


def _describe(reduction: Reduction | None, folder: Path) -> str:
    if reduction is None:
        return "No recipe was rejected: there is nothing to reduce."
    functions = ", ".join(reduction.functions) or "no function in particular"
    lines = reduction.case.module.bitcode.count(b"\n")
    return f"reduced to {reduction.recipe}; {functions} of {reduction.program.name}; {lines} lines of IR: {folder}"


def _as_json(reduction: Reduction | None) -> dict[str, Any] | None:
    if reduction is None:
        return None
    return {
        "recipe": str(reduction.recipe),
        "program": reduction.program.name,
        "functions": reduction.functions,
        "outcome": reduction.evidence.outcome,
        "detail": reduction.evidence.detail,
        "notes": reduction.notes,
    }


def _read_seeds(text: str) -> range:
    first, _, last = text.partition("-")
    if not (first.isdigit() and last.isdigit() and int(first) <= int(last)):
        raise UsageError(f'--seeds "{text}" is not FIRST-LAST, such as 0-99.')
    return range(int(first), int(last) + 1)


def _show(verdicts: list[Verdict]) -> None:
    console = Console()
    plain: dict[str, Any] = {"markup": False, "highlight": False, "soft_wrap": True}
    for verdict in verdicts:
        count = f"{verdict.passed} of {verdict.programs} programs passed"
        console.print(
            f"{verdict.decision}: {verdict.recipe} ({verdict.suite}, {count}, {verdict.seconds:.1f} s)", **plain
        )
        for evidence in verdict.evidence:
            console.print(f"  {evidence.program} {evidence.outcome}: {evidence.detail}", **plain)
            for command in evidence.commands:
                console.print(f"    {command}", style="dim", **plain)
