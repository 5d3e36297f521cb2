"""Fill a store with the shards that it lacks: whoever does the runs, each is on the disk before it counts as done."""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from queue import SimpleQueue

from experiments.sweeps.store import Shard, Store, flush_each
from experiments.sweeps.work import Task

Outcomes = Callable[[Iterable[Task]], Iterator[Shard]]
FLUSHES = 4  # at once; one waits for the disk, not for a processor
MOST_WAITING = 64  # shards that may wait for the disk
CROWD = 16  # shards that are written without waiting for more
LINGER = 0.1  # seconds that a shard may wait for others, as many together cost the disk and the processor less


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
    with Writer(store) as writer:
        news = outcomes(tasks)
        try:
            for shard in news:
                writer.put(shard)
                for one in writer.written():
                    written(one)
        finally:
            close = getattr(news, "close", None)
            if close is not None:
                close()
    for one in writer.written():
        written(one)


class Writer:
    """A thread that writes shards in crowds while the next runs are done; when it is left, all are on the disk."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.pool = ThreadPoolExecutor(FLUSHES, "flush")
        self.waiting: SimpleQueue[Shard | None] = SimpleQueue()
        self.room = threading.Semaphore(MOST_WAITING)
        self.hurry = threading.Event()
        self.done: deque[Shard] = deque()
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._work, name="writer", daemon=True)

    def __enter__(self) -> "Writer":
        self.thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.waiting.put(None)
        self.hurry.set()
        self.thread.join()
        self.pool.shutdown()

    def put(self, shard: Shard) -> None:
        """Take a shard to be written; waits where too many are waiting."""
        self.room.acquire()
        self.waiting.put(shard)
        if self.waiting.qsize() >= CROWD:
            self.hurry.set()

    def written(self) -> Iterator[Shard]:
        """Those that are on the disk since last asked; raises what went wrong with one."""
        while self.done:
            yield self.done.popleft()
        if self.error is not None:
            raise self.error

    def _work(self) -> None:
        while crowd := self._crowd():
            if self.error is None:
                try:
                    self.store.write(*crowd, flush=self._flush)
                    self.done.extend(crowd)
                except BaseException as error:  # noqa: BLE001 - told to those who ask for what is written
                    self.error = error
            self.room.release(len(crowd))

    def _crowd(self) -> list[Shard]:
        """The next shards, those of a moment together; nothing at the end."""
        shard = self.waiting.get()
        if shard is None:
            return []
        self.hurry.wait(LINGER)
        self.hurry.clear()
        crowd = [shard]
        while not self.waiting.empty():
            shard = self.waiting.get()
            if shard is None:
                self.waiting.put(None)
                break
            crowd.append(shard)
        return crowd

    def _flush(self, descriptors: list[int]) -> None:
        futures = [self.pool.submit(flush_each, part) for k in range(FLUSHES) if (part := descriptors[k::FLUSHES])]
        wait(futures)  # no file is closed before
        for future in futures:
            future.result()
