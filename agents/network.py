"""Who buys from whom: the supply links inside the district, one entry per link and both ways to walk them.

A link is a standing share of the customer's output spent on one supplier; what no link covers is bought outside.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents._compiled import rule
from agents.mathematics import exp, log

Starts = NDArray[np.int64]
Rows = NDArray[np.int32]
Shares = NDArray[np.float64]


class Links(NamedTuple):
    """Supply links in two orders, n firms and m links; made once per population and shared by all replicates.

    Row i of the supplier order is `supplier_start[i] : supplier_start[i + 1]`, likewise for customers. Rows are array
    positions of firms; within a row, entries are sorted by the partner's stable id.
    """

    supplier_start: Starts  # (n + 1,) first link of each supplier
    customer: Rows  # (m,) row of the buyer
    purchase_share: Shares  # (m,) yuan bought from this supplier per yuan of the buyer's output
    customer_start: Starts  # (n + 1,) first link of each customer
    supplier: Rows  # (m,) row of the supplier, in customer order
    link: Rows  # (m,) index of that link in the supplier order
    link_id: Starts  # (m,) buyer's stable id · 2³² + supplier's, in supplier order; for draws and for output


@rule
def wanted_suppliers(size_ratio: float, luck: float, rounding: float, mean_suppliers: float) -> int:
    """Number of suppliers in the district a buyer looks for, at least one, `mean_suppliers` on average.

    `size_ratio` is the buyer's size to the power of the exponent over its mean, `luck` has mean 1, `rounding` is
    uniform. Where sizes have a Zipf tail, the number has the tail exponent 1 / exponent. Source: mizuno_2014.
    """
    return int(1.0 + (mean_suppliers - 1.0) * size_ratio * luck + rounding)


@rule
def link_affinity(distance: float, same_park: bool, inpark_link_multiplier: float, decay_length: float) -> float:
    """Odds of a supplier so many km away, against one on the spot but outside a park."""
    nearness = exp(-distance / decay_length)
    if same_park:
        return nearness * inpark_link_multiplier
    return nearness


@rule
def community_chance(inside_probability: float, n_suppliers: float, community_share: float) -> float:
    """Probability that a buyer of low degree looks in its own park only.

    It tops up those who find all their suppliers there by chance, so that together they are `community_share`.
    Source: chakraborty_2017.
    """
    by_chance = exp(n_suppliers * log(inside_probability))
    if by_chance >= community_share:
        return 0.0
    return (community_share - by_chance) / (1.0 - by_chance)


@rule
def served_share(orders: float, output: float, intermediate_cap: float) -> float:
    """Share of the links' orders a supplier takes on, so that they use at most `intermediate_cap` of its output."""
    room = intermediate_cap * output
    if orders > room:
        return room / orders
    return 1.0
