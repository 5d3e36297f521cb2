"""Phase 2: what every firm is asked for – by the outside, by its local customers, and for local projects."""

from agents._compiled import kernel
from agents.firm import expected_orders
from sim.markets import green_segment


@kernel
def place_orders(world, setting, state):
    """Write orders and expected orders; reads last quarter's output and moves it to `previous_output`."""
    firms, segments, trade, rules = world.firms, state.segments, state.trade, setting.firm
    for i in range(firms.firm.size):
        trade.previous_output[i] = trade.output[i] if trade.active[i] else 0.0
    for i in range(firms.firm.size):
        trade.brown_orders[i] = 0.0
        trade.green_orders[i] = 0.0
        if trade.active[i]:
            place_firm_orders(i, firms, world.links, segments, trade)
            weight = rules.expectation_weight
            trade.brown_expected[i] = expected_orders(trade.brown_expected[i], trade.brown_orders[i], weight)
            trade.green_expected[i] = expected_orders(trade.green_expected[i], trade.green_orders[i], weight)
    for c in range(segments.project_orders.size):
        segments.project_orders[c] = 0.0


@kernel
def place_firm_orders(i, firms, links, segments, trade):
    """Write the orders of one firm: its share of local demand, projects and intermediate use."""
    brown_share = market_position(trade.brown_capacity[i] * trade.brown_appeal[i], segments, firms.sector[i])
    c = firms.sector[i]
    trade.brown_orders[i] = brown_share * (segments.demand[c] + segments.project_orders[c])
    green_part = 0.0
    capacity = trade.brown_capacity[i] + trade.green_capacity[i]
    trade.project_output[i] = 0.0
    if firms.product[i] >= 0 and trade.green_capacity[i] > 0.0:
        c = green_segment(firms.product[i])
        share = market_position(trade.green_capacity[i] * trade.green_appeal[i], segments, c)
        trade.green_orders[i] = share * (segments.demand[c] + segments.project_orders[c])
        trade.project_output[i] = share * segments.project_orders[c]
        green_part = trade.green_capacity[i] / capacity
    intermediate = intermediate_orders(i, links, trade)
    trade.brown_orders[i] += (1.0 - green_part) * intermediate
    trade.green_orders[i] += green_part * intermediate


@kernel
def market_position(pull, segments, c):
    """A firm's share of its segment."""
    if segments.pull[c] <= 0.0:
        return 0.0
    return pull / segments.pull[c]


@kernel
def intermediate_orders(i, links, trade):
    """Orders of local customers for what they made last quarter, 万元; customers come in the order of their ids."""
    orders = 0.0
    for link in range(links.supplier_start[i], links.supplier_start[i + 1]):
        orders += links.purchase_share[link] * trade.previous_output[links.customer[link]]
    return orders
