"""The district at the end of 2020: first-quarter columns, opening books, and what firms already know and have."""

import numpy as np

from agents import codes
from agents._compiled import lean_kernel, part
from agents._rows import Rows
from agents.charges import Worth
from agents.mandates import limit_coverage
from agents.mathematics import exp, whole
from agents.network import Links
from agents.retrofit import Site, acceptance, payback, with_option
from sim.draws import uniform
from sim.opening_certificates import open_standing
from sim.phases.building import adopt_line
from sim.phases.charging import worth_of_saving
from sim.phases.choosing import case_of, cutoff_of, excluded, under_orders, write_loan_terms
from sim.phases.demography import arrival_chance
from sim.phases.exchanging import open_exchange
from sim.phases.learning import adopter_share
from sim.phases.markets import gather_capacity
from sim.phases.noticing import count_adopters
from sim.phases.option_sets import first_option, product_lines, without_first
from sim.phases.sizing import site_of
from sim.setting import Moment, Setting, World
from sim.state import State, empty_state, opening_firms


def open_district(world: World, setting: Setting, moment: Moment, n_events: int = 0) -> State:
    """Return the state at the end of 2020.

    Args:
        world: the population.
        setting: what holds for the run.
        moment: prices and policies of the first quarter, whose luck it is; quarter 0.
        n_events: room for what happens to firms in a quarter, and for the flow of each by-product link; none for a run
            without micro data.

    Returns:
        A state whose first quarters are constant when shocks, trends and decisions are off: final demand is output
        less intermediate orders, capacities and expectations fit it, and every loan stands in a bank's books.
    """
    firms = world.firms
    state = empty_state(len(firms.firm), len(setting.markets), world.links, world.candidates, n_events)
    active = opening_firms(firms)
    state.standing.active[:] = active
    _open_trade(world, state, active)
    _open_plant(world, state)
    open_rows(world, setting, moment, state)
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


