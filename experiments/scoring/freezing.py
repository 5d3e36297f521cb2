"""Freezing a forecast: every scored variable by year and state of knowledge, as replicates and as quantiles.

The forecast as of 2021 is the one that counts as a forecast; the conditional one, which is told the prices, rates and
policies that came, tests mechanisms. They are never pooled.
"""

from typing import Any

import numpy as np
import pandas as pd

from experiments.scoring.rivalry import rival_table
from experiments.scoring.scored import LAST_KNOWN, scored_variables
from sim.configuration.table_schema import Column, Constraints, TableSchema
from sim.results.bundle import bundle_schema
from sim.results.parts import Part
from sim.scenario import INFORMATION

DIGITS = 6  # that a frozen number keeps
QUANTILES = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
KEY = ["information", "variable", "year"]


def frozen_numbers(part: Part, information: str) -> pd.DataFrame:
    """Every replicate of every scored variable: information, variable, year, unit, then a column for each replicate."""
    rows = []
    for one in scored_variables():
        for year in part.years:
            values = [rounded(value) for value in part.values(one.variable, year).tolist()]
            rows.append([information, one.variable, year, one.unit, *values])
    return pd.DataFrame(rows, columns=[*KEY, "unit", *replicate_names(part)])


def replicate_names(part: Part) -> list[str]:
    """`r000` for replicate 0, and so on."""
    return [f"r{one.replicate:03d}" for one in part.replicates]


def rounded(value: float) -> float:
    """A value to the digits that a frozen number keeps."""
    return float(f"{value:.{DIGITS}g}")


def replicates_of(numbers: pd.DataFrame) -> np.ndarray:
    """The replicates of each row, shape (n_rows, n_replicates)."""
    return numbers[[name for name in numbers.columns if name[0] == "r" and name[1:].isdigit()]].to_numpy(np.float64)


def forecast_table(numbers: pd.DataFrame, scenario: str) -> pd.DataFrame:
    """Mean, spread and quantiles of the frozen replicates, with scope, prices and how many replicates they rest on."""
    told = {one.variable: one for one in scored_variables()}
    values = replicates_of(numbers)
    frame = numbers[[*KEY, "unit"]].copy()
    frame["role"] = np.where(frame["year"] <= LAST_KNOWN, "base", "forecast")
    frame["scenario"] = scenario
    for name in ("scope_zh", "scope_en", "price_base"):
        frame[name] = [getattr(told[variable], name) for variable in frame["variable"]]
    frame["replicates"] = values.shape[1]
    frame["mean"] = [rounded(value) for value in values.mean(axis=1)]
    frame["spread"] = [rounded(value) for value in values.std(axis=1, ddof=1)] if values.shape[1] > 1 else 0.0
    for name, level in QUANTILES.items():
        frame[name] = [rounded(value) for value in np.quantile(values, level, axis=1)]
    return frame


def frozen_rivals(forecast: pd.DataFrame) -> pd.DataFrame:
    """Naive rivals of every scored variable, which know what the forecast as of 2021 knew."""
    rows = forecast[forecast["information"] == INFORMATION[0]]
    base = rows[rows["year"] == LAST_KNOWN].set_index("variable")["p50"].astype(float).to_dict()
    years = sorted({int(year) for year in rows["year"] if year > LAST_KNOWN})
    table = rival_table({str(name): float(value) for name, value in base.items()}, years)
    for name in ("place", "width", *QUANTILES):
        table[name] = [rounded(value) for value in table[name]]
    return table


def numbers_schema(numbers: pd.DataFrame) -> TableSchema:
    """The schema of replicates.csv: a column for each replicate after those of configs/bundle/."""
    schema = bundle_schema("frozen_replicates")
    extra: list[Any] = [
        Column(
            name=name,
            type="number",
            unit="row unit",
            title_zh=f"重复{int(name[1:])}",
            title_en=f"Replicate {int(name[1:])}",
            constraints=Constraints(required=True),
        )
        for name in numbers.columns
        if name not in schema.names
    ]
    return schema.model_copy(update={"fields": [*schema.fields, *extra]})
