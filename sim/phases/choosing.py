"""Phase 7: which one option, of those it knows, a firm applies for this quarter."""

from typing import NamedTuple

from agents import codes
from agents._compiled import part
from agents._rows import Rows
from agents.charges import Worth, equivalents
from agents.energy import energy_bill
from agents.government import PV, grant_claim, pollution_tax, programme_terms
from agents.green_finance import green_discount, green_quota
from agents.mandates import boiler_coverage, limit_coverage
from agents.mathematics import whole
from agents.network import request_pressure
from agents.retrofit import (
    Case,
    Site,
    acceptance,
    annuity_factor,
    complies,
    firing_probability,
    has,
    in_window,
    irreversible_cutoff,
    net_value,
    payback,
    running_saving,
    with_option,
)
from sim.draws import uniform
from sim.phases.accounts import surplus_of
from sim.phases.charging import worth_of_saving
from sim.phases.noticing import BEYOND_ROUNDING, open_options, peer_bounds, peer_share
from sim.phases.option_sets import first_option, product_lines, without_first
from sim.phases.sizing import site_of, size_of
from sim.setting import Moment, Setting, World
from sim.state import State


class Terms(NamedTuple):
    """What is the same for all firms that choose in a quarter."""

    voluntary: int  # the set of options that a firm may take by itself
    lines: int  # the set of options that come with a conversion
    mandated: int  # the set of options that emission limits can order
    inspection: bool  # whether energy-efficiency benchmarks are in force
    firing: float  # chance that an acceptable option is started


class Chooser(NamedTuple):
    """A firm that chooses, and what is the same for all options that it looks at."""

    place: int  # row of the firm
    firm: Rows
    agenda: Rows
    site: Site
    worth: Worth  # of what it saves
    inspected: bool  # benchmarks look at all its options, whatever it has noticed
    earns: bool  # and can use a tax credit


class Pick(NamedTuple):
    """The option a firm applies for, -1 for none, and why it takes none."""

    option: int
    ordered: bool
    case: Case
    reason: int


