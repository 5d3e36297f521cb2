"""Certificates held over time, one small panel for each step of the ladder."""

from matplotlib.figure import Figure

from experiments.captions import notes, scenario_title
from experiments.figures.adoption import COLUMNS, draw_group, draw_key
from experiments.figures.sheet import sheet
from experiments.languages import Language, speaker
from experiments.results import Results, family, member_name

HELD = "Certificates|{member}"


def certificates(results: Results, language: Language) -> Figure:
    """Median and 90 % band of firms that hold each certificate, by quarter."""
    say, steps = speaker(language), family(HELD)
    drawn = sheet(
        language,
        say("持证企业：按认证阶梯", "Certified firms by step of the ladder"),
        say(
            "每季度末持证的实际企业数；国家级绿色工厂同时计入市级；线为中位数，色带含90%的重复。纵轴各不相同",
            "Real firms that hold the certificate at the end of each quarter, a national green factory being a "
            "municipal one, too; lines are medians, bands hold 90 % of replicates. Every panel has its own scale",
        ),
        notes(
            results,
            say,
            say(
                "2020年末存量由2021年事实回推，2021年为对齐。",
                "Stocks of 2020 are cast back from 2021, which is aligned.",
            ),
        ),
        rows=-(-(len(steps) + 1) // COLUMNS),  # one panel more for the key
        columns=COLUMNS,
        height=1.25,
        gap=(0.6, 0.62),
        left=0.75,
    )
    axes = drawn.axes.ravel()
    for axis, step in zip(axes, steps, strict=False):
        axis.set_title(member_name(step, language), size=9)
        draw_group(axis, results, step.name)
    draw_key(axes[len(steps)], [(branch.name, scenario_title(branch.name, say)) for branch in results.branches])
    for axis in axes[len(steps) + 1 :]:
        axis.set_axis_off()
    return drawn.figure


def certified(results: Results) -> bool:
    """Whether any firm ever holds a certificate."""
    return any(branch.quarterly[step.name].any() for branch in results.branches for step in family(HELD))
