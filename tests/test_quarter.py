"""The quarter on the district itself: constant when nothing drives it, and moved by each lever the way economics says.

Directions are tested on central numbers with the draws of a few replicates, the same with and without the change.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import yaml
from random_worlds import changed, declared_run, differing, told, with_mechanisms
from worlds import random_firms

from agents import codes
from agents.government import RETROFIT
from sim.catalogue import sector_column
from sim.phases.recording import FIRM_COLUMNS, PRODUCT_COLUMNS, PURSE_COLUMNS, STOCK_COLUMNS
from sim.population.supply import no_links
from sim.run import prepare_run, run_replicate
from sim.scenario import Scenario
from sim.world import assemble, build_world

Policies = tuple[tuple[str, float], ...]

ROWS = 600
REPLICATES = 4
CASES = Path(__file__).parent / "cases" / "quarters"
SCARCE = 100.0  # 万元 a year, a purse that does not do
DRIVERS = (
    "market_growth",
    "market_shocks",
    "firm_shocks",
    "retrofits",
    "expansion",
    "conversion",
    "certification",
    "entry",
    "closure",
    "switching",
    "link_changes",
)
# What may move in a steady state: cash fills up to what firms keep in hand, and dividends with it; what banks and the
# public earn adds up; and the outside goes on making the options cheaper.
SETTLING = {"money.cash", "ledger", "books.equity", "accounts", "costs.capex_index", "costs.outside_index"}


def test_the_district_is_constant_when_nothing_drives_it():
    """M-16: every flow but dividends is the same in 20 quarters, and all that firms have but cash."""
    off = {f"model.{name}": "off" for name in DRIVERS}
    scenario = Scenario.load("baseline", firms=600, until="2025Q4", parameters="central", changes=off)
    world, run = build_world(scenario, 0), prepare_run(scenario, 0)
    first = run.moments[0]
    run = run._replace(moments=[first._replace(quarter=quarter) for quarter in range(20)])
    opening, *states = told(world, run).states
    assert len(states) == 20
    flows = [np.delete(state.ledger, codes.DIVIDENDS, axis=1) for state in states]
    for quarter in range(1, 20):
        np.testing.assert_array_equal(states[quarter].quantities, states[0].quantities)
        np.testing.assert_array_equal(flows[quarter], flows[0])
    # Orders are sums over links: their last bit needs two quarters to settle.
    assert {name for state in states[3:] for name in differing(states[2], state)} <= SETTLING
    np.testing.assert_allclose(states[0].trade.output, opening.trade.output, rtol=1e-14)
    assert states[0].quantities[:, codes.OUTPUT].sum() > 0


@pytest.mark.kernels
def test_the_books_of_one_firm_are_those_worked_out_by_hand():
    case = yaml.safe_load((CASES / "one_firm.yaml").read_text(encoding="utf-8"))
    opening, *states = told(*one_firm(case)).states
    cash = float(case["balance"]["cash"])
    for state in states:
        cash += case["kept"]
        paid_out = max(cash - case["largest_cash"], 0.0)
        cash -= paid_out
        for name, amount in zip(codes.TERM_NAMES, state.ledger[0].tolist(), strict=True):
            expected = -paid_out if name == "dividends" else case["ledger"].get(name, 0.0)
            assert amount / codes.FEN == pytest.approx(expected, abs=1e-5), name
        for name, number in zip(codes.QUANTITY_NAMES, state.quantities[0].tolist(), strict=True):
            assert number == case["quantities"].get(name, 0), name
        assert state.money.cash[0] / codes.FEN == pytest.approx(cash, abs=1e-5)
        assert state.money.debt[0] == opening.money.debt[0]
    assert cash == case["largest_cash"], "the last quarters pay out"


def one_firm(case):
    """Return the world of one firm and a run of eight quarters in which nothing moves."""
    firms = random_firms(1)
    money = {name: value * codes.FEN for name, value in case["balance"].items()}
    columns = {name: np.full(1, value, getattr(firms, name).dtype) for name, value in (case["firm"] | money).items()}
    intensive = np.flatnonzero(sector_column("intensive"))[-1:]
    world = assemble(firms._replace(**columns, sector=intensive.astype(np.int8)), no_links(1, 0), 1)
    run = with_mechanisms(declared_run("baseline"), **dict.fromkeys((*DRIVERS, "learning", "by_products"), 0.0))
    setting = run.setting._replace(
        firm=changed(run.setting.firm, **case["rules"]),
        factors=changed(run.setting.factors, **case["factors"]),
        base_policy=changed(run.setting.base_policy, **case["base_policy"]),
    )
    moments = [
        moment._replace(
            prices=changed(moment.prices, **case["prices"]), policy=changed(moment.policy, **case["policy"])
        )
        for moment in run.moments
    ]
    return world, run._replace(setting=setting, moments=moments)


class Lever(NamedTuple):
    """A change of policy from one value to another, and the output that it must move."""

    key: str
    value: float
    output: str
    start: float | None = None  # the declared value where left out
    rises: bool = True
    mechanisms: tuple[str, ...] = ("retrofits",)  # without which the effect is gone
    beside: Policies = ()  # other policies, with and without the change


RICH = {"retrofit_grant.share": 0.3, "retrofit_grant.purse": 1e5, "retrofit_grant.cap": 5e3}
DIGITAL = {"digital_grant.share": 0.3, "digital_grant.purse": 1e5, "digital_grant.cap": 5e3}
SOLAR = {"pv_grant.rate": 0.2, "pv_grant.purse": 5e4, "pv_grant.cap": 2e3}
TURN = {"conversion_grant.share": 0.5, "conversion_grant.purse": 1e5, "conversion_grant.cap": 1e4}
# Dearer energy or carbon reaches output by these ways, the firm's own choice of options aside.
COSTLY = ("retrofits", "expansion", "conversion", "closure")


def policies(group, leave_out=""):
    """Return policies as keys and values, one of them left out."""
    return tuple((f"policy.{name}", value) for name, value in group.items() if not name.endswith(f".{leave_out}"))


def granted(group, name, value, output, start=None):
    """Return the lever of a grant whose other terms are generous."""
    instrument = next(iter(group)).partition(".")[0]
    key = f"policy.{instrument}.{name}"
    return Lever(key, value, output, start=start, mechanisms=("grants",), beside=policies(group, name))


LEVERS = (
    granted(RICH, "share", 0.3, "retrofit_spending", start=0.0),
    granted(RICH, "purse", 1e5, "retrofit_spending", start=100.0),
    granted(RICH, "cap", 5e3, "retrofit_spending", start=1.0),
    granted(RICH, "threshold", 0.0, "adoption"),
    granted(DIGITAL, "share", 0.3, "adoption", start=0.0),
    granted(DIGITAL, "purse", 1e5, "adoption", start=1.0),
    granted(DIGITAL, "cap", 5e3, "adoption", start=1.0),
    granted(DIGITAL, "threshold", 0.0, "adoption", start=5e3),
    granted(SOLAR, "rate", 0.2, "solar"),
    granted(SOLAR, "purse", 5e4, "solar"),
    granted(SOLAR, "cap", 2e3, "solar"),
    granted(TURN, "share", 0.5, "converted", start=0.0),
    granted(TURN, "purse", 1e5, "converted", start=10.0),
    granted(TURN, "cap", 1e4, "converted", start=1.0),
    Lever("policy.equipment_credit.share", 0.8, "adoption"),
    Lever("policy.free_diagnosis.firms", 5e3, "adoption"),
    Lever("policy.training.attention", 0.5, "adoption"),
    Lever("policy.green_credit.discount", 0.05, "adoption", mechanisms=("lending",)),
    Lever("policy.green_credit.quota", 80_000.0, "green_loans", start=0.0, mechanisms=("lending",)),
    Lever("policy.guarantee.limit", 0.3, "small_loans", mechanisms=("lending",)),
    Lever("policy.contracting.rate_cut", 0.09, "firms_money", mechanisms=("contracting",)),
    Lever("policy.carbon_price.price", 200.0, "coal", rises=False, mechanisms=COSTLY),
    Lever("policy.carbon_price.multiplier", 10.0, "coal", rises=False, mechanisms=COSTLY),
    Lever(
        *("policy.carbon_price.threshold", 0.0, "coal"),
        rises=False,
        mechanisms=COSTLY,
        beside=(("policy.carbon_price.price", 200.0),),
    ),
    Lever("policy.carbon_price.free_share", 0.3, "firms_money", rises=False, mechanisms=()),
    Lever("policy.differential_electricity.surcharge", 0.5, "electricity", rises=False, mechanisms=COSTLY),
    Lever("policy.differential_electricity.multiplier", 50.0, "electricity", rises=False, mechanisms=COSTLY),
    Lever("policy.environmental_tax.air", 100.0, "nox_abated"),
    Lever(
        "policy.environmental_tax.water", 100.0, "cod_abated", beside=(("policy.environmental_tax.multiplier", 20.0),)
    ),
    Lever("policy.environmental_tax.multiplier", 50.0, "nox_abated"),
    Lever("policy.emission_limits.coverage", 0.8, "voc_abated"),
    Lever("policy.emission_limits.penalty", 5.0, "nox_abated", beside=(("policy.emission_limits.coverage", 0.8),)),
    Lever("policy.efficiency_benchmark.coverage", 1.0, "energy_saved"),
    Lever(
        *("policy.efficiency_benchmark.payback", 50.0, "energy_saved"),
        beside=(("policy.efficiency_benchmark.coverage", 1.0),),
    ),
    Lever("policy.green_consumption.pull", 0.3, "green_sales", mechanisms=()),
    Lever("policy.green_procurement.pull", 0.3, "green_sales", mechanisms=()),
    Lever("policy.investment_attraction.multiplier", 5.0, "arrivals", mechanisms=("entry",)),
    Lever("policy.investment_attraction.green_multiplier", 10.0, "arrived_sales", mechanisms=("entry",)),
)


def quantity(name):
    place = codes.N_TERMS + codes.QUANTITY_NAMES.index(name)
    return lambda record: int(record.sectors[:, :, place].sum())


def term(place):
    return lambda record: int(record.sectors[:, :, place].sum())


# Sums over all quarters in whole units, unless the end of the run is meant.
OUTPUTS = {
    "adoption": lambda record: int(record.adopters[-1].sum()),
    "retrofit_spending": lambda record: quantity("serviced_capex")(record) - term(codes.RETROFIT_CAPEX)(record),
    "energy_saved": quantity("energy_saved"),
    "solar": lambda record: int(record.pv[-1]),
    "converted": lambda record: int(record.converted[-1].sum()),
    "coal": quantity("coal"),
    "electricity": quantity("electricity"),
    "nox_abated": quantity("nox_abated"),
    "voc_abated": quantity("voc_abated"),
    "cod_abated": quantity("cod_abated"),
    "green_sales": quantity("green_sales"),
    "arrivals": lambda record: int(record.firms[:, :, FIRM_COLUMNS.index("arrived")].sum()),
    "arrived_sales": lambda record: int(record.products[:, :, PRODUCT_COLUMNS.index("arrived_sales")].sum()),
    "green_loans": lambda record: int(record.stocks[-1, :, STOCK_COLUMNS.index("green_debt")].sum()),
    "small_loans": lambda record: int(record.sizes[:, :2, codes.NEW_LOAN].sum()),
    "firms_money": lambda record: (
        int(record.stocks[-1, :, STOCK_COLUMNS.index("cash")].sum()) - term(codes.DIVIDENDS)(record)
    ),
}


@cache
def record_of(replicate, changes):
    """Return the record of one replicate of the baseline with changes."""
    scenario = Scenario.load("baseline", firms=ROWS, until="2025Q4", parameters="central", changes=dict(changes))
    return run_replicate(scenario, build_world(scenario, 0), replicate)


def effect(lever, replicate, switches=()):
    """Return what a lever adds to its output in one replicate."""
    beside = (*lever.beside, *switches)
    before = beside if lever.start is None else (*beside, (lever.key, lever.start))
    measure = OUTPUTS[lever.output]
    return measure(record_of(replicate, (*beside, (lever.key, lever.value)))) - measure(record_of(replicate, before))


@pytest.mark.parametrize("lever", LEVERS, ids=lambda lever: lever.key.removeprefix("policy."))
def test_a_lever_moves_its_output_the_way_economics_says(lever):
    added = [effect(lever, replicate) for replicate in range(REPLICATES)]
    sign = 1 if lever.rises else -1
    assert sign * sum(added) > 0, added
    assert sum(sign * value > 0 for value in added) > REPLICATES / 2, added


@pytest.mark.parametrize(
    "lever", [lever for lever in LEVERS if lever.mechanisms], ids=lambda lever: lever.key.removeprefix("policy.")
)
def test_the_effect_of_a_lever_is_gone_without_its_mechanisms(lever):
    assert effect(lever, 0, tuple((f"model.{name}", "off") for name in lever.mechanisms)) == 0


def test_a_grant_is_paid_where_it_is_asked_for():
    purse = SCARCE * codes.FEN
    record = record_of(0, policies(RICH | {"retrofit_grant.purse": SCARCE}))
    spent = record.purses[4:, RETROFIT, PURSE_COLUMNS.index("spent")].reshape(4, 4).sum(axis=1)
    assert (spent > 0).all()
    assert (spent <= purse).all()


def test_a_scarce_purse_ranked_by_merit_buys_more_saving():
    """Lots and merit meet the same applicants in the first quarter in which the purse does not do for all."""
    scarce = dict(policies(RICH | {"retrofit_grant.purse": SCARCE, "retrofit_grant.threshold": 0.0}))
    scenarios = [
        Scenario.load(
            "baseline",
            firms=ROWS,
            until="2022Q1",
            parameters="central",
            changes=scarce | {"policy.retrofit_grant.ranking": ranking},
        )
        for ranking in (0.0, 1.0)
    ]
    world = build_world(scenarios[0], 0)
    for replicate in range(REPLICATES):
        lots, merit = (told(world, prepare_run(scenario, replicate)) for scenario in scenarios)
        assert not differing(lots.states[4], merit.states[4])
        asked, left = (lots.record.purses[4, RETROFIT, PURSE_COLUMNS.index(name)] for name in ("asked", "left"))
        assert asked > SCARCE * codes.FEN
        assert saving_per_grant(merit.states[5]) > saving_per_grant(lots.states[5])
        assert left < SCARCE * codes.FEN


def saving_per_grant(state):
    """Return yearly saving over grants of the retrofits that got one this quarter."""
    grants = state.ledger[:, codes.GRANT]
    served = (grants > 0) & (state.proposals.programme == RETROFIT) & (state.proposals.grant == grants)
    return state.proposals.saving[served].sum() / grants[served].sum()
