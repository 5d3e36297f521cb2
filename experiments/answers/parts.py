"""What the answers are written with: a heading, a table, a figure, numbers of a sweep."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.comparing.differences import half_width
from experiments.languages import Say
from sim.results.variable_list import variable_named

REVENUE, EMISSIONS, YEAR, TARGET = "Revenue|Green Industry", "Emissions|CO2|Industry", 2025, 400.0
COST = "Policy Cost|Government"
SHORT = 12  # digits of a digest

Record = Mapping[str, Any]
Floats = NDArray[np.float64]


def heading(question: str, record: Record, say: Say, more: str = "") -> Iterator[str]:
    """The question, the command that was typed, how many runs it took and how long."""
    runs, spent = record.get("runs", 0), f"{record['seconds']:.0f}"
    told = [more] if more else []
    told += [say(f"运行{runs:,}次", f"{runs:,} runs")] if runs else []
    told += [say(f"用时{spent}秒", f"{spent} s"), f"`{record['code'][:SHORT]}`"]
    yield f"### {question}"
    yield ""
    yield f"`{record['command']}` · {' · '.join(told)}"
    yield ""


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A Markdown table, numbers to the right."""
    yield f"| {' | '.join(header)} |"
    yield f"| --- |{' ---: |' * (len(header) - 1)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def figure(name: str, zh: str, en: str, say: Say) -> Iterator[str]:
    """A figure of the page."""
    yield f"![{say(zh, en)}](figures/{name}.{say('zh', 'en')}.png)"
    yield ""


def name_of(variable: str, say: Say) -> str:
    """A variable with its unit."""
    told = variable_named(variable)
    return say(f"{told.name_zh}，{told.unit}", f"{told.name_en}, {told.unit}")


def percent(value: float) -> str:
    """A share."""
    return f"{100 * value:.0f} %"


def number(value: float) -> str:
    """A setting, whatever its size."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def span(middle: float, low: float, high: float, digits: int = 1, sign: str = "+") -> str:
    """A number with its interval."""
    first, *ends = (f"{value:{sign},.{digits}f}" for value in (middle, low, high))
    return f"{first} ({' … '.join(ends)})"


def values(folder: Path, variable: str) -> pd.DataFrame:
    """A variable of a sweep in the year, points down, replicates across."""
    years = pd.read_csv(folder / "years.csv")
    rows = years[(years["period"] == YEAR) & (years["variable"] == variable)]
    return rows.pivot(index="point", columns="replicate", values="value")


def paired(found: pd.DataFrame, point: int, against: int) -> tuple[float, float, float]:
    """The mean difference of two points over replicates, and its 95 % interval."""
    difference = found.loc[point].to_numpy(np.float64) - found.loc[against].to_numpy(np.float64)
    mean, half = float(difference.mean()), float(half_width(difference[:, None])[0])
    return mean, mean - half, mean + half


def settings(folder: Path) -> pd.DataFrame:
    """What the points of a sweep set."""
    return pd.read_csv(folder / "runs.csv").drop_duplicates("point").set_index("point")
