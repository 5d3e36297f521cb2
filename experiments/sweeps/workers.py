"""Processes that do runs side by side, each on a leash: one that raises, dies or hangs spoils its own run only.

The pool of the standard library ends with the first worker that is killed, and cannot stop a run that hangs. So each
worker here has a pipe of its own: its end is the news that the worker died, and a worker that takes too long is killed
and replaced. A worker has a second task waiting, so that it never waits for the parent; only the first is blamed.
"""

import contextlib
import multiprocessing
import os
import resource
import signal
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection, wait
from typing import Any

from experiments.sweeps.store import Shard
from experiments.sweeps.work import KILLED, TIME, Limits, Task, Work, attempt, failure

WAITING = 2  # tasks that a worker has been given
STARTUP = 120.0  # seconds until a worker must have said that it is ready
MOST_DEATHS = 3  # of workers in a row that never became ready


class WorkersError(RuntimeError):
    """No worker can be started."""


def serve(connection: Connection, work: Work, limits: Limits) -> None:
    """What a worker does: take a task, do it, send back the shard, until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _limit_memory(limits.gigabytes)
    with contextlib.suppress(EOFError, OSError):
        connection.send(None)
        while True:
            task = connection.recv()
            connection.send(attempt(work, task))


def _die_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _limit_memory(gigabytes: float) -> None:
    """Let what the process takes beyond its start be refused, as a MemoryError, above a limit."""
    most = int(gigabytes * 1e9)
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (most if hard < 0 else min(most, hard), hard))


class Worker:
    """One process, its pipe, and what it has been given."""

    def __init__(self, context: Any, work: Work, limits: Limits) -> None:
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=serve, args=(theirs, work, limits), daemon=True)
        self.process.start()
        theirs.close()
        self.tasks: deque[Task] = deque()
        self.ready = False
        self.since = time.monotonic()  # of the first task, or of the start

    def give(self, task: Task) -> None:
        """Hand over a task; one that cannot be handed over is lost with the worker, whose end is told by its pipe."""
        if not self.tasks and self.ready:
            self.since = time.monotonic()
        self.tasks.append(task)
        with contextlib.suppress(OSError):
            self.connection.send(task)

    def overdue(self, now: float, limits: Limits) -> bool:
        """Whether it takes longer than it may."""
        return now - self.since > (limits.seconds if self.ready else STARTUP) and bool(self.tasks or not self.ready)

    def end(self) -> None:
        """Kill it, and wait until it is gone."""
        self.process.kill()
        self.process.join()
        self.connection.close()


class Pool:
    """Workers and their tasks.

    Args:
        work: a function of a module, found by its name in other processes.
        workers: how many.
        limits: of each run.
        preload: modules that workers start with.
    """

    def __init__(self, work: Work, workers: int, limits: Limits, preload: Iterable[str] = ()) -> None:
        self.work, self.size, self.limits = work, workers, limits
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(list(preload))
        self.workers: list[Worker] = []
        self.waiting: deque[Task] = deque()
        self.deaths: dict[str, int] = {}
        self.still_births = 0

    def outcomes(self, tasks: Iterable[Task]) -> Iterator[Shard]:
        """Do the tasks and yield their shards as they come."""
        self.waiting.extend(tasks)
        try:
            while self.waiting or any(worker.tasks for worker in self.workers):
                self._fill()
                yield from self._take()
        finally:
            self.close()

    def close(self) -> None:
        """End all workers."""
        for worker in self.workers:
            worker.process.kill()
        for worker in self.workers:
            worker.end()
        self.workers = []

    def _fill(self) -> None:
        wanted = min(self.size, len(self.waiting) + sum(bool(worker.tasks) for worker in self.workers))
        while len(self.workers) < wanted:
            self.workers.append(Worker(self.context, self.work, self.limits))
        for depth in range(1, WAITING + 1):
            for worker in self.workers:
                enough = len(self.waiting) >= (1 if depth == 1 else len(self.workers))  # the last ones are shared
                if enough and worker.ready and len(worker.tasks) < depth:
                    worker.give(self.waiting.popleft())

    def _take(self) -> Iterator[Shard]:
        now = time.monotonic()
        latest = min(worker.since + (self.limits.seconds if worker.ready else STARTUP) for worker in self.workers)
        connections: dict[Any, Worker] = {worker.connection: worker for worker in self.workers}
        for connection in wait(list(connections), max(0.0, min(latest - now, 1.0))):
            yield from self._news(connections[connection])
        now = time.monotonic()
        for worker in [one for one in self.workers if one.overdue(now, self.limits)]:
            yield from self._too_slow(worker)

    def _news(self, worker: Worker) -> Iterator[Shard]:
        try:
            shard = worker.connection.recv()
        except (EOFError, OSError):
            yield from self._died(worker)
            return
        worker.since = time.monotonic()
        if not worker.ready:
            worker.ready, self.still_births = True, 0
            return
        worker.tasks.popleft()
        yield shard

    def _died(self, worker: Worker) -> Iterator[Shard]:
        """Give back what a dead worker had; the first of it is tried again a few times, then is a failure."""
        worker.process.join()
        code = worker.process.exitcode
        tasks = self._leave(worker)
        if not worker.ready:
            self._count_still_birth(code)
        if not tasks:
            return
        first, *others = tasks
        self.waiting.extendleft(reversed(others))
        self.deaths[first.key] = self.deaths.get(first.key, 0) + 1
        if self.deaths[first.key] < self.limits.tries:
            self.waiting.appendleft(first)
            return
        yield failure(first.key, KILLED, f"its process ended {self.limits.tries} times, last with code {code}")

    def _too_slow(self, worker: Worker) -> Iterator[Shard]:
        tasks = self._leave(worker)
        if not worker.ready:
            self._count_still_birth(None)
        elif tasks:
            first, *others = tasks
            self.waiting.extendleft(reversed(others))
            yield failure(first.key, TIME, f"longer than {self.limits.seconds:g} s")

    def _leave(self, worker: Worker) -> list[Task]:
        worker.end()
        self.workers.remove(worker)
        return list(worker.tasks)

    def _count_still_birth(self, code: int | None) -> None:
        self.still_births += 1
        if self.still_births >= MOST_DEATHS:
            raise WorkersError(f"worker processes end before they are ready (code {code})")
