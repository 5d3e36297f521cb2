"""Which parts of a package carry its effect: Shapley shares with their intervals."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.designs.design import Design
from experiments.figures.bars import draw_bars_with_intervals
from experiments.figures.sheet import sheet
from experiments.languages import Language, speaker
from experiments.questions.groups import Player
from sim.results.variable_list import variable_named


def shares_figure(
    players: Sequence[Player], table: pd.DataFrame, variable: str, year: int, design: Design, language: Language
) -> Figure:
    """Shares of the effect, largest on top."""
    say = speaker(language)
    told = variable_named(variable)
    order = np.argsort(-table["share"].abs().to_numpy(), kind="stable")
    effect = float(table["share"].sum())
    drawn = sheet(
        language,
        say(f"效果由哪些部分带来：{told.name_zh}", f"Which parts carry the effect: {told.name_en}"),
        say(
            f"{year}年，{told.unit}，合计{effect:+.3g}；Shapley份额：各种加入次序下新增效果的平均",
            f"{year}, {told.unit}, {effect:+.3g} in all; Shapley shares: what a part adds, over all orders of joining",
        ),
        [
            say(design.file.name_zh, design.file.name_en),
            say(
                f"{design.file.firms:,} 家企业，每个组合重复{design.file.replicates}次，企业与运气相同；线为95%区间。",
                f"{design.file.firms:,} firms, {design.file.replicates} replicates of every coalition, with the same "
                "firms and luck; lines are 95 % intervals.",
            ),
        ],
        height=0.6 + 0.33 * len(order),
        left=3.0,
    )
    rows = table.iloc[order]
    labels = [say(players[place].name_zh, players[place].name_en) for place in order]
    share, low, high = (rows[name].to_numpy() for name in ("share", "low", "high"))
    draw_bars_with_intervals(drawn.axes[0][0], labels, share, low, high)
    return drawn.figure
