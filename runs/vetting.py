"""Put the catalogue to the test: which words and options the bundled suite accepts.

    python runs/vetting.py judge --out WORK [--steps portfolio stages words …] [--seconds N]
    python runs/vetting.py write --out WORK

`judge` adds a row for each verdict in WORK, and goes on where it was: what WORK or benchmarks/results/vetting.jsonl has
for the same suite and LLVM is not judged again. `write` puts all rows into the latter, and makes
`verify/data/vetting-22.json` of them.

words     each word alone (behind `always-inline`: libstdc++ does not link without), before and after `default<Oz>`,
          and the first of each pass in pairs with what stands beside it in the default pipeline
options   each value of each option, with `default<Oz>` and with `default<O2>`
lists     random lists of 1 to 50 words, as the papers draw them, from the whole catalogue and from what is accepted
          (behind `always-inline` too)
pairs     every two passes that look across functions, among them those that the catalogue keeps out because they were
          seen to miscompile: whoever wants one of those in must look here
portfolio each shipped recipe
stages    each recipe shipped for the pieces of a module, after the stage that comes before splitting

A word or a value is refused when any list with it alone beside default pipelines is rejected, or cannot be judged.

What makes it fast enough: a trial is taken in two steps, the first of which many trials share; and programs that the
word under test leaves as they were are not judged again, since the trial without the word tells already.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lathe.llvm import (
    Engine,
    Pass,
    Recipe,
    Store,
    Unit,
    find_toolchain,
    load_catalogue,
    load_unit,
    nest_passes,
    parse_pass,
    parse_recipe,
    read_pipeline,
)
from lathe.search import Space, first_stages, kind_of, list_vetted, load_portfolio
from lathe.verify import SUITES, Decision, SourceSetting, StagedJudge, Verdict, prepare_suite

RESULT = Path(__file__).parents[1] / "src" / "lathe" / "verify" / "data" / "vetting-22.json"
ROWS = Path(__file__).parents[1] / "benchmarks" / "results" / "vetting.jsonl"
SHIPPED = ("portfolio", "stages")
LISTS = 150
FIRST = parse_pass("always-inline")
ACROSS = ("module", "cgscc")
NOTHING = Recipe(())
OZ, O2 = parse_recipe("default<Oz>"), parse_recipe("default<O2>")


@dataclass(frozen=True, slots=True)
class Trial:
    """A recipe that says something of a key, in two steps.

    `without` is the first step without what is under test: programs of which it makes the same are not judged again.
    """

    key: str
    first: Recipe
    rest: Recipe = NOTHING
    without: Recipe | None = None

    @property
    def recipe(self) -> Recipe:
        """The whole."""
        return self.first.then(self.rest)


def list_words(space: Space) -> Iterator[Trial]:
    """What each word is tried in; first of all, what the trials are compared with."""
    nest = functools.partial(nest_passes, catalogue=space.catalogue)
    inlined, neighbours = Recipe(nest([FIRST])), find_neighbours()
    yield from (judge_whole("default pipelines", recipe) for recipe in (OZ, O2, inlined, inlined.then(OZ)))
    for word in space.words:
        key, part = str(word), Recipe(nest([word]))
        earlier, later = neighbours.pop(word.name, ([], []))  # with the first of a pass's variants
        yield Trial(key, inlined.then(part), without=inlined)
        yield Trial(key, inlined.then(part), OZ, without=inlined)
        yield Trial(key, OZ.then(part), without=OZ)
        yield from (Trial(key, inlined.then(part), Recipe(nest([b])).then(OZ), without=inlined) for b in later)
        for before in (inlined.then(Recipe(nest([a]))) for a in earlier):
            yield judge_whole(key, before.then(OZ))
            yield Trial(key, before.then(part), OZ, without=before)


def find_neighbours() -> dict[str, tuple[list[Pass], list[Pass]]]:
    """The passes that stand just before and just after each pass in clang's pipelines."""
    neighbours: dict[str, tuple[list[Pass], list[Pass]]] = {}
    leaves = [p for top in read_default_pipeline().passes for p in top.walk() if not p.children]
    leaves = [p for p in leaves if p.name not in ("require", "invalidate")]
    for one, two in itertools.pairwise(leaves):
        for key, side, value in ((two.name, 0, one), (one.name, 1, two)):
            known = neighbours.setdefault(key, ([], []))[side]
            if value not in known:
                known.append(value)
    return neighbours


