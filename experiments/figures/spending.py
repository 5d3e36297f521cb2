"""Public cost of the district's policies by programme, year by year."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.colours import SERIES, SOFT
from experiments.figures.layers import Layer, Texts, draw_bars, stacked
from experiments.languages import Language, speaker
from experiments.results import Branch, Results, family, member_name

MILLION_YUAN = 0.01  # of 万元
MOST_LAYERS = 7  # programmes that are told apart


def policy_cost(results: Results, language: Language) -> Figure:
    """Mean spending by programme and year."""
    say = speaker(language)
    texts = Texts(
        say("区级政策支出", "Public cost of the district's policies"),
        say(
            "各项目年支出，百万元，各重复的均值", "Spending by programme and year, million yuan, means over replicates"
        ),
        say(
            "规划没有写明资金，力度除注明来源者外均为假设；右侧数字为最后一年。",
            "The plan names hardly any money: strengths are assumed unless they carry a source. Numbers at the right "
            "are of the last year.",
        ),
    )

    programmes = family("Policy Cost|Government|{member}")
    total = {one.name: sum(float(branch.yearly[one.name].sum()) for branch in results.branches) for one in programmes}
    largest = sorted(programmes, key=lambda one: -total[one.name])[:MOST_LAYERS]
    drawn = [one for one in programmes if one in largest]  # in the order of the list, whatever was spent
    others = [one for one in programmes if one not in largest]

    def layers(branch: Branch) -> list[Layer]:
        found = [
            Layer(MILLION_YUAN * branch.yearly[one.name].mean(axis=0), member_name(one, language), colour)
            for one, colour in zip(drawn, SERIES, strict=False)
        ]
        rest = [MILLION_YUAN * branch.yearly[one.name].mean(axis=0) for one in others]
        return [*found, Layer(np.sum(rest, axis=0), say("其他项目", "Other programmes"), SOFT)] if rest else found

    def draw(axis: Axes, stack: list[Layer], branch: Branch) -> None:
        draw_bars(axis, np.arange(len(branch.years), dtype=float), stack)
        axis.set_xticks(range(len(branch.years)), [str(year) for year in branch.years])
        axis.set_xlim(-0.5, len(branch.years) - 0.6)
        axis.spines["left"].set_visible(False)

    return stacked(results, language, texts, layers, draw, "{:.1f}")
