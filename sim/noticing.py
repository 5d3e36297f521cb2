"""Phase 6: which options firms notice – by themselves, from peers, or because an adviser came for free."""

from agents._compiled import kernel
from agents.codes import DIAGNOSIS, DISTRICT, FEN, N_OPTIONS, NOTICE, OUTSIDE
from agents.government import DIAGNOSIS as DIAGNOSIS_SPENDING
from agents.government import TRAINING
from agents.mathematics import fixed, from_fixed, whole
from agents.retrofit import has, notice_probability, with_option
from sim.draws import four_uniforms, uniform


@kernel
def notice_options(world, setting, moment, state):
    """Write the noticed sets; reads who had adopted what at the end of last quarter."""
    count_adopters(world.firms, state)
    chance = diagnosis_chance(world.firms, moment.policy, state)
    for i in range(world.firms.size):
        if state.trade[i].active:
            unseen = open_options(i, world, state.agenda) & ~state.agenda[i].noticed
            if unseen != 0:
                count_partners(i, world.links, state)
                notice_unprompted(i, unseen, world, setting, moment, state)
                if not state.agenda[i].diagnosed:
                    diagnose(i, chance, unseen, world.firms, setting, moment, state)
    spend(TRAINING, whole(0.25 * moment.policy.training_cost * FEN), state)


@kernel
def open_options(i, world, agenda):
    """The set of options that fit a firm and that it neither has nor builds."""
    return world.eligible[i] & ~(agenda[i].adopted | agenda[i].building)


@kernel
def count_adopters(firms, state):
    """Write how many active rows of each sector and park have each option."""
    counts, tally = state.counts, state.tally
    counts.sector[:, :] = 0
    counts.park[:, :] = 0
    counts.park_rows[:] = 0
    for sector in range(tally.size):
        tally[sector].rows = 0
    for i in range(firms.size):
        if state.trade[i].active:
            tally[firms[i].sector].rows += 1
            counts.park_rows[firms[i].park] += 1
            rest = state.agenda[i].adopted
            option = 0
            while rest != 0:
                if rest & 1 == 1:
                    counts.sector[firms[i].sector, option] += 1
                    counts.park[firms[i].park, option] += 1
                rest >>= 1
                option += 1


@kernel
def count_partners(i, links, state):
    """Write how many suppliers and customers of one firm have each option; return how many partners it has."""
    adopters = state.counts.partners
    adopters[:] = 0
    for link in range(links.supplier_start[i], links.supplier_start[i + 1]):
        add_adopted(state.agenda.adopted[links.customer[link]], adopters)
    for link in range(links.customer_start[i], links.customer_start[i + 1]):
        add_adopted(state.agenda.adopted[links.supplier[link]], adopters)


@kernel
def add_adopted(adopted, adopters):
    """Add one firm's options to a count."""
    option = 0
    while adopted != 0:
        if adopted & 1 == 1:
            adopters[option] += 1
        adopted >>= 1
        option += 1


@kernel
def peer_share(i, option, world, setting, state):
    """Share of a firm's peers – sector, park, partners – that have an option; call count_partners first."""
    if setting.mechanisms.peers <= 0.0:
        return 0.0
    firms, links, counts, rules = world.firms, world.links, state.counts, setting.behaviour
    sector, park = firms[i].sector, firms[i].park
    share = rules.sector_peers * counts.sector[sector, option] / state.tally[sector].rows
    share += rules.park_peers * counts.park[park, option] / counts.park_rows[park]
    partners = links.supplier_start[i + 1] - links.supplier_start[i]
    partners += links.customer_start[i + 1] - links.customer_start[i]
    if partners > 0:
        share += rules.partner_peers * counts.partners[option] / partners
    return share


@kernel
def notice_unprompted(i, unseen, world, setting, moment, state):
    """Write what a firm notices by itself and from peers; four options share one block of draws."""
    rules = setting.behaviour
    attention = rules.base_attention + moment.policy.training_attention
    for block in range((N_OPTIONS + 3) // 4):
        if (unseen >> (4 * block)) & 15 != 0:
            draws = four_uniforms(
                moment.seed, world.firms[i].firm, block, moment.quarter, NOTICE, moment.replicate
            )
            for place in range(4):
                option = 4 * block + place
                if has(unseen, option):
                    peers = peer_share(i, option, world, setting, state)
                    if draws[place] < notice_probability(attention, rules.peer_attention, peers):
                        state.agenda[i].noticed = with_option(state.agenda[i].noticed, option)


@kernel
def diagnosis_chance(firms, policy, state):
    """Chance that a firm not yet diagnosed is visited this quarter."""
    waiting = 0
    for i in range(firms.size):
        if state.trade[i].active and not state.agenda[i].diagnosed:
            waiting += fixed(firms[i].weight)
    if waiting == 0:
        return 0.0
    return 0.25 * policy.free_diagnosis_firms / from_fixed(waiting)


@kernel
def diagnose(i, chance, unseen, firms, setting, moment, state):
    """Write what an adviser puts on the agenda of a firm, if one comes; the district pays the visit."""
    draw = uniform(moment.seed, firms[i].firm, 0, moment.quarter, DIAGNOSIS, moment.replicate)
    if draw >= chance:
        return
    state.agenda[i].diagnosed = True
    spend(DIAGNOSIS_SPENDING, whole(firms[i].weight * moment.policy.free_diagnosis_cost * FEN), state)
    left = 0
    for option in range(N_OPTIONS):
        if has(unseen, option):
            left += 1
    share = setting.behaviour.diagnosis_recommendations / left
    for option in range(N_OPTIONS):
        if has(unseen, option):
            pick = uniform(moment.seed, firms[i].firm, option + 1, moment.quarter, DIAGNOSIS, moment.replicate)
            if pick < share:
                state.agenda[i].noticed = with_option(state.agenda[i].noticed, option)


@kernel
def spend(programme, amount, state):
    """Book public spending that goes outside the district's firms."""
    state.purses[programme].spent += amount
    state.accounts[DISTRICT] -= amount
    state.accounts[OUTSIDE] += amount
