"""The page Indicators: the plan's eighteen, each with target, forecast, P(hit) and both readings."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import solara

from experiments.languages import Say
from sim.results.reducing import Replicate
from sim.scenario import Scenario
from viz import widgets
from viz.cards import shown_unit
from viz.engine import ensemble_of

PERCENT = 100.0
TAGS = {
    "endogenous": ("模型结果", "from the model"),
    "partial": ("部分建模", "partly modelled"),
    "exogenous": ("外生", "given"),
}


@solara.component
def Indicators(scenario: Scenario, replicates: Sequence[Replicate], populations: int, say: Say) -> None:
    """The page; `replicates` are those that are there."""
    n = len(replicates)
    table = solara.use_memo(
        lambda: ensemble_of(scenario, list(replicates), populations).indicators if n else None, [scenario.digest(), n]
    )
    with solara.Div(classes=["lv-panel"]):
        solara.v.Html(tag="h2", children=[say("规划十八项指标", "The eighteen indicators of the plan")])
        solara.v.Html(tag="p", class_="lv-note", children=[note(n, say)])
        if table is None:
            solara.v.Html(
                tag="div", class_="lv-waiting", style_="height:420px", children=[say("正在计算……", "Running…")]
            )
            return
        columns = [
            "#",
            say("指标", "Indicator"),
            "2020",
            "2021",
            say("目标 2025", "Target 2025"),
            say("预测（5–95%）", "Forecast (5–95 %)"),
            say("达标概率", "Chance"),
            say("说明", "What is told"),
        ]
        widgets.Table(columns=columns, numeric=[2, 3, 4, 5, 6], rows=[row(one, say) for one in table.itertuples()])


def note(n: int, say: Say) -> str:
    """What the numbers come from."""
    return say(
        f"{n}次重复。有两种读法的指标分列两行；未建模的指标照实说明，不给数字。",
        f"{n} replicates. An indicator that can be read in two ways has two rows; one that is not modelled says "
        f"so and has "
        "no number.",
    )


def row(one: Any, say: Say) -> dict[str, Any]:
    """One indicator in one reading."""
    main = one.reading == "main"
    factor, unit = shown_unit(one.unit, say)
    number = [number_text(value, factor) for value in (one.value_2020, one.value_2021, one.target)]
    sign = {"at_least": "≥ ", "at_most": "≤ "}.get(one.sense, "")
    reason = say(one.reason_zh, one.reason_en)
    return {
        "tone": "" if main else "lv-second",
        "cells": [
            {"text": str(one.row) if main else ""},
            {"text": say(one.name_zh, one.name_en) if main else "", "under": f"{say(one.reading_zh, one.reading_en)}"},
            {"text": number[0]},
            {"text": number[1]},
            {"text": f"{sign}{number[2]}" if number[2] != "–" else "–", "under": unit},
            forecast_cell(one, factor),
            chance_cell(one),
            {"text": say(*TAGS.get(one.tag, ("", ""))), "under": reason, "more": say(one.footnote_zh, one.footnote_en)},
        ],
    }


def forecast_cell(one: Any, factor: float) -> dict[str, Any]:
    """Median with its band below."""
    if np.isnan(one.p50):
        return {"text": "–"}
    low, middle, high = (number_text(value, factor) for value in (one.p5, one.p50, one.p95))
    return {"text": middle, "under": f"{low} – {high}"}


def chance_cell(one: Any) -> dict[str, Any]:
    """P(hit) with its interval."""
    if np.isnan(one.p_hit):
        return {"text": "–"}
    return {
        "text": f"{PERCENT * one.p_hit:.0f} %",
        "under": f"{PERCENT * one.p_low:.0f} – {PERCENT * one.p_high:.0f} %",
        "interval": [one.p_low, one.p_hit, one.p_high],
    }


def number_text(value: Any, factor: float) -> str:
    """A number in the unit that is shown, four digits; a dash for none."""
    if value is None or pd.isna(value):
        return "–"
    shown = factor * float(value)
    decimals = 0 if abs(shown) >= 1000 else 1 if abs(shown) >= 100 else 2
    return f"{shown:,.{decimals}f}"