@part
def choose_retrofits(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write retrofit proposals and the reason of every firm that makes none."""
    write_loan_terms(setting, moment, state.costs)
    terms = terms_of(setting, moment)
    for i in range(world.firms.size):
        proposal = state.proposals[i]
        proposal.option = -1
        proposal.penalty = 0
        proposal.saving = 0
        proposal.reason = codes.NONE
        if state.standing[i].active:
            choose_one(i, terms, world, setting, moment, state)


@part
def write_loan_terms(setting: Setting, moment: Moment, costs: Rows) -> None:
    """Write, for each option, what a green loan costs over a usual one and the value of a yuan a year."""
    rules = setting.behaviour
    usual = moment.prices.loan_rate
    offered = usual
    if green_quota(moment.policy) > 0.0 and setting.mechanisms.lending > 0.0:
        offered -= green_discount(moment.policy)
    for option in range(codes.N_OPTIONS):
        lifetime, cost = setting.options[option].lifetime, costs[option]
        cost.annuity = annuity_factor(usual, lifetime)
        cost.financing = cost.annuity / annuity_factor(offered, lifetime)
        cost.irreversible_cutoff = irreversible_cutoff(rules.irreversible_hurdle, rules.option_multiple, lifetime)


@part
def terms_of(setting: Setting, moment: Moment) -> Terms:
    """The terms of the quarter."""
    rules, orders = setting.behaviour, setting.mechanisms.orders > 0.0
    voluntary, mandated = 0, 0
    for option in range(codes.N_OPTIONS):
        offer = setting.options[option]
        if not (offer.mandate_only or offer.product_line):
            voluntary = with_option(voluntary, option)
        if orders and offer.mandate_only and offer.abatement:
            mandated = with_option(mandated, option)
    return Terms(
        voluntary,
        product_lines(setting.options),
        mandated,
        orders and moment.policy.efficiency_benchmark_coverage > 0.0,
        firing_probability(rules.implemented_share, rules.implementation_years),
    )


@part
def choose_one(i: int, terms: Terms, world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write the proposal of one firm: what it is ordered to do first, otherwise what fires with the highest value."""
    firm, agenda = world.firms[i], state.agenda[i]
    unbuilt = open_options(firm, agenda) & ~terms.lines
    inspected = terms.inspection and world.sectors[firm.sector].intensive
    known = unbuilt if inspected else unbuilt & agenda.noticed
    ordered = ordered_options(firm, unbuilt & terms.mandated, setting, moment)
    if known | ordered == 0:
        state.proposals[i].reason = codes.UNAWARE if unbuilt != 0 else codes.INELIGIBLE
        return
    if free_slot(state.projects[i]) < 0 or state.trade[i].output <= 0.0:
        return
    chooser = Chooser(
        i,
        firm,
        agenda,
        site_of(firm, state.trade[i], state.plant[i]),
        worth_of_saving(firm, world.sectors[firm.sector], state.plant[i], setting, moment),
        inspected,
        surplus_of(state.till.ledger[i]) > 0,
    )
    pick = pick_one(known & terms.voluntary, ordered, chooser, terms, world, setting, moment, state)
    state.proposals[i].reason = pick.reason
    if pick.option >= 0:
        propose(pick, chooser, world, setting, moment, state)


@part
def pick_one(
    willing: int,
    ordered: int,
    chooser: Chooser,
    terms: Terms,
    world: World,
    setting: Setting,
    moment: Moment,
    state: State,
) -> Pick:
    """The option to apply for: the best of those it is ordered to build, otherwise the best of those that fire."""
    best, best_value = Pick(-1, False, Case(0.0, 0.0, 0.0), codes.NONE), -1.0e300
    acceptable, waiting = False, False
    rest = willing | ordered
    while rest != 0:
        option = first_option(rest)
        rest = without_first(rest)
        offer, cost = setting.options[option], state.costs[option]
        if excluded(offer, chooser.agenda):
            continue
        fit = setting.fits[option, chooser.firm.sector]
        case = case_of(offer, fit, cost, chooser.site, chooser.worth, moment, setting.factors)
        if case.capex <= 0.0:
            continue
        if has(ordered, option):
            fine = moment.policy.emission_limits_penalty
            verdict = obey(case, cost.annuity, fine, state.proposals[chooser.place])
        else:
            verdict = judge(option, case, chooser, terms, world, setting, moment, state)
        acceptable = acceptable or verdict >= 1
        waiting = waiting or verdict == 1
        if verdict >= 3:
            value = net_value(case.saving, case.capex, cost.annuity)
            must = verdict == 4
            if (must and not best.ordered) or (must == best.ordered and value > best_value):
                best, best_value = Pick(option, must, case, codes.NONE), value
    if best.option >= 0 or (acceptable and not waiting):
        return best
    return Pick(-1, False, best.case, codes.WAITING_WINDOW if waiting else codes.CUTOFF)


@part
def free_slot(projects: Rows) -> int:
    """The first free place for a project of one firm, or -1."""
    for slot in range(projects.size):
        if projects[slot].option < 0:
            return slot
    return -1


@part
def excluded(offer: Rows, agenda: Rows) -> bool:
    """Whether the firm already has or builds an option that rules this one out."""
    return offer.excludes & (agenda.adopted | agenda.building) != 0


@part
def ordered_options(firm: Rows, candidates: int, setting: Setting, moment: Moment) -> int:
    """The set of abatement options that emission limits and coal plans demand of a firm by now."""
    policy, orders, rest = moment.policy, 0, candidates
    limits = limit_coverage(policy)
    boilers = boiler_coverage(4.0 * firm.base_output * firm.coal_intensity, firm.weight, policy)
    if max(limits, boilers) <= 0.0:
        rest = 0
    while rest != 0:
        option = first_option(rest)
        rest = without_first(rest)
        coverage = max(limits, boilers) if setting.options[option].coal_boiler else limits
        if under_orders(firm, option, coverage, moment):
            orders = with_option(orders, option)
    return orders


@part
def under_orders(firm: Rows, option: int, coverage: float, moment: Moment) -> bool:
    """Whether an order that reaches a share of firms has reached this one; the draw is made once."""
    return uniform(moment.seed, firm.firm, option, 0, codes.ORDERED, moment.replicate) < coverage


@part
def case_of(offer: Rows, fit: Rows, cost: Rows, site: Site, worth: Worth, moment: Moment, factors: Rows) -> Case:
    """Size, capex and yearly saving of one option at one firm."""
    size = size_of(offer, fit, site, factors)
    nox, voc = offer.nox_cut * site.nox, offer.voc_cut * site.voc
    cod, ammonia = offer.cod_cut * site.cod, offer.ammonia_cut * site.ammonia
    avoided = pollution_tax(nox, voc, cod, ammonia, moment.policy, factors)
    avoided += worth.equivalent * equivalents(nox, voc, cod, ammonia, factors)
    water = offer.water_cut * site.water * (moment.prices.water_price + worth.water) * 0.0001
    capex = size.units * offer.unit_capex * cost.capex_index
    bill = energy_bill(size.cut, worth.energy) - energy_bill(size.added, worth.energy)
    return Case(size.units, capex, running_saving(offer, capex, bill, avoided, water))


@part
def obey(case: Case, annuity: float, fine: float, proposal: Rows) -> int:
    """4 if a firm builds what it is ordered to; 0 if it rather pays the fine, which is added to this quarter's."""
    if complies(case.capex, case.saving, annuity, fine):
        return 4
    proposal.penalty += whole(0.25 * fine * case.capex * codes.FEN)
    return 0


@part
def judge(
    option: int,
    case: Case,
    chooser: Chooser,
    terms: Terms,
    world: World,
    setting: Setting,
    moment: Moment,
    state: State,
) -> int:
    """0 not acceptable, 1 acceptable but outside the repair window, 2 acceptable and not yet, 3 fires, 4 ordered."""
    if case.saving <= 0.0:
        return 0
    offer, firm = setting.options[option], chooser.firm
    claim = claim_of(offer, case, firm.weight, setting, moment)
    net = net_capex(case.capex, tax_credit(offer, case.capex, chooser.earns, moment), claim)
    years = payback(net, case.saving, state.costs[option].financing)
    benchmarked = chooser.inspected and years <= moment.policy.efficiency_benchmark_payback
    if benchmarked and under_orders(firm, option, moment.policy.efficiency_benchmark_coverage, moment):
        return 4
    if not has(chooser.agenda.noticed, option):
        return 0
    if not finds_acceptable(option, years, net / case.capex, chooser, world, setting, moment, state):
        return 0
    if not in_window(offer.window_quarters, firm.repair_phase, moment.quarter):
        return 1
    fire = uniform(moment.seed, firm.firm, option, moment.quarter, codes.FIRE, moment.replicate)
    return 3 if fire < terms.firing else 2


@part
def finds_acceptable(
    option: int,
    years: float,
    price_ratio: float,
    chooser: Chooser,
    world: World,
    setting: Setting,
    moment: Moment,
    state: State,
) -> bool:
    """Whether a firm finds an option worth its money; the draw is made once for each firm and option."""
    firm, rules = chooser.firm, setting.behaviour
    luck = uniform(moment.seed, firm.firm, option, 0, codes.ACCEPTANCE, moment.replicate)
    pressure = request_pressure(int(state.standing[chooser.place].requests))
    cutoff = cutoff_of(firm, setting.options[option], state.costs[option])
    # Mostly, what partners have cannot change the answer: then nobody needs to ask them.
    bounds = peer_bounds(firm, option, setting, state.counts)
    alone = acceptance(years, cutoff, price_ratio, bounds.least, pressure, rules)
    among = acceptance(years, cutoff, price_ratio, bounds.most, pressure, rules)
    if luck > max(alone, among) + BEYOND_ROUNDING:
        return False
    if luck < min(alone, among) - BEYOND_ROUNDING:
        return True
    peers = peer_share(chooser.place, firm, option, world, setting, state)
    return acceptance(years, cutoff, price_ratio, peers, pressure, rules) >= luck


@part
def cutoff_of(firm: Rows, offer: Rows, cost: Rows) -> float:
    """Longest payback the firm takes for this option, yr."""
    return cost.irreversible_cutoff if offer.irreversible else firm.payback_cutoff


@part
def net_capex(capex: float, credit: float, grant: float) -> float:
    """What is left to pay after tax credit and grant, 万元; at least a hundredth of the price."""
    left, least = capex - credit - grant, 0.01 * capex
    return left if left > least else least


@part
def tax_credit(offer: Rows, capex: float, earns: bool, moment: Moment) -> float:
    """Equipment credit, 万元: only a firm that earns something can use it."""
    if not earns:
        return 0.0
    return moment.policy.equipment_credit_share * offer.equipment_share * capex


@part
def claim_of(offer: Rows, case: Case, weight: float, setting: Setting, moment: Moment) -> float:
    """Grant the firms of a row may claim for an option, 万元."""
    if setting.mechanisms.grants <= 0.0 or offer.programme == 0:
        return 0.0
    base = case.units if offer.programme == PV else offer.equipment_share * case.capex
    return grant_claim(base, weight, programme_terms(offer.programme, moment.policy))


@part
def propose(pick: Pick, chooser: Chooser, world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write the firm's application: price, grant claimed, credit, saving, and whether it stands without the grant."""
    option, case, offer, proposal = pick.option, pick.case, setting.options[pick.option], state.proposals[chooser.place]
    credit = tax_credit(offer, case.capex, chooser.earns, moment)
    stands = pick.ordered
    if not stands:
        net = net_capex(case.capex, credit, 0.0)
        years = payback(net, case.saving, state.costs[option].financing)
        stands = finds_acceptable(option, years, net / case.capex, chooser, world, setting, moment, state)
    proposal.option = option
    proposal.ordered = pick.ordered
    proposal.needs_grant = not stands
    proposal.capex = whole(case.capex * codes.FEN)
    proposal.grant = whole(claim_of(offer, case, chooser.firm.weight, setting, moment) * codes.FEN)
    proposal.programme = offer.programme
    proposal.credit = whole(credit * codes.FEN)
    proposal.saving = whole(case.saving * codes.FEN)
