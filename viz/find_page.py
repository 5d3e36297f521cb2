"""The page Find: the cheapest package of levers for a wished chance of the target, searched on demand."""

from typing import Any

import numpy as np
import solara

from experiments.languages import Say
from experiments.results import declared_target
from sim.configuration.parameters import load_declarations
from viz import charts, widgets
from viz.answers import span
from viz.asked import use_question
from viz.cards import rounded, shown_unit
from viz.charts import Chart
from viz.finding import Found, Package, Search, levers, taken_over
from viz.forecast_page import SCOPE_NAMES, panel
from viz.question_line import QuestionLine
from viz.service import SERVICE
from viz.view import CHANCES, View

PERCENT = 100.0
FRESH = 3  # times the replicates of a package for a finalist


@solara.component
def Find(view: View, visitor: object, say: Say, look: Any) -> None:
    """The page.

    Args:
        view: what is looked at; all levers that are not searched stay as it has them.
        visitor: who looks.
        say: picks the language.
        look: changes the view.
    """
    keys = tuple(factor.name for factor in levers() if factor.name not in view.held)
    search = Search(
        setting=view.setting(),
        keys=keys,
        scope=view.scope,
        chance=int(view.wish) / PERCENT,
        firms=SERVICE.firms,
        seed=SERVICE.seed,
        replicates=SERVICE.few,
        fresh=FRESH * SERVICE.few,
    )
    told, asked, put = use_question(search, visitor)
    found = told.answer
    with solara.Div():
        with solara.Div(classes=["lv-panel"]):
            target = declared_target()
            title = say(
                f"以最少的区级支出，使{target.year}年绿色产业营收以所求概率达到{target.value:g}亿元",
                f"The cheapest way to reach {target.value:g} 亿元 in {target.year} with a wished chance",
            )
            solara.v.Html(tag="h2", children=[title])
            Wishes(view, keys, say, look)
            start = say("开始寻找", "Find it")
            QuestionLine(search, told, asked, put, start, say)
            solara.v.Html(tag="p", class_="lv-note", children=[explained(search, view, say)])
        if found is not None:
            Outcome(found, search, say, look)


@solara.component
def Wishes(view: View, keys: tuple[str, ...], say: Say, look: Any) -> None:
    """Chance, scope and levers."""
    with solara.Div(classes=["lv-choices"]):
        chances = [[one, say(f"概率 {one}%", f"{one} %")] for one in sorted(CHANCES)]
        widgets.Choice(
            label=say("所求概率", "Wished chance"),
            choices=chances,
            chosen=view.wish,
            event_choose=lambda name: look(lambda now: now.turned(wish=name)),
        )
        names = [[name, say(*title)] for name, title in SCOPE_NAMES.items()]
        widgets.Choice(
            label=say("口径", "Scope"),
            choices=names,
            chosen=view.scope,
            event_choose=lambda name: look(lambda now: now.turned(scope=name)),
        )

    def toggle(key: str) -> None:
        if keys != (key,):  # one at least is searched
            look(lambda now: now.holding(key))

    choices = [[factor.name, lever_words(factor.name, say), bounds_words(factor, say)] for factor in levers()]
    widgets.Toggles(
        label=say("可调的政策", "Levers to search"), choices=choices, chosen=list(keys), event_toggle=toggle
    )


def lever_words(key: str, say: Say) -> str:
    """A lever's name."""
    entry = load_declarations()[key]
    return say(entry.name_zh, entry.name_en)


def bounds_words(factor: Any, say: Say) -> str:
    """The bounds of the search."""
    return f"{value_words(factor.name, factor.lower, say)} – {value_words(factor.name, factor.upper, say)}"


def value_words(key: str, value: float, say: Say) -> str:
    """A lever's value in its unit, three digits, two decimals at most."""
    factor, unit = shown_unit(load_declarations()[key].unit, say)
    number = round(float(f"{factor * value:.3g}"), 2)
    return charts.spaced(f"{rounded(number):,g} {unit}".strip(), say)


