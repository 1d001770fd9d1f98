"""The mutation score of the bundled suite: of random semantic changes to optimised IR, how many does it catch?

    python runs/mutation.py --count 400 --seed 1 --out WORK

A mutant is one program at `default<Oz>` with one instruction changed, where a miscompile would change it: a predicate,
an operator, a constant, a signedness, the order of branch targets or operands, a store dropped. It is caught when the
program's status or output changes, or it does not end. What does not verify or leaves the object as it was is no
mutant, nor is a change that flags in the IR promise to be none (`zext nneg`, `icmp samesign`).

A survivor is equivalent when its instruction runs and gives the original's value each time: programs of the suite have
no input, so it does what the original does. That is found by running both instructions side by side, with a trap where
they differ. WORK/survivors.txt shows the survivors: `equivalent`, `unreached` (the line never runs) and `missed`; the
last two are gaps of the suite.
"""

from __future__ import annotations

import argparse
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lathe.errors import CompileError
from lathe.llvm import Engine, Module, Recipe, find_toolchain, parse_recipe
from lathe.verify import SUITES, Case, Decision, Judge, SourceSetting, Suite, prepare_suite

RESULT = Path(__file__).parents[1] / "benchmarks" / "results" / "mutation.json"
AS_IT_IS = Recipe(())
OUTCOMES = ("caught", "equivalent", "unreached", "missed")
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


TRAP = """
define internal void @mutant.trap(i1 %differs) noinline optnone {
  br i1 %differs, label %trap, label %end
trap:
  call void @llvm.trap()
  unreachable
end:
  ret void
}
"""


def compare_line(before: str, after: str) -> list[str] | None:
    """Lines that run an instruction and its mutant, and trap where their values differ; None for other kinds."""
    store = re.match(r"  store (?:volatile )?(i\d+|ptr) (\S+), (ptr [^,]+)", before)
    if store:
        type_, value, place = store.groups()
        return [f"  %mutant = load volatile {type_}, {place}", *trap_unless_equal(type_, value), before]
    name, _, original = before.strip().partition(" = ")
    type_ = find_type(original)
    if not type_ or not name.startswith("%"):
        return None
    mutant = after.strip().partition(" = ")[2]
    return [f"  %mutant = {mutant}", before, *trap_unless_equal(type_, name)]


def find_type(instruction: str) -> str | None:
    """The type of an instruction's value, when it is a scalar integer or a pointer."""
    if instruction.startswith("icmp"):
        return None if "<" in instruction else "i1"
    found = re.match(
        r"(?:[sz]ext .* to|select i1 \S+,|[a-z]+(?: (?:nuw|nsw|exact|disjoint))*) (i\d+|ptr)\b", instruction
    )
    return found[1] if found else None


def trap_unless_equal(type_: str, value: str) -> list[str]:
    """Lines that compare `%mutant` with a value."""
    return [f"  %differs = icmp ne {type_} {value}, %mutant", "  call void @mutant.trap(i1 %differs)"]


def name_survivor(engine: Engine, case: Case, lines: list[str], number: int, before: str) -> str:
    """`equivalent`, `unreached` or `missed`: what the mutant in line `number`, once `before`, is."""

    def survives(replacement: list[str]) -> bool:
        text = "\n".join([*lines[:number], *replacement, *lines[number + 1 :], TRAP])
        return judge_module(engine, case, Module(text.encode(), case.module.target)) is Decision.ACCEPTED

    if survives(["  call void @mutant.trap(i1 true)", before]):
        return "unreached"
    side_by_side = compare_line(before, lines[number])
    return "equivalent" if side_by_side and survives(side_by_side) else "missed"


def judge_module(engine: Engine, case: Case, module: Module) -> Decision:
    """What the judge says of a program with another module, compiled as it is."""
    changed = case.change(module)
    with Judge(engine, Suite("mutant", changed.digest, (changed,), {})) as judge:
        return judge.judge(AS_IT_IS).decision


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
    mutant = Module("\n".join(lines).encode(), case.module.target)
    try:
        if engine.emit(mutant, AS_IT_IS) == engine.emit(same, AS_IT_IS):
            return None
    except CompileError:
        return None
    caught = judge_module(engine, case, mutant) is not Decision.ACCEPTED
    outcome = "caught" if caught else name_survivor(engine, case, lines, number, before)
    return kind, outcome, f"{case.program.name}:{number}\n  {before.strip()}\n  {line.strip()}"


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
    survivors = sorted(m for m in found if m[1] != "caught")
    shown = "\n".join(f"{outcome} {kind} {where}" for kind, outcome, where in survivors)
    (arguments.out / "survivors.txt").write_text(f"{shown}\n", encoding="utf-8")
    outcomes = Counter(outcome for _, outcome, _ in found)
    score = {
        "digest": suite.digest,
        "seed": arguments.seed,
        "mutants": len(found),
        **{name: outcomes[name] for name in OUTCOMES},
        "caught_percent": round(100 * outcomes["caught"] / len(found), 1),
        "caught_percent_without_equivalent": round(100 * outcomes["caught"] / (len(found) - outcomes["equivalent"]), 1),
        "by_kind": {
            kind: {name: sum(m[:2] == (kind, name) for m in found) for name in OUTCOMES}
            for kind in sorted({kind for kind, _, _ in found})
        },
    }
    RESULT.write_text(json.dumps(score, indent=1) + "\n", encoding="utf-8")
    print(RESULT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
