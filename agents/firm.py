"""What a firm is: its fixed traits, its state, and the rules of its accounts.

Columns are NamedTuples of 1-D arrays with one entry per row of the district. A row of weight w stands for w real
firms; extensive columns hold the total of the row. Money is kept in whole fen (int64); rules compute in 万元.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents._compiled import rule
from agents._rows import Code, Flag, Number, Row
from agents._rows import Whole as Exact
from agents.mathematics import power

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Codes = NDArray[np.int8]
Flags = NDArray[np.bool_]


class Firms(NamedTuple):
    """Fixed traits of every row, shape (n_firms,); made once per population and shared by all replicates."""

    firm: Whole  # stable id; never the array position
    sector: Codes  # row of sectors.csv
    park: Codes  # row of parks.csv
    product: Codes  # row of products.csv, the one green product it makes or could turn to; -1 none
    bank: Codes
    size_class: Codes  # 0 below scale, 1 small, 2 medium, 3 large
    anchor: Codes  # 1 + row of anchors.csv, 0 for none
    above_scale: Flags  # yearly revenue of 20 million yuan or more
    entrant: Flags  # spare row, not active at the start
    relocated: Flags  # entrant that moves in from another district
    small_power: Flags  # buys electricity at the one-part tariff
    weight: Floats  # real firms behind the row
    east: Floats  # km
    north: Floats  # km
    payback_cutoff: Floats  # yr
    age: Floats  # yr at the end of 2020
    base_output: Floats  # 万元 a quarter, 2020 prices
    base_capacity: Floats  # 万元 a quarter
    base_green_share: Floats  # share of capacity that makes the green product
    value_added_share: Floats  # share of output, base prices
    wage_share: Floats
    net_tax_share: Floats  # taxes less subsidies on production
    depreciation_share: Floats
    base_margin: Floats  # operating surplus over output
    material_share: Floats  # purchased inputs other than energy
    coal_intensity: Floats  # tce per 万元 output, coke included
    gas_intensity: Floats
    oil_intensity: Floats
    electricity_intensity: Floats
    heat_intensity: Floats
    electricity_sold: Floats  # tce per 万元 output, power stations
    heat_sold: Floats
    process_intensity: Floats  # t CO2 per 万元
    nox_intensity: Floats  # kg per 万元
    voc_intensity: Floats
    cod_intensity: Floats
    ammonia_intensity: Floats
    water_intensity: Floats  # m3 per 万元
    waste_intensity: Floats  # t per 万元
    roof_area: Floats  # m2
    pv_capacity: Floats  # kW at the end of 2020
    cash: Whole  # fen at the end of 2020
    debt: Whole
    capital: Whole  # net fixed capital


class FirmRules(NamedTuple):
    """Numbers of configs/firm.yaml."""

    target_utilisation: float  # output over capacity that a firm plans for
    expansion_threshold: float  # utilisation above which it invests
    expansion_quarters: float  # from the loan to the first output
    expectation_weight: float  # of the latest orders in expected orders
    largest_expansion: float  # share of capacity in one project
    foresight: float  # share of its market's growth until new capacity is ready that a firm counts on
    idle_threshold: float  # expected utilisation below which worn-out capacity is not replaced
    cash_floor: float  # quarters of running costs kept in hand
    cash_ceiling: float  # quarters of running costs above which profit is paid out
    profit_tax_rate: float
    small_profit_tax_rate: float
    small_profit: float  # 万元 a year per firm up to which the small rate holds
    district_tax_share: float  # of production and profit taxes
    exit_leverage: float  # debts over assets at which creditors close a firm
    closure_rate: float  # 1/yr, other causes, below scale
    closure_rate_above: float  # 1/yr, above scale
    entry_rate: float  # 1/yr, arrivals over firms present at the start
    arrival_quarters: float  # from decision to first output of an arrival


class Trade(Row):
    """What a firm can make, is asked for and sells; 万元 a quarter at 2020 prices, shape (n_firms,)."""

    brown_capacity: Number
    green_capacity: Number
    brown_appeal: Number  # final demand per unit of capacity at the start, moved by luck
    green_appeal: Number
    brown_orders: Number
    green_orders: Number
    brown_expected: Number
    green_expected: Number
    previous_output: Number  # last quarter's, what this quarter's materials were ordered for
    output: Number
    green_output: Number
    project_output: Number  # part of green output sold to local retrofit and expansion projects


class Works(Row):
    """Capacity on the way, or planned while money is sought (agents/retrofit.py, Proposals). Shape (n_firms,)."""

    brown_expansion: Number  # 万元 a quarter
    green_expansion: Number
    expansion_left: Code  # quarters; 0 nothing is built
    conversion: Number  # 万元 a quarter still to turn green
    conversion_left: Code  # quarters; 0 nothing is turned
    converted: Number  # green capacity that came by conversion
    closed_part: Code  # hundredths of the ordinary capacity closed as outdated
    arrival_left: Code  # quarters until an arriving firm starts; -1 not arriving
    event: Code  # this quarter: 1 arrived, -1 left
    service_left: Code  # quarters of an energy-performance contract
    linked: Flag  # passed on or took a by-product this quarter


class Money(Row):
    """Balance sheet of every row, fen, shape (n_firms,)."""

    cash: Exact
    debt: Exact  # rolled over
    term_debt: Exact  # project loans, repaid
    green_debt: Exact  # project loans from the green window, repaid
    capital: Exact
    tax_credit: Exact
    service_fee: Exact  # a quarter, energy-performance contract


@rule
def expected_orders(previous: float, orders: float, weight: float) -> float:
    """Adaptive expectation of orders, 万元 a quarter."""
    return previous + weight * (orders - previous)


@rule
def desired_expansion(expected: float, capacity: float, growth: float, rules: FirmRules) -> float:
    """Capacity a firm wants to add, 万元 a quarter: none until the orders it foresees strain what it has.

    Never below zero, even where firms invest before their target utilisation is reached. `growth` is the yearly
    growth of its market; the firm looks as far ahead as building takes.
    """
    foreseen = expected * (1.0 + rules.foresight * growth * 0.25 * rules.expansion_quarters)
    if foreseen <= rules.expansion_threshold * capacity:
        return 0.0
    gap = foreseen / rules.target_utilisation - capacity
    if gap <= 0.0:
        return 0.0
    most = rules.largest_expansion * capacity
    return gap if gap < most else most


@rule
def maintained(expected: float, capacity: float, rules: FirmRules) -> bool:
    """Whether a firm replaces what wears out: not when it expects to leave much of its capacity idle."""
    return expected >= rules.idle_threshold * capacity


@rule
def profit_tax(profit: float, firms: float, rules: FirmRules) -> float:
    """Income tax on the profit of a quarter, 万元, before the equipment credit; no loss is carried over."""
    if profit <= 0.0:
        return 0.0
    small = 4.0 * profit <= rules.small_profit * firms
    return profit * (rules.small_profit_tax_rate if small else rules.profit_tax_rate)


@rule
def quarterly_hazard(yearly: float) -> float:
    """Probability in a quarter that adds up to `yearly` over a year."""
    return 1.0 - power(1.0 - yearly, 0.25)
