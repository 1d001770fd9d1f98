"""The evaluation of answers that are code: emulation and disassembly, by the compiler, step by step.

Each program, a function, gives rows as the task's data sets have them; a model is asked for each, and what it says is
put on a ladder: an answer at all → parses → verifies → lowers (emulation of assembly: assembles) → … → exact. For
disassembly also: the round trip is exact on normalised assembly (`proven`), the outputs are the same when both are run
(`agrees`, `refuted` or neither), Alive2's proof where it is installed. BLEU is sacrebleu's, whose signature names its
tokenizer. What there is no row for (crashes, inline assembly …) is counted by reason.
"""

from __future__ import annotations

import functools
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lathe.errors import CompileError, InputError
from lathe.evaluation.grouping import find_bound, list_passes
from lathe.evaluation.report import Plot, Section, Table, say_interval, say_percent
from lathe.evaluation.results import ResultRow
from lathe.evaluation.statistics import bound_share
from lathe.evaluation.subjects import Subject
from lathe.llvm import Engine, Module, Recipe, Unit
from lathe.tasks import (
    HEADS,
    TASKS,
    Answer,
    AskSetting,
    BuildSetting,
    Effort,
    Model,
    Row,
    TooLongError,
    has_inline_assembly,
    is_code,
    lift_function,
    lower_text,
    target_function,
)
from lathe.verify import Differential, Finding, compare_texts, find_alive_tv

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["AnswerEvaluation", "CopyModel"]

_LENGTHS, _PASSES = (250, 500, 1000, 2000, 4000), (1, 5, 10, 25)
_ALIVE_SECONDS = 60.0
_SHARES = {
    "emulation": ("answered", "parses", "verifies", "compiles", "exact"),
    "disassembly": ("answered", "parses", "verifies", "lowers", "proven", "exact", "best lowers", "best proven",
                    "agrees", "refuted", "alive proved", "alive refuted"),
}  # fmt: skip
_ASKED = ("input", "recipe", "kind", "instructions_before", "binary_before", "loadable_before")  # no answer among them
_WORDS = ("input bytes", "architecture", "kind", "passes", "pass")


@dataclass(frozen=True)
class CopyModel:
    """A `Model` of emulation that says its input again: what any other should be better than."""

    name: str = "copy"
    takes_differences = False
    takes_stages = True

    def propose(self, ir: str, *, stage: Recipe, space: object, setting: AskSetting) -> list[Any]:
        """It has no recipes."""
        return []

    def expect_sizes(self, ir: str, *, stage: Recipe, space: object) -> None:
        """Nor sizes."""

    def answer(self, task: str, row: Row, setting: AskSetting) -> Iterator[Answer]:
        """The input, and its size twice."""
        sizes = (row["loadable_before"], row["loadable_before"]) if task == "emulation" else None
        yield Answer(row["input"], sizes=sizes, finished=True)


