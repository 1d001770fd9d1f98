"""The evaluation of tuning: what ways save at equal numbers of compiles, of the bytes of `clang -Oz`.

For each way and number of compiles: programs that are smaller, equal, larger; bytes of all, with the object of -Oz
taken where nothing was smaller (`saved`) and without that (`bare`); the geometric mean of sizes, the worst program, and
the part of what a long search saves. Recipes that the speed guard refuses count as no object. Times are in the rows
alone: summaries of two runs with one seed are the same.
"""

from __future__ import annotations

import math
import statistics
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lathe.errors import CompileError, UsageError
from lathe.evaluation.report import Plot, Section, Table, say_interval, say_percent
from lathe.evaluation.results import ResultRow
from lathe.evaluation.run_time import Stopwatch
from lathe.evaluation.statistics import bound_part, compare_paired, correlate_ranks
from lathe.evaluation.subjects import Subject
from lathe.evaluation.ways import CONTEXT, WAYS, Arena, Tried
from lathe.llvm import OBJECTIVES, Measurement, parse_recipe

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["TuningEvaluation", "check_ways"]

_LONG = "long"


def check_ways(names: Sequence[str]) -> None:
    """Raise `UsageError` for a way that does not exist."""
    for name in names:
        if name not in WAYS:
            raise UsageError(f'There is no strategy "{name}" to evaluate. Choose of: {", ".join(WAYS)}')


