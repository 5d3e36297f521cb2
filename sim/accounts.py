"""Phase 5: the books of the quarter. Every amount is rounded once and posted to both sides."""

from agents import codes
from agents._compiled import part
from agents._rows import Rows
from agents.bank import repayment
from agents.energy import Carriers, carrier_prices, energy_bill, fuel_emissions
from agents.firm import Floats, maintained, profit_tax
from agents.government import carbon_cost, carbon_price, pollution_tax, surcharge
from agents.mathematics import whole
from agents.network import Links
from sim.markets import green_segment
from sim.setting import Moment, Setting, World
from sim.state import State, Till

COUNTERPARTS = codes.COUNTERPARTS


@part
def post(i: int, term: int, amount: int, till: Till) -> None:
    """Move fen between a firm and the account on the other side of a ledger term; `amount` is signed for the firm."""
    till.ledger[i, term] += amount
    till.money[i].cash += amount
    till.accounts[COUNTERPARTS[term]] -= amount


@part
def settle_accounts(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write the ledger, cash and debts of every firm; reads output and what was delivered."""
    write_material_prices(world.input_mix, state.segments, state.tally)
    state.till.ledger[:, :] = 0
    price_sales(world.firms, state.segments, state.trade, state.desk, state.quantities)
    deliver_locally(world.firms, world.links, state.segments, state.trade, state.desk, state.quantities)
    for i in range(world.firms.size):
        if state.trade[i].active:
            settle_sales(i, world.firms, setting.markets, state)
            settle_running_costs(i, world, setting, moment, state)
            settle_result(i, world.firms, setting, moment, state.trade, state.till)
    refinance_banks(setting.finance.refinance_rate, state.till)


@part
def write_material_prices(input_mix: Floats, segments: Rows, tally: Rows) -> None:
    """Write what each sector pays for its inputs: the mean price of the sectors it buys from."""
    for buyer in range(input_mix.shape[1]):
        price = 0.0
        for supplier in range(input_mix.shape[0]):
            price += input_mix[supplier, buyer] * segments[supplier].price
        tally[buyer].material_price = price


@part
def price_sales(firms: Rows, segments: Rows, trade: Rows, desk: Rows, quantities: Rows) -> None:
    """Write the value of green sales and clear the sums of local trade."""
    for i in range(firms.size):
        desk[i].local_sales = 0
        desk[i].local_purchases = 0
        desk[i].green_local = 0
        if firms[i].product >= 0:
            price = segments.price[green_segment(firms[i].product)]
            quantities[i, codes.GREEN_SALES] = whole(trade[i].green_output * price * codes.FEN)
            sold = trade[i].project_output * price
            quantities[i, codes.GREEN_PROJECT_SALES] = whole(sold * codes.FEN)


@part
def sales_value(i: int, firms: Rows, segments: Rows, trade: Rows, quantities: Rows) -> int:
    """Sales of a firm at current prices, fen."""
    brown = trade[i].output - trade[i].green_output
    return whole(brown * segments[firms[i].sector].price * codes.FEN) + quantities[i, codes.GREEN_SALES]


@part
def deliver_locally(firms: Rows, links: Links, segments: Rows, trade: Rows, desk: Rows, quantities: Rows) -> None:
    """Write what local firms sell each other, fen: ordered a quarter ago, delivered now, posted once to both sides."""
    for i in range(firms.size):
        if not trade[i].active or trade[i].output <= 0.0:
            continue
        sales = sales_value(i, firms, segments, trade, quantities)
        price = sales / trade[i].output
        green_part = quantities[i, codes.GREEN_SALES] / sales if sales > 0 else 0.0
        for link in range(links.supplier_start[i], links.supplier_start[i + 1]):
            buyer = links.customer[link]
            if trade[buyer].active:
                ordered = links.purchase_share[link] * trade[buyer].previous_output
                amount = whole(ordered * trade[i].delivered_share * price)
                desk[i].local_sales += amount
                desk[buyer].local_purchases += amount
                if trade[buyer].green_output > 0.0:
                    desk[i].green_local += whole(amount * green_part)


@part
def settle_sales(i: int, firms: Rows, markets: Rows, state: State) -> None:
    """Post sales and materials of one firm."""
    local_sales = state.desk[i].local_sales
    local_purchases = state.desk[i].local_purchases
    trade = state.trade
    materials = firms[i].material_share * trade[i].previous_output
    if firms[i].product >= 0:
        premium = markets[green_segment(firms[i].product)].margin_premium
        materials -= premium * min(state.works[i].converted, trade[i].green_output)
    value = materials * state.tally[firms[i].sector].material_price
    post(i, codes.SALES_LOCAL, local_sales, state.till)
    post(
        i,
        codes.SALES_FINAL,
        sales_value(i, firms, state.segments, state.trade, state.quantities) - local_sales,
        state.till,
    )
    post(i, codes.MATERIALS_LOCAL, -local_purchases, state.till)
    post(i, codes.MATERIALS_OUTSIDE, local_purchases - whole(value * codes.FEN), state.till)
    state.quantities[i, codes.GREEN_LOCAL_SALES] = state.desk[i].green_local


@part
def settle_running_costs(i: int, world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Post wages, energy, carbon, environmental and production taxes, and what adopted options cost and bring."""
    firms, policy, output = world.firms, moment.policy, state.trade[i].output
    sales = sales_value(i, firms, state.segments, state.trade, state.quantities)
    use = energy_use(i, output, state.plant)
    extra = surcharge(policy) if world.sectors[firms[i].sector].intensive else 0.0
    price = carrier_prices(moment.prices, firms[i].small_power, extra, setting.factors.electricity_energy)
    post(i, codes.WAGES, -whole(firms[i].wage_share * sales), state.till)
    post(i, codes.ENERGY_BILL, -whole(energy_bill(use, price) * codes.FEN), state.till)
    post(
        i,
        codes.CARBON,
        -whole(carbon_bill(i, firms, output, setting.factors, policy, state.plant) * codes.FEN),
        state.till,
    )
    post(
        i,
        codes.POLLUTION_TAX,
        -whole(added_pollution_tax(i, firms, setting, policy, state.trade, state.plant) * codes.FEN),
        state.till,
    )
    post(i, codes.NET_TAX, -whole(firms[i].net_tax_share * sales), state.till)
    post(i, codes.PENALTY, -state.proposals[i].penalty, state.till)
    post(i, codes.OPERATING_COST, -state.agenda[i].operating_cost, state.till)
    post(i, codes.BENEFIT, state.agenda[i].benefit, state.till)


@part
def energy_use(i: int, output: float, plant: Rows) -> Carriers:
    """Energy for so much output, tce by carrier."""
    return Carriers(
        output * plant[i].coal,
        output * plant[i].gas,
        output * plant[i].oil,
        output * plant[i].electricity,
        output * plant[i].heat,
    )


@part
def added_pollution_tax(i: int, firms: Rows, setting: Setting, policy: Rows, trade: Rows, plant: Rows) -> float:
    """Environmental tax above that of the base year, 万元: the base year's is part of the taxes on production."""
    output = trade[i].output
    now = pollution_tax(
        output * plant[i].nox,
        output * plant[i].voc,
        output * plant[i].cod,
        output * plant[i].ammonia,
        policy,
        setting.factors,
    )
    base = pollution_tax(
        output * firms[i].nox_intensity,
        output * firms[i].voc_intensity,
        output * firms[i].cod_intensity,
        output * firms[i].ammonia_intensity,
        setting.base_policy,
        setting.factors,
    )
    return now - base


@part
def carbon_bill(i: int, firms: Rows, output: float, factors: Rows, policy: Rows, plant: Rows) -> float:
    """Carbon cost of one firm this quarter, 万元; none below the threshold of coverage."""
    if not carbon_covered(i, firms, policy, factors):
        return 0.0
    emissions = fuel_emissions(energy_use(i, output, plant), factors) + output * plant[i].process
    free = policy.carbon_price_free_share * output * base_emission_intensity(i, firms, factors)
    return carbon_cost(emissions, free, carbon_price(policy))


@part
def base_emission_intensity(i: int, firms: Rows, factors: Rows) -> float:
    """Scope-1 emissions per 万元 of output at the end of 2020, t."""
    use = Carriers(firms[i].coal_intensity, firms[i].gas_intensity, firms[i].oil_intensity, 0.0, 0.0)
    return fuel_emissions(use, factors) + firms[i].process_intensity


@part
def carbon_covered(i: int, firms: Rows, policy: Rows, factors: Rows) -> bool:
    """Whether one real firm of the row emitted enough in 2020 to be in the carbon market."""
    yearly = 4.0 * firms[i].base_output * base_emission_intensity(i, firms, factors)
    return yearly >= policy.carbon_price_threshold * firms[i].weight


@part
def settle_result(i: int, firms: Rows, setting: Setting, moment: Moment, trade: Rows, till: Till) -> None:
    """Post service fee, interest, replacement, profit tax, repayments, dividends or overdraft of one firm."""
    money, ledger = till.money, till.ledger
    if money[i].service_left > 0:
        post(i, codes.SERVICE_FEE, -money[i].service_fee, till)
        money[i].service_left -= 1
    money[i].surplus = ledger[i, : codes.INTEREST].sum() + ledger[i, codes.PENALTY]
    interest = interest_due(i, firms, money, setting.finance, moment)
    post(i, codes.INTEREST, -interest, till)
    till.books[firms[i].bank].equity += interest
    worn = whole(firms[i].depreciation_share * trade[i].output * codes.FEN)
    replace_worn(i, worn, setting.firm, trade, till)
    post_profit_tax(i, money[i].surplus - interest - worn, firms, setting.firm, till)
    repay_projects(i, firms, till, setting.finance)
    costs = -(ledger[i, codes.MATERIALS_LOCAL : codes.INTEREST].sum())
    ceiling = whole(setting.firm.cash_ceiling * max(costs, 0))
    if money[i].cash > ceiling:
        post(i, codes.DIVIDENDS, ceiling - money[i].cash, till)
    elif money[i].cash < 0:
        borrow(i, firms[i].bank, -money[i].cash, till)


@part
def replace_worn(i: int, worn: int, rules: Rows, trade: Rows, till: Till) -> None:
    """Post what is spent to replace worn plant, or let capital and capacity of an idle firm shrink by it."""
    expected = trade[i].brown_expected + trade[i].green_expected
    if maintained(expected, trade[i].brown_capacity + trade[i].green_capacity, rules):
        post(i, codes.REPLACEMENT, -worn, till)
    elif till.money[i].capital > worn:
        kept = 1.0 - worn / till.money[i].capital
        till.money[i].capital -= worn
        trade[i].brown_capacity *= kept
        trade[i].green_capacity *= kept


@part
def post_profit_tax(i: int, profit: int, firms: Rows, rules: Rows, till: Till) -> None:
    """Post the tax on a quarter's profit (fen) and use up the equipment credit."""
    money = till.money
    full = whole(profit_tax(profit / codes.FEN, firms[i].weight, rules) * codes.FEN)
    credit = min(money[i].tax_credit, full)
    money[i].tax_credit -= credit
    post(i, codes.PROFIT_TAX, credit - full, till)


@part
def interest_due(i: int, firms: Rows, money: Rows, finance: Rows, moment: Moment) -> int:
    """Interest of the quarter on all debts, fen; green loans have the discount of the window while it is offered."""
    rate = moment.prices.loan_rate + (finance.small_spread if firms[i].size_class == 0 else 0.0)
    owed = money[i].debt + money[i].term_debt + money[i].green_debt
    return whole(0.25 * (rate * owed - moment.policy.green_credit_discount * money[i].green_debt))


@part
def repay_projects(i: int, firms: Rows, till: Till, finance: Rows) -> None:
    """Post this quarter's repayment of project loans; the working-capital debt is rolled over."""
    money, books, bank = till.money, till.books, firms[i].bank
    for green in range(2):
        debt = money.green_debt if green == 1 else money.term_debt
        owed = debt[i]
        if owed > 0:
            repaid = repayment(owed, finance.loan_years)
            post(i, codes.REPAYMENT, -repaid, till)
            debt[i] -= repaid
            if green == 1:
                books[bank].green_loans -= repaid
            else:
                books[bank].term_loans -= repaid


@part
def borrow(i: int, bank: int, amount: int, till: Till) -> None:
    """Post a working-capital loan: the overdraft of a firm short of cash."""
    post(i, codes.NEW_LOAN, amount, till)
    till.money[i].debt += amount
    till.books[bank].loans += amount


@part
def refinance_banks(rate: float, till: Till) -> None:
    """Banks pay outside for the money they lend; entry by entry, each rounded once."""
    books = till.books
    for bank in range(books.size):
        lent = books[bank].loans + books[bank].term_loans + books[bank].green_loans
        cost = whole(0.25 * rate * lent)
        books[bank].equity -= cost
        till.accounts[codes.BANKS] -= cost
        till.accounts[codes.OUTSIDE] += cost


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
