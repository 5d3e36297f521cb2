"""A calibration drawn from its record: priors and posterior, simulated 2021 against the facts, and coverage."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.colours import INK, SERIES, SOFT
from experiments.figures.sheet import sheet
from experiments.languages import Language, Say

FARTHEST = 4.0  # tolerances from a fact that are drawn
NARROW, HALF = 0.9, 1.0
BINS = 20


def parameters_figure(told: Mapping[str, Any], language: Language) -> Figure:
    """Prior and posterior of each free parameter, with the second method's interval."""
    shown = told["parameters"]
    rows = -(-len(shown) // 2)
    zh, en = "校准从先验到后验", "Calibration: from priors to the posterior"
    under = (
        "线为先验密度，柱为后验抽样；横条：序贯蒙特卡洛（上）与合成似然（下）的90%区间及中位数",
        (
            "Lines: prior densities; bars: draws of the posterior; rules: 90 % intervals and medians of sequential "
            "Monte Carlo "
            "(above) and of the synthetic likelihood (below)"
        ),
    )
    note = (
        "收缩：1减去后验与先验标准差之比。未识别的参数在运行中保留先验。",
        (
            "Contraction: one less the ratio of the standard deviations of posterior and prior. What is not "
            "identified keeps "
            "its prior in runs."
        ),
    )
    english = language == "en"
    drawn = sheet(
        language,
        en if english else zh,
        under[english],
        [note[english]],
        rows=rows,
        columns=2,
        height=1.9,
        gap=(0.55, 0.95),
        ticks=0.8,
    )
    for place, axis in enumerate(drawn.axes.ravel()):
        if place < len(shown):
            draw_parameter(axis, shown[place], drawn.say)
        else:
            axis.set_axis_off()
    return drawn.figure


def draw_parameter(axis: Axes, one: Mapping[str, Any], say: Say) -> None:
    """Draw one parameter."""
    low, mode, high = one["low_mode_high"]
    peak = 2.0 / (high - low)
    axis.hist(one["draws"], bins=np.linspace(low, high, BINS + 1).tolist(), density=True, color=SERIES[0], alpha=0.45)
    axis.plot([low, mode, high], [0.0, peak, 0.0], color=INK, linewidth=1.2)
    top = axis.get_ylim()[1]
    for lift, name, colour in ((1.16, "posterior", SERIES[0]), (1.06, "second", SERIES[2])):
        axis.hlines(lift * top, one[name][0], one[name][2], color=colour, linewidth=2.0)
        axis.plot(one[name][1], lift * top, "o", color=colour, markersize=4)
    axis.set_ylim(0.0, 1.24 * top)
    axis.set_yticks([])
    axis.grid(visible=False)
    unknown = "" if one["identified"] else say("，未识别", ", not identified")
    axis.set_title(say(one["name_zh"], one["name_en"]), fontsize=9)
    told = say(f"收缩 {one['contraction']:.2f}{unknown}", f"contraction {one['contraction']:.2f}{unknown}")
    axis.set_xlabel(told if one["unit"] == "1" else f"{one['unit']}  ·  {told}", color=INK)


def targets_figure(told: Mapping[str, Any], language: Language) -> Figure:
    """Distance of simulated 2021 from each fitted or checked fact, in tolerances, before and after."""
    shown = [one for one in told["targets"] if one["role"] != "alignment" and one["tolerance"] > 0.0]
    english = language == "en"
    title = ("模拟的2021年与事实相比", "Simulated 2021 against the facts")
    under = (
        "（模拟 − 事实）÷ 容差；点为中位数，线含90%的运行；灰为先验，色为后验；竖带内为达到",
        (
            "(simulated − fact) over tolerance; dots are medians, lines hold 90 % of runs; grey: priors, colour: "
            "posterior; "
            "inside the band a fact is met"
        ),
    )
    note = (
        "深绿为达到，红为未达到。上部为拟合的事实，下部为只检验、从未拟合的事实；超出图外的以箭头示。对齐的事实按构造成立，未画。",
        (
            "Teal: met, red: missed. Above: facts that are fitted; below: facts that are only checked. Arrows: beyond "
            "the picture. Facts of alignment are true by construction and left out."
        ),
    )
    drawn = sheet(
        language,
        title[english],
        under[english],
        [note[english]],
        height=0.35 + 0.235 * len(shown),
        left=4.3 if english else 3.0,
    )
    axis, fitted = drawn.axes[0][0], sum(one["role"] == "fit" for one in shown)
    axis.axvspan(-1.0, 1.0, color=SERIES[3], alpha=0.18, linewidth=0)
    axis.axvline(0.0, color=SOFT, linewidth=0.8)
    for place, one in enumerate(shown):
        at = float(len(shown) - place + (HALF if place < fitted else 0.0))
        for name, lift, colour in (("prior", 0.16, SOFT), ("posterior", -0.16, colour_of(one))):
            draw_distance(axis, one, name, at + lift, colour)
    heights = [len(shown) - place + (HALF if place < fitted else 0.0) for place in range(len(shown))]
    axis.set_yticks(heights, [drawn.say(one["name_zh"], short(one["name_en"])) for one in shown])
    axis.tick_params(axis="y", labelcolor=INK)
    axis.set_xlim(-FARTHEST, FARTHEST)
    axis.set_ylim(0.4, heights[0] + 0.6)
    axis.grid(axis="x")
    axis.grid(visible=False, axis="y")
    axis.spines["left"].set_visible(False)
    return drawn.figure


def draw_distance(axis: Axes, one: Mapping[str, Any], name: str, at: float, colour: str) -> None:
    """Draw the interval of a simulated value in tolerances from its fact."""
    low, middle, high = ((value - one["fact"]) / one["tolerance"] for value in one[name])
    axis.hlines(at, max(low, -FARTHEST), min(high, FARTHEST), color=colour, linewidth=1.6)
    sign = "o" if abs(middle) < FARTHEST else "<" if middle < 0 else ">"
    axis.plot(float(np.clip(middle, -FARTHEST, FARTHEST)), at, sign, color=colour, markersize=4.5, clip_on=False)


def colour_of(one: Mapping[str, Any]) -> str:
    """Of a fact that is met, or missed."""
    return SERIES[0] if one["met"] else SERIES[2]


def short(name: str) -> str:
    """A name that fits beside the axis."""
    return name if len(name) <= 72 else name[:71] + "…"


def coverage_figure(told: Mapping[str, Any], language: Language) -> Figure:
    """Coverage of 90 % intervals on pseudo-data, with its own interval."""
    shown, english = told["parameters"], language == "en"
    number = told["effort"]["recoveries"]
    title = ("恢复检验：90%区间包含真值的比例", "Recovery: how often 90 % intervals hold the truth")
    under = (
        f"{number}组伪数据；点为比例，线为其95%区间；竖线为应有的90%",
        f"{number} pseudo-data sets; dots are shares, lines their 95 % intervals; the vertical line is the 90 % wanted",
    )
    note = (
        "深色为序贯蒙特卡洛（pyabc），红色为合成似然（emcee）。",
        "Teal: sequential Monte Carlo (pyabc). Red: synthetic likelihood (emcee).",
    )
    drawn = sheet(language, title[english], under[english], [note[english]], height=0.4 + 0.42 * len(shown), left=3.4)
    axis = drawn.axes[0][0]
    axis.axvline(NARROW, color=INK, linewidth=0.9, linestyle="--")
    for place, one in enumerate(shown):
        at = float(len(shown) - place)
        for name, lift, colour in (("coverage", 0.13, SERIES[0]), ("coverage_second", -0.13, SERIES[2])):
            share, low, high = one[name]
            axis.hlines(at + lift, low, high, color=colour, linewidth=1.8)
            axis.plot(share, at + lift, "o", color=colour, markersize=5)
    axis.set_yticks(
        [len(shown) - place for place in range(len(shown))],
        [drawn.say(one["name_zh"], short(one["name_en"])) for one in shown],
    )
    axis.tick_params(axis="y", labelcolor=INK)
    axis.set_xlim(min(0.5, *(one["coverage"][1] for one in shown)) - 0.02, 1.02)
    axis.set_ylim(0.4, len(shown) + 0.6)
    axis.grid(axis="x")
    axis.grid(visible=False, axis="y")
    axis.spines["left"].set_visible(False)
    return drawn.figure