@dataclass(frozen=True)
class TuningEvaluation:
    """Ways and budgets that are compared; `long` programs are also searched with 1,000 compiles.

    With a stopwatch, whole programs are run beside those of -Oz.
    """

    arena: Arena
    ways: tuple[str, ...]
    long: frozenset[str] = frozenset()
    stopwatch: Stopwatch | None = None

    def work(self, subject: Subject) -> list[ResultRow]:
        """A row for each way, and each of `CONTEXT` that there is for it; or one that says why there are none."""
        baseline = self.arena.engine.measure(subject.module, [None])[0]
        if not baseline.ok:
            return [{"way": "", "error": f"no baseline: {baseline.status}: {baseline.message}"}]
        ways = (*self.ways, *([_LONG] if subject.hash in self.long else []), *CONTEXT)
        return [row for way in ways if (row := self._try(way, subject, baseline))]

    def _try(self, way: str, subject: Subject, baseline: Measurement) -> ResultRow | None:
        started = time.monotonic()
        try:
            tried = (WAYS.get(way) or CONTEXT[way])(self.arena, subject)
        except CompileError as error:
            return {"way": way, "error": str(error)}
        if tried is None:
            return None
        seconds, sizes = time.monotonic() - started, dict[str, int | None]()
        for name, cost in OBJECTIVES.items():
            unknown = name == "instructions" and (tried.data or not tried.best.instructions)  # an object has none
            sizes |= {f"{name} before": cost(baseline), f"{name} after": None if unknown else cost(tried.best)}
        return {
            "way": way, "baseline": sizes[f"{self.arena.objective} before"], "history": list(tried.history),
            "recipe": tried.recipe, "answers": tried.answers, "expected": list(tried.sizes or ()),
            "true": list(tried.true_sizes or ()), "error": None, **sizes, "seconds": seconds,
            **self._run(subject, tried),
        }  # fmt: skip

    def _run(self, subject: Subject, tried: Tried) -> ResultRow:
        """The run time of what was found, where it can be told."""
        if not self.stopwatch or not tried.recipe:
            return {}
        engine, module = self.arena.engine, subject.module
        data = tried.data or engine.emit(module, parse_recipe(tried.recipe))
        found = self.stopwatch.compare(subject, engine.emit(module, None), data)
        return {"time": found.ratio, "time interval": found.interval, "same": found.same} if found else {}

    def summarise(self, rows: Sequence[ResultRow]) -> dict[str, Any]:
        """What `summary.json` has of them."""
        good = _by_way(rows)
        longest = {row["hash"]: row for row in good.get(_LONG, [])}
        ways = {
            way: {str(n): self._summarise_way(good[way], n, longest) for n in self.arena.budgets}
            for way in self.ways if way in good
        }  # fmt: skip
        return {
            "ways": ways,
            "context": {name: _summarise_context(good[name]) for name in CONTEXT if name in good},
            "objectives": {way: _summarise_objectives(good[way]) for way in ways},
            "paired": self._compare(good),
            "rank_correlation": _correlate(row for way in ways for row in good[way]),
            "projects": self._summarise_projects(good),
            "sizes_expected": {way: found for way in ways if (found := _compare_sizes(good[way]))},
            "unanswered": {
                way: [sum(row["answers"] == 0 for row in good[way]), len(good[way])] for way in ways
                if any(row["answers"] is not None for row in good[way])
            },
            "failed": sorted({(row["name"], row["error"]) for row in rows if row.get("error")}),
        }  # fmt: skip

    def _summarise_way(
        self, rows: Sequence[ResultRow], compiles: int, longest: Mapping[str, ResultRow]
    ) -> dict[str, Any]:
        """A way with so many compiles."""
        before = [row["baseline"] for row in rows]
        bare = [_find_least(row, compiles) for row in rows]
        kept = [min(size, b) for size, b in zip(bare, before, strict=True)]
        saved = [b - size for size, b in zip(kept, before, strict=True)]
        found = {
            "programs": len(rows),
            "smaller": sum(size < b for size, b in zip(bare, before, strict=True)),
            "equal": sum(size == b for size, b in zip(bare, before, strict=True)),
            "larger": sum(size > b for size, b in zip(bare, before, strict=True)),
            "saved": sum(saved) / sum(before),
            "interval": bound_part(saved, before, self.arena.seed),
            "bare": 1 - sum(bare) / sum(before),
            "geomean": 1 - math.exp(statistics.fmean(math.log(k / b) for k, b in zip(kept, before, strict=True) if b)),
            "worst": max((size / b - 1 for size, b in zip(bare, before, strict=True) if b), default=0.0),
        }
        shared = [(s, longest[row["hash"]]) for s, row in zip(saved, rows, strict=True) if row["hash"] in longest]
        possible = sum(long["baseline"] - min(long["baseline"], _find_least(long, None)) for _, long in shared)
        if possible:
            found["share_of_long"] = sum(s for s, _ in shared) / possible
        return found

    def _compare(self, good: Mapping[str, list[ResultRow]]) -> dict[str, float]:
        """For each way but the first, how likely its differences from the first would be by chance."""
        most, first = self.arena.budgets[-1], good.get(self.ways[0], [])
        ours = {row["hash"]: min(_find_least(row, most), row["baseline"]) for row in first}
        found = {}
        for way in self.ways[1:]:
            pairs = [
                (ours[row["hash"]], min(_find_least(row, most), row["baseline"]))
                for row in good.get(way, []) if row["hash"] in ours
            ]  # fmt: skip
            if pairs:
                found[way] = compare_paired(*zip(*pairs, strict=True))
        return found

    def _summarise_projects(self, good: Mapping[str, list[ResultRow]]) -> dict[str, dict[str, float]]:
        """What each way saves of each project."""
        most, found = self.arena.budgets[-1], defaultdict[str, dict[str, float]](dict)
        for way in self.ways:
            sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
            for row in good.get(way, []):
                sums[row["project"]][0] += row["baseline"] - min(_find_least(row, most), row["baseline"])
                sums[row["project"]][1] += row["baseline"]
            for project, (saved, before) in sums.items():
                found[project][way] = saved / before if before else 0.0
        return dict(sorted(found.items()))

    def describe(self, rows: Sequence[ResultRow], summary: Mapping[str, Any]) -> list[Section]:
        """The sections of the report."""
        good = _by_way(rows)
        sections = [
            Section(
                "Bytes saved at equal numbers of compiles",
                (f"Objective: {self.arena.objective}; percent of all bytes at `clang -Oz`, with the interval of 95 of "
                 "100 samples of programs. `bare` takes no object of -Oz where nothing is smaller, and so do the "
                 "numbers of programs that are smaller (−), equal (=) and larger (+), and the worst of them. `long`: "
                 "the part of what 1,000 compiles save.",),
                _table_ways(summary["ways"]),
                Plot("saved", "Part of all bytes saved by compiles spent, with bootstrap intervals", self._draw(good)),
            )
        ]  # fmt: skip
        if summary["paired"]:
            lines = (f"Against {self.ways[0]} with {self.arena.budgets[-1]} compiles (Wilcoxon's signed-rank test, "
                     "sizes of programs):",)  # fmt: skip
            rows_of = [(way, f"{value:.2g}") for way, value in summary["paired"].items()]
            sections.append(Section("Paired tests", lines, Table(("way", "p"), rows_of)))
        sections.append(_table_objectives(summary["objectives"], self.arena.budgets[-1]))
        if summary["context"]:
            sections.append(_table_context(summary["context"]))
        names = list(summary["ways"])
        sections.append(Section("By project", (), Table(
            ("project", *names),
            [(project or "(none)", *(say_percent(of[n]) if n in of else "" for n in names))
             for project, of in summary["projects"].items()],
        )))  # fmt: skip
        if summary["rank_correlation"] is not None:
            sections.append(Section("IR instructions and bytes", (
                f"Spearman's rank correlation of the two parts saved, over all best recipes: "
                f"{summary['rank_correlation']:.2f}.",)))  # fmt: skip
        if summary["sizes_expected"]:
            sections.append(_table_sizes(summary["sizes_expected"]))
        if timed := [row for way in self.ways for row in good.get(way, []) if row.get("time")]:
            sections.append(_table_times(timed))
        seconds = [(way, f"{sum(row['seconds'] for row in of):.1f}") for way, of in good.items()]
        sections.append(Section("Time", ("Seconds of all programs together, several at a time.",),
                                Table(("way", "seconds"), seconds)))  # fmt: skip
        return sections

    def _draw(self, good: Mapping[str, list[ResultRow]]) -> Any:
        def draw(axes: Axes) -> None:
            for way in (way for way in self.ways if way in good):
                rows, before = good[way], [row["baseline"] for row in good[way]]
                budgets = self.arena.budgets if way == "functions" else range(1, self.arena.compiles + 1)
                kept = [[b - min(b, _find_least(row, n)) for b, row in zip(before, rows, strict=True)] for n in budgets]
                axes.plot(budgets, [100 * sum(saved) / sum(before) for saved in kept], label=way, marker=".")
                ends = [bound_part(saved, before, self.arena.seed) for saved in kept]
                axes.fill_between(budgets, [100 * e[0] for e in ends], [100 * e[1] for e in ends], alpha=0.15)
            axes.set_xlabel("compiles")
            axes.set_ylabel("% of bytes saved")
            axes.legend()

        return draw


