"""Small ensembles that several test modules look at; each is run once."""

import functools
from dataclasses import replace

from sim.ensemble import Ensemble, combine, simulate
from sim.scenario import Scenario

FIRMS = 300
REPLICATES = 4


def scenario(name: str = "baseline", **inputs) -> Scenario:
    """A scenario of few firms, parameters from their priors."""
    return Scenario.load(name, firms=FIRMS, **{"parameters": "prior", **inputs})


@functools.cache
def ensemble(name: str = "baseline", workers: int = 2) -> Ensemble:
    """Four replicates of two populations to 2025, micro data of the first."""
    return simulate(scenario(name), replicates=REPLICATES, populations=2, workers=workers, micro=0)


@functools.cache
def both() -> Ensemble:
    """Baseline and plan beside each other."""
    return combine([ensemble("plan"), ensemble("baseline")])


def renamed(name: str, **inputs) -> Scenario:
    """The baseline under another name."""
    return replace(scenario(**inputs), name=name)
