"""The training loop: the stages of a run, one after the other, on as many devices as there are.

    for step in train(run, tokenizer, out, LoopSetting()): print(step)

Covered: one process, half precision, accumulation, checkpoints that a killed run goes on from with the same losses, a
stop when the loss is no number or jumps. Not covered yet: many processes (the steps are shared among them, but none of
it was run), sharding (FSDP2), LoRA. Not meant to be: tensor or pipeline parallelism.
"""

from __future__ import annotations

import json
import math
import statistics
import time
from collections import deque
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch.nn.functional import cross_entropy

from lathe.errors import InputError, TrainingError
from lathe.training.attention import use_streams
from lathe.training.batches import Batch, Feed, ShardFolder
from lathe.training.checkpoint import find_checkpoint, replace_folder, save_checkpoint
from lathe.training.cost import count_flops
from lathe.training.network import load_network, make_network, read_shape
from lathe.training.stages import Optimiser, Run, Stage

if TYPE_CHECKING:
    from accelerate import Accelerator

    from lathe.model import Tokenizer

__all__ = ["Learner", "LoopSetting", "Step", "train"]

_SPIKE = 1.5  # times the median of the last losses
_REMEMBERED = 50


@dataclass(frozen=True, slots=True)
class LoopSetting:
    """How a run is done here, which changes nothing of what it learns but rounding."""

    checkpoint_steps: int = 200
    checkpointing: bool = False
    compile: bool = False
    precision: str = "bf16"


@dataclass(frozen=True, slots=True)
class Step:
    """What a step was: its loss (nats a token learnt), gradient length, rate, and speed (useful tokens a second)."""

    stage: str
    step: int
    steps: int
    loss: float
    gradient: float
    rate: float
    tokens: int
    tokens_a_second: float
    tflops: float


