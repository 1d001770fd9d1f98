"""Split translation units from units.py into single-function modules.

A seeded sample of the functions that units define is cut out with llvm-extract, each with the declarations it needs.
llvm-extract turns an internal function into an external hidden one and a linkonce one into a weak one, so that both
survive; what still compiles to nothing is left out by its size. A function is kept when `clang -Oz -c` makes 16 to 4096
bytes of code from it, when no other one with the same text (names stripped) was kept before it, and when its project
does not already have 60% of the sample.

    python runs/functions.py --set evaluate --units DIR --out DIR
    python runs/functions.py --set train --units DIR --out DIR --apart-from EVALUATE_OUT

It writes OUT/<package>/<unit>-<n>.bc and a line each in OUT/functions.jsonl.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TypedDict

from units import BuildError, Unit, find_tools, quiet, read_units, text_bytes

COUNTS = {"evaluate": 1200, "train": 1500}
SMALLEST, LARGEST = 16, 4096
LARGEST_SHARE = 0.6
BATCH = 64

# What llvm-extract says of an alias or a weak object, which llvm-nm lists alike.
NOT_A_FUNCTION = "program doesn't contain function named"


class Function(TypedDict):
    """One line of functions.jsonl."""

    project: str
    unit: str
    function: str
    bitcode: str
    code_bytes: int
    digest: str


@dataclass(frozen=True)
class Candidate:
    """A function some unit defines, by its place in that unit."""

    unit: Unit
    name: str
    number: int

    def bitcode(self) -> str:
        return f"{self.unit['bitcode'].removesuffix('.bc')}-{self.number}.bc"


@dataclass(frozen=True)
class Job:
    """What one run of this script works with."""

    tools: Path
    units: Path
    scratch: Path
    jobs: int


def defined(job: Job, unit: Unit) -> list[Candidate]:
    """The functions a unit defines, in the order llvm-nm gives them."""
    rows = quiet([job.tools / "llvm-nm", "--defined-only", job.units / unit["bitcode"]]).splitlines()
    names = [row.split()[2] for row in rows if re.match(r"\S+ [TtW] \S+$", row)]
    return [Candidate(unit, name, number) for number, name in enumerate(names, 1)]


def candidates(job: Job, seed: int) -> list[Candidate]:
    """Every function of every unit, in the order of the seed."""
    units = sorted(read_units(job.units), key=lambda unit: unit["bitcode"])
    found = [one for unit in units for one in defined(job, unit)]
    random.Random(seed).shuffle(found)
    return found


IDENTIFIER = re.compile(r"""[%@]("[^"]*"|[-\w.$]+)|(?m:^("[^"]*"|[-\w.$]+):)""")


def stripped(text: str) -> str:
    """The types and the body of a module's function, names made into numbers."""
    lines = text.splitlines()
    start = next(at for at, line in enumerate(lines) if line.startswith("define"))
    types = [line for line in lines[:start] if line.startswith("%")]
    body = [re.sub(r"\s*;.*|, ![\w.]+ !\d+|#\d+", "", line) for line in lines[start:]]
    end = body.index("}")
    numbers: dict[str, str] = {}

    def number(found: re.Match[str]) -> str:
        name = found.group(0)
        if name.startswith("@llvm."):
            return name
        key = name.rstrip(":") if name[0] in "%@" else f"%{name.rstrip(':')}"
        return key[0] + numbers.setdefault(key, str(len(numbers)))

    return IDENTIFIER.sub(number, "\n".join([*types, *body[:end]]))


def examine(job: Job, one: Candidate) -> Function | None:
    """Cut one function out into the scratch folder, if its size is right."""
    module = job.scratch / one.bitcode()
    module.parent.mkdir(parents=True, exist_ok=True)
    unit = job.units / one.unit["bitcode"]
    try:
        quiet([job.tools / "llvm-extract", f"-func={one.name}", unit, "-o", module])
        size = text_bytes(job.tools, module)
        if not SMALLEST <= size <= LARGEST:
            return None
        text = quiet([job.tools / "llvm-dis", module, "-o", "-"])
    except BuildError as reason:
        if NOT_A_FUNCTION not in str(reason):
            print(f"{one.unit['bitcode']}: {one.name}: {reason}", file=sys.stderr)
        return None
    return Function(
        project=one.unit["project"], unit=one.unit["bitcode"], function=one.name,
        bitcode=one.bitcode(), code_bytes=size,
        digest=hashlib.sha256(stripped(text).encode()).hexdigest()[:32],
    )  # fmt: skip


def examined(job: Job, found: Sequence[Candidate]) -> Iterator[Function]:
    """The usable functions, in the order of the candidates, a batch at a time."""
    rest = iter(found)
    with ThreadPoolExecutor(job.jobs) as pool:
        while batch := list(islice(rest, BATCH)):
            yield from filter(None, pool.map(lambda one: examine(job, one), batch))


def sample(functions: Iterator[Function], count: int, seen: set[str]) -> list[Function]:
    """The first `count` that are new and leave room for other projects."""
    taken: list[Function] = []
    shares: Counter[str] = Counter()
    for one in functions:
        project = one["project"]
        if one["digest"] in seen or shares[project] >= int(LARGEST_SHARE * count):
            continue
        seen.add(one["digest"])
        shares[project] += 1
        taken.append(one)
        if len(taken) == count:
            break
    return taken


def read_functions(out: Path) -> list[Function]:
    """The lines of OUT/functions.jsonl."""
    return [json.loads(line) for line in (out / "functions.jsonl").read_text().splitlines()]


def write(scratch: Path, out: Path, taken: Sequence[Function]) -> None:
    """Move the modules that were taken into OUT, then list them."""
    for one in taken:
        place = out / one["bitcode"]
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(scratch / one["bitcode"], place)
    ordered = sorted(taken, key=lambda one: one["bitcode"])
    lines = "".join(json.dumps(one) + "\n" for one in ordered)
    (out / "functions.jsonl").write_text(lines)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Units to single-function modules.")
    parser.add_argument("--set", required=True, choices=tuple(COUNTS), dest="which")
    parser.add_argument("--units", required=True, type=Path, help="OUT of units.py")
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--count", type=int, help=f"how many (default by set: {COUNTS})")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clang", help="clang whose folder has the tools")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--apart-from", type=Path, help="OUT whose functions are left out")
    given = parser.parse_args()
    out, count = given.out.resolve(), given.count or COUNTS[given.which]
    if (out / "functions.jsonl").exists():
        parser.error(f"{out} already holds functions: remove it to make them again")
    others = read_functions(given.apart_from) if given.apart_from else []
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out) as scratch:
        job = Job(find_tools(given.clang), given.units.resolve(), Path(scratch), given.jobs)
        found = candidates(job, given.seed)
        taken = sample(examined(job, found), count, {one["digest"] for one in others})
        write(job.scratch, out, taken)
    shares = Counter(one["project"] for one in taken)
    print(f"{len(taken)} functions of {len(found)} defined: {dict(shares.most_common())}")
    return 0 if len(taken) == count else 1


if __name__ == "__main__":
    sys.exit(main())
