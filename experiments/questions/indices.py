"""Sobol indices by SALib: how much of the variance of an output goes with each factor, alone and with others.

Source: Saltelli et al. (2010), Herman and Usher (2017).
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CONFIDENCE = 0.95
RESAMPLES = 1000


class Indices(NamedTuple):
    """Shares of variance, with half widths of their 95 % intervals; arrays of shape (n_factors,).

    Attributes:
        first: of each factor alone.
        first_half: half width.
        total: of each factor with all that it interacts with.
        total_half: half width.
        luck: share of the variance of what was analysed that is left of luck, one number.
    """

    first: Floats
    first_half: Floats
    total: Floats
    total_half: Floats
    luck: float


def saltelli_places(size: int, factors: int, seed: int) -> Floats:
    """The points of the estimators in the unit cube, shape (size · (factors + 2), factors); size a power of two."""
    from SALib.sample import sobol

    places: Floats = sobol.sample(problem(factors), size, calc_second_order=False, scramble=True, seed=seed)
    return places


def sobol_indices(values: Floats, factors: int, seed: int) -> Indices:
    """Indices of the mean over replicates.

    Args:
        values: (n_points, n_replicates) at the places of `saltelli_places`.
        factors: how many.
        seed: of the resampling.
    """
    from SALib.analyze import sobol

    average = values.mean(axis=1)
    options: dict[str, Any] = {"calc_second_order": False, "num_resamples": RESAMPLES, "conf_level": CONFIDENCE}
    found = sobol.analyze(problem(factors), average, seed=seed, **options)
    return Indices(
        np.asarray(found["S1"]),
        np.asarray(found["S1_conf"]),
        np.asarray(found["ST"]),
        np.asarray(found["ST_conf"]),
        luck_share(values),
    )


def luck_share(values: Floats) -> float:
    """Share of the variance of the mean over replicates that is luck: what replicates do differently at each point."""
    replicates = values.shape[1]
    variance = float(values.mean(axis=1).var(ddof=1)) if len(values) > 1 else 0.0
    if replicates < 2 or variance <= 0.0:
        return 0.0
    common = values.mean(axis=0, keepdims=True)  # luck that is the same at every point moves nothing
    own = (values - common).var(axis=1, ddof=1).mean()
    return min(1.0, float(own) / replicates / variance)


def problem(factors: int) -> dict[str, Any]:
    """The unit cube in SALib's words."""
    names = [f"x{number}" for number in range(factors)]
    return {"num_vars": factors, "names": names, "bounds": [[0.0, 1.0]] * factors}
