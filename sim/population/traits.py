"""Kernels that draw the rows of a population: sizes, places, intensities, green shares, balance sheets.

Every draw is keyed by the population's seed and the stable id of the row; sums run in the order of stable ids. So a
row's luck depends on neither its neighbours nor the machine. Sizes follow a lognormal body and a Zipf tail.
"""

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from agents._compiled import formula, kernel
from agents.codes import (
    N_BANKS,
    POPULATION_AGE,
    POPULATION_BALANCE,
    POPULATION_BANK,
    POPULATION_CUTOFF,
    POPULATION_GREEN_SHARE,
    POPULATION_INTENSITY,
    POPULATION_LOCATION,
    POPULATION_PRODUCT,
    POPULATION_ROOF,
    POPULATION_SIZE,
    POPULATION_UTILISATION,
)
from agents.mathematics import exp, exponential_quantile, log, normal_quantile, power, triangular_quantile
from sim.draws import uniform
from sim.population.rules import PopulationRules

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

ROUNDS = 64  # of sharing out what the cap on small units leaves over; each round caps at least one more row


@formula
def size_quantile(u: float, sigma: float, zipf: float, tail: float) -> float:
    """Size over the median at quantile u: lognormal up to 1 − tail, a power law of exponent `zipf` beyond."""
    if u <= 1.0 - tail:
        return exp(sigma * normal_quantile(u))
    return exp(sigma * normal_quantile(1.0 - tail)) * power(tail / (1.0 - u), 1.0 / zipf)


@formula
def spread(u: float, sigma: float, bound: float) -> float:
    """Lognormal factor of median 1, cut at 1/bound and bound."""
    factor = exp(sigma * normal_quantile(u))
    if factor > bound:
        return bound
    if factor < 1.0 / bound:
        return 1.0 / bound
    return factor


@kernel
def draw_sizes(
    seed: int,
    firm: Whole,
    stratum: Whole,
    weight: Floats,
    start: Whole,
    spare_from: int,
    units: Whole,
    larger: Whole,
    floor: Floats,
    cap: Floats,
    total: Floats,
    sigma: Floats,
    rules: PopulationRules,
    size: Floats,
) -> None:
    """Write the yearly output of one firm of each row, 万元: floor + scale × quantile, in all `total` per stratum.

    `larger` firms of the stratum, its anchors, take the ranks above these. Rows of arrivals, from `spare_from` on, are
    drawn alike from the lower ranks and are not part of the total.
    """
    scale = np.zeros(len(units))
    margin = 0.5 * (1.0 - rules.size_jitter)
    before = 0.0
    for i in range(start[0], len(size)):
        k = stratum[i]
        u = uniform(seed, firm[i], 0, 0, POPULATION_SIZE, 0)
        if i < spare_from:
            if i == start[k]:
                before = 0.0
            u = (before + weight[i] * (margin + rules.size_jitter * u)) / float(units[k] + larger[k])
            before += weight[i]
        else:
            u *= rules.arrival_rank
        size[i] = size_quantile(u, sigma[k], rules.size_zipf, rules.tail_share)
    for k in range(len(units)):
        left = total[k] - floor[k] * float(units[k])
        mass = 0.0
        for i in range(start[k], start[k + 1]):
            mass += weight[i] * size[i]
        if mass > 0.0:
            scale[k] = left / mass
        for _ in range(ROUNDS):
            held = 0.0
            free = 0.0
            for i in range(start[k], start[k + 1]):
                if floor[k] + scale[k] * size[i] >= cap[k]:
                    held += weight[i] * (cap[k] - floor[k])
                else:
                    free += weight[i] * size[i]
            if free <= 0.0 or held == 0.0 or scale[k] == (left - held) / free:
                break
            scale[k] = (left - held) / free
    for i in range(start[0], len(size)):
        k = stratum[i]
        size[i] = min(floor[k] + scale[k] * size[i], cap[k])


