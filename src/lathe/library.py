"""Lathe as a library: the three tasks, each one call with a typed result.

    import lathe

    tuned = lathe.tune("decode.c", compiles=100)
    print(tuned.baseline, "->", tuned.tuned, "bytes")
    Path("decode.o").write_bytes(tuned.data)

    for lifted in lathe.disassemble(Path("decode.s").read_text()):
        print(lifted.name, lifted.standing)

Each call starts workers and ends them; for many inputs, `lathe.tuning.tune_all` shares them.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lathe import search
from lathe.corpus import Origin, Program, cut_functions
from lathe.errors import InputError
from lathe.llvm import (
    Cache,
    Engine,
    Target,
    Unit,
    default_cache_path,
    find_cache_folder,
    find_toolchain,
    load_unit,
    parse_recipe,
)
from lathe.tasks import (
    EMBEDDED,
    AskSetting,
    Effort,
    Lifted,
    Prediction,
    Truth,
    check_prediction,
    find_assembly_fault,
    lift_function,
    lower_function,
    make_proposer,
    open_model,
    predict_output,
    read_object,
    split_assembly,
)
from lathe.tuning import Emit, Examiners, Granularity, Request, Tuned, choose_granularity, tune_all
from lathe.verify import Gate

__all__ = ["Emulated", "disassemble", "emulate", "propose_from", "tune"]

_MOST_ANSWERS = 30


@dataclass(frozen=True, slots=True)
class Emulated:
    """What a model predicts for a function, and what the compiler gives, if it was asked."""

    predicted: Prediction
    truth: Truth | None


def tune(
    source: str | Path,
    *,
    flags: Sequence[str] = (),
    compiles: int = 100,
    seconds: float | None = None,
    model: str | None = None,
    verify: bool = True,
    max_slowdown: float = search.MAX_SLOWDOWN,
    seed: int = 0,
    jobs: int | None = None,
) -> Tuned:
    """Make the object of a C, C++, .ll or .bc file smaller than `clang -Oz` does; `flags` are clang's.

    `compiles` are for each function, `seconds` for all; `model` names who proposes recipes, if anybody. With `verify`,
    no recipe is used that the bundled suite does not accept. `max_slowdown` is a share of the run time, by estimate.
    Raises `LatheError`: the source is none, the toolchain is missing …
    """
    unit = Unit(Path(source), tuple(flags))
    budget = search.Budget(compiles, seconds, verdicts=2)
    propose = propose_from(model, budget) if model else None
    toolchain = find_toolchain()
    granularity = choose_granularity(Granularity.AUTO, Emit.OBJ, "loadable", toolchain)
    request = Request(budget, "evolution", "loadable", seed, Emit.OBJ, granularity, max_slowdown, {}, propose)
    with (
        Engine(toolchain, jobs=jobs, cache=Cache(default_cache_path())) as engine,
        Gate(engine) if verify else nullcontext() as gate,
    ):
        (found,) = tune_all(engine, Examiners(gate), [unit], request)
    if found.error:
        raise found.error
    return found


def propose_from(model: str, budget: search.Budget) -> search.Propose:
    """A model that is asked for half of the compiles, but for no more than it pays to wait for."""
    opened = open_model(model, cache=find_cache_folder() / "networks")
    return make_proposer(opened, count=min(_MOST_ANSWERS, math.ceil(budget.compiles / 2)))


def emulate(
    source: str | Path,
    passes: str = "default<Oz>",
    *,
    emit: Literal["ir", "asm"] = "ir",
    check: bool = False,
    model: str = EMBEDDED,
    flags: Sequence[str] = (),
    each: Callable[[Emulated], None] | None = None,
) -> list[Emulated]:
    """What a model says that the compiler makes of each function of a file with a recipe; `flags` are clang's.

    With `check` the compiler says so too; `each` is called with each function's as soon as it is there.
    Raises `LatheError`: the source is none, the recipe does not parse …
    """
    unit, recipe = Unit(Path(source), tuple(flags)), parse_recipe(passes)
    asked = open_model(model, cache=find_cache_folder() / "networks")
    found = []
    with Engine(find_toolchain()) as engine:
        module = load_unit(engine, unit)
        program = Program(Origin("", "", str(unit.path), "", ""), module.target, module.bitcode)
        for function in cut_functions(engine, program):
            predicted = predict_output(engine, asked, function, recipe, "ll" if emit == "ir" else "asm")
            found.append(Emulated(predicted, check_prediction(engine, predicted, function) if check else None))
            if each:
                each(found[-1])
    if not found:
        raise InputError(f"{unit.path} has no function that can stand alone.")
    return found


def disassemble(
    code: str | bytes,
    *,
    target: str = "x86_64-pc-linux-gnu",
    candidates: int = 10,
    mutations: int = 300,
    model: str = EMBEDDED,
    seed: int = 0,
    each: Callable[[Lifted], None] | None = None,
) -> list[Lifted]:
    """LLVM IR for each function of assembly or of an ELF object, proven by lowering it again, or not (`standing`).

    A model is asked for so many candidates, and the best are changed here and there so often, until one is proven.
    `each` is called with each function as soon as it is done. An object says itself what its target is.
    Raises `LatheError`: it is no assembly of the target, the model does not answer …
    """
    effort = Effort(AskSetting(candidates, seed=seed), mutations)
    with Engine(find_toolchain()) as engine:
        functions, architecture = _read_functions(engine, code, target)
        asked = open_model(model, cache=find_cache_folder() / "networks")
        found = []
        for name, text in functions:
            lower = None
            if isinstance(code, bytes):
                lower = functools.partial(lower_function, engine, architecture=architecture, name=name)
            found.append(lift_function(engine, asked, text, architecture, effort, name=name, lower=lower))
            if each:
                each(found[-1])
        return found


def _read_functions(engine: Engine, code: str | bytes, target: str) -> tuple[Sequence[tuple[str, str]], str]:
    """The functions of assembly or of an object, by name, and their architecture."""
    if isinstance(code, bytes):
        read = read_object(engine.toolchain, code)
        return read.functions, read.architecture
    if fault := find_assembly_fault(engine, code, target):
        raise InputError(f"This is no assembly of {target}: {fault} Name its target.")
    return split_assembly(code, architecture := Target(target).architecture), architecture
