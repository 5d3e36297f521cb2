"""Phase 13: links break and go to other suppliers; green buyers prefer certified ones and ask the others to be so."""

from typing import NamedTuple

from agents._compiled import part
from agents._rows import Rows
from agents.codes import (
    FEN,
    GREEN_SUPPLY_CHAIN_MANAGER,
    REQUEST,
    REQUEST_LAPSE,
    SUPPLIER_CHOICE,
    SUPPLIER_SURVIVAL,
)
from agents.firm import quarterly_hazard
from agents.government import PLATFORM, SUPPLY_CHAIN
from agents.mathematics import whole
from agents.network import (
    LINKS,
    LINKS_SWITCHED,
    MOST_REQUESTS,
    N_PLACES,
    REQUESTS_SENT,
    WHOLE_LINK,
    Links,
    certified_supplier,
    leads_chain,
    shifted_parts,
    standing_requests,
    supplier_odds,
)
from agents.retrofit import has, with_option
from sim.draws import four_uniforms, uniform
from sim.phases.link_places import add_parts, parts_at, supplier_at
from sim.phases.noticing import spend
from sim.setting import Moment, Setting, World
from sim.state import State


class Terms(NamedTuple):
    """Chances and shares of the quarter, the same for all buyers."""

    breaking: float  # chance that a link breaks
    certified_odds: float  # of a certified firm to be chosen instead
    asking: float  # chance that a green buyer asks a supplier
    lapsing: float  # share of requests forgotten
    leaders: float  # enrolled chain leaders
    leader_shift: float  # share of purchases that a chain leader moves to certified suppliers
    manager_shift: float  # the same of a green supply-chain manager


class Buyer(NamedTuple):
    """A buyer that looks at its links."""

    firm: int  # stable id
    green: bool  # prefers certified suppliers
    shift: float  # share of purchases that it moves to them this quarter


