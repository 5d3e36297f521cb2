"""A firm on its card: what it is, what became of it, and its twin without district policies, with the same luck."""

from typing import Any

import pandas as pd

from experiments.captions import scenario_title
from experiments.languages import Say, inside
from sim.configuration.periods import quarter_index
from viz import charts
from viz.charts import Chart
from viz.district import MOST_PARTNERS, District, adopted, first_event, titles
from viz.firm_words import event_row, member_words, park_words, project_words, reason_words, told

PER_YI = 1e4
KINDS = (("completed", "project"), ("certified", "certificate"))
LATER = 1  # quarter from which a difference is told
SUPPLY, BY_PRODUCT = "#8d96a3", "#8a5a9e"
MIDDLE, SIDES = (320.0, 190.0), {"suppliers": 205.0, "customers": 435.0}  # of the picture of a chain
TOP, BOTTOM, BESIDE = 14.0, 380.0, 78.0
NARROW, WIDE = 1.0, 7.0  # of lines
LONGEST = 30  # signs of a partner's title
MOST_STREAMS = 4


def facts(story: pd.DataFrame, year: int, say: Say) -> list[list[str]]:
    """The firm in a year; flows of the year, money in 万元."""
    row = story[story["year"] == year].iloc[0]
    product = str(row["product"])
    came = say("迁入", "moved in") if row["relocated"] else say("新设", "new") if row["entrant"] else ""
    found = [
        [say("规模", "Size"), member_words("size", str(row["size"]), say)],
        [say("代表企业数", "Stands for"), say(f"{row['weight']:,.0f} 家", many_firms(float(row["weight"])))],
        [say("产出", "Output"), f"{row['output']:,.0f} 万元"],
        [say("绿色产出占比", "Green share"), charts.spaced(f"{100 * row['green_share']:.0f} %", say)],
        [say("绿色产品", "Green product"), told(titles("products"), product, say) if product else "–"],
        [say("综合能耗", "Energy"), say(f"{row['energy']:,.0f} 吨标煤", f"{row['energy']:,.0f} tce")],
        [say("二氧化碳", "CO2"), say(f"{row['emissions']:,.0f} 吨", f"{row['emissions']:,.0f} t")],
        [say("现金", "Cash"), f"{row['cash']:,.0f} 万元"],
        [say("贷款", "Loans"), f"{row['debt']:,.0f} 万元"],
        [say("未启动改造的原因", "What bound it"), reason_words(str(row["reason"]), say)],
    ]
    return [*found, [say("来源", "Origin"), came]] if came else found


def many_firms(weight: float) -> str:
    """How many real firms a row stands for, in English."""
    return "one firm" if round(weight) == 1 else f"{weight:,.0f} firms"


def course(own: pd.DataFrame, twin: pd.DataFrame, years: list[int], name: str, say: Say) -> Chart:
    """Output by year beside that of the twin, 亿元 at 2020 prices."""
    lines = [output_by_year(story, years) for story in (own, twin)]
    names = [name, scenario_title("none", say)]
    styles = ((charts.NOW, 2.4, "solid"), (charts.GHOST, 1.8, "dashed"))
    series = [
        {
            "name": title,
            "type": "line",
            "data": line,
            "symbolSize": 5,
            "lineStyle": {"color": colour, "width": width, "type": kind},
            "itemStyle": {"color": colour},
            "z": 4 - place,
        }
        for place, (title, line, (colour, width, kind)) in enumerate(zip(names, lines, styles, strict=True))
    ]
    option = charts.frame() | {
        "legend": {"top": 0, "left": 0, "itemHeight": 8, "textStyle": {"color": charts.INK, "fontSize": charts.SMALL}},
        "grid": {"left": 8, "right": 16, "top": 28, "bottom": 4, "containLabel": True},
        "xAxis": charts.axis_style() | {"type": "category", "data": [str(year) for year in years]},
        "yAxis": charts.axis_style() | {"type": "value", "scale": True, "axisLine": {"show": False}, "splitNumber": 3},
        "series": series,
    }
    texts = [["–" if value is None else f"{value:,.2f}" for value in line] for line in lines]
    rows = [[str(year), *cells] for year, *cells in zip(years, *texts, strict=True)]
    readings = [[year, f"{names[0]}: {now}", f"{names[1]}: {before}"] for year, now, before in rows]
    return Chart(option, readings, [say("年份", "Year"), *names], rows)


