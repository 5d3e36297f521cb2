"""The plan's eighteen indicators: target, readings, and the forecast where this release makes one.

An indicator that is not modelled says so and has no number. Source: configs/tables/indicators.csv.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from agents.firm import Flags, Floats
from sim.configuration.tables import load_table
from sim.results.parts import Part
from sim.results.probability import probability
from sim.results.revenue import target_year
from sim.results.targets import HEADLINE
from sim.results.tidy import QUANTILES, joined

FIRST_PLAN_YEAR = 2022
READINGS = ("main", "alternative")
CUMULATED = ("nox_reduction", "voc_reduction", "cod_reduction", "ammonia_reduction")
TEXTS = ["tag", "modelled", "reason_zh", "reason_en", "footnote_zh", "footnote_en"]

Forecast = Callable[[Part, Any, str], Floats]


def indicators(parts: Sequence[Part]) -> pd.DataFrame:
    """Each scenario's forecast of each indicator and reading.

    Returns:
        scenario, indicator, reading, names, unit, target, sense, year, n, mean, quantiles, p_hit with its interval, and
        the table's own words on what is and is not modelled. Numbers are empty where there is no forecast.
    """
    return joined([pd.DataFrame(list(_rows(part))) for part in parts])


def _rows(part: Part) -> Iterator[dict[str, Any]]:
    for row in load_table("indicators").itertuples():
        for reading in READINGS:
            if reading == "main" or row.reading_alternative_en:
                yield _row(part, row, reading)


def _row(part: Part, row: Any, reading: str) -> dict[str, Any]:
    main = reading == "main"
    year = target_year(part.replicates[0].rules)
    target = target_of(row, main, part)
    values = forecast(part, row, reading, year)
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
        "value_2020": row.value_2020,
        "value_2021": row.value_2021,
        "year": year,
        "sense": row.sense,
        "target": target,
    }
    return (
        told | statistics(values, hits(values, row.sense, target), part) | {name: getattr(row, name) for name in TEXTS}
    )


def target_of(row: Any, main: bool, part: Part) -> float:
    """What the plan wants in this reading; the headline as configs/revenue.yaml has it."""
    if row.indicator == HEADLINE:
        return part.replicates[0].rules.target
    return float(row.target_2025 if main else row.target_alternative)


def statistics(values: Floats | None, hit: Flags | None, part: Part) -> dict[str, float]:
    """Mean, quantiles and P(hit) of a forecast; not a number where there is none."""
    told = dict.fromkeys(["mean", *QUANTILES, "p_hit", "p_low", "p_high"], np.nan)
    if values is not None:
        told["mean"] = float(values.mean())
        told |= {name: float(np.quantile(values, share)) for name, share in QUANTILES.items()}
    if hit is not None:
        told |= zip(
            ("p_hit", "p_low", "p_high"), probability(hit, part.replicates[0].rules.confidence)[:3], strict=True
        )
    return told


def hits(values: Floats | None, sense: str, target: float) -> Flags | None:
    """Which replicates reach a target; none without forecast, target or a sense."""
    if values is None or np.isnan(target) or sense == "none":
        return None
    return values >= target if sense == "at_least" else values <= target


def forecast(part: Part, row: Any, reading: str, year: int) -> Floats | None:
    """Values of an indicator in the target year by replicate, in its unit; None where it is not modelled."""
    if not row.modelled or year not in part.years:
        return None
    if row.indicator == "energy_per_gdp":
        return fall_since_2020(part, "Energy per GDP", float(row.value_2021), year)
    variable = row.variable if reading == "main" or not row.variable_alternative else row.variable_alternative
    if row.indicator in CUMULATED:
        return float(row.value_2021) + cumulated(part, variable, year)
    return part.values(variable, year)


def fall_since_2020(part: Part, variable: str, fall_2021: float, year: int) -> Floats:
    """Fall since 2020, share: the published fall of 2021 and the simulated one since, chained."""
    ratio = part.values(variable, year) / part.values(variable, FIRST_PLAN_YEAR - 1)
    return 1.0 - (1.0 - fall_2021) * ratio


def cumulated(part: Part, variable: str, year: int) -> Floats:
    """Sum of a flow from the first year of the plan."""
    total = np.zeros(len(part.replicates))
    for one in range(FIRST_PLAN_YEAR, year + 1):
        total = total + part.values(variable, one)
    return total
