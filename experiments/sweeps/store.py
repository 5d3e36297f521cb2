"""The shards of a sweep: one run, one file, named by its key, sealed by a checksum, written under a passing name.

A shard is written, flushed, renamed, and its folder flushed, so a kill at any moment leaves it complete or not there at
all. The checksum covers the key, so a flipped bit, a cut file and a swapped one are found. Imports nothing heavy, so
that crashes can be tested by the thousand.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sim.results.atomic import MARK, flush_folder

DONE, FAILED = "done", "failed"
SHARDS, REJECTED, LOCK, MANIFEST = "shards", "rejected", "lock", "sweep.json"
MAGIC = b"lvjin-shard-1 "
HEX = 64  # digits of a SHA-256
PATIENCE = 2.0  # seconds in which the system frees the lock of a process that was killed


class Shard(NamedTuple):
    """What is kept of one run."""

    key: str
    status: str  # done or failed
    header: Mapping[str, Any]
    payload: bytes


class BusyError(OSError):
    """Another process is at work in the folder."""


def sealed(shard: Shard) -> bytes:
    """The shard as the bytes of its file: checksum, header on one line, payload."""
    header = {"key": shard.key, "status": shard.status, **shard.header}
    line = json.dumps(header, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()
    content = line + b"\n" + shard.payload
    return MAGIC + hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def unsealed(raw: bytes, key: str) -> Shard | None:
    """The shard in the bytes of a file; None where they are not exactly those that were sealed under this key."""
    start = len(MAGIC) + HEX
    content = raw[start + 1 :]
    seal = MAGIC + hashlib.sha256(content).hexdigest().encode() + b"\n"
    if raw[: start + 1] != seal:
        return None
    line, _, payload = content.partition(b"\n")
    header = json.loads(line)
    if header.pop("key") != key:
        return None
    return Shard(key, header.pop("status"), header, payload)


def flush_each(descriptors: list[int]) -> None:
    """Flush files to the disk, one after the other."""
    for descriptor in descriptors:
        os.fsync(descriptor)


def written(stream: Any, shard: Shard) -> int:
    """Write a shard into an open file; return the file's descriptor."""
    stream.write(sealed(shard))
    stream.flush()
    return int(stream.fileno())


class Store:
    """The shards in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shards = folder / SHARDS

    def path(self, key: str) -> Path:
        """Where a run lies, when it is there."""
        return self.shards / key

    def prepare(self) -> None:
        """Make the folders and take away what an interrupted write left under its passing name."""
        self.shards.mkdir(parents=True, exist_ok=True)
        flush_folder(self.folder)
        for left in self.shards.glob(f".*{MARK}*"):
            left.unlink(missing_ok=True)

    def write(self, *shards: Shard, flush: Callable[[list[int]], None] = flush_each) -> None:
        """Write shards; when this returns they will outlast a crash of the machine.

        Args:
            shards: each is complete or not there at all; a crowd shares the flush of the folder.
            flush: flushes the files of descriptors to the disk.
        """
        ending = f"{MARK}{os.getpid()}-{threading.get_ident()}"
        passing = {self.shards / f".{shard.key}{ending}": shard for shard in shards}
        try:
            with contextlib.ExitStack() as streams:
                flush([written(streams.enter_context(path.open("wb")), shard) for path, shard in passing.items()])
            for path, shard in passing.items():
                path.replace(self.path(shard.key))
        except BaseException:
            for path in passing:
                with contextlib.suppress(OSError):
                    path.unlink(missing_ok=True)
            raise
        flush_folder(self.shards)

    def read(self, key: str) -> Shard | None:
        """The shard of a key, None where there is none; a spoilt one is put aside as if it had never been written."""
        try:
            raw = self.path(key).read_bytes()
        except FileNotFoundError:
            return None
        shard = unsealed(raw, key)
        if shard is None:
            self.put_aside(key)
        return shard

    def put_aside(self, key: str) -> None:
        """Move a spoilt shard out of the way, where it can be looked at."""
        aside = self.folder / REJECTED
        aside.mkdir(exist_ok=True)
        self.path(key).replace(aside / key)

    def count_failed(self) -> int:
        """How many runs are failures; touches nothing."""
        found = 0
        for key in self.keys():
            with contextlib.suppress(FileNotFoundError):
                shard = unsealed(self.path(key).read_bytes(), key)
                found += shard is not None and shard.status == FAILED
        return found

    def seconds_each(self) -> float:
        """Time between shards so far, by when they were written; 0 where that cannot be told."""
        times = sorted(self.path(key).stat().st_mtime for key in self.keys())
        return (times[-1] - times[0]) / (len(times) - 1) if len(times) > 1 else 0.0

    def keys(self) -> set[str]:
        """Keys that have a file, whatever is in it."""
        return {path.name for path in self.shards.iterdir() if MARK not in path.name} if self.shards.is_dir() else set()


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep others out of a folder; the system frees the lock when the process ends, however it ends.

    Raises:
        BusyError: another process holds it.
    """
    path = folder / LOCK
    with path.open("a+b") as stream:
        latest = time.monotonic() + PATIENCE
        while not _taken(stream.fileno()):
            if time.monotonic() > latest:
                stream.seek(0)
                owner = stream.read(32).decode(errors="replace").strip() or "?"
                raise BusyError(f"another sweep is at work in this folder (process {owner})")
            time.sleep(PATIENCE / 20)
        stream.truncate(0)
        stream.write(f"{os.getpid()}\n".encode())
        stream.flush()
        yield


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
