"""How firms grow and how large they are: the tent of growth rates, calmer giants, the Zipf tail."""

import numpy as np
import pandas as pd
from scipy.stats import gennorm, linregress

from experiments.patterns.evidence import LAST, Evidence, Floats, micro
from sim.configuration.periods import FIRST_YEAR

GROUPS = 10  # of firms by size
TOP = 0.1  # share of firms that make the tail


def growth_of(evidence: Evidence) -> pd.DataFrame:
    """Yearly log growth of firms above scale that were there from the start, less the mean of the year, with size."""
    rows = micro(evidence.base).firms
    kept = rows[rows["above_scale"] & rows["active"] & ~rows["entrant"] & (rows["output"] > 0)]
    wide = kept.pivot(index="firm", columns="year", values="output")
    frames = []
    for year in range(FIRST_YEAR, LAST):
        both = wide[[year, year + 1]].dropna()
        growth = np.log(both[year + 1]) - np.log(both[year])
        frames.append(pd.DataFrame({"size": np.log(both[year]), "growth": growth - growth.mean()}))
    return pd.concat(frames, ignore_index=True)


def scaled(growth: pd.DataFrame) -> Floats:
    """Growth over its spread within groups of firms of about the same size."""
    group = pd.qcut(growth["size"], GROUPS, labels=False, duplicates="drop")
    spread = growth.groupby(group)["growth"].transform("std")
    found: Floats = (growth["growth"] / spread).to_numpy(np.float64)
    return found


def shape(values: Floats) -> float:
    """Subbotin's shape by maximum likelihood, centred on the median."""
    found, _, _ = gennorm.fit(values, floc=float(np.median(values)))
    return float(found)


def growth_shape(evidence: Evidence) -> tuple[float, float]:
    """Shape of growth, and of as many normal draws."""
    values = scaled(growth_of(evidence))
    return shape(values), shape(evidence.random.standard_normal(len(values)))


def slope_of_spread(size: Floats, growth: Floats) -> float:
    """Slope of log spread on log size over groups of size, with the sign turned."""
    order = np.argsort(size, kind="stable")
    groups = np.array_split(order, GROUPS)
    spreads = [np.log(growth[group].std(ddof=1)) for group in groups]
    return -float(linregress([size[group].mean() for group in groups], spreads).slope)


def size_variance(evidence: Evidence) -> tuple[float, float]:
    """Slope of spread on size, and with growth shuffled."""
    table = growth_of(evidence)
    size, growth = table["size"].to_numpy(np.float64), table["growth"].to_numpy(np.float64)
    return slope_of_spread(size, growth), slope_of_spread(size, evidence.random.permutation(growth))


def hill(values: Floats, top: float = TOP) -> float:
    """Exponent of the cumulative tail of the largest values (Hill 1975)."""
    ordered = np.sort(values)[::-1]
    count = max(int(top * len(ordered)), 2)
    return float(1.0 / np.mean(np.log(ordered[:count] / ordered[count])))


def size_tail(evidence: Evidence) -> tuple[float, float]:
    """Exponent of the tail of output, and of exponential sizes with the same mean."""
    output = evidence.firms(LAST)["output"].to_numpy(np.float64)
    output = output[output > 0.0]
    return hill(output), hill(evidence.random.exponential(output.mean(), len(output)))
