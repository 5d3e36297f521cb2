"""A page for researchers: step the district quarter by quarter, move levers, see who does what. Needs the extra `app`.

    solara run viz/explore.py

Mesa's own page (SolaraViz) on our model. Every visitor has a model of their own; the policymakers' page is another one.
"""

from typing import Any

import solara
from mesa.visualization import SolaraViz

from sim import Jiangjin, Scenario

SCENARIOS = ("plan", "baseline", "none")
FIRMS = 600
# What a slider is called: short, as it stands beside the slider.
LEVERS = {
    "policy.retrofit_grant.share": "grant share 补助比例",
    "policy.retrofit_grant.purse": "grant purse 补助资金",
    "policy.pv_grant.rate": "PV grant 光伏补助",
    "policy.green_credit.quota": "green credit 绿色信贷",
    "policy.carbon_price.multiplier": "carbon price × 碳价",
    "policy.investment_attraction.multiplier": "arrivals × 招商",
}
MEASURES = {
    "green_revenue": "Green revenue 绿色营收, 亿元/yr",
    "emissions": "CO2 二氧化碳, 万t/yr",
    "options_in_use": "Options in use 在用技术",
    "public_spending": "Public spending 财政支出, 万元/yr",
}
SLIDER_STEPS = 100
LARGEST_DOT = 28.0  # pixels


class Explored(Jiangjin):
    """The district as sliders move it: a lever that stands where the scenario has it is left to the scenario."""

    def __init__(self, scenario: str = "plan", firms: int = FIRMS, seed: int = 1, replicate: int = 0, **kwargs: float):
        moved = {key: value for key, value in kwargs.items() if value != standing(scenario)[key].value}
        super().__init__(scenario=scenario, firms=firms, seed=seed, replicate=replicate, **moved)


def standing(scenario: str) -> dict[str, Any]:
    """The levers of the page by key, as a scenario sets them at the beginning of 2022."""
    levers = {lever.key: lever for lever in Scenario.load(scenario).levers()}
    return {key: levers[key] for key in LEVERS}


def inputs(scenario: str) -> dict[str, Any]:
    """The sliders of the page, and the scenario that they start from."""
    levers = {
        key: {
            "type": "SliderFloat",
            "label": LEVERS[key],
            "value": lever.value,
            "min": lever.lower,
            "max": lever.upper,
            "step": (lever.upper - lever.lower) / SLIDER_STEPS,
        }
        for key, lever in standing(scenario).items()
    }
    return {
        "scenario": scenario,
        "firms": {"type": "SliderInt", "label": "rows 企业行数", "value": FIRMS, "min": 300, "max": 5000, "step": 100},
        "seed": {"type": "SliderInt", "label": "seed 随机种子", "value": 1, "min": 1, "max": 50, "step": 1},
        "replicate": {"type": "SliderInt", "label": "replicate 重复", "value": 0, "min": 0, "max": 50, "step": 1},
        **levers,
    }


def place_map(model: Jiangjin) -> Any:
    """Firms in their places: area by output, green by the green share of it."""
    firms = list(model.agents)
    largest = max((firm.output for firm in firms), default=1.0) or 1.0
    dots = [
        {
            "value": [round(firm.east, 2), round(firm.north, 2), round(firm.green_share, 3)],
            "symbolSize": 2.0 + LARGEST_DOT * (firm.output / largest) ** 0.5,
            "name": f"{firm.unique_id}: {firm.sector}, {firm.park}; {firm.why()}",
        }
        for firm in firms
    ]
    return solara.FigureEcharts(
        option={
            "title": {"text": f"Firms 企业, {model.quarter}"},
            "tooltip": {"formatter": "{b}"},
            "xAxis": {"name": "km", "scale": True, "axisLine": {"onZero": False}},
            "yAxis": {"name": "km", "scale": True, "axisLine": {"onZero": False}},
            "visualMap": {
                "min": 0,
                "max": 1,
                "dimension": 2,
                "orient": "horizontal",
                "right": 0,
                "top": 0,
                "text": ["green 绿色", "ordinary 普通"],
                "inRange": {"color": ["#b9b4ab", "#1f8a4c"]},
            },
            "series": [{"type": "scatter", "data": dots}],
        }
    )


def reasons(model: Jiangjin) -> Any:
    """Why firms started no retrofit in the last quarter, by rows."""
    counts = model.agents.groupby("reason").count()
    names = sorted(counts, key=counts.__getitem__)
    return solara.FigureEcharts(
        option={
            "title": {"text": f"What bound them 约束, {model.quarter}"},
            "tooltip": {},
            "grid": {"containLabel": True},
            "xAxis": {"type": "value"},
            "yAxis": {"type": "category", "data": names},
            "series": [{"type": "bar", "data": [counts[name] for name in names]}],
        }
    )


def curve(name: str) -> Any:
    """A measure of the DataCollector over the quarters.

    Not Mesa's own plot: that reads a table of all measures, and breaks when the model is collecting in another thread.
    """

    def picture(model: Jiangjin) -> Any:
        quarters, values = (list(model.datacollector.model_vars[measure]) for measure in ("quarter", name))
        return solara.FigureEcharts(
            option={
                "title": {"text": MEASURES[name]},
                "tooltip": {"trigger": "axis"},
                "grid": {"containLabel": True},
                "xAxis": {"type": "category", "data": quarters},
                "yAxis": {"type": "value", "scale": True},
                "series": [{"type": "line", "data": [None if value != value else round(value, 3) for value in values]}],
            }
        )

    return picture


@solara.component
def Page() -> None:
    """The page: a scenario, Mesa's controls, and pictures of the run."""
    scenario = solara.use_reactive(SCENARIOS[0])
    model = solara.use_memo(lambda: Explored(scenario.value), [scenario.value])
    with solara.Sidebar():
        solara.Select("Scenario 情景", values=list(SCENARIOS), value=scenario)
    pictures = [place_map, reasons, *map(curve, MEASURES)]
    SolaraViz(model, components=pictures, model_params=inputs(scenario.value), name="Lvjin 绿津").key(scenario.value)
