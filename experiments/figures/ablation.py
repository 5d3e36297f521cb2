"""What the forecast rests on: revenue without each mechanism, and where the width of its band comes from."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.colours import FAINT, INK, SERIES, SOFT
from experiments.figures.sheet import sheet
from experiments.languages import Language, Say, speaker
from experiments.structure.ablation import FULL, TARGET, YEAR
from sim.configuration.parameters import load_declarations

FACTOR_NAMES = {
    "population": ("企业总体", "population"),
    "parameters": ("参数", "parameters"),
    "chance": ("偶然", "chance"),
    "structure": ("模型结构", "structure"),
}


def ablation_figure(table: pd.DataFrame, variance: pd.DataFrame, language: Language) -> Figure:
    """Left: the band of 2025 without each mechanism; right: shares of variance."""
    say = speaker(language)
    replicates = int(table["replicates"].iloc[0])
    drawn = sheet(
        language,
        say("预测依赖什么", "What the forecast rests on"),
        say(
            f"{YEAR}年绿色产业营收（规划口径，亿元，现价）：左为逐一关闭机制后的中位数与5%–95%（{replicates}次成对重复），右为方差来源",
            f"Green revenue of {YEAR} (scope of the plan, 亿元, current prices). Left: median and 5 to 95 % with each "
            f"mechanism off ({replicates} paired replicates). Right: where the variance comes from",
        ),
        [
            say(
                "虚线为规划目标，灰带为完整模型的5%–95%；百分数为达到目标的概率。右：深色为单独作用，浅色含一切交互，线为90%区间；各因素水平完全交叉，"
                "因而浅色之和可超过1。",
                "Dashed: the plan's target; grey: 5 to 95 % of the full model; per cent: chance of the target. Right: "
                "dark alone, light with all interactions, lines are 90 % intervals; factors are fully crossed, so "
                "light bars may add up to more than one.",
            )
        ],
        columns=2,
        height=0.5 + 0.24 * len(table),
        left=2.3,
        gap=(1.7, 0.5),
    )
    draw_bands(drawn.axes[0, 0], table, say)
    draw_shares(drawn.axes[0, 1], variance, say)
    return drawn.figure


def draw_bands(axis: Axes, table: pd.DataFrame, say: Say) -> None:
    """Band of every variant, the full model first, then from the largest fall to the largest rise."""
    full, rest = table[table["mechanism"] == FULL], table[table["mechanism"] != FULL]
    rows = pd.concat([full, rest.sort_values("difference")]).iloc[::-1].to_dict("records")
    first = full.iloc[0]
    axis.axvspan(float(first["p5"]), float(first["p95"]), color=FAINT, alpha=0.6, linewidth=0)
    axis.axvline(TARGET, color=INK, linewidth=1.0, linestyle=(0, (5, 4)))
    for place, row in enumerate(rows):
        moved = row["low"] > 0.0 or row["high"] < 0.0
        colour = INK if row["mechanism"] == FULL else SERIES[0] if not moved else SERIES[2]
        axis.hlines(place, row["p5"], row["p95"], color=colour, linewidth=1.5)
        axis.plot(row["p50"], place, "o", color=colour, markersize=4.5)
        text = f"{100 * row['p_hit']:.0f} %"
        spot = (1.0, place)
        axis.annotate(
            text, spot, (4, 0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center", size=8
        )
    axis.set_yticks(range(len(rows)), [mechanism_name(str(row["mechanism"]), say) for row in rows])
    axis.set_ylim(-0.6, len(rows) - 0.4)
    tidy(axis)


def draw_shares(axis: Axes, variance: pd.DataFrame, say: Say) -> None:
    """Shares of variance of the factors."""
    rows = variance.sort_values("total").to_dict("records")
    for place, row in enumerate(rows):
        axis.barh(place, row["total"], height=0.6, color=SERIES[1], alpha=0.85, linewidth=0)
        axis.barh(place, row["alone"], height=0.32, color=SERIES[0], linewidth=0)
        axis.hlines(place, row["total_low"], row["total_high"], color=INK, linewidth=1.1)
    axis.set_yticks(range(len(rows)), [say(*FACTOR_NAMES[str(row["factor"])]) for row in rows])
    axis.set_ylim(-0.7, len(rows) - 0.3)
    axis.set_xlim(0.0, max(1.0, float(np.nanmax(variance["total_high"]))))
    tidy(axis)


def tidy(axis: Axes) -> None:
    """Grid across, names in ink."""
    axis.tick_params(axis="y", labelcolor=INK)
    axis.tick_params(axis="x", labelcolor=SOFT)
    axis.grid(axis="x")
    axis.grid(visible=False, axis="y")
    axis.spines["left"].set_visible(False)


def mechanism_name(name: str, say: Say) -> str:
    """A mechanism's name, with a minus where it is off."""
    if name == FULL:
        return say("完整模型", "full model")
    entry = load_declarations()[f"model.{name}"]
    return "− " + say(entry.name_zh, entry.name_en.lower())
