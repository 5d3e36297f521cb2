"""The choice of retrofits thrice on the same district: compiled core, whole-array numpy, C. Equal first, then timed.

The district is that of the plan at the end of 2023, when many options are known and some are ordered.
"""

import copy
import time
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np

from agents._compiled import lean_kernel
from benchmarks.rivals import in_c, whole_choice
from sim.phases.choosing import choose_retrofits
from sim.run import open_replicate, prepare_run, take_quarter
from sim.scenario import Scenario
from sim.setting import Moment, Setting, World
from sim.state import State
from sim.world import build_world

WRITTEN = ("proposals", "agenda", "costs")  # what the phase writes
ROWS = 50_000  # that a rival has chosen for in a round, at least
UNTIL = "2024Q1"


class Case(NamedTuple):
    """A district in front of the choice."""

    world: World
    setting: Setting
    moment: Moment
    state: State


@lean_kernel
def compiled_choice(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """The phase alone, as the quarter calls it."""
    choose_retrofits(world, setting, moment, state)


def district(firms: int) -> Case:
    """The district of the plan in its last quarter but one."""
    scenario = Scenario.load("plan", firms=firms, until=UNTIL, seed=1, parameters="prior")
    world, run = build_world(scenario, 0), prepare_run(scenario, 0)
    opened = open_replicate(world, run)
    for quarter in range(len(run.moments) - 1):
        take_quarter(quarter, world, run, opened)
    return Case(world, run.setting, run.moments[-1], opened.state)


def prepared(name: str, case: Case) -> tuple[Callable[[], object], State]:
    """A rival on a copy of the district, ready to be called, and the copy."""
    state = copy.deepcopy(case.state)
    arguments = (case.world, case.setting, case.moment, state)
    if name == "C":
        return in_c.choose_retrofits(*arguments), state
    return partial({"core": compiled_choice, "numpy": whole_choice.choose_retrofits}[name], *arguments), state


def astray(one: State, other: State) -> list[str]:
    """Columns that the phase wrote and that differ in a bit."""
    return [
        f"{part}.{name}"
        for part in WRITTEN
        for name in getattr(one, part).dtype.names
        if not np.array_equal(getattr(one, part)[name], getattr(other, part)[name])
    ]


def choice_times(name: str, firms: int, rounds: int) -> list[tuple[float, float]]:
    """Seconds of a rival and of the core in each round, one thread, after both have written the same.

    Raises:
        ArithmeticError: they have not.
    """
    case = district(firms)
    (core, ours), (rival, theirs) = prepared("core", case), prepared(name, case)
    core()
    rival()
    if different := astray(ours, theirs):
        raise ArithmeticError(f"{name} and the core differ in {', '.join(different)}")
    calls = max(1, ROWS // firms)
    return [(seconds_of(rival, calls), seconds_of(core, calls)) for _ in range(rounds)]


def seconds_of(work: Callable[[], object], calls: int) -> float:
    """Processor time of one call, the mean of so many."""
    started = time.process_time()
    for _ in range(calls):
        work()
    return (time.process_time() - started) / calls
