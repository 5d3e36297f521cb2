"""The choice of retrofits thrice on the same districts: compiled core, whole-array numpy, C. Equal first, then timed.

The districts are those of the plan in the quarters up to the beginning of 2024, when many options are known and some
are ordered. Each is chosen for once in a round: a second time at once, processors know the way by heart.
"""

import copy
import time
from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import numba
import numpy as np

from agents._compiled import LEAN, OPTIONS
from benchmarks.phases import TICKS_PER_SECOND, c_clock
from benchmarks.rivals import in_c, whole_choice
from sim.phases.choosing import choose_retrofits
from sim.run import open_replicate, prepare_run, take_quarter
from sim.scenario import Scenario
from sim.setting import Moment, Setting, World
from sim.state import State
from sim.world import build_world

WRITTEN = ("proposals", "agenda", "costs")  # what the phase writes
ROWS, MOST_DISTRICTS = 60_000, 6  # that a rival chooses for in a round
UNTIL = "2024Q1"


class Case(NamedTuple):
    """A district in front of the choice."""

    world: World
    setting: Setting
    moment: Moment
    state: State


@cache
def compiled_choice() -> Callable[..., int]:
    """The phase as the quarter calls it, between two looks at the clock; returns microseconds of processor time."""
    clock = c_clock()

    def choose(world: World, setting: Setting, moment: Moment, state: State) -> Any:
        before = clock()
        choose_retrofits(world, setting, moment, state)
        return clock() - before

    compiled: Callable[..., int] = numba.njit(**OPTIONS, **LEAN)(choose)
    return compiled


def districts(firms: int) -> list[Case]:
    """The district of the plan in its last quarters."""
    scenario = Scenario.load("plan", firms=firms, until=UNTIL, seed=1, parameters="prior")
    world, run = build_world(scenario, 0), prepare_run(scenario, 0)
    opened = open_replicate(world, run)
    first = len(run.moments) - max(1, min(MOST_DISTRICTS, ROWS // firms))
    found = []
    for quarter, moment in enumerate(run.moments):
        if quarter >= first:
            found.append(Case(world, run.setting, moment, copy.deepcopy(opened.state)))
        take_quarter(quarter, world, run, opened)
    return found


def prepared(name: str, case: Case) -> tuple[Callable[[], float], State]:
    """A rival on a copy of a district, ready to be called for the seconds that it takes, and the copy."""
    state = copy.deepcopy(case.state)
    arguments = (case.world, case.setting, case.moment, state)
    if name == "core":
        return lambda: compiled_choice()(*arguments) / TICKS_PER_SECOND, state
    work = in_c.choose_retrofits(*arguments) if name == "C" else partial(whole_choice.choose_retrofits, *arguments)
    return partial(seconds_of, work), state


def astray(one: State, other: State) -> list[str]:
    """Columns that the phase wrote and that differ in a bit."""
    return [
        f"{part}.{name}"
        for part in WRITTEN
        for name in getattr(one, part).dtype.names
        if not np.array_equal(getattr(one, part)[name], getattr(other, part)[name])
    ]


def choice_times(name: str, firms: int, rounds: int) -> list[tuple[float, float]]:
    """Seconds of a rival and of the core for one district in each round, one thread, after both have written the same.

    Raises:
        ArithmeticError: they have not.
    """
    pairs = []
    for case in districts(firms):
        (core, ours), (rival, theirs) = prepared("core", case), prepared(name, case)
        core()
        rival()
        if different := astray(ours, theirs):
            raise ArithmeticError(f"{name} and the core differ in {', '.join(different)}")
        pairs.append((rival, core))
    times = [[(rival(), core()) for rival, core in pairs] for _ in range(rounds)]
    return [(sum(rival for rival, _ in one) / len(one), sum(core for _, core in one) / len(one)) for one in times]


def seconds_of(work: Callable[[], object]) -> float:
    """Processor time of a call."""
    started = time.process_time()
    work()
    return time.process_time() - started
