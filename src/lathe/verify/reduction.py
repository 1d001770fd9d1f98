"""Reduction: a failure that a recipe causes, made small enough to report.

    reduction = reduce_failure(engine, case, recipe=recipe)
    write_report(reduction, Path("report"))

Three steps, each a form of delta debugging (Zeller and Hildebrandt, 2002), each probe judged as a suite judges:

1. the recipe: words, parameters and options go as long as the program fails in the same way;
2. the functions: all others are marked `optnone`, which keeps most passes away from them;
3. the IR: `llvm-reduce` takes away what the failure does not need.

The key idea of step 3, where the program changes and nobody has written down what a changed one should do: its
unoptimised build says so, and counts only when it ends normally, does the same twice, and default pipelines agree with
it, with the marks and without. That keeps out nearly all undefined behaviour; docs/correctness.md says what is left.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from lathe.errors import CompileError, RecipeError, SandboxError, ToolchainError, VerdictError
from lathe.llvm import Catalogue, Engine, Module, Option, Pass, Recipe, Toolchain, load_catalogue, parse_recipe
from lathe.verify.judge import Judge
from lathe.verify.launcher import Finished, Limits
from lathe.verify.linking import Linker
from lathe.verify.llvm_reduce import run_llvm_reduce
from lathe.verify.sandbox import SandboxPool
from lathe.verify.suite import Case, Suite, SuiteProgram, observe
from lathe.verify.verdict import Evidence, Outcome

__all__ = ["DEFAULT", "Reduction", "reduce_failure"]

DEFAULT = Recipe((Pass("default", ("Oz",)),))
"""What must get right what the recipe gets wrong."""

_WRONG = (Outcome.WRONG_OUTPUT, Outcome.WRONG_STATUS)
_HASTY = Limits(seconds=0.5)  # else each probe of an endless loop takes ten seconds
_ADDED, _REMOVED = ("noinline", "optnone"), ("alwaysinline", "minsize", "optsize")  # these exclude each other
_MARK = Pass("forceattrs")
_TRUSTED = (
    Recipe((Pass("default", ("O3",)),)),
    Recipe((_MARK, *DEFAULT.passes), tuple(Option("force-remove-attribute", word) for word in _ADDED)),
)
"""What must agree with the unoptimised build and `DEFAULT`; the second sees undefined behaviour in marked functions."""

_SROA = Pass("sroa", ("modify-cfg",))
_SIMPLIFYING = (
    (Pass("function", (), (_SROA, Pass("instcombine", ("no-verify-fixpoint",)), Pass("simplifycfg"))),),
    (Pass("function", (), (_SROA,)),),
    (),
)
"""What is tried on the functions that fail, before llvm-reduce; those that are marked are left as they are."""

_NAMES = re.compile(r'\(recipe: .*|[%@]("[^"]*"|[\w.$-]+)|\d+', re.DOTALL)

_T = TypeVar("_T")
_Atom = tuple[int | str, ...] | Option
"""What a recipe can lose: a pass (its position in the tree), a parameter (a position and its text), an option."""


@dataclass(frozen=True, slots=True)
class Reduction:
    """A failure of `original` on a program, reduced.

    `functions` are those of the program that passes had to touch. `case` holds the reduced IR (as text) and what is
    expected of it; `got` is what its program did with `recipe` (None: there was none), and `evidence` describes it.
    `notes` say what was left undone.
    """

    program: SuiteProgram
    original: Recipe
    recipe: Recipe
    functions: tuple[str, ...]
    case: Case
    got: Finished | None
    evidence: Evidence
    toolchain: Toolchain
    notes: tuple[str, ...]


def reduce_failure(
    engine: Engine,
    case: Case,
    *,
    recipe: Recipe,
    seconds: float = 120,
    on_progress: Callable[[str], None] = lambda step: None,
) -> Reduction:
    """Reduce the failure of a program under a recipe; llvm-reduce may take `seconds`.

    Probes have half a second to end; what they find must hold with the suite's own limits, or all is done again with
    those.

    Raises `VerdictError` when the program does not fail, and `SandboxError` when that cannot be found out.
    """
    suite = Suite("reduction", "", (case,), {})
    with (
        Judge(engine, suite) as patient,
        Judge(engine, suite, limits=_HASTY) as hasty,
        SandboxPool() as sandboxes,
    ):
        evidence = patient.check(case, recipe)
        if evidence is None:
            raise VerdictError(f"{case.program.name} does what it should with this recipe: nothing can be reduced.")
        if evidence.outcome is Outcome.NOT_RUN:
            raise SandboxError(f"{case.program.name} {evidence.outcome}: {evidence.detail}. Run the command again.")
        reducer = _Reducer(engine, hasty, sandboxes, case, _symptom_of(evidence), on_progress)
        found = None if hasty.check(case, DEFAULT) else reducer.reduce(patient, recipe, seconds)
        found = found or replace(reducer, judge=patient).reduce(patient, recipe, seconds)
    if found is None:
        raise VerdictError(f"{case.program.name} fails with this recipe, but not every time: nothing can be reduced.")
    return found


@dataclass(frozen=True, slots=True)
class _Reducer:
    """What it takes to see whether the failure of `case` is still there."""

    engine: Engine
    judge: Judge
    sandboxes: SandboxPool
    case: Case
    symptom: tuple[Outcome, str]
    on_progress: Callable[[str], None]

    def reduce(self, judge: Judge, original: Recipe, seconds: float) -> Reduction | None:
        """All three steps; None when `judge` does not see the failure in what is left."""
        notes: list[str] = []
        recipe = self._reduce_recipe(original)
        functions, module = self._reduce_functions(recipe, notes)
        case = self.case.change(module)
        if not notes:
            case = self._reduce_module(module, recipe, seconds, notes) or case
        evidence = judge.check(case, recipe)
        if evidence is None or not self._is_alike(evidence):
            return None
        compiled = evidence.outcome not in (Outcome.NOT_COMPILED, Outcome.NOT_LINKED)
        got = judge.run(case, self.engine.emit(case.module, recipe)) if compiled else None
        return Reduction(
            case.program, original, recipe, functions, case, got, evidence, self.engine.toolchain, tuple(notes)
        )

    def _reduce_recipe(self, original: Recipe) -> Recipe:
        """The fewest words; a recipe that the grammar takes stays one that it takes."""
        catalogue = load_catalogue(self.engine.toolchain.major)
        closed = _canonical(original, catalogue) == original
        known: dict[Recipe | None, bool] = {None: False}

        def build(kept: Collection[_Atom]) -> Recipe | None:
            recipe = Recipe(_assemble(original.passes, set(kept)), tuple(o for o in original.options if o in kept))
            return _canonical(recipe, catalogue) if closed else recipe

        def fails(kept: Collection[_Atom]) -> bool:
            recipe = build(kept)
            if recipe not in known:
                assert recipe is not None
                known[recipe] = self._fails(self.case.module, recipe)
                if known[recipe]:
                    self.on_progress(f"reducing the recipe: {recipe}")
            return known[recipe]

        atoms: list[_Atom] = [*_list_atoms(original.passes), *original.options]
        return build(_shrink(atoms, fails)) or original

    def _reduce_functions(self, recipe: Recipe, notes: list[str]) -> tuple[tuple[str, ...], Module]:
        """The fewest functions that passes must touch, and the module (text) in which all others are marked."""
        module = self.case.module
        names = self.engine.read(module.bitcode, self.case.program.name).functions

        def fails(kept: Collection[str]) -> bool:
            marked = self._mark([name for name in names if name not in kept])
            found = marked is not None and self._fails(marked, recipe)
            if found:
                self.on_progress(f"reducing the functions: {len(kept)} of {len(names)}")
            return found

        if not fails(names):
            notes.append("The IR is not reduced: as text, which keeps no order of uses, it does not fail.")
            return names, module
        functions = tuple(_shrink(names, fails))
        others = [name for name in names if name not in functions]
        return functions, self._simplify(functions, others, recipe) or self._mark(others) or module

    def _mark(self, names: Sequence[str]) -> Module | None:
        """The case's module as text, with some functions kept from passes; None when LLVM refuses."""
        return self._change(self.case.module, Recipe((_MARK,), _list_marks(names)))

    def _simplify(self, functions: Sequence[str], others: Sequence[str], recipe: Recipe) -> Module | None:
        """The marked module, optimised as far as the failure allows; None when it allows nothing.

        It spares llvm-reduce most of its work, and takes variables out of memory, where dropping a store would leave
        them undefined.
        """
        simpler = self._change(self.case.module, Recipe((_MARK, *DEFAULT.passes), _list_marks(functions)))
        marks = (*_list_marks(others), *_list_marks(functions, undo=True))
        candidates = (simpler and self._change(simpler, Recipe((_MARK, *words), marks)) for words in _SIMPLIFYING)
        return next((marked for marked in candidates if marked and self._is_interesting(marked, recipe)), None)

    def _change(self, module: Module, recipe: Recipe) -> Module | None:
        try:
            text = self.engine.emit(module, recipe, "ll")
        except CompileError:
            return None
        return Module(re.sub(rb'(?m)^source_filename = ".*"\n', b"", text, count=1), module.target)

    def _reduce_module(self, module: Module, recipe: Recipe, seconds: float, notes: list[str]) -> Case | None:
        """What llvm-reduce leaves of a module, and what is expected of that; None when it cannot be used."""
        if not self._is_interesting(module, recipe):
            notes.append("The IR is not reduced: its unoptimised build and the default pipelines do not agree.")
            return None

        def is_interesting(text: bytes) -> bool:
            found = self._is_interesting(Module(text, module.target), recipe)
            if found:
                lines = text.count(b"\n")
                self.on_progress(f"reducing the IR: {lines} lines")
            return found

        toolchain = self.engine.toolchain
        try:
            text, done = run_llvm_reduce(toolchain, module.bitcode, interesting=is_interesting, seconds=seconds)
        except ToolchainError as error:
            notes.append(f"The IR is not reduced: {error}")
            return None
        if not done:
            notes.append(f"llvm-reduce was stopped after {seconds:g} s: the IR may get smaller still.")
        return self._expect(Module(text, module.target))

    def _fails(self, module: Module, recipe: Recipe) -> bool:
        """Whether the program, with a module that means the same, fails in the same way."""
        evidence = self.judge.check(self.case.change(module), recipe)
        return evidence is not None and _symptom_of(evidence) == self.symptom

    def _is_interesting(self, module: Module, recipe: Recipe) -> bool:
        """Whether a module that may mean something else is right without the recipe, and wrong with it."""
        try:
            rough = self._expect(module)
            if rough is None or not self._is_alike(self.judge.check(rough, recipe)):
                return False
            if self._is_crash:
                return True
            case = observe(Linker(self.engine.toolchain), self.sandboxes, rough.program, module, self.judge.limits)
        except (CompileError, SandboxError):
            return False
        return case == rough and all(self.judge.check(rough, trusted) is None for trusted in _TRUSTED)

    def _expect(self, module: Module) -> Case | None:
        """What `default<Oz>` makes a module do (of a crash: that it compiles); None when it does not end normally.

        Raises `CompileError`, and `SandboxError`.
        """
        data = self.engine.emit(module, DEFAULT)
        if self._is_crash:
            return self.case.change(module)
        finished = self.judge.run(self.case, data)
        abnormal = finished.status < 0 or finished.timed_out or finished.output_exceeded
        return None if abnormal else Case(self.case.program, module, finished.status, finished.output)

    @property
    def _is_crash(self) -> bool:
        return self.symptom[0] is Outcome.NOT_COMPILED

    def _is_alike(self, evidence: Evidence | None) -> bool:
        """Whether a failure is of the same kind: in a changed program, a wrong status is as good as wrong output."""
        if evidence is None:
            return False
        return _symptom_of(evidence) == self.symptom or {evidence.outcome, self.symptom[0]} <= set(_WRONG)


