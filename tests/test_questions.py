"""Questions that many runs answer: each method finds what is known, and each command goes on where it stopped."""

import itertools
import json
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments import cli
from experiments.designs.samples import morris
from experiments.questions.effects import elementary_effects, summarised
from experiments.questions.groups import coalition_scenario, players_of, settings_of
from experiments.questions.indices import luck_share, saltelli_places, sobol_indices
from experiments.questions.shapley import (
    all_coalitions,
    exact_shares,
    interactions,
    prefixes,
    sampled_orders,
    sampled_shares,
)
from sim import Scenario
from sim.configuration.problems import ConfigError

WORDS = "name_zh: 试\nname_en: Try\nquestion_zh: 试？\nquestion_en: Try?\n"
SMALL = ("--firms", 300, "--replicates", 2, "--until", "2022Q4")
KEYS = st.lists(st.floats(-5.0, 5.0), min_size=1, max_size=5)


def lvjin(*words: object, code: int = 0, capfd) -> tuple[str, str]:
    with pytest.raises(SystemExit) as caught:
        cli.main([str(word) for word in words])
    told = capfd.readouterr()
    assert (caught.value.code or 0) == code, told.err
    assert "Traceback" not in told.err
    return told


@given(slopes=KEYS, seed=st.integers(0, 99))
def test_effects_of_a_straight_line_are_its_slopes(slopes, seed):
    places = morris(4, len(slopes), 4, seed)
    values = (places @ np.array(slopes))[:, None] + np.array([0.0, 3.0])
    found = summarised(elementary_effects(places, values), seed)
    assert np.allclose(found.mean, slopes)
    assert np.allclose(found.strength, np.abs(slopes))
    assert np.allclose(found.spread, 0.0, atol=1e-9)
    assert np.allclose(found.luck, 0.0, atol=1e-9)  # luck that is the same at every point is none


def test_effects_are_those_of_salib():
    analyze = pytest.importorskip("SALib.analyze.morris")
    places = morris(10, 3, 4, 1)
    values = np.sin(3 * places[:, 0]) + places[:, 1] * places[:, 2]
    found = summarised(elementary_effects(places, values[:, None]), 1)
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}
    wanted = analyze.analyze(problem, places, values, num_levels=4, seed=1)
    assert np.allclose(found.mean, wanted["mu"])
    assert np.allclose(found.strength, wanted["mu_star"])
    assert np.allclose(found.spread, wanted["sigma"])


def test_a_factor_that_only_stirs_the_luck_is_not_told_from_it():
    random, places = np.random.default_rng(2), morris(10, 2, 4, 2)
    values = 10.0 * places[:, :1] + random.normal(size=(len(places), 4))
    found = summarised(elementary_effects(places, values), 2)
    assert found.low[0] > found.luck[0]
    assert found.strength[1] == pytest.approx(found.luck[1], rel=0.5)
    assert found.low[0] < 10.0 < found.high[0] + 1.0


def test_indices_of_a_known_function_are_found():
    pytest.importorskip("SALib")
    places = saltelli_places(1024, 3, 1)
    assert places.shape == (1024 * 5, 3)
    values = (places @ np.array([2.0, 1.0, 0.0]))[:, None] + np.array([[0.0, 7.0]])
    found = sobol_indices(values, 3, 1)
    assert np.allclose(found.first, [0.8, 0.2, 0.0], atol=0.03)
    assert np.allclose(found.total, [0.8, 0.2, 0.0], atol=0.03)
    assert found.luck == pytest.approx(0.0, abs=1e-9)
    product = (places[:, 0] - 0.5) * (places[:, 1] - 0.5)
    found = sobol_indices(product[:, None], 3, 1)
    assert np.allclose(found.first, 0.0, atol=0.05)
    assert np.allclose(found.total, [1.0, 1.0, 0.0], atol=0.1)


def test_the_share_of_luck_is_found():
    random = np.random.default_rng(1)
    signal, noise = random.normal(size=(4000, 1)), random.normal(size=(4000, 4))
    assert luck_share(signal + noise) == pytest.approx(0.25 / 1.25, rel=0.1)
    assert luck_share(signal) == 0.0


def game(players: int, seed: int) -> dict[int, np.ndarray]:
    random = np.random.default_rng(seed)
    return {coalition: random.normal(size=3) for coalition in all_coalitions(players)}


@given(players=st.integers(1, 5), seed=st.integers(0, 99))
def test_shares_are_averages_over_all_orders_and_add_up(players, seed):
    worth = game(players, seed)
    shares = exact_shares(worth, players).values
    orders = list(itertools.permutations(range(players)))
    wanted = sampled_shares(worth, players, orders).values
    assert np.allclose(shares, wanted)
    assert np.allclose(shares.sum(axis=0), worth[(1 << players) - 1] - worth[0], atol=1e-12)


@given(players=st.integers(2, 6), seed=st.integers(0, 99))
def test_players_that_do_the_same_share_equally_and_idle_ones_get_nothing(players, seed):
    values = game(players, seed)
    same = {c: values[min(c, c & ~3 | (c & 1) << 1 | (c & 2) >> 1)] for c in all_coalitions(players)}  # 0 and 1 alike
    shares = exact_shares(same, players).values
    assert np.allclose(shares[0], shares[1])
    idle = {c: values[c & ~1] for c in all_coalitions(players)}
    assert np.allclose(exact_shares(idle, players).values[0], 0.0)


