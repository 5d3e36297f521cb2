"""Charts as ECharts options: plain data, so that a test reads the numbers that a visitor sees.

Every chart comes as its option, a reading for each place on its axis (shown where the pointer is), and a table of the
same numbers for those who do not see it or want to copy it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.captions import scenario_title
from experiments.colours import FAINT, INK, OTHER_COLOURS, SCENARIO_COLOURS, SOFT
from experiments.languages import Say
from experiments.results import declared_target, member_name
from sim.configuration.periods import FIRST_YEAR
from viz.answers import Answers, Bar, Span
from viz.view import View

NOW, GHOST = SCENARIO_COLOURS["plan"], SCENARIO_COLOURS["baseline"]
PAST, LOSS = "#c9a227", OTHER_COLOURS[0]
FONT = "Noto Sans SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
SMALL = 12  # points of labels in charts
QUARTERS, MOST_YEARS = 4, 6  # of a year; of an axis that tells each year
NUMBER = 0.16  # of the widest bar, about what a number beside it takes


@dataclass(frozen=True)
class Chart:
    """A chart, what it says at each place of its axis, and the same as a table."""

    option: dict[str, Any]
    readings: list[list[str]]
    columns: list[str]
    rows: list[list[str]]


def whole(number: float) -> str:
    """A number without decimals."""
    return f"{number:,.0f}"


def one(number: float) -> str:
    """A number with one decimal."""
    return f"{number:,.1f}"


def signed(number: float, decimals: int = 1) -> str:
    """A difference with its sign; nothing is `0.0`."""
    text = f"{number:+,.{decimals}f}"
    return text.replace("-", "−") if text.strip("+-0.,") else text[1:]


def between(low: float, high: float, decimals: int, say: Say) -> str:
    """Both ends of an interval of differences: `−0.3 to +1.2`."""
    return say("至", " to ").join(signed(end, decimals) for end in (low, high))


def spaced(text: str, say: Say) -> str:
    """A text with its signs of per cent as the language sets them: in Chinese without a space."""
    return say(text.replace(" %", "%"), text)


def spanned(span: Span, decimals: int = 0) -> str:
    """`383 (342–424)`; a single number where replicates do not differ."""
    low, middle, high = (f"{value:,.{decimals}f}" for value in span)
    return middle if low == high else f"{middle} ({low}–{high})"


def frame() -> dict[str, Any]:
    """What all charts share: no animation, quiet axes, the page's type."""
    return {
        "animation": False,
        "textStyle": {"fontFamily": FONT, "fontSize": SMALL, "color": SOFT},
        "tooltip": {"trigger": "axis", "confine": True, "axisPointer": {"type": "line", "lineStyle": {"color": SOFT}}},
    }


def axis_style() -> dict[str, Any]:
    """Lines and labels of an axis."""
    return {
        "axisLine": {"lineStyle": {"color": SOFT}},
        "axisTick": {"show": False},
        "axisLabel": {"color": SOFT, "fontSize": SMALL, "fontFamily": FONT},
        "splitLine": {"lineStyle": {"color": FAINT}},
    }


def fan(told: Answers, view: View, say: Say) -> Chart:
    """Green revenue of the last four quarters: bands of the setting, the baseline as a ghost, the plan's target."""
    scope, target = told.scopes[view.scope], declared_target()
    # 2021 is aligned and the same for all, so its four quarters lead in; values are rounded as they are read.
    low, lower, middle, upper, high = (np.round(band, 1).tolist() for band in scope.bands)
    ghost = None if scope.ghost is None else np.round(scope.ghost, 1).tolist()
    name = setting_name(view, say)
    series = [*band("90", low, high, 0.16), *band("50", lower, upper, 0.26)] if told.n > 1 else []
    if ghost is not None:
        series.append(line(scenario_title("baseline", say), ghost, GHOST, 1.6, "dashed"))
    series.append(line(name, middle, NOW, 2.6, "solid") | {"markLine": target_line(target.value, say)})
    low_end, high_end = extent([*low, *high, *(ghost or []), target.value])
    option = frame() | {
        "grid": {"left": 46, "right": 64, "top": 18, "bottom": 28},
        "xAxis": axis_style()
        | {"type": "category", "data": told.quarters, "boundaryGap": False, "axisLabel": year_labels(told.quarters)},
        "yAxis": axis_style() | {"type": "value", "min": low_end, "max": high_end, "axisLine": {"show": False}},
        "series": series,
    }
    columns = [say("近四季度至", "Four quarters to"), say("中位数", "Median"), "5 %", "25 %", "75 %", "95 %"]
    columns += [scenario_title("baseline", say)] if ghost else []
    rows, readings = [], []
    for place, quarter in enumerate(told.quarters):
        cells = [one(middle[place]), one(low[place]), one(lower[place]), one(upper[place]), one(high[place])]
        rows.append([quarter, *cells, *([one(ghost[place])] if ghost else [])])
        readings.append(fan_reading(quarter, cells, ghost[place] if ghost else None, name, say))
    return Chart(option, readings, columns, rows)


