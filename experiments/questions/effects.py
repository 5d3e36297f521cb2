"""Elementary effects of Morris designs, told from luck. Source: Morris (1991); Campolongo et al. (2007)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
RESAMPLES = 1000
HALF_NORMAL = 0.7978845608028654  # mean of the absolute value of a standard normal variable


class Effects(NamedTuple):
    """What each factor does over its whole range, in units of the output; arrays of shape (n_factors,).

    Attributes:
        mean: of the effects (μ).
        strength: mean of their absolute values (μ*).
        low: lower end of the 95 % interval of the strength, over trajectories and replicates.
        high: its upper end.
        spread: standard deviation over trajectories (σ): interactions and bends.
        luck: the strength that luck alone would show with so many replicates.
    """

    mean: Floats
    strength: Floats
    low: Floats
    high: Floats
    spread: Floats
    luck: Floats


def elementary_effects(places: Floats, values: Floats) -> Floats:
    """Effects by trajectory, factor and replicate.

    Args:
        places: (n_trajectories · (n_factors + 1), n_factors) in the unit cube.
        values: (n_points, n_replicates).
    """
    factors = places.shape[1]
    paths = places.reshape(-1, factors + 1, factors)
    found = values.reshape(len(paths), factors + 1, -1)
    steps, changes = np.diff(paths, axis=1), np.diff(found, axis=1)
    effects = np.empty((len(paths), factors, found.shape[2]))
    moved = np.abs(steps).argmax(axis=2)
    for trajectory in range(len(paths)):
        for step, factor in enumerate(moved[trajectory]):
            effects[trajectory, factor] = changes[trajectory, step] / steps[trajectory, step, factor]
    return effects


def summarised(effects: Floats, seed: int) -> Effects:
    """Means over trajectories of effects (n_trajectories, n_factors, n_replicates), with intervals by resampling."""
    paths, factors, replicates = effects.shape
    average = effects.mean(axis=2)
    random = np.random.default_rng(seed)
    drawn = np.empty((RESAMPLES, factors))
    for sample in range(RESAMPLES):
        chosen = effects[random.integers(0, paths, paths)][:, :, random.integers(0, replicates, replicates)]
        drawn[sample] = np.abs(chosen.mean(axis=2)).mean(axis=0)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    luck = np.zeros(factors)
    if replicates > 1:
        error = effects.std(axis=2, ddof=1) / np.sqrt(replicates)
        luck = HALF_NORMAL * error.mean(axis=0)
    spread = average.std(axis=0, ddof=1) if paths > 1 else np.zeros(factors)
    return Effects(average.mean(axis=0), np.abs(average).mean(axis=0), low, high, spread, luck)
