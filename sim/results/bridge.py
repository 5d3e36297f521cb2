"""From the green revenue of one year to that of another, firm by firm: a sum that closes to the fen.

Firms that left, arrived or moved in count whole. What a firm sells to local projects is retrofit demand. The change of
its other sales is divided by logarithmic mean weights (LMDI, Ang 2004) into price, green capacity (converted or added)
and the market, which is what remains: real sales per unit of capacity. By-products are a term of their own.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents._compiled import kernel
from agents.codes import N_SECTORS
from agents.firm import Codes, Firms, Flags, Floats, Whole
from agents.mathematics import log, whole
from sim.configuration.periods import FIRST_YEAR
from sim.phases.recording import SEGMENT_COLUMNS, Record
from sim.results.revenue import (
    FEN_PER_YI,
    QUARTERS,
    SCOPES,
    Alignment,
    by_cluster,
    by_product_sales,
    quarterly_sales,
    scope_total,
    yearly,
)

TERMS = (
    "base",
    "price",
    "market",
    "conversion",
    "capacity",
    "entry",
    "relocation",
    "exit",
    "retrofit_demand",
    "by_products",
    "target",
)
# Columns, in the order of TERMS.
PRICE, MARKET, CONVERSION, CAPACITY, ENTRY, RELOCATION, EXIT, PROJECTS, BY_PRODUCTS = range(1, 10)
SEGMENT_PRICE = SEGMENT_COLUMNS.index("price")


class Bridge(NamedTuple):
    """The way from one year to another, by cluster, before alignment."""

    first_year: int
    last_year: int
    amounts: NDArray[np.int64]  # (n_clusters, TERMS) fen
    residual: NDArray[np.int64]  # (n_clusters,) fen; zero when every sale is counted and explained


def bridge(record: Record, firms: Firms) -> Bridge | None:
    """Explain the change of green sales between the two years that a record keeps.

    Args:
        record: what a replicate left.
        firms: of the replicate's population.

    Returns:
        Terms in fen that add up exactly: base + changes = target, residual 0; None where the run holds no later year.
    """
    first, last = record.kept_years.tolist()
    if last <= first:
        return None
    by_product = np.zeros((record.products.shape[1], len(TERMS)), np.int64)
    makers = np.flatnonzero(firms.product >= 0)
    explain_firms(
        firms.product[makers],
        firms.entrant[makers],
        firms.relocated[makers],
        record.green_sales,
        record.project_sales,
        record.green_capacity,
        record.converted,
        price_changes(record, first, last),
        by_product,
    )
    amounts, years = by_cluster(by_product.T).T, yearly(quarterly_sales(record))
    sold = yearly(by_product_sales(record))
    amounts[:, 0] += sold[first]
    amounts[:, BY_PRODUCTS] += sold[last] - sold[first]
    amounts[:, -1] = years[last]
    unexplained = years[last] - amounts[:, :-1].sum(axis=1)
    uncounted = years[first] - amounts[:, 0]
    return Bridge(FIRST_YEAR + first, FIRST_YEAR + last, amounts, np.abs(unexplained) + np.abs(uncounted))


def price_changes(record: Record, first: int, last: int) -> Floats:
    """Logarithm of the change of each green product's mean price between two years, shape (n_products,)."""
    prices = record.segments[:, N_SECTORS:, SEGMENT_PRICE]
    changes = np.zeros(prices.shape[1])
    log_ratios(sum_quarters(prices, first), sum_quarters(prices, last), changes)
    return changes


def sum_quarters(values: Floats, year: int) -> Floats:
    """Sum of the four quarters of a year, in their order."""
    start = QUARTERS * year
    return values[start] + values[start + 1] + values[start + 2] + values[start + 3]


@kernel
def log_ratios(before: Floats, after: Floats, changes: Floats) -> None:
    """Write log(after / before); zero where one of them is not positive."""
    for k in range(before.size):
        if before[k] > 0.0 and after[k] > 0.0:
            changes[k] = log(after[k] / before[k])


@kernel
def explain_firms(
    product: Codes,
    entrant: Flags,
    relocated: Flags,
    sales: Whole,
    projects: Whole,
    capacity: Floats,
    converted: Floats,
    price_change: Floats,
    amounts: Whole,
) -> None:
    """Add each firm's terms, fen, to its product's row of `amounts`; whole numbers, so their order does not matter."""
    for i in range(product.size):
        row = amounts[product[i]]
        before, after = sales[0, i], sales[1, i]
        row[0] += before
        if entrant[i] and before == 0:
            row[RELOCATION if relocated[i] else ENTRY] += after
        elif capacity[1, i] <= 0.0:
            row[EXIT] += after - before
        else:
            row[PROJECTS] += projects[1, i] - projects[0, i]
            explain_survivor(
                before - projects[0, i],
                after - projects[1, i],
                capacity[0, i],
                capacity[1, i],
                converted[1, i] - converted[0, i],
                price_change[product[i]],
                row,
            )


@kernel
def explain_survivor(
    before: int,
    after: int,
    capacity_before: float,
    capacity_after: float,
    newly_converted: float,
    price_change: float,
    row: Whole,
) -> None:
    """Divide the change of a survivor's sales to others than projects, fen; the market takes what closes the sum."""
    if before <= 0 or after <= 0 or capacity_before <= 0.0:
        explain_start(before, after, capacity_before, capacity_after, newly_converted, row)
        return
    weight = logarithmic_mean(before, after)
    price = whole(weight * price_change)
    grown = whole(weight * log(capacity_after / capacity_before))
    part = converted_part(newly_converted, capacity_after - capacity_before)
    by_conversion = whole(grown * part)
    row[PRICE] += price
    row[CONVERSION] += by_conversion
    row[CAPACITY] += grown - by_conversion
    row[MARKET] += after - before - price - grown


@kernel
def explain_start(
    before: int, after: int, capacity_before: float, capacity_after: float, newly_converted: float, row: Whole
) -> None:
    """Divide the sales of a firm that sold nothing in the first year: by where its new capacity came from.

    Without new capacity, or where sales ended, it is the market.
    """
    if before > 0 or capacity_after <= capacity_before:
        row[MARKET] += after - before
        return
    by_conversion = whole((after - before) * converted_part(newly_converted, capacity_after - capacity_before))
    row[CONVERSION] += by_conversion
    row[CAPACITY] += after - before - by_conversion


@kernel
def logarithmic_mean(before: int, after: int) -> float:
    """The mean between two positive amounts whose product with the log of their ratio is their difference."""
    if before == after:
        return float(before)
    return (after - before) / log(after / before)


@kernel
def converted_part(newly_converted: float, change: float) -> float:
    """Share of a change of capacity that came by conversion, 0 to 1."""
    if newly_converted <= 0.0 or change <= 0.0:
        return 0.0
    return min(1.0, newly_converted / change)


def bridge_values(found: Bridge, alignment: Alignment) -> Floats:
    """Aligned terms in 亿元 by scope, then by cluster, shape (n_scopes + n_clusters, TERMS).

    Every cluster's terms are multiplied by its one factor, so they still add up; a scope sums its clusters in order.
    """
    aligned = found.amounts / FEN_PER_YI * alignment.revenue_factor[:, None]
    return np.concatenate([*(scope_total(aligned.T, scope)[None] for scope in SCOPES), aligned])
