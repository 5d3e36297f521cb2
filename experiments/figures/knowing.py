"""The value of information: how much narrower the band becomes when an unknown is known."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.colours import FAINT, SERIES
from experiments.figures.bars import draw_bars_with_intervals
from experiments.figures.sensitivity import label
from experiments.figures.sheet import sheet
from experiments.languages import Language, speaker
from sim.results.variable_list import variable_named

MOST = 10  # unknowns that are drawn
PERCENT = 100.0


def knowing_figure(
    table: pd.DataFrame, band: tuple[float, float], variable: str, year: int, language: Language
) -> Figure:
    """The unknowns that are most worth knowing, those not told from chance in grey."""
    say = speaker(language)
    told = variable_named(variable)
    shown = table.sort_values("narrowing", ascending=False, kind="stable").head(MOST)
    low, high = band
    drawn = sheet(
        language,
        say("弄清哪个未知量最有用", "Which unknown is most worth knowing"),
        say(
            f"{told.name_zh}，{year}年：5%–95%区间为{low:,.0f}–{high:,.0f} {told.unit}，弄清一个未知量后变窄的份额，%",
            f"{told.name_en} in {year}: the 5–95 % band runs from {low:,.0f} to {high:,.0f} {told.unit}; share of its "
            "width that goes when one unknown is known, %",
        ),
        [
            say(
                "线为95%区间；灰色：与偶然无法区分。只计一个未知量单独的平滑作用。",
                "Lines are 95 % intervals; grey: not told from chance. Smooth effects of one unknown alone count.",
            )
        ],
        height=0.5 + 0.27 * len(shown),
        left=3.4,
    )
    axis = drawn.axes[0][0]
    labels = [label(str(name), language) for name in shown["unknown"]]
    values, start, end = (PERCENT * shown[name].to_numpy(np.float64) for name in ("narrowing", "low", "high"))
    draw_bars_with_intervals(axis, labels, values, start, end, SERIES[0])
    bars: Any = axis.patches
    for bar, clear in zip(bars, shown["told_from_chance"], strict=True):
        if not clear:
            bar.set_color(FAINT)
    axis.set_xlim(left=0.0)
    return drawn.figure
