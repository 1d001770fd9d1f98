"""The space of recipes, and the moves in it: the words and option values that a search may use, with weights.

A recipe is a tree (adaptors hold passes), and a move edits it anywhere: insert a word where its level may
stand, delete a word or a whole adaptor, replace one, or set, change or drop a codegen option. The weights
say how often a move is tried; they come from what paid in our own search over the training set
(`data/prior-22*.json`), and are 1 where nothing is known.
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

__all__ = ["Prior", "Space", "delete_at", "load_prior", "may_stand", "paths_of"]

_T = TypeVar("_T")

_PASS_MOVE_RATE = 0.5
_CUT_RATE = 0.25
_MOST_CHANGES = 80
_FLOOD_SHARES = (0.05, 0.15, 0.3, 0.5)

Path = tuple[int, ...]
"""A position in a tree of passes: indices from the top."""


@dataclass(frozen=True, slots=True)
class Prior:
    """How often each word and each option text (`-name=value`) paid in the training search."""

    words: Mapping[str, float]
    options: Mapping[str, float]


def load_prior(*, stage: str = "") -> Prior:
    """The shipped prior for whole modules, or for the pieces of one after a stage (`kind_of` it)."""
    name = f"prior-22-{stage}.json" if stage else "prior-22.json"
    text = (resources.files("lathe.search") / "data" / name).read_text(encoding="utf-8")
    data = json.loads(text)
    return Prior(data["words"], data["options"])


@dataclass(frozen=True)
class Space:
    """What a search may compose for one architecture, without the `refused` words and options.

    `rng` is passed to every move, so a seed repeats a run.
    """

    catalogue: Catalogue
    architecture: str
    prior: Prior = field(default_factory=lambda: Prior({}, {}))
    refused: frozenset[str] = frozenset()

    @cached_property
    def words(self) -> tuple[Pass, ...]:
        """All words: plain passes and their useful variants."""
        entries = (e for e in self.catalogue.passes.values() if not e.reason)
        words = (word for entry in entries for word in entry.words if word not in self.refused)
        return tuple(parse_pass(word, self.catalogue) for word in words)

    @cached_property
    def options(self) -> tuple[Option, ...]:
        """All option values that act on this architecture."""
        fitting = (e for e in self.catalogue.options.values() if "any" in e.targets or self.architecture in e.targets)
        options = (Option(e.name, value) for e in fitting for value in e.values)
        return tuple(o for o in options if str(o) not in self.refused)

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

    @cached_property
    def _values(self) -> dict[str, tuple[list[Option], list[float]]]:
        values: dict[str, tuple[list[Option], list[float]]] = {}
        for option, weight in zip(self.options, self._option_weights, strict=True):
            found = values.setdefault(option.name, ([], []))
            found[0].append(option)
            found[1].append(weight)
        return values

    def draw_words(self, rng: random.Random, count: int) -> list[Pass]:
        """`count` words, each equally likely (the papers' random lists)."""
        return rng.choices(self.words, k=count)

    def compose(self, words: Sequence[Pass], options: Sequence[Option] = ()) -> Recipe:
        """The canonical recipe of words and options."""
        return Recipe(nest_passes(words, self.catalogue), tuple(sorted(options)))

    def mutate(self, rng: random.Random, recipe: Recipe) -> Recipe:
        """A neighbour of a recipe: some options set or dropped, and with even odds a few moves in the pass list.

        How many options change is drawn from a heavy tail: mostly none to three, now and then dozens, since most
        options are neutral and the few that help are found sooner many at a time (LOG.md, 2026-11-20).
        """
        while True:
            changed = replace(recipe, options=self._change_options(rng, recipe.options))
            while rng.random() < _PASS_MOVE_RATE:
                changed = self._move_pass(rng, changed)
            if changed != recipe:
                return changed

    def flood(self, rng: random.Random, recipe: Recipe) -> Recipe:
        """A recipe with many options added at once: one in twenty to one in two of all there are."""
        share = rng.choice(_FLOOD_SHARES)
        drawn = (rng.choices(v, w)[0] for v, w in self._values.values() if rng.random() < share)
        return replace(recipe, options=_merge((*drawn, *recipe.options)))

    def cross(self, rng: random.Random, one: Recipe, other: Recipe) -> Recipe:
        """A child of two recipes: each option as in one of them, the passes of the first, or a cut of both."""
        sides = [{o.name: o for o in recipe.options} for recipe in (one, other)]
        names = sorted({*sides[0], *sides[1]})
        options = [side[name] for name in names if name in (side := rng.choice(sides))]
        return Recipe(self._cut(rng, one, other), tuple(options))

    def pool(self, rng: random.Random, recipes: Sequence[Recipe]) -> Recipe:
        """A child of many recipes, best first: each option as in one of them, the better the likelier."""
        sides = [{o.name: o for o in recipe.options} for recipe in recipes]
        names = sorted({name for side in sides for name in side})
        drawn = (sides[int(len(sides) * rng.random() ** 1.5)].get(name) for name in names)
        return Recipe(self._cut(rng, recipes[0], rng.choice(recipes)), tuple(o for o in drawn if o))

    def _cut(self, rng: random.Random, one: Recipe, other: Recipe) -> tuple[Pass, ...]:
        if rng.random() < _CUT_RATE and other.passes:
            return one.passes[: rng.randint(0, len(one.passes))] + other.passes[rng.randint(0, len(other.passes)) :]
        return one.passes

    def _change_options(self, rng: random.Random, options: tuple[Option, ...]) -> tuple[Option, ...]:
        count = min(_MOST_CHANGES, int(3 * rng.paretovariate(1.1) * rng.random()))
        kept = list(options)
        if kept and rng.random() < 0.5:
            dropped = min(len(kept), max(1, int(count * rng.random())))
            kept = rng.sample(kept, len(kept) - dropped)
        return _merge((*kept, *rng.choices(self.options, self._option_weights, k=count)))

    def _move_pass(self, rng: random.Random, recipe: Recipe) -> Recipe:
        """Delete, replace or insert one word."""
        kind, paths = rng.random(), paths_of(recipe.passes)
        if paths and kind < 0.5:
            recipe = replace(recipe, passes=delete_at(recipe.passes, rng.choice(paths)))
        return recipe if paths and kind < 0.35 else self._insert(rng, recipe)

    def _insert(self, rng: random.Random, recipe: Recipe) -> Recipe:
        word = rng.choices(self.words, self._word_weights)[0]
        level = self.catalogue.passes[word.name].level
        slots = [slot for slot, found in _slots(recipe.passes) if may_stand(level, found)]
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


def may_stand(level: str, found: str) -> bool:
    """Whether a pass of `level` may stand in a list of level `found`, with adaptors added where needed."""
    if found.startswith("loop"):
        return level in ("loop", found)
    return LEVELS.index(level) >= LEVELS.index(found)


def _merge(options: Sequence[Option]) -> tuple[Option, ...]:
    """Options in order of name; of two values for one name, the later."""
    return tuple(sorted({o.name: o for o in options}.values()))


def _without(items: tuple[_T, ...], index: int) -> tuple[_T, ...]:
    return items[:index] + items[index + 1 :]