def explained(search: Search, view: View, say: Say) -> str:
    """How it is searched."""
    base = charts.setting_name(view, say)
    return say(
        f"所选政策在各自范围内变动，其余保持“{base}”。先抽样再逐代改进，最后用新的企业、参数与运气复核最好的几个，因为搜索的优胜者多少带有运气。",
        f"The chosen levers move within their bounds; all others stay as in “{base}”. A sample, then generations near "
        "the best; the finalists are run again with fresh firms, numbers and luck, because the winners of a search "
        "were lucky in part.",
    )


@solara.component
def Outcome(found: Found, search: Search, say: Say, look: Any) -> None:
    """What was found: a sentence, the finalists, and all packages by cost and chance."""
    with solara.Div(classes=["lv-panels", "lv-below"]):
        with solara.Div(classes=["lv-panel", "lv-outcome"]):
            title, tone = headline(found, search, say)
            solara.v.Html(tag="h2", class_=tone, children=[title])
            rows = [{"tone": "", "cells": cells} for cells in finalist_rows(found, search, say)]
            names = [say(f"组合{place + 1}", f"Package {place + 1}") for place in range(len(found.finalists))]
            widgets.Table(columns=["", *names], numeric=list(range(1, len(names) + 1)), rows=rows)
            note = say(
                f"复核：每个组合{search.fresh}次重复的中位数，下行为90%区间；概率下行为95%区间。"
                f"搜索：每个组合{search.replicates}次重复。",
                f"Run afresh: medians of {search.fresh} replicates, 90 % band below; below a chance its 95 % interval. "
                f"In the search: {search.replicates} replicates a package.",
            )
            solara.v.Html(tag="p", class_="lv-note", children=[note])
            with solara.Div(classes=["lv-saved-one"]):
                solara.v.Html(tag="span", children=[say("采用为当前设置：", "Use as the present setting:")])
                choices = [[str(place), name] for place, name in enumerate(names)]
                widgets.Actions(
                    label=say("采用", "Use"),
                    choices=choices,
                    event_act=lambda place: look(lambda now: taken_over(now, found.finalists[int(place)])),
                )
        year = declared_target().year
        title = say(f"试过的组合：区级支出与概率，2022—{year}年", f"Packages tried: public cost 2022–{year} and chance")
        note = say(
            "圆点：搜索所见；连线：没有其他组合更省且更可能；菱形：以新的企业、参数与运气复核。",
            "Dots: as the search saw them; line: no other is cheaper and likelier; diamonds: run afresh.",
        )
        panel(title, front(found, say), 400, note, say, "half")


def headline(found: Found, search: Search, say: Say) -> tuple[str, str]:
    """What came out, in a sentence."""
    wished = f"{PERCENT * search.chance:.0f}"
    best = found.best
    if best is not None:
        low, middle, high = span(best.cost)
        chance = f"{PERCENT * best.chance.estimate:.0f}"
        sentence = say(
            f"找到：约 {middle:.2f} 亿元（{low:.2f}–{high:.2f}）可使概率达到 {chance}%（所求 {wished}%）。",
            f"Found: about {middle:.2f} 亿元 ({low:.2f}–{high:.2f}) gives a chance of {chance} % ({wished} % wished).",
        )
        return sentence, ""
    most = found.likeliest.chance
    odds = f"{PERCENT * most.estimate:.0f}"
    between = f"{PERCENT * most.low:.0f}–{PERCENT * most.high:.0f}"
    sentence = say(
        f"没有找到：经复核，试过的组合没有一个达到 {wished}%。最可能的组合为 {odds}%（95%区间 {between}%）。",
        f"None found: run afresh, no package tried reaches {wished} %. The likeliest has {odds} % "
        f"(95 % interval {between} %).",
    )
    return sentence, "lv-trouble"


def finalist_rows(found: Found, search: Search, say: Say) -> list[list[dict[str, str]]]:
    """The finalists side by side: levers, cost, chance, and how optimistic the search was."""
    packages, year = found.finalists, declared_target().year
    seen = [{"text": charts.spaced(f"{PERCENT * one.seen:.0f} %", say)} for one in packages]
    rows = [
        [{"text": say("概率（复核）", "Chance, run afresh")}, *(odds_cell(one, say) for one in packages)],
        [{"text": say("概率（搜索时）", "Chance, in the search")}, *seen],
        [
            {"text": say(f"2022—{year}年区级支出，亿元", f"Public cost 2022–{year}, 亿元")},
            *(spanned(one.cost, 2) for one in packages),
        ],
        [
            {"text": say(f"{year}年营收，亿元", f"Revenue in {year}, 亿元")},
            *(spanned(one.revenue, 0) for one in packages),
        ],
    ]
    for factor in search.factors:
        unit = shown_unit(load_declarations()[factor.name].unit, say)[1]
        name = {"text": lever_words(factor.name, say), "under": unit}
        values = [value_words(factor.name, one.settings[factor.name], say) for one in packages]
        rows.append([name, *({"text": text.removesuffix(unit).strip()} for text in values)])
    return rows


