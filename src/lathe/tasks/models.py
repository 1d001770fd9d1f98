"""Models: what can be asked the tasks, whatever it runs on.

    model = open_model("embedded", cache=find_cache_folder() / "networks")
    for proposal in propose_recipes(model, space, ir, stage=stage, count=10): …

A model is named by `embedded` (what Lathe ships) or by a folder: that of `lathe export` runs without torch, that of
`lathe train` with it. What a model says is checked by whoever asks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from lathe.errors import InputError, RecipeError
from lathe.llvm import Piece, Recipe, normalise_ir
from lathe.search import Propose, Space
from lathe.tasks.grammar import RecipeRule
from lathe.tasks.prompts import encode_prompt, read_words

if TYPE_CHECKING:
    from lathe.model import Completion, Decoder, Decoding, Tokenizer

__all__ = ["EMBEDDED", "SAMPLINGS", "Model", "Proposal", "make_proposer", "open_model", "propose_recipes"]

EMBEDDED = "embedded"
_WORDS = 200  # the longest recipe


@dataclass(frozen=True)
class Model:
    """A tokenizer and what goes on from its tokens; one asks at a time (`lock`)."""

    name: str
    tokenizer: Tokenizer
    decoder: Decoder
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A recipe that a model proposes, and the logarithm of how likely it is in its eyes."""

    recipe: Recipe
    score: float


def open_model(name: str, *, cache: Path) -> Model:
    """The model of a name; raises `InputError` where there is none, or none that can be read."""
    from lathe.model import EmbeddedDecoder, Tokenizer

    folder = Path(str(resources.files("lathe.model") / "shipped")) if name == EMBEDDED else Path(name)
    if not (folder / "tokenizer.json").exists():
        raise InputError(f"{folder} has no model: no tokenizer.json. Name a folder of `lathe export` or `lathe train`.")
    tokenizer = Tokenizer.load(folder / "tokenizer.json")
    if any(folder.glob("*.gguf")):
        return Model(name, tokenizer, EmbeddedDecoder(folder, cache=cache))
    from lathe.training import NetworkDecoder, load_network

    network = load_network(folder, tokenizer=tokenizer.digest).float()  # type: ignore[no-untyped-call]
    return Model(name, tokenizer, NetworkDecoder(network))


def propose_recipes(
    model: Model, space: Space, ir: str, *, stage: Recipe, count: int, sampling: str = "priority", seed: int = 0
) -> list[Proposal]:
    """Legal recipes of the space for a function's IR after a stage, no two the same, in the order of `sampling`.

    At most `count`; none when the IR does not fit into the model's context.
    """
    from lathe.model import Decoding

    prompt = encode_prompt(model.tokenizer, "tuning", {"stage": str(stage), "input": ir})
    rule = RecipeRule(model.tokenizer, space)
    room = min(_WORDS, model.decoder.context - len(prompt))
    if room < 2:
        return []
    with model.lock:
        answers = SAMPLINGS[sampling](model.decoder, prompt, Decoding(rule.end, [room], rule), count, seed)
        return list(_read_all(model.tokenizer, answers))


def make_proposer(model: Model, *, count: int) -> Propose:
    """What has `lathe.search.tune_functions` try a model's recipes; pieces of several functions get none."""

    def propose(piece: Piece, stage: Recipe, space: Space) -> list[Recipe]:
        if len(piece.functions) != 1:
            return []
        proposals = propose_recipes(model, space, normalise_ir(piece.text), stage=stage, count=count)
        return [proposal.recipe for proposal in proposals]

    return propose


def _read_all(tokenizer: Tokenizer, answers: Iterable[Completion]) -> Iterator[Proposal]:
    """What was said to its end, each recipe once."""
    seen = set()
    for answer in answers:
        if not answer.finished:
            continue
        try:
            recipe = read_words([tokenizer.decode([token]).decode() for token in answer.tokens[:-1]])
        except RecipeError:  # two adaptors in each other that the parser would join
            continue
        if recipe not in seen:
            seen.add(recipe)
            yield Proposal(recipe, answer.score)


def _by_priority(decoder: Decoder, prompt: list[int], setting: Decoding, count: int, seed: int) -> Iterator[Completion]:
    from lathe.model import sample_by_priority

    return sample_by_priority(decoder, prompt, setting, count=count)


def _by_beams(decoder: Decoder, prompt: list[int], setting: Decoding, count: int, seed: int) -> Iterable[Completion]:
    from lathe.model import search_beams

    return search_beams(decoder, prompt, setting, count=count)


def _from_nucleus(
    decoder: Decoder, prompt: list[int], setting: Decoding, count: int, seed: int
) -> Iterable[Completion]:
    from lathe.model import Decoding, sample_nucleus

    many = Decoding(setting.end, list(setting.limits) * count, setting.rule)
    found = sample_nucleus(decoder, [prompt] * count, many, temperature=1.0, top=0.95, seed=seed)
    return sorted(found, key=lambda answer: -answer.score)


SAMPLINGS: Mapping[str, Callable[[Decoder, list[int], Decoding, int, int], Iterable[Completion]]] = {
    "priority": _by_priority,
    "beam": _by_beams,
    "nucleus": _from_nucleus,
}
"""The ways to have several answers: each gets the decoder, a prompt, a setting, how many, and a seed."""
