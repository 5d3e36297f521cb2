"""What a page tells of a setting, from the replicates that are there: numbers only, no words and no widgets."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.results import QUARTERS, SCOPES, declared_target, family
from sim.configuration.periods import FIRST_YEAR, quarter_name
from sim.results.parts import place_of
from sim.results.probability import Probability
from sim.results.reducing import Replicate, quarterly_variables
from sim.results.variable_list import Variable
from sim.scenario import Scenario
from viz.engine import ensemble_of

Floats = NDArray[np.float64]
QUANTILES = (5, 25, 50, 75, 95)
CLUSTERS = "Revenue|Green Industry|{member}"
COST = "Policy Cost|Government"
PROGRAMMES = "Policy Cost|Government|{member}"
WAN_PER_YI = 10_000.0
MOST_KEPT = 64  # answers that are kept for the next who asks
_KEPT: "OrderedDict[tuple[object, ...], Answers | None]" = OrderedDict()
_LOCK = threading.Lock()


class Span(NamedTuple):
    """Median and 5–95 % of replicates."""

    low: float
    middle: float
    high: float


class Bar(NamedTuple):
    """A quantity of the present setting, beside the baseline's and that of 2021 where they are told."""

    variable: Variable
    now: Span
    baseline: float | None
    first: float


@dataclass(frozen=True)
class Scope:
    """Green revenue in one scope.

    Attributes:
        bands: quantiles of the last four quarters at the end of each quarter, shape (5, n), 亿元.
        ghost: median of the baseline, shape (n,), or None.
        target_year: revenue in the target's year.
        odds: of reaching the target in its year.
        baseline: revenue of the baseline in the target's year.
        gain: over the baseline, replicate by replicate, in the target's year.
    """

    bands: Floats
    ghost: Floats | None
    target_year: Span
    odds: Probability
    baseline: Span | None
    gain: Span | None


@dataclass(frozen=True)
class Answers:
    """What replicates of a setting say.

    Attributes:
        n: replicates.
        quarters: names of the quarters that end a year's sum.
        scopes: by scope.
        clusters: revenue of the clusters in the target's year.
        cost: public cost of the district, sum from 2022 to the target's year, 亿元.
        baseline_cost: the same of the baseline.
        programmes: the cost by programme.
    """

    n: int
    quarters: list[str]
    scopes: dict[str, Scope]
    clusters: list[Bar]
    cost: Span
    baseline_cost: Span | None
    programmes: list[Bar]


def answers(
    scenario: Scenario, own: Sequence[Replicate], baseline: Sequence[Replicate], populations: int
) -> Answers | None:
    """What the replicates of a setting say, beside those of the baseline; None before the first.

    Args:
        scenario: the setting.
        own: its replicates in order, as far as they are there.
        baseline: those of the baseline; empty where the setting is the baseline.
        populations: of the run.
    """
    if not own:
        return None
    quarters = [quarter_name(q) for q in range(QUARTERS - 1, scenario.quarters)]
    scopes = {name: scope(scenario, own, baseline, variable, populations) for name, variable in SCOPES.items()}
    year = declared_target().year
    clusters = [
        bar._replace(first=float(np.median(yearly(own, bar.variable.name, FIRST_YEAR))))
        for bar in bars(family(CLUSTERS), own, baseline, lambda some, name: yearly(some, name, year))
    ]
    programmes = bars(family(PROGRAMMES), own, baseline, cost)
    before = span(cost(baseline, COST)) if baseline else None
    return Answers(len(own), quarters, scopes, clusters, span(cost(own, COST)), before, programmes)


def bars(
    variables: Sequence[Variable],
    own: Sequence[Replicate],
    baseline: Sequence[Replicate],
    values: Callable[[Sequence[Replicate], str], Floats],
) -> list[Bar]:
    """The quantities of a family, whose `values` by replicate are summed up all at once; nothing is told of 2021."""
    spans = np.percentile([values(own, one.name) for one in variables], (5, 50, 95), axis=1).T.tolist()
    before = np.median([values(baseline, one.name) for one in variables], axis=1).tolist() if baseline else repeat(None)
    return [Bar(one, Span(*now), then, 0.0) for one, now, then in zip(variables, spans, before, strict=False)]


def shared_answers(
    scenario: Scenario, own: Sequence[Replicate], baseline: Sequence[Replicate], populations: int
) -> Answers | None:
    """`answers`, worked out once for all who look at the same replicates of a setting.

    Args:
        scenario: the setting.
        own: its replicates.
        baseline: those of the baseline with the horizon, firms and seed of the setting.
        populations: of the run.
    """
    numbers = (tuple(one.replicate for one in runs) for runs in (own, baseline))
    key = (scenario.digest(), populations, *numbers)
    with _LOCK:
        if key in _KEPT:
            _KEPT.move_to_end(key)
            return _KEPT[key]
    found = answers(scenario, own, baseline, populations)
    with _LOCK:
        _KEPT[key] = found
        while len(_KEPT) > MOST_KEPT:
            _KEPT.popitem(last=False)
    return found


def scope(
    scenario: Scenario, own: Sequence[Replicate], baseline: Sequence[Replicate], variable: str, populations: int
) -> Scope:
    """Green revenue in one scope."""
    year = declared_target().year
    values = last_four_quarters(own, variable)
    reached = yearly(own, variable, year)
    paired = {one.replicate: value for one, value in zip(baseline, yearly(baseline, variable, year), strict=True)}
    gains = [value - paired[one.replicate] for one, value in zip(own, reached, strict=True) if one.replicate in paired]
    return Scope(
        bands=np.percentile(values, QUANTILES, axis=0),
        ghost=np.median(last_four_quarters(baseline, variable), axis=0) if baseline else None,
        target_year=span(reached),
        odds=ensemble_of(scenario, list(own), populations).probability(variable),
        baseline=span(yearly(baseline, variable, year)) if baseline else None,
        gain=span(np.array(gains)) if gains else None,
    )


def span(values: Floats) -> Span:
    """Median and 5–95 % of values, shape (n_replicates,)."""
    return Span(*(float(value) for value in np.percentile(values, (5, 50, 95))))


def yearly(replicates: Sequence[Replicate], variable: str, year: int) -> Floats:
    """A variable in a complete year, shape (n_replicates,)."""
    row, column = year - FIRST_YEAR, place_of_yearly(variable)
    return np.array([one.years[row, column] for one in replicates])


def cost(replicates: Sequence[Replicate], variable: str) -> Floats:
    """A cost in 万元 a year summed over the plan's years, 亿元, shape (n_replicates,)."""
    first, last = 1, declared_target().year - FIRST_YEAR
    column = place_of_yearly(variable)
    return np.array([one.years[first : last + 1, column] for one in replicates]).sum(axis=1) / WAN_PER_YI


def last_four_quarters(replicates: Sequence[Replicate], variable: str) -> Floats:
    """A flow summed over the year that ends with each quarter from the fourth on, shape (n_replicates, n)."""
    column = place_of_quarterly(variable)
    rates = np.array([one.quarters[:, column] for one in replicates])
    n = rates.shape[1] - QUARTERS + 1
    return np.mean([rates[:, shift : shift + n] for shift in range(QUARTERS)], axis=0)


@cache
def place_of_yearly(variable: str) -> int:
    """Place of a variable among those told by year."""
    return place_of(variable)


@cache
def place_of_quarterly(variable: str) -> int:
    """Place of a variable among those told by quarter."""
    return [one.name for one in quarterly_variables()].index(variable)
