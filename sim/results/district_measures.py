"""How the variables behind the plan's other indicators follow from firms and what lies outside the model."""

import numpy as np
from numpy.typing import NDArray

from agents import codes
from agents.firm import Floats
from sim.phases.recording import RENEWABLES
from sim.results.by_products import reported
from sim.results.revenue import FEN_PER_YI
from sim.results.sums import (
    CO2,
    GRAMS_PER_TONNE,
    KG_PER_TONNE,
    LITRES_PER_M3,
    TEN_THOUSAND,
    WATT_PER_MW,
    Measure,
    all_net_energy,
    everywhere,
    in_group,
    product,
    ratio,
)
from sim.results.totals import Totals


def energy_per_product(totals: Totals) -> Floats:
    """Energy inside and outside the model over district product, tce per 万元."""
    return ratio(all_net_energy(totals) + totals.rest.energy, product(totals))


def per_product(above: Measure, per_yi: float) -> Measure:
    """A measure over district product; `per_yi` turns its unit a 亿元 into one a 万元."""
    return lambda totals: ratio(above(totals) * per_yi, product(totals))


def district_emissions(totals: Totals) -> Floats:
    """Fuel and processes of all firms and energy outside the model, 万t CO2."""
    return everywhere(KG_PER_TONNE * TEN_THOUSAND, *CO2)(totals) + totals.rest.emissions


def emissions_with_power_trade(totals: Totals) -> Floats:
    """District emissions with power that firms buy less what they sell, both at the grid factor, 万t CO2."""
    behind = everywhere(KG_PER_TONNE * TEN_THOUSAND, codes.CO2_POWER)(totals)
    sold = everywhere(totals.energy_content * TEN_THOUSAND, codes.ELECTRICITY_SOLD)(totals)
    return district_emissions(totals) + behind - totals.power_emission * sold


def pv_capacity(totals: Totals) -> Floats:
    """All PV, MW: that of 2021, what firms put on their roofs since, and projects of developers."""
    new = np.maximum(totals.pv - totals.pv_2021, 0) + renewables(totals, "pv")
    return totals.standing.pv + new / WATT_PER_MW


def renewables(totals: Totals, kind: str) -> NDArray[np.int64]:
    """Plants of developers since 2022, W."""
    return totals.renewables[:, RENEWABLES.index(kind)]


def clean_capacity_share(with_gas: bool) -> Measure:
    """Clean over clean and coal capacity."""

    def measure(totals: Totals) -> Floats:
        built = (renewables(totals, "wind") + renewables(totals, "biomass")) / WATT_PER_MW
        clean = pv_capacity(totals) + totals.standing.clean + built + (totals.standing.gas if with_gas else 0.0)
        return ratio(clean, clean + totals.standing.coal)

    return measure


def district_water(totals: Totals) -> Floats:
    """Water of firms, farms and what lies outside the model, 万m3."""
    return everywhere(LITRES_PER_M3 * TEN_THOUSAND, codes.WATER)(totals) + totals.rest.water


def abated(quantity_abated: int, outside: str) -> Measure:
    """Pollution abated by projects of firms and of others, t a year."""

    def measure(totals: Totals) -> Floats:
        others: Floats = getattr(totals.rest, outside)
        return everywhere(GRAMS_PER_TONNE, quantity_abated)(totals) + others

    return measure


def service_share(totals: Totals) -> Floats:
    """Value added of services in and outside the model over district product."""
    services = in_group("services", FEN_PER_YI, codes.VALUE_ADDED)(totals) + totals.rest.services
    return ratio(services, product(totals))


DISTRICT_MEASURES: dict[str, Measure] = {
    "Energy per GDP": energy_per_product,
    "Emissions|CO2|District": district_emissions,
    "Emissions|CO2|District|Net of Power Trade": emissions_with_power_trade,
    "CO2 per GDP": per_product(district_emissions, 1.0),
    "CO2 per GDP|Net of Power Trade": per_product(emissions_with_power_trade, 1.0),
    "Share|Non-Fossil Energy": lambda totals: ratio(
        totals.rest.non_fossil, all_net_energy(totals) + totals.rest.energy
    ),
    "Capacity|PV": pv_capacity,
    "Share|Clean Power Capacity": clean_capacity_share(with_gas=False),
    "Share|Clean Power Capacity|Gas Included": clean_capacity_share(with_gas=True),
    "Emissions Abated|District|NOx": abated(codes.NOX_ABATED, "nox"),
    "Emissions Abated|District|VOC": abated(codes.VOC_ABATED, "voc"),
    "Emissions Abated|District|COD": abated(codes.COD_ABATED, "cod"),
    "Emissions Abated|District|NH3-N": abated(codes.AMMONIA_ABATED, "ammonia"),
    "Share|Hazardous Waste Handled": reported(
        "hazardous", "Hazardous Waste", "Spent Solvent and Oil", "Plating Sludge"
    ),
    "Fertiliser per Mu": lambda totals: totals.standing.fertiliser,
    "Pesticide per Mu": lambda totals: totals.standing.pesticide,
    "Water|District": district_water,
    "Water per GDP": per_product(district_water, 1.0),
    "Share|Services": service_share,
}
