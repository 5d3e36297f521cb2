"""By-products: every kilogram and fen is somewhere, and what they are for can be seen in green revenue.

MODEL §5.4 and I-11 to I-13 of the reliability study; whatever holds of all books is in test_identities.py.
"""

from functools import cache

import numpy as np
import pytest
from hypothesis import example, given, settings
from random_worlds import Sketch, declared_run, sketched_run, sketched_world, sketches, told, with_mechanisms
from worlds import random_firms

from agents import codes, stream_codes
from agents.government import PARK_RENOVATION, SYMBIOSIS_PLATFORM
from agents.symbiosis import BASES, INDUSTRIAL_SOLID, OPENING_LINK
from sim.configuration.tables import load_table
from sim.opening import open_district
from sim.phases.exchanging import clear_exchange, pass_on, write_ports
from sim.phases.recording import PRODUCT_COLUMNS, Record
from sim.population.chances import distance
from sim.population.supply import no_links
from sim.run import prepare_run, run_replicate
from sim.scenario import Scenario
from sim.streams import feeds, roles, streams
from sim.world import assemble, build_world

WORLDS = settings(max_examples=2 * settings.default.max_examples)
ROWS = 600
SALES = PRODUCT_COLUMNS.index("green_sales")
COAL, CEMENT, BOARDS = 0, 2, 3


# Tables


@pytest.mark.parametrize(("role", "column"), [("giver", "giver_words"), ("taker", "taker_words")])
def test_every_sector_in_words_has_its_coefficient(role, column):
    words = load_table("sector_words").set_index("word")["sectors"]
    table = load_table("stream_roles").query("role == @role")
    for row in load_table("streams").itertuples():
        text = getattr(row, column)
        phrases = [text] if text in words.index else text.split("; ")
        wanted = {sector for phrase in phrases for sector in words[phrase].split(";")} - {"outside"}
        assert set(table[table["stream"] == row.stream]["sector"]) == wanted, (row.stream, role)


def test_all_thirty_streams_are_there_in_kilograms():
    table = load_table("streams")
    assert list(table["stream"]) == [f"S{k:02d}" for k in range(1, 31)]
    assert len(table) == stream_codes.N_STREAMS
    assert (table["price_low"] <= table["price"]).all()
    assert (table["price"] <= table["price_high"]).all()
    assert set(load_table("stream_roles")["base"]) <= set(BASES)


def test_what_green_products_are_made_of_can_be_taken_by_their_makers():
    sector = {name: k for k, name in enumerate(load_table("sectors")["sector"])}
    for product, maker in enumerate(load_table("products")["sector"]):
        for stream in np.flatnonzero(feeds()[product] > 0.0):
            assert roles()[stream, sector[maker]].taker_rate > 0.0, (product, stream)


def test_the_station_makes_its_solid_waste_of_ash_slag_and_gypsum():
    role, station = roles()[:, COAL], load_table("sectors").iloc[COAL]
    solid = streams(1, None).waste_class == INDUSTRIAL_SOLID
    made = (role.giver_rate[solid] * station["coal_intensity"]).sum() / 1000.0
    assert made == pytest.approx(station["waste_intensity"], rel=0.01)


# Candidates


def test_candidates_are_within_reach_and_known_by_their_numbers():
    world = build_world(Scenario.load("baseline", firms=ROWS), 0)
    pairs, firms, catalogue = world.candidates, world.firms, streams(1, None)
    assert len(pairs.source) < 10 * len(firms)
    for stream in range(stream_codes.N_STREAMS):
        at = slice(pairs.pair_start[stream], pairs.pair_start[stream + 1])
        source, sink = pairs.source[at], pairs.sink[at]
        assert (source != sink).all()
        away = [
            distance(firms.east[i] - firms.east[j], firms.north[i] - firms.north[j])
            for i, j in zip(source, sink, strict=True)
        ]
        assert max(away, default=0.0) <= catalogue[stream].range_km
        known = list(zip(firms.firm[source].tolist(), firms.firm[sink].tolist(), strict=True))
        assert known == sorted(set(known))
        assert set(sink) <= set(pairs.taker[pairs.taker_start[stream] : pairs.taker_start[stream + 1]])


# Flows


