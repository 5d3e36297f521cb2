"""The synthetic firms of the district at the end of 2020, from public marginals only (MODEL, part 3).

Totals of output, energy, value added and waste are those of the tables at every number of rows; a population differs
by its seed in who is large, where, how efficient and how green. Above-scale firms and anchors have a row each; smaller
units share rows that carry the real count as weight.
"""

from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from agents.firm import Firms
from sim.population.green import drawn_products, green_shares
from sim.population.plan import (
    ABOVE,
    BELOW,
    CARRIERS,
    PER_YI,
    SOLD,
    Calibration,
    Plan,
    anchor_values,
    calibrated,
    codes,
    column,
    label,
    population_tables,
    raked,
    row_plan,
    strata,
    wanted,
)
from sim.population.report import marginal_report
from sim.population.rules import PopulationError, PopulationRules
from sim.population.traits import draw_habits, draw_intensities, draw_luck, draw_places, draw_sizes, rake, within_sigma

__all__ = ["PopulationError", "PopulationRules", "build_population", "label", "marginal_report"]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Columns = dict[str, NDArray[Any]]

QUARTERS = 4.0  # in a year
FEN = 1e6  # in one 万元
POLLUTANTS = ("nox_intensity", "voc_intensity", "cod_intensity", "ammonia_intensity")
INTENSITIES = (*CARRIERS, "process_intensity", *POLLUTANTS, "water_intensity", "waste_intensity", "value_added_share")
ENERGY_KINDS = len(CARRIERS) + 1  # carriers and the process emissions that go with them


def build_population(n_firms: int, rules: PopulationRules, seed: int, base_prices: ArrayLike) -> Firms:
    """Draw the firms of the district.

    Args:
        n_firms: rows that are active at the start; spare rows of entrants come on top (`rules.spare_share`).
        rules: numbers of configs/population.yaml.
        seed: of the population, int64 ≥ 0.
        base_prices: (5,) 万元 per tce of coal, gas, oil, electricity and heat in the base year.

    Returns:
        Columns of shape (n_firms + spare rows,) in the order of stable ids: anchors, smaller and larger firms by
        sector, entrants.

    Raises:
        PopulationError: where a hard marginal cannot be met; the message names it.

    Example:
        >>> from sim import Scenario
        >>> from sim.population.builder import build_population
        >>> rules = Scenario.load("baseline").tuples(None).population  # doctest: +SKIP
        >>> build_population(5000, rules, 1, [0.12, 0.2, 0.45, 0.537, 0.19]).firm.size  # doctest: +SKIP
        5750
    """
    factors = calibrated(rules)
    plan = row_plan(n_firms, rules)
    columns = identities(plan)
    add_sizes(columns, plan, rules, seed)
    add_places(columns, plan, rules, seed)
    add_intensities(columns, plan, rules, seed, factors)
    luck = np.empty((6, len(plan.stratum)))
    draw_luck(seed, columns["firm"], luck)
    add_products(columns, plan, rules, luck)
    add_cost_shares(columns, rules, np.asarray(base_prices, dtype=np.float64), luck[3])
    add_habits(columns, rules, seed)
    columns["pv_capacity"] = solar_panels(columns, rules, luck[4])
    columns["relocated"] = columns["entrant"] & (luck[5] < rules.relocated_share)
    return Firms(**{name: columns[name] for name in Firms._fields})


