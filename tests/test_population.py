"""The population: exact where it must be, within tolerance elsewhere, and the same bytes at every call."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import ENERGY_PRICES, random_firms

from sim.configuration.tables import load_table
from sim.population import plan as population_plan
from sim.population.builder import PopulationError, PopulationRules, build_population, label, marginal_report
from sim.population.green import filled, product_targets
from sim.population.plan import (
    CARRIERS,
    above_scale_firms,
    allotted,
    population_tables,
    real_units,
    row_plan,
    row_weights,
)
from sim.population.report import green_output, net_energy

DECLARED = yaml.safe_load((Path(__file__).parent.parent / "configs/population.yaml").read_text(encoding="utf-8"))
RULES = PopulationRules(*(float(DECLARED[name]["value"]) for name in PopulationRules._fields))
SIZES = (600, 5_000, 20_000)

pytestmark = pytest.mark.kernels


@pytest.fixture(scope="module")
def populations():
    """One population of every size."""
    return {n: build_population(n, RULES, 1, ENERGY_PRICES) for n in SIZES}


def digest(firms):
    """Return one hash of all columns."""
    return hashlib.sha256(b"".join(column.tobytes() for column in firms)).hexdigest()


def energy_bill(firms):
    """Return the cost of energy over output at base prices."""
    return sum(getattr(firms, name) * price for name, price in zip(CARRIERS, ENERGY_PRICES, strict=True))


@pytest.mark.parametrize("n", SIZES)
def test_hard_marginals_are_met_exactly(populations, n):
    report = marginal_report(populations[n], RULES)
    hard = report[report["kind"] == "hard"]
    assert len(hard) == 10
    assert (hard["difference"].abs() <= 1e-9 * hard["wanted"]).all(), hard.to_string()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_soft_marginals_are_within_tolerance_at_the_standard_size(seed):
    report = marginal_report(build_population(5_000, RULES, seed, ENERGY_PRICES), RULES)
    soft = report[report["kind"] == "soft"]
    assert len(soft) == 13
    assert (soft["difference"].abs() <= soft["tolerance"]).all(), soft.to_string()


def test_targets_of_2021_are_filled_from_the_simulated_year(populations):
    report = marginal_report(populations[600], RULES, {"green_nev_parts": 11.0}).set_index("marginal")
    assert report.loc["green_nev_parts", "difference"] == pytest.approx(1.0)
    assert np.isnan(report.loc["park_linkage", "got"])


def test_factors_are_reported_and_alike_within_industry_outside_power(populations):
    report = marginal_report(populations[600], RULES).set_index("marginal")
    assert report.loc["above_scale_energy.energy", "factor"] == 1.0
    assert report.loc["above_scale_energy.materials", "factor"] == report.loc["above_scale_energy", "factor"]
    groups = report[report.index.str.startswith("above_scale_energy.")]
    assert groups["got"].sum() == pytest.approx(3_608_000.0)


@pytest.mark.parametrize(
    "name",
    [
        "value_added_share",
        "coal_intensity",
        "electricity_intensity",
        "waste_intensity",
        "water_intensity",
        "cod_intensity",
    ],
)
def test_district_totals_do_not_depend_on_the_number_of_rows(populations, name):
    totals = [float((firms.base_output * getattr(firms, name))[~firms.entrant].sum()) for firms in populations.values()]
    assert totals == pytest.approx([totals[0]] * len(totals), rel=1e-9)


def test_output_of_every_sector_is_that_of_the_table(populations):
    wanted = load_table("sectors")["output_2020"].to_numpy()
    for firms in populations.values():
        yearly = 4e-4 * np.where(firms.entrant, 0.0, firms.base_output)
        assert np.bincount(firms.sector, yearly, 28) == pytest.approx(wanted, rel=1e-9)


def test_units_of_every_sector_are_those_of_the_table(populations):
    wanted = load_table("sectors")["units"].to_numpy()
    for firms in populations.values():
        weight = np.where(firms.entrant, 0.0, firms.weight)
        assert np.bincount(firms.sector, weight, 28) == pytest.approx(wanted)


def test_green_output_reaches_what_the_products_table_asks_for(populations):
    targets, tables = product_targets(), population_tables()
    anchors = tables.anchors
    green = dict.fromkeys(tables.clusters["cluster"], 0.0)
    for p, cluster in enumerate(tables.products["cluster"]):
        own = anchors[anchors["product"] == tables.products["product"][p]]
        green[cluster] += targets.green[p] / 1e4 + float((own["output_2020"] * own["green_share"]).sum())
    for n in (5_000, 20_000):
        assert green_output(populations[n]) == pytest.approx(list(green.values()), rel=1e-3)


def test_the_products_table_back_casts_the_clusters_of_the_plan():
    """Base × growth and prices of 2021 up to the middle of the year comes near the facts before any alignment."""
    tables = population_tables()
    targets, products, anchors = product_targets(), tables.products, tables.anchors
    value = dict.fromkeys(tables.clusters["cluster"], 0.0)
    for p, row in products.iterrows():
        own = anchors[anchors["product"] == row["product"]]
        base = targets.green[p] / 1e4 + float((own["output_2020"] * own["green_share"]).sum())
        value[row["cluster"]] += base * ((1 + row["growth_2021"]) * (1 + row["price_2021"])) ** 0.625
    for cluster, fact in zip(tables.clusters["cluster"], tables.clusters["base_2021"], strict=True):
        if fact == fact:
            assert value[cluster] == pytest.approx(fact, rel=0.05), cluster
    inside = tables.clusters[~tables.clusters["observed"]]
    assert all(row.base_low < value[row.cluster] < row.base_high for row in inside.itertuples())


@pytest.mark.parametrize("n", SIZES)
def test_every_firm_keeps_whole_accounts(populations, n):
    firms = populations[n]
    parts = firms.wage_share + firms.net_tax_share + firms.depreciation_share + firms.base_margin
    assert parts == pytest.approx(firms.value_added_share, abs=1e-12)
    assert firms.value_added_share + firms.material_share + energy_bill(firms) == pytest.approx(np.ones(len(parts)))
    assert (firms.base_margin >= RULES.minimum_margin).all()
    assert (firms.material_share >= RULES.minimum_material).all()
    assert (firms.wage_share > 0).all()
    interest = firms.debt / 1e6 * RULES.base_loan_rate
    assert (interest * RULES.interest_cover <= firms.base_margin * 4 * firms.base_output + 1e-5).all()
    assert (firms.base_capacity >= firms.base_output).all()
    assert ((firms.base_green_share >= 0) & (firms.base_green_share <= 1)).all()
    assert (firms.base_green_share[firms.product < 0] == 0).all()


@pytest.mark.parametrize("n", SIZES)
def test_rows_are_who_they_say(populations, n):
    firms = populations[n]
    size = 4 * firms.base_output / firms.weight
    sector = load_table("products")["sector"].to_numpy(dtype=object)
    names = load_table("sectors")["sector"].to_numpy(dtype=object)
    made = firms.product >= 0
    assert (sector[firms.product[made]] == names[firms.sector[made]]).all()
    assert (size[firms.above_scale] >= RULES.above_scale_revenue - 1e-6).all()
    small_industry = (firms.sector < 21) & ~firms.above_scale
    assert (size[small_industry] <= RULES.above_scale_revenue + 1e-6).all()
    assert (firms.size_class[small_industry] == 0).all()
    assert (firms.firm == np.arange(len(size))).all()
    assert int((firms.anchor > 0).sum()) == len(load_table("anchors"))
    assert not (firms.relocated & ~firms.entrant).any()
    assert (firms.age[firms.entrant] == 0).all()


def test_above_scale_firms_have_a_row_each_and_small_units_whole_weights(populations):
    firms = populations[5_000]
    assert (firms.weight[firms.above_scale] == 1).all()
    assert (firms.weight == np.floor(firms.weight)).all()


def test_the_coal_station_sells_what_its_hours_give(populations):
    firms = populations[600]
    anchors = load_table("anchors").set_index("anchor")
    row = list(anchors.index).index("luohuang_power")
    station = anchors.loc["luohuang_power"]
    sold = 4 * firms.base_output[row] * firms.electricity_sold[row]  # tce
    generated = station["capacity"] * station["capacity_factor"] * 8760 * 0.1229  # tce
    assert 0.9 < sold / generated < 1.0
    assert net_energy(firms)[row] > 0


def test_every_sector_but_coal_power_keeps_room_for_arrivals(populations):
    for firms in populations.values():
        spare = np.bincount(firms.sector[firms.entrant], minlength=28)
        assert spare[0] == 0
        assert (spare[1:] > 0).all()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_firms(populations):
    again = build_population(600, RULES, 1, ENERGY_PRICES)
    other = build_population(600, RULES, 2, ENERGY_PRICES)
    assert digest(again) == digest(populations[600])
    assert digest(other) != digest(again)
    assert (other.firm == again.firm).all()


def test_a_row_keeps_its_luck_whatever_the_prices(populations):
    dear = build_population(600, RULES, 1, 1.1 * ENERGY_PRICES)
    for name, column in populations[600]._asdict().items():
        if name != "material_share":
            assert (getattr(dear, name) == column).all(), name


def test_sizes_have_their_names():
    assert label(100) == "toy"
    assert label(above_scale_firms() - 1) == "toy"
    assert label(5_000) == "standard"
    assert label(real_units()) == "standard"
    assert label(real_units() + 1) == "benchmark"


def test_a_toy_shares_rows_among_above_scale_firms_and_still_adds_up():
    firms = build_population(100, RULES, 1, ENERGY_PRICES)
    report = marginal_report(firms, RULES)
    hard = report[report["kind"] == "hard"]
    assert (hard["difference"].abs() <= 1e-9 * hard["wanted"]).all()
    assert firms.weight[firms.above_scale].max() > 1


def test_too_few_rows_are_an_error_that_says_how_many_are_needed():
    with pytest.raises(PopulationError, match=r"n_firms: found 20, allowed \d+ or more"):
        build_population(20, RULES, 1, ENERGY_PRICES)


@pytest.mark.parametrize(
    ("bound", "marginal"),
    [
        ({"energy_factor_low": 0.99, "energy_factor_high": 1.0}, "above_scale_energy"),
        ({"value_added_factor_low": 0.99, "value_added_factor_high": 1.0}, "above_scale_value_added"),
        ({"above_scale_revenue": 30_000.0}, "above_scale_units"),
        ({"minimum_material": 0.9}, "above_scale_value_added"),
    ],
)
def test_a_hard_marginal_out_of_reach_is_named(bound, marginal):
    with pytest.raises(PopulationError, match=marginal):
        build_population(600, RULES._replace(**bound), 1, ENERGY_PRICES)


def test_firm_shares_of_a_sector_leave_no_more_than_the_sector():
    products = load_table("products")
    assert (products.groupby("sector")["firm_share"].sum() <= 1 + 1e-9).all()
    assert len(products) <= 24


def test_park_affinities_add_up():
    table = load_table("park_sectors").groupby("sector").sum(numeric_only=True)
    assert table["below_scale_affinity"].to_numpy() == pytest.approx(np.ones(28))
    above = table["above_scale_affinity"].to_numpy()
    assert ((np.abs(above - 1) < 1e-9) | (above == 0)).all()


def test_input_coefficients_leave_value_added_to_every_buyer():
    table = load_table("input_output")
    assert len(table) == 43 * 28
    assert (table.groupby("buyer")["coefficient"].sum() < 1).all()
    assert set(load_table("charged_elsewhere")["supplier"]) <= set(table["supplier"])


def test_population_parameters_are_those_of_the_rules():
    assert tuple(DECLARED) == PopulationRules._fields


@given(
    total=st.integers(0, 400),
    need=st.lists(st.just(0.0) | st.floats(0.01, 100), min_size=1, max_size=12),
    limit=st.integers(1, 50),
)
def test_allotted_rows_add_up_within_limits(total, need, limit):
    given_ = allotted(total, np.array(need), np.full(len(need), limit))
    wanted = int((np.array(need) > 0).sum())
    assert given_.sum() == max(min(total, wanted * limit), wanted)
    assert (given_ <= limit).all()
    assert (given_[np.array(need) == 0] == 0).all()


@given(units=st.integers(1, 1_000), rows=st.integers(1, 1_000))
def test_weights_add_up_to_the_units(units, rows):
    weight = row_weights(units, rows)
    assert weight.sum() == pytest.approx(units)
    assert weight.max() - weight.min() <= 1
    if rows <= units:
        assert (weight == np.floor(weight)).all()


@given(
    wish=st.lists(st.floats(0.01, 1), min_size=1, max_size=8),
    level=st.floats(0, 1),
)
def test_filled_shares_reach_a_target_that_can_be_reached(wish, level):
    output = np.linspace(1, 2, len(wish))
    share = filled(np.array(wish), output, level * output.sum())
    assert (share <= 1).all()
    assert (share * output).sum() == pytest.approx(level * output.sum(), abs=1e-9)


@settings(max_examples=20)
@given(n=st.integers(population_plan.strata().anchors.sum() + 49, 3_000))
def test_any_number_of_rows_can_be_planned(n):
    plan = row_plan(n, RULES)
    assert plan.initial == n
    assert plan.start[-1] == n
    assert len(plan.weight) == len(plan.stratum) == n + plan.spare.sum()


@given(n=st.integers(1, 40), seed=st.integers(0, 2**31))
def test_random_worlds_are_whole(n, seed):
    firms = random_firms(n, seed)
    assert all(len(column) == n for column in firms)
    assert not firms.entrant.all()
    assert len(set(firms.firm.tolist())) == n
    assert firms.value_added_share + firms.material_share + energy_bill(firms) == pytest.approx(np.ones(n))
    parts = firms.wage_share + firms.net_tax_share + firms.depreciation_share + firms.base_margin
    assert parts == pytest.approx(firms.value_added_share)
    assert (firms.base_margin > 0).all()
    assert (firms.material_share > 0).all()
