"""What the district adds to the modelled firms, so that indicators of the whole district can be told.

Value added, energy and water outside the model are set once so that simulated 2021 meets what is published, and follow
declared priors after it. Programmes that no firm decides on advance by a yearly step from 2022; a policy may multiply
it. Source: configs/tables/district.csv, 2021 from configs/tables/indicators.csv.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np

from agents.firm import Firms, Floats
from agents.mathematics import power
from sim.catalogue import drawn_column
from sim.configuration.tables import load_table
from sim.results.revenue import BASE_DRAW, QUARTERS

DISTRICT_DRAW = BASE_DRAW + 1_000  # identity of the first item's keyed draw; items are appended, never moved
KEPT_DRAWS = 256  # parameter draws whose numbers are kept for the next scenario
POWERS_PER_DRAW = 8
PER_YI = 1e4  # 万元 in one 亿元
PER_WAN = 1e4  # units in ten thousand


class District(NamedTuple):
    """One draw of configs/tables/district.csv; fields are its items."""

    product_2020: float  # 亿元
    rest_growth_2021: float  # 1/yr
    rest_growth: float  # 1/yr
    energy_per_product_2021: float  # tce per 万元
    rest_energy_fall: float  # 1/yr
    rest_service_lead: float  # 1/yr
    co2_fall_2021: float
    rest_emission: float  # t CO2 per tce
    hydro_growth: float  # 1/yr
    power_substitution: float  # tce per MWh
    pv_hours: float  # h a year
    clean_hours: float
    coal_capacity: float  # MW
    gas_project_rate: float  # MW a year
    nox_projects: float  # t a year
    voc_projects: float
    cod_projects: float
    ammonia_projects: float
    hazardous_kept: float
    fertiliser_fall: float  # 1/yr
    pesticide_fall: float  # 1/yr
    organic_input_cut: float
    water_per_product_2021: float  # m3 per 万元
    household_water_growth: float  # 1/yr
    farm_water_fall: float  # 1/yr
    reclaimed_rate_2021: float
    reclaimed_growth: float  # 1/yr
    solid_waste_drift: float  # 1/yr
    straw_rise: float  # 1/yr
    manure_rise: float  # 1/yr
    farm_recycling_cut: float


class Flows(NamedTuple):
    """What lies outside the model, by period, shape (n,)."""

    value_added: Floats  # 亿元, 2020 prices
    services: Floats  # part of it
    energy: Floats  # 万tce
    emissions: Floats  # 万t CO2
    non_fossil: Floats  # 万tce of primary energy, power of new plants included
    water: Floats  # 万m3, works that save farm water included
    nox: Floats  # t abated by projects of others
    voc: Floats
    cod: Floats
    ammonia: Floats


class Stocks(NamedTuple):
    """What stands at the end of a period outside the decisions of firms, shape (n,)."""

    pv: Floats  # MW of 2021
    clean: Floats  # MW of 2021, PV left out
    gas: Floats  # MW since 2021
    coal: Floats  # MW
    hazardous: Floats  # share
    fertiliser: Floats  # kg per mu
    pesticide: Floats
    reclaimed: Floats  # share
    solid_waste: Floats
    straw: Floats
    manure: Floats


class Modelled(NamedTuple):
    """What the firms of the model did, by quarter, shape (n_quarters,)."""

    added_2020: float  # 亿元 in the year 2020
    added: Floats  # 亿元, 2020 prices
    services: Floats  # part of it
    energy: Floats  # 万tce net of what is sold
    water: Floats  # 万m3
    farm_water: Floats  # part of it
    green_farming: Floats  # green share of farm output
    new_pv: Floats  # MW since 2021, end of quarter
    new_clean: Floats  # MW of wind and biomass since 2021


@cache
def priors() -> dict[str, tuple[int, float, float, float]]:
    """Place, low, central and high of each item."""
    rows = load_table("district").itertuples()
    return {str(row.item): (k, float(row.low), float(row.central), float(row.high)) for k, row in enumerate(rows)}  # type: ignore[arg-type]


@cache
def levers() -> dict[str, str]:
    """The field of the policies that multiplies the yearly step of an item, where there is one."""
    table = load_table("district")
    return {item: lever for item, lever in zip(table["item"], table["lever"], strict=True) if lever}


@cache
def facts() -> dict[str, float]:
    """What the plan prints for 2021, by indicator."""
    table = load_table("indicators")
    return dict(zip(table["indicator"], table["value_2021"].astype(float), strict=True))


@cache
def pesticide_2021() -> float:
    """Pesticide of 2021, kg per mu: the second number of its row."""
    return float(load_table("indicators").set_index("indicator")["value_2021_alternative"]["fertiliser_per_mu"])


@lru_cache(maxsize=KEPT_DRAWS)
def district(seed: int, draw: int | None) -> District:
    """One draw of the district's numbers, the same in every scenario; central values for no draw."""
    values = drawn_column(seed, draw, DISTRICT_DRAW, "district", "low", "central", "high")
    return District(**dict(zip(priors(), values.tolist(), strict=True)))


