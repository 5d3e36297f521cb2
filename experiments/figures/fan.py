"""The fan: green revenue quarter by quarter, both scopes, beside the plan's target."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.captions import notes, scenario_title
from experiments.colours import INK, SOFT, colours_of
from experiments.figures.sheet import sheet, spread
from experiments.languages import Language, Say, speaker
from experiments.results import QUARTERS, SCOPES, Branch, Results

SCOPE_TITLES = {
    "plan": ("规划口径：第四章全部九个集群", "Scope of the plan: all nine clusters"),
    "manufacturing": ("制造业口径：五个制造业集群", "Manufacturing: five clusters, the scope of the 200 of 2021"),
}
REFERENCE = "none"  # the scenario that others are measured against
DOTTED = (0, (1, 1.5))
BANDS = ((5, 95, 0.13), (25, 75, 0.24))


def revenue_fan(results: Results, language: Language) -> Figure:
    """Median, 50 and 90 % bands of green revenue of the last four quarters, by scope and scenario."""
    say = speaker(language)
    drawn = sheet(
        language,
        say("江津区绿色产业营收", "Revenue of green industry, Jiangjin"),
        say(
            "每季度末的近四季度之和，亿元，现价，不含增值税；线为中位数，深浅色带含重复的50%与90%",
            "Sum of the last four quarters at the end of each quarter, in 100 million yuan (亿元) at current prices, "
            "net of VAT; lines are medians, bands hold 50 and 90 % of replicates",
        ),
        notes(
            results,
            say,
            say(
                "2021年已按集群对齐至公布数或先验基数；制造业以外四个集群的基数没有观测值。"
                f"虚线为规划目标{results.target:g}亿元（{results.target_year}年）。",
                "2021 is aligned, cluster by cluster, to published output or to a drawn base; the base of the four "
                "clusters outside manufacturing was never measured. "
                f"Dashed: the plan's target for {results.target_year}.",
            ),
        ),
        columns=2,
        height=3.5,
        right=1.4,
        gap=(1.5, 0.5),
        sharey=True,
    )
    panels = list(zip(drawn.axes[0], SCOPES.items(), strict=True))
    for axis, (scope, variable) in panels:
        axis.set_title(say(*SCOPE_TITLES[scope]))
        draw_fan(axis, results, variable)
    for axis, (_, variable) in panels:  # when both have set the common scale
        label_ends(axis, results, variable, say)
    return drawn.figure


def draw_fan(axis: Axes, results: Results, variable: str) -> None:
    """Draw every scenario's fan into an axis; beside others, the one without policies is a dotted line alone."""
    colours = colours_of(branch.name for branch in results.branches)
    for branch in results.branches:
        values, colour = branch.last_four_quarters(variable), colours[branch.name]
        time = np.arange(QUARTERS, QUARTERS + values.shape[1]) / QUARTERS
        if branch.name == REFERENCE and len(results.branches) > 2:
            axis.plot(time, np.median(values, axis=0), color=colour, linewidth=1.9, linestyle=DOTTED, zorder=4)
            continue
        for low, high, alpha in BANDS:
            lower, upper = np.percentile(values, [low, high], axis=0)
            axis.fill_between(time, lower, upper, color=colour, alpha=alpha, linewidth=0)
        for edge in (5, 95):
            axis.plot(time, np.percentile(values, edge, axis=0), color=colour, linewidth=0.6, alpha=0.8)
        axis.plot(time, np.median(values, axis=0), color=colour, linewidth=1.9, zorder=3)
    mark_years(axis, results)


def label_ends(axis: Axes, results: Results, variable: str, say: Say) -> None:
    """Draw the target, and write each scenario's name and numbers at the end of its lines."""
    colours = colours_of(branch.name for branch in results.branches)
    target = results.target
    axis.axhline(target, color=INK, linewidth=1.0, linestyle=(0, (5, 4)))
    label = say(f"规划目标 {target:g}", f"target {target:g}")
    axis.annotate(label, (1, target), (3, 3), textcoords="offset points", va="bottom", size=8.5, color=INK)
    axis.set_ylim(top=max(axis.get_ylim()[1], 1.05 * target))
    ends = [branch.last_four_quarters(variable)[:, -1] for branch in results.branches]
    low, high = axis.get_ylim()
    places = spread([float(np.median(values)) for values in ends], 0.125 * (high - low), low, high)
    for branch, values, place in zip(results.branches, ends, places, strict=True):
        text, colour = end_label(branch, values, say), colours[branch.name]
        point = (axis.get_xlim()[1], place)
        axis.annotate(text, point, (7, 0), textcoords="offset points", va="center", size=8.5, color=colour)


def end_label(branch: Branch, values: np.ndarray, say: Say) -> str:
    """Scenario, median and 90 % band at the end of a line."""
    low, middle, high = np.percentile(values, [5, 50, 95])
    return f"{scenario_title(branch.name, say)}\n{middle:.0f} ({low:.0f}–{high:.0f})"


def mark_years(axis: Axes, results: Results) -> None:
    """Put a mark where each complete year ends."""
    first = results.branches[0].years[0]
    ends = np.arange(1, results.last_year - first + 2)
    axis.set_xticks(ends, [str(first + year - 1) for year in ends])
    axis.set_xlim(1.0, max(float(ends[-1]), 1.25))
    axis.spines["left"].set_visible(False)
    axis.tick_params(axis="x", color=SOFT)
