"""The mutation score of the bundled suite: of random semantic changes to optimised IR, how many does it catch?

    python runs/mutation.py --count 400 --seed 1 --out WORK

A mutant is one program at `default<Oz>` with one instruction changed, where a miscompile would change it: a predicate,
an operator, a constant, a signedness, the order of branch targets or operands, a store dropped. It is caught when the
program's status or output changes, or it does not end. What does not verify or leaves the object as it was is no
mutant, nor is a change that flags in the IR promise to be none (`zext nneg`, `icmp samesign`). WORK/survivors.txt shows
the mutants that were not caught: each is a gap of the suite, or equivalent to the original.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from lathe.errors import CompileError
from lathe.llvm import Engine, Module, Recipe, find_toolchain, parse_recipe
from lathe.verify import SUITES, Case, Decision, Judge, SourceSetting, Suite, prepare_suite

RESULT = Path(__file__).parents[1] / "benchmarks" / "results" / "mutation.json"
AS_IT_IS = Recipe(())
CHANGES = (
    ("branch", r"br i1 (\S+), label (%[\w.]+), label (%[\w.]+)", r"br i1 \1, label \3, label \2"),
    ("equality", r"icmp( samesign)? eq ", r"icmp ne "),
    ("equality", r"icmp( samesign)? ne ", r"icmp eq "),
    *(("bound", rf"icmp( samesign)? {a} ", f"icmp {b} ") for one in ("slt sle", "sgt sge", "ult ule", "ugt uge")
      for a, b in (one.split(), one.split()[::-1])),
    *(("signedness", rf"icmp s{p} ", f"icmp u{p} ") for p in ("lt", "le", "gt", "ge")),
    *(("operator", rf"= {a}( nuw)?( nsw)?( disjoint)? ", f"= {b} ")
      for a, b in (("add", "sub"), ("sub", "add"), ("and", "or"), ("or", "and"), ("xor", "or"), ("mul", "add"))),
    ("signedness", r"= lshr( exact)? ", "= ashr "),
    ("signedness", r"= ashr( exact)? ", "= lshr "),
    ("signedness", r"= sext ", "= zext "),
    ("signedness", r"= zext (?!nneg)", "= sext "),
    ("constant", r"= (add|sub|mul|and|or|xor|shl|lshr|ashr)([a-z ]*) (i\d+) (%[\w.]+), (\d+)$", None),
    ("operands", r"= (sub|shl|lshr|ashr|udiv|sdiv|urem|srem)([a-z ]*) (i\d+) (%[\w.]+), (%[\w.]+)", r"= \1 \3 \5, \4"),
    ("select", r"= select i1 (\S+), (\S+ \S+), (\S+ [^\s,]+)", r"= select i1 \1, \3, \2"),
    ("store", r"^  store .*$", ""),
    ("store", r"^  (tail )?call void @llvm.mem(cpy|set|move).*$", ""),
)  # fmt: skip


def list_mutants(text: str) -> Iterator[tuple[str, int, str]]:
    """Every possible mutant of a module: the kind of change, the line, and what it becomes."""
    inside = False
    for number, line in enumerate(text.splitlines()):
        inside = (line.startswith("define ") and "linkonce_odr" not in line) or (inside and line != "}")
        if not inside or line.startswith("define "):
            continue
        for kind, pattern, change in CHANGES:
            found = re.search(pattern, line)
            if found and change is None:
                yield kind, number, f"{line[: found.start(5)]}{int(found[5]) + 1}{line[found.end(5) :]}"
            elif found and change is not None:
                yield kind, number, re.sub(pattern, change, line, count=1)


def try_mutant(engine: Engine, case: Case, rng: random.Random) -> tuple[str, str, str] | None:
    """A random mutant's kind, what became of it, and where it is; None when it is none."""
    text = engine.emit(case.module, parse_recipe("default<Oz>"), "ll").decode()
    mutants = list(list_mutants(text))
    if not mutants:
        return None
    kind, number, line = rng.choice(mutants)
    lines = text.splitlines()
    before, lines[number] = lines[number], line
    same = Module(text.encode(), case.module.target)
    mutant = replace(case, module=Module("\n".join(lines).encode(), case.module.target))
    try:
        if engine.emit(mutant.module, AS_IT_IS) == engine.emit(same, AS_IT_IS):
            return None
    except CompileError:
        return None
    with Judge(engine, Suite("mutant", mutant.digest, (mutant,), {})) as judge:
        decision = judge.judge(AS_IT_IS).decision
    return kind, decision.value, f"{case.program.name}:{number}\n  {before.strip()}\n  {line.strip()}"


def main() -> None:
    """Read the command line, try mutants, and print the score."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with Engine(find_toolchain()) as engine, ThreadPoolExecutor(engine.jobs) as pool:
        programs = SUITES["bundled"](SourceSetting(arguments.out))
        suite = prepare_suite(engine, "bundled", programs, folder=arguments.out)
        rngs = [random.Random(f"{arguments.seed} {number}") for number in range(arguments.count)]
        tried = pool.map(lambda rng: try_mutant(engine, rng.choice(suite.cases), rng), rngs)
        found = [mutant for mutant in tried if mutant]
    caught = [m for m in found if m[1] == Decision.REJECTED]
    survivors = [m for m in found if m[1] != Decision.REJECTED]
    (arguments.out / "survivors.txt").write_text("\n".join(f"{k} {where}" for k, _, where in survivors) + "\n")
    kinds = Counter(m[0] for m in found)
    score = {
        "digest": suite.digest,
        "seed": arguments.seed,
        "mutants": len(found),
        "caught": len(caught),
        "caught_percent": round(100 * len(caught) / len(found), 1),
        "by_kind": {kind: [sum(m[0] == kind for m in caught), count] for kind, count in sorted(kinds.items())},
    }
    RESULT.write_text(json.dumps(score, indent=1) + "\n", encoding="utf-8")
    print(RESULT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
