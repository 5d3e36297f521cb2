"""One replicate from the end of 2020 to the last quarter."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from agents._rows import record_of, records_of
from agents.codes import N_SECTORS
from sim import catalogue, ladder, streams
from sim.opening import open_district, opening_cash
from sim.phases.recording import Record, empty_record
from sim.quarter import step_quarter
from sim.results.revenue import RevenueRules, compared_years
from sim.scenario import Scenario
from sim.setting import Moment, Setting, World
from sim.state import State


class Run(NamedTuple):
    """One parameter draw of a scenario, ready to be stepped."""

    setting: Setting
    moments: list[Moment]
    revenue: RevenueRules


def prepare_run(scenario: Scenario, replicate: int) -> Run:
    """Return setting and moments of a replicate: replicate r takes parameter draw r, or central values.

    Args:
        scenario: what is run.
        replicate: 0 or more.
    """
    draw = None if scenario.parameters == "central" else replicate
    numbers = scenario.tuples(draw)
    setting = Setting(
        options=catalogue.options(scenario.seed, draw),
        fits=catalogue.fits(),
        markets=catalogue.markets(scenario.seed, draw),
        behaviour=record_of(numbers.behaviour),
        firm=record_of(numbers.firm),
        finance=record_of(numbers.finance),
        market=record_of(numbers.market),
        conversion=record_of(numbers.conversion),
        switching=record_of(numbers.switching),
        symbiosis=record_of(numbers.symbiosis),
        certificates=ladder.certificates(),
        benchmarks=ladder.benchmarks(numbers.factor),
        certification=record_of(numbers.certification),
        factors=record_of(numbers.factor),
        mechanisms=record_of(numbers.mechanisms),
        makers=catalogue.makers(),
        machinery=catalogue.machinery(),
        streams=streams.streams(scenario.seed, draw),
        roles=streams.roles(),
        feeds=streams.feeds(),
        rest_waste=streams.rest_waste(),
        base_policy=record_of(numbers.policies[0]),
    )
    prices, policies = records_of(numbers.prices), records_of(numbers.policies)
    moments = [
        Moment(quarter, scenario.seed, replicate, prices[quarter], policies[quarter])
        for quarter in range(scenario.quarters)
    ]
    return Run(setting, moments, numbers.revenue)


class Opened(NamedTuple):
    """A replicate at the end of 2020: what its quarters write on."""

    state: State
    record: Record
    cash: int  # fen, all there is and ever will be


def open_replicate(world: World, run: Run, n_events: int = 0) -> Opened:
    """Return the district at the end of 2020, a record for every quarter, and room for events in a quarter."""
    state = open_district(world, run.setting, run.moments[0], n_events)
    n_products = len(run.setting.markets) - N_SECTORS
    n_quarters = len(run.moments)
    n_makers = int(np.count_nonzero(world.firms.product >= 0))
    record = empty_record(n_quarters, n_makers, n_products, compared_years(run.revenue, n_quarters))
    return Opened(state, record, opening_cash(state))


def take_quarter(quarter: int, world: World, run: Run, opened: Opened) -> None:
    """Take an opened replicate through one quarter, 0 for 2021Q1; quarters come in their order."""
    step_quarter(world, run.setting, run.moments[quarter], opened.cash, opened.state, opened.record)


def step_replicate(world: World, run: Run, n_events: int = 0) -> Iterator[tuple[State, Record]]:
    """Yield state and record after every quarter; the same two objects, written on."""
    yield from step_opened(world, run, open_replicate(world, run, n_events))


def step_opened(
    world: World, run: Run, opened: Opened, first: int = 0, end: int | None = None
) -> Iterator[tuple[State, Record]]:
    """The same of an opened replicate whose quarters before `first` are over, up to the one before `end`."""
    for quarter in range(first, len(run.moments) if end is None else end):
        take_quarter(quarter, world, run, opened)
        yield opened.state, opened.record


def run_replicate(scenario: Scenario, world: World, replicate: int) -> Record:
    """Run one replicate to its last quarter and return what it leaves.

    Example:
        >>> from sim.run import run_replicate
        >>> from sim.scenario import Scenario
        >>> from sim.world import build_world
        >>> scenario = Scenario.load("baseline", firms=600, until="2021Q4")  # doctest: +SKIP
        >>> run_replicate(scenario, build_world(scenario, 0), 0).residuals.any()  # doctest: +SKIP
        False
    """
    quarters = list(step_replicate(world, prepare_run(scenario, replicate)))
    return quarters[-1][1]
