"""Every flow of a quarter against the same sums written a second time, in whole columns: the oracle of the accounts.

The kernels go firm by firm; here numpy goes column by column from the states before and after the quarter. What a firm
decides is taken from the run, what follows from it is worked out anew.
"""

import numpy as np
import pytest
from hypothesis import example, given, settings
from random_worlds import Sketch, division, sketched_run, sketched_world, sketches, told, with_mechanisms

from agents import codes
from agents.codes import FEN, N_OPTIONS, N_SECTORS

WORLDS = settings(max_examples=settings.default.max_examples // 2)
BUSY = [
    Sketch(n=80, seed=31, quarters=4, moved=0.0, busy=True),
    Sketch(n=80, seed=32, quarters=4, moved=0.3, busy=True),
    Sketch(n=60, seed=33, quarters=5, moved=0.1, one_sector=True, busy=True),
]
CARRIERS = ("coal", "gas", "oil", "electricity", "heat")
# Quantity, intensity of the plant, units of the quantity in one of the intensity.
LEFT = (
    *((codes.CO2_PROCESS, "process", 1_000.0), (codes.NOX, "nox", 1_000.0), (codes.VOC, "voc", 1_000.0)),
    *((codes.COD, "cod", 1_000.0), (codes.AMMONIA, "ammonia", 1_000.0)),
    (codes.WATER, "water", 1_000.0),
)
ABATED = (
    *((codes.NOX_ABATED, "nox"), (codes.VOC_ABATED, "voc")),
    *((codes.COD_ABATED, "cod"), (codes.AMMONIA_ABATED, "ammonia")),
)
CUTS = ("nox", "voc", "cod", "ammonia", "water", "waste")


def without_by_products(run):
    """Return a run that exchanges none: their flows and money are worked out in test_by_products.py."""
    return with_mechanisms(run, by_products=0.0)


def check_flows(world, run, story):
    """Check all flows of all quarters."""
    for moment, before, after in zip(run.moments, story.states, story.states[1:], strict=False):
        case = Case(world, run.setting, moment, before, after)
        for check in (check_orders, check_output, check_quantities, check_sales, check_costs, check_result):
            check(case)
        for check in (
            check_capital,
            check_plant,
            check_capacity,
            check_closures,
            check_project_orders,
            check_learning,
            check_newcomers,
        ):
            check(case)


class Case:
    """One quarter: what was there before, what it said, and what is there after."""

    def __init__(self, world, setting, moment, before, after):
        self.world, self.setting, self.moment = world, setting, moment
        self.before, self.after = before, after
        self.firms = world.firms
        self.there = before.standing.active
        self.stays = before.standing.active & after.standing.active
        self.unclosed = self.stays & (after.works.closed_part == before.works.closed_part)
        self.green = np.where(self.firms.product >= 0, N_SECTORS + self.firms.product, 0)
        self.makes = self.firms.product >= 0
        price = after.segments.price
        certificates = before.standing.certificates.astype(np.int64)
        certified = (certificates >> codes.MUNICIPAL_GREEN_FACTORY | certificates >> codes.NATIONAL_GREEN_FACTORY) & 1
        premium = 1.0 + setting.certification.revenue_premium * certified
        self.brown_price = price[self.firms.sector] * premium
        self.green_price = np.where(self.makes, price[self.green], 0.0) * premium
        self.output = after.trade.output
        self.policy = moment.policy

    def ledger(self, *terms):
        """Return the sum of some terms of the ledger, by row."""
        return self.after.ledger[:, list(terms)].sum(axis=1)

    def settled(self, got, wanted, rows=None, fen=1.5):
        """Assert that whole amounts are what they should be but for the rounding."""
        rows = self.there if rows is None else rows
        np.testing.assert_allclose(got[rows], wanted[rows], rtol=1e-12, atol=fen)


def rounded(amounts):
    """Return the nearest whole numbers, halves away from zero."""
    return np.trunc(amounts + np.copysign(0.5, amounts))


def check_orders(case):
    """Local customers order for last quarter's output; the rest of the orders of a segment are its demand."""
    before, after = case.before, case.after
    previous = np.where(case.there, before.trade.output, 0.0)
    np.testing.assert_array_equal(after.trade.previous_output, previous)
    intermediate = np.zeros(len(case.firms))
    who = division(case.world, before)
    np.add.at(intermediate, who.supplier, who.share * previous[who.customer])
    capacity = before.trade.brown_capacity + before.trade.green_capacity
    green_part = np.where(case.makes, before.trade.green_capacity / np.where(capacity > 0.0, capacity, 1.0), 0.0)
    final = np.zeros(len(after.segments))
    brown = after.trade.brown_orders - (1.0 - green_part) * intermediate
    green = after.trade.green_orders - green_part * intermediate
    np.add.at(final, case.firms.sector[case.there], brown[case.there])
    np.add.at(final, case.green[case.there & case.makes], green[case.there & case.makes])
    wanted = np.where(after.segments.pull > 0.0, after.segments.demand + before.segments.project_orders, 0.0)
    scale = 1e-9 * (1.0 + intermediate.sum() + wanted.sum())
    reached = after.segments.pull > 1e-6 * after.segments.capacity  # pulls are kept in units of 2⁻²⁰
    np.testing.assert_allclose(final[reached], wanted[reached], rtol=1e-3, atol=scale)
    weight = case.setting.firm.expectation_weight
    for name in ("brown", "green"):
        old = before.trade[f"{name}_expected"]
        np.testing.assert_allclose(
            after.trade[f"{name}_expected"][case.stays],
            (old + weight * (after.trade[f"{name}_orders"] - old))[case.stays],
            rtol=1e-12,
        )


def check_output(case):
    """Orders are filled up to capacity, and customers served alike."""
    before, trade = case.before.trade, case.after.trade
    brown = np.where(case.there, np.minimum(trade.brown_orders, before.brown_capacity), 0.0)
    green = np.where(case.there, np.minimum(trade.green_orders, before.green_capacity), 0.0)
    fed = (case.firms.product >= 0) & (case.setting.feeds[case.firms.product].sum(axis=1) > 0.0)
    np.testing.assert_array_equal(trade.green_output[~fed], green[~fed])
    assert (trade.green_output <= green).all(), "by-products may be lacking"
    np.testing.assert_array_equal(trade.output, brown + green)


def check_quantities(case):
    """Energy, emissions and water are output times what the plant of the beginning takes and leaves."""
    quantities, plant, firms, content = case.after.quantities, case.before.plant, case.firms, case.setting.factors
    content = case.setting.factors.energy_content
    wanted = {codes.OUTPUT: case.output * FEN, codes.GREEN_OUTPUT: case.after.trade.green_output * FEN}
    wanted[codes.VALUE_ADDED] = case.output * firms.value_added_share * FEN
    wanted |= {codes.COAL + k: case.output * plant[name] * content for k, name in enumerate(CARRIERS)}
    wanted |= {quantity: case.output * plant[name] * units for quantity, name, units in LEFT}
    if case.setting.mechanisms.by_products <= 0.0:
        wanted[codes.WASTE] = case.output * plant.waste * 1_000.0
    wanted[codes.ELECTRICITY_SOLD] = case.output * firms.electricity_sold * content
    wanted[codes.HEAT_SOLD] = case.output * firms.heat_sold * content
    wanted[codes.GREEN_SALES] = case.after.trade.green_output * case.green_price * FEN
    wanted[codes.GREEN_PROJECT_SALES] = case.after.trade.project_output * case.green_price * FEN
    policy, farms = case.policy, case.world.sectors.farm[firms.sector] & (case.setting.mechanisms.ecology > 0.0)
    left = 1.0 - policy.circular_agriculture_coverage * policy.circular_agriculture_cut * farms
    for quantity in (codes.COD, codes.AMMONIA):
        case.settled(quantities[:, quantity], wanted.pop(quantity) * left, fen=1.01)
    for quantity, amounts in wanted.items():
        case.settled(quantities[:, quantity], amounts, fen=0.51)


def delivered_shares(case):
    """Return which part of what local customers ordered each firm makes: each of its products by its capacity."""
    trade, before = case.after.trade, case.before.trade
    capacity = before.brown_capacity + before.green_capacity
    shares = np.zeros(len(capacity))
    for name in ("brown", "green"):
        orders, able = trade[f"{name}_orders"], before[f"{name}_capacity"]
        filled = np.where(orders > 0.0, np.minimum(orders, able) / np.where(orders > 0.0, orders, 1.0), 1.0)
        shares += np.where(capacity > 0.0, able / np.where(capacity > 0.0, capacity, 1.0), 0.0) * filled
    assert (shares <= 1.0 + 1e-12).all()
    return shares


def check_sales(case):
    """Local deliveries are last quarter's orders at the supplier's mean price; the rest goes outside."""
    trade, who = case.after.trade, division(case.world, case.before)
    brown_value = rounded((trade.output - trade.green_output) * case.brown_price * FEN)
    sales = brown_value + case.after.quantities[:, codes.GREEN_SALES]
    case.settled(case.ledger(codes.SALES_LOCAL, codes.SALES_FINAL), sales)
    price = np.where(trade.output > 0.0, sales / np.where(trade.output > 0.0, trade.output, 1.0), 0.0)
    supplier, customer = who.supplier, who.customer
    ordered = who.share * trade.previous_output[customer]
    amounts = rounded(ordered * delivered_shares(case)[supplier] * price[supplier])
    amounts *= case.there[supplier] & case.there[customer]
    sold, bought = np.zeros(len(sales)), np.zeros(len(sales))
    np.add.at(sold, supplier, amounts)
    np.add.at(bought, customer, amounts)
    case.settled(case.after.ledger[:, codes.SALES_LOCAL], sold)
    case.settled(-case.after.ledger[:, codes.MATERIALS_LOCAL], bought)
    premium = np.where(case.makes, case.setting.markets.margin_premium[case.green], 0.0)
    materials = case.firms.material_share * trade.previous_output
    materials -= premium * np.minimum(case.before.works.converted, trade.green_output)
    reached = case.policy.circular_agriculture_coverage * (case.setting.mechanisms.ecology > 0.0)
    farms = case.world.sectors.farm[case.firms.sector]
    materials = materials * (1.0 - reached * case.policy.circular_agriculture_saving * farms)
    paid = materials * (case.world.input_mix.T @ case.after.segments.price[:N_SECTORS])[case.firms.sector]
    case.settled(-case.ledger(codes.MATERIALS_LOCAL, codes.MATERIALS_OUTSIDE), paid * FEN)
    np.testing.assert_allclose(
        case.after.tally.material_price, case.world.input_mix.T @ case.after.segments.price[:N_SECTORS], rtol=1e-12
    )


def scope_one(case, rows, suffix=""):
    """Return t CO2 per 万元 of own fuel and processes."""
    factors = case.setting.factors
    fuel = sum(rows[f"{name}{suffix}"] * factors[f"{name}_emission"] for name in ("coal", "gas", "oil"))
    return fuel + rows[f"process{suffix}"]


def polluted(case, rows, policy, suffix=""):
    """Return environmental tax, 万元 per 万元."""
    factors = case.setting.factors
    air = sum(rows[f"{name}{suffix}"] / factors[f"{name}_equivalent"] for name in ("nox", "voc"))
    water = sum(rows[f"{name}{suffix}"] / factors[f"{name}_equivalent"] for name in ("cod", "ammonia"))
    due = policy.environmental_tax_air * air + policy.environmental_tax_water * water
    return due * policy.environmental_tax_multiplier * 1e-4


def check_rights(case):
    """Carbon, energy, pollution and water rights: bought above what is free, sold below it, by those who are in."""
    firms, policy, plant, factors = case.firms, case.policy, case.before.plant, case.setting.factors
    sectors, yearly = case.world.sectors[firms.sector], 4.0 * firms.base_output / firms.weight
    base = scope_one(case, firms, "_intensity")
    national = (policy.national_carbon_price > 0.0) & (yearly * base >= policy.national_carbon_threshold)
    national &= sectors.power | (sectors.intensive & (policy.national_carbon_extension >= 0.5))
    pilot = (
        policy.carbon_price_price * policy.carbon_price_multiplier * (yearly * base >= policy.carbon_price_threshold)
    )
    price = np.where(national, policy.national_carbon_price * policy.national_carbon_multiplier, pilot)
    bill = price * (scope_one(case, plant) - policy.carbon_price_free_share * base)
    sold = firms.electricity_sold + firms.heat_sold
    then, now = (
        sum(group[name + end] for name in ("coal", "gas", "oil", "electricity", "heat")) - sold
        for group, end in ((firms, "_intensity"), (plant, ""))
    )
    listed = yearly * then >= policy.energy_rights_threshold
    bill = bill + policy.energy_rights_price * listed * (now - policy.energy_rights_baseline * then)
    for name in ("nox", "voc", "cod", "ammonia"):
        change = plant[name] - policy.pollution_rights_baseline * firms[f"{name}_intensity"]
        bill = bill + policy.pollution_rights_price * firms.above_scale * change / factors[f"{name}_equivalent"]
    listed = yearly * firms.water_intensity >= policy.water_rights_threshold
    change = plant.water - policy.water_rights_baseline * firms.water_intensity
    bill = (bill + policy.water_rights_price * listed * change) * 1e-4 * (case.setting.mechanisms.rights > 0.0)
    owners = sectors.forest & ~firms.entrant & (case.setting.mechanisms.rights > 0.0)
    shares = np.where(owners, firms.base_output / np.where(owners, sectors.output, 1.0), 0.0)
    sold = 0.25 * shares * policy.forest_carbon_sink * policy.forest_carbon_price * 1e-4
    noise = 1.5 + 1e-11 * np.abs(case.output * FEN * (bill + price * base * 1e-4)).max()
    case.settled(-case.ledger(codes.RIGHTS), (case.output * bill - sold) * FEN, fen=noise)


def check_costs(case):
    """Wages, energy, carbon, taxes, fines, and what adopted options cost and bring."""
    firms, prices, policy, factors = case.firms, case.moment.prices, case.policy, case.setting.factors
    plant, before = case.before.plant, case.before
    sales = case.ledger(codes.SALES_LOCAL, codes.SALES_FINAL)
    case.settled(-case.ledger(codes.WAGES), firms.wage_share * sales)
    case.settled(-case.ledger(codes.NET_TAX), firms.net_tax_share * sales)
    sectors = case.world.sectors[firms.sector]
    surcharge = policy.differential_electricity_surcharge * policy.differential_electricity_multiplier
    above = np.maximum(plant.electricity - policy.tiered_electricity_threshold * sectors.electricity, 0.0)
    tiered = policy.tiered_electricity_surcharge * above / np.where(plant.electricity > 0.0, plant.electricity, 1.0)
    surcharge = surcharge + tiered
    yuan = np.where(firms.small_power, prices.small_electricity_price, prices.electricity_price)
    yuan = yuan + np.where(sectors.intensive, surcharge, 0.0)
    bill = plant.electricity * yuan * 0.1 / factors.electricity_energy
    bill = bill + sum(plant[name] * prices[f"{name}_price"] for name in ("coal", "gas", "oil", "heat"))
    case.settled(-case.ledger(codes.ENERGY_BILL), case.output * bill * FEN)
    check_rights(case)
    now = polluted(case, plant, policy)
    added = now - polluted(case, firms, case.setting.base_policy, "_intensity")
    noise = 1.5 + 1e-12 * np.abs(case.output * now * FEN).max()
    case.settled(-case.ledger(codes.POLLUTION_TAX), case.output * added * FEN, fen=noise)
    case.settled(-case.ledger(codes.PENALTY), before.proposals.penalty, fen=0)
    case.settled(-case.ledger(codes.OPERATING_COST), before.agenda.operating_cost, fen=0)
    case.settled(case.ledger(codes.BENEFIT), before.agenda.benefit, fen=0)
    case.settled(-case.ledger(codes.SERVICE_FEE), np.where(before.works.service_left > 0, before.money.service_fee, 0))


def check_result(case):
    """Interest, wear, profit tax, repayments, and dividends or an overdraft."""
    firms, money, rules, finance = case.firms, case.before.money, case.setting.firm, case.setting.finance
    debts = money.debt + money.term_debt + money.green_debt
    rate = case.moment.prices.loan_rate + np.where(firms.size_class == 0, finance.small_spread, 0.0)
    policy = case.policy
    passed_on = policy.relending_share * policy.relending_rate_cut * policy.relending_pass_through
    interest = 0.25 * (rate * debts - (policy.green_credit_discount + passed_on) * money.green_debt)
    case.settled(-case.ledger(codes.INTEREST), interest)
    surplus = case.ledger(*range(codes.INTEREST), codes.PENALTY)
    worn = rounded(firms.depreciation_share * case.output * FEN)
    case.settled(-case.ledger(codes.REPLACEMENT), np.where(kept_up(case), worn, 0.0))
    profit = surplus + case.ledger(codes.INTEREST) - worn
    small = 4.0 * profit / FEN <= rules.small_profit * firms.weight
    full = np.maximum(profit, 0.0) * np.where(small, rules.small_profit_tax_rate, rules.profit_tax_rate)
    sales = case.ledger(codes.SALES_LOCAL, codes.SALES_FINAL)
    green = case.after.quantities[:, codes.GREEN_SALES] / np.where(sales > 0, sales, 1)
    relief = case.policy.income_tax_relief_green * green
    relief += case.policy.income_tax_relief_certified * (case.before.standing.certificates != 0)
    full = rounded(full * (1.0 - np.minimum(relief, 1.0)))
    case.settled(-case.ledger(codes.PROFIT_TAX), full - np.minimum(money.tax_credit, full))
    repaid = sum(repayments(money[name], finance.loan_years) for name in ("term_debt", "green_debt"))
    case.settled(-case.ledger(codes.REPAYMENT), repaid)
    cash = money.cash + surplus + case.ledger(codes.INTEREST, codes.REPLACEMENT, codes.PROFIT_TAX, codes.REPAYMENT)
    costs = -case.ledger(*range(codes.MATERIALS_LOCAL, codes.INTEREST))
    ceiling = rounded(rules.cash_ceiling * np.maximum(costs, 0))
    case.settled(-case.ledger(codes.DIVIDENDS), np.maximum(cash - ceiling, 0), case.stays, fen=2.5)
    case.settled(case.after.money.debt - money.debt, np.maximum(-cash, 0) * (cash <= ceiling), case.stays)


def repayments(owed, years):
    """Return an even part of what is owed, a fen at least, all of it at most."""
    return np.minimum(owed, np.maximum(1, rounded(owed / (4.0 * years))))


def kept_up(case):
    """Return which firms replace what wears out."""
    trade, before = case.after.trade, case.before.trade
    expected = trade.brown_expected + trade.green_expected
    return expected >= case.setting.firm.idle_threshold * (before.brown_capacity + before.green_capacity)


def check_capital(case):
    """Capital grows by what is spent on it and shrinks where wear is not replaced."""
    capital = case.before.money.capital
    spent = -case.ledger(codes.RETROFIT_CAPEX, codes.EXPANSION_CAPEX, codes.CONVERSION_CAPEX)
    worn = rounded(case.firms.depreciation_share * case.output * FEN)
    lost = np.where(~kept_up(case) & (capital > worn), worn, 0.0)
    case.settled(case.after.money.capital - capital, spent - lost, case.unclosed)


def check_plant(case):
    """A finished option takes its shares away, and what is reported as abated and saved is what went."""
    before, after, quantities = case.before, case.after, case.after.quantities
    lines = sum(np.int64(1) << option for option in range(N_OPTIONS) if case.setting.options[option]["product_line"])
    finished = np.where(case.there, after.agenda.adopted & ~before.agenda.adopted & ~lines, 0)
    sized = np.where(case.output > 0.0, finished, 0)
    options, fits = case.setting.options, case.setting.fits
    factors = {name: np.ones(len(finished)) for name in (*CUTS, "process")}
    for option in range(N_OPTIONS):
        done = (sized >> option) & 1 == 1
        for name in CUTS:
            factors[name][done] *= 1.0 - options[option][f"{name}_cut"]
        factors["process"][done] *= 1.0 - fits[option, case.firms.sector[done]]["process_cut"]
    for name, factor in factors.items():
        np.testing.assert_allclose(after.plant[name], before.plant[name] * factor, rtol=1e-12, err_msg=name)
    yearly = 4.0 * case.output
    for quantity, name in ABATED:
        gone = yearly * (before.plant[name] - after.plant[name]) * 1_000.0
        np.testing.assert_allclose(quantities[:, quantity][case.there], gone[case.there], rtol=1e-9, atol=3.0)
    saved = yearly * sum(before.plant[name] - after.plant[name] for name in CARRIERS)
    scale = yearly * sum(before.plant[name] for name in CARRIERS) * case.setting.factors.energy_content
    error = np.abs(quantities[:, codes.ENERGY_SAVED] - saved * case.setting.factors.energy_content)[case.there]
    assert (error <= 3.0 + 1e-9 * scale[case.there]).all()
    for name in ("operating_cost", "benefit"):
        assert not (after.agenda[name] - before.agenda[name])[case.there & (sized == 0)].any(), name
    solar = sum(np.int64(1) << option for option in range(N_OPTIONS) if options[option]["photovoltaic"])
    gained = after.plant.pv - before.plant.pv
    assert (gained[case.there & (finished & solar == 0)] == 0.0).all()
    assert (gained >= 0.0).all()


def check_capacity(case):
    """Capacity comes by expansion or arrival, wears out where it is idle, and turns from brown to green."""
    before, after, works = case.before, case.after, case.before.works
    worn = rounded(case.firms.depreciation_share * case.output * FEN)
    capital = np.maximum(before.money.capital, 1)
    kept = np.where(kept_up(case) | (before.money.capital <= worn), 1.0, 1.0 - worn / capital)
    ready = works.expansion_left == 1
    brown = before.trade.brown_capacity * kept + np.where(ready, works.brown_expansion, 0.0)
    green = before.trade.green_capacity * kept + np.where(ready, works.green_expansion, 0.0)
    quick = case.setting.firm.expansion_quarters < 2.0  # finished in the quarter in which it is paid for
    begun = case.ledger(codes.EXPANSION_CAPEX) < 0
    brown += np.where(begun & quick, works.brown_expansion, 0.0)
    green += np.where(begun & quick, works.green_expansion, 0.0)
    turned = after.works.converted - works.converted
    assert (turned >= 0.0).all()
    for name, capacity in (("brown", brown - turned), ("green", green + turned)):
        np.testing.assert_allclose(
            after.trade[f"{name}_capacity"][case.unclosed], capacity[case.unclosed], rtol=1e-9, atol=1e-6, err_msg=name
        )
    idle = case.stays & (works.conversion_left == 0) & (case.ledger(codes.CONVERSION_CAPEX) == 0)
    assert not turned[idle].any()
    busy = case.unclosed & (works.conversion_left > 0)
    even = works.conversion / np.maximum(works.conversion_left, 1)
    np.testing.assert_allclose(turned[busy], np.minimum(even, brown)[busy], rtol=1e-9, atol=1e-9)
    going_on = busy & (after.works.conversion_left > 0)  # others may have planned the next
    left = (works.conversion - turned)[going_on]
    np.testing.assert_allclose(after.works.conversion[going_on], left, rtol=1e-9, atol=1e-9)


def check_project_orders(case):
    """The declared share of all project spending is ordered from local makers for the next quarter."""
    after, setting = case.after, case.setting
    retrofits = after.quantities[:, codes.SERVICED_CAPEX] - case.ledger(codes.RETROFIT_CAPEX)
    new_plant = -case.ledger(codes.EXPANSION_CAPEX, codes.CONVERSION_CAPEX)
    started = case.there & (retrofits > 0)
    share = setting.market.local_project_share if setting.mechanisms.local_demand > 0.0 else 0.0
    ordered = (after.segments.project_orders * after.segments.price).sum() * FEN
    plants = renewable_spending(case)
    total = share * (retrofits[case.there].sum() + new_plant[case.there].sum() + sum(plants.values()))
    np.testing.assert_allclose(ordered, total, rtol=1e-6, atol=100.0)
    if (started & ~case.stays).any():
        return  # a firm that left has forgotten which option it was
    spent = np.zeros(len(after.segments))
    np.add.at(spent, setting.options.segment[after.proposals.option[started]], retrofits[started])
    spent[setting.machinery] += new_plant[case.there].sum()
    for maker, cost in plants.items():
        spent[maker] += cost
    wanted = share * spent / FEN / after.segments.price
    np.testing.assert_allclose(after.segments.project_orders, wanted, rtol=1e-12, atol=1e-4)


def renewable_spending(case):
    """Return what developers of renewable plants spend this quarter by the segment of the makers, fen."""
    policy, makers = case.policy, case.setting.makers
    kinds = ("pv", "wind", "biomass")
    built = {kind: 250.0 * policy[f"renewable_projects_{kind}"] for kind in kinds}  # kW
    cost = {kind: built[kind] * policy[f"renewable_projects_{kind}_cost"] * FEN for kind in kinds}
    return {getattr(makers, kind): policy.renewable_projects_multiplier * cost[kind] for kind in kinds}


def check_closures(case):
    """The least efficient capacity of energy-intensive sectors is closed as far as the law has come, and paid for."""
    firms, before, after, policy = case.firms, case.before, case.after, case.policy
    sectors = case.world.sectors[firms.sector]
    reached = (policy.phase_out_share - firms.laggard_first) / np.maximum(
        firms.laggard_last - firms.laggard_first, 1e-99
    )
    part = np.floor(100.0 * np.clip(reached, 0.0, 1.0))
    concerned = sectors.intensive & ~case.setting.markets.dispatched[firms.sector] & ~firms.entrant
    concerned &= case.there & (case.setting.mechanisms.orders > 0.0)
    wanted = np.where(concerned, np.maximum(part, before.works.closed_part), before.works.closed_part)
    assert (np.abs(after.works.closed_part - wanted) <= 1).all()  # a hundredth may fall to rounding
    closed = case.stays & (after.works.closed_part == 100)
    quick = case.setting.firm.expansion_quarters < 2.0
    assert quick or (after.trade.brown_capacity[closed & (before.works.expansion_left == 0)] == 0.0).all()


def check_learning(case):
    """Options get cheaper with the outside trend, and with what adopters there are more than at the start."""
    before, after, setting = case.before.costs, case.after.costs, case.setting
    if setting.mechanisms.learning <= 0.0:
        np.testing.assert_array_equal(after.capex_index, before.capex_index)
        return
    outside = before.outside_index * (1.0 - 0.25 * setting.options.outside_trend)
    np.testing.assert_allclose(after.outside_index, outside, rtol=1e-12)
    bits = np.arange(N_OPTIONS)
    there = case.after.standing.active
    fits = (case.firms.eligible[there, None] >> bits) & 1
    has = (case.after.agenda.adopted[there, None] >> bits) & 1 & fits
    gained = has.sum(axis=0) / np.maximum(fits.sum(axis=0), 1) - before.opening_share
    wanted = outside * (1.0 - setting.behaviour.soft_cost_share * gained)
    np.testing.assert_allclose(after.capex_index, wanted, rtol=1e-12)


def check_newcomers(case):
    """An arrival brings its own money, borrows part of its plant, and has what it was drawn with."""
    new, firms, after = case.after.works.event > 0, case.firms, case.after
    loan = np.minimum(firms.debt, firms.capital)
    wanted = {
        codes.NEW_EQUITY: firms.cash + firms.capital - loan,
        codes.NEW_LOAN: loan,
        codes.EXPANSION_CAPEX: -firms.capital,
    }
    ledger = np.zeros_like(after.ledger)
    for term, amounts in wanted.items():
        ledger[:, term] = amounts
    np.testing.assert_array_equal(after.ledger[new], ledger[new])
    for name in ("cash", "capital"):
        np.testing.assert_array_equal(after.money[name][new], firms[name][new])
    capacity = after.trade.brown_capacity + after.trade.green_capacity
    np.testing.assert_allclose(capacity[new], firms.base_capacity[new], rtol=1e-12)
    green = firms.base_green_share * firms.base_capacity
    np.testing.assert_allclose(after.trade.green_capacity[new], green[new], rtol=1e-12)


CHECKS = (
    *(check_orders, check_output, check_quantities, check_sales, check_costs, check_result),
    *(check_capital, check_plant, check_capacity, check_project_orders, check_learning, check_newcomers),
)


@pytest.mark.kernels
@pytest.mark.parametrize("sketch", BUSY, ids=lambda sketch: f"seed{sketch.seed}")
def test_the_flows_of_a_busy_world_are_those_worked_out_in_columns(sketch):
    world, run = sketched_world(sketch), without_by_products(sketched_run(sketch))
    check_flows(world, run, told(world, run))


@WORLDS
@given(sketches(200))
@example(Sketch(n=300, seed=1, quarters=8, moved=0.0, busy=True))
@example(Sketch(n=300, seed=2, quarters=8, moved=0.5, busy=True))
def test_the_flows_of_any_world_are_those_worked_out_in_columns(sketch):
    world, run = sketched_world(sketch), without_by_products(sketched_run(sketch))
    check_flows(world, run, told(world, run))
