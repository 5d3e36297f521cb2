"""Phase 2: what every firm is asked for – by the outside, by its local customers, and for local projects."""

from agents._compiled import part
from agents._rows import Rows
from agents.firm import expected_orders
from agents.network import Links
from sim.markets import green_segment
from sim.setting import Setting, World
from sim.state import State


@part
def place_orders(world: World, setting: Setting, state: State) -> None:
    """Write orders and expected orders; reads last quarter's output and moves it to `previous_output`."""
    firms, segments, trade, rules = world.firms, state.segments, state.trade, setting.firm
    for i in range(firms.size):
        trade[i].previous_output = trade[i].output if trade[i].active else 0.0
    for i in range(firms.size):
        trade[i].brown_orders = 0.0
        trade[i].green_orders = 0.0
        if trade[i].active:
            place_firm_orders(i, firms, world.links, segments, trade)
            weight = rules.expectation_weight
            trade[i].brown_expected = expected_orders(trade[i].brown_expected, trade[i].brown_orders, weight)
            trade[i].green_expected = expected_orders(trade[i].green_expected, trade[i].green_orders, weight)
    for c in range(segments.size):
        segments[c].project_orders = 0.0


@part
def place_firm_orders(i: int, firms: Rows, links: Links, segments: Rows, trade: Rows) -> None:
    """Write the orders of one firm: its share of local demand, projects and intermediate use."""
    brown_share = market_position(trade[i].brown_capacity * trade[i].brown_appeal, segments, firms[i].sector)
    c = firms[i].sector
    trade[i].brown_orders = brown_share * (segments[c].demand + segments[c].project_orders)
    green_part = 0.0
    capacity = trade[i].brown_capacity + trade[i].green_capacity
    trade[i].project_output = 0.0
    if firms[i].product >= 0 and trade[i].green_capacity > 0.0:
        c = green_segment(firms[i].product)
        share = market_position(trade[i].green_capacity * trade[i].green_appeal, segments, c)
        trade[i].green_orders = share * (segments[c].demand + segments[c].project_orders)
        trade[i].project_output = share * segments[c].project_orders
        green_part = trade[i].green_capacity / capacity
    intermediate = intermediate_orders(i, links, trade)
    trade[i].brown_orders += (1.0 - green_part) * intermediate
    trade[i].green_orders += green_part * intermediate


@part
def market_position(pull: float, segments: Rows, c: int) -> float:
    """A firm's share of its segment."""
    if segments[c].pull <= 0.0:
        return 0.0
    return pull / segments[c].pull


@part
def intermediate_orders(i: int, links: Links, trade: Rows) -> float:
    """Orders of local customers for what they made last quarter, 万元; customers come in the order of their ids."""
    orders = 0.0
    for link in range(links.supplier_start[i], links.supplier_start[i + 1]):
        orders += links.purchase_share[link] * trade.previous_output[links.customer[link]]
    return orders
