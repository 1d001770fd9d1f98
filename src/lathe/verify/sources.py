"""Where the programs of suites come from: a table of functions that list them."""

from __future__ import annotations

import importlib.resources
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lathe.corpus import find_csmith
from lathe.errors import InputError
from lathe.verify.suite import SuiteProgram

__all__ = ["SUITES", "SourceSetting"]


@dataclass(frozen=True, slots=True)
class SourceSetting:
    """What a source may need: where it may write programs, the seeds of random ones, a file that the user names."""

    folder: Path
    seeds: Sequence[int] = range(100)
    humaneval: Path | None = None


def list_bundled(setting: SourceSetting) -> list[SuiteProgram]:
    """The programs that come with Lathe, written for it."""
    folder = Path(str(importlib.resources.files("lathe.verify") / "programs"))
    paths = sorted([*folder.glob("*.c"), *folder.glob("*.cpp")])
    return [SuiteProgram(path.stem, path, _standard(path)) for path in paths]


def list_csmith(setting: SourceSetting) -> list[SuiteProgram]:
    """Random programs with checksums, one a seed; raises `InputError` without csmith."""
    csmith = find_csmith()
    folder = setting.folder / "csmith"
    folder.mkdir(parents=True, exist_ok=True)
    paths = {seed: folder / f"seed_{seed}.c" for seed in setting.seeds}
    for seed, path in paths.items():
        csmith.write(seed, path)
    return [SuiteProgram(path.stem, path, csmith.flags) for path in paths.values()]


def list_humaneval(setting: SourceSetting) -> list[SuiteProgram]:
    """HumanEval-X in C++ (CodeGeeX, Apache-2.0) from the user's file; raises `InputError` when there is none."""
    if setting.humaneval is None:
        raise InputError(
            "The suite humaneval-x is not part of Lathe. Name its file: --humaneval-x humaneval_x_cpp.jsonl"
        )
    folder = setting.folder / "humaneval-x"
    folder.mkdir(parents=True, exist_ok=True)
    programs = []
    try:
        rows = [json.loads(line) for line in setting.humaneval.read_text(encoding="utf-8").splitlines()]
        for row in rows:
            path = folder / f"{row['task_id'].replace('/', '_')}.cpp"
            text = row["declaration"] + row["canonical_solution"] + row["test"]
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
            programs.append(SuiteProgram(path.stem, path, ("-std=c++17", "-w")))
    except (OSError, ValueError, KeyError) as error:
        raise InputError(f"{setting.humaneval} is not HumanEval-X for C++, as JSON lines: {error}") from None
    return programs


def _standard(path: Path) -> tuple[str, ...]:
    return ("-std=c++20", "-pthread") if path.suffix == ".cpp" else ("-std=c17", "-pthread")


SUITES: Mapping[str, Callable[[SourceSetting], list[SuiteProgram]]] = {
    "bundled": list_bundled,
    "csmith": list_csmith,
    "humaneval-x": list_humaneval,
}
"""Suites by name; the first is the default."""
