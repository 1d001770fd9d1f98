"""Runs: what is trained on what, for how long; a file of TOML says it all, and a stage is data.

    run = read_run(Path("runs/small.toml"))
    run.stages[1].mix                        # {"emulation": 0.85, "code": 0.15}

    size = "small"                           # or [shape] with its fields; start = "FOLDER" of a network to go on from
    tokenizer = "tokenizer.json"
    batch_tokens = 131072

    [data]                                   # name -> folder of token shards (lathe dataset pack)
    code = "packed/code"
    emulation = "packed/emulation"

    [[stage]]
    name = "emulation"
    tokens = 60_000_000
    mix = { emulation = 0.85, code = 0.15 }

Paths are seen from the file on. Whatever is not known, missing, or of another kind is one clear error, before anything
is loaded. The proportions of `mix` are of tokens, and are made to add up to one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config

from lathe.errors import InputError
from lathe.training.network import SIZES, Shape

__all__ = ["Lora", "Optimiser", "Published", "Run", "Stage", "read_run"]


Size = Literal["nano", "small", "7b", "13b"]
Count = Annotated[int, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(gt=0)]


@dataclass(frozen=True, slots=True)
class Optimiser:
    """AdamW, and how its learning rate goes: up over `warmup` of a stage's steps, then by `schedule`.

    `cosine` falls to `floor` of the rate at the end; `wsd` keeps the rate, and falls linearly over the last `decay` of
    the steps (warm-up, stable, decay: Hu et al., 2024). Gradients longer than `clip` are shortened to it.
    """

    rate: Rate = 1e-3
    betas: tuple[Share, Share] = (0.9, 0.95)
    weight_decay: float = 0.1
    clip: Rate = 1.0
    warmup: Share = 0.02
    schedule: Literal["cosine", "wsd"] = "cosine"
    floor: Share = 0.1
    decay: Share = 0.2


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of a run: so many tokens of a mixture; `rate` is a learning rate of its own.

    With `prompts` they are learnt too; else only what follows them.
    """

    name: str
    tokens: Count
    mix: Annotated[dict[str, Rate], Field(min_length=1)]
    prompts: bool = False
    rate: Rate | None = None


@dataclass(frozen=True, slots=True)
class Lora:
    """LoRA: matrices of such a rank beside those of the layers that are named are learnt.

    What they say counts `alpha / rank` times.
    """

    rank: Count = 16
    alpha: Rate = 32.0
    targets: tuple[str, ...] = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")


@dataclass(frozen=True, slots=True)
class Published:
    """What somebody says that such a run took: hours of an accelerator, for all sizes together."""

    hours: Rate
    accelerator: Literal["a100", "h100", "h200", "b200"]
    sizes: tuple[Size, ...]
    source: str


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True)
class Run:
    """All of it. `size` names a shape; `start` is a folder of a network to go on from, whose shape is then its own.

    Without a start, weights are random, or `mimetic`: such as can copy already (`lathe.training.mimetic`).

    A step learns from `batch_tokens`, in streams of `stream_tokens` for each device at a time (what has room there).
    `held_out` names data as `data` does, on `held_out_tokens` of which the loss is taken after each stage. No stage may
    read its data more than `most_rounds` times over: up to four are nearly as good as new (Muennighoff et al., 2023).
    """

    stages: Annotated[tuple[Stage, ...], Field(min_length=1, alias="stage")]
    batch_tokens: Count
    stream_tokens: Count = 8192
    size: Size = "nano"
    shape: Shape | None = None
    start: Path | None = None
    initial: Literal["mimetic", "random"] = "mimetic"
    tokenizer: Path | None = None
    data: dict[str, Path] = field(default_factory=dict)
    held_out: dict[str, Path] = field(default_factory=dict)
    held_out_tokens: Count = 200_000
    most_rounds: Rate = 4.0
    lora: Lora | None = None
    optimiser: Optimiser = field(default_factory=Optimiser)
    seed: int = 0
    published: Published | None = None

    def find_shape(self) -> Shape:
        """The shape that is named or written out."""
        return self.shape or SIZES[self.size]


def read_run(path: Path) -> Run:
    """The run of a file; raises `InputError`, which names the key that is wrong."""
    try:
        run = _READER.validate_python(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from None
    except ValidationError as error:
        found = sorted(error.errors(), key=lambda e: e["type"] != _UNKNOWN)
        raise InputError(f"{path}: {_describe(found[0])}") from None
    except ValueError as error:
        raise InputError(f"{path} is not TOML: {error}.") from None
    for stage in run.stages:
        for name in stage.mix.keys() - run.data.keys() if run.data else ():
            raise InputError(
                f'{path}: stage "{stage.name}" mixes "{name}", which [data] lacks.{_suggest(name, run.data)}'
            )
    return _see_from(path.parent, run)


_UNKNOWN = "unexpected_keyword_argument"
_READER: TypeAdapter[Run] = TypeAdapter(Run)
_KEYS = sorted({item.name for of in (Run, Stage, Optimiser, Lora, Shape) for item in fields(of)})


def _see_from(folder: Path, run: Run) -> Run:
    """The run with its paths seen from a folder on, and proportions that add up to one."""
    stages = tuple(replace(s, mix={n: share / sum(s.mix.values()) for n, share in s.mix.items()}) for s in run.stages)
    return replace(
        run, stages=stages, data={name: folder / path for name, path in run.data.items()},
        held_out={name: folder / path for name, path in run.held_out.items()},
        start=run.start and folder / run.start, tokenizer=run.tokenizer and folder / run.tokenizer,
    )  # fmt: skip


def _describe(error: Any) -> str:
    """What pydantic found, as a sentence."""
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] == _UNKNOWN:
        return f'unknown key "{where}".{_suggest(str(error["loc"][-1]), _KEYS)}'
    if error["type"] == "missing":
        return f'"{where}" is missing.'
    return f'"{where}" is {error["input"]!r}. {error["msg"]}.'


def _suggest(key: str, known: Iterable[str]) -> str:
    near = get_close_matches(key, known := list(known), n=1)
    return f' Did you mean "{near[0]}"?' if near else f" Known: {', '.join(known)}."
