"""One population made ready for kernels: firms, supply links, what fits whom, and who keeps books for it."""

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from agents import codes
from agents._compiled import kernel, leave_out_linear_algebra
from agents._rows import Rows
from agents.firm import Firms
from agents.network import Links
from agents.retrofit import with_option
from sim.catalogue import fits, input_coefficients, input_mix, lines_of_products, sector_column
from sim.configuration.parameters import load_declarations
from sim.draws import uniform
from sim.loading import load_code_alone
from sim.population.builder import build_population
from sim.population.candidates import build_candidates
from sim.population.supply import build_supply
from sim.scenario import Scenario
from sim.setting import SectorTraits, World

MOST_LEADERS = 100  # bound of policy.supply_chain_leader.number
KEPT_WORLDS = 8  # populations that stay in memory between runs

# A population has its own seed; its place among the populations of a run is the replicate of its draws.
POPULATION_SEED_STEP = 1_000_003


def build_world(scenario: Scenario, population: int) -> World:
    """Return the population of a scenario, from memory if it was built before.

    Args:
        scenario: number of firms, seed, and the structural numbers of population and network.
        population: 0 for the first.

    Raises:
        PopulationError: a hard marginal cannot be met; the message names it.
    """
    central = scenario.tuples(None)
    prices = central.prices[0]
    base_prices = (prices.coal_price, prices.gas_price, prices.oil_price, prices.electricity_price, prices.heat_price)
    return _build_world(
        scenario.firms,
        scenario.seed + POPULATION_SEED_STEP * population,
        central.population,
        central.network,
        central.symbiosis.distance_decay,
        base_prices,
        central.factor.electricity_energy,
    )


@lru_cache(maxsize=KEPT_WORLDS)
def _build_world(n_firms, seed, population_rules, network_rules, decay, base_prices, electricity_energy) -> World:  # type: ignore[no-untyped-def]
    leave_out_linear_algebra()
    load_code_alone()
    coal, gas, oil, yuan_per_kwh, heat = base_prices
    per_tce = (coal, gas, oil, yuan_per_kwh * 0.1 / electricity_energy, heat)
    firms = build_population(n_firms, population_rules, seed, per_tce)
    inflow = sector_column("inflow_share") if "inflow_share" in load_columns() else None
    links = build_supply(firms, input_coefficients(), network_rules, seed, inflow)
    return assemble(firms, links, seed, decay)


def load_columns() -> pd.Index:
    """Return the columns of sectors.csv."""
    from sim.configuration.tables import load_table

    return load_table("sectors").columns


def assemble(firms: Firms, links: Links, seed: int, decay: float | None = None) -> World:
    """Return the world of given firms and links; its arrays are read-only.

    `decay` of by-product pairs with distance, 1/km, is the declared one where it is not given.
    """
    if decay is None:
        decay = load_declarations()["symbiosis.distance_decay"].path()[0][1]
    rows = firm_rows(firms)
    rows.chain_rank = chain_ranks(firms, links)
    draw_fit(rows, fits(), seed)
    fit_lines(rows)
    write_laggards(rows)
    sectors = SectorTraits.zeros(codes.N_SECTORS)
    sectors.intensive = sector_column("intensive")
    sectors.power = sector_column("sector") == "coal_power"
    sectors.farm = np.isin(sector_column("sector"), ("crops", "livestock"))
    sectors.forest = sector_column("sector") == "forestry"
    sectors.output, sectors.electricity = _base_means(firms)
    sectors.capital_output = sector_column("capital_output")
    sectors.spare_ratio = _spare_ratio(firms)
    return protect(World(rows, links, build_candidates(firms, seed, decay), sectors, input_mix()))


def protect(world: World) -> World:
    """Let nobody write to a world any more; kernels are compiled for arrays that cannot be written."""
    for part in (world.firms, *world.links, *world.candidates, world.sectors, world.input_mix):
        part.flags.writeable = False
    return world


def firm_rows(firms: Firms) -> np.recarray[Any, Any]:
    """Return the columns of firms as one record array, with room for what else the world knows of each row."""
    kinds = [(name, getattr(firms, name).dtype) for name in Firms._fields]
    kinds[1:1] = [("eligible", np.dtype("i8")), ("chain_rank", np.dtype("i1"))]  # near what most phases look at
    kinds += [("repair_phase", np.dtype("f8"))]
    kinds += [("laggard_first", np.dtype("f8")), ("laggard_last", np.dtype("f8"))]
    rows = np.zeros(len(firms.firm), np.dtype(kinds, align=True)).view(np.recarray)
    for name, column in zip(Firms._fields, firms, strict=True):
        rows[name] = column
    return rows


