"""How far a run is: bars on a terminal, a line now and then anywhere else, nothing when asked to be quiet."""

import sys
import time
from collections.abc import Callable
from typing import Any, Protocol, Self

Count = Callable[[int, int], None]  # done, in all

LINES = 10  # for a piece of work at most, where there is no terminal
PAUSE = 2.0  # seconds between two of them at least
COMPILING = "编译模型（仅一次） Compiling the model (once)"


class Reporter(Protocol):
    """What a long command tells while it works."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *error: object) -> None: ...

    def counter(self, title: str) -> Count:
        """A new line of work; call what comes back with (done, in all)."""
        ...

    def say(self, sentence: str) -> None:
        """A sentence on the error stream."""
        ...


def reporter(quiet: bool = False) -> Reporter:
    """The reporter that suits the error stream."""
    if quiet:
        return Silent()
    return Bars() if sys.stderr.isatty() else Lines()


# ruff: noqa: D102 - the protocol says what the methods of all three do
class Silent:
    """Says nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def counter(self, title: str) -> Count:
        return lambda done, in_all: None

    def say(self, sentence: str) -> None:
        pass


class Lines(Silent):
    """Plain lines, a few for each piece of work, with the time it still needs."""

    def counter(self, title: str) -> Count:
        started = told = time.monotonic()
        next_share = 0

        def count(done: int, in_all: int) -> None:
            nonlocal told, next_share
            now, share = time.monotonic(), LINES * done // max(in_all, 1)
            if done < in_all and (share < next_share or now - told < PAUSE):
                return
            told, next_share = now, share + 1
            left = (now - started) * (in_all - done) / max(done, 1)
            rest = f", {written(left)} 剩余 left" if 0 < done < in_all else ""
            self.say(f"{title}: {done}/{in_all}, {written(now - started)}{rest}")

        return count

    def say(self, sentence: str) -> None:
        sys.stderr.write(sentence + "\n")
        sys.stderr.flush()


class Bars:
    """A bar for each piece of work."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
        from rich.progress import TimeRemainingColumn as Remaining

        self.console = Console(stderr=True)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self.bars: Any = Progress(*columns, TextColumn("剩余 left"), Remaining(), console=self.console)

    def __enter__(self) -> Self:
        self.bars.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.bars.stop()

    def counter(self, title: str) -> Count:
        from rich.text import Text

        bar = self.bars.add_task(Text(title).plain.replace("[", "\\["), total=None)
        return lambda done, in_all: self.bars.update(bar, completed=done, total=in_all)

    def say(self, sentence: str) -> None:
        self.console.print(sentence, markup=False, highlight=False)


def written(seconds: float) -> str:
    """A duration: `8 s`, `2 min 05 s`."""
    whole = round(seconds)
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"
