"""Patterns: every statistic finds what was put in, every null model is run, and bands say where they come from."""

import numpy as np
import pandas as pd
import pytest
from test_questions import lvjin

from experiments.patterns.decisions import bunched, larger, risk_ratio
from experiments.patterns.diffusion import SPAN, constant_hazard, is_s_shaped, logistic_fit, s_curve
from experiments.patterns.exchange import slope
from experiments.patterns.growth import hill, shape, slope_of_spread
from experiments.patterns.networks import shared, swapped
from experiments.patterns.table import STATISTICS, judged
from sim.configuration.tables import load_table

TIME = np.arange(15.0)


@pytest.fixture
def random():
    return np.random.default_rng(7)


def test_every_band_has_a_statistic_and_every_statistic_a_band():
    table = load_table("patterns")
    assert list(table["pattern"]) == list(STATISTICS)
    assert (table["low"] < table["high"]).all()
    assert table["source"].str.len().min() > 0


def test_the_shape_of_growth_is_one_for_a_tent_and_two_for_a_bell(random):
    assert shape(random.laplace(size=4000)) == pytest.approx(1.0, abs=0.1)
    assert shape(random.standard_normal(4000)) == pytest.approx(2.0, abs=0.2)


def test_spread_that_falls_with_size_is_measured(random):
    size = random.normal(8.0, 1.5, 20_000)
    growth = random.standard_normal(20_000) * np.exp(-0.2 * size)
    assert slope_of_spread(size, growth) == pytest.approx(0.2, abs=0.02)
    assert slope_of_spread(size, random.permutation(growth)) == pytest.approx(0.0, abs=0.02)


def test_the_exponent_of_a_tail_is_found(random):
    assert hill(random.pareto(1.1, 20_000) + 1.0) == pytest.approx(1.1, abs=0.06)
    assert hill(random.exponential(1.0, 20_000)) > 2.0


def test_curves_are_told_apart_and_timed():
    curve = s_curve(TIME, 100.0, 0.5, 7.0)
    assert is_s_shaped(TIME, curve)
    assert SPAN / logistic_fit(TIME, curve)[1] == pytest.approx(SPAN / 0.5, rel=0.02)
    assert not is_s_shaped(TIME, constant_hazard(TIME, 100.0, 0.2, 5.0))


def test_a_slope_with_distance_is_found_beside_constants(random):
    stream, far = random.integers(0, 3, 30_000), random.uniform(0.0, 40.0, 30_000)
    odds = np.array([-1.0, 0.0, 1.0])[stream] - 0.03 * far
    linked = random.random(30_000) < 1.0 / (1.0 + np.exp(-odds))
    assert slope(stream, far, linked) == pytest.approx(-0.03, abs=0.004)


def test_rewiring_keeps_degrees_and_pairs_and_makes_no_link_twice(random):
    supplier, customer = (place.ravel() for place in np.nonzero(random.random((60, 60)) < 0.08))
    keep = supplier != customer
    supplier, customer = supplier[keep], customer[keep]
    sector = random.integers(0, 3, 60)
    pair = sector[supplier] * 3 + sector[customer]
    moved = customer
    for _ in range(20):
        moved = swapped(supplier, moved, pair, random)
    assert (moved != customer).mean() > 0.5
    assert (np.bincount(moved, minlength=60) == np.bincount(customer, minlength=60)).all()
    assert (np.sort(sector[supplier] * 3 + sector[moved]) == np.sort(pair)).all()
    assert len(set(zip(supplier.tolist(), moved.tolist(), strict=True))) == len(supplier)
    assert (supplier != moved).all()
    options = random.integers(0, 1 << 20, 60).astype(np.uint64)
    wanted = sum(bin(int(options[a] & options[b])).count("1") for a, b in zip(supplier, moved, strict=True))
    assert shared(options, supplier, moved) == wanted


def test_who_is_larger_and_who_bunches(random):
    size = np.arange(10.0)
    assert larger(size, size > 7.0) == 1.0
    assert larger(size, np.isin(size, [0.0, 9.0])) == pytest.approx(0.5)
    assert np.isnan(larger(size, size < 0.0))
    smooth = np.exp(random.uniform(np.log(10.0), np.log(1000.0), 50_000))
    assert bunched(smooth, [100.0]) == pytest.approx(1.0, abs=0.1)
    assert bunched(np.append(smooth, np.full(5000, 100.5)), [100.0]) > 2.0


def test_a_risk_ratio_compares_like_with_like():
    rows = []
    for sector, base in (("a", 0.2), ("b", 0.6)):
        for k in range(300):
            rows.append([sector, k / 300.0, (k % 10) < 10 * base * (0.5 if k >= 200 else 1.0)])
    firms = pd.DataFrame(rows, columns=["sector", "leverage", "started"])
    assert risk_ratio(firms, firms["sector"]) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(
    ("seen", "null", "verdict"),
    [(1.0, 2.0, "holds"), (1.0, 1.1, "null_too"), (1.9, 2.0, "fails"), (np.nan, 2.0, "undefined")],
)
def test_a_verdict_needs_the_null_model_to_fail(seen, null, verdict):
    rows = pd.DataFrame([["growth_shape", 0, seen, null]], columns=["pattern", "replicate", "statistic", "null_model"])
    found = judged(rows).set_index("pattern")["verdict"]
    assert found["growth_shape"] == verdict
    assert (found.drop("growth_shape") == "undefined").all()


def test_the_command_writes_table_figure_and_page(tmp_path, capfd):
    words = ("--firms", 600, "--replicates", 1, "--out", tmp_path)
    told, _ = lvjin("patterns", *words, capfd=capfd)
    assert "Patterns that nothing was fitted to" in (tmp_path / "patterns.md").read_text(encoding="utf-8")
    table = pd.read_csv(tmp_path / "patterns.csv")
    assert len(table) == len(STATISTICS)
    assert table["median"].notna().sum() > 12
    assert (tmp_path / "figures" / "patterns.zh.png").stat().st_size > 10_000
    assert "帐篷" in told
