"""Where the time of some work goes: functions that look at the clock while they are watched.

Imports nothing heavy, so that a process that has just started can watch itself.
"""

import contextlib
import functools
import pkgutil
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

WALL, PROCESSOR = 0, 1
CLOCKS = (time.perf_counter, time.thread_time)


class Watch:
    """Seconds by stage, without those of other watched stages within it; threads add up.

    Attributes:
        spent: by name of the stage, seconds on the wall and of processor time.
    """

    def __init__(self, stages: Sequence[str] = ()) -> None:
        self.spent = {name: [0.0, 0.0] for name in stages}
        self._lock = threading.Lock()
        self._here = threading.local()

    @contextlib.contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what happens inside."""
        outer = getattr(self._here, "inner", [0.0, 0.0])
        inner = self._here.inner = [0.0, 0.0]
        begun = [clock() for clock in CLOCKS]
        try:
            yield
        finally:
            took = [clock() - before for clock, before in zip(CLOCKS, begun, strict=True)]
            self._here.inner = outer
            with self._lock:
                own = self.spent.setdefault(name, [0.0, 0.0])
                for which in (WALL, PROCESSOR):
                    own[which] += took[which] - inner[which]
                    outer[which] += took[which]

    def told(self, which: int = PROCESSOR) -> dict[str, float]:
        """Seconds by stage on one of the clocks."""
        return {name: both[which] for name, both in self.spent.items()}


@contextlib.contextmanager
def watching(stages: Mapping[str, Sequence[str]]) -> Iterator[Watch]:
    """Watch functions while inside.

    Args:
        stages: by name, the functions that belong to it, as `package.module.function`, where they are looked up.
    """
    watch = Watch(list(stages))
    with contextlib.ExitStack() as replaced:
        for name, functions in stages.items():
            for function in functions:
                place, _, attribute = function.rpartition(".")
                owner = pkgutil.resolve_name(place)
                original = getattr(owner, attribute)
                replaced.callback(setattr, owner, attribute, original)
                setattr(owner, attribute, watched(watch, name, original))
        yield watch


def watched(watch: Watch, name: str, function: Any) -> Any:
    """A function whose time is counted."""

    @functools.wraps(function)
    def call(*arguments: Any, **keywords: Any) -> Any:
        with watch.stage(name):
            return function(*arguments, **keywords)

    return call