def _by_way(rows: Iterable[ResultRow]) -> dict[str, list[ResultRow]]:
    found: dict[str, list[ResultRow]] = defaultdict(list)
    for row in rows:
        if not row.get("error"):
            found[row["way"]].append(row)
    return found


def _find_least(row: ResultRow, compiles: int | None) -> int:
    """The least cost of the first compiles; the baseline's where none gave an object."""
    costs = [cost for cost in row["history"][:compiles] if cost is not None]
    return int(min(costs, default=row["baseline"]))


def _summarise_context(rows: Sequence[ResultRow]) -> dict[str, Any]:
    before, after = sum(row["baseline"] for row in rows), sum(row["history"][0] for row in rows)
    return {"programs": len(rows), "total": after / before - 1 if before else 0.0}


def _summarise_objectives(rows: Sequence[ResultRow]) -> dict[str, float]:
    """What the best objects save by each objective, whatever was searched for."""
    found = {}
    for name in OBJECTIVES:
        known = [row for row in rows if row[f"{name} after"] is not None]
        if before := sum(row[f"{name} before"] for row in known):
            found[name] = 1 - sum(row[f"{name} after"] for row in known) / before
    return found


def _correlate(rows: Iterable[ResultRow]) -> float | None:
    """Whether recipes that save IR instructions save bytes too, over those that save any of either."""
    pairs = []
    for row in rows:
        if row["instructions after"] is None:
            continue
        parts = [1 - row[f"{name} after"] / max(1, row[f"{name} before"]) for name in ("instructions", "loadable")]
        if any(parts):
            pairs.append(parts)
    return correlate_ranks(*zip(*pairs, strict=True)) if pairs else None


