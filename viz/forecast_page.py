"""The page Forecast: green revenue against the plan's target, what it costs, and which clusters carry it."""

from collections.abc import Callable
from typing import Any

import solara

from experiments.captions import scenario_title
from experiments.languages import Say
from experiments.results import declared_target, member_name
from viz import charts, widgets
from viz.answers import Answers, Scope
from viz.charts import Chart, between, signed, spanned, whole
from viz.view import HORIZONS, View

SCOPE_NAMES = {
    "plan": ("规划口径（九个集群）", "Scope of the plan (nine clusters)"),
    "manufacturing": ("制造业（五个集群）", "Manufacturing (five clusters)"),
}
FEW = 20  # replicates below which a probability is only a first sign
PERCENT = 100.0


@solara.component
def Forecast(view: View, told: Answers | None, settling: bool, say: Say, turn: Any) -> None:
    """The page.

    Args:
        view: what is looked at.
        told: what replicates say so far; None before the first.
        settling: whether what is shown belongs to an earlier setting.
        say: picks the language.
        turn: changes the view, by keyword.
    """
    with solara.Div():
        widgets.Tiles(tiles=tiles(view, told, say), settling=settling)
        Choices(view, say, turn)
        Panels(view, told, say)


@solara.component
def Choices(view: View, say: Say, turn: Any) -> None:
    """Scope and horizon."""
    with solara.Div(classes=["lv-choices"]):
        names = [[name, say(*title)] for name, title in SCOPE_NAMES.items()]
        widgets.Choice(
            label=say("口径", "Scope"), choices=names, chosen=view.scope, event_choose=lambda name: turn(scope=name)
        )
        years = [[until, say(f"至{until[:4]}年", f"to {until[:4]}")] for until in HORIZONS]
        widgets.Choice(
            label=say("时段", "Horizon"), choices=years, chosen=view.until, event_choose=lambda name: turn(until=name)
        )


@solara.component
def Panels(view: View, told: Answers | None, say: Say) -> None:
    """The two charts."""
    with solara.Div(classes=["lv-panels"]):
        title = say(
            "绿色产业营收，近四季度之和，亿元（现价）",
            "Green revenue, last four quarters, 亿元 (100 million yuan) at current prices",
        )
        panel(title, charts.fan(told, view, say) if told else None, 330, fan_note(told, say), say, "wide", tall=True)
        year = declared_target().year
        title = say(f"{year}年各集群营收，亿元（现价）", f"Revenue by cluster in {year}, 亿元 at current prices")
        panel(title, charts.clusters(told, view, say) if told else None, 330, "", say, "narrow", tall=True)


def panel(
    title: str,
    chart: Chart | None,
    height: int,
    note: str,
    say: Say,
    kind: str,
    pick: Callable[[Any], None] = lambda key: None,
    tall: bool = False,
) -> None:
    """A chart with title and note; an empty frame of the same size before there is anything to draw.

    Args:
        title: above it.
        chart: None before the first replicate.
        height: of the chart, pixels.
        note: below it; none if empty.
        say: picks the language.
        kind: how wide the frame is; `plain` has none.
        pick: called with the key of what is clicked.
        tall: whether it grows with the window.
    """
    with solara.Div(classes=[f"lv-{kind}"] if kind == "plain" else ["lv-panel", f"lv-{kind}"]):
        if title:
            solara.v.Html(tag="h2", children=[title])
        if chart is None:
            solara.v.Html(
                tag="div",
                class_="lv-waiting lv-tall" if tall else "lv-waiting",
                style_=f"height:{height}px",
                children=[say("正在计算第一次重复……", "The first replicate is being run…")],
            )
        else:
            widgets.ChartFigure(
                option=chart.option,
                readings=chart.readings,
                label=title,
                height=height,
                numbers_word=say("数据表", "Numbers"),
                columns=chart.columns,
                rows=[[cell.replace("−", "-") for cell in row] for row in chart.rows],  # as spreadsheets read it
                tall=tall,
                event_pick=pick,
            )
        if note:
            solara.v.Html(tag="p", class_="lv-note", children=[note])


