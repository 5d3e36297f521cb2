"""Following runs from a page: what is there so far, told at most five times a second while somebody looks."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from sim.scenario import Scenario
from viz.engine import VARIABLES, Engine, FullError, Job, Kind

PAUSE = 0.2  # seconds between two tellings
PATIENCE = 1.0  # seconds between two looks at a full queue


@dataclass(frozen=True)
class Progress:
    """How far one run is.

    Attributes:
        digest: of its scenario.
        replicates: what is kept of those that are there, in order.
        wanted: how many there will be.
        trouble: reference of an error, `limit`, or empty.
        over: whether nothing more will come.
    """

    digest: str
    replicates: tuple[Any, ...]
    wanted: int
    trouble: str
    over: bool


@dataclass(frozen=True)
class Snapshot:
    """How far the runs of a page are, in the order that they were asked for; `sharing` runs are at work in all.

    `waiting` says that the queue is full, so that nothing was begun.
    """

    runs: tuple[Progress, ...] = ()
    sharing: int = 0
    waiting: bool = False


def follow(
    engine: Engine,
    scenarios: tuple[Scenario, ...],
    gone: threading.Event,
    tell: Callable[[Snapshot], None],
    kind: Kind = VARIABLES,
    replicates: int | None = None,
) -> None:
    """Ask for runs and tell how far they are until all are over or `gone` is set.

    Args:
        engine: who runs them.
        scenarios: what is asked for.
        gone: set when nobody looks any more; the runs stop if nobody else does.
        tell: called with each snapshot, in this thread.
        kind: what is kept of them.
        replicates: of each; as many as the engine runs by default.
    """
    while not gone.is_set():
        with ExitStack() as stack:
            try:
                jobs = [stack.enter_context(engine.asking(scenario, kind, replicates)) for scenario in scenarios]
            except FullError:
                jobs = []
            if jobs:
                _follow(engine, jobs, gone, tell)
                return
        tell(Snapshot(sharing=engine.working(), waiting=True))
        gone.wait(PATIENCE)


def _follow(engine: Engine, jobs: list[Job], gone: threading.Event, tell: Callable[[Snapshot], None]) -> None:
    seen = -1
    while not gone.is_set():
        if not engine.wait(jobs, seen, PATIENCE):
            continue
        found = snapshot(engine, jobs)
        seen = sum(len(run.replicates) for run in found.runs)
        if gone.is_set():
            return
        tell(found)
        if all(run.over for run in found.runs):
            return
        gone.wait(PAUSE)


def snapshot(engine: Engine, jobs: list[Job]) -> Snapshot:
    """How far jobs are now."""
    runs = []
    for job in jobs:
        replicates = tuple(engine.so_far(job))
        over = len(replicates) >= job.replicates or bool(job.trouble)
        runs.append(Progress(job.scenario.digest(), replicates, job.replicates, job.trouble, over))
    return Snapshot(tuple(runs), engine.working())
