"""Green revenue is aligned once and reported; the bridge between two years closes to the fen."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.phases.recording import PRODUCT_COLUMNS, SEGMENT_COLUMNS, empty_record
from sim.results import bridge as way
from sim.results import revenue

RULES = revenue.RevenueRules(revenue_ratio=1.0, target=400.0, target_date=19.0, alignment_date=3.0, confidence=0.95)
N_PRODUCTS = len(revenue.clusters().of_product)


class Rows:
    """The traits of firms that the bridge reads."""

    def __init__(self, product, entrant, relocated):
        self.product = np.asarray(product, np.int8)
        self.entrant = np.asarray(entrant, bool)
        self.relocated = np.asarray(relocated, bool)


def record_of(firms, sales, projects, capacity, converted, prices=None, last=1):
    """A record of two years or more whose products are the sums of its firms; all sales of a year in its quarter 4."""
    n_years, makers = len(sales), firms.product >= 0
    record = empty_record(4 * n_years, int(makers.sum()), N_PRODUCTS, (0, last))
    for name, years in zip(
        ("green_sales", "project_sales", "green_capacity", "converted"),
        (sales, projects, capacity, converted),
        strict=True,
    ):
        getattr(record, name)[:] = np.asarray(years)[[0, last]][:, makers]
    for year in range(n_years):
        totals = np.zeros(N_PRODUCTS, np.int64)
        np.add.at(totals, firms.product[makers], np.asarray(sales)[year][makers])
        record.products[4 * year + 3, :, PRODUCT_COLUMNS.index("green_sales")] = totals
    record.segments[:, :, SEGMENT_COLUMNS.index("price")] = 1.0
    if prices is not None:
        for year, price in enumerate(prices):
            record.segments[4 * year : 4 * year + 4, :, SEGMENT_COLUMNS.index("price")] = price
    return record


def terms(firms, record):
    """Terms by name, fen, summed over clusters; the residual must be zero."""
    found = way.bridge(record, firms)
    assert not found.residual.any()
    assert found.amounts[:, :-1].sum() == found.amounts[:, -1].sum()
    return dict(zip(way.TERMS, found.amounts.sum(axis=0).tolist(), strict=True))


@pytest.mark.kernels
@given(st.integers(0, 2**32 - 1), st.integers(1, 60))
def test_the_bridge_closes_to_the_fen(seed, n_firms):
    rng = np.random.default_rng(seed)
    firms = Rows(rng.integers(-1, N_PRODUCTS, n_firms), rng.random(n_firms) < 0.3, rng.random(n_firms) < 0.4)
    shape = (5, n_firms)
    sales = rng.integers(0, 10 ** int(rng.integers(1, 14)), shape) * (rng.random(shape) < 0.7)
    sales[:, firms.product < 0] = 0
    projects = (sales * rng.choice([0.0, 0.3, 1.0], shape)).astype(np.int64)
    capacity = rng.lognormal(3, 2, shape) * (rng.random(shape) < 0.8)
    converted = np.sort(capacity * rng.random(shape), axis=0)
    prices = rng.lognormal(0, 0.3, (5, 1)) * np.ones((5, 28 + N_PRODUCTS))
    for last in (1, 4):
        terms(firms, record_of(firms, sales, projects, capacity, converted, prices, last))


def test_the_bridge_leads_to_the_target_year_or_the_last_year_before_it():
    assert revenue.compared_years(RULES, 20) == (0, 4)
    assert revenue.compared_years(RULES, 60) == (0, 4)
    assert revenue.compared_years(RULES, 11) == (0, 1)
    assert revenue.compared_years(RULES, 7) == (-1, -1)
    assert way.bridge(empty_record(7, 1, N_PRODUCTS), Rows([3], [False], [False])) is None


@pytest.mark.kernels
def test_each_kind_of_change_has_its_term():
    product = [0, 0, 0, 0, 0]
    firms = Rows(product, [False, False, True, True, False], [False, False, False, True, False])
    sales = [[10**9, 5 * 10**8, 0, 0, 0], [10**9, 0, 7 * 10**8, 2 * 10**8, 3 * 10**8]]
    capacity = [[4.0, 2.0, 0.0, 0.0, 0.0], [4.0, 0.0, 3.0, 1.0, 1.5]]
    converted = [[0.0] * 5, [0.0, 0.0, 0.0, 0.0, 1.5]]
    found = terms(firms, record_of(firms, sales, np.zeros((2, 5)), capacity, converted))
    assert found["base"] == 15 * 10**8
    assert found["exit"] == -5 * 10**8
    assert found["entry"] == 7 * 10**8
    assert found["relocation"] == 2 * 10**8
    assert found["conversion"] == 3 * 10**8
    assert found["price"] == found["market"] == found["capacity"] == found["retrofit_demand"] == 0


@pytest.mark.kernels
@pytest.mark.parametrize(
    ("capacity", "converted", "price", "factors"),
    [
        (2.0, 0.0, 1.0, {"capacity": 2.0}),
        (2.0, 1.0, 1.0, {"conversion": 2.0}),
        (1.0, 0.0, 1.2, {"price": 1.2}),
        (2.0, 0.0, 1.1, {"capacity": 2.0, "price": 1.1}),
    ],
)
def test_a_factor_that_moves_alone_explains_all(capacity, converted, price, factors):
    firms = Rows([3], [False], [False])
    growth = math.prod(factors.values())
    sales = [[10**10], [round(10**10 * growth)]]
    record = record_of(firms, sales, [[0], [0]], [[1.0], [capacity]], [[0.0], [converted]], [1.0, price])
    found = terms(firms, record)
    for name in ("price", "market", "conversion", "capacity"):
        expected = (sales[1][0] - sales[0][0]) * math.log(factors.get(name, 1.0)) / math.log(growth)
        assert found[name] == pytest.approx(expected, abs=5)


@pytest.mark.kernels
def test_sales_to_local_projects_are_retrofit_demand():
    firms = Rows([3], [False], [False])
    record = record_of(firms, [[10**9], [15 * 10**8]], [[10**8], [6 * 10**8]], [[1.0], [1.0]], [[0.0], [0.0]])
    found = terms(firms, record)
    assert found["retrofit_demand"] == 5 * 10**8
    assert found["market"] == 0


@pytest.mark.kernels
def test_a_sale_that_no_firm_made_is_found():
    firms = Rows([3], [False], [False])
    record = record_of(firms, [[10**9], [10**9]], [[0], [0]], [[1.0], [1.0]], [[0.0], [0.0]])
    record.products[5, 3, PRODUCT_COLUMNS.index("green_sales")] += 1
    assert way.bridge(record, firms).residual.sum() == 1
    record.products[5, 3, PRODUCT_COLUMNS.index("green_sales")] -= 1
    record.products[2, 3, PRODUCT_COLUMNS.index("green_sales")] += 1
    assert way.bridge(record, firms).residual.sum() == 1


def random_record(seed=1, n_quarters=20):
    record = empty_record(n_quarters, 3, N_PRODUCTS)
    shape = record.products.shape[:2]
    record.products[:, :, PRODUCT_COLUMNS.index("green_sales")] = np.random.default_rng(seed).integers(1, 10**11, shape)
    return record


def test_observed_clusters_meet_their_facts_in_2021():
    record, base = random_record(), revenue.bases(1, 7)
    alignment = revenue.align(record, base, RULES)
    years = revenue.revenue(revenue.yearly(revenue.quarterly_sales(record)), alignment)
    assert alignment.aligned.all()
    assert years[0] == pytest.approx(base, rel=1e-12)
    assert revenue.scope_total(years, "manufacturing")[0] == pytest.approx(200.0, rel=1e-12)
    assert revenue.scope_total(years, "plan")[0] == pytest.approx(base.sum(), rel=1e-12)


def test_the_revenue_ratio_moves_observed_clusters_alone():
    record, base = random_record(), revenue.bases(1, None)
    plain = revenue.align(record, base, RULES)
    scaled = revenue.align(record, base, RULES._replace(revenue_ratio=1.1))
    observed = revenue.clusters().observed
    assert scaled.revenue_factor[observed] == pytest.approx(1.1 * plain.revenue_factor[observed])
    assert (scaled.revenue_factor[~observed] == plain.revenue_factor[~observed]).all()
    assert (scaled.factor == plain.factor).all()


def test_a_cluster_without_simulated_sales_keeps_factor_one_and_says_so():
    record = random_record()
    record.products[:4, revenue.clusters().of_product == 2] = 0
    alignment = revenue.align(record, revenue.bases(1, None), RULES)
    assert alignment.factor[2] == 1.0
    assert not alignment.aligned[2]
    assert alignment.aligned.sum() == len(alignment.aligned) - 1


def test_unobserved_bases_follow_the_draw_and_stay_in_their_prior():
    of = revenue.clusters()
    draws = np.array([revenue.bases(5, draw) for draw in range(200)])
    assert (draws[:, of.observed] == of.fact[of.observed]).all()
    hidden = ~of.observed
    assert (draws[:, hidden] >= of.low[hidden]).all()
    assert (draws[:, hidden] <= of.high[hidden]).all()
    assert (draws[:, hidden].std(axis=0) > 0.1 * (of.high - of.low)[hidden]).all()
    assert (revenue.bases(5, 3) == draws[3]).all()
    assert (revenue.bases(5, None)[hidden] == of.central[hidden]).all()


def test_scopes_nest():
    assert revenue.members("plan").all()
    assert revenue.members("manufacturing").sum() == revenue.clusters().observed.sum() == 5


def test_an_unfinished_year_does_not_count():
    assert len(revenue.yearly(revenue.quarterly_sales(random_record(n_quarters=7)))) == 1


def test_aligned_terms_still_add_up():
    rng = np.random.default_rng(3)
    n = 40
    firms = Rows(rng.integers(0, N_PRODUCTS, n), rng.random(n) < 0.2, rng.random(n) < 0.5)
    sales = rng.integers(1, 10**12, (5, n))
    capacity = rng.lognormal(2, 1, (5, n))
    record = record_of(firms, sales, sales // 9, capacity, np.sort(capacity * 0.2, axis=0), last=4)
    alignment = revenue.align(record, revenue.bases(1, 0), RULES)
    found = way.bridge(record, firms)
    values = way.bridge_values(found, alignment)
    assert values[:, :-1].sum(axis=1) == pytest.approx(values[:, -1], rel=1e-12)
    years = revenue.revenue(revenue.yearly(revenue.quarterly_sales(record)), alignment)
    assert values[:2, -1] == pytest.approx([revenue.scope_total(years, scope)[4] for scope in revenue.SCOPES])
