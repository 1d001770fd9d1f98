"""A guess at run time, from assembly alone: instructions, weighted by how deep in loops they are.

A block in d loops is taken to run 8**d times (compilers guess alike: LLVM's and GCC's predictors have 8 to 32 rounds
for a loop they know nothing of). An access to memory counts as one instruction more: code that keeps its variables on
the stack is short and slow. What is called counts where it is called, outlined code above all, with `_CALL`
instructions for the call (two taken branches and the return address). Loops are the cycles of the control flow, those
with several entries too, found from the labels that LLVM's printer writes: block labels, jump tables, and what ends a
block. It compares objects of one source; it says nothing of caches, latencies or input. Code is compiled with
`TRAP_FLAG` for it, so that what follows a call that never returns is seen to be no part of the loop.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx

__all__ = ["TRAP_FLAG", "estimate_run_time"]

TRAP_FLAG = "-trap-unreachable"

_ROUNDS = 8.0  # of a loop
_CALL = 4  # instructions
_NO_ACCESS = ("lea", "nop")  # although their operands look like memory
_NO_ADDRESS = re.compile(r"%\w+\(")  # a relocation of RISC-V, %hi(x), or a register of x87, %st(1)
_DEEPEST = 6
_FUNCTION = re.compile(r"\t\.type\t([^,]+),[@%]function")
_GLOBAL = re.compile(r"\t\.(?:globl|weak)\t(\S+)")
_BLOCK = re.compile(r"(?:\.L)?(BB\d+_\d+):|\S+ (%bb\.\d+):")
_LABEL = re.compile(r"\bL?(BB(\d+)_\d+)\b")
_DATA = re.compile(r"\t\.(?:[248]?byte|short|hword|word|long|quad|xword)\t")
_INSTRUCTION = re.compile(r"\t([a-zA-Z][\w.]*)([^#@/;]*)")
_NAME = re.compile(r"[\w.$]+")
_RETURNS = {
    "ret", "retq", "retl", "ud2", "udf", "brk", "trap", "unimp", "ebreak", "tail", "pop", "pop.w", "ldm", "ldm.w",
}  # fmt: skip
_JUMPS = {"jmp", "jmpq", "jmpl", "b", "b.w", "br", "bx", "j", "jr", "tbb", "tbh"}


@dataclass(slots=True)
class _Block:
    """Instructions without a label between them: their cost, the labels and functions named, and how they end."""

    name: str
    cost: int = 0
    labels: set[str] = field(default_factory=set)
    called: list[str] = field(default_factory=list)
    ends: bool = False
    jumps: bool = False


def estimate_run_time(assembly: str) -> float:
    """The weighted instructions of all functions that can be entered from outside, with those that they call."""
    functions, tables = _read_functions(assembly)
    own: dict[str, float] = {}
    calls: dict[str, list[tuple[str, float]]] = {}
    for name, blocks in functions.items():
        weights = [_ROUNDS ** min(depth, _DEEPEST) for depth in _count_loops(blocks, tables)]
        own[name] = sum(b.cost * weight for b, weight in zip(blocks, weights, strict=True))
        calls[name] = [(c, weight) for b, weight in zip(blocks, weights, strict=True) for c in b.called]
    totals: dict[str, float] = {}

    def add_up(name: str) -> float:
        if name not in totals:
            totals[name] = own[name]  # all that counts of recursion
            totals[name] += sum(weight * (add_up(called) + _CALL) for called, weight in calls[name])
        return totals[name]

    called = {other for name in functions for other, _ in calls[name] if other != name}
    entries = (set(functions) - called) | (set(functions) & set(_GLOBAL.findall(assembly)))
    return sum(add_up(name) for name in sorted(entries))


def _read_functions(assembly: str) -> tuple[dict[str, list[_Block]], dict[str, set[str]]]:
    """The blocks of each function, in order, and where its indirect jumps may lead (by its number)."""
    functions: dict[str, list[_Block]] = {name: [] for name in _FUNCTION.findall(assembly)}
    tables: dict[str, set[str]] = defaultdict(set)
    blocks, block, taken = [_Block("")], _Block(""), False
    for line in assembly.splitlines():
        if match := _INSTRUCTION.match(line):
            word, operands = match.groups()
            block.cost += 2 if _is_access(word, operands) else 1
            block.labels |= {label for label, _ in _LABEL.findall(operands)}
            block.called += (name for name in _NAME.findall(operands) if name in functions)
            block.jumps = (word in _JUMPS and not (word == "bx" and "lr" in operands)) or operands.startswith("\tpc")
            block.ends = block.jumps or word == "bx" or (word in _RETURNS and (word[0] not in "pl" or "pc" in operands))
        elif match := _BLOCK.match(line):
            block = _Block(match[1] or match[2])
            blocks.append(block)
            if taken and (label := _LABEL.match(block.name)):
                tables[label[2]].add(block.name)
        elif match := _FUNCTION.match(line):
            block = _Block("")
            blocks = functions[match[1]]
            blocks.append(block)
        elif _DATA.match(line):
            for name, number in _LABEL.findall(line):
                tables[number].add(name)
        taken = "Block address taken" in line
    return functions, tables


def _is_access(word: str, operands: str) -> bool:
    """Whether an instruction reads or writes memory, by the looks of its operands."""
    return not word.startswith(_NO_ACCESS) and any(c in _NO_ADDRESS.sub("", operands) for c in "([")


def _count_loops(blocks: list[_Block], tables: dict[str, set[str]]) -> list[int]:
    """How many loops each block is in."""
    import networkx  # here, since every worker process imports this room

    places = {block.name: place for place, block in enumerate(blocks)}
    graph: networkx.DiGraph[int] = networkx.DiGraph()
    graph.add_nodes_from(range(len(blocks)))
    number = next((match[2] for name in places if (match := _LABEL.match(name))), "")
    for place, block in enumerate(blocks):
        targets = block.labels | (tables[number] if block.jumps and not block.labels else set())
        graph.add_edges_from((place, places[label]) for label in targets if label in places)
        if not block.ends and place + 1 < len(blocks):
            graph.add_edge(place, place + 1)
    depths = [0] * len(blocks)
    _go_deeper(graph, depths)
    return depths


def _go_deeper(graph: networkx.DiGraph[int], depths: list[int]) -> None:
    """Count the cycles of a graph, and those that are left in each without the block where it starts."""
    import networkx

    for cycle in networkx.strongly_connected_components(graph):
        first = min(cycle)
        if len(cycle) == 1 and not graph.has_edge(first, first):
            continue
        for place in cycle:
            depths[place] += 1
        if depths[first] < _DEEPEST:
            entered = (place for place in cycle if any(p not in cycle for p in graph.predecessors(place)))
            inner = graph.subgraph(cycle - {min(entered, default=first)}).copy()
            _go_deeper(inner, depths)