@kernel
def draw_intensities(
    seed: int, firm: Whole, sector: Whole, mean: Floats, energy_rows: int, rules: PopulationRules, out: Floats
) -> None:
    """Write what each row uses and emits per 万元, shape (n_kinds, n): sector mean × a factor around 1.

    The first `energy_rows` kinds share part of their luck, so that a wasteful firm wastes every carrier; the last
    kind is the share of value added, with its own narrower spread.
    """
    kinds = len(mean)
    common = sqrt(rules.intensity_common_share)
    own = sqrt(1.0 - rules.intensity_common_share)
    for i in range(len(firm)):
        luck = normal_quantile(uniform(seed, firm[i], 255, 0, POPULATION_INTENSITY, 0))
        for k in range(kinds):
            u = uniform(seed, firm[i], k, 0, POPULATION_INTENSITY, 0)
            if k == kinds - 1:
                factor = spread(u, rules.value_added_sigma, rules.value_added_bound)
            elif k < energy_rows:
                factor = exp(rules.intensity_sigma * (common * luck + own * normal_quantile(u)))
                factor = min(max(factor, 1.0 / rules.intensity_bound), rules.intensity_bound)
            else:
                factor = spread(u, rules.intensity_sigma, rules.intensity_bound)
            out[k, i] = mean[k, sector[i]] * factor


@kernel
def rake(out: Floats, output: Floats, stratum: Whole, start: Whole, target: Floats) -> None:
    """Scale each kind so that its output-weighted mean over a stratum's initial rows is the target of that stratum.

    `target` has shape (n_kinds, n_strata). Rows of arrivals are scaled with their stratum; anchors, the rows before
    the first stratum, are left alone.
    """
    for kind in range(len(out)):
        factor = np.ones(len(start) - 1)
        for k in range(len(start) - 1):
            got = 0.0
            mass = 0.0
            for i in range(start[k], start[k + 1]):
                got += output[i] * out[kind, i]
                mass += output[i]
            if got > 0.0:
                factor[k] = target[kind, k] * mass / got
        for i in range(start[0], len(output)):
            out[kind, i] *= factor[stratum[i]]


@kernel
def draw_places(
    seed: int,
    firm: Whole,
    sector: Whole,
    above: NDArray[np.bool_],
    size_class: NDArray[np.int8],
    affinity: Floats,
    east_km: Floats,
    north_km: Floats,
    radius_km: Floats,
    rules: PopulationRules,
    park: NDArray[np.int8],
    east: Floats,
    north: Floats,
) -> None:
    """Write park and coordinates; `affinity` has shape (2, n_sectors, n_parks). A park of 0 or more is kept.

    Medium and large firms are rarely outside the parks, the last column.
    """
    parks = len(east_km)
    for i in range(len(firm)):
        chance = affinity[1 if above[i] else 0, sector[i]]
        if park[i] < 0:
            outside = chance[parks - 1]
            if above[i] and size_class[i] >= 2:
                outside *= rules.elsewhere_large_ratio
            inside = 0.0
            for p in range(parks - 1):
                inside += chance[p]
            u = uniform(seed, firm[i], 0, 0, POPULATION_LOCATION, 0) * (inside + outside)
            chosen = 0
            reached = chance[0] if parks > 1 else outside
            while chosen < parks - 1 and u > reached:
                chosen += 1
                reached += chance[chosen] if chosen < parks - 1 else outside
            park[i] = chosen
        p = park[i]
        x = uniform(seed, firm[i], 1, 0, POPULATION_LOCATION, 0) + uniform(seed, firm[i], 2, 0, POPULATION_LOCATION, 0)
        y = uniform(seed, firm[i], 3, 0, POPULATION_LOCATION, 0) + uniform(seed, firm[i], 4, 0, POPULATION_LOCATION, 0)
        east[i] = east_km[p] + radius_km[p] * (x - 1.0)
        north[i] = north_km[p] + radius_km[p] * (y - 1.0)


