"""Who did not start a retrofit, and what bound them."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.figures.layers import Layer, Texts, draw_areas, stacked
from experiments.languages import Language, speaker
from experiments.results import QUARTERS, Branch, Floats, Results, family
from sim.configuration.periods import FIRST_YEAR

NO_OPTION = "Ineligible"
# From the bottom: those who act, then what stops the others: time, knowledge, pay-back, supply, money.
REASONS = {
    "None": (("已启动或即将启动", "Starting one, or about to"), "#00798c"),
    "Waiting Window": (("等待检修窗口", "Waiting for a repair window"), "#87c1c8"),
    "Unaware": (("不了解适用技术", "Unaware of what fits"), "#e3e7e6"),
    "Cutoff": (("回收期过长", "Pays back too slowly"), "#aab4b7"),
    "No Supplier": (("无供应商", "No supplier"), "#b79cb8"),
    "Purse Empty": (("补助资金用尽", "Grant purse empty"), "#f0d8a8"),
    "Cash": (("现金不足", "Too little cash"), "#e0a458"),
    "Credit Refused": (("贷款被拒", "Credit refused"), "#c1666b"),
}
PERCENT = 100.0


def reasons(results: Results, language: Language) -> Figure:
    """Mean share of active firms by the one thing that kept them from starting a retrofit."""
    say = speaker(language)
    texts = Texts(
        say("企业为何没有启动改造", "Why firms started no retrofit"),
        say(
            "有适用技术的企业中，按最主要约束划分的占比，%，每季度，按实际企业数计，各重复的均值",
            "Share of the firms that some option still fits, by the one thing that bound them in the quarter, %, "
            "counted as real firms, means over replicates",
        ),
        say(
            f"未计入没有适用技术的企业（占全部企业的 {left_out(results):.0f}%）。右侧数字为最后一个季度。",
            f"Left out: firms that no option fits ({left_out(results):.0f} % of all). Numbers at the right are of the "
            "last quarter.",
        ),
    )

    def layers(branch: Branch) -> list[Layer]:
        counts = mean_counts(branch)
        whole = np.maximum(np.sum([counts[name] for name in REASONS], axis=0), 1.0)
        return [Layer(PERCENT * counts[name] / whole, say(*words), look) for name, (words, look) in REASONS.items()]

    def draw(axis: Axes, stack: list[Layer], branch: Branch) -> None:
        n = len(stack[0].values)
        draw_areas(axis, np.arange(n) / QUARTERS, stack)
        axis.set_xlim(0, (n - 1) / QUARTERS if n > 1 else 1)
        axis.set_xticks(range(-(-n // QUARTERS)), [str(FIRST_YEAR + year) for year in range(-(-n // QUARTERS))])

    return stacked(results, language, texts, layers, draw, "{:.1f}", top=PERCENT)


def mean_counts(branch: Branch) -> dict[str, Floats]:
    """Firms by reason and quarter, means over replicates."""
    members = family("Firms|Reason|{member}")
    return {one.name.rpartition("|")[2]: branch.quarterly[one.name].mean(axis=0) for one in members}


def left_out(results: Results) -> float:
    """Firms that no option fits, % of all in the last quarter of the last scenario."""
    counts = mean_counts(results.branches[-1])
    return PERCENT * float(counts[NO_OPTION][-1]) / max(float(np.sum([one[-1] for one in counts.values()])), 1.0)
