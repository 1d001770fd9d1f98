"""`lathe evaluate`: what strategies and models are worth, on any programs, as a folder with a report."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table as RichTable

from lathe import evaluation
from lathe.cli.checkpoint import checkpoint
from lathe.cli.extras import load_extra
from lathe.cli.inputs import find_units
from lathe.corpus import SPLITS, Corpus
from lathe.errors import InputError, UsageError
from lathe.evaluation import Arena, Report, Subjects, SubjectSetting
from lathe.llvm import OBJECTIVES, Engine, find_cache_folder, find_toolchain
from lathe.search import MAX_SLOWDOWN
from lathe.tasks import EMBEDDED, Model, digest_model, find_folder, open_model, open_reader

__all__ = ["evaluate"]

evaluate = typer.Typer(
    help="Measure strategies and models on any programs: tables, plots, a report.", no_args_is_help=True
)
evaluate.command("checkpoint")(checkpoint)

_EXTRA = "Evaluating needs libraries for tables, statistics and plots"
_SHOWN = 3  # sections on the terminal
_COPY = "copy"

Programs = Annotated[
    list[Path], typer.Option("--programs", help="A directory, files, compile_commands.json, or a corpus.")
]
Split = Annotated[str | None, typer.Option(help=f"One split of a corpus: {', '.join(SPLITS)}.")]
Limit = Annotated[int, typer.Option(min=1, help="So many programs, drawn by the seed.")]
Seed = Annotated[int, typer.Option(help="Another seed draws and searches otherwise.")]
Out = Annotated[Path | None, typer.Option("--out", help="Result folder; what is there already is not done again.")]
Jobs = Annotated[int | None, typer.Option(min=1, help="Worker processes (default: the CPUs).")]
Asked = Annotated[str, typer.Option("--model", help="Who is asked: embedded, a folder, hub:OWNER/NAME, a URL.")]


@evaluate.command()
def tuning(
    context: typer.Context,
    programs: Programs,
    granularity: Annotated[Literal["function", "unit"], typer.Option(help="What is a program.")] = "function",
    strategy: Annotated[
        list[str] | None, typer.Option(help=f"One or more of: {', '.join(evaluation.WAYS)} (default: no model's).")
    ] = None,
    model: Annotated[str | None, typer.Option(help="For `model` and `mixed`, which it adds.")] = None,
    compiles: Annotated[str, typer.Option(help="Budgets that are compared.")] = "1,5,10",
    objective: Annotated[str, typer.Option(help=f"One of: {', '.join(OBJECTIVES)}.")] = "loadable",
    long: Annotated[int, typer.Option(min=0, help="Search so many of them with 1,000 compiles too.")] = 0,
    max_slowdown: Annotated[float, typer.Option(min=0.0, help="Share of the run time, by estimate.")] = MAX_SLOWDOWN,
    run: Annotated[bool, typer.Option("--run", help="Time units that are whole programs, in a sandbox.")] = False,  # noqa: FBT002
    split: Split = None,
    limit: Limit = 200,
    seed: Seed = 0,
    jobs: Jobs = None,
    out: Out = None,
) -> None:
    """What strategies save of the bytes of `clang -Oz`, at equal numbers of compiles."""
    budgets = _read_budgets(compiles)
    ways = tuple(strategy or (["portfolio", "evolution", "greedy", "random"] + (["model", "mixed"] if model else [])))
    evaluation.check_ways(ways)
    if objective not in OBJECTIVES:
        raise UsageError(f'Unknown objective "{objective}". Choose one of: {", ".join(OBJECTIVES)}')
    asked = _open(model) if model else None
    setting = SubjectSetting(granularity, split, limit, seed)
    with Engine(find_toolchain(), jobs=jobs) as engine, evaluation.Stopwatch(engine) as stopwatch:
        subjects = _choose(engine, programs, setting, context)
        arena = Arena(engine, objective, budgets[-1], budgets, seed, max_slowdown, asked)
        longest = frozenset(subject.hash for subject in subjects.chosen[:long])
        question = _ask("tuning", setting, model) | {
            "strategies": list(ways), "compiles": list(budgets), "objective": objective, "long": long,
            "max_slowdown": max_slowdown, "run": run,
        }  # fmt: skip
        asked_of = evaluation.TuningEvaluation(arena, ways, longest, stopwatch if run else None)
        _run(engine, asked_of, subjects, question, out)


@evaluate.command()
def emulation(
    context: typer.Context, programs: Programs, model: Asked = EMBEDDED, split: Split = None, limit: Limit = 200,
    seed: Seed = 0, jobs: Jobs = None, out: Out = None,
) -> None:  # fmt: skip
    """How far a model predicts what the compiler makes of functions (`--model copy`: says its input again)."""
    asked = evaluation.CopyModel() if model == _COPY else _open(model)
    setting = SubjectSetting("function", split, limit, seed)
    with Engine(find_toolchain(), jobs=jobs) as engine:
        subjects = _choose(engine, programs, setting, context)
        _run(engine, evaluation.AnswerEvaluation(engine, "emulation", asked, seed), subjects,
             _ask("emulation", setting, model), out)  # fmt: skip


@evaluate.command()
def disassembly(
    context: typer.Context,
    programs: Programs,
    model: Asked = EMBEDDED,
    candidates: Annotated[int, typer.Option(min=1, help="Answers to each function.")] = 1,
    mutations: Annotated[int, typer.Option(min=0, help="Changed forms of the best answer.")] = 0,
    run: Annotated[bool, typer.Option("--run", help="Run what lowers beside the function, in a sandbox.")] = False,  # noqa: FBT002
    split: Split = None,
    limit: Limit = 200,
    seed: Seed = 0,
    jobs: Jobs = None,
    out: Out = None,
) -> None:
    """How far a model finds the IR of assembly, from an answer that parses to a round trip that is exact."""
    setting = SubjectSetting("function", split, limit, seed)
    with Engine(find_toolchain(), jobs=jobs) as engine:
        subjects = _choose(engine, programs, setting, context)
        asked = evaluation.AnswerEvaluation(
            engine, "disassembly", _open(model), seed, candidates=candidates, mutations=mutations, run=run
        )
        question = _ask("disassembly", setting, model) | {"candidates": candidates, "mutations": mutations, "run": run}
        _run(engine, asked, subjects, question, out)


@evaluate.command("next-token")
def next_token(
    context: typer.Context, programs: Programs, model: Asked = EMBEDDED, split: Split = None, limit: Limit = 200,
    seed: Seed = 0, jobs: Jobs = None, out: Out = None,
) -> None:  # fmt: skip
    """How well a network predicts the IR and the assembly of functions: perplexity, bits a byte."""
    reader = open_reader(model)
    setting = SubjectSetting("function", split, limit, seed)
    with Engine(find_toolchain(), jobs=jobs) as engine:
        subjects = _choose(engine, programs, setting, context)
        _run(engine, evaluation.NextTokenEvaluation(engine, reader, seed), subjects,
             _ask("next-token", setting, model), out)  # fmt: skip


@evaluate.command()
def general(
    model: Asked,
    allow_code: Annotated[  # noqa: FBT002
        bool, typer.Option("--allow-code", help="Let lm-eval run what the model writes, without a sandbox.")
    ] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="So many problems of each task (default: all).")] = None,
    seed: Seed = 0,
    out: Out = None,
) -> None:
    """Whether a model still solves HumanEval and MBPP, by lm-eval; skipped for models that know no such language."""
    if not allow_code:
        raise UsageError("lm-eval runs what the model writes, without a sandbox. Say --allow-code if that may be.")
    _check_extra()
    folder = None if model.startswith(("http://", "https://")) else find_folder(model)
    path = out or Path("evaluation-general")
    _show(evaluation.evaluate_general(model, folder, path, limit=limit, seed=seed), path)


def _check_extra() -> None:
    for library in ("scipy", "matplotlib", "jinja2", "sacrebleu", "pyarrow"):
        load_extra(library, "evaluate", _EXTRA)


def _read_budgets(text: str) -> tuple[int, ...]:
    try:
        found = sorted({int(word) for word in text.split(",")})
    except ValueError:
        found = []
    if not found or found[0] < 1:
        raise UsageError(f"--compiles {text!r} are no budgets. Name whole numbers above 0, such as 1,5,10.")
    return tuple(found)


def _open(name: str) -> Model:
    load_extra("lathe.model", "model", "Asking a model needs some libraries")
    return open_model(name, cache=find_cache_folder() / "networks")


def _choose(engine: Engine, programs: list[Path], setting: SubjectSetting, context: typer.Context) -> Subjects:
    """The programs that are meant, drawn."""
    _check_extra()
    corpora = [path for path in programs if (path / "additions.jsonl").exists()]
    if not corpora:
        if setting.split is not None:
            raise UsageError("Files have no splits. Leave --split out, or name a corpus.")
        return evaluation.choose_subjects(engine, find_units(programs, tuple(context.obj or ())), setting)
    if len(programs) > 1:
        raise UsageError(f"{corpora[0]} is a corpus: name it alone.")
    corpus = Corpus(corpora[0])
    if setting.split is not None and setting.split not in SPLITS:
        raise UsageError(f'Unknown split "{setting.split}". Choose one of: {", ".join(SPLITS)}')
    if not corpus.files("functions"):
        raise InputError(f"{corpora[0]} is a corpus without functions.")
    return evaluation.choose_subjects(engine, corpus, setting)


def _ask(task: str, setting: SubjectSetting, model: str | None) -> dict[str, Any]:
    """What makes one evaluation another."""
    digest = digest_model(model) if model and model != _COPY else None
    return {
        "task": task, "granularity": setting.granularity, "split": setting.split, "limit": setting.limit,
        "seed": setting.seed, "model": model, "model_digest": digest,
    }  # fmt: skip


def _run(
    engine: Engine, asked: evaluation.Evaluation, subjects: Subjects, question: Mapping[str, Any], out: Path | None
) -> None:
    path = out or Path(f"evaluation-{question['task']}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(str(question["task"]), total=len(subjects.chosen))
        terms = {**question, **evaluation.describe_versions(engine)}
        report = evaluation.run_evaluation(
            engine, asked, subjects, terms, path, lambda done, of: progress.update(task, completed=done, total=of)
        )
    _show(report, path)


def _show(report: Report, path: Path) -> None:
    """What people want to see first; the rest is in the report."""
    console = Console()
    for line in report.lead:
        console.print(line, style="bold", highlight=False)
    for section in report.sections[:_SHOWN]:
        console.print(f"\n{section.title}", style="bold")
        for line in section.text:
            console.print(line, highlight=False)
        if section.table:
            head, *others = section.table.head
            table = RichTable(head, box=None, pad_edge=False, padding=(0, 1, 0, 0))
            for name in others:
                table.add_column(name, justify="right")
            for row in section.table.rows:
                table.add_row(*row)
            console.print(table)
    console.print(f"\nAll of it: {path / 'report.html'}, report.md, summary.json, rows.", highlight=False)
