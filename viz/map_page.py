"""The page Map: firms by park, by-products between parks, supply chains, and single firms beside their twins."""

from dataclasses import replace
from typing import Any

import pandas as pd
import solara

from experiments.languages import Say
from sim.scenario import Scenario
from viz import firm_card, park_map, widgets
from viz.asked import use_replicates
from viz.charts import setting_name, spaced
from viz.district import FIRMS, District, titles
from viz.firm_words import firm_title, member_words, park_words, told
from viz.follow import Snapshot
from viz.forecast_page import panel
from viz.view import YEARS, View

LAYER_NAMES = {
    "firms": ("企业", "Firms"),
    "streams": ("副产物链路", "By-products"),
    "chain": ("供应链", "Supply chain"),
}
MOST_FIRMS = 9  # that a list shows at first
MORE = 24
MOST_LINKS = 10
CHART_HEIGHT = 470


@solara.component
def Map(view: View, found: tuple[Scenario, Scenario], say: Say, look: Any) -> None:
    """The page.

    Args:
        view: what is looked at.
        found: the setting, and no district policies, over the same horizon.
        say: picks the language.
        look: changes the view.
    """
    (own, twin), snapshot = use_replicates(found, FIRMS)
    if own is None:
        with solara.Div(classes=["lv-panel"]):
            solara.v.Html(tag="h2", children=[say("园区与企业", "Parks and firms")])
            text = waiting_words(snapshot, say)
            solara.v.Html(tag="div", class_="lv-waiting", style_="height:520px", children=[text])
        return
    year = int(view.year) if int(view.year) in own.years else own.years[-1]
    with solara.Div():
        Choices(view, own, say, look)
        with solara.Div(classes=["lv-panels"]):
            Picture(view, own, year, say, look)
            with solara.Div(classes=["lv-panel", "lv-map-side"]):
                if view.firm is not None:
                    Card(view, own, twin, year, say, look)
                elif view.layer == "streams":
                    Streams(view, own, year, say, look)
                else:
                    Firms(view, own, year, say, look)
            if view.firm is not None and len(own.story(view.firm)):
                Story(view, own, twin, say)


def waiting_words(snapshot: Snapshot, say: Say) -> str:
    """Why there is nothing to see yet."""
    trouble = next((run.trouble for run in snapshot.runs if run.trouble), "")
    if trouble:
        sentence = f"The run failed; tell the operator this reference: {trouble}"
        return say(f"计算出错，请联系管理员并告知编号 {trouble}", sentence)
    if snapshot.waiting:
        return say("排队中，有空位即自动开始", "Waiting; it starts as soon as there is room")
    return say("正在逐企业计算一次重复……", "One replicate is being run firm by firm…")


@solara.component
def Choices(view: View, own: District, say: Say, look: Any) -> None:
    """Layer, grouping and year."""
    with solara.Div(classes=["lv-choices"]):
        layers = [[name, say(*title)] for name, title in LAYER_NAMES.items()]
        widgets.Choice(
            label=say("图层", "Layer"),
            choices=layers,
            chosen=view.layer,
            event_choose=lambda name: look(lambda now: replace(now.turned(layer=name), pick=kept_pick(now, name))),
        )
        if view.layer == "firms":
            names = [["sector", say("按行业", "by sector")], ["size", say("按规模", "by size")]]
            widgets.Choice(
                label=say("分组", "Grouping"),
                choices=names,
                chosen=view.by,
                event_choose=lambda name: look(lambda now: replace(now.turned(by=name), pick="")),
            )
        years = [[year, year] for year in sorted(YEARS) if int(year) in own.years]
        widgets.Choice(
            label=say("年份", "Year"),
            choices=years,
            chosen=view.year if int(view.year) in own.years else str(own.years[-1]),
            event_choose=lambda name: look(lambda now: now.turned(year=name)),
        )


def kept_pick(view: View, layer: str) -> str:
    """What stays chosen when the layer changes: a firm in its chain, nothing else."""
    return view.pick if layer == "chain" and view.firm is not None else ""


