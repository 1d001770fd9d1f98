"""The model card: what a network was trained on, how, and what it is worth, as people and the hub read it.

Training leaves `training.json` in a network's folder (`describe_run`), `lathe evaluate checkpoint --save` leaves
`metrics.json`; `write_card` makes README.md of both. No figure of the card comes from anywhere else.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from lathe.training.batches import ShardFolder
from lathe.training.devices import Devices
from lathe.training.network import read_config, read_shape
from lathe.training.stages import Run

__all__ = ["describe_run", "write_card"]

_LIMITS = """\
What it says is a guess until the compiler has checked it; Lathe checks. It knows IR as LLVM prints it in Lathe's normal
form, of C and C++ for x86-64 and AArch64, one function at a time, no longer than its context. It knows no language.
"""


def describe_run(
    run: Run, done: int, sources: Mapping[str, ShardFolder], devices: Devices, hours: float
) -> dict[str, Any]:
    """How a network came to be: its first `done` stages, and what they read."""
    kind = torch.cuda.get_device_name(devices.own) if devices.own.type == "cuda" else platform.processor() or "CPU"
    return {
        "size": None if run.shape else run.size,
        "start": run.start and run.start.name,
        "before": [*_list_before(run.start)] if run.start else [],
        "stages": [
            {"name": stage.name, "tokens": stage.tokens, "mix": stage.mix, "rate": stage.rate or run.optimiser.rate}
            for stage in run.stages[:done]
        ],
        "batch_tokens": run.batch_tokens,
        "data": {
            name: {"tokens": sources[name].tokens, **_read_summary(sources[name].folder)}
            for name in sorted({name for stage in run.stages[:done] for name in stage.mix})
        },
        "hardware": f"{devices.count} × {kind}",
        "hours": round(hours, 2),
    }  # fmt: skip


def _list_before(start: Path) -> Iterator[dict[str, Any]]:
    """The stories of the runs that a network went on from, the first first."""
    path = start / "training.json"
    if path.exists():
        story = json.loads(path.read_text(encoding="utf-8"))
        yield from story.pop("before", [])
        yield story


def _read_summary(folder: Path) -> dict[str, Any]:
    """What packing said of itself: a digest, and the projects with their licences."""
    path = folder / "summary.json"
    found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return {key: found[key] for key in ("digest", "projects") if key in found}


def write_card(folder: Path, *, name: str) -> None:
    """Write README.md into a network's folder, of what lies there."""
    config = read_config(folder)
    shape = read_shape(config)
    lines = [
        "---", "library_name: transformers", "license: apache-2.0", "tags: [llvm, compiler, code-size]", "---", "",
        f"# {name}", "",
        f"A language model of LLVM, for Lathe: {shape.count(config.vocab_size).total:,} parameters "
        f"({shape.layers} layers of {shape.hidden}), {config.vocab_size:,} tokens, a context of "
        f"{shape.context:,}; tokenizer {config.lathe_tokenizer}.", "",
        *_list_metrics(folder), *_list_training(folder), "## Limits", "", _LIMITS,
    ]  # fmt: skip
    (folder / "README.md").write_text("\n".join(lines), encoding="utf-8")


def _list_metrics(folder: Path) -> Iterator[str]:
    path = folder / "metrics.json"
    yield from ("## What it is worth", "")
    if not path.exists():
        yield from ("It was not evaluated: `lathe evaluate checkpoint NETWORK DATASET… --save`.", "")
        return
    yield from ("On functions of projects that it never saw (`lathe evaluate checkpoint`):", "")
    yield "| task | rows | projects | loss (nats a token) | finished | scores |"
    yield "|---|---|---|---|---|---|"
    rows = json.loads(path.read_text(encoding="utf-8"))
    for row in rows:
        scores = ", ".join(f"{name.replace('_', ' ')} {share:.1%}" for name, share in row["scores"].items())
        figures = f"{row['rows']} | {row['projects']} | {row['loss']:.3f} | {row['finished']:.1%}"
        yield f"| {row['task']} | {figures} | {scores} |"
    yield ""
    for row in rows:
        if found := row.get("confidence"):
            yield from (f"Confidence that an answer is exact, {row['task']}: {_describe_confidence(found)}", "")


def _describe_confidence(found: Mapping[str, Any]) -> str:
    """How far it can be believed."""
    if not found["brier_of_none"]:  # all answers are alike
        return f"{found['bins'][0]['said']:.1%} for any, as {'all' if found['bins'][0]['exact'] else 'none'} were."
    bins = ", ".join(f"{one['said']:.1%} → {one['exact']:.1%}" for one in found["bins"])
    return (
        f"off by {found['error']:.1%}, Brier score {found['brier']:.3f} ({found['brier_of_none']:.3f} for the same to "
        f"all). By tenths, said → exact: {bins}."
    )


def _list_training(folder: Path) -> Iterator[str]:
    path = folder / "training.json"
    if not path.exists():
        return
    last = json.loads(path.read_text(encoding="utf-8"))
    stories = [*last.get("before", []), last]
    yield from ("## How it was trained", "")
    for story in stories:
        start = f" It went on from {story['start']}." if story["start"] else ""
        yield from (f"{story['hardware']}, {story['hours']} hours, {story['batch_tokens']:,} tokens a step.{start}", "")
        yield from ("| stage | tokens | of | rate |", "|---|---|---|---|")
        for stage in story["stages"]:
            mix = ", ".join(f"{name} {share:.0%}" for name, share in stage["mix"].items())
            yield f"| {stage['name']} | {stage['tokens']:,} | {mix} | {stage['rate']} |"
        yield ""
    yield from ("## Data", "")
    yield from _list_data([data for story in stories for data in story["data"].items()])


def _list_data(sources: Sequence[tuple[str, dict[str, Any]]]) -> Iterator[str]:
    """What was read, each once, and of which projects."""
    projects: dict[str, set[str]] = {}
    lines = dict[str, None]()
    for name, data in sources:
        digest = f", digest `{data['digest']}`" if "digest" in data else ""
        lines[f"- {name}: {data['tokens']:,} tokens{digest}"] = None
        for project, licences in data.get("projects", {}).items():
            projects.setdefault(project, set()).update(licences)
    yield from lines
    if projects:
        yield from ("", "| package | licences of its files |", "|---|---|")
        for project, licences in sorted(projects.items()):
            yield f"| {project} | {'; '.join(sorted(licences)).replace('|', '/')} |"
    yield ""
