"""The search for packages: a sample of the whole box of levers, then generations near the best of what was found.

Two aims pull apart: a low cost and a high chance of the target. Packages that break a limit lose against those that do
not. Selection by fronts and crowding as in NSGA-II. Source: Deb et al. (2002).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

BLEND = 0.3  # how far a child may lie beyond its parents, of their distance
MUTATION = 0.12  # standard deviation of a mutation, of the range of a lever
TO_THE_EDGE = 0.15  # probability that a mutated lever is switched off or set to the most


class Worth(NamedTuple):
    """What is known of packages, arrays of shape (n_packages,).

    Attributes:
        cost: mean over replicates.
        chance: share of replicates that reach the target.
        miss: how far limits are broken, 0 where none is.
    """

    cost: Floats
    chance: Floats
    miss: Floats


def fronts(worth: Worth) -> list[Whole]:
    """Packages in fronts: those that no other beats, then those that only these beat, and so on."""
    left = np.arange(len(worth.cost))
    found = []
    while len(left):
        beaten = np.array([any(beats(worth, int(other), int(one)) for other in left) for one in left])
        found.append(left[~beaten])
        left = left[beaten]
    return found


def beats(worth: Worth, one: int, other: int) -> bool:
    """Whether a package is at least as good in everything and better in something; a broken limit goes first."""
    if worth.miss[one] != worth.miss[other]:
        return bool(worth.miss[one] < worth.miss[other])
    no_worse = worth.cost[one] <= worth.cost[other] and worth.chance[one] >= worth.chance[other]
    return bool(no_worse and (worth.cost[one] < worth.cost[other] or worth.chance[one] > worth.chance[other]))


def crowding(worth: Worth, front: Whole) -> Floats:
    """How alone each package of a front is; the ends of a front are never crowded."""
    distance = np.zeros(len(front))
    for values in (worth.cost[front], worth.chance[front]):
        order = np.argsort(values, kind="stable")
        width = float(values[order[-1]] - values[order[0]]) or 1.0
        distance[order[0]] = distance[order[-1]] = np.inf
        distance[order[1:-1]] += (values[order[2:]] - values[order[:-2]]) / width
    return distance


def selected(worth: Worth, number: int) -> Whole:
    """The packages to go on from: by fronts, and within the last one by how alone they are."""
    chosen: list[int] = []
    for front in fronts(worth):
        room = number - len(chosen)
        if room <= 0:
            break
        order = np.argsort(-crowding(worth, front), kind="stable") if len(front) > room else np.arange(len(front))
        chosen += front[order[:room]].tolist()
    return np.array(chosen, np.int64)


def children(parents: Floats, number: int, generation: int, seed: int) -> Floats:
    """New packages between and around pairs of parents, in the unit cube; the same for the same seed."""
    random = np.random.default_rng([seed, generation])
    levers = parents.shape[1]
    pairs = random.integers(0, len(parents), (number, 2))
    one, other = parents[pairs[:, 0]], parents[pairs[:, 1]]
    places = one + random.uniform(-BLEND, 1.0 + BLEND, (number, levers)) * (other - one)
    mutated = random.random((number, levers)) < 1.0 / levers
    places = np.where(mutated, places + MUTATION * random.standard_normal((number, levers)), places)
    edge = mutated & (random.random((number, levers)) < TO_THE_EDGE)
    places = np.where(edge, np.where(random.random((number, levers)) < 0.7, 0.0, 1.0), places)
    clipped: Floats = np.clip(places, 0.0, 1.0)
    return clipped


def finalists(worth: Worth, chance: float, number: int) -> Whole:
    """The cheapest packages that reach the chance within the limits; where there are none, the likeliest."""
    good = np.flatnonzero((worth.miss == 0.0) & (worth.chance >= chance))
    if len(good):
        return good[np.argsort(worth.cost[good], kind="stable")][:number]
    order = np.lexsort((worth.cost, -worth.chance, worth.miss))
    return np.asarray(order[:number], np.int64)
