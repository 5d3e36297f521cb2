"""Part of phase 4: green products are made of by-products; what links do not bring is bought outside, within limits."""

from agents import codes, stream_codes
from agents._compiled import part
from agents._rows import Rows
from agents.firm import Floats
from agents.mathematics import whole
from agents.symbiosis import FEN_PER_KG
from sim.phases.accounts import post
from sim.setting import Setting, World
from sim.state import Account, State


@part
def feed(stream: int, limit: int, world: World, setting: Setting, state: State) -> None:
    """Write what makers of green products buy outside (kg) and what they lack (`rank`): outside supply is limited."""
    candidates, of, rules = world.candidates, setting.streams[stream], setting.symbiosis
    if not feeds_products(stream, setting.feeds):
        return
    lacking = 0
    for place in range(candidates.taker_start[stream], candidates.taker_start[stream + 1]):
        lacking += missing_feed(stream, place, world, setting.feeds, state)
    served = 1.0 if lacking <= limit else float(limit) / float(lacking)
    price = max(of.price, 0.0) * rules.outside_premium + of.transport_cost * rules.outside_haul
    for place in range(candidates.taker_start[stream], candidates.taker_start[stream + 1]):
        i, missing = candidates.taker[place], missing_feed(stream, place, world, setting.feeds, state)
        if missing > 0:
            bought = missing if lacking <= limit else int(float(missing) * served)
            worth = of.substitution_value - of.processing_cost - price
            account = Account(state.till.money[i], state.till.ledger[i], state.till.accounts)
            post(codes.BY_PRODUCT_BALANCE, whole(float(bought) * worth * FEN_PER_KG), account)
            state.ties.streams[stream, stream_codes.BOUGHT_OUTSIDE] += bought
            state.desk[i].rank += float(missing - bought)


@part
def feeds_products(stream: int, feeds: Floats) -> bool:
    """Whether green products are made of a stream."""
    most = 0.0
    for product in range(feeds.shape[0]):
        most = max(most, feeds[product, stream])
    return most > 0.0


@part
def missing_feed(stream: int, place: int, world: World, feeds: Floats, state: State) -> int:
    """What the links of a taker do not bring of the by-product in its green output, kg."""
    i, taker = world.candidates.taker[place], state.takers[place - world.candidates.taker_start[stream]]
    need = whole(green_need(stream, world.firms[i].product, feeds, state.trade[i]))
    if need <= 0:
        return 0
    return need - int(float(need) * (float(taker.received) / float(taker.wanted)))


@part
def green_need(stream: int, product: int, feeds: Floats, trade: Rows) -> float:
    """By-product that the green output of a firm is made of, kg."""
    if product < 0:
        return 0.0
    return feeds[product, stream] * trade.green_output


@part
def total_need(stream: int, world: World, feeds: Floats, state: State) -> float:
    """By-product in all green output of the district, kg; sums of whole numbers do not depend on order."""
    need, candidates = 0, world.candidates
    for place in range(candidates.taker_start[stream], candidates.taker_start[stream + 1]):
        i = candidates.taker[place]
        need += whole(green_need(stream, world.firms[i].product, feeds, state.trade[i]))
    return float(need)


@part
def limit_green_output(firms: Rows, feeds: Floats, state: State) -> None:
    """Write the green output of firms that lack material: the part they cannot make green is ordinary."""
    for i in range(firms.size):
        lacking, trade = state.desk[i].rank, state.trade[i]
        if lacking > 0.0:
            need = 0.0
            for stream in range(stream_codes.N_STREAMS):
                need += green_need(stream, firms[i].product, feeds, trade)
            kept = max(0.0, 1.0 - lacking / need)
            trade.green_output *= kept
            trade.project_output *= kept
