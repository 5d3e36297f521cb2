"""The plan's eighteen indicators: target, readings, what moves them, and the forecast by year.

Every indicator is made from one variable by one of four methods (configs/tables/indicators.csv). What no firm decides
on is a declared prior; the tag says how far the model makes the rest, and a probability rests on the same ground.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from agents.firm import Flags, Floats
from sim.configuration.periods import FIRST_YEAR
from sim.configuration.tables import load_table
from sim.results.district import district
from sim.results.parts import Part
from sim.results.probability import probability
from sim.results.revenue import target_year
from sim.results.targets import HEADLINE
from sim.results.tidy import QUANTILES, joined

READINGS = ("main", "alternative")
BASIS = {"endogenous": "simulated", "partial": "partly assumed", "exogenous": "assumed"}
TEXTS = ["tag", "drivers", "reason_zh", "reason_en", "footnote_zh", "footnote_en"]
YEAR_COLUMNS = ["scenario", "indicator", "reading", "year", "unit", "mean", *QUANTILES]


def indicators(parts: Sequence[Part]) -> pd.DataFrame:
    """Each scenario's forecast of each indicator and reading in the target year.

    Returns:
        scenario, indicator, reading, names, unit, target, sense, year, mean, quantiles, p_hit with its interval and
        what it rests on, drivers, and the table's words. Numbers are empty where the run does not hold the year.
    """
    return joined([pd.DataFrame([_row(part, *one) for one in _readings()]) for part in parts])


def indicator_years(parts: Sequence[Part]) -> pd.DataFrame:
    """Each scenario's forecast of each indicator and reading in every complete year."""
    rows = [row for part in parts for one in _readings() for row in _year_rows(part, *one)]
    return joined([pd.DataFrame(rows, columns=YEAR_COLUMNS)])


def _readings() -> Iterator[tuple[Any, str]]:
    """Every indicator with each of its readings."""
    for row in load_table("indicators").itertuples():
        for reading in READINGS:
            if reading == "main" or row.reading_alternative_en:
                yield row, reading


def of_reading(row: Any, name: str, reading: str) -> Any:
    """A cell of the table in one of its readings."""
    return getattr(row, name if reading == "main" else f"{name}_alternative")


def _row(part: Part, row: Any, reading: str) -> dict[str, Any]:
    main = reading == "main"
    year = target_year(part.replicates[0].rules)
    target = target_of(row, main, part)
    values = forecast(part, row, reading, year) if year in part.years else None
    told = {
        "scenario": part.scenario.name,
        "indicator": row.indicator,
        "reading": reading,
        "row": row.row,
        "name_zh": row.name_zh,
        "name_en": row.name_en,
        "reading_zh": row.reading_zh if main else row.reading_alternative_zh,
        "reading_en": row.reading_en if main else row.reading_alternative_en,
        "unit": row.unit,
        "value_2020": known(row, "value_2020", reading),
        "value_2021": known(row, "value_2021", reading),
        "year": year,
        "sense": row.sense,
        "target": target,
        "p_hit_basis": BASIS[row.tag] if row.sense != "none" else "",
    }
    statistics = spread(values) | odds(hits(values, row.sense, target), part)
    return told | statistics | {name: getattr(row, name) for name in TEXTS}


def known(row: Any, name: str, reading: str) -> float:
    """A published value; the second reading has its own only where the plan prints two numbers."""
    own = float(of_reading(row, name, reading))
    return own if not np.isnan(own) or reading == "main" else float(getattr(row, name))


def _year_rows(part: Part, row: Any, reading: str) -> Iterator[list[Any]]:
    for year in part.years:
        values = forecast(part, row, reading, year)
        told = spread(values)
        yield [part.scenario.name, row.indicator, reading, year, row.unit, *told.values()]


def target_of(row: Any, main: bool, part: Part) -> float:
    """What the plan wants in this reading; the headline as configs/revenue.yaml has it."""
    if row.indicator == HEADLINE:
        return part.replicates[0].rules.target
    return float(row.target_2025 if main else row.target_alternative)


def spread(values: Floats | None) -> dict[str, float]:
    """Mean and quantiles of a forecast; not a number where there is none."""
    if values is None:
        return dict.fromkeys(["mean", *QUANTILES], np.nan)
    return {"mean": float(values.mean())} | {name: float(np.quantile(values, at)) for name, at in QUANTILES.items()}


def odds(hit: Flags | None, part: Part) -> dict[str, float]:
    """P(hit) with its interval; not a number where there is nothing to hit."""
    names = ("p_hit", "p_low", "p_high")
    if hit is None:
        return dict.fromkeys(names, np.nan)
    return dict(zip(names, probability(hit, part.replicates[0].rules.confidence)[:3], strict=True))


def hits(values: Floats | None, sense: str, target: float) -> Flags | None:
    """Which replicates reach a target; none without forecast, target or a sense."""
    if values is None or np.isnan(target) or sense == "none":
        return None
    return values >= target if sense == "at_least" else values <= target


def forecast(part: Part, row: Any, reading: str, year: int) -> Floats:
    """Values of an indicator in a complete year by replicate, in its unit."""
    variable, method = of_reading(row, "variable", reading), of_reading(row, "method", reading)
    if method == "cumulated":
        return float(row.value_2021) + cumulated(part, variable, year)
    if method == "value":
        return part.values(variable, year)
    first, since = fall_of_2021(part, row), fall_since_2021(part, variable, year)
    return first + since if method == "fall_added" else 1.0 - (1.0 - first) * (1.0 - since)


def fall_of_2021(part: Part, row: Any) -> Floats:
    """The published fall of 2021, by replicate; for CO2, where none is printed, that of the prior."""
    if not np.isnan(row.value_2021):
        return np.full(len(part.replicates), float(row.value_2021))
    central, seed = part.scenario.parameters == "central", part.scenario.seed
    draws = [None if central else one.replicate for one in part.replicates]
    return np.array([district(seed, draw).co2_fall_2021 for draw in draws])


def fall_since_2021(part: Part, variable: str, year: int) -> Floats:
    """Simulated fall from 2021 to a year, share."""
    return 1.0 - part.values(variable, year) / part.values(variable, FIRST_YEAR)


def cumulated(part: Part, variable: str, year: int) -> Floats:
    """Sum of a flow from the first year of the plan."""
    total = np.zeros(len(part.replicates))
    for one in range(FIRST_YEAR + 1, year + 1):
        total = total + part.values(variable, one)
    return total
