"""A frozen forecast at a glance: a dozen variables with their bands, and the naive rival that each has to beat."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.colours import INK, SERIES, SOFT
from experiments.figures.sheet import sheet
from experiments.languages import Language, Say, speaker
from sim.results.variable_list import variable_named

SHOWN = {  # with titles that fit
    "Revenue|Green Industry": ("绿色产业营收（规划口径）", "green revenue, scope of the plan"),
    "Revenue|Green Industry|Manufacturing": ("绿色制造业营收", "green revenue, manufacturing"),
    "GDP": ("地区生产总值", "district product"),
    "Output by Group|Equipment": ("装备产业产出", "output of equipment"),
    "Output by Group|Materials": ("材料产业产出", "output of materials"),
    "Investment|Technical Renovation": ("工业技改投资", "technical renovation"),
    "Energy per GDP": ("万元地区生产总值能耗", "energy per district product"),
    "Final Energy|Industry|Above Scale": ("规上工业能源", "energy of industry above scale"),
    "Emissions|CO2|Industry": ("工业CO2", "CO2 of industry"),
    "Capacity|PV": ("光伏装机", "PV capacity"),
    "Certificates|Municipal Green Factory": ("市级绿色工厂", "municipal green factories"),
    "By-products|Linkage Degree": ("园区关联度", "linkage degree of the parks"),
}
COLUMNS = 3
BANDS = (("p5", "p95", 0.15), ("p25", "p75", 0.28))
FIRST = "as_of_2021"


def frozen_figure(forecast: pd.DataFrame, rivals: pd.DataFrame, frozen_on: str, language: Language) -> Figure:
    """Bands of the forecast as of 2021, and the chosen rival of each variable."""
    say = speaker(language)
    replicates, scenario = int(forecast["replicates"].iloc[0]), str(forecast["scenario"].iloc[0])
    n_variables = forecast["variable"].nunique()
    drawn = sheet(
        language,
        say("冻结的预测", "The frozen forecast"),
        say(
            f"{frozen_on}冻结，情景 {scenario}，{replicates}次重复；共{n_variables}个变量，此处为其中{len(SHOWN)}个",
            f"Frozen on {frozen_on}, scenario {scenario}, {replicates} replicates; {len(SHOWN)} of its {n_variables}"
            " variables",
        ),
        [
            say(
                "线与带：只知2021年的预测之中位数、50%与90%；虚线：给定其后价格与政策的中位数。",
                "Line and bands: median, 50 and 90 % as of 2021; dashed: median given later prices and policies.",
            ),
            say(
                "方块与细线：按2021年前数据挑选的朴素对手之中位数与90%。"
                "金额为现价，产出与地区生产总值为2020年价；2021年为起点，不评分。",
                "Square and thin line: median and 90 % of the naive rival chosen on data up to 2021. Money at current "
                "prices, output and district product at prices of 2020; 2021 is the base and is not scored.",
            ),
        ],
        rows=len(SHOWN) // COLUMNS,
        columns=COLUMNS,
        height=1.45,
        gap=(0.75, 0.72),
        left=0.75,
    )
    for axis, variable in zip(drawn.axes.ravel(), SHOWN, strict=True):
        draw_variable(axis, forecast[forecast["variable"] == variable], rivals[rivals["variable"] == variable])
        axis.set_title(title(variable, say), fontsize=8.5, pad=5)
    return drawn.figure


def draw_variable(axis: Axes, rows: pd.DataFrame, rivals: pd.DataFrame) -> None:
    """One variable."""
    mine = rows[rows["information"] == FIRST].sort_values("year")
    years = mine["year"].to_numpy(np.int64)
    for lower, upper, alpha in BANDS:
        axis.fill_between(years, mine[lower], mine[upper], color=SERIES[0], alpha=alpha, linewidth=0)
    axis.plot(years, mine["p50"], color=SERIES[0], linewidth=1.6)
    for _, other in rows[rows["information"] != FIRST].sort_values("year").groupby("information"):
        axis.plot(other["year"], other["p50"], color=INK, linewidth=0.9, linestyle=(0, (3, 2)))
    chosen: list[dict[Any, Any]] = rivals[rivals["chosen"].astype(str).str.lower() == "true"].to_dict("records")
    for row in chosen:
        axis.vlines(row["year"] + 0.12, row["p5"], row["p95"], color=SERIES[1], linewidth=1.0)
        axis.plot(row["year"] + 0.12, row["p50"], "s", color=SERIES[1], markersize=3.2)
    inside = float(mine["p95"].max() - mine["p5"].min()) or abs(float(mine["p50"].max())) or 1.0
    medians = [float(row["p50"]) for row in chosen]
    low, high = min([float(mine["p5"].min()), *medians]), max([float(mine["p95"].max()), *medians])
    axis.set_ylim(low - 0.25 * inside, high + 0.25 * inside)  # rivals' bands may leave the sheet
    axis.set_xticks(years)
    axis.set_xlim(years[0] - 0.15, years[-1] + 0.3)
    axis.tick_params(labelsize=7.5, labelcolor=SOFT)


def title(variable: str, say: Say) -> str:
    """Name and unit of a variable."""
    name, unit = say(*SHOWN[variable]), variable_named(variable).unit
    return name if unit in ("share", "firm") else say(f"{name}，{unit}", f"{name}, {unit}")
