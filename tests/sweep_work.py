"""Work for sweeps of tests: runs that raise, die, hang or take too much, and runs that cost nothing."""

import hashlib
import os
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from experiments.designs.design import Design
from experiments.sweeps.filling import Outcomes
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


def bad_among_good(design: Design, bad: Mapping[int, str]) -> Outcomes:
    """Processes that do the runs of a design, some of which, by number, raise, die or hang."""
    numbers = {(run.point.number, run.replicate): run.number for run in design.runs()}
    places = {point.scenario.digest(): point.number for point in design.points}

    def outcomes(wanted: Iterable[Task]) -> Iterator[Shard]:
        orders = []
        for task in wanted:
            run = task.content
            number = numbers[places[run.scenario.digest()], run.replicate]
            orders.append(Task(task.key, (bad.get(number, "plain"), task)))
        limits = Limits(design.file.seconds, design.file.gigabytes)
        return Pool(faulty_or_free, 2, limits, (__name__,)).outcomes(orders)

    return outcomes


def faulty_or_free(order: tuple[str, Task]) -> tuple[dict[str, Any], bytes]:
    """Do what an order says first, then leave what a run of the model leaves."""
    faulty(order[0])
    (shard,) = free_of_charge([order[1]])
    return dict(shard.header), shard.payload


def free_of_charge(wanted: Iterable[Task]) -> Iterator[Shard]:
    """Shards as runs of the model leave them, of values that follow from the key."""
    from experiments.sweeps.model_work import variable_places

    for task in wanted:
        years = task.content.scenario.quarters // 4
        random = np.random.default_rng(int(hashlib.sha256(task.key.encode()).hexdigest()[:8], 16))
        values = random.random((years, len(variable_places())))
        yield Shard(task.key, DONE, {"shape": list(values.shape)}, values.astype("<f8").tobytes())
