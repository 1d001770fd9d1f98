"""The log of a run: a line of JSON for each step and each stage, and the same for TensorBoard."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from lathe.training.checkpoint import Checkpoint
from lathe.training.devices import Devices

__all__ = ["Log", "Step", "Validation"]


@dataclass(frozen=True, slots=True)
class Step:
    """What a step was: its loss (nats a token learnt), the gradient's length, rate, useful tokens, and speed.

    `tokens_a_second` are those of all devices, `tflops` and `mfu` (None where the device's peak is not known) of each;
    `seconds_left` is an estimate for the rest of the run.
    """

    stage: str
    step: int
    steps: int
    loss: float
    gradient: float
    rate: float
    tokens: int
    tokens_a_second: float
    tflops: float
    mfu: float | None
    seconds_left: float


@dataclass(frozen=True, slots=True)
class Validation:
    """The losses on held-out data after a stage (nats a token of completions), by its name."""

    stage: str
    losses: Mapping[str, float]


class Log:
    """`log.jsonl` and `board` in a folder; what was written after the checkpoint that a run goes on from is dropped.

    `hours` are those of all steps.
    """

    def __init__(self, out: Path, devices: Devices, stages: Sequence[str], begun: Checkpoint | None) -> None:
        self._path, self._board = out / "log.jsonl", cast("Any", None)
        self.hours = 0.0
        if not devices.first:
            return
        from torch.utils.tensorboard import SummaryWriter

        out.mkdir(parents=True, exist_ok=True)
        kept = self._path.read_text(encoding="utf-8").splitlines() if begun and self._path.exists() else []
        kept = [line for line in kept if begun and _is_before(json.loads(line), stages, begun)]
        self._path.write_text("".join(f"{line}\n" for line in kept), encoding="utf-8")
        self.hours = sum(_hours_of(json.loads(line)) for line in kept)
        self._board = SummaryWriter(str(out / "board"))

    def add(self, said: Step | Validation) -> None:
        """Write down a step or the end of a stage."""
        if self._board is None:
            return
        line = asdict(said)
        self.hours += _hours_of(line)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        if isinstance(said, Step):
            for name in ("loss", "gradient", "rate", "tokens_a_second"):
                self._board.add_scalar(f"{said.stage}/{name}", getattr(said, name), said.step)
        else:
            for name, loss in said.losses.items():
                self._board.add_scalar(f"held out/{name}", loss, 0)
        self._board.flush()


def _hours_of(line: dict[str, Any]) -> float:
    return line["tokens"] / line["tokens_a_second"] / 3600 if "tokens" in line else 0.0


def _is_before(line: dict[str, Any], stages: Sequence[str], begun: Checkpoint) -> bool:
    """Whether a line was written before a checkpoint; what follows the last step of a stage is done again."""
    number = stages.index(line["stage"])
    return number < begun.stage or (number == begun.stage and line.get("step", begun.step + 1) <= begun.step)
