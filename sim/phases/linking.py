"""Phase 4, second half: by-product links fail, and pairs of firms agree on new ones, with grants as far as they go."""

from typing import NamedTuple

from agents import codes, stream_codes
from agents._compiled import part
from agents._rows import Rows
from agents.firm import Codes, Floats
from agents.government import PARK_RENOVATION, grant_claim, programme_terms
from agents.mathematics import whole
from agents.network import Candidates, Ids
from agents.retrofit import annuity_factor
from agents.symbiosis import (
    FIRST_LINK,
    NO_LINK,
    OPENING_LINK,
    chance_within,
    claimed,
    disposal_bill,
    formation_hazard,
    least_price,
    long_run_share,
    served_part,
    setup_cost,
    taker_value,
    transport_loss,
    yearly_gain,
)
from sim.draws import uniform
from sim.phases.accounts import post
from sim.phases.noticing import BEYOND_ROUNDING
from sim.phases.noting import note_partner
from sim.phases.ports import outside_claim, outside_part, pair_distance, usable
from sim.population.chances import ELSEWHERE
from sim.setting import Moment, Setting, World
from sim.state import Account, State

QUARTER = 0.25  # yr


@part
def change_links(stream: int, n_offers: int, world: World, setting: Setting, moment: Moment, state: State) -> int:
    """Write which links of a stream end, and add pairs that would agree to the offers; return how many there are.

    An offer is a pair in `order` and the kilograms a year it counts on in `column`, below zero if it needs its grant.
    Most pairs draw a number above any chance: pairs draw many at a time, and only the others are looked at.
    """
    candidates, of, tie, draws = world.candidates, setting.streams[stream], state.ties.tie, state.draws
    rules = setting.symbiosis
    failing = chance_within(of.failure_hazard * rules.failure_ratio, QUARTER)
    help_factor = moment.policy.symbiosis_platform_multiplier if of.platform else 1.0
    annuity = annuity_factor(moment.prices.loan_rate, rules.link_life)
    apart = chance_within(rules.base_formation * help_factor, QUARTER) + BEYOND_ROUNDING
    together = chance_within(rules.base_formation * rules.same_park_ratio * help_factor, QUARTER) + BEYOND_ROUNDING
    first, end = candidates.pair_start[stream], candidates.pair_start[stream + 1]
    while first < end:
        last = min(first + draws.size, end)
        source, item = candidates.source_id[first:last], candidates.item[first:last]
        draw_for_pairs(source, item, tie[first:last], moment, draws)
        for pair in range(first, last):
            draw = draws[pair - first]
            if tie[pair] != NO_LINK:
                end_link(stream, pair, draw < failing, candidates, state)
            elif draw < (together if candidates.same_park[pair] else apart) and n_offers < state.order.size:
                kilograms = offer(stream, pair, draw, annuity, help_factor, world, setting, moment, state)
                if kilograms != 0.0:
                    state.order[n_offers] = pair
                    state.column[n_offers] = kilograms
                    n_offers += 1
        first = last
    return n_offers


@part
def draw_for_pairs(source: Ids, item: Ids, tie: Codes, moment: Moment, draws: Floats) -> None:
    """Write what pairs draw, whether they are linked or not; the loop vectorises."""
    for k in range(source.size):
        decision = codes.LINK if tie[k] == NO_LINK else codes.LINK_FAILURE
        draws[k] = uniform(moment.seed, source[k], item[k], moment.quarter, decision, moment.replicate)


@part
def end_link(stream: int, pair: int, fails: bool, candidates: Candidates, state: State) -> None:
    """Write that a link ends if it fails, or nothing arises or can be used any more."""
    giver, taker = state.givers[candidates.source_place[pair]], state.takers[candidates.sink_place[pair]]
    if fails or giver.amount <= 0 or taker.wanted <= 0:
        i, j = candidates.source[pair], candidates.sink[pair]
        state.ties.tie[pair] = NO_LINK
        state.ties.streams[stream, stream_codes.ENDED] += 1
        note_partner(i, j, codes.UNLINKED, 0, stream, 0, state.log)
        note_partner(j, i, codes.UNLINKED, 0, stream, 0, state.log)


