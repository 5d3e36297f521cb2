"""Phase 5: the books of the quarter. Every amount is rounded once and posted to both sides."""

from typing import NamedTuple

import numpy as np

from agents import codes
from agents._compiled import part
from agents._rows import Rows
from agents.bank import repayment
from agents.certification import price_factor
from agents.charges import tax_relief
from agents.energy import carrier_prices, energy_bill
from agents.firm import Floats, Whole, maintained, profit_tax
from agents.government import INTEREST, pollution_tax
from agents.green_finance import green_discount, interest_support, refinancing
from agents.mathematics import whole
from agents.network import LINKS, Links, link_share
from agents.programmes import farm_materials, sink_income
from sim.phases.charging import carbon_bill, power_surcharge, rights_bill
from sim.phases.link_places import next_place
from sim.phases.markets import green_segment
from sim.phases.production import delivered_share, energy_use
from sim.setting import Moment, Setting, World
from sim.state import Account, State, Till

COUNTERPARTS = np.array(codes.COUNTERPARTS)


@part
def post(term: int, amount: int, account: Account) -> None:
    """Move fen between a firm and the account on the other side of a ledger term; `amount` is signed for the firm."""
    account.ledger[term] += amount
    account.money.cash += amount
    account.accounts[COUNTERPARTS[term]] -= amount


@part
def booked(first: int, last: int, ledger: Whole) -> int:
    """Sum of a firm's ledger terms from `first` up to but without `last`, fen."""
    amount = 0
    for term in range(first, last):
        amount += ledger[term]
    return amount


@part
def running_costs(ledger: Whole) -> int:
    """What a firm spent this quarter to make what it made, fen; not below zero."""
    return max(-booked(codes.MATERIALS_LOCAL, codes.INTEREST, ledger), 0)


@part
def surplus_of(ledger: Whole) -> int:
    """Surplus of a firm's quarter before interest, tax and depreciation, fen; by-products count, set-ups do not."""
    traded = ledger[codes.BY_PRODUCT_TRADE] + ledger[codes.BY_PRODUCT_BALANCE]
    return booked(0, codes.INTEREST, ledger) + ledger[codes.PENALTY] + traded


