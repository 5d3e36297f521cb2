"""Phase 14: firms leave when their debts exceed what they own or for other causes, and new ones arrive."""

from agents import codes
from agents._compiled import part
from agents._rows import Rows
from agents.firm import Floats, quarterly_hazard
from agents.mandates import allowed_arrivals
from agents.programmes import incubated_arrivals, incubated_closure
from sim.draws import uniform
from sim.phases.accounts import post
from sim.phases.building import adopt_line, newcomer_appeal
from sim.phases.delisting import lapse
from sim.phases.markets import green_segment
from sim.phases.noting import note
from sim.setting import Moment, Setting, World
from sim.state import Account, State

SMALL = 1  # largest size class that an incubator takes in


@part
def enter_and_exit(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write which rows are active; a leaving firm's debts are written off once, an arrival brings its own money."""
    for bank in range(state.till.books.size):
        state.till.books[bank].write_offs = 0
    hazard = quarterly_hazard(setting.firm.closure_rate)
    hazard_above = quarterly_hazard(setting.firm.closure_rate_above)
    draw_fates(world.firms, moment, state.standing, state.column)
    for i in range(world.firms.size):
        firm, works, draw = world.firms[i], state.works[i], state.column[i]
        works.event = 0
        if state.standing[i].active:
            chance = hazard_above if firm.above_scale else hazard
            green = state.trade[i].green_capacity > 0.0
            chance = incubated_closure(chance, firm.entrant, firm.size_class <= SMALL, green, moment.policy)
            if leaves(firm, chance, draw, setting, state.till.money[i]):
                close_firm(i, firm, setting, state)
                lapse(i, firm, state)
        elif firm.entrant and arrives(firm, draw, world.sectors, setting, moment, works):
            open_firm(i, firm, setting, state)
    state.column[:] = 0.0


@part
def draw_fates(firms: Rows, moment: Moment, standings: Rows, draws: Floats) -> None:
    """Write what each row draws, whether it may leave or arrive; the loop vectorises."""
    for i in range(firms.size):
        decision = codes.FAILURE if standings[i].active else codes.ENTRY
        draws[i] = uniform(moment.seed, firms[i].firm, 0, moment.quarter, decision, moment.replicate)


@part
def leaves(firm: Rows, chance: float, draw: float, setting: Setting, money: Rows) -> bool:
    """Whether a firm closes at the end of the quarter; anchors stay. `chance` is that of other causes than debt."""
    if setting.mechanisms.closure <= 0.0 or firm.anchor > 0:
        return False
    return overindebted(setting.firm.exit_leverage, money) or draw < chance


@part
def overindebted(exit_leverage: float, money: Rows) -> bool:
    """Whether a firm owes more than creditors bear."""
    owed = money.debt + money.term_debt + money.green_debt
    return owed > exit_leverage * (money.capital + max(money.cash, 0))


@part
def close_firm(i: int, firm: Rows, setting: Setting, state: State) -> None:
    """Pay the bank from what cash there is, write off the rest, and pass on what is left to the owners."""
    money, book = state.till.money[i], state.till.books[firm.bank]
    insolvent = overindebted(setting.firm.exit_leverage, money)
    account = Account(money, state.till.ledger[i], state.till.accounts)
    owed = money.debt + money.term_debt + money.green_debt
    paid = min(max(money.cash, 0), owed)
    post(codes.LIQUIDATION, -paid, account)
    post(codes.DIVIDENDS, -money.cash, account)
    book.loans -= money.debt
    book.term_loans -= money.term_debt
    book.green_loans -= money.green_debt
    book.equity -= owed - paid
    book.write_offs += owed - paid
    note(i, codes.LEFT, codes.NO_PROJECT, 0, 1 if insolvent else 0, owed - paid, state.log)
    clear_balance(money)
    state.standing[i].active = False
    clear_plans(state.trade[i], state.works[i], state.agenda[i], state.proposals[i], state.projects[i])


@part
def clear_balance(money: Rows) -> None:
    """Set everything a closed firm owned or owed to nothing."""
    money.debt = 0
    money.term_debt = 0
    money.green_debt = 0
    money.capital = 0
    money.tax_credit = 0
    money.service_fee = 0


@part
def clear_plans(trade: Rows, works: Rows, agenda: Rows, proposal: Rows, projects: Rows) -> None:
    """Let go of everything a closed firm planned."""
    trade.brown_capacity = 0.0
    trade.green_capacity = 0.0
    works.event = -1
    works.expansion_left = 0
    works.conversion_left = 0
    works.service_left = 0
    agenda.building = 0
    proposal.option = -1
    proposal.penalty = 0
    proposal.expansion_cost = 0
    proposal.conversion_cost, proposal.conversion_grant = 0, 0
    for slot in range(projects.size):
        projects[slot].option = -1


@part
def arrives(firm: Rows, draw: float, sectors: Rows, setting: Setting, moment: Moment, works: Rows) -> bool:
    """Decide for the district and build, and tell when it opens: one spare row is one possible arrival."""
    if setting.mechanisms.entry <= 0.0:
        return False
    if works.arrival_left > 0:
        works.arrival_left -= 1
        return works.arrival_left == 0
    if works.arrival_left < 0 and draw < arrival_chance(firm, sectors, setting, moment.policy):
        works.arrival_left = max(1, int(setting.firm.arrival_quarters))
    return False


@part
def arrival_chance(firm: Rows, sectors: Rows, setting: Setting, policy: Rows) -> float:
    """Chance that a possible arrival decides for the district this quarter."""
    sector, green = sectors[firm.sector], firm.base_green_share > 0.0
    yearly = setting.firm.entry_rate * sector.spare_ratio * policy.investment_attraction_multiplier
    if green:
        yearly *= policy.investment_attraction_green_multiplier
    yearly = incubated_arrivals(yearly, firm.size_class <= SMALL, green, policy)
    if setting.mechanisms.orders > 0.0:
        yearly = allowed_arrivals(yearly, sector.intensive, green, policy)
    return quarterly_hazard(min(yearly, 1.0))


@part
def open_firm(i: int, firm: Rows, setting: Setting, state: State) -> None:
    """Write the opening capacity and balance sheet: equity from outside, a loan from the bank for part of the plant."""
    trade = state.trade[i]
    state.works[i].event = 1
    state.standing[i].active = True
    trade.green_capacity = firm.base_green_share * firm.base_capacity
    trade.brown_capacity = firm.base_capacity - trade.green_capacity
    trade.brown_appeal = newcomer_appeal(state.segments[firm.sector], setting.market)
    trade.brown_expected = setting.firm.target_utilisation * trade.brown_capacity
    trade.green_expected = setting.firm.target_utilisation * trade.green_capacity
    if firm.product >= 0:
        trade.green_appeal = newcomer_appeal(state.segments[green_segment(firm.product)], setting.market)
    cost, till = firm.capital, state.till
    loan = min(firm.debt, cost)
    account = Account(till.money[i], till.ledger[i], till.accounts)
    post(codes.NEW_EQUITY, firm.cash + cost - loan, account)
    post(codes.NEW_LOAN, loan, account)
    post(codes.EXPANSION_CAPEX, -cost, account)
    account.money.debt = loan
    account.money.capital = cost
    till.books[firm.bank].loans += loan
    adopt_line(firm, setting.markets, trade, state.agenda[i])
    note(i, codes.ARRIVED, codes.NO_PROJECT, 0, 0, cost, state.log)
