"""What patterns are read from: firms, links and events of one replicate, and its twins with something switched off."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim import Scenario
from sim.configuration.periods import FIRST_YEAR
from sim.configuration.tables import load_table
from sim.results.microdata import Micro
from sim.results.parts import place_of
from sim.results.reducing import Replicate, quarterly_variables, run_and_reduce
from sim.setting import World
from sim.world import build_world

Floats = NDArray[np.float64]
LAST = 2025  # the year that patterns are read in
LONG = "2035Q4"  # diffusion is looked at until then
BASE = "baseline"
PEERS_OFF = {"model.peers": "off"}
RETROFITS_OFF = {"model.retrofits": "off"}


@dataclass(frozen=True)
class Evidence:
    """One replicate of the baseline, with its twins.

    Attributes:
        world: its firms.
        base: the baseline to 2025 with micro data.
        long: the baseline to 2035.
        no_peers: as `base` without peer effects.
        no_retrofits: as `base` without retrofits.
        plan: the plan, where grants are largest, with micro data.
        none: no district policy, hence no grants, with micro data.
        seed: of what null models draw.
    """

    world: World
    base: Replicate
    long: Replicate
    no_peers: Replicate
    no_retrofits: Replicate
    plan: Replicate
    none: Replicate
    seed: int

    @cached_property
    def random(self) -> np.random.Generator:
        """What null models draw from, in the order in which they ask."""
        return np.random.default_rng(self.seed)

    def firms(self, year: int, above_scale: bool = True) -> pd.DataFrame:
        """The firms of a year."""
        rows = micro(self.base).firms
        rows = rows[(rows["year"] == year) & rows["active"]]
        return rows[rows["above_scale"]] if above_scale else rows


def micro(one: Replicate) -> Micro:
    """The micro data of a replicate that kept some."""
    assert one.micro is not None
    return one.micro


def collect(replicate: int, firms: int, parameters: str, seed: int, populations: int) -> Evidence:
    """Run one replicate of the baseline and its twins."""
    population = replicate % populations

    def loaded(name: str = BASE, until: str = f"{LAST}Q4", changes: dict[str, Any] | None = None) -> Scenario:
        return Scenario.load(name, firms, until, seed, changes or {}, parameters=parameters)

    world = build_world(loaded(), population)

    def run(scenario: Scenario, with_micro: bool = True) -> Replicate:
        return run_and_reduce(scenario, world, population, replicate, with_micro)

    return Evidence(
        world,
        run(loaded()),
        run(loaded(until=LONG), with_micro=False),
        run(loaded(changes=PEERS_OFF)),
        run(loaded(changes=RETROFITS_OFF), with_micro=False),
        run(loaded("plan")),
        run(loaded("none")),
        seed * 1000 + replicate,
    )


def adopters(one: Replicate) -> dict[str, Floats]:
    """Firms that have each option by year, from the first complete year."""
    table = load_table("options")
    return {
        str(option): one.years[:, place_of(f"Adoption|{str(name).replace('|', '/')}")]
        for option, name in zip(table["option"], table["name_en"], strict=True)
    }


def quarterly(one: Replicate, variable: str) -> Floats:
    """A variable by quarter."""
    names = [entry.name for entry in quarterly_variables()]
    found: Floats = one.quarters[:, names.index(variable)]
    return found


def years_of(one: Replicate) -> Floats:
    """The complete years of a replicate."""
    return FIRST_YEAR + np.arange(len(one.years), dtype=np.float64)
