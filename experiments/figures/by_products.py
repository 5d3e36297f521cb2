"""The map of by-products: what lorries take from park to park, and what becomes of each stream."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

from experiments.captions import notes, scenario_title
from experiments.colours import FAINT, INK, SOFT
from experiments.figures.sheet import sheet
from experiments.languages import Language, Say, sentence_case, speaker
from experiments.results import Branch, Floats, Results
from sim.configuration.tables import load_table

TEN_THOUSAND = 1e4  # tonnes in a 万t
SMALLEST = 0.02  # of the largest arc: smaller ones are left out
THICKEST = 9.0  # points
STREAMS = 10  # shown
LABEL_SIDES = {"shuangfu": (0, 1), "degan": (-1, 0), "luohuang": (1, 0), "elsewhere": (0, -1)}  # of the circle
FATES = {
    "Exchanged": (("区内企业", "Local partners"), "#00798c"),
    "Used Outside": (("区外与自用", "Outside takers and own use"), "#87c1c8"),
    "Disposed": (("处置", "Disposed of"), "#c1666b"),
}
PERCENT = 100.0


def by_products(results: Results, language: Language) -> Figure:
    """A map beside the fate of the largest streams, a row for each scenario, means of the last year."""
    say = speaker(language)
    drawn = sheet(
        language,
        say(f"副产物去向：{results.year}年", f"Where by-products go in {results.year}"),
        say(
            "左：公路运输的副产物，线宽与圆圈面积按万吨/年；右：主要固体副产物的去向占比，%，各重复的均值",
            "Left: by-products on lorries, 10,000 tonnes a year: width between parks, circle inside them. Right: "
            "what becomes of the largest solid streams, %, means over replicates",
        ),
        notes(
            results,
            say,
            say(
                "园区按实际方位示意，“其他区域”画在其中心。“出”“入”为万吨/年，含园区内部。管道输送的热和水不在图上。",
                "Parks lie as they do on a map; firms elsewhere are drawn at their middle. Out and in count what stays "
                "inside a park, too. Heat and water in pipes are not shown.",
            ),
        ),
        rows=len(results.branches),
        columns=2,
        height=3.4,
        gap=(1.75, 0.6),
        left=0.3,
        ticks=0.95,
    )
    largest = max(float(arcs(branch, results.year).max()) for branch in results.branches)
    for row, branch in zip(drawn.axes, results.branches, strict=True):
        row[0].set_title(scenario_title(branch.name, say))
        draw_map(row[0], arcs(branch, results.year), max(largest, 1.0), say)
        draw_fates(row[1], branch, results.year, say, language)
    drawn.axes[-1][1].legend(loc="upper left", bbox_to_anchor=(-0.4, -0.1), ncols=3, frameon=False, handlelength=1.0)
    return drawn.figure


def arcs(branch: Branch, year: int) -> Floats:
    """Tonnes a year from park to park, shape (n_parks, n_parks), means over replicates."""
    names = list(load_table("parks")["name_en"])
    short = [name.split()[0] for name in names]
    return np.array(
        [[branch.at(f"By-products by Park|{one} to {other}", year).mean() for other in short] for one in short]
    )


def draw_map(axis: Axes, tonnes: Floats, largest: float, say: Say) -> None:
    """Parks in their places, arrows between them and circles for what stays inside."""
    parks = load_table("parks")
    east, north = parks["east_km"].to_numpy(float), parks["north_km"].to_numpy(float)
    axis.set(xlim=(-24, 37), ylim=(-31, 22), aspect="equal", xticks=[], yticks=[])
    axis.grid(False)
    for spine in axis.spines.values():
        spine.set_visible(False)
    for i, j in np.argwhere(tonnes > SMALLEST * largest):
        if i != j:
            thick = max(0.6, THICKEST * float(np.sqrt(tonnes[i, j] / largest)))
            axis.add_patch(
                FancyArrowPatch(
                    (east[i], north[i]),
                    (east[j], north[j]),
                    connectionstyle="arc3,rad=0.22",
                    arrowstyle="-|>,head_length=0.5,head_width=0.28",
                    mutation_scale=10 + thick,
                    lw=thick,
                    color="#00798c",
                    alpha=0.55,
                    shrinkA=8,
                    shrinkB=8,
                )
            )
    inside = np.diag(tonnes)
    axis.scatter(east, north, s=30 + 900 * inside / largest, color=FAINT, edgecolor=SOFT, lw=0.8, zorder=3)
    for i, park in enumerate(parks["park"]):
        name = say(str(parks["name_zh"][i]), str(parks["name_en"][i]).removesuffix(" in the district"))
        given, taken = tonnes[i].sum() / TEN_THOUSAND, tonnes[:, i].sum() / TEN_THOUSAND
        words = say(f"出 {given:.1f}　入 {taken:.1f}", f"out {given:.1f}, in {taken:.1f}")
        side, reach = LABEL_SIDES.get(park, (0, -1)), 1.6 + 3.2 * float(np.sqrt(inside[i] / largest))
        axis.text(
            east[i] + side[0] * reach,
            north[i] + side[1] * reach,
            f"{name}\n{words}",
            size=8,
            ha={-1: "right", 0: "center", 1: "left"}[side[0]],
            va={-1: "top", 0: "center", 1: "bottom"}[side[1]],
            color=INK,
            linespacing=1.3,
            zorder=4,
        )


def draw_fates(axis: Axes, branch: Branch, year: int, say: Say, language: Language) -> None:
    """Stacked bars of what becomes of the largest solid streams."""
    table = load_table("streams")
    solid = table[table["kind"] == "solid"]
    names = [str(name) for name in solid["name_en"]]
    made = {name: float(branch.at(f"By-products|{name}|Generated", year).mean()) for name in names}
    largest = sorted(made, key=lambda name: -made[name])[:STREAMS][::-1]
    words = {str(row.name_en): say(str(row.name_zh), sentence_case(str(row.name_en))) for row in table.itertuples()}
    start = np.zeros(len(largest))
    for fate, (label, colour) in FATES.items():
        tonnes = np.array([branch.at(f"By-products|{name}|{fate}", year).mean() for name in largest])
        share = PERCENT * tonnes / np.maximum([made[name] for name in largest], 1.0)
        axis.barh(largest, share, left=start, color=colour, height=0.7, label=say(*label))
        start += share
    axis.set_yticks(
        range(len(largest)), [f"{words[name]}  {made[name] / TEN_THOUSAND:.1f}" for name in largest], color=INK
    )
    axis.set(xlim=(0, PERCENT), xticks=[0, 25, 50, 75, 100])
    axis.grid(False)
    axis.set_title(say("主要固体副产物（万吨/年）", "Largest solid streams (10,000 t a year)"), size=9)
