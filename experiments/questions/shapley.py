"""Shapley shares of a package: what each player adds, averaged over all orders of joining. Source: Shapley (1953).

Interactions of pairs are Shapley interaction indices (Grabisch and Roubens 1999). A coalition is a whole number whose
bit i says that player i is in.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from math import factorial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST_EXACT = 8  # players; beyond, orders are sampled


class Shares(NamedTuple):
    """Shares by player and replicate, shape (n_players, n_replicates), and the spread that sampling adds."""

    values: Floats
    sampling: Floats  # standard error by player from the orders that were drawn; zero for all orders


def all_coalitions(players: int) -> range:
    """Every coalition."""
    return range(1 << players)


def exact_shares(worth: Mapping[int, Floats], players: int) -> Shares:
    """Shares from the worth of every coalition, each an array over replicates."""
    shares = []
    for player in range(players):
        terms = [
            weight(coalition.bit_count(), players) * (worth[coalition | 1 << player] - worth[coalition])
            for coalition in all_coalitions(players)
            if not coalition >> player & 1
        ]
        shares.append(np.sum(terms, axis=0))
    return Shares(np.array(shares), np.zeros(players))


def weight(size: int, players: int) -> float:
    """Share of the orders in which exactly a coalition of this size comes before a player."""
    return factorial(size) * factorial(players - size - 1) / factorial(players)


def sampled_orders(players: int, orders: int, seed: int) -> list[list[int]]:
    """Orders of joining, each with its reverse, so that first and last places are balanced."""
    random = np.random.default_rng(seed)
    found: list[list[int]] = []
    while len(found) < orders:
        order = random.permutation(players).tolist()
        found += [order, order[::-1]]
    return found[:orders]


def prefixes(order: Sequence[int]) -> list[int]:
    """The coalitions that an order of joining passes through, from nobody to all."""
    coalitions = [0]
    for player in order:
        coalitions.append(coalitions[-1] | 1 << player)
    return coalitions


def sampled_shares(worth: Mapping[int, Floats], players: int, orders: Sequence[Sequence[int]]) -> Shares:
    """Shares from the orders that were drawn; the whole is divided exactly in every order."""
    added = np.empty((len(orders), players, len(next(iter(worth.values())))))
    for place, order in enumerate(orders):
        for player, (before, after) in zip(order, _pairs(prefixes(order)), strict=True):
            added[place, player] = worth[after] - worth[before]
    pairs = added.mean(axis=2)
    half = len(orders) // 2
    if half > 1:
        pairs = 0.5 * (pairs[0 : 2 * half : 2] + pairs[1 : 2 * half : 2])  # an order and its reverse are one draw
    error = pairs.std(axis=0, ddof=1) / np.sqrt(len(pairs)) if len(pairs) > 1 else np.zeros(players)
    return Shares(added.mean(axis=0), error)


def interactions(worth: Mapping[int, Floats], players: int) -> dict[tuple[int, int], Floats]:
    """What each pair adds beyond its members, over all coalitions of the others; positive: they help each other."""
    found = {}
    for i, j in combinations(range(players), 2):
        terms = []
        for coalition in all_coalitions(players):
            if not (coalition >> i & 1 or coalition >> j & 1):
                both, one, other = coalition | 1 << i | 1 << j, coalition | 1 << i, coalition | 1 << j
                share = weight(coalition.bit_count(), players - 1)
                terms.append(share * (worth[both] - worth[one] - worth[other] + worth[coalition]))
        found[i, j] = np.sum(terms, axis=0)
    return found


def _pairs(coalitions: Sequence[int]) -> list[tuple[int, int]]:
    return list(pairwise(coalitions))
