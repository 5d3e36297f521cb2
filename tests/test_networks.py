"""The supply network: whole in both orders, within coefficients and caps, blind to the order of rows, and lifelike."""

import hashlib
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.network import N_SUBSTITUTES, community_chance, link_affinity, served_share, wanted_suppliers
from sim.population.facts import tail_exponent
from sim.population.supply import NetworkRules, build_supply, degree_facts, no_links, supply_graph
from sim.scenario import Scenario
from sim.world import build_world

N_SECTORS = 28
CENTRES = np.array([[30.0, 10.0], [15.0, 15.0], [5.0, 30.0], [25.0, -20.0], [15.0, 0.0]])
DECLARED = yaml.safe_load((Path(__file__).parent.parent / "configs/network.yaml").read_text(encoding="utf-8"))
RULES = NetworkRules(
    mean_suppliers=6.5,
    supplier_count_exponent=0.667,  # 1.0 of Zipf sizes over 1.5
    supplier_count_spread=0.5,
    customer_size_exponent=1.0,
    local_supplier_share=0.12,
    inpark_link_multiplier=4.0,
    distance_decay_length=40.0,
    community_share=0.4,
    intermediate_cap=0.5,
)

kernels = pytest.mark.kernels


class Firms(NamedTuple):
    """The columns that the network reads."""

    firm: np.ndarray
    sector: np.ndarray
    park: np.ndarray
    entrant: np.ndarray
    weight: np.ndarray
    east: np.ndarray
    north: np.ndarray
    base_output: np.ndarray


def coefficients(seed=0):
    """Return input coefficients of the size found in tables, power rows taken out."""
    luck = np.random.default_rng(seed)
    table = luck.pareto(1.2, (N_SECTORS, N_SECTORS))
    table[:2] = 0.0
    return table * luck.uniform(0.2, 0.7, N_SECTORS) / table.sum(axis=0)


def small_world(n, seed=0, entrants=0.1):
    """Return any firms: a tenth large with a Zipf tail and one a row, the others small and five a row."""
    luck = np.random.default_rng(seed)
    above = luck.random(n) < 0.1
    park = luck.choice(5, n, p=[0.3, 0.25, 0.2, 0.1, 0.15])
    size = np.where(above, np.minimum(500.0 * (1.0 + luck.pareto(1.0, n)), 1e5), 60.0 * np.exp(luck.normal(size=n)))
    weight = np.where(above, 1.0, 5.0)
    spread = np.where(park == 4, 20.0, 2.0)
    east, north = CENTRES[park].T + luck.normal(size=(2, n)) * spread
    sector = luck.choice(N_SECTORS, n).astype(np.int8)
    entrant = luck.random(n) < entrants
    firm = luck.permutation(n).astype(np.int64) * 3
    return Firms(firm, sector, park.astype(np.int8), entrant, weight, east, north, size * weight)


def taken(firms, rows):
    return Firms(*(column[rows] for column in firms))


def joined(firms, others):
    return Firms(*(np.concatenate(columns) for columns in zip(firms, others, strict=True)))


def suppliers_of_links(links):
    return np.repeat(np.arange(len(links.supplier_start) - 1), np.diff(links.supplier_start))


def by_id(firms, links):
    """Return {(buyer's id, supplier's id): purchase share} in the supplier order."""
    buyers, suppliers = firms.firm[links.customer], firms.firm[suppliers_of_links(links)]
    return dict(zip(zip(buyers.tolist(), suppliers.tolist(), strict=True), links.purchase_share.tolist(), strict=True))


def orders_over_output(firms, links):
    today = ~firms.entrant[links.customer]
    value = links.purchase_share * firms.base_output[links.customer] * today
    return np.bincount(suppliers_of_links(links), value, len(firms.firm)) / firms.base_output


worlds = st.builds(small_world, st.integers(0, 40), st.integers(0, 10_000))
few = settings(max_examples=30)


