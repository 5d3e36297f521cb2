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
    SWITCHED,
)
from agents.firm import quarterly_hazard
from agents.government import PLATFORM, SUPPLY_CHAIN
from agents.mathematics import whole
from agents.network import (
    LINKS_SWITCHED,
    MOST_REQUESTS,
    N_PLACES,
    REQUESTS_SENT,
    Links,
    Supply,
    certified_supplier,
    leads_chain,
    shifted_parts,
    standing_requests,
    supplier_odds,
)
from agents.retrofit import has
from sim.draws import four_uniforms, uniform
from sim.phases.link_places import add_parts, parts_at, supplier_at
from sim.phases.noticing import spend
from sim.phases.noting import note_partner
from sim.setting import Moment, Setting, World
from sim.state import State

REVIEWS = 4  # quarters between two reviews of a link


class Terms(NamedTuple):
    """Chances and shares of the quarter, the same for all buyers."""

    breaking: float  # chance that a link breaks when it is reviewed, once a year
    certified_odds: float  # of a certified firm to be chosen instead
    asking: float  # chance that a green buyer asks a supplier this quarter
    lapsing: float  # share of requests forgotten
    leaders: float  # enrolled chain leaders
    leader_shift: float  # share of purchases that a chain leader moves to certified suppliers
    manager_shift: float  # the same of a green supply-chain manager


class Buyer(NamedTuple):
    """A buyer that looks at its links."""

    row: int
    firm: int  # stable id
    shift: float  # share of purchases that it moves to them this quarter


