"""Crashes on purpose: a child process that dies at one of its writes, or at a random moment."""

import contextlib
import os
import pathlib
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any


class Fuse:
    """Kills the process at the n-th thing that it does to the disk; n = 0 never."""

    def __init__(self, number: int) -> None:
        self.left = number

    def burn(self, half: Callable[[], Any] = lambda: None) -> None:
        self.left -= 1
        if self.left == 0:
            half()
            os.kill(os.getpid(), signal.SIGKILL)


class HalfWritten:
    """A file that a crash leaves half written."""

    def __init__(self, stream: Any, fuse: Fuse) -> None:
        self.stream, self.fuse = stream, fuse

    def write(self, content: Any) -> int:
        def half() -> None:
            self.stream.write(content[: len(content) // 2])
            self.stream.flush()

        self.fuse.burn(half)
        return self.stream.write(content)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)

    def __enter__(self) -> "HalfWritten":
        self.stream.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self.stream.__exit__(*error)


@contextlib.contextmanager
def armed(fuse: Fuse) -> Iterator[None]:
    """Count every write, flush, rename, removal and new folder, before and, by the next one, after it is done."""
    true_open = pathlib.Path.open
    names = [(os, "fsync"), (os, "replace"), (os, "unlink"), (os, "mkdir")]
    before = [getattr(module, name) for module, name in names]

    def burning(function: Callable[..., Any]) -> Callable[..., Any]:
        def burn_and_do(*arguments: Any, **options: Any) -> Any:
            fuse.burn()
            return function(*arguments, **options)

        return burn_and_do

    def opened(path: pathlib.Path, mode: str = "r", *rest: Any, **options: Any) -> Any:
        stream = true_open(path, mode, *rest, **options)
        return HalfWritten(stream, fuse) if mode == "wb" else stream

    try:
        pathlib.Path.open = opened  # type: ignore[method-assign, assignment]
        for (module, name), function in zip(names, before, strict=True):
            setattr(module, name, burning(function))
        yield
    finally:
        pathlib.Path.open = true_open  # type: ignore[method-assign]
        for (module, name), function in zip(names, before, strict=True):
            setattr(module, name, function)


def survived(job: Callable[[], Any], after: float | None = None) -> bool:
    """Do a job in a child process; whether it came to its end. Killed after so many seconds, if any are given."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            job()
            code = 0
        finally:
            os._exit(code)
    if after is not None:
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) == 0, "the child failed on its own"
    return True
