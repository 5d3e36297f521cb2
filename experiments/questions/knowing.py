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
    if float(values.std()) == 0.0:
        nothing = np.zeros(count)
        return Knowing(nothing, nothing, nothing, nothing > 0.0, nothing)
    curves = _curves(unknowns)
    found = _narrowing(curves, values[:, None])[:, 0]
    shuffled = np.array([random.permutation(values) for _ in range(SHUFFLES)]).T
    chance = np.array([_narrowing(curve, shuffled) for curve in curves])  # (n_unknowns, n_shuffles)
    usual = chance.mean(axis=1)
    bar = float(np.quantile(chance.max(axis=0), CHANCE)) if count else 0.0
    drawn = np.empty((SHUFFLES, count))
    for sample in range(SHUFFLES):
        rows = random.integers(0, n, n)
        drawn[sample] = _narrowing(_curves(unknowns[rows]), values[rows, None])[:, 0]
    low, high = np.quantile(drawn - usual, [0.025, 0.975], axis=0)
    signs = np.array([_rank_correlation(unknowns[:, place], values) for place in range(count)])
    narrowing = np.maximum(0.0, found - usual)
    return Knowing(narrowing, np.maximum(0.0, low), np.maximum(0.0, high), found > bar, signs)


def _curves(unknowns: Floats) -> Floats:
    """An orthogonal basis of smooth curves of each unknown's rank, shape (n_unknowns, n_runs, DEGREE + 1).

    An unknown of few different values has fewer curves; the others are zero.
    """
    places = 2.0 * _ranks(unknowns).T - 1.0
    levels = 1 + np.count_nonzero(np.diff(np.sort(places, axis=1), axis=1), axis=1)
    bases = np.zeros((*places.shape, DEGREE + 1))
    for degree in range(DEGREE + 1):
        alike = np.minimum(levels - 1, DEGREE) == degree
        bases[alike, :, : degree + 1] = np.linalg.qr(places[alike, :, None] ** np.arange(degree, -1, -1))[0]
    return bases


def _narrowing(curves: Floats, values: Floats) -> Floats:
    """By how much the spread of values, (n_runs, any), shrinks without what goes with the curves of an unknown."""
    left = values - curves @ (np.swapaxes(curves, -1, -2) @ values)
    share: Floats = 1.0 - left.std(axis=-2) / values.std(axis=0)
    return share


def _ranks(values: Floats) -> Floats:
    """Ranks from 0 to 1 along the first axis; equal values share theirs."""
    from scipy.stats import rankdata

    ranks: Floats = (rankdata(values, axis=0) - 1.0) / max(len(values) - 1, 1)
    return ranks


def _rank_correlation(one: Floats, other: Floats) -> float:
    ranks = _ranks(one), _ranks(other)
    if min(float(rank.std()) for rank in ranks) == 0.0:
        return 0.0
    return float(np.corrcoef(*ranks)[0, 1])
