"""The district at the end of 2020: first-quarter columns, opening books, and what firms already know and have."""

import numpy as np

from agents import codes
from agents._compiled import lean_kernel, part
from agents.mathematics import exp, whole
from agents.retrofit import Site, acceptance, has, payback, with_option
from sim.choosing import case_of, cutoff_of, excluded, site_of, write_loan_terms
from sim.demography import arrival_chance
from sim.draws import uniform
from sim.markets import gather_capacity
from sim.setting import Moment, Setting, World
from sim.state import State, empty_state, opening_firms


def open_district(world: World, setting: Setting, moment: Moment) -> State:
    """Return the state at the end of 2020.

    Args:
        world: the population.
        setting: what holds for the run.
        moment: prices and policies of the first quarter, whose luck it is; quarter 0.

    Returns:
        A state whose first quarters are constant when shocks, trends and decisions are off: final demand is output
        less intermediate orders, capacities and expectations fit it, and every loan stands in a bank's books.
    """
    firms = world.firms
    state = empty_state(len(firms.firm), len(setting.markets))
    active = opening_firms(firms)
    state.trade.active[:] = active
    _open_trade(world, state, active)
    _open_plant(world, state)
    _open_books(world, setting, state, active)
    open_segments(world, setting, state)
    if setting.mechanisms.retrofits > 0.0:
        open_agenda(world, setting, moment, state)
    if setting.mechanisms.entry > 0.0:
        open_arrivals(world, setting, moment, state)
    return state


def _open_trade(world: World, state: State, active: np.ndarray) -> None:
    """Write capacities and outputs; orders follow in `open_segments`."""
    firms, trade = world.firms, state.trade
    capacity = np.where(active, firms.base_capacity, 0.0)
    trade.green_capacity[:] = np.where(firms.product >= 0, firms.base_green_share, 0.0) * capacity
    trade.brown_capacity[:] = capacity - trade.green_capacity
    trade.output[:] = np.where(active, firms.base_output, 0.0)
    trade.previous_output[:] = trade.output


def _open_plant(world: World, state: State) -> None:
    firms, plant = world.firms, state.plant
    for name in (
        "coal",
        "gas",
        "oil",
        "electricity",
        "heat",
        "process",
        "nox",
        "voc",
        "cod",
        "ammonia",
        "water",
        "waste",
    ):
        getattr(plant, name)[:] = getattr(firms, f"{name}_intensity")
    plant.pv[:] = firms.pv_capacity


def _open_books(world: World, setting: Setting, state: State, active: np.ndarray) -> None:
    """Write balance sheets; banks hold equity against their loans, the rest of their money comes from outside."""
    firms, money, books = world.firms, state.till.money, state.till.books
    money.cash[:] = np.where(active, firms.cash, 0)
    money.debt[:] = np.where(active, firms.debt, 0)
    money.capital[:] = np.where(active, firms.capital, 0)
    money.surplus[:] = [
        whole(0.25 * codes.FEN * 4.0 * output * (margin + worn))
        for output, margin, worn in zip(state.trade.output, firms.base_margin, firms.depreciation_share, strict=True)
    ]
    np.add.at(books.loans, firms.bank, money.debt)
    books.equity[:] = [whole(setting.finance.equity_ratio * float(lent)) for lent in books.loans]


@lean_kernel
def open_segments(world: World, setting: Setting, state: State) -> None:
    """Write final demand, appeal and expectations that make the base year a steady state."""
    firms, trade, segments = world.firms, state.trade, state.segments
    for c in range(segments.size):
        segments[c].volume = 1.0
        segments[c].price = 1.0
    for i in range(firms.size):
        capacity = trade[i].brown_capacity + trade[i].green_capacity
        if trade[i].active and capacity > 0.0:
            final = trade[i].output
            for link in range(world.links.supplier_start[i], world.links.supplier_start[i + 1]):
                final -= world.links.purchase_share[link] * trade.output[world.links.customer[link]]
            appeal = max(final, 0.0) / capacity
            trade[i].brown_appeal = appeal
            trade[i].green_appeal = appeal
            trade[i].brown_expected = trade[i].output * trade[i].brown_capacity / capacity
            trade[i].green_expected = trade[i].output * trade[i].green_capacity / capacity
    gather_capacity(firms, segments, trade)
    for c in range(segments.size):
        segments[c].base_capacity = segments[c].capacity
        segments[c].base_demand = segments[c].pull


@lean_kernel
def open_arrivals(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write which arrivals decided before 2021 and are still building: one draw for each quarter of building time."""
    for i in range(world.firms.size):
        if world.firms[i].entrant:
            chance = arrival_chance(world.firms[i], world.sectors, setting.firm, setting.base_policy)
            for left in range(1, int(setting.firm.arrival_quarters)):
                draw = uniform(moment.seed, world.firms[i].firm, left, 0, codes.ENTRY, moment.replicate)
                if draw < chance and state.works[i].arrival_left < 0:
                    state.works[i].arrival_left = left


@lean_kernel
def open_agenda(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write what firms noticed and took up in the years before: the same gates, without grants and peers."""
    write_loan_terms(setting, moment, state.costs)
    for i in range(world.firms.size):
        if state.trade[i].active and state.trade[i].output > 0.0:
            site = site_of(i, world.firms, state.trade, state.plant)
            for option in range(codes.N_OPTIONS):
                if has(world.firms[i].eligible, option) and not excluded(i, option, setting, state.agenda):
                    look_back(i, option, site, world, setting, moment, state)
    for option in range(codes.N_OPTIONS):
        fitting, having = 0, 0
        for i in range(world.firms.size):
            if state.trade[i].active and has(world.firms[i].eligible, option):
                fitting += 1
                having += 1 if has(state.agenda[i].adopted, option) else 0
        state.costs[option].opening_share = having / fitting if fitting > 0 else 0.0


@part
def look_back(i: int, option: int, site: Site, world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write whether one firm noticed one option before 2021, and whether it took it up."""
    firms, rules, offer = world.firms, setting.behaviour, setting.options[option]
    identity, replicate = firms[i].firm, moment.replicate
    years = min(rules.history_years, firms[i].age)
    seen = uniform(moment.seed, identity, option, 0, codes.INITIAL_STOCK, replicate)
    if seen >= 1.0 - exp(-rules.base_attention * offer.attention * years):
        return
    state.agenda[i].noticed = with_option(state.agenda[i].noticed, option)
    if offer.product_line:
        return
    if offer.mandate_only:
        ordered = uniform(moment.seed, identity, option, 0, codes.ORDERED, replicate)
        if offer.abatement and ordered < setting.base_policy.emission_limits_coverage:
            state.agenda[i].adopted = with_option(state.agenda[i].adopted, option)
        return
    case = case_of(i, option, site, world, setting, moment, state.costs)
    if case.saving <= 0.0 or case.capex <= 0.0:
        return
    cutoff = cutoff_of(i, option, setting, firms)
    chance = acceptance(payback(case.capex, case.saving, 1.0), cutoff, 1.0, 0.0, rules)
    if chance < uniform(moment.seed, identity, option, 0, codes.ACCEPTANCE, replicate):
        return
    carried_out = uniform(moment.seed, identity, option, 0, codes.INITIAL_ADOPTION, replicate)
    if carried_out < rules.history_share:
        state.agenda[i].adopted = with_option(state.agenda[i].adopted, option)


def opening_cash(state: State) -> int:
    """Return all cash at the start, fen: what cash and accounts must add up to ever after."""
    return int(state.till.money.cash.sum() + state.till.accounts.sum())
