"""The page Why: what changes revenue, what keeps firms from acting, what they have taken up, and who is paid."""

from collections.abc import Sequence

import numpy as np
import solara

from experiments.bridge_words import TERMS
from experiments.captions import scenario_title
from experiments.colours import INK
from experiments.languages import Say
from experiments.results import declared_target, family, member_name
from sim.configuration.periods import FIRST_YEAR, quarter_name
from sim.results.bridge import TERMS as PLACES
from sim.results.bridge import bridge_values
from sim.results.reducing import Replicate
from sim.scenario import Scenario
from viz import charts, money, widgets
from viz.answers import Answers, Bar, Floats, place_of_quarterly, span, yearly
from viz.asked import use_replicates
from viz.charts import Chart, signed
from viz.district import FIRMS
from viz.firm_words import REASONS as REASON_WORDS
from viz.flows_panel import Flows
from viz.forecast_page import panel
from viz.shares_panel import Shares
from viz.view import SCOPES, View

REASONS, GROUPS = "Firms|Reason|{member}", "Adoption by Group|{member}"
ACTING, UNFIT = "Firms|Reason|None", "Firms|Reason|Ineligible"
USUAL_GROUP = "Management"
PERCENT = 100.0
STEP = 50.0  # 亿元 between two lines of the bridge


@solara.component
def Why(
    view: View,
    scenarios: tuple[Scenario, Scenario],
    told: Answers | None,
    own: Sequence[Replicate],
    baseline: Sequence[Replicate],
    visitor: object,
    say: Say,
) -> None:
    """The page.

    Args:
        view: the setting.
        scenarios: it, and what it is set against: the baseline, or no district policies where it is the baseline.
        told: what its replicates say; None before the first.
        own: its replicates.
        baseline: those of the baseline; empty where the setting is the baseline.
        visitor: who looks.
        say: picks the language.
    """
    year, ready = declared_target().year, told is not None and bool(own)
    second, first = scenarios
    against = scenario_title(first.name, say)
    (firms,), _ = use_replicates((second,), FIRMS)
    with solara.Div(classes=["lv-panels", "lv-even"]):
        Shares(first, second, against, year, visitor, say)
        title = say(
            f"{FIRST_YEAR}—{year}年营收变化的构成，亿元（现价）",
            f"Revenue from {FIRST_YEAR} to {year}, term by term, 亿元 at current prices",
        )
        panel(title, bridge(own, view, say) if ready else None, 320, bridge_note(len(own), say), say, "half")
        title = say("企业为何没有启动改造，2025年末，%", "Why firms started no retrofit, end of 2025, %")
        note = say(
            "有适用技术的企业中，按最主要约束划分的占比，按实际企业数计，各重复的中位数。",
            "Share of the firms that some option fits, by the one thing that bound them, as real firms; medians.",
        )
        panel(title, reasons(own, baseline, view, say) if ready else None, 320, note, say, "half")
        title = say(f"已采用的技术，{year}年末，项", f"Options in use, end of {year}")
        note = say(
            "该类各项技术的采用企业数之和，按实际企业数计，各重复的中位数。",
            "Firms that have an option, summed over the options of the group, counted as real firms; medians.",
        )
        panel(title, adoption(own, baseline, view, say) if ready else None, 320, note, say, "half")
        Curves(own if ready else (), baseline, second, view, say)
        Flows(firms, own if ready else (), told is None or told.cost.high > 0.0, say)
        title = say(f"区级支出的去向，2022—{year}年，亿元", f"What the district pays for, 2022–{year}, 亿元")
        note = say(
            "各重复的中位数；数据表列出90%区间。", "Medians of the replicates; their 90 % bands are among the numbers."
        )
        panel(title, spending(told, view, say) if told else None, 380, note, say, "half")
        if baseline:
            title = say(
                f"谁受益：{year}年经营盈余相对基准的变化，亿元",
                f"Who gains: operating surplus against the baseline, {year}, 亿元",
            )
            note = say(
                "变化最大的十个行业，逐次配对的均值与95%区间。",
                "The ten sectors that change most; means of pairs with 95 % intervals.",
            )
            panel(title, money.gains(own, baseline, say) if ready else None, 380, note, say, "half")


@solara.component
def Curves(own: Sequence[Replicate], baseline: Sequence[Replicate], scenario: Scenario, view: View, say: Say) -> None:
    """Adoption of one group of options over time."""
    groups = family(GROUPS)
    chosen, choose = solara.use_state(next(one.name for one in groups if one.name.endswith(USUAL_GROUP)))
    with solara.Div(classes=["lv-panel", "lv-half"]):
        title = say("采用曲线，在用项数", "Adoption curve, options in use")
        solara.v.Html(tag="h2", children=[title])
        with solara.Div(classes=["lv-wrap"]):
            names = [[one.name, member_name(one, say("zh", "en"))] for one in groups]
            widgets.Choice(label=title, choices=names, chosen=chosen, event_choose=choose)
        found = None
        if own:
            at = place_of_quarterly(chosen)
            values = [np.array([one.quarters[:, at] for one in runs]) for runs in (own, baseline)]
            quarters = [quarter_name(quarter) for quarter in range(scenario.quarters)]
            found = charts.course(quarters, values[0], values[1] if len(baseline) else None, view, say)
        panel(
            "",
            found,
            250,
            say(
                "线为中位数，色带含50%与90%的重复；灰色虚线为基准。",
                "Line: median; bands hold 50 and 90 %; grey dashes: baseline.",
            ),
            say,
            "plain",
        )


