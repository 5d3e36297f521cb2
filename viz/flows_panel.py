"""Who pays and who is paid, by year: public money, and what firms invest with the loans that they take and pay back."""

from collections.abc import Sequence

import solara

from experiments.languages import Say
from experiments.results import declared_target
from sim.configuration.periods import FIRST_YEAR
from sim.results.reducing import Replicate
from viz import loans, money, widgets
from viz.district import District
from viz.forecast_page import panel

ALL = "all"
KINDS = {
    "public": ("公共资金", "Public money"),
    "loans": ("投资与贷款", "Investment and loans"),
}
HEIGHTS = {"public": 440, "loans": 440}


@solara.component
def Flows(firms: District | None, own: Sequence[Replicate], spends: bool, say: Say) -> None:
    """The panel.

    Args:
        firms: of replicate 0; None before it is there.
        own: the replicates of the setting.
        spends: whether the setting costs the district anything.
        say: picks the language.
    """
    kind, choose_kind = solara.use_state("public")
    year, choose_year = solara.use_state(ALL)
    last = declared_target().year
    every = range(FIRST_YEAR + 1, last + 1)
    years = list(every) if year == ALL else [int(year)]
    span = f"{years[0]}—{years[-1]}" if len(years) > 1 else str(years[0])
    with solara.Div(classes=["lv-panel", "lv-span"]):
        title = say(f"谁付钱，谁得钱，{span}年，亿元", f"Who pays and who is paid, {span.replace('—', '–')}, 亿元")
        solara.v.Html(tag="h2", children=[title])
        with solara.Div(classes=["lv-choices"]):
            names = [[name, say(*words)] for name, words in KINDS.items()]
            widgets.Choice(label=title, choices=names, chosen=kind, event_choose=choose_kind)
            names = [[ALL, say("各年合计", "all years")], *([str(one), str(one)] for one in every)]
            widgets.Choice(label=say("年份", "Year"), choices=names, chosen=year, event_choose=choose_year)
        if kind == "public" and not spends:
            none = say("本设置没有区级支出。", "This setting spends nothing.")
            solara.v.Html(tag="div", class_="lv-waiting", style_="height:120px", children=[none])
            return
        found = None
        if firms is not None and own:
            found = money.flows(firms, own[0], years, say) if kind == "public" else loans.flows(firms, years, say)
        panel("", found, HEIGHTS[kind], note(kind, say), say, "plain")


def note(kind: str, say: Say) -> str:
    """What is drawn."""
    if kind == "public":
        return say(
            "从区财政经各项目到各行业企业；“项目运行”为未付给单个企业的部分。所示为一次重复（第0次），不是预测。",
            "From the budget through programmes to firms; what goes to no single firm runs the programme. One history "
            "(replicate 0), not a forecast.",
        )
    return say(
        "全部企业的账目：左边付入，右边付出，各行业收支相抵；自有资金为余额。退出企业未还清而核销的贷款不是资金流动。"
        "第0次重复，非预测。",
        "The books of all firms: what comes in on the left goes out on the right, group by group; firms' own money is "
        "the rest. Loans of firms that left and could not pay are written off: no money flows. One history "
        "(replicate 0), not a forecast.",
    )
