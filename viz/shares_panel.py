"""Which parts of a setting carry its effect: Shapley shares, asked for on demand."""

from typing import Any

import numpy as np
import pandas as pd
import solara

from experiments.languages import Say
from experiments.questions.groups import Player
from sim.configuration.parameters import load_declarations
from sim.scenario import Scenario
from viz import charts, widgets
from viz.asked import use_question
from viz.attributing import Attribution, Shared
from viz.charts import Chart
from viz.forecast_page import panel
from viz.plan_sections import CHAPTERS, SECTIONS, section_title
from viz.question_line import QuestionLine
from viz.service import SERVICE

# What may be shared out: name, unit, factor; in the order of questions.NUMBERS.
TOLD = (
    ("revenue", ("绿色营收（规划口径）", "Green revenue, plan"), ("亿元", "亿元"), 1.0, 1),
    ("manufacturing", ("绿色营收（制造业）", "Green revenue, manufacturing"), ("亿元", "亿元"), 1.0, 1),
    ("carbon", ("工业二氧化碳", "CO2 of industry"), ("万吨", "10,000 t"), 1.0, 1),
    ("cost", ("区级支出", "Public cost"), ("亿元", "亿元"), 1e-4, 2),
)
NAMES = [one[0] for one in TOLD]
MOST_PAIRS = 3


@solara.component
def Shares(first: Scenario, second: Scenario, against: str, year: int, visitor: object, say: Say) -> None:
    """The panel.

    Args:
        first: the setting that is set against.
        second: the setting.
        against: how the former is called.
        year: of the target.
        visitor: who looks.
        say: picks the language.
    """
    question = solara.use_memo(lambda: Attribution(first, second, SERVICE.few), [first.digest(), second.digest()])
    chosen, choose = solara.use_state(NAMES[0])
    told, asked, put = use_question(question if question.players else None, visitor)
    number = NAMES.index(chosen)
    with solara.Div(classes=["lv-panel", "lv-span"]):
        title = say(
            f"效果由哪些部分带来：相对“{against}”的Shapley份额，{year}年",
            f"What carries the effect against “{against}”: Shapley shares, {year}",
        )
        solara.v.Html(tag="h2", children=[title])
        if not question.players:
            same = say(
                f"当前设置与“{against}”相同，没有效果可分。", f"The setting is the same as “{against}”: no effect."
            )
            solara.v.Html(tag="p", class_="lv-note", children=[same])
            return
        start = say("计算份额", "Share it out")
        QuestionLine(question, told, asked, put, start, say)
        if told.answer is None:
            solara.v.Html(tag="p", class_="lv-note", children=[explained(question, say)])
            return
        names = [[name, say(*title)] for name, title, *_ in TOLD]
        widgets.Choice(label=say("结果", "Output"), choices=names, chosen=chosen, event_choose=choose)
        with solara.Div(classes=["lv-panels", "lv-even"]):
            panel("", bars(told.answer, number, say), 60 + 34 * len(question.players), "", say, "plain")
            Pairs(told.answer, number, say)
        solara.v.Html(tag="p", class_="lv-note", children=[explained(question, say)])


def explained(question: Attribution, say: Say) -> str:
    """How shares are found."""
    n = len(question.players)
    return say(
        f"将改动分为{n}部分，运行全部{2**n}种组合（各{question.replicates}次重复，同样的企业与运气）。份额为某部分在所有先后次序中"
        "新增效果的平均，相加恰为总效果；横线为95%区间。先完成预测，再用余下的计算时间。",
        f"What was changed is put into {n} parts and all {2**n} combinations are run ({question.replicates} replicates "
        "each, same firms, same luck). A share is what a part adds, averaged over all orders; shares add up to the "
        "effect. Lines: 95 % intervals. The forecast comes first; this takes the time that is left.",
    )


def player_words(player: Player, say: Say) -> str:
    """A part in words: a chapter or section of the plan, or an instrument by its first lever."""
    name = player.name
    if name in SECTIONS:
        return say(*section_title(name))
    if name in CHAPTERS:
        return say(*CHAPTERS[name])
    entry = load_declarations()[player.keys[0]]
    more = len(player.keys) - 1
    title = say(entry.name_zh, entry.name_en)
    return title if not more else say(f"{title}等{more + 1}项", f"{title} and {more} more")


