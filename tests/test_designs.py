"""Designs: read with every mistake at once, and made of the points that their kind promises."""

from pathlib import Path

import conftest
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.designs.design import load_design
from experiments.designs.samples import latin_hypercube, morris, sobol
from sim.configuration.parameters import load_declarations
from sim.configuration.problems import ConfigError

EXAMPLES = sorted((conftest.ROOT / "configs" / "designs").glob("*.yaml"))
WORDS = "name_zh: 试\nname_en: Try\nquestion_zh: 试？\nquestion_en: Try?\nfirms: 300\n"


def design(tmp_path: Path, text: str):
    path = tmp_path / "design.yaml"
    path.write_text(WORDS + text, encoding="utf-8")
    return load_design(path)


def mistakes(tmp_path: Path, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        design(tmp_path, text)
    return str(caught.value)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_can_be_run(path):
    found = load_design(path)
    assert found.size >= 40
    assert len({tuple(point.settings.items()) for point in found.points}) == len(found.points)


def test_there_are_examples_of_every_kind():
    kinds = {load_design(path).file.kind for path in EXAMPLES}
    assert kinds == {"grid", "latin_hypercube", "sobol", "morris", "list"}


def test_a_grid_holds_every_combination(tmp_path):
    found = design(
        tmp_path,
        "kind: grid\nreplicates: 3\npopulations: 2\nfactors:\n"
        "  policy.retrofit_grant.share: {lower: 0.0, upper: 0.2, steps: 3}\n  scenario: {values: [baseline, plan]}\n",
    )
    settings = [tuple(point.settings.values()) for point in found.points]
    assert settings == [(a, b) for a in (0.0, 0.1, 0.2) for b in ("baseline", "plan")]
    runs = list(found.runs())
    assert [run.number for run in runs] == list(range(18))
    assert [(run.replicate, run.population) for run in runs[:3]] == [(0, 0), (1, 1), (2, 0)]
    assert runs[5].point.scenario.name == "plan"


def test_populations_and_seeds_are_axes(tmp_path):
    found = design(tmp_path, "kind: grid\nfactors: {population: {values: [3, 4]}, seed: {values: [8, 9]}}\n")
    assert [(run.population, run.point.scenario.seed) for run in found.runs()] == [(3, 8), (3, 9), (4, 8), (4, 9)]


def test_bounds_left_out_are_those_of_the_declaration(tmp_path):
    text = "kind: latin_hypercube\nsize: 40\nfactors:\n  behaviour.payback_slope:\n  policy.retrofit_grant.share:\n"
    found = design(tmp_path, text)
    slope, share = (np.array([point.settings[name] for point in found.points]) for name in found.names)
    declared = load_declarations()["behaviour.payback_slope"]
    assert declared.low <= slope.min() < slope.max() <= declared.high
    assert 0.0 <= share.min() < 0.02 < 0.58 < share.max() <= 0.6


def test_a_switch_takes_both_positions_and_a_day_is_kept(tmp_path):
    text = (
        "kind: sobol\nsize: 4\nfactors:\n  model.lending:\n"
        "  policy.retrofit_grant.share: {lower: 0.1, upper: 0.2, since: 2024-01-01}\n"
    )
    found = design(tmp_path, text)
    assert {point.settings["model.lending"] for point in found.points} == {"on", "off"}
    assert found.names[1] == "policy.retrofit_grant.share@2024-01-01"
    assert all(str(change.day) >= "2024-01-01" for point in found.points for change in point.scenario.changes[1:])


def test_a_list_names_its_points(tmp_path):
    text = "kind: list\npoints: [{scenario: plan}, {model.lending: off, policy.retrofit_grant.share: 0.3}]\n"
    found = design(tmp_path, text)
    assert [point.scenario.name for point in found.points] == ["plan", "baseline"]
    assert len(found.points[1].scenario.changes) == 2


def test_every_mistake_is_told_at_once_with_its_line(tmp_path):
    text = (
        "kind: latin_hypercube\nscenario: plam\nuntil: '2025'\nvariables: [Revenue|Green Industri]\n"
        "changes: {policy.carbon_price.pric: 5}\nfactors:\n"
        "  policy.retrofit_grant.shar: {}\n"
        "  policy.retrofit_grant.share: {lower: 0.1, upper: 7}\n"
        "  policy.carbon_price.price: {lower: 100, upper: 50}\n"
        "  behaviour.payback_slope: {lower: 0.5, uper: 1}\n"
        "  behaviour.cost_weight: {lower: 1.3, upper: 1.5, since: 2023-01-01}\n"
        "  seed: {lower: 1, upper: 5}\n"
    )
    told = mistakes(tmp_path, text)
    for part in (
        "size: found nothing",
        "design.yaml:7: scenario: found 'plam'",
        "Did you mean plan?",
        "until: found '2025'",
        "'Revenue|Green Industri'",
        "Did you mean Revenue|Green Industry?",
        "changes.policy.carbon_price.pric: found an unknown key",
        "design.yaml:12: factors.policy.retrofit_grant.shar: found an unknown key",
        "found 7 share",
        "lower 100 and upper 50",
        "factors.behaviour.payback_slope.uper: found an unknown key",
        "factors.behaviour.cost_weight.since: found a date",
        "factors.seed: found no plain list of values",
    ):
        assert part in told, part


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("kind: sobol\nsize: 5\nfactors: {model.lending: }\n", "Write 4 or 8"),
        ("kind: morris\nsize: 5\nlevels: 3\nfactors: {model.lending: }\n", "Write 4."),
        ("kind: grid\nsize: 5\nfactors: {model.lending: }\n", "no size"),
        ("kind: grid\nfactors: {policy.retrofit_grant.share: }\n", "steps: 3"),
        ("kind: grid\nfactors: {policy.retrofit_grant.share: {values: [0.1, 0.1]}}\n", "a value twice"),
        ("kind: grid\nfactors: {policy.retrofit_grant.share: {values: [0.1], steps: 2}}\n", "either values or a range"),
        ("kind: grid\nfactors: {scenario: {values: [plan, plam]}}\n", "Did you mean plan?"),
        ("kind: grid\n", "factors"),
        ("kind: list\nfactors: {model.lending: }\n", "no factors: a list names its points"),
        ("kind: list\npoints: [{model.lending: 3}, {nothing: 2}]\n", "points.1.nothing"),
        ("kind: grid\npoints: [{model.lending: on}]\n", "Or write kind: list"),
        ("kind: grids\n", "kind: found 'grids'"),
        ("kind: list\npoints: [{}]\nyears: [2026]\n", "years: found 2026"),
        ("kind: list\npoints: [{}]\nreplicates: 0\n", "replicates: found 0"),
        ("kind: list\npoints: [{seed: -1}]\n", "points.0"),
        ("kind: list\npoints: [{population: -1}]\n", "whole number"),
        ("kind: grid\nfactors: {policy.retrofit_grant.share: {lower: 0, upper: 0.5, steps: 1000}, seed: {values: ["
         + ", ".join(map(str, range(1001))) + "]}}\n", "too many points"),
    ],
)  # fmt: skip
def test_a_design_that_makes_no_sense_is_refused(tmp_path, text, words):
    assert words in mistakes(tmp_path, text)


