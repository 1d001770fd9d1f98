"""Answers that are wrong in one place are put right, and proven; nothing else is said to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from conftest import EXAMPLES

from lathe.corpus import Origin, Program, cut_functions
from lathe.llvm import Engine, Recipe, Unit, load_unit, normalise_assembly, normalise_ir, parse_recipe
from lathe.search import Space
from lathe.tasks import (
    Answer,
    AskSetting,
    Effort,
    PromptedModel,
    Proposal,
    Row,
    Standing,
    lift_function,
)
from lathe.tasks.mutations import list_mutations

SOURCE = """\
define i32 @pick(i32 %0, i32 %1) minsize nounwind optsize {
%3 = icmp slt i32 %0, 12
%4 = sub i32 %0, %1
%5 = call i32 @other(i32 %4)
%6 = select i1 %3, i32 %5, i32 %1
ret i32 %6
}
declare i32 @other(i32)
"""
WRONG = {
    "a number": ("12", "13"),
    "a predicate": ("slt", "sgt"),
    "an operation": ("sub i32", "xor i32"),
    "operands": ("%0, %1\n", "%1, %0\n"),
    "arms": ("i32 %5, i32 %1", "i32 %1, i32 %5"),
    "a name": ("@other", "@another"),
    "two things": ("slt i32 %0, 12", "sge i32 %0, 45"),
}


@dataclass
class Recorded:
    """A model whose answers were recorded."""

    answers: list[str]
    name: str = "recorded"
    takes_differences: bool = False
    rows: list[Row] = field(default_factory=list)

    def propose(self, ir: str, *, stage: Recipe, space: Space, setting: AskSetting) -> list[Proposal]:
        return []

    def answer(self, task: str, row: Row, setting: AskSetting) -> Iterator[Answer]:
        self.rows.append(dict(row))
        yield Answer(self.answers[len(self.rows) - 1], finished=True)


def lower(engine: Engine, ir: str, architecture: str) -> tuple[str, str]:
    from lathe.tasks.disassembly import TRIPLES, lower_text

    code = normalise_ir(f'target triple = "{TRIPLES[architecture]}"\n{ir}')
    text = lower_text(engine, code, architecture)
    assert text
    return code, normalise_assembly(text, architecture)


@pytest.mark.parametrize("architecture", ["x86", "aarch64"])
@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_in_one_place_is_put_right(engine: Engine, what: str, architecture: str) -> None:
    right, assembly = lower(engine, SOURCE, architecture)
    wrong = right.replace(*WRONG[what])
    assert wrong != right
    lifted = lift_function(engine, Recorded([wrong]), assembly, architecture, Effort(mutations=400), name="pick")
    assert lifted.standing is Standing.PROVEN and lifted.mutations > 0 and lifted.candidates == 1
    assert lifted.ir and lower(engine, lifted.ir, architecture)[1] == assembly
    without = lift_function(engine, Recorded([wrong]), assembly, architecture, Effort(mutations=0), name="pick")
    assert without.standing is Standing.LOWERS and without.ir == wrong and without.difference


def test_changes_are_others_each_and_leave_the_target_alone(engine: Engine) -> None:
    module = load_unit(engine, Unit(EXAMPLES / "strings.c"))
    functions = cut_functions(engine, Program(Origin("", "", "strings.c", "", ""), module.target, module.bitcode))
    for function in functions:
        found = engine.emit(function.module, parse_recipe("default<Oz>"), "ll").decode()
        code = normalise_ir(found)
        changed = list(list_mutations(code, "movl $77, %eax\ncallq foo@PLT\n", ""))
        head = [line for line in code.splitlines() if line.startswith("target ")]
        assert len(changed) == len(set(changed)) > 50 and code not in changed
        assert all([line for line in text.splitlines() if line.startswith("target ")] == head for text in changed)


def test_a_model_that_takes_differences_is_told_them(engine: Engine) -> None:
    right, assembly = lower(engine, SOURCE, "x86")
    far = right.replace("slt", "uge").replace("sub i32", "mul i32").replace("12", "99")
    model = Recorded([far, far, right], takes_differences=True)
    lifted = lift_function(engine, model, assembly, "x86", Effort(mutations=0), name="pick")
    assert lifted.standing is Standing.PROVEN and lifted.ir == right
    assert ["said" in row for row in model.rows] == [False, True, True]
    assert "-subl" in str(model.rows[1]["difference"]) and model.rows[1]["said"] == far


def test_the_difference_is_in_the_prompt() -> None:
    asked = []

    class Heard:
        def complete(self, prompt: str, *, count: int, limit: int, temperature: float, seed: int) -> list[str]:
            asked.append(prompt)
            return ["<code>ret void</code>"]

    model = PromptedModel("heard", Heard())
    row = {"input": "retq\n", "architecture": "x86", "said": "define void @f() {", "difference": "-retq\n+ud2"}
    list(model.answer("disassembly", row, AskSetting()))
    assert "define void @f() {" in asked[0] and "-retq\n+ud2" in asked[0] and asked[0].count("[INST]") == 2
