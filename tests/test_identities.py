"""The books close: what must hold after every quarter of any world, to the fen, however odd the world.

MODEL §10 and the numbers I-01 to I-23 of the reliability study; I-11 to I-13, I-16 to I-18 and I-22 wait for the
phases they speak of.
"""

import numpy as np
import pytest
from hypothesis import example, given, settings
from random_worlds import Sketch, Story, columns, division, recorded, sketched_run, sketched_world, sketches, told

from agents import codes
from agents.codes import FEN, N_OPTIONS, N_TERMS, QUANTITY_NAMES, TERM_NAMES
from agents.government import (
    CONTRACTING,
    CONVERSION,
    DIAGNOSIS,
    FARMING,
    GUARANTEE,
    INCUBATION,
    INTEREST,
    N_PROGRAMMES,
    PARK_RENOVATION,
    PHASE_OUT,
    PLATFORM,
    SUPPLY_CHAIN,
    SYMBIOSIS_PLATFORM,
    TOURISM,
    TRAINING,
    programme_terms,
)
from agents.mathematics import whole
from agents.network import CERTIFIED, MOST_REQUESTS, WHOLE_LINK
from sim.phases.recording import FIRM_COLUMNS, PRODUCT_COLUMNS, RESIDUALS, STOCK_COLUMNS, THOUSANDTHS
from sim.run import Run, prepare_run
from sim.scenario import Scenario
from sim.setting import World
from sim.world import build_world

# Twice what the profile of the suite asks for: 200 worlds in the quick one.
WORLDS = settings(max_examples=2 * settings.default.max_examples)
TINY = [
    Sketch(n=12, seed=1, quarters=3, moved=0.0),
    Sketch(n=9, seed=2, quarters=3, moved=0.3),
    Sketch(n=1, seed=3, quarters=3),
    Sketch(n=8, seed=4, quarters=2, one_sector=True, moved=1.0),
    Sketch(n=6, seed=5, quarters=2, all_entrants=True, moved=0.2),
    Sketch(n=8, seed=6, quarters=2, linked=False, without_purses=True),
    Sketch(n=8, seed=7, quarters=2, huge_prices=True, moved=0.5),
    Sketch(n=30, seed=8, quarters=3, moved=0.0, busy=True),
]
INTENSITIES = ("coal", "gas", "oil", "electricity", "heat", "process", "nox", "voc", "cod", "ammonia", "water", "waste")
STOCKS = ("cash", "debt", "term_debt", "green_debt", "capital")
GRANTING = (*range(1, CONVERSION + 1), PHASE_OUT, PARK_RENOVATION)  # programmes that pay firms
WITHOUT_PURSE = (
    GUARANTEE,
    CONTRACTING,
    DIAGNOSIS,
    TRAINING,
    INCUBATION,
    FARMING,
    TOURISM,
    SUPPLY_CHAIN,
    PLATFORM,
    SYMBIOSIS_PLATFORM,
    INTEREST,
)
KINDS_OF_DEBT = ("debt", "term_debt", "green_debt")


def check_all(world: World, run: Run, story: Story) -> None:
    """Check every identity after every quarter."""
    for quarter, moment in enumerate(run.moments):
        before, after = story.states[quarter], story.states[quarter + 1]
        check_numbers(after)
        check_residuals(quarter, story.record)
        check_firm_cash(before, after)
        check_accounts(quarter, before, after, story.record)
        check_loans(quarter, moment, run, before, after)
        check_grants(quarter, moment, run, after, story.record)
        check_sums(quarter, world, after, story.record)
        check_production(quarter, world, run, before, after)
        check_options(world, run, before, after)
        check_absent_rows(quarter, world, before, after, story.record)
        check_counts(quarter, world, before, after, story.record)
        check_links(quarter, world, run, before, after, story.record)
    for name, column in columns(story.record):
        assert np.isfinite(column).all(), name


