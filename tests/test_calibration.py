"""Calibration: facts are checked, methods find what is known, and the stored posterior is of today's model."""

import json
import shutil

import numpy as np
import pytest
import yaml
from test_questions import lvjin

from experiments.calibrating import sequential, synthetic
from experiments.calibrating.emulator import emulated, implausibility
from experiments.calibrating.recovery import coverage
from experiments.calibrating.settings import load_settings
from experiments.calibrating.targets import load_targets
from experiments.calibrating.waves import Facts, Matched
from sim.configuration.declarations import root_folder
from sim.configuration.problems import ConfigError

ROOT = root_folder()
N = 3  # statistics of the toy


def told(**changes) -> dict:
    return {**yaml.safe_load((ROOT / "calibration.yaml").read_text(encoding="utf-8")), **changes}


def problems(tmp_path, **changes) -> str:
    path = tmp_path / "calibration.yaml"
    path.write_text(yaml.safe_dump(told(**changes)), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    return str(caught.value)


def test_every_fact_has_its_role_and_no_more_parameters_are_free_than_facts_can_bear():
    roles = [target.role for target in load_targets()]
    assert set(roles) == {"alignment", "fit", "check"}
    assert 3 * len(load_settings().free) <= roles.count("fit")
    assert all(target.variance > 0.0 for target in load_targets() if target.role == "fit")


def test_wrong_settings_are_told(tmp_path):
    free = told()["free"]
    assert "Did you mean behaviour.base_attention?" in problems(tmp_path, free=["behaviour.base_atention"])
    assert "at most" in problems(tmp_path, free=[*free, "behaviour.peer_weight"])
    assert "at most" in problems(tmp_path, free=[free[0], free[0]])
    assert "free" in problems(tmp_path, free=["population.margin_sigma"])
    assert "cut" in problems(tmp_path, cut=-1.0)


def test_wrong_facts_are_told_by_the_check_of_the_configuration(tmp_path, capfd):
    root = shutil.copytree(ROOT, tmp_path / "configs")
    path = root / "tables" / "calibration_targets.csv"
    text = path.read_text(encoding="utf-8").replace("By-products|Linkage Degree", "By-products|Linkage Degre")
    path.write_text(text.replace(",log,MW,", ",log,Megawatt,"), encoding="utf-8")
    _, err = lvjin("check", root / "calibration.yaml", code=2, capfd=capfd)
    assert "linkage, of" in err
    assert "Did you mean By-products|Linkage Degree?" in err
    assert "rooftop_pv, unit" in err


def test_a_fact_is_met_within_its_tolerance_and_skewed_ones_are_compared_by_logarithm():
    by_name = {target.target: target for target in load_targets()}
    linkage, pv = by_name["linkage"], by_name["rooftop_pv"]
    assert linkage.met(0.51)
    assert not linkage.met(0.52)
    assert pv.scaled(np.array([6.0]))[0] == pytest.approx(pv.observed)
    assert np.isfinite(pv.scaled(np.array([0.0]))[0])


# A toy whose answer is known: statistics are straight in the parameters, with normal noise.
SLOPES = np.array([[2.0, 0.0], [0.0, 2.0], [1.0, -1.0]])
NOISE = 0.3


def toy(points: int = 60, replicates: int = 4) -> Matched:
    random = np.random.default_rng(5)
    places = random.random((points, 2))
    runs = (places @ SLOPES.T)[:, None] + random.normal(0.0, NOISE, (points, replicates, N))
    flat, repeated = runs.reshape(-1, N), np.repeat(places, replicates, axis=0)
    facts = Facts((), np.array([1.0, 0.6, 0.2]), np.full(N, 0.1**2))
    return Matched(facts, emulated(places, runs, 1), repeated, flat, (), 3.0)


@pytest.fixture(scope="module")
def matched():
    return toy()


@pytest.fixture(scope="module")
def exact(matched):
    """Mean and standard deviation of the exact posterior, on a grid."""
    axis = np.linspace(0.005, 0.995, 100)
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(-1, 2)
    apart = matched.facts.observed - grid @ SLOPES.T
    weight = np.exp(-0.5 * (apart**2).sum(axis=1) / (NOISE**2 + 0.1**2))
    weight /= weight.sum()
    mean = weight @ grid
    return mean, np.sqrt(weight @ (grid - mean) ** 2)


def test_the_emulator_finds_the_mean_and_the_noise(matched):
    places = np.random.default_rng(2).random((50, 2))
    mean, doubt = matched.emulator.predicted(places)
    found = matched.emulator.centre + matched.emulator.spread * mean
    away = np.abs(found - places @ SLOPES.T)
    assert away.mean() < 0.1
    assert (away <= 3.0 * matched.emulator.spread * np.sqrt(doubt)).mean() > 0.95
    spread = np.sqrt(np.diag(matched.emulator.covariance)) * matched.emulator.spread
    assert spread == pytest.approx(np.full(N, NOISE), rel=0.2)


def test_what_cannot_be_is_ruled_out_and_the_truth_is_not(matched):
    truth, far = np.array([[0.5, 0.3]]), np.array([[0.0, 1.0]])
    args = (matched.facts.observed, matched.facts.variance)
    assert implausibility(matched.emulator, truth, *args)[0] < 1.5
    assert implausibility(matched.emulator, far, *args)[0] > 3.0
    assert matched.plausible(np.concatenate([truth, far, [[1.2, 0.3]]])).tolist() == [True, False, False]


def test_both_methods_find_the_exact_posterior_and_come_again_bit_for_bit(matched, exact):
    random = np.random.default_rng(3)

    def simulate(place):
        return SLOPES @ place + random.normal(0.0, NOISE, N)

    summaries = sequential.summaries(matched, 1)
    found = sequential.sample(simulate, matched, summaries, matched.facts.observed, (120, 3), 1)
    second = synthetic.sample(matched, matched.facts.observed, 150, 1)
    mean, spread = exact
    assert np.abs(found.weights @ found.places - mean).max() < 0.6 * spread.max()
    assert np.abs(second.mean(axis=0) - mean).max() < 0.4 * spread.max()
    assert np.array_equal(second, synthetic.sample(matched, matched.facts.observed, 150, 1))
    random = np.random.default_rng(3)
    again = sequential.sample(simulate, matched, summaries, matched.facts.observed, (120, 3), 1)
    assert again.places.tobytes() == found.places.tobytes()
    draws = sequential.drawn(found, 500, 1)
    assert np.abs(draws.mean(axis=0) - found.weights @ found.places).max() < 0.02


def test_coverage_counts_the_truths_inside():
    truth = np.array([[0.1], [0.5], [0.9], [0.2]])
    found = coverage(truth, np.zeros((4, 1)), np.full((4, 1), 0.6))
    assert found[0].share == 0.75
    assert found[0].low < 0.75 < found[0].high


def test_a_quick_calibration_goes_on_and_gives_the_same_bytes(tmp_path, capfd):
    out = tmp_path / "quick"
    text, _ = lvjin("calibrate", "--quick", "--out", out, capfd=capfd)
    assert "Free parameters" in text
    first, told = (out / "posterior.csv").read_bytes(), json.loads((out / "posterior.json").read_bytes())["targets"]
    shards = sorted((out / "runs" / "shards").iterdir())
    for shard in shards[::2]:  # as if it had been interrupted
        shard.unlink()
    lvjin("calibrate", "--quick", "--out", out, "--quiet", capfd=capfd)
    record = json.loads((out / "posterior.json").read_bytes())
    assert (out / "posterior.csv").read_bytes() == first
    assert record["targets"] == told
    assert record["quick"]
    assert {one["key"] for one in record["parameters"]} == set(load_settings().free)
    assert (out / "figures" / "calibration_parameters.zh.png").stat().st_size > 10_000


def test_a_quick_calibration_is_not_installed(capfd):
    _, err = lvjin("calibrate", "--quick", "--install", code=2, capfd=capfd)
    assert "--install: found --quick" in err
