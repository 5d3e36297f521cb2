"""Phase 14: firms leave when their debts exceed what they own or for other causes, and new ones arrive."""

from agents import codes
from agents._compiled import part
from agents._rows import Rows
from agents.firm import quarterly_hazard
from sim.accounts import post
from sim.building import newcomer_appeal
from sim.draws import uniform
from sim.markets import green_segment
from sim.setting import Moment, Setting, World
from sim.state import State


@part
def enter_and_exit(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write which rows are active; a leaving firm's debts are written off once, an arrival brings its own money."""
    for bank in range(state.till.books.size):
        state.till.books[bank].write_offs = 0
    for i in range(world.firms.size):
        state.works[i].event = 0
        if state.trade[i].active:
            if leaves(i, world.firms, setting, moment, state.till.money):
                close_firm(i, world.firms[i].bank, state)
        elif world.firms[i].entrant and setting.mechanisms.entry > 0.0:
            advance_arrival(i, world, setting, moment, state)


@part
def leaves(i: int, firms: Rows, setting: Setting, moment: Moment, money: Rows) -> bool:
    """Whether a firm closes at the end of the quarter; anchors stay."""
    if setting.mechanisms.closure <= 0.0 or firms[i].anchor > 0:
        return False
    rules = setting.firm
    owed = money[i].debt + money[i].term_debt + money[i].green_debt
    if owed > rules.exit_leverage * (money[i].capital + max(money[i].cash, 0)):
        return True
    yearly = rules.closure_rate_above if firms[i].above_scale else rules.closure_rate
    draw = uniform(moment.seed, firms[i].firm, 0, moment.quarter, codes.FAILURE, moment.replicate)
    return draw < quarterly_hazard(yearly)


@part
def close_firm(i: int, bank: int, state: State) -> None:
    """Pay the bank from what cash there is, write off the rest, and pass on what is left to the owners."""
    money, books = state.till.money, state.till.books
    owed = money[i].debt + money[i].term_debt + money[i].green_debt
    paid = min(max(money[i].cash, 0), owed)
    post(i, codes.LIQUIDATION, -paid, state.till)
    post(i, codes.DIVIDENDS, -money[i].cash, state.till)
    books[bank].loans -= money[i].debt
    books[bank].term_loans -= money[i].term_debt
    books[bank].green_loans -= money[i].green_debt
    books[bank].equity -= owed - paid
    books[bank].write_offs += owed - paid
    clear_firm(i, state)
    state.works[i].event = -1


@part
def clear_firm(i: int, state: State) -> None:
    """Set everything a closed firm owned, owed or planned to nothing."""
    money, works, agenda = state.till.money, state.works, state.agenda
    money[i].debt, money[i].term_debt, money[i].green_debt, money[i].capital = 0, 0, 0, 0
    money[i].tax_credit, money[i].service_fee, money[i].service_left = 0, 0, 0
    works[i].expansion_left, works[i].conversion_left = 0, 0
    state.proposals[i].expansion_cost, state.proposals[i].conversion_cost = 0, 0
    state.proposals[i].option = -1
    state.proposals[i].penalty = 0
    agenda[i].building = 0
    for slot in range(state.projects.shape[1]):
        state.projects[i, slot].option = -1
    state.trade[i].active = False
    state.trade[i].brown_capacity, state.trade[i].green_capacity = 0.0, 0.0


@part
def advance_arrival(i: int, world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Decide for the district, build, and open: one spare row is one possible arrival, whoever left."""
    works, firms, policy = state.works, world.firms, moment.policy
    if works[i].arrival_left > 0:
        works[i].arrival_left -= 1
        if works[i].arrival_left == 0:
            open_firm(i, firms, setting, state)
    elif works[i].arrival_left < 0:
        chance = arrival_chance(firms[i], world.sectors, setting.firm, policy)
        draw = uniform(moment.seed, firms[i].firm, 0, moment.quarter, codes.ENTRY, moment.replicate)
        if draw < chance:
            works[i].arrival_left = max(1, int(setting.firm.arrival_quarters))


@part
def arrival_chance(firm: Rows, sectors: Rows, rules: Rows, policy: Rows) -> float:
    """Chance that a possible arrival decides for the district this quarter."""
    yearly = rules.entry_rate * sectors[firm.sector].spare_ratio * policy.investment_attraction_multiplier
    if firm.base_green_share > 0.0:
        yearly *= policy.investment_attraction_green_multiplier
    return quarterly_hazard(min(yearly, 1.0))


@part
def open_firm(i: int, firms: Rows, setting: Setting, state: State) -> None:
    """Write the opening capacity and balance sheet: equity from outside, a loan from the bank for part of the plant."""
    trade, money = state.trade, state.till.money
    state.works[i].event = 1
    trade[i].active = True
    trade[i].green_capacity = firms[i].base_green_share * firms[i].base_capacity
    trade[i].brown_capacity = firms[i].base_capacity - trade[i].green_capacity
    trade[i].brown_appeal = newcomer_appeal(state.segments[firms[i].sector], setting.market)
    trade[i].brown_expected = setting.firm.target_utilisation * trade[i].brown_capacity
    trade[i].green_expected = setting.firm.target_utilisation * trade[i].green_capacity
    if firms[i].product >= 0:
        trade[i].green_appeal = newcomer_appeal(state.segments[green_segment(firms[i].product)], setting.market)
    cost = firms[i].capital
    loan = min(firms[i].debt, cost)
    post(i, codes.NEW_EQUITY, firms[i].cash + cost - loan, state.till)
    post(i, codes.NEW_LOAN, loan, state.till)
    post(i, codes.EXPANSION_CAPEX, -cost, state.till)
    money[i].debt = loan
    state.till.books[firms[i].bank].loans += loan
    money[i].capital = cost
