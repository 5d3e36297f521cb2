"""What the district adds to the modelled firms, so that indicators per district product can be told.

Value added outside the model (construction, finance, real estate, public services) follows a declared growth; energy
outside it is set once so that simulated 2021 meets the published energy per product, and its intensity falls after.
Source: configs/tables/district.csv.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from agents.firm import Firms, Floats
from agents.mathematics import power
from sim.catalogue import drawn
from sim.configuration.tables import load_table
from sim.results.revenue import BASE_DRAW, QUARTERS

DISTRICT_DRAW = BASE_DRAW + 1_000  # identity of the first item's keyed draw
PER_YI = 1e4  # 万元 in one 亿元


class District(NamedTuple):
    """One draw of configs/tables/district.csv; fields are its items."""

    product_2020: float  # 亿元
    rest_growth_2021: float  # 1/yr
    rest_growth: float  # 1/yr
    energy_per_product_2021: float  # tce per 万元
    rest_energy_fall: float  # 1/yr


class Rest(NamedTuple):
    """What lies outside the model, by quarter, shape (n_quarters,)."""

    value_added: Floats  # 亿元, 2020 prices
    energy: Floats  # 万tce


@cache
def priors() -> dict[str, tuple[int, float, float, float]]:
    """Place, low, central and high of each item."""
    rows = load_table("district").itertuples()
    return {str(row.item): (k, float(row.low), float(row.central), float(row.high)) for k, row in enumerate(rows)}  # type: ignore[arg-type]


def district(seed: int, draw: int | None) -> District:
    """One draw of the district's numbers, the same in every scenario; central values for no draw."""
    values = {name: drawn(seed, draw, DISTRICT_DRAW + k, *prior) for name, (k, *prior) in priors().items()}
    return District(**values)


def rest_of_district(numbers: District, modelled_2020: float, modelled_added: Floats, modelled_energy: Floats) -> Rest:
    """Value added and energy outside the model.

    Args:
        numbers: from `district`.
        modelled_2020: value added of the modelled firms in 2020, 亿元.
        modelled_added: (n_quarters,) 亿元 from 2021Q1, 2020 prices.
        modelled_energy: (n_quarters,) 万tce net of what is sold.
    """
    quarters = range(len(modelled_added))
    opening = max(numbers.product_2020 - modelled_2020, 0.0) / QUARTERS
    growth = [min(q + 1, QUARTERS) for q in quarters]
    later = [max(q + 1 - QUARTERS, 0) for q in quarters]
    added = np.array(
        [
            opening
            * power(1.0 + numbers.rest_growth_2021, first / QUARTERS)
            * power(1.0 + numbers.rest_growth, then / QUARTERS)
            for first, then in zip(growth, later, strict=True)
        ]
    )
    intensity = np.array([power(1.0 - numbers.rest_energy_fall, then / QUARTERS) for then in later])
    wanted = numbers.energy_per_product_2021 * (modelled_added[:QUARTERS].sum() + added[:QUARTERS].sum())
    missing = max(wanted - modelled_energy[:QUARTERS].sum(), 0.0)
    outside = added[:QUARTERS].sum()
    return Rest(added, added * intensity * (missing / outside if outside > 0.0 else 0.0))


def modelled_value_added(firms: Firms) -> float:
    """Value added in 2020 of the firms present at its end, 亿元, summed in the order of stable ids."""
    added = np.where(firms.entrant, 0.0, firms.base_output * firms.value_added_share)
    return QUARTERS * float(np.cumsum(added)[-1]) / PER_YI
