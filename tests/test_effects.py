"""Costs and effects are paired differences of whole scenarios, and labels only say whom the money reached."""

import numpy as np
import pytest
import small_runs

from sim.ensemble import combine, simulate
from sim.results.accounting import items
from sim.results.effects import quotient
from sim.results.variable_list import load_variables


@pytest.fixture(scope="module")
def ensemble():
    return small_runs.both()


def test_accounts_tell_every_programme_and_are_means_of_years(ensemble):
    table = ensemble.policy_accounts.set_index(["scenario", "year", "instrument", "item"])
    years = ensemble.years
    for instrument, item, variable in items():
        rows = years[(years["variable"] == variable) & (years["period"] == 2024) & (years["scenario"] == "plan")]
        assert table.loc[("plan", 2024, instrument, item), "mean"] == pytest.approx(rows["value"].mean(), rel=1e-12)
    names = {variable.name for variable in load_variables()}
    assert {variable for _, _, variable in items()} <= names


def test_what_labels_count_is_part_of_what_was_spent(ensemble):
    keys = ["scenario", "replicate", "period"]
    rows = ensemble.years.pivot_table(index=keys, columns="variable", values="value", observed=True)
    for programme in ("Retrofit Grant", "Digital Grant", "PV Grant", "Conversion Grant"):
        spent = rows[f"Policy Cost|Government|{programme}"]
        labelled = rows[f"Grants To Free Riders|{programme}"] + rows[f"Grants Accelerating|{programme}"]
        assert (labelled <= spent + 1e-6).all()
        assert (spent <= rows[f"Grants Asked|{programme}"] + 1e-6).all()
        served = rows[f"Grant Recipients|{programme}"] + rows[f"Grants Refused|{programme}"]
        assert (served <= rows[f"Grant Applicants|{programme}"] + 1e-6).all()
    assert (rows["Grants To Free Riders"] > 0.0).any()


def test_costs_are_paired_with_effects(ensemble):
    table = ensemble.cost_effectiveness.set_index(["effect", "basis"])
    plan, base = ensemble.part("plan"), ensemble.part("baseline")
    years = range(2022, 2026)

    def change(variable):
        return np.sum([plan.values(variable, year) - base.values(variable, year) for year in years], axis=0)

    gross = change("Policy Cost|Government") + change("Tax Foregone")
    assert table.loc[("green_revenue", "gross"), "cost"] == pytest.approx(gross.mean())
    free = change("Grants To Free Riders")
    assert table.loc[("green_revenue", "net_of_free_riders"), "cost"] == pytest.approx((gross - free).mean())
    tonnes = -1e4 * change("Emissions|CO2|Industry")
    assert table.loc[("co2_scope_1", "gross"), "change"] == pytest.approx(tonnes.mean())
    assert set(ensemble.cost_effectiveness["reference"]) == {"baseline"}


def test_winners_add_up_to_the_whole(ensemble):
    table = ensemble.winners
    plan, base = ensemble.part("plan"), ensemble.part("baseline")
    whole = (plan.values("Value Added", 2025) - base.values("Value Added", 2025)).mean()
    for group, rows in table[table["measure"] == "value_added"].groupby("group", observed=True):
        assert rows["change"].sum() == pytest.approx(whole, rel=1e-9), group
    assert ((table["low"] <= table["change"]) & (table["change"] <= table["high"])).all()
    assert table["gains"].between(0.0, 1.0).all()


def test_displacement_is_told_of_both(ensemble):
    table = ensemble.displacement.set_index(["scenario", "item"])["mean"]
    moved = ensemble.part("plan").values("Firms|Relocated", 2023)
    assert table["plan", "relocated_in"] >= moved.mean() >= 0.0
    assert table["plan", "revenue_left"] >= 0.0


def test_without_a_reference_or_with_other_luck_nothing_is_compared():
    alone = simulate(small_runs.scenario("plan", until="2022Q4"), replicates=1, populations=1)
    assert alone.cost_effectiveness.empty
    other = simulate(small_runs.scenario("baseline", until="2022Q4", seed=2), replicates=1, populations=1)
    assert combine([alone, other]).winners.empty
    assert len(alone.policy_accounts)


def test_the_interval_of_a_quotient_holds_the_truth_as_often_as_it_says():
    rng, inside, n = np.random.default_rng(1), 0, 400
    for _ in range(n):
        luck = rng.normal(size=40)
        effect, cost = 5.0 + luck + rng.normal(size=40), 10.0 + 2.0 * luck + rng.normal(size=40)
        _, low, high = quotient(cost, effect, 0.95)
        inside += low <= 2.0 <= high
    assert 0.91 < inside / n < 0.98


def test_no_quotient_is_told_where_the_effect_may_be_nothing():
    rng = np.random.default_rng(2)
    cost = 1.0 + 0.1 * rng.normal(size=20)
    for effect in (rng.normal(size=20), -5.0 + rng.normal(size=20)):
        assert np.isnan(quotient(cost, effect, 0.95)).all()
    ratio, low, high = quotient(cost, np.full(20, 2.0), 0.95)
    assert low < ratio < high
    assert ratio == pytest.approx(cost.mean() / 2.0)