def check_streams(world, run, story):
    """Every kilogram arises, is passed on, used outside or disposed of; money and links have two ends."""
    share, record = run.setting.streams.recoverable_share, story.record
    for quarter, after in enumerate(story.states[1:]):
        of = record.streams[quarter]
        kept = of[:, stream_codes.SENT] + of[:, stream_codes.USED_OUTSIDE] + of[:, stream_codes.DISPOSED]
        np.testing.assert_array_equal(of[:, stream_codes.GENERATED], kept)
        assert (np.delete(of, stream_codes.CO2_AVOIDED, axis=1) >= 0).all()
        assert (of[:, stream_codes.RECEIVED] <= of[:, stream_codes.SENT]).all()
        assert (of[:, stream_codes.SENT] <= of[:, stream_codes.GENERATED] * share + 1e-6 * kept).all()
        assert (of[:, stream_codes.SETUP_GRANT] <= of[:, stream_codes.SETUP_COST]).all()
        assert of[:, stream_codes.SETUP_COST].sum() == -after.ledger[:, codes.LINK_CAPEX].sum()
        assert of[:, stream_codes.SETUP_GRANT].sum() == record.purses[quarter, PARK_RENOVATION, 0]
        assert of[:, stream_codes.STREAM_SALES].sum() == after.quantities[:, codes.BY_PRODUCT_SALES].sum()
        assert after.ledger[:, codes.BY_PRODUCT_TRADE].sum() == 0
        assert (after.quantities[:, codes.WASTE_USED] <= after.quantities[:, codes.WASTE]).all()
        ends = after.tie != 0
        if run.setting.mechanisms.link_changes > 0.0 and run.setting.mechanisms.by_products > 0.0:
            made = after.quantities[:, codes.OUTPUT] > 0
            assert made[world.candidates.source[ends]].all(), "no link outlives its giver"
            assert made[world.candidates.sink[ends]].all(), "nor its taker"
        assert record.linked[quarter, 0] <= record.linked[quarter, 1]


@WORLDS
@given(sketches())
@example(Sketch(n=300, quarters=8, moved=0.0, busy=True))
@example(Sketch(n=300, seed=3, quarters=8, moved=0.0, busy=True, one_sector=True))
def test_every_kilogram_of_any_world_is_somewhere(sketch):
    world, run = sketched_world(sketch), sketched_run(sketch)
    check_streams(world, run, told(world, run))


def test_links_are_passed_on_form_and_fail_in_busy_worlds():
    """Else the test above would look at nothing."""
    sketch = Sketch(n=300, quarters=8, moved=0.0, busy=True)
    counts = told(sketched_world(sketch), sketched_run(sketch)).record.streams.sum(axis=(0, 1))
    for column in ("sent", "used_outside", "disposed", "sales", "setup_grant", "formed", "ended"):
        assert counts[stream_codes.STREAM_COLUMN_NAMES.index(column)] > 0, column


def test_switched_off_nothing_flows():
    sketch = Sketch(n=100, quarters=4, moved=0.0, busy=True)
    story = told(sketched_world(sketch), with_mechanisms(sketched_run(sketch), by_products=0.0))
    assert not story.record.streams.any()
    assert not story.states[-1].ledger[:, [codes.BY_PRODUCT_TRADE, codes.BY_PRODUCT_BALANCE, codes.LINK_CAPEX]].any()


def test_ash_of_one_station_goes_to_two_takers_as_worked_out_by_hand():
    """The parts of the quarter called one by one: they are plain Python outside compiled code."""
    firms = random_firms(3)
    columns = {
        "firm": [1, 2, 3],
        "sector": [COAL, CEMENT, BOARDS],
        "product": [-1, -1, -1],
        "entrant": [False] * 3,
        "above_scale": [True] * 3,
        "weight": [1.0] * 3,
        "east": [0.0, 0.0, 0.0],
        "north": [0.0, 10.0, 0.0],
        "base_output": [100.0, 1000.0, 1000.0],
        "coal_intensity": [5.0, 0.0, 0.0],
        "base_green_share": [0.0] * 3,
    }
    firms = firms._replace(**{name: np.array(v, getattr(firms, name).dtype) for name, v in columns.items()})
    world, run = assemble(firms, no_links(3, 0), 1), declared_run("baseline")
    state = open_district(world, run.setting, run.moments[0])
    state.ties.tie[:] = OPENING_LINK
    clear_exchange(state)
    write_ports(0, world, run.setting, state)
    pass_on(0, world, run.setting, run.moments[0], state)
    # 100 万元 · 5 tce · 308 kg of ash, of which 95 % can be used; outside takers ask for 57 %. Cement wants
    # 1000 · 600 kg and boards 1000 · 250 kg, together 850 t: 146.3 t are shared by claims 600 : 250 : 87.78.
    counts = state.ties.streams[0]
    assert counts[stream_codes.GENERATED] == 154_000
    part = 146_300 / (850_000 + 87_780)
    sent = int(600_000 * part) + int(250_000 * part)
    assert counts[stream_codes.SENT] == counts[stream_codes.RECEIVED] == sent == 132_605
    assert counts[stream_codes.USED_OUTSIDE] == 154_000 - sent
    assert counts[stream_codes.DISPOSED] == 0
    # Cement, 10 km away: least = 0.6 · 60 − 0.4 · 25 = 26, most = 170 − 25 − 6 = 139, price 82.5; boards 85.5.
    paid = [int(600_000 * part) * 82.5 * 0.1, int(250_000 * part) * 85.5 * 0.1]
    trade = state.till.ledger[:, codes.BY_PRODUCT_TRADE]
    assert trade.tolist() == pytest.approx([sum(paid), -paid[0], -paid[1]], abs=1.0)


