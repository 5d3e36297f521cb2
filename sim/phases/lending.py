"""Phase 9: who pays for the projects – own cash, the green window, an ordinary loan, or a contractor.

Refused projects stay on the agenda. Grants are paid, and their purse charged, only for projects that start.
"""

from agents import codes
from agents._compiled import part
from agents._rows import Rows
from agents.bank import carries_interest, creditworthy, leverage, loan_rate, service_fee
from agents.certification import credit_bonus
from agents.government import CONTRACTING, CONVERSION, GUARANTEE
from agents.green_finance import bond_limit, green_quota
from agents.mathematics import from_fixed, whole
from agents.retrofit import annuity_factor, ranking_merit, with_option
from sim.draws import uniform
from sim.phases.accounts import post, running_costs, surplus_of
from sim.phases.choosing import free_slot
from sim.phases.granting import thousandths
from sim.phases.markets import green_segment
from sim.phases.noting import note
from sim.phases.orders import order_locally
from sim.phases.programmes import order_renewables
from sim.phases.rationing import ration
from sim.setting import Moment, Setting, World
from sim.state import Account, Log, State

LARGE = 3  # the size class that issues bonds


@part
def lend(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Start the projects that find money; write loans, grants, contracts, works and orders to local makers."""
    for c in range(state.segments.size):
        state.segments[c].started = 0
    order_renewables(setting, moment, state.segments)
    ration_green_window(world, setting, moment, state)
    for i in range(world.firms.size):
        if state.standing[i].active:
            lend_one(i, world.firms[i], setting, moment, state)
    for c in range(state.segments.size):
        state.segments[c].project_orders = from_fixed(state.segments[c].started)


@part
def lend_one(i: int, firm: Rows, setting: Setting, moment: Moment, state: State) -> None:
    """Start the projects of one firm that find money: retrofit, conversion, expansion."""
    proposal, till = state.proposals[i], state.till
    account = Account(till.money[i], till.ledger[i], till.accounts)
    if proposal.option >= 0:
        finance_retrofit(i, firm, setting, moment, account, state)
    if proposal.conversion_cost > 0:
        finance_conversion(i, firm, setting, moment, account, state)
    if proposal.expansion_cost > 0:
        finance_expansion(i, firm, setting, moment, account, state)


@part
def own_funds(rules: Rows, account: Account) -> int:
    """Cash above what the firm keeps in hand, fen."""
    free = account.money.cash - whole(rules.cash_floor * running_costs(account.ledger))
    return max(free, 0)


@part
def ration_green_window(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write who gets a green loan: the window goes to the highest saving per yuan until its quarterly quota is used."""
    quota = whole(0.25 * green_quota(moment.policy) * codes.FEN)
    offered = quota > 0 and setting.mechanisms.lending > 0.0
    n_applicants, till = 0, state.till
    for i in range(world.firms.size):
        proposal, desk = state.proposals[i], state.desk[i]
        proposal.granted = False
        cost = green_cost(proposal)
        if offered and state.standing[i].active and cost > 0:
            account = Account(till.money[i], till.ledger[i], till.accounts)
            amount = cost - own_funds(setting.firm, account)
            saving, limit, firm = proposal.saving, debt_limit(state.standing[i], setting), world.firms[i]
            if amount > 0 and bankable(cost, amount, saving, False, limit, firm, setting, moment, account) > 0:
                state.order[n_applicants] = i
                desk.amount = amount
                desk.rank = ranking_merit(float(saving), float(amount))
                n_applicants += 1
    ration(n_applicants, quota, world.firms, state)


@part
def green_cost(proposal: Rows) -> int:
    """What a firm's retrofit and conversion cost after grants, fen: what the green window may lend for."""
    cost = proposal.conversion_cost - proposal.conversion_grant
    if proposal.option >= 0:
        cost += proposal.capex - proposal.grant
    return cost


@part
def debt_limit(standing: Rows, setting: Setting) -> float:
    """Debts over assets up to which banks lend to a firm without a guarantee."""
    bonus = credit_bonus(standing.certificates, standing.barred, setting.certification)
    return setting.finance.leverage_limit + bonus


@part
def bankable(
    cost: int,
    amount: int,
    saving: int,
    bonds: bool,
    limit: float,
    firm: Rows,
    setting: Setting,
    moment: Moment,
    account: Account,
) -> int:
    """1 within the firm's limit, 2 within that of a guarantee, 3 of a bond, 0 owes too much, -1 cannot carry a loan.

    `bonds` says whether the project is one that a bond can pay for.
    """
    if setting.mechanisms.lending <= 0.0:
        return -1
    finance, policy, money = setting.finance, moment.policy, account.money
    owed = float(money.debt + money.term_debt + money.green_debt + amount)
    assets = float(money.capital + max(money.cash, 0) + cost)
    surplus = 4.0 * surplus_of(account.ledger) + saving
    small = firm.size_class <= 1
    rate = loan_rate(moment.prices.loan_rate, small, leverage(owed, assets), 0.0, finance)
    if not carries_interest(owed, surplus, rate, finance.interest_cover):
        return -1
    if creditworthy(owed, assets, surplus, rate, limit, finance.interest_cover):
        return 1
    added, answer = policy.guarantee_limit if small else 0.0, 2
    if bonds and not small:
        added, answer = bond_limit(cost / codes.FEN, firm.weight, firm.size_class == LARGE, policy), 3
    limit += added
    if added > 0.0 and creditworthy(owed, assets, surplus, rate, limit, finance.interest_cover):
        return answer
    return 0


@part
def find_money(
    i: int,
    subject: int,
    cost: int,
    saving: int,
    firm: Rows,
    setting: Setting,
    moment: Moment,
    account: Account,
    state: State,
) -> int:
    """Raise `cost` fen for a project: cash, then a loan, which is booked; return the kind of money.

    Where none is found, return the answer of the bank: 0 owes too much, -1 cannot carry a loan.
    """
    amount = cost - own_funds(setting.firm, account)
    if amount <= 0:
        return codes.OWN_CASH
    till = state.till
    book, money = till.books[firm.bank], codes.GREEN_LOAN
    green = subject != codes.EXPANSION_PROJECT
    if not (state.proposals[i].granted and green):
        limit = debt_limit(state.standing[i], setting)
        answer = bankable(cost, amount, saving, green, limit, firm, setting, moment, account)
        if answer <= 0:
            return answer
        money = codes.ORDINARY_LOAN
        if answer == 2:
            money = codes.GUARANTEED_LOAN
            fee = whole(0.5 * moment.policy.guarantee_fee * setting.finance.loan_years * amount)
            till.accounts[codes.BANKS] += fee
            book.equity += fee
            support(i, subject, GUARANTEE, fee, state)
        if answer == 3:
            money = codes.BOND
    take_loan(amount, money == codes.GREEN_LOAN, book, account)
    note(i, codes.BORROWED, subject, 0, money, amount, state.log)
    return money


@part
def support(i: int, subject: int, programme: int, amount: int, state: State) -> None:
    """Book public money that helps a project without being a grant; the caller books who gets it."""
    state.till.purses[programme].spent += amount
    state.till.accounts[codes.DISTRICT] -= amount
    note(i, codes.SUPPORTED, subject, programme, 0, amount, state.log)


@part
def take_loan(amount: int, green: bool, book: Rows, account: Account) -> None:
    """Book a project loan with the firm and its bank."""
    post(codes.NEW_LOAN, amount, account)
    if green:
        account.money.green_debt += amount
        book.green_loans += amount
    else:
        account.money.term_debt += amount
        book.term_loans += amount


@part
def pay_grant(
    i: int, subject: int, programme: int, label: int, amount: int, firm: Rows, account: Account, state: State
) -> None:
    """Pay a grant to a project that starts, and count it by what the firm would have done without."""
    if amount <= 0:
        return
    purse = state.till.purses[programme]
    post(codes.GRANT, amount, account)
    purse.left -= amount
    purse.spent += amount
    purse.recipients += thousandths(firm)
    if label == codes.ALWAYS:
        purse.always += amount
    if label == codes.ACCELERATED:
        purse.accelerated += amount
    note(i, codes.GRANTED, subject, programme, label, amount, state.log)


@part
def own_twin(
    needs: bool,
    grant: int,
    cost: int,
    saving: int,
    limit: float,
    firm: Rows,
    setting: Setting,
    moment: Moment,
    account: Account,
) -> int:
    """What a firm would do in the same state, with the same draws, were its own grant nothing.

    `cost` is the price before the grant. Labels of firms are never summed into an effect: under a binding purse one
    firm's grant is another's refusal.
    """
    if grant <= 0:
        return codes.NO_LABEL
    if needs:
        return codes.INDUCED
    amount = cost - own_funds(setting.firm, account)
    if amount <= 0 or bankable(cost, amount, saving, True, limit, firm, setting, moment, account) > 0:
        return codes.ALWAYS
    return codes.ACCELERATED


@part
def finance_retrofit(i: int, firm: Rows, setting: Setting, moment: Moment, account: Account, state: State) -> None:
    """Start a firm's retrofit if money is found, or write why not."""
    proposal, agenda = state.proposals[i], state.agenda[i]
    capex, offer = proposal.capex, setting.options[proposal.option]
    option, saving, grant = proposal.option, proposal.saving, proposal.grant
    limit = debt_limit(state.standing[i], setting)
    label = own_twin(proposal.needs_grant, grant, capex, saving, limit, firm, setting, moment, account)
    if label == codes.ACCELERATED and contracted(firm, offer, setting, moment, saving, state.works[i]):
        label = codes.ALWAYS
    money = find_money(i, option, capex - grant, saving, firm, setting, moment, account, state)
    if money > 0:
        pay_grant(i, option, proposal.programme, label, grant, firm, account, state)
        post(codes.RETROFIT_CAPEX, -capex, account)
        account.money.capital += capex
        account.money.tax_credit += proposal.credit
    elif contracted(firm, offer, setting, moment, saving, state.works[i]):
        sign_contract(i, option, capex, setting.finance, moment, state)
        state.quantities[i, codes.SERVICED_CAPEX] += capex
        money = codes.CONTRACT
    if money <= 0:
        proposal.reason = codes.CASH if money < 0 else codes.CREDIT_REFUSED
        note(i, codes.UNFUNDED, option, 0, proposal.reason, capex, state.log)
        return
    note(i, codes.STARTED, option, 0, money, capex, state.log)
    start_retrofit(option, offer, agenda, state.projects[i])
    order_locally(capex, setting, state.segments[offer.segment])


@part
def start_retrofit(option: int, offer: Rows, agenda: Rows, projects: Rows) -> None:
    """Write the project under construction."""
    project = projects[free_slot(projects)]
    project.option = option
    project.quarters_left = max(1, int(offer.build_quarters))
    agenda.building = with_option(agenda.building, option)


@part
def contracted(firm: Rows, offer: Rows, setting: Setting, moment: Moment, saving: int, works: Rows) -> bool:
    """Whether a contractor takes the project: one contract at a time, only with firms that sign such contracts."""
    if setting.mechanisms.contracting <= 0.0 or not offer.esco or works.service_left > 0:
        return False
    draw = uniform(moment.seed, firm.firm, 0, 0, codes.CREDIT, moment.replicate)
    return draw < setting.behaviour.contracting_share and saving > 0


@part
def sign_contract(i: int, option: int, capex: int, finance: Rows, moment: Moment, state: State) -> None:
    """Write the service fee; the district pays the contractor for the lower return it asks."""
    annuity = annuity_factor(finance.contract_rate, finance.contract_years)
    full = service_fee(float(capex), annuity)
    rate = finance.contract_rate - moment.policy.contracting_rate_cut
    fee = service_fee(float(capex), annuity_factor(rate, finance.contract_years))
    paid = whole((full - fee) * annuity)
    state.till.money[i].service_fee = whole(0.25 * fee)
    state.works[i].service_left = int(4.0 * finance.contract_years)
    state.till.accounts[codes.OUTSIDE] += paid
    support(i, option, CONTRACTING, paid, state)


@part
def note_funding(i: int, subject: int, money: int, cost: int, log: Log) -> None:
    """Note that a conversion or an expansion starts, or why it finds no money."""
    if money > 0:
        note(i, codes.STARTED, subject, 0, money, cost, log)
    else:
        note(i, codes.UNFUNDED, subject, 0, codes.CASH if money < 0 else codes.CREDIT_REFUSED, cost, log)


@part
def finance_conversion(i: int, firm: Rows, setting: Setting, moment: Moment, account: Account, state: State) -> None:
    """Start turning capacity green if money is found; an unfunded plan lapses and may come again."""
    proposal, works, subject = state.proposals[i], state.works[i], codes.CONVERSION_PROJECT
    cost, grant = proposal.conversion_cost, proposal.conversion_grant
    limit = debt_limit(state.standing[i], setting)
    label = own_twin(proposal.conversion_needs_grant, grant, cost, 0, limit, firm, setting, moment, account)
    money = find_money(i, subject, cost - grant, 0, firm, setting, moment, account, state)
    note_funding(i, subject, money, cost, state.log)
    if money > 0:
        pay_grant(i, subject, CONVERSION, label, grant, firm, account, state)
        post(codes.CONVERSION_CAPEX, -cost, account)
        account.money.capital += cost
        works.conversion_left = max(1, int(setting.markets[green_segment(firm.product)].conversion_quarters))
        order_locally(cost, setting, state.segments[setting.machinery])
    proposal.conversion_cost, proposal.conversion_grant = 0, 0


@part
def finance_expansion(i: int, firm: Rows, setting: Setting, moment: Moment, account: Account, state: State) -> None:
    """Start new capacity if money is found."""
    proposal, works, subject = state.proposals[i], state.works[i], codes.EXPANSION_PROJECT
    cost = proposal.expansion_cost
    money = find_money(i, subject, cost, 0, firm, setting, moment, account, state)
    note_funding(i, subject, money, cost, state.log)
    if money > 0:
        post(codes.EXPANSION_CAPEX, -cost, account)
        account.money.capital += cost
        works.expansion_left = max(1, int(setting.firm.expansion_quarters))
        order_locally(cost, setting, state.segments[setting.machinery])
    proposal.expansion_cost = 0
