"""The page Indicators: the plan's eighteen, each with target, forecast, course, chance of a hit, and both readings."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import solara

from experiments.indicator_words import UNITS, light, range_words, target_words, valued
from experiments.languages import Say
from sim.results.reducing import Replicate
from sim.scenario import Scenario
from viz import widgets
from viz.charts import spaced
from viz.engine import ensemble_of

PERCENT = 100.0
STAGES = (1, 4, 10, 20, 50)  # replicates at which the table is made anew; making it takes a tenth of a second
TEXT_COLOURS = {"●": "#00707f", "◐": "#8a6100", "○": "#b0304a"}  # as the lights, dark enough to be read
TAGS = {
    "endogenous": ("模型结果", "from the model"),
    "partial": ("部分为假设", "partly assumed"),
    "exogenous": ("假设", "assumed"),
}


@solara.component
def Indicators(scenario: Scenario, replicates: Sequence[Replicate], populations: int, over: bool, say: Say) -> None:
    """The page; `replicates` are those that are there, all of them if `over`."""
    n = len(replicates) if over else max((stage for stage in STAGES if stage <= len(replicates)), default=0)
    ensemble = solara.use_memo(
        lambda: ensemble_of(scenario, list(replicates[:n]), populations) if n else None, [scenario.digest(), n]
    )
    with solara.Div(classes=["lv-panel", "lv-indicators"]):
        solara.v.Html(tag="h2", children=[say("规划十八项指标，2025年", "The eighteen indicators of the plan, 2025")])
        solara.v.Html(tag="p", class_="lv-note", children=[note(n, say)])
        if ensemble is None:
            waiting = say("正在计算第一次重复……", "The first replicate is being run…")
            solara.v.Html(tag="div", class_="lv-waiting", style_="height:420px", children=[waiting])
        else:
            courses = {
                (one, reading): rows["p50"].tolist()
                for (one, reading), rows in ensemble.indicator_years.groupby(["indicator", "reading"], observed=True)
            }
            rows = [
                row(one, courses.get((one.indicator, one.reading), []), say) for one in ensemble.indicators.itertuples()
            ]
            widgets.Table(columns=columns(say), numeric=[2, 3, 4, 5], rows=rows)


def columns(say: Say) -> list[str]:
    """The header."""
    return [
        "#",
        say("指标", "Indicator"),
        "2021",
        say("目标", "Target"),
        say("预测", "Forecast"),
        say("走势", "Course"),
        say("达标概率", "Chance"),
        say("依据", "What it rests on"),
    ]


def note(n: int, say: Say) -> str:
    """What the numbers come from."""
    return say(
        f"{n}次重复的中位数与5–95%区间；概率下行为95%置信区间。有两种读法的指标分列两行；序号为规划原表的行号。"
        "标明“假设”的部分不由企业行为得出，其概率同样只是假设。",
        f"Median and 5–95 % of {n} replicates; below a chance its 95 % interval. An indicator that can be read in two "
        "ways has two rows; numbers are the rows of the plan's table. What is marked as assumed does not come from "
        "what firms do, and neither does its chance.",
    )


def row(one: Any, course: list[float], say: Say) -> dict[str, Any]:
    """One indicator in one reading."""
    main = one.reading == "main"
    known = "–" if pd.isna(one.value_2021) else valued(one.value_2021, one.unit, with_unit=False)
    return {
        "tone": "" if main else "lv-second",
        "cells": [
            {"text": str(one.row) if main else ""},
            {"text": say(one.name_zh, one.name_en) if main else "", "under": say(one.reading_zh, one.reading_en)},
            {"text": known},
            {"text": spaced(target_words(one, say), say)},
            {"text": spaced(forecast_words(one), say)},
            {"text": "", "spark": spark(course, one.target)},
            chance_cell(one, say),
            {
                "text": say(*TAGS.get(one.tag, ("", ""))),
                "under": say(one.reason_zh, one.reason_en),
                "more": say(one.footnote_zh, one.footnote_en),
            },
        ],
    }


def forecast_words(one: Any) -> str:
    """The forecast of an indicator; its unit is told by the target where there is one."""
    if pd.isna(one.p50):
        return "–"
    return range_words(one) + (UNITS[one.unit] if pd.isna(one.target) else "")


def chance_cell(one: Any, say: Say) -> dict[str, Any]:
    """P(hit) with its interval and its light, which signs tell as well as colours."""
    step = light(one.p_hit)
    if step is None:
        return {"text": "–"}
    return {
        "text": spaced(f"{step.sign} {PERCENT * one.p_hit:.0f} %", say),
        "colour": TEXT_COLOURS[step.sign],
        "under": spaced(f"{say(*step.name)} {PERCENT * one.p_low:.0f}–{PERCENT * one.p_high:.0f} %", say),
    }


WIDE, HIGH, EDGE = 72, 24, 3  # pixels of a course


def spark(course: list[float], target: float) -> dict[str, Any] | None:
    """A course by year as points in a small frame, and the height of the target in it."""
    values = [value for value in course if not pd.isna(value)]
    if len(values) < 2:
        return None
    ends = [*values, *([] if pd.isna(target) else [target])]
    low, high = min(ends), max(ends)

    def height(value: float) -> float:
        return round(EDGE + (HIGH - 2 * EDGE) * (high - value) / ((high - low) or 1.0), 1)

    step = (WIDE - 2 * EDGE) / (len(values) - 1)
    points = [f"{round(EDGE + step * place, 1)},{height(value)}" for place, value in enumerate(values)]
    return {
        "points": " ".join(points),
        "target": None if pd.isna(target) else height(target),
        "end": points[-1].split(","),
    }
