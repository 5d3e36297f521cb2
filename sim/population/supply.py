"""Who buys from whom at the start: supply links drawn from input coefficients, sizes, parks and distances.

After Mizuno, Souma and Watanabe (2014) on degrees and Nakajima, Saito and Uesugi (2012) on distance. Work grows
linearly with firms and links; nothing depends on the order of the rows, since every draw and every sum follows stable
ids. Spare rows of entrants get suppliers, sized for the output they will have; no link sells on their behalf.
Each link also has a few substitutes, drawn as suppliers are, among those that its buyer does not buy from.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents._compiled import kernel
from agents.codes import NETWORK_COMMUNITY, NETWORK_DEGREE, NETWORK_SUBSTITUTE, NETWORK_SUPPLIER
from agents.mathematics import exp, lognormal_quantile
from agents.network import N_SUBSTITUTES, WHOLE_LINK, Links, Supply, community_chance, served_share, wanted_suppliers
from sim.draws import four_uniforms, uniform
from sim.population.chances import (
    N_PARKS,
    Chances,
    Floats,
    Traits,
    Whole,
    first_above,
    inside_probability,
    measure_chances,
    traits_of,
    weigh_firms,
)
from sim.population.facts import degree_facts, supply_graph

__all__ = ["NetworkRules", "build_supply", "degree_facts", "links_now", "supply_graph"]

Rows = NDArray[np.int32]
Flags = NDArray[np.bool_]

TRIES = 4  # draws per wanted supplier before a buyer settles for fewer


class NetworkRules(NamedTuple):
    """How links are drawn; declared in configs/network.yaml."""

    mean_suppliers: float  # links
    supplier_count_exponent: float  # number of suppliers grows with size to this power
    supplier_count_spread: float  # of its logarithm among buyers of one size
    customer_size_exponent: float  # a supplier's odds grow with size to this power
    local_supplier_share: float  # of purchases, average of the district
    inpark_link_multiplier: float  # odds ratio
    distance_decay_length: float  # km
    community_share: float  # of firms of low degree
    intermediate_cap: float  # share of a supplier's output


def build_supply(
    firms: Any, input_coefficients: Floats, rules: NetworkRules, seed: int, inflow_share: Floats | None = None
) -> Links:
    """Draw the supply links among firms.

    Args:
        firms: columns of shape (n,), as `agents.firm.Firms`: firm, sector, park, entrant, weight, east, north and
            base_output are read; any n below 2³¹.
        input_coefficients: (suppliers, buyers) yuan of a sector's product per yuan of a buyer's output, without the
            rows that are charged by quantity × price elsewhere.
        rules: parameters of the network.
        seed: of the population, int64 ≥ 0.
        inflow_share: (suppliers,) share of the use of a product that comes from outside the city; products with less of
            it are bought more in the district, the average being `local_supplier_share`. Zeros if left out.

    Returns:
        Links whose orders to any supplier at base output stay within `intermediate_cap` of that output; what the cap
        cuts, and what no link covers, is bought outside the district.

    Example:
        >>> links = build_supply(firms, input_coefficients, rules, seed=1)  # doctest: +SKIP
        >>> links.customer[links.supplier_start[0] : links.supplier_start[1]]  # doctest: +SKIP
    """
    coefficients = np.ascontiguousarray(input_coefficients, dtype=np.float64)
    inflow = np.zeros(len(coefficients)) if inflow_share is None else np.ascontiguousarray(inflow_share, np.float64)
    assert coefficients.shape == (len(inflow), len(inflow)), "one row and one column for each sector"
    traits = traits_of(firms)
    n = len(traits.firm)
    order = np.argsort(traits.firm, kind="stable")

    mass, ratio = np.zeros(n), np.zeros(n)
    weigh_firms(order, traits, rules.supplier_count_exponent, rules.customer_size_exponent, mass, ratio)
    chances = measure_chances(order, traits, mass, coefficients, inflow, rules)
    wanted, inside = np.zeros(n, np.int64), np.zeros(n, np.bool_)
    count_suppliers(traits, ratio, chances, rules, seed, wanted, inside)
    n_found, found, share = np.zeros(n, np.int64), np.zeros(wanted.sum(), np.int32), np.zeros(wanted.sum())
    n_links = choose_suppliers(order, traits, wanted, inside, chances, seed, n_found, found, share)
    links = no_links(n, n_links)
    arrange_links(order, traits.firm, n_found, found, share, links)
    limit_orders(traits, rules.intermediate_cap, links)
    n_places = choose_substitutes(order, traits, inside, chances, rules.intermediate_cap, seed, links)
    links = links._replace(instead=np.zeros(n_places, np.int32))
    arrange_substitutes(order, links)
    return links


def no_links(n_firms: int, n_links: int) -> Links:
    """Return room for so many links among so many firms, all zeros."""
    supplier_start, customer_start = np.zeros(n_firms + 1, np.int64), np.zeros(n_firms + 1, np.int64)
    customer, supplier, link = (np.zeros(n_links, np.int32) for _ in range(3))
    purchase_share, link_id = np.zeros(n_links), np.zeros(n_links, np.int64)
    substitute, place = (np.full((n_links, N_SUBSTITUTES), -1, np.int32) for _ in range(2))
    substitute_start, instead = np.zeros(n_firms + 1, np.int64), np.zeros(0, np.int32)
    return Links(
        supplier_start=supplier_start,
        customer=customer,
        purchase_share=purchase_share,
        customer_start=customer_start,
        supplier=supplier,
        link=link,
        seller=np.zeros(n_links, np.int32),
        link_id=link_id,
        substitute=substitute,
        place=place,
        substitute_start=substitute_start,
        instead=instead,
    )


@kernel
def count_suppliers(
    firms: Traits, ratio: Floats, chances: Chances, rules: NetworkRules, seed: int, wanted: Whole, inside: Flags
) -> None:
    """Write `wanted` suppliers of each row, and `inside`: whether it looks in its own park only."""
    spread, n_sellers = rules.supplier_count_spread, chances.bucket_start[-1]
    for i in range(len(ratio)):
        if ratio[i] > 0.0:
            u, rounding, _, _ = four_uniforms(seed, firms.firm[i], 0, 0, NETWORK_DEGREE, 0)
            luck = lognormal_quantile(u, exp(-0.5 * spread * spread), spread)
            wanted[i] = min(wanted_suppliers(ratio[i], luck, rounding, rules.mean_suppliers), n_sellers)
            b, p = firms.sector[i], firms.park[i]
            if wanted[i] <= rules.mean_suppliers and chances.table[1, b, p, -1] > 0.0:
                by_chance = inside_probability(chances.table[0, b, p], p)
                chance = community_chance(by_chance, float(wanted[i]), rules.community_share)
                inside[i] = uniform(seed, firms.firm[i], 0, 0, NETWORK_COMMUNITY, 0) < chance


@kernel
def choose_suppliers(
    order: Whole, firms: Traits, wanted: Whole, inside: Flags, chances: Chances, seed: int,
    n_found: Whole, supplier: Rows, share: Floats,
) -> int:  # fmt: skip
    """Write `supplier` and `share` buyer after buyer in the order of their ids, `n_found` per row; return all links.

    Every draw carries an equal part of what the buyer spends in the district, a supplier drawn twice two parts, so
    that the orders a supplier may expect are proportional to its odds. A sector's parts together never exceed its
    input coefficient. A draw of the buyer itself is a purchase inside the firm.
    """
    start, member, cumulative = chances.bucket_start, chances.member, chances.cumulative
    spot_of = np.full(len(wanted), -1, np.int64)
    parts = np.zeros(len(chances.coefficients))
    end = 0
    for i in order:
        first, tries = end, 0
        table = chances.table[int(inside[i]), firms.sector[i], firms.park[i]]
        while table[-1] > 0.0 and end - first < wanted[i] and tries < TRIES * wanted[i]:
            u, v, _, _ = four_uniforms(seed, firms.firm[i], tries, 0, NETWORK_SUPPLIER, 0)
            tries += 1
            bucket = first_above(table, 0, len(table), u * table[-1])
            low, high = start[bucket], start[bucket + 1]
            found = member[first_above(cumulative, low, high, v * cumulative[high - 1])]
            if found != i:
                if spot_of[found] < first:
                    spot_of[found] = end
                    supplier[end] = found
                    end += 1
                share[spot_of[found]] += 1.0
                parts[firms.sector[found]] += 1.0
        for at in range(first, end):
            r = firms.sector[supplier[at]]
            share[at] *= min(table[-1] / tries, chances.coefficients[r, firms.sector[i]] / parts[r])
        for at in range(first, end):
            parts[firms.sector[supplier[at]]] = 0.0
        n_found[i] = end - first
    return end


@kernel
def arrange_links(order: Whole, firm: Whole, n_found: Whole, found: Rows, share: Floats, links: Links) -> None:
    """Write `links` in both orders from links listed buyer after buyer; by counting, so partners follow their ids."""
    supplier_start, customer, purchase_share = links.supplier_start, links.customer, links.purchase_share
    customer_start, supplier, link, link_id = links.customer_start, links.supplier, links.link, links.link_id
    for i in range(len(firm)):
        customer_start[i + 1] = customer_start[i] + n_found[i]
    for at in range(len(customer)):
        supplier_start[found[at] + 1] += 1
    for i in range(len(firm)):
        supplier_start[i + 1] += supplier_start[i]
    spot = supplier_start[:-1].copy()
    at = 0
    for i in order:
        for _ in range(n_found[i]):
            j = found[at]
            customer[spot[j]] = i
            purchase_share[spot[j]] = share[at]
            link_id[spot[j]] = (firm[i] << 32) + firm[j]
            spot[j] += 1
            at += 1
    for i in range(len(firm)):
        spot[i] = customer_start[i]
    for j in order:
        for k in range(supplier_start[j], supplier_start[j + 1]):
            i = customer[k]
            links.seller[k] = j
            supplier[spot[i]] = j
            link[spot[i]] = k
            spot[i] += 1


@kernel
def limit_orders(firms: Traits, intermediate_cap: float, links: Links) -> None:
    """Scale `purchase_share` down where today's customers order more than a supplier takes on."""
    start, customer, purchase_share = links.supplier_start, links.customer, links.purchase_share
    for j in range(len(firms.firm)):
        orders = 0.0
        for k in range(start[j], start[j + 1]):
            if not firms.entrant[customer[k]]:
                orders += purchase_share[k] * firms.base_output[customer[k]]
        served = served_share(orders, firms.base_output[j], intermediate_cap)
        for k in range(start[j], start[j + 1]):
            purchase_share[k] *= served


