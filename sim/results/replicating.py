"""The replicates of a scenario side by side in threads; kernels release the lock, so threads are enough."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed

from sim.configuration.problems import ConfigError
from sim.results.integrity import IntegrityError
from sim.results.parts import Failure
from sim.results.reducing import Replicate, StoppedError, run_and_reduce
from sim.scenario import Scenario
from sim.setting import World

Progress = Callable[[int, int], None]  # replicates done, replicates in all

PASSED_ON = (IntegrityError, ConfigError, StoppedError, MemoryError)  # a failure of the whole, not of one replicate


def processors() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_all(
    scenario: Scenario,
    worlds: list[World],
    replicates: int,
    workers: int,
    progress: Progress | None,
    micro: int | None,
    stop: threading.Event,
) -> tuple[list[Replicate], list[Failure]]:
    """Run the replicates in threads; what comes back is in the order of replicates, whoever was first."""
    done: list[Replicate] = []
    failures: list[Failure] = []
    with ThreadPoolExecutor(min(workers, replicates), "replicate") as pool:
        jobs: dict[Future[Replicate], int] = {}
        try:
            for r in range(replicates):
                population = r % len(worlds)
                job = pool.submit(run_and_reduce, scenario, worlds[population], population, r, r == micro, stop)
                jobs[job] = r
            for count, job in enumerate(as_completed(jobs), 1):
                _keep(job, jobs[job], scenario, done, failures)
                if progress is not None:
                    progress(count, replicates)
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    if not done:
        raise RuntimeError(f"no replicate of {scenario.name} came to its end: {failures[0].error}")
    return sorted(done, key=lambda one: one.replicate), sorted(failures, key=lambda one: one.replicate)


def _keep(
    job: Future[Replicate], replicate: int, scenario: Scenario, done: list[Replicate], failures: list[Failure]
) -> None:
    error = job.exception()
    if isinstance(error, PASSED_ON) or (error is not None and not isinstance(error, Exception)):
        raise error
    if error is None:
        done.append(job.result())
    else:
        failures.append(Failure(scenario.name, replicate, f"{type(error).__name__}: {error}"))
