"""The front of a search: cost of packages, chance of the target, revenue and emissions."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from experiments.colours import INK, SERIES, SOFT
from experiments.figures.sheet import sheet
from experiments.languages import Language, speaker
from sim.results.variable_list import variable_named

WAN_PER_YI = 1e4


def front_figure(packages: pd.DataFrame, final: pd.DataFrame, search: Any, language: Language) -> Figure:
    """Every package of a search, the front, and the finalists with fresh seeds: by chance, and by revenue and CO2."""
    say = speaker(language)
    told, emitted = variable_named(search.variable), variable_named(search.emissions)
    drawn = sheet(
        language,
        say("费用、达标概率、营收与排放", "Cost, the chance of the target, revenue and emissions"),
        say(
            f"{told.name_zh}（{told.unit}），{search.year}年，目标≥{search.at_least:g}；"
            f"横轴：2022年至{search.year}年的区级费用合计，亿元",
            f"{told.name_en}, {told.unit}, in {search.year}, target {search.at_least:g}; across: public cost, sum of "
            f"2022 to {search.year}, 亿元 (100 million yuan)",
        ),
        [
            say(
                "灰或彩色点：搜索中试过的组合；描边：费用、营收、排放的前沿；红：决赛组合换新种子重算，线为95%区间。"
                "红点低于所要求的概率（虚线）即搜索过于乐观。",
                "Grey or coloured: packages tried; with a rim: the front of cost, revenue and emissions; red: "
                "finalists with fresh seeds and 95 % intervals. Where red lies below the wanted chance (dashed), "
                "the search was too hopeful.",
            )
        ],
        height=3.4,
        columns=2,
        right=0.75,
    )
    chance, outcome = drawn.axes[0]
    allowed = packages[packages["miss"] == 0.0]
    front = allowed[allowed["on_front"]]
    chance.scatter(allowed["cost"] / WAN_PER_YI, 100 * allowed["chance"], s=14, color=SOFT, alpha=0.5, linewidths=0)
    rim = {"facecolors": "none", "edgecolors": SERIES[0], "linewidths": 1.2, "zorder": 3}
    chance.scatter(front["cost"] / WAN_PER_YI, 100 * front["chance"], s=30, **rim)
    cost = final["fresh_cost"] / WAN_PER_YI
    chance.vlines(cost, 100 * final["fresh_low"], 100 * final["fresh_high"], color=SERIES[2], linewidth=1.0)
    chance.scatter(cost, 100 * final["fresh_chance"], s=26, color=SERIES[2], zorder=4)
    chance.axhline(100 * search.chance, color=INK, linewidth=0.9, linestyle=(0, (5, 4)))
    chance.set_ylim(-3, 103)
    points = outcome.scatter(
        allowed["cost"] / WAN_PER_YI, allowed["revenue"], c=allowed["emissions"], s=16, cmap="viridis", linewidths=0
    )
    outcome.scatter(front["cost"] / WAN_PER_YI, front["revenue"], s=30, **rim)
    outcome.scatter(cost, final["fresh_revenue"], s=26, color=SERIES[2], zorder=4)
    bar = drawn.figure.colorbar(points, cax=outcome.inset_axes((1.03, 0.0, 0.03, 1.0)))
    bar.outline.set_visible(False)  # type: ignore[operator]
    chance.set_title(say("达标概率，%", "Chance of the target, %"))
    outcome.set_title(
        say(
            f"营收；颜色：{emitted.name_zh}，{emitted.unit}",
            f"Revenue; colour: {emitted.name_en}, {emitted.unit}",
        )
    )
    for axis in (chance, outcome):
        axis.set_xlim(left=0.0)
    return drawn.figure