@solara.component
def Picture(view: View, own: District, year: int, say: Say, look: Any) -> None:
    """The map, or the chain of the firm that is chosen."""
    if view.layer == "chain":
        Chain(view, own, year, say, look)
        return
    with solara.Div(classes=["lv-panel", "lv-wide"]):
        title, note = map_words(view, year, say)
        solara.v.Html(tag="h2", children=[title])
        stream = view.pick if view.layer == "streams" else ""
        layer = (
            park_map.stream_layer(own, year, view.by, stream, say)
            if view.layer == "streams"
            else park_map.firm_layer(own, year, view.by, view.pick, say)
        )
        widgets.ParkMap(
            label=title,
            width=int(park_map.WIDTH),
            height=int(park_map.HEIGHT),
            hint=say("指向或选择一个圆查看详情。", "Point at a circle, or choose it, for more."),
            event_pick=lambda key: look(lambda now: on_map(now, str(key))),
            **layer,
        )
        solara.v.Html(tag="p", class_="lv-note", children=[note])


def on_map(view: View, key: str) -> View:
    """The view after a mark was chosen: again lets go of it; with by-products shown, a park leads to its firms."""
    if view.layer == "streams":
        return view.turned(layer="firms").picking(key)
    return view.picking("" if view.pick == key else key)


def map_words(view: View, year: int, say: Say) -> tuple[str, str]:
    """Title and note of the map."""
    common = say(
        "示意图：园区方位大致属实，距离与大小不按比例。所示为许多同样可能的历史之一（第0次重复），不是预测。",
        "Schematic: directions of the parks are roughly right, distances are not. One of many equally likely histories "
        "(replicate 0), not a forecast.",
    )
    if view.layer == "streams":
        name = told(titles("streams"), view.pick, say) if view.pick else say("全部副产物", "all by-products")
        title = say(f"{year}年园区之间的副产物：{name}", f"By-products between parks in {year}: {name}")
        return title, say(
            "箭头由产生方指向利用方，宽度为吨数；圆内为园区内部的量。",
            "Arrows run from giver to taker, as wide as tonnes; circles tell what stays inside. ",
        ) + common
    what = say("行业", "sector") if view.by == "sector" else say("规模", "size")
    title = say(f"{year}年各园区企业，按{what}汇总", f"Firms of the parks in {year}, by {what}")
    return title, say("圆的面积为产出（2020年价）。", "Areas are outputs (2020 prices). ") + common


@solara.component
def Chain(view: View, own: District, year: int, say: Say, look: Any) -> None:
    """Suppliers, customers and by-product partners of the firm that is chosen."""
    known = view.firm is not None and bool((own.at(year)["firm"] == view.firm).any())
    title = say(f"供应链，{own.years[-1]}年末", f"Supply chain, end of {own.years[-1]}")
    if not known:
        with solara.Div(classes=["lv-panel", "lv-wide"]):
            solara.v.Html(tag="h2", children=[title])
            empty = say(
                "请在右侧选择一家企业，查看其供应商与客户。",
                "Choose a firm on the right to see whom it buys from and sells to.",
            )
            if view.firm is not None:
                empty = say(f"该企业{year}年不在区内。", f"The firm is not in the district in {year}.")
            solara.v.Html(tag="div", class_="lv-waiting", style_=f"height:{CHART_HEIGHT}px", children=[empty])
        return
    note = say(
        "灰线：区内买卖，左为供应商，右为客户，宽度为金额；紫色虚线：副产物。点选企业可查看其卡片。",
        "Grey: trade inside the district, suppliers left, customers right, as wide as the money; purple dashes: "
        "by-products. Choose a firm for its card.",
    )
    with solara.Div(classes=["lv-panel", "lv-wide"]):
        solara.v.Html(tag="h2", children=[title])
        widgets.ParkMap(
            label=title,
            width=int(park_map.WIDTH),
            height=int(park_map.HEIGHT),
            hint=say("指向或选择一家企业查看详情。", "Point at a firm, or choose it, for more."),
            event_pick=lambda key: look(lambda now: now.picking(str(key))),
            **firm_card.chain(own, view.firm, year, say),
        )
        solara.v.Html(tag="p", class_="lv-note", children=[note])


