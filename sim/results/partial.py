"""The results of a run that is still going on: its first quarters, told as those of a finished run."""

from dataclasses import replace

import numpy as np

from sim.configuration.periods import quarter_name
from sim.phases.recording import Record
from sim.results.parts import Part
from sim.results.reducing import reduced
from sim.results.revenue import QUARTERS
from sim.run import Run
from sim.scenario import Scenario
from sim.setting import World

# What a record does not hold by quarter: sales of single firms in the two years that the bridge compares.
BY_YEAR = ("kept_years", "green_sales", "project_sales", "green_capacity", "converted")


def first_quarters(record: Record, quarters: int) -> Record:
    """The record as if the run had ended after so many quarters; without a bridge if that is before its last year."""
    cut = {name: getattr(record, name)[:quarters] for name in Record._fields if name not in BY_YEAR}
    if quarters < QUARTERS * (int(record.kept_years[1]) + 1):
        cut["kept_years"] = np.full(2, -1)
    return record._replace(**cut)


def part_so_far(
    record: Record, quarters: int, scenario: Scenario, world: World, run: Run, population: int, replicate: int
) -> Part:
    """One replicate after its first quarters, at least one.

    Args:
        record: written so far.
        quarters: how many are over.
        scenario: what is run.
        world: the population.
        run: setting and moments.
        population: the place of the world among the populations.
        replicate: which one.

    Raises:
        IntegrityError: an identity is broken.
    """
    shown, told = replace(scenario, until=quarter_name(quarters - 1)), run._replace(moments=run.moments[:quarters])
    one = reduced(first_quarters(record, quarters), shown, world, told, population, replicate)
    return Part(shown, 1, (one,), ())
