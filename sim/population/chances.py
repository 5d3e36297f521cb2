"""How likely each supplier is to be found by each buyer: odds by size, park, distance and product.

Sellers are sorted into buckets of one sector and one park. A buyer's chances depend only on its sector and park,
so that a small table over buckets serves all buyers; inside a bucket the odds are a supplier's own.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents._compiled import formula, kernel
from agents.mathematics import fixed, from_fixed, power
from agents.network import link_affinity

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

N_PARKS = 5
ELSEWHERE = 4  # the row of parks.csv that is no park: its firms are not neighbours of each other


class Traits(NamedTuple):
    """What of a firm matters for its links, shape (n,); codes widened so that products of them cannot overflow."""

    firm: Whole
    sector: Whole
    park: Whole
    entrant: NDArray[np.bool_]
    weight: Floats
    east: Floats
    north: Floats
    base_output: Floats


class Chances(NamedTuple):
    """Odds of all suppliers; bucket = sector · N_PARKS + park, and inside a bucket firms follow their stable ids."""

    bucket_start: Whole  # (buckets + 1,)
    member: NDArray[np.int32]  # (n,) row of the firm
    cumulative: Floats  # (n,) mass from the first member of the bucket to this one
    table: Floats  # (2, buyer's sector, its park, buckets) anywhere or own park only, cumulative; see `tabulate`
    coefficients: Floats  # (supplier's sector, buyer's sector) yuan per yuan of output


def traits_of(firms: Any) -> Traits:
    """Return the columns of `Traits` as contiguous arrays of their types."""
    types = {"entrant": np.bool_, "firm": np.int64, "sector": np.int64, "park": np.int64}
    return Traits(*(np.ascontiguousarray(getattr(firms, name), types.get(name, np.float64)) for name in Traits._fields))


def measure_chances(
    order: Whole, firms: Traits, mass: Floats, coefficients: Floats, inflow: Floats, rules: Any
) -> Chances:
    """Return the chances of all buyers; `order` lists rows by stable id, `mass` holds the odds of each row."""
    n, n_sectors = len(order), len(coefficients)
    n_buckets = n_sectors * N_PARKS
    table = np.zeros((2, n_sectors, N_PARKS, n_buckets))
    chances = Chances(np.zeros(n_buckets + 1, np.int64), np.zeros(n, np.int32), np.zeros(n), table, coefficients)
    sort_into_buckets(order, firms, mass, chances)
    affinity, local = np.zeros((N_PARKS, N_PARKS)), np.zeros(n_sectors)
    measure_affinity(firms, mass, rules.inpark_link_multiplier, rules.distance_decay_length, affinity)
    share_locally(firms, mass, coefficients, inflow, rules.local_supplier_share, local)
    tabulate(local, affinity, chances)
    return chances


@formula
def distance(east: float, north: float) -> float:
    """Straight-line distance, km."""
    return math.sqrt(east * east + north * north)


@formula
def first_above(cumulative: Floats, low: int, high: int, value: float) -> int:
    """First position in low … high − 1 whose entry of the rising row exceeds the value; the last one if none does."""
    high -= 1
    while low < high:
        middle = (low + high) >> 1
        if cumulative[middle] > value:
            high = middle
        else:
            low = middle + 1
    return low


@formula
def inside_probability(table: Floats, park: int) -> float:
    """Probability that one draw from a row of the table falls into the given park."""
    inside = 0.0
    for bucket in range(park, len(table), N_PARKS):
        inside += table[bucket]
        if bucket > 0:
            inside -= table[bucket - 1]
    return min(1.0, max(0.0, inside / table[-1]))


@kernel
def weigh_firms(
    order: Whole, firms: Traits, count_exponent: float, odds_exponent: float, mass: Floats, ratio: Floats
) -> None:
    """Write `mass`, the odds of a row as a supplier, and `ratio`, its number of suppliers over the mean of today's.

    A row of w firms has the odds of w firms of its mean size. Rows without output neither buy nor sell.
    """
    total, n_suppliers = 0, 0
    for i in order:
        if firms.base_output[i] > 0.0 and firms.weight[i] > 0.0:
            size = firms.base_output[i] / firms.weight[i]
            ratio[i] = power(size, count_exponent)
            if not firms.entrant[i]:
                mass[i] = firms.weight[i] * power(size, odds_exponent)
                total += fixed(ratio[i])
                n_suppliers += 1
    if total > 0:
        mean = from_fixed(total) / n_suppliers
        for i in order:
            ratio[i] = ratio[i] / mean


@kernel
def sort_into_buckets(order: Whole, firms: Traits, mass: Floats, chances: Chances) -> None:
    """Write the buckets by counting; rows without mass sell to nobody and are left out."""
    start, member, cumulative = chances.bucket_start, chances.member, chances.cumulative
    for i in order:
        if mass[i] > 0.0:
            start[firms.sector[i] * N_PARKS + firms.park[i] + 1] += 1
    for bucket in range(len(start) - 1):
        start[bucket + 1] += start[bucket]
    spot = start[:-1].copy()
    for i in order:
        if mass[i] > 0.0:
            bucket = firms.sector[i] * N_PARKS + firms.park[i]
            at = spot[bucket]
            member[at] = i
            cumulative[at] = mass[i]
            if at > start[bucket]:
                cumulative[at] += cumulative[at - 1]
            spot[bucket] = at + 1


@kernel
def measure_affinity(
    firms: Traits, mass: Floats, inpark_link_multiplier: float, decay_length: float, affinity: Floats
) -> None:
    """Write `affinity` (buyer's park, supplier's park) from the distance of the parks' centres.

    Inside a park the distance is the mean distance of its firms from the centre.
    """
    count = np.zeros(N_PARKS, np.int64)
    sums = np.zeros((3, N_PARKS), np.int64)
    centre = np.zeros((2, N_PARKS))
    for i in range(len(mass)):
        if mass[i] > 0.0:
            p = firms.park[i]
            count[p] += 1
            sums[0, p] += fixed(firms.east[i])
            sums[1, p] += fixed(firms.north[i])
    for p in range(N_PARKS):
        if count[p] > 0:
            centre[0, p] = from_fixed(sums[0, p]) / count[p]
            centre[1, p] = from_fixed(sums[1, p]) / count[p]
    for i in range(len(mass)):
        if mass[i] > 0.0:
            p = firms.park[i]
            sums[2, p] += fixed(distance(firms.east[i] - centre[0, p], firms.north[i] - centre[1, p]))
    for p in range(N_PARKS):
        for q in range(N_PARKS):
            apart = distance(centre[0, p] - centre[0, q], centre[1, p] - centre[1, q])
            if p == q and count[p] > 0:
                apart = from_fixed(sums[2, p]) / count[p]
            neighbours = p == q and p != ELSEWHERE
            affinity[p, q] = link_affinity(apart, neighbours, inpark_link_multiplier, decay_length)


@kernel
def share_locally(
    firms: Traits, mass: Floats, coefficients: Floats, inflow: Floats, local_supplier_share: float, local: Floats
) -> None:
    """Write `local`, the share of each product's purchases that is sought in the district, on average as given."""
    n_sectors = len(coefficients)
    output = np.zeros(n_sectors, np.int64)
    for i in range(len(mass)):
        if mass[i] > 0.0:
            output[firms.sector[i]] += fixed(firms.base_output[i])
    use, brought_in = 0.0, 0.0
    for r in range(n_sectors):
        for b in range(n_sectors):
            use += coefficients[r, b] * from_fixed(output[b])
            brought_in += coefficients[r, b] * from_fixed(output[b]) * inflow[r]
    for r in range(n_sectors):
        local[r] = local_supplier_share
        if use > brought_in:
            local[r] = min(1.0, local_supplier_share * (1.0 - inflow[r]) * use / (use - brought_in))


