"""A guess at run time, from assembly alone: instructions, weighted by how deep in loops they are.

LLVM's printer says of each block how many loops it is in. A block in d loops is taken to run 8**d times (compilers
guess alike: LLVM's and GCC's predictors have 8 to 32 rounds for a loop they know nothing of), and what is called counts
where it is called, outlined code above all. It compares objects of one source; it says nothing of caches, latencies or
input.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["estimate_run_time"]

_ROUNDS = 8.0  # of a loop
_DEEPEST = 6
_FUNCTION = re.compile(r"\t\.type\t([^,]+),[@%]function")
_GLOBAL = re.compile(r"\t\.(?:globl|weak)\t(\S+)")
_BLOCK = re.compile(r"\.?L?BB\d+_\d+:|\S+ %bb\.\d+:")
_DEPTH = re.compile(r"(?:=> *This .*|in Loop: .*)Depth=(\d+)")
_INSTRUCTION = re.compile(r"\t[a-zA-Z]")
_NAME = re.compile(r"[\w.$]+")


@dataclass(slots=True)
class _Body:
    """A function: its own instructions, and the calls of others, both weighted."""

    own: float = 0.0
    calls: list[tuple[str, float]] = field(default_factory=list)


def estimate_run_time(assembly: str) -> float:
    """The weighted instructions of all functions that can be entered from outside, with those that they call."""
    bodies = _read_bodies(assembly)
    totals: dict[str, float] = {}

    def add_up(name: str) -> float:
        if name not in totals:
            totals[name] = bodies[name].own  # all that recursion counts
            totals[name] += sum(weight * add_up(called) for called, weight in bodies[name].calls)
        return totals[name]

    called = {other for name, body in bodies.items() for other, _ in body.calls if other != name}
    entries = (set(bodies) - called) | (set(bodies) & set(_GLOBAL.findall(assembly)))
    return sum(add_up(name) for name in sorted(entries))


def _read_bodies(assembly: str) -> dict[str, _Body]:
    bodies = {name: _Body() for name in _FUNCTION.findall(assembly)}
    body, weight = _Body(), 1.0
    for line in assembly.splitlines():
        if match := _FUNCTION.match(line):
            body, weight = bodies[match[1]], 1.0
        elif _INSTRUCTION.match(line):
            body.own += weight
            names = _NAME.findall(line)[1:]
            body.calls += ((name, weight) for name in names if name in bodies)
        elif _BLOCK.match(line):
            weight = 1.0
        if match := _DEPTH.search(line):
            weight = _ROUNDS ** min(int(match[1]), _DEEPEST)
    return bodies
