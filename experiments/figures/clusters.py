"""Green revenue by cluster, stacked."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.figures.fan import mark_years
from experiments.figures.layers import Layer, Texts, draw_areas, stacked
from experiments.languages import Language, speaker
from experiments.results import QUARTERS, Branch, Results, family, member_name

MEASURED = ("#0b4f5c", "#00798c", "#4a9ea9", "#87c1c8", "#bcdde0")
UNMEASURED = ("#a8701c", "#cf9740", "#e2b970", "#f0d8a8")


def revenue_clusters(results: Results, language: Language) -> Figure:
    """Mean green revenue by cluster over the last four quarters."""
    say = speaker(language)
    texts = Texts(
        say("江津区绿色产业营收：按集群", "Revenue of green industry by cluster"),
        say(
            "每季度末的近四季度之和，亿元，现价，各重复的均值（均值可以相加，中位数不能）",
            "Sum of the last four quarters at the end of each quarter, in 100 million yuan (亿元) at current prices; "
            "means over replicates, as means add up and medians do not",
        ),
        say(
            "蓝绿色：制造业集群，2021年对齐至公布产值。斜线：制造业以外的集群，2021年基数没有观测值，取自宽幅先验。",
            "Blue-green: manufacturing, aligned to the output published for 2021. Hatched: clusters whose base was "
            "never measured and is drawn from a wide prior.",
        ),
    )

    def layers(branch: Branch) -> list[Layer]:
        found = zip(family("Revenue|Green Industry|{member}"), looks(), strict=True)
        return [
            Layer(np.mean(branch.last_four_quarters(one.name), axis=0), member_name(one, language), *look)
            for one, look in found
        ]

    def draw(axis: Axes, stack: list[Layer], branch: Branch) -> None:
        time = np.arange(QUARTERS, QUARTERS + len(stack[0].values)) / QUARTERS
        draw_areas(axis, time, stack)
        mark_years(axis, results)

    return stacked(results, language, texts, layers, draw)


def looks() -> list[tuple[str, str]]:
    """Colour and hatch of each cluster, in the order of clusters.csv."""
    from sim.results.revenue import clusters

    measured, unmeasured = iter(MEASURED * 9), iter(UNMEASURED * 9)
    return [(next(measured), "") if one else (next(unmeasured), "////") for one in clusters().observed]