class Learner(torch.nn.Module):
    """A network and what it learns from a stream: the sum of the losses of its tokens, in nats."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, batch: Batch) -> torch.Tensor:
        """The sum; the head sees only the places whose next token is learnt."""
        longest = int(batch.ends.diff().max())
        hidden = self.network.model(
            input_ids=batch.tokens[None], position_ids=batch.positions[None], use_cache=False, ends=batch.ends,
            longest=longest,
        ).last_hidden_state[0]  # fmt: skip
        logits = self.network.lm_head(hidden[batch.learnt])
        return cross_entropy(logits.float(), batch.targets, reduction="sum")


def train(run: Run, tokenizer: Tokenizer, out: Path, setting: LoopSetting) -> Iterator[Step]:
    """Do a run, or the rest of one, and say what each step was; `out` gets checkpoints, and the network at the end.

    Raises `InputError` for data that is missing or of another tokenizer, `TrainingError` when the loss goes wrong.
    """
    from accelerate import Accelerator

    accelerator = Accelerator(mixed_precision=setting.precision, cpu=not torch.cuda.is_available())
    sources = {name: ShardFolder(folder, tokenizer=tokenizer.digest) for name, folder in run.data.items()}
    if missing := {name for stage in run.stages for name in stage.mix} - sources.keys():
        raise InputError(f"The run has no data for {', '.join(sorted(missing))}. Name a folder for each under [data].")
    network = load_network(run.start, tokenizer=tokenizer.digest) if run.start else make_network(
        run.find_shape(), vocabulary=tokenizer.size, tokenizer=tokenizer.digest, seed=run.seed
    )  # fmt: skip
    use_streams(network)
    if setting.checkpointing:
        network.gradient_checkpointing_enable(  # type: ignore[no-untyped-call]
            {"use_reentrant": False}
        )
    if setting.compile:
        for layer in network.model.layers:
            layer.compile(dynamic=True)
    learner = Learner(network.float())  # type: ignore[no-untyped-call]
    optimiser = make_optimiser(learner, run.optimiser)
    learner, optimiser = accelerator.prepare(learner, optimiser)
    begun = find_checkpoint(out)
    if begun:
        accelerator.load_state(str(begun.folder))
    flops = count_flops(read_shape(network.config), network.config.vocab_size, 0)
    log = _Log(out / "log.jsonl", active=accelerator.is_main_process)
    for number, stage in enumerate(run.stages):
        if begun and number < begun.stage:
            continue
        first = begun.step if begun and number == begun.stage else 0
        feed = Feed({n: sources[n] for n in stage.mix}, stage.mix, length=run.stream_tokens, prompts=stage.prompts)
        for step in _learn(accelerator, learner, optimiser, feed, (run, stage, first), flops):
            log.add(step)
            yield step
            if step.step % setting.checkpoint_steps == 0 or step.step == step.steps:
                save_checkpoint(accelerator, out, stage=number, step=step.step)
    save_network(accelerator, learner, tokenizer, out)


def _learn(
    accelerator: Accelerator, learner: Any, optimiser: Any, feed: Feed, what: tuple[Run, Stage, int], flops: float
) -> Iterator[Step]:
    """The steps of a stage from one on."""
    run, stage, first = what
    together = max(1, round(run.batch_tokens / run.stream_tokens / accelerator.num_processes))
    steps = max(1, math.ceil(stage.tokens / (together * run.stream_tokens * accelerator.num_processes)))
    feed.skip(first * together * accelerator.num_processes)
    watch = _Watch(stage.name)
    for number in range(first, steps):
        started = time.monotonic()
        rate = rate_at(run.optimiser, stage.rate or run.optimiser.rate, number / steps)
        for group in optimiser.param_groups:
            group["lr"] = rate
        batches = []
        for _ in range(together):
            drawn = [feed.draw() for _ in range(accelerator.num_processes)]
            batches.append(drawn[accelerator.process_index].to(accelerator.device))
        loss, gradient, tokens = _step(accelerator, learner, optimiser, batches, run.optimiser.clip)
        seconds = time.monotonic() - started
        watch.look_at(loss, number + 1)
        speed = tokens / seconds
        yield Step(stage.name, number + 1, steps, loss, gradient, rate, tokens, speed, flops * speed / 1e12)


def _step(
    accelerator: Accelerator, learner: Any, optimiser: Any, batches: list[Batch], clip: float
) -> tuple[float, float, int]:
    """Learn from batches together: the mean loss of what is learnt, the length of the gradient, the useful tokens."""
    counts = [sum(len(b.targets) for b in batches), sum(b.useful for b in batches)]
    learnt, useful = accelerator.reduce(torch.tensor(counts, device=accelerator.device)).tolist()
    total = torch.zeros((), device=accelerator.device)
    for number, batch in enumerate(batches):
        with accelerator.no_sync(learner) if number < len(batches) - 1 else nullcontext():
            loss = learner(batch) * (accelerator.num_processes / max(1, learnt))  # replicas' gradients are averaged
            accelerator.backward(loss)
        total += loss.detach()
    gradient = accelerator.clip_grad_norm_(learner.parameters(), clip)
    optimiser.step()
    optimiser.zero_grad(set_to_none=True)
    return float(accelerator.reduce(total, "mean")), float(gradient), int(useful)


def make_optimiser(learner: torch.nn.Module, setting: Optimiser) -> torch.optim.AdamW:
    """AdamW that shrinks matrices and leaves norms alone."""
    matrices = [p for p in learner.parameters() if p.ndim >= 2]
    others = [p for p in learner.parameters() if p.ndim < 2]
    groups = [{"params": matrices, "weight_decay": setting.weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=setting.rate, betas=setting.betas, fused=True)


def rate_at(setting: Optimiser, rate: float, part: float) -> float:
    """The learning rate when such a part of a stage is done."""
    if part < setting.warmup:
        return rate * (part / setting.warmup + 0.01)
    if setting.schedule == "wsd":
        return rate * min(1.0, (1 - part) / setting.decay)
    done = (part - setting.warmup) / (1 - setting.warmup)
    return rate * (setting.floor + (1 - setting.floor) * (1 + math.cos(math.pi * done)) / 2)


def save_network(accelerator: Accelerator, learner: Any, tokenizer: Tokenizer, out: Path) -> None:
    """Write the network and its tokenizer as a folder that `transformers` loads, whole or not at all."""
    state = accelerator.get_state_dict(learner)
    with replace_folder(accelerator, out / "network") as fresh:
        if accelerator.is_main_process:
            network = accelerator.unwrap_model(learner).network
            own = {name.removeprefix("network."): value.to(torch.bfloat16) for name, value in state.items()}
            network.config.dtype = "bfloat16"
            network.save_pretrained(fresh, state_dict=own)
            tokenizer.save(fresh / "tokenizer.json")


class _Watch:
    """Stops a stage whose loss is no number, or jumps; raises `TrainingError`."""

    def __init__(self, stage: str) -> None:
        self._stage = stage
        self._losses: deque[float] = deque(maxlen=_REMEMBERED)

    def look_at(self, loss: float, step: int) -> None:
        """Look at the next loss."""
        usual = statistics.median(self._losses) if self._losses else loss
        if not math.isfinite(loss) or (len(self._losses) == _REMEMBERED and loss > _SPIKE * usual):
            raise TrainingError(
                f'The loss is {loss:.3g} at step {step} of stage "{self._stage}", where {usual:.3g} is usual. '
                "The last checkpoint is good: go on from it with a lower rate."
            )
        self._losses.append(loss)


class _Log:
    """A line of JSON for each step, and the same for TensorBoard."""

    def __init__(self, path: Path, *, active: bool) -> None:
        self._path, self._active = path, active
        self._board: Any = None
        if active:
            from torch.utils.tensorboard import SummaryWriter

            path.parent.mkdir(parents=True, exist_ok=True)
            self._board = SummaryWriter(str(path.parent / "board"))

    def add(self, step: Step) -> None:
        """Write a step down."""
        if not self._active:
            return
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(step)) + "\n")
        for name in ("loss", "gradient", "rate", "tokens_a_second"):
            self._board.add_scalar(f"{step.stage}/{name}", getattr(step, name), step.step)
