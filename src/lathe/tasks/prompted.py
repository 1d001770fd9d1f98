"""Models that are asked in words: Meta's LLM Compiler with its published prompts, and whatever knows them.

The prompts are those of the released models (arXiv 2407.02524; the model cards of facebook/llm-compiler), character
for character: with any other layout they say other things. Code comes back in `<code>…</code>`, pass lists as
`opt -p '…'`, of LLVM 17: passes and parameters that the LLVM at hand lacks are left out of a proposal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lathe.errors import InputError, RecipeError
from lathe.llvm import Recipe, normalise_assembly, normalise_ir, parse_recipe, read_pipeline
from lathe.search import Space
from lathe.tasks.dataset import Row
from lathe.tasks.models import AskSetting, Proposal, TooLongError
from lathe.tasks.scores import Answer

if TYPE_CHECKING:
    from lathe.model import TextGenerator

__all__ = ["PromptedModel", "read_pass_list", "write_prompt"]

_CODE = re.compile(r"<code>(.*?)</code>", re.DOTALL)
_PASS_LIST = re.compile(r"opt -p '([^']*)'")
_CORRECT = """\
 <code>{said}</code>

[INST] That lowers to other assembly:

<code>{difference}</code>

Correct the LLVM-IR. [/INST]"""  # ours: the published models know no second round
_LIMITS = {"tuning": 512, "emulation": 4096, "disassembly": 4096}  # tokens
_TEMPERATURE = 0.6
_KINDS = {"ll": "LLVM-IR", "asm": "assembly"}


def write_prompt(task: str, row: Row) -> str:
    """The published prompt of a task.

    Rows have `printed` (IR as LLVM prints it) or `input`; emulation `recipe`, `kind` and the sizes before.
    """
    code = row.get("printed", row["input"])
    if task == "tuning":
        return f"[INST] Tell me how to optimize this LLVM-IR for object file size:\n\n<code>{code}</code> [/INST]"
    if task == "disassembly":
        first = f"[INST] Disassemble this code to LLVM-IR:\n\n<code>{code}</code> [/INST]"
        return first + _CORRECT.format(**row) if "said" in row else first
    passes = f"module({parse_recipe(row['recipe']).pass_list})"
    return (
        f"[INST] Give the {_KINDS[row['kind']]} for the following code when optimized using opt -p '{passes}':\n\n"
        f"<code>{code}</code>\n\nThe input code has instruction count {row['instructions_before']} and binary size "
        f"{row['binary_before']} bytes. [/INST]"
    )


def read_pass_list(text: str) -> Recipe | None:
    """The pass list of an answer, without what the LLVM at hand lacks; None when there is none."""
    match = _PASS_LIST.search(text)
    if match is None:
        return None
    try:
        recipe = read_pipeline(match[1]) if match[1].strip() else Recipe(())
    except RecipeError:
        return None
    (first,) = recipe.passes if len(recipe.passes) == 1 else (None,)
    return Recipe(first.children) if first and first.name == "module" else recipe


@dataclass(frozen=True)
class PromptedModel:
    """A `Model` that goes on from texts."""

    name: str
    generator: TextGenerator
    takes_differences = True
    takes_stages = False

    def propose(self, ir: str, *, stage: Recipe, space: Space, setting: AskSetting) -> list[Proposal]:
        """See `lathe.tasks.Model`; of recipes with a word that the space lacks, that word is left out."""
        try:
            answers = list(self._say("tuning", {"input": ir}, setting))
        except TooLongError:
            return []
        words = {str(word) for word in space.words}
        recipes = (read_pass_list(text) for text in answers)
        kept = (_keep_words(recipe, words) for recipe in recipes if recipe is not None)
        return [Proposal(recipe, None) for recipe in dict.fromkeys(kept)][: setting.count]

    def expect_sizes(self, ir: str, *, stage: Recipe, space: Space) -> None:
        """See `lathe.tasks.Model`: it is not known in which words the published models say sizes."""

    def answer(self, task: str, row: Row, setting: AskSetting) -> Iterator[Answer]:
        """See `lathe.tasks.Model`."""
        for text in self._say(task, row, setting):
            match = _CODE.search(text)
            code = None
            if match and (task == "disassembly" or row["kind"] == "ll"):
                code = normalise_ir(match[1])
            elif match:
                code = normalise_assembly(match[1], "x86")
            yield Answer(code, read_pass_list(text), finished=match is not None)

    def _say(self, task: str, row: Row, setting: AskSetting) -> Iterator[str]:
        prompt, limit = write_prompt(task, row), _LIMITS[task]
        for count, temperature in ((1, 0.0), (setting.count - 1, _TEMPERATURE)):
            if not count:
                continue
            try:
                found = self.generator.complete(
                    prompt, count=count, limit=limit, temperature=temperature, seed=setting.seed
                )
            except InputError as error:
                raise TooLongError(str(error)) from None
            yield from found


def _keep_words(recipe: Recipe, words: set[str]) -> Recipe:
    """A recipe of words that may be used; clang's whole pipelines are."""
    bare = [str(item) for top in recipe.passes for item in top.walk() if not item.children]
    kept = [word for word in bare if word in words or word.startswith("default<")]
    return recipe if kept == bare else parse_recipe(",".join(kept))
