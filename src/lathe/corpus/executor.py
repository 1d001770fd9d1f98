"""Executors: shards of work on this machine's processes, or on a Ray cluster, behind one call.

    for done in run_shards(work, shards, executor="local", jobs=2): …

Work is a pure function of its shard that writes what it makes itself and returns counts only; so a shard that was done
is not done again, one that was lost with its process or node is, and nothing is there twice. Extended through
`EXECUTORS`.
"""

from __future__ import annotations

import itertools
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from typing import Any

from lathe.errors import UsageError

__all__ = ["EXECUTORS", "Done", "Shard", "run_shards"]

_TRIES = 3
_WAITING = 4  # shards in flight for each job on a cluster


@dataclass(frozen=True, slots=True)
class Shard:
    """A part of some work: its name, which says all about it, and its items."""

    name: str
    items: tuple[Any, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Done:
    """A shard that is done, with what was counted; or `lost`: whoever tries it dies of it."""

    name: str
    counts: Counter[str]
    lost: bool = False


Work = Callable[[Shard], Counter[str]]


def run_shards(
    work: Work, shards: Iterable[Shard], *, executor: str = "local", jobs: int = 1, address: str | None = None
) -> Iterator[Done]:
    """Do all shards, in any order, `jobs` at a time; `work` must be importable by other processes.

    What `work` raises ends the run. Raises `UsageError` for an unknown executor or one that is not installed.
    """
    if executor not in EXECUTORS:
        raise UsageError(f'Unknown executor "{executor}". Choose one of: {", ".join(EXECUTORS)}')
    yield from EXECUTORS[executor](work, shards, jobs, address)


def _run_local(work: Work, shards: Iterable[Shard], jobs: int, _: str | None) -> Iterator[Done]:
    left = iter(shards)
    again: list[tuple[Shard, int]] = []
    while True:
        fresh = ((shard, 0) for shard in left)
        first, again = again, []
        # what died before is tried alone at the end, so that it takes no other shard along
        suspects = [pair for pair in first if pair[1] >= _TRIES - 1]
        batch = itertools.chain([pair for pair in first if pair[1] < _TRIES - 1], fresh)
        yield from _run_pool(work, batch, jobs, again)
        for shard, tries in suspects:
            alone: list[tuple[Shard, int]] = []
            yield from _run_pool(work, iter([(shard, tries)]), 1, alone)
            if alone:
                yield Done(shard.name, Counter(), lost=True)
        if not again:
            return


def _run_pool(
    work: Work, batch: Iterator[tuple[Shard, int]], jobs: int, again: list[tuple[Shard, int]]
) -> Iterator[Done]:
    """Do shards until none is left or a process dies; those under way then go into `again`."""
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn"), initializer=_follow_parent) as pool:
        running: dict[Future[Counter[str]], tuple[Shard, int]] = {}
        while True:
            for shard, tries in itertools.islice(batch, jobs - len(running)):
                running[pool.submit(work, shard)] = (shard, tries)
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                shard, tries = running.pop(future)
                try:
                    counts = future.result()
                except BrokenProcessPool:
                    again += [(s, t + 1) for s, t in [(shard, tries), *running.values()]]
                    return
                yield Done(shard.name, counts)


def _follow_parent() -> None:
    """Leave Ctrl-C, which reaches the whole group, to the parent, and end with it even when it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)


def _run_ray(work: Work, shards: Iterable[Shard], jobs: int, address: str | None) -> Iterator[Done]:
    try:
        import ray
    except ImportError:
        raise UsageError("This executor needs Ray. Install it: pip install 'lathe[ray]'") from None
    if not ray.is_initialized():
        ray.init(address=address, num_cpus=None if address else jobs, log_to_driver=False, include_dashboard=False)
    call = ray.remote(num_cpus=1, max_retries=_TRIES)(_call)
    left = iter(shards)
    running: dict[Any, Shard] = {}
    most = _WAITING * max(jobs, int(ray.cluster_resources().get("CPU", jobs)))
    while True:
        for shard in itertools.islice(left, most - len(running)):
            running[call.remote(work, shard)] = shard
        if not running:
            return
        for reference in ray.wait(list(running), num_returns=1)[0]:
            shard = running.pop(reference)
            try:
                yield Done(shard.name, ray.get(reference))
            except ray.exceptions.WorkerCrashedError:
                yield Done(shard.name, Counter(), lost=True)


def _call(work: Work, shard: Shard) -> Counter[str]:
    return work(shard)


EXECUTORS: Mapping[str, Callable[[Work, Iterable[Shard], int, str | None], Iterator[Done]]] = {
    "local": _run_local,
    "ray": _run_ray,
}
"""The executors by name."""
