"""What is held out: suites that only ever measure, so that nothing of them may be learned from.

They are refused by name, and, when the user points at a copy, by the hashes of its functions.
"""

from __future__ import annotations

import re

from lathe.errors import UsageError

__all__ = ["HELD_OUT", "find_suite", "refuse_held_out"]

HELD_OUT = ("mibench", "embench", "cbench", "humanevalx", "humaneval")
_OTHERS = re.compile(r"[a-z]c[^a-z0-9]*benchmark")  # such as ecc-benchmark.c


def find_suite(name: str) -> str | None:
    """The suite that a project or a path is called like."""
    plain = re.sub(r"[^a-z0-9]", "", _OTHERS.sub("", name.lower()))
    return next((suite for suite in HELD_OUT if suite in plain), None)


def refuse_held_out(*names: str) -> None:
    """Raise `UsageError` when a project or a path is called like a suite that is held out."""
    for name in names:
        if suite := find_suite(name):
            raise UsageError(
                f'"{name}" is called like {suite}, which is for evaluation only and never part of a corpus. '
                "If it is something else, rename it."
            )
