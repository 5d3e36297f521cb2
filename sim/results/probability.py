"""Shares of replicates and how sure they are: Wilson's interval for a probability (Wilson 1927)."""

from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.mathematics import normal_quantile


class Probability(NamedTuple):
    """A share of replicates with its interval."""

    estimate: float
    low: float
    high: float
    n: int


def probability(hits: NDArray[np.bool_], confidence: float) -> Probability:
    """Estimate of a probability from independent replicates, with Wilson's score interval.

    Args:
        hits: (n,) whether each replicate reached the target, n ≥ 1.
        confidence: level of the interval, for example 0.95.

    Example:
        >>> import numpy as np
        >>> from sim.results.probability import probability
        >>> [round(part, 3) for part in probability(np.array([True] * 30 + [False] * 70), 0.95)]
        [0.3, 0.219, 0.396, 100]
    """
    n = len(hits)
    share = float(np.count_nonzero(hits)) / n
    z = normal_quantile(0.5 + 0.5 * confidence)
    shrunk = 1.0 + z * z / n
    centre = (share + z * z / (2.0 * n)) / shrunk
    half = z * sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n)) / shrunk
    return Probability(share, min(share, max(0.0, centre - half)), max(share, min(1.0, centre + half)), n)


def explained_share(cause: NDArray[np.float64], effect: NDArray[np.float64]) -> float | None:
    """Share of the variance of `effect` that goes with `cause` along a line: the squared correlation.

    None where there are fewer than three replicates or one of the two does not vary.
    """
    if len(cause) < 3:
        return None
    x, y = cause - cause.mean(), effect - effect.mean()
    xx, yy, xy = float((x * x).sum()), float((y * y).sum()), float((x * y).sum())
    if xx <= 0.0 or yy <= 0.0:
        return None
    return min(1.0, xy * xy / (xx * yy))