def output_by_year(story: pd.DataFrame, years: list[int]) -> list[float | None]:
    """Output, 亿元; None in years in which the firm was not there."""
    values = dict(zip(story["year"].tolist(), story["output"].tolist(), strict=True))
    return [round(values[year] / PER_YI, 4) if values.get(year) else None for year in years]


def beside_twin(own: District, twin: District, firm: int, say: Say) -> list[dict[str, Any]]:
    """Projects and certificates of a firm and of its twin: when each has them, and how far apart."""
    rows = []
    for kind, column in KINDS:
        now, before = (first_event(one.events_of(firm), kind, column) for one in (own, twin))
        for name in sorted({*now, *before}, key=lambda one: (min(now.get(one, "9"), before.get(one, "9")), one)):
            title = project_words(name, say) if column == "project" else told(titles("certificates"), name, say)
            cells = [title, now.get(name, "–"), before.get(name, "–"), apart(now.get(name), before.get(name), say)]
            rows.append({"tone": "", "cells": [{"text": text} for text in cells]})
    had = [adopted(one.story(firm), "options", one.years[0]) for one in (own, twin)]
    if not rows and had[0]:
        return []
    return rows


def apart(now: str | None, before: str | None, say: Say) -> str:
    """How far apart two quarters are."""
    if now is None:
        return say("仅无政策时", "only without policies")
    if before is None:
        return say("仅本设置下", "only with this setting")
    quarters = quarter_index(before) - quarter_index(now)
    if quarters >= LATER:
        return say(f"提前{quarters}个季度", f"{quarters} quarter{plural(quarters)} earlier")
    if quarters <= -LATER:
        return say(f"推迟{-quarters}个季度", f"{-quarters} quarter{plural(-quarters)} later")
    return say("相同", "the same")


def plural(number: int) -> str:
    """What an English noun ends with."""
    return "" if number == 1 else "s"


def bound_by_year(own: District, twin: District, firm: int, say: Say) -> list[dict[str, Any]]:
    """What kept the firm from starting a retrofit at the end of each year, here and without policies."""
    rows = []
    reasons = [
        dict(zip(one.story(firm)["year"], one.story(firm)["reason"].astype(str), strict=True)) for one in (own, twin)
    ]
    for year in own.years:
        texts = [reason_words(one[year], say) if year in one else say("不在区内", "not there") for one in reasons]
        rows.append({"tone": "", "cells": [{"text": str(year)}, *({"text": text} for text in texts)]})
    return rows


def history(own: District, firm: int, say: Say) -> list[dict[str, Any]]:
    """What happened to a firm, changes of suppliers left out."""
    events = own.events_of(firm)
    rows = [event_row(row, say) for _, row in events[events["kind"] != "switched"].iterrows()]
    return [{"tone": "", "cells": [{"text": text} for text in row]} for row in rows]


def chain(district: District, firm: int, year: int, say: Say) -> dict[str, Any]:
    """Whom a firm buys from and sells to in the district, the largest one by one, and its by-products."""
    rows = district.at(year).set_index("firm")
    partners = district.partners(firm, year)
    nodes, lines = [centre(firm, rows, say)], []
    for side in SIDES:
        most = float(partners[side]["amount"].max()) if len(partners[side]) else 1.0
        shown, rest = partners[side].iloc[:MOST_PARTNERS], partners[side].iloc[MOST_PARTNERS:]
        entries = [(int(row.firm), float(row.amount), "") for row in shown.itertuples()]
        if len(rest):
            entries.append((-1, float(rest["amount"].sum()), say(f"其余 {len(rest)} 家", f"{len(rest)} more")))
        for place, (other, amount, text) in enumerate(entries):
            y = TOP + (BOTTOM - TOP) * (place + 0.5) / len(entries)
            node = partner(f"{side}-{place}", other, text, (SIDES[side], y), rows, say)
            node["reading"].append(say(f"每年 {amount:,.0f} 万元", f"{amount:,.0f} 万元 a year"))
            nodes.append(node)
            width = NARROW + WIDE * min(amount / most, 1.0)
            lines.append({"path": bent((SIDES[side], y)), "width": round(width, 1), "colour": SUPPLY, "dashed": False})
    add_by_products(district, firm, year, rows, nodes, lines, say)
    return {"parks": [], "bubbles": nodes, "arcs": [], "lines": lines, "scale": [], "scale_title": ""}


