"""How often a model's IR lowers, and is proven, by the number of candidates, and with changes of the best of them.

    python benchmarks/lifting.py DATASET [--model embedded] [--limit 100] [--proven PROVEN.jsonl]

DATASET is one of disassembly (`lathe dataset disassembly --split validation`): functions of projects that the model
never saw. For a seeded sample of those that fit into its context, as many of each architecture, 50 answers are lowered.
results/lifting.json has, for 1, 10 and 50 of them and for 10 with up to 300 changes, how many functions have one that
lowers and one that is proven, by architecture and length; `--proven` keeps the latter for benchmarks/check_proofs.py.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from machine import describe_machine

from lathe.llvm import Engine, find_cache_folder, find_toolchain
from lathe.tasks import (
    Answer,
    AskSetting,
    Effort,
    Model,
    Row,
    Standing,
    TooLongError,
    lift_function,
    open_model,
    read_dataset,
)
from lathe.tasks.disassembly import TRIPLES, has_inline_assembly, lower_text

RESULT = Path(__file__).parent / "results" / "lifting.json"
CANDIDATES, CHANGED, CHANGES = (1, 10, 50), 10, 300
LENGTHS = (10, 20, 40, 80)  # lines


@dataclass
class Recorded:
    """A model that has answered already."""

    answers: list[Answer]
    name: str = "recorded"
    takes_differences: bool = False

    def propose(self, *_: Any, **__: Any) -> list[Any]:
        """It has none."""
        return []

    def answer(self, *_: Any, **__: Any) -> Iterator[Answer]:
        """See `lathe.tasks.Model`."""
        yield from self.answers


def lift(engine: Engine, model: Model, row: Row) -> dict[str, Any] | None:
    """How one function stands after so many candidates; None when it does not fit."""
    architecture, wanted = row["architecture"], row["input"]
    try:
        answers = list(model.answer("disassembly", row, AskSetting(CANDIDATES[-1])))
    except TooLongError:
        return None
    standings = []
    for answer in answers:
        code = answer.code if answer.finished and answer.code and not has_inline_assembly(answer.code) else ""
        lowered = lower_text(engine, code, architecture)
        standings.append((lowered is not None, lowered == wanted, code))
    found: dict[str, Any] = {"architecture": architecture, "lines": wanted.count("\n"), "exact": False, "proven": None}
    found["exact"] = any(code == row["output"] for _, _, code in standings)
    for count in CANDIDATES:
        found[str(count)] = [any(s[0] for s in standings[:count]), any(s[1] for s in standings[:count])]
    recorded, effort = Recorded(answers[:CHANGED]), Effort(AskSetting(CHANGED), CHANGES)
    lifted = lift_function(engine, recorded, wanted, architecture, effort)
    name = f"{CHANGED} and changes"
    found[name] = [lifted.standing is not Standing.ABSTAINS, lifted.standing is Standing.PROVEN]
    found["proven"] = lifted.ir if lifted.standing is Standing.PROVEN else next((c for _, p, c in standings if p), None)
    return found


def summarise(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The shares of functions, in percent."""
    names = [*map(str, CANDIDATES), f"{CHANGED} and changes"]
    return {"functions": len(rows)} | {
        name: {
            "lowers": round(100 * sum(row[name][0] for row in rows) / max(1, len(rows)), 1),
            "proven": round(100 * sum(row[name][1] for row in rows) / max(1, len(rows)), 1),
        }
        for name in names
    }


def main() -> None:
    """Ask, lower, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--seconds", type=float, help="begin no function after so many")
    parser.add_argument("--proven", type=Path)
    arguments = parser.parse_args()
    model = open_model(arguments.model, cache=find_cache_folder() / "networks")

    def key(row: Row) -> bytes:
        return hashlib.blake2b(str(row["function"]).encode(), digest_size=8).digest()

    started, found, proven, too_long = time.monotonic(), list[dict[str, Any]](), list[dict[str, str]](), 0
    with Engine(find_toolchain()) as engine:
        rows = sorted(read_dataset(arguments.dataset), key=key)
        of_each = [[row for row in rows if row["architecture"] == name][: arguments.limit] for name in TRIPLES]
        for row in chain.from_iterable(zip_longest(*of_each)):  # in turns, so that a run that is stopped has of each
            if row is None:
                continue
            one = lift(engine, model, row)
            if one is None:
                too_long += 1
                continue
            if (code := one.pop("proven")) is not None:
                proven.append({"ir": code, "input": row["input"], "triple": TRIPLES[row["architecture"]]})
            found.append(one)
            print(json.dumps(one), flush=True)
            if arguments.seconds is not None and time.monotonic() - started > arguments.seconds:
                break
        machine = describe_machine(engine.toolchain)
    bounds = [*LENGTHS, 1 << 30]
    result = {
        "model": arguments.model, "too long": too_long, "seconds": round(time.monotonic() - started),
        "all": summarise(found),
        **{name: summarise([row for row in found if row["architecture"] == name]) for name in TRIPLES},
        **{
            f"up to {bound} lines" if bound in LENGTHS else f"over {LENGTHS[-1]} lines": summarise(
                [row for row in found if least < row["lines"] <= bound]
            )
            for least, bound in zip([0, *LENGTHS], bounds, strict=True)
        },
        "exact": sum(row["exact"] for row in found), "machine": machine,
    }  # fmt: skip
    RESULT.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    if arguments.proven:
        arguments.proven.write_text("".join(f"{json.dumps(row)}\n" for row in proven), encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