def spanned(values: np.ndarray, decimals: int) -> dict[str, str]:
    """Median with the 90 % band below."""
    low, middle, high = (f"{value:,.{decimals}f}" for value in span(values))
    return {"text": middle, "under": f"{low}–{high}"}


def odds_cell(package: Package, say: Say) -> dict[str, Any]:
    """A chance with its 95 % interval."""
    odds = package.chance
    text, under = f"{PERCENT * odds.estimate:.0f} %", f"{PERCENT * odds.low:.0f}–{PERCENT * odds.high:.0f} %"
    return {"text": charts.spaced(text, say), "under": charts.spaced(under, say)}


def front(found: Found, say: Say) -> Chart:
    """All packages by cost and chance, the front among them, and the wish."""
    points = [
        [round(cost, 3), round(PERCENT * chance, 1)] for cost, chance in zip(found.cost, found.chance, strict=True)
    ]
    best = sorted((points[int(place)] for place in found.front), key=lambda point: (point[0], point[1]))
    final = [[round(float(one.cost.mean()), 3), round(PERCENT * one.chance.estimate, 1)] for one in found.finalists]
    wish = PERCENT * found.wished
    title = say(f"所求 {wish:.0f}%", f"wished {wish:.0f} %")
    mark = {
        "silent": True,
        "symbol": "none",
        "lineStyle": {"color": charts.INK, "type": [6, 4], "width": 1.2},
        "label": {"position": "insideStartTop", "formatter": title, "color": charts.INK, "fontSize": charts.SMALL},
        "data": [{"yAxis": wish}],
    }
    cost, chance = say("支出，亿元", "cost, 亿元"), say("概率，%", "chance, %")
    value = charts.axis_style() | {"type": "value"}
    names = [say("试过", "tried"), say("最优前沿", "front"), say("复核", "run afresh")]

    def told(kind: str, data: list[list[float]]) -> list[dict[str, Any]]:
        return [{"value": one, "reading": [kind, f"{cost}: {one[0]:.2f}", f"{chance}: {one[1]:.0f}"]} for one in data]

    option = charts.frame() | {
        "tooltip": {"trigger": "item", "confine": True},
        "legend": {"top": 0, "right": 8, "textStyle": {"color": charts.SOFT, "fontSize": charts.SMALL}},
        "grid": {"left": 8, "right": 24, "top": 30, "bottom": 22, "containLabel": True},
        "xAxis": value | {"name": cost, "nameLocation": "middle", "nameGap": 24, "min": 0},
        "yAxis": value
        | {"min": 0, "max": 100, "axisLabel": value["axisLabel"] | {"formatter": charts.spaced("{value} %", say)}},
        "series": [
            dots(names[0], told(names[0], points), "#9fb4b8", "circle", 8) | {"markLine": mark},
            {
                "name": names[1],
                "type": "line",
                "data": told(names[1], best),
                "symbolSize": 7,
                "lineStyle": {"color": charts.NOW, "width": 2},
                "itemStyle": {"color": charts.NOW},
            },
            dots(names[2], told(names[2], final), "#b5651d", "diamond", 13),
        ],
    }
    order = np.argsort(found.cost, kind="stable")
    rows = [[f"{found.cost[place]:.2f}", f"{PERCENT * found.chance[place]:.0f}"] for place in order]
    return Chart(option, [], [cost, chance], rows)


def dots(name: str, data: list[dict[str, Any]], colour: str, symbol: str, size: int) -> dict[str, Any]:
    """Points of one kind."""
    style = {"color": colour, "opacity": 0.9}
    return {"name": name, "type": "scatter", "data": data, "symbol": symbol, "symbolSize": size, "itemStyle": style}
