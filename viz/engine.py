"""The queue: all visitors' runs share the machine one replicate at a time, those with the fewest replicates first.

So a new visitor gets a first sketch at once, however many others refine their bands. Equal scenarios are run once and
shared: results depend on the settings only, never on who asked. Questions of many runs take what time settings leave.
Threads that step back behind the page are enough, as kernels release the lock: measured, a click then waits as long as
beside a pool of processes (docs/app.md).
"""

import contextlib
import logging
import os
import sys
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sim.ensemble import Ensemble
from sim.results.parts import Part
from sim.results.reducing import Replicate, StoppedError, run_and_reduce
from sim.results.replicating import processors
from sim.scenario import Scenario
from sim.setting import World
from sim.world import build_world

LOG = logging.getLogger("lvjin.app")
STEPS_BACK = 5  # of niceness
NEWS = 0.1  # weight of the latest replicate in the pace
KEPT = 40  # finished or interrupted runs that stay in memory


class FullError(RuntimeError):
    """The queue holds as many runs as it may."""


def as_it_is(replicate: Replicate) -> Replicate:
    """All that is told of a replicate."""
    return replicate


class Kind(NamedTuple):
    """What is kept of a run's replicates.

    Attributes:
        name: no other kind has it.
        keep: what is kept of a replicate.
        micro: whether it tells what each firm did, too.
        patient: gives way to runs that are not.
        kept: runs of the kind that stay in memory though nobody waits for them.
    """

    name: str
    keep: Callable[[Replicate], Any] = as_it_is
    micro: bool = False
    patient: bool = False
    kept: int = KEPT


VARIABLES = Kind("variables")


@dataclass
class Job:
    """One scenario's replicates, as far as they are.

    Attributes:
        scenario: what is run.
        kind: what is kept.
        replicates: how many are wanted.
        done: those that came to their end.
        handed: how many were begun.
        wanted: visitors who wait for it.
        ahead: run though nobody waits for it, when nothing else is to be done.
        seconds: of processor time spent on it.
        trouble: reference of the error that ended it, or `limit` where the time allowed is used up.
        worlds: its populations, by their place; to find one by the scenario's numbers takes longer.
    """

    scenario: Scenario
    replicates: int
    kind: Kind = VARIABLES
    done: dict[int, Any] = field(default_factory=dict)
    handed: set[int] = field(default_factory=set)
    wanted: int = 0
    ahead: bool = False
    seconds: float = 0.0
    trouble: str = ""
    worlds: dict[int, World] = field(default_factory=dict)
    stop: threading.Event = field(default_factory=threading.Event)

    @property
    def complete(self) -> bool:
        """Whether every replicate is there."""
        return len(self.done) == self.replicates

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.complete or bool(self.trouble)

    def next_replicate(self) -> int | None:
        """The first replicate that is neither done nor begun."""
        return next((r for r in range(self.replicates) if r not in self.done and r not in self.handed), None)


