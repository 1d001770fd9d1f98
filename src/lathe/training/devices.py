"""Devices: what a run works on, one in this process, or one in each of many (`torchrun`), which share the network.

    torchrun --nproc-per-node 8 -m lathe train RUN.toml -o OUT

Parameters, gradients and moments are cut among all devices, layer by layer (torch's `fully_shard`, FSDP2); a layer is
put together where it works. Two processes on a CPU do the same as a thousand GPUs, so a test holds it. Each process
reads the whole network into the host's memory before it is cut. Not covered: copies of the network for groups of
devices (HSDP), tensor and pipeline parallelism.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
import torch.distributed as dist

__all__ = ["Devices", "find_device", "open_devices"]

_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8  # of malloc.h


@dataclass(frozen=True, slots=True)
class Devices:
    """So many devices, of which this process has one."""

    count: int
    rank: int
    own: torch.device

    @property
    def first(self) -> bool:
        """Whether this process is the one that writes and speaks."""
        return self.rank == 0

    def wait(self) -> None:
        """Until all processes are here."""
        if self.count > 1:
            dist.barrier()

    def sum(self, *numbers: float) -> list[float]:
        """The sums of numbers of all processes."""
        found = torch.tensor(numbers, dtype=torch.float64, device=self.own)
        if self.count > 1:
            dist.all_reduce(found)
        return [float(number) for number in found]

    def spread(self, learner: Any, precision: str) -> Any:
        """A learner on its device, or cut among all of them."""
        if self.count > 1:
            from torch.distributed.device_mesh import init_device_mesh
            from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard

            mesh = init_device_mesh(self.own.type, (self.count,))
            half = (
                MixedPrecisionPolicy(torch.bfloat16, torch.float32) if precision == "bf16" else MixedPrecisionPolicy()
            )
            for part in (*learner.network.model.layers, learner):
                fully_shard(part, mesh=mesh, mp_policy=half)
        return learner.to(self.own)

    def compute_in(self, precision: str) -> AbstractContextManager[object]:
        """Where forward passes run, which parts that are cut do by themselves."""
        if precision == "bf16" and self.count == 1:
            return torch.autocast(self.own.type, torch.bfloat16)
        return nullcontext()


def _keep_memory() -> None:
    """Have glibc keep what is freed for the next step: else each large tensor is mapped, and cleared, anew."""
    adjust = getattr(ctypes.CDLL(None), "mallopt", None)
    if adjust:
        for option, value in ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, 2**31 - 1), (_ARENA_MAX, 1)):
            adjust(option, value)


def find_device() -> torch.device:
    """This process's GPU, where there is one, else the CPU."""
    number = int(os.environ.get("LOCAL_RANK", "0"))
    return torch.device("cuda", number) if torch.cuda.is_available() else torch.device("cpu")


@contextmanager
def open_devices() -> Iterator[Devices]:
    """The devices of this process and of those that `torchrun` started with it."""
    count, rank = int(os.environ.get("WORLD_SIZE", "1")), int(os.environ.get("RANK", "0"))
    own = find_device()
    if own.type == "cuda":
        torch.cuda.set_device(own)
    else:
        _keep_memory()
    if count == 1:
        yield Devices(1, 0, own)
        return
    dist.init_process_group("nccl" if own.type == "cuda" else "gloo", device_id=own if own.type == "cuda" else None)
    try:
        yield Devices(count, rank, own)
    finally:
        dist.destroy_process_group()
