"""The patient rule induction method: a box of factors in which an outcome is frequent.

Peeling takes off, step by step, the slice of a factor whose loss raises the share of cases inside the most; pasting
puts back what does no harm. Source: Friedman and Fisher (1999); p-values of restrictions: Bryant and Lempert (2010).

Our own, because cases are shares of replicates here, and the one kept library with PRIM (ema_workbench) takes yes or no
and brings 110 MB of others. tests/test_adapters.py holds it against that library where both can be asked.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SLICE = 0.05  # share of what is inside that one step may take off
LEAST = 0.05  # share of the sample that stays inside
PASTE_GAIN = 1e-9


class Box(NamedTuple):
    """Limits of every factor, and what lies inside.

    Attributes:
        low: (n_factors,) lower limits; minus infinity where nothing was taken off.
        high: (n_factors,) upper limits.
        coverage: share of all cases of interest that lie inside.
        density: share of cases of interest among those inside.
        mass: share of the sample inside.
    """

    low: Floats
    high: Floats
    coverage: float
    density: float
    mass: float

    @property
    def restricted(self) -> Flags:
        """Factors that the box limits."""
        return np.asarray(np.isfinite(self.low) | np.isfinite(self.high), np.bool_)


def inside(factors: Floats, low: Floats, high: Floats) -> Flags:
    """Which points lie in a box, limits included."""
    found: Flags = np.all((factors >= low) & (factors <= high), axis=1)
    return found


def described(factors: Floats, cases: Floats, low: Floats, high: Floats) -> Box:
    """A box with its coverage, density and mass; cases are shares of replicates with the outcome."""
    within = inside(factors, low, high)
    total = float(cases.sum())
    mass = float(within.mean())
    density = float(cases[within].mean()) if within.any() else 0.0
    return Box(low, high, float(cases[within].sum()) / total if total else 0.0, density, mass)


def peeled(factors: Floats, cases: Floats, slice_share: float = SLICE, least: float = LEAST) -> list[Box]:
    """The boxes of a peeling, from everything to the smallest.

    Args:
        factors: (n_points, n_factors).
        cases: (n_points,) from 0 to 1: whether, or how often, the outcome came.
        slice_share: share of what is inside that one step may take off.
        least: share of the sample that stays inside.
    """
    n, width = factors.shape
    low, high = np.full(width, -np.inf), np.full(width, np.inf)
    boxes = [described(factors, cases, low, high)]
    while True:
        best: Box | None = None
        within = factors[inside(factors, low, high)]
        for factor in range(width):
            for lower in (True, False):
                limits = low.copy(), high.copy()
                if not _cut(within[:, factor], limits, factor, lower, slice_share):
                    continue
                box = described(factors, cases, *limits)
                if box.mass * n >= max(least * n, 1.0) and (best is None or _better(box, best)):
                    best = box
        if best is None or best.density <= boxes[-1].density:
            return boxes
        low, high = best.low, best.high
        boxes.append(best)


def _cut(values: Floats, limits: tuple[Floats, Floats], factor: int, lower: bool, slice_share: float) -> bool:
    """Move one limit so that a slice falls out; false where all values are the same."""
    levels = np.unique(values)
    if len(levels) < 2:
        return False
    if lower:
        edge = float(np.quantile(values, slice_share))
        limits[0][factor] = levels[levels > min(edge, levels[-2])][0]
    else:
        edge = float(np.quantile(values, 1.0 - slice_share))
        limits[1][factor] = levels[levels < max(edge, levels[1])][-1]
    return True


def _better(box: Box, other: Box) -> bool:
    return (box.density, box.mass) > (other.density, other.mass)


def pasted(factors: Floats, cases: Floats, box: Box) -> Box:
    """The box with every limit taken back that costs no density."""
    while True:
        best = box
        for factor in np.flatnonzero(box.restricted):
            for side in (0, 1):
                limits = box.low.copy(), box.high.copy()
                limits[side][factor] = (-np.inf, np.inf)[side]
                wider = described(factors, cases, *limits)
                if wider.density >= box.density - PASTE_GAIN and wider.mass > best.mass:
                    best = wider
        if best is box:
            return box
        box = best


def chosen(boxes: list[Box], least_coverage: float) -> Box:
    """The densest box that still covers so much."""
    covering = [box for box in boxes if box.coverage >= least_coverage] or boxes[:1]
    return max(covering, key=lambda box: (box.density, box.mass))


def p_values(factors: Floats, cases: Floats, box: Box) -> Floats:
    """For each restricted factor, how likely the density came by chance in the box without that restriction.

    Not a number for factors that the box leaves alone.
    """
    from scipy.stats import binom

    found = np.full(factors.shape[1], np.nan)
    within = inside(factors, box.low, box.high)
    n, hits = int(within.sum()), float(cases[within].sum())
    for factor in np.flatnonzero(box.restricted):
        low, high = box.low.copy(), box.high.copy()
        low[factor], high[factor] = -np.inf, np.inf
        rate = described(factors, cases, low, high).density
        found[factor] = float(binom.sf(np.ceil(hits) - 1, n, rate))
    return found


def information(factor: Floats, cases: Floats, seed: int) -> tuple[float, float]:
    """The value of knowing one factor: the share of the outcome's variance that goes, less what chance would show.

    The variance is that of a single run, hit or miss, so what luck decides counts as unknown.

    Points are put in groups of equal size by the factor; the variance of the means of groups is what is learnt. The
    same with factors in random order tells what chance would show, and is taken off.

    Returns:
        The share, and the share that chance alone would show.
    """
    variance = float(cases.mean() * (1.0 - cases.mean()))
    if variance <= 0.0 or len(np.unique(factor)) < 2:
        return 0.0, 0.0
    random = np.random.default_rng(seed)
    found = _explained(factor, cases) / variance
    chance = [_explained(random.permutation(factor), cases) / variance for _ in range(200)]
    return max(0.0, found - float(np.mean(chance))), float(np.quantile(chance, 0.95) - np.mean(chance))


def _explained(factor: Floats, cases: Floats) -> float:
    """Variance of the means of groups."""
    groups = max(2, min(10, int(np.sqrt(len(cases)) / 2)))
    edges = np.unique(np.quantile(factor, np.linspace(0.0, 1.0, groups + 1)[1:-1]))
    place = np.searchsorted(edges, factor, side="right")
    counts = np.bincount(place, minlength=len(edges) + 1)
    sums = np.bincount(place, weights=cases, minlength=len(edges) + 1)
    means = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
    return float((counts * np.square(means - cases.mean())).sum() / len(cases))
