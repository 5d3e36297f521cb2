"""Ensembles: workers and no-changes change nothing, scenarios share luck, probabilities are sane, failures are told."""

import pickle
import threading

import numpy as np
import pandas as pd
import pytest
import small_runs

from agents.codes import FEN
from sim.configuration.problems import ConfigError
from sim.ensemble import IntegrityError, StoppedError, combine, simulate
from sim.results import replicating
from sim.results.bridge import TERMS
from sim.results.bundle import bundle_schema, tables
from sim.results.canonical import csv_bytes
from sim.results.probability import explained_share, probability
from sim.shared_past import KEPT

REVENUE = "Revenue|Green Industry"


def all_bytes(ensemble):
    return {schema.name: csv_bytes(frame, schema) for frame, schema in tables(ensemble)}


def test_the_number_of_workers_changes_no_byte():
    two = small_runs.ensemble(workers=2)
    KEPT.forget()
    assert all_bytes(small_runs.ensemble(workers=1)) == all_bytes(two)


def test_a_lever_at_its_declared_value_changes_no_byte():
    changes = {"policy.carbon_price.multiplier": 1.0, "policy.retrofit_grant.share@2023-01-01": 0.05}
    declared = small_runs.scenario().declarations
    changes["policy.retrofit_grant.share@2023-01-01"] = declared["policy.retrofit_grant.share"].path()[-1][1]
    same = simulate(small_runs.scenario(changes=changes), replicates=2, populations=2)
    plain = simulate(small_runs.scenario(), replicates=2, populations=2)
    assert all_bytes(same) == all_bytes(plain)


def test_a_plan_changes_nothing_before_it_begins():
    before = small_runs.both().quarters.query("period < '2022Q1'")
    wide = before.pivot(index=["replicate", "variable", "period"], columns="scenario", values="value")
    assert len(wide)
    assert (wide["baseline"] == wide["plan"]).all()
    after = small_runs.both().quarters.query("period > '2024Q1'")
    wide = after.pivot(index=["replicate", "variable", "period"], columns="scenario", values="value")
    assert (wide["baseline"] != wide["plan"]).any()


def test_more_replicates_leave_the_first_ones_alone():
    few = simulate(small_runs.scenario(), replicates=2, populations=2)
    many = small_runs.ensemble().years
    assert few.years.value.tolist() == many[many.replicate < 2].value.tolist()


def test_a_longer_run_begins_as_the_shorter_one():
    short = simulate(small_runs.scenario(until="2022Q2"), replicates=1, populations=1)
    long = small_runs.ensemble().quarters
    begun = long[(long.replicate == 0) & (long.period <= "2022Q2")]
    key = ["variable", "period"]
    merged = short.quarters.merge(begun, on=key, suffixes=("", "_long"))
    assert len(merged) == len(short.quarters)
    assert (merged.value == merged.value_long).all()
    assert set(short.years.period) == {2021}
    assert short.bridge.empty
    assert short.base_dependence().empty


def test_tables_are_tidy():
    ensemble = small_runs.both()
    names = ["scenario", "population", "replicate", "seed", "period", "variable", "unit", "value"]
    assert list(ensemble.quarters) == list(ensemble.years) == names
    assert ensemble.scenarios == ["baseline", "plan"]
    assert set(ensemble.years.period) == set(range(2021, 2026))
    assert ensemble.quarters.period.nunique() == 20
    assert not ensemble.years.duplicated(["scenario", "replicate", "variable", "period"]).any()
    assert (ensemble.years.population == ensemble.years.replicate % 2).all()
    assert not ensemble.failures


def test_summary_is_of_the_replicates():
    ensemble = small_runs.both()
    of = ensemble.years.query("scenario == 'plan' and variable == @REVENUE and period == 2025").value
    row = ensemble.summary.query("scenario == 'plan' and variable == @REVENUE and year == 2025").iloc[0]
    assert row.replicates == small_runs.REPLICATES
    assert row["mean"] == pytest.approx(of.mean())
    assert (row.p5, row.p50, row.p95) == pytest.approx(tuple(of.quantile([0.05, 0.5, 0.95])))
    assert row.target == 400.0
    assert row.p_hit == (of >= 400.0).mean()
    assert ensemble.summary[ensemble.summary.year != 2025].target.isna().all()