@kernel
def choose_substitutes(
    order: Whole, firms: Traits, inside: Flags, chances: Chances, intermediate_cap: float, seed: int, links: Links
) -> int:
    """Write `links.substitute`, drawn by the odds of suppliers of the same product; return how many there are.

    A substitute is nobody whom the buyer already buys from, and large enough for the link's orders to stay within
    `intermediate_cap` of its output. Where a product has few makers a link may have no substitute.
    """
    start, member, cumulative = chances.bucket_start, chances.member, chances.cumulative
    buyer_of = np.full(len(firms.firm), -1, np.int64)
    in_all = 0
    for i in order:
        first, last = links.customer_start[i], links.customer_start[i + 1]
        table = chances.table[int(inside[i]), firms.sector[i], firms.park[i]]
        buyer_of[i] = i
        for k in range(first, last):
            buyer_of[links.supplier[k]] = i
        for k in range(first, last):
            j, link = links.supplier[k], links.link[k]
            bucket_0 = firms.sector[j] * N_PARKS
            low = table[bucket_0 - 1] if bucket_0 > 0 else 0.0
            high = table[bucket_0 + N_PARKS - 1]
            orders = links.purchase_share[link] * firms.base_output[i]
            n_found, tries = 0, 0
            while high > low and n_found < N_SUBSTITUTES and tries < TRIES * N_SUBSTITUTES:
                u, v, _, _ = four_uniforms(seed, firms.firm[i], firms.firm[j], tries, NETWORK_SUBSTITUTE, 0)
                tries += 1
                bucket = first_above(table, bucket_0, bucket_0 + N_PARKS, low + u * (high - low))
                if start[bucket] < start[bucket + 1]:
                    last_sum = cumulative[start[bucket + 1] - 1]
                    found = member[first_above(cumulative, start[bucket], start[bucket + 1], v * last_sum)]
                    room = intermediate_cap * firms.base_output[found]
                    if buyer_of[found] != i and found not in links.substitute[link] and orders <= room:
                        links.substitute[link, n_found] = found
                        n_found += 1
            in_all += n_found
    return in_all


