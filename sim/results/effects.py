"""What policies cost and do: a scenario against another with the same firms, numbers and luck, replicate by replicate.

The effect of a policy is the paired difference of whole scenarios. Labels of firms are never summed into an effect:
they only say which part of the money went to projects that would have gone ahead all the same.
"""

from collections.abc import Iterator, Sequence
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from agents.firm import Floats
from agents.mathematics import normal_quantile
from sim.configuration.periods import FIRST_YEAR
from sim.results.parts import Part
from sim.results.revenue import target_year
from sim.results.tidy import joined
from sim.results.variable_list import Variable, load_variables

REFERENCES = ("none", "baseline")  # what others are set against, the first that there is
WAN_PER_YI = 1e4
COST_COLUMNS = ["scenario", "reference", "effect", "basis", "first_year", "last_year", "replicates", "cost", "change"]
COST_COLUMNS += ["unit", "cost_per_unit", "low", "high"]
WINNER_COLUMNS = ["scenario", "reference", "group", "member", "measure", "unit", "year", "replicates", "before"]
WINNER_COLUMNS += ["change", "low", "high", "gains"]
BASES = ("gross", "net_of_free_riders")
# What money is set against: variable, sign of what is wanted, summed over the years of the plan, factor, unit.
EFFECTS: dict[str, tuple[str, float, bool, float, str]] = {
    "co2_with_power_trade": ("Emissions|CO2|District|Net of Power Trade", -1.0, True, 1e4, "t"),
    "co2_scope_1": ("Emissions|CO2|Industry", -1.0, True, 1e4, "t"),
    "green_revenue": ("Revenue|Green Industry", 1.0, False, 1.0, "亿元/yr"),
}
# Families of variables by group and measure.
GROUPS = {
    "sector": {"value_added": "Value Added by Sector", "surplus": "Operating Surplus"},
    "size": {"value_added": "Value Added by Size", "surplus": "Operating Surplus by Size"},
    "park": {"value_added": "Value Added by Park", "surplus": "Operating Surplus by Park"},
}


class Pair(NamedTuple):
    """A scenario and its reference: places of the replicates that both hold, with the same luck."""

    part: Part
    reference: Part
    own: list[int]
    other: list[int]
    years: range  # of the plan, to the target year or the last that both hold

    def change(self, variable: str, year: int) -> Floats:
        """Difference of a variable in a year by replicate."""
        return self.part.values(variable, year)[self.own] - self.reference.values(variable, year)[self.other]

    def summed(self, variable: str) -> Floats:
        """Difference of a flow over the years of the plan by replicate."""
        return np.sum([self.change(variable, year) for year in self.years], axis=0)


def pairs(parts: Sequence[Part]) -> Iterator[Pair]:
    """Every scenario with the reference of the run; none where no reference was run, or firms and luck differ."""
    named = {part.scenario.name: part for part in parts}
    reference = next((named[name] for name in REFERENCES if name in named), None)
    if reference is None:
        return
    for part in parts:
        if part is not reference and comparable(part, reference):
            places = {one.replicate: place for place, one in enumerate(reference.replicates)}
            both = [(own, places[one.replicate]) for own, one in enumerate(part.replicates) if one.replicate in places]
            last = min(part.years[-1], reference.years[-1], target_year(part.replicates[0].rules)) if part.years else 0
            years = range(FIRST_YEAR + 1, last + 1)
            if both and years:
                yield Pair(part, reference, [own for own, _ in both], [other for _, other in both], years)


def comparable(one: Part, other: Part) -> bool:
    """Whether two scenarios have the same firms, parameters and luck."""
    names = ("firms", "seed", "parameters", "information", "root")
    return one.populations == other.populations and all(
        getattr(one.scenario, name) == getattr(other.scenario, name) for name in names
    )


def cost_effectiveness(parts: Sequence[Part]) -> pd.DataFrame:
    """Public money per tonne of CO2 and per 亿元 of green revenue, gross and net of what free riders were paid."""
    rows = [row for pair in pairs(parts) for row in _cost_rows(pair)]
    return joined([pd.DataFrame(rows, columns=COST_COLUMNS)]) if rows else pd.DataFrame()


