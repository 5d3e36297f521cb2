"""Questions of many runs: batches that go through the engine, with progress, Stop and whatever was run before.

A question is put to the engine batch by batch. Of every run only a few numbers are kept, so that thousands of them stay
in memory: a question that was stopped goes on where it was, and one that was answered is answered at once.
"""

import threading
from collections.abc import Callable, Generator, Hashable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from experiments.results import SCOPES, declared_target
from sim.configuration.periods import FIRST_YEAR
from sim.results.reducing import Replicate
from sim.scenario import Scenario
from viz.answers import COST, place_of_yearly
from viz.engine import Engine, Job, Kind

Floats = NDArray[np.float64]
PAUSE = 0.5  # seconds between two tellings
PATIENCE = 1.0  # seconds between two looks at runs that do not come
MOST_SECONDS = 1200.0  # of processor time that a question may take
CARBON = "Emissions|CO2|Industry"
NUMBERS = (SCOPES["plan"], SCOPES["manufacturing"], CARBON, COST)  # in the target's year; the cost is a sum
COST_PLACE = NUMBERS.index(COST)


def numbers(replicate: Replicate) -> Floats:
    """What questions ask of a replicate, shape (len(NUMBERS),)."""
    last = declared_target().year - FIRST_YEAR
    found = [replicate.years[last, place_of_yearly(name)] for name in NUMBERS]
    found[COST_PLACE] = replicate.years[1 : last + 1, place_of_yearly(COST)].sum()
    return np.array(found)


HEADLINES = Kind("headlines", numbers, patient=True, kept=5000)


class Batch(NamedTuple):
    """Runs that can be made side by side; what comes back has shape (n_scenarios, n_replicates, len(NUMBERS))."""

    stage: str
    scenarios: tuple[Scenario, ...]
    replicates: int


Batches = Generator[Batch, Floats, Any]  # ends with the answer


class Question(Protocol):
    """What is asked."""

    size: int  # runs in all
    key: Hashable  # what decides the answer

    def batches(self) -> Batches:
        """The runs, each batch after what the one before it said; returns the answer."""

    def sketch(self, values: Floats) -> Any:
        """What the replicates that all runs of the batch have say so far; None for nothing yet."""


@dataclass(frozen=True)
class Told:
    """How far a question is.

    Attributes:
        done: runs that are there.
        stage: of the batch at work.
        answer: what is known so far.
        over: whether the answer is whole, or nothing more will come.
        waiting: whether there is no room for it yet.
        trouble: reference of an error, `limit`, or empty.
        left: seconds that it will still take; None where that is not known.
    """

    done: int = 0
    stage: str = ""
    answer: Any = None
    over: bool = False
    waiting: bool = False
    trouble: str = ""
    left: float | None = None


def ask(engine: Engine, question: Question, gone: threading.Event, tell: Callable[[Told], None]) -> None:
    """Put a question and tell how far it is until it is answered or `gone` is set.

    Args:
        engine: who runs it.
        question: what is asked.
        gone: set when nobody waits any more; what is run stops.
        tell: called with each telling, in this thread.
    """
    steps = question.batches()
    batch, before = next(steps), 0
    while True:
        values = _run(engine, question, batch, before, gone, tell)
        if values is None:
            return
        before += len(batch.scenarios) * batch.replicates
        try:
            batch = steps.send(values)
        except StopIteration as end:
            tell(Told(question.size, "", end.value, over=True))
            return


def _run(
    engine: Engine, question: Question, batch: Batch, before: int, gone: threading.Event, tell: Callable[[Told], None]
) -> Floats | None:
    """What the runs of a batch say; None where it was stopped or went wrong."""
    with ExitStack() as stack:
        jobs = [stack.enter_context(engine.asking(one, HEADLINES, batch.replicates)) for one in batch.scenarios]
        seen, spent = -1, sum(job.seconds for job in jobs)  # work of an earlier visit does not count
        while not gone.is_set():
            news = engine.wait(jobs, seen, PATIENCE)
            if not news:
                continue
            seen = sum(len(job.done) for job in jobs)
            done, values = gathered(engine, jobs, batch.replicates)
            trouble = next((job.trouble for job in jobs if job.trouble), "")
            trouble = trouble or ("limit" if sum(job.seconds for job in jobs) - spent > MOST_SECONDS else "")
            if values.shape[1] == batch.replicates:
                return values
            sketch = question.sketch(values) if values.shape[1] else None
            tell(Told(before + done, batch.stage, sketch, over=bool(trouble), trouble=trouble))
            if trouble:
                return None
            gone.wait(PAUSE)
    return None


def gathered(engine: Engine, jobs: list[Job], replicates: int) -> tuple[int, Floats]:
    """How many runs are there, and the values of the replicates that all jobs have."""
    found = [engine.by_replicate(job) for job in jobs]
    done = sum(min(len(one), replicates) for one in found)
    common = [r for r in range(replicates) if all(r in one for one in found)]
    values = np.array([[one[r] for r in common] for one in found], np.float64)
    return done, values.reshape(len(jobs), len(common), len(NUMBERS))
