"""What one simulated 2021 says about each fact, in the fact's own unit."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.firm import Firms
from experiments.calibrating.targets import Target
from sim.configuration.tables import load_table
from sim.population.report import measured
from sim.population.supply import degree_facts
from sim.results.parts import place_of
from sim.results.reducing import Replicate
from sim.results.revenue import clusters
from sim.scenario import Scenario
from sim.setting import World
from sim.state import State

Floats = NDArray[np.float64]


class Seen(NamedTuple):
    """A simulated 2021: its variables, its firms at the end, and what its population was drawn with."""

    replicate: Replicate
    state: State
    world: World
    drawn: Mapping[str, float]  # marginals of the population and facts of its network


def drawn_with(world: World, scenario: Scenario) -> dict[str, float]:
    """Marginals of a population and facts of its supply network at the end of 2020."""
    firms = Firms(*(np.ascontiguousarray(world.firms[name]) for name in Firms._fields))
    return measured(firms, scenario.tuples(None).population) | degree_facts(world.links, world.firms)


def of_year(seen: Seen, name: str) -> float:
    """A variable in 2021."""
    return float(seen.replicate.years[0, place_of(name)])


def variable(seen: Seen, target: Target) -> float:
    """A variable in 2021."""
    return of_year(seen, target.of)


def cluster(seen: Seen, target: Target) -> float:
    """Green sales of a cluster in 2021 before alignment, 亿元."""
    return float(seen.replicate.alignment.simulated[list(clusters().names).index(target.of)])


def drawn(seen: Seen, target: Target) -> float:
    """A marginal of the population, or a fact of its supply network."""
    return seen.drawn[target.of]


def fall(seen: Seen, target: Target) -> float:
    """Fall of a variable since 2020, share."""
    return 1.0 - of_year(seen, target.of) / target.base


def growth(seen: Seen, target: Target) -> float:
    """Growth of a variable since 2020, share."""
    return of_year(seen, target.of) / target.base - 1.0


def kept(seen: Seen, target: Target) -> float:
    """One less the quotient of two variables: links switched over links."""
    above, below = target.of.split(";")
    return 1.0 - of_year(seen, above) / of_year(seen, below)


def taken(seen: Seen, target: Target) -> float:
    """Firms that have options over firms that know of them, both summed over the options."""
    codes = list(load_table("options")["option"])
    agenda, firms = seen.state.agenda, seen.world.firms
    weight = np.where(seen.state.standing.active, firms.weight, 0.0)
    have = know = 0.0
    for option in target.of.split(";"):
        bit = codes.index(option)
        adopted, noticed = ((agenda[name] >> bit) & 1 == 1 for name in ("adopted", "noticed"))
        have += float(weight[adopted].sum())
        know += float(weight[adopted | noticed].sum())
    return have / know if know > 0.0 else np.nan


def growth_spread(seen: Seen, target: Target) -> float:
    """Laplace scale of firm growth: mean distance from the median of log growth of above-scale firms over the year."""
    firms, now = seen.world.firms, seen.state.trade.output
    rows = firms.above_scale & ~firms.entrant & seen.state.standing.active & (now > 0.0) & (firms.base_output > 0.0)
    change = np.log(now[rows] / firms.base_output[rows])
    return float(np.abs(change - np.median(change)).mean()) if len(change) else np.nan


MEASURES: dict[str, Callable[[Seen, Target], float]] = {
    "variable": variable,
    "cluster": cluster,
    "marginal": drawn,
    "network": drawn,
    "fall": fall,
    "growth": growth,
    "kept": kept,
    "taken": taken,
    "growth_spread": growth_spread,
}


def statistics(seen: Seen, targets: tuple[Target, ...]) -> Floats:
    """The simulated value of every fact, shape (n_targets,)."""
    return np.array([MEASURES[target.measure](seen, target) for target in targets])
