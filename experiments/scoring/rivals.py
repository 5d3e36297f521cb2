"""Naive rivals: what anybody could forecast from a few published numbers up to 2021, and how wrong that has been.

Each works on logs (log odds of shares). A rival that has too few points for its method is not there, and a series of
one point has persistence alone. Source: Bass 1969 and Fisher and Pry 1971 for the S-curve.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.optimize import curve_fit
from scipy.stats import linregress

from experiments.scoring.scored import Floats

Path = Callable[[Floats, Floats, Floats], Floats | None]  # years, places, years wanted -> places, or None

FEWEST_FOR_CURVE = 4  # points of an S-curve with three numbers
FEWEST_FOR_RETURNS = 5  # points of a first-order autoregression of growth
STEEPEST = 3.0  # log points a year
HIGHEST = 3.0  # log points that a ceiling may lie above the last value
LONGEST = 4  # years ahead that back-tests look


class Series(NamedTuple):
    """Yearly values up to 2021, on the scale that rivals work on."""

    name: str
    kind: str
    years: Floats
    places: Floats


def persistence(years: Floats, places: Floats, wanted: Floats) -> Floats | None:
    """The last value stays."""
    return np.full(len(wanted), places[-1])


def drift(years: Floats, places: Floats, wanted: Floats) -> Floats | None:
    """The mean yearly change from the first value to the last goes on."""
    if len(years) < 2:
        return None
    slope = (places[-1] - places[0]) / (years[-1] - years[0])
    return np.asarray(places[-1] + slope * (wanted - years[-1]))


def log_linear(years: Floats, places: Floats, wanted: Floats) -> Floats | None:
    """The least-squares line goes on."""
    if len(years) < 3:
        return None
    line = linregress(years, places)
    return np.asarray(line.intercept + line.slope * wanted)


def logistic(years: Floats, places: Floats, wanted: Floats) -> Floats | None:
    """An S-curve towards a ceiling, fitted to logs, through the last value."""
    if len(years) < FEWEST_FOR_CURVE:
        return None

    def curve(year: Floats, ceiling: float, rate: float, middle: float) -> Floats:
        return np.asarray(ceiling - np.logaddexp(0.0, -rate * (year - middle)))

    top = float(places.max())
    start = (top + 0.7, 0.3, float(years[-1]))
    bounds = ((top, 1e-3, years[0] - 40.0), (top + HIGHEST, STEEPEST, years[-1] + 40.0))
    try:
        found, _ = curve_fit(curve, years, places, start, bounds=bounds, max_nfev=4000)
    except RuntimeError:  # no fit within the tries
        return None
    return np.asarray(curve(wanted, *found) + places[-1] - curve(years[-1:], *found)[0])


def autoregression(years: Floats, places: Floats, wanted: Floats) -> Floats | None:
    """Growth follows its own last value (AR(1)); needs years without gaps."""
    if len(years) < FEWEST_FOR_RETURNS or np.any(np.diff(years) != 1.0):
        return None
    growth = np.diff(places)
    if np.ptp(growth[:-1]) == 0.0:
        return None
    line = linregress(growth[:-1], growth[1:])
    slope = float(np.clip(line.slope, -0.95, 0.95))
    mean = float(growth.mean())
    ahead, place, last, path = round(wanted[-1] - years[-1]), float(places[-1]), float(growth[-1]), {}
    for step in range(1, ahead + 1):
        last = mean + slope * (last - mean)
        place += last
        path[float(years[-1] + step)] = place
    return np.array([path.get(float(year), float(places[-1])) for year in wanted])


RIVALS: dict[str, Path] = {
    "persistence": persistence,
    "drift": drift,
    "log_linear": log_linear,
    "logistic": logistic,
    "autoregression": autoregression,
}


class Miss(NamedTuple):
    """How wrong a rival was once, on the scale that it works on."""

    series: str
    kind: str
    rival: str
    ahead: int  # years
    error: float  # forecast less fact
    own: bool  # false where it had too few points and said what persistence says


def back_tests(series: list[Series]) -> list[Miss]:
    """Forecast every later point of every series from its first points, by every rival."""
    misses = []
    for one in series:
        for known in range(1, len(one.years)):
            later = one.years[known:]
            near = later[later <= one.years[known - 1] + LONGEST]
            for name, rival in RIVALS.items():
                path = rival(one.years[:known], one.places[:known], near) if len(near) else np.zeros(0)
                own = path is not None
                told = path if path is not None else persistence(one.years[:known], one.places[:known], near)
                assert told is not None
                for year, place, fact in zip(near, told, one.places[known:], strict=False):
                    ahead = round(year - one.years[known - 1])
                    misses.append(Miss(one.name, one.kind, name, ahead, float(place - fact), own))
    return misses


def spread_of(misses: list[Miss]) -> float:
    """Standard error of a forecast one year ahead; that of h years ahead is √h times as much."""
    return float(np.sqrt(np.mean([miss.error**2 / miss.ahead for miss in misses])))


def ranking(misses: list[Miss], kind: str) -> list[tuple[str, float, float, int]]:
    """Rivals of a class, the best first: name, mean absolute error per √year, spread, forecasts of its own.

    All are judged on the same forecasts; where one has too few points it says what persistence says.
    """
    found = []
    for name in RIVALS:
        mine = [miss for miss in misses if miss.kind == kind and miss.rival == name]
        if mine:
            error = float(np.mean([abs(miss.error) / np.sqrt(miss.ahead) for miss in mine]))
            found.append((name, error, spread_of(mine), sum(miss.own for miss in mine)))
    return sorted(found, key=lambda row: row[1])
