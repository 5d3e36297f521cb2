"""The runs of a sweep on a Dask cluster: workers send their shards back, and this process alone writes them.

A run that raises is a failure as anywhere. One whose worker dies is done again by another, a few times; a shard that
comes twice is the same bytes under the same name. A run is given up at the end of the quarter in which its time is
over.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

from experiments.sweeps.filling import Outcomes
from experiments.sweeps.model_work import StoppedError, run_model_within
from experiments.sweeps.store import Shard
from experiments.sweeps.work import KILLED, TIME, Task, attempt, failure
from sim.configuration.problems import Problem, quoted, refuse_if

PATIENCE = 30  # seconds to find the scheduler
AHEAD = 500  # runs that the scheduler knows of


def cluster_outcomes(address: str, seconds: float) -> Outcomes:
    """Do tasks on the cluster of a scheduler.

    Args:
        address: of the scheduler, for example tcp://10.0.0.1:8786.
        seconds: the longest that a run may take.

    Raises:
        ConfigError: Dask is not installed, or no scheduler answers.
    """
    try:
        import distributed
    except ImportError:
        refuse_if([Problem("--cluster", None, "", "no Dask", "an installation with it: pip install 'lvjin[cluster]'")])
    try:
        client = distributed.Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError):
        refuse_if([Problem("--cluster", None, "", quoted(address), "the address of a scheduler that answers")])
    return partial(outcomes, client, seconds)


def outcomes(client: Any, seconds: float, tasks: Iterable[Task]) -> Iterator[Shard]:
    """Do the tasks and yield their shards as they come; the client is closed at the end."""
    from distributed import as_completed
    from distributed.scheduler import KilledWorker

    waiting = iter(tasks)
    keys: dict[Any, str] = {}

    def submitted(task: Task) -> Any:
        future = client.submit(task_within, task, seconds, key=f"run-{task.key}", pure=False)
        keys[future.key] = task.key
        return future

    try:
        news = as_completed([submitted(task) for task in islice(waiting, AHEAD)], loop=client.loop)
        for future in news:
            key = keys.pop(future.key)
            error = future.exception()
            if error is None:
                yield future.result()
            elif isinstance(error, KilledWorker):
                yield failure(key, KILLED, "its worker processes ended")
            else:
                yield failure(key, KILLED, f"{type(error).__name__}: {error}")
            future.release()
            for task in islice(waiting, 1):
                news.add(submitted(task))
    finally:
        client.close()


def task_within(task: Task, seconds: float) -> Shard:
    """Do a task on a worker."""
    shard = attempt(partial(run_model_within, seconds=seconds), task)
    if shard.header.get("message", "").startswith(StoppedError.__name__):
        return failure(task.key, TIME, f"longer than {seconds:g} s")
    return shard
