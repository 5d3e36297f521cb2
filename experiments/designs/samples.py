"""Places in the unit cube: Latin hypercube, Sobol sequence, Morris trajectories. Same seed, same places."""

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.float64]


def latin_hypercube(size: int, factors: int, seed: int) -> Places:
    """A Latin hypercube, shape (size, factors). Source: McKay, Beckman and Conover (1979)."""
    from scipy.stats import qmc

    places: Places = qmc.LatinHypercube(factors, rng=seed).random(size)
    return places


def sobol(size: int, factors: int, seed: int) -> Places:
    """A scrambled Sobol sequence, shape (size, factors); size is a power of two. Source: Sobol (1967), Owen (1998)."""
    from scipy.stats import qmc

    places: Places = qmc.Sobol(factors, scramble=True, rng=seed).random(size)
    return places


def morris(trajectories: int, factors: int, levels: int, seed: int) -> Places:
    """Morris trajectories, shape (trajectories · (factors + 1), factors). Source: Morris (1991).

    A trajectory starts on a grid of levels and moves one factor after the other, in random order, by half the range
    and half a level more, up or down, so that it stays inside.
    """
    random = np.random.default_rng(seed)
    step = levels / (2.0 * (levels - 1.0))
    places = np.empty((trajectories, factors + 1, factors))
    for trajectory in range(trajectories):
        low = random.integers(0, levels // 2, factors) / (levels - 1.0)
        up = random.random(factors) < 0.5
        place = np.where(up, low, low + step)
        places[trajectory, 0] = place
        for number, factor in enumerate(random.permutation(factors), 1):
            place[factor] = low[factor] + step if up[factor] else low[factor]
            places[trajectory, number] = place
    return places.reshape(-1, factors)
