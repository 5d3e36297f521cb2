"""Frozen forecasts and their scores. Every fact here is made up: drawn from the forecast, or spoilt."""

import csv
import dataclasses
import json
import math
import shutil

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm
from test_questions import lvjin

from experiments.scoring.facts import COLUMNS, Fact, read_facts
from experiments.scoring.freezing import forecast_table
from experiments.scoring.frozen import read_frozen
from experiments.scoring.rivalry import basis, history, rival_draws, selection
from experiments.scoring.rivals import RIVALS, Series, autoregression, back_tests, drift, log_linear, logistic, ranking
from experiments.scoring.scored import back, scored_variables, stretched
from experiments.scoring.scores import claim, crps, score_table, summary_table
from sim.configuration.problems import ConfigError
from sim.results.integrity import IntegrityError

N_REPLICATES = 200
MADE_UP = "made up by a test"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A small frozen forecast, as the command makes it."""
    place = tmp_path_factory.mktemp("frozen") / "forecast"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place.parent)
        from experiments import cli

        with pytest.raises(SystemExit) as caught:
            cli.main(["freeze", "plan", "--firms", "300", "--replicates", "4", "--quiet", "--out", str(place)])
    assert not caught.value.code
    return place


@pytest.fixture(scope="module")
def frozen(folder):
    """The same with as many replicates as a real one has, drawn around what it says."""
    found, random = read_frozen(folder), np.random.default_rng(5)
    numbers = found.numbers[["information", "variable", "year", "unit"]].copy()
    forecast = found.forecast
    centre, width = forecast["p50"].to_numpy(float), 0.02 + 0.05 * (forecast["year"].to_numpy() - 2021)
    values = np.empty((len(numbers), N_REPLICATES))
    for row, (middle, unit, one) in enumerate(zip(centre, forecast["unit"], width, strict=True)):
        place = stretched(unit, np.array([max(middle, 0.01) if unit != "share" else np.clip(middle, 0.02, 0.98)]))
        values[row] = back(unit, place + one * random.standard_normal(N_REPLICATES))
    columns = [f"r{k:03d}" for k in range(N_REPLICATES)]
    numbers = pd.concat([numbers, pd.DataFrame(values, columns=columns)], axis=1)
    return dataclasses.replace(found, numbers=numbers, forecast=forecast_table(numbers, "plan"))


def drawn_facts(frozen, seed, shift=0.0):
    """Facts drawn from the forecast as of 2021, moved by `shift` standard errors on the scale of rivals."""
    random, facts = np.random.default_rng(seed), []
    for variable, unit in frozen.units.items():
        for year in frozen.years:
            places = stretched(unit, frozen.replicates("as_of_2021", variable, year))
            place = places.mean() + places.std(ddof=1) * (random.standard_normal() + shift)
            facts.append(Fact(variable, year, float(back(unit, np.array([place]))[0]), MADE_UP))
    return facts


def write(path, rows, header=COLUMNS):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def test_a_frozen_forecast_says_what_it_is_made_of(folder):
    record, seal = (json.loads((folder / name).read_bytes()) for name in ("freeze.json", "seal.json"))
    for name in ("code_sha256", "settings_sha256", "data_sha256", "frozen_on", "posterior_sha256"):
        assert name in record
    assert {"frozen.csv", "frozen_replicates.csv", "frozen_rivals.csv", "freeze.json"} <= set(seal["files"])
    forecast = read_frozen(folder).forecast
    assert forecast["variable"].nunique() == len(scored_variables()) >= 40
    assert set(forecast["information"]) == {"as_of_2021", "conditional"}
    assert set(forecast["year"]) == {2021, 2022, 2023, 2024, 2025}
    assert (forecast["replicates"] == 4).all()


def test_a_forecast_is_frozen_once(folder, capfd):
    _, told = lvjin("freeze", "plan", "--firms", 300, "--replicates", 2, "--out", folder, code=2, capfd=capfd)
    assert "none is replaced" in told


def test_a_forecast_that_was_touched_is_not_scored(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    path = copy / "frozen_replicates.csv"
    path.write_bytes(path.read_bytes().replace(b"2025", b"2024", 1))
    with pytest.raises(IntegrityError, match=r"frozen_replicates\.csv \(changed\)"):
        read_frozen(copy)


def test_the_score_is_that_of_the_books():
    random = np.random.default_rng(1)
    values = random.normal(2.0, 3.0, 20_000)
    for fact in (-4.0, 2.0, 5.5):
        z = (fact - 2.0) / 3.0
        exact = 3.0 * (z * (2.0 * norm.cdf(z) - 1.0) + 2.0 * norm.pdf(z) - 1.0 / math.sqrt(math.pi))
        assert crps(values, fact) == pytest.approx(exact, rel=0.02)
    assert crps(np.full(5, 7.0), 4.0) == pytest.approx(3.0)  # of a point it is the error
    pair = np.array([0.0, 1.0])  # fair: mean |x − y| less half the mean distance of different members
    assert crps(pair, 0.25) == pytest.approx(0.5 - 0.5)


def test_facts_from_the_forecast_itself_are_covered_as_often_as_it_says(frozen):
    rows = score_table(frozen, drawn_facts(frozen, seed=3))
    rows = rows[rows["information"] == "as_of_2021"]
    assert len(rows) == 4 * len(scored_variables())
    assert rows["in_50"].mean() == pytest.approx(0.50, abs=0.09)
    assert rows["in_90"].mean() == pytest.approx(0.90, abs=0.05)
    assert rows["bias"].mean() == pytest.approx(0.0, abs=0.02)
    assert np.histogram(rows["place"], 4, (0, 1))[0].min() > 0.18 * len(rows)


def test_facts_far_from_the_forecast_are_not_covered_and_cost_skill(frozen):
    def told(scores):
        summary = summary_table(scores, seed=1)
        return summary[(summary["class"] == "all") & (summary["measure"] == "skill")]["value"].min()

    good, bad = (score_table(frozen, drawn_facts(frozen, seed=3, shift=one)) for one in (0.0, 4.0))
    assert bad["in_90"].mean() < 0.1
    assert bad["bias"].mean() < good["bias"].mean() - 0.05
    assert told(bad) < told(good)


def test_a_forecast_that_knows_the_facts_beats_every_rival_and_may_say_so(frozen):
    summary = summary_table(score_table(frozen, drawn_facts(frozen, seed=4)), seed=1)
    assert claim(summary, "as_of_2021") == "A"
    rows = summary[(summary["class"] == "all") & (summary["measure"] == "skill")].set_index("information")
    assert (rows["low"] <= rows["value"]).all()
    assert (rows["value"] <= rows["high"]).all()


def test_a_forecast_that_is_wrong_is_explanatory_only(frozen):
    summary = summary_table(score_table(frozen, drawn_facts(frozen, seed=4, shift=25.0)), seed=1)
    assert claim(summary, "as_of_2021") == "C"


def test_states_of_knowledge_are_never_pooled(frozen):
    summary = summary_table(score_table(frozen, drawn_facts(frozen, seed=4)), seed=1)
    assert set(summary["information"]) == {"as_of_2021", "conditional"}
    facts = summary[summary["class"] == "all"].groupby("information")["facts"].first()
    assert (facts == 4 * len(scored_variables())).all()


def test_the_command_scores_a_file(folder, tmp_path, capfd):
    found = read_frozen(folder)
    rows = [
        [fact.variable, fact.year, repr(fact.value), found.units[fact.variable], MADE_UP]
        for fact in drawn_facts(found, 1)
    ]
    path = write(tmp_path / "facts.csv", rows)
    told, _ = lvjin("score", path, "--forecast", folder, "--out", tmp_path / "scores", capfd=capfd)
    assert "coverage of the 90 % band" in told
    for name in ("scores.csv", "score_summary.csv", "rival_scores.csv", "scores.json", "figures/scores.zh.png"):
        assert (tmp_path / "scores" / name).stat().st_size > 100
    scores = pd.read_csv(tmp_path / "scores" / "scores.csv")
    assert len(scores) == 2 * len(rows)


def test_units_are_converted_only_where_that_is_declared(frozen, tmp_path):
    rows = [
        ["Share|Services", 2022, 35, "%", MADE_UP],
        ["GDP", 2022, 1200, "亿元", MADE_UP],
        ["Capacity|PV", 2023, 2, "万kW", MADE_UP],
    ]
    facts = read_facts(write(tmp_path / "facts.csv", rows), frozen.units, frozen.years)
    assert [fact.value for fact in facts] == pytest.approx([0.35, 1200.0, 20.0])


def test_every_mistake_of_a_file_is_told_at_once(frozen, tmp_path):
    rows = [
        ["GDP", 2021, 1200, "亿元/yr", MADE_UP],
        ["GPD", 2022, 1200, "亿元/yr", MADE_UP],
        ["Water", 2022, 1200, "万m3/yr", MADE_UP],
        ["GDP", 2022, "many", "亿元/yr", MADE_UP],
        ["GDP", 2023, 1200, "tce", MADE_UP],
        ["GDP", 2024, 1200, "亿元/yr", ""],
        ["GDP", 2030, 1200, "亿元/yr", MADE_UP],
        ["Share|Services", 2022, 35, "share", MADE_UP],
        ["GDP", 2025, 1200, "亿元/yr", MADE_UP],
        ["GDP", 2025, 1201, "亿元/yr", MADE_UP],
    ]
    with pytest.raises(ConfigError) as caught:
        read_facts(write(tmp_path / "facts.csv", rows), frozen.units, frozen.years)
    told = [(problem.line, problem.key) for problem in caught.value.problems]
    keys = ["year", "variable", "variable", "value", "unit", "source", "year", "value"]
    assert told == [*zip(range(2, 10), keys, strict=True), (11, "variable")]
    text = str(caught.value)
    assert "Did you mean GDP?" in text
    assert "the fit may have seen anything up to 2021" in text


@pytest.mark.parametrize(
    ("header", "word"),
    [
        (("variable", "year", "value", "unit"), "source"),
        ((*COLUMNS, "region"), "unknown"),
        ((*COLUMNS, "year"), "twice"),
    ],
)
def test_a_wrong_header_is_told(frozen, tmp_path, header, word):
    with pytest.raises(ConfigError, match=word):
        read_facts(write(tmp_path / "facts.csv", [], header), frozen.units, frozen.years)


def test_a_missing_file_or_forecast_is_a_sentence(tmp_path, folder, capfd):
    _, told = lvjin("score", tmp_path / "none.csv", "--forecast", folder, code=2, capfd=capfd)
    assert "no readable file" in told
    _, told = lvjin("score", tmp_path / "none.csv", "--forecast", tmp_path, code=2, capfd=capfd)
    assert "no frozen forecast" in told


YEARS = np.arange(2015.0, 2022.0)
AHEAD = np.array([2022.0, 2025.0])


def test_rivals_go_on_as_their_names_say():
    straight = 1.0 + 0.1 * (YEARS - 2015.0)
    assert drift(YEARS, straight, AHEAD) == pytest.approx([1.7, 2.0])
    assert log_linear(YEARS, straight, AHEAD) == pytest.approx([1.7, 2.0])
    assert RIVALS["persistence"](YEARS, straight, AHEAD) == pytest.approx([1.6, 1.6])
    curve = 3.0 - np.logaddexp(0.0, -0.8 * (YEARS - 2017.0))
    wanted = 3.0 - np.logaddexp(0.0, -0.8 * (AHEAD - 2017.0))
    assert logistic(YEARS, curve, AHEAD) == pytest.approx(wanted, abs=0.05)


def test_growth_that_returns_to_its_mean_is_found():
    growth = [0.3]
    for _ in range(30):
        growth.append(0.1 + 0.5 * (growth[-1] - 0.1))
    places, years = np.cumsum(growth), np.arange(1990.0, 1990.0 + len(growth))
    path = autoregression(years, places, years[-1:] + 4.0)
    assert path == pytest.approx(places[-1] + 0.4, abs=0.03)  # its mean is estimated


def test_a_rival_without_points_enough_is_not_there():
    for rival in (drift, log_linear, logistic, autoregression):
        assert rival(YEARS[:1], np.zeros(1), AHEAD) is None
    gaps = np.array([2010.0, 2012.0, 2015.0, 2018.0, 2019.0, 2021.0])
    assert autoregression(gaps, np.arange(6.0), AHEAD) is None


def test_the_rival_that_suits_a_series_is_chosen():
    growing = Series("growing", "economy", YEARS, 0.07 * (YEARS - 2015.0))
    flat = Series("flat", "share", YEARS, np.array([0.0, 0.3, 0.0, 0.3, 0.0, 0.3, 0.0]))
    misses = back_tests([growing, flat])
    assert ranking(misses, "economy")[0][0] in ("drift", "log_linear")
    assert ranking(misses, "share")[0][0] != "drift"


def test_no_rival_knows_anything_later_than_2021():
    assert max(one.years[-1] for one in history().values()) == 2021.0
    table = selection()
    assert set(table["class"]) == {"economy", "market", "intensity", "share", "count"}
    assert (table.groupby("class")["place"].min() == 1).all()


def test_rivals_start_from_facts_where_there_are_any():
    told = {one.variable: basis(one, 123.0) for one in scored_variables()}
    assert told["Certificates|National Green Factory"][1:] == (pytest.approx(7.0), "fact")
    assert told["Output by Group|Equipment"][1:] == (pytest.approx(123.0), "simulated")
    assert rival_draws("亿元/yr", math.log(50.0), 0.1).mean() == pytest.approx(50.0, rel=0.02)
