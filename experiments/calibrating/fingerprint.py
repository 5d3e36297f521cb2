"""A fingerprint of how the model behaves, so that a posterior of an older behaviour is found out.

The code hash changes with every comment; the numbers of a tiny run with central values change when results do.
"""

import hashlib

import numpy as np

from experiments.calibrating.targets import load_targets
from sim.results.parts import place_of
from sim.results.reducing import run_and_reduce
from sim.scenario import Scenario
from sim.world import build_world

FIRMS = 100
HEADLINES = ("Revenue|Green Industry", "Value Added", "Emissions|CO2|Industry", "Investment|Retrofit")
OUTDATED = "the posterior belongs to older behaviour of the model; run lvjin calibrate --install"


def fingerprint() -> str:
    """SHA-256 of what a tiny run with central values says of the fitted facts, and of headlines, in 2021."""
    scenario = Scenario("baseline", firms=FIRMS, until="2021Q4", seed=1, parameters="central")
    year = run_and_reduce(scenario, build_world(scenario, 0), 0, 0).years[0]
    fitted = [target.of for target in load_targets() if target.role == "fit"]
    return hashlib.sha256(np.array([year[place_of(name)] for name in (*fitted, *HEADLINES)]).tobytes()).hexdigest()