def bridge_note(n: int, say: Say) -> str:
    """What the terms mean."""
    return say(
        f"{n}次重复的均值，各项相加闭合。市场：每单位产能实际销售的变化；转产、扩产：绿色产能的增加；改造需求：售予本地改造与扩产项目。",
        f"Means of {n} replicates; the terms add up. Markets: real sales for each unit of capacity; conversion and "
        "capacity: more green capacity; retrofit demand: sold to local projects.",
    )


def bridge(own: Sequence[Replicate], view: View, say: Say) -> Chart | None:
    """A waterfall from the revenue of the first year to that of the target's."""
    found = [bridge_values(each.bridge, each.alignment) for each in own if each.bridge is not None]
    if not found:
        return None
    means = np.mean(found, axis=0)[SCOPES.index(view.scope)]
    values = {term: float(means[PLACES.index(term)]) for term in TERMS if term in PLACES}
    ends = {"base": str(FIRST_YEAR), "target": str(declared_target().year)}
    names = [ends.get(term) or say(*TERMS[term]) for term in values]
    floor, bars, level = [], [], 0.0
    for term, value in values.items():
        total = term in ends
        start = 0.0 if total else level
        level = start + value
        colour = charts.GHOST if total else charts.NOW if value >= 0.0 else charts.LOSS
        floor.append(round(min(start, level), 2))
        label = {"show": True, "position": "right", "formatter": charts.whole(value) if total else signed(value)}
        bars.append({"value": round(abs(value), 2), "itemStyle": {"color": colour}, "label": label | {"color": INK}})
    low = STEP * np.floor(min(value for value in floor if value > 0.0) / STEP - 0.1) if any(floor) else 0.0
    high = STEP * np.ceil(max(start + bar["value"] for start, bar in zip(floor, bars, strict=True)) / STEP + 0.1)
    option = charts.frame() | {
        "grid": {"left": 8, "right": 52, "top": 8, "bottom": 24, "containLabel": True},
        "xAxis": charts.axis_style() | {"type": "value", "min": max(low, 0.0), "max": high, "interval": STEP},
        "yAxis": charts.axis_style()
        | {"type": "category", "data": names, "inverse": True, "axisLabel": charts.cluster_labels(say)},
        "series": [
            {"type": "bar", "stack": "level", "data": floor, "itemStyle": {"opacity": 0}, "silent": True},
            {"type": "bar", "stack": "level", "data": bars, "barWidth": "58%"},
        ],
    }
    texts = [charts.whole(value) if term in ends else signed(value) for term, value in values.items()]
    rows = [[name, text] for name, text in zip(names, texts, strict=True)]
    return Chart(option, rows, [say("构成", "Term"), say("亿元", "亿元")], rows)


def reasons(own: Sequence[Replicate], baseline: Sequence[Replicate], view: View, say: Say) -> Chart:
    """Shares of firms by what bound them in the last quarter of the target's year."""
    members = [each for each in family(REASONS) if each.name != UNFIT]
    now, before = reason_shares(own), reason_shares(baseline)
    shown = [
        Bar(each, span(now[each.name]), float(np.median(before[each.name])) if len(baseline) else None, 0.0)
        for each in members
    ]
    names = {
        each.name: say(*words).capitalize() for each, words in zip(family(REASONS), REASON_WORDS.values(), strict=True)
    }
    names[ACTING] = say("已启动或即将启动", "Starting one, or about to")
    return charts.bars(shown, say("原因，%", "Reason, %"), view, say, decimals=1, with_first=False, renamed=names)


def reason_shares(replicates: Sequence[Replicate]) -> dict[str, Floats]:
    """Per cent of the firms that some option fits, by reason, each of shape (n_replicates,)."""
    quarter = 4 * (declared_target().year - FIRST_YEAR) + 3
    members = [each.name for each in family(REASONS) if each.name != UNFIT]
    counts = {
        name: np.array([each.quarters[quarter, place_of_quarterly(name)] for each in replicates]) for name in members
    }
    whole = np.maximum(np.sum(list(counts.values()), axis=0), 1.0)
    return {name: PERCENT * count / whole for name, count in counts.items()}


def adoption(own: Sequence[Replicate], baseline: Sequence[Replicate], view: View, say: Say) -> Chart:
    """Options in use by group."""
    year = declared_target().year
    shown = [
        Bar(
            each,
            span(yearly(own, each.name, year)),
            float(np.median(yearly(baseline, each.name, year))) if len(baseline) else None,
            float(np.median(yearly(own, each.name, FIRST_YEAR))),
        )
        for each in family(GROUPS)
    ]
    return charts.bars(shown, say("技术类别，项", "Group, options"), view, say, decimals=0)


def spending(told: Answers, view: View, say: Say) -> Chart:
    """What the district pays by programme, those that cost something."""
    shown = [bar for bar in told.programmes if max(bar.now.high, bar.baseline or 0.0) >= 0.005]
    return charts.bars(shown, say("项目，亿元", "Programme, 亿元"), view, say, decimals=2, with_first=False, year="")
