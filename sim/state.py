"""All that changes in one replicate: columns of firms, markets, banks and purses, and the ledgers of the quarter."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.bank import Books
from agents.codes import N_ACCOUNTS, N_BANKS, N_OPTIONS, N_PARKS, N_QUANTITIES, N_SECTORS, N_TERMS
from agents.energy import Plant
from agents.firm import Firms, Floats, Money, Trade, Whole, Works
from agents.government import N_PROGRAMMES, Purses
from agents.market import Segments
from agents.retrofit import N_SLOTS, Agenda, Proposals


class Workspace(NamedTuple):
    """Arrays a quarter works on; their content means nothing between quarters."""

    order: NDArray[np.int64]  # (n_firms,) rows in the order a scarce thing is given out
    amount: Whole  # (n_firms,) fen asked
    rank: Floats  # (n_firms,)
    granted: NDArray[np.bool_]  # (n_firms,)
    local_sales: Whole  # (n_firms,) fen
    local_purchases: Whole  # (n_firms,) fen
    green_local: Whole  # (n_firms,) fen
    sector_adopters: NDArray[np.int64]  # (n_sectors, n_options) rows
    park_adopters: NDArray[np.int64]  # (n_parks, n_options)
    sector_rows: NDArray[np.int64]  # (n_sectors,) active rows
    park_rows: NDArray[np.int64]
    partner_adopters: NDArray[np.int64]  # (n_options,) of one firm's partners
    green_rows: NDArray[np.int64]  # (n_sectors,) active rows that sell a green product
    material_price: Floats  # (n_sectors,) price index of what a sector buys
    annuity: Floats  # (n_options,) present value of a yuan a year over the option's life at the loan rate
    financing: Floats  # (n_options,) annuity at the loan rate over the one at the green rate
    project_orders: NDArray[np.int64]  # (n_segments,) whole 2⁻²⁰ 万元 of projects started this quarter


class State(NamedTuple):
    """One replicate of the district between two quarters, and the flows of the last one."""

    trade: Trade
    works: Works
    plant: Plant
    agenda: Agenda
    proposals: Proposals
    money: Money
    segments: Segments
    books: Books
    purses: Purses
    accounts: Whole  # (N_ACCOUNTS,) fen
    ledger: NDArray[np.int64]  # (n_firms, N_TERMS) fen, this quarter
    quantities: NDArray[np.int64]  # (n_firms, N_QUANTITIES), this quarter
    capex_index: Floats  # (n_options,) cost over its catalogue price
    outside_index: Floats  # (n_options,) the part of it that the outside makes
    opening_share: Floats  # (n_options,) share of fitting rows that had the option at the start
    workspace: Workspace


def empty_state(n_firms: int, n_segments: int) -> State:
    """Return a state of zeros for so many rows and segments."""

    def floats(*shape: int) -> Floats:
        return np.zeros(shape or (n_firms,))

    def whole(*shape: int) -> Whole:
        return np.zeros(shape or (n_firms,), np.int64)

    def codes(*shape: int) -> NDArray[np.int8]:
        return np.zeros(shape or (n_firms,), np.int8)

    def flags() -> NDArray[np.bool_]:
        return np.zeros(n_firms, np.bool_)

    return State(
        trade=Trade(flags(), *(floats() for _ in Trade._fields[1:])),
        works=Works(
            floats(), floats(), codes(), floats(), codes(), floats(), np.full(n_firms, -1, np.int8), codes()
        ),
        plant=Plant(*(floats() for _ in Plant._fields)),
        agenda=Agenda(
            whole(),
            whole(),
            whole(),
            np.full((n_firms, N_SLOTS), -1, np.int8),
            codes(n_firms, N_SLOTS),
            flags(),
            codes(),
            whole(),
            whole(),
        ),
        proposals=Proposals(
            option=np.full(n_firms, -1, np.int8),
            ordered=flags(),
            needs_grant=flags(),
            capex=whole(),
            grant=whole(),
            programme=codes(),
            credit=whole(),
            saving=whole(),
            expansion_cost=whole(),
            brown_expansion=floats(),
            green_expansion=floats(),
            conversion_cost=whole(),
            conversion_grant=whole(),
            conversion=floats(),
        ),
        money=Money(*(whole() for _ in range(7)), codes(), whole()),
        segments=Segments(*(floats(n_segments) for _ in Segments._fields)),
        books=Books(*(whole(N_BANKS) for _ in Books._fields)),
        purses=Purses(*(whole(N_PROGRAMMES + 1) for _ in Purses._fields)),
        accounts=whole(N_ACCOUNTS),
        ledger=whole(n_firms, N_TERMS),
        quantities=whole(n_firms, N_QUANTITIES),
        capex_index=np.ones(N_OPTIONS),
        outside_index=np.ones(N_OPTIONS),
        opening_share=np.zeros(N_OPTIONS),
        workspace=Workspace(
            whole(),
            whole(),
            floats(),
            flags(),
            whole(),
            whole(),
            whole(),
            whole(N_SECTORS, N_OPTIONS),
            whole(N_PARKS, N_OPTIONS),
            whole(N_SECTORS),
            whole(N_PARKS),
            whole(N_OPTIONS),
            whole(N_SECTORS),
            floats(N_SECTORS),
            floats(N_OPTIONS),
            floats(N_OPTIONS),
            whole(n_segments),
        ),
    )


def opening_firms(firms: Firms) -> NDArray[np.bool_]:
    """Return which rows are there at the end of 2020, shape (n_firms,)."""
    return ~firms.entrant
