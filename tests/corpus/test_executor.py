"""Executors: whatever dies, every shard is done once, and what kills everybody is named."""

from __future__ import annotations

import functools
import os
import signal
import time
from collections import Counter
from multiprocessing import get_context
from pathlib import Path

import pytest

from lathe.corpus import Shard, run_shards
from lathe.errors import UsageError

SHARDS = [Shard(f"s{number}", (number,)) for number in range(12)]


def work(folder: Path, shard: Shard) -> Counter[str]:
    """Writes down that it was tried; the third dies the first time, the eighth every time."""
    (number,) = shard.items
    tries = folder / f"{shard.name}.tries"
    with tries.open("a") as file:
        file.write("x")
    if number == 8 or (number == 3 and tries.stat().st_size == 1):
        os.kill(os.getpid(), signal.SIGKILL)
    (folder / f"{shard.name}.done").write_text(str(number))
    return Counter({"items": 1, "sum": number})


def test_processes_that_die_lose_nothing(tmp_path: Path) -> None:
    found = list(run_shards(functools.partial(work, tmp_path), SHARDS, jobs=2))
    assert sorted(done.name for done in found) == sorted(shard.name for shard in SHARDS)
    assert [done.name for done in found if done.lost] == ["s8"]
    total = sum((done.counts for done in found), Counter[str]())
    assert total == {"items": 11, "sum": sum(range(12)) - 8}
    assert len(list(tmp_path.glob("*.done"))) == 11


def wait_long(folder: Path, shard: Shard) -> Counter[str]:
    (folder / f"{os.getpid()}.pid").touch()
    time.sleep(600)
    return Counter()


def run_long(folder: Path) -> None:
    list(run_shards(functools.partial(wait_long, folder), SHARDS, jobs=2))


def test_nothing_is_left_of_a_run_that_is_killed(tmp_path: Path) -> None:
    parent = get_context("spawn").Process(target=run_long, args=(tmp_path,))
    parent.start()
    while len(found := list(tmp_path.glob("*.pid"))) < 2:
        assert parent.is_alive()
        time.sleep(0.05)
    parent.kill()
    parent.join()
    deadline = time.monotonic() + 30
    while any(Path("/proc", path.stem).exists() for path in found):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def fail(shard: Shard) -> Counter[str]:
    raise UsageError(f"no {shard.name}")


def test_what_work_raises_ends_the_run() -> None:
    with pytest.raises(UsageError, match="no s"):
        list(run_shards(fail, SHARDS, jobs=2))
    with pytest.raises(UsageError, match="Unknown executor"):
        list(run_shards(fail, SHARDS, executor="cloud"))


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_ray_survives_the_death_of_a_worker_and_of_a_node(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    other = cluster.add_node(num_cpus=1)

    def slow(shard: Shard) -> Counter[str]:  # sent by value, so that workers need not import this file
        import os
        import signal
        import time

        (number,) = shard.items
        tries = tmp_path / f"{shard.name}.tries"
        with tries.open("a") as file:
            file.write("x")
        time.sleep(0.5)
        if number == 3 and tries.stat().st_size == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        return Counter({"items": 1, "sum": number})

    try:
        found = []
        for done in run_shards(slow, SHARDS, executor="ray", jobs=2, address=cluster.address):
            found.append(done)
            if len(found) == 3:
                cluster.remove_node(other, allow_graceful=False)
    finally:
        import ray

        ray.shutdown()
        cluster.shutdown()
    assert sorted(done.name for done in found) == sorted(shard.name for shard in SHARDS)
    assert sum((done.counts for done in found), Counter[str]()) == {"items": 12, "sum": sum(range(12))}