@kernel
def arrange_substitutes(order: Whole, links: Links) -> None:
    """Write the places of substitutes, firm after firm, by counting: those of a firm follow the ids of buyers."""
    start, substitute = links.substitute_start, links.substitute
    for found in substitute.ravel():
        if found >= 0:
            start[found + 1] += 1
    for i in range(len(start) - 1):
        start[i + 1] += start[i]
    spot = start[:-1].copy()
    for i in order:
        for k in range(links.customer_start[i], links.customer_start[i + 1]):
            link = links.link[k]
            for t in range(N_SUBSTITUTES):
                found = substitute[link, t]
                if found >= 0:
                    links.place[link, t] = spot[found]
                    links.instead[spot[found]] = link
                    spot[found] += 1


def links_now(firm: Whole, links: Links, supply: Supply, there: Flags) -> Links:
    """Return the links as they are divided now, for tables, graphs and facts; they have no substitutes.

    Args:
        firm: (n,) stable ids.
        links: as drawn.
        supply: how their purchases are divided.
        there: (n,) which firms are; links of others are left out.

    Returns:
        One link for each pair of firms that trade; those drawn among these firms while nothing has been switched.
    """
    n, order = len(firm), np.argsort(firm, kind="stable")
    link = np.concatenate([np.arange(len(links.link)), links.instead])
    parts = np.concatenate([supply.kept, supply.moved])
    starts = (links.supplier_start, links.substitute_start)
    supplier = np.concatenate([np.repeat(np.arange(n), np.diff(start)) for start in starts])
    alive = np.flatnonzero((parts > 0) & there[supplier] & there[links.customer[link]])
    alive = alive[np.lexsort((firm[supplier[alive]], firm[links.customer[link[alive]]]))]
    customer, supplier = links.customer[link[alive]], supplier[alive]
    share = links.purchase_share[link[alive]] * (parts[alive] / WHOLE_LINK)
    first = np.ones(len(alive), np.bool_)
    first[1:] = (np.diff(customer) != 0) | (np.diff(supplier) != 0)
    spots = np.flatnonzero(first)
    now = no_links(n, len(spots))
    share = np.add.reduceat(share, spots) if len(spots) else share
    n_found = np.bincount(customer[spots], minlength=n)
    arrange_links(order, firm, n_found, supplier[spots].astype(np.int32), share, now)
    return now
