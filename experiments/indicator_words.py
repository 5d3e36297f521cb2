"""The plan's indicators in words: values in their unit, and how likely a hit is in three steps."""

from typing import Any, NamedTuple

import pandas as pd

from experiments.languages import Say

PERCENT = 100.0
UNITS = {"share": " %", "t": " t", "MW": " MW", "kg/mu": " kg", "亿元/yr": " 亿元"}
DECIMALS = {"share": 1, "t": 0, "MW": 0, "kg/mu": 2, "亿元/yr": 0}
SENSES = {"at_least": "≥ ", "at_most": "≤ ", "none": ""}


class Light(NamedTuple):
    """A step of likelihood: from which chance on, its name, its colour and sign."""

    least: float
    name: tuple[str, str]
    colour: str
    marker: str  # of matplotlib
    sign: str  # in text


# Told apart without colours, too.
LIGHTS = (
    Light(2.0 / 3.0, ("可能达标", "likely"), "#00798c", "o", "●"),
    Light(1.0 / 3.0, ("难以判断", "open"), "#edae49", "D", "◐"),
    Light(0.0, ("可能不达标", "unlikely"), "#d1495b", "X", "○"),
)
BASIS_SIGNS = {"simulated": "", "partly assumed": "*", "assumed": "**"}


def light(chance: float) -> Light | None:
    """The step that a chance falls into; none without one."""
    return None if pd.isna(chance) else next(one for one in LIGHTS if chance >= one.least)


def valued(value: float, unit: str, with_unit: bool = True) -> str:
    """A value of an indicator for readers; shares in per cent."""
    shown = PERCENT * value if unit == "share" else value
    return f"{shown:,.{DECIMALS[unit]}f}{UNITS[unit] if with_unit else ''}"


def target_words(row: Any, say: Say) -> str:
    """What the plan wants of an indicator."""
    if pd.isna(row.target):
        return say("未列", "none printed")
    return f"{SENSES[row.sense]}{valued(row.target, row.unit)}"


def range_words(row: Any) -> str:
    """Median and 5–95 % of a forecast."""
    low, middle, high = (valued(value, row.unit, with_unit=False) for value in (row.p5, row.p50, row.p95))
    return middle if low == high else f"{middle} ({low}–{high})"


def told(indicators: pd.DataFrame) -> pd.DataFrame:
    """The rows of the first reading that hold a forecast, in the order of the plan."""
    rows = indicators[(indicators["reading"] == "main") & indicators["p50"].notna()]
    return rows.astype({"scenario": str}).sort_values(["row"], kind="stable")