def bars(shared: Shared, number: int, say: Say) -> Chart:
    """A bar for each part, the largest first, with its interval; the sum below."""
    _, title, unit, factor, decimals = TOLD[number]
    table = shared.table(number)
    order = np.argsort(-table["share"].abs().to_numpy(), kind="stable")
    names, values, spans = [], [], []
    for place in order:
        row = table.iloc[int(place)]
        names.append(player_words(shared.players[int(place)], say))
        values.append(round(factor * row["share"], 4))
        spans.append((round(factor * row["low"], 4), round(factor * row["high"], 4)))
    total = round(factor * shared.effect(number), 4)
    names.append(say("合计", "All"))
    labels = [charts.signed(value, decimals) for value in [*values, total]]
    ends = [0.0, total, *values, *(end for span in spans for end in span)]
    pad = 0.14 * (max(ends) - min(ends) or 1.0)
    data = [
        {
            "value": value,
            "itemStyle": {"color": charts.GHOST if place == len(values) else charts.NOW, "opacity": 0.6},
        }
        for place, value in enumerate([*values, total])
    ]
    marks = [[{"coord": [low, place]}, {"coord": [high, place]}] for place, (low, high) in enumerate(spans)]
    texts = [
        {
            "value": [max(value, spans[place][1] if place < len(spans) else value, 0.0), place],
            "label": {"formatter": text},
        }
        for place, (value, text) in enumerate(zip([*values, total], labels, strict=True))
    ]
    option = charts.frame() | {
        "grid": {"left": 8, "right": 12, "top": 6, "bottom": 4, "containLabel": True},
        "xAxis": charts.axis_style()
        | {"type": "value", "min": min(ends) - 0.2 * pad, "max": max(ends) + pad, "show": False},
        "yAxis": charts.axis_style() | {"type": "category", "data": names, "inverse": True, "axisLabel": wide_labels()},
        "series": [
            {
                "type": "bar",
                "data": data,
                "barWidth": "56%",
                "markLine": charts.interval_lines(marks),
            },
            {
                "type": "scatter",
                "symbolSize": 0.1,
                "data": texts,
                "silent": True,
                "label": {"show": True, "position": "right", "color": charts.INK, "fontSize": charts.SMALL},
            },
        ],
    }
    option["tooltip"] |= {"axisPointer": {"type": "shadow"}}
    cells = [charts.between(low, high, decimals, say) for low, high in spans] + [""]
    rows = [[name, text, span] for name, text, span in zip(names, labels, cells, strict=True)]
    readings = [[name, f"{say(*title)}: {text} {say(*unit)}", f"95 %: {span}"] for name, text, span in rows]
    columns = [say("部分", "Part"), f"{say(*title)}, {say(*unit)}", "95 %"]
    return Chart(option, readings, columns, rows)


def wide_labels() -> dict[str, Any]:
    """Names of parts, broken where they are long."""
    return charts.axis_style()["axisLabel"] | {"width": 170, "overflow": "break", "lineHeight": 14, "color": charts.INK}


@solara.component
def Pairs(shared: Shared, number: int, say: Say) -> None:
    """The pairs of parts that help or replace each other most."""
    _, _, unit, factor, decimals = TOLD[number]
    pairs = shared.pairs(number)
    with solara.Div():
        if pairs.empty:
            text = say("只有一部分，没有相互作用。", "There is one part only: nothing to interact with.")
            solara.v.Html(tag="p", class_="lv-note", children=[text])
            return
        names = {player.name: player_words(player, say) for player in shared.players}
        strongest = pairs.iloc[np.argsort(-pairs["interaction"].abs().to_numpy(), kind="stable")[:MOST_PAIRS]]
        rows = [{"tone": "", "cells": pair_cells(row, names, factor, decimals, say)} for _, row in strongest.iterrows()]
        columns = [say("最强的相互作用", "Strongest interactions"), say(*unit)]
        widgets.Table(columns=columns, numeric=[1], rows=rows)
        count = say(f"{shared.n} 次重复", f"{shared.n} replicates")
        solara.v.Html(tag="p", class_="lv-note", children=[count])


def pair_cells(row: "pd.Series", names: dict[str, str], factor: float, decimals: int, say: Say) -> list[dict[str, str]]:
    """A pair, what it adds beyond its members, and whether that can be told from zero."""
    low, middle, high = (factor * row[name] for name in ("low", "interaction", "high"))
    if low <= 0.0 <= high:
        verdict = say("与零无法区分", "cannot be told from zero")
    else:
        verdict = (
            say("相互加强", "they help each other") if middle > 0.0 else say("相互替代", "they replace each other")
        )
    return [
        {"text": f"{names[row['player_a']]} × {names[row['player_b']]}", "under": verdict},
        {"text": charts.signed(middle, decimals), "under": charts.between(low, high, decimals, say)},
    ]