def modelled_value_added(firms: Firms) -> float:
    """Value added in 2020 of the firms present at its end, 亿元, summed in the order of stable ids."""
    added = np.where(firms.entrant, 0.0, firms.base_output * firms.value_added_share)
    return QUARTERS * float(np.cumsum(added)[-1]) / PER_YI


def steps(item: str, policies: Sequence[Any]) -> Floats:
    """Part of an item's yearly step that falls into each quarter: none before 2022, then a quarter times its lever."""
    field = levers().get(item)
    return np.array(
        [0.0 if q < QUARTERS else 0.25 * (getattr(p, field) if field else 1.0) for q, p in enumerate(policies)]
    )


def risen(start: float, item: str, numbers: District, policies: Sequence[Any]) -> Floats:
    """A stock or share that rises by a yearly step from 2022, by quarter."""
    return start + getattr(numbers, item) * np.cumsum(steps(item, policies))


def fallen(start: float, item: str, numbers: District, policies: Sequence[Any]) -> Floats:
    """A number that falls by a yearly rate from 2022, by quarter."""
    years = np.cumsum(steps(item, policies))
    return start * powers(1.0 - getattr(numbers, item), tuple(years.tolist()))


def grown(rate: float, n_quarters: int) -> Floats:
    """Growth since 2021 at a yearly rate, by quarter; one in 2021."""
    return powers(1.0 + rate, tuple(max(q + 1 - QUARTERS, 0) / QUARTERS for q in range(n_quarters)))


@lru_cache(maxsize=KEPT_DRAWS * POWERS_PER_DRAW)
def powers(base: float, exponents: tuple[float, ...]) -> Floats:
    """A number to several powers; nobody may write to them, as they are kept for other scenarios of the draw."""
    values = np.array([power(base, exponent) for exponent in exponents])
    values.flags.writeable = False
    return values


def outside_flows(numbers: District, model: Modelled, policies: Sequence[Any]) -> Flows:
    """What lies outside the model, by quarter.

    Args:
        numbers: from `district`.
        model: what firms did.
        policies: in force, by quarter.
    """
    n = len(model.added)
    first = powers(1.0 + numbers.rest_growth_2021, tuple(min(q + 1, QUARTERS) / QUARTERS for q in range(n)))
    opening = max(numbers.product_2020 - model.added_2020, 0.0) / QUARTERS
    added = opening * first * grown(numbers.rest_growth, n)
    product = model.added + added
    energy = missing(numbers.energy_per_product_2021, product, model.energy, added)
    energy = energy * grown(-numbers.rest_energy_fall, n)
    return Flows(
        value_added=added,
        services=np.minimum(
            added,
            missing(facts()["service_share"], product, model.services, added) * grown(numbers.rest_service_lead, n),
        ),
        energy=energy,
        emissions=energy * numbers.rest_emission,
        non_fossil=_non_fossil(numbers, model, model.energy + energy, policies),
        water=_water(numbers, model, product, policies),
        nox=numbers.nox_projects * steps("nox_projects", policies),
        voc=numbers.voc_projects * steps("voc_projects", policies),
        cod=numbers.cod_projects * steps("cod_projects", policies),
        ammonia=numbers.ammonia_projects * steps("ammonia_projects", policies),
    )


