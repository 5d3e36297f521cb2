"""A thousand random worlds, hundreds of them three times: books that close, and one result from three faces."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from random_worlds import QUARTERS, Sketch, sketched_run, sketched_world, told
from soaking import soak
from test_identities import check_all
from test_plain_twin import meaningful

from benchmarks.twin.district import District
from benchmarks.twin.objects import differences, objects
from sim.phases.recording import RESIDUALS
from sim.quarter import step_quarter
from sim.run import Opened, Run, open_replicate, take_quarter
from sim.setting import World

WORLDS, TRIPLES = 1000, 200
record = partial(soak, script=__file__)


def drawn(chance: np.random.Generator, largest: int, quarters: int) -> Sketch:
    """Any sketch; the odd ones are common."""
    return Sketch(
        n=int(chance.choice([chance.integers(1, 4), chance.integers(1, 41), chance.integers(1, largest + 1)])),
        seed=int(chance.integers(0, 2**31)),
        quarters=quarters,
        moved=float(chance.choice([0.0, 0.1, 0.5, 1.0])),
        linked=bool(chance.random() < 0.7),
        one_sector=bool(chance.random() < 0.3),
        all_entrants=bool(chance.random() < 0.1),
        without_purses=bool(chance.random() < 0.3),
        huge_prices=bool(chance.random() < 0.2),
        busy=bool(chance.random() < 0.5),
    )


@pytest.mark.soak
def test_the_books_of_a_thousand_worlds_close():
    chance, posted, largest, rows = np.random.default_rng(1), 0, 0, 0
    with record("Books of random worlds", "随机世界的账目", seed=1) as found:
        for number in range(WORLDS):
            sketch = drawn(chance, 300, QUARTERS)
            world, run = sketched_world(sketch), sketched_run(sketch)
            story = told(world, run)
            found.trial()
            largest = max(largest, int(np.abs(story.record.residuals).max()))
            posted += sum(int(np.count_nonzero(state.ledger)) for state in story.states)
            rows += sketch.n * sketch.quarters
            try:
                check_all(world, run, story)
            except AssertionError as error:
                found.check(False, f"{number} {sketch}: {error}")
        found.told = {
            "largest_residual_fen": largest,
            "identities_of_the_ledger": len(RESIDUALS),
            "quarters_in_each": QUARTERS,
            "firm_quarters": rows,
            "postings": posted,
        }


@pytest.mark.soak
def test_compiled_interpreted_and_twin_agree_in_every_world():
    chance, quarters, firms = np.random.default_rng(2), 4, 0
    with record("Compiled, interpreted and Mesa twin", "编译、解释与Mesa孪生", seed=2) as found:
        for number in range(TRIPLES):
            sketch = drawn(chance, 40, quarters)
            world, run = sketched_world(sketch), sketched_run(sketch)
            compiled, plain = open_replicate(world, run), open_replicate(world, run)
            twin = District(world, run, compiled)
            firms += sketch.n
            for quarter in range(quarters):
                take_quarter(quarter, world, run, compiled)
                interpreted_quarter(quarter, world, run, plain)
                twin.step()
                found.trial()
                found.check(astray(objects(plain.state), compiled) == [], f"{number} {sketch}: interpreted {quarter}")
                found.check(astray(twin.state, compiled) == [], f"{number} {sketch}: twin {quarter}")
                found.check(differences(twin.record, compiled.record) == [], f"{number} {sketch}: record {quarter}")
        found.told = {"worlds": TRIPLES, "firms": firms, "quarters_in_each": quarters}


def interpreted_quarter(quarter: int, world: World, run: Run, opened: Opened) -> None:
    """One quarter of the same functions without the compiler."""
    step: Any = step_quarter
    step.py_func(world, run.setting, run.moments[quarter], opened.cash, opened.state, opened.record)


def astray(state: Any, core: Opened) -> list[str]:
    """Columns that differ in a bit, memory that means nothing between phases apart."""
    return meaningful(differences(state, core.state))
