"""The grammar of recipes as a rule for decoding: whatever comes out of a model under it is a legal recipe.

    rule = RecipeRule(tokenizer, space)
    decode(decoder, [prompt], Decoding(end=rule.end, limits=[60], rule=rule))

A recipe is words in the order of `list_words`: passes, adaptors with what is in them, then each option at most once, in
order. The words are the space's, so only what the suite did not refuse is said; the tag of sizes ends it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from lathe.errors import InputError
from lathe.llvm import LEVELS
from lathe.search import Space, may_stand

if TYPE_CHECKING:
    from lathe.model import Tokenizer

__all__ = ["RecipeRule"]

_ADAPTORS = {f"{level}(": level for level in LEVELS}
_CLOSE = ")"


class RecipeRule:
    """Says which tokens may follow those of a recipe; tokens of words that a tokenizer lacks are never said."""

    def __init__(self, tokenizer: Tokenizer, space: Space) -> None:
        self._tokenizer, self._space = tokenizer, space
        self.end = tokenizer.tag("sizes")

    @cached_property
    def _passes(self) -> dict[int, str]:
        """The level of each pass's token."""
        levels = ((str(word), self._space.catalogue.passes[word.name].level) for word in self._space.words)
        return dict(self._number(levels))

    @cached_property
    def _openers(self) -> dict[int, str]:
        words = _ADAPTORS.items() if self._close is not None else ()
        return dict(self._number((word, level) for word, level in words if level != "module"))

    @cached_property
    def _options(self) -> dict[int, str]:
        """The name of each option's token, in the order of recipes."""
        return dict(self._number((str(option), option.name) for option in sorted(self._space.options)))

    @cached_property
    def _close(self) -> int | None:
        return next((token for token, _ in self._number(iter([(_CLOSE, "")]))), None)

    @cached_property
    def _fitting(self) -> dict[str, list[int]]:
        """The passes and adaptors that may stand in a list of each level."""
        words = {**self._passes, **self._openers}
        return {
            level: [
                token
                for token, own in words.items()
                if may_stand(own, level) and not (token in self._openers and own == level)
            ]
            for level in LEVELS
        }

    def _number(self, words: Iterator[tuple[str, str]]) -> Iterator[tuple[int, str]]:
        """Words with what belongs to them, by token."""
        for word, own in words:
            try:
                yield self._tokenizer.encode_words([word])[0], own
            except InputError:
                continue

    def __call__(self, said: Sequence[int]) -> list[int]:
        """What may follow."""
        levels, empty, last = ["module"], False, ""
        for token in said:
            if token in self._options:
                last = self._options[token]
            elif token == self._close:
                levels.pop()
                empty = False
            elif token in self._openers:
                levels.append(self._openers[token])
                empty = True
            else:
                empty = False
        if len(levels) > 1 and self._close is not None:
            return [*self._fitting[levels[-1]], *([] if empty else [self._close])]
        options = [token for token, name in self._options.items() if name > last]
        return [*([] if last else self._fitting["module"]), *options, self.end]
