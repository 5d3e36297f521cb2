"""The front of a search: what each package costs and how likely it reaches the target."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from experiments.colours import INK, SERIES, SOFT
from experiments.figures.sheet import sheet
from experiments.languages import Language, speaker
from sim.results.variable_list import variable_named

WAN_PER_YI = 1e4


def front_figure(packages: pd.DataFrame, final: pd.DataFrame, search: Any, language: Language) -> Figure:
    """Every package of a search, the front, and the finalists with fresh seeds."""
    say = speaker(language)
    told = variable_named(search.variable)
    drawn = sheet(
        language,
        say("费用与达标概率", "Cost and the chance of the target"),
        say(
            f"{told.name_zh}在{search.year}年≥{search.at_least:g}的概率；2022年至{search.year}年的费用，亿元",
            f"Chance of {told.name_en} of at least {search.at_least:g} in {search.year}; cost of 2022 to "
            f"{search.year}, 100 million yuan (亿元)",
        ),
        [
            say(
                "灰：搜索中试过的组合；线：前沿；红：决赛组合换新种子重算，线为95%区间。点到前沿的落差即搜索的乐观。",
                "Grey: packages tried; line: the front; red: finalists with fresh seeds and 95 % intervals. How far "
                "they lie below the front is the optimism of the search.",
            )
        ],
        height=3.4,
    )
    axis = drawn.axes[0][0]
    allowed = packages[packages["miss"] == 0.0]
    axis.scatter(allowed["cost"] / WAN_PER_YI, 100 * allowed["chance"], s=14, color=SOFT, alpha=0.5, linewidths=0)
    front = allowed[allowed["on_front"]].sort_values("cost")
    axis.plot(front["cost"] / WAN_PER_YI, 100 * front["chance"], color=SERIES[0], linewidth=1.6, drawstyle="steps-post")
    cost = final["fresh_cost"] / WAN_PER_YI
    axis.vlines(cost, 100 * final["fresh_low"], 100 * final["fresh_high"], color=SERIES[2], linewidth=1.0)
    axis.scatter(cost, 100 * final["fresh_chance"], s=26, color=SERIES[2], zorder=3)
    axis.axhline(100 * search.chance, color=INK, linewidth=0.9, linestyle=(0, (5, 4)))
    axis.set_ylabel("%")
    axis.set_ylim(-3, 103)
    axis.set_xlim(left=0.0)
    return drawn.figure
