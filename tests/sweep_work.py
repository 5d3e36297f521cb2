"""Work for sweeps of tests: runs that raise, die, hang or take too much, and runs that cost nothing."""

import hashlib
import os
import signal
import time
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from experiments.sweeps.store import DONE, Shard
from experiments.sweeps.work import Task
from experiments.sweeps.workers import Limits, Pool


def faulty(order: str) -> tuple[dict[str, Any], bytes]:
    """Do what the order says."""
    kind, _, rest = order.partition(" ")
    if kind == "raise":
        raise ValueError("a run that raises")
    if kind == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "die-once":  # leaves a mark, so that it can know
        try:
            os.close(os.open(rest, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return {}, b"second time"
        os.kill(os.getpid(), signal.SIGKILL)
    if kind == "exit":
        raise SystemExit(7)
    if kind == "hang":
        time.sleep(3600)
    if kind == "memory":
        np.ones(int(1e9))
    if kind == "sleep":
        time.sleep(float(rest))
    return {"pid": os.getpid()}, order.encode()


def tasks(orders: Iterable[str]) -> list[Task]:
    return [Task(f"{number:064d}", order) for number, order in enumerate(orders)]


def outcomes(orders: Iterable[str], workers: int = 2, limits: Limits | None = None) -> dict[str, Shard]:
    """Shards by the number of the order."""
    pool = Pool(faulty, workers, limits or Limits(seconds=20.0))
    return {shard.key: shard for shard in pool.outcomes(tasks(orders))}


def free_of_charge(wanted: Iterable[Task]) -> Iterator[Shard]:
    """Shards as runs of the model leave them, of values that follow from the key."""
    from experiments.sweeps.model_work import variable_places

    for task in wanted:
        years = task.content.scenario.quarters // 4
        random = np.random.default_rng(int(hashlib.sha256(task.key.encode()).hexdigest()[:8], 16))
        values = random.random((years, len(variable_places())))
        yield Shard(task.key, DONE, {"shape": list(values.shape)}, values.astype("<f8").tobytes())
