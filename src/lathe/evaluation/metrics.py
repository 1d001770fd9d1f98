"""Metrics of a model on data sets: loss, and what the compiler says of its answers.

    for metrics in evaluate(engine, folder, [Path("emulation"), Path("disassembly")], EvaluationSetting(limit=200)): …

A seeded sample of the rows that fit in the model's context is asked for, greedily, under the rules of answers to users;
each is cut at half as much again as the row's own. What does not fit is counted, and is in no other figure.
Answers are those of the folder's GGUF file where it has one, as that is what ships.
"""

from __future__ import annotations

import functools
import hashlib
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from lathe.corpus import make_usual_module
from lathe.errors import InputError
from lathe.evaluation.grouping import find_bound, list_passes
from lathe.evaluation.reliability import Reliability, measure_reliability
from lathe.llvm import Engine, find_cache_folder
from lathe.search import default_space
from lathe.tasks import SCORERS, RecipeRule, Row, Score, ValueRule, encode_row, list_tasks, read_answer, read_dataset

if TYPE_CHECKING:
    from lathe.model import Decoder, Rule, TokenExample, Tokenizer

__all__ = ["GROUPINGS", "EvaluationSetting", "Group", "Metrics", "evaluate"]

_MORE = 32  # tokens of an answer
_TOKENS, _PASSES = (128, 256, 512, 1024), (1, 5, 10, 25)


@dataclass(frozen=True, slots=True)
class EvaluationSetting:
    """How many rows of each data set, drawn by which seed."""

    limit: int = 200
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that have something in common, and the means of their scores."""

    rows: int
    scores: dict[str, float]


@dataclass(frozen=True, slots=True)
class Metrics:
    """A model on a task: rows asked, rows too long, the loss (nats a token of the rows' own completions).

    `finished` is the share of answers with an end, `scores` the means of what `lathe.tasks.Score` has, `confidence` how
    far the likelihood of an answer tells whether it is exact. `groups` are rows by each of `GROUPINGS`.
    """

    task: str
    rows: int
    too_long: int
    projects: int
    loss: float
    finished: float
    scores: dict[str, float]
    confidence: Reliability
    groups: dict[str, dict[str, Group]]


GROUPINGS: Mapping[str, Callable[[Row, TokenExample], Iterable[str]]] = {
    "prompt tokens": lambda row, example: [find_bound(len(example.prompt), _TOKENS)],
    "architecture": lambda row, example: [row["architecture"]] if "architecture" in row else [],
    "passes": lambda row, example: [find_bound(len(list_passes(row["recipe"])), _PASSES)] if "recipe" in row else [],
    "pass": lambda row, example: sorted(set(list_passes(row["recipe"]))) if "recipe" in row else [],
}
"""What rows are put together by: the groups of each that one is in."""


def evaluate(engine: Engine, folder: Path, datasets: Sequence[Path], setting: EvaluationSetting) -> Iterator[Metrics]:
    """The metrics of a folder's network on each data set; raises `InputError` for what is no network or data set."""
    from lathe.model import Decoding, EmbeddedDecoder, Tokenizer, decode
    from lathe.training import NetworkDecoder, load_network, measure_loss

    tokenizer = Tokenizer.load(folder / "tokenizer.json")
    network = load_network(folder, tokenizer=tokenizer.digest).float()  # type: ignore[no-untyped-call]
    context = network.config.max_position_embeddings
    exported = any(folder.glob("*.gguf"))
    decoder: Decoder = (
        EmbeddedDecoder(folder, cache=find_cache_folder() / "networks") if exported else NetworkDecoder(network)
    )
    for path in datasets:
        task, *more = sorted(list_tasks(path))
        if more or task not in SCORERS:
            raise InputError(f"{path} has examples of {', '.join([task, *more])}. Name a data set of one of these: "
                             f"{', '.join(SCORERS)}.")  # fmt: skip
        pairs, too_long = _draw(path, setting, functools.partial(encode_row, tokenizer, task), context)
        if not pairs:
            raise InputError(f"No row of {path} fits in {context} tokens.")
        loss, tokens = measure_loss(network, [example for _, example in pairs])
        limits = [min(context - len(e.prompt), 3 * len(e.completion) // 2 + _MORE) for _, e in pairs]
        asked = Decoding(tokenizer.tag("end"), limits, _make_rule(engine, tokenizer, task))
        found = decode(decoder, [e.prompt for _, e in pairs], asked)
        answers = [read_answer(tokenizer, task, answer.tokens) for answer in found]
        scores = [SCORERS[task](engine, row, answer) for (row, _), answer in zip(pairs, answers, strict=True)]
        yield Metrics(
            task, len(pairs), too_long, len({row["project"] for row, _ in pairs}), loss / tokens,
            statistics.mean(answer.finished for answer in answers), _average(scores),
            measure_reliability([answer.score for answer in found], [score.exact > 0 for score in scores]),
            _group(pairs, scores),
        )  # fmt: skip


def _draw(
    path: Path, setting: EvaluationSetting, encode: Callable[[Row], TokenExample], context: int
) -> tuple[list[tuple[Row, TokenExample]], int]:
    """Rows that fit, as examples too, by the hash of their number and the seed; how many others came before."""

    def key(pair: tuple[int, Row]) -> bytes:
        return hashlib.blake2b(f"{setting.seed} {pair[0]}".encode(), digest_size=8).digest()

    fitting: list[tuple[Row, TokenExample]] = []
    too_long = 0
    for _, row in sorted(enumerate(read_dataset(path)), key=key):
        if len(fitting) == setting.limit:
            break
        if len(example := encode(row)) <= context:
            fitting.append((row, example))
        else:
            too_long += 1
    return fitting, too_long


def _make_rule(engine: Engine, tokenizer: Tokenizer, task: str) -> Rule:
    """What answers to users follow: recipes only legal words, code the rule of values."""
    values = ValueRule(tokenizer)
    if task != "tuning":
        return values
    usual = make_usual_module(engine.toolchain, "x86_64-pc-linux-gnu")
    recipes = RecipeRule(tokenizer, default_space(engine, usual))
    return lambda said: values(said) if recipes.end in said else recipes(said)


def _group(pairs: Sequence[tuple[Row, TokenExample]], scores: Sequence[Score]) -> dict[str, dict[str, Group]]:
    """The groups of each grouping that has some, those with most rows first."""
    found: dict[str, dict[str, Group]] = {}
    for name, list_groups in GROUPINGS.items():
        members: dict[str, list[Score]] = {}
        for (row, example), score in zip(pairs, scores, strict=True):
            for group in list_groups(row, example):
                members.setdefault(group, []).append(score)
        ordered = sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))
        if ordered:
            found[name] = {group: Group(len(of), _average(of)) for group, of in ordered}
    return found


def _average(scores: Sequence[Score]) -> dict[str, float]:
    """The mean of each field, over those that have it."""
    found = {}
    for item in fields(Score):
        values = [value for score in scores if (value := getattr(score, item.name)) is not None]
        if values:
            found[item.name] = statistics.mean(values)
    return found
