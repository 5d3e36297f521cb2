"""The page Compare: saved settings beside the present one and the baseline, replicate by replicate."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import solara

from experiments.captions import scenario_title
from experiments.colours import INK, OTHER_COLOURS
from experiments.languages import Say
from experiments.results import SCOPES, declared_target
from sim.configuration.parameters import load_declarations
from sim.configuration.periods import quarter_name
from sim.results.reducing import Replicate
from sim.scenario import Scenario
from viz import charts, widgets
from viz.answers import COST, Floats, Span, cost, last_four_quarters, span, yearly
from viz.cards import shown_unit
from viz.charts import Chart
from viz.engine import ensemble_of
from viz.forecast_page import panel
from viz.view import MOST_SAVED, View, read_view, setting_address

Look = Callable[[Callable[[View], View]], None]
CARBON, PV = "Emissions|CO2|Industry", "Capacity|Rooftop PV"
MOST_NAMED = 2  # moved levers that name a setting
NAME_WIDTH = 240  # pixels of a setting's name in the legend; the table has all of it


class Column:
    """One setting of the comparison: its view, its replicates, and how it is drawn."""

    def __init__(self, view: View, replicates: Sequence[Replicate], colour: str, title: str) -> None:
        self.view, self.replicates, self.colour, self.title = view, replicates, colour, title


def settings(view: View) -> list[View]:
    """What is compared: the present setting, the baseline, and those saved; each once."""
    wanted = [view.setting(), View(scenario="baseline"), *(read_view(one).setting() for one in view.saved)]
    return list(dict.fromkeys(wanted))


@solara.component
def Compare(
    view: View,
    scenarios: Sequence[Scenario],
    replicates: Sequence[Sequence[Replicate]],
    populations: int,
    say: Say,
    look: Look,
) -> None:
    """The page.

    Args:
        view: the present setting and those saved.
        scenarios: of `settings(view)`, in its order.
        replicates: that are there, of each.
        populations: of the runs.
        say: picks the language.
        look: changes the view.
    """
    colours = [charts.NOW, charts.GHOST, *OTHER_COLOURS]
    columns = [
        Column(one, there, colours[place % len(colours)], setting_title(one, place == 0, say))
        for place, (one, there) in enumerate(zip(settings(view), replicates, strict=True))
    ]
    kept = setting_address(view) in view.saved
    full = len(view.saved) >= MOST_SAVED
    with solara.Div():
        with solara.Div(classes=["lv-panel"]):
            solara.v.Html(tag="h2", children=[say("并列比较", "Settings side by side")])
            title = say("保存当前设置", "Save the present setting")
            if kept:
                title = say("当前设置已保存", "The present setting is saved")
            elif full:
                title = say(f"最多保存{MOST_SAVED}个", f"{MOST_SAVED} are saved, which is the most")
            if kept or full:
                solara.v.Html(tag="p", class_="lv-note", children=[title])
            else:
                words = [["save", title]]
                widgets.Actions(label=title, choices=words, event_act=lambda _: look(lambda now: now.keeping(now)))
            ready = all(len(column.replicates) for column in columns)
            rows = table_rows(columns, scenarios, populations, view, say) if ready else []
            if rows:
                header = ["", *(column.title for column in columns)]
                widgets.Table(columns=header, numeric=list(range(1, len(header))), rows=rows)
                note = say(
                    "数值为各重复的中位数，下行为90%区间；概率下行为95%置信区间。营收为现价。",
                    "Medians of the replicates, 90 % band below; below a chance its 95 % interval. Revenue is at "
                    "current prices.",
                )
                solara.v.Html(tag="p", class_="lv-note", children=[note])
                Remove(view, say, look)
            else:
                waiting = say("正在计算……", "Running…")
                solara.v.Html(tag="div", class_="lv-waiting", style_="height:240px", children=[waiting])
        title = say(
            "绿色产业营收的中位数，近四季度之和，亿元（现价）",
            "Median revenue of green industry, last four quarters, 亿元 at current prices",
        )
        panel(title, lines(columns, scenarios[0], view, say) if rows else None, 300, "", say, "wide")


@solara.component
def Remove(view: View, say: Say, look: Look) -> None:
    """Saved settings, each to be looked at or let go."""
    with solara.Div(classes=["lv-saved"]):
        for one in view.saved:
            setting = read_view(one)
            title = setting_title(setting, False, say)
            with solara.Div(classes=["lv-saved-one"]):
                solara.v.Html(tag="span", children=[title])
                use, drop = say("采用", "Use"), say("移除", "Remove")
                widgets.Actions(
                    label=title,
                    choices=[["use", use, f"{use}: {title}"], ["drop", drop, f"{drop}: {title}"]],
                    event_act=lambda word, one=one, setting=setting: look(
                        lambda now: (
                            now.without(one)
                            if word == "drop"
                            else now.preset(setting.scenario).with_changes(setting.changes)
                        )
                    ),
                )


def setting_title(view: View, present: bool, say: Say) -> str:
    """A setting's name: its scenario and the first levers moved."""
    title = scenario_title(view.scenario, say)
    moved = [change_text(key, value, say) for key, value in view.changes[:MOST_NAMED]]
    more = len(view.changes) - len(moved)
    texts = [*moved, *([say(f"另{more}项", f"{more} more")] if more > 0 else [])]
    name = say(f"{title}；{'；'.join(texts)}", f"{title}; {'; '.join(texts)}") if texts else title
    return say(f"当前：{name}", f"Present: {name}") if present else name


