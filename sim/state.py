"""All that changes in one replicate: rows of firms, markets, banks and purses, and the ledgers of the quarter."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents._rows import Number, Row, Rows, Whole
from agents.bank import Books
from agents.certification import Standing, Validity
from agents.codes import (
    N_ACCOUNTS,
    N_BANKS,
    N_CERTIFICATES,
    N_KEPT,
    N_MOVES,
    N_OPTIONS,
    N_PARKS,
    N_SECTORS,
    N_TERMS,
)
from agents.energy import Plant
from agents.events import Event
from agents.firm import Firms, Money, Trade, Works
from agents.government import N_PROGRAMMES, Purses
from agents.market import Segments
from agents.network import N_LINK_COUNTS, Candidates, Links, Supply, undivided
from agents.retrofit import N_SLOTS, Agenda, Projects, Proposals
from agents.stream_codes import N_STREAM_COLUMNS, N_STREAMS

N_DRAWS = 512


class Desk(Row):
    """What a phase notes about each firm; means nothing between phases. Shape (n_firms,)."""

    amount: Whole  # fen asked for, or sold this quarter at current prices
    rank: Number  # who asks with the highest is served first; or kg of by-products that green output lacks


class Giver(Row):
    """What a giver of the by-product that is being exchanged has, kg; shape (most givers of a stream,)."""

    amount: Whole  # that arose
    asked: Whole  # by takers
    sent: Whole


class Taker(Row):
    """What a taker of the by-product that is being exchanged can use, kg; shape (most takers of a stream,)."""

    wanted: Whole
    offered: Whole  # what its givers have
    received: Whole  # part of what is wanted


class Costs(Row):
    """What an option costs now, shape (n_options,)."""

    capex_index: Number  # over its price in the catalogue
    outside_index: Number  # the part of it that the outside makes
    opening_share: Number  # share of fitting rows that had the option at the start
    annuity: Number  # present value of a yuan a year over the option's life at the loan rate
    financing: Number  # annuity at the loan rate over the one at the green rate
    irreversible_cutoff: Number  # longest payback of an irreversible option, yr
    notice_ceiling: Number  # above the chance that any firm without requests notices the option in the quarter
    asked_ceiling: Number  # the same of any firm with requests


class Peer(Row):
    """What other firms see of one at the end of the quarter, shape (n_firms,); sets of options, empty if it is gone."""

    fitting: Whole  # those that fit it
    having: Whole  # those of them that it has


class Tally(Row):
    """What is counted about each sector in a quarter, shape (n_sectors,)."""

    rows: Whole  # active
    green_rows: Whole  # active and selling a green product
    material_price: Number  # price index of what the sector buys


class Counts(NamedTuple):
    """Active rows that have an option, and those it fits."""

    sector: NDArray[np.int64]  # (n_sectors, n_options)
    park: NDArray[np.int64]  # (n_parks, n_options)
    sector_fitting: NDArray[np.int64]  # (n_sectors, n_options)
    park_fitting: NDArray[np.int64]  # (n_parks, n_options)
    links: NDArray[np.int64]  # (N_LINK_COUNTS,) of the quarter, see agents/network.py


class Till(NamedTuple):
    """Everything a posting touches."""

    money: Rows
    books: Rows
    purses: Rows
    accounts: NDArray[np.int64]  # (N_ACCOUNTS,) fen
    ledger: NDArray[np.int64]  # (n_firms, N_TERMS) fen, this quarter


class Ties(NamedTuple):
    """By-product links of one replicate and what flowed along them in the quarter."""

    tie: NDArray[np.int8]  # (n_pairs,) 0 no link, 1 one of 2020, 2 + the quarter of its agreement
    base_money: NDArray[np.float32]  # (n_firms,) fen per 万元 of output that by-products brought in 2020, tax apart
    base_tax: NDArray[np.float32]  # (n_firms,) fen per 万元 of output of environmental tax on by-products
    outside_supply: NDArray[np.int64]  # (n_streams,) kg a quarter that outside suppliers can send
    streams: NDArray[np.int64]  # (n_streams, N_STREAM_COLUMNS) of the quarter
    arcs: NDArray[np.int64]  # (n_parks, n_parks) kg that lorries took from givers of a park to takers of another
    linked: NDArray[np.int64]  # (2,) thousandths of above-scale firms in parks: with a working link, and all
    flow: NDArray[np.int64]  # (n_pairs,) kg that arrived this quarter; without entries where nobody asks for them


class Account(NamedTuple):
    """What a posting of one firm touches."""

    money: Rows  # the row of the firm
    ledger: NDArray[np.int64]  # (N_TERMS,) of the firm
    accounts: NDArray[np.int64]  # (N_ACCOUNTS,) of everybody else


class Log(NamedTuple):
    """What happened to firms this quarter; without room, nothing is noted."""

    events: Rows
    n_events: NDArray[np.int64]  # (1,) rows in use


class State(NamedTuple):
    """One replicate of the district between two quarters, and the flows of the last one."""

    trade: Rows
    works: Rows
    plant: Rows
    agenda: Rows
    projects: Rows
    proposals: Rows
    segments: Rows
    standing: Rows
    supply: Supply
    validity: Rows
    till: Till
    costs: Rows
    peers: Rows
    tally: Rows
    desk: Rows
    givers: Rows  # of the by-product that is being exchanged, as are takers
    takers: Rows
    order: NDArray[np.int64]  # (n_firms,) rows in the order a scarce thing is given out
    column: NDArray[np.float64]  # (n_firms,) what a loop that vectorises hands to the next one; zero between phases
    draws: NDArray[np.float64]  # (N_DRAWS,) what so many pairs or links draw at a time; means nothing between loops
    counts: Counts
    quantities: NDArray[np.int64]  # (n_firms, N_KEPT), this quarter; output and traits tell the rest
    log: Log
    ties: Ties
    register: NDArray[np.int64]  # (N_MOVES, N_CERTIFICATES) thousandths of firms, this quarter


def empty_state(n_firms: int, n_segments: int, links: Links, candidates: Candidates, n_events: int = 0) -> State:
    """Return a state of zeros for so many rows, segments and notes; nobody builds or arrives, links are as drawn.

    With room for notes there is room for the flow of each pair, too.
    """

    def whole(*shape: int) -> NDArray[np.int64]:
        return np.zeros(shape, np.int64)

    n_pairs = len(candidates.source)
    state = State(
        trade=Trade.zeros(n_firms),
        works=Works.zeros(n_firms),
        plant=Plant.zeros(n_firms),
        agenda=Agenda.zeros(n_firms),
        projects=Projects.zeros(n_firms, N_SLOTS),
        proposals=Proposals.zeros(n_firms),
        segments=Segments.zeros(n_segments),
        standing=Standing.zeros(n_firms),
        supply=undivided(links),
        validity=Validity.zeros(n_firms, N_CERTIFICATES),
        till=Till(
            money=Money.zeros(n_firms),
            books=Books.zeros(N_BANKS),
            purses=Purses.zeros(N_PROGRAMMES + 1),
            accounts=whole(N_ACCOUNTS),
            ledger=whole(n_firms, N_TERMS),
        ),
        costs=Costs.zeros(N_OPTIONS),
        peers=Peer.zeros(n_firms),
        tally=Tally.zeros(N_SECTORS),
        desk=Desk.zeros(n_firms),
        givers=Giver.zeros(int(np.diff(candidates.giver_start).max(initial=0))),
        takers=Taker.zeros(int(np.diff(candidates.taker_start).max(initial=0))),
        order=whole(n_firms),
        column=np.zeros(n_firms),
        draws=np.zeros(N_DRAWS),
        counts=Counts(
            sector=whole(N_SECTORS, N_OPTIONS),
            park=whole(N_PARKS, N_OPTIONS),
            sector_fitting=whole(N_SECTORS, N_OPTIONS),
            park_fitting=whole(N_PARKS, N_OPTIONS),
            links=whole(N_LINK_COUNTS),
        ),
        quantities=whole(n_firms, N_KEPT),
        log=Log(events=Event.zeros(n_events), n_events=whole(1)),
        ties=Ties(
            tie=np.zeros(n_pairs, np.int8),
            base_money=np.zeros(n_firms, np.float32),
            base_tax=np.zeros(n_firms, np.float32),
            outside_supply=whole(N_STREAMS),
            streams=whole(N_STREAMS, N_STREAM_COLUMNS),
            arcs=whole(N_PARKS, N_PARKS),
            linked=whole(2),
            flow=whole(n_pairs if n_events > 0 else 0),
        ),
        register=whole(N_MOVES, N_CERTIFICATES),
    )
    state.works.arrival_left[:] = -1
    state.projects.option[:] = -1
    state.proposals.option[:] = -1
    state.costs.capex_index[:] = 1.0
    state.costs.outside_index[:] = 1.0
    return state


def opening_firms(firms: Firms) -> NDArray[np.bool_]:
    """Return which rows are there at the end of 2020, shape (n_firms,)."""
    return ~firms.entrant