@solara.component
def Firms(view: View, own: District, year: int, say: Say, look: Any) -> None:
    """The firms of what is chosen, the largest first."""
    more, set_more = solara.use_state(False)
    park, _, member = view.pick.partition(".")
    rows = own.chosen(year, park, view.by, member)
    with solara.Div():
        with solara.Div(classes=["lv-crumbs"]):
            names = [say("全部园区", "All parks")]
            names += [park_words(park, say)] if park else []
            names += [member_words(view.by, member, say)] if member else []
            solara.v.Html(tag="b", children=[" › ".join(names)])
            total, firms = rows["output"].sum() / firm_card.PER_YI, rows["weight"].sum()
            sums = say(f"{firms:,.0f} 家，产出 {total:,.0f} 亿元", f"{firms:,.0f} firms, output {total:,.0f} 亿元")
            solara.v.Html(tag="span", children=[sums])
        PickedOnes(view, own, year, park, say, look)
        shown = rows.iloc[: MOST_FIRMS + MORE * more]
        widgets.PickList(
            columns=[
                say("企业（合成，按产出）", "Firm (synthetic), by output"),
                say("产出，亿元", "Output, 亿元"),
                say("绿色占比", "Green share"),
            ],
            numeric=[1, 2],
            rows=[firm_row(row, view, say) for _, row in shown.iterrows()],
            none=say("此处没有企业。", "No firm here."),
            event_pick=lambda key: look(lambda now: now.picking(str(key))),
        )
        if len(rows) > len(shown):
            title = say("更多", "More") if not more else say("收起", "Fewer")
            widgets.Actions(label=title, choices=[["more", title]], event_act=lambda _: set_more(not more))


@solara.component
def PickedOnes(view: View, own: District, year: int, park: str, say: Say, look: Any) -> None:
    """Ways from here: all parks or the parks, for those who do not use the map."""
    choices = [["", say("全部", "All")]] + [[name, park_words(name, say)] for name in titles("parks")]
    widgets.Choice(
        label=say("园区", "Park"),
        choices=choices,
        chosen=park,
        event_choose=lambda name: look(lambda now: now.picking(str(name))),
    )


def firm_row(row: "pd.Series", view: View, say: Say) -> dict[str, Any]:
    """A firm in a list."""
    sector = member_words("sector", str(row["sector"]), say)
    size, park = member_words("size", str(row["size"]), say), park_words(str(row["park"]), say)
    many = say(f"代表{row['weight']:,.0f}家", f"stands for {row['weight']:,.0f}") if row["weight"] > 1.5 else ""
    return {
        "key": f"f{row['firm']}",
        "cells": [
            say(f"{row['firm']}号 {sector}", f"No. {row['firm']}: {sector}"),
            f"{row['output'] / firm_card.PER_YI:,.2f}",
            spaced(f"{100 * row['green_share']:.0f} %", say),
        ],
        "under": say("，", ", ").join(filter(None, [park, size, many])),
        "chosen": view.firm == row["firm"],
    }


@solara.component
def Streams(view: View, own: District, year: int, say: Say, look: Any) -> None:
    """The streams by tonnes, and the largest links of the one that is chosen."""
    table = own.streams(year)
    most = float(table["tonnes"].max()) if len(table) else 1.0
    with solara.Div():
        rows = [
            {
                "key": row.stream,
                "cells": [told(titles("streams"), row.stream, say), f"{row.tonnes:,.0f}", str(row.links)],
                "bar": row.tonnes / most,
                "chosen": view.pick == row.stream,
            }
            for row in table.itertuples()
        ]
        if view.pick:
            links = own.flows(year, view.pick).iloc[:MOST_LINKS]
            people = own.at(year).set_index("firm")
            widgets.PickList(
                columns=[say("产生企业", "Giver"), say("利用企业", "Taker"), say("吨", "t")],
                numeric=[2],
                rows=[link_row(row, people, say) for row in links.itertuples()],
                none=say("该年无链路。", "No link in that year."),
                event_pick=lambda key: look(lambda now: now.picking(str(key))),
            )
        widgets.PickList(
            columns=[say(f"副产物，{year}年", f"By-product, {year}"), say("吨", "t"), say("链路", "Links")],
            numeric=[1, 2],
            rows=rows,
            none=say("该年没有副产物链路。", "No by-product links in that year."),
            event_pick=lambda key: look(
                lambda now: replace(now, pick="" if now.pick == key else now.picking(str(key)).pick)
            ),
        )


def link_row(row: Any, people: pd.DataFrame, say: Say) -> dict[str, Any]:
    """A link between two firms."""
    texts = []
    for firm in (row.giver, row.taker):
        known = firm in people.index
        sector = member_words("sector", str(people.loc[firm, "sector"]), say) if known else ""
        texts.append(say(f"{firm}号 {sector}", f"No. {firm}: {sector}"))
    return {"key": f"f{row.giver}", "cells": [*texts, f"{row.tonnes:,.0f}"], "chosen": False}