def test_probabilities():
    ensemble = small_runs.ensemble()
    middle = float(ensemble.part().values(REVENUE, 2025).mean())
    found = ensemble.probability(REVENUE, at_least=middle, year=2025)
    assert 0.0 <= found.low <= found.estimate <= found.high <= 1.0
    assert found.n == small_runs.REPLICATES
    below = ensemble.probability(REVENUE, at_most=middle, year=2025)
    assert found.estimate + below.estimate == 1.0
    assert ensemble.probability(REVENUE, at_least=0.0, year=2025)[:1] == (1.0,)
    assert ensemble.probability(REVENUE) == ensemble.probability(REVENUE, at_least=400, year=2025)


@pytest.mark.parametrize(
    ("inputs", "word"),
    [
        ({"variable": "Revenue|Green", "at_least": 1.0}, "configs/variables.yaml"),
        ({"variable": REVENUE, "year": 2030}, "2021, 2022"),
        ({"variable": "Output", "year": 2025}, "at_least"),
        ({"variable": REVENUE, "scenario": "plam"}, "baseline"),
    ],
)
def test_wrong_questions_are_answered_with_what_is_allowed(inputs, word):
    with pytest.raises(ConfigError, match=word):
        small_runs.ensemble().probability(**inputs)


def test_which_scenario_must_be_said_where_there_are_several():
    with pytest.raises(ConfigError, match="baseline or plan"):
        small_runs.both().probability(REVENUE)
    assert small_runs.both().probability(REVENUE, scenario="plan").n == small_runs.REPLICATES


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (30, 100, 0.2189, 0.3958), (1, 1, 0.2065, 1.0)],
)
def test_wilsons_interval(hits, n, low, high):
    found = probability(np.arange(n) < hits, 0.95)
    assert found.estimate == hits / n
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_the_interval_covers_as_often_as_it_says():
    from scipy.stats import binom

    for truth in (0.1, 0.37, 0.5, 0.9):
        found = [probability(np.arange(60) < hits, 0.95) for hits in range(61)]
        covered = sum(binom.pmf(hits, 60, truth) for hits, one in enumerate(found) if one.low <= truth <= one.high)
        assert 0.92 <= covered <= 0.985


def test_explained_share():
    x = np.arange(50.0)
    assert explained_share(x, 3.0 - 2.0 * x) == pytest.approx(1.0)
    assert explained_share(x, np.where(x % 2 == 0, 1.0, -1.0)) < 0.01
    assert explained_share(x, np.ones(50)) is None
    assert explained_share(x[:2], x[:2]) is None


def test_the_bridge_leads_from_the_first_year_to_the_last():
    ensemble = small_runs.both()
    bridge = ensemble.bridge
    wide = bridge.pivot(index=["scenario", "replicate", "scope"], columns="term", values="value")
    changes = [term for term in TERMS if term != "target"]
    assert wide[changes].sum(axis=1).to_numpy() == pytest.approx(wide["target"].to_numpy(), rel=1e-9)
    assert (wide["residual"] == 0.0).all()
    years = ensemble.years[ensemble.years.variable == REVENUE]
    for term, year in (("base", 2021), ("target", 2025)):
        of = years[years.period == year].set_index(["scenario", "replicate"]).value
        assert wide[term].xs("plan", level="scope").to_numpy() == pytest.approx(of.to_numpy(), rel=1e-12)


def test_alignment_is_reported_for_every_cluster_and_replicate():
    ensemble = small_runs.both()
    assert len(ensemble.alignment) == 2 * small_runs.REPLICATES * 9
    aligned = ensemble.alignment[ensemble.alignment.aligned]
    assert (aligned.factor * aligned.simulated).to_numpy() == pytest.approx(aligned.fact.to_numpy())
    wide = ensemble.alignment.pivot(index=["replicate", "cluster"], columns="scenario", values="factor")
    assert (wide["baseline"] == wide["plan"]).all()


def test_dependence_on_the_base():
    table = small_runs.both().base_dependence().set_index(["scenario", "scope", "base"])
    assert set(table.index.get_level_values("base")) == {"all", "low", "central", "high"}
    for scope in ("plan", "manufacturing"):
        share = table.loc[("plan", scope, "all"), "variance_share"]
        assert 0.0 <= share <= 1.0
    thirds = table.loc["plan"].loc["plan"].loc[["low", "central", "high"]]
    assert thirds.replicates.sum() == small_runs.REPLICATES
    assert thirds.base_to.is_monotonic_increasing


