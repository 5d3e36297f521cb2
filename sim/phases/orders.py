"""Phase 2: what every firm is asked for – by the outside, by its local customers, and for local projects."""

from agents._compiled import part
from agents._rows import Rows
from agents.codes import FEN
from agents.firm import Floats, expected_orders
from agents.mathematics import fixed
from agents.network import Links, Supply, certified_supplier, link_share
from sim.phases.link_places import next_place
from sim.phases.markets import green_segment
from sim.setting import Setting, World
from sim.state import State


@part
def place_orders(world: World, setting: Setting, state: State) -> None:
    """Write orders and expected orders; reads last quarter's output and moves it to `previous_output`."""
    firms, segments, trades, weight = world.firms, state.segments, state.trade, setting.firm.expectation_weight
    for i in range(firms.size):
        trades[i].previous_output = trades[i].output if state.standing[i].active else 0.0
        state.column[i] = trades[i].previous_output
    place = next_place(0, state.supply.in_use)
    for i in range(firms.size):
        trade, intermediate = trades[i], kept_orders(i, world.links, state.supply, state.column)
        while place < world.links.substitute_start[i + 1]:
            intermediate += moved_orders(place, world.links, state.supply, state.column)
            place = next_place(place + 1, state.supply.in_use)
        trade.brown_orders = 0.0
        trade.green_orders = 0.0
        if state.standing[i].active:
            place_firm_orders(firms[i], intermediate, state.standing[i].certificates, segments, trade)
            trade.brown_expected = expected_orders(trade.brown_expected, trade.brown_orders, weight)
            trade.green_expected = expected_orders(trade.green_expected, trade.green_orders, weight)
    state.column[:] = 0.0
    for c in range(segments.size):
        segments[c].project_orders = 0.0


@part
def place_firm_orders(firm: Rows, intermediate: float, certificates: int, segments: Rows, trade: Rows) -> None:
    """Write the orders of one firm: its share of local demand, projects and intermediate use."""
    segment = segments[firm.sector]
    share = market_position(trade.brown_capacity * trade.brown_appeal, segment)
    trade.brown_orders = share * (segment.demand + segment.project_orders)
    trade.project_output = 0.0
    green_part = 0.0
    if firm.product >= 0 and trade.green_capacity > 0.0:
        segment = segments[green_segment(firm.product)]
        share = market_position(trade.green_capacity * trade.green_appeal, segment)
        trade.green_orders = share * (segment.demand - segment.reserved + segment.project_orders)
        if segment.reserved > 0.0 and certified_supplier(certificates):
            trade.green_orders += trade.green_capacity * trade.green_appeal / segment.certified_pull * segment.reserved
        trade.project_output = share * segment.project_orders
        green_part = trade.green_capacity / (trade.brown_capacity + trade.green_capacity)
    trade.brown_orders += (1.0 - green_part) * intermediate
    trade.green_orders += green_part * intermediate


@part
def market_position(pull: float, segment: Rows) -> float:
    """A firm's share of its segment."""
    if segment.pull <= 0.0:
        return 0.0
    return pull / segment.pull


@part
def kept_orders(i: int, links: Links, supply: Supply, made: Floats) -> float:
    """Orders on the links drawn with a firm for what customers `made` last quarter, 万元; in the order of their ids."""
    orders = 0.0
    for link in range(links.supplier_start[i], links.supplier_start[i + 1]):
        share = links.purchase_share[link] * link_share(int(supply.kept[link]))
        orders += share * made[links.customer[link]]
    return orders


@part
def moved_orders(place: int, links: Links, supply: Supply, made: Floats) -> float:
    """Orders of one customer at a place where a firm stands in for another, 万元."""
    link = links.instead[place]
    share = links.purchase_share[link] * link_share(int(supply.moved[place]))
    return share * made[links.customer[link]]


@part
def order_locally(cost: int, setting: Setting, segment: Rows) -> None:
    """Add a project's spending to the orders of local makers, 2020 prices; the rest is made outside."""
    if setting.mechanisms.local_demand > 0.0:
        spending = setting.market.local_project_share * (cost / FEN) / segment.price
        segment.started += fixed(spending)
