"""Phase 9: who pays for the projects – own cash, the green window, an ordinary loan, or a contractor.

Refused projects stay on the agenda. Grants are paid, and their purse charged, only for projects that start.
"""

from agents import codes
from agents._compiled import part
from agents._rows import Rows
from agents.bank import creditworthy, leverage, loan_rate, service_fee
from agents.government import CONTRACTING, CONVERSION, GUARANTEE
from agents.mathematics import fixed, from_fixed, whole
from agents.retrofit import annuity_factor, ranking_merit, with_option
from sim.accounts import post
from sim.choosing import free_slot
from sim.draws import uniform
from sim.markets import green_segment
from sim.rationing import ration
from sim.setting import Moment, Setting, World
from sim.state import State, Till


@part
def lend(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Start the projects that find money; write loans, grants, contracts, works and orders to local makers."""
    for c in range(state.segments.size):
        state.segments[c].started = 0
    ration_green_window(world, setting, moment, state)
    for i in range(world.firms.size):
        if state.trade[i].active:
            if state.proposals[i].option >= 0:
                finance_retrofit(i, world, setting, moment, state)
            if state.proposals[i].conversion_cost > 0:
                finance_conversion(i, world, setting, moment, state)
            if state.proposals[i].expansion_cost > 0:
                finance_expansion(i, world, setting, moment, state)
    for c in range(state.segments.size):
        state.segments[c].project_orders = from_fixed(state.segments[c].started)


@part
def own_funds(i: int, rules: Rows, till: Till) -> int:
    """Cash above what the firm keeps in hand, fen."""
    costs = -(till.ledger[i, codes.MATERIALS_LOCAL : codes.INTEREST].sum())
    free = till.money[i].cash - whole(rules.cash_floor * max(costs, 0))
    return max(free, 0)


@part
def ration_green_window(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write who gets a green loan: the window goes to the highest saving per yuan until its quarterly quota is used."""
    quota = whole(0.25 * moment.policy.green_credit_quota * codes.FEN)
    n_applicants = 0
    for i in range(world.firms.size):
        state.desk[i].granted = False
        if quota > 0 and state.trade[i].active and setting.mechanisms.lending > 0.0:
            cost = green_cost(i, state.proposals)
            amount = cost - own_funds(i, setting.firm, state.till)
            if (
                cost > 0
                and amount > 0
                and bankable(i, cost, amount, world.firms, setting, moment, state.proposals[i].saving, state.till.money)
                > 0
            ):
                state.order[n_applicants] = i
                state.desk[i].amount = amount
                state.desk[i].rank = ranking_merit(float(state.proposals[i].saving), float(amount))
                n_applicants += 1
    ration(n_applicants, quota, world.firms, state.order, state.desk)


@part
def green_cost(i: int, proposals: Rows) -> int:
    """What a firm's retrofit and conversion cost after grants, fen: what the green window may lend for."""
    cost = proposals[i].conversion_cost - proposals[i].conversion_grant
    if proposals[i].option >= 0:
        cost += proposals[i].capex - proposals[i].grant
    return cost


@part
def bankable(
    i: int, cost: int, amount: int, firms: Rows, setting: Setting, moment: Moment, saving: int, money: Rows
) -> int:
    """0 refused, 1 within the usual limit, 2 within the limit of a guarantee."""
    if setting.mechanisms.lending <= 0.0:
        return 0
    finance = setting.finance
    owed = float(money[i].debt + money[i].term_debt + money[i].green_debt + amount)
    assets = float(money[i].capital + max(money[i].cash, 0) + cost)
    surplus = 4.0 * money[i].surplus + saving
    small = firms[i].size_class <= 1
    rate = loan_rate(moment.prices.loan_rate, small, leverage(owed, assets), 0.0, finance)
    if creditworthy(owed, assets, surplus, rate, finance.leverage_limit, finance.interest_cover):
        return 1
    limit = finance.leverage_limit + moment.policy.guarantee_limit
    guaranteed = small and moment.policy.guarantee_limit > 0.0
    return 2 if guaranteed and creditworthy(owed, assets, surplus, rate, limit, finance.interest_cover) else 0


@part
def find_money(
    i: int, cost: int, green: bool, firms: Rows, setting: Setting, moment: Moment, saving: int, till: Till
) -> bool:
    """Raise `cost` fen for a project: cash, then a loan; return whether it was found and book the loan."""
    amount = cost - own_funds(i, setting.firm, till)
    if amount <= 0:
        return True
    if green:
        take_loan(i, amount, True, firms[i].bank, till)
        return True
    answer = bankable(i, cost, amount, firms, setting, moment, saving, till.money)
    if answer == 0:
        return False
    if answer == 2:
        fee = whole(0.5 * moment.policy.guarantee_fee * setting.finance.loan_years * amount)
        till.purses[GUARANTEE].spent += fee
        till.accounts[codes.DISTRICT] -= fee
        till.accounts[codes.BANKS] += fee
        till.books[firms[i].bank].equity += fee
    take_loan(i, amount, False, firms[i].bank, till)
    return True


@part
def take_loan(i: int, amount: int, green: bool, bank: int, till: Till) -> None:
    """Book a project loan with the firm and its bank."""
    post(i, codes.NEW_LOAN, amount, till)
    if green:
        till.money[i].green_debt += amount
        till.books[bank].green_loans += amount
    else:
        till.money[i].term_debt += amount
        till.books[bank].term_loans += amount


@part
def pay_grant(i: int, programme: int, amount: int, till: Till) -> None:
    """Pay a grant to a project that starts."""
    if amount > 0:
        post(i, codes.GRANT, amount, till)
        till.purses[programme].left -= amount
        till.purses[programme].spent += amount


@part
def finance_retrofit(i: int, world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Start a firm's retrofit if money is found, or write why not."""
    proposals = state.proposals
    option = proposals[i].option
    capex, grant = proposals[i].capex, proposals[i].grant
    if find_money(
        i, capex - grant, state.desk[i].granted, world.firms, setting, moment, state.proposals[i].saving, state.till
    ):
        pay_grant(i, proposals[i].programme, grant, state.till)
        post(i, codes.RETROFIT_CAPEX, -capex, state.till)
        state.till.money[i].capital += capex
        state.till.money[i].tax_credit += proposals[i].credit
        start_retrofit(i, option, capex, setting, state.agenda, state.projects, state.segments)
    elif contracted(i, option, world.firms, setting, moment, proposals[i].saving, state.till.money):
        sign_contract(i, capex, setting.finance, moment, state.till)
        state.quantities[i, codes.SERVICED_CAPEX] += capex
        start_retrofit(i, option, capex, setting, state.agenda, state.projects, state.segments)
    else:
        short = own_funds(i, setting.firm, state.till) < capex - grant and setting.mechanisms.lending <= 0.0
        state.agenda[i].reason = codes.CASH if short else codes.CREDIT_REFUSED


@part
def start_retrofit(
    i: int, option: int, capex: int, setting: Setting, agenda: Rows, projects: Rows, segments: Rows
) -> None:
    """Write the project under construction and what local makers get to do for it next quarter."""
    slot = free_slot(i, projects)
    projects[i, slot].option = option
    projects[i, slot].quarters_left = max(1, int(setting.options[option].build_quarters))
    agenda[i].building = with_option(agenda[i].building, option)
    order_locally(setting.options[option].segment, capex, setting, segments)


@part
def order_locally(segment: int, capex: int, setting: Setting, segments: Rows) -> None:
    """Add a project's spending to the orders of local makers, 2020 prices; the rest is made outside."""
    if setting.mechanisms.local_demand > 0.0:
        spending = setting.market.local_project_share * (capex / codes.FEN) / segments[segment].price
        segments[segment].started += fixed(spending)


@part
def contracted(i: int, option: int, firms: Rows, setting: Setting, moment: Moment, saving: int, money: Rows) -> bool:
    """Whether a contractor takes the project: one contract at a time, only with firms that sign such contracts."""
    if setting.mechanisms.contracting <= 0.0 or not setting.options[option].esco or money[i].service_left > 0:
        return False
    draw = uniform(moment.seed, firms[i].firm, 0, 0, codes.CREDIT, moment.replicate)
    return draw < setting.behaviour.contracting_share and saving > 0


@part
def sign_contract(i: int, capex: int, finance: Rows, moment: Moment, till: Till) -> None:
    """Write the service fee; the district pays the contractor for the lower return it asks."""
    full = service_fee(float(capex), annuity_factor(finance.contract_rate, finance.contract_years))
    rate = finance.contract_rate - moment.policy.contracting_rate_cut
    fee = service_fee(float(capex), annuity_factor(rate, finance.contract_years))
    support = whole((full - fee) * annuity_factor(finance.contract_rate, finance.contract_years))
    till.money[i].service_fee = whole(0.25 * fee)
    till.money[i].service_left = int(4.0 * finance.contract_years)
    till.purses[CONTRACTING].spent += support
    till.accounts[codes.DISTRICT] -= support
    till.accounts[codes.OUTSIDE] += support


@part
def finance_conversion(i: int, world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Start turning capacity green if money is found; an unfunded plan lapses and may come again."""
    proposals, works = state.proposals, state.works
    cost, grant = proposals[i].conversion_cost, proposals[i].conversion_grant
    if find_money(i, cost - grant, state.desk[i].granted, world.firms, setting, moment, 0, state.till):
        pay_grant(i, CONVERSION, grant, state.till)
        post(i, codes.CONVERSION_CAPEX, -cost, state.till)
        state.till.money[i].capital += cost
        segment = green_segment(world.firms[i].product)
        works[i].conversion = proposals[i].conversion
        works[i].conversion_left = max(1, int(setting.markets[segment].conversion_quarters))
        order_locally(setting.machinery, cost, setting, state.segments)
    proposals[i].conversion_cost = 0


@part
def finance_expansion(i: int, world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Start new capacity if money is found."""
    proposals, works, cost = state.proposals, state.works, state.proposals[i].expansion_cost
    if find_money(i, cost, False, world.firms, setting, moment, 0, state.till):
        post(i, codes.EXPANSION_CAPEX, -cost, state.till)
        state.till.money[i].capital += cost
        works[i].brown_expansion = proposals[i].brown_expansion
        works[i].green_expansion = proposals[i].green_expansion
        works[i].expansion_left = max(1, int(setting.firm.expansion_quarters))
        order_locally(setting.machinery, cost, setting, state.segments)
    proposals[i].expansion_cost = 0
