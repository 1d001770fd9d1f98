"""The training loop: the stages of a run, one after the other, on as many devices as there are.

    for said in train(run, tokenizer, out, LoopSetting()): print(said)

Covered: half precision, accumulation, sharding among devices (`lathe.training.devices`), LoRA, checkpoints that a
killed run goes on from with the same losses, losses on held-out data after each stage, a stop when the loss is no
number or jumps. Not meant to be: tensor or pipeline parallelism.
"""

from __future__ import annotations

import math
import statistics
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from lathe.errors import InputError, TrainingError
from lathe.training.batches import Batch, Feed, ShardFolder
from lathe.training.card import describe_run
from lathe.training.checkpoint import Checkpoint, find_checkpoint, load_checkpoint, save_checkpoint
from lathe.training.cost import count_flops, find_peak
from lathe.training.devices import Devices, open_devices
from lathe.training.learner import make_learner, make_optimiser, rate_at, save_network
from lathe.training.log import Log, Step, Validation
from lathe.training.network import read_shape
from lathe.training.stages import Run, Stage

if TYPE_CHECKING:
    from lathe.model import Tokenizer

__all__ = ["LoopSetting", "train", "validate"]

_SPIKE, _IN_A_ROW = 1.5, 3  # times the median of the last losses; a single batch may be an odd one
_REMEMBERED = 50


@dataclass(frozen=True, slots=True)
class LoopSetting:
    """How a run is done here, which changes nothing of what it learns but rounding."""

    checkpoint_steps: int = 200
    checkpointing: bool = False
    compile: bool = False
    precision: str = "bf16"


def train(run: Run, tokenizer: Tokenizer, out: Path, setting: LoopSetting) -> Iterator[Step | Validation]:
    """Do a run, or the rest of one, and say what each step was, and each stage.

    `out` gets a log, checkpoints, the network after each stage but the last (`stages`), and at the end `network`.
    Raises `InputError` for data that is missing, too little, or of another tokenizer, `TrainingError` when the loss
    goes wrong or memory is not enough.
    """
    sources, held_out = (
        {name: ShardFolder(folder, tokenizer=tokenizer.digest) for name, folder in of.items()}
        for of in (run.data, run.held_out)
    )
    check_data(run, sources)
    with open_devices() as devices:
        learner = make_learner(run, tokenizer, checkpointing=setting.checkpointing, compiled=setting.compile)
        learner = devices.spread(learner, setting.precision)
        doing = _Doing(run, setting, devices, learner, make_optimiser(learner, run.optimiser))
        begun = find_checkpoint(out)
        if begun:
            load_checkpoint(devices, learner, doing.optimiser, begun)
        log = Log(out, devices, [stage.name for stage in run.stages], begun)
        for number, stage in enumerate(run.stages):
            if begun and number < begun.stage:
                continue
            for said in doing.learn(number, sources, begun, out):
                log.add(said)
                yield said
            losses = {name: validate(devices, learner, of, run, setting.precision) for name, of in held_out.items()}
            log.add(found := Validation(stage.name, losses))
            last = number == len(run.stages) - 1
            folder = out / "network" if last else out / "stages" / f"{number + 1}-{stage.name.replace(' ', '-')}"
            story = describe_run(run, number + 1, sources, devices, log.hours)
            save_network(devices, learner, tokenizer, folder, lora=run.lora, story=story)
            yield found


def check_data(run: Run, sources: dict[str, ShardFolder]) -> None:
    """That there is data for every stage, and enough of it; raises `InputError`."""
    if missing := {name for stage in run.stages for name in stage.mix} - sources.keys():
        raise InputError(f"The run has no data for {', '.join(sorted(missing))}. Name a folder for each under [data].")
    for stage in run.stages:
        for name, share in stage.mix.items():
            rounds = stage.tokens * share / sources[name].tokens
            if rounds > run.most_rounds:
                raise InputError(
                    f'Stage "{stage.name}" would read {name} {rounds:.1f} times over: {stage.tokens * share:,.0f} '
                    f"tokens of {sources[name].tokens:,}. Make more of it, give the stage fewer tokens, or allow it: "
                    f"most_rounds = {math.ceil(rounds)}"
                )