def check_numbers(after):
    """I-23: every number is one, and what cannot be negative is not."""
    for name, column in columns(after):
        if column.dtype.kind == "f" and not name.startswith("desk."):
            assert np.isfinite(column).all(), name
    for name in INTENSITIES:
        assert (after.plant[name] >= 0.0).all(), name
    for name in ("brown_capacity", "green_capacity", "brown_appeal", "green_appeal", "brown_orders", "green_orders"):
        assert (after.trade[name] >= 0.0).all(), name
    for name in (*STOCKS, "tax_credit", "service_fee"):
        assert (after.money[name] >= 0).all(), name
    for name in ("loans", "term_loans", "green_loans", "write_offs"):
        assert (after.books[name] >= 0).all(), name
    assert (after.purses.left >= 0).all()


def check_residuals(quarter, record):
    """Cash conserved, loans in bank books, local trade clears, purses hold: as the record itself says."""
    assert not record.residuals[quarter].any(), dict(zip(RESIDUALS, record.residuals[quarter], strict=True))


def check_firm_cash(before, after):
    """I-01: the cash of every firm changes by the sum of its ledger, on the step of arrival and exit too."""
    np.testing.assert_array_equal(after.money.cash - before.money.cash, after.ledger.sum(axis=1))


def check_accounts(quarter, before, after, record):
    """I-02, I-03, I-06: every account changes by the other side of the ledger, and every public yuan has a taker."""
    moved = np.zeros(codes.N_ACCOUNTS, np.int64)
    np.subtract.at(moved, np.array(codes.COUNTERPARTS), after.ledger.sum(axis=0))
    spent = record.purses[quarter, :, 0]
    public = moved[[codes.TAXES, codes.DISTRICT]].sum() - spent[list(WITHOUT_PURSE)].sum()
    moved[[codes.TAXES, codes.DISTRICT]] = 0  # a transfer to or from above closes the budget
    moved[codes.UPPER] += public
    moved[codes.BANKS] += spent[[GUARANTEE, INTEREST]].sum()
    moved[codes.OUTSIDE] += spent[list(WITHOUT_PURSE)].sum() - spent[[GUARANTEE, INTEREST]].sum()
    interest = -after.ledger[:, codes.INTEREST].sum()
    gained = (after.books.equity - before.books.equity).sum()
    refinancing = interest + spent[[GUARANTEE, INTEREST]].sum() - after.books.write_offs.sum() - gained
    moved[codes.BANKS] -= refinancing
    moved[codes.OUTSIDE] += refinancing
    np.testing.assert_array_equal(after.accounts - before.accounts, moved)
    # A bank's own balance sheet: money lent out and not yet back, against loans and equity.
    np.testing.assert_array_equal(bank_balance(after), bank_balance(before))


def bank_balance(state):
    """All banks' cash and loans less their equity: constant, as they owe the rest outside."""
    books = state.books
    return state.accounts[codes.BANKS] + (books.loans + books.term_loans + books.green_loans - books.equity).sum()


def check_loans(quarter, moment, run, before, after):
    """I-05, I-09: debts change by what was lent, repaid and written off; new green loans are within the quota."""
    owed = [sum(int(state.money[kind].sum()) for kind in KINDS_OF_DEBT) for state in (before, after)]
    flows = after.ledger.sum(axis=0)
    changes = flows[codes.NEW_LOAN] + flows[codes.REPAYMENT] + flows[codes.LIQUIDATION]
    assert owed[1] - owed[0] == changes - after.books.write_offs.sum()
    bank_of = np.arange(len(after.books))
    assert len(bank_of) == codes.N_BANKS
    green = before.money.green_debt
    years = run.setting.finance.loan_years
    parts = [min(owed, max(1, whole(owed / (4.0 * years)))) if owed > 0 else 0 for owed in green.tolist()]
    left = after.works.event < 0
    lent = np.where(left, 0, after.money.green_debt - (green - np.array(parts, np.int64)))
    assert (lent >= 0).all()
    quota = moment.policy.green_credit_quota + moment.policy.relending_quota
    assert lent.sum() <= whole(0.25 * quota * FEN)