@lean_kernel
def open_rows(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write what needs loops: balance sheets, markets, and what was decided before 2021."""
    open_books(world.firms, setting.finance.equity_ratio, state)
    open_segments(world, state)
    open_lines(world.firms, setting.markets, state)
    if setting.mechanisms.retrofits > 0.0:
        open_agenda(world, setting, moment, state)
    if setting.mechanisms.certification > 0.0:
        open_standing(world.firms, setting, moment, state)
    if setting.mechanisms.retrofits > 0.0:
        open_costs(world.firms, state)
    if setting.mechanisms.entry > 0.0:
        open_arrivals(world, setting, moment, state.works)
    if setting.mechanisms.by_products > 0.0:
        open_exchange(world, setting, moment, state)


@part
def open_books(firms: Rows, equity_ratio: float, state: State) -> None:
    """Write balance sheets; banks hold equity against their loans, the rest of their money comes from outside."""
    books = state.till.books
    for i in range(firms.size):
        firm, money = firms[i], state.till.money[i]
        if state.standing[i].active:
            money.cash = firm.cash
            money.debt = firm.debt
            money.capital = firm.capital
            books[firm.bank].loans += firm.debt
    for bank in range(books.size):
        books[bank].equity = whole(equity_ratio * float(books[bank].loans))


@part
def open_segments(world: World, state: State) -> None:
    """Write final demand, appeal and expectations that make the base year a steady state."""
    segments = state.segments
    for c in range(segments.size):
        segments[c].volume = 1.0
        segments[c].price = 1.0
    for i in range(world.firms.size):
        open_orders(i, world.links, state.trade)
    gather_capacity(world.firms, segments, state)
    for c in range(segments.size):
        segments[c].base_capacity = segments[c].capacity
        segments[c].base_demand = segments[c].pull


@part
def open_orders(i: int, links: Links, trades: Rows) -> None:
    """Write appeal and expectations of one firm: final demand is output less what local customers take."""
    trade = trades[i]
    capacity = trade.brown_capacity + trade.green_capacity
    if capacity <= 0.0:
        return
    final = trade.output
    for link in range(links.supplier_start[i], links.supplier_start[i + 1]):
        final -= links.purchase_share[link] * trades[links.customer[link]].output
    appeal = max(final, 0.0) / capacity
    trade.brown_appeal = appeal
    trade.green_appeal = appeal
    trade.brown_expected = trade.output * trade.brown_capacity / capacity
    trade.green_expected = trade.output * trade.green_capacity / capacity


@part
def open_lines(firms: Rows, markets: Rows, state: State) -> None:
    """Write that makers of green products have their lines."""
    for i in range(firms.size):
        if state.standing[i].active:
            adopt_line(firms[i], markets, state.trade[i], state.agenda[i])


@part
def open_arrivals(world: World, setting: Setting, moment: Moment, works: Rows) -> None:
    """Write which arrivals decided before 2021 and are still building: one draw for each quarter of building time."""
    for i in range(world.firms.size):
        firm = world.firms[i]
        if firm.entrant:
            chance = arrival_chance(firm, world.sectors, setting, setting.base_policy)
            for left in range(1, int(setting.firm.arrival_quarters)):
                draw = uniform(moment.seed, firm.firm, left, 0, codes.ENTRY, moment.replicate)
                if draw < chance and works[i].arrival_left < 0:
                    works[i].arrival_left = left


@part
def open_agenda(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write what firms noticed and took up in the years before: the same gates, without grants and peers."""
    write_loan_terms(setting, moment, state.costs)
    lines = product_lines(setting.options)
    for i in range(world.firms.size):
        firm, trade = world.firms[i], state.trade[i]
        if state.standing[i].active and trade.output > 0.0:
            site = site_of(firm, trade, state.plant[i])
            worth = worth_of_saving(firm, world.sectors[firm.sector], state.plant[i], setting, moment)
            rest = firm.eligible & ~lines
            while rest != 0:
                option = first_option(rest)
                rest = without_first(rest)
                if not excluded(setting.options[option], state.agenda[i]):
                    look_back(firm, option, site, worth, setting, moment, state.agenda[i], state.costs[option])


@part
def open_costs(firms: Rows, state: State) -> None:
    """Write how far each option had spread at the start: local experience counts from there."""
    count_adopters(firms, state)
    for option in range(codes.N_OPTIONS):
        state.costs[option].opening_share = adopter_share(option, state.counts)


@part
def look_back(
    firm: Rows,
    option: int,
    site: Site,
    worth: Worth,
    setting: Setting,
    moment: Moment,
    agenda: Rows,
    cost: Rows,
) -> None:
    """Write whether one firm noticed one option before 2021, and whether it took it up."""
    rules, offer = setting.behaviour, setting.options[option]
    years = min(rules.history_years, firm.age)
    seen = uniform(moment.seed, firm.firm, option, 0, codes.INITIAL_STOCK, moment.replicate)
    if seen >= 1.0 - exp(-rules.base_attention * offer.attention * years):
        return
    agenda.noticed = with_option(agenda.noticed, option)
    if offer.mandate_only:
        orders = offer.abatement and setting.mechanisms.orders > 0.0
        if orders and under_orders(firm, option, limit_coverage(setting.base_policy), moment):
            agenda.adopted = with_option(agenda.adopted, option)
        return
    case = case_of(offer, setting.fits[option, firm.sector], cost, site, worth, moment, setting.factors)
    if case.saving <= 0.0 or case.capex <= 0.0:
        return
    chance = acceptance(payback(case.capex, case.saving, 1.0), cutoff_of(firm, offer, cost), 1.0, 0.0, 0.0, rules)
    if chance < uniform(moment.seed, firm.firm, option, 0, codes.ACCEPTANCE, moment.replicate):
        return
    carried_out = uniform(moment.seed, firm.firm, option, 0, codes.INITIAL_ADOPTION, moment.replicate)
    if carried_out < rules.history_share:
        agenda.adopted = with_option(agenda.adopted, option)


def opening_cash(state: State) -> int:
    """Return all cash at the start, fen: what cash and accounts must add up to ever after."""
    return int(state.till.money.cash.sum() + state.till.accounts.sum())
