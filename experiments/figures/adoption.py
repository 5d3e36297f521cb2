"""Adoption of retrofit options by group, one small panel each."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from experiments.captions import notes, scenario_title
from experiments.colours import SOFT, colours_of
from experiments.figures.sheet import sheet
from experiments.languages import Language, speaker
from experiments.results import QUARTERS, Results, family, member_name
from sim.configuration.periods import FIRST_YEAR
from sim.results.variable_list import Variable

COLUMNS = 4


def adoption(results: Results, language: Language) -> Figure:
    """Median and 90 % band of options in use by group and quarter."""
    say, groups = speaker(language), used_groups(results)
    rows = -(-(len(groups) + 1) // COLUMNS)  # one panel more for the key
    drawn = sheet(
        language,
        say("技术采用：按类别", "Adoption of retrofit options by group"),
        say(
            "每季度末在用技术项数，按实际企业数计，一家企业采用两项计两次；线为中位数，色带含90%的重复。纵轴各不相同",
            "Options in use at the end of each quarter, counted as real firms, a firm with two counts twice; lines are "
            "medians, bands hold 90 % of replicates. Every panel has its own scale",
        ),
        notes(results, say, *unused_note(results, language)),
        rows=rows,
        columns=COLUMNS,
        height=1.25,
        gap=(0.6, 0.62),
        left=0.75,
    )
    axes = drawn.axes.ravel()
    for axis, group in zip(axes, groups, strict=False):
        axis.set_title(member_name(group, language), size=9)
        draw_group(axis, results, group.name)
    draw_key(axes[len(groups)], [(branch.name, scenario_title(branch.name, say)) for branch in results.branches])
    for axis in axes[len(groups) + 1 :]:
        axis.set_axis_off()
    return drawn.figure


def used_groups(results: Results) -> list[Variable]:
    """The groups of which some option is in use somewhere."""
    groups = family("Adoption by Group|{member}")
    return [one for one in groups if any(branch.quarterly[one.name].any() for branch in results.branches)]


def unused_note(results: Results, language: Language) -> list[str]:
    """Which groups are left out, if any."""
    used = used_groups(results)
    unused = [member_name(one, language) for one in family("Adoption by Group|{member}") if one not in used]
    say = speaker(language)
    return [say(f"尚无采用：{'、'.join(unused)}。", f"Not in use: {', '.join(unused)}.")] if unused else []


def draw_group(axis: Axes, results: Results, variable: str) -> None:
    """Draw one variable's median and band for every scenario."""
    colours = colours_of(branch.name for branch in results.branches)
    for branch in results.branches:
        values = branch.quarterly[variable]
        time = np.arange(1, values.shape[1] + 1) / QUARTERS
        low, middle, high = np.percentile(values, [5, 50, 95], axis=0)
        axis.fill_between(time, low, high, color=colours[branch.name], alpha=0.16, linewidth=0)
        axis.plot(time, middle, color=colours[branch.name], linewidth=1.6)
    n_years = values.shape[1] // QUARTERS
    years = range(n_years - 1, -1, -2)
    axis.set_xticks([year + 1 for year in years], [str(FIRST_YEAR + year) for year in years])
    axis.set_xlim(1 / QUARTERS, max(time[-1], 1.25))
    axis.set_ylim(0, 1.08 * max(axis.get_ylim()[1], 1.0))
    axis.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axis.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axis.spines["left"].set_visible(False)


def draw_key(axis: Axes, scenarios: list[tuple[str, str]]) -> None:
    """Name the scenarios beside a stroke of their colour."""
    colours = colours_of(name for name, _ in scenarios)
    axis.set_axis_off()
    axis.set(xlim=(0, 1), ylim=(0, 1))
    for row, (name, title) in enumerate(scenarios):
        y = 0.85 - 0.2 * row
        axis.plot([0.02, 0.2], [y, y], color=colours[name], linewidth=1.8)
        axis.text(0.27, y, title, va="center", color=SOFT)