class Engine:
    """Runs the jobs of all visitors in a few threads.

    Args:
        workers: threads; as many as processors by default.
        replicates: of each job, unless asked otherwise.
        populations: replicate r takes population r mod this many.
        most_jobs: jobs at work or waiting; one more is refused with `FullError`.
        seconds: of processor time that a job may take before somebody asks for it again.
    """

    def __init__(
        self,
        workers: int | None = None,
        replicates: int = 100,
        populations: int = 2,
        most_jobs: int = 64,
        seconds: float = 120.0,
    ) -> None:
        self.replicates, self.populations = replicates, min(populations, replicates)
        self.most_jobs, self.seconds = most_jobs, seconds
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._pace: float | None = None  # seconds of processor time of a replicate, lately
        self._changed = threading.Condition()
        self._building = threading.Lock()
        self._closed = False
        self._workers = workers or processors()
        for place in range(self._workers):
            threading.Thread(target=self._work, name=f"replicates-{place}", daemon=True).start()

    def close(self) -> None:
        """Stop all work for good."""
        with self._changed:
            self._closed = True
            for job in self._jobs.values():
                job.stop.set()
            self._changed.notify_all()

    @contextlib.contextmanager
    def asking(self, scenario: Scenario, kind: Kind = VARIABLES, replicates: int | None = None) -> Iterator[Job]:
        """A job for a scenario, at work as long as somebody is inside; raises `FullError`."""
        job = self._enter(scenario, kind, replicates or self.replicates)
        try:
            yield job
        finally:
            self._leave(job)

    def expected(self, runs: int) -> float | None:
        """Seconds that runs take when nobody else needs the machine; None before the first run."""
        with self._changed:
            return None if self._pace is None else runs * self._pace / self._workers

    def prepare(self, scenario: Scenario) -> None:
        """Run a scenario before anybody asks, so that the first visitor finds it."""
        with self._changed:
            job = self._jobs.setdefault(place_of(scenario, VARIABLES), Job(scenario, self.replicates))
            job.ahead = True
            self._changed.notify_all()

    def _enter(self, scenario: Scenario, kind: Kind, replicates: int) -> Job:
        key = place_of(scenario, kind)
        with self._changed:
            job = self._jobs.get(key)
            new = job is None or not (job.wanted or job.complete)
            if new and not kind.patient and self._n_working() >= self.most_jobs:
                raise FullError(f"{self.most_jobs} runs are waiting")
            if job is None:
                job = self._jobs[key] = Job(scenario, replicates, kind)
            job.replicates = max(job.replicates, replicates)
            if job.trouble:  # asked for again: what is there stays
                job.trouble, job.seconds, job.stop = "", 0.0, threading.Event()
            self._jobs.move_to_end(key)
            job.wanted += 1
            self._forget(kind)
            self._changed.notify_all()
            return job

    def _leave(self, job: Job) -> None:
        with self._changed:
            job.wanted -= 1
            if job.wanted == 0 and not job.ahead:
                job.stop.set()  # what was begun ends within a quarter
                job.stop = threading.Event()
            self._changed.notify_all()

    def _forget(self, kind: Kind) -> None:
        """Let go of the oldest runs of a kind that nobody waits for."""
        alike = [(key, job) for key, job in self._jobs.items() if job.kind.name == kind.name]
        unwanted = [key for key, job in alike if not (job.wanted or job.ahead)]
        for key in unwanted[: max(0, len(alike) - kind.kept)]:
            del self._jobs[key]

    def working(self) -> int:
        """How many jobs share the machine now."""
        with self._changed:
            return self._n_working()

    def _n_working(self) -> int:
        return sum(1 for job in self._jobs.values() if job.wanted and not job.over and not job.kind.patient)

    def so_far(self, job: Job) -> list[Any]:
        """The replicates that are there, in their order."""
        with self._changed:
            return [job.done[r] for r in sorted(job.done)]

    def there(self, scenario: Scenario, kind: Kind = VARIABLES) -> list[Any]:
        """The replicates of a scenario that are there, without asking for any."""
        with self._changed:
            job = self._jobs.get(place_of(scenario, kind))
        return [] if job is None else self.so_far(job)

    def by_replicate(self, job: Job) -> dict[int, Any]:
        """What is there, by replicate."""
        with self._changed:
            return dict(job.done)

    def wait(self, jobs: Sequence[Job], seen: int, seconds: float) -> bool:
        """Wait until jobs have more than `seen` replicates together or all are over; False if time ran out before."""

        def news() -> bool:
            return sum(len(job.done) for job in jobs) > max(seen, 0) or all(job.over for job in jobs) or self._closed

        with self._changed:
            return self._changed.wait_for(news, seconds)

    def _work(self) -> None:
        step_back()
        while (task := self._next()) is not None:
            job, r, stop = task
            began = time.thread_time()
            found: Any = None
            trouble = ""
            try:
                population = r % self.populations
                with self._building:
                    if population not in job.worlds:
                        job.worlds[population] = build_world(job.scenario, population)
                world = job.worlds[population]
                found = job.kind.keep(
                    run_and_reduce(job.scenario, world, population, r, with_micro=job.kind.micro, stop=stop)
                )
            except StoppedError:
                pass
            except Exception:
                trouble = uuid.uuid4().hex[:8]
                LOG.exception("replicate %d of %s failed, reference %s", r, job.scenario.digest()[:8], trouble)
            self._keep(job, r, found, trouble, time.thread_time() - began)

    def _next(self) -> tuple[Job, int, threading.Event] | None:
        """The next replicate of the job that has begun the fewest; waits for one; None when closed."""
        with self._changed:
            while not self._closed:
                ready = [job for job in self._jobs.values() if (job.wanted or job.ahead) and not job.over]
                for job in sorted(ready, key=turn):
                    r = job.next_replicate()
                    if r is not None:
                        job.handed.add(r)
                        return job, r, job.stop
                self._changed.wait()
            return None

    def _keep(self, job: Job, r: int, found: Any, trouble: str, seconds: float) -> None:
        with self._changed:
            job.handed.discard(r)
            job.seconds += seconds
            if found is not None:
                job.done[r] = found
                self._pace = seconds if self._pace is None else self._pace + NEWS * (seconds - self._pace)
            if trouble or (job.seconds > self.seconds and not job.complete):
                job.trouble = trouble or "limit"
                job.stop.set()
            self._changed.notify_all()


def place_of(scenario: Scenario, kind: Kind) -> str:
    """Where a job is kept."""
    return f"{kind.name} {scenario.digest()}"


def turn(job: Job) -> tuple[bool, bool, int]:
    """Whose turn it is: what somebody waits for before what is run ahead, settings before questions, then the least."""
    return not job.wanted, job.kind.patient, len(job.done) + len(job.handed)


def step_back() -> None:
    """Let this thread work only where those that serve pages leave the processor free; Linux alone counts threads."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), STEPS_BACK)


def ensemble_of(scenario: Scenario, replicates: list[Replicate], populations: int) -> Ensemble:
    """Replicates as the ensemble that `sim.simulate` returns."""
    return Ensemble((Part(scenario, min(populations, len(replicates)), tuple(replicates), ()),))
