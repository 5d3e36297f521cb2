"""The replicates of one scenario, as an ensemble holds them."""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from agents.firm import Floats
from sim.configuration.periods import FIRST_YEAR
from sim.results.reducing import Replicate
from sim.results.variable_list import load_variables
from sim.scenario import Scenario


class Failure(NamedTuple):
    """A replicate that did not come to its end."""

    scenario: str
    replicate: int
    error: str


@dataclass(frozen=True)
class Part:
    """The replicates of one scenario, in order; at least one."""

    scenario: Scenario
    populations: int
    replicates: tuple[Replicate, ...]
    failures: tuple[Failure, ...]

    @property
    def years(self) -> list[int]:
        """The complete years."""
        return [FIRST_YEAR + year for year in range(len(self.replicates[0].years))]

    def yearly(self) -> Floats:
        """All values by year, shape (n_replicates, n_years, n_variables)."""
        return np.stack([one.years for one in self.replicates])

    def quarterly(self) -> Floats:
        """All values by quarter, shape (n_replicates, n_quarters, n_variables told by quarter)."""
        return np.stack([one.quarters for one in self.replicates])

    def values(self, name: str, year: int) -> Floats:
        """One variable in one complete year, shape (n_replicates,); raises KeyError or ValueError for others."""
        column = place_of(name)
        return np.array([one.years[self.years.index(year), column] for one in self.replicates])


def place_of(name: str) -> int:
    """Place of a variable in the list; raises KeyError."""
    return places()[name]


@cache
def places() -> dict[str, int]:
    """Place of each variable in the list, by name."""
    return {variable.name: k for k, variable in enumerate(load_variables())}
