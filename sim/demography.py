"""Phase 14: firms leave when their debts exceed what they own or for other causes, and new ones arrive."""

from agents import codes
from agents._compiled import kernel
from agents.firm import quarterly_hazard
from agents.mathematics import whole
from sim.accounts import post
from sim.building import newcomer_appeal
from sim.draws import uniform
from sim.markets import green_segment


@kernel
def enter_and_exit(world, setting, moment, state):
    """Write which rows are active; a leaving firm's debts are written off once, an arrival brings its own money."""
    state.books.write_offs[:] = 0
    for i in range(world.firms.firm.size):
        state.works.event[i] = 0
        if state.trade.active[i]:
            if leaves(i, world.firms, setting, moment, state):
                close_firm(i, world.firms.bank[i], state)
        elif world.firms.entrant[i] and setting.mechanisms.entry > 0.0:
            advance_arrival(i, world, setting, moment, state)


@kernel
def leaves(i, firms, setting, moment, state):
    """Whether a firm closes at the end of the quarter; anchors stay."""
    if setting.mechanisms.closure <= 0.0 or firms.anchor[i] > 0:
        return False
    money, rules = state.money, setting.firm
    owed = money.debt[i] + money.term_debt[i] + money.green_debt[i]
    if owed > rules.exit_leverage * (money.capital[i] + max(money.cash[i], 0)):
        return True
    yearly = rules.closure_rate_above if firms.above_scale[i] else rules.closure_rate
    draw = uniform(moment.seed, firms.firm[i], 0, moment.quarter, codes.FAILURE, moment.replicate)
    return draw < quarterly_hazard(yearly)


@kernel
def close_firm(i, bank, state):
    """Pay the bank from what cash there is, write off the rest, and pass on what is left to the owners."""
    money, books = state.money, state.books
    owed = money.debt[i] + money.term_debt[i] + money.green_debt[i]
    paid = min(max(money.cash[i], 0), owed)
    post(i, codes.LIQUIDATION, -paid, state)
    post(i, codes.DIVIDENDS, -money.cash[i], state)
    books.loans[bank] -= money.debt[i]
    books.term_loans[bank] -= money.term_debt[i]
    books.green_loans[bank] -= money.green_debt[i]
    books.equity[bank] -= owed - paid
    books.write_offs[bank] += owed - paid
    clear_firm(i, state)
    state.works.event[i] = -1


@kernel
def clear_firm(i, state):
    """Set everything a closed firm owned, owed or planned to nothing."""
    money, works, agenda = state.money, state.works, state.agenda
    money.debt[i], money.term_debt[i], money.green_debt[i], money.capital[i] = 0, 0, 0, 0
    money.tax_credit[i], money.service_fee[i], money.service_left[i] = 0, 0, 0
    works.expansion_left[i], works.conversion_left[i] = 0, 0
    state.proposals.expansion_cost[i], state.proposals.conversion_cost[i] = 0, 0
    state.proposals.option[i] = -1
    agenda.building[i] = 0
    agenda.option[i, :] = -1
    state.trade.active[i] = False
    state.trade.brown_capacity[i], state.trade.green_capacity[i] = 0.0, 0.0


@kernel
def advance_arrival(i, world, setting, moment, state):
    """Decide for the district, build, and open: one spare row is one possible arrival, whoever left."""
    works, firms, policy = state.works, world.firms, moment.policy
    if works.arrival_left[i] > 0:
        works.arrival_left[i] -= 1
        if works.arrival_left[i] == 0:
            open_firm(i, firms, setting, state)
    elif works.arrival_left[i] < 0:
        yearly = setting.firm.entry_rate * world.spare_ratio[firms.sector[i]]
        yearly *= policy.investment_attraction_multiplier
        if firms.base_green_share[i] > 0.0:
            yearly *= policy.investment_attraction_green_multiplier
        draw = uniform(moment.seed, firms.firm[i], 0, moment.quarter, codes.ENTRY, moment.replicate)
        if draw < quarterly_hazard(min(yearly, 1.0)):
            works.arrival_left[i] = max(1, int(setting.firm.arrival_quarters))


@kernel
def open_firm(i, firms, setting, state):
    """Write the opening capacity and balance sheet: equity from outside, a loan from the bank for part of the plant."""
    trade, money = state.trade, state.money
    state.works.event[i] = 1
    trade.active[i] = True
    trade.green_capacity[i] = firms.base_green_share[i] * firms.base_capacity[i]
    trade.brown_capacity[i] = firms.base_capacity[i] - trade.green_capacity[i]
    trade.brown_appeal[i] = newcomer_appeal(firms.sector[i], setting, state)
    trade.brown_expected[i] = setting.firm.target_utilisation * trade.brown_capacity[i]
    trade.green_expected[i] = setting.firm.target_utilisation * trade.green_capacity[i]
    if firms.product[i] >= 0:
        trade.green_appeal[i] = newcomer_appeal(green_segment(firms.product[i]), setting, state)
    cost = firms.capital[i]
    loan = min(firms.debt[i], cost)
    post(i, codes.NEW_EQUITY, firms.cash[i] + cost - loan, state)
    post(i, codes.NEW_LOAN, loan, state)
    post(i, codes.EXPANSION_CAPEX, -cost, state)
    money.debt[i] = loan
    state.books.loans[firms.bank[i]] += loan
    money.capital[i] = cost
