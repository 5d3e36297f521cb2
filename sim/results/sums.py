"""Sums of whole numbers over sectors and parks, in the units that variables are told in."""

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from agents import codes
from agents.firm import Flags, Floats
from sim.configuration.tables import load_table
from sim.results.revenue import FEN_PER_YI
from sim.results.totals import Totals

Measure = Callable[[Totals], Floats]

CARRIERS = (codes.COAL, codes.GAS, codes.OIL, codes.ELECTRICITY, codes.HEAT)
SOLD = (codes.ELECTRICITY_SOLD, codes.HEAT_SOLD)
CO2 = (codes.CO2_FUEL, codes.CO2_PROCESS)
TEN_THOUSAND = 1e4
GRAMS_PER_TONNE = 1e6
KG_PER_TONNE = 1e3
LITRES_PER_M3 = 1e3
WATT_PER_MW = 1e6


@cache
def industry() -> Flags:
    """Which sectors are industry, shape (n_sectors,)."""
    return load_table("sectors")["industry"].to_numpy(bool)


@cache
def of_group(name: str) -> Flags:
    """Which sectors are of a group, shape (n_sectors,)."""
    return (load_table("sectors")["group"] == name).to_numpy(bool)


def quantity(totals: Totals, *quantities: int) -> NDArray[np.int64]:
    """Physical quantities by period and sector, summed over `quantities`."""
    if len(quantities) == 1:
        return totals.sectors[:, :, codes.N_TERMS + quantities[0]]
    return totals.sectors[:, :, [codes.N_TERMS + q for q in quantities]].sum(axis=2)


def everywhere(per_unit: float, *quantities: int) -> Measure:
    """Sum over all sectors, in units of `per_unit`."""
    return lambda totals: quantity(totals, *quantities).sum(axis=1) / per_unit


def in_industry(per_unit: float, *quantities: int) -> Measure:
    """Sum over the sectors of industry, in units of `per_unit`."""
    return lambda totals: quantity(totals, *quantities)[:, industry()].sum(axis=1) / per_unit


def in_group(name: str, per_unit: float, *quantities: int) -> Measure:
    """Sum over the sectors of a group, in units of `per_unit`."""
    return lambda totals: quantity(totals, *quantities)[:, of_group(name)].sum(axis=1) / per_unit


def by_sector(per_unit: float, *quantities: int) -> Measure:
    """Value of each sector, in units of `per_unit`."""
    return lambda totals: quantity(totals, *quantities) / per_unit


def by_park(per_unit: float, *quantities: int) -> Measure:
    """Value of each park, in units of `per_unit`."""
    at = [codes.N_TERMS + q for q in quantities]
    return lambda totals: totals.parks[:, :, at].sum(axis=2) / per_unit


def ratio(above: Floats, below: Floats) -> Floats:
    """Quotient; zero where nothing stands below."""
    return np.where(below > 0.0, above / np.where(below > 0.0, below, 1.0), 0.0)


def all_net_energy(totals: Totals) -> Floats:
    """Energy taken in by all firms less what they sell, 万tce."""
    kilojoules = quantity(totals, *CARRIERS) - quantity(totals, *SOLD)
    return kilojoules.sum(axis=1) / totals.energy_content / TEN_THOUSAND


def product(totals: Totals) -> Floats:
    """District product: value added of the firms in the model and of the rest, 亿元."""
    return everywhere(FEN_PER_YI, codes.VALUE_ADDED)(totals) + totals.rest.value_added