@part
def switch_suppliers(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write how links are divided from next quarter on and who is asked; reads certificates and who is there."""
    terms, policy, enrolled = terms_of_links(setting, moment), moment.policy, 0
    state.counts.links[LINKS_SWITCHED] = 0
    state.counts.links[REQUESTS_SENT] = 0
    if setting.mechanisms.switching > 0.0:
        forget_requests(world.firms, terms.lapsing, moment, state)
        replace_leavers(terms.certified_odds, world, moment, state)
        for i in range(world.firms.size):
            if state.standing[i].active:
                leads = leads_chain(world.firms[i].chain_rank, terms.leaders)
                enrolled += leads
                review_links(i, leads, terms, world, moment, state)
    spend(SUPPLY_CHAIN, whole(0.25 * policy.supply_chain_leader_cost * enrolled * FEN), state.till)
    spend(PLATFORM, whole(0.25 * policy.digital_platform_cost * FEN), state.till)


@part
def terms_of_links(setting: Setting, moment: Moment) -> Terms:
    """The terms of the quarter."""
    rules, policy = setting.switching, moment.policy
    return Terms(
        1.0 - rules.supplier_survival,
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
            standing.requests = left if state.standing[i].active else 0


@part
def replace_leavers(certified_odds: float, world: World, moment: Moment, state: State) -> None:
    """Move what was bought from firms that left last quarter, and what arrivals would buy from those long gone."""
    links, supply = world.links, state.supply
    for i in range(world.firms.size):
        if state.works[i].event < 0:
            for link in range(links.supplier_start[i], links.supplier_start[i + 1]):
                replace(link, 0, certified_odds, world, moment, state)
            for at in range(links.substitute_start[i], links.substitute_start[i + 1]):
                if supply.moved[at] > 0:
                    link = links.instead[at]
                    place = 1
                    while links.place[link, place - 1] != at:
                        place += 1
                    replace(link, place, certified_odds, world, moment, state)
        elif state.works[i].event > 0:
            for k in range(links.customer_start[i], links.customer_start[i + 1]):
                if not state.standing[links.supplier[k]].active:
                    replace(links.link[k], 0, certified_odds, world, moment, state)


@part
def review_links(i: int, leads: bool, terms: Terms, world: World, moment: Moment, state: State) -> None:
    """Write how one buyer divides its links: some end, and a green buyer moves purchases and asks."""
    manages = has(state.standing[i].certificates, GREEN_SUPPLY_CHAIN_MANAGER)
    shift = max(terms.leader_shift if leads else 0.0, terms.manager_shift if manages else 0.0)
    buyer = Buyer(i, world.firms[i].firm, shift)
    end_links(buyer, terms, world, moment, state)
    if leads or manages:
        green_links(buyer, terms.asking, world, moment, state)


@part
def end_links(buyer: Buyer, terms: Terms, world: World, moment: Moment, state: State) -> None:
    """End those links of a buyer that are up for review and break: four at a time, each once a year."""
    links = world.links
    first, last = links.customer_start[buyer.row], links.customer_start[buyer.row + 1]
    block = (moment.quarter - buyer.firm) % REVIEWS
    while first + 4 * block < last:
        draws = four_uniforms(moment.seed, buyer.firm, block, moment.quarter, SUPPLIER_SURVIVAL, moment.replicate)
        for k in range(first + 4 * block, min(first + 4 * block + 4, last)):
            if draws[(k - first) % 4] < terms.breaking:
                link = links.link[k]
                replace(link, main_place(link, links, state.supply), terms.certified_odds, world, moment, state)
        block += REVIEWS


@part
def main_place(link: int, links: Links, supply: Supply) -> int:
    """Place of the supplier that has most parts of a link, the first of equals."""
    main = 0
    for place in range(1, N_PLACES):
        if parts_at(link, place, links, supply) > parts_at(link, main, links, supply):
            main = place
    return main


@part
def replace(link: int, leaving: int, certified_odds: float, world: World, moment: Moment, state: State) -> None:
    """Give the parts of one supplier on a link to another, if the buyer and another are there."""
    parts, buyer = parts_at(link, leaving, world.links, state.supply), world.links.customer[link]
    open_link = parts > 0 and state.standing[buyer].active
    taker = successor(link, leaving, certified_odds, world, moment, state) if open_link else -1
    if taker >= 0:
        add_parts(link, leaving, -parts, world.links, state.supply)
        add_parts(link, taker, parts, world.links, state.supply)
        state.counts.links[LINKS_SWITCHED] += 1
        note_partner(buyer, supplier_at(link, taker, world.links), SWITCHED, 0, 0, 0, state.log)


@part
def successor(link: int, leaving: int, certified_odds: float, world: World, moment: Moment, state: State) -> int:
    """Place of the supplier that follows the one at place `leaving`, drawn by odds; -1 if nobody else is there."""
    total = 0.0
    for place in range(N_PLACES):
        total += odds_at(link, place, leaving, certified_odds, world.links, state)
    if total <= 0.0:
        return -1
    buyer = world.firms[world.links.customer[link]].firm
    partner = world.firms[supplier_at(link, leaving, world.links)].firm
    draw = uniform(moment.seed, buyer, partner, moment.quarter, SUPPLIER_CHOICE, moment.replicate)
    reach, chosen = 0.0, -1
    for place in range(N_PLACES):
        odds = odds_at(link, place, leaving, certified_odds, world.links, state)
        if odds > 0.0 and (chosen < 0 or reach <= draw * total):
            chosen = place
        reach += odds
    return chosen


@part
def odds_at(link: int, place: int, leaving: int, certified_odds: float, links: Links, state: State) -> float:
    """Odds of the supplier at a place to be chosen; none if it is not there or it is the one to be replaced."""
    supplier = supplier_at(link, place, links)
    if supplier < 0 or place == leaving or not state.standing[supplier].active:
        return 0.0
    return supplier_odds(certified_supplier(state.standing[supplier].certificates), certified_odds)


@part
def green_links(buyer: Buyer, asking: float, world: World, moment: Moment, state: State) -> None:
    """Move a green buyer's purchases to certified suppliers and ask the others."""
    links = world.links
    for k in range(links.customer_start[buyer.row], links.customer_start[buyer.row + 1]):
        favour_certified(links.link[k], buyer.shift, links, state)
        ask_suppliers(links.link[k], buyer, asking, world, moment, state)


@part
def favour_certified(link: int, shift: float, links: Links, state: State) -> None:
    """Move a share of what a green buyer buys from others to the first certified supplier on a link, if any."""
    taker = -1
    for place in range(N_PLACES - 1, -1, -1):
        if certified_at(link, place, links, state):
            taker = place
    if taker < 0:
        return
    for place in range(N_PLACES):
        if not certified_at(link, place, links, state):
            parts = shifted_parts(parts_at(link, place, links, state.supply), shift)
            if parts > 0:
                add_parts(link, place, -parts, links, state.supply)
                add_parts(link, taker, parts, links, state.supply)


@part
def certified_at(link: int, place: int, links: Links, state: State) -> bool:
    """Whether the supplier at a place of a link is there and certified."""
    supplier = supplier_at(link, place, links)
    if supplier < 0 or not state.standing[supplier].active:
        return False
    return certified_supplier(state.standing[supplier].certificates)


@part
def ask_suppliers(link: int, buyer: Buyer, chance: float, world: World, moment: Moment, state: State) -> None:
    """Add the requests of a green buyer to those of its suppliers on a link that are not certified."""
    links = world.links
    for place in range(N_PLACES):
        supplier = supplier_at(link, place, links)
        if parts_at(link, place, links, state.supply) > 0 and not certified_at(link, place, links, state):
            partner, standing = world.firms[supplier].firm, state.standing[supplier]
            draw = uniform(moment.seed, buyer.firm, partner, moment.quarter, REQUEST, moment.replicate)
            if draw < chance and state.standing[supplier].active and standing.requests < MOST_REQUESTS:
                standing.requests += 1
                state.counts.links[REQUESTS_SENT] += 1
