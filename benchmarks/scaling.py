"""How time and memory grow with the number of firms: a table, and a log–log figure in both languages."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks import measures
from benchmarks.rivals.comparing import choice_times
from benchmarks.rivals.in_c import compiler
from experiments.colours import INK, SERIES, SOFT
from experiments.figures import drawn_files
from experiments.figures.sheet import sheet
from experiments.languages import Language, Say

FOLDER = Path(__file__).resolve().parent
DATA = FOLDER / "scaling.csv"
SIZES = ((1_000, 21), (5_000, 21), (20_000, 9), (100_000, 9))  # firms, quarters
SMALL_SIZES = ((1_000, 5), (5_000, 5))
MODEL, TWIN, CORE, NUMPY, IN_C = "quarter, model", "quarter, Mesa twin", "choice, model", "choice, numpy", "choice, C"
SHARED, OWN = "memory, shared", "memory, replicate"
ZH = {
    MODEL: "本模型",
    TWIN: "Mesa 逐对象孪生",
    CORE: "本模型",
    NUMPY: "numpy 整列",
    IN_C: "C 语言",
    SHARED: "各重复共用",
    OWN: "每个重复",
}
EN = {
    MODEL: "this model",
    TWIN: "Mesa twin, object by object",
    CORE: "this model",
    NUMPY: "whole-array numpy",
    IN_C: "C",
    SHARED: "shared by replicates",
    OWN: "of each replicate",
}
OURS, OTHER = SERIES[0], SERIES[2]
LOOKS = {
    MODEL: (OURS, "o", "-"),
    TWIN: (SOFT, "s", "--"),
    CORE: (OURS, "o", "-"),
    NUMPY: (OTHER, "^", "--"),
    IN_C: (INK, "D", ":"),
    SHARED: (OURS, "o", "-"),
    OWN: (OTHER, "^", "--"),
}


class Point(NamedTuple):
    """A measured size: quartiles over rounds of ns per firm and quarter, or KiB per firm."""

    series: str
    firms: int
    low: float
    middle: float
    high: float


def point(series: str, firms: int, values: list[float]) -> Point:
    """The quartiles of some rounds."""
    low, middle, high = (float(one) for one in np.quantile(values, [0.25, 0.5, 0.75]))
    return Point(series, firms, low, middle, high)


def per_row(series: str, firms: int, seconds: list[float]) -> Point:
    """The quartiles of some rounds, ns per row of the district."""
    rows = measures.rows(firms)
    return point(series, firms, [1e9 * one / rows for one in seconds])


def rivals(sizes: list[int], rounds: int) -> Iterator[Point]:
    """The choice of retrofits by its three faces, ns per firm."""
    for firms in sizes:
        for name in ("numpy", "C") if compiler() else ("numpy",):
            times = choice_times(name, firms, rounds)
            yield per_row(f"choice, {name}", firms, [rival for rival, _ in times])
            if name == "numpy":
                yield per_row(CORE, firms, [core for _, core in times])


def twins(sizes: list[int], rounds: int) -> Iterator[Point]:
    """The plain Mesa twin, ns per firm and quarter."""
    for firms in sizes:
        yield per_row(TWIN, firms, [twin for twin, _ in measures.twin_times(firms, rounds)])


def memory(sizes: list[int]) -> Iterator[Point]:
    """KiB per firm."""
    for firms in sizes:
        shared, own = measures.memory_per_row(firms)
        yield point(SHARED, firms, [shared])
        yield point(OWN, firms, [own])


def write(points: list[Point]) -> None:
    """Keep the numbers, and draw them."""
    with DATA.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Point._fields)
        writer.writerows((one.series, one.firms, *(f"{number:.4g}" for number in one[2:])) for one in points)
    for name, content in drawn_files("scaling", lambda language: draw(read(), language)):
        path = FOLDER / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)


def read() -> list[Point]:
    """The numbers measured last."""
    with DATA.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Point(row["series"], int(row["firms"]), float(row["low"]), float(row["middle"]), float(row["high"]))
        for row in rows
    ]


def table(points: list[Point]) -> Iterator[str]:
    """The medians as lines of Markdown, a row for each size."""
    series = list(dict.fromkeys(one.series for one in points))
    found = {(one.series, one.firms): one.middle for one in points}
    yield f"| firms | {' | '.join(f'{name}, {unit(name)}' for name in series)} |"
    yield f"| ---: |{' ---: |' * len(series)}"
    for firms in sorted({one.firms for one in points}):
        cells = [f"{found[name, firms]:.3g}" if (name, firms) in found else "" for name in series]
        cells = [f"{float(cell):,.0f}" if cell and float(cell) >= 100 else cell for cell in cells]
        yield f"| {firms:,} | {' | '.join(cells)} |"


def unit(series: str) -> str:
    """Unit of a series."""
    return "KiB per firm" if series.startswith("memory") else "ns per firm"


def draw(points: list[Point], language: Language) -> Figure:
    """The figure: a quarter, the choice alone, and memory, by number of firms."""
    title = "Time and memory by number of firms" if language == "en" else "时间与内存随企业数的变化"
    subtitle = (
        "One thread; medians and quartiles of rounds in which rivals alternate. A flat line grows with the firms alone."
        if language == "en"
        else "单线程；各方案交替测量，取各轮中位数与四分位数。水平线表示用时只随企业数成比例增长。"
    )
    notes = [
        "Rivals reach the same numbers bit by bit: an object for each firm; the choice of retrofits in numpy and C."
        if language == "en"
        else "各方案结果逐位相同：每家企业一个 Mesa 对象；改造选择阶段的 numpy 与 C 版本。"
    ]
    figure, axes, say = sheet(language, title, subtitle, notes, columns=3, height=3.2, gap=(0.6, 0.5), ticks=0.75)
    panels = (
        ((MODEL, TWIN), say("整个季度，每企业纳秒", "a quarter, ns per firm")),
        ((CORE, NUMPY, IN_C), say("改造选择阶段，每企业纳秒", "choice of retrofits, ns per firm")),
        ((SHARED, OWN), say("内存，每企业 KiB", "memory, KiB per firm")),
    )
    for axis, (names, heading) in zip(axes[0], panels, strict=True):
        axis.set_title(heading)
        axis.set_xscale("log")
        axis.set_yscale("log")
        axis.set_xlabel(say("企业数", "firms"))
        for name in names:
            line(axis, [one for one in points if one.series == name], name, say)
        shown = [one for one in points if one.series in names]
        axis.set_xlim(600, 1.7e6)
        if shown:
            axis.set_ylim(min(one.low for one in shown) / 4, max(one.high for one in shown) * 4 ** len(names))
            axis.legend(frameon=False, fontsize=8, loc="upper left")
        axis.grid(visible=True, which="major", axis="both")
        axis.minorticks_off()
    return figure


def line(axis: Axes, points: list[Point], name: str, say: Say) -> None:
    """One series with its quartiles."""
    if not points:
        return
    colour, marker, dashes = LOOKS[name]
    firms = [one.firms for one in points]
    middle = np.array([one.middle for one in points])
    spread = [middle - [one.low for one in points], [one.high for one in points] - middle]
    axis.errorbar(
        firms, middle, yerr=spread, color=colour, marker=marker, markersize=4, linestyle=dashes, linewidth=1.6,
        capsize=2, label=say(ZH[name], EN[name]),
    )  # fmt: skip
