"""How much the outside buys from the district, segment by segment, and how one firm's place in it drifts.

A segment is one sector's ordinary product or one green product. Local sales follow the outside market only as far as
local capacity keeps pace. Firm growth is Laplace with a spread that falls with size (Bottazzi and Secchi 2006).
"""

from math import sqrt
from typing import NamedTuple

from agents._compiled import rule
from agents._rows import Number, Row, Whole
from agents.mathematics import exp, laplace_quantile, power


class MarketRules(NamedTuple):
    """Numbers of configs/market.yaml."""

    capacity_elasticity: float  # of local sales to local capacity at a given outside market
    share_cap: float  # local share of the outside market over the one of 2020, at most
    shock_spread: float  # standard deviation of the yearly market shock, log points
    shock_persistence: float  # of the market shock from quarter to quarter
    growth_shift: float  # common uncertainty of all growth rates, share per year
    firm_spread: float  # Laplace scale of yearly log growth, firm of reference size
    size_exponent: float  # fall of the spread with size
    reference_size: float  # 万元 a year
    firm_shock_cap: float  # largest quarterly log change
    local_project_share: float  # of project spending that goes to local makers
    newcomer_sales: float  # sales over capacity in a segment without makers in 2020


class Segments(Row):
    """State of the markets, shape (n_segments,)."""

    volume: Number  # outside market over its size in 2020, real
    shock: Number  # log deviation of the year
    price: Number  # price index, 2020 = 1
    base_demand: Number  # local final demand at the start, 万元 a quarter
    base_capacity: Number  # local capacity at the start
    capacity: Number
    demand: Number  # local final demand now, 万元 a quarter, 2020 prices
    pull: Number  # capacity × appeal summed over firms: what demand is shared by
    project_orders: Number  # equipment and services for local projects, placed next quarter
    started: Whole  # 2⁻²⁰ 万元 of projects started this quarter
    certified_pull: Number  # part of pull that certified makers have
    reserved: Number  # part of demand that goes to certified makers only


@rule
def quarterly(rate: float) -> float:
    """Growth of one quarter from a yearly growth rate."""
    return power(1.0 + rate, 0.25)


@rule
def market_shock(shock: float, spread: float, persistence: float, normal: float) -> float:
    """Next quarter's log deviation of a market; `spread` is the yearly one, `normal` a standard normal draw."""
    return persistence * shock + spread * sqrt(1.0 - persistence * persistence) * normal


@rule
def local_demand(base: float, volume: float, capacity_ratio: float, elasticity: float, cap: float) -> float:
    """Final demand for what local makers of a segment make, 万元 a quarter.

    base·M·min(cap, max(1, K/M)^θ) with M the outside market and K local capacity, both over their start. Capacity that
    outgrows the market wins a larger share of it, less than one for one; capacity that lags does not lose the share
    but cannot fill it, so that firms work harder, invest, or leave the rest to imports.
    """
    if volume <= 0.0:
        return 0.0
    share = power(capacity_ratio / volume, elasticity) if capacity_ratio > volume else 1.0
    return base * volume * (share if share < cap else cap)


@rule
def reserved_demand(demand: float, procured: float, pull: float, certified_share: float) -> float:
    """Part of a green segment's demand that is kept for certified makers, 万元 a quarter.

    `procured` is what public buying adds to the outside market, `pull` what all policies add, both over the market
    without them.
    """
    return certified_share * demand * procured / (1.0 + pull)


@rule
def growth_spread(size: float, firms: float, rules: MarketRules) -> float:
    """Laplace scale of a row's quarterly log growth; `size` is yearly output of one firm, 万元.

    A row of several firms averages their luck. The scale stays below 0.9, where the mean of exp(step) exists.
    """
    relative = size / rules.reference_size
    if relative < 0.001:
        relative = 0.001
    averaged = sqrt(firms) if firms > 1.0 else 1.0
    spread = 0.5 * rules.firm_spread * power(relative, -rules.size_exponent) / averaged
    return spread if spread < 0.9 else 0.9


@rule
def luck(spread: float, cap: float, uniform: float) -> float:
    """Factor on a firm's place in its market this quarter; its mean is one, so that noise makes no growth."""
    if spread <= 0.0:
        return 1.0
    step = laplace_quantile(uniform, spread)
    if step > cap:
        step = cap
    if step < -cap:
        step = -cap
    return exp(step) / mean_luck(spread, cap)


@rule
def mean_luck(spread: float, cap: float) -> float:
    """Mean of exp(step) of a Laplace step cut at ±cap: half from each side, the cut ends included."""
    rate = 1.0 / spread
    up = 0.5 * rate * (1.0 - exp(-cap * (rate - 1.0))) / (rate - 1.0) + 0.5 * exp(-cap * (rate - 1.0))
    down = 0.5 * rate * (1.0 - exp(-cap * (rate + 1.0))) / (rate + 1.0) + 0.5 * exp(-cap * (rate + 1.0))
    return up + down
