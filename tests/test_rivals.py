"""The rivals of the benchmarks – whole-array numpy and C – do the same work as the core, to the bit."""

import copy

import numpy as np
import pytest
from random_worlds import Sketch, sketched_run, sketched_world, with_policy

from agents import codes, mathematics
from benchmarks.rivals import comparing, in_c, whole_choice, whole_mathematics
from sim.draws import uniform
from sim.phases.choosing import choose_retrofits
from sim.results.quantities import nearest
from sim.run import open_replicate, take_quarter

RIVALS = {"numpy": whole_choice.choose_retrofits, "C": lambda *case: in_c.choose_retrofits(*case)()}
needs_c = pytest.mark.skipif(in_c.compiler() is None, reason="no C compiler")
ORDERS = {
    "emission_limits_coverage": 1.0,
    "emission_limits_penalty": 0.001,
    "efficiency_benchmark_coverage": 0.8,
    "efficiency_benchmark_payback": 4.0,
    "coal_substitution_boilers": 0.9,
    "retrofit_grant_threshold": 0.0,
}
SKETCHES = {
    "quiet": Sketch(n=40, seed=3, quarters=4),
    "busy": Sketch(n=60, seed=8, quarters=6, busy=True),
    "odd": Sketch(n=60, seed=5, quarters=6, moved=1.0),
}


def before_the_choice(sketch):
    """A district and the moment at which it chooses."""
    world, run = sketched_world(sketch), with_policy(sketched_run(sketch), 0, **ORDERS)
    opened = open_replicate(world, run)
    for quarter in range(len(run.moments)):
        take_quarter(quarter, world, run, opened)
        yield comparing.Case(world, run.setting, run.moments[quarter], opened.state)


@pytest.mark.parametrize("sketch", SKETCHES.values(), ids=SKETCHES)
@pytest.mark.parametrize("rival", ["numpy", pytest.param("C", marks=needs_c)])
def test_a_rival_writes_what_the_core_writes(rival, sketch):
    for case in before_the_choice(sketch):
        ours, theirs = copy.deepcopy(case.state), copy.deepcopy(case.state)
        choose_retrofits(case.world, case.setting, case.moment, ours)
        RIVALS[rival](case.world, case.setting, case.moment, theirs)
        assert comparing.astray(ours, theirs) == []


def test_the_districts_of_the_comparison_give_the_rivals_all_there_is_to_do():
    chosen, reasons, orders, fines = 0, set(), 0, 0
    for sketch in SKETCHES.values():
        for case in before_the_choice(sketch):
            choose_retrofits(case.world, case.setting, case.moment, case.state)
            chosen += (case.state.proposals.option >= 0).sum()
            orders += case.state.proposals.ordered.sum()
            fines += (case.state.proposals.penalty > 0).sum()
            reasons |= set(case.state.proposals.reason.tolist())
    assert min(chosen, orders, fines) > 3
    assert {codes.UNAWARE, codes.INELIGIBLE, codes.CUTOFF} <= reasons


def test_a_difference_in_one_bit_is_found():
    *_, case = before_the_choice(SKETCHES["quiet"])
    other = copy.deepcopy(case.state)
    other.costs.annuity[3] = np.nextafter(other.costs.annuity[3], np.inf)
    assert comparing.astray(case.state, other) == ["costs.annuity"]


def test_whole_arrays_have_the_bits_of_single_numbers():
    x = np.random.default_rng(1).normal(0.0, 40.0, 2000)
    for name, values in (("exp", x), ("log", np.exp(x)), ("logistic", x)):
        one = getattr(mathematics, name)
        assert getattr(whole_mathematics, name)(values).tolist() == [one(value) for value in values.tolist()]
    for values in (x * 1e3, np.arange(-50, 50) / 4.0):  # halves among them
        assert nearest(values).tolist() == [mathematics.whole(value) for value in values.tolist()]
    firms = np.arange(500)
    drawn = whole_mathematics.uniform(7 << 33, firms, 5, 11, codes.FIRE, 3)
    assert drawn.tolist() == [uniform(7 << 33, firm, 5, 11, codes.FIRE, 3) for firm in firms.tolist()]


@needs_c
def test_a_column_that_moves_is_no_longer_read_as_before():
    """C reads the memory of the core: the header follows the declarations."""
    *_, case = before_the_choice(SKETCHES["quiet"])
    numbers, columns = in_c.arguments(*case)
    text = in_c.header(numbers, columns)
    assert f"sizeof(Trade) == {case.state.trade.dtype.itemsize}" in text
    assert text.count("_Static_assert") == sum(column.dtype.names is not None for _, column in columns.values())
