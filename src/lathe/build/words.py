"""What the words of recipes save in a build: its pieces measured again without each of them.

    saved, notes = measure_words(engine, [(record, entry)], ["sroa -disable-lsr=true"])

The functions of a module that have the same recipe are one piece, as they are when objects are made. What a word saves
with the others there is not what it would save alone, so the words of a recipe do not add up.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lathe.build.image import load_whole
from lathe.build.lock import Entry
from lathe.build.record import Record
from lathe.build.searching import digest_pieces
from lathe.errors import LatheError
from lathe.llvm import Engine, load_catalogue, load_unit, parse_recipe, split_text
from lathe.search import leave_one_out, take_apart

__all__ = ["Word", "measure_words"]


@dataclass(frozen=True, slots=True)
class Word:
    """A pass or option of a recipe, and by how many bytes pieces are larger without it (None: LLVM makes none then)."""

    text: str
    saves: int | None


def measure_words(
    engine: Engine, made: Sequence[tuple[Record, Entry]], recipes: Collection[str]
) -> tuple[Mapping[str, tuple[Word, ...]], list[str]]:
    """The words of recipes, those that save most first, summed over objects; and what could not be measured."""
    chosen = [(record, entry) for record, entry in made if set(entry.recipes.values()) & set(recipes)]
    with ThreadPoolExecutor(engine.jobs) as pool:
        found = list(pool.map(lambda pair: _measure_object(engine, pair, recipes), chosen))
    sums: dict[str, dict[str, int | None]] = {}
    for one in found:
        for recipe, words in (one if isinstance(one, dict) else {}).items():
            sums[recipe] = _add(sums.get(recipe, {}), words)
    notes = [one for one in found if isinstance(one, str)]
    return {recipe: _sort(words) for recipe, words in sums.items()}, notes


def _add(one: Mapping[str, int | None], other: Mapping[str, int | None]) -> dict[str, int | None]:
    found = dict(one)
    for word, saves in other.items():
        known = found.get(word, 0)
        found[word] = None if known is None or saves is None else known + saves
    return found


def _sort(words: Mapping[str, int | None]) -> tuple[Word, ...]:
    found = (Word(text, saves) for text, saves in words.items())
    return tuple(sorted(found, key=lambda word: (word.saves is not None, -(word.saves or 0))))


def _measure_object(
    engine: Engine, made: tuple[Record, Entry], wanted: Collection[str]
) -> dict[str, dict[str, int | None]] | str:
    """What each word of recipes saves in one object; or why that is not known."""
    record, entry = made
    catalogue = load_catalogue(engine.toolchain.major)
    try:
        module = load_whole(engine.toolchain, record)[0] if record.whole else load_unit(engine, record.unit)
        apart = take_apart(engine, module, parse_recipe(entry.stage or "", catalogue))
        digests = digest_pieces(apart)
        known = {name: f.recipe for name, f in entry.functions.items() if digests.get(name) == f.digest}
        if not known:
            return f"{entry.source}: its source is not what was locked, its words are not measured"
        found: dict[str, dict[str, int | None]] = {}
        for piece in split_text(apart.text, together=known).pieces:
            text = next((known[name] for name in piece.functions if name in known), "")
            if text in wanted:
                recipe = parse_recipe(text, catalogue)
                without = leave_one_out(recipe)
                full, *others = engine.measure(apart.module_of(piece), [recipe, *without.values()])
                sizes = [m.loadable - full.loadable if m.ok and full.ok else None for m in others]
                found[text] = _add(found.get(text, {}), dict(zip(without, sizes, strict=True)))
    except LatheError as error:
        return f"{entry.source}: its words are not measured: {error}"
    return found