@kernel
def tabulate(local: Floats, affinity: Floats, chances: Chances) -> None:
    """Write the table: yuan spent in a bucket and those before it, per yuan of the buyer's output.

    The last entry is what such a buyer spends inside the district. A product nobody sells here is bought outside.
    """
    coefficients, start = chances.coefficients, chances.bucket_start
    n_sectors = len(local)
    bucket_mass = np.zeros(n_sectors * N_PARKS)
    for bucket in range(len(bucket_mass)):
        if start[bucket + 1] > start[bucket]:
            bucket_mass[bucket] = chances.cumulative[start[bucket + 1] - 1]
    for b in range(n_sectors):
        for p in range(N_PARKS):
            anywhere, inside = 0.0, 0.0
            for r in range(n_sectors):
                spending = coefficients[r, b] * local[r]
                total = 0.0
                for q in range(N_PARKS):
                    total += affinity[p, q] * bucket_mass[r * N_PARKS + q]
                for q in range(N_PARKS):
                    bucket = r * N_PARKS + q
                    if bucket_mass[bucket] > 0.0:
                        anywhere += spending * affinity[p, q] * bucket_mass[bucket] / total
                        if p == q:
                            inside += spending
                    chances.table[0, b, p, bucket] = anywhere
                    chances.table[1, b, p, bucket] = inside
