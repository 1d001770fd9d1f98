"""What became of tuned inputs: the record, the table for people, and the JSON for programs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from lathe import search
from lathe.llvm import Unit
from lathe.tuning import Tuned
from lathe.verify import Comparison, Verdict

__all__ = ["comparison_json", "list_functions", "results_json", "show_results"]

_SHOWN_FUNCTIONS = 8  # those that gain most; `lathe explain` shows all
_SHOWN_RECIPES = 3  # with more inputs, only --json says how to repeat each result


def show_results(results: Sequence[Tuned], paths: Mapping[Unit, Path]) -> None:
    console = Console()
    good = [r for r in results if not r.error]
    table = Table("input", "-Oz", "tuned", "saved", "recipe", "compiles", "seconds", box=None, pad_edge=False)
    for column in table.columns[1:4] + table.columns[5:]:
        column.justify = "right"
        column.no_wrap = True
    table.columns[4].overflow = "fold"
    for r in good:
        recipe = str(r.recipe) if r.recipe else _name_plan(r.plan) if r.plan else "(clang -Oz)"
        saved = f"{_percent(r.baseline, r.tuned):.1f} %"
        sizes = (str(r.baseline), str(r.tuned), saved)
        table.add_row(str(r.unit.path), *sizes, recipe, str(r.compiles), f"{r.seconds:.1f}")
    if good:
        console.print(table)
    if len(good) > 1:
        total = _total(good)
        console.print(
            f"total {total['baseline_bytes']} → {total['tuned_bytes']} bytes, saved {total['saved_percent']:.2f} % "
            f"(geomean {total['geomean_percent']:.2f} %)"
        )
    for r in good[:_SHOWN_RECIPES] if len(good) <= _SHOWN_RECIPES else []:
        if r.plan:
            console.print(f"\n{r.unit.path}: {r.stop_reason}{_say_verdict(r)}.", markup=False, highlight=False)
            rows = _plan_json(r.plan)["functions"]
            console.print(list_functions(rows, _SHOWN_FUNCTIONS), markup=False)
            console.print("All functions and their recipes: add --json, and give the result to lathe explain.")
            continue
        console.print(f"\n{r.unit.path}: {r.stop_reason}{_say_verdict(r)}. To repeat:", markup=False, highlight=False)
        for command in r.repeat:
            console.print("  " + command, markup=False, highlight=False, soft_wrap=True)
    if good and not paths:
        console.print("Nothing was written: give -o to keep the result.", style="dim")


def _name_plan(plan: search.PlanResult) -> str:
    return f"a recipe for each of {len(plan.functions)} functions"


def list_functions(rows: Sequence[Mapping[str, Any]], most: int | None = None) -> Table:
    """The functions of a result's JSON, those first that gain most; with their recipes unless only so many are shown.

    `-Oz` is a function's object at -Oz alone.
    """
    columns = ("function", "-Oz", "tuned", "saved", "compiles")
    table = Table(*columns, *(() if most else ("recipe",)), box=None, pad_edge=False)
    for column in table.columns[1:5]:
        column.justify = "right"
        column.no_wrap = True
    for column in table.columns[5:]:
        column.overflow = "fold"
    for row in sorted(rows, key=lambda row: int(row["after"]["bytes"]) - int(row["before"]["bytes"]))[:most]:
        before, after = row["before"]["bytes"], row["after"]["bytes"]
        cells = (", ".join(row["functions"]), str(before), str(after), str(before - after), str(row["compiles"]))
        recipe = " ".join([row["pass_list"], *row["codegen_options"]]).strip() or "(no further passes)"
        table.add_row(*cells, *(() if most else (recipe,)))
    return table


def _say_verdict(result: Tuned) -> str:
    refused = f"; {result.refused} better recipes were refused" if result.refused else ""
    suite = f"; {result.verdict.decision} by the {result.verdict.suite} suite" if result.verdict else ""
    checks = "".join(f"; {c.decision} by the {c.checker} check" for c in result.comparisons)
    return f"{suite}{checks}{'; your test passed' if result.tested else ''}{refused}"


def results_json(
    results: Sequence[Tuned], paths: Mapping[Unit, Path], *, objective: str, version: str
) -> dict[str, Any]:
    """What `--json` prints; `paths` says where outputs went."""
    good = [r for r in results if not r.error]
    return {
        "llvm": version,
        "objective": objective,
        "files": [_file_json(r, paths.get(r.unit)) for r in results],
        "total": _total(good),
    }


def _file_json(result: Tuned, path: Path | None) -> dict[str, Any]:
    if result.error:
        return {"input": str(result.unit.path), "error": str(result.error), "exit_code": result.error.exit_code}
    recipe = result.recipe
    return {
        "input": str(result.unit.path),
        "output": str(path) if path else None,
        "baseline": {"bytes": result.baseline},
        "tuned": {"bytes": result.tuned},
        "saved_percent": round(_percent(result.baseline, result.tuned), 3),
        "pass_list": recipe.pass_list if recipe else None,
        "codegen_options": list(recipe.arguments) if recipe else [],
        "compiles": result.compiles,
        "seconds": round(result.seconds, 3),
        "stop_reason": result.stop_reason,
        "repeat": list(result.repeat),
        "verdict": _verdict_json(result.verdict) if result.verdict else None,
        "checks": [comparison_json(c) for c in result.comparisons],
        "own_test": "passed" if result.tested else None,
        "refused": result.refused,
        "granularity": "function" if result.plan else "unit",
        **(_plan_json(result.plan) if result.plan else {}),
    }


def _plan_json(plan: search.PlanResult) -> dict[str, Any]:
    return {
        "stage": str(plan.plan.stage),
        "functions": [
            {
                "functions": f.functions,
                "before": {"bytes": f.before},
                "after": {"bytes": f.after},
                "pass_list": f.recipe.pass_list,
                "codegen_options": list(f.recipe.arguments),
                "compiles": f.compiles,
            }
            for f in plan.functions
        ],
        "kept": dict(plan.kept),
    }


def _verdict_json(verdict: Verdict) -> dict[str, Any]:
    return {"decision": verdict.decision.value, "suite": verdict.suite, "suite_digest": verdict.suite_digest}


def _total(results: Sequence[Tuned]) -> dict[str, Any]:
    baseline, tuned = sum(r.baseline for r in results), sum(r.tuned for r in results)
    ratios = [math.log(r.tuned / r.baseline) for r in results if r.baseline and r.tuned]
    geomean = 100 * (1 - math.exp(sum(ratios) / len(ratios))) if ratios else 0.0
    return {
        "baseline_bytes": baseline,
        "tuned_bytes": tuned,
        "saved_percent": round(_percent(baseline, tuned), 3),
        "geomean_percent": round(geomean, 3),
    }


def _percent(before: int, after: int) -> float:
    return 100 * (before - after) / before if before else 0.0


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """A comparison as stable JSON: the decision, how many functions of each finding, and why some are unknown."""
    return {
        "checker": comparison.checker,
        "decision": comparison.decision.value,
        "functions": {finding.value: count for finding, count in sorted(comparison.count().items())},
        "unknown": dict(comparison.list_reasons()),
        "seconds": round(comparison.seconds, 3),
    }
