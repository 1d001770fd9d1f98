"""General skill: whether a model still writes code for people, by EleutherAI's lm-eval (HumanEval, MBPP).

Models of our own know no language but that of compilers, and are skipped with that message. What a model writes is run
by lm-eval, without a sandbox: the caller has to allow it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from lathe.corpus import replace_file
from lathe.errors import InputError, ModelError, UsageError
from lathe.evaluation.report import Report, Section, Table, say_percent, write_report
from lathe.evaluation.running import describe_machine

__all__ = ["GENERAL", "evaluate_general", "find_obstacle"]

GENERAL = ("humaneval", "mbpp")
"""The tasks, as lm-eval names them."""


def find_obstacle(folder: Path | None) -> str:
    """Why a model cannot be asked about programs for people; empty when it can. None: a server."""
    if folder is None:
        return ""
    from lathe.model import Tokenizer

    try:
        Tokenizer.load(folder / "tokenizer.json")
    except InputError:
        return ""
    return "its tokens are Lathe's: it knows the language of compilers alone"


def evaluate_general(name: str, folder: Path | None, out: Path, *, limit: int | None, seed: int) -> Report:
    """Ask a model of a folder, or of a server (None), and write what comes of it into a result folder.

    Raises `UsageError` when lm-eval is not installed, `ModelError` when it cannot finish.
    """
    obstacle = find_obstacle(folder)
    found = {} if obstacle else _ask(name, folder, limit, seed)
    summary = {"task": "general", "model": name, "limit": limit, "seed": seed, "machine": describe_machine(),
               "skipped": obstacle, "tasks": found}  # fmt: skip
    text = json.dumps(summary, indent=1) + "\n"
    replace_file(out / "summary.json", lambda fresh: fresh.write_text(text, encoding="utf-8"))
    lead = [f"Skipped: {obstacle}."] if obstacle else [f"{name}, asked by lm-eval {found['version']}."]
    rows = [(task, say_percent(found["results"][task], 1)) for task in GENERAL] if found else []
    sections = [Section("pass@1", (), Table(("task", "passes"), rows))] if rows else []
    report = Report("Evaluation: general", lead, sections)
    write_report(out, report)
    return report


def _ask(name: str, folder: Path | None, limit: int | None, seed: int) -> dict[str, Any]:
    try:
        import lm_eval
    except ImportError:
        raise UsageError("This evaluation needs lm-eval. Install it: pip install 'lathe[general]'") from None
    from lathe.training import find_device

    kind, words = "hf", f"pretrained={folder}"
    if folder is None:
        base, _, model = name.partition("#")
        kind = "local-completions"
        words = f"base_url={base.rstrip('/').removesuffix('/v1')}/v1/completions,model={model or 'default'}"
    os.environ["HF_ALLOW_CODE_EVAL"] = "1"  # asked of whoever called us
    try:
        said = lm_eval.simple_evaluate(
            model=kind, model_args=words, device=str(find_device()), tasks=list(GENERAL), limit=limit,
            confirm_run_unsafe_code=True, random_seed=seed, numpy_random_seed=seed, torch_random_seed=seed,
        )  # fmt: skip
    except Exception as error:  # noqa: BLE001  # it raises whatever its libraries do
        raise ModelError(f"lm-eval did not finish: {type(error).__name__}: {str(error).splitlines()[0]}") from None
    return {"version": lm_eval.__version__, "results": {task: _find_pass(said["results"][task]) for task in GENERAL}}


def _find_pass(result: dict[str, Any]) -> float:
    """The share of problems solved at once."""
    return float(next(value for key, value in result.items() if key.startswith("pass") and "stderr" not in key))