@pytest.mark.parametrize("raw", [b"", b"[]", b"a: [", b"\xff\xfe", b"factors: {1: 2}", b"kind: {}", b"points: 3"])
def test_no_text_makes_the_reader_fail(tmp_path, raw):
    path = tmp_path / "design.yaml"
    path.write_bytes(raw)
    with pytest.raises(ConfigError):
        load_design(path)


def test_equal_designs_have_equal_digests_whatever_their_words(tmp_path):
    one = design(tmp_path, "kind: list\npoints: [{scenario: plan}]\n")
    other = design(tmp_path, "points: [{scenario: plan}]\nkind: list\nnote: another word\nseconds: 3.0\n")
    assert one.digest() == other.digest()
    assert one.digest() != design(tmp_path, "kind: list\npoints: [{scenario: none}]\n").digest()
    assert one.digest() != design(tmp_path, "kind: list\npoints: [{scenario: plan}]\nseed: 2\n").digest()


@given(size=st.integers(1, 40), factors=st.integers(1, 8), seed=st.integers(0, 99))
def test_a_latin_hypercube_has_one_point_in_every_slice(size, factors, seed):
    places = latin_hypercube(size, factors, seed)
    assert (np.sort(np.floor(places * size), axis=0) == np.arange(size)[:, None]).all()
    assert (places == latin_hypercube(size, factors, seed)).all()


@given(power=st.integers(0, 6), factors=st.integers(1, 8), seed=st.integers(0, 99))
def test_a_sobol_sequence_has_one_point_in_every_slice(power, factors, seed):
    places = sobol(1 << power, factors, seed)
    assert (np.sort(np.floor(places * (1 << power)), axis=0) == np.arange(1 << power)[:, None]).all()


@given(trajectories=st.integers(1, 6), factors=st.integers(1, 8), half=st.integers(1, 5), seed=st.integers(0, 99))
def test_a_morris_trajectory_moves_every_factor_once_by_one_step(trajectories, factors, half, seed):
    levels = 2 * half
    places = morris(trajectories, factors, levels, seed).reshape(trajectories, factors + 1, factors)
    assert places.min() >= 0.0
    assert places.max() <= 1.0 + 1e-12
    steps = np.diff(places, axis=1)
    assert ((np.abs(steps) > 1e-9).sum(axis=2) == 1).all()
    assert ((np.abs(steps) > 1e-9).sum(axis=1) == 1).all()
    assert np.allclose(np.abs(steps).max(axis=2), levels / (2 * (levels - 1)))
    assert np.allclose(places * (levels - 1), np.round(places * (levels - 1)))