def bent(place: tuple[float, float]) -> str:
    """A line from a partner to the middle, level at both ends."""
    x, y = place
    half = (x + MIDDLE[0]) / 2
    return f"M{x:.1f},{y:.1f} C{half:.1f},{y:.1f} {half:.1f},{MIDDLE[1]:.1f} {MIDDLE[0]:.1f},{MIDDLE[1]:.1f}"


def centre(firm: int, rows: pd.DataFrame, say: Say) -> dict[str, Any]:
    """The firm in the middle."""
    title = member_words("sector", str(rows.loc[firm, "sector"]), say)
    mark = {"name": "centre", "key": "", "x": MIDDLE[0], "y": MIDDLE[1], "r": 15.0, "colour": charts.NOW}
    number = say(f"{firm}号 {title}", f"No. {firm}: {title}")
    side = {"text": number, "x": MIDDLE[0], "y": MIDDLE[1] - 24, "anchor": "middle"}
    return mark | {"lines": [], "ink": "", "chosen": False, "reading": [number], "side": side}


def partner(
    name: str, firm: int, text: str, place: tuple[float, float], rows: pd.DataFrame, say: Say
) -> dict[str, Any]:
    """A partner at its place; choosing it asks for its own card."""
    known, title, where = firm in rows.index, text, []
    if known:
        row = rows.loc[firm]
        sector = member_words("sector", str(row["sector"]), say)
        title = say(f"{firm}号 {sector}", f"No. {firm}: {sector}")
        where = [park_words(str(row["park"]), say)]
    left = place[0] < MIDDLE[0]
    side = {"text": clipped(title), "x": place[0] + (-12 if left else 12), "y": place[1] + 4}
    return {
        "name": name,
        "key": f"f{firm}" if known else "",
        "x": place[0],
        "y": place[1],
        "r": 6.0 if known else 4.0,
        "colour": SUPPLY,
        "lines": [],
        "ink": "",
        "chosen": False,
        "reading": [title, *where],
        "side": side | {"anchor": "end" if left else "start"},
    }


def clipped(title: str) -> str:
    """A title that fits beside the picture; signs of Chinese count twice."""
    room, kept = LONGEST, ""
    for sign in title:
        room -= 2 if ord(sign) > 0x2E80 else 1
        if room < 0:
            return f"{kept.rstrip(', ')}…"
        kept += sign
    return title


def add_by_products(
    district: District, firm: int, year: int, rows: pd.DataFrame, nodes: list, lines: list, say: Say
) -> None:
    """By-product partners of a firm below it, and their lines."""
    shown = district.exchanges_of(firm, year).iloc[:MOST_STREAMS]
    for place, row in enumerate(shown.itertuples()):
        gives = row.giver == firm
        stream = inside(told(titles("streams"), str(row.stream), say))
        tonnes = say(f"{row.tonnes:,.0f} 吨", f"{row.tonnes:,.0f} t")
        x = MIDDLE[0] + (place - (len(shown) - 1) / 2) * 2.0 * BESIDE
        y = BOTTOM + 16.0 + 34.0 * (place % 2)
        node = partner(f"stream-{place}", int(row.taker if gives else row.giver), "", (x, y), rows, say)
        words = say("送出", "gives") if gives else say("利用", "takes")
        node["colour"] = BY_PRODUCT
        node["side"] = {"text": f"{words} {stream} {tonnes}", "x": x, "y": y + 20, "anchor": "middle"}
        node["reading"] = [f"{words} {stream}", say(f"每年 {tonnes}", f"{tonnes} a year"), *node["reading"]]
        nodes.append(node)
        path = f"M{MIDDLE[0]:.1f},{MIDDLE[1]:.1f} L{x:.1f},{y:.1f}"
        lines.append({"path": path, "width": 2, "colour": BY_PRODUCT, "dashed": True})