@solara.component
def Card(view: View, own: District, twin: District | None, year: int, say: Say, look: Any) -> None:
    """The firm that is chosen."""
    story = own.story(view.firm)
    with solara.Div():
        if not len(story):
            text = say(f"没有编号为{view.firm}的企业。", f"There is no firm with the number {view.firm}.")
            solara.v.Html(tag="p", class_="lv-trouble", children=[text])
        else:
            shown = year if year in set(story["year"]) else int(story["year"].iloc[-1])
            row = story[story["year"] == shown].iloc[0]
            solara.v.Html(
                tag="h2", children=[say(f"{firm_title(row, say)}（{shown}年）", f"{firm_title(row, say)} ({shown})")]
            )
            with solara.v.Html(tag="dl", class_="lv-facts"):
                for name, value in firm_card.facts(story, shown, say):
                    with solara.Div():
                        solara.v.Html(tag="dt", children=[name])
                        solara.v.Html(tag="dd", children=[value])
            if twin is not None:
                chart = firm_card.course(story, twin.story(view.firm), own.years, setting_name(view, say), say)
                title = say(
                    "产出，亿元（2020年价），与无政策的孪生企业", "Output, 亿元 at 2020 prices, and its no-policy twin"
                )
                panel(title, chart, 190, "", say, "plain")
        back = say("返回企业列表", "Back to the list")
        widgets.Actions(
            label=back,
            choices=[["back", back]],
            event_act=lambda _: look(lambda now: replace(now.turned(layer="firms"), pick="")),
        )


@solara.component
def Story(view: View, own: District, twin: District | None, say: Say) -> None:
    """What the firm did beside its twin, what bound it, and all that happened to it."""
    with solara.Div(classes=["lv-panels", "lv-even", "lv-span"]):
        BesideTwin(view, own, twin, say)
        History(view, own, say)


@solara.component
def BesideTwin(view: View, own: District, twin: District | None, say: Say) -> None:
    """Projects, certificates and what bound the firm, here and without district policies."""
    with solara.Div(classes=["lv-panel", "lv-half"]):
        title = say("与无政策的孪生企业相比", "Beside its twin without district policies")
        solara.v.Html(tag="h2", children=[title])
        if twin is None:
            solara.v.Html(
                tag="div", class_="lv-waiting", style_="height:120px", children=[say("正在计算……", "Running…")]
            )
        else:
            rows = firm_card.beside_twin(own, twin, view.firm, say)
            names = [setting_name(view, say), say("无政策", "No policies")]
            if rows:
                columns = [say("完成的项目与证书", "Projects done, certificates"), *names, say("相差", "Difference")]
                widgets.Table(columns=columns, numeric=[], rows=rows)
            else:
                none = say(
                    "2021年以来两者都没有完成项目或取得证书。",
                    "Since 2021 neither has done a project or got a certificate.",
                )
                solara.v.Html(tag="p", class_="lv-note", children=[none])
            bound = firm_card.bound_by_year(own, twin, view.firm, say)
            columns = [say("年末约束", "What bound it, end of"), *names]
            widgets.Table(columns=columns, numeric=[], rows=bound)
            note = say(
                "同一企业、同样的参数与运气；差别只来自区级政策。单个企业的差别不可相加为政策效果。",
                "The same firm with the same numbers and luck: the difference is the policies. Firms compete, so "
                "differences of single firms never add up to an effect.",
            )
            solara.v.Html(tag="p", class_="lv-note", children=[note])


@solara.component
def History(view: View, own: District, say: Say) -> None:
    """All that happened to the firm."""
    with solara.Div(classes=["lv-panel", "lv-half"]):
        solara.v.Html(
            tag="h2", children=[say("经历（更换供应商除外）", "What happened to it (changes of suppliers left out)")]
        )
        rows = firm_card.history(own, view.firm, say)
        columns = [say("季度", "Quarter"), say("事件", "Event"), say("内容", "About"), say("万元", "万元")]
        if rows:
            with solara.Div(classes=["lv-history"]):
                widgets.Table(columns=columns, numeric=[3], rows=rows)
        else:
            solara.v.Html(tag="p", class_="lv-note", children=[say("没有事件。", "Nothing.")])