def check_grants(quarter, moment, run, after, record):
    """I-07, I-08: a year's grants come out of its purse; what programmes paid is what firms got."""
    year = quarter - quarter % 4
    for programme in range(1, N_PROGRAMMES + 1):
        spent = record.purses[year : quarter + 1, programme, 0]
        assert (spent >= 0).all()
        exchanged = programme == PARK_RENOVATION and run.setting.mechanisms.by_products > 0.0
        if programme <= CONVERSION or exchanged:
            purse = whole(programme_terms(programme, run.moments[year].policy).purse * FEN)
            assert spent.sum() + record.purses[quarter, programme, 2] == purse
            assert spent[-1] <= record.purses[quarter, programme, 1]
    assert record.purses[quarter, list(GRANTING), 0].sum() == after.ledger[:, codes.GRANT].sum()
    cap = largest_grants(moment.policy)
    assert (after.ledger[:, codes.GRANT] <= cap).all() or cap is None
    assert not after.purses.spent.any()
    assert not after.purses.asked.any()


def largest_grants(policy):
    """No bound by the policy of the quarter alone: conversions were claimed a quarter ago."""
    return np.iinfo(np.int64).max


def check_sums(quarter, world, after, record):
    """I-15, I-24: sectors, parks and size classes add up to the same whole, which is the sum over firms."""
    whole_sum = np.concatenate([after.ledger.sum(axis=0), after.quantities.sum(axis=0)])
    for groups in (record.sectors, record.parks, record.sizes):
        np.testing.assert_array_equal(groups[quarter].sum(axis=0), whole_sum)
    flows = np.concatenate([after.ledger, after.quantities], axis=1)
    for groups, member in ((record.sectors, "sector"), (record.parks, "park"), (record.sizes, "size_class")):
        parts = np.zeros_like(groups[quarter])
        np.add.at(parts, world.firms[member], flows)
        np.testing.assert_array_equal(groups[quarter], parts)
    green = after.quantities[:, [codes.GREEN_OUTPUT, codes.GREEN_SALES, codes.GREEN_PROJECT_SALES]]
    np.testing.assert_array_equal(record.products[quarter, :, :3].sum(axis=0), green.sum(axis=0))
    assert record.products[quarter, :, 3].sum() == after.quantities[:, codes.GREEN_LOCAL_SALES].sum()
    stocks = np.array([after.money[name].sum() for name in STOCKS])
    assert STOCK_COLUMNS == STOCKS
    np.testing.assert_array_equal(record.stocks[quarter].sum(axis=0), stocks)
    np.testing.assert_array_equal(record.accounts[quarter], after.accounts)


def check_production(quarter, world, run, before, after):
    """Output within capacity, shares within one, and physical quantities that are sums of their parts."""
    trade, quantities = after.trade, after.quantities
    assert (trade.green_output <= before.trade.green_capacity).all()
    assert (trade.output <= before.trade.brown_capacity + before.trade.green_capacity).all()
    assert (trade.output >= trade.green_output).all()
    assert (trade.project_output <= trade.green_output * (1.0 + 1e-12)).all()
    abated = [QUANTITY_NAMES.index(f"{name}_abated") for name in ("nox", "voc", "cod", "ammonia")]
    signed = [codes.ENERGY_SAVED]
    rest = np.delete(quantities, signed, axis=1)
    assert (rest >= 0).all(), np.array(QUANTITY_NAMES)[(quantities < 0).any(axis=0)]
    assert (quantities[:, abated] >= 0).all()
    factors = run.setting.factors
    fuels = zip((codes.COAL, codes.GAS, codes.OIL), ("coal", "gas", "oil"), strict=True)
    burnt = sum(quantities[:, k] * factors[f"{name}_emission"] for k, name in fuels) / factors.energy_content * 1000.0
    np.testing.assert_allclose(quantities[:, codes.CO2_FUEL], burnt, rtol=1e-12, atol=0.501)
    power = quantities[:, codes.ELECTRICITY] / factors.energy_content / factors.electricity_energy
    np.testing.assert_allclose(
        quantities[:, codes.CO2_POWER], power * factors.grid_emission * 1000.0, rtol=1e-12, atol=0.501
    )
    check_sales(world, after)


