"""Who buys from whom: the supply links inside the district, who could stand in, and when buyers change suppliers.

A link is a standing share of the customer's output spent on one kind of supply; what no link covers is bought outside.
Its purchases may be divided among the supplier it was drawn with and a few others that could stand in.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents._compiled import rule
from agents.codes import GREEN_PRODUCT, MUNICIPAL_GREEN_FACTORY, NATIONAL_GREEN_FACTORY
from agents.mathematics import exp, log

Starts = NDArray[np.int64]
Rows = NDArray[np.int32]
Shares = NDArray[np.float64]
Parts = NDArray[np.int16]
Ids = NDArray[np.uint32]
Streams = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Words = NDArray[np.uint32]

N_SUBSTITUTES = 2  # suppliers that could stand in on each link
N_PLACES = 1 + N_SUBSTITUTES  # places on a link: the supplier it was drawn with, then the substitutes
WHOLE_LINK = 16384  # parts of a link's purchases; a power of two, so that parts are exact shares
LINKS, LINKS_SWITCHED, REQUESTS_SENT = 0, 1, 2  # what is counted about links in a quarter
N_LINK_COUNTS = 3

CERTIFIED = 1 << MUNICIPAL_GREEN_FACTORY | 1 << NATIONAL_GREEN_FACTORY | 1 << GREEN_PRODUCT
MOST_REQUESTS = 100  # that a firm keeps count of


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
    seller: Rows  # (m,) row of the supplier that the link was drawn with, in supplier order
    link_id: Starts  # (m,) buyer's stable id · 2³² + supplier's, in supplier order; for draws and for output
    substitute: Rows  # (m, N_SUBSTITUTES) row of who could stand in, in supplier order; -1 nobody
    place: Rows  # (m, N_SUBSTITUTES) its place among the substitutes; -1 nobody
    substitute_start: Starts  # (n + 1,) first place of each firm that could stand in
    instead: Rows  # (s,) link on which it could, by place; places of a firm follow the ids of buyer and first supplier


class Supply(NamedTuple):
    """How the purchases of each link are divided now, in parts of WHOLE_LINK; the parts of a link add up to it."""

    kept: Parts  # (m,) with the supplier that the link was drawn with
    moved: Parts  # (s,) with a substitute, by place
    in_use: Words  # (s // 32 + 1,) bit k of word w says whether place 32·w + k has parts: few have


def undivided(links: Links) -> Supply:
    """Return the division in which every supplier keeps its links."""
    n_places = len(links.instead)
    kept, moved = np.full(len(links.link), WHOLE_LINK, np.int16), np.zeros(n_places, np.int16)
    return Supply(kept, moved, np.zeros(n_places // 32 + 1, np.uint32))


class SwitchingRules(NamedTuple):
    """Numbers of configs/switching.yaml."""

    supplier_survival: float  # share of links between two firms that stay that are there a year later
    certified_odds: float  # of a certified firm to be chosen for a broken link, over those of another
    manager_shift: float  # share of purchases that a green supply-chain manager moves to certified suppliers a year
    request_rate: float  # share of its uncertified suppliers that a green buyer asks in a year
    request_lapse: float  # share of requests forgotten in a year


class Candidates(NamedTuple):
    """Givers, takers and candidate pairs by stream; rows of firms, in each stream by stable ids.

    Most givers have too little to meet anybody. They stand apart, firm after firm, as nothing links their streams.
    """

    giver_start: Starts  # (n_streams + 1,)
    giver: Rows  # those of candidate pairs
    giver_amount: Shares  # kg a quarter that arose at each in 2020, 0 at spare rows
    taker_start: Starts  # (n_streams + 1,)
    taker: Rows  # those of candidate pairs, and makers of green products that need the stream
    pair_start: Starts  # (n_streams + 1,)
    source: Rows  # (n_pairs,) row of the giver
    sink: Rows  # (n_pairs,) row of the taker
    source_place: Rows  # (n_pairs,) which of the givers of its stream, from 0
    sink_place: Rows  # (n_pairs,) which of the takers
    source_amount: Shares  # (n_pairs,) kg a quarter that arose at the giver in 2020, 0 at spare rows
    source_id: Ids  # (n_pairs,) its stable id, for draws
    item: Ids  # (n_pairs,) stable id of the taker · n_streams + stream, for draws
    same_park: Flags  # (n_pairs,) whether both lie in one park
    alone_start: Starts  # (n + 1,) first stream of each firm in which it meets nobody
    alone: Streams  # streams that arise at firms that meet nobody in them
    alone_amount: Shares  # kg a quarter that arose of each in 2020, 0 at spare rows


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


@rule
def certified_supplier(certificates: int) -> bool:
    """Whether buyers who look for green suppliers take a firm for one: a green factory, or maker of a green product.

    Source: jiangjin_plan, 3.7, green factories and green products are bought first.
    """
    return certificates & CERTIFIED != 0


@rule
def leads_chain(rank: int, number: float) -> bool:
    """Whether a firm is enrolled as chain leader, by its rank among those that buy most in the district; 0 never."""
    return 0 < rank <= number


@rule
def supplier_odds(certified: bool, certified_odds: float) -> float:
    """Odds of a firm to be chosen among those that could stand in on a link."""
    return certified_odds if certified else 1.0


@rule
def shifted_parts(parts: int, share: float) -> int:
    """Parts of a link that go to a certified supplier when a share is moved: at least one, so that it ends some day."""
    if share <= 0.0 or parts <= 0:
        return 0
    moved = int(share * parts) + 1
    return moved if moved < parts else parts


@rule
def standing_requests(requests: int, lapse: float, luck: float) -> int:
    """Requests that still stand when a share of them is forgotten, `luck` rounding the number up or down."""
    return requests - int(lapse * requests + luck)


@rule
def link_share(parts: int) -> float:
    """Share of a link's purchases."""
    return parts / WHOLE_LINK


@rule
def request_pressure(requests: int) -> float:
    """How much the requests of customers weigh with a firm, from 0 to 1: the first counts most."""
    return requests / (1.0 + requests)
