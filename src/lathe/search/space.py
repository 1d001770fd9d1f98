"""The space of recipes, and the moves in it: the words and option values that a search may use, with weights.

A recipe is a tree (adaptors hold passes), and a move edits it anywhere: insert a word where its level may
stand, delete a word or a whole adaptor, replace one, or set, change or drop a codegen option. The weights
say how often a move is tried; they come from what paid in our own search over the training set
(`data/prior-22.json`), and are 1 where nothing is known.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import resources
from typing import TypeVar

from lathe.llvm import LEVELS, Catalogue, Option, Pass, Recipe, nest_passes, parse_pass

__all__ = ["Prior", "Space", "delete_at", "load_prior", "paths_of"]

_T = TypeVar("_T")

Path = tuple[int, ...]
"""A position in a tree of passes: indices from the top."""


@dataclass(frozen=True, slots=True)
class Prior:
    """How often each word and each option text (`-name=value`) paid in the training search."""

    words: Mapping[str, float]
    options: Mapping[str, float]


def load_prior() -> Prior:
    """The shipped prior."""
    text = (resources.files("lathe.search") / "data" / "prior-22.json").read_text(encoding="utf-8")
    data = json.loads(text)
    return Prior(data["words"], data["options"])


@dataclass(frozen=True)
class Space:
    """What a search may compose for one architecture. `rng` is passed to every move, so a seed repeats a run."""

    catalogue: Catalogue
    architecture: str
    prior: Prior = field(default_factory=lambda: Prior({}, {}))
    use_options: bool = True

    @cached_property
    def words(self) -> tuple[Pass, ...]:
        """All words: plain passes and their useful variants."""
        entries = (e for e in self.catalogue.passes.values() if not e.reason)
        return tuple(parse_pass(word, self.catalogue) for entry in entries for word in entry.words)

    @cached_property
    def options(self) -> tuple[Option, ...]:
        """All option values that act on this architecture."""
        entries = self.catalogue.options.values() if self.use_options else ()
        fitting = (e for e in entries if "any" in e.targets or self.architecture in e.targets)
        return tuple(Option(e.name, value) for e in fitting for value in e.values)

    @cached_property
    def _word_weights(self) -> list[float]:
        return [1.0 + self.prior.words.get(str(w), 0.0) for w in self.words]

    @cached_property
    def _option_weights(self) -> list[float]:
        # values of one option share its chance, so that an option with ten values is not tried ten times as often
        counts: dict[str, int] = {}
        for option in self.options:
            counts[option.name] = counts.get(option.name, 0) + 1
        return [1.0 / counts[o.name] + self.prior.options.get(str(o), 0.0) for o in self.options]

    def draw_words(self, rng: random.Random, count: int) -> list[Pass]:
        """`count` words, each equally likely (the papers' random lists)."""
        return rng.choices(self.words, k=count)

    def compose(self, words: Sequence[Pass], options: Sequence[Option] = ()) -> Recipe:
        """The canonical recipe of words and options."""
        return Recipe(nest_passes(words, self.catalogue), tuple(sorted(options)))

    def mutate(self, rng: random.Random, recipe: Recipe) -> Recipe:
        """A neighbour of a recipe: one move, in one of three cases two, in one of nine three …."""
        changed = self._move(rng, recipe)
        while changed == recipe or rng.random() < 1 / 3:
            changed = self._move(rng, changed)
        return changed

    def cross(self, rng: random.Random, one: Recipe, other: Recipe) -> Recipe:
        """A child of two recipes: the passes of the first (or a cut of both), and a share of all their options."""
        passes = one.passes
        if rng.random() < 0.5 and one.passes and other.passes:
            passes = one.passes[: rng.randint(0, len(one.passes))] + other.passes[rng.randint(0, len(other.passes)) :]
        merged = {o.name: o for o in (*other.options, *one.options)}
        common = {o.name for o in one.options} & {o.name for o in other.options}
        options = [o for o in merged.values() if o.name in common or rng.random() < 0.75]
        return Recipe(passes, tuple(sorted(options)))

    def _move(self, rng: random.Random, recipe: Recipe) -> Recipe:
        kind = rng.random()
        if self.options and kind < 0.45:
            return self._set_option(rng, recipe)
        if kind < 0.55 and recipe.options:
            return replace(recipe, options=_without(recipe.options, rng.randrange(len(recipe.options))))
        paths = paths_of(recipe.passes)
        if kind < 0.75 and paths:
            shorter = delete_at(recipe.passes, rng.choice(paths))
            return (
                replace(recipe, passes=shorter) if kind < 0.68 else self._insert(rng, replace(recipe, passes=shorter))
            )
        return self._insert(rng, recipe)

    def _set_option(self, rng: random.Random, recipe: Recipe) -> Recipe:
        option = rng.choices(self.options, self._option_weights)[0]
        kept = [o for o in recipe.options if o.name != option.name]
        return replace(recipe, options=tuple(sorted([*kept, option])))

    def _insert(self, rng: random.Random, recipe: Recipe) -> Recipe:
        word = rng.choices(self.words, self._word_weights)[0]
        level = self.catalogue.passes[word.name].level
        slots = [slot for slot, found in _slots(recipe.passes) if _may_stand(level, found)]
        slot = rng.choice(slots)
        return replace(recipe, passes=self._insert_at(recipe.passes, slot, word, "module"))

    def _insert_at(self, passes: tuple[Pass, ...], slot: Path, word: Pass, level: str) -> tuple[Pass, ...]:
        index, rest = slot[0], slot[1:]
        if not rest:
            return (*passes[:index], *nest_passes([word], self.catalogue, level), *passes[index:])
        parent = passes[index]
        children = self._insert_at(parent.children, rest, word, _inner_level(parent, level))
        return (*passes[:index], replace(parent, children=children), *passes[index + 1 :])


def paths_of(passes: Sequence[Pass], prefix: Path = ()) -> list[Path]:
    """The position of every pass and adaptor of a pass list, as indices from the top."""
    found: list[Path] = []
    for index, item in enumerate(passes):
        found.append((*prefix, index))
        found.extend(paths_of(item.children, (*prefix, index)))
    return found


def delete_at(passes: tuple[Pass, ...], path: Path) -> tuple[Pass, ...]:
    """The pass list without what stands at a path; adaptors that become empty go too."""
    index, rest = path[0], path[1:]
    if rest:
        parent = passes[index]
        children = delete_at(parent.children, rest)
        if children:
            return (*passes[:index], replace(parent, children=children), *passes[index + 1 :])
    return _without(passes, index)


def _slots(passes: Sequence[Pass], level: str = "module", prefix: Path = ()) -> list[tuple[Path, str]]:
    """Every place where a word can be inserted, with the level of that place."""
    found: list[tuple[Path, str]] = [((*prefix, index), level) for index in range(len(passes) + 1)]
    for index, item in enumerate(passes):
        if item.children:
            found.extend(_slots(item.children, _inner_level(item, level), (*prefix, index)))
    return found


def _inner_level(adaptor: Pass, level: str) -> str:
    if adaptor.name == "devirt":
        return "cgscc"
    return adaptor.name if adaptor.name in LEVELS else level


def _may_stand(level: str, found: str) -> bool:
    """Whether a pass of `level` may stand in a list of level `found`, with adaptors added where needed."""
    if found.startswith("loop"):
        return level in ("loop", found)
    return LEVELS.index(level) >= LEVELS.index(found)


def _without(items: tuple[_T, ...], index: int) -> tuple[_T, ...]:
    return items[:index] + items[index + 1 :]
