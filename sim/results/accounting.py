"""Public money by instrument and year, and firms that move: what the district spends, is asked for and raises."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from agents.codes import PROGRAMME_NAMES
from agents.firm import Floats
from sim.configuration.periods import FIRST_YEAR
from sim.results.bridge import TERMS, bridge_values
from sim.results.effects import members
from sim.results.parts import Part
from sim.results.revenue import SCOPES
from sim.results.tidy import joined
from sim.results.variable_list import variable_named

ACCOUNT_COLUMNS = ["scenario", "year", "instrument", "item", "variable", "unit", "mean", "p5", "p50", "p95"]
DISPLACEMENT_COLUMNS = ["scenario", "item", "unit", "first_year", "last_year", "mean", "p5", "p50", "p95"]
# What is told of every programme.
PROGRAMME_ITEMS = {
    "spent": "Policy Cost|Government|{member}",
    "asked": "Grants Asked|{member}",
    "to_free_riders": "Grants To Free Riders|{member}",
    "accelerating": "Grants Accelerating|{member}",
    "applicants": "Grant Applicants|{member}",
    "refused": "Grants Refused|{member}",
    "recipients": "Grant Recipients|{member}",
}
# What is told of instruments that are no programme.
OTHER_ITEMS = (
    ("environmental_tax", "revenue_above_2020", "Tax|Environmental"),
    ("profit_tax", "revenue", "Tax|Profit"),
    ("profit_tax", "foregone", "Tax Foregone"),
    ("production_tax", "revenue", "Tax|Production"),
    ("fines", "revenue", "Tax|Fines"),
    ("carbon_and_rights", "paid_outside", "Rights Bought"),
    ("all", "spent", "Policy Cost|Government"),
    ("all", "to_free_riders", "Grants To Free Riders"),
    ("all", "kept_by_district", "Tax|District"),
    ("all", "passed_on", "Tax|Upper"),
)


def policy_accounts(parts: Sequence[Part]) -> pd.DataFrame:
    """Spending and revenue by instrument and year: mean and quantiles over replicates."""
    return joined([pd.DataFrame(list(_account_rows(part)), columns=ACCOUNT_COLUMNS) for part in parts])


def items() -> Iterator[tuple[str, str, str]]:
    """Instrument, item and variable of every account."""
    for item, template in PROGRAMME_ITEMS.items():
        for variable in members(template):
            yield PROGRAMME_NAMES[variable.code + 1], item, variable.name
    yield from OTHER_ITEMS


def _account_rows(part: Part) -> Iterator[list[Any]]:
    for instrument, item, name in items():
        unit = variable_named(name).unit
        for year in part.years:
            yield [part.scenario.name, year, instrument, item, name, unit, *spread(part.values(name, year))]


def spread(values: Floats) -> list[float]:
    """Mean and quantiles over replicates."""
    return [float(values.mean()), *(float(np.quantile(values, share)) for share in (0.05, 0.5, 0.95))]


def displacement(parts: Sequence[Part]) -> pd.DataFrame:
    """Firms and green revenue that come from other districts, are new, or leave, from the first year of the plan on."""
    return joined([pd.DataFrame(list(_displacement_rows(part)), columns=DISPLACEMENT_COLUMNS) for part in parts])


def _displacement_rows(part: Part) -> Iterator[list[Any]]:
    years = [year for year in part.years if year > FIRST_YEAR]
    if not years:
        return
    last = years[-1]

    def flow(name: str) -> Floats:
        return np.sum([part.values(name, year) for year in years], axis=0)

    revenue = part.values("Revenue|Green Industry", last)
    moved = revenue - part.values("Revenue|Green Industry|Without Relocations", last)
    told = [
        ("relocated_in", "firm", flow("Firms|Relocated")),
        ("new", "firm", flow("Firms|Arrived") - flow("Firms|Relocated")),
        ("left", "firm", flow("Firms|Left")),
        ("revenue_relocated_in", "亿元/yr", moved),
    ]
    lost = lost_revenue(part)
    if lost is not None:
        told.append(("revenue_left", "亿元/yr", lost))
    for item, unit, values in told:
        yield [part.scenario.name, item, unit, years[0], last, *spread(values)]


def lost_revenue(part: Part) -> Floats | None:
    """Green revenue of 2021 whose makers had left by the last year of the bridge, 亿元; the bridge's term `exit`."""
    if any(one.bridge is None for one in part.replicates):
        return None
    term, scope = TERMS.index("exit"), SCOPES.index("plan")
    return -np.array(
        [bridge_values(one.bridge, one.alignment)[scope, term] for one in part.replicates if one.bridge is not None]
    )
