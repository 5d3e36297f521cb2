"""The rest of the district put beside what the firms of one replicate did."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from agents import codes
from agents.firm import Firms, Floats
from sim.phases.recording import PRODUCT_COLUMNS
from sim.results.district import District, Modelled, modelled_value_added, outside_flows, outside_stocks
from sim.results.district_measures import renewables
from sim.results.revenue import FEN_PER_YI, clusters
from sim.results.sums import (
    LITRES_PER_M3,
    TEN_THOUSAND,
    WATT_PER_MW,
    all_net_energy,
    everywhere,
    in_group,
    ratio,
)
from sim.results.totals import Totals

FARMING = "eco_agriculture"  # the cluster of green farm products


def with_outside(totals: Totals, numbers: District, firms: Firms, policies: Sequence[Any]) -> Totals:
    """The quarters of a replicate with what lies outside the model.

    Args:
        totals: by quarter, from `quarter_totals`.
        numbers: the draw of the district.
        firms: rows of the population.
        policies: in force, by quarter.
    """
    model = modelled(totals, modelled_value_added(firms))
    return totals._replace(
        rest=outside_flows(numbers, model, policies), standing=outside_stocks(numbers, model, policies)
    )


def modelled(totals: Totals, added_2020: float) -> Modelled:
    """What the firms did, as the rest of the district is set against it."""
    water = LITRES_PER_M3 * TEN_THOUSAND
    return Modelled(
        added_2020=added_2020,
        added=everywhere(FEN_PER_YI, codes.VALUE_ADDED)(totals),
        services=in_group("services", FEN_PER_YI, codes.VALUE_ADDED)(totals),
        energy=all_net_energy(totals),
        water=everywhere(water, codes.WATER)(totals),
        farm_water=in_group("agriculture", water, codes.WATER)(totals),
        green_farming=green_farming(totals),
        new_pv=(np.maximum(totals.pv - totals.pv_2021, 0) + renewables(totals, "pv")) / WATT_PER_MW,
        new_clean=(renewables(totals, "wind") + renewables(totals, "biomass")) / WATT_PER_MW,
    )


def green_farming(totals: Totals) -> Floats:
    """Green share of farm output."""
    made = totals.clusters[:, clusters().names.index(FARMING), PRODUCT_COLUMNS.index("green_output")]
    return ratio(made.astype(np.float64), in_group("agriculture", 1.0, codes.OUTPUT)(totals))
