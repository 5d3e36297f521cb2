"""The bridge: from green revenue of 2021 to that of the target year, term by term."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.bridge_words import TERMS
from experiments.captions import notes, scenario_title
from experiments.colours import SOFT
from experiments.figures.sheet import sheet
from experiments.languages import Language, Say, speaker
from experiments.results import Results

TOTAL, RISE, FALL = "#6d7881", "#00798c", "#d1495b"
WIDTH = 0.64
SCOPES = {"plan": ("规划口径", "scope of the plan"), "manufacturing": ("制造业口径", "manufacturing")}


def revenue_bridge(results: Results, language: Language) -> Figure:
    """Mean terms of the bridge by scenario (rows) and scope (columns)."""
    say, means = speaker(language), mean_terms(results.bridge)
    first, last = (int(results.bridge[f"{end}_year"].iloc[0]) for end in ("first", "last"))
    drawn = sheet(
        language,
        say(f"绿色产业营收变化分解：{first}—{last}年", f"What changes green revenue from {first} to {last}"),
        say(
            "亿元，现价，各重复的均值；各项相加闭合，残差为零；横轴不从零起",
            "100 million yuan (亿元) a year at current prices, means over replicates; the terms add up, residual zero. "
            "The scale does not start at zero",
        ),
        notes(
            results,
            say,
            say(
                "市场：每单位产能实际销售的变化。转产、扩产：绿色产能的增加。改造需求：售予本地改造与扩产项目。副产物：经链路或向区外的销售。",
                "Markets: real sales for each unit of capacity. Conversion and capacity: more green capacity. Retrofit "
                "demand: sold to local projects. By-products: sold along links and outside.",
            ),
        ),
        rows=len(results.branches),
        columns=2,
        height=2.3,
        gap=(0.35, 0.62),
        left=1.25,
        sharex="col",
        sharey=True,
    )
    for row, branch in zip(drawn.axes, results.branches, strict=True):
        for axis, (scope, words) in zip(row, SCOPES.items(), strict=True):
            axis.set_title(say("，", ", ").join([scenario_title(branch.name, say), say(*words)]))
            axis.tick_params(labelbottom=True)
            draw_waterfall(axis, means[branch.name, scope], (first, last), say)
    return drawn.figure


def mean_terms(bridge: pd.DataFrame) -> dict[tuple[str, str], pd.Series]:
    """Means over replicates by scenario and scope, indexed by term."""
    columns = ["scenario", "scope", "term"]
    means = bridge.groupby(columns, observed=True)["value"].mean()
    found = {}
    for scenario in means.index.unique("scenario"):
        for scope in SCOPES:
            found[str(scenario), scope] = means.loc[scenario, scope]
    return found


def draw_waterfall(axis: Axes, terms: pd.Series, years: tuple[int, int], say: Say) -> None:
    """Draw one waterfall, downwards from the first year to the last, with its values beside the bars."""
    level, labels, ends = 0.0, [], []
    for place, (term, words) in enumerate(TERMS.items()):
        value, total = float(terms[term]), term in ("base", "target")
        start = 0.0 if total else level
        colour = TOTAL if total else RISE if value >= 0 else FALL
        axis.barh(place, value, WIDTH, start, color=colour, linewidth=0)
        level = start + value
        ends += [level, *([] if total else [start])]
        if place < len(TERMS) - 1:
            axis.plot([level, level], [place + WIDTH / 2, place + 1 - WIDTH / 2], color=SOFT, linewidth=0.6)
        text = f"{value:.0f}" if total else signed(value)
        axis.annotate(text, (max(start, level), place), (4, 0), textcoords="offset points", va="center", size=8)
        labels.append(label_of(term, words, years, say))
    axis.set_yticks(range(len(TERMS)), labels, size=8.5)
    axis.set_ylim(len(TERMS) - 0.4, -0.6)
    axis.tick_params(axis="y", length=0)
    axis.grid(visible=False, axis="y")
    axis.grid(visible=True, axis="x")
    axis.spines["bottom"].set_visible(False)
    limits = axis.get_xlim() if axis.get_xlim()[0] > 0 else (np.inf, -np.inf)
    reach = max(max(ends) - min(ends), 1.0)
    axis.set_xlim(min(limits[0], max(0.0, min(ends) - 0.3 * reach)), max(limits[1], max(ends) + 0.14 * reach))


def signed(value: float) -> str:
    """A change with one decimal, its sign, and a true minus."""
    text = f"{value:+.1f}".replace("-", "−")
    return "0.0" if text in ("+0.0", "−0.0") else text


def label_of(term: str, words: tuple[str, str], years: tuple[int, int], say: Say) -> str:
    """The label of a term; the two totals carry their year."""
    if term in ("base", "target"):
        year = years[term == "target"]
        return say(f"{year}年", str(year))
    return say(*words)
