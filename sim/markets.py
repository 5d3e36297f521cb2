"""Phase 1: outside markets move, firms' luck in them moves, and local demand follows local capacity."""

from agents._compiled import part
from agents._rows import Rows
from agents.codes import FIRM_SHOCK, MARKET_SHOCK, N_SECTORS
from agents.market import growth_spread, local_demand, luck, market_shock, quarterly
from agents.mathematics import exp, fixed, from_fixed, normal_quantile
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
        advance_segment(c, setting, moment, segments)
    if setting.mechanisms.firm_shocks > 0.0:
        draw_luck(world.firms, setting.market, moment, state.trade)
    gather_capacity(world.firms, segments, state.trade)
    for c in range(segments.size):
        segments[c].demand = segment_demand(c, setting, moment.policy, segments)


@part
def advance_segment(c: int, setting: Setting, moment: Moment, segments: Rows) -> None:
    """Write the volume, shock and price of one segment."""
    market = setting.markets[c]
    rules = setting.market
    if setting.mechanisms.market_growth > 0.0:
        inflation = market.price_2021 if moment.quarter < QUARTERS_OF_2021 else market.price_growth
        segments[c].volume *= quarterly(market_growth(market, moment, setting))
        segments[c].price *= quarterly(inflation)
        if market.dispatched:
            segments[c].volume = moment.prices.station_dispatch
    if setting.mechanisms.market_shocks > 0.0 and not market.dispatched:
        draw = uniform(moment.seed, c, 0, moment.quarter, MARKET_SHOCK, moment.replicate)
        segments[c].shock = market_shock(
            segments[c].shock, rules.shock_spread, rules.shock_persistence, normal_quantile(draw)
        )


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
def draw_luck(firms: Rows, rules: Rows, moment: Moment, trade: Rows) -> None:
    """Write the appeal of every firm to its customers."""
    for i in range(firms.size):
        if trade[i].active:
            size = 4.0 * trade[i].output / firms[i].weight
            draw = uniform(moment.seed, firms[i].firm, 0, moment.quarter, FIRM_SHOCK, moment.replicate)
            step = luck(growth_spread(size, firms[i].weight, rules), rules.firm_shock_cap, draw)
            trade[i].brown_appeal *= step
            trade[i].green_appeal *= step


@part
def segment_demand(c: int, setting: Setting, policy: Rows, segments: Rows) -> float:
    """Final demand that local makers of a segment meet this quarter, 万元 at 2020 prices."""
    market, rules = setting.markets[c], setting.market
    volume = segments[c].volume * exp(segments[c].shock)
    if market.green:
        volume *= 1.0 + policy.green_consumption_pull + policy.green_procurement_pull
    if market.dispatched:
        return segments[c].base_demand * volume
    if segments[c].base_capacity <= 0.0:
        return rules.newcomer_sales * segments[c].capacity
    ratio = segments[c].capacity / segments[c].base_capacity
    return local_demand(segments[c].base_demand, volume, ratio, rules.capacity_elasticity, rules.share_cap)


@part
def gather_capacity(firms: Rows, segments: Rows, trade: Rows) -> None:
    """Write capacity and pull of every segment; sums are of whole units, so the order of firms does not matter."""
    for c in range(segments.size):
        segments[c].capacity = 0.0
        segments[c].pull = 0.0
    for i in range(firms.size):
        if trade[i].active:
            brown = firms[i].sector
            segments[brown].capacity += fixed(trade[i].brown_capacity)
            segments[brown].pull += fixed(trade[i].brown_capacity * trade[i].brown_appeal)
            if firms[i].product >= 0:
                green = green_segment(firms[i].product)
                segments[green].capacity += fixed(trade[i].green_capacity)
                segments[green].pull += fixed(trade[i].green_capacity * trade[i].green_appeal)
    for c in range(segments.size):
        segments[c].capacity = from_fixed(segments[c].capacity)
        segments[c].pull = from_fixed(segments[c].pull)


@part
def green_segment(product: int) -> int:
    """The segment of a green product: ordinary products of the sectors come first."""
    return N_SECTORS + product
