"""The difference of two scenarios: green revenue quarter by quarter in both scopes, pair by pair."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.captions import notes, scenario_title
from experiments.colours import INK, SERIES
from experiments.figures.fan import SCOPE_TITLES, mark_years
from experiments.figures.sheet import sheet
from experiments.languages import Language, speaker
from experiments.results import QUARTERS, SCOPES, Results

BANDS = ((5, 95, 0.14), (25, 75, 0.26))


def revenue_difference(results: Results, language: Language) -> Figure:
    """Second scenario less the first: mean, 50 and 90 % bands of pairs, sums of the last four quarters."""
    say = speaker(language)
    first, second = results.branches
    titles = [scenario_title(branch.name, say) for branch in (first, second)]
    drawn = sheet(
        language,
        say(f"绿色产业营收之差：{titles[1]}减{titles[0]}", f"Green revenue: {titles[1]} less {titles[0]}"),
        say(
            "每季度末的近四季度之和，亿元，现价；同一重复成对相减，线为均值，深浅色带含各对的50%与90%",
            "Sum of the last four quarters at the end of each quarter, in 100 million yuan (亿元) at current prices; "
            "replicates paired, the line is the mean, bands hold 50 and 90 % of pairs",
        ),
        notes(
            results,
            say,
            say(
                "两个情景用同样的企业、参数和运气，差别只来自情景本身。",
                "Both scenarios have the same firms, parameters and luck; what differs is the scenarios alone.",
            ),
        ),
        columns=2,
        height=3.0,
        right=1.0,
        gap=(1.45, 0.5),
    )
    for axis, (scope, variable) in zip(drawn.axes[0], SCOPES.items(), strict=True):
        axis.set_title(say(*SCOPE_TITLES[scope]))
        difference = second.last_four_quarters(variable) - first.last_four_quarters(variable)
        draw_difference(axis, difference)
        mark_years(axis, results)
    return drawn.figure


def draw_difference(axis: Axes, difference: np.ndarray) -> None:
    """Draw the fan of the pairs around zero, and write the last values at its end."""
    time = np.arange(QUARTERS, QUARTERS + difference.shape[1]) / QUARTERS
    colour = SERIES[0]
    for low, high, alpha in BANDS:
        lower, upper = np.percentile(difference, [low, high], axis=0)
        axis.fill_between(time, lower, upper, color=colour, alpha=alpha, linewidth=0)
    mean = difference.mean(axis=0)
    axis.plot(time, mean, color=colour, linewidth=1.9)
    axis.axhline(0.0, color=INK, linewidth=0.8)
    low, high = np.percentile(difference[:, -1], [5, 95])
    text = f"{mean[-1]:+.1f}\n({low:+.1f} … {high:+.1f})"
    axis.annotate(text, (time[-1], mean[-1]), (7, 0), textcoords="offset points", va="center", size=8.5, color=colour)
