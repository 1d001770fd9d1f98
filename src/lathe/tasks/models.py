"""Models: what can be asked the tasks, whatever it runs on.

    model = open_model("embedded", cache=find_cache_folder() / "networks")
    for proposal in model.propose(ir, stage=stage, space=space, setting=AskSetting(count=10)): …

A model is named by `embedded` (what Lathe ships), a folder (of `lathe export`: without torch; of `lathe train`, or of
any network of the Llama architecture: with it), `hub:OWNER/NAME`, or the URL of an OpenAI-compatible server. Those
whose tokenizer has Lathe's tags are asked in these; all others in the words of LLM Compiler (`lathe.tasks.prompted`).
What a model says is checked by whoever asks. Extended through `MODELS`: one row for each kind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lathe.errors import InputError, ModelError, UsageError
from lathe.llvm import Piece, Recipe
from lathe.search import Propose, Space
from lathe.tasks.confidence import read_confidences
from lathe.tasks.dataset import Row

if TYPE_CHECKING:
    from lathe.tasks.scores import Answer

__all__ = [
    "EMBEDDED",
    "MODELS",
    "AskSetting",
    "Model",
    "Proposal",
    "TooLongError",
    "digest_model",
    "find_folder",
    "make_proposer",
    "open_model",
]

EMBEDDED = "embedded"
_HUB = "hub:"  # and OWNER/NAME
_WEIGHTS = ("*.gguf", "*.safetensors", "tokenizer.json")


class TooLongError(InputError):
    """A prompt that does not fit into a model's context, or leaves no room for an answer."""


@dataclass(frozen=True, slots=True)
class AskSetting:
    """How many answers, drawn how (`lathe.tasks.own.SAMPLINGS`, for recipes), and the seed of those that are drawn."""

    count: int = 1
    sampling: str = "priority"
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Proposal:
    """A recipe that a model proposes, and the logarithm of how likely it is in its eyes, where it says so."""

    recipe: Recipe
    score: float | None


class Model(Protocol):
    """What can be asked; several threads may ask at a time."""

    @property
    def name(self) -> str:
        """What the user calls it."""
        ...

    @property
    def takes_differences(self) -> bool:
        """Whether a row may say what was answered (`said`), and where that differs (`difference`)."""
        ...

    @property
    def takes_stages(self) -> bool:
        """Whether it is asked about functions after a stage, and told which; else about what the front end gives."""
        ...

    def propose(self, ir: str, *, stage: Recipe, space: Space, setting: AskSetting) -> list[Proposal]:
        """Recipes of the space for a function after a stage, each once, the best first; at most as many as asked.

        `ir` is what LLVM prints. None when it is too long.
        """
        ...

    def expect_sizes(self, ir: str, *, stage: Recipe, space: Space) -> Answer | None:
        """The likeliest recipe for a function after a stage, and the sizes that it expects; None when it says none."""
        ...

    def answer(self, task: str, row: Row, setting: AskSetting) -> Iterator[Answer]:
        """Answers to the prompt of a row, which needs none of its own answers: the likeliest, then others.

        Raises `TooLongError`, and `ModelError` when there is no answer.
        """
        ...


def open_model(name: str, *, cache: Path) -> Model:
    """The model of a name; raises `InputError` where there is none, or none that can be read."""
    if name.startswith(("http://", "https://")):
        return MODELS["server"](name, cache)
    folder = find_folder(name)
    if not (folder / "tokenizer.json").exists():
        raise InputError(
            f"{folder} has no model: no tokenizer.json. Name a folder of `lathe export` or `lathe train`, a repository "
            "of the hub (OWNER/NAME), or a server's URL."
        )
    return MODELS["embedded" if any(folder.glob("*.gguf")) else "transformers"](name, cache)


def find_folder(name: str) -> Path:
    """Where a model lies, which is fetched first if it is the hub's; raises `ModelError` when that fails."""
    if name.startswith(_HUB):
        return _fetch(name.removeprefix(_HUB))
    return Path(str(resources.files("lathe.model") / "shipped")) if name == EMBEDDED else Path(name)


def digest_model(name: str) -> str | None:
    """Identifies the weights and the tokenizer of a model's folder: 16 hexadecimal digits; None for a server."""
    if name.startswith(("http://", "https://")):
        return None
    folder = find_folder(name)
    found = hashlib.blake2b(digest_size=8)
    for path in sorted(p for kind in _WEIGHTS for p in folder.glob(kind)):
        with path.open("rb") as file:
            found.update(hashlib.file_digest(file, "blake2b").digest())
    return found.hexdigest()


def _fetch(repository: str) -> Path:
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, HFValidationError
    except ImportError:
        raise UsageError("Fetching a model needs some libraries. Install them: pip install 'lathe[train]'") from None
    try:
        return Path(snapshot_download(repository, allow_patterns=["*.json", "*.safetensors", "*.gguf", "*.model"]))
    except (HfHubHTTPError, HFValidationError, OSError, ValueError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise ModelError(
            f"{repository} cannot be fetched from the hub: {reason} Some models are given after their conditions are "
            "accepted there (`lathe models`)."
        ) from None


def _open_embedded(name: str, cache: Path) -> Model:
    from lathe.model import EmbeddedDecoder, Tokenizer
    from lathe.tasks.own import OwnModel

    folder = find_folder(name)
    tokenizer = Tokenizer.load(folder / "tokenizer.json")
    return OwnModel(name, tokenizer, EmbeddedDecoder(folder, cache=cache), read_confidences(folder))


def _open_transformers(name: str, cache: Path) -> Model:
    from lathe.model import Tokenizer
    from lathe.tasks.own import OwnModel
    from lathe.tasks.prompted import PromptedModel

    try:
        from lathe.training import NetworkDecoder, NetworkText, load_network
    except ImportError:
        raise UsageError(
            f"{name} has no GGUF file, and torch is not there. Install it: pip install 'lathe[train]'"
        ) from None
    folder = find_folder(name)
    try:
        tokenizer = Tokenizer.load(folder / "tokenizer.json")
    except InputError:
        return PromptedModel(name, NetworkText(folder))
    network = load_network(folder, tokenizer=tokenizer.digest).float()  # type: ignore[no-untyped-call]
    return OwnModel(name, tokenizer, NetworkDecoder(network), read_confidences(folder))


def _open_server(name: str, cache: Path) -> Model:
    from lathe.model import ServerGenerator
    from lathe.tasks.prompted import PromptedModel

    return PromptedModel(name, ServerGenerator(name))


MODELS: Mapping[str, Callable[[str, Path], Model]] = {
    "embedded": _open_embedded,
    "transformers": _open_transformers,
    "server": _open_server,
}
"""What opens a model of each kind, by its name and the folder for what is made of it."""


def make_proposer(model: Model, *, count: int) -> Propose:
    """What has `lathe.search.tune_functions` try a model's recipes; pieces of several functions get none."""

    def propose(piece: Piece, stage: Recipe, space: Space) -> list[Recipe]:
        if len(piece.functions) != 1:
            return []
        found = model.propose(piece.text, stage=stage, space=space, setting=AskSetting(count))
        return [proposal.recipe for proposal in found]

    return propose
