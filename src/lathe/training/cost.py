"""Cost: what a run takes, by arithmetic, before anybody rents anything.

Operations follow Chowdhery et al. (PaLM, 2022, appendix B), by which MFU (model FLOPs utilisation) is defined: six for
each parameter and token, embeddings looked up apart, and 12 · layers · hidden · tokens seen for attention. Recomputed
activations do not count as work done. Memory is that of parameters, gradients and AdamW's two moments in single
precision, shared among all devices (FSDP), and of activations in half precision on each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from lathe.training.network import Shape
from lathe.training.stages import Run, Stage

__all__ = [
    "ACCELERATORS",
    "Accelerator",
    "Memory",
    "StageCost",
    "count_flops",
    "estimate_memory",
    "estimate_stages",
    "find_peak",
]


@dataclass(frozen=True, slots=True)
class Accelerator:
    """A device: dense half-precision operations a second, and bytes of memory, as its maker states them.

    `price` is an example: US dollars an hour on demand at a specialised cloud in May 2026, the middle of what was asked
    there (mercatus-ai.com/blog/cloud-gpu-pricing); others ask from half to twice as much.
    """

    flops: float
    memory: float
    price: float | None = None


ACCELERATORS: Mapping[str, Accelerator] = {
    "a100": Accelerator(312e12, 80e9, 1.3),
    "h100": Accelerator(989e12, 80e9, 3.0),
    "h200": Accelerator(989e12, 141e9, 4.0),
    "b200": Accelerator(2250e12, 180e9),
}
"""Devices by name."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Bytes on each device, by part."""

    parameters: float
    gradients: float
    moments: float
    activations: float
    logits: float

    @property
    def total(self) -> float:
        """Of all parts."""
        return self.parameters + self.gradients + self.moments + self.activations + self.logits


@dataclass(frozen=True, slots=True)
class StageCost:
    """What a stage takes: its tokens, its operations, and hours of all devices together."""

    stage: Stage
    flops: float
    device_hours: float


def find_peak(device: torch.device) -> float | None:
    """Operations a second of a device at its best, where it is one of `ACCELERATORS`."""
    name = torch.cuda.get_device_name(device).lower() if device.type == "cuda" else ""
    return next((kind.flops for key, kind in ACCELERATORS.items() if key in name), None)


def count_flops(shape: Shape, vocabulary: int, seen: float) -> float:
    """Operations for a token of training, forwards and backwards, that sees so many tokens on average."""
    parameters = shape.count(vocabulary)
    work = parameters.total - (0 if shape.tied else parameters.embedding)  # a tied one is the head, which works
    return 6 * work + 12 * shape.layers * shape.hidden * seen


def estimate_memory(shape: Shape, vocabulary: int, *, stream: int, devices: int, checkpointing: bool) -> Memory:
    """Bytes on each device for streams of so many tokens; with `checkpointing` a layer keeps its input alone."""
    parameters = shape.count(vocabulary).total / devices
    layer = (18 * shape.hidden + 8 * shape.inner) * stream
    kept = 2 * shape.hidden * stream * shape.layers + layer if checkpointing else layer * shape.layers
    return Memory(4 * parameters, 4 * parameters, 8 * parameters, kept, 10 * stream * vocabulary)


def estimate_stages(run: Run, shape: Shape, vocabulary: int, *, device: Accelerator, mfu: float) -> list[StageCost]:
    """What each stage takes at such a utilisation, for examples as long as the context, which is the most."""
    each = count_flops(shape, vocabulary, shape.context)
    return [StageCost(s, each * s.tokens, each * s.tokens / (device.flops * mfu) / 3600) for s in run.stages]