def _compare_sizes(rows: Sequence[ResultRow]) -> dict[str, float]:
    """The mean error of the sizes that a model expects, as parts of what they are (MAPE), before and after."""
    pairs = [(row["expected"], row["true"]) for row in rows if row["expected"] and all(row["true"])]
    if not pairs:
        return {}
    before, after = (statistics.fmean(abs(e[n] - t[n]) / t[n] for e, t in pairs) for n in (0, 1))
    return {"programs": len(pairs), "before": before, "after": after}


def _table_ways(ways: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> Table:
    head = ("way", "compiles", "saved", "interval", "bare", "geomean", "−", "=", "+", "worst", "long")
    rows = []
    for way, of in ways.items():
        for compiles, found in of.items():
            parts = [found[name] for name in ("saved", "bare", "geomean", "worst", "share_of_long") if name in found]
            saved, bare, geomean, worst, *share = (f"{100 * part:.2f}" for part in parts)
            counts = (f"{found[name]:,}" for name in ("smaller", "equal", "larger"))
            rows.append((way, compiles, saved, say_interval(found["interval"]), bare, geomean, *counts, worst,
                         *(share or [""])))  # fmt: skip
    return Table(head, rows)


def _table_objectives(objectives: Mapping[str, Mapping[str, float]], most: int) -> Section:
    rows = [
        (way, *(say_percent(of[name]) if name in of else "" for name in OBJECTIVES)) for way, of in objectives.items()
    ]
    return Section("By objective", (f"What the best of {most} compiles save, whatever was searched for.",),
                   Table(("way", *OBJECTIVES), rows))  # fmt: skip


def _table_context(context: Mapping[str, Mapping[str, Any]]) -> Section:
    notes = (
        "Larger (+) or smaller (-) than `clang -Oz`, on the programs that each can compile. Levels are clang's "
        "pipelines on the same IR with the attributes of that level. What is saved of `opt -Oz` without size "
        "attributes, the baseline of other papers, is not saved of clang's.",
    )
    rows = [(name, f"{of['programs']:,}", f"{100 * of['total']:+.2f} %") for name, of in context.items()]
    return Section("Beside it", notes, Table(("what", "programs", "bytes"), rows))


def _table_sizes(expected: Mapping[str, Mapping[str, float]]) -> Section:
    rows = [(way, f"{of['programs']:.0f}", f"{of['before']:.3f}", f"{of['after']:.3f}") for way, of in expected.items()]
    return Section("Sizes that the model expects", ("Mean error as a part of the true size (MAPE).",),
                   Table(("way", "programs", "before", "after"), rows))  # fmt: skip


def _table_times(rows: Sequence[ResultRow]) -> Section:
    lines = ("Time of the tuned program over that of `clang -Oz`: the mean of pairs of runs, and its interval.",)
    head = ("program", "way", "saved", "time", "interval", "output")
    return Section("Run time", lines, Table(head, [
        (row["name"], row["way"], f"{100 * (1 - _find_least(row, None) / row['baseline']):.2f}",
         f"{row['time']:.3f}", "{:.3f}–{:.3f}".format(*row["time interval"]), "same" if row["same"] else "DIFFERENT")
        for row in rows
    ]))  # fmt: skip
