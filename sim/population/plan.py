"""How many rows a population has, what each stands for, and what each stratum adds up to.

A stratum is one sector's above-scale firms or its smaller units. The plan depends on the tables and the number of rows
alone, never on a draw: totals of output are those of the tables at every size.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.configuration.tables import load_table
from sim.population.rules import PopulationError, PopulationRules

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

CARRIERS = ("coal_intensity", "gas_intensity", "oil_intensity", "electricity_intensity", "heat_intensity")
SOLD = ("electricity_sold", "heat_sold")
PER_YI = 1e4  # 万元 in one 亿元
BELOW, ABOVE = 0, 1


class PopulationTables(NamedTuple):
    """The tables that the population is built from."""

    sectors: pd.DataFrame
    parks: pd.DataFrame
    park_sectors: pd.DataFrame
    products: pd.DataFrame
    anchors: pd.DataFrame
    clusters: pd.DataFrame
    marginals: pd.DataFrame


class Strata(NamedTuple):
    """Two strata per sector, index 2 · sector + (0 below scale, 1 above), without the anchors; shape (n_strata,)."""

    units: Whole  # real firms
    output: Floats  # 万元 a year
    anchors: Whole  # anchor firms beside them, which are the largest of the stratum
    industry: NDArray[np.bool_]


class Plan(NamedTuple):
    """Which rows there are: anchors first, then strata of smaller and larger firms, then spare rows of entrants."""

    rows: Whole  # (n_strata,) initial rows
    spare: Whole  # (n_strata,) rows of entrants
    stratum: Whole  # (n,) stratum of each row, anchors included
    start: Whole  # (n_strata + 1,) first row of each stratum
    weight: Floats  # (n,)
    anchors: int
    initial: int  # rows that are active at the start


class Calibration(NamedTuple):
    """One factor on the energy intensities of industry outside power and one on its value-added shares."""

    energy: float
    value_added: float


@lru_cache(maxsize=1)
def population_tables() -> PopulationTables:
    """Load the tables once per process."""
    return PopulationTables(*(load_table(name) for name in PopulationTables._fields))


def column(table: pd.DataFrame, name: str) -> Floats:
    """One numeric column as floats."""
    return table[name].to_numpy(dtype=np.float64)


def codes(values: pd.Series[Any], keys: pd.Series[Any]) -> Whole:
    """Row of each value among the keys, -1 where it is missing."""
    place = {key: row for row, key in enumerate(keys)}
    return np.array([place.get(value, -1) for value in values], dtype=np.int64)


def sequential_sum(values: Floats) -> float:
    """Sum from the first to the last, so that it is the same on every machine; 0 of nothing."""
    return float(np.cumsum(values)[-1]) if len(values) else 0.0


@lru_cache(maxsize=1)
def strata() -> Strata:
    """Units and output of every stratum, from sectors.csv less anchors.csv."""
    tables = population_tables()
    sectors, anchors = tables.sectors, tables.anchors
    total = column(sectors, "output_2020") * PER_YI
    above = total * column(sectors, "above_scale_output_share")
    above_units = sectors["above_scale_units"].to_numpy(dtype=np.int64)
    at = codes(anchors["sector"], sectors["sector"])
    anchor_units = np.bincount(at, minlength=len(sectors)).astype(np.int64)
    anchor_output = np.bincount(at, weights=column(anchors, "output_2020") * PER_YI, minlength=len(sectors))
    units = np.stack([sectors["units"].to_numpy(dtype=np.int64) - above_units, above_units - anchor_units], axis=1)
    output = np.stack([total - above, above - anchor_output], axis=1)
    output[units == 0] = 0.0
    industry = np.repeat(sectors["industry"].to_numpy(dtype=bool), 2)
    beside = np.stack([np.zeros_like(anchor_units), anchor_units], axis=1)
    return Strata(units.ravel(), output.ravel(), beside.ravel(), industry)


def real_units() -> int:
    """Number of real firms that the district has."""
    return int(strata().units.sum() + strata().anchors.sum())


def above_scale_firms() -> int:
    """Number of above-scale industrial firms."""
    return int(strata().units[ABOVE::2].sum() + strata().anchors.sum())


def label(n_firms: int) -> str:
    """Name a population size: `toy`, `standard` or `benchmark`; only `standard` may print the headline.

    A toy has too few rows to give every above-scale firm its own beside one row of smaller units per sector; a
    benchmark has more rows than there are real firms.
    """
    if n_firms < above_scale_firms() + int(np.count_nonzero(strata().units[BELOW::2])):
        return "toy"
    return "standard" if n_firms <= real_units() else "benchmark"


def allotted(total: int, need: Floats, limit: Whole) -> Whole:
    """Share out `total` in proportion to `need` by largest remainder: at least 1 where need > 0, at most `limit`."""
    given = np.minimum((need > 0).astype(np.int64), limit)
    open_ = (need > 0) & (given < limit)
    while given.sum() < total and open_.any():
        left = total - int(given.sum())
        wish = np.where(open_, need / need[open_].sum() * left, 0.0)
        step = np.minimum(np.floor(wish).astype(np.int64), limit - given)
        given += step
        if not step.any():
            order = np.lexsort((np.arange(len(need)), -wish))
            chosen = [k for k in order if open_[k]][:left]
            given[chosen] += 1
        open_ = (need > 0) & (given < limit)
    return given


def initial_rows(n_firms: int, rules: PopulationRules) -> Whole:
    """Rows of every stratum, shape (n_strata,); with the anchors they add up to `n_firms`."""
    of = strata()
    free = n_firms - int(of.anchors.sum())
    has = of.units > 0
    if free < int(has.sum()):
        least = int(of.anchors.sum() + has.sum())
        raise PopulationError(f"n_firms: found {n_firms}, allowed {least} or more: one row for every kind of firm")
    above = np.arange(len(has)) % 2 == ABOVE
    rows = np.where(above, of.units, 0)
    n_small = int((has & ~above).sum())
    if rows.sum() > free - n_small:
        wanted = max(int((has & above).sum()), min(int(rules.toy_above_share * n_firms), free - n_small))
        rows = allotted(wanted, np.where(above, of.units, 0).astype(np.float64), rows)
    density = np.where(of.industry, 1.0, rules.service_row_share)
    need = np.where(above, 0.0, of.units * density)
    limit = np.where(above, 0, of.units) if n_firms <= real_units() else np.full(len(has), n_firms)
    return rows + allotted(free - int(rows.sum()), need, limit)


def spare_rows(rows: Whole, n_firms: int, rules: PopulationRules) -> Whole:
    """Rows kept for arrivals in every stratum: in proportion to rows, at least one per sector with smaller units."""
    of = strata()
    sector_rows = (rows + of.anchors).reshape(-1, 2).sum(axis=1) * (of.units[BELOW::2] > 0)
    limit = np.full(len(sector_rows), n_firms)
    per_sector = allotted(round(rules.spare_share * n_firms), sector_rows.astype(np.float64), limit)
    above = np.floor(per_sector * rules.spare_above_share).astype(np.int64) * (of.units[ABOVE::2] > 0)
    return np.stack([per_sector - above, above], axis=1).ravel()


def row_weights(units: int, rows: int) -> Floats:
    """Real firms behind each of `rows` rows: whole numbers that add up to `units`, spread evenly, where they can be."""
    if rows > units:
        return np.full(rows, units / max(rows, 1))
    edges = np.arange(rows + 1, dtype=np.int64) * units // max(rows, 1)
    return np.diff(edges).astype(np.float64)


def row_plan(n_firms: int, rules: PopulationRules) -> Plan:
    """Lay out the rows of a population of `n_firms` initial rows."""
    of = strata()
    rows = initial_rows(n_firms, rules)
    spare = spare_rows(rows, n_firms, rules)
    n_anchors = int(of.anchors.sum())
    start = n_anchors + np.concatenate([[0], np.cumsum(rows)])
    at = codes(population_tables().anchors["sector"], population_tables().sectors["sector"])
    order = np.arange(len(rows))
    weights = [np.ones(n_anchors)]
    weights += [row_weights(int(of.units[k]), int(rows[k])) for k in order]
    mean = np.maximum(np.floor(of.units / np.maximum(rows, 1)), 1.0)
    if n_firms > real_units():
        mean = np.where(rows > of.units, of.units / np.maximum(rows, 1), mean)
    weights.append(np.repeat(mean, spare))
    stratum = np.concatenate([2 * at + ABOVE, np.repeat(order, rows), np.repeat(order, spare)]).astype(np.int64)
    return Plan(rows, spare, stratum, start.astype(np.int64), np.concatenate(weights), n_anchors, n_firms)


def anchor_values(name: str) -> Floats:
    """An anchor's own value of a sector column, or its sector's; shape (n_anchors,)."""
    tables = population_tables()
    at = codes(tables.anchors["sector"], tables.sectors["sector"])
    own = column(tables.anchors, name) if name in tables.anchors else np.full(len(at), np.nan)
    return np.where(np.isnan(own), column(tables.sectors, name)[at], own)


def raked(sectors: pd.DataFrame) -> NDArray[np.bool_]:
    """Sectors whose energy the common factor moves: industry without power stations, whose fuel is physics."""
    return (sectors["industry"].astype(bool) & (sectors["group"] != "energy")).to_numpy()


def wanted(name: str) -> float:
    """The wanted value of one marginal, in its unit."""
    marginals = population_tables().marginals
    return float(marginals.loc[marginals["marginal"] == name, "wanted"].iloc[0])


def calibrated(rules: PopulationRules) -> Calibration:
    """The two factors that meet above-scale energy and value added exactly; both follow from the tables alone."""
    tables, of = population_tables(), strata()
    sectors = tables.sectors
    at = codes(tables.anchors["sector"], sectors["sector"])
    anchor_output = column(tables.anchors, "output_2020") * PER_YI
    output = of.output[ABOVE::2]
    use = np.sum([column(sectors, name) for name in CARRIERS], axis=0)
    use -= np.sum([column(sectors, name) for name in SOLD], axis=0)
    anchor_use = np.sum([anchor_values(name) for name in CARRIERS], axis=0)
    anchor_use -= np.sum([anchor_values(name) for name in SOLD], axis=0)
    free = raked(sectors)
    held = sequential_sum((output * use)[~free]) + sequential_sum((anchor_output * anchor_use)[~free[at]])
    movable = sequential_sum((output * use)[free]) + sequential_sum((anchor_output * anchor_use)[free[at]])
    energy = (wanted("above_scale_energy") - held) / movable
    added = sequential_sum(output * column(sectors, "value_added_share"))
    added += sequential_sum(anchor_output * anchor_values("value_added_share"))
    value_added = wanted("above_scale_value_added") * PER_YI / added
    for name, factor in (("energy", energy), ("value_added", value_added)):
        low, high = getattr(rules, f"{name}_factor_low"), getattr(rules, f"{name}_factor_high")
        if not low <= factor <= high:
            raise PopulationError(
                f"above_scale_{name}: needs a factor of {factor:.4f} on the sector means, allowed {low:g} to {high:g}"
                f" (population.{name}_factor_low, population.{name}_factor_high)"
            )
    return Calibration(energy, value_added)