def _symptom_of(evidence: Evidence) -> tuple[Outcome, str]:
    """What must stay the same of a failure; of a crash, LLVM's words without names and numbers too."""
    crash = evidence.outcome is Outcome.NOT_COMPILED
    return evidence.outcome, _NAMES.sub("", evidence.detail).strip() if crash else ""


def _list_marks(names: Sequence[str], *, undo: bool = False) -> tuple[Option, ...]:
    """Options of the pass `forceattrs` that keep functions from passes, or let passes at them again."""
    added, removed = (_REMOVED[1:], _ADDED) if undo else (_ADDED, _REMOVED)
    return (
        *(Option("force-attribute", f"{name}:{word}") for name in names for word in added),
        *(Option("force-remove-attribute", f"{name}:{word}") for name in names for word in removed),
    )


def _shrink(items: Sequence[_T], fails: Callable[[Sequence[_T]], bool]) -> list[_T]:
    """A part of items that fails and can spare no item; large pieces are tried first, and all at once before."""
    kept, size = list(items), max(1, len(items))
    while True:
        before, position = len(kept), 0
        while position < len(kept):
            fewer = kept[:position] + kept[position + size :]
            if fails(fewer):
                kept = fewer
            else:
                position += size
        if size == 1 and len(kept) == before:
            return kept
        size = max(1, min(size, len(kept)) // 2)


def _list_atoms(passes: Sequence[Pass], prefix: tuple[int, ...] = ()) -> Iterator[_Atom]:
    for index, item in enumerate(passes):
        path = (*prefix, index)
        yield path
        for parameter in item.parameters:
            yield (*path, parameter)
        yield from _list_atoms(item.children, path)


def _assemble(passes: Sequence[Pass], kept: Collection[_Atom], prefix: tuple[int, ...] = ()) -> tuple[Pass, ...]:
    """The pass list of the atoms that are kept; what an adaptor held stays when only the adaptor goes."""
    built: list[Pass] = []
    for index, item in enumerate(passes):
        path = (*prefix, index)
        children = _assemble(item.children, kept, path)
        if path not in kept:
            built += children
        elif children or not item.children:
            built.append(Pass(item.name, tuple(p for p in item.parameters if (*path, p) in kept), children))
    return tuple(built)


def _canonical(recipe: Recipe, catalogue: Catalogue) -> Recipe | None:
    """The recipe as the grammar prints it; None when the grammar refuses it."""
    try:
        return parse_recipe(str(recipe), catalogue)
    except RecipeError:
        return None