@dataclass(frozen=True)
class AnswerEvaluation:
    """A model, and how hard it tries: `candidates` and `mutations` are of disassembly.

    With `run`, what disassembly gives is run beside the function on generated inputs.
    """

    engine: Engine
    task: str
    model: Model
    seed: int = 0
    candidates: int = 1
    mutations: int = 0
    run: bool = False

    def work(self, subject: Subject) -> list[ResultRow]:
        """A row for each example of a function, or for the reason why there is none."""
        rows = []
        for made in TASKS[self.task].make(self.engine, subject.function, BuildSetting(self.seed)):
            if isinstance(made, str):
                rows.append({"dropped": made})
            else:
                rows.append((self._ask_emulation if self.task == "emulation" else self._lift)(made, subject))
        return rows

    def _ask_emulation(self, row: Row, subject: Subject) -> ResultRow:
        printed = self.engine.emit(subject.module, Recipe(()), "ll").decode("utf-8", "replace")
        asked = {name: row[name] for name in _ASKED} | {"printed": printed}
        try:
            answer = next(self.model.answer("emulation", asked, AskSetting(seed=self.seed)), Answer())
        except TooLongError as error:
            return _describe(row) | {"too_long": str(error)}
        code, architecture = answer.code if answer.finished and answer.code else "", _architecture_of(row)
        found = self._read(code) if row["kind"] == "ll" else {}
        sizes = answer.sizes or (None, None)
        return _describe(row) | found | {
            "answer": code, "answered": bool(code), "compiles": is_code(self.engine, code, row["kind"], architecture),
            "exact": code == row["output"], "size_before": sizes[0], "size_after": sizes[1],
            "true_before": row["loadable_before"], "true_after": row["loadable_after"],
            "confidence": answer.confidence,
        }  # fmt: skip

    def _lift(self, row: Row, subject: Subject) -> ResultRow:
        """The first answer on the ladder, and the best of all candidates and their changed forms."""
        asked, architecture = _Heard(self.model), row["architecture"]
        effort = Effort(AskSetting(self.candidates, seed=self.seed), self.mutations)
        lifted = lift_function(self.engine, asked, row["input"], architecture, effort)
        if asked.first is None:
            return _describe(row) | {"too_long": lifted.reason}
        code = asked.first.code if asked.first.finished and asked.first.code else ""
        lowered = None if has_inline_assembly(code) else lower_text(self.engine, code, architecture)
        found = _describe(row) | self._read(code) | {
            "answer": code, "answered": bool(code), "lowers": lowered is not None, "proven": lowered == row["input"],
            "exact": code == row["output"], "best": lifted.ir, "best lowers": lifted.ir is not None,
            "best proven": lifted.standing == "proven", "tried": lifted.candidates, "changed": lifted.mutations,
            "confidence": asked.first.confidence,
        }  # fmt: skip
        if lifted.ir is not None:
            found |= self._compare(lifted.ir, row, subject)
        return found

    def _read(self, code: str) -> ResultRow:
        """Whether it is IR."""
        try:
            if code:
                self.engine.read(code.encode(), "the answer")
            return {"parses": bool(code), "verifies": bool(code)}
        except InputError as error:
            return {"parses": "does not verify" in str(error), "verifies": False}

    def _compare(self, code: str, row: Row, subject: Subject) -> ResultRow:
        """What running it and Alive2 say of IR that lowers; None where they cannot tell."""
        found: ResultRow = {}
        module = target_function(self.engine, subject.function, row["architecture"])
        if self.run and module is not None:
            found |= self._run(code, module)
        if find_alive_tv():
            said = compare_texts(self.engine, row["output"], code, seconds=_ALIVE_SECONDS)
            findings = [function.finding for function in said.functions]
            found["alive proved"] = bool(findings) and all(one is Finding.PROVED for one in findings)
            found["alive refuted"] = any(one is Finding.REFUTED for one in findings)
        return found

    def _run(self, code: str, module: Module) -> ResultRow:
        try:
            data = self.engine.emit(Module(code.encode(), module.target), Recipe(()))
            with Differential(self.engine, Unit(Path("function.ll")), module) as check:
                findings = [function.finding for function in check.compare_object(data).functions]
        except CompileError:  # it has other names than the function
            return {"agrees": False, "refuted": False}
        told = [one for one in findings if one is not Finding.UNKNOWN]
        if not told:
            return {}
        return {"agrees": Finding.REFUTED not in told, "refuted": Finding.REFUTED in told}

    def summarise(self, rows: Sequence[ResultRow]) -> dict[str, Any]:
        """What `summary.json` has of them."""
        asked = [row for row in rows if not row.get("dropped")]
        heard = [row for row in asked if not row.get("too_long")]
        return {
            "examples": len(asked), "too_long": len(asked) - len(heard),
            "dropped": dict(Counter(row["dropped"] for row in rows if row.get("dropped")).most_common()),
            **_summarise_shares(heard, _SHARES[self.task]),
            "bleu": _measure_bleu([row for row in heard if row["answered"]]),
            "size_error": _compare_sizes(heard),
            "groups": {name: found for name in _WORDS if (found := self._group(heard, name))},
            "unanswered": {self.model.name: [len(asked) - sum(bool(row["answered"]) for row in heard), len(asked)]},
            "failed": [],
        }  # fmt: skip

    def _group(self, rows: Sequence[ResultRow], name: str) -> dict[str, Any]:
        members: dict[str, list[ResultRow]] = defaultdict(list)
        for row in rows:
            for group in _list_groups(row, name):
                members[group].append(row)
        ordered = sorted(members.items(), key=lambda item: (-len(item[1]), item[0]))
        return {label: _summarise_shares(of, _SHARES[self.task]) for label, of in ordered}

    def describe(self, rows: Sequence[ResultRow], summary: Mapping[str, Any]) -> list[Section]:
        """The sections of the report."""
        said = [f"{summary['examples']:,} examples, of which {summary['too_long']:,} are too long for the model and in "
                "no figure below."]  # fmt: skip
        if summary["dropped"]:
            causes = ", ".join(f"{cause} ({count:,})" for cause, count in summary["dropped"].items())
            said.append(f"No example was made of: {causes}.")
        ladder = [(name, f"{of['of']:,}", say_percent(of["share"], 1), say_interval(of["interval"], 1))
                  for name, of in summary["shares"].items()]  # fmt: skip
        plot = Plot(
            "ladder", "Shares of answers, in percent, with intervals", functools.partial(_draw, summary["shares"])
        )
        sections = [Section("Ladder", said, Table(("answers that", "of", "share", "interval"), ladder), plot)]
        lines = []
        if bleu := summary["bleu"]:
            lines.append(f"BLEU of the answers {bleu['score']:.3f}, of 0 to 1 ({bleu['signature']}).")
        if error := summary["size_error"]:
            lines.append(f"Sizes: {error['answers']:,} answers say them; mean error {say_percent(error['before'], 1)} "
                         f"before, {say_percent(error['after'], 1)} after.")  # fmt: skip
        sections.append(Section("Nearness", lines))
        for name, groups in summary["groups"].items():
            shown = [share for share in _SHARES[self.task] if share in summary["shares"]]
            table = Table((name, "examples", *shown), [
                (label, f"{of['shares']['answered']['of']:,}",
                 *(f"{100 * of['shares'][share]['share']:.1f}" if share in of["shares"] else "" for share in shown))
                for label, of in groups.items()
            ])  # fmt: skip
            sections.append(Section(f"By {name}", ("Percent of the examples of which it is known.",), table))
        return sections


