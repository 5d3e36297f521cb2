"""Phase 6: which options firms notice – by themselves, from peers, or because an adviser came for free."""

from agents._compiled import part
from agents._rows import Rows
from agents.codes import DIAGNOSED, DIAGNOSIS, DISTRICT, FEN, N_OPTIONS, NO_PROJECT, NOTICE, OUTSIDE
from agents.government import DIAGNOSIS as DIAGNOSIS_SPENDING
from agents.government import TRAINING
from agents.mathematics import fixed, from_fixed, whole
from agents.network import N_PLACES, WHOLE_LINK, request_pressure
from agents.retrofit import has, notice_probability, with_option
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
    count_adopters(world.firms, state.trade, state.agenda, state.counts)
    write_ceilings(setting, moment, state.costs)
    chance = diagnosis_chance(world.firms, moment.policy, state.trade, state.agenda)
    lines = product_lines(setting.options)
    for i in range(world.firms.size):
        firm, agenda = world.firms[i], state.agenda[i]
        unseen = open_options(firm, agenda) & ~(agenda.noticed | lines)
        if state.trade[i].active and unseen != 0:
            notice_unprompted(i, firm, unseen, world, setting, moment, state)
            if not agenda.diagnosed:
                diagnose(i, firm, chance, unseen, setting.behaviour, moment, state)
    spend(TRAINING, whole(0.25 * moment.policy.training_cost * FEN), state.till)


@part
def open_options(firm: Rows, agenda: Rows) -> int:
    """The set of options that fit a firm and that it neither has nor builds."""
    return firm.eligible & ~(agenda.adopted | agenda.building)


@part
def count_adopters(firms: Rows, trades: Rows, agendas: Rows, counts: Counts) -> None:
    """Write how many active rows of each sector and park have each option, and how many it fits."""
    counts.sector[:, :] = 0
    counts.park[:, :] = 0
    counts.sector_fitting[:, :] = 0
    counts.park_fitting[:, :] = 0
    for i in range(firms.size):
        if trades[i].active:
            firm, adopted = firms[i], agendas[i].adopted
            add_options(firm.eligible, 1, counts.sector_fitting[firm.sector])
            add_options(firm.eligible, 1, counts.park_fitting[firm.park])
            add_options(adopted, 1, counts.sector[firm.sector])
            add_options(adopted, 1, counts.park[firm.park])


@part
def count_partners(i: int, option: int, world: World, state: State) -> int:
    """Write how many suppliers and customers of one firm have an option; return how many it fits."""
    links, supply, fitting = world.links, state.supply, 0
    state.counts.partners[option] = 0
    for link in range(links.supplier_start[i], links.supplier_start[i + 1]):
        if supply.kept[link] > 0:
            fitting += add_partner(links.customer[link], option, world.firms, state)
    for place in range(links.substitute_start[i], links.substitute_start[i + 1]):
        if supply.moved[place] > 0:
            fitting += add_partner(links.customer[links.instead[place]], option, world.firms, state)
    for k in range(links.customer_start[i], links.customer_start[i + 1]):
        link = links.link[k]
        if supply.kept[link] > 0:
            fitting += add_partner(links.supplier[k], option, world.firms, state)
        if supply.kept[link] < WHOLE_LINK:
            for place in range(1, N_PLACES):
                if parts_at(link, place, links, supply) > 0:
                    fitting += add_partner(supplier_at(link, place, links), option, world.firms, state)
    return fitting


@part
def add_partner(partner: int, option: int, firms: Rows, state: State) -> int:
    """Count a partner that has an option; return 1 if the partner is there and the option fits it, otherwise 0."""
    if not state.trade[partner].active or not has(firms[partner].eligible, option):
        return 0
    state.counts.partners[option] += (state.agenda[partner].adopted >> option) & 1
    return 1


@part
def peer_share(firm: Rows, option: int, partners: int, setting: Setting, counts: Counts) -> float:
    """Share of a firm's peers – those of its sector and park that the option fits, and its partners – that have it.

    `partners` is what count_partners returned for the firm; call it for the option first. Firms that an option does
    not fit are no peers, and change nothing.
    """
    if setting.mechanisms.peers <= 0.0:
        return 0.0
    rules = setting.behaviour
    weights = rules.sector_peers + rules.park_peers + rules.partner_peers
    if weights <= 0.0:
        return 0.0
    share = rules.sector_peers * counts.sector[firm.sector, option] / counts.sector_fitting[firm.sector, option]
    share += rules.park_peers * counts.park[firm.park, option] / counts.park_fitting[firm.park, option]
    if partners > 0:
        share += rules.partner_peers * counts.partners[option] / partners
    return share / weights


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
        # Most draws are above any chance: then nobody needs to ask the peers.
        cost = state.costs[option]
        if draw < (cost.asked_ceiling if pressure > 0.0 else cost.notice_ceiling):
            partners = count_partners(i, option, world, state)
            peers = peer_share(firm, option, partners, setting, state.counts)
            hazard = attention(option, setting, moment) + setting.behaviour.request_attention * pressure
            if draw < notice_probability(hazard, setting.behaviour.peer_attention, peers):
                agenda.noticed = with_option(agenda.noticed, option)


@part
def diagnosis_chance(firms: Rows, policy: Rows, trades: Rows, agendas: Rows) -> float:
    """Chance that a firm not yet diagnosed is visited this quarter."""
    waiting = 0
    for i in range(firms.size):
        if trades[i].active and not agendas[i].diagnosed:
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
    agenda.diagnosed = True
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