@part
def switch_suppliers(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write how links are divided from next quarter on and who is asked; reads certificates and who is there."""
    terms, policy, enrolled = terms_of_links(setting, moment), moment.policy, 0
    state.counts.links[:] = 0
    if setting.mechanisms.switching > 0.0:
        forget_requests(world.firms, terms.lapsing, moment, state)
        for i in range(world.firms.size):
            if state.trade[i].active:
                leads = leads_chain(world.firms[i].chain_rank, terms.leaders)
                enrolled += leads
                review_links(i, leads, terms, world, moment, state)
    count_links(world.links, state)
    spend(SUPPLY_CHAIN, whole(0.25 * policy.supply_chain_leader_cost * enrolled * FEN), state.till)
    spend(PLATFORM, whole(0.25 * policy.digital_platform_cost * FEN), state.till)


@part
def terms_of_links(setting: Setting, moment: Moment) -> Terms:
    """The terms of the quarter."""
    rules, policy = setting.switching, moment.policy
    return Terms(
        quarterly_hazard(1.0 - rules.supplier_survival),
        rules.certified_odds + policy.digital_platform_matching,
        quarterly_hazard(rules.request_rate),
        quarterly_hazard(rules.request_lapse),
        policy.supply_chain_leader_number,
        quarterly_hazard(policy.supply_chain_leader_shift),
        quarterly_hazard(rules.manager_shift),
    )


@part
def forget_requests(firms: Rows, lapse: float, moment: Moment, state: State) -> None:
    """Write which requests of earlier quarters still stand; a firm that left has none."""
    for i in range(firms.size):
        standing = state.standing[i]
        if standing.requests > 0:
            luck = uniform(moment.seed, firms[i].firm, 0, moment.quarter, REQUEST_LAPSE, moment.replicate)
            left = standing_requests(int(standing.requests), lapse, luck)
            standing.requests = left if state.trade[i].active else 0


@part
def review_links(i: int, leads: bool, terms: Terms, world: World, moment: Moment, state: State) -> None:
    """Write how one buyer divides its links: broken ones go to others, a green buyer also moves and asks."""
    manages = has(state.standing[i].certificates, GREEN_SUPPLY_CHAIN_MANAGER)
    shift = max(terms.leader_shift if leads else 0.0, terms.manager_shift if manages else 0.0)
    buyer, links, draws = Buyer(world.firms[i].firm, leads or manages, shift), world.links, (0.0, 0.0, 0.0, 0.0)
    first = links.customer_start[i]
    for k in range(first, links.customer_start[i + 1]):
        if (k - first) % 4 == 0:
            block = (k - first) // 4
            draws = four_uniforms(moment.seed, buyer.firm, block, moment.quarter, SUPPLIER_SURVIVAL, moment.replicate)
        renew_link(k, draws[(k - first) % 4], buyer, terms, world, moment, state)
        if buyer.green:
            favour_certified(k, buyer.shift, links, state)
            ask_suppliers(k, buyer, terms.asking, world, moment, state)


@part
def renew_link(k: int, draw: float, buyer: Buyer, terms: Terms, world: World, moment: Moment, state: State) -> None:
    """Move what a buyer bought from suppliers that left or whose link breaks; all breaks are known before any move.

    `draw` is the luck of the supplier that the link was drawn with; four links of a buyer share a block of draws.
    """
    links, supply, broken = world.links, state.supply, 0
    kept = supply.kept[links.link[k]]
    if kept > 0 and (draw < terms.breaking or not state.trade[links.supplier[k]].active):
        broken = with_option(broken, 0)
    if kept < WHOLE_LINK:
        for place in range(1, N_PLACES):
            if parts_at(k, place, links, supply) > 0 and breaks(k, place, buyer, terms.breaking, world, moment, state):
                broken = with_option(broken, place)
    if broken == 0:
        return
    for place in range(N_PLACES):
        if has(broken, place):
            taker = successor(k, place, broken, buyer, terms, world, moment, state)
            if taker >= 0:
                parts = parts_at(k, place, links, supply)
                add_parts(k, place, -parts, links, supply)
                add_parts(k, taker, parts, links, supply)
                state.counts.links[LINKS_SWITCHED] += 1


@part
def breaks(k: int, place: int, buyer: Buyer, chance: float, world: World, moment: Moment, state: State) -> bool:
    """Whether a buyer parts with the substitute at a place of a link this quarter."""
    supplier = supplier_at(k, place, world.links)
    if not state.trade[supplier].active:
        return True
    partner = world.firms[supplier].firm
    return uniform(moment.seed, buyer.firm, partner, moment.quarter, SUPPLIER_SURVIVAL, moment.replicate) < chance


@part
def successor(
    k: int, leaving: int, broken: int, buyer: Buyer, terms: Terms, world: World, moment: Moment, state: State
) -> int:
    """Place of the supplier that follows the one at place `leaving`, drawn by odds; -1 if nobody else is there."""
    total = 0.0
    for place in range(N_PLACES):
        total += odds_at(k, place, broken, terms.certified_odds, world.links, state)
    if total <= 0.0:
        return -1
    partner = world.firms[supplier_at(k, leaving, world.links)].firm
    draw = uniform(moment.seed, buyer.firm, partner, moment.quarter, SUPPLIER_CHOICE, moment.replicate)
    reach, chosen = 0.0, -1
    for place in range(N_PLACES):
        odds = odds_at(k, place, broken, terms.certified_odds, world.links, state)
        if odds > 0.0 and (chosen < 0 or reach <= draw * total):
            chosen = place
        reach += odds
    return chosen


@part
def odds_at(k: int, place: int, broken: int, certified_odds: float, links: Links, state: State) -> float:
    """Odds of the supplier at a place to be chosen; none if it is not there or its own link breaks."""
    supplier = supplier_at(k, place, links)
    if supplier < 0 or has(broken, place) or not state.trade[supplier].active:
        return 0.0
    return supplier_odds(certified_supplier(state.standing[supplier].certificates), certified_odds)


@part
def favour_certified(k: int, shift: float, links: Links, state: State) -> None:
    """Move a share of what a green buyer buys from others to the first certified supplier on a link, if any."""
    taker = -1
    for place in range(N_PLACES - 1, -1, -1):
        if certified_at(k, place, links, state):
            taker = place
    if taker < 0:
        return
    for place in range(N_PLACES):
        if not certified_at(k, place, links, state):
            parts = shifted_parts(parts_at(k, place, links, state.supply), shift)
            if parts > 0:
                add_parts(k, place, -parts, links, state.supply)
                add_parts(k, taker, parts, links, state.supply)


@part
def certified_at(k: int, place: int, links: Links, state: State) -> bool:
    """Whether the supplier at a place of a link is there and certified."""
    supplier = supplier_at(k, place, links)
    if supplier < 0 or not state.trade[supplier].active:
        return False
    return certified_supplier(state.standing[supplier].certificates)


@part
def ask_suppliers(k: int, buyer: Buyer, chance: float, world: World, moment: Moment, state: State) -> None:
    """Add the requests of a green buyer to those of its suppliers on a link that are not certified."""
    links = world.links
    for place in range(N_PLACES):
        supplier = supplier_at(k, place, links)
        if parts_at(k, place, links, state.supply) > 0 and not certified_at(k, place, links, state):
            partner, standing = world.firms[supplier].firm, state.standing[supplier]
            draw = uniform(moment.seed, buyer.firm, partner, moment.quarter, REQUEST, moment.replicate)
            if draw < chance and state.trade[supplier].active and standing.requests < MOST_REQUESTS:
                standing.requests += 1
                state.counts.links[REQUESTS_SENT] += 1


@part
def count_links(links: Links, state: State) -> None:
    """Count the pairs of buyer and supplier that trade on a link and are both there."""
    trades, supply, found = state.trade, state.supply, 0
    for i in range(trades.size):
        if trades[i].active:
            for link in range(links.supplier_start[i], links.supplier_start[i + 1]):
                found += supply.kept[link] > 0 and trades[links.customer[link]].active
            for place in range(links.substitute_start[i], links.substitute_start[i + 1]):
                if supply.moved[place] > 0:
                    found += trades[links.customer[links.instead[place]]].active
    state.counts.links[LINKS] = found
