"""Verdicts: what a suite says of a recipe, with the evidence and how to see it again.

A verdict is accepted (every program behaved), rejected (at least one did not), or unknown (the suite could not be
run, or not to the end). It is never rounded up: any single mismatch rejects, and what was not run is not counted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

__all__ = ["Decision", "Evidence", "Outcome", "Verdict", "read_verdict"]


class Decision(StrEnum):
    """What is said of a recipe."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """What became of one program; the values are the sentences shown."""

    WRONG_OUTPUT = "writes something else than the unoptimised build"
    WRONG_STATUS = "ends with another status than the unoptimised build"
    TIMED_OUT = "does not end in time, twice"
    NOT_COMPILED = "LLVM does not compile it"
    NOT_LINKED = "does not link"
    NOT_RUN = "could not be tried"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One program that did not pass: what happened, in detail, and shell commands that show it again."""

    program: str
    outcome: Outcome
    detail: str
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a suite says of a recipe. `passed` of `programs` behaved; `seconds` is what it took when it was judged."""

    decision: Decision
    recipe: str
    suite: str
    suite_digest: str
    llvm: str
    programs: int
    passed: int
    evidence: tuple[Evidence, ...] = ()
    seconds: float = 0.0

    @property
    def accepted(self) -> bool:
        """Whether every program of the suite behaved."""
        return self.decision is Decision.ACCEPTED

    def to_json(self) -> str:
        """One line of JSON; `read_verdict` reads it."""
        return json.dumps(asdict(self))


def read_verdict(text: str) -> Verdict:
    """The verdict that `Verdict.to_json` wrote."""
    row = json.loads(text)
    evidence = tuple(
        Evidence(e["program"], Outcome(e["outcome"]), e["detail"], tuple(e["commands"])) for e in row.pop("evidence")
    )
    return Verdict(**(row | {"decision": Decision(row["decision"]), "evidence": evidence}))


def decide(evidence: Sequence[Evidence], passed: int, programs: int) -> Decision:
    """Any misbehaviour rejects; else all must have passed, and there must be some."""
    if any(e.outcome is not Outcome.NOT_RUN for e in evidence):
        return Decision.REJECTED
    return Decision.ACCEPTED if programs and passed == programs else Decision.UNKNOWN
