"""Phase 7: which one option, of those it knows, a firm applies for this quarter."""

from agents import codes
from agents._compiled import part
from agents._rows import Rows
from agents.energy import energy_bill, saving_prices, total
from agents.government import PV, carbon_price, grant_claim, pollution_tax, programme_terms, surcharge
from agents.mathematics import whole
from agents.retrofit import (
    Case,
    Site,
    acceptance,
    added_carriers,
    annuity_factor,
    complies,
    cut_carriers,
    firing_probability,
    has,
    in_window,
    irreversible_cutoff,
    net_value,
    payback,
    project_units,
    running_saving,
    sizing_quantity,
    with_option,
)
from sim.accounts import carbon_covered, energy_use
from sim.draws import uniform
from sim.noticing import count_partners, open_options, peer_share
from sim.setting import Moment, Setting, World
from sim.state import State


@part
def choose_retrofits(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write retrofit proposals and the reason of every firm that makes none."""
    write_loan_terms(setting, moment, state.costs)
    for i in range(world.firms.size):
        state.proposals[i].option = -1
        state.proposals[i].penalty = 0
        state.proposals[i].saving = 0
        state.agenda[i].reason = codes.NONE
        if state.trade[i].active:
            choose_one(i, world, setting, moment, state)


@part
def write_loan_terms(setting: Setting, moment: Moment, costs: Rows) -> None:
    """Write, for each option, what a green loan costs over a usual one and the value of a yuan a year."""
    usual = moment.prices.loan_rate
    offered = usual
    if moment.policy.green_credit_quota > 0.0 and setting.mechanisms.lending > 0.0:
        offered -= moment.policy.green_credit_discount
    for option in range(codes.N_OPTIONS):
        lifetime = setting.options[option].lifetime
        costs[option].annuity = annuity_factor(usual, lifetime)
        costs[option].financing = costs[option].annuity / annuity_factor(offered, lifetime)


@part
def choose_one(i: int, world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write the proposal of one firm: what it is ordered to do first, otherwise what fires with the highest value."""
    unbuilt = open_options(i, world.firms, state.agenda)
    known = unbuilt if inspected(i, world, moment) else unbuilt & state.agenda[i].noticed
    ordered = ordered_options(i, world.firms, setting, moment, state.agenda)
    if known | ordered == 0:
        state.agenda[i].reason = codes.UNAWARE if unbuilt != 0 else codes.INELIGIBLE
        return
    if free_slot(i, state.projects) < 0 or state.trade[i].output <= 0.0:
        return
    count_partners(i, world.links, state.agenda, state.counts.partners)
    site = site_of(i, world.firms, state.trade, state.plant)
    best, best_value = -1, -1.0e300
    acceptable, waiting = False, False
    for option in range(codes.N_OPTIONS):
        if has(known | ordered, option) and not excluded(i, option, setting, state.agenda):
            case = case_of(i, option, site, world, setting, moment, state.costs)
            if case.capex <= 0.0:
                continue
            verdict = judge(i, option, case, has(ordered, option), world, setting, moment, state)
            acceptable = acceptable or verdict >= 1
            waiting = waiting or verdict == 1
            if verdict >= 3:
                value = net_value(case.saving, case.capex, state.costs[option].annuity)
                value += 1.0e200 if verdict == 4 else 0.0
                if value > best_value:
                    best, best_value = option, value
    if best >= 0:
        propose(i, best, site, best_value > 1.0e100, world, setting, moment, state)
    elif waiting:
        state.agenda[i].reason = codes.WAITING_WINDOW
    elif not acceptable:
        state.agenda[i].reason = codes.CUTOFF


@part
def inspected(i: int, world: World, moment: Moment) -> bool:
    """Whether the energy-efficiency benchmarks look at all options of a firm, whatever it has noticed."""
    return world.sectors[world.firms[i].sector].intensive and moment.policy.efficiency_benchmark_coverage > 0.0


@part
def free_slot(i: int, projects: Rows) -> int:
    """The first free place for a project, or -1."""
    for slot in range(projects.shape[1]):
        if projects[i, slot].option < 0:
            return slot
    return -1


@part
def excluded(i: int, option: int, setting: Setting, agenda: Rows) -> bool:
    """Whether the firm already has or builds an option that rules this one out."""
    return setting.options[option].excludes & (agenda[i].adopted | agenda[i].building) != 0


@part
def ordered_options(i: int, firms: Rows, setting: Setting, moment: Moment, agenda: Rows) -> int:
    """The set of abatement options that emission limits demand of a firm by now."""
    orders = 0
    if moment.policy.emission_limits_coverage <= 0.0:
        return orders
    unbuilt = open_options(i, firms, agenda)
    for option in range(codes.N_OPTIONS):
        offer = setting.options[option]
        covered = has(unbuilt, option) and offer.mandate_only and offer.abatement
        if covered and under_orders(i, option, moment.policy.emission_limits_coverage, firms, moment):
            orders = with_option(orders, option)
    return orders


@part
def under_orders(i: int, option: int, coverage: float, firms: Rows, moment: Moment) -> bool:
    """Whether an order that reaches a share of firms has reached this one; the draw is made once."""
    return uniform(moment.seed, firms[i].firm, option, 0, codes.ORDERED, moment.replicate) < coverage


@part
def site_of(i: int, firms: Rows, trade: Rows, plant: Rows) -> Site:
    """A firm's premises and yearly flows at this quarter's output."""
    output = 4.0 * trade[i].output
    return Site(
        energy_use(i, output, plant),
        output,
        firms[i].roof_area,
        firms[i].weight,
        output * plant[i].water,
        output * plant[i].waste,
        output * plant[i].voc,
        output * plant[i].nox,
        output * plant[i].cod,
        output * plant[i].ammonia,
    )


@part
def case_of(i: int, option: int, site: Site, world: World, setting: Setting, moment: Moment, costs: Rows) -> Case:
    """Size, capex and yearly saving of one option at one firm."""
    offer, fit, factors = setting.options[option], setting.fits[option, world.firms[i].sector], setting.factors
    share_cut = cut_carriers(fit, site.use, offer.saving_factor, 0.0, factors)
    quantity = sizing_quantity(fit.sizing_base, site, total(share_cut))
    units = project_units(fit, quantity, site.firms, factors.own_use_share * site.use.electricity)
    cut = cut_carriers(fit, site.use, offer.saving_factor, units, factors)
    added = added_carriers(fit, cut, site.use)
    policy = moment.policy
    carbon = carbon_price(policy) if carbon_covered(i, world.firms, policy, factors) else 0.0
    extra = surcharge(policy) if world.sectors[world.firms[i].sector].intensive else 0.0
    price = saving_prices(moment.prices, world.firms[i].small_power, extra, carbon, factors)
    avoided = pollution_tax(
        offer.nox_cut * site.nox,
        offer.voc_cut * site.voc,
        offer.cod_cut * site.cod,
        offer.ammonia_cut * site.ammonia,
        policy,
        factors,
    )
    water = offer.water_cut * site.water * moment.prices.water_price * 0.0001
    capex = units * offer.unit_capex * costs[option].capex_index
    bill = energy_bill(cut, price) - energy_bill(added, price)
    return Case(units, capex, running_saving(offer, capex, bill, avoided, water))


@part
def judge(
    i: int, option: int, case: Case, ordered: bool, world: World, setting: Setting, moment: Moment, state: State
) -> int:
    """0 not acceptable, 1 acceptable but outside the repair window, 2 acceptable and not yet, 3 fires, 4 ordered."""
    offer, firms, rules = setting.options[option], world.firms, setting.behaviour
    if ordered:
        fine = moment.policy.emission_limits_penalty
        if complies(case.capex, case.saving, state.costs[option].annuity, fine):
            return 4
        state.proposals[i].penalty += whole(0.25 * fine * case.capex * codes.FEN)
        return 0
    if offer.mandate_only or offer.product_line or case.saving <= 0.0:
        return 0
    net = net_capex(i, option, case, True, firms, setting, moment, state.till.money)
    years = payback(net, case.saving, state.costs[option].financing)
    benchmarked = inspected(i, world, moment) and years <= moment.policy.efficiency_benchmark_payback
    if benchmarked and under_orders(i, option, moment.policy.efficiency_benchmark_coverage, firms, moment):
        return 4
    if not has(state.agenda[i].noticed, option):
        return 0
    peers = peer_share(i, option, world, setting, state.counts)
    cutoff = cutoff_of(i, option, setting, firms)
    luck = uniform(moment.seed, firms[i].firm, option, 0, codes.ACCEPTANCE, moment.replicate)
    if acceptance(years, cutoff, net / case.capex, peers, rules) < luck:
        return 0
    if not in_window(offer.window_quarters, world.firms[i].repair_phase, moment.quarter):
        return 1
    fire = uniform(moment.seed, firms[i].firm, option, moment.quarter, codes.FIRE, moment.replicate)
    return 3 if fire < firing_probability(rules.implemented_share, rules.implementation_years) else 2


@part
def cutoff_of(i: int, option: int, setting: Setting, firms: Rows) -> float:
    """Longest payback the firm takes for this option, yr."""
    offer, rules = setting.options[option], setting.behaviour
    if offer.irreversible:
        return irreversible_cutoff(rules.irreversible_hurdle, rules.option_multiple, offer.lifetime)
    return firms[i].payback_cutoff


@part
def net_capex(
    i: int, option: int, case: Case, with_grant: bool, firms: Rows, setting: Setting, moment: Moment, money: Rows
) -> float:
    """What is left to pay after the grant and the tax credit, 万元; at least a hundredth of the price."""
    offer = setting.options[option]
    left = case.capex - tax_credit(i, offer, case.capex, moment, money)
    if with_grant:
        left -= claim_of(i, option, case, firms, setting, moment)
    least = 0.01 * case.capex
    return left if left > least else least


@part
def tax_credit(i: int, offer: Rows, capex: float, moment: Moment, money: Rows) -> float:
    """Equipment credit, 万元: only a firm that earns something can use it."""
    if money[i].surplus <= 0:
        return 0.0
    return moment.policy.equipment_credit_share * offer.equipment_share * capex


@part
def claim_of(i: int, option: int, case: Case, firms: Rows, setting: Setting, moment: Moment) -> float:
    """Grant the firm may claim for an option, 万元."""
    offer = setting.options[option]
    if setting.mechanisms.grants <= 0.0 or offer.programme == 0:
        return 0.0
    base = case.units if offer.programme == PV else offer.equipment_share * case.capex
    return grant_claim(base, firms[i].weight, programme_terms(offer.programme, moment.policy))


@part
def propose(
    i: int, option: int, site: Site, ordered: bool, world: World, setting: Setting, moment: Moment, state: State
) -> None:
    """Write the firm's application: price, grant claimed, credit, saving, and whether it stands without the grant."""
    proposals = state.proposals
    case = case_of(i, option, site, world, setting, moment, state.costs)
    net = net_capex(i, option, case, False, world.firms, setting, moment, state.till.money)
    stands = ordered
    if not ordered:
        years = payback(net, case.saving, state.costs[option].financing)
        peers = peer_share(i, option, world, setting, state.counts)
        luck = uniform(moment.seed, world.firms[i].firm, option, 0, codes.ACCEPTANCE, moment.replicate)
        cutoff = cutoff_of(i, option, setting, world.firms)
        stands = acceptance(years, cutoff, net / case.capex, peers, setting.behaviour) >= luck
    proposals[i].option = option
    proposals[i].ordered = ordered
    proposals[i].needs_grant = not stands
    proposals[i].capex = whole(case.capex * codes.FEN)
    proposals[i].grant = whole(claim_of(i, option, case, world.firms, setting, moment) * codes.FEN)
    proposals[i].programme = setting.options[option].programme
    proposals[i].credit = whole(
        tax_credit(i, setting.options[option], case.capex, moment, state.till.money) * codes.FEN
    )
    proposals[i].saving = whole(case.saving * codes.FEN)
