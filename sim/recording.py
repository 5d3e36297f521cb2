"""Phase 16: what is kept of a quarter. All sums are of whole units, so parts add up to the whole exactly."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents._compiled import part
from agents._rows import Rows
from agents.codes import (
    CLEARING,
    GREEN_LOCAL_SALES,
    GREEN_OUTPUT,
    GREEN_PROJECT_SALES,
    GREEN_SALES,
    N_ACCOUNTS,
    N_BANKS,
    N_OPTIONS,
    N_PARKS,
    N_QUANTITIES,
    N_REASONS,
    N_SECTORS,
    N_TERMS,
)
from agents.government import N_PROGRAMMES
from agents.mathematics import whole
from sim.setting import Moment, World
from sim.state import State

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
PURSE_COLUMNS = ("spent", "asked", "left")
SEGMENT_COLUMNS = ("volume", "price", "demand", "capacity")
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
    residuals: NDArray[np.int64]  # (n_quarters, RESIDUALS) all zero when the books close
    green_sales: NDArray[np.int64]  # (n_years, n_firms) fen, current prices
    project_sales: NDArray[np.int64]  # (n_years, n_firms)
    green_capacity: NDArray[np.float64]  # (n_years, n_firms) 万元 a quarter at year end
    converted: NDArray[np.float64]  # (n_years, n_firms) part of it that came by conversion


def empty_record(n_quarters: int, n_firms: int, n_products: int) -> Record:
    """Return a record of zeros."""

    def whole_numbers(*shape: int) -> NDArray[np.int64]:
        return np.zeros(shape, np.int64)

    n_years = (n_quarters + 3) // 4
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
        residuals=whole_numbers(n_quarters, len(RESIDUALS)),
        green_sales=whole_numbers(n_years, n_firms),
        project_sales=whole_numbers(n_years, n_firms),
        green_capacity=np.zeros((n_years, n_firms)),
        converted=np.zeros((n_years, n_firms)),
    )


@part
def record_quarter(world: World, opening_cash: int, moment: Moment, state: State, record: Record) -> None:
    """Write one quarter of the record; reads everything, changes nothing else."""
    quarter = moment.quarter
    for i in range(world.firms.size):
        made = state.quantities[i, 0] != 0 or state.works[i].event < 0
        if state.trade[i].active or made:
            record_flows(
                world.firms[i],
                state.till.ledger[i],
                state.quantities[i],
                record.sectors[quarter],
                record.parks[quarter],
                record.sizes[quarter],
                record.above_scale[quarter],
            )
            record_green(i, quarter, world.firms, state, record)
            record_stocks(i, quarter, world.firms, state, record)
    record_institutions(quarter, state, record)
    record_residuals(quarter, opening_cash, world.firms, state, record)


@part
def record_flows(
    firm: Rows, ledger: Rows, quantities: Rows, sectors: Rows, parks: Rows, sizes: Rows, above_scale: Rows
) -> None:
    """Add the ledger and quantities of one firm to its sector, park and size class, and to the firms above scale."""
    sector, park, size = firm.sector, firm.park, firm.size_class
    for term in range(N_TERMS):
        amount = ledger[term]
        sectors[sector, term] += amount
        parks[park, term] += amount
        sizes[size, term] += amount
        if firm.above_scale:
            above_scale[term] += amount
    for quantity in range(N_QUANTITIES):
        amount = quantities[quantity]
        sectors[sector, N_TERMS + quantity] += amount
        parks[park, N_TERMS + quantity] += amount
        sizes[size, N_TERMS + quantity] += amount
        if firm.above_scale:
            above_scale[N_TERMS + quantity] += amount


@part
def record_green(i: int, quarter: int, firms: Rows, state: State, record: Record) -> None:
    """Add the green product of one firm, and keep its year for the bridge between years."""
    if firms[i].product < 0:
        return
    row, year = record.products[quarter, firms[i].product], quarter // 4
    sales = state.quantities[i, GREEN_SALES]
    row[0] += state.quantities[i, GREEN_OUTPUT]
    row[1] += sales
    row[2] += state.quantities[i, GREEN_PROJECT_SALES]
    row[3] += state.quantities[i, GREEN_LOCAL_SALES]
    if firms[i].relocated:
        row[4] += sales
    if firms[i].entrant:
        row[5] += sales
    record.green_sales[year, i] += sales
    record.project_sales[year, i] += state.quantities[i, GREEN_PROJECT_SALES]
    record.green_capacity[year, i] = state.trade[i].green_capacity
    record.converted[year, i] = state.works[i].converted


@part
def record_stocks(i: int, quarter: int, firms: Rows, state: State, record: Record) -> None:
    """Add the counts and the balance sheet of one firm."""
    weight = whole(firms[i].weight * THOUSANDTHS)
    sector = firms[i].sector
    counts, stocks = record.firms[quarter, sector], record.stocks[quarter, sector]
    if state.works[i].event > 0:
        counts[1] += weight
        if firms[i].relocated:
            counts[3] += weight
    if state.works[i].event < 0:
        counts[2] += weight
        return
    counts[0] += weight
    if state.trade[i].green_capacity > 0.0:
        counts[4] += weight
    stocks[0] += state.till.money[i].cash
    stocks[1] += state.till.money[i].debt
    stocks[2] += state.till.money[i].term_debt
    stocks[3] += state.till.money[i].green_debt
    stocks[4] += state.till.money[i].capital
    record.reasons[quarter, state.agenda[i].reason] += weight
    record.pv[quarter] += whole(state.plant[i].pv * 1000.0)
    adopted, option = state.agenda[i].adopted, 0
    while adopted != 0:
        if adopted & 1 == 1:
            record.adopters[quarter, option] += weight
        adopted >>= 1
        option += 1


@part
def record_institutions(quarter: int, state: State, record: Record) -> None:
    """Copy purses, banks, accounts and segments; what purses spent and were asked starts again from nothing."""
    purses, books, segments = state.till.purses, state.till.books, state.segments
    for programme in range(purses.size):
        record.purses[quarter, programme, 0] = purses[programme].spent
        record.purses[quarter, programme, 1] = purses[programme].asked
        record.purses[quarter, programme, 2] = purses[programme].left
        purses[programme].spent = 0
        purses[programme].asked = 0
    for bank in range(books.size):
        record.books[quarter, bank, 0] = books[bank].loans
        record.books[quarter, bank, 1] = books[bank].term_loans
        record.books[quarter, bank, 2] = books[bank].green_loans
        record.books[quarter, bank, 3] = books[bank].equity
        record.books[quarter, bank, 4] = books[bank].write_offs
    for account in range(N_ACCOUNTS):
        record.accounts[quarter, account] = state.till.accounts[account]
    for c in range(segments.size):
        record.segments[quarter, c, 0] = segments[c].volume
        record.segments[quarter, c, 1] = segments[c].price
        record.segments[quarter, c, 2] = segments[c].demand
        record.segments[quarter, c, 3] = segments[c].capacity


@part
def record_residuals(quarter: int, opening_cash: int, firms: Rows, state: State, record: Record) -> None:
    """Write what must be zero: cash is conserved, loans are bank assets, local trade clears, purses hold."""
    row, money, books = record.residuals[quarter], state.till.money, state.till.books
    row[0] = state.till.accounts.sum() - opening_cash
    for i in range(money.size):
        row[0] += money[i].cash
        row[1] += money[i].debt
        row[2] += money[i].term_debt
        row[3] += money[i].green_debt
    for bank in range(books.size):
        row[1] -= books[bank].loans
        row[2] -= books[bank].term_loans
        row[3] -= books[bank].green_loans
    row[4] = state.till.accounts[CLEARING]
    for programme in range(state.till.purses.size):
        row[5] += min(0, state.till.purses[programme].left)