# What it is for


@cache
def record_of(replicate: int, **changes: float | str) -> Record:
    scenario = Scenario.load("baseline", firms=ROWS, until="2023Q4", parameters="central", changes=dict(changes))
    return run_replicate(scenario, build_world(scenario, 0), replicate)


def recorded_with(replicate: int = 0, **changes: float | str) -> Record:
    return record_of(replicate, **{key.replace("__", "."): value for key, value in changes.items()})


def ash_products(record: Record) -> float:
    """Sales of green building materials that are made of ash and gypsum in the last year, 亿元."""
    names = list(load_table("products")["product"])
    return record.products[-4:, [names.index("ash_cement"), names.index("ash_boards")], SALES].sum() / 1e10


def test_less_coal_is_less_ash_and_fewer_green_building_materials():
    cut = {"policy__coal_substitution__station_cut": 0.6}
    usual, less = recorded_with(), recorded_with(**cut)
    ash = [record.streams[-4:, 0].sum(axis=0) for record in (usual, less)]
    gypsum = [record.streams[-4:, 2, stream_codes.GENERATED].sum() for record in (usual, less)]
    assert ash[1][stream_codes.GENERATED] < 0.5 * ash[0][stream_codes.GENERATED]
    assert gypsum[1] < 0.7 * gypsum[0]
    assert ash[1][stream_codes.SENT] < 0.6 * ash[0][stream_codes.SENT]
    assert ash_products(less) < 0.95 * ash_products(usual)
    without = [recorded_with(model__by_products="off", **change) for change in ({}, cut)]
    assert ash_products(without[1]) > 0.99 * ash_products(without[0]), "it comes through the by-products alone"


def formed(**changes: float) -> int:
    """Links agreed on from 2022 on, summed over replicates."""
    records = [recorded_with(replicate, **changes) for replicate in range(3)]
    return sum(int(record.streams[4:, :, stream_codes.FORMED].sum()) for record in records)


@pytest.mark.parametrize(
    "changes",
    [
        {"policy__symbiosis_platform__multiplier": 5.0},
        {"policy__park_renovation__share": 0.9, "policy__park_renovation__purse": 100_000.0},
    ],
    ids=["platform", "renovation"],
)
def test_support_brings_more_links(changes):
    assert formed(**changes) > formed()


def test_a_platform_costs_what_it_costs():
    spent = recorded_with(policy__symbiosis_platform__multiplier=5.0).purses[:, SYMBIOSIS_PLATFORM, 0]
    np.testing.assert_array_equal(spent[:4], 0)
    np.testing.assert_array_equal(spent[4:], 25 * codes.FEN)
    assert not recorded_with().purses[:, SYMBIOSIS_PLATFORM].any()


def test_simulated_2021_has_the_linkage_and_the_use_of_waste_that_were_reported():
    scenario = Scenario.load("baseline", firms=5000, until="2021Q4", parameters="central")
    industry = load_table("sectors")["industry"].to_numpy(bool)
    linkage, used = [], []
    for replicate in range(4):
        record = run_replicate(scenario, build_world(scenario, 0), replicate)
        linkage.append(record.linked[:, 0].sum() / record.linked[:, 1].sum())
        waste = [record.sectors[:, industry, codes.N_TERMS + kind].sum() for kind in (codes.WASTE_USED, codes.WASTE)]
        used.append(waste[0] / waste[1])
    assert np.mean(linkage) == pytest.approx(0.46, abs=0.05)
    assert np.mean(used) == pytest.approx(0.8965, abs=0.02)


def test_by_product_sales_of_2021_are_drawn_with_prices():
    prices = [streams(1, draw).price for draw in (None, 0, 1)]
    assert (prices[1] != prices[2]).sum() > 20
    low, high = (load_table("streams")[name].to_numpy() for name in ("price_low", "price_high"))
    assert all(((price >= low) & (price <= high)).all() for price in prices)
    assert prepare_run(Scenario.load("baseline", firms=ROWS), 0).setting.streams.price.shape == (30,)
