"""The plan's eighteen indicators in one picture: target, forecast, and a light for the chance of a hit."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.captions import notes, scenario_title
from experiments.colours import FAINT, INK, PAPER, SOFT
from experiments.figures.sheet import sheet
from experiments.indicator_words import LIGHTS, light, range_words, target_words, told
from experiments.languages import Language, Say, speaker
from experiments.results import Results

LINE = 0.235  # inches for an indicator
NAME, TARGET, FIRST, LAST = 0.035, 0.385, 0.43, 1.0  # places across the sheet, shares of its width
SIZE = 8.5


def indicators(results: Results, language: Language) -> Figure:
    """One line for each indicator, one column for each scenario."""
    say, table = speaker(language), told(results.indicators)
    rows = table.drop_duplicates("indicator")
    drawn = sheet(
        language,
        say("规划十八项指标", "The eighteen indicators of the plan"),
        say(
            f"{results.target_year}年模拟中位数（5%–95%）与达标概率；实心为模拟，空心为该概率全凭假设",
            f"Median (5–95 %) in {results.target_year} and chance of a hit; filled marks are simulated at least in "
            "part, hollow ones rest on assumptions alone",
        ),
        notes(results, say, *remarks(say)),
        height=LINE * (len(rows) + 1.6),
        ticks=0.1,
        left=0.3,
    )
    axis = drawn.axes[0, 0]
    axis.set_axis_off()
    axis.set_xlim(0, 1)
    axis.set_ylim(len(rows) - 0.4, -2)
    for place, row in enumerate(rows.itertuples()):
        write_line(axis, place, row, say)
    write_columns(axis, table, list(rows["indicator"]), results, say)
    return drawn.figure


def remarks(say: Say) -> list[str]:
    """What marks stand for."""
    names = say("、".join(one.name[0] for one in LIGHTS), ", ".join(one.name[1] for one in LIGHTS))
    return [
        say(
            f"标记：圆、菱、叉依次为{names}（概率以三分之二与三分之一为界）。两种口径、依据与脚注见 "
            "indicators.csv，逐年值见 indicator_years.csv。",
            f"Circle, diamond and cross: {names}, with limits at two thirds and one third. Both readings, what each "
            "rests on and footnotes stand in indicators.csv, years in indicator_years.csv.",
        )
    ]


def write_line(axis: Axes, place: int, row: Any, say: Say) -> None:
    """Number, name and target of one indicator."""
    axis.axhline(place + 0.5, color=FAINT, linewidth=0.5)
    axis.text(0.0, place, str(row.row), size=SIZE, va="center", color=SOFT)
    axis.text(NAME, place, say(row.name_zh, row.name_en), size=SIZE, va="center", color=INK)
    axis.text(TARGET, place, target_words(row, say), size=SIZE, va="center", ha="right", color=INK)


def write_columns(axis: Axes, table: pd.DataFrame, order: list[str], results: Results, say: Say) -> None:
    """Forecasts and lights of every scenario."""
    axis.text(TARGET, -1, say("目标", "target"), size=SIZE, va="center", ha="right", color=SOFT)
    width = (LAST - FIRST) / len(results.branches)
    for column, branch in enumerate(results.branches):
        left = FIRST + column * width
        axis.text(left, -1, scenario_title(branch.name, say), size=SIZE, va="center", color=SOFT)
        of_scenario = table[table["scenario"] == branch.name].set_index("indicator")
        for place, indicator in enumerate(order):
            write_cell(axis, left, width, place, of_scenario.loc[indicator])


def write_cell(axis: Axes, left: float, width: float, place: int, row: Any) -> None:
    """A light, its chance and the forecast."""
    step = light(row.p_hit)
    if step is not None:
        face = PAPER if row.p_hit_basis == "assumed" else step.colour
        axis.plot(left + 0.008, place, step.marker, color=step.colour, markerfacecolor=face, markersize=6)
        axis.text(left + 0.062, place, f"{100 * row.p_hit:.0f} %", size=SIZE, va="center", ha="right", color=INK)
    if width > 0.15:
        axis.text(left + 0.075, place, range_words(row), size=SIZE - 1, va="center", color=SOFT)
