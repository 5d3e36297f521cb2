"""One replicate from its run to variables: the record is checked, told in variables and let go."""

import threading
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.firm import Flags, Floats
from sim.phases.recording import Record
from sim.results.bridge import Bridge, bridge
from sim.results.district import district
from sim.results.integrity import check_books, check_bridge, check_finite, check_streams
from sim.results.measures import measured
from sim.results.microdata import EVENTS_PER_ROW, Collector, Micro
from sim.results.outside import with_outside
from sim.results.revenue import QUARTERS, Alignment, RevenueRules, align, bases
from sim.results.totals import Totals, quarter_totals, with_years
from sim.results.variable_list import Variable, load_variables
from sim.run import Run, prepare_run, step_replicate
from sim.scenario import Scenario
from sim.setting import World
from sim.shared_past import step_after_shared_past


class StoppedError(RuntimeError):
    """The user stopped the ensemble before it was complete."""


class Replicate(NamedTuple):
    """What is kept of one replicate."""

    replicate: int
    population: int
    rules: RevenueRules  # of its parameter draw
    quarters: Floats  # (n_quarters, n_variables told by quarter); flows at their annual rate
    years: Floats  # (n_complete_years, n_variables)
    alignment: Alignment
    bridge: Bridge | None  # none where the run holds no later year
    micro: Micro | None


def run_and_reduce(
    scenario: Scenario,
    world: World,
    population: int,
    replicate: int,
    with_micro: bool = False,
    stop: threading.Event | None = None,
) -> Replicate:
    """Run one replicate and keep its variables.

    Args:
        scenario: what is run.
        world: the population of this replicate.
        population: its place among the populations.
        replicate: 0 or more; also the parameter draw.
        with_micro: keep what each firm did, too.
        stop: looked at after every quarter.

    Raises:
        IntegrityError: an identity is broken.
        StoppedError: `stop` was set.
    """
    run = prepare_run(scenario, replicate)
    collector = Collector(world, run.setting.factors) if with_micro else None
    record = None
    n_events = EVENTS_PER_ROW * len(world.firms)
    steps = step_replicate(world, run, n_events) if with_micro else step_after_shared_past(world, run)
    for state, written in steps:
        record = written
        if collector is not None:
            collector.take(state)
        if stop is not None and stop.is_set():
            raise StoppedError(f"stopped in replicate {replicate}")
    assert record is not None, "a scenario has at least one quarter"
    return reduced(record, scenario, world, run, population, replicate, collector)


def reduced(
    record: Record,
    scenario: Scenario,
    world: World,
    run: Run,
    population: int,
    replicate: int,
    collector: Collector | None = None,
) -> Replicate:
    """The variables of a record; raises `IntegrityError` where an identity is broken."""
    check_books(record, replicate)
    check_streams(record, replicate)
    draw = None if scenario.parameters == "central" else replicate
    alignment = align(record, bases(scenario.seed, draw), run.revenue)
    factors, share = run.setting.factors, run.setting.firm.district_tax_share
    per_tce = factors.grid_emission / factors.electricity_energy
    totals = quarter_totals(record, alignment, factors.energy_content, share, per_tce)
    numbers = district(scenario.seed, draw)
    totals = with_outside(totals, numbers, world.firms, [moment.policy for moment in run.moments])
    found = bridge(record, world.firms)
    if found is not None:
        check_bridge(found.residual, replicate)
    quarters, years = told(totals, replicate)
    return Replicate(
        replicate,
        population,
        run.revenue,
        quarters,
        years,
        alignment,
        found,
        None if collector is None else collector.result(),
    )


@cache
def quarterly_variables() -> tuple[Variable, ...]:
    """The variables that are told by quarter."""
    return tuple(variable for variable in load_variables() if not variable.yearly)


def told(totals: Totals, replicate: int) -> tuple[Floats, Floats]:
    """Values by quarter and by year, measured at once; a quarter's flow at its annual rate, so that its unit holds."""
    n = len(totals.sectors)
    values = measured(with_years(totals), load_variables())
    quarters, years = values[:n].take(told_by_quarter(), axis=1), values[n:].copy()
    quarters[:, yearly_flows()] *= QUARTERS
    return checked(quarters, quarterly_variables(), replicate), checked(years, load_variables(), replicate)


@cache
def told_by_quarter() -> NDArray[np.int64]:
    """Places of the quarterly variables among all."""
    return np.flatnonzero([not variable.yearly for variable in load_variables()])


@cache
def yearly_flows() -> Flags:
    """Which of the quarterly variables are flows a year."""
    return np.array([variable.kind == "flow_year" for variable in quarterly_variables()])


def checked(values: Floats, variables: tuple[Variable, ...], replicate: int) -> Floats:
    """The values, if they are all numbers."""
    if not np.isfinite(values).all():
        check_finite(values, replicate, [variable.name for variable in variables])
    return values
