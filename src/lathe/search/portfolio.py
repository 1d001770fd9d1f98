"""The portfolio: a fixed list of recipes, ordered by marginal gain, tried one after the other.

There is one for whole modules and one for the pieces after each stage (`data/portfolio-22*.json`), found by our own
search over training projects, none of which is used for evaluation (`runs/portfolio.py` makes them again). It is the
default for small budgets.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from importlib import resources

from lathe.errors import RecipeError
from lathe.llvm import Catalogue, Recipe, load_catalogue, parse_recipe
from lathe.search.strategy import Setting, Trial

__all__ = ["Portfolio", "load_portfolio"]

_BATCH = 10


class Portfolio:
    """Tries the starting points in order, then stops."""

    def __init__(self, setting: Setting) -> None:
        self._left = list(setting.starts)

    def ask(self) -> list[Recipe]:
        """The next recipes of the list."""
        batch, self._left = self._left[:_BATCH], self._left[_BATCH:]
        return batch

    def tell(self, trials: Sequence[Trial]) -> None:
        """Nothing is learned."""


def load_portfolio(catalogue: Catalogue | None = None, architecture: str = "x86", *, stage: str = "") -> list[Recipe]:
    """The shipped recipes, best first, for whole modules, or for the pieces of one after a stage (`kind_of` it).

    Those with words that this LLVM or architecture lacks are left out.
    """
    catalogue = catalogue or load_catalogue()
    recipes = [recipe for text in _read_texts(stage) if (recipe := _parse_if_known(text, catalogue))]
    return [r for r in recipes if all(_acts_on(catalogue, o.name, architecture) for o in r.options)]


@functools.cache
def _read_texts(stage: str) -> list[str]:
    name = f"portfolio-22-{stage}.json" if stage else "portfolio-22.json"
    text = (resources.files("lathe.search") / "data" / name).read_text(encoding="utf-8")
    return [str(row["recipe"]) for row in json.loads(text)["recipes"]]


def _parse_if_known(text: str, catalogue: Catalogue) -> Recipe | None:
    try:
        return parse_recipe(text, catalogue)
    except RecipeError:
        if catalogue.major == load_catalogue().major:
            raise  # the shipped list must fit the reference
        return None


def _acts_on(catalogue: Catalogue, option: str, architecture: str) -> bool:
    targets = catalogue.options[option].targets
    return "any" in targets or architecture in targets
