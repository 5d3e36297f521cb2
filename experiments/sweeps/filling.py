"""Fill a store with the shards that it lacks: whoever does the runs, each is on the disk before it counts as done."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED as FIRST
from concurrent.futures import Future, ThreadPoolExecutor, wait

from experiments.sweeps.store import Shard, Store
from experiments.sweeps.work import Task

Outcomes = Callable[[Iterable[Task]], Iterator[Shard]]
WRITERS = 4  # a flush waits for the disk, not for a processor
MOST_WAITING = 64  # shards that may wait for the disk


def fill(store: Store, tasks: Iterable[Task], outcomes: Outcomes, written: Callable[[Shard], None]) -> None:
    """Do the tasks and write their shards.

    Args:
        store: where they are written.
        tasks: what is missing, each key once.
        outcomes: does tasks and yields their shards as they come.
        written: called with each shard when it will outlast a crash.

    Raises:
        OSError: the disk is full or fails; what was written before stays.
    """
    pending: dict[Future[None], Shard] = {}

    def settle(futures: Iterable[Future[None]]) -> None:
        for future in futures:
            shard = pending.pop(future)
            future.result()
            written(shard)

    with ThreadPoolExecutor(WRITERS, "writer") as pool:
        news = outcomes(tasks)
        try:
            for shard in news:
                pending[pool.submit(store.write, shard)] = shard
                settle([future for future in pending if future.done()])
                while len(pending) >= MOST_WAITING:
                    settle(wait(pending, return_when=FIRST).done)
        finally:
            close = getattr(news, "close", None)
            if close is not None:
                close()
        settle(wait(pending).done)
