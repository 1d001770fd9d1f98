"""Put the catalogue to the test: which words and options the bundled suite accepts.

    python runs/vetting.py judge --out WORK [--steps portfolio stages words …] [--seconds N]
    python runs/vetting.py write --out WORK

`judge` keeps verdicts in WORK and goes on where it was (start a new WORK when the suite has changed); `write` makes
`verify/data/vetting-22.json` of them.

words     each word alone (behind `always-inline`: libstdc++ does not link without), before and after `default<Oz>`,
          and in pairs with the words that stand beside its pass in the default pipeline
options   each value of each option, with `default<Oz>` and with `default<O2>`
lists     random lists of 1 to 50 words, as the papers draw them, from the whole catalogue and from what is accepted
          (behind `always-inline` too)
pairs     every two passes that look across functions, among them those that the catalogue keeps out because they were
          seen to miscompile: whoever wants one of those in must look here
portfolio each shipped recipe
stages    each shipped recipe after each stage that comes before splitting (`lathe tune --granularity function`)

A word or a value is refused when any list with it alone beside default pipelines is rejected, or cannot be judged.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

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
from lathe.search import STAGES, Space, load_portfolio
from lathe.verify import SUITES, Decision, Judge, SourceSetting, Verdict, prepare_suite

RESULT = Path(__file__).parents[1] / "src" / "lathe" / "verify" / "data" / "vetting-22.json"
STEPS = ("portfolio", "stages", "words", "options", "lists", "pairs")
SHIPPED = ("portfolio", "stages")
LISTS = 300
FIRST = parse_pass("always-inline")
ACROSS = ("module", "cgscc")


def list_words(space: Space) -> Iterator[tuple[str, Recipe]]:
    """What each word is tried in."""
    catalogue = space.catalogue
    before, after = parse_recipe("default<Oz>").passes, parse_recipe("default<Oz>").passes
    neighbours = find_neighbours()
    for word in space.words:
        own = nest_passes([FIRST, word], catalogue)
        lists = [own, own + after, before + own]
        lists += [nest_passes([a, word], catalogue) + after for a in neighbours.get(word.name, ((), ()))[0]]
        lists += [nest_passes([word, b], catalogue) + after for b in neighbours.get(word.name, ((), ()))[1]]
        for passes in dict.fromkeys(lists):
            yield str(word), Recipe(passes)


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


def list_options(space: Space) -> Iterator[tuple[str, Recipe]]:
    """What each option value is tried in."""
    for option in space.options:
        for text in ("default<Oz>", "default<O2>"):
            yield str(option), Recipe(parse_recipe(text).passes, (option,))


def list_random(space: Space, refused: set[str]) -> Iterator[tuple[str, Recipe]]:
    """Random lists: whole catalogue, and accepted words only."""
    for name, words in (("whole", space.words), ("accepted", [w for w in space.words if str(w) not in refused])):
        rng = random.Random(name)
        for number in range(LISTS):
            yield f"{name} {number}", space.compose([FIRST, *rng.choices(words, k=rng.randint(1, 50))])


def list_pairs(space: Space) -> Iterator[tuple[str, Recipe]]:
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
        yield f"{one},{two}", Recipe((FIRST, nested[one], nested[two]))


def list_portfolio(space: Space) -> Iterator[tuple[str, Recipe]]:
    """The shipped recipes."""
    for recipe in load_portfolio(space.catalogue, space.architecture):
        yield str(recipe), recipe


def list_stages(space: Space) -> Iterator[tuple[str, Recipe]]:
    """The shipped recipes after the stages."""
    recipes = [Recipe(()), parse_recipe("default<Oz>"), *load_portfolio(space.catalogue, space.architecture)]
    for text in STAGES.values():
        for recipe in recipes:
            yield str(recipe), parse_recipe(text).then(recipe)


def run(arguments: argparse.Namespace) -> None:
    """Judge, step by step."""
    space = Space(load_catalogue(), "x86")
    arguments.out.mkdir(parents=True, exist_ok=True)
    done = read_lines(arguments.out)
    known = {(step, key, recipe) for step, key, _, recipe in done}
    refused = {key for step, key, decision, _ in done if step == "words" and decision != "accepted"}
    sources = {
        "portfolio": list_portfolio, "stages": list_stages, "words": list_words, "options": list_options,
        "pairs": list_pairs,
    }  # fmt: skip
    deadline = time.monotonic() + arguments.seconds
    with Engine(find_toolchain()) as engine:
        programs = SUITES["bundled"](SourceSetting(arguments.out))
        suite = prepare_suite(engine, "bundled", programs, folder=arguments.out)
        store = Store(arguments.out / "verdicts.sqlite")
        with Judge(engine, suite, store=store) as judge, (arguments.out / "lines.jsonl").open("a") as file:
            for step in arguments.steps:
                items = list_random(space, refused) if step == "lists" else sources[step](space)
                for key, recipe in items:
                    if (step, key, str(recipe)) in known:
                        continue
                    if time.monotonic() > deadline:
                        break
                    verdict = judge.judge(recipe)
                    file.write(json.dumps([step, key, verdict.decision, str(recipe), describe(verdict)]) + "\n")
                    file.flush()
                    if verdict.decision is not Decision.ACCEPTED:
                        print(step, key, verdict.decision, describe(verdict)[:300], flush=True)
        (arguments.out / "digest").write_text(suite.digest)
        (arguments.out / "programs").write_text(str(len(suite.cases)))


def describe(verdict: Verdict) -> str:
    """The first piece of evidence, on one line."""
    if not verdict.evidence:
        return ""
    first = verdict.evidence[0]
    return " ".join(f"{first.program} {first.outcome}: {first.detail}".split())[:400]


def read_lines(folder: Path) -> list[tuple[str, str, str, str]]:
    """Step, key, decision and recipe of what was judged."""
    path = folder / "lines.jsonl"
    if not path.exists():
        return []
    return [tuple(json.loads(line)[:4]) for line in path.read_text(encoding="utf-8").splitlines()]


def write(arguments: argparse.Namespace) -> None:
    """Write what is refused, and the shares of random lists."""
    rows = [json.loads(line) for line in (arguments.out / "lines.jsonl").read_text(encoding="utf-8").splitlines()]
    refused = {
        step: {key: why for s, key, decision, _, why in reversed(rows) if s == step and decision != "accepted"}
        for step in ("words", "options", "pairs")
    }
    lists = {}
    for kind in ("whole", "accepted"):
        decisions = [d for step, key, d, _, _ in rows if step == "lists" and key.startswith(kind)]
        lists[kind] = {d: decisions.count(d) for d in ("accepted", "rejected", "unknown")}
    data = {
        "suite": "bundled",
        "digest": (arguments.out / "digest").read_text(),
        "llvm": find_toolchain().version,
        "programs": int((arguments.out / "programs").read_text()),
        "judged": {step: sum(r[0] == step for r in rows) for step in STEPS},
        "refused_words": dict(sorted(refused["words"].items())),
        "refused_options": dict(sorted(refused["options"].items())),
        "refused_pairs": dict(sorted(refused["pairs"].items())),
        "random_lists": lists,
        "accepted_recipes": [recipe for step, _, d, recipe, _ in rows if step in SHIPPED and d == "accepted"],
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