@kernel
def draw_habits(
    seed: int,
    firm: Whole,
    size_class: NDArray[np.int8],
    entrant: NDArray[np.bool_],
    rules: PopulationRules,
    payback_cutoff: Floats,
    age: Floats,
    bank: NDArray[np.int8],
    use: Floats,
    factors: Floats,
) -> None:
    """Write payback limit, age, bank and use of capacity; `factors` (3, n) spread cash, debt and roof around 1."""
    for i in range(len(firm)):
        u = uniform(seed, firm[i], 0, 0, POPULATION_CUTOFF, 0)
        if size_class[i] >= 2:
            limit = triangular_quantile(u, rules.payback_large_low, rules.payback_large, rules.payback_large_high)
        else:
            limit = triangular_quantile(u, rules.payback_small_low, rules.payback_small, rules.payback_small_high)
        payback_cutoff[i] = limit
        years = exponential_quantile(uniform(seed, firm[i], 0, 0, POPULATION_AGE, 0), rules.mean_age)
        age[i] = 0.0 if entrant[i] else min(years, rules.largest_age)
        bank[i] = int(uniform(seed, firm[i], 0, 0, POPULATION_BANK, 0) * N_BANKS)
        u = uniform(seed, firm[i], 0, 0, POPULATION_UTILISATION, 0)
        use[i] = triangular_quantile(u, rules.low_utilisation, rules.base_utilisation, rules.high_utilisation)
        for k in range(2):
            u = uniform(seed, firm[i], k, 0, POPULATION_BALANCE, 0)
            factors[k, i] = spread(u, rules.balance_sigma, rules.intensity_bound)
        u = uniform(seed, firm[i], 0, 0, POPULATION_ROOF, 0)
        factors[2, i] = spread(u, rules.roof_sigma, rules.intensity_bound)


@kernel
def within_sigma(units: Whole, output: Floats, rules: PopulationRules, sigma: Floats) -> None:
    """Write the standard deviation of log size of each stratum; strata alternate between smaller and larger firms.

    Spread within and between sectors add up to `size_sigma` among above-scale firms.
    """
    count = 0.0
    mean = 0.0
    square = 0.0
    for k in range(1, len(units), 2):
        if units[k] > 0:
            size = log(output[k] / float(units[k]))
            count += float(units[k])
            mean += float(units[k]) * size
            square += float(units[k]) * size * size
    between = square / count - mean / count * (mean / count)
    least = 0.1 * rules.size_sigma
    within = sqrt(max(rules.size_sigma * rules.size_sigma - between, least * least))
    for k in range(len(units)):
        sigma[k] = within if k % 2 == 1 else rules.small_size_sigma


@kernel
def fill_quotas(order: Whole, output: Floats, luck: Floats, quota: Floats, chosen: Whole) -> None:
    """Give each row a category so that output fills the quotas, and use the quotas up; rows come in `order`.

    A row takes one of the categories with room for it at random, in proportion to the room; where there is
    none, the one with most room. With large rows first, small ones close the gaps.
    """
    for i in order:
        room = 0.0
        most = 0
        for c in range(len(quota)):
            if quota[c] >= output[i]:
                room += quota[c]
            if quota[c] > quota[most]:
                most = c
        chosen[i] = most
        left = luck[i] * room
        for c in range(len(quota)):
            if room > 0.0 and quota[c] >= output[i]:
                chosen[i] = c
                left -= quota[c]
                if left <= 0.0:
                    break
        quota[chosen[i]] -= output[i]


@kernel
def draw_luck(seed: int, firm: Whole, luck: Floats) -> None:
    """Write six uniforms a row, shape (6, n).

    Product, whether it makes it already, green share, margin, solar panels, whether it comes from elsewhere.
    """
    for i in range(len(firm)):
        luck[0, i] = uniform(seed, firm[i], 0, 0, POPULATION_PRODUCT, 0)
        luck[1, i] = uniform(seed, firm[i], 1, 0, POPULATION_PRODUCT, 0)
        luck[2, i] = uniform(seed, firm[i], 0, 0, POPULATION_GREEN_SHARE, 0)
        luck[3, i] = uniform(seed, firm[i], 2, 0, POPULATION_BALANCE, 0)
        luck[4, i] = uniform(seed, firm[i], 1, 0, POPULATION_ROOF, 0)
        luck[5, i] = uniform(seed, firm[i], 1, 0, POPULATION_AGE, 0)
