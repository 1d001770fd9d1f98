"""Random search, as in the papers: lists of 1 to 50 words, length and words uniform, no options."""

from __future__ import annotations

from collections.abc import Sequence

from lathe.llvm import Recipe
from lathe.search.strategy import Setting, Trial

__all__ = ["RandomSearch"]

_LONGEST = 50
_BATCH = 16


class RandomSearch:
    """Uniform pass lists (arXiv 2407.02524, section on emulation data; 2309.07062)."""

    def __init__(self, setting: Setting) -> None:
        self._setting = setting

    def ask(self) -> list[Recipe]:
        """The next batch of independent lists."""
        space, rng = self._setting.space, self._setting.rng
        return [space.compose(space.draw_words(rng, rng.randint(1, _LONGEST))) for _ in range(_BATCH)]

    def tell(self, trials: Sequence[Trial]) -> None:
        """Nothing is learned."""