def test_central_parameters_have_one_base():
    ensemble = simulate(small_runs.scenario(parameters="central"), replicates=3, populations=1)
    table = ensemble.base_dependence().set_index(["scope", "base"])
    assert table.loc[("plan", "all"), "base_from"] == table.loc[("plan", "all"), "base_to"] == 90.0
    assert table.variance_share.isna().all()
    manufacturing = ensemble.years.query("variable == @REVENUE + '|Manufacturing' and period == 2021").value
    assert manufacturing.to_numpy() == pytest.approx(200.0, abs=60.0)


def test_every_indicator_has_a_forecast_and_says_what_it_rests_on():
    table = small_runs.both().indicators
    assert table.groupby("scenario", observed=True).indicator.nunique().tolist() == [18, 18]
    assert table[["mean", "p5", "p95"]].notna().all().all()
    without = table[table.p_hit.isna()]
    assert set(without.indicator) == {"co2_per_gdp"}
    assert set(without.p_hit_basis) == {""}
    basis = {"endogenous": "simulated", "partial": "partly assumed", "exogenous": "assumed"}
    assert (table[table.p_hit.notna()].p_hit_basis == table[table.p_hit.notna()].tag.map(basis)).all()
    green = table[(table.indicator == "green_revenue") & (table.scenario == "plan")].set_index("reading")
    summary = small_runs.both().summary.query("scenario == 'plan' and year == 2025").set_index("variable")
    assert green.loc["main", "p50"] == summary.loc[REVENUE, "p50"]
    assert green.loc["alternative", "p50"] == summary.loc[REVENUE + "|Manufacturing", "p50"]


def test_indicators_start_from_what_the_plan_prints():
    ensemble = small_runs.both()
    years = ensemble.indicator_years.set_index(["scenario", "indicator", "reading", "year"])
    for row in ensemble.indicators.itertuples():
        first = years.loc[(row.scenario, row.indicator, row.reading, 2021)]
        told = years.loc[(row.scenario, row.indicator, row.reading, row.year)]
        assert told["p50"] == row.p50
        if not np.isnan(row.value_2021) and row.indicator != "green_revenue":
            assert first["mean"] == pytest.approx(row.value_2021, rel=1e-9), row.indicator


def test_falls_are_chained_or_added_and_reductions_add_up():
    ensemble = small_runs.both()
    part = ensemble.part("plan")
    fall = 1.0 - part.values("Energy per GDP", 2025) / part.values("Energy per GDP", 2021)
    rows = ensemble.indicators.query("scenario == 'plan'").set_index(["indicator", "reading"])["mean"]
    chained = 1.0 - (1.0 - 0.0568) * (1.0 - fall)
    assert rows["energy_per_gdp", "main"] == pytest.approx(chained.mean(), rel=1e-12)
    assert rows["energy_per_gdp", "alternative"] == pytest.approx((0.0568 + fall).mean(), rel=1e-12)
    for name, fact, variable in (("nox_reduction", 362.4, "NOx"), ("ammonia_reduction", 35.33, "NH3-N")):
        years = [part.values(f"Emissions Abated|District|{variable}", year) for year in range(2022, 2026)]
        assert rows[name, "main"] == pytest.approx(fact + np.sum(years, axis=0).mean(), rel=1e-12)


def test_micro_data_add_up_to_what_is_told():
    ensemble = small_runs.ensemble()
    firms = ensemble.firms
    assert set(firms.replicate) == {0}
    assert list(firms.columns) == [column.name for column in bundle_schema("firms").fields]
    years = ensemble.years[ensemble.years.replicate == 0].set_index(["variable", "period"]).value
    by_year = firms.groupby("year")
    assert (by_year.output.sum() / 1e4).to_numpy() == pytest.approx(years.loc["Output"].to_numpy(), rel=1e-12)
    active = firms[firms.active].groupby("year").weight.sum()
    assert active.to_numpy() == pytest.approx(years.loc["Firms|Active"].to_numpy(), abs=1e-2 * len(firms))
    factors = ensemble.alignment.query("replicate == 0").set_index("cluster")
    sales = ((by_year.green_sales.sum() + by_year.by_product_sales.sum()) * FEN).to_numpy()
    assert (sales > 0).all()
    assert factors.simulated.sum() == pytest.approx(sales[0] / FEN / 1e4, rel=1e-9)
    exchanged = ensemble.by_product_links.groupby("year").tonnes.sum()
    streams = [
        name for name in years.index.levels[0] if name.startswith("By-products|") and name.endswith("|Exchanged")
    ]
    assert len(streams) == 30
    for year, tonnes in exchanged.items():
        assert tonnes == pytest.approx(years[streams].xs(year, level="period").sum(), rel=1e-9)
    links = ensemble.links
    assert (links.purchase_share > 0).all()
    assert not links.duplicated(["supplier", "customer"]).any()


