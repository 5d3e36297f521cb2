"""How a frozen forecast did: where facts fell in its bands, and its skill against naive rivals, by class."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.colours import FAINT, INK, SERIES, SOFT
from experiments.figures.sheet import sheet
from experiments.languages import Language, Say, speaker

CLASSES = {
    "all": ("全部", "all"),
    "economy": ("经济与能源", "economy and energy"),
    "market": ("绿色市场", "green markets"),
    "intensity": ("强度", "intensities"),
    "share": ("比例", "shares"),
    "count": ("证书", "certificates"),
}
KNOWLEDGE = {
    "as_of_2021": ("只知2021年（无条件）", "as of 2021 (unconditional)"),
    "conditional": ("给定其后价格与政策（有条件）", "given later prices and policies (conditional)"),
}
WIDEST = 3.0  # half widths of the 90 % band that are drawn; facts beyond stand at the edge


def scores_figure(scores: pd.DataFrame, summary: pd.DataFrame, frozen_on: str, language: Language) -> Figure:
    """Facts within bands above, skill below; a column for each state of knowledge, never pooled."""
    say, knowledge = speaker(language), sorted(scores["information"].unique())
    n_variables, replicates = scores["variable"].nunique(), len(scores) // len(knowledge)
    kinds = [kind for kind in CLASSES if kind in set(summary["class"])]
    drawn = sheet(
        language,
        say("冻结的预测与事实", "The frozen forecast and the facts"),
        say(
            f"{frozen_on}冻结；{n_variables}个变量、{replicates}个事实",
            f"Frozen on {frozen_on}; {n_variables} variables, {replicates} facts",
        ),
        [
            say(
                "上：（事实 − 中位数）÷ 90%带的半宽，浅带为90%，深带为50%，带外的点落在边上。"
                "下：CRPS技巧得分，高于零即优于按2021年前数据挑选的朴素对手；线为按变量成组自助的90%区间。",
                "Above: fact less median over half the width of the 90 % band (light; the dark band holds 50 %); facts "
                "beyond the edge stand at it. Below: skill by CRPS, above zero better than the naive rival that was "
                "chosen on data up to 2021; lines are 90 % intervals of a bootstrap that draws whole variables.",
            )
        ],
        rows=2,
        columns=len(knowledge),
        height=0.55 + 0.34 * len(kinds),
        left=1.75,
        gap=(1.9, 0.75),
        ticks=0.7,
    )
    for column, information in enumerate(knowledge):
        mine = scores[scores["information"] == information]
        draw_places(drawn.axes[0, column], mine, kinds, say)
        drawn.axes[0, column].set_title(say(*KNOWLEDGE.get(information, (information, information))))
        found = summary[(summary["information"] == information) & (summary["measure"] == "skill")]
        draw_skill(drawn.axes[1, column], found, kinds, say)
    return drawn.figure


def draw_places(axis: Axes, rows: pd.DataFrame, kinds: list[str], say: Say) -> None:
    """Facts within the bands of their forecasts, a row for each class."""
    half = np.maximum((rows["p95"] - rows["p5"]).to_numpy() / 2.0, 1e-12)
    place = np.clip((rows["fact"] - rows["p50"]).to_numpy() / half, -WIDEST, WIDEST)
    axis.axvspan(-1.0, 1.0, color=SERIES[0], alpha=0.12, linewidth=0)
    axis.axvspan(-0.41, 0.41, color=SERIES[0], alpha=0.18, linewidth=0)  # of a normal band
    axis.axvline(0.0, color=SOFT, linewidth=0.8)
    shown = [kind for kind in kinds if kind != "all"]
    for row, kind in enumerate(reversed(shown)):
        mine = place[(rows["class"] == kind).to_numpy()]
        shift = np.linspace(-0.22, 0.22, len(mine)) if len(mine) > 1 else np.zeros(1)
        axis.plot(mine, row + shift[: len(mine)], "o", color=INK, markersize=3.2, alpha=0.65, markeredgewidth=0)
    name_rows(axis, list(reversed(shown)), say)
    axis.set_xlim(-WIDEST - 0.2, WIDEST + 0.2)
    axis.set_xlabel(say("（事实 − 中位数）÷ 半宽", "(fact − median) / half width"), fontsize=8.5)


def draw_skill(axis: Axes, rows: pd.DataFrame, kinds: list[str], say: Say) -> None:
    """Skill and its interval, a row for each class."""
    axis.axvline(0.0, color=SOFT, linewidth=0.8)
    for row, kind in enumerate(reversed(kinds)):
        found = rows[rows["class"] == kind]
        if found.empty:
            continue
        value, low, high = (float(found[name].iloc[0]) for name in ("value", "low", "high"))
        if np.isfinite(low):
            axis.hlines(row, max(low, -2.0), high, color=INK, linewidth=1.3)
        axis.plot(max(value, -2.0), row, "o" if value > 0 else "X", color=SERIES[0 if value > 0 else 2], markersize=6.5)
    name_rows(axis, list(reversed(kinds)), say)
    axis.set_xlim(-2.1, 1.1)
    axis.set_xlabel(say("技巧得分（1为完美）", "skill (1 is perfect)"), fontsize=8.5)


def name_rows(axis: Axes, kinds: list[str], say: Say) -> None:
    """Write the classes at the left."""
    axis.set_yticks(range(len(kinds)), [say(*CLASSES.get(kind, (kind, kind))) for kind in kinds])
    axis.tick_params(axis="y", labelcolor=INK)
    axis.grid(axis="x", color=FAINT)
    axis.grid(visible=False, axis="y")
    axis.set_ylim(-0.6, len(kinds) - 0.4)