def check_sales(world, after):
    """Green sales are part of sales, their parts part of them; local sales of all are local purchases of all."""
    quantities, ledger = after.quantities, after.ledger
    sales = ledger[:, codes.SALES_LOCAL] + ledger[:, codes.SALES_FINAL]
    n_links = np.diff(world.links.supplier_start) + np.diff(world.links.substitute_start)
    assert (sales >= 0).all()
    assert (quantities[:, codes.GREEN_SALES] <= sales).all()
    assert (quantities[:, codes.GREEN_OUTPUT] <= quantities[:, codes.OUTPUT]).all()
    assert (quantities[:, codes.GREEN_PROJECT_SALES] <= quantities[:, codes.GREEN_SALES] + 1).all()
    # Each delivery is rounded by half a fen at most.
    assert (ledger[:, codes.SALES_LOCAL] <= sales + n_links + sales * 1e-12).all()
    assert (quantities[:, codes.GREEN_LOCAL_SALES] <= quantities[:, codes.GREEN_SALES] + n_links + sales * 1e-12).all()
    assert ledger[:, codes.SALES_LOCAL].sum() == -ledger[:, codes.MATERIALS_LOCAL].sum()


def check_options(world, run, before, after):
    """I-19: options are noticed before they are taken up, taken up once, fit the firm, and exclude one another."""
    agenda, stays = after.agenda, after.standing.active
    assert not (agenda.adopted & agenda.building).any()
    for held in (agenda.noticed, agenda.adopted, agenda.building):
        assert not (held & ~world.firms.eligible).any()
    assert not (before.agenda.adopted & ~agenda.adopted)[stays].any()
    assert not (before.agenda.noticed & ~agenda.noticed)[stays].any()
    assert not (before.agenda.building & ~(agenda.adopted | agenda.building))[stays].any()
    slots = after.projects.option
    bits = np.where(slots >= 0, np.int64(1) << np.maximum(slots, 0).astype(np.int64), 0)
    np.testing.assert_array_equal(bits.sum(axis=1), agenda.building)
    assert (after.projects.quarters_left[slots >= 0] > 0).all()
    held = agenda.adopted | agenda.building
    for option in range(N_OPTIONS):
        has = (held >> option) & 1 == 1
        assert not (held[has] & run.setting.options[option]["excludes"]).any(), option


def check_absent_rows(quarter, world, before, after, record):
    """I-04, I-20: a row that is not there has no money, no debts, no orders and no flows."""
    gone = ~after.standing.active
    away = gone & (after.works.event == 0)
    assert not after.ledger[away].any()
    assert not after.quantities[away].any()
    assert not after.trade.output[away].any()
    for name in STOCKS:
        assert not after.money[name][gone].any(), name
    assert not after.agenda.building[gone].any()
    assert not (gone & before.standing.active & (after.works.event != -1)).any()
    assert not (after.standing.active & ~before.standing.active & (after.works.event != 1)).any()
    assert (after.trade.brown_capacity + after.trade.green_capacity)[gone].sum() == 0.0


def check_counts(quarter, world, before, after, record):
    """I-20: firms are those of last quarter, plus arrivals, less those that left; everybody has a reason."""
    counts = dict(zip(FIRM_COLUMNS, record.firms[quarter].T, strict=True))
    weights = np.array([whole(weight * THOUSANDTHS) for weight in world.firms.weight.tolist()], np.int64)

    def firms_of(rows):
        return np.bincount(world.firms.sector[rows], weights[rows], minlength=codes.N_SECTORS).astype(np.int64)

    np.testing.assert_array_equal(counts["active"], firms_of(after.standing.active))
    np.testing.assert_array_equal(counts["left"], firms_of(after.works.event < 0))
    np.testing.assert_array_equal(counts["arrived"], firms_of(after.works.event > 0))
    present = firms_of(before.standing.active)
    np.testing.assert_array_equal(counts["active"], present + counts["arrived"] - counts["left"])
    assert (counts["relocated"] <= counts["arrived"]).all()
    assert (counts["green_makers"] <= counts["active"]).all()
    assert record.reasons[quarter].sum() == counts["active"].sum()
    for option in range(N_OPTIONS):
        has = after.standing.active & ((after.agenda.adopted >> option) & 1 == 1)
        assert record.adopters[quarter, option] == weights[has].sum()