@given(slopes=st.lists(st.floats(-5.0, 5.0), min_size=2, max_size=6))
def test_what_adds_up_has_no_interactions_and_what_needs_both_has(slopes):
    n = len(slopes)
    worth = {c: np.array([sum(s for i, s in enumerate(slopes) if c >> i & 1)]) for c in all_coalitions(n)}
    assert np.allclose(exact_shares(worth, n).values[:, 0], slopes)
    assert all(np.allclose(found, 0.0) for found in interactions(worth, n).values())
    both = {c: np.array([1.0 if c & 3 == 3 else 0.0]) for c in all_coalitions(n)}
    found = interactions(both, n)
    assert found[0, 1] == pytest.approx(1.0)
    assert all(np.allclose(value, 0.0) for pair, value in found.items() if pair != (0, 1))


def test_sampled_orders_come_with_their_reverse_and_add_up():
    orders = sampled_orders(10, 6, 1)
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert orders[1] == orders[0][::-1]
    assert prefixes([2, 0, 1]) == [0, 4, 5, 7]
    worth = {c: np.array([math.sqrt(c)]) for one in orders for c in prefixes(one)}
    shares = sampled_shares(worth, 10, orders)
    assert shares.values.sum() == pytest.approx(math.sqrt(1023))
    assert (shares.sampling > 0.0).all()


@pytest.mark.parametrize(("by", "least"), [("chapter", 4), ("section", 8), ("instrument", 10)])
def test_the_parts_of_the_plan_make_the_plan(by, least):
    baseline, plan = (Scenario.load(name, firms=300) for name in ("baseline", "plan"))
    players = players_of(baseline, plan, by)
    assert len(players) >= least
    everyone = coalition_scenario(baseline, plan, players, (1 << len(players)) - 1)
    assert everyone.changes == plan.changes
    assert coalition_scenario(baseline, plan, players, 0).changes == baseline.changes
    assert sorted(key for player in players for key in player.keys) == sorted(plan.steps)
    assert settings_of(players, 1)[players[0].name] == "on"


def test_scenarios_that_do_not_differ_have_no_parts():
    plan = Scenario.load("plan", firms=300)
    with pytest.raises(ConfigError, match="without a difference"):
        players_of(plan, plan, "chapter")
    with pytest.raises(ConfigError, match="Did you mean chapter"):
        players_of(plan, plan, "chapters")


def files(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix == ".csv"}


def test_an_attribution_adds_up_and_goes_on(tmp_path, capfd):
    words = ("attribute", "plan", *SMALL, "--out", tmp_path)
    out, _ = lvjin(*words, capfd=capfd)
    assert "Shapley" in out
    assert "shares add up exactly" in out
    table, before = pd.read_csv(tmp_path / "shares.csv"), files(tmp_path)
    years = pd.read_csv(tmp_path / "coalitions" / "years.csv").query("variable == 'Revenue|Green Industry'")
    last = years[years["period"] == 2022].groupby("point")["value"].mean()
    assert table["share"].sum() == pytest.approx(last.iloc[-1] - last.iloc[0])
    assert table["part"].sum() == pytest.approx(1.0)
    assert len(pd.read_csv(tmp_path / "interactions.csv")) == len(table) * (len(table) - 1) // 2
    assert (tmp_path / "figures" / "shares.zh.png").exists()
    lvjin(*words, "--quiet", capfd=capfd)
    assert files(tmp_path) == before
    assert json.loads((tmp_path / "answer.json").read_bytes())["exact"] is True
    lvjin("publish", tmp_path, "--quiet", capfd=capfd)
    out, _ = lvjin("verify", tmp_path, "--sample", 3, capfd=capfd)
    assert "3 行重算" in out
    _, err = lvjin("attribute", "plan", *SMALL, "--seed", 2, "--out", tmp_path, code=2, capfd=capfd)
    assert "changed since the sweep began" in err


def test_a_sensitivity_finds_what_matters(tmp_path, capfd):
    pytest.importorskip("SALib")
    path = tmp_path / "design.yaml"
    text = "kind: morris\nsize: 2\nfirms: 300\nuntil: 2022Q4\nparameters: central\nreplicates: 2\nfactors:\n"
    path.write_text(WORDS + text + "  market.growth_shift:\n  finance.contract_years:\n", encoding="utf-8")
    words = ("sensitivity", path, "--out", tmp_path / "out", "--top", 1, "--size", 8)
    out, _ = lvjin(*words, capfd=capfd)
    assert "Screening" in out
    effects = pd.read_csv(tmp_path / "out" / "effects.csv").set_index("factor")
    assert effects.loc["market.growth_shift", "strength"] > 10 * effects.loc["finance.contract_years", "strength"]
    assert effects.loc["market.growth_shift", "mean"] > 0.0
    assert pd.read_csv(tmp_path / "out" / "indices.csv")["factor"].tolist() == ["market.growth_shift"]
    before = files(tmp_path / "out")
    lvjin(*words, "--quiet", capfd=capfd)
    assert files(tmp_path / "out") == before


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("attribute", "plan", "--by", "chapters"), "Did you mean chapter?"),
        (("attribute", "plan", "--variable", "Revenue"), "a variable that the runs keep"),
        (("attribute", "plam"), "Did you mean plan?"),
        (("attribute", "plan", "--year", 2031), "--year: found 2031"),
    ],
)
def test_mistakes_are_refused_before_anything_is_run(words, told, tmp_path, capfd):
    _, err = lvjin(*words, "--out", tmp_path / "out", code=2, capfd=capfd)
    assert told in err
    assert not (tmp_path / "out").exists()


def test_a_sensitivity_wants_a_morris_design(tmp_path, capfd):
    path = tmp_path / "design.yaml"
    path.write_text(WORDS + "kind: list\npoints: [{}]\n", encoding="utf-8")
    _, err = lvjin("sensitivity", path, "--out", tmp_path / "out", "--size", 7, code=2, capfd=capfd)
    assert "kind: found 'list'" in err
    assert "--size: found 7" in err