def read_default_pipeline() -> Recipe:
    """What clang runs at -Oz, without what the catalogue keeps out."""
    with tempfile.TemporaryDirectory() as folder, Engine(find_toolchain(), jobs=1) as engine:
        path = Path(folder) / "empty.c"
        path.write_text("int main(void) { return 0; }\n", encoding="utf-8")
        return read_pipeline(load_unit(engine, Unit(path)).target.pipeline)


def list_options(space: Space) -> Iterator[Trial]:
    """What each option value is tried in."""
    for pipeline in (OZ, O2):
        for option in space.options:
            alone, recipe = Recipe((), (option,)), Recipe(pipeline.passes, (option,))
            stage = space.catalogue.options[option.name].stage
            if stage == "codegen":
                yield Trial(str(option), pipeline, alone)
            elif stage == "ir":
                yield Trial(str(option), recipe, without=pipeline)
            else:
                yield judge_whole(str(option), recipe)


def list_random(space: Space, refused: set[str]) -> Iterator[Trial]:
    """Random lists: whole catalogue, and accepted words only."""
    for name, words in (("whole", space.words), ("accepted", [w for w in space.words if str(w) not in refused])):
        rng = random.Random(name)
        for number in range(LISTS):
            yield judge_whole(f"{name} {number}", space.compose([FIRST, *rng.choices(words, k=rng.randint(1, 50))]))


def list_pairs(space: Space) -> Iterator[Trial]:
    """Pairs of passes that look across functions."""
    passes = space.catalogue.passes.values()
    suspects = [Pass(p.name) for p in passes if p.reason and "miscompile" in p.reason and p.level in ACROSS]
    kept = [word for word in space.words if space.catalogue.passes[word.name].level in ACROSS]
    nested = {
        word: Pass("cgscc", (), (word,)) if space.catalogue.passes[word.name].level == "cgscc" else word
        for word in (*suspects, *kept)
    }
    pairs = sorted(itertools.permutations(nested, 2), key=lambda pair: len(set(pair) & set(kept)))  # suspects first
    for one, two in pairs:
        yield judge_whole(f"{one},{two}", Recipe((FIRST, nested[one], nested[two])))


def list_portfolio(space: Space) -> Iterator[Trial]:
    """The shipped recipes."""
    for recipe in load_portfolio(space.catalogue, space.architecture):
        yield judge_whole(str(recipe), recipe)


def list_stages(space: Space) -> Iterator[Trial]:
    """The shipped recipes after the stages."""
    first = first_stages()
    for stage, shipped in list_vetted(space.catalogue, space.architecture):
        for recipe in dict.fromkeys((NOTHING, OZ, *shipped)):
            without = first[kind_of(stage)]
            yield Trial(str(recipe), stage, recipe, None if stage == without else without)


def judge_whole(key: str, recipe: Recipe) -> Trial:
    """A trial in one step."""
    return Trial(key, NOTHING, recipe)


STEPS: Mapping[str, Callable[[Space], Iterator[Trial]]] = {
    "portfolio": list_portfolio, "stages": list_stages, "words": list_words, "options": list_options,
    "lists": lambda space: list_random(space, set()), "pairs": list_pairs,
}  # fmt: skip


