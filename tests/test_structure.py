"""What the forecast rests on: shares of variance of known sums, and the command on a small district."""

import numpy as np
import pandas as pd
import pytest
from test_questions import lvjin

from experiments.structure.ablation import FULL, mechanisms, paired
from experiments.structure.decomposition import (
    FACTORS,
    components,
    first_order,
    narrowed,
    outcome,
    total,
    variance_table,
)
from sim import Scenario, simulate
from sim.world import build_world


def sum_of(effects, random, noise=0.0):
    """A fully crossed sum of effects, one list of levels for each factor."""
    whole = sum(np.reshape(one, [-1 if k == axis else 1 for k in range(4)]) for axis, one in enumerate(effects))
    return whole + noise * random.standard_normal(whole.shape)


@pytest.fixture
def random():
    return np.random.default_rng(3)


def test_shares_of_a_sum_are_those_of_its_terms(random):
    effects = [2.0 * random.standard_normal(40), random.standard_normal(40), np.zeros(3), np.zeros(2)]
    values = sum_of(effects, random)
    parts = [np.var(one, ddof=1) for one in effects]
    shares = np.array(parts) / sum(parts)
    found = components(values)
    for axis, share in enumerate(shares):
        assert first_order(found, axis) == pytest.approx(share, abs=0.02)
        assert total(found, axis) == pytest.approx(share, abs=0.02)


def test_noise_is_interaction_and_never_a_factor_alone(random):
    values = sum_of([np.zeros(6), np.zeros(8), np.zeros(4), np.zeros(3)], random, noise=1.0)
    found = components(values)
    assert max(first_order(found, axis) for axis in range(4)) < 0.1
    assert found[frozenset(range(4))] == pytest.approx(1.0, abs=0.2)


def test_a_product_is_interaction(random):
    one, two = random.standard_normal(30), random.standard_normal(30)
    one, two = one - one.mean(), two - two.mean()
    values = np.reshape(one, (30, 1, 1, 1)) * np.reshape(two, (1, 30, 1, 1)) + np.zeros((30, 30, 1, 2))
    found = components(values)
    assert first_order(found, 0) == pytest.approx(0.0, abs=0.01)
    assert total(found, 0) == pytest.approx(1.0, abs=0.01)


def test_knowing_the_only_factor_leaves_no_band(random):
    values = sum_of([random.standard_normal(50), np.zeros(4), np.zeros(3), np.zeros(2)], random)
    assert narrowed(values, 0) == pytest.approx(0.0, abs=1e-9)
    assert narrowed(values, 1) == pytest.approx(1.0)
    table = variance_table(values, seed=1)
    assert list(table["factor"]) == list(FACTORS)
    assert table["total"].iloc[0] == pytest.approx(1.0, abs=0.05)


def test_paired_differences_have_an_interval(random):
    mean, low, high = paired(random.normal(3.0, 1.0, 400), seed=1)
    assert low < mean < high
    assert mean == pytest.approx(3.0, abs=0.2)


def test_a_run_crossed_with_itself_is_the_run_of_the_ensemble():
    scenario = Scenario.load("plan", firms=300, parameters="prior")
    world = build_world(scenario, 1)
    wanted = simulate(scenario, replicates=2, populations=2).part().values("Revenue|Green Industry", 2025)[1]
    assert outcome(scenario, world, 1, 1, 1, "Revenue|Green Industry") == wanted
    assert outcome(scenario, world, 1, 1, 0, "Revenue|Green Industry") != wanted


def test_the_command_switches_every_mechanism_off(tmp_path, capfd):
    words = ("--firms", 300, "--replicates", 2, "--populations", 2, "--draws", 2, "--lucks", 2, "--out", tmp_path)
    told, _ = lvjin("ablate", "plan", *words, capfd=capfd)
    assert "structure" in told
    table = pd.read_csv(tmp_path / "ablation.csv").set_index("mechanism")
    assert set(table.index) == {FULL, *mechanisms()}
    assert table.loc[FULL, "difference"] == 0.0
    assert (table.drop(FULL)["difference"] != 0.0).sum() > 10
    assert table["misfit_2021"].notna().all()
    assert len(pd.read_csv(tmp_path / "variance.csv")) == 4
    assert "# What the forecast rests on" in (tmp_path / "ablation.md").read_text(encoding="utf-8")
    assert (tmp_path / "figures" / "ablation.zh.png").stat().st_size > 10_000


def test_too_few_levels_are_a_sentence(tmp_path, capfd):
    _, told = lvjin("ablate", "--draws", 1, "--out", tmp_path, code=2, capfd=capfd)
    assert "draws" in told
