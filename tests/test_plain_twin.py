"""The plain Mesa twin – an object for each firm, rules interpreted – reaches the compiled numbers, bit by bit."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from random_worlds import Sketch, sketched_run, sketched_world, sketches
from small_runs import scenario

from benchmarks.twin.district import District
from benchmarks.twin.objects import differences, objects
from sim.run import Run, open_replicate, prepare_run, take_quarter
from sim.setting import World
from sim.warmup import phases
from sim.world import build_world

# Where a core without memory to spare keeps what means nothing between phases; the twin has no need of most of it.
SCRATCH = {"desk", "order", "column", "proposals.granted"}
ALONE = Sketch(n=1, seed=1, quarters=4)
CROWDED = Sketch(n=60, seed=5, quarters=8, busy=True)
ODD = Sketch(n=40, seed=8, quarters=6, moved=1.0, busy=True)
SMALL, LONG = 300, 8


def compare(world: World, run: Run) -> None:
    """Run core and twin side by side; all columns of the state and all sums of the record must agree every quarter."""
    core = open_replicate(world, run)
    twin = District(world, run, core)
    for quarter in range(len(run.moments)):
        take_quarter(quarter, world, run, core)
        twin.step()
        different = differences(twin.state, core.state) + differences(twin.record, core.record)
        assert meaningful(different) == [], f"quarter {quarter}"
    assert not twin.running


def meaningful(names: list[str]) -> list[str]:
    """The columns among these that mean something between phases."""
    return [name for name in names if not {name, name.partition(".")[0]} & SCRATCH]


@given(sketches(largest=20))
@settings(max_examples=25)
def test_twin_and_core_agree_in_any_world(sketch):
    compare(sketched_world(sketch), sketched_run(sketch._replace(quarters=min(sketch.quarters, 3))))


@pytest.mark.parametrize("sketch", [ALONE, CROWDED, ODD], ids=["alone", "crowded", "odd"])
def test_twin_and_core_agree_where_much_happens(sketch):
    compare(sketched_world(sketch), sketched_run(sketch))


def test_twin_and_core_agree_in_the_district():
    plan = scenario("plan", until="2022Q4")
    assert (plan.firms, plan.quarters) == (SMALL, LONG)
    compare(build_world(plan, 0), prepare_run(plan, 0))


def test_the_twin_goes_through_every_phase_in_the_order_of_the_quarter():
    calls = [name for name in District.step.__code__.co_names if name in phases()]
    assert calls == phases()


def test_a_difference_in_one_bit_of_any_column_is_found():
    opened = open_replicate(sketched_world(CROWDED), sketched_run(CROWDED))
    twin = objects(opened.state)
    assert differences(twin, opened.state) == []
    changed = copy.deepcopy(opened.state)
    changed.trade.output[3] = np.nextafter(changed.trade.output[3], np.inf)
    changed.till.ledger[2, 1] += 1
    changed.projects.option[4, 0] += 1
    assert differences(twin, changed) == ["trade.output", "projects.option", "till.ledger"]