def fan_note(told: Answers | None, say: Say) -> str:
    """What the bands are, in a sentence."""
    if told is None or told.n == 1:
        return say("首次重复的草图；随后逐步给出区间。", "A first sketch from one replicate; bands follow.")
    return say(
        f"线为{told.n}次重复的中位数，深浅色带含50%与90%；灰色虚线为基准。2021年已按集群对齐，四个非制造业集群的基数无观测值。",
        f"Line: median of {told.n} replicates; bands hold 50 and 90 % of them; grey dashes: baseline. 2021 is "
        f"aligned by "
        "cluster; the base of four clusters was never measured.",
    )


def tiles(view: View, told: Answers | None, say: Say) -> list[dict[str, Any]]:
    """Revenue, chance, gain over the baseline and public cost."""
    target = declared_target()
    unit = say("亿元", "亿元")
    titles = [
        ("revenue", say(f"{target.year}年绿色产业营收", f"Green revenue in {target.year}")),
        ("chance", say(f"达到{target.value:g}亿元的概率", f"Chance of {target.value:g} 亿元")),
        ("gain", say("相对基准", "Against the baseline")),
        ("cost", say(f"2022—{target.year}年区级政策支出", f"Public cost 2022–{target.year}")),
    ]
    if told is None:
        return [
            {"name": name, "title": title, "number": "–", "unit": "", "note": " ", "tone": ""} for name, title in titles
        ]
    scope = told.scopes[view.scope]
    found = [
        revenue_tile(scope, unit, say),
        chance_tile(scope, say),
        gain_tile(scope, unit, say),
        cost_tile(told, unit, say),
    ]
    return [{"name": name, "title": title} | tile for (name, title), tile in zip(titles, found, strict=True)]


def revenue_tile(scope: Scope, unit: str, say: Say) -> dict[str, Any]:
    """Median and 90 % band."""
    low, middle, high = scope.target_year
    note = say(f"90%区间 {low:,.0f}–{high:,.0f}", f"90 % band {low:,.0f}–{high:,.0f}")
    return {
        "number": whole(middle),
        "unit": unit,
        "note": note if scope.odds.n > 1 else say("草图", "sketch"),
        "tone": "",
    }


def chance_tile(scope: Scope, say: Say) -> dict[str, Any]:
    """The share of replicates that reach the target, and how sure that is."""
    odds = scope.odds
    if odds.n == 1:
        return {"number": "…", "unit": "", "note": say("待更多重复", "needs more replicates"), "tone": ""}
    low, high = PERCENT * odds.low, PERCENT * odds.high
    note = say(f"95%置信区间 {low:.0f}–{high:.0f}%", f"95 % interval {low:.0f}–{high:.0f} %")
    return {
        "number": whole(PERCENT * odds.estimate),
        "unit": "%",
        "note": note,
        "tone": "lv-faint" if odds.n < FEW else "",
        "interval": [odds.low, odds.estimate, odds.high],
    }


def gain_tile(scope: Scope, unit: str, say: Say) -> dict[str, Any]:
    """What the setting adds to the baseline, replicate by replicate."""
    if scope.gain is None:
        return {"number": "0", "unit": unit, "note": say("当前即为基准", "this is the baseline"), "tone": ""}
    low, middle, high = scope.gain
    ends = between(low, high, 1, say)
    note = say(f"逐次配对，90%区间 {ends}", f"paired, 90 % band {ends}")
    return {"number": signed(middle), "unit": unit, "note": note, "tone": ""}


def cost_tile(told: Answers, unit: str, say: Say) -> dict[str, Any]:
    """What the district pays."""
    low, middle, high = told.cost
    note = say(f"90%区间 {low:.2f}–{high:.2f}", f"90 % band {low:.2f}–{high:.2f}")
    if told.baseline_cost is not None:
        base = scenario_title("baseline", say)
        note += say(f"；{base} {told.baseline_cost.middle:.2f}", f"; {base} {told.baseline_cost.middle:.2f}")
    return {"number": f"{middle:.2f}", "unit": unit, "note": note, "tone": ""}


@solara.component
def Costs(told: Answers | None, say: Say) -> None:
    """The public cost of the present setting by programme, below the levers."""
    year = declared_target().year
    bars = [bar for bar in told.programmes if bar.now.high > 0] if told else []
    widgets.CostList(
        title=say(f"2022—{year}年区级支出，亿元", f"Public cost 2022–{year}, 亿元"),
        total=spanned(told.cost, 2) if told else "–",
        rows=[[member_name(bar.variable, say("zh", "en")), spanned(bar.now, 2)] for bar in bars],
    )