def check_links(quarter, world, run, before, after, record):
    """The parts of every link add up to it, whoever serves it; only firms that are there switch, ask and are asked."""
    who, there = division(world, after), before.standing.active
    assert (who.parts >= 0).all()
    parts = np.bincount(who.link, who.parts, len(world.links.link)).astype(np.int64)
    np.testing.assert_array_equal(parts, WHOLE_LINK)
    changed = who.parts != division(world, before).parts
    assert there[who.customer[changed]].all()
    assert there[who.supplier[who.parts > division(world, before).parts]].all()
    sectors = world.firms.sector
    drawn = np.repeat(np.arange(len(world.firms)), np.diff(world.links.supplier_start))
    np.testing.assert_array_equal(sectors[who.supplier], sectors[drawn[who.link]])
    drawn_on = division(world, before)
    makes = there & (after.trade.output > 0.0)
    alive = (drawn_on.parts > 0) & makes[drawn_on.supplier] & (after.trade.previous_output[drawn_on.customer] > 0.0)
    links, switched, asked, certified, requests = record.supply[quarter].tolist()
    assert links == alive.sum()
    standing = after.standing.requests.astype(np.int64)
    assert ((standing >= 0) & (standing <= MOST_REQUESTS)).all()
    assert not standing[~there].any()
    assert asked >= np.maximum(standing - before.standing.requests, 0).sum()
    sold = after.ledger[after.standing.certificates & CERTIFIED != 0, codes.SALES_LOCAL]
    assert certified == sold.sum()
    weights = np.array([whole(weight * THOUSANDTHS) for weight in world.firms.weight.tolist()], np.int64)
    counted = after.standing.active | (after.quantities[:, codes.OUTPUT] != 0) | (after.works.event < 0)
    assert requests == (standing * weights)[counted].sum()
    if run.setting.mechanisms.switching <= 0.0:
        assert switched == asked == 0
        assert not changed.any()


@pytest.mark.kernels
@pytest.mark.parametrize("sketch", TINY, ids=lambda sketch: f"n{sketch.n}-seed{sketch.seed}")
def test_the_books_of_a_tiny_world_close(sketch):
    world, run = sketched_world(sketch), sketched_run(sketch)
    check_all(world, run, told(world, run))


@WORLDS
@given(sketches())
@example(Sketch(n=1, quarters=8, moved=1.0, linked=False))
@example(Sketch(n=300, quarters=8, moved=1.0))
@example(Sketch(n=300, quarters=8, moved=1.0, one_sector=True))
@example(Sketch(n=300, quarters=8, all_entrants=True))
@example(Sketch(n=300, quarters=8, moved=0.5, without_purses=True, huge_prices=True))
@example(Sketch(n=300, quarters=8, moved=0.0, busy=True))
def test_the_books_of_any_world_close(sketch):
    world, run = sketched_world(sketch), sketched_run(sketch)
    check_all(world, run, told(world, run))


@pytest.mark.parametrize("name", ["baseline", "plan"])
def test_the_books_of_the_district_close(name):
    scenario = Scenario.load(name, firms=600, until="2025Q4")
    world, run = build_world(scenario, 0), prepare_run(scenario, 1)
    check_all(world, run, told(world, run))


def test_a_missing_fen_is_found():
    sketch = Sketch(n=30, quarters=2)
    world, run = sketched_world(sketch), sketched_run(sketch)
    for group, column in (("money", "cash"), ("money", "debt"), ("books", "green_loans")):
        story = told(world, run)
        getattr(story.states[-1], group)[column][0] += 1
        with pytest.raises(AssertionError):
            check_all(world, run, story)
    story = told(world, run)
    story.record.parks[1, 0, TERM_NAMES.index("wages")] += 1
    with pytest.raises(AssertionError):
        check_all(world, run, story)
    assert recorded(world, run).parks.shape[-1] == N_TERMS + len(QUANTITY_NAMES) == story.record.parks.shape[-1]
    assert len(PRODUCT_COLUMNS) == story.record.products.shape[-1]
