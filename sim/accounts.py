"""Phase 5: the books of the quarter. Every amount is rounded once and posted to both sides."""

from agents import codes
from agents._compiled import kernel
from agents.energy import Carriers, carrier_prices, energy_bill, fuel_emissions
from agents.firm import profit_tax
from agents.government import carbon_cost, carbon_price, pollution_tax, surcharge
from agents.mathematics import whole
from sim.markets import green_segment

COUNTERPARTS = codes.COUNTERPARTS


@kernel
def post(i, term, amount, state):
    """Move fen between a firm and the account on the other side of a ledger term; `amount` is signed for the firm."""
    state.ledger[i, term] += amount
    state.money[i].cash += amount
    state.accounts[COUNTERPARTS[term]] -= amount


@kernel
def settle_accounts(world, setting, moment, state):
    """Write the ledger, cash and debts of every firm; reads output and what was delivered."""
    write_material_prices(world.input_mix, state.segments, state.tally)
    state.ledger[:, :] = 0
    price_sales(world.firms, state)
    deliver_locally(world.firms, world.links, state)
    for i in range(world.firms.size):
        if state.trade[i].active:
            settle_sales(i, world.firms, setting.markets, state)
            settle_running_costs(i, world, setting, moment, state)
            settle_result(i, world.firms, setting, moment, state)
    refinance_banks(setting.finance.refinance_rate, state)
    share_taxes(state.accounts, setting.firm.district_tax_share)


@kernel
def write_material_prices(input_mix, segments, tally):
    """Write what each sector pays for its inputs: the mean price of the sectors it buys from."""
    for buyer in range(input_mix.shape[1]):
        price = 0.0
        for supplier in range(input_mix.shape[0]):
            price += input_mix[supplier, buyer] * segments[supplier].price
        tally[buyer].material_price = price


@kernel
def price_sales(firms, state):
    """Write the value of green sales and clear the sums of local trade."""
    for i in range(firms.size):
        state.desk[i].local_sales = 0
        state.desk[i].local_purchases = 0
        state.desk[i].green_local = 0
        if firms[i].product >= 0:
            price = state.segments.price[green_segment(firms[i].product)]
            state.quantities[i, codes.GREEN_SALES] = whole(state.trade[i].green_output * price * codes.FEN)
            sold = state.trade[i].project_output * price
            state.quantities[i, codes.GREEN_PROJECT_SALES] = whole(sold * codes.FEN)


@kernel
def sales_value(i, firms, state):
    """Sales of a firm at current prices, fen."""
    brown = state.trade[i].output - state.trade[i].green_output
    return whole(brown * state.segments.price[firms[i].sector] * codes.FEN) + state.quantities[i, codes.GREEN_SALES]


@kernel
def deliver_locally(firms, links, state):
    """Write what local firms sell each other, fen: ordered a quarter ago, delivered now, posted once to both sides."""
    trade = state.trade
    for i in range(firms.size):
        if not trade[i].active or trade[i].output <= 0.0:
            continue
        price = sales_value(i, firms, state) / trade[i].output
        green_part = trade[i].green_output / trade[i].output
        for link in range(links.supplier_start[i], links.supplier_start[i + 1]):
            buyer = links.customer[link]
            if trade[buyer].active:
                ordered = links.purchase_share[link] * trade[buyer].previous_output
                amount = whole(ordered * trade[i].delivered_share * price)
                state.desk[i].local_sales += amount
                state.desk[buyer].local_purchases += amount
                if trade[buyer].green_output > 0.0:
                    state.desk[i].green_local += whole(amount * green_part)


@kernel
def settle_sales(i, firms, markets, state):
    """Post sales and materials of one firm."""
    local_sales = state.desk[i].local_sales
    local_purchases = state.desk[i].local_purchases
    trade = state.trade
    materials = firms[i].material_share * trade[i].previous_output
    if firms[i].product >= 0:
        premium = markets[green_segment(firms[i].product)].margin_premium
        materials -= premium * min(state.works[i].converted, trade[i].green_output)
    value = materials * state.tally[firms[i].sector].material_price
    post(i, codes.SALES_LOCAL, local_sales, state)
    post(i, codes.SALES_FINAL, sales_value(i, firms, state) - local_sales, state)
    post(i, codes.MATERIALS_LOCAL, -local_purchases, state)
    post(i, codes.MATERIALS_OUTSIDE, local_purchases - whole(value * codes.FEN), state)
    state.quantities[i, codes.GREEN_LOCAL_SALES] = state.desk[i].green_local


@kernel
def settle_running_costs(i, world, setting, moment, state):
    """Post wages, energy, carbon, environmental and production taxes, and what adopted options cost and bring."""
    firms, policy, output = world.firms, moment.policy, state.trade[i].output
    sales = sales_value(i, firms, state)
    use = energy_use(i, output, state.plant)
    extra = surcharge(policy) if world.intensive[firms[i].sector] else 0.0
    price = carrier_prices(moment.prices, firms[i].small_power, extra, setting.factors.electricity_energy)
    post(i, codes.WAGES, -whole(firms[i].wage_share * sales), state)
    post(i, codes.ENERGY_BILL, -whole(energy_bill(use, price) * codes.FEN), state)
    post(i, codes.CARBON, -whole(carbon_bill(i, firms, output, setting.factors, policy, state.plant) * codes.FEN), state)
    post(i, codes.POLLUTION_TAX, -whole(added_pollution_tax(i, firms, setting, policy, state) * codes.FEN), state)
    post(i, codes.NET_TAX, -whole(firms[i].net_tax_share * sales), state)
    post(i, codes.OPERATING_COST, -state.agenda[i].operating_cost, state)
    post(i, codes.BENEFIT, state.agenda[i].benefit, state)


