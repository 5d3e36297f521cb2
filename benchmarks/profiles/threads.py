"""What keeps two threads from being twice as fast: the interpreter, or what two processors share."""

import contextlib
import multiprocessing
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from typing import Any

import numba
import numpy as np

from agents._compiled import OPTIONS
from benchmarks.measures import scenario_of
from benchmarks.tables import number, table
from sim.results.reducing import run_and_reduce
from sim.run import open_replicate, prepare_run, take_quarter
from sim.scenario import Scenario
from sim.shared_past import KEPT
from sim.world import build_world

FIRMS, QUARTERS, EACH, ROUNDS = 5_000, 20, 4, 3  # replicates of each of two pieces of work
TURNS = 150_000_000  # of the loop in registers, some tenths of a second
Pieces = Callable[[], list[Callable[[], object]]]  # two pieces of work, made ready anew for every round


def two_threads() -> Iterator[str]:
    """From what shares nothing to what shares everything."""
    scenario = scenario_of(FIRMS, QUARTERS)
    yield f"Two pieces of work one after the other over both at once, {EACH} replicates of {FIRMS:,} firms in each:"
    yield f"medians and quartiles of {ROUNDS} rounds."
    yield ""
    with contextlib.ExitStack() as pools:
        threads = [pools.enter_context(ThreadPoolExecutor(1)) for _ in range(2)]
        context = multiprocessing.get_context("forkserver")
        processes = [pools.enter_context(ProcessPoolExecutor(1, context)) for _ in range(2)]
        cases: list[tuple[str, Sequence[Executor], Pieces]] = [
            ("a loop in registers, no memory", threads, lambda: [spin, spin]),
            ("quarters alone: kernels, without the interpreter", threads, partial(opened, scenario)),
            ("whole replicates", threads, partial(whole, scenario)),
            ("whole replicates in two processes", processes, partial(whole, scenario)),
        ]
        rows = []
        for name, two, pieces in cases:
            low, middle, high = np.quantile(gains(two, pieces), [0.25, 0.5, 0.75])
            rows.append([name, f"{middle:.2f} ×", f"{number(low)}–{number(high)}"])
    yield from table(["work", "speed-up", "quartiles"], rows)


def gains(two: Sequence[Executor], pieces: Pieces) -> list[float]:
    """Time of two pieces one after the other over that of both at once, each by an executor of its own, by round."""
    found = []
    for _ in range(ROUNDS + 1):  # in the first one both start
        apart = sum(at_once([pair]) for pair in zip(two, pieces(), strict=True))
        found.append(apart / at_once(zip(two, pieces(), strict=True)))
    return found[1:]


def at_once(pairs: Iterable[tuple[Executor, Callable[[], object]]]) -> float:
    """Seconds until pieces that are begun together are done."""
    started = time.perf_counter()
    for job in [executor.submit(piece) for executor, piece in pairs]:
        job.result()
    return time.perf_counter() - started


def whole(scenario: Scenario) -> list[Callable[[], object]]:
    """Replicates from their drawing to their variables."""
    return [partial(run_some, scenario, piece * EACH) for piece in (0, 1)]


def run_some(scenario: Scenario, first: int) -> None:
    """A few replicates of the first population, nothing of theirs being kept."""
    KEPT.forget()
    for replicate in range(first, first + EACH):
        run_and_reduce(scenario, build_world(scenario, 0), 0, replicate)


def opened(scenario: Scenario) -> list[Callable[[], object]]:
    """Replicates that are opened already."""
    world = build_world(scenario, 0)
    runs = [prepare_run(scenario, replicate) for replicate in range(2 * EACH)]
    ready = [(world, run, open_replicate(world, run)) for run in runs]
    return [partial(step_some, ready[:EACH]), partial(step_some, ready[EACH:])]


def step_some(ready: list[Any]) -> None:
    """Take opened replicates through all their quarters."""
    for world, run, district in ready:
        for quarter in range(QUARTERS):
            take_quarter(quarter, world, run, district)


def spin() -> int:
    """Count in registers."""
    return int(compiled_loop(TURNS))


@numba.njit(**OPTIONS)
def compiled_loop(turns: int) -> int:
    """A loop that no compiler can shorten: each turn needs the one before."""
    bits = 1
    for _ in range(turns):
        bits ^= (bits << 13) & 0xFFFFFFFF
        bits ^= bits >> 17
        bits ^= (bits << 5) & 0xFFFFFFFF
    return bits