def course(
    quarters: list[str], own: NDArray[np.float64], ghost: NDArray[np.float64] | None, view: View, say: Say
) -> Chart:
    """A stock at the end of each quarter: bands of the setting, the baseline as a ghost.

    Args:
        quarters: their names.
        own: shape (n_replicates, n_quarters).
        ghost: the same of the baseline, or None.
        view: the setting.
        say: picks the language.
    """
    low, lower, middle, upper, high = (
        np.round(line, 1).tolist() for line in np.percentile(own, (5, 25, 50, 75, 95), axis=0)
    )
    before = None if ghost is None else np.round(np.median(ghost, axis=0), 1).tolist()
    series = [*band("90", low, high, 0.16), *band("50", lower, upper, 0.26)] if len(own) > 1 else []
    if before is not None:
        series.append(line(scenario_title("baseline", say), before, GHOST, 1.6, "dashed"))
    series.append(line(setting_name(view, say), middle, NOW, 2.6, "solid"))
    option = frame() | {
        "grid": {"left": 8, "right": 64, "top": 14, "bottom": 4, "containLabel": True},
        "xAxis": axis_style()
        | {"type": "category", "data": quarters, "boundaryGap": False, "axisLabel": year_labels(quarters)},
        "yAxis": axis_style() | {"type": "value", "min": 0, "axisLine": {"show": False}},
        "series": series,
    }
    columns = [say("季末", "End of"), say("中位数", "Median"), "5 %", "95 %"]
    columns += [scenario_title("baseline", say)] if before else []
    rows = [
        [quarter, *(whole(values[k]) for values in (middle, low, high)), *([whole(before[k])] if before else [])]
        for k, quarter in enumerate(quarters)
    ]
    readings = [[row[0], *(f"{name}: {cell}" for name, cell in zip(columns[1:], row[1:], strict=True))] for row in rows]
    return Chart(option, readings, columns, rows)


def fan_reading(quarter: str, cells: list[str], ghost: float | None, name: str, say: Say) -> list[str]:
    """What is said at a quarter of the fan."""
    lines = [
        say(f"至{quarter}的四个季度，亿元", f"Four quarters to {quarter}, 亿元"),
        f"{name}: {cells[0]}",
        f"5–95 %: {cells[1]}–{cells[4]}",
        f"25–75 %: {cells[2]}–{cells[3]}",
    ]
    return lines if ghost is None else [*lines, f"{scenario_title('baseline', say)}: {one(ghost)}"]


def setting_name(view: View, say: Say) -> str:
    """The scenario's name, and that levers were moved."""
    title = scenario_title(view.scenario, say)
    return title if not view.changes else say(f"{title}（已调整）", f"{title} (adjusted)")


def band(name: str, low: list[float], high: list[float], opacity: float) -> list[dict[str, Any]]:
    """A band as two stacked areas, the lower of which is not seen."""
    common = {"type": "line", "stack": name, "symbol": "none", "silent": True, "lineStyle": {"opacity": 0}}
    rise = np.round(np.array(high) - np.array(low), 1).tolist()
    return [
        common | {"name": f"{name}-low", "data": low},
        common | {"name": f"{name}-high", "data": rise, "areaStyle": {"color": NOW, "opacity": opacity}},
    ]


def line(name: str, values: list[float], colour: str, width: float, kind: str) -> dict[str, Any]:
    """A line without dots, its last value written at its end."""
    return {
        "name": name,
        "type": "line",
        "data": values,
        "symbol": "none",
        "lineStyle": {"color": colour, "width": width, "type": kind},
        "itemStyle": {"color": colour},
        "endLabel": {"show": True, "formatter": whole(values[-1]), "color": colour, "fontSize": 14, "fontWeight": 600},
        "labelLayout": {"moveOverlap": "shiftY"},
        "z": 3,
    }


def target_line(value: float, say: Say) -> dict[str, Any]:
    """The plan's target as a dashed line."""
    return {
        "silent": True,
        "symbol": "none",
        "lineStyle": {"color": INK, "type": [6, 4], "width": 1.2},
        "label": {
            "position": "insideStartTop",
            "formatter": say(f"规划目标 {value:g} 亿元", f"target of the plan {value:g} 亿元"),
            "color": INK,
            "fontSize": SMALL,
        },
        "data": [{"yAxis": value}],
    }


def extent(values: list[float]) -> tuple[float, float]:
    """Round ends of an axis that hold all values; steps of 50 keep it still while a band settles."""
    return 50.0 * np.floor(min(values) / 50.0 - 0.2), 50.0 * np.ceil(max(values) / 50.0 + 0.2)


def year_labels(quarters: list[str]) -> dict[str, Any]:
    """Labels of every year, or of every second or third where there are many, so that the last one is told."""
    years = (len(quarters) - 1) // QUARTERS
    step = 1 if years <= MOST_YEARS else 2 if years % 2 == 0 else 3
    return axis_style()["axisLabel"] | {"interval": QUARTERS * step - 1, "hideOverlap": True}


def clusters(told: Answers, view: View, say: Say) -> Chart:
    """Revenue by cluster in the target's year."""
    shown = told.clusters if view.scope == "plan" else told.clusters[:MANUFACTURING]
    return bars(shown, say("集群，亿元", "Cluster, 亿元"), view, say, decimals=1)


