"""Phase 1: outside markets move, firms' luck in them moves, and local demand follows local capacity."""

from agents._compiled import part
from agents._rows import Rows
from agents.codes import FIRM_SHOCK, MARKET_SHOCK, N_SECTORS
from agents.mandates import dispatch
from agents.market import growth_spread, local_demand, luck, market_shock, quarterly, reserved_demand
from agents.mathematics import exp, fixed, from_fixed, normal_quantile
from agents.network import certified_supplier
from sim.draws import uniform
from sim.setting import Moment, Setting, World
from sim.state import State

QUARTERS_OF_2021 = 4
QUARTERS_TO_2025 = 20


@part
def advance_markets(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write volumes, prices and demand of segments and the appeal of firms; reads capacities."""
    segments = state.segments
    for c in range(segments.size):
        advance_segment(c, setting.markets[c], setting, moment, segments[c])
    if setting.mechanisms.firm_shocks > 0.0:
        draw_luck(world.firms, setting.market, moment, state)
    gather_capacity(world.firms, segments, state)
    for c in range(segments.size):
        segments[c].demand = segment_demand(setting.markets[c], setting, moment.policy, segments[c])
        segments[c].reserved = segment_reserve(setting.markets[c], setting, moment.policy, segments[c])


@part
def advance_segment(c: int, market: Rows, setting: Setting, moment: Moment, segment: Rows) -> None:
    """Write the volume, shock and price of one segment."""
    if setting.mechanisms.market_growth > 0.0:
        inflation = market.price_2021 if moment.quarter < QUARTERS_OF_2021 else market.price_growth
        segment.volume *= quarterly(market_growth(market, moment, setting))
        segment.price *= quarterly(inflation)
        if market.dispatched:
            hours = moment.prices.station_dispatch
            segment.volume = dispatch(hours, moment.policy) if setting.mechanisms.orders > 0.0 else hours
    if setting.mechanisms.market_shocks > 0.0 and not market.dispatched:
        rules = setting.market
        draw = uniform(moment.seed, c, 0, moment.quarter, MARKET_SHOCK, moment.replicate)
        segment.shock = market_shock(segment.shock, rules.shock_spread, rules.shock_persistence, normal_quantile(draw))


@part
def market_growth(market: Rows, moment: Moment, setting: Setting) -> float:
    """Yearly real growth of an outside market this quarter; also what firms in it count on."""
    if setting.mechanisms.market_growth <= 0.0:
        return 0.0
    growth = market.growth_after
    if moment.quarter < QUARTERS_OF_2021:
        growth = market.growth_2021
    elif moment.quarter < QUARTERS_TO_2025:
        growth = market.growth
    return growth + setting.market.growth_shift


@part
def draw_luck(firms: Rows, rules: Rows, moment: Moment, state: State) -> None:
    """Write the appeal of every firm to its customers; the first loop writes a plain column, so that it vectorises."""
    steps = state.column
    for i in range(firms.size):
        size = 4.0 * state.trade[i].output / firms[i].weight
        draw = uniform(moment.seed, firms[i].firm, 0, moment.quarter, FIRM_SHOCK, moment.replicate)
        steps[i] = luck(growth_spread(size, firms[i].weight, rules), rules.firm_shock_cap, draw)
    for i in range(firms.size):
        if state.standing[i].active:
            state.trade[i].brown_appeal *= steps[i]
            state.trade[i].green_appeal *= steps[i]
    steps[:] = 0.0


@part
def segment_demand(market: Rows, setting: Setting, policy: Rows, segment: Rows) -> float:
    """Final demand that local makers of a segment meet this quarter, 万元 at 2020 prices."""
    rules = setting.market
    volume = segment.volume * exp(segment.shock)
    if market.green and setting.mechanisms.green_pull > 0.0:
        volume *= 1.0 + policy.green_consumption_pull + policy.green_procurement_pull
    if market.tourism and setting.mechanisms.ecology > 0.0:
        volume *= 1.0 + policy.eco_tourism_pull
    if market.dispatched:
        return segment.base_demand * volume
    if segment.base_capacity <= 0.0:
        return rules.newcomer_sales * segment.capacity
    ratio = segment.capacity / segment.base_capacity
    return local_demand(segment.base_demand, volume, ratio, rules.capacity_elasticity, rules.share_cap)


@part
def segment_reserve(market: Rows, setting: Setting, policy: Rows, segment: Rows) -> float:
    """Part of the final demand of a segment that public buyers keep for certified makers, 万元."""
    if not market.green or setting.mechanisms.green_pull <= 0.0 or segment.certified_pull <= 0.0:
        return 0.0
    pull = policy.green_consumption_pull + policy.green_procurement_pull
    share = policy.green_procurement_certified_share
    return reserved_demand(segment.demand, policy.green_procurement_pull, pull, share)


@part
def gather_capacity(firms: Rows, segments: Rows, state: State) -> None:
    """Write capacity and pull of every segment; sums are of whole units, so the order of firms does not matter."""
    for c in range(segments.size):
        segments[c].capacity = 0.0
        segments[c].pull = 0.0
        segments[c].certified_pull = 0.0
    for i in range(firms.size):
        firm, trade = firms[i], state.trade[i]
        if state.standing[i].active:
            add_capacity(segments[firm.sector], trade.brown_capacity, trade.brown_appeal)
            if firm.product >= 0:
                segment = segments[green_segment(firm.product)]
                add_capacity(segment, trade.green_capacity, trade.green_appeal)
                if certified_supplier(state.standing[i].certificates):
                    segment.certified_pull += fixed(trade.green_capacity * trade.green_appeal)
    for c in range(segments.size):
        segments[c].capacity = from_fixed(segments[c].capacity)
        segments[c].pull = from_fixed(segments[c].pull)
        segments[c].certified_pull = from_fixed(segments[c].certified_pull)


@part
def add_capacity(segment: Rows, capacity: float, appeal: float) -> None:
    """Add one firm to its segment, in whole units of 2⁻²⁰ 万元."""
    segment.capacity += fixed(capacity)
    segment.pull += fixed(capacity * appeal)


@part
def green_segment(product: int) -> int:
    """The segment of a green product: ordinary products of the sectors come first."""
    return N_SECTORS + product