def identities(plan: Plan) -> Columns:
    """Who each row is: stable id, sector, anchor, weight and whether it is a spare row."""
    n = len(plan.stratum)
    row = np.arange(n, dtype=np.int64)
    industry = strata().industry[plan.stratum]
    return {
        "firm": row,
        "sector": (plan.stratum // 2).astype(np.int8),
        "anchor": np.where(row < plan.anchors, row + 1, 0).astype(np.int8),
        "above_scale": industry & (plan.stratum % 2 == ABOVE),
        "entrant": row >= plan.initial,
        "weight": plan.weight,
    }


def add_sizes(columns: Columns, plan: Plan, rules: PopulationRules, seed: int) -> None:
    """Write output, size class and what the grid charges; above-scale firms reach the threshold, others stay below."""
    of = strata()
    tables = population_tables()
    above = np.arange(len(of.units)) % 2 == ABOVE
    floor = np.where(above, rules.above_scale_revenue, 0.0)
    cap = np.where(of.industry & ~above, rules.above_scale_revenue, np.inf)
    for k in np.flatnonzero(of.units > 0):
        mean, name = of.output[k] / of.units[k], tables.sectors["sector"].iloc[k // 2]
        if not floor[k] < mean < cap[k]:
            raise PopulationError(
                f"above_scale_units: firms of {name} {'above' if above[k] else 'below'} scale would make {mean:.0f}"
                f" 万元 a year on average, allowed {floor[k]:.0f} to {cap[k]:.0f}"
            )
    size, sigma = np.empty(len(plan.stratum)), np.empty(len(of.units))
    within_sigma(of.units, of.output, rules, sigma)
    draw_sizes(
        seed,
        columns["firm"],
        plan.stratum,
        plan.weight,
        plan.start,
        plan.initial,
        of.units,
        of.anchors,
        floor,
        cap,
        of.output,
        sigma,
        rules,
        size,
    )
    size[: plan.anchors] = column(tables.anchors, "output_2020") * PER_YI
    least = np.where(of.industry[plan.stratum] & ~columns["above_scale"], np.inf, rules.above_scale_revenue)
    classes = (size >= least).astype(np.int8)
    classes += (size >= rules.medium_revenue).astype(np.int8) + (size >= rules.large_revenue).astype(np.int8)
    columns["size_class"] = np.maximum(classes, columns["above_scale"].astype(np.int8))
    columns["small_power"] = columns["size_class"] <= 1
    columns["base_output"] = size * plan.weight / QUARTERS


def add_places(columns: Columns, plan: Plan, rules: PopulationRules, seed: int) -> None:
    """Write park and coordinates."""
    tables = population_tables()
    parks = tables.parks
    affinity = np.zeros((2, len(tables.sectors), len(parks)))
    at = codes(tables.park_sectors["sector"], tables.sectors["sector"])
    place = codes(tables.park_sectors["park"], parks["park"])
    affinity[BELOW, at, place] = column(tables.park_sectors, "below_scale_affinity")
    affinity[ABOVE, at, place] = column(tables.park_sectors, "above_scale_affinity")
    n = len(plan.stratum)
    park = np.full(n, -1, dtype=np.int8)
    park[: plan.anchors] = codes(tables.anchors["park"], parks["park"])
    east, north = np.empty(n), np.empty(n)
    draw_places(
        seed,
        columns["firm"],
        plan.stratum // 2,
        columns["above_scale"],
        columns["size_class"],
        affinity,
        column(parks, "east_km"),
        column(parks, "north_km"),
        column(parks, "radius_km"),
        rules,
        park,
        east,
        north,
    )
    columns.update(park=park, east=east, north=north)


def stratum_targets(factors: Calibration) -> Floats:
    """Mean of every intensity in every stratum, shape (n_kinds, n_strata): sector means × the two factors."""
    sectors = population_tables().sectors
    target = np.stack([column(sectors, name) for name in INTENSITIES])
    target[: len(CARRIERS), raked(sectors)] *= factors.energy
    target[-1, sectors["industry"].to_numpy(dtype=bool)] *= factors.value_added
    return np.repeat(target, 2, axis=1)


def add_intensities(columns: Columns, plan: Plan, rules: PopulationRules, seed: int, factors: Calibration) -> None:
    """Write energy, process CO2, pollutants, water, waste and the value-added share; then the anchors' own."""
    sectors = population_tables().sectors
    sector = plan.stratum // 2
    mean = np.stack([column(sectors, name) for name in INTENSITIES])
    drawn = np.empty((len(INTENSITIES), len(sector)))
    draw_intensities(seed, columns["firm"], sector, mean, ENERGY_KINDS, rules, drawn)
    rake(drawn, columns["base_output"], plan.stratum, plan.start, stratum_targets(factors))
    at = sector[: plan.anchors]
    for kind, name in enumerate(INTENSITIES):
        own = anchor_values(name)
        if name in CARRIERS:
            own *= np.where(raked(sectors)[at], factors.energy, 1.0)
        if name == "value_added_share":
            own *= factors.value_added
        drawn[kind, : plan.anchors] = own
        columns[name] = drawn[kind].copy()
    for name in SOLD:
        columns[name] = column(sectors, name)[sector]
        columns[name][: plan.anchors] = anchor_values(name)


def add_products(columns: Columns, plan: Plan, rules: PopulationRules, luck: Floats) -> None:
    """Write the green product of each row and the green share of its capacity."""
    anchors = population_tables().anchors
    product = drawn_products(plan, columns["base_output"] * QUARTERS, luck)
    share = green_shares(plan, columns["base_output"] * QUARTERS, product, luck, rules.green_spread)
    product[: plan.anchors] = codes(anchors["product"], population_tables().products["product"])
    share[: plan.anchors] = column(anchors, "green_share")
    columns.update(product=product.astype(np.int8), base_green_share=share)


def add_cost_shares(columns: Columns, rules: PopulationRules, base_prices: Floats, luck: Floats) -> None:
    """Write wages, taxes, depreciation, margin and materials over output; they add up to 1 with energy."""
    sectors = population_tables().sectors
    sector = columns["sector"]
    added = columns["value_added_share"]
    scale = added / column(sectors, "value_added_share")[sector]
    wage = column(sectors, "wage_share")[sector] * scale
    columns["net_tax_share"] = column(sectors, "net_tax_share")[sector] * scale
    columns["depreciation_share"] = column(sectors, "depreciation_share")[sector] * scale
    rest = added - columns["net_tax_share"] - columns["depreciation_share"]
    middle = rest - wage
    # Luck moves the split between profit and wages by as much as `margin_sigma`, and leaves both a part.
    margin = middle * (1.0 + (2.0 * luck - 1.0) * sqrt(3.0) * rules.margin_sigma)
    margin = np.maximum(np.minimum(margin, middle + 0.5 * wage), rules.minimum_margin)
    columns["base_margin"] = margin
    columns["wage_share"] = rest - margin
    energy = np.zeros(len(added))
    for name, price in zip(CARRIERS, base_prices, strict=True):
        energy += columns[name] * price
    material = 1.0 - added - energy
    if (material < rules.minimum_material).any():
        worst = int(np.argmin(material))
        raise PopulationError(
            f"above_scale_value_added: value added ({added[worst]:.3f}) and energy ({energy[worst]:.3f}) of a firm of"
            f" {sectors['sector'].iloc[int(sector[worst])]} leave {material[worst]:.3f} of its output for materials,"
            f" allowed {rules.minimum_material:g} or more"
        )
    columns["material_share"] = material


def add_habits(columns: Columns, rules: PopulationRules, seed: int) -> None:
    """Write payback limits, age, bank, capacity, roof and the balance sheet."""
    sectors = population_tables().sectors
    sector = columns["sector"]
    n = len(sector)
    cutoff, age, use, bank = np.empty(n), np.empty(n), np.empty(n), np.empty(n, dtype=np.int8)
    spread = np.empty((3, n))
    draw_habits(seed, columns["firm"], columns["size_class"], columns["entrant"], rules, cutoff, age, bank, use, spread)
    yearly = columns["base_output"] * QUARTERS
    columns.update(payback_cutoff=cutoff, age=age, bank=bank, base_capacity=columns["base_output"] / use)
    columns["roof_area"] = column(sectors, "roof_area")[sector] * yearly * spread[2]
    wear = columns["depreciation_share"] / column(sectors, "depreciation_share")[sector]
    capital = column(sectors, "capital_output")[sector] * wear * yearly
    assets = (column(sectors, "liabilities_to_assets") * column(sectors, "assets_per_revenue"))[sector]
    debt = rules.interest_bearing_share * assets * yearly * spread[1]
    bearable = columns["base_margin"] * yearly / (rules.interest_cover * rules.base_loan_rate)
    debt = np.minimum(np.minimum(debt, bearable), rules.debt_limit * capital)
    cash = rules.cash_months / 12.0 * yearly * spread[0]
    for name, value in (("cash", cash), ("debt", debt), ("capital", capital)):
        columns[name] = np.rint(value * FEN).astype(np.int64)


def solar_panels(columns: Columns, rules: PopulationRules, luck: Floats) -> Floats:
    """Solar capacity at the end of 2020, kW: on the roofs of a few above-scale firms, in all the hard marginal."""
    row = columns["firm"]
    possible = columns["above_scale"] & ~columns["entrant"]
    host = possible & (luck < rules.solar_host_share)
    if not host.any():
        host = row == np.argmax(np.where(possible, columns["roof_area"], -1.0))
    roof = np.where(host, columns["roof_area"], 0.0)
    return wanted("pv_capacity") * 1000.0 * roof / float(np.cumsum(roof)[-1])