@kernels
@few
@given(worlds, st.integers(0, 2**62))
def test_both_orders_hold_the_same_links(firms, seed):
    links = build_supply(firms, coefficients(), RULES, seed)
    n, suppliers = len(firms.firm), suppliers_of_links(links)
    buyers = np.repeat(np.arange(n), np.diff(links.customer_start))
    assert links.supplier_start[0] == links.customer_start[0] == 0
    assert links.supplier_start[-1] == links.customer_start[-1] == len(links.customer)
    assert (links.customer[links.link] == buyers).all()
    assert (suppliers[links.link] == links.supplier).all()
    assert sorted(links.link.tolist()) == list(range(len(links.link)))
    for i in range(n):
        sold = firms.firm[links.customer[links.supplier_start[i] : links.supplier_start[i + 1]]]
        bought = firms.firm[links.supplier[links.customer_start[i] : links.customer_start[i + 1]]]
        assert (np.diff(sold) > 0).all()  # sorted by id, so no pair comes twice
        assert (np.diff(bought) > 0).all()
        assert firms.firm[i] not in sold
    assert (links.link_id == firms.firm[links.customer] * 2**32 + firms.firm[suppliers]).all()


@kernels
@few
@given(worlds, st.integers(0, 2**62))
def test_links_stay_within_coefficients_and_caps(firms, seed):
    table = coefficients(seed % 7)
    links = build_supply(firms, table, RULES, seed)
    n, suppliers = len(firms.firm), suppliers_of_links(links)
    assert (links.purchase_share > 0.0).all()
    spent = np.zeros((N_SECTORS, n))
    np.add.at(spent, (firms.sector[suppliers], links.customer), links.purchase_share)
    assert (spent <= table[:, firms.sector] * (1.0 + 1e-12)).all()
    assert (orders_over_output(firms, links) <= RULES.intermediate_cap * (1.0 + 1e-12)).all()


