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
        firm, agenda = world.firms[i], state.agenda[i]
        unseen = open_options(firm, agenda) & ~agenda.noticed
        if state.trade[i].active and unseen != 0:
            partners = count_partners(i, unseen, world.links, state.agenda, state.counts.partners)
            notice_unprompted(firm, unseen, partners, setting, moment, agenda, state.counts)
            if not agenda.diagnosed:
                diagnose(firm, chance, unseen, setting.behaviour, moment, agenda, state.till)
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
            add_options(adopted, 1, counts.sector[firm.sector])
            add_options(adopted, 1, counts.park[firm.park])
            add_options(firm.eligible, 1, counts.sector_fitting[firm.sector])
            add_options(firm.eligible, 1, counts.park_fitting[firm.park])


@part
def count_partners(i: int, options: int, links: Links, agendas: Rows, adopters: Whole) -> int:
    """Write how many suppliers and customers of one firm have each option of a set; return how many partners it has."""
    for option in range(N_OPTIONS):
        if has(options, option):
            having = 0
            for link in range(links.supplier_start[i], links.supplier_start[i + 1]):
                having += (agendas[links.customer[link]].adopted >> option) & 1
            for link in range(links.customer_start[i], links.customer_start[i + 1]):
                having += (agendas[links.supplier[link]].adopted >> option) & 1
            adopters[option] = having
    return links.supplier_start[i + 1] - links.supplier_start[i] + links.customer_start[i + 1] - links.customer_start[i]


@part
def add_options(options: int, amount: int, counted: Whole) -> None:
    """Add an amount to the count of each option of a set; every option is looked at, which vectorises."""
    for option in range(N_OPTIONS):
        counted[option] += amount * ((options >> option) & 1)


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
def notice_unprompted(
    firm: Rows, unseen: int, partners: int, setting: Setting, moment: Moment, agenda: Rows, counts: Counts
) -> None:
    """Write what a firm notices by itself and from peers; four options share one block of draws."""
    rules = setting.behaviour
    attention = rules.base_attention + moment.policy.training_attention
    for block in range((N_OPTIONS + 3) // 4):
        if (unseen >> (4 * block)) & 15 != 0:
            draws = four_uniforms(moment.seed, firm.firm, block, moment.quarter, NOTICE, moment.replicate)
            for place in range(4):
                option = 4 * block + place
                if has(unseen, option):
                    peers = peer_share(firm, option, partners, setting, counts)
                    heard = setting.options[option].attention
                    if draws[place] < notice_probability(attention * heard, rules.peer_attention, peers):
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
def diagnose(firm: Rows, chance: float, unseen: int, rules: Rows, moment: Moment, agenda: Rows, till: Till) -> None:
    """Write what an adviser puts on the agenda of a firm, if one comes; the district pays the visit."""
    draw = uniform(moment.seed, firm.firm, 0, moment.quarter, DIAGNOSIS, moment.replicate)
    if draw >= chance:
        return
    agenda.diagnosed = True
    spend(DIAGNOSIS_SPENDING, whole(firm.weight * moment.policy.free_diagnosis_cost * FEN), till)
    left = 0
    for option in range(N_OPTIONS):
        left += (unseen >> option) & 1
    share = rules.diagnosis_recommendations / left
    for option in range(N_OPTIONS):
        if has(unseen, option):
            pick = uniform(moment.seed, firm.firm, option + 1, moment.quarter, DIAGNOSIS, moment.replicate)
            if pick < share:
                agenda.noticed = with_option(agenda.noticed, option)


@part
def spend(programme: int, amount: int, till: Till) -> None:
    """Book public spending that goes outside the district's firms."""
    till.purses[programme].spent += amount
    till.accounts[DISTRICT] -= amount
    till.accounts[OUTSIDE] += amount
