"""Phase 4: by-products go from givers to takers, to outside takers or to disposal, in whole kilograms.

Stream by stream: what arises at givers and what takers can use is written down; takers ask their givers; givers with
too little serve links and outside takers alike; every kilogram and fen is booked once on both sides. What by-products
brought and cost in the base year is part of the base year's cost shares, so it is taken off again in proportion to
output.
"""

from typing import NamedTuple

from agents import codes, stream_codes
from agents._compiled import part
from agents._rows import Rows
from agents.government import PARK_RENOVATION, SYMBIOSIS_PLATFORM, programme_terms
from agents.mathematics import whole
from agents.symbiosis import (
    FEN_PER_KG,
    INDUSTRIAL_SOLID,
    base_amount,
    claimed,
    disposal_bill,
    least_price,
    served_part,
    shared_price,
    taker_value,
    transport_loss,
    working,
)
from sim.phases.accounts import post
from sim.phases.feeding import feed, green_need, limit_green_output, total_need
from sim.phases.linking import change_links, draw_opening_links, make_agreements, thin_opening_links
from sim.phases.noticing import spend
from sim.phases.ports import arising, outside_claim, outside_part, pair_distance, per_output, usable
from sim.population.chances import ELSEWHERE
from sim.setting import Moment, Setting, World
from sim.state import Account, State

NO_LIMIT = 1 << 62  # kg