def missing(per_product: float, product: Floats, modelled: Floats, along: Floats) -> Floats:
    """What must lie outside the model so that 2021 meets a published quotient; later it goes `along`."""
    year = slice(0, QUARTERS)
    short = max(per_product * product[year].sum() - modelled[year].sum(), 0.0)
    base = along[year].sum()
    return along * (short / base if base > 0.0 else 0.0)


def _non_fossil(numbers: District, model: Modelled, energy: Floats, policies: Sequence[Any]) -> Floats:
    """Non-fossil primary energy, 万tce: the printed share of 2021, which grows by a prior, and power of new plants."""
    old = facts()["non_fossil_share"] * energy[:QUARTERS].mean() * grown(numbers.hydro_growth, len(energy))
    pv, clean = numbers.pv_hours * model.new_pv, numbers.clean_hours * model.new_clean
    return old + 0.25 * (pv + clean) * numbers.power_substitution / PER_WAN


def _water(numbers: District, model: Modelled, product: Floats, policies: Sequence[Any]) -> Floats:
    """Water outside the model, less what works save on farms, 万m3."""
    n = len(product)
    homes = missing(numbers.water_per_product_2021, product, model.water, np.ones(n))
    saved = model.farm_water * (1.0 - fallen(1.0, "farm_water_fall", numbers, policies))
    return homes * grown(numbers.household_water_growth, n) - saved


def outside_stocks(numbers: District, model: Modelled, policies: Sequence[Any]) -> Stocks:
    """What stands at the end of each quarter; arguments as for `outside_flows`."""
    known, n = facts(), len(policies)
    year, later = np.ones(n), np.arange(n) >= QUARTERS
    part = known["clean_capacity_share"]
    short = np.where(later, min(numbers.hazardous_kept, 1.0) - 1.0, 0.0)
    inputs = input_factor(numbers, model, policies)
    return Stocks(
        pv=known["pv_capacity"] * year,
        clean=(part / (1.0 - part) * numbers.coal_capacity - known["pv_capacity"]) * year,
        gas=risen(0.0, "gas_project_rate", numbers, policies),
        coal=numbers.coal_capacity * year,
        hazardous=known["hazardous_waste_rate"] + short,
        fertiliser=fallen(known["fertiliser_per_mu"], "fertiliser_fall", numbers, policies) * inputs,
        pesticide=fallen(pesticide_2021(), "pesticide_fall", numbers, policies) * inputs,
        reclaimed=share(risen(numbers.reclaimed_rate_2021, "reclaimed_growth", numbers, policies)),
        solid_waste=share(risen(known["solid_waste_rate"], "solid_waste_drift", numbers, policies)),
        straw=share(risen(known["straw_rate"], "straw_rise", numbers, policies)),
        manure=share(risen(known["manure_rate"], "manure_rise", numbers, policies)),
    )


def input_factor(numbers: District, model: Modelled, policies: Sequence[Any]) -> Floats:
    """Bought farm inputs over those of 2021 at the same pace: less where farming is greener or recycles."""
    later = np.arange(len(policies)) >= QUARTERS
    greener = np.maximum(model.green_farming - model.green_farming[:QUARTERS].mean(), 0.0)
    reached = np.array([float(policy.circular_agriculture_coverage) for policy in policies])
    saved = 1.0 - numbers.organic_input_cut * greener
    return np.where(later, saved * (1.0 - numbers.farm_recycling_cut * reached), 1.0)


def share(values: Floats) -> Floats:
    """Values within zero and one."""
    return np.clip(values, 0.0, 1.0)