def run(arguments: argparse.Namespace) -> None:
    """Judge, step by step."""
    space = Space(load_catalogue(), "x86")
    arguments.out.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + arguments.seconds
    with Engine(find_toolchain()) as engine:
        programs = SUITES["bundled"](SourceSetting(arguments.out))
        suite = prepare_suite(engine, "bundled", programs, folder=arguments.out)
        (arguments.out / "suite").write_text(json.dumps([suite.digest, len(suite.cases)]))
        known = {(row[0], row[1], row[3]) for row in read_rows(arguments.out)}
        store = Store(arguments.out / "verdicts.sqlite")
        with StagedJudge(engine, suite, store=store) as judge, (arguments.out / "rows.jsonl").open("a") as file:
            for step in arguments.steps:
                refused = list_refused(read_rows(arguments.out), "words")
                trials = list_random(space, set(refused)) if step == "lists" else STEPS[step](space)
                for trial in trials:
                    recipe = str(trial.recipe)
                    if (step, trial.key, recipe) in known:
                        continue
                    if time.monotonic() > deadline:
                        return
                    verdict = judge.judge(trial.first, trial.rest, without=trial.without)
                    known.add((step, trial.key, recipe))
                    file.write(json.dumps([step, trial.key, verdict.decision, recipe, describe(verdict)]) + "\n")
                    file.flush()
                    if verdict.decision is not Decision.ACCEPTED:
                        print(step, trial.key, verdict.decision, describe(verdict)[:300], flush=True)


def describe(verdict: Verdict) -> str:
    """The first piece of evidence, on one line."""
    if not verdict.evidence:
        return ""
    first = verdict.evidence[0]
    return " ".join(f"{first.program} {first.outcome}: {first.detail}".split())[:400]


def read_rows(work: Path) -> list[list[str]]:
    """Of what was judged by WORK's suite: step, key, decision, recipe, and the first piece of evidence."""
    committed, own = (read_lines(path) for path in (ROWS, work / "rows.jsonl"))
    suite = json.loads((work / "suite").read_text())
    rows = [*(committed[1:] if committed and committed[0] == suite else []), *own]
    return list({tuple(row[:4]): row for row in rows}.values())


def read_lines(path: Path) -> list[list[Any]]:
    """The lines of a JSON-lines file; none when there is no file yet."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def list_refused(rows: list[list[str]], step: str) -> dict[str, str]:
    """The keys of a step that were not accepted each time, in order, with the evidence first seen."""
    found = {key: why for s, key, decision, _, why in reversed(rows) if s == step and decision != "accepted"}
    return dict(sorted(found.items()))


def write(arguments: argparse.Namespace) -> None:
    """Write what is refused, and the shares of random lists."""
    suite, rows = json.loads((arguments.out / "suite").read_text()), sorted(read_rows(arguments.out))
    ROWS.write_text("".join(json.dumps(row) + "\n" for row in (suite, *rows)), encoding="utf-8")
    space = Space(load_catalogue(), "x86")
    shipped = {str(trial.recipe) for step in SHIPPED for trial in STEPS[step](space)}
    lists = {}
    for kind in ("whole", "accepted"):
        decisions = [d for step, key, d, _, _ in rows if step == "lists" and key.startswith(kind)]
        lists[kind] = {d: decisions.count(d) for d in ("accepted", "rejected", "unknown")}
    data = {
        "suite": "bundled",
        "digest": suite[0],
        "llvm": find_toolchain().version,
        "programs": suite[1],
        "judged": {step: sum(row[0] == step for row in rows) for step in STEPS},
        "refused_words": list_refused(rows, "words"),
        "refused_options": list_refused(rows, "options"),
        "refused_pairs": list_refused(rows, "pairs"),
        "random_lists": lists,
        "accepted_recipes": list(dict.fromkeys(r for _, _, d, r, _ in rows if r in shipped and d == "accepted")),
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    print(RESULT.read_text(encoding="utf-8")[:3000])


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("judge", "write"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=7200, help="judge nothing after these")
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=list(STEPS))
    arguments = parser.parse_args()
    run(arguments) if arguments.step == "judge" else write(arguments)


if __name__ == "__main__":
    main()
