"""Which green product each firm makes or could turn to, and how green its capacity is at the end of 2020.

Firms of a sector take products at random, the largest first, so that output follows the shares of products.csv; who
makes its product already is drawn alike. Green output per product is that of the tables at every size.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.population.plan import PER_YI, Plan, codes, column, population_tables, sequential_sum
from sim.population.traits import fill_quotas

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

ROUNDS = 64  # of sharing out what firms that are wholly green cannot take
ALMOST = 1e-9  # a share nearer to 1 than this is 1


class ProductTargets(NamedTuple):
    """What firms other than anchors make of each product, shape (n_products,)."""

    sector: Whole
    possible: Floats  # 万元 a year, output of the firms whose product it is or could be
    green: Floats  # 万元 a year, green output at the end of 2020
    share: Floats  # `possible` over the output of the sector's firms other than anchors


def product_targets() -> ProductTargets:
    """Targets per product, from products.csv, sectors.csv and anchors.csv."""
    tables = population_tables()
    sectors, products, anchors = tables.sectors, tables.products, tables.anchors
    sector = codes(products["sector"], sectors["sector"])
    anchor_product = codes(anchors["product"], products["product"])
    anchor_output = column(anchors, "output_2020")
    known = anchor_product >= 0
    taken = np.bincount(anchor_product[known], weights=anchor_output[known], minlength=len(products))
    at = codes(anchors["sector"], sectors["sector"])
    rest = column(sectors, "output_2020") - np.bincount(at, weights=anchor_output, minlength=len(sectors))
    possible = np.maximum(column(sectors, "output_2020")[sector] * column(products, "firm_share") - taken, 0.0)
    crowd = np.bincount(sector, weights=possible, minlength=len(sectors))
    possible *= np.minimum(1.0, rest / np.maximum(crowd, 1e-12))[sector]
    green = possible * column(products, "maker_share") * column(products, "base_share")
    share = possible / np.maximum(rest[sector], 1e-12)
    return ProductTargets(sector, possible * PER_YI, green * PER_YI, share)


def filled_categories(output: Floats, luck: Floats, quota: Floats) -> Whole:
    """Category of each row of a sector or product, so that output follows the quotas; largest rows choose first."""
    chosen = np.zeros(len(output), dtype=np.int64)
    order = np.lexsort((np.arange(len(output)), -output))
    fill_quotas(order, output, luck, quota.copy(), chosen)
    return chosen


def drawn_products(plan: Plan, output: Floats, luck: Floats) -> Whole:
    """Product of every row but the anchors, -1 where a firm has none; shape (n,)."""
    targets = product_targets()
    product = np.full(len(output), -1, dtype=np.int64)
    sector = plan.stratum // 2
    for s in np.unique(targets.sector):
        made = np.flatnonzero(targets.sector == s)
        rows = plan.anchors + np.flatnonzero(sector[plan.anchors : plan.initial] == s)
        share = np.append(targets.share[made], max(1.0 - float(targets.share[made].sum()), 0.0))
        share[-1] = share[-1] if share[-1] > 1e-9 else 0.0
        names = np.append(made, -1)
        if len(rows):
            quota = share * sequential_sum(output[rows])
            product[rows] = names[filled_categories(output[rows], luck[0, rows], quota)]
        spare = plan.initial + np.flatnonzero(sector[plan.initial :] == s)
        edges = np.cumsum(share)
        product[spare] = names[np.searchsorted(edges, luck[0, spare] * edges[-1])]
    return product


def green_shares(plan: Plan, output: Floats, product: Whole, luck: Floats, spread: float) -> Floats:
    """Green share of capacity of every row but the anchors, shape (n,); green output adds up to the tables.

    `spread` is the largest deviation of a maker's share from that of its product, over the latter, before raking.
    """
    targets = product_targets()
    products = population_tables().products
    base, makers = column(products, "base_share"), column(products, "maker_share")
    share = np.zeros(len(output))
    for p in range(len(products)):
        rows = plan.anchors + np.flatnonzero(product[plan.anchors : plan.initial] == p)
        if len(rows):
            mass = sequential_sum(output[rows])
            quota = np.array([makers[p] * mass, (1.0 - makers[p]) * mass])
            chosen = rows[filled_categories(output[rows], luck[1, rows], quota) == 0]
            wish = np.ones(len(chosen)) if base[p] >= 1.0 else base[p] * (1.0 + spread * (2.0 * luck[2, chosen] - 1.0))
            share[chosen] = filled(wish, output[chosen], float(targets.green[p]))
        spare = plan.initial + np.flatnonzero(product[plan.initial :] == p)
        share[spare] = np.where(luck[1, spare] < makers[p], base[p], 0.0)
    return share


def filled(wish: Floats, output: Floats, target: float) -> Floats:
    """Shares in proportion to `wish`, none above 1, whose output-weighted sum is `target` where that can be."""
    factor = 1.0
    full = np.zeros(len(wish), dtype=np.bool_)
    for _ in range(ROUNDS):
        held = sequential_sum(np.where(full, output, 0.0))
        free = sequential_sum(np.where(full, 0.0, output * wish))
        if free <= 0.0:
            break
        factor = max((target - held) / free, 0.0)
        more = full | (factor * wish >= 1.0 - ALMOST)
        if (more == full).all():
            break
        full = more
    return np.where(full, 1.0, factor * wish)