@dataclass(frozen=True, slots=True)
class _Doing:
    """A run that is being done."""

    run: Run
    setting: LoopSetting
    devices: Devices
    learner: Any
    optimiser: torch.optim.Optimizer

    @property
    def together(self) -> int:
        """Streams that a device learns from in a step."""
        return max(1, round(self.run.batch_tokens / self.run.stream_tokens / self.devices.count))

    def count_steps(self, stage: Stage) -> int:
        """The steps of a stage."""
        return max(1, math.ceil(stage.tokens / (self.together * self.run.stream_tokens * self.devices.count)))

    def learn(
        self, number: int, sources: dict[str, ShardFolder], begun: Checkpoint | None, out: Path
    ) -> Iterator[Step]:
        """The steps of a stage, or the rest of them."""
        run, devices, stage = self.run, self.devices, self.run.stages[number]
        first = begun.step if begun and number == begun.stage else 0
        steps, later = self.count_steps(stage), sum(map(self.count_steps, run.stages[number + 1 :]))
        feed = Feed({n: sources[n] for n in stage.mix}, stage.mix, length=run.stream_tokens, prompts=stage.prompts)
        feed.skip(first * self.together * devices.count)
        config = self.learner.network.config
        flops, peak = count_flops(read_shape(config), config.vocab_size, 0), find_peak(devices.own)
        watch, times = Watch(stage.name), deque[float](maxlen=_REMEMBERED)
        for step in range(first + 1, steps + 1):
            started = time.monotonic()
            rate = rate_at(run.optimiser, stage.rate or run.optimiser.rate, (step - 1) / steps)
            for group in self.optimiser.param_groups:
                group["lr"] = rate
            batches = [draw_own(feed, devices) for _ in range(self.together)]
            loss, gradient, tokens = self.step(batches)
            watch.look_at(loss, step)
            times.append(time.monotonic() - started)
            speed = tokens / times[-1]
            used = flops * speed / devices.count
            left = (steps - step + later) * statistics.median(times)
            yield Step(
                stage.name, step, steps, loss, gradient, rate, tokens, speed, used / 1e12,
                used / peak if peak else None, left,
            )  # fmt: skip
            if step % self.setting.checkpoint_steps == 0 or step == steps:
                save_checkpoint(devices, self.learner, self.optimiser, out, stage=number, step=step)

    def step(self, batches: list[Batch]) -> tuple[float, float, int]:
        """Learn from batches together: the mean loss of what is learnt, the length of the gradient, useful tokens."""
        devices, total = self.devices, torch.zeros((), device=self.devices.own)
        learnt, useful = devices.sum(sum(len(b.targets) for b in batches), sum(b.useful for b in batches))
        try:
            for number, batch in enumerate(batches, 1):
                if devices.count > 1:
                    self.learner.set_requires_gradient_sync(number == len(batches))
                with devices.compute_in(self.setting.precision):
                    loss = self.learner(batch) * (devices.count / max(1, learnt))  # devices' gradients are averaged
                loss.backward()
                total += loss.detach()
            gradient = torch.nn.utils.clip_grad_norm_(self.learner.parameters(), self.run.optimiser.clip)
            self.optimiser.step()
            self.optimiser.zero_grad(set_to_none=True)
        except RuntimeError as error:
            if not isinstance(error, torch.OutOfMemoryError) and "can't allocate memory" not in str(error):
                raise
            raise TrainingError(
                f"There is not enough memory on {devices.own} for streams of {self.run.stream_tokens} tokens. Lower "
                "stream_tokens, keep less with --checkpointing, or take more devices; `lathe train --plan` counts it."
            ) from None
        (mean,) = devices.sum(float(total) / devices.count)
        return mean, float(_make_whole(gradient)), int(useful)


def _make_whole(value: Any) -> Any:
    """A number that is cut among devices, or is not."""
    return value.full_tensor() if hasattr(value, "full_tensor") else value


def draw_own(feed: Feed, devices: Devices) -> Batch:
    """The next batch of this device; those of others are drawn there."""
    feed.skip(devices.rank)
    batch = feed.draw()
    feed.skip(devices.count - devices.rank - 1)
    return batch.to(devices.own)


@torch.no_grad()
def validate(devices: Devices, learner: Any, source: ShardFolder, run: Run, precision: str) -> float:
    """The mean loss (nats) of tokens of completions, on the first examples of held-out data."""
    feed = Feed({"": source}, {"": 1.0}, length=run.stream_tokens, prompts=False)
    wanted = min(run.held_out_tokens, source.tokens) / run.stream_tokens
    total = learnt = 0.0
    for _ in range(max(1, round(wanted / devices.count))):
        batch = draw_own(feed, devices)
        with devices.compute_in(precision):
            total += float(learner(batch))
        learnt += len(batch.targets)
    total, learnt = devices.sum(total, learnt)
    return total / learnt


class Watch:
    """Stops a stage whose loss is no number, or jumps; raises `TrainingError`."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._losses: deque[float] = deque(maxlen=_REMEMBERED)
        self._over = 0

    def look_at(self, loss: float, step: int) -> None:
        """Look at the next loss."""
        usual = statistics.median(self._losses) if self._losses else loss
        self._over = self._over + 1 if len(self._losses) == _REMEMBERED and loss > _SPIKE * usual else 0
        if not math.isfinite(loss) or self._over == _IN_A_ROW:
            raise TrainingError(
                f'The loss is {loss:.3g} at step {step} of stage "{self._stage}", where {usual:.3g} is usual. '
                "The last checkpoint is good: go on from it with a lower rate."
            )
        self._losses.append(loss)