@part
def settle_accounts(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write the ledger, cash and debts of every firm; reads output and what was delivered."""
    write_material_prices(world.input_mix, state.segments, state.tally)
    price_sales(world.firms, setting.certification, state)
    state.counts.links[LINKS] = deliver_locally(world.links, state)
    for i in range(world.firms.size):
        if state.standing[i].active:
            settle_firm(i, world.firms[i], world.sectors, setting, moment, state)
    refinance_banks(setting.finance.refinance_rate, moment.policy, state.till)


@part
def settle_firm(i: int, firm: Rows, sectors: Rows, setting: Setting, moment: Moment, state: State) -> None:
    """Write the books of one firm."""
    trade, plant, agenda, desk, till = state.trade[i], state.plant[i], state.agenda[i], state.desk[i], state.till
    account = Account(till.money[i], till.ledger[i], till.accounts)
    materials = materials_used(firm, trade, state.works[i], setting.markets) * state.tally[firm.sector].material_price
    if sectors[firm.sector].farm and setting.mechanisms.ecology > 0.0:
        materials = farm_materials(materials, moment.policy)
    settle_trade(desk.amount, state.order[i], whole(materials * codes.FEN), account)
    settle_running_costs(firm, sectors[firm.sector], trade.output, desk.amount, plant, setting, moment, account)
    post(codes.PENALTY, -state.proposals[i].penalty, account)
    post(codes.OPERATING_COST, -agenda.operating_cost, account)
    post(codes.BENEFIT, agenda.benefit, account)
    green_share = state.quantities[i, codes.GREEN_SALES] / desk.amount if desk.amount > 0 else 0.0
    relief = tax_relief(green_share, state.standing[i].certificates != 0, moment.policy)
    book, works = till.books[firm.bank], state.works[i]
    till.purses[0].foregone += settle_result(firm, relief, trade, works, setting, moment, book, account)


@part
def write_material_prices(input_mix: Floats, segments: Rows, tally: Rows) -> None:
    """Write what each sector pays for its inputs: the mean price of the sectors it buys from."""
    for buyer in range(input_mix.shape[1]):
        price = 0.0
        for supplier in range(input_mix.shape[0]):
            price += input_mix[supplier, buyer] * segments[supplier].price
        tally[buyer].material_price = price


@part
def price_sales(firms: Rows, rules: Rows, state: State) -> None:
    """Write the value of sales, fen at current prices, and prepare the desks for local trade."""
    segments, quantities = state.segments, state.quantities
    for i in range(firms.size):
        firm, trade, desk = firms[i], state.trade[i], state.desk[i]
        premium = price_factor(state.standing[i].certificates, rules)
        state.column[i] = trade.previous_output
        state.order[i] = 0
        brown = trade.output - trade.green_output
        desk.amount = whole(brown * segments[firm.sector].price * premium * codes.FEN)
        if firm.product >= 0:
            price = segments[green_segment(firm.product)].price * premium
            sales = whole(trade.green_output * price * codes.FEN)
            desk.amount += sales
            quantities[i, codes.GREEN_SALES] = sales
            quantities[i, codes.GREEN_PROJECT_SALES] = whole(trade.project_output * price * codes.FEN)


@part
def deliver_locally(links: Links, state: State) -> int:
    """Post what local firms sell each other, fen: ordered a quarter ago, delivered now; buyers' side follows later.

    What buyers ordered for stands in `column`, what they get is added up in `order`: two short columns that stay near
    the processor. Returns how many links something was ordered on from a firm that made something.
    """
    n_links, supply, till = 0, state.supply, state.till
    place = next_place(0, supply.in_use)
    for i in range(state.trade.size):
        trade, sales = state.trade[i], state.desk[i].amount
        sells, sold, green_sold = trade.output > 0.0, 0, 0
        price = sales / trade.output if sells else 0.0
        green_part = state.quantities[i, codes.GREEN_SALES] / sales if sales > 0 else 0.0
        terms = Terms(delivered_share(trade) if sells else 0.0, price, green_part)
        if sells:
            for link in range(links.supplier_start[i], links.supplier_start[i + 1]):
                if supply.kept[link] != 0:
                    ordered = links.purchase_share[link] * link_share(int(supply.kept[link]))
                    amount, green = deliver(ordered, terms, links.customer[link], state)
                    sold += amount
                    green_sold += green
                    n_links += state.column[links.customer[link]] > 0.0
        while place < links.substitute_start[i + 1]:
            if sells:
                link = links.instead[place]
                ordered = links.purchase_share[link] * link_share(int(supply.moved[place]))
                amount, green = deliver(ordered, terms, links.customer[link], state)
                sold += amount
                green_sold += green
                n_links += state.column[links.customer[link]] > 0.0
            place = next_place(place + 1, supply.in_use)
        post(codes.SALES_LOCAL, sold, Account(till.money[i], till.ledger[i], till.accounts))
        state.quantities[i, codes.GREEN_LOCAL_SALES] = green_sold
    state.column[:] = 0.0
    return n_links


class Terms(NamedTuple):
    """On what terms a firm delivers this quarter."""

    delivered_share: float  # of what was ordered
    price: float  # fen per 万元 at base prices
    green_part: float  # of its sales


@part
def deliver(ordered: float, terms: Terms, buyer: int, state: State) -> tuple[int, int]:
    """Write one delivery with the buyer; return it and the green part of it that makers of green products buy, fen.

    `ordered` is in shares of the buyer's output.
    """
    amount = whole(ordered * state.column[buyer] * terms.delivered_share * terms.price)
    state.order[buyer] += amount
    green = 0
    if terms.green_part > 0.0 and state.trade[buyer].green_output > 0.0:
        green = whole(amount * terms.green_part)
    return amount, green


@part
def materials_used(firm: Rows, trade: Rows, works: Rows, markets: Rows) -> float:
    """Purchased inputs of a firm, 万元 at base prices; converted capacity saves the premium of its green product."""
    materials = firm.material_share * trade.previous_output
    if firm.product >= 0:
        premium = markets[green_segment(firm.product)].margin_premium
        materials -= premium * min(works.converted, trade.green_output)
    return materials


@part
def settle_trade(sales: int, bought: int, materials: int, account: Account) -> None:
    """Post what a firm sold to everyone else, and its materials, `bought` in the district and outside; all in fen."""
    post(codes.SALES_FINAL, sales - account.ledger[codes.SALES_LOCAL], account)
    post(codes.MATERIALS_LOCAL, -bought, account)
    post(codes.MATERIALS_OUTSIDE, bought - materials, account)


@part
def settle_running_costs(
    firm: Rows, sector: Rows, output: float, sales: int, plant: Rows, setting: Setting, moment: Moment, account: Account
) -> None:
    """Post wages, energy, rights, environmental and production taxes."""
    factors, policy = setting.factors, moment.policy
    use = energy_use(output, plant)
    extra = power_surcharge(sector, plant, policy)
    price = carrier_prices(moment.prices, firm.small_power, extra, factors.electricity_energy)
    rights = 0.0
    if setting.mechanisms.rights > 0.0:
        rights = carbon_bill(firm, sector, output, use, plant, policy, factors)
        rights += rights_bill(firm, output, use, plant, policy, factors)
        if sector.forest and not firm.entrant:
            rights -= sink_income(firm.base_output / sector.output, policy)
    pollution = added_pollution_tax(firm, output, plant, policy, setting.base_policy, factors)
    post(codes.WAGES, -whole(firm.wage_share * sales), account)
    post(codes.ENERGY_BILL, -whole(energy_bill(use, price) * codes.FEN), account)
    post(codes.RIGHTS, -whole(rights * codes.FEN), account)
    post(codes.POLLUTION_TAX, -whole(pollution * codes.FEN), account)
    post(codes.NET_TAX, -whole(firm.net_tax_share * sales), account)


@part
def added_pollution_tax(
    firm: Rows, output: float, plant: Rows, policy: Rows, base_policy: Rows, factors: Rows
) -> float:
    """Environmental tax above that of the base year, 万元: the base year's is part of the taxes on production."""
    now = pollution_tax(
        output * plant.nox, output * plant.voc, output * plant.cod, output * plant.ammonia, policy, factors
    )
    base = pollution_tax(
        output * firm.nox_intensity,
        output * firm.voc_intensity,
        output * firm.cod_intensity,
        output * firm.ammonia_intensity,
        base_policy,
        factors,
    )
    return now - base


@part
def settle_result(
    firm: Rows,
    relief: float,
    trade: Rows,
    works: Rows,
    setting: Setting,
    moment: Moment,
    book: Rows,
    account: Account,
) -> int:
    """Post service fee, interest, replacement, profit tax, repayments, dividends or overdraft; return tax foregone."""
    money, ledger = account.money, account.ledger
    if works.service_left > 0:
        post(codes.SERVICE_FEE, -money.service_fee, account)
        works.service_left -= 1
    surplus, interest = surplus_of(ledger), interest_due(firm, money, setting.finance, moment)
    post(codes.INTEREST, -interest, account)
    book.equity += interest
    worn = whole(firm.depreciation_share * trade.output * codes.FEN)
    replace_worn(worn, setting.firm, trade, account)
    foregone = post_profit_tax(surplus - interest - worn, firm.weight, relief, setting.firm, account)
    repay_projects(setting.finance.loan_years, book, account)
    ceiling = whole(setting.firm.cash_ceiling * running_costs(ledger))
    if money.cash > ceiling:
        post(codes.DIVIDENDS, ceiling - money.cash, account)
    elif money.cash < 0:
        borrow(-money.cash, book, account)
    return foregone


@part
def replace_worn(worn: int, rules: Rows, trade: Rows, account: Account) -> None:
    """Post what is spent to replace worn plant, or let capital and capacity of an idle firm shrink by it."""
    expected = trade.brown_expected + trade.green_expected
    if maintained(expected, trade.brown_capacity + trade.green_capacity, rules):
        post(codes.REPLACEMENT, -worn, account)
    elif account.money.capital > worn:
        kept = 1.0 - worn / account.money.capital
        account.money.capital -= worn
        trade.brown_capacity *= kept
        trade.green_capacity *= kept


@part
def post_profit_tax(profit: int, weight: float, relief: float, rules: Rows, account: Account) -> int:
    """Post the tax on a quarter's profit (fen) of a row of `weight` firms after relief; use up the equipment credit.

    Return what relief and credit leave with the firm, fen.
    """
    money, due = account.money, profit_tax(profit / codes.FEN, weight, rules)
    full = whole(due * (1.0 - relief) * codes.FEN)
    credit = min(money.tax_credit, full)
    money.tax_credit -= credit
    post(codes.PROFIT_TAX, credit - full, account)
    return whole(due * codes.FEN) - full + credit


@part
def interest_due(firm: Rows, money: Rows, finance: Rows, moment: Moment) -> int:
    """Interest of the quarter on all debts, fen; green loans have the discount of the window while it is offered."""
    rate = moment.prices.loan_rate + (finance.small_spread if firm.size_class == 0 else 0.0)
    owed = money.debt + money.term_debt + money.green_debt
    return whole(0.25 * (rate * owed - green_discount(moment.policy) * money.green_debt))


@part
def repay_projects(years: float, book: Rows, account: Account) -> None:
    """Post this quarter's repayment of project loans; the working-capital debt is rolled over."""
    money = account.money
    if money.term_debt > 0:
        repaid = repayment(money.term_debt, years)
        post(codes.REPAYMENT, -repaid, account)
        money.term_debt -= repaid
        book.term_loans -= repaid
    if money.green_debt > 0:
        repaid = repayment(money.green_debt, years)
        post(codes.REPAYMENT, -repaid, account)
        money.green_debt -= repaid
        book.green_loans -= repaid


@part
def borrow(amount: int, book: Rows, account: Account) -> None:
    """Post a working-capital loan: the overdraft of a firm short of cash."""
    post(codes.NEW_LOAN, amount, account)
    account.money.debt += amount
    book.loans += amount


@part
def refinance_banks(rate: float, policy: Rows, till: Till) -> None:
    """Banks pay outside for what they lend, less for what is re-lent; the district pays its part of the discount."""
    for bank in range(till.books.size):
        book = till.books[bank]
        lent = book.loans + book.term_loans + book.green_loans
        cost = whole(refinancing(float(lent), float(book.green_loans), rate, policy))
        book.equity -= cost
        till.accounts[codes.BANKS] -= cost
        till.accounts[codes.OUTSIDE] += cost
        paid = whole(interest_support(float(book.green_loans), policy))
        book.equity += paid
        till.accounts[codes.BANKS] += paid
        till.accounts[codes.DISTRICT] -= paid
        till.purses[INTEREST].spent += paid


@part
def balance_budgets(setting: Setting, state: State) -> None:
    """Divide the taxes of the quarter; a transfer to or from above then closes the district's budget."""
    accounts = state.till.accounts
    to_district = whole(accounts[codes.TAXES] * setting.firm.district_tax_share)
    accounts[codes.UPPER] += accounts[codes.TAXES] - to_district
    accounts[codes.DISTRICT] += to_district
    accounts[codes.TAXES] = 0
    accounts[codes.UPPER] += accounts[codes.DISTRICT]
    accounts[codes.DISTRICT] = 0
