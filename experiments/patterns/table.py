"""All patterns together: statistics by replicate, held against bands that were set before any was computed."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from experiments.patterns import decisions, diffusion, exchange, growth, networks
from experiments.patterns.evidence import Evidence
from sim.configuration.tables import load_table

Statistic = Callable[[Evidence], tuple[float, float]]  # of the model, of the null model

STATISTICS: dict[str, Statistic] = {
    "growth_shape": growth.growth_shape,
    "size_variance": growth.size_variance,
    "size_tail": growth.size_tail,
    "customers_tail": networks.customers_tail,
    "suppliers_tail": networks.suppliers_tail,
    "customers_size": networks.customers_size,
    "diffusion_form": diffusion.diffusion_form,
    "diffusion_time_light": diffusion.diffusion_time_light,
    "diffusion_time_heavy": diffusion.diffusion_time_heavy,
    "diffusion_time_pv": diffusion.diffusion_time_pv,
    "certify_larger": decisions.certify_larger,
    "adoption_links": networks.adoption_links,
    "exchange_distance": exchange.exchange_distance,
    "cap_bunching": decisions.cap_bunching,
    "constrained_delay": decisions.constrained_delay,
    "rebound": decisions.rebound,
}


def statistics_of(evidence: Evidence, replicate: int) -> pd.DataFrame:
    """Every statistic of one replicate."""
    rows = [[name, replicate, *statistic(evidence)] for name, statistic in STATISTICS.items()]
    return pd.DataFrame(rows, columns=["pattern", "replicate", "statistic", "null_model"])


def judged(statistics: pd.DataFrame) -> pd.DataFrame:
    """A row for each pattern: medians and ranges over replicates, and what follows.

    A pattern holds if its median lies in the band and that of its null model does not; if both do, the band proves
    nothing (`null_too`); if the statistic does not exist in any replicate, it is `undefined`.
    """
    rows = []
    for band in load_table("patterns").to_dict("records"):
        mine = statistics[statistics["pattern"] == band["pattern"]]
        seen, null = (mine[name].dropna().to_numpy(np.float64) for name in ("statistic", "null_model"))
        told = [float(np.median(seen)), float(seen.min()), float(seen.max())] if len(seen) else [np.nan] * 3
        middle = float(np.median(null)) if len(null) else np.nan
        inside, null_inside = (band["low"] <= value <= band["high"] for value in (told[0], middle))
        verdict = "undefined" if not len(seen) else "fails" if not inside else "null_too" if null_inside else "holds"
        rows.append([band["pattern"], band["unit"], band["low"], band["high"], *told, middle, len(seen), verdict])
    names = ["pattern", "unit", "low", "high", "median", "least", "most", "null_model", "replicates", "verdict"]
    return pd.DataFrame(rows, columns=names)
