"""What a sweep costs beside its runs: tasks of known length, done by its workers and written to the disk as always."""

import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from experiments.sweeps.filling import fill
from experiments.sweeps.store import Shard, Store
from experiments.sweeps.work import Limits, Task
from experiments.sweeps.workers import Pool

PRELOAD = ("benchmarks.__main__",)  # what every worker would load anew otherwise
PAYLOAD = 20_000  # bytes of a shard, about what a run of the model leaves


class Sweep(NamedTuple):
    """What a sweep tells."""

    tasks: list[Mapping[str, Any]]  # what each of them told
    efficiency: float  # length of the tasks over the time that they took all workers
    parent: float  # processor time of this process, s


def busy(seconds: float) -> tuple[dict[str, Any], bytes]:
    """Use the processor for so long, and tell who did, from when to when, and by the clock of its processor."""
    told = {"worker": os.getpid(), "begun": time.perf_counter(), "from": time.process_time()}
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass
    return told | {"ended": time.perf_counter(), "to": time.process_time()}, bytes(PAYLOAD)


def efficiencies(task_seconds: float, n_tasks: int, workers: int, rounds: int) -> list[float]:
    """Length of the tasks over the time that they took all workers; one value a round.

    What a round has written stays until the last is over. Where files were just taken away, a file system may look at
    each of their places before it makes a new file; no sweep takes away what it has written.
    """
    with tempfile.TemporaryDirectory() as folder:
        return [sweep(task_seconds, n_tasks, workers, Path(folder) / str(k)).efficiency for k in range(rounds)]


def sweep(task_seconds: float, n_tasks: int, workers: int, folder: Path) -> Sweep:
    """One sweep, looked at from when the last worker has begun its first task to the last shard on the disk."""
    shards: list[Shard] = []
    store = Store(folder)
    store.prepare()
    tasks = [Task(f"{number:064d}", task_seconds) for number in range(n_tasks)]
    before = time.process_time()
    fill(store, tasks, Pool(busy, workers, Limits(), PRELOAD).outcomes, shards.append)
    ended, parent = time.perf_counter(), time.process_time() - before
    told = [shard.header for shard in shards]
    first: dict[int, float] = {}
    for one in told:
        first[one["worker"]] = min(one["begun"], first.get(one["worker"], one["begun"]))
    assert len(first) == workers
    start = max(first.values())
    done = sum(max(0.0, one["ended"] - max(one["begun"], start)) / (one["ended"] - one["begun"]) for one in told)
    return Sweep(told, task_seconds * done / workers / (ended - start), parent)
