"""The model as a plain function: the numbers of `simulate`, and what tools of other fields find with it."""

import pickle

import numpy as np
import pytest
from conftest import ROOT
from test_notebook import play

from experiments.adapters import ModelFunction, ranges, salib_problem
from experiments.questions.prim import chosen, peeled
from sim import Scenario, simulate
from sim.configuration.problems import ConfigError

SHARE, LENDING = "policy.retrofit_grant.share", "model.lending"
REVENUE = "Revenue|Green Industry"
SMALL = ModelFunction("plan", firms=300, until="2022Q4", year=2022, replicates=2, populations=2)


def test_a_call_tells_what_simulate_tells():
    changes = {SHARE: 0.2, LENDING: "off"}
    scenario = Scenario.load("plan", firms=300, until="2022Q4", changes=changes, parameters="central")
    part = simulate(scenario, replicates=2, populations=2).part()
    found = pickle.loads(pickle.dumps(SMALL))(**{SHARE: np.float64(0.2), LENDING: False})
    assert found == {name: part.values(name, 2022).mean() for name in SMALL.variables}
    series = ModelFunction("plan", 300, "2022Q4", None, (REVENUE,), replicates=2, populations=2)(**changes)
    assert series[REVENUE].tolist() == [part.values(REVENUE, year).mean() for year in (2021, 2022)]


def test_what_is_wrong_is_told_as_everywhere():
    with pytest.raises(ConfigError, match=SHARE):
        SMALL(**{"policy.retrofit_grant.shar": 0.2})
    with pytest.raises(ConfigError, match="Green Industry") as caught:
        ModelFunction("plan", 300, "2022Q4", 2025, ("Revenue|Green Industri",))()
    assert len(caught.value.problems) == 2
    with pytest.raises(ConfigError) as caught:
        ranges([LENDING, "no.such"])
    assert len(caught.value.problems) == 2


def test_ranges_are_those_of_priors_and_levers_and_own_ones_go_first():
    keys = ["market.growth_shift", SHARE]
    problem = salib_problem(keys, {SHARE: (0.0, 0.3)})
    declared = Scenario.load("plan").declarations
    assert problem["bounds"][0] == [declared[keys[0]].low, declared[keys[0]].high]
    assert problem["bounds"][1] == [0.0, 0.3]
    assert ranges(keys)[SHARE] == declared[SHARE].bounds


def test_the_notebook_for_users_of_salib_runs_and_rows_are_calls():
    played = play(ROOT / "docs" / "salib.ipynb")
    indices = played["problem"].to_df()[0]["ST"]
    assert indices.idxmax() == "market.growth_shift"
    model, keys, samples = played["model"], played["keys"], played["problem"].samples
    assert played["problem"].results[3] == model(**dict(zip(keys, samples[3], strict=True)))[REVENUE]


def test_the_notebook_for_users_of_the_ema_workbench_runs_and_finds_growth():
    pytest.importorskip("ema_workbench")
    played = play(ROOT / "docs" / "ema_workbench.ipynb")
    assert len(played["experiments"]) == 80
    assert np.isfinite(played["outcomes"]["green_revenue"]).all()
    limits = played["box"].box_lims
    assert limits[-1]["growth_shift"][1] < limits[0]["growth_shift"][1]  # revenue is low where growth is


def test_our_prim_finds_the_box_of_the_workbench():
    """Single runs, where both can be asked; ours takes shares of replicates, too, and needs no other library."""
    prim = pytest.importorskip("ema_workbench.analysis.prim")
    import pandas as pd

    factors = np.random.default_rng(3).random((400, 3))
    cases = (factors[:, 0] > 0.6) & (factors[:, 1] < 0.4)
    ours = chosen(peeled(factors, cases.astype(float)), 0.9)
    theirs = prim.Prim(pd.DataFrame(factors, columns=list("abc")), cases, threshold=0.5).find_box()
    for density, coverage in theirs.peeling_trajectory[["density", "coverage"]].to_numpy():
        assert not (density > ours.density + 0.02 and coverage > ours.coverage + 0.02)
    assert ours.density > 0.95
    assert ours.low[0] == pytest.approx(0.6, abs=0.04)
    assert ours.high[1] == pytest.approx(0.4, abs=0.04)
    assert not ours.restricted[2]
