"""Phase 16: what is kept of a quarter. All sums are of whole units, so parts add up to the whole exactly."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents._compiled import part
from agents._rows import Rows
from agents.codes import (
    CLEARING,
    ELECTRICITY_SOLD,
    GREEN_LOCAL_SALES,
    GREEN_OUTPUT,
    GREEN_PROJECT_SALES,
    GREEN_SALES,
    HEAT_SOLD,
    MOVE_NAMES,
    N_ACCOUNTS,
    N_BANKS,
    N_CERTIFICATES,
    N_KEPT,
    N_MOVES,
    N_OPTIONS,
    N_PARKS,
    N_QUANTITIES,
    N_REASONS,
    N_SECTORS,
    N_TERMS,
    OUTPUT,
    SALES_LOCAL,
    VALUE_ADDED,
)
from agents.firm import Whole
from agents.government import N_PROGRAMMES
from agents.mathematics import whole
from agents.network import N_LINK_COUNTS, certified_supplier
from agents.programmes import built
from agents.stream_codes import N_STREAM_COLUMNS, N_STREAMS
from sim.phases.option_sets import add_options
from sim.phases.production import Made, made_by
from sim.setting import Moment, World
from sim.state import State, Till

N_SIZES = 4
N_FLOWS = N_TERMS + N_QUANTITIES
THOUSANDTHS = 1000  # firms are counted in thousandths, since weights need not be whole

# Columns of `products`.
PRODUCT_COLUMNS = ("green_output", "green_sales", "project_sales", "local_sales", "relocated_sales", "arrived_sales")
# Columns of `firms`, thousandths of firms.
FIRM_COLUMNS = ("active", "arrived", "left", "relocated", "green_makers")
# Columns of `stocks`, fen.
STOCK_COLUMNS = ("cash", "debt", "term_debt", "green_debt", "capital")
BOOK_COLUMNS = ("loans", "term_loans", "green_loans", "equity", "write_offs")
PURSE_COLUMNS = (
    "spent",
    "asked",
    "left",
    "applicants",  # thousandths of firms, as the next two
    "refused",
    "recipients",
    "always",
    "accelerated",
    "foregone",  # of entry 0, tax not taken
)
# Rows of `certificates`, thousandths of firms: what is held, then the moves of agents/codes.py.
CERTIFICATE_ROWS = ("held", *MOVE_NAMES)
SEGMENT_COLUMNS = ("volume", "price", "demand", "capacity")
RENEWABLES = ("pv", "wind", "biomass")  # plants of developers since 2022
# Columns of `supply`: links, fen sold by certified firms to local ones, and requests in thousandths of firms.
SUPPLY_COLUMNS = ("links", "switched", "asked", "certified_sales", "requests")
RESIDUALS = ("cash", "loans", "term_loans", "green_loans", "clearing", "purses")


class Record(NamedTuple):
    """What one replicate leaves: quarters first, then groups, then columns."""

    sectors: NDArray[np.int64]  # (n_quarters, n_sectors, N_FLOWS): ledger terms, then quantities
    parks: NDArray[np.int64]  # (n_quarters, n_parks, N_FLOWS)
    sizes: NDArray[np.int64]  # (n_quarters, n_sizes, N_FLOWS)
    above_scale: NDArray[np.int64]  # (n_quarters, N_FLOWS) industrial firms above scale, as the plan counts energy
    products: NDArray[np.int64]  # (n_quarters, n_products, PRODUCT_COLUMNS)
    firms: NDArray[np.int64]  # (n_quarters, n_sectors, FIRM_COLUMNS)
    stocks: NDArray[np.int64]  # (n_quarters, n_sectors, STOCK_COLUMNS)
    adopters: NDArray[np.int64]  # (n_quarters, n_options) thousandths of firms
    reasons: NDArray[np.int64]  # (n_quarters, n_reasons) thousandths of firms
    purses: NDArray[np.int64]  # (n_quarters, n_programmes, PURSE_COLUMNS) fen
    books: NDArray[np.int64]  # (n_quarters, n_banks, BOOK_COLUMNS) fen
    accounts: NDArray[np.int64]  # (n_quarters, n_accounts) fen
    segments: NDArray[np.float64]  # (n_quarters, n_segments, SEGMENT_COLUMNS)
    pv: NDArray[np.int64]  # (n_quarters,) W
    renewables: NDArray[np.int64]  # (n_quarters, RENEWABLES) W in operation outside the firms
    supply: NDArray[np.int64]  # (n_quarters, SUPPLY_COLUMNS)
    streams: NDArray[np.int64]  # (n_quarters, n_streams, N_STREAM_COLUMNS) by-products (agents/codes.py)
    arcs: NDArray[np.int64]  # (n_quarters, n_parks, n_parks) kg of by-products on lorries
    linked: NDArray[np.int64]  # (n_quarters, 2) thousandths of above-scale firms in parks: with a link, and all
    certificates: NDArray[np.int64]  # (n_quarters, CERTIFICATE_ROWS, N_CERTIFICATES)
    residuals: NDArray[np.int64]  # (n_quarters, RESIDUALS) all zero when the books close
    kept_years: NDArray[np.int64]  # (2,) the years between which the bridge leads, 0 is 2021; -1 for none
    green_sales: NDArray[np.int64]  # (2, n_makers) fen in each of them, current prices; makers in the order of rows
    project_sales: NDArray[np.int64]  # (2, n_makers)
    green_capacity: NDArray[np.float64]  # (2, n_makers) 万元 a quarter at year end
    converted: NDArray[np.float64]  # (2, n_makers) part of it that came by conversion


def empty_record(n_quarters: int, n_makers: int, n_products: int, kept_years: tuple[int, int] = (-1, -1)) -> Record:
    """Return a record of zeros, with room for what each row that has a green product sold in two years."""

    def whole_numbers(*shape: int) -> NDArray[np.int64]:
        return np.zeros(shape, np.int64)

    return Record(
        sectors=whole_numbers(n_quarters, N_SECTORS, N_FLOWS),
        parks=whole_numbers(n_quarters, N_PARKS, N_FLOWS),
        sizes=whole_numbers(n_quarters, N_SIZES, N_FLOWS),
        above_scale=whole_numbers(n_quarters, N_FLOWS),
        products=whole_numbers(n_quarters, n_products, len(PRODUCT_COLUMNS)),
        firms=whole_numbers(n_quarters, N_SECTORS, len(FIRM_COLUMNS)),
        stocks=whole_numbers(n_quarters, N_SECTORS, len(STOCK_COLUMNS)),
        adopters=whole_numbers(n_quarters, N_OPTIONS),
        reasons=whole_numbers(n_quarters, N_REASONS),
        purses=whole_numbers(n_quarters, N_PROGRAMMES + 1, len(PURSE_COLUMNS)),
        books=whole_numbers(n_quarters, N_BANKS, len(BOOK_COLUMNS)),
        accounts=whole_numbers(n_quarters, N_ACCOUNTS),
        segments=np.zeros((n_quarters, N_SECTORS + n_products, len(SEGMENT_COLUMNS))),
        pv=whole_numbers(n_quarters),
        renewables=whole_numbers(n_quarters, len(RENEWABLES)),
        supply=whole_numbers(n_quarters, len(SUPPLY_COLUMNS)),
        streams=whole_numbers(n_quarters, N_STREAMS, N_STREAM_COLUMNS),
        arcs=whole_numbers(n_quarters, N_PARKS, N_PARKS),
        linked=whole_numbers(n_quarters, 2),
        certificates=whole_numbers(n_quarters, len(CERTIFICATE_ROWS), N_CERTIFICATES),
        residuals=whole_numbers(n_quarters, len(RESIDUALS)),
        kept_years=np.array(kept_years, np.int64),
        green_sales=whole_numbers(2, n_makers),
        project_sales=whole_numbers(2, n_makers),
        green_capacity=np.zeros((2, n_makers)),
        converted=np.zeros((2, n_makers)),
    )


@part
def record_quarter(
    world: World, factors: Rows, opening_cash: int, moment: Moment, state: State, record: Record
) -> None:
    """Write one quarter of the record; reads everything, changes nothing else."""
    maker = 0
    for i in range(world.firms.size):
        if state.standing[i].active or state.works[i].event < 0:
            record_firm(i, maker, moment.quarter, world.firms[i], factors, state, record)
        maker += world.firms[i].product >= 0
    record_institutions(moment.quarter, state, record)
    record_renewables(moment, record.renewables)
    record_residuals(opening_cash, state.till, record.residuals[moment.quarter])


@part
def record_firm(i: int, maker: int, quarter: int, firm: Rows, factors: Rows, state: State, record: Record) -> None:
    """Add one firm to the groups it belongs to; `maker` is its place among rows that have a green product."""
    quantities, ledger, event = state.quantities[i], state.till.ledger[i], state.works[i].event
    weight = whole(firm.weight * THOUSANDTHS)
    sector, park = record.sectors[quarter, firm.sector], record.parks[quarter, firm.park]
    made = made_by(firm, state.trade[i], factors)
    add_flows(ledger, quantities, made, sector, park, record.sizes[quarter, firm.size_class])
    if firm.above_scale:
        add_above_scale(ledger, quantities, made, record.above_scale[quarter])
    if firm.product >= 0:
        add_product(firm, quantities, made, record.products[quarter, firm.product])
        keep_year(maker, quarter // 4, quantities, state.trade[i], state.works[i], record)
    add_supply(ledger, state.standing[i], weight, record.supply[quarter])
    count_firm(firm, event, state.trade[i], weight, record.firms[quarter, firm.sector])
    if event >= 0:
        add_stocks(state.till.money[i], record.stocks[quarter, firm.sector])
        record.reasons[quarter, state.proposals[i].reason] += weight
        record.pv[quarter] += whole(state.plant[i].pv * 1000.0)
        add_options(state.agenda[i].adopted, weight, record.adopters[quarter])
        add_options(state.standing[i].certificates, weight, record.certificates[quarter, 0])


@part
def add_flows(ledger: Whole, quantities: Whole, made: Made, sector: Whole, park: Whole, size: Whole) -> None:
    """Add the ledger and quantities of one firm to those of its sector, park and size class."""
    for term in range(N_TERMS):
        amount = ledger[term]
        sector[term] += amount
        park[term] += amount
        size[term] += amount
    for quantity in range(N_KEPT):
        amount, column = quantities[quantity], N_TERMS + quantity
        sector[column] += amount
        park[column] += amount
        size[column] += amount
    add_made(made, sector)
    add_made(made, park)
    add_made(made, size)


@part
def add_made(made: Made, flows: Whole) -> None:
    """Add what one firm made to the flows of a group."""
    flows[N_TERMS + OUTPUT] += whole(made.output)
    flows[N_TERMS + VALUE_ADDED] += whole(made.value_added)
    flows[N_TERMS + GREEN_OUTPUT] += whole(made.green_output)
    flows[N_TERMS + ELECTRICITY_SOLD] += whole(made.electricity_sold)
    flows[N_TERMS + HEAT_SOLD] += whole(made.heat_sold)


@part
def add_above_scale(ledger: Whole, quantities: Whole, made: Made, flows: Whole) -> None:
    """Add the ledger and quantities of one firm to those of all firms above scale."""
    for term in range(N_TERMS):
        flows[term] += ledger[term]
    for quantity in range(N_KEPT):
        flows[N_TERMS + quantity] += quantities[quantity]
    add_made(made, flows)


@part
def add_product(firm: Rows, quantities: Whole, made: Made, row: Whole) -> None:
    """Add one firm to its green product."""
    sales = quantities[GREEN_SALES]
    row[0] += whole(made.green_output)
    row[1] += sales
    row[2] += quantities[GREEN_PROJECT_SALES]
    row[3] += quantities[GREEN_LOCAL_SALES]
    if firm.relocated:
        row[4] += sales
    if firm.entrant:
        row[5] += sales


@part
def add_supply(ledger: Whole, standing: Rows, weight: int, row: Whole) -> None:
    """Add what one firm sold to local ones if it is certified, and the requests that it has."""
    if certified_supplier(standing.certificates):
        row[3] += ledger[SALES_LOCAL]
    row[4] += int(standing.requests) * weight


@part
def keep_year(maker: int, year: int, quantities: Whole, trade: Rows, works: Rows, record: Record) -> None:
    """Keep the year of one maker of a green product, if the bridge starts or ends in it."""
    for kept in range(record.kept_years.size):
        if record.kept_years[kept] == year:
            record.green_sales[kept, maker] += quantities[GREEN_SALES]
            record.project_sales[kept, maker] += quantities[GREEN_PROJECT_SALES]
            record.green_capacity[kept, maker] = trade.green_capacity
            record.converted[kept, maker] = works.converted


@part
def count_firm(firm: Rows, event: int, trade: Rows, weight: int, row: Whole) -> None:
    """Count one firm among those that came, left or stayed."""
    if event > 0:
        row[1] += weight
        if firm.relocated:
            row[3] += weight
    if event < 0:
        row[2] += weight
        return
    row[0] += weight
    if trade.green_capacity > 0.0:
        row[4] += weight


@part
def add_stocks(money: Rows, row: Whole) -> None:
    """Add the balance sheet of one firm."""
    row[0] += money.cash
    row[1] += money.debt
    row[2] += money.term_debt
    row[3] += money.green_debt
    row[4] += money.capital


@part
def record_institutions(quarter: int, state: State, record: Record) -> None:
    """Copy purses, banks, accounts and segments; what purses spent and were asked starts again from nothing."""
    till, segments = state.till, state.segments
    for stream in range(N_STREAMS):
        for column in range(N_STREAM_COLUMNS):
            record.streams[quarter, stream, column] = state.ties.streams[stream, column]
    for giver in range(N_PARKS):
        for taker in range(N_PARKS):
            record.arcs[quarter, giver, taker] = state.ties.arcs[giver, taker]
    for column in range(2):
        record.linked[quarter, column] = state.ties.linked[column]
    for programme in range(till.purses.size):
        purse, row = till.purses[programme], record.purses[quarter, programme]
        row[0] = purse.spent
        row[1] = purse.asked
        row[2] = purse.left
        row[3] = purse.applicants
        row[4] = purse.refused
        row[5] = purse.recipients
        row[6] = purse.always
        row[7] = purse.accelerated
        row[8] = purse.foregone
        clear_quarter(purse)
    for bank in range(till.books.size):
        book, row = till.books[bank], record.books[quarter, bank]
        row[0] = book.loans
        row[1] = book.term_loans
        row[2] = book.green_loans
        row[3] = book.equity
        row[4] = book.write_offs
    for column in range(N_LINK_COUNTS):
        record.supply[quarter, column] = state.counts.links[column]
    for account in range(N_ACCOUNTS):
        record.accounts[quarter, account] = till.accounts[account]
    for move in range(N_MOVES):
        for step in range(N_CERTIFICATES):
            record.certificates[quarter, 1 + move, step] = state.register[move, step]
    for c in range(segments.size):
        segment, prices = segments[c], record.segments[quarter, c]
        prices[0] = segment.volume
        prices[1] = segment.price
        prices[2] = segment.demand
        prices[3] = segment.capacity


@part
def clear_quarter(purse: Rows) -> None:
    """Let a purse forget what happened this quarter; what is left of it stays."""
    purse.spent = 0
    purse.asked = 0
    purse.applicants = 0
    purse.refused = 0
    purse.recipients = 0
    purse.always = 0
    purse.accelerated = 0
    purse.foregone = 0


@part
def record_renewables(moment: Moment, capacity: Whole) -> None:
    """Add what came into operation this quarter to the plants of developers."""
    policy, quarter = moment.policy, moment.quarter
    capacity[quarter, 0] = whole(1e6 * built(policy.renewable_projects_pv, policy))
    capacity[quarter, 1] = whole(1e6 * built(policy.renewable_projects_wind, policy))
    capacity[quarter, 2] = whole(1e6 * built(policy.renewable_projects_biomass, policy))
    if quarter > 0:
        for kind in range(capacity.shape[1]):
            capacity[quarter, kind] += capacity[quarter - 1, kind]


@part
def record_residuals(opening_cash: int, till: Till, row: Whole) -> None:
    """Write what must be zero: cash is conserved, loans are bank assets, local trade clears, purses hold."""
    row[0] = -opening_cash
    for account in range(N_ACCOUNTS):
        row[0] += till.accounts[account]
    for i in range(till.money.size):
        money = till.money[i]
        row[0] += money.cash
        row[1] += money.debt
        row[2] += money.term_debt
        row[3] += money.green_debt
    for bank in range(till.books.size):
        book = till.books[bank]
        row[1] -= book.loans
        row[2] -= book.term_loans
        row[3] -= book.green_loans
    row[4] = till.accounts[CLEARING]
    for programme in range(till.purses.size):
        row[5] += min(0, till.purses[programme].left)
