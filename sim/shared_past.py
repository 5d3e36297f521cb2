"""What scenarios live through alike is run once: the state at the end of 2021 is kept for runs with the same past.

Nothing of a policy acts before 2022, so scenarios that differ in policies alone share the opening and four quarters,
luck included. A past is found by all that those quarters read: the arrays of the population themselves, which nobody
can write to, and the bytes of the setting and of the moments. Whatever else differs is another past.
"""

import hashlib
import threading
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from sim.configuration.periods import PLAN_START, quarter_of
from sim.phases.recording import Record
from sim.run import Opened, Run, open_replicate, step_opened
from sim.setting import World
from sim.state import State

SHARED_QUARTERS = quarter_of(PLAN_START)  # before the first day on which anything that a user changes acts
MOST_BYTES = 256 << 20  # about 30 replicates of 5,000 firms
PATIENCE = 500  # runs without a kept past after which one that was of no use gives way

Key = tuple[tuple[int, ...], bytes]


@dataclass
class Past:
    """A replicate at the end of the shared quarters; nobody writes to it."""

    opened: Opened
    world: tuple["weakref.ref[Any]", ...]  # its arrays: a key holds where they lie, and others may come to lie there
    size: int  # bytes
    used: int  # runs without a kept past before it was last of use


class Pasts:
    """The pasts that a process keeps, within a number of bytes.

    The first to come stay as long as they are of use: runs take the same replicates in turns, and if the last to come
    stayed, each would be gone when its turn comes.
    """

    def __init__(self, most_bytes: int = MOST_BYTES, patience: int = PATIENCE) -> None:
        self.most_bytes, self.patience = most_bytes, patience
        self.served = 0  # runs that began with a kept past
        self._missed = 0  # runs that did not
        self._pasts: dict[Key, Past] = {}
        self._lock = threading.Lock()  # never held while a state is copied

    def copy_of(self, key: Key, world: World) -> Opened | None:
        """The past of a key, to be written on; none where none is kept."""
        with self._lock:
            past = self._pasts.get(key)
            if past is None or not _same(past, world):
                self._missed += 1
                return None
            past.used = self._missed
            self.served += 1
        return _copied(past.opened)

    def keep(self, key: Key, world: World, opened: Opened) -> None:
        """Keep a copy of a past, if there is room for it."""
        size = sum(leaf.nbytes for leaf in _arrays(opened))
        with self._lock:
            if not self._has_room(size):
                return
        past = Past(_copied(opened), tuple(map(weakref.ref, _arrays(world))), size, self._missed)
        with self._lock:
            if self._has_room(size):  # others may have been faster
                self._pasts[key] = past

    def forget(self) -> None:
        """Let go of all pasts, for those who compare, or time, runs from their beginning."""
        with self._lock:
            self._pasts.clear()

    def _has_room(self, size: int) -> bool:
        """Whether so many bytes find room, after those that are of no use any more have left."""
        kept = sum(past.size for past in self._pasts.values())
        for key in [key for key, past in self._pasts.items() if kept + size > self.most_bytes and self._idle(past)]:
            kept -= self._pasts.pop(key).size
        return kept + size <= self.most_bytes

    def _idle(self, past: Past) -> bool:
        return self._missed - past.used > self.patience or any(array() is None for array in past.world)


KEPT = Pasts()


def step_after_shared_past(world: World, run: Run, pasts: Pasts = KEPT) -> Iterator[tuple[State, Record]]:
    """Step a replicate without micro data as `step_replicate` does, but for quarters that a kept past holds already.

    Args:
        world: the population.
        run: setting and moments.
        pasts: where pasts are kept.
    """
    if not may_share(world, run):
        yield from step_opened(world, run, open_replicate(world, run))
        return
    key = key_of(world, run)
    opened = pasts.copy_of(key, world)
    if opened is None:
        opened = open_replicate(world, run)
        yield from step_opened(world, run, opened, 0, SHARED_QUARTERS)
        pasts.keep(key, world, opened)
    yield from step_opened(world, run, opened, SHARED_QUARTERS)


def may_share(world: World, run: Run) -> bool:
    """Whether a run goes beyond the shared quarters, among firms whose numbers nobody can write to."""
    return len(run.moments) > SHARED_QUARTERS and not any(array.flags.writeable for array in _arrays(world))


def key_of(world: World, run: Run) -> Key:
    """What the past of a run follows from: where its population lies, and a digest of all else that is read."""
    digest = hashlib.sha256(repr((len(run.moments), run.revenue)).encode())  # the rooms of its record
    for leaf in _leaves((run.setting, run.moments[:SHARED_QUARTERS])):
        if isinstance(leaf, (np.ndarray, np.void)):
            digest.update(repr((leaf.shape, leaf.dtype.str)).encode() + _content(leaf))
        else:
            digest.update(repr(leaf).encode())
    return tuple(map(id, _arrays(world))), digest.digest()


def _content(leaf: Any) -> bytes:
    """The bytes of an array; those between the fields of a record mean nothing and are left out."""
    packed = _packed(leaf.dtype)
    return bytes(leaf.tobytes() if packed is None else np.asarray(leaf).astype(packed).tobytes())


@cache
def _packed(kind: "np.dtype[Any]") -> "np.dtype[Any] | None":
    """The same fields without room between them; none where there is no room."""
    packed = np.dtype([(name, kind[name]) for name in kind.names or ()])
    return packed if 0 < packed.itemsize < kind.itemsize else None


def _same(past: Past, world: World) -> bool:
    return all(kept() is array for kept, array in zip(past.world, _arrays(world), strict=True))


def _leaves(part: Any) -> Iterator[Any]:
    if isinstance(part, (tuple, list)):
        for one in part:
            yield from _leaves(one)
    else:
        yield part


def _arrays(part: Any) -> list[Any]:
    return [leaf for leaf in _leaves(part) if isinstance(leaf, np.ndarray)]


def _copied(part: Any) -> Any:
    if isinstance(part, tuple):
        return type(part)(*map(_copied, part))
    if not isinstance(part, np.ndarray):
        return part
    copy = np.empty_like(part)
    copy.reshape(-1).view(np.ndarray).view(np.uint8)[:] = part.reshape(-1).view(np.ndarray).view(np.uint8)
    return copy
