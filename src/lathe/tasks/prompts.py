"""Prompts: the row of a data set as tokens, for models to be trained on, and to be asked.

    code         <ir|assembly>                                                    | code <end>
    emulation    <emulation> <input> IR <recipe> words <ir|assembly> <output>     | code <sizes> before after <end>
    tuning       <tuning> <across|whole> <input> IR <recipe>                      | words <sizes> before after
                                                                                    <output> IR <end>
    disassembly  <disassembly> <input> assembly <output>                          | IR <end>

What stands before the bar is the prompt, what follows is learnt. IR begins with a tag for its target in place of its
two lines `target datalayout` and `target triple`, where they are the usual ones (`HEADS`); so does assembly. A recipe
is a sequence of words (`list_words`), sizes are loadable bytes, before (tuning: of the baseline) and after.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from lathe.llvm import Pass, Recipe, parse_recipe
from lathe.search import kind_of
from lathe.tasks.dataset import Row

if TYPE_CHECKING:
    from lathe.model import TokenExample, Tokenizer

__all__ = ["HEADS", "WRITERS", "encode_prompt", "encode_row", "list_words", "read_words"]

HEADS: Mapping[str, str] = {
    "x86": (
        'target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128"\n'
        'target triple = "x86_64-pc-linux-gnu"\n'
    ),
    "aarch64": (
        'target datalayout = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i8:8:32-i16:16:32-i64:64-i128:128-n32:64-S128-'
        'Fn32"\ntarget triple = "aarch64-unknown-linux-gnu"\n'
    ),
}
"""What the tag of a target stands for, as LLVM 22 prints it."""


def encode_row(tokenizer: Tokenizer, task: str, row: Row) -> TokenExample:
    """The example of a row of `task`; raises `InputError` for a recipe with a word that the tokenizer lacks."""
    from lathe.model import TokenExample

    write = WRITERS[task][1]
    return TokenExample(encode_prompt(tokenizer, task, row), [*write(_Encoder(tokenizer), row), tokenizer.tag("end")])


def encode_prompt(tokenizer: Tokenizer, task: str, row: Row) -> list[int]:
    """What asks for the completion of a row; raises `InputError` for a recipe with a word that the tokenizer lacks."""
    return WRITERS[task][0](_Encoder(tokenizer), row)


_KINDS = {"ll": "ir", "asm": "assembly"}


class _Encoder:
    """Writes the parts of a prompt."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tag = tokenizer.tag
        self._encode, self._encode_words = tokenizer.encode, tokenizer.encode_words

    def code(self, text: str, architecture: str | None = None) -> list[int]:
        """IR or assembly, with its target first."""
        for name, head in HEADS.items():
            if architecture == name or text.startswith(head):
                return [self.tag(name), *self._encode(text.removeprefix(head))]
        return self._encode(text)

    def recipe(self, text: str) -> list[int]:
        """The words of a recipe."""
        return self._encode_words(list_words(parse_recipe(text)))

    def sizes(self, *numbers: int) -> list[int]:
        """Numbers, digit by digit."""
        return [self.tag("sizes"), *self._encode(" ".join(map(str, numbers)))]


def _write_code(encoder: _Encoder, row: Row) -> list[int]:
    return encoder.code(row["output"], row["architecture"])


def _ask_emulation(encoder: _Encoder, row: Row) -> list[int]:
    tag = encoder.tag
    recipe = [tag("recipe"), *encoder.recipe(row["recipe"]), tag(_KINDS[row["kind"]])]
    return [tag("emulation"), tag("input"), *encoder.code(row["input"]), *recipe, tag("output")]


def _write_emulation(encoder: _Encoder, row: Row) -> list[int]:
    return [*encoder.code(row["output"]), *encoder.sizes(row["loadable_before"], row["loadable_after"])]


def _ask_tuning(encoder: _Encoder, row: Row) -> list[int]:
    tag, kind = encoder.tag, kind_of(parse_recipe(row["stage"]))
    return [tag("tuning"), tag(kind), tag("input"), *encoder.code(row["input"]), tag("recipe")]


def _write_tuning(encoder: _Encoder, row: Row) -> list[int]:
    sizes = encoder.sizes(row["loadable_baseline"], row["loadable_after"])
    return [*encoder.recipe(row["recipe"]), *sizes, encoder.tag("output"), *encoder.code(row["output"])]


def _ask_disassembly(encoder: _Encoder, row: Row) -> list[int]:
    code = encoder.code(row["input"], row["architecture"])
    return [encoder.tag("disassembly"), encoder.tag("input"), *code, encoder.tag("output")]


Writer = Callable[[_Encoder, Row], list[int]]

WRITERS: Mapping[str, tuple[Writer, Writer]] = {
    "code": (lambda encoder, row: [encoder.tag(_KINDS[row["kind"]])], _write_code),
    "emulation": (_ask_emulation, _write_emulation),
    "tuning": (_ask_tuning, _write_tuning),
    "disassembly": (_ask_disassembly, lambda encoder, row: encoder.code(row["output"])),
}
"""What writes the prompt and the completion of a row, by task; a prompt needs none of the row's answers."""


def list_words(recipe: Recipe) -> list[str]:
    """A recipe as words: adaptors are left out where the parser puts them back, else they are `function(` and `)`."""
    bare = [str(p) for item in recipe.passes for p in item.walk() if not p.children]
    options = list(recipe.arguments)
    if not recipe.passes or parse_recipe(",".join(bare)).passes == recipe.passes:
        return [*bare, *options]
    return [*(word for item in recipe.passes for word in _open(item)), *options]


def _open(item: Pass) -> Iterator[str]:
    if not item.children:
        yield str(item)
        return
    yield f"{Pass(item.name, item.parameters)}("
    for child in item.children:
        yield from _open(child)
    yield ")"


def read_words(words: list[str]) -> Recipe:
    """The recipe of words; raises `RecipeError` when they make none."""
    passes = ",".join(word for word in words if not word.startswith("-"))
    text = passes.replace("(,", "(").replace(",)", ")")
    return parse_recipe(" ".join([text, *(word for word in words if word.startswith("-"))]))