@kernels
@few
@given(worlds, st.integers(0, 2**62), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(firms, seed, luck):
    rows = list(range(len(firms.firm)))
    luck.shuffle(rows)
    shuffled = taken(firms, np.array(rows, np.int64))
    links = build_supply(firms, coefficients(), RULES, seed)
    assert by_id(firms, links) == by_id(shuffled, build_supply(shuffled, coefficients(), RULES, seed))


@kernels
@few
@given(worlds, worlds, st.integers(0, 2**62))
def test_firms_without_output_change_nothing(firms, others, seed):
    inert = others._replace(firm=others.firm + 1, base_output=0.0 * others.base_output)  # ids between the others
    together = joined(firms, inert)
    links = build_supply(firms, coefficients(), RULES, seed)
    assert by_id(firms, links) == by_id(together, build_supply(together, coefficients(), RULES, seed))


@kernels
@few
@given(worlds, worlds, st.integers(0, 2**62))
def test_entrants_buy_and_change_nothing_for_others(firms, others, seed):
    spare = others._replace(firm=others.firm + 1, entrant=np.ones(len(others.firm), np.bool_))
    together = joined(firms, spare)
    links = build_supply(together, coefficients(), RULES, seed)
    old, new = by_id(firms, build_supply(firms, coefficients(), RULES, seed)), by_id(together, links)
    assert {pair: share for pair, share in new.items() if pair[0] % 3 == 0} == old
    assert not together.entrant[suppliers_of_links(links)].any()


@kernels
@pytest.mark.parametrize("n", [0, 1, 2])
def test_the_smallest_districts_have_a_network(n):
    firms = small_world(n)
    links = build_supply(firms, coefficients(), RULES, 1)
    assert len(links.supplier_start) == n + 1
    assert degree_facts(links, firms)["links"] <= n


@kernels
def test_no_coefficient_or_no_local_share_means_no_link():
    firms = small_world(50)
    assert len(build_supply(firms, 0.0 * coefficients(), RULES, 1).link) == 0
    assert len(build_supply(firms, coefficients(), RULES._replace(local_supplier_share=0.0), 1).link) == 0


@kernels
def test_the_same_bits_compiled_and_interpreted():
    """One frozen hash for every processor, C library, Python and pass of the suite."""
    i, k = np.arange(150), np.arange(N_SECTORS)
    firms = Firms(
        firm=i * 7 % 150,
        sector=i * i % 23,
        park=i * 3 % 5,
        entrant=i % 11 == 0,
        weight=1.0 + i % 4,
        east=CENTRES[i * 3 % 5, 0] + i % 8,
        north=CENTRES[i * 3 % 5, 1] - i % 3,
        base_output=50.0 + i * i * i % 997,
    )
    links = build_supply(firms, ((k * 31 + k[:, None] * 17) % 23) / 500.0, RULES, 20201231)
    content = links.link_id.astype("<i8").tobytes() + links.purchase_share.astype("<f8").tobytes()
    assert hashlib.sha256(content).hexdigest()[:16] == "fb99ef86aa9113ec"


def test_another_seed_draws_another_network():
    firms = small_world(300)
    first, second = (build_supply(firms, coefficients(), RULES, seed) for seed in (1, 2))
    assert by_id(firms, first).keys() != by_id(firms, second).keys()


def test_a_link_and_its_substitutes_take_at_most_56_bytes():
    links = no_links(10, 1000)
    per_link = sum(column.nbytes // 1000 for column in links if len(column) == 1000)
    assert per_link + N_SUBSTITUTES * links.instead.itemsize <= 56


@pytest.fixture(scope="module")
def district():
    """A district of single firms whose sizes have Zipf's tail."""
    luck = np.random.default_rng(3)
    sizes = np.minimum(60.0 * (1.0 + luck.pareto(1.0, 5000)), 1e5)
    firms = small_world(5000, seed=3)._replace(weight=np.ones(5000), base_output=sizes)
    return firms, build_supply(firms, coefficients(), RULES, 7)


def test_the_network_has_the_degrees_of_real_ones(district):
    firms, links = district
    facts = degree_facts(links, firms)
    assert 6.0 <= facts["mean_suppliers"] <= 7.0
    assert facts["supplier_tail_exponent"] == pytest.approx(1.5, abs=0.3)
    assert facts["customer_tail_exponent"] == pytest.approx(1.0, abs=0.4)
    assert facts["community_share"] == pytest.approx(0.4, abs=0.06)
    assert facts["reached_share"] > 0.99
    assert 1.5 < facts["path_length"] < 4.3  # shorter than the 4.3 of a nation
    assert facts["orders_share"] <= RULES.intermediate_cap * (1.0 + 1e-12)


@pytest.mark.parametrize("population", [0, 1])
def test_the_drawn_district_lies_within_the_published_ranges(population):
    world = build_world(Scenario.load("baseline", firms=5000), population)
    facts = degree_facts(world.links, world.firms)
    assert 6.0 <= facts["mean_suppliers"] <= 7.0
    assert 1.3 <= facts["supplier_tail_exponent"] <= 1.7
    assert 0.9 <= facts["customer_tail_exponent"] <= 1.2
    assert facts["community_share"] == pytest.approx(0.4, abs=0.04)


def test_purchases_come_close_to_the_share_sought(district):
    firms, links = district
    today = ~firms.entrant
    needed = coefficients().sum(axis=0)[firms.sector] * firms.base_output
    sought = RULES.local_supplier_share * needed[today].sum() / firms.base_output[today].sum()
    assert 0.8 * sought < degree_facts(links, firms)["purchases_share"] <= sought * 1.1


def test_larger_firms_have_more_partners(district):
    firms, links = district
    size = firms.base_output / firms.weight
    large, small = size > np.quantile(size, 0.95), size < np.quantile(size, 0.5)
    for start in (links.customer_start, links.supplier_start):
        assert np.diff(start)[large].mean() > 4.0 * np.diff(start)[small].mean()


def test_neighbours_trade_more(district):
    firms, links = district
    same_park = firms.park[links.customer] == firms.park[suppliers_of_links(links)]
    elsewhere = build_supply(firms, coefficients(), RULES._replace(inpark_link_multiplier=1.0, community_share=0.0), 7)
    same_by_chance = firms.park[elsewhere.customer] == firms.park[suppliers_of_links(elsewhere)]
    assert same_park.mean() > 1.3 * same_by_chance.mean()


def test_products_brought_into_the_city_are_bought_less_in_the_district(district):
    firms, _ = district
    inflow = np.zeros(N_SECTORS)
    inflow[2:15] = 0.9
    flat, tilted = (build_supply(firms, coefficients(), RULES, 7, share) for share in (None, inflow))
    bought = [degree_facts(links, firms)["purchases_share"] for links in (flat, tilted)]
    assert bought[1] == pytest.approx(bought[0], rel=0.25)
    brought_in = [np.isin(firms.sector[suppliers_of_links(links)], np.arange(2, 15)).mean() for links in (flat, tilted)]
    assert brought_in[1] < 0.5 * brought_in[0]


def test_the_graph_holds_every_link():
    firms = small_world(200)
    links = build_supply(firms, coefficients(), RULES, 1)
    graph = supply_graph(firms, links)
    assert set(graph.nodes) == set(firms.firm.tolist())
    assert {(buyer, supplier): share for supplier, buyer, share in graph.edges(data="purchase_share")} == by_id(
        firms, links
    )
    buyer, supplier = next(iter(by_id(firms, links)))
    output = dict(graph.nodes(data="base_output"))[buyer]
    edge = graph.edges[supplier, buyer]
    assert edge["sales"] == edge["purchase_share"] * output


def test_paths_are_counted_along_a_chain():
    """Four firms, each buying from the one before it."""
    firms = small_world(4, entrants=0.0)._replace(firm=np.arange(4))
    links = no_links(4, 3)
    links.supplier_start[:] = [0, 1, 2, 3, 3]
    links.customer[:] = [1, 2, 3]
    links.customer_start[:] = [0, 0, 1, 2, 3]
    links.supplier[:] = links.link[:] = [0, 1, 2]
    facts = degree_facts(links, firms, n_sources=4)
    assert facts["path_length"] == pytest.approx(20 / 12)
    assert (facts["reached_share"], facts["mean_suppliers"]) == (1.0, 0.75)


@pytest.mark.parametrize("exponent", [1.0, 1.5])
def test_the_tail_exponent_of_known_tails_is_found(exponent):
    u = (np.arange(100_000) + 0.5) / 100_000
    degrees = np.floor(3.0 * u ** (-1.0 / exponent)).astype(np.int64)
    assert tail_exponent(degrees, np.ones(100_000), 0.05) == pytest.approx(exponent, abs=0.08)


def test_an_empty_tail_is_not_a_number():
    assert np.isnan(tail_exponent(np.zeros(5, np.int64), np.ones(5), 0.05))


@kernels
@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (lambda: wanted_suppliers(1.0, 1.0, 0.25, 6.5), 6),
        (lambda: wanted_suppliers(1.0, 1.0, 0.75, 6.5), 7),
        (lambda: wanted_suppliers(0.0, 1.0, 0.9, 6.5), 1),
        (lambda: link_affinity(0.0, True, 4.0, 40.0), 4.0),
        (lambda: link_affinity(40.0, False, 4.0, 40.0), 0.36787944117144233),
        (lambda: community_chance(0.5, 1.0, 0.4), 0.0),
        (lambda: community_chance(0.5, 2.0, 0.4), 0.2),
        (lambda: community_chance(0.0, 3.0, 0.4), 0.4),
        (lambda: served_share(30.0, 100.0, 0.5), 1.0),
        (lambda: served_share(80.0, 100.0, 0.5), 0.625),
        (lambda: served_share(0.0, 0.0, 0.5), 1.0),
    ],
)
def test_rules_by_example(got, wanted):
    assert got() == pytest.approx(wanted, rel=1e-12)


def test_every_rule_is_declared():
    assert list(DECLARED) == list(NetworkRules._fields)