@part
def exchange_by_products(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write flows of by-products, their money, which green output lacks material, and links that come and go."""
    if setting.mechanisms.by_products <= 0.0:
        return
    clear_exchange(state)
    for i in range(world.firms.size):
        if state.standing[i].active:
            exchange_alone(i, setting.symbiosis.other_waste_used, world, setting, state)
    purse = state.till.purses[PARK_RENOVATION]
    if moment.quarter % 4 == 0:
        purse.left = whole(programme_terms(PARK_RENOVATION, moment.policy).purse * codes.FEN)
    if moment.policy.symbiosis_platform_multiplier > 1.0:
        spend(SYMBIOSIS_PLATFORM, whole(0.25 * moment.policy.symbiosis_platform_cost * codes.FEN), state.till)
    n_offers = 0
    for stream in range(stream_codes.N_STREAMS):
        write_ports(stream, world, setting, state)
        pass_on(stream, world, setting, moment, state)
        feed(stream, state.ties.outside_supply[stream], world, setting, state)
        if setting.mechanisms.link_changes > 0.0:
            n_offers = change_links(stream, n_offers, world, setting, moment, state)
    make_agreements(n_offers, world, setting, moment, state)
    limit_green_output(world.firms, setting.feeds, state)
    count_linked(world.firms, state)


@part
def clear_exchange(state: State) -> None:
    """Start the quarter's counts."""
    state.ties.streams[:, :] = 0
    state.ties.arcs[:, :] = 0
    if state.ties.flow.size > 0:
        state.ties.flow[:] = 0
    for i in range(state.desk.size):
        state.desk[i].rank = 0.0
        state.works[i].linked = False


@part
def exchange_alone(i: int, used_share: float, world: World, setting: Setting, state: State) -> None:
    """Write what needs no partner at one firm: waste that no stream describes, and by-products with which it is alone.

    What by-products brought and cost per output in 2020 is taken off: the cost shares of the base year hold it already.
    """
    candidates, ties, output, row = world.candidates, state.ties, state.trade[i].output, state.quantities[i]
    sector, now, sales = world.firms[i].sector, per_output(state.plant[i]), 0
    waste = whole(float(row[codes.WASTE]) * setting.rest_waste[sector])
    used = whole(float(waste) * used_share)
    brought, tax = -whole(float(ties.base_money[i]) * output), whole(float(ties.base_tax[i]) * output)
    for place in range(candidates.alone_start[i], candidates.alone_start[i + 1]):
        stream = candidates.alone[place]
        of, role, counts = setting.streams[stream], setting.roles[stream, sector], ties.streams[stream]
        amount = arising(role, output, now)
        rest = rest_of(of, amount, outside_claim(of, candidates.alone_amount[place], amount))
        sale = sale_of(rest.sold, role)
        counts[stream_codes.GENERATED] += amount
        count_rest(rest, sale, counts)
        waste += solid(of, amount)
        used += solid(of, rest.outside)
        sales += sale
        brought += rest.sold - rest.fee
        tax += rest.tax
    row[codes.WASTE] = waste
    row[codes.WASTE_USED] = used
    row[codes.BY_PRODUCT_SALES] += sales
    account = Account(state.till.money[i], state.till.ledger[i], state.till.accounts)
    post(codes.BY_PRODUCT_BALANCE, brought, account)
    post(codes.POLLUTION_TAX, -tax, account)


@part
def write_ports(stream: int, world: World, setting: Setting, state: State) -> None:
    """Write what arises at givers and what takers can use, kg.

    Givers that meet nobody in the stream had theirs before: `exchange_alone`.
    """
    candidates, counts = world.candidates, state.ties.streams[stream]
    for place in range(candidates.giver_start[stream], candidates.giver_start[stream + 1]):
        i, giver = candidates.giver[place], state.givers[place - candidates.giver_start[stream]]
        role = setting.roles[stream, world.firms[i].sector]
        giver.amount = arising(role, state.trade[i].output, per_output(state.plant[i]))
        giver.asked = 0
        giver.sent = 0
        counts[stream_codes.GENERATED] += giver.amount
        state.quantities[i, codes.WASTE] += solid(setting.streams[stream], giver.amount)
    for place in range(candidates.taker_start[stream], candidates.taker_start[stream + 1]):
        i, taker = candidates.taker[place], state.takers[place - candidates.taker_start[stream]]
        role, trade = setting.roles[stream, world.firms[i].sector], state.trade[i]
        need = green_need(stream, world.firms[i].product, setting.feeds, trade)
        output = trade.output - trade.green_output if need > 0.0 else trade.output
        wanted = role.taker_rate * base_amount(role.taker_base, output, per_output(state.plant[i]))
        taker.wanted = whole(wanted) + whole(need)
        taker.offered = 0
        taker.received = 0


@part
def pass_on(stream: int, world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write the flows of one stream along its links, and what is left to outside takers and disposal."""
    candidates, of = world.candidates, setting.streams[stream]
    share_claims(stream, world, setting, moment, state)
    for pair in range(candidates.pair_start[stream], candidates.pair_start[stream + 1]):
        if working(state.ties.tie[pair], moment.quarter, of.setup_quarters):
            deliver(stream, pair, world, setting, state)
    for place in range(candidates.giver_start[stream], candidates.giver_start[stream + 1]):
        clear_away(stream, place, world, setting, state)


@part
def share_claims(stream: int, world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write what the givers of each taker have, and what each giver is asked for."""
    candidates, of, tie = world.candidates, setting.streams[stream], state.ties.tie
    first, last = candidates.pair_start[stream], candidates.pair_start[stream + 1]
    for pair in range(first, last):
        if working(tie[pair], moment.quarter, of.setup_quarters):
            giver, taker = state.givers[candidates.source_place[pair]], state.takers[candidates.sink_place[pair]]
            taker.offered += usable(giver.amount, of.recoverable_share)
    for pair in range(first, last):
        if working(tie[pair], moment.quarter, of.setup_quarters):
            giver, taker = state.givers[candidates.source_place[pair]], state.takers[candidates.sink_place[pair]]
            supply = usable(giver.amount, of.recoverable_share)
            giver.asked += claimed(taker.wanted, supply, taker.offered)


@part
def deliver(stream: int, pair: int, world: World, setting: Setting, state: State) -> None:
    """Write the flow along one link and its money: the price shares what the partners gain."""
    i, j = world.candidates.source[pair], world.candidates.sink[pair]
    of, counts = setting.streams[stream], state.ties.streams[stream]
    giver, taker = state.givers[world.candidates.source_place[pair]], state.takers[world.candidates.sink_place[pair]]
    role = setting.roles[stream, world.firms[i].sector]
    outside = outside_claim(of, world.candidates.source_amount[pair], giver.amount)
    supply = usable(giver.amount, of.recoverable_share)
    claim = claimed(taker.wanted, supply, taker.offered)
    flow = int(float(claim) * served_part(supply, giver.asked, outside))
    flow = min(flow, supply - giver.sent, taker.wanted - taker.received)
    distance = pair_distance(world.firms[i], world.firms[j])
    arrived = flow - int(float(flow) * transport_loss(distance, of.loss_per_km))
    disposal = disposal_bill(of.disposal_cost, of.waste_tax)
    least = least_price(outside_part(outside, supply), of.price, disposal)
    most = taker_value(of.substitution_value, of.processing_cost, of.transport_cost, distance)
    price = shared_price(least, most, setting.symbiosis.giver_share)
    paid = whole(float(arrived) * price * FEN_PER_KG)
    post(codes.BY_PRODUCT_TRADE, paid, Account(state.till.money[i], state.till.ledger[i], state.till.accounts))
    account = Account(state.till.money[j], state.till.ledger[j], state.till.accounts)
    post(codes.BY_PRODUCT_TRADE, -paid, account)
    post(codes.BY_PRODUCT_BALANCE, whole(float(arrived) * most * FEN_PER_KG), account)
    sale = sale_of(paid, role)
    state.quantities[i, codes.BY_PRODUCT_SALES] += sale
    counts[stream_codes.STREAM_SALES] += sale
    giver.sent += flow
    taker.received += flow
    if flow > 0:
        state.works[i].linked = True
        state.works[j].linked = True
    counts[stream_codes.LINKS] += 1
    counts[stream_codes.SENT] += flow
    counts[stream_codes.RECEIVED] += arrived
    counts[stream_codes.CO2_AVOIDED] += whole(float(arrived) * of.co2_avoided)
    if not of.piped:
        state.ties.arcs[world.firms[i].park, world.firms[j].park] += arrived
    if state.ties.flow.size > 0:
        state.ties.flow[pair] += arrived


@part
def sale_of(paid: int, role: Rows) -> int:
    """What of so many fen is a sale of its own: not what the giver pays, nor what its ordinary sales hold already."""
    return 0 if role.own_product else max(paid, 0)


@part
def solid(of: Rows, amount: int) -> int:
    """What of an amount is industrial solid waste, kg."""
    return amount if of.waste_class == INDUSTRIAL_SOLID else 0


class Rest(NamedTuple):
    """What becomes of a by-product that no link took."""

    outside: int  # kg used outside or by the giver itself
    disposed: int  # kg
    sold: int  # fen
    fee: int  # fen
    tax: int  # fen


@part
def rest_of(of: Rows, left: int, claim: int) -> Rest:
    """What outside takers and the giver itself, who ask for `claim`, use of what is left, and what is disposed of."""
    outside = min(claim, left)
    disposed = left - outside
    return Rest(
        outside,
        disposed,
        whole(float(outside) * of.sold_share * of.price * FEN_PER_KG),
        whole(float(disposed) * of.disposal_cost * FEN_PER_KG),
        whole(float(disposed) * of.waste_tax * FEN_PER_KG),
    )


@part
def clear_away(stream: int, place: int, world: World, setting: Setting, state: State) -> None:
    """Write what becomes of what the links of a giver did not take."""
    of, candidates = setting.streams[stream], world.candidates
    i, giver = candidates.giver[place], state.givers[place - candidates.giver_start[stream]]
    row, claim = state.quantities[i], outside_claim(of, candidates.giver_amount[place], giver.amount)
    rest = rest_of(of, giver.amount - giver.sent, claim)
    sale = sale_of(rest.sold, setting.roles[stream, world.firms[i].sector])
    account = Account(state.till.money[i], state.till.ledger[i], state.till.accounts)
    post(codes.BY_PRODUCT_BALANCE, rest.sold - rest.fee, account)
    post(codes.POLLUTION_TAX, -rest.tax, account)
    count_rest(rest, sale, state.ties.streams[stream])
    row[codes.BY_PRODUCT_SALES] += sale
    row[codes.WASTE_USED] += solid(of, giver.sent + rest.outside)


@part
def count_rest(rest: Rest, sale: int, counts: Rows) -> None:
    """Count what was used outside and disposed of, and what that sold."""
    counts[stream_codes.STREAM_SALES] += sale
    counts[stream_codes.USED_OUTSIDE] += rest.outside
    counts[stream_codes.DISPOSED] += rest.disposed


@part
def count_linked(firms: Rows, state: State) -> None:
    """Count above-scale firms in parks, in thousandths, and those that passed on or took a by-product."""
    linked = state.ties.linked
    linked[:] = 0
    for i in range(firms.size):
        if firms[i].above_scale and firms[i].park != ELSEWHERE and state.standing[i].active:
            weight = whole(1000.0 * firms[i].weight)
            linked[1] += weight
            if state.works[i].linked:
                linked[0] += weight


@part
def open_exchange(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write the links of the end of 2020, what by-products then brought and cost, and what outside suppliers sent.

    The quarter is booked and taken back: cash and accounts stay as they were.
    """
    state.till.ledger[:, :] = 0
    for i in range(world.firms.size):
        state.trade[i].green_output = state.trade[i].green_expected
    clear_exchange(state)
    for i in range(world.firms.size):
        if state.standing[i].active:
            exchange_alone(i, 0.0, world, setting, state)
    for stream in range(stream_codes.N_STREAMS):
        write_ports(stream, world, setting, state)
        draw_opening_links(stream, world, setting, moment, state)
        share_claims(stream, world, setting, moment, state)
        thin_opening_links(stream, world, setting, moment, state)
        write_ports(stream, world, setting, state)
        pass_on(stream, world, setting, moment, state)
        feed(stream, NO_LIMIT, world, setting, state)
        bought = float(state.ties.streams[stream, stream_codes.BOUGHT_OUTSIDE])
        need = total_need(stream, world, setting.feeds, state)
        state.ties.outside_supply[stream] = int(bought + setting.symbiosis.outside_margin * need)
    take_back(world.firms, state)


@part
def take_back(firms: Rows, state: State) -> None:
    """Keep what the quarter brought and cost per output, and undo its postings."""
    ties = state.ties
    for i in range(firms.size):
        ledger, output = state.till.ledger[i], state.trade[i].output
        account = Account(state.till.money[i], ledger, state.till.accounts)
        brought, tax = ledger[codes.BY_PRODUCT_TRADE] + ledger[codes.BY_PRODUCT_BALANCE], ledger[codes.POLLUTION_TAX]
        if state.standing[i].active and output > 0.0:
            ties.base_money[i] = brought / output
            ties.base_tax[i] = tax / output
        for term in (codes.BY_PRODUCT_TRADE, codes.BY_PRODUCT_BALANCE, codes.POLLUTION_TAX):
            post(term, -ledger[term], account)
        state.trade[i].green_output = 0.0
    state.quantities[:, :] = 0
    ties.streams[:, :] = 0
    ties.arcs[:, :] = 0
    if ties.flow.size > 0:
        ties.flow[:] = 0
