"""The probability of reaching the target, against the base that nobody has measured."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.captions import notes, scenario_title
from experiments.colours import SOFT, colours_of
from experiments.figures.fan import SCOPE_TITLES
from experiments.figures.sheet import sheet
from experiments.languages import Language, Say, speaker
from experiments.results import Results

BASES = {
    "all": ("全部重复", "all replicates"),
    "low": ("低三分之一", "lowest third"),
    "central": ("中三分之一", "middle third"),
    "high": ("高三分之一", "highest third"),
}
APART = 0.16  # between scenarios
PERCENT = 100.0


def target_chance(results: Results, language: Language) -> Figure:
    """P(target) with intervals, for all replicates and by third of the unobserved base, by scope and scenario."""
    say, table = speaker(language), results.base_dependence
    drawn = sheet(
        language,
        say(
            f"{results.target_year}年绿色产业营收达到{results.target:g}亿元的概率",
            f"Probability that green revenue reaches {results.target:g} 亿元 in {results.target_year}",
        ),
        say(
            "占重复的百分比及95%威尔逊区间；按2021年未观测基数（制造业以外四个集群之和，亿元）分组",
            "Share of replicates, %, with 95 % Wilson intervals, by the base of 2021 that nobody has measured: the sum "
            "of the four clusters outside manufacturing, 亿元",
        ),
        notes(results, say, *shares(results, say)),
        columns=2,
        height=2.9,
        gap=(0.55, 0.5),
        ticks=0.72,
        sharey=True,
    )
    for axis, (scope, words) in zip(drawn.axes[0], SCOPE_TITLES.items(), strict=True):
        axis.set_title(say(*words))
        draw_chances(axis, table[table["scope"] == scope], results, say)
    drawn.axes[0, 0].legend(frameon=False, loc="upper left", handletextpad=0.3, labelcolor=SOFT, borderaxespad=0.2)
    return drawn.figure


def draw_chances(axis: Axes, rows: pd.DataFrame, results: Results, say: Say) -> None:
    """Draw points with intervals for one scope."""
    colours, branches = colours_of(branch.name for branch in results.branches), results.branches
    groups = [base for base in BASES if base in set(rows["base"])]
    for k, branch in enumerate(branches):
        shift = APART * (k - (len(branches) - 1) / 2)
        of_scenario = rows[rows["scenario"] == branch.name].set_index("base")
        for place, base in enumerate(groups):
            odds = PERCENT * of_scenario.loc[base, ["p_hit", "p_low", "p_high"]].astype(float)
            x, name = place + shift, scenario_title(branch.name, say)
            axis.plot([x, x], odds.iloc[1:], color=colours[branch.name], linewidth=2.2, alpha=0.55)
            label = name if place == 0 else None
            axis.plot(x, odds.iloc[0], "o", color=colours[branch.name], label=label, clip_on=False)
    axis.set_xticks(range(len(groups)), [group_label(base, rows, say) for base in groups])
    axis.set_xlim(-0.5, len(groups) - 0.5)
    axis.set_ylim(0, PERCENT)
    if len(groups) > 1:
        axis.axvline(0.5, color=SOFT, linewidth=0.6, linestyle=(0, (2, 3)))
    axis.spines["left"].set_visible(False)
    axis.tick_params(axis="x", length=0, pad=8)


def group_label(base: str, rows: pd.DataFrame, say: Say) -> str:
    """Name of a group and the range of its base."""
    group = rows[rows["base"] == base]
    return f"{say(*BASES[base])}\n{group['base_from'].min():.0f}–{group['base_to'].max():.0f}"


def shares(results: Results, say: Say) -> list[str]:
    """How much of the spread of revenue goes with the base."""
    table, year = results.base_dependence, results.target_year
    rows = table[(table["base"] == "all") & (table["scope"] == "plan") & table["variance_share"].notna()]
    if rows.empty:
        return []
    low, high = PERCENT * rows["variance_share"].min(), PERCENT * rows["variance_share"].max()
    share = f"{low:.0f}" if round(low) == round(high) else f"{low:.0f}–{high:.0f}"
    return [
        say(
            f"规划口径下，未观测基数与{year}年营收方差的{share}%相伴随（相关系数平方）。制造业口径不含该基数。",
            f"In the scope of the plan the unmeasured base goes with {share} % of the variance of revenue in {year} "
            "(squared correlation). Manufacturing does not contain it.",
        )
    ]
