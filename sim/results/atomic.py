"""Files that a reader sees complete or not at all: written under a passing name, flushed, then renamed.

A kill at any moment, or a power failure, leaves each file as it was or as it will be. Imports nothing heavy, so that
crashes can be tested by the thousand.
"""

import contextlib
import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

MARK = ".writing-"  # begins the ending of a passing name


class Written(NamedTuple):
    """A file that waits under its passing name."""

    name: str  # path inside the folder, with /
    passing: Path
    size: int  # bytes
    sha256: str


class Folder:
    """A folder whose files are replaced together, as nearly as a file system allows: all written, then all renamed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.waiting: list[Written] = []

    def __enter__(self) -> "Folder":
        make_folder(self.path)
        for inside in (self.path, *(entry for entry in self.path.iterdir() if entry.is_dir())):
            for left in inside.glob(f".*{MARK}*"):
                left.unlink(missing_ok=True)
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        for file in self.waiting:
            with contextlib.suppress(OSError):
                file.passing.unlink(missing_ok=True)

    def write(self, name: str, content: bytes) -> Written:
        """Write a file under its passing name and flush it to the disk."""
        target = self.path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        passing = target.with_name(f".{target.name}{MARK}{os.getpid()}")
        file = Written(name, passing, len(content), hashlib.sha256(content).hexdigest())
        self.waiting.append(file)
        with passing.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        return file

    def publish(self, no_longer: Iterable[str] = ()) -> None:
        """Give every file its name, in the order written, and take away those that are no longer part of the whole."""
        fresh = {file.name for file in self.waiting}
        folders = {self.path, *(file.passing.parent for file in self.waiting)}
        *first, last = self.waiting
        for file in first:
            file.passing.replace(self.path / file.name)
        for name in no_longer:
            if name not in fresh:
                (self.path / name).unlink(missing_ok=True)
        last.passing.replace(self.path / last.name)
        self.waiting = []
        for folder in folders:
            flush_folder(folder)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, and make their names last: a file is as lasting as the folders on its way."""
    missing = [place for place in path.parents if not place.exists()]
    path.mkdir(parents=True, exist_ok=True)
    for place in (path, *missing):
        flush_folder(place.parent)


def flush_folder(path: Path) -> None:
    """Make the names in a folder last, where the system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
