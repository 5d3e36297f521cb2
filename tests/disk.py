"""A small model of a disk: what a power failure may leave of what a process did to it.

Nothing lasts unless it was flushed. Of a file that was not, any beginning may be there; a new, removed or other name in
a folder that was not flushed may be there or not, each on its own. A record of all that a job does to a folder is
replayed up to any place, and what may then be found is written into another folder.
"""

import contextlib
import os
import pathlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, NamedTuple

FOLDER = None  # what stands for the content of a folder


class Event(NamedTuple):
    """What was done: `create`, `write`, `flush`, `rename`, `remove`, `make` (a folder), or what a test tells."""

    kind: str
    path: str = ""  # inside the recorded folder
    more: Any = None


@contextlib.contextmanager
def recorded(root: pathlib.Path) -> Iterator[list[Event]]:
    """Everything that this process does below a folder, in the order in which it is done."""
    events: list[Event] = []
    lock = threading.RLock()
    true = {name: getattr(os, name) for name in ("fsync", "replace", "unlink", "mkdir")}
    true_open = pathlib.Path.open

    def told(kind: str, path: Any, more: Any = None) -> None:
        place = pathlib.Path(path)
        if place.is_relative_to(root) and place != root:
            events.append(Event(kind, place.relative_to(root).as_posix(), more))
        elif place == root:
            events.append(Event(kind, ".", more))

    def fsync(descriptor: int) -> None:
        with lock:
            true["fsync"](descriptor)
            path = pathlib.Path(f"/proc/self/fd/{descriptor}").readlink()
            told("flush", path, FOLDER if path.is_dir() else path.read_bytes())  # what the system has by now

    def replace(source: Any, target: Any) -> None:
        with lock:
            true["replace"](source, target)
            told("rename", source, pathlib.Path(target).relative_to(root).as_posix())

    def unlink(path: Any, **options: Any) -> None:
        with lock:
            true["unlink"](path, **options)
            told("remove", path)

    def mkdir(path: Any, *rest: Any, **options: Any) -> None:
        with lock:
            true["mkdir"](path, *rest, **options)
            told("make", path)

    def opened(path: pathlib.Path, mode: str = "r", *rest: Any, **options: Any) -> Any:
        with lock:
            stream = true_open(path, mode, *rest, **options)
            if mode != "wb":
                return stream
            told("create", path)
            return Heard(stream, lambda content: told("write", path, bytes(content)), lock)

    try:
        pathlib.Path.open = opened  # type: ignore[method-assign, assignment]
        for name, function in {"fsync": fsync, "replace": replace, "unlink": unlink, "mkdir": mkdir}.items():
            setattr(os, name, function)
        yield events
    finally:
        pathlib.Path.open = true_open  # type: ignore[method-assign]
        for name, function in true.items():
            setattr(os, name, function)


class Heard:
    """A file whose writes are told."""

    def __init__(self, stream: Any, tell: Callable[[Any], None], lock: Any) -> None:
        self.stream, self.tell, self.lock = stream, tell, lock

    def write(self, content: Any) -> int:
        with self.lock:
            self.tell(content)
            return self.stream.write(content)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def __enter__(self) -> "Heard":
        return self

    def __exit__(self, *error: object) -> None:
        self.stream.__exit__(*error)


@dataclass
class File:
    """What was written, and what of it will last."""

    written: bytes = b""
    lasting: bytes = b""

    def cut(self, share: float) -> bytes:
        """What lasts, and a share of what was written but never flushed."""
        if self.written.startswith(self.lasting):
            rest = len(self.written) - len(self.lasting)
            return self.written[: len(self.lasting) + round(share * rest)]
        return self.lasting if share < 0.5 else self.written


class Change(NamedTuple):
    """A change of names in a folder that may be lost: names that go, names that come."""

    gone: tuple[str, ...]
    come: Mapping[str, File | None]


@dataclass
class Disk:
    """A disk while a record is replayed.

    Attributes:
        lasting: names that outlast a crash, with their files.
        now: names as the process sees them.
        pending: changes of names that were not flushed.
    """

    lasting: dict[str, File | None] = field(default_factory=dict)
    now: dict[str, File | None] = field(default_factory=dict)
    pending: list[Change] = field(default_factory=list)

    def do(self, event: Event) -> None:
        """Take in the next event."""
        kind, path, more = event
        file = self.now.get(path)
        if kind == "write" and file is not None:
            file.written += more
        elif kind == "flush" and more is FOLDER:
            self._flush_names(path)
        elif kind == "flush" and file is not None:
            file.written = file.lasting = more
        elif kind in ("create", "make"):
            self._change((), {path: File() if kind == "create" else None})
        elif kind == "remove":
            self._change((path,), {})
        elif kind == "rename":
            self._change((path,), {more: file})

    def _change(self, gone: tuple[str, ...], come: Mapping[str, File | None]) -> None:
        self.pending.append(Change(gone, come))
        _apply(self.pending[-1], self.now)

    def _flush_names(self, folder: str) -> None:
        for change in [one for one in self.pending if _folder_of(one) == folder]:
            _apply(change, self.lasting)
            self.pending.remove(change)

    def after_crash(self, happened: Callable[[int], bool], share: Callable[[], float]) -> dict[str, bytes | None]:
        """What is found: of pending changes those that happened, of unflushed files a share."""
        names = dict(self.lasting)
        for number, change in enumerate(self.pending):
            if happened(number):
                _apply(change, names)
        reachable = {name: file for name, file in names.items() if _reachable(name, names)}
        return {name: file if file is None else file.cut(share()) for name, file in reachable.items()}


def _apply(change: Change, names: dict[str, File | None]) -> None:
    for name in change.gone:
        names.pop(name, None)
    names.update(change.come)


def _folder_of(change: Change) -> str:
    return PurePath(next(iter((*change.come, *change.gone)))).parent.as_posix()


def _reachable(name: str, names: Mapping[str, File | None]) -> bool:
    return all(str(place) in names for place in PurePath(name).parents if str(place) != ".")


def write_image(image: Mapping[str, bytes | None], root: pathlib.Path) -> None:
    """Put what a crash left into a folder."""
    root.mkdir(parents=True)
    for name in sorted(image):
        content = image[name]
        if content is None:
            (root / name).mkdir()
        else:
            (root / name).write_bytes(content)
