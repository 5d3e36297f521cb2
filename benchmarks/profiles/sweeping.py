"""The overhead of a sweep of short tasks by what causes it."""

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.profiles.watch import watching
from benchmarks.sweeping import Sweep, sweep
from benchmarks.tables import milliseconds, table

SECONDS, TASKS, WORKERS, ROUNDS = 0.01, 300, 2, 3
WORKER, REST, IDLE, ALL = "worker: task received, shard sent", "parent: all else", "a processor waits", "all"
STAGES = {
    "parent: who gets a task": ("experiments.sweeps.workers.Pool._fill",),
    "parent: tasks sent": ("multiprocessing.connection.Connection.send",),
    "parent: news awaited": ("experiments.sweeps.workers.wait",),
    "parent: shards received": ("multiprocessing.connection.Connection.recv",),
    "parent: shards sealed and written": ("experiments.sweeps.store.written",),
    "parent: files flushed": ("experiments.sweeps.filling.flush_each",),
    "parent: files renamed": ("pathlib.Path.replace",),
    "parent: folder flushed": ("experiments.sweeps.store.flush_folder",),
    "parent: files opened and closed": ("experiments.sweeps.store.Store.write",),
    "parent: shards queue for the writer": (
        "experiments.sweeps.filling.Writer.put",
        "experiments.sweeps.filling.Writer._crowd",
    ),
}


def sweeping() -> Iterator[str]:
    """Causes in the order in which a task meets them."""
    yield f"Processor time of a task of {SECONDS * 1000:.0f} ms beside its own, {WORKERS} workers and their parent on"
    yield f"{len(os.sched_getaffinity(0))} processors; medians of {ROUNDS} sweeps of {TASKS} tasks."
    yield ""
    with TemporaryDirectory() as folder:
        rounds = [causes(Path(folder) / str(k)) for k in range(ROUNDS)]
    middle = {name: median(one[name] for one in rounds) for name in rounds[0]}
    yield from table(["cause", "ms a task"], ([name, milliseconds(value)] for name, value in middle.items()))


def causes(folder: Path) -> dict[str, float]:
    """Seconds of a task by cause, in one sweep that writes into a folder."""
    with watching(STAGES) as watch:
        done = sweep(SECONDS, TASKS, WORKERS, folder)
    told = watch.told()
    found = {WORKER: between(done)} | {name: value / TASKS for name, value in told.items()}
    found[REST] = (done.parent - sum(told.values())) / TASKS
    whole = SECONDS * (1.0 / done.efficiency - 1.0)
    return found | {IDLE: whole - sum(found.values()), ALL: whole}


def between(done: Sweep) -> float:
    """Mean processor time of a worker from the end of a task to the beginning of its next one."""
    gaps = []
    for worker in {one["worker"] for one in done.tasks}:
        tasks = sorted((one for one in done.tasks if one["worker"] == worker), key=lambda one: float(one["begun"]))
        gaps += [after["from"] - before["to"] for before, after in pairwise(tasks)]
    return sum(gaps) / len(gaps)
