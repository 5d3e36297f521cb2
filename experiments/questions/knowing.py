"""The value of information: how much narrower the band of a result becomes when one unknown is known.

An unknown is taken out of the result by a smooth curve of its rank; the band narrows as the standard deviation of what
is left does, which a hundred runs tell better than the width between two quantiles. The same with shuffled results
tells what chance would show: its mean is taken off, and its largest over all unknowns is the bar to clear. Unknowns
that act together only, or on the width alone, are not seen.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

QUANTILES = (0.05, 0.95)  # of the band that readers are shown
DEGREE = 3
SHUFFLES = 200
CHANCE = 0.95
FEWEST = 20  # runs from which a band is told


class Knowing(NamedTuple):
    """How much of the band goes when an unknown is known; arrays of shape (n_unknowns,).

    Attributes:
        narrowing: share of the width, less what chance shows on average; never negative.
        low: lower end of its 95 % interval, over resampled runs.
        high: upper end.
        told: whether it clears what chance shows at most, in 95 of 100 shuffles.
        rank_correlation: of the unknown with the result, for its sign.
    """

    narrowing: Floats
    low: Floats
    high: Floats
    told: Flags
    rank_correlation: Floats


def known(unknowns: Floats, values: Floats, seed: int) -> Knowing:
    """The value of knowing each of some unknowns.

    Args:
        unknowns: (n_runs, n_unknowns).
        values: (n_runs,) of the result.
        seed: of shuffles and resampling.
    """
    n, count = unknowns.shape
    random = np.random.default_rng(seed)
    curves = [_curve(unknowns[:, place]) for place in range(count)]
    if float(values.std()) == 0.0:
        nothing = np.zeros(count)
        return Knowing(nothing, nothing, nothing, nothing > 0.0, nothing)
    found = np.array([_narrowing(curve, values) for curve in curves])
    shuffled = np.array([random.permutation(values) for _ in range(SHUFFLES)]).T
    chance = np.array([_narrowing(curve, shuffled) for curve in curves])  # (n_unknowns, n_shuffles)
    usual = chance.mean(axis=1)
    bar = float(np.quantile(chance.max(axis=0), CHANCE)) if count else 0.0
    drawn = np.empty((SHUFFLES, count))
    for sample in range(SHUFFLES):
        rows = random.integers(0, n, n)
        drawn[sample] = [_narrowing(_curve(unknowns[rows, place]), values[rows]) for place in range(count)]
    low, high = np.quantile(drawn - usual, [0.025, 0.975], axis=0)
    signs = np.array([_rank_correlation(unknowns[:, place], values) for place in range(count)])
    narrowing = np.maximum(0.0, found - usual)
    return Knowing(narrowing, np.maximum(0.0, low), np.maximum(0.0, high), found > bar, signs)


def _curve(unknown: Floats) -> Floats:
    """An orthogonal basis of smooth curves of the unknown's rank, shape (n_runs, DEGREE + 1)."""
    place = 2.0 * _ranks(unknown) - 1.0
    degree = min(DEGREE, len(np.unique(unknown)) - 1)
    basis: Floats = np.linalg.qr(np.vander(place, degree + 1))[0]
    return basis


def _narrowing(curve: Floats, values: Floats) -> Floats:
    left = values - curve @ (curve.T @ values)
    share: Floats = 1.0 - left.std(axis=0) / values.std(axis=0)
    return share


def _ranks(values: Floats) -> Floats:
    """Ranks from 0 to 1; equal values share theirs."""
    from scipy.stats import rankdata

    ranks: Floats = (rankdata(values) - 1.0) / max(len(values) - 1, 1)
    return ranks


def _rank_correlation(one: Floats, other: Floats) -> float:
    ranks = _ranks(one), _ranks(other)
    if min(float(rank.std()) for rank in ranks) == 0.0:
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])
