"""Make the shipped portfolios and priors from a search over training programs.

    python runs/portfolio.py search --modules DIR... --out WORK [--stage S] [--units N] [--compiles N] [--seconds S]
    python runs/portfolio.py select --out WORK --examples examples [--stage S] [--units N]

`search` runs the evolutionary search on a seeded sample of modules, one after the other; winners are minimised and
become starting points for the next (broadcast), and their words and options feed the prior. Each module's result
is a line in WORK/winners.jsonl, so a stopped run goes on where it was. `select` measures the winners on a sample of
the modules, orders them by marginal gain, leaves out those with which an example program no longer passes its own
checks, and writes the data files of `lathe.search`.

With `--stage`, what is searched are pieces of the modules after that stage, as `lathe tune` has them; a few of each
module, the larger the likelier, so that a mean over pieces is about that of the bytes.

The modules come from runs/units.py and runs/functions.py, set `train`. Held-out suites never come near here.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import random
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lathe.errors import CompileError, RecipeError
from lathe.llvm import (
    Engine,
    Measurement,
    Module,
    Recipe,
    Unit,
    find_toolchain,
    load_catalogue,
    load_unit,
    parse_recipe,
    read_pipeline,
)
from lathe.search import Budget, Prior, SpeedGuard, default_space, first_stages, plain_after, take_apart, tune

SEEDS = (
    "default<Oz>",
    "default<Os>",
    "default<O2>",
    "default<O1>",
    "function(simplifycfg<hoist-common-insts;sink-common-insts>),default<Oz>",
    "always-inline,sroa,early-cse<memssa>",
    "always-inline,sroa,instcombine<no-verify-fixpoint>,simplifycfg",
    "inline,sroa,early-cse<memssa>,instcombine<no-verify-fixpoint>,simplifycfg,globaldce",
    "default<Oz>,default<Oz>",
)
PIECE_SEEDS = ("default<Oz>", "default<Os>", "default<O2>", "default<O1>", "function(instcombine<no-verify-fixpoint>)")
PIECES = 4  # of a module, at most
MAX_SLOWDOWN = 0.05  # as `lathe tune` has it
DATA = Path(__file__).parent.parent / "src" / "lathe" / "search" / "data"
PRIOR_SHARE = 3.0  # the prior's weight beside the uniform one
LARGEST, SMALLEST = 8000, 64  # bytes of code: larger units are too slow to search often, smaller have nothing to give
LARGEST_APART = 80000  # of a unit that is taken apart


@dataclass(frozen=True, slots=True)
class Sample:
    """What a recipe is searched for: a module, or a piece of one; its name, and what it is compared with."""

    name: str
    module: Module
    reference: Recipe | None
    guard: SpeedGuard


def sample_modules(folders: Sequence[Path], count: int, *, seed: int, largest: int) -> list[Path]:
    """A seeded sample of the modules of corpus folders, the same number from each folder."""
    chosen: list[Path] = []
    for folder in folders:
        index = next(folder.glob("*.jsonl"))
        rows = [json.loads(line) for line in index.read_text(encoding="utf-8").splitlines()]
        fitting = sorted(r["bitcode"] for r in rows if SMALLEST <= r["code_bytes"] <= largest)
        chosen += [folder / name for name in random.Random(seed).sample(fitting, min(len(fitting), count))]
    random.Random(seed).shuffle(chosen)
    return chosen


def load_samples(engine: Engine, path: Path, stage: str) -> list[Sample]:
    """A module, or a few of its pieces after a stage, drawn by their size."""
    module = load_unit(engine, Unit(path))
    if not stage:
        return [Sample(str(path), module, None, SpeedGuard(engine, module, None, math.inf))]
    apart = take_apart(engine, module, first_stages()[stage])
    plain = plain_after(apart.stage)
    pieces = {piece.functions[0]: apart.module_of(piece) for piece in apart.split.pieces if piece.functions}
    sizes = {name: engine.measure(piece, [plain])[0].loadable for name, piece in pieces.items()}
    rng = random.Random(path.name)
    fitting = {name: size for name, size in sizes.items() if SMALLEST <= size <= LARGEST}
    keys = {name: rng.random() ** (1 / size) for name, size in fitting.items()}  # Efraimidis and Spirakis, 2006
    return [
        Sample(f"{path}#{name}", pieces[name], plain, SpeedGuard(engine, pieces[name], plain, MAX_SLOWDOWN))
        for name in sorted(keys, key=lambda name: -keys[name])[:PIECES]
    ]


def search(arguments: argparse.Namespace) -> None:
    """Search module after module, several at a time, and append a line for each."""
    out = arguments.out / "winners.jsonl"
    rows = list(read_rows(out))
    done = {row["module"].partition("#")[0] for row in rows}
    rows = [row for row in rows if is_legal(row["recipe"])]
    largest = LARGEST_APART if arguments.stage else LARGEST
    modules = sample_modules(arguments.modules, arguments.units, seed=1, largest=largest)
    modules = [path for path in modules if str(path) not in done]
    deadline = time.monotonic() + arguments.seconds
    lock = threading.Lock()
    with Engine(find_toolchain(), timeout=5) as engine:

        def one(number: int, path: Path) -> None:
            if time.monotonic() > deadline:
                return
            with lock:
                known = list(rows)
            try:
                samples = load_samples(engine, path, arguments.stage)
                found = [search_sample(engine, s, known, arguments.compiles, number) for s in samples]
            except CompileError as error:
                found = [{"module": str(path), "gain": 0.0, "recipe": "", "error": str(error)}]
            with lock:
                rows.extend(found)
                with out.open("a", encoding="utf-8") as file:
                    file.writelines(json.dumps(row) + "\n" for row in found)
                mean = sum(r["gain"] for r in rows) / max(1, len(rows))
                for row in found:
                    print(
                        f"{len(rows)} {row['module']} {row['gain']:.2%} (mean {mean:.2%}) {row['recipe']}", flush=True
                    )

        with ThreadPoolExecutor(engine.jobs + 1) as pool:
            list(pool.map(lambda pair: one(*pair), enumerate(modules, len(rows))))


def search_sample(
    engine: Engine, sample: Sample, known: list[dict[str, Any]], compiles: int, seed: int
) -> dict[str, Any]:
    """The winner on one module, starting from the seeds and from earlier winners."""
    module = sample.module
    space = replace(default_space(engine, module), prior=make_prior(known))
    rng = random.Random(seed)
    if sample.reference is None:
        starts = [parse_recipe(text) for text in SEEDS] + [read_pipeline(module.target.pipeline)]
    else:
        starts = [parse_recipe(text) for text in PIECE_SEEDS]
    winners = [row for row in known if row["gain"] > 0]
    if winners:
        weights = [row["gain"] for row in winners]
        starts += [parse_recipe(row["recipe"]) for row in rng.choices(winners, weights, k=40)]
    starts = list(dict.fromkeys(starts))
    result = tune(
        engine, module, Budget(compiles), seed=seed, space=space, starts=starts, against=sample.reference,
        guard=sample.guard,
    )  # fmt: skip
    gain = 1 - result.best.loadable / max(1, result.baseline.loadable)
    recipe = str(result.recipe or "")
    return {"module": sample.name, "baseline": result.baseline.loadable, "gain": gain, "recipe": recipe}


def make_prior(rows: Sequence[dict[str, Any]]) -> Prior:
    """How often words and options stand in minimised winners, scaled to `PRIOR_SHARE` of the uniform weight."""
    words: Counter[str] = Counter()
    options: Counter[str] = Counter()
    for row in rows:
        recipe = parse_recipe(row["recipe"])
        words.update({str(p) for top in recipe.passes for p in top.walk() if not p.children})
        options.update({str(o) for o in recipe.options})
    catalogue = load_catalogue()
    uniform_words = sum(len(e.words) for e in catalogue.passes.values() if not e.reason)
    return Prior(scale(words, uniform_words), scale(options, len(catalogue.options)))


def scale(counts: Counter[str], uniform: int) -> dict[str, float]:
    """Counts as weights whose sum is `PRIOR_SHARE` times the sum of the uniform ones."""
    total = sum(counts.values())
    return {name: round(PRIOR_SHARE * uniform * count / total, 2) for name, count in counts.most_common()}


def select(arguments: argparse.Namespace) -> None:
    """Measure all winners on all modules, and write the portfolio and the prior."""
    rows = [row for row in read_rows(arguments.out / "winners.jsonl") if is_legal(row["recipe"])]
    best = sorted((row for row in rows if row["gain"] > 0.001), key=lambda row: -row["gain"])
    seeds = PIECE_SEEDS if arguments.stage else SEEDS
    texts = list(dict.fromkeys([*seeds, *(row["recipe"] for row in best)]))[: arguments.candidates]
    names = list(dict.fromkeys(row["module"] for row in rows))
    names = random.Random(2).sample(names, min(len(names), arguments.units))
    stage = first_stages()[arguments.stage] if arguments.stage else Recipe(())
    candidates = [parse_recipe(text) for text in texts]
    with Engine(find_toolchain(), timeout=5) as engine:
        gains = measure_gains(engine, names, candidates, arguments.stage)
        order = order_by_marginal_gain(
            gains, arguments.length, lambda i: passes_examples(engine, stage.then(candidates[i]), arguments.examples)
        )
    recipes = [{"recipe": str(candidates[i]), "geomean_percent": round(gain, 3)} for i, gain in order]
    suffix = f"-{arguments.stage}" if arguments.stage else ""
    data = {"modules": len(names), "candidates": len(candidates), "recipes": recipes}
    write_data(f"portfolio-22{suffix}.json", data)
    prior = make_prior(rows)
    data = {"winners": len(rows), "words": dict(prior.words), "options": dict(prior.options)}
    write_data(f"prior-22{suffix}.json", data)


def measure_gains(engine: Engine, names: Sequence[str], recipes: Sequence[Recipe], stage: str) -> list[list[float]]:
    """For each module or piece and recipe, the logarithm of size over baseline, never above 0."""
    gains: list[list[float]] = []
    paths = dict.fromkeys(name.partition("#")[0] for name in names)

    def gain(sample: Sample, base: Measurement, recipe: Recipe, found: Measurement) -> float:
        better = found.links_like(base) and 0 < found.loadable < base.loadable and sample.guard.allows(recipe)
        return math.log(found.loadable / base.loadable) if better else 0.0

    with ThreadPoolExecutor(engine.jobs) as pool:
        for number, path in enumerate(paths, 1):
            for sample in (s for s in load_samples(engine, Path(path), stage) if s.name in names):
                base, *found = engine.measure(sample.module, [sample.reference, *recipes])
                gains.append(list(pool.map(functools.partial(gain, sample, base), recipes, found)))
                print(f"measured {number}/{len(paths)} {sample.name} best {min(gains[-1]):.2%}", flush=True)
    return gains


def order_by_marginal_gain(
    gains: list[list[float]], length: int, is_sound: Callable[[int], bool]
) -> list[tuple[int, float]]:
    """Greedy order of the sound recipes, with the geomean (in percent) that each prefix reaches."""
    best = [0.0] * len(gains)
    order: list[tuple[int, float]] = []
    left = set(range(len(gains[0])))
    while left and len(order) < length:
        totals = {i: sum(min(b, row[i]) for b, row in zip(best, gains, strict=True)) for i in sorted(left)}
        winner = min(totals, key=lambda i: totals[i])
        if order and totals[winner] >= sum(best) - 1e-9:
            break
        left.remove(winner)
        if not is_sound(winner):
            print(f"candidate {winner} fails an example and is dropped", flush=True)
            continue
        best = [min(b, row[winner]) for b, row in zip(best, gains, strict=True)]
        order.append((winner, 100 * (1 - math.exp(sum(best) / len(best)))))
    return order


def passes_examples(engine: Engine, recipe: Recipe, examples: Path) -> bool:
    """Whether every example program, built with the recipe, still passes its own checks."""
    units = sorted([*examples.glob("*.c"), *examples.glob("*.cpp")])
    return all(passes_example(engine, recipe, path) for path in units)


def passes_example(engine: Engine, recipe: Recipe, path: Path) -> bool:
    """Build, link and run one example; a recipe that cannot take the baseline's place is never used on it."""
    module = load_example(engine, path)
    baseline, found = engine.measure(module, [None, recipe])
    if not found.links_like(baseline):
        return True
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program"
        program.with_suffix(".o").write_bytes(engine.emit(module, recipe))
        linker = engine.toolchain.tool("clang++")
        try:
            subprocess.run([linker, program.with_suffix(".o"), "-o", program], check=True, capture_output=True)
            run = subprocess.run([program], capture_output=True, timeout=10, check=False)
        except subprocess.SubprocessError:
            return False
    return run.returncode == 0 and b": ok" in run.stdout


_modules: dict[Path, Module] = {}


def load_example(engine: Engine, path: Path) -> Module:
    """An example's module, made once."""
    if path not in _modules:
        _modules[path] = load_unit(engine, Unit(path.resolve()))
    return _modules[path]


def is_legal(text: str) -> bool:
    """Whether the catalogue still knows a recipe that was found earlier."""
    try:
        parse_recipe(text)
    except RecipeError:
        return False
    return True


def read_rows(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a JSON-lines file; nothing when there is none yet."""
    if path.exists():
        yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


def write_data(name: str, data: dict[str, Any]) -> None:
    """Write a data file of the package, one recipe or weight a line."""
    temporary = DATA / (name + ".new")
    temporary.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    temporary.rename(DATA / name)


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=("search", "select"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--modules", type=Path, nargs="+", default=[])
    parser.add_argument("--stage", choices=("", *first_stages()), default="")
    parser.add_argument("--examples", type=Path, default=Path("examples"))
    parser.add_argument("--units", type=int, default=200)
    parser.add_argument("--compiles", type=int, default=400)
    parser.add_argument("--candidates", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--length", type=int, default=100)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    search(arguments) if arguments.step == "search" else select(arguments)


if __name__ == "__main__":
    main()