def _cost_rows(pair: Pair) -> Iterator[list[Any]]:
    rules = pair.part.replicates[0].rules
    gross = pair.summed("Policy Cost|Government") + pair.summed("Tax Foregone")
    costs = (gross, gross - pair.summed("Grants To Free Riders"))
    for effect, (variable, sign, over_years, factor, unit) in EFFECTS.items():
        found = pair.summed(variable) if over_years else pair.change(variable, pair.years[-1])
        for basis, cost in zip(BASES, costs, strict=True):
            told = quotient(cost, sign * factor * found, rules.confidence)
            names = [pair.part.scenario.name, pair.reference.scenario.name, effect, basis]
            years = [pair.years[0], pair.years[-1], len(cost)]
            yield [*names, *years, float(cost.mean()), float((sign * factor * found).mean()), unit, *told]


def quotient(cost: Floats, effect: Floats, confidence: float) -> tuple[float, float, float]:
    """Mean cost over mean effect with Fieller's interval; no number where the effect may be nothing or wrong."""
    nothing = (np.nan, np.nan, np.nan)
    n, above, below = len(cost), float(cost.mean()), float(effect.mean())
    if below <= 0.0:
        return nothing
    if n < 2:
        return above / below, np.nan, np.nan
    z = normal_quantile(0.5 + 0.5 * confidence)
    of_cost, of_effect, of_both = (covariance(*pair) / n for pair in ((cost, cost), (effect, effect), (cost, effect)))
    g = z * z * of_effect / (below * below)
    if g >= 1.0:
        return nothing
    ratio = above / below
    inner = of_cost - 2.0 * ratio * of_both + ratio * ratio * of_effect
    middle = ratio
    if of_effect > 0.0:
        middle -= g * of_both / of_effect
        inner -= g * (of_cost - of_both * of_both / of_effect)
    half = z / below * sqrt(max(inner, 0.0))
    return ratio, (middle - half) / (1.0 - g), (middle + half) / (1.0 - g)


def covariance(one: Floats, other: Floats) -> float:
    """Sample covariance, summed in the order of replicates."""
    products = (one - one.mean()) * (other - other.mean())
    return float(products.sum()) / (len(one) - 1)


def winners(parts: Sequence[Part]) -> pd.DataFrame:
    """Who gains and who loses: change of value added and surplus by sector, size and park in the last year."""
    rows = [row for pair in pairs(parts) for row in _winner_rows(pair)]
    return joined([pd.DataFrame(rows, columns=WINNER_COLUMNS)]) if rows else pd.DataFrame()


def _winner_rows(pair: Pair) -> Iterator[list[Any]]:
    year, confidence = pair.years[-1], pair.part.replicates[0].rules.confidence
    names = [pair.part.scenario.name, pair.reference.scenario.name]
    for group, measures in GROUPS.items():
        for measure, family in measures.items():
            for variable in members(f"{family}|{{member}}"):
                change = pair.change(variable.name, year)
                before = float(pair.reference.values(variable.name, year)[pair.other].mean())
                low, high = mean_interval(change, confidence)
                found = [before, float(change.mean()), low, high, float((change > 0.0).mean())]
                member = variable.name.partition("|")[2]
                yield [*names, group, member, measure, variable.unit, year, len(change), *found]


def members(template: str) -> list[Variable]:
    """The variables of a family, in the order of its table."""
    found = [variable for variable in load_variables() if variable.template == template]
    return sorted(found, key=lambda variable: variable.code)


def mean_interval(values: Floats, confidence: float) -> tuple[float, float]:
    """Interval of a mean over replicates; not a number for a single one."""
    if len(values) < 2:
        return np.nan, np.nan
    half = normal_quantile(0.5 + 0.5 * confidence) * float(values.std(ddof=1)) / sqrt(len(values))
    return float(values.mean()) - half, float(values.mean()) + half
