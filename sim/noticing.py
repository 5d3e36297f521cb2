"""Phase 6: which options firms notice – by themselves, from peers, or because an adviser came for free."""

from agents._compiled import part
from agents._rows import Rows
from agents.codes import DIAGNOSIS, DISTRICT, FEN, N_OPTIONS, NOTICE, OUTSIDE
from agents.firm import Whole
from agents.government import DIAGNOSIS as DIAGNOSIS_SPENDING
from agents.government import TRAINING
from agents.mathematics import fixed, from_fixed, whole
from agents.network import Links
from agents.retrofit import has, notice_probability, with_option
from sim.draws import four_uniforms, uniform
from sim.setting import Moment, Setting, World
from sim.state import Counts, State, Till


@part
def notice_options(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write the noticed sets; reads who had adopted what at the end of last quarter."""
    count_adopters(world.firms, state.trade, state.agenda, state.counts)
    chance = diagnosis_chance(world.firms, moment.policy, state.trade, state.agenda)
    for i in range(world.firms.size):
        if state.trade[i].active:
            unseen = open_options(i, world.firms, state.agenda) & ~state.agenda[i].noticed
            if unseen != 0:
                count_partners(i, world.links, state.agenda, state.counts.partners)
                notice_unprompted(i, unseen, world, setting, moment, state.agenda, state.counts)
                if not state.agenda[i].diagnosed:
                    diagnose(i, chance, unseen, world.firms, setting, moment, state.agenda, state.till)
    spend(TRAINING, whole(0.25 * moment.policy.training_cost * FEN), state.till)


@part
def open_options(i: int, firms: Rows, agenda: Rows) -> int:
    """The set of options that fit a firm and that it neither has nor builds."""
    return firms[i].eligible & ~(agenda[i].adopted | agenda[i].building)


@part
def count_adopters(firms: Rows, trade: Rows, agenda: Rows, counts: Counts) -> None:
    """Write how many active rows of each sector and park have each option, and how many it fits."""
    counts.sector[:, :] = 0
    counts.park[:, :] = 0
    counts.sector_fitting[:, :] = 0
    counts.park_fitting[:, :] = 0
    for i in range(firms.size):
        if trade[i].active:
            add_options(agenda[i].adopted, counts.sector[firms[i].sector])
            add_options(agenda[i].adopted, counts.park[firms[i].park])
            add_options(firms[i].eligible, counts.sector_fitting[firms[i].sector])
            add_options(firms[i].eligible, counts.park_fitting[firms[i].park])


@part
def count_partners(i: int, links: Links, agenda: Rows, adopters: Whole) -> None:
    """Write how many suppliers and customers of one firm have each option."""
    adopters[:] = 0
    for link in range(links.supplier_start[i], links.supplier_start[i + 1]):
        add_options(agenda[links.customer[link]].adopted, adopters)
    for link in range(links.customer_start[i], links.customer_start[i + 1]):
        add_options(agenda[links.supplier[link]].adopted, adopters)


@part
def add_options(options: int, counted: Whole) -> None:
    """Count each option of a set once more."""
    option = 0
    while options != 0:
        if options & 1 == 1:
            counted[option] += 1
        options >>= 1
        option += 1


@part
def peer_share(i: int, option: int, world: World, setting: Setting, counts: Counts) -> float:
    """Share of a firm's peers – those of its sector and park that the option fits, and its partners – that have it.

    Call count_partners for the firm first. Firms that an option does not fit are no peers, and change nothing.
    """
    if setting.mechanisms.peers <= 0.0:
        return 0.0
    firms, links, rules = world.firms, world.links, setting.behaviour
    weights = rules.sector_peers + rules.park_peers + rules.partner_peers
    if weights <= 0.0:
        return 0.0
    sector, park = firms[i].sector, firms[i].park
    share = rules.sector_peers * counts.sector[sector, option] / counts.sector_fitting[sector, option]
    share += rules.park_peers * counts.park[park, option] / counts.park_fitting[park, option]
    partners = links.supplier_start[i + 1] - links.supplier_start[i]
    partners += links.customer_start[i + 1] - links.customer_start[i]
    if partners > 0:
        share += rules.partner_peers * counts.partners[option] / partners
    return share / weights


@part
def notice_unprompted(
    i: int, unseen: int, world: World, setting: Setting, moment: Moment, agenda: Rows, counts: Counts
) -> None:
    """Write what a firm notices by itself and from peers; four options share one block of draws."""
    rules = setting.behaviour
    attention = rules.base_attention + moment.policy.training_attention
    for block in range((N_OPTIONS + 3) // 4):
        if (unseen >> (4 * block)) & 15 != 0:
            draws = four_uniforms(moment.seed, world.firms[i].firm, block, moment.quarter, NOTICE, moment.replicate)
            for place in range(4):
                option = 4 * block + place
                if has(unseen, option):
                    peers = peer_share(i, option, world, setting, counts)
                    heard = setting.options[option].attention
                    if draws[place] < notice_probability(attention * heard, rules.peer_attention, peers):
                        agenda[i].noticed = with_option(agenda[i].noticed, option)


@part
def diagnosis_chance(firms: Rows, policy: Rows, trade: Rows, agenda: Rows) -> float:
    """Chance that a firm not yet diagnosed is visited this quarter."""
    waiting = 0
    for i in range(firms.size):
        if trade[i].active and not agenda[i].diagnosed:
            waiting += fixed(firms[i].weight)
    if waiting == 0:
        return 0.0
    return 0.25 * policy.free_diagnosis_firms / from_fixed(waiting)


@part
def diagnose(
    i: int, chance: float, unseen: int, firms: Rows, setting: Setting, moment: Moment, agenda: Rows, till: Till
) -> None:
    """Write what an adviser puts on the agenda of a firm, if one comes; the district pays the visit."""
    draw = uniform(moment.seed, firms[i].firm, 0, moment.quarter, DIAGNOSIS, moment.replicate)
    if draw >= chance:
        return
    agenda[i].diagnosed = True
    spend(DIAGNOSIS_SPENDING, whole(firms[i].weight * moment.policy.free_diagnosis_cost * FEN), till)
    left = 0
    for option in range(N_OPTIONS):
        if has(unseen, option):
            left += 1
    share = setting.behaviour.diagnosis_recommendations / left
    for option in range(N_OPTIONS):
        if has(unseen, option):
            pick = uniform(moment.seed, firms[i].firm, option + 1, moment.quarter, DIAGNOSIS, moment.replicate)
            if pick < share:
                agenda[i].noticed = with_option(agenda[i].noticed, option)


@part
def spend(programme: int, amount: int, till: Till) -> None:
    """Book public spending that goes outside the district's firms."""
    till.purses[programme].spent += amount
    till.accounts[DISTRICT] -= amount
    till.accounts[OUTSIDE] += amount
