"""Where the programs of suites come from: a table of functions that list them."""

from __future__ import annotations

import importlib.resources
import json
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lathe.errors import InputError
from lathe.verify.suite import SuiteProgram

__all__ = ["SUITES", "SourceSetting"]

_CSMITH_SECONDS = 30


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
    """Random programs with checksums (Yang et al., PLDI 2011), one a seed; raises `InputError` without csmith."""
    tool = shutil.which("csmith")
    include = Path("/usr/include/csmith")
    if tool is None or not include.is_dir():
        raise InputError("The suite csmith needs csmith, which is not installed: apt-get install csmith libcsmith-dev")
    folder = setting.folder / "csmith"
    folder.mkdir(parents=True, exist_ok=True)
    programs = []
    for seed in setting.seeds:
        path = folder / f"seed_{seed}.c"
        if not path.exists():
            run = subprocess.run(
                [tool, "--seed", str(seed)], capture_output=True, timeout=_CSMITH_SECONDS, check=True, cwd=folder
            )
            path.write_bytes(run.stdout)
        programs.append(SuiteProgram(path.stem, path, (f"-I{include}", "-w")))
    return programs


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