def chain_ranks(firms: Firms, links: Links) -> np.ndarray:
    """Return the rank of each row among the industrial firms above scale by what they buy in the district; 0 for none.

    Those are the firms that may be chain leaders, as many as the programme can enrol; ties go by stable id.
    """
    n = len(firms.firm)
    buyer = np.repeat(np.arange(n), np.diff(links.customer_start))
    purchases = np.bincount(buyer, links.purchase_share[links.link] * firms.base_output[buyer], n)
    industry = sector_column("industry")[firms.sector].astype(bool)
    may_lead = industry & firms.above_scale & ~firms.entrant & (purchases > 0.0)
    rows = np.flatnonzero(may_lead)
    rows = rows[np.lexsort((firms.firm[rows], -purchases[rows]))][:MOST_LEADERS]
    ranks = np.zeros(n, np.int8)
    ranks[rows] = 1 + np.arange(len(rows))
    return ranks


@kernel
def draw_fit(firms: Rows, sizing: Rows, seed: int) -> None:
    """Write which options fit each row, drawn once, and each row's place in the repair cycle."""
    for i in range(firms.size):
        size = 4.0 * firms[i].base_output / firms[i].weight
        firms[i].repair_phase = uniform(seed, firms[i].firm, 0, 0, codes.WINDOW, 0)
        for option in range(codes.N_OPTIONS):
            fit = sizing[option, firms[i].sector]
            if fit.eligible_share > 0.0 and size >= fit.min_size:
                draw = uniform(seed, firms[i].firm, option, 0, codes.POPULATION_ELIGIBILITY, 0)
                if draw < fit.eligible_share:
                    firms[i].eligible = with_option(firms[i].eligible, option)


def fit_lines(firms: Rows) -> None:
    """Write that the line of a green product fits those who make it or could, and nobody else."""
    lines = np.append(lines_of_products(), -1)[firms.product]  # product -1 takes the last
    no_line = ~np.bitwise_or.reduce(np.int64(1) << np.unique(lines[lines >= 0]), initial=0)
    firms.eligible = (firms.eligible & no_line) | np.where(lines >= 0, np.int64(1) << np.maximum(lines, 0), 0)


def _base_means(firms: Firms) -> tuple[np.ndarray, np.ndarray]:
    """Return output and electricity per output of the rows present at the start by sector, whatever their order."""
    order = np.argsort(firms.firm)
    sector, output = firms.sector[order], np.where(firms.entrant, 0.0, firms.base_output)[order]
    used = np.bincount(sector, output * firms.electricity_intensity[order], codes.N_SECTORS)
    made = np.bincount(sector, output, codes.N_SECTORS)
    return made, np.where(made > 0.0, used / np.where(made > 0.0, made, 1.0), 0.0)


def write_laggards(rows: Rows) -> None:
    """Write the places of each row in its sector's capacity in the order of energy per output, the highest first.

    Rows that are spare at the start are behind all others. Equal rows stand by their ids.
    """
    names = ("coal", "gas", "oil", "electricity", "heat")
    intensity = sum(rows[f"{name}_intensity"] for name in names)
    rows.laggard_first, rows.laggard_last = 1.0, 2.0
    present = np.flatnonzero(~rows.entrant)
    order = present[np.lexsort((rows.firm[present], -intensity[present], rows.sector[present]))]
    for sector in np.unique(rows.sector[order]):
        members = order[rows.sector[order] == sector]
        reached = np.cumsum(rows.base_capacity[members])
        if reached[-1] > 0.0:
            rows.laggard_first[members] = np.concatenate([[0.0], reached[:-1]]) / reached[-1]
            rows.laggard_last[members] = reached / reached[-1]


def _spare_ratio(firms: Firms) -> np.ndarray:
    """Return rows present at the start over spare rows, by sector; zero where no row is spare."""
    present = np.bincount(firms.sector[~firms.entrant], minlength=codes.N_SECTORS)
    spare = np.bincount(firms.sector[firms.entrant], minlength=codes.N_SECTORS)
    return np.where(spare > 0, present / np.maximum(spare, 1), 0.0)
