"""By-products on the road: whether exchange falls with distance."""

import numpy as np
from numpy.typing import NDArray

from experiments.patterns.evidence import LAST, Evidence, Floats, micro
from sim.configuration.tables import load_table

STEPS = 30  # of Newton's method at most


def exchange_distance(evidence: Evidence) -> tuple[float, float]:
    """Slope of the log odds of exchange per kilometre, and with as many links of each stream by lot."""
    stream, kilometres, linked = candidate_pairs(evidence)
    drawn = np.zeros_like(linked)
    for one in np.unique(stream):
        places = np.flatnonzero(stream == one)
        drawn[evidence.random.choice(places, int(linked[places].sum()), replace=False)] = True
    return slope(stream, kilometres, linked), slope(stream, kilometres, drawn)


def candidate_pairs(evidence: Evidence) -> tuple[NDArray[np.int64], Floats, NDArray[np.bool_]]:
    """Stream, distance and whether something was passed on in 2025, of pairs served by lorry in streams with links."""
    world, table = evidence.world, load_table("streams")
    pairs, firms = world.candidates, world.firms
    stream = np.repeat(np.arange(len(pairs.pair_start) - 1), np.diff(pairs.pair_start))
    kilometres = np.hypot(
        firms.east[pairs.source] - firms.east[pairs.sink], firms.north[pairs.source] - firms.north[pairs.sink]
    )
    used = micro(evidence.base).by_product_links
    used = used[used["year"] == LAST]
    names = {str(name): place for place, name in enumerate(table["stream"])}
    keys = set(zip(used["stream"].astype(str).map(names), used["giver"], used["taker"], strict=True))
    givers, takers = firms.firm[pairs.source], firms.firm[pairs.sink]
    linked = np.array([key in keys for key in zip(stream.tolist(), givers.tolist(), takers.tolist(), strict=True)])
    lorry = is_by_lorry()[stream]
    some = np.bincount(stream, linked & lorry, len(table)) > 0
    kept = lorry & some[stream]
    return stream[kept].astype(np.int64), np.asarray(kilometres[kept], np.float64), linked[kept]


def is_by_lorry() -> NDArray[np.bool_]:
    """Which streams go by lorry."""
    return ~load_table("streams")["piped"].to_numpy(bool)


def slope(stream: NDArray[np.int64], kilometres: Floats, linked: NDArray[np.bool_]) -> float:
    """Coefficient of distance in a logistic regression with a constant for each stream, by Newton's method."""
    _, place = np.unique(stream, return_inverse=True)
    n = int(place.max()) + 1
    constant, per_km, centre = np.zeros(n), 0.0, kilometres - kilometres.mean()
    for _ in range(STEPS):
        odds = np.clip(constant[place] + per_km * centre, -30.0, 30.0)
        chance = 1.0 / (1.0 + np.exp(-odds))
        weight, miss = chance * (1.0 - chance), linked - chance
        own = np.maximum(np.bincount(place, weight, n), 1e-12)
        cross = np.bincount(place, weight * centre, n)
        pull = np.bincount(place, miss, n)
        curvature = float((weight * centre**2).sum() - (cross**2 / own).sum())
        step = (float((miss * centre).sum()) - float((cross * pull / own).sum())) / curvature
        per_km += step
        constant += np.clip((pull - cross * step) / own, -5.0, 5.0)
        if abs(step) < 1e-10:
            break
    return per_km