def change_text(written: str, value: float, say: Say) -> str:
    """A moved lever in short."""
    key, at, day = written.partition("@")
    entry = load_declarations()[key]
    factor, unit = shown_unit(entry.unit, say)
    since = say(f"（{day}起）", f" from {day}") if at else ""
    amount = charts.spaced(f"{factor * value:,.7g} {unit}".strip(), say)
    return f"{say(entry.name_zh, entry.name_en)} {amount}{since}"


def table_rows(
    columns: Sequence[Column], scenarios: Sequence[Scenario], populations: int, view: View, say: Say
) -> list[dict[str, Any]]:
    """What is compared, line by line."""
    year, target = declared_target().year, declared_target().value
    baseline = next(column for column in columns if column.view == View(scenario="baseline"))
    variable = SCOPES[view.scope]

    def each(values: Callable[[Sequence[Replicate]], Floats], decimals: int) -> list[dict[str, str]]:
        return [told(span(values(column.replicates)), decimals) for column in columns]

    chances = []
    for column, scenario in zip(columns, scenarios, strict=True):
        odds = ensemble_of(scenario, list(column.replicates), populations).probability(variable)
        texts = f"{100 * odds.estimate:.0f} %", f"{100 * odds.low:.0f}–{100 * odds.high:.0f} %"
        chances.append({name: charts.spaced(text, say) for name, text in zip(("text", "under"), texts, strict=True)})
    gains = [gain(column, baseline, lambda there: yearly(there, variable, year), say) for column in columns]
    found = [
        (
            say(f"{year}年绿色产业营收，亿元", f"Green revenue in {year}, 亿元"),
            each(lambda there: yearly(there, variable, year), 0),
        ),
        (say(f"达到{target:g}亿元的概率", f"Chance of {target:g} 亿元"), chances),
        (say("相对基准，逐次配对，亿元", "Against the baseline, paired, 亿元"), gains),
        (
            say(f"2022—{year}年区级支出，亿元", f"Public cost 2022–{year}, 亿元"),
            each(lambda there: cost(there, COST), 2),
        ),
        (
            say(f"{year}年末屋顶光伏，兆瓦", f"Rooftop PV, end of {year}, MW"),
            each(lambda there: yearly(there, PV, year), 1),
        ),
        (
            say(f"{year}年工业二氧化碳，万吨", f"CO2 of industry in {year}, 10,000 t"),
            each(lambda there: yearly(there, CARBON, year), 0),
        ),
    ]
    counts = [{"text": str(len(column.replicates))} for column in columns]
    found.append((say("重复次数", "Replicates"), counts))
    return [{"tone": "", "cells": [{"text": name}, *cells]} for name, cells in found]


def told(found: Span, decimals: int) -> dict[str, str]:
    """A span as a cell."""
    low, middle, high = (f"{value:,.{decimals}f}" for value in found)
    return {"text": middle, "under": f"{low}–{high}"}


def gain(column: Column, baseline: Column, values: Callable[[Sequence[Replicate]], Floats], say: Say) -> dict[str, str]:
    """What a setting adds to the baseline in the replicates that both have."""
    if column is baseline:
        return {"text": "–"}
    before = {one.replicate: value for one, value in zip(baseline.replicates, values(baseline.replicates), strict=True)}
    now = zip(column.replicates, values(column.replicates), strict=True)
    found = [value - before[one.replicate] for one, value in now if one.replicate in before]
    if not found:
        return {"text": "–"}
    low, middle, high = span(np.array(found))
    return {"text": charts.signed(middle), "under": charts.between(low, high, 1, say)}


def lines(columns: Sequence[Column], scenario: Scenario, view: View, say: Say) -> Chart:
    """The medians of all settings over time."""
    quarters = [quarter_name(quarter) for quarter in range(3, scenario.quarters)]
    target = declared_target()
    medians = [
        np.round(np.median(last_four_quarters(one.replicates, SCOPES[view.scope]), axis=0), 1).tolist()
        for one in columns
    ]
    series = [
        charts.line(one.title, values, one.colour, 2.2, "dashed" if one.colour == charts.GHOST else "solid")
        for one, values in zip(columns, medians, strict=True)
    ]
    series[0] |= {"markLine": charts.target_line(target.value, say)}
    low, high = charts.extent([target.value, *(value for values in medians for value in values)])
    option = charts.frame() | {
        "legend": {
            "top": 0,
            "left": 40,
            "type": "scroll",
            "textStyle": {"color": INK, "fontSize": charts.SMALL, "width": NAME_WIDTH, "overflow": "truncate"},
        },
        "grid": {"left": 46, "right": 64, "top": 34, "bottom": 28},
        "xAxis": charts.axis_style()
        | {"type": "category", "data": quarters, "boundaryGap": False, "axisLabel": charts.year_labels(quarters)},
        "yAxis": charts.axis_style() | {"type": "value", "min": low, "max": high, "axisLine": {"show": False}},
        "series": series,
    }
    names = [one.title for one in columns]
    rows = [[quarter, *(charts.one(values[place]) for values in medians)] for place, quarter in enumerate(quarters)]
    readings = [[row[0], *(f"{name}: {cell}" for name, cell in zip(names, row[1:], strict=True))] for row in rows]
    return Chart(option, readings, [say("近四季度至", "Four quarters to"), *names], rows)
