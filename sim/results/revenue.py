"""Revenue of green industry by cluster, in 亿元 at current prices, aligned to what is known of 2021.

Simulated sales of a cluster are multiplied by one factor for the whole run, so that 2021 meets the published output or,
where none is published, a base drawn from a wide prior. That is alignment, never validation; all factors are reported.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agents.codes import BY_PRODUCT_SALES, FEN, N_TERMS
from agents.firm import Flags, Floats, Whole
from sim.catalogue import drawn
from sim.configuration.periods import FIRST_YEAR
from sim.configuration.tables import load_table
from sim.phases.recording import PRODUCT_COLUMNS, Record

FEN_PER_YI = 10_000 * FEN  # fen in one 亿元
SCOPES = ("plan", "manufacturing")
BASE_DRAW = 1_010_000  # identity of the first cluster's keyed draw; below lie those of parameters and of tables
QUARTERS = 4
SALES = PRODUCT_COLUMNS.index("green_sales")
BY_PRODUCT_CLUSTER = "circular"


class RevenueRules(NamedTuple):
    """Numbers of configs/revenue.yaml."""

    revenue_ratio: float  # revenue over output value of manufacturing
    target: float  # 亿元 a year
    target_date: float  # last quarter of the target year, counted from 2021Q1
    alignment_date: float  # last quarter of the year of the facts
    confidence: float  # level of intervals around probabilities


class Clusters(NamedTuple):
    """The clusters of green industry, shape (n_clusters,), in the order of clusters.csv."""

    names: tuple[str, ...]
    manufacturing: Flags  # counts in both scopes
    observed: Flags  # whether output of 2021 is published
    fact: Floats  # 亿元 of output in 2021, not a number where unobserved
    low: Floats  # 亿元 of revenue in 2021, prior of the unobserved
    central: Floats
    high: Floats
    of_product: Whole  # (n_products,) cluster of each green product


class Alignment(NamedTuple):
    """How one replicate is brought to the facts of 2021, shape (n_clusters,)."""

    fact: Floats  # 亿元 in 2021: published output, or the drawn base
    simulated: Floats  # 亿元 in 2021 before alignment
    factor: Floats  # fact over simulated, 1 where nothing was simulated
    revenue_factor: Floats  # what simulated sales are multiplied by: the factor, times the revenue ratio if observed
    aligned: Flags  # false where nothing was simulated


@cache
def clusters() -> Clusters:
    """The clusters and which product belongs to which, from clusters.csv and products.csv."""
    table = load_table("clusters")
    place = {name: c for c, name in enumerate(table["cluster"])}

    def numbers(name: str) -> Floats:
        return table[name].to_numpy(np.float64)

    return Clusters(
        names=tuple(table["cluster"]),
        manufacturing=(table["scope"] == "manufacturing").to_numpy(bool),
        observed=table["observed"].to_numpy(bool),
        fact=numbers("base_2021"),
        low=numbers("base_low"),
        central=numbers("base_central"),
        high=numbers("base_high"),
        of_product=np.array([place[name] for name in load_table("products")["cluster"]], dtype=np.int64),
    )


def members(scope: str) -> Flags:
    """Which clusters count in a scope, shape (n_clusters,)."""
    return np.ones(len(clusters().names), bool) if scope == "plan" else clusters().manufacturing


def target_year(rules: RevenueRules) -> int:
    """The year that the plan's target is for."""
    return FIRST_YEAR + int(rules.target_date) // QUARTERS


def alignment_year(rules: RevenueRules) -> int:
    """The year whose facts the clusters are aligned to."""
    return FIRST_YEAR + int(rules.alignment_date) // QUARTERS


def compared_years(rules: RevenueRules, n_quarters: int) -> tuple[int, int]:
    """The years between which the bridge leads, 0 is 2021: that of the facts and the target's, or the last before it.

    (-1, -1) where the run holds no complete year after the facts.
    """
    first = alignment_year(rules) - FIRST_YEAR
    last = min(target_year(rules) - FIRST_YEAR, n_quarters // QUARTERS - 1)
    return (first, last) if last > first else (-1, -1)


def by_cluster(products: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sum the last axis, products, to clusters; whole units stay whole."""
    belongs = clusters().of_product[:, None] == np.arange(len(clusters().names))
    return products @ belongs.astype(np.int64)


def quarterly_sales(record: Record) -> NDArray[np.int64]:
    """Green sales by quarter and cluster, by-products among them, fen, shape (n_quarters, n_clusters)."""
    return by_cluster(record.products[:, :, SALES]) + by_product_sales(record)


def by_product_sales(record: Record) -> NDArray[np.int64]:
    """Sales of by-products by quarter, fen, in the one cluster that they count in; shape (n_quarters, n_clusters).

    What a firm sells as its own product anyway is not among them, so each sale counts once.
    """
    sales = record.sectors[:, :, N_TERMS + BY_PRODUCT_SALES].sum(axis=1)
    return sales[:, None] * (np.array(clusters().names) == BY_PRODUCT_CLUSTER)


def yearly(quarters: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sum quarters (first axis) to complete years; a year that the run ends in is left out."""
    n_years = len(quarters) // QUARTERS
    return quarters[: n_years * QUARTERS].reshape(n_years, QUARTERS, *quarters.shape[1:]).sum(axis=1)


def bases(seed: int, draw: int | None) -> Floats:
    """What each cluster is aligned to, 亿元 in 2021, shape (n_clusters,).

    Published output where observed; else a triangular draw of the prior, keyed by (seed, cluster, draw), or its central
    value for no draw. The same draw in every scenario.
    """
    of = clusters()
    prior = [
        drawn(seed, draw, BASE_DRAW + c, of.low[c], of.central[c], of.high[c]) if not of.observed[c] else 0.0
        for c in range(len(of.names))
    ]
    return np.where(of.observed, of.fact, prior)


def align(record: Record, base: Floats, rules: RevenueRules) -> Alignment:
    """The factors of one replicate; a run that ends before the year of the facts is over is not aligned.

    Args:
        record: what the replicate left.
        base: (n_clusters,) 亿元, from `bases`.
        rules: numbers of configs/revenue.yaml.
    """
    of, year = clusters(), int(rules.alignment_date) // QUARTERS
    years = yearly(quarterly_sales(record))
    simulated = years[year] / FEN_PER_YI if year < len(years) else np.zeros(len(base))
    aligned = simulated > 0.0
    factor = np.where(aligned, base / np.where(aligned, simulated, 1.0), 1.0)
    ratio = np.where(of.observed, rules.revenue_ratio, 1.0)
    return Alignment(base, simulated, factor, factor * ratio, aligned)


def revenue(sales: NDArray[np.int64], alignment: Alignment) -> Floats:
    """Aligned revenue in 亿元 from sales in fen; the last axis is clusters."""
    return sales / FEN_PER_YI * alignment.revenue_factor


def scope_total(by_cluster_values: Floats, scope: str) -> Floats:
    """Sum the last axis, clusters, over a scope, in the order of clusters.csv."""
    total = np.zeros(by_cluster_values.shape[:-1])
    for c in np.flatnonzero(members(scope)):
        total = total + by_cluster_values[..., c]
    return total


def alignment_rows(alignment: Alignment) -> pd.DataFrame:
    """The alignment of one replicate, one row for each cluster."""
    of = clusters()
    return pd.DataFrame(
        {
            "cluster": of.names,
            "observed": of.observed,
            "fact": alignment.fact,
            "simulated": alignment.simulated,
            "factor": alignment.factor,
            "revenue_factor": alignment.revenue_factor,
            "aligned": alignment.aligned,
        }
    )
