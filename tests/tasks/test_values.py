"""What LLVM prints follows the rule of values; numbers of values that are not there, or of other types, do not."""

from __future__ import annotations

import random

import pytest
from conftest import EXAMPLES

from lathe.corpus import Origin, Program, cut_functions
from lathe.llvm import Engine, Unit, load_unit, normalise_ir, parse_recipe
from lathe.model import Tokenizer
from lathe.tasks import ValueRule

TEXT = """\
define i32 @f(i32 %0, ptr initializes((0, 8)) %1) minsize {
%3 = load i32, ptr %1, align 4
%4 = icmp slt i32 %3, %0
br i1 %4, label %5, label %7
5:
%6 = add nsw i32 %3, 1
br label %7
7:
%8 = phi i32 [ %6, %5 ], [ %9, %7 ]
%9 = tail call i32 @g(i32 %8)
%10 = select i1 %4, i32 %9, i32 %0
ret i32 %10
}
"""


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.train([TEXT] * 4, size=700)


def list_allowed(tokenizer: Tokenizer, text: str) -> str:
    """The digits that may follow a text, and a star if something else may."""
    allowed = ValueRule(tokenizer)(tokenizer.encode(text))
    if allowed is None:
        return "any"
    said = [tokenizer.decode([token]).decode("utf-8", "replace") for token in allowed]
    return "".join(sorted(t for t in said if t.isdigit() and len(t) == 1)) + "*" * any(not t.isdigit() for t in said)


@pytest.mark.parametrize(("upto", "allowed"), [
    ("define i32 @f(i32 %", "any"), ("minsize {\n%", "3"), ("minsize {\n%3", "*"), (" = load i32, ptr %", "1*"),
    ("align 4\n%", "4"), ("slt i32 %", "03*"), ("slt i32 %3, %", "03*"), ("br i1 %", "4*"),
    ("br i1 %4, label %", "any"),
    ("label %7\n", "5*"), ("5:\n%", "6"), ("nsw i32 %", "03*"), ("phi i32 [ %", "any"), ("@g(i32 %", "0368*"),
    ("select i1 %4, i32 %9, i32 %", "03689*"), ("ret i32 %", "013689*"), ("ret i32 %1", "0"), ("ret i32 %10", "*"),
])  # fmt: skip
def test_which_numbers_may_follow(tokenizer: Tokenizer, upto: str, allowed: str) -> None:
    text = TEXT[: TEXT.index(upto) + len(upto)]
    assert list_allowed(tokenizer, text) == allowed


def test_what_is_no_ir_is_left_alone(tokenizer: Tokenizer) -> None:
    for text in ("movl $3, %", "f:\nmovl %eax, 1", "declare i32 @f(ptr, i32)\n%", TEXT + "%", TEXT[:-2] + "}\n5", ""):
        assert list_allowed(tokenizer, text) == "any"


@pytest.mark.parametrize("name", ["sorting.c", "strings.c", "bytecode_vm.c", "event_bus.cpp"])
def test_what_llvm_prints_may_be_said(engine: Engine, tokenizer: Tokenizer, name: str) -> None:
    module = load_unit(engine, Unit(EXAMPLES / name))
    functions = cut_functions(engine, Program(Origin("", "", name, "", ""), module.target, module.bitcode))
    rule, limited = ValueRule(tokenizer), 0
    for recipe in ("default<Oz>", "mem2reg", "sroa,gvn,licm"):
        for function in functions:
            text = normalise_ir(engine.emit(function.module, parse_recipe(recipe), "ll").decode())
            tokens = tokenizer.encode(text)
            for place in random.Random(1).sample(range(len(tokens)), min(len(tokens), 400)):
                allowed = rule(tokens[:place])
                limited += allowed is not None
                assert allowed is None or tokens[place] in allowed, text[:place]
    assert limited > 300
