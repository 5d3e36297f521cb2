"""The researchers' page without a browser: its model, its sliders and its pictures; Solara itself is played by a stub.

Solara belongs to the extra `app`, which the tests do not install. What a visitor sees is tested in a browser with the
application.
"""

import importlib
import sys
from types import ModuleType

import pandas as pd
import pytest

from sim import Jiangjin, Scenario
from sim.model import REPORTERS


class Stub(ModuleType):
    """A module whose functions hand back what they are given."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *inputs, **named: inputs[0] if inputs else named


@pytest.fixture
def explore(monkeypatch):
    for name in ("solara", "mesa.visualization"):
        monkeypatch.setitem(sys.modules, name, Stub(name))
    monkeypatch.delitem(sys.modules, "viz.explore", raising=False)
    module = importlib.import_module("viz.explore")
    yield module
    sys.modules.pop("viz.explore", None)


def of(parameters: dict) -> dict:
    """What the page hands to the model: a slider's value, or what is fixed."""
    return {key: one["value"] if isinstance(one, dict) else one for key, one in parameters.items()}


def test_sliders_stand_where_the_scenario_has_its_levers(explore):
    for scenario in explore.SCENARIOS:
        levers = {lever.key: lever for lever in Scenario.load(scenario).levers()}
        for key in explore.LEVERS:
            slider = explore.inputs(scenario)[key]
            assert (slider["value"], slider["min"], slider["max"]) == levers[key][1:4]


def test_untouched_sliders_run_the_scenario_itself(explore):
    for scenario in explore.SCENARIOS:
        assert explore.Explored(**of(explore.inputs(scenario))).inputs == Jiangjin(scenario, firms=600).inputs


def test_a_moved_slider_moves_its_lever(explore):
    moved = of(explore.inputs("plan")) | {"policy.retrofit_grant.share": 0.05}
    changes = {change.key: change.value for change in explore.Explored(**moved).inputs.changes}
    assert changes["policy.retrofit_grant.share"] == 0.05


def test_pictures_tell_the_quarter_and_every_firm(explore):
    model = explore.Explored(firms=300)
    model.step()
    scatter, bars = explore.place_map(model)["option"], explore.reasons(model)["option"]
    assert "2021Q1" in scatter["title"]["text"]
    dots = pd.DataFrame([dot["value"] for dot in scatter["series"][0]["data"]])
    assert len(dots) == len(model.agents) == sum(bars["series"][0]["data"])
    assert dots[2].between(0.0, 1.0).all()
    assert dots[2].max() > 0.0


def test_curves_show_what_the_model_has_collected(explore):
    assert set(explore.MEASURES) <= set(REPORTERS)
    model = explore.Explored(firms=300)
    for _ in range(4):
        model.step()
    collected = model.datacollector.get_model_vars_dataframe()
    for name in explore.MEASURES:
        option = explore.curve(name)(model)["option"]
        assert option["xAxis"]["data"] == ["2021Q1", "2021Q2", "2021Q3", "2021Q4"]
        assert option["series"][0]["data"][3] == pytest.approx(collected[name][3], abs=1e-3)
    revenue = explore.curve("green_revenue")(model)["option"]["series"][0]["data"]
    assert revenue[:3] == [None] * 3
