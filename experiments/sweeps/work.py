"""What is done with one run, wherever it is done: tried, and what went wrong put into words.

A run is a task for a plain function `task → (header, payload)`. Anything that it raises becomes a failure, which is a
result like others: the rest of the sweep goes on.
"""

import traceback
from collections.abc import Callable
from typing import Any, NamedTuple

from experiments.sweeps.store import DONE, FAILED, Shard

ERROR, INTEGRITY, KILLED, TIME, MEMORY = "error", "integrity", "killed", "time", "memory"
LONGEST_MESSAGE = 500
LONGEST_TRACE = 20_000

Work = Callable[[Any], tuple[dict[str, Any], bytes]]


class Task(NamedTuple):
    """One run that is wanted."""

    key: str
    content: Any  # what the work function takes; travels to other processes


class Limits(NamedTuple):
    """What one run may take."""

    seconds: float = 600.0
    gigabytes: float = 8.0
    tries: int = 3  # when its process dies


def attempt(work: Work, task: Task) -> Shard:
    """Do a task; a failure is a shard, too."""
    try:
        header, payload = work(task.content)
    except MemoryError:
        return failure(task.key, MEMORY, "out of memory")
    except Exception as error:  # noqa: BLE001 - one run that fails must not take others along
        kind = INTEGRITY if type(error).__name__ == "IntegrityError" else ERROR
        trace = traceback.format_exc()[-LONGEST_TRACE:]
        return failure(task.key, kind, f"{type(error).__name__}: {error}", trace)
    return Shard(task.key, DONE, header, payload)


def failure(key: str, kind: str, message: str, trace: str = "") -> Shard:
    """The record of a run that did not come to its end."""
    line = " ".join(message.split())[:LONGEST_MESSAGE]
    return Shard(key, FAILED, {"kind": kind, "message": line}, trace.encode(errors="replace"))