def test_the_headline_follows_its_parameter():
    moved = simulate(small_runs.scenario(changes={"revenue.target": 250.0}), replicates=2, populations=2)
    row = moved.summary.query("variable == @REVENUE and year == 2025").iloc[0]
    assert row.target == 250.0
    green = moved.indicators.query("indicator == 'green_revenue' and reading == 'main'").iloc[0]
    assert (green.target, green.p_hit) == (250.0, row.p_hit)
    assert moved.probability(REVENUE).estimate == row.p_hit == moved.base_dependence().p_hit[0]


def test_an_ensemble_travels_between_processes():
    ensemble = small_runs.ensemble()
    again = pickle.loads(pickle.dumps(ensemble))
    assert again.summary.equals(ensemble.summary)
    assert again.scenarios == ["baseline"]


def test_two_scenarios_of_one_name_are_refused():
    with pytest.raises(ConfigError, match="the same name twice"):
        combine([small_runs.ensemble(), small_runs.ensemble()])
    other = simulate(small_runs.renamed("other", until="2021Q4"), replicates=1, populations=1)
    short = simulate(small_runs.scenario(until="2021Q4"), replicates=1, populations=1)
    assert combine([short, other]).scenarios == ["baseline", "other"]


@pytest.mark.parametrize(
    "inputs", [{"replicates": 0}, {"populations": 0}, {"workers": 0}, {"micro": 4}, {"replicates": 2.5}]
)
def test_numbers_out_of_range_are_refused(inputs):
    with pytest.raises(ConfigError, match="a whole number from"):
        simulate(small_runs.scenario(), **{"replicates": 4, **inputs})


def test_progress_is_told_in_the_callers_thread():
    told = []
    simulate(
        small_runs.scenario(until="2021Q2"),
        replicates=3,
        populations=1,
        progress=lambda done, of: told.append((done, of, threading.current_thread())),
    )
    assert [(done, of) for done, of, _ in told] == [(1, 3), (2, 3), (3, 3)]
    assert {thread for _, _, thread in told} == {threading.current_thread()}


def test_a_stopped_ensemble_says_so():
    stop = threading.Event()
    stop.set()
    with pytest.raises(StoppedError):
        simulate(small_runs.scenario(), replicates=3, populations=1, stop=stop)


def test_one_broken_replicate_leaves_the_others(monkeypatch):
    run = replicating.run_and_reduce

    def breaking(scenario, world, population, replicate, *rest):
        if replicate == 1:
            raise ZeroDivisionError("on purpose")
        return run(scenario, world, population, replicate, *rest)

    monkeypatch.setattr(replicating, "run_and_reduce", breaking)
    found = simulate(small_runs.scenario(until="2021Q4"), replicates=3, populations=2)
    assert [one.replicate for one in found.failures] == [1]
    assert "on purpose" in found.failures[0].error
    assert set(found.years.replicate) == {0, 2}


def test_broken_books_are_not_handed_out(monkeypatch):
    def breaking(*_):
        raise IntegrityError("the books do not close")

    monkeypatch.setattr(replicating, "run_and_reduce", breaking)
    with pytest.raises(IntegrityError):
        simulate(small_runs.scenario(until="2021Q4"), replicates=3, populations=2)


def test_populations_report_their_marginals():
    table = small_runs.ensemble().marginals
    assert set(table.population) == {0, 1}
    hard = table[(table.kind == "hard") & (table.marginal == "above_scale_value_added")]
    assert hard.got.to_numpy() == pytest.approx(434.7, rel=1e-6)
    told = table[table.marginal == "pv_2021"]
    assert told.got.notna().all()
    assert pd.api.types.is_string_dtype(table.date)