def bars(
    shown: Sequence[Bar],
    what: str,
    view: View,
    say: Say,
    decimals: int,
    with_first: bool = True,
    renamed: Mapping[str, str] | None = None,
    year: str | None = None,
) -> Chart:
    """Quantities of the target's year: a bar each, the baseline as a stroke, 2021 as a dot.

    Args:
        shown: what is drawn, downwards.
        what: heading of the names in the table, with the unit.
        view: the setting.
        say: picks the language.
        decimals: of the numbers.
        with_first: whether 2021 is told.
        renamed: names by variable, in place of the variables' own.
        year: that the numbers are of, the target's by default; empty for sums over several.
    """
    first = str(FIRST_YEAR)
    year = str(declared_target().year) if year is None else year
    own = renamed or {}
    names = [own.get(bar.variable.name) or member_name(bar.variable, say("zh", "en")) for bar in shown]
    now, base = (f"{name} {year}".strip() for name in (setting_name(view, say), scenario_title("baseline", say)))
    series: list[dict[str, Any]] = [
        {
            "name": now,
            "type": "bar",
            "barWidth": "52%",
            "data": [round(bar.now.middle, decimals) for bar in shown],
            "itemStyle": {"color": NOW, "opacity": 0.55},
        },
        numbers_beside(shown, decimals),
    ]
    if with_first:
        series.append(dots(first, [round(bar.first, decimals) for bar in shown], PAST, "circle", 9))
    if shown and all(bar.baseline is not None for bar in shown):
        series.append(
            dots(
                base,
                [round(bar.baseline or 0.0, decimals) for bar in shown],
                INK,
                "rect",
                [3, min(20, 220 // len(shown))],
            )
        )
    option = frame() | {
        "legend": {"top": 0, "right": 8, "itemHeight": 10, "textStyle": {"color": SOFT, "fontSize": SMALL}},
        "grid": {"left": 8, "right": 52, "top": 30, "bottom": 4, "containLabel": True},
        "xAxis": axis_style() | {"type": "value", "show": False},
        "yAxis": axis_style() | {"type": "category", "data": names, "inverse": True, "axisLabel": cluster_labels(say)},
        "series": series,
    }
    option["tooltip"] |= {"axisPointer": {"type": "shadow"}}
    columns = [what, now, base, *([first] if with_first else [])]
    rows = [[name, *bar_cells(bar, decimals, with_first)] for name, bar in zip(names, shown, strict=True)]
    readings = [
        [name, *(f"{title}: {cell}" for title, cell in zip(columns[1:], cells, strict=True))] for name, *cells in rows
    ]
    return Chart(option, readings, columns, rows)


def numbers_beside(shown: Sequence[Bar], decimals: int) -> dict[str, Any]:
    """The number of each bar at its end, to the right of marks that it would cover."""
    room = NUMBER * max(max(bar.now.middle, bar.baseline or 0.0, bar.first) for bar in shown) if shown else 0.0
    ends = []
    for bar in shown:
        end = bar.now.middle
        for mark in sorted((bar.baseline or 0.0, bar.first)):
            end = mark if end < mark < end + room else end
        ends.append(end)
    texts = [f"{bar.now.middle:,.{decimals}f}" if round(bar.now.middle, decimals) else "0" for bar in shown]
    return {
        "type": "scatter",
        "symbolSize": 0.1,
        "silent": True,
        "data": [
            {"value": [round(end, decimals), place], "label": {"formatter": text}}
            for place, (end, text) in enumerate(zip(ends, texts, strict=True))
        ],
        "label": {"show": True, "position": "right", "distance": 7, "color": INK, "fontSize": SMALL},
    }


MANUFACTURING = 5  # the first clusters of clusters.csv count in both scopes


def bar_cells(bar: Bar, decimals: int, with_first: bool) -> list[str]:
    """Now, baseline and 2021 as texts."""
    base = "–" if bar.baseline is None else f"{bar.baseline:,.{decimals}f}"
    return [spanned(bar.now, decimals), base, *([f"{bar.first:,.{decimals}f}"] if with_first else [])]


def cluster_labels(say: Say) -> dict[str, Any]:
    """Names of clusters, broken into lines where they are long."""
    width = int(say("118", "150"))
    return axis_style()["axisLabel"] | {"width": width, "overflow": "break", "lineHeight": 14, "color": INK}


def dots(name: str, values: list[float], colour: str, symbol: str, size: Any) -> dict[str, Any]:
    """A mark for each bar."""
    return {
        "name": name,
        "type": "scatter",
        "data": values,
        "symbol": symbol,
        "symbolSize": size,
        "itemStyle": {"color": colour, "opacity": 1},
        "z": 4,
    }


def interval_lines(ends: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """Lines over bars from the low to the high end of an interval each, two places of the chart by line."""
    return {
        "silent": True,
        "symbol": "none",
        "animation": False,
        "lineStyle": {"color": INK, "width": 1.6, "type": "solid"},
        "label": {"show": False},
        "data": ends,
    }
