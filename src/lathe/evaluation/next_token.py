"""The evaluation of next tokens: how well a network predicts IR and assembly, as perplexity and as bits a byte.

Perplexity is of a network's own tokens, and of two tokenizers not the same thing; bits a byte of the text are. A
function gives a text of IR and one of assembly (`lathe dataset code`); one that is longer than the context is read in
parts by networks of others, and left out, counted, for our own.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lathe.evaluation.report import Section, Table
from lathe.evaluation.results import ResultRow
from lathe.evaluation.statistics import bound_part
from lathe.evaluation.subjects import Subject
from lathe.llvm import Engine
from lathe.tasks import TASKS, BuildSetting, Reader

__all__ = ["NextTokenEvaluation"]

_KINDS = {"ll": "IR", "asm": "assembly"}


@dataclass(frozen=True)
class NextTokenEvaluation:
    """A network that reads texts."""

    engine: Engine
    reader: Reader
    seed: int = 0

    def work(self, subject: Subject) -> list[ResultRow]:
        """A row for each text of a function."""
        rows = []
        for made in TASKS["code"].make(self.engine, subject.function, BuildSetting(self.seed)):
            if isinstance(made, str):
                rows.append({"dropped": made})
                continue
            found = self.reader.read(made)
            about = {"kind": made["kind"], "architecture": made["architecture"], "bytes": len(made["output"].encode())}
            rows.append(about | ({"dropped": "too long for the model"} if found is None else
                                 {"nats": found.nats, "tokens": found.tokens}))  # fmt: skip
        return rows

    def summarise(self, rows: Sequence[ResultRow]) -> dict[str, Any]:
        """What `summary.json` has of them."""
        groups: dict[str, list[ResultRow]] = defaultdict(list)
        for row in rows:
            if not row.get("dropped"):
                groups[_KINDS[row["kind"]]].append(row)
                groups[f"{_KINDS[row['kind']]}, {row['architecture']}"].append(row)
        return {
            "dropped": dict(Counter(row["dropped"] for row in rows if row.get("dropped")).most_common()),
            "texts": {name: self._summarise(of) for name, of in sorted(groups.items())},
            "failed": [],
        }

    def _summarise(self, rows: Sequence[ResultRow]) -> dict[str, Any]:
        nats, tokens, size = (sum(row[name] for row in rows) for name in ("nats", "tokens", "bytes"))
        bits = [row["nats"] / math.log(2) for row in rows]
        return {
            "texts": len(rows), "tokens": tokens, "bytes": size, "perplexity": math.exp(nats / tokens),
            "bits_a_byte": sum(bits) / size,
            "interval": bound_part(bits, [row["bytes"] for row in rows], self.seed),
        }  # fmt: skip

    def describe(self, rows: Sequence[ResultRow], summary: Mapping[str, Any]) -> list[Section]:
        """The sections of the report."""
        lines = [f"{cause}: {count:,} texts are in no figure." for cause, count in summary["dropped"].items()]
        head = ("texts", "number", "tokens", "bytes a token", "perplexity", "bits a byte", "interval")
        table = [
            (name, f"{of['texts']:,}", f"{of['tokens']:,}", f"{of['bytes'] / of['tokens']:.2f}",
             f"{of['perplexity']:.3f}", f"{of['bits_a_byte']:.3f}", "{:.3f} to {:.3f}".format(*of["interval"]))
            for name, of in summary["texts"].items()
        ]  # fmt: skip
        return [Section("Perplexity", lines, Table(head, table))]