@part
def offer(
    stream: int,
    pair: int,
    draw: float,
    annuity: float,
    help_factor: float,
    world: World,
    setting: Setting,
    moment: Moment,
    state: State,
) -> float:
    """Kilograms a year on which a pair would agree, below zero if it needs its grant; zero if it would not agree."""
    of, i, j = setting.streams[stream], world.candidates.source[pair], world.candidates.sink[pair]
    giver, taker = state.givers[world.candidates.source_place[pair]], state.takers[world.candidates.sink_place[pair]]
    spare = usable(giver.amount, of.recoverable_share) - giver.sent
    kilograms = 4.0 * float(min(spare, taker.wanted - taker.received))
    if kilograms <= 0.0:
        return 0.0
    gain = pair_gain(stream, pair, kilograms, spare, world, setting, state)
    near = nearness(of, world.firms[i], world.firms[j], help_factor)
    cost = setup_cost(kilograms, of.setup_capex)
    grant = setup_grant(cost, setting, moment)
    if draw >= chance_to_link(gain - (cost - grant) / annuity, near, setting.symbiosis):
        return 0.0
    needs_grant = draw >= chance_to_link(gain - cost / annuity, near, setting.symbiosis)
    return -kilograms if needs_grant else kilograms


class Nearness(NamedTuple):
    """How two firms lie to each other."""

    distance: float  # km
    trucked: bool
    same_park: bool
    help_factor: float  # of a platform


@part
def nearness(of: Rows, giver: Rows, taker: Rows, help_factor: float) -> Nearness:
    """How a giver and a taker of a stream lie to each other."""
    same_park = giver.park == taker.park and giver.park != ELSEWHERE
    return Nearness(pair_distance(giver, taker), not of.piped, same_park, help_factor)


@part
def chance_to_link(gain: float, near: Nearness, rules: Rows) -> float:
    """Chance that a pair that gains so much a year, set-up paid, agrees this quarter."""
    hazard = formation_hazard(gain, near.distance, near.trucked, near.same_park, rules)
    return chance_within(hazard * near.help_factor, QUARTER)


@part
def pair_gain(
    stream: int, pair: int, kilograms: float, spare: int, world: World, setting: Setting, state: State
) -> float:
    """What a giver and a taker would gain in a year from so many kilograms of the `spare` a quarter, 万元."""
    of, i, j = setting.streams[stream], world.candidates.source[pair], world.candidates.sink[pair]
    giver = state.givers[world.candidates.source_place[pair]]
    outside = outside_claim(of, world.candidates.source_amount[pair], giver.amount)
    disposal = disposal_bill(of.disposal_cost, of.waste_tax)
    least = least_price(outside_part(outside, spare), of.price, disposal)
    distance = pair_distance(world.firms[i], world.firms[j])
    most = taker_value(of.substitution_value, of.processing_cost, of.transport_cost, distance)
    return yearly_gain(kilograms, least, most * (1.0 - transport_loss(distance, of.loss_per_km)))


@part
def setup_grant(cost: float, setting: Setting, moment: Moment) -> float:
    """Grant that a link may claim from the renovation of parks, 万元."""
    if setting.mechanisms.grants <= 0.0:
        return 0.0
    return grant_claim(cost, 1.0, programme_terms(PARK_RENOVATION, moment.policy))


