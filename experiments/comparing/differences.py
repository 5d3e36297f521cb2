"""The paired difference of two scenarios by variable and year, and what the pairing is worth.

Replicate r of both has the same firms, numbers and luck (common random numbers), so the difference of the two is that
of the scenarios; its variance is that of the effect, not of the luck. Source: Law (2015), chapter 11.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.ensemble import Part
from sim.results.variable_list import load_variables
from sim.results.wording import worded

CONFIDENCE = 0.95
QUANTILES = {"p5": 0.05, "p50": 0.5, "p95": 0.95}
Floats = NDArray[np.float64]


class Pairs(NamedTuple):
    """The values of the replicates that both scenarios have."""

    replicates: NDArray[np.int64]
    first: Floats  # (n_pairs, n_years, n_variables)
    second: Floats


def paired(first: Part, second: Part) -> Pairs:
    """Values of both scenarios for the replicates that came to their end in both."""
    places = [{one.replicate: place for place, one in enumerate(part.replicates)} for part in (first, second)]
    both = sorted(set(places[0]) & set(places[1]))
    values = [part.yearly()[[place[r] for r in both]] for part, place in zip((first, second), places, strict=True)]
    return Pairs(np.array(both, np.int64), *values)


def difference_table(first: Part, second: Part) -> pd.DataFrame:
    """Means of both, mean difference (second less first) with its interval and quantiles, and the gain of pairing.

    `variance_ratio` is the variance that independent replicates would have, over that of the pairs: so many times
    fewer replicates give the same interval. It is missing where nothing differs.
    """
    pairs = paired(first, second)
    difference, n = pairs.second - pairs.first, len(pairs.replicates)
    mean, half = difference.mean(axis=0), half_width(difference)
    variables = load_variables()
    variable, year = (axis.ravel() for axis in np.indices((len(variables), len(first.years))))
    columns = {
        "variable": worded(variable, [one.name for one in variables]),
        "year": np.array(first.years, np.int64)[year],
        "unit": np.array([one.unit for one in variables])[variable],
        "replicates": np.full(len(variable), n),
        "mean_a": pairs.first.mean(axis=0).T.ravel(),
        "mean_b": pairs.second.mean(axis=0).T.ravel(),
        "difference": mean.T.ravel(),
        "low": (mean - half).T.ravel(),
        "high": (mean + half).T.ravel(),
    }
    for name, share in QUANTILES.items():
        columns[name] = np.quantile(difference, share, axis=0).T.ravel()
    columns["higher_share"] = (difference > 0.0).mean(axis=0).T.ravel()
    columns["lower_share"] = (difference < 0.0).mean(axis=0).T.ravel()
    columns["variance_ratio"] = variance_ratio(pairs.first, pairs.second).T.ravel()
    return pd.DataFrame(columns)


def half_width(difference: Floats) -> Floats:
    """Half the width of Student's interval of the mean over the first axis; zero for a single pair."""
    from scipy.stats import t

    n = len(difference)
    if n < 2:
        return np.zeros(difference.shape[1:])
    quantile = float(t.ppf(0.5 + CONFIDENCE / 2.0, n - 1))
    half: Floats = quantile * difference.std(axis=0, ddof=1) / np.sqrt(n)
    return half


def variance_ratio(first: Floats, second: Floats) -> Floats:
    """Variance of the difference of independent replicates over that of pairs; not a number where pairs do not vary."""
    if len(first) < 2:
        return np.full(first.shape[1:], np.nan)
    apart = first.var(axis=0, ddof=1) + second.var(axis=0, ddof=1)
    together = (second - first).var(axis=0, ddof=1)
    noise = 1e-24 * np.square(np.abs(first).max(axis=0))  # rounding of a difference that is constant
    ratio: Floats = np.where(together > noise, apart / np.where(together > noise, together, 1.0), np.nan)
    return ratio
