"""What a sweep costs beside its runs: tasks of known length, done by its workers and written to the disk as always."""

import os
import tempfile
import time
from pathlib import Path
from typing import Any

from experiments.sweeps.filling import fill
from experiments.sweeps.store import Shard, Store
from experiments.sweeps.work import Limits, Task
from experiments.sweeps.workers import Pool

PRELOAD = ("benchmarks.__main__",)  # what every worker would load anew otherwise
PAYLOAD = 20_000  # bytes of a shard, about what a run of the model leaves


def busy(seconds: float) -> tuple[dict[str, Any], bytes]:
    """Use the processor for so long, and tell who did, from when to when."""
    begun, end = time.perf_counter(), time.thread_time() + seconds
    while time.thread_time() < end:
        pass
    return {"worker": os.getpid(), "begun": begun, "ended": time.perf_counter()}, bytes(PAYLOAD)


def efficiencies(task_seconds: float, n_tasks: int, workers: int, rounds: int) -> list[float]:
    """Length of the tasks over the time that they took all workers; one value a round."""
    return [efficiency(task_seconds, n_tasks, workers) for _ in range(rounds)]


def efficiency(task_seconds: float, n_tasks: int, workers: int) -> float:
    """The same of one sweep, from when the last worker has begun its first task to the last shard on the disk."""
    shards: list[Shard] = []
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        store.prepare()
        tasks = [Task(f"{number:064d}", task_seconds) for number in range(n_tasks)]
        fill(store, tasks, Pool(busy, workers, Limits(), PRELOAD).outcomes, shards.append)
        ended = time.perf_counter()
    first: dict[int, float] = {}
    for shard in shards:
        who, begun = shard.header["worker"], shard.header["begun"]
        first[who] = min(begun, first.get(who, begun))
    assert len(first) == workers
    start = max(first.values())
    spans = [(shard.header["begun"], shard.header["ended"]) for shard in shards]
    done = sum(max(0.0, end - max(begun, start)) / (end - begun) for begun, end in spans)
    return task_seconds * done / workers / (ended - start)