@kernel
def energy_use(i, output, plant):
    """Energy for so much output, tce by carrier."""
    return Carriers(
        output * plant[i].coal,
        output * plant[i].gas,
        output * plant[i].oil,
        output * plant[i].electricity,
        output * plant[i].heat,
    )


@kernel
def added_pollution_tax(i, firms, setting, policy, state):
    """Environmental tax above that of the base year, 万元: the base year's is part of the taxes on production."""
    output, plant = state.trade[i].output, state.plant
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


@kernel
def carbon_bill(i, firms, output, factors, policy, plant):
    """Carbon cost of one firm this quarter, 万元; none below the threshold of coverage."""
    if not carbon_covered(i, firms, policy, factors):
        return 0.0
    emissions = fuel_emissions(energy_use(i, output, plant), factors) + output * plant[i].process
    free = policy.carbon_price_free_share * output * base_emission_intensity(i, firms, factors)
    return carbon_cost(emissions, free, carbon_price(policy))


@kernel
def base_emission_intensity(i, firms, factors):
    """Scope-1 emissions per 万元 of output at the end of 2020, t."""
    use = Carriers(firms[i].coal_intensity, firms[i].gas_intensity, firms[i].oil_intensity, 0.0, 0.0)
    return fuel_emissions(use, factors) + firms[i].process_intensity


@kernel
def carbon_covered(i, firms, policy, factors):
    """Whether one real firm of the row emitted enough in 2020 to be in the carbon market."""
    yearly = 4.0 * firms[i].base_output * base_emission_intensity(i, firms, factors)
    return yearly >= policy.carbon_price_threshold * firms[i].weight


@kernel
def settle_result(i, firms, setting, moment, state):
    """Post service fee, interest, replacement, profit tax, repayments, dividends or overdraft of one firm."""
    money, ledger = state.money, state.ledger
    if money[i].service_left > 0:
        post(i, codes.SERVICE_FEE, -money[i].service_fee, state)
        money[i].service_left -= 1
    money[i].surplus = ledger[i, : codes.INTEREST].sum()
    interest = interest_due(i, firms, money, setting.finance, moment)
    post(i, codes.INTEREST, -interest, state)
    state.books.equity[firms[i].bank] += interest
    replacement = whole(firms[i].depreciation_share * state.trade[i].output * codes.FEN)
    post(i, codes.REPLACEMENT, -replacement, state)
    post_profit_tax(i, money[i].surplus - interest - replacement, firms, setting.firm, state)
    repay_projects(i, firms, state, setting.finance)
    costs = -(ledger[i, codes.MATERIALS_LOCAL : codes.INTEREST].sum())
    ceiling = whole(setting.firm.cash_ceiling * max(costs, 0))
    if money[i].cash > ceiling:
        post(i, codes.DIVIDENDS, ceiling - money[i].cash, state)
    elif money[i].cash < 0:
        borrow(i, firms[i].bank, -money[i].cash, state)


@kernel
def post_profit_tax(i, profit, firms, rules, state):
    """Post the tax on a quarter's profit (fen) and use up the equipment credit."""
    money = state.money
    full = whole(profit_tax(profit / codes.FEN, firms[i].weight, rules) * codes.FEN)
    credit = min(money[i].tax_credit, full)
    money[i].tax_credit -= credit
    post(i, codes.PROFIT_TAX, credit - full, state)


@kernel
def interest_due(i, firms, money, finance, moment):
    """Interest of the quarter on all debts, fen; green loans have the discount of the window while it is offered."""
    rate = moment.prices.loan_rate + (finance.small_spread if firms[i].size_class == 0 else 0.0)
    owed = money[i].debt + money[i].term_debt + money[i].green_debt
    return whole(0.25 * (rate * owed - moment.policy.green_credit_discount * money[i].green_debt))


@kernel
def repay_projects(i, firms, state, finance):
    """Post this quarter's repayment of project loans; the working-capital debt is rolled over."""
    money, books, bank = state.money, state.books, firms[i].bank
    for green in range(2):
        debt = money.green_debt if green == 1 else money.term_debt
        owed = debt[i]
        if owed > 0:
            part = min(owed, max(1, whole(owed / (4.0 * finance.loan_years))))
            post(i, codes.REPAYMENT, -part, state)
            debt[i] -= part
            if green == 1:
                books[bank].green_loans -= part
            else:
                books[bank].term_loans -= part


@kernel
def borrow(i, bank, amount, state):
    """Post a working-capital loan: the overdraft of a firm short of cash."""
    post(i, codes.NEW_LOAN, amount, state)
    state.money[i].debt += amount
    state.books[bank].loans += amount


@kernel
def refinance_banks(rate, state):
    """Banks pay outside for the money they lend; entry by entry, each rounded once."""
    books = state.books
    for bank in range(books.size):
        lent = books[bank].loans + books[bank].term_loans + books[bank].green_loans
        cost = whole(0.25 * rate * lent)
        books[bank].equity -= cost
        state.accounts[codes.BANKS] -= cost
        state.accounts[codes.OUTSIDE] += cost


@kernel
def share_taxes(accounts, district_share):
    """Divide the taxes of the quarter; the district's balance is then closed by a transfer to or from above."""
    to_district = whole(accounts[codes.TAXES] * district_share)
    accounts[codes.DISTRICT] += to_district
    accounts[codes.UPPER] += accounts[codes.TAXES] - to_district
    accounts[codes.TAXES] = 0
