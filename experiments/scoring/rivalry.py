"""Rivals of each frozen variable: from the district's own facts where they reach, else with growth lent by a series."""

from functools import cache

import numpy as np
import pandas as pd
from scipy.stats import norm

from experiments.scoring.rivals import RIVALS, Miss, Series, back_tests, ranking
from experiments.scoring.scored import LAST_KNOWN, Floats, Scored, back, scored_variables, stretched
from sim.configuration.tables import load_table

LEVELS = np.arange(0.5, 100.0) / 100.0  # of the quantiles that stand for a rival's forecast
FEWEST_OWN = 3  # facts of the district with which nothing is lent
EDGES = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}


@cache
def history() -> dict[str, Series]:
    """Every series of configs/tables/history.csv by name."""
    found = {}
    table = load_table("history").sort_values(["series", "year"])
    for name, rows in table.groupby("series", sort=True):
        kind, unit = str(rows["class"].iloc[0]), str(rows["unit"].iloc[0])
        years, values = rows["year"].to_numpy(np.float64), rows["value"].to_numpy(np.float64)
        found[str(name)] = Series(str(name), kind, years, stretched(unit, values))
    return found


@cache
def misses() -> tuple[Miss, ...]:
    """All back-tests up to 2021."""
    return tuple(back_tests(list(history().values())))


def selection() -> pd.DataFrame:
    """How rivals did on facts up to 2021, by class: the table that they are chosen by."""
    rows = []
    for kind in sorted({one.kind for one in history().values()}):
        for place, (name, error, spread, own) in enumerate(ranking(list(misses()), kind), 1):
            cases = [miss for miss in misses() if miss.kind == kind and miss.rival == name]
            rows.append([kind, name, place, error, spread, len(cases), own, len({miss.series for miss in cases})])
    names = ["class", "rival", "place", "error", "spread", "forecasts", "own_forecasts", "series"]
    return pd.DataFrame(rows, columns=names)


def basis(one: Scored, simulated: float) -> tuple[Series, float, str]:
    """What a variable's rivals start from: years and places, the level of the last year, and where it comes from.

    Args:
        one: the variable.
        simulated: its simulated median of 2021, used where the district never published a number.

    Returns:
        A series that ends at the level, the level itself, and `fact` or `simulated`.
    """
    own, lent = history().get(one.variable), history().get(one.like)
    fact = own is not None
    if own is None:
        own = Series(one.variable, one.kind, np.array([float(LAST_KNOWN)]), stretched(one.unit, np.array([simulated])))
    level = float(back(one.unit, own.places[-1:])[0])
    if lent is None or len(own.years) >= FEWEST_OWN:
        return own, level, "fact" if fact else "simulated"
    moved = lent.places + own.places[-1] - lent.places[-1]
    years = lent.years + own.years[-1] - lent.years[-1]
    return Series(one.variable, one.kind, years, moved), level, "fact" if fact else "simulated"


def rival_table(simulated: dict[str, float], years: list[int]) -> pd.DataFrame:
    """Forecasts of every rival for every variable and year.

    Args:
        simulated: median of 2021 by variable.
        years: that are forecast.
    """
    judged = {(row["class"], row["rival"]): row for row in selection().to_dict("records")}
    rows = []
    for one in scored_variables():
        series, _, origin = basis(one, simulated[one.variable])
        wanted = np.array(years, np.float64)
        paths = {name: rival(series.years, series.places, wanted) for name, rival in RIVALS.items()}
        there = [name for name, path in paths.items() if path is not None]
        best = min(there, key=[row["rival"] for row in judged.values() if row["class"] == one.kind].index)
        for name in there:
            path, spread = paths[name], float(judged[(one.kind, name)]["spread"])
            assert path is not None
            for year, place in zip(years, path, strict=True):
                width = spread * np.sqrt(year - series.years[-1])
                edges = back(one.unit, place + width * norm.ppf(list(EDGES.values())))
                told = [one.variable, name, year, one.unit, origin, name == best, float(place), float(width)]
                rows.append([*told, *edges.tolist()])
    names = ["variable", "rival", "year", "unit", "base", "chosen", "place", "width", *EDGES]
    return pd.DataFrame(rows, columns=names)


def rival_draws(unit: str, place: float, width: float) -> Floats:
    """A rival's forecast as equally likely values."""
    return back(unit, place + width * np.asarray(norm.ppf(LEVELS)))
