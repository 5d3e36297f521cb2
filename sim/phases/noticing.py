"""Phase 6: which options firms notice – by themselves, from peers, or because an adviser came for free."""

from typing import NamedTuple

from agents._compiled import part
from agents._rows import Rows
from agents.codes import DIAGNOSED, DIAGNOSIS, DISTRICT, FEN, N_OPTIONS, NO_PROJECT, NOTICE, OUTSIDE
from agents.government import DIAGNOSIS as DIAGNOSIS_SPENDING
from agents.government import TRAINING
from agents.mathematics import fixed, from_fixed, whole
from agents.network import N_PLACES, WHOLE_LINK, request_pressure
from agents.retrofit import notice_probability, with_option
from sim.draws import four_uniforms, uniform
from sim.phases.link_places import parts_at, supplier_at
from sim.phases.noting import note
from sim.phases.option_sets import add_options, first_option, product_lines, without_first
from sim.setting import Moment, Setting, World
from sim.state import Counts, State, Till

BEYOND_ROUNDING = 1e-9  # more than rounding can change a probability


@part
def notice_options(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write the noticed sets; reads who had adopted what at the end of last quarter."""
    write_ceilings(setting, moment, state.costs)
    chance = diagnosis_chance(world.firms, moment.policy, state.standing)
    lines = product_lines(setting.options)
    for i in range(world.firms.size):
        firm, agenda = world.firms[i], state.agenda[i]
        unseen = open_options(firm, agenda) & ~(agenda.noticed | lines)
        if state.standing[i].active and unseen != 0:
            notice_unprompted(i, firm, unseen, world, setting, moment, state)
            if not state.standing[i].diagnosed:
                diagnose(i, firm, chance, unseen, setting.behaviour, moment, state)
    spend(TRAINING, whole(0.25 * moment.policy.training_cost * FEN), state.till)


@part
def open_options(firm: Rows, agenda: Rows) -> int:
    """The set of options that fit a firm and that it neither has nor builds."""
    return firm.eligible & ~(agenda.adopted | agenda.building)


@part
def count_adopters(firms: Rows, state: State) -> None:
    """Write which options fit each active row and which of them it has, and count them by sector and park."""
    counts = state.counts
    counts.sector[:, :] = 0
    counts.park[:, :] = 0
    counts.sector_fitting[:, :] = 0
    counts.park_fitting[:, :] = 0
    for i in range(firms.size):
        peer = state.peers[i]
        peer.fitting = 0
        peer.having = 0
        if state.standing[i].active:
            firm, adopted = firms[i], state.agenda[i].adopted
            peer.fitting = firm.eligible
            peer.having = firm.eligible & adopted
            add_options(firm.eligible, 1, counts.sector_fitting[firm.sector])
            add_options(firm.eligible, 1, counts.park_fitting[firm.park])
            add_options(adopted, 1, counts.sector[firm.sector])
            add_options(adopted, 1, counts.park[firm.park])


class Partners(NamedTuple):
    """Suppliers and customers of one firm that are there, each as often as it is a partner."""

    fitting: int  # those that an option fits
    having: int  # those of them that have it


@part
def count_partners(i: int, option: int, world: World, state: State) -> Partners:
    """How many suppliers and customers of one firm an option fits, and how many of them have it."""
    links, supply, peers, found = world.links, state.supply, state.peers, Partners(0, 0)
    for link in range(links.supplier_start[i], links.supplier_start[i + 1]):
        found = with_partner(found, peers[links.customer[link]], option, supply.kept[link])
    for place in range(links.substitute_start[i], links.substitute_start[i + 1]):
        found = with_partner(found, peers[links.customer[links.instead[place]]], option, supply.moved[place])
    for k in range(links.customer_start[i], links.customer_start[i + 1]):
        link = links.link[k]
        found = with_partner(found, peers[links.supplier[k]], option, supply.kept[link])
        if supply.kept[link] < WHOLE_LINK:
            for place in range(1, N_PLACES):
                parts = parts_at(link, place, links, supply)
                if parts > 0:
                    found = with_partner(found, peers[supplier_at(link, place, links)], option, parts)
    return found


@part
def with_partner(found: Partners, peer: Rows, option: int, parts: int) -> Partners:
    """The partners found with one more if it has parts of a link; no branch, as nobody can guess who has."""
    now = int(parts > 0)
    return Partners(
        found.fitting + ((peer.fitting >> option) & now),
        found.having + ((peer.having >> option) & now),
    )


@part
def peer_weights(setting: Setting) -> float:
    """Weights of the three kinds of peers together; zero where nobody looks at peers."""
    rules = setting.behaviour
    return rules.sector_peers + rules.park_peers + rules.partner_peers if setting.mechanisms.peers > 0.0 else 0.0


@part
def near_peers(firm: Rows, option: int, rules: Rows, counts: Counts) -> float:
    """Share of the rows of a firm's sector and park that an option fits that have it, each share by its weight."""
    share = rules.sector_peers * counts.sector[firm.sector, option] / counts.sector_fitting[firm.sector, option]
    return share + rules.park_peers * counts.park[firm.park, option] / counts.park_fitting[firm.park, option]


@part
def peer_share(i: int, firm: Rows, option: int, world: World, setting: Setting, state: State) -> float:
    """Share of a firm's peers – those of its sector and park that the option fits, and its partners – that have it.

    Firms that an option does not fit are no peers, and change nothing.
    """
    weights = peer_weights(setting)
    if weights <= 0.0:
        return 0.0
    share, partners = near_peers(firm, option, setting.behaviour, state.counts), count_partners(i, option, world, state)
    if partners.fitting > 0:
        share += setting.behaviour.partner_peers * partners.having / partners.fitting
    return share / weights


class Bounds(NamedTuple):
    """What the share of peers that have an option lies between, as far as it is known without asking partners."""

    least: float
    most: float


@part
def peer_bounds(firm: Rows, option: int, setting: Setting, counts: Counts) -> Bounds:
    """The share of a firm's peers that have an option if none of its partners has it, and if all have."""
    weights = peer_weights(setting)
    if weights <= 0.0:
        return Bounds(0.0, 0.0)
    near = near_peers(firm, option, setting.behaviour, counts)
    return Bounds(near / weights, (near + setting.behaviour.partner_peers) / weights)


@part
def attention(option: int, setting: Setting, moment: Moment) -> float:
    """Hazard of noticing an option unprompted, 1/yr."""
    policy = moment.policy
    general = setting.behaviour.base_attention + (policy.training_attention + policy.digital_platform_attention)
    return general * setting.options[option].attention


@part
def write_ceilings(setting: Setting, moment: Moment, costs: Rows) -> None:
    """Write, for each option, chances of noticing it above that of any firm, without and with requests of customers."""
    for option in range(N_OPTIONS):
        own, peers = attention(option, setting, moment), setting.behaviour.peer_attention
        asked = own + setting.behaviour.request_attention
        costs[option].notice_ceiling = notice_probability(own, peers, 1.0) + BEYOND_ROUNDING
        costs[option].asked_ceiling = notice_probability(asked, peers, 1.0) + BEYOND_ROUNDING


@part
def notice_unprompted(
    i: int, firm: Rows, unseen: int, world: World, setting: Setting, moment: Moment, state: State
) -> None:
    """Write what a firm notices by itself and from peers; four options share one block of draws."""
    agenda, current, rest = state.agenda[i], -1, unseen
    draws = (0.0, 0.0, 0.0, 0.0)
    pressure = request_pressure(int(state.standing[i].requests))
    while rest != 0:
        option = first_option(rest)
        rest = without_first(rest)
        if option // 4 != current:
            current = option // 4
            draws = four_uniforms(moment.seed, firm.firm, current, moment.quarter, NOTICE, moment.replicate)
        draw = draws[option % 4]
        # Most draws are above any chance: then nobody needs to look at the peers.
        cost = state.costs[option]
        ceiling = cost.asked_ceiling if pressure > 0.0 else cost.notice_ceiling
        if draw < ceiling and sees(i, firm, option, draw, pressure, world, setting, moment, state):
            agenda.noticed = with_option(agenda.noticed, option)


@part
def sees(
    i: int,
    firm: Rows,
    option: int,
    draw: float,
    pressure: float,
    world: World,
    setting: Setting,
    moment: Moment,
    state: State,
) -> bool:
    """Whether a firm with a draw below any ceiling notices an option; partners are asked if they can matter."""
    hazard = attention(option, setting, moment) + setting.behaviour.request_attention * pressure
    contagion, bounds = setting.behaviour.peer_attention, peer_bounds(firm, option, setting, state.counts)
    if draw > notice_probability(hazard, contagion, bounds.most) + BEYOND_ROUNDING:
        return False
    if draw < notice_probability(hazard, contagion, bounds.least) - BEYOND_ROUNDING:
        return True
    return draw < notice_probability(hazard, contagion, peer_share(i, firm, option, world, setting, state))


@part
def diagnosis_chance(firms: Rows, policy: Rows, standings: Rows) -> float:
    """Chance that a firm not yet diagnosed is visited this quarter."""
    waiting = 0
    for i in range(firms.size):
        if standings[i].active and not standings[i].diagnosed:
            waiting += fixed(firms[i].weight)
    if waiting == 0:
        return 0.0
    return 0.25 * policy.free_diagnosis_firms / from_fixed(waiting)


@part
def diagnose(i: int, firm: Rows, chance: float, unseen: int, rules: Rows, moment: Moment, state: State) -> None:
    """Write what an adviser puts on the agenda of a firm, if one comes; the district pays the visit."""
    draw = uniform(moment.seed, firm.firm, 0, moment.quarter, DIAGNOSIS, moment.replicate)
    if draw >= chance:
        return
    agenda = state.agenda[i]
    state.standing[i].diagnosed = True
    price = whole(firm.weight * moment.policy.free_diagnosis_cost * FEN)
    spend(DIAGNOSIS_SPENDING, price, state.till)
    note(i, DIAGNOSED, NO_PROJECT, DIAGNOSIS_SPENDING, 0, price, state.log)
    left, rest = 0, unseen
    while rest != 0:
        left += 1
        rest = without_first(rest)
    share, rest = rules.diagnosis_recommendations / left, unseen
    while rest != 0:
        option = first_option(rest)
        rest = without_first(rest)
        pick = uniform(moment.seed, firm.firm, option + 1, moment.quarter, DIAGNOSIS, moment.replicate)
        if pick < share:
            agenda.noticed = with_option(agenda.noticed, option)


@part
def spend(programme: int, amount: int, till: Till) -> None:
    """Book public spending that goes outside the district's firms."""
    till.purses[programme].spent += amount
    till.accounts[DISTRICT] -= amount
    till.accounts[OUTSIDE] += amount