@dataclass
class _Heard:
    """A model whose first answer is kept."""

    model: Model
    first: Answer | None = None

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def takes_differences(self) -> bool:
        return self.model.takes_differences

    @property
    def takes_stages(self) -> bool:
        return self.model.takes_stages

    def propose(self, *arguments: Any, **named: Any) -> list[Any]:
        return []

    def expect_sizes(self, *arguments: Any, **named: Any) -> None:
        return None

    def answer(self, task: str, row: Row, setting: AskSetting) -> Iterator[Answer]:
        for answer in self.model.answer(task, row, setting):
            self.first = self.first or answer
            yield answer


def _draw(shares: Mapping[str, Mapping[str, Any]], axes: Axes) -> None:
    """Bars, the first share at the top."""
    values = [100 * of["share"] for of in shares.values()]
    ends = [[100 * end for end in of["interval"]] for of in shares.values()]
    errors = [[v - low for v, (low, _) in zip(values, ends, strict=True)],
              [high - v for v, (_, high) in zip(values, ends, strict=True)]]  # fmt: skip
    axes.barh(list(shares), values, xerr=errors, alpha=0.7, capsize=3)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("%")


def _describe(row: Row) -> ResultRow:
    """What is kept of an example."""
    return {"input_bytes": len(row["input"]), "architecture": _architecture_of(row), "kind": row.get("kind"),
            "recipe": row["recipe"], "output": row["output"]}  # fmt: skip


def _architecture_of(row: Row) -> str:
    own = next((name for name, head in HEADS.items() if row["input"].startswith(head)), "x86")
    return str(row.get("architecture", own))


def _list_groups(row: ResultRow, name: str) -> list[str]:
    """The groups of a kind that an example is in."""
    if name == "input bytes":
        return [find_bound(row["input_bytes"], _LENGTHS)]
    if name in ("architecture", "kind"):
        return [row[name]] if row[name] else []
    if not row["kind"]:  # disassembly: all have one recipe
        return []
    words = list_passes(row["recipe"])
    return [find_bound(len(words), _PASSES)] if name == "passes" else sorted(set(words))


def _summarise_shares(rows: Sequence[ResultRow], names: Sequence[str]) -> dict[str, Any]:
    """The share of answers of which each can be said, of those where it is known."""
    shares = {}
    for name in names:
        known = [bool(row[name]) for row in rows if row.get(name) is not None]
        if known:
            shares[name] = {"of": len(known), "share": sum(known) / len(known),
                            "interval": bound_share(sum(known), len(known))}  # fmt: skip
    return {"shares": shares}


def _measure_bleu(rows: Sequence[ResultRow]) -> dict[str, Any] | None:
    """How near answers are to the texts wanted, over all that there are; what has no answer is on the ladder."""
    from sacrebleu.metrics import BLEU

    if not rows:
        return None
    bleu = BLEU(tokenize="13a", force=True)
    score = bleu.corpus_score([row["answer"] for row in rows], [[row["output"] for row in rows]])
    return {"score": round(score.score / 100, 4), "signature": str(bleu.get_signature())}


def _compare_sizes(rows: Sequence[ResultRow]) -> dict[str, Any] | None:
    known = [row for row in rows if row.get("size_after") is not None and row["true_before"] and row["true_after"]]
    if not known:
        return None
    errors = {
        when: statistics.fmean(abs(row[f"size_{when}"] - row[f"true_{when}"]) / row[f"true_{when}"] for row in known)
        for when in ("before", "after")
    }
    return {"answers": len(known), **errors}
