"""Running an evaluation: its programs one after the other into a result folder, then a summary and a report.

    report = run_evaluation(engine, evaluation, subjects, question, out, listen)

An evaluation says what to do with a program (`work`), what all rows say together (`summarise`), and how people are told
(`describe`). What is the same for all stands here: the report's first lines, versions, `summary.json`.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from lathe import __version__
from lathe.corpus import replace_file
from lathe.evaluation.report import Report, Section, write_report
from lathe.evaluation.results import ResultFolder, ResultRow
from lathe.evaluation.subjects import Subject, Subjects
from lathe.llvm import Engine, load_catalogue
from lathe.verify import load_vetting

__all__ = ["Evaluation", "describe_machine", "describe_versions", "run_evaluation"]

_SHOWN = 10  # programs that failed


class Evaluation(Protocol):
    """What is done with each program, and what comes of it."""

    def work(self, subject: Subject) -> list[ResultRow]:
        """The rows of a program; one with `error` says why there are none."""
        ...

    def summarise(self, rows: Sequence[ResultRow]) -> dict[str, Any]:
        """What `summary.json` has of them: the same for the same rows, without times.

        `failed` lists programs with reasons; `unanswered` has, by who was asked, how many questions got no answer, of
        how many.
        """
        ...

    def describe(self, rows: Sequence[ResultRow], summary: Mapping[str, Any]) -> list[Section]:
        """The sections of the report."""
        ...


def run_evaluation(
    engine: Engine,
    evaluation: Evaluation,
    subjects: Subjects,
    question: Mapping[str, Any],
    out: Path,
    listen: Callable[[int, int], None],
) -> Report:
    """Evaluate what is not evaluated yet, and write the summary and the report; `listen` hears what is done, of what.

    Raises `InputError` when the folder is of another evaluation, and `OutputError` when it cannot be written.
    """
    folder = ResultFolder(out, {**question, "programs": subjects.digest})
    for done in folder.fill(subjects.chosen, evaluation.work, engine):
        listen(done, len(subjects.chosen))
    rows = folder.read(subjects.chosen)
    found = evaluation.summarise(rows)
    failed = [*map(list, sorted(subjects.failed.items())), *map(list, found.pop("failed"))]
    summary = {
        **folder.question, "machine": describe_machine(), "drawn": len(subjects.chosen), "of": subjects.total,
        "repeated": subjects.repeated, "failed": failed, **found,
    }  # fmt: skip
    text = json.dumps(summary, indent=1) + "\n"
    replace_file(out / "summary.json", lambda fresh: fresh.write_text(text, encoding="utf-8"))
    sections = [*evaluation.describe(rows, found), *_list_failed(failed), _state_terms(summary)]
    report = Report(f"Evaluation: {question['task']}", _write_lead(summary), sections)
    write_report(out, report)
    return report


def describe_machine() -> dict[str, Any]:
    """The processor, its cores that may be used, and the system."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
    return {"cpu": model, "cores": len(os.sched_getaffinity(0)), "system": platform.release()}


def describe_versions(engine: Engine) -> dict[str, str]:
    """Of Lathe and LLVM, of the catalogue of words that there are, and of the suite that vetted them."""
    catalogue = load_catalogue(engine.toolchain.major)
    return {"lathe": __version__, "llvm": engine.toolchain.version, "catalogue": catalogue.digest,
            "suite": load_vetting().digest}  # fmt: skip


def _write_lead(summary: Mapping[str, Any]) -> list[str]:
    """What was evaluated, and what is missing."""
    drawn, failed = summary["drawn"], {name for name, _ in summary["failed"]}
    lines = [f"{drawn:,} of {summary['of']:,} programs ({summary['granularity']}s), drawn by seed {summary['seed']}."]
    if summary["repeated"]:
        lines[0] += f" {summary['repeated']:,} were there before, under other names perhaps, and count once."
    if failed:
        lines.append(f"{len(failed):,} programs failed and are in no figure, or not in all: see the end.")
    for who, (count, of) in summary.get("unanswered", {}).items():
        if count:
            lines.append(f"No answer of {who} to {count:,} of {of:,} questions; these count as failures of it.")
    return lines


def _list_failed(failed: Sequence[Sequence[str]]) -> list[Section]:
    if not failed:
        return []
    lines = [f"{name}: {reason}" for name, reason in failed[:_SHOWN]]
    more = [f"… and {len(failed) - _SHOWN:,} more, in summary.json."] if len(failed) > _SHOWN else []
    return [Section("What failed", (*lines, *more))]


_TERMS = ("lathe", "llvm", "catalogue", "suite", "model", "model_digest", "programs", "objective", "protocol")


def _state_terms(summary: Mapping[str, Any]) -> Section:
    said = [f"{name.replace('_', ' ')}: {summary[name]}" for name in _TERMS if summary.get(name) is not None]
    machine = summary["machine"]
    return Section("Terms", ("; ".join(said) + ".", f"{machine['cpu']}, {machine['cores']} cores."))
