"""Every pattern on one sheet: its statistic and that of its null model, in units of the band set beforehand."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.colours import FAINT, INK, SERIES, SOFT
from experiments.figures.sheet import sheet
from experiments.languages import Language, speaker
from sim.configuration.tables import load_table

LINE = 0.36  # inches for a pattern
EDGE = 2.0  # bands beyond which a mark stands at the edge
NOTHING = 1e-9  # what is left of a null model's zero
MARKS = {"holds": ("o", SERIES[0]), "fails": ("X", SERIES[2]), "null_too": ("D", SERIES[1]), "undefined": ("", SOFT)}
VERDICTS = {
    "holds": ("成立", "holds"),
    "fails": ("不成立", "fails"),
    "null_too": ("零模型也满足", "null passes, too"),
    "undefined": ("无法计算", "undefined"),
}


def patterns_figure(table: pd.DataFrame, replicates: int, language: Language) -> Figure:
    """One line for each pattern."""
    say, words = speaker(language), load_table("patterns").set_index("pattern")
    drawn = sheet(
        language,
        say("未参与拟合的规律", "Patterns that nothing was fitted to"),
        say(
            f"每条规律的统计量（实心，{replicates}次重复的中位数与全距）与零模型（空心），以事先设定的区间为尺",
            f"Statistic of each pattern (filled: median and range of {replicates} replicates) and of its null model "
            "(hollow), measured by the band that was set beforehand",
        ),
        [
            say(
                "阴影为区间；圆为成立，叉为不成立，菱形为零模型也满足因而无所证明。带外过远者画在边上。"
                "右侧为中位数与区间；* 该机制、** 该数值本身已写入规则。",
                "Shaded: the band. Circle: holds; cross: fails; diamond: the null model passes, too, so nothing is "
                "proven. What lies too far out stands at the edge. At the right the median and its band; * the rules "
                "were told the mechanism, ** the very number.",
            )
        ],
        height=LINE * (len(table) + 0.6),
        left=3.3,
        right=1.95,
        ticks=0.25,
    )
    axis = drawn.axes[0, 0]
    draw_band(axis, len(table))
    labels = []
    for place, row in enumerate(table.to_dict("records")):
        told = words.loc[row["pattern"]]
        star = {"none": "", "mechanism": " *", "number": " **"}[str(told["given"])]
        labels.append(say(str(told["name_zh"]), str(told["name_en"])) + star)
        draw_pattern(axis, len(table) - 1 - place, row)
        band = f"[{written(row['low'])}, {written(row['high'])}]"
        text = f"{written(row['median'])} {band} {say(*VERDICTS[row['verdict']])}"
        spot = (1.0, len(table) - 1 - place)
        axis.annotate(
            text, spot, (6, 0), xycoords=("axes fraction", "data"), textcoords="offset points", va="center", size=8
        )
    axis.set_yticks(range(len(table)), [short(text, language) for text in reversed(labels)])
    return drawn.figure


def draw_band(axis: Axes, count: int) -> None:
    """The band as the middle third of the sheet."""
    axis.axvspan(0.0, 1.0, color=SERIES[0], alpha=0.13, linewidth=0)
    for edge in (0.0, 1.0):
        axis.axvline(edge, color=SERIES[0], linewidth=0.8)
    axis.set_xlim(-EDGE - 0.1, 1.0 + EDGE + 0.1)
    axis.set_ylim(-0.7, count - 0.3)
    axis.set_xticks([])
    axis.tick_params(axis="y", labelcolor=INK)
    axis.grid(visible=False)
    for line in range(count):
        axis.axhline(line - 0.5, color=FAINT, linewidth=0.5)
    axis.spines["left"].set_visible(False)
    axis.spines["bottom"].set_visible(False)


def draw_pattern(axis: Axes, line: int, row: dict[Any, Any]) -> None:
    """Statistic with its range, and the null."""
    low, high = row["low"], row["high"]
    marker, colour = MARKS[str(row["verdict"])]
    if np.isfinite(row["median"]):
        least, middle, most = (in_bands(row[name], low, high) for name in ("least", "median", "most"))
        axis.hlines(line, least, most, color=colour, linewidth=1.6)
        axis.plot(middle, line, marker, color=colour, markersize=7)
    if np.isfinite(row["null_model"]):
        null = in_bands(row["null_model"], low, high)
        axis.plot(null, line, "o", color=SOFT, markerfacecolor="none", markersize=6)


def in_bands(value: float, low: float, high: float) -> float:
    """Place of a value when the band is one wide, held at the edges of the sheet."""
    return float(np.clip((value - low) / (high - low), -EDGE, 1.0 + EDGE))


def written(value: float) -> str:
    """A statistic to three digits."""
    return "–" if np.isnan(value) else f"{value:.3g}".replace("-", "−") if abs(value) >= NOTHING else "0"


def short(text: str, language: Language) -> str:
    """A name that fits beside the axis."""
    most = 24 if language == "zh" else 50
    return text if len(text) <= most else text[: most - 1] + "…"