@part
def make_agreements(n_offers: int, world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write the links agreed on; where claims exceed the purse all are cut alike, and who needs the grant withdraws."""
    purse, stream, claims = state.till.purses[PARK_RENOVATION], 0, 0
    for place in range(n_offers):
        stream = stream_of(state.order[place], stream, world.candidates)
        claims += whole(offered_grant(stream, state.column[place], setting, moment) * codes.FEN)
    purse.asked += claims
    served = 1.0 if claims <= purse.left else float(purse.left) / float(claims)
    stream = 0
    for place in range(n_offers):
        pair = state.order[place]
        stream = stream_of(pair, stream, world.candidates)
        claim = whole(offered_grant(stream, state.column[place], setting, moment) * codes.FEN)
        grant = claim if served >= 1.0 else int(float(claim) * served)
        if state.column[place] > 0.0 or grant == claim:
            cost = setup_cost(abs(state.column[place]), setting.streams[stream].setup_capex)
            agree(stream, pair, whole(cost * codes.FEN), grant, world, setting, moment, state)
        state.column[place] = 0.0


@part
def stream_of(pair: int, stream: int, candidates: Candidates) -> int:
    """Stream of a pair, looked for from `stream` on."""
    while pair >= candidates.pair_start[stream + 1]:
        stream += 1
    return stream


@part
def offered_grant(stream: int, kilograms: float, setting: Setting, moment: Moment) -> float:
    """Grant that an offer of so many kilograms a year claims, 万元."""
    return setup_grant(setup_cost(abs(kilograms), setting.streams[stream].setup_capex), setting, moment)


@part
def agree(
    stream: int, pair: int, cost: int, grant: int, world: World, setting: Setting, moment: Moment, state: State
) -> None:
    """Write one new link; both partners pay their part of the set-up, fen, less their part of the grant."""
    till, counts = state.till, state.ties.streams[stream]
    i, j = world.candidates.source[pair], world.candidates.sink[pair]
    giver_cost = whole(float(cost) * setting.symbiosis.giver_share)
    giver_grant = whole(float(grant) * setting.symbiosis.giver_share)
    pay_setup(giver_cost, giver_grant, Account(till.money[i], till.ledger[i], till.accounts))
    pay_setup(cost - giver_cost, grant - giver_grant, Account(till.money[j], till.ledger[j], till.accounts))
    till.purses[PARK_RENOVATION].left -= grant
    till.purses[PARK_RENOVATION].spent += grant
    state.ties.tie[pair] = FIRST_LINK + moment.quarter
    counts[stream_codes.FORMED] += 1
    counts[stream_codes.SETUP_COST] += cost
    counts[stream_codes.SETUP_GRANT] += grant
    programme = PARK_RENOVATION if grant > 0 else 0
    note_partner(i, j, codes.LINKED, programme, stream, giver_grant, state.log)
    note_partner(j, i, codes.LINKED, programme, stream, grant - giver_grant, state.log)


@part
def pay_setup(cost: int, grant: int, account: Account) -> None:
    """Post one partner's part of a set-up; what cash does not cover becomes an overdraft at the end of the quarter."""
    post(codes.LINK_CAPEX, -cost, account)
    post(codes.GRANT, grant, account)
    account.money.capital += cost


@part
def draw_opening_links(stream: int, world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write which pairs of a stream would be linked at the end of 2020 if each were alone."""
    candidates, of = world.candidates, setting.streams[stream]
    for pair in range(candidates.pair_start[stream], candidates.pair_start[stream + 1]):
        giver, taker = state.givers[candidates.source_place[pair]], state.takers[candidates.sink_place[pair]]
        supply = usable(giver.amount, of.recoverable_share)
        kilograms = min(supply, taker.wanted)
        if linked_in_2020(stream, pair, kilograms, supply, world, setting, moment, state):
            state.ties.tie[pair] = OPENING_LINK


@part
def thin_opening_links(stream: int, world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Take away links that would not stand with what the others leave them; reads claims, writes no flows."""
    candidates, of, tie = world.candidates, setting.streams[stream], state.ties.tie
    first, last = candidates.pair_start[stream], candidates.pair_start[stream + 1]
    for pair in range(first, last):
        if tie[pair] != NO_LINK:
            flow = opening_flow(stream, pair, world, setting, state)
            giver, taker = state.givers[candidates.source_place[pair]], state.takers[candidates.sink_place[pair]]
            giver.sent += flow
            taker.received += flow
    for pair in range(first, last):
        if tie[pair] != NO_LINK:
            giver, taker = state.givers[candidates.source_place[pair]], state.takers[candidates.sink_place[pair]]
            flow = opening_flow(stream, pair, world, setting, state)
            spare = usable(giver.amount, of.recoverable_share) - giver.sent + flow
            kilograms = min(spare, taker.wanted - taker.received + flow)
            if not linked_in_2020(stream, pair, kilograms, spare, world, setting, moment, state):
                tie[pair] = NO_LINK


@part
def opening_flow(stream: int, pair: int, world: World, setting: Setting, state: State) -> int:
    """What a link would carry with all links of the opening in place, kg a quarter."""
    of = setting.streams[stream]
    giver, taker = state.givers[world.candidates.source_place[pair]], state.takers[world.candidates.sink_place[pair]]
    supply = usable(giver.amount, of.recoverable_share)
    outside = outside_claim(of, world.candidates.source_amount[pair], giver.amount)
    claim = claimed(taker.wanted, supply, taker.offered)
    return int(float(claim) * served_part(supply, giver.asked, outside))


@part
def linked_in_2020(
    stream: int,
    pair: int,
    kilograms: int,
    spare: int,
    world: World,
    setting: Setting,
    moment: Moment,
    state: State,
) -> bool:
    """Whether a pair that counts on so many kilograms a quarter is linked, as many as form and fail in the long run."""
    if kilograms <= 0:
        return False
    of, rules = setting.streams[stream], setting.symbiosis
    i, j = world.candidates.source[pair], world.candidates.sink[pair]
    yearly = 4.0 * float(kilograms)
    gain = pair_gain(stream, pair, yearly, spare, world, setting, state)
    gain -= setup_cost(yearly, of.setup_capex) / annuity_factor(moment.prices.loan_rate, rules.link_life)
    near = nearness(of, world.firms[i], world.firms[j], 1.0)
    hazard = formation_hazard(gain, near.distance, near.trucked, near.same_park, rules)
    item = world.firms[j].firm * stream_codes.N_STREAMS + stream
    draw = uniform(moment.seed, world.firms[i].firm, item, 0, codes.INITIAL_LINK, moment.replicate)
    return draw < long_run_share(hazard, of.failure_hazard * rules.failure_ratio)
