"""The choice of retrofits (phase 7) as whole-array numpy: one entry for each firm and option that it looks at.

Every gate keeps the pairs that pass it, so that later gates have less to do. Rules without a branch are the model's
own, since they take arrays as they take numbers; those that branch are written with `where`.
"""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents import codes
from agents.charges import equivalents
from agents.energy import Carriers, energy_bill, tariff, total
from agents.government import PV, carbon_price, pollution_tax, programme_terms, surcharge
from agents.green_finance import green_discount, green_quota
from agents.mandates import limit_coverage
from agents.network import N_PLACES, WHOLE_LINK, request_pressure
from agents.retrofit import firing_probability, net_value, payback, running_saving
from benchmarks.rivals.whole_mathematics import exp, log, logistic, uniform
from sim.phases.charging import base_emission_intensity, base_energy_intensity
from sim.phases.noticing import BEYOND_ROUNDING
from sim.results.quantities import nearest
from sim.setting import Moment, Setting, World
from sim.state import State

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Places = NDArray[np.intp]
OPTIONS = np.arange(codes.N_OPTIONS)
BEYOND_RUNNING = [codes.PENALTY, codes.BY_PRODUCT_TRADE, codes.BY_PRODUCT_BALANCE]  # what else counts as surplus
BITS = np.int64(1) << OPTIONS


class Pairs(NamedTuple):
    """A firm and an option that it looks at, an entry each: rows of the firms, the options, and their price."""

    row: Places
    option: Places
    units: Floats
    capex: Floats  # 万元
    saving: Floats  # 万元 a year

    def where(self, kept: Bools) -> "Pairs":
        """Those for which something holds."""
        return Pairs(*(column[kept] for column in self))


def choose_retrofits(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write retrofit proposals and the reason of every firm that makes none."""
    write_loan_terms(setting, moment, state.costs)
    proposals, agenda, firms, offers = state.proposals, state.agenda, world.firms, setting.options
    proposals.option[:] = -1
    proposals.penalty[:] = 0
    proposals.saving[:] = 0
    proposals.reason[:] = codes.NONE
    active = state.standing.active
    unbuilt = firms.eligible & ~(agenda.adopted | agenda.building) & ~BITS[offers.product_line].sum()
    inspected = np.zeros(len(firms), bool)
    if setting.mechanisms.orders > 0.0 and moment.policy.efficiency_benchmark_coverage > 0.0:
        inspected = world.sectors.intensive[firms.sector]
    known = np.where(inspected, unbuilt, unbuilt & agenda.noticed)
    ordered = ordered_options(unbuilt, world, setting, moment)
    looked_at = known | ordered
    idle = active & (looked_at == 0)
    proposals.reason[idle] = np.where(unbuilt[idle] != 0, codes.UNAWARE, codes.INELIGIBLE)
    free = (state.projects.option < 0).any(axis=1)
    choosing = np.flatnonzero(active & (looked_at != 0) & free & (state.trade.output > 0.0))
    voluntary = BITS[~(offers.mandate_only | offers.product_line)].sum()
    wanted = (known & voluntary | ordered)[choosing]
    at, option = np.nonzero(wanted[:, None] >> OPTIONS & 1)
    row = choosing[at]
    allowed = offers.excludes[option] & (agenda.adopted | agenda.building)[row] == 0
    pairs = cases(row[allowed], option[allowed], world, setting, moment, state)
    pairs = pairs.where(pairs.capex > 0.0)
    must = has_each(ordered[pairs.row], pairs.option)
    obeying = obey(pairs.where(must), moment, state)
    verdicts = judge(pairs.where(~must), inspected, world, setting, moment, state)
    pick(choosing, obeying, verdicts, world, setting, moment, state)


def has_each(options: NDArray[np.int64], option: Places) -> Bools:
    """Whether sets of options contain one each."""
    return (options >> option) & 1 == 1


def write_loan_terms(setting: Setting, moment: Moment, costs: Any) -> None:
    """Write, for each option, what a green loan costs over a usual one and the value of a yuan a year."""
    rules, lifetime = setting.behaviour, setting.options.lifetime
    usual = offered = moment.prices.loan_rate
    if green_quota(moment.policy) > 0.0 and setting.mechanisms.lending > 0.0:
        offered = usual - green_discount(moment.policy)
    costs.annuity = annuity_factors(usual, lifetime)
    costs.financing = costs.annuity / annuity_factors(offered, lifetime)
    costs.irreversible_cutoff = annuity_factors(rules.irreversible_hurdle, lifetime) / rules.option_multiple


def annuity_factors(rate: float, lifetime: Floats) -> Floats:
    """Present value of one yuan a year over lifetimes."""
    if rate <= 0.0:
        return lifetime
    return (1.0 - exp(-lifetime * log(1.0 + rate))) / rate


def ordered_options(unbuilt: NDArray[np.int64], world: World, setting: Setting, moment: Moment) -> NDArray[np.int64]:
    """The sets of abatement options that emission limits and coal plans demand by now."""
    firms, offers, policy = world.firms, setting.options, moment.policy
    orders = np.zeros(len(firms), np.int64)
    if setting.mechanisms.orders <= 0.0:
        return orders
    limits = limit_coverage(policy)
    coal = 4.0 * firms.base_output * firms.coal_intensity
    small = (coal > 0.0) & (coal <= policy.coal_substitution_size * firms.weight)
    boilers = np.maximum(limits, np.where(small, policy.coal_substitution_boilers, 0.0))
    for option in np.flatnonzero(offers.mandate_only & offers.abatement):
        row = np.flatnonzero(unbuilt & BITS[option])
        coverage = boilers[row] if offers.coal_boiler[option] else limits
        orders[row[under_orders(row, option, coverage, world, moment)]] |= BITS[option]
    return orders


def under_orders(row: Places, option: Any, coverage: Any, world: World, moment: Moment) -> Bools:
    """Whether orders that reach a share of firms have reached these."""
    draw = uniform(moment.seed, world.firms.firm[row], option, 0, codes.ORDERED, moment.replicate)
    return np.asarray(draw < coverage)


def cases(row: Places, option: Places, world: World, setting: Setting, moment: Moment, state: State) -> Pairs:
    """Size, capex and yearly saving of options at firms."""
    plant, factors = taken(state.plant, row), setting.factors
    output = 4.0 * state.trade.output[row]
    use = Carriers(*(output * plant[name] for name in Carriers._fields))
    offer, fit = setting.options[option], setting.fits[option, world.firms.sector[row]]
    share = Carriers(*(cut(fit, name, offer.saving_factor, factors) for name in Carriers._fields))
    saved = Carriers(*(part * used for part, used in zip(share, use, strict=True)))
    quantity = sizing_quantities(fit.sizing_base, use, output, total(saved), plant, world.firms[row])
    units = project_units(fit, quantity, world.firms.weight[row], factors.own_use_share * use.electricity)
    generated = units * fit.yield_tce_per_unit
    saved = saved._replace(electricity=np.where(generated > 0.0, generated, saved.electricity))
    price, equivalent, water = worth_of_saving(row, world, setting, moment, state)
    bill = energy_bill(saved, price) - energy_bill(added(fit, saved, use), price)
    nox, voc, cod, ammonia = (
        offer[f"{name}_cut"] * (output * plant[name]) for name in ("nox", "voc", "cod", "ammonia")
    )
    avoided = pollution_tax(nox, voc, cod, ammonia, moment.policy, factors)
    avoided += equivalent * equivalents(nox, voc, cod, ammonia, factors)
    water = offer.water_cut * (output * plant["water"]) * (moment.prices.water_price + water) * 0.0001
    capex = units * offer.unit_capex * state.costs.capex_index[option]
    return Pairs(row, option, units, capex, running_saving(offer, capex, bill, avoided, water))


def taken(rows: Any, row: Places) -> Any:
    """Columns at some rows."""
    return rows[row]


def cut(fit: Any, carrier: str, saving_factor: Floats, factors: Any) -> Floats:
    """Share of a carrier that options cut."""
    return np.minimum(np.maximum(fit[f"cut_{carrier}"] * saving_factor, 0.0), factors.largest_cut)


def sizing_quantities(base: Any, use: Carriers, output: Floats, saved: Floats, plant: Any, firms: Any) -> Floats:
    """The quantities that options are sized on."""
    fuels = use.coal + use.gas + use.oil
    of_plant = {10: "water", 11: "waste", 13: "voc", 14: "nox", 15: "cod"}
    quantities = [use.coal, use.gas, use.oil, use.electricity, use.heat, fuels, total(use), output]
    quantities += [firms.roof_area, firms.weight]
    quantities += [output * plant[of_plant[kind]] if kind in of_plant else saved for kind in range(10, 16)]
    return np.choose(base, quantities)


def project_units(fit: Any, quantity: Floats, firms: Floats, own_use: Floats) -> Floats:
    """Sizes of projects: within what one firm can hold and, for generation, can use."""
    units, most = fit.units_per_base * quantity, fit.max_units * firms
    units = np.where((most > 0.0) & (most < units), most, units)
    generates = fit.yield_tce_per_unit > 0.0
    too_much = generates & (units * fit.yield_tce_per_unit > own_use)
    return np.where(too_much, own_use / np.where(generates, fit.yield_tce_per_unit, 1.0), units)


def added(fit: Any, saved: Carriers, use: Carriers) -> Carriers:
    """Energy that options need in place of what they cut."""
    switched, extra = total(saved) * fit.switch_ratio, total(use)
    to = [np.where(fit.switch_carrier == carrier, switched, 0.0) for carrier in range(5)]
    to[1] = to[1] + fit.extra_gas * extra
    to[3] = to[3] + fit.extra_electricity * extra
    return Carriers(*to)


def worth_of_saving(
    row: Places, world: World, setting: Setting, moment: Moment, state: State
) -> tuple[Carriers, Any, Any]:
    """What a saved tce, pollution equivalent or cubic metre is worth to firms."""
    policy, factors, prices = moment.policy, setting.factors, moment.prices
    firms = world.firms[row]
    sectors = world.sectors[firms.sector]
    carbon, right, equivalent, water = 0.0, 0.0, 0.0, 0.0
    if setting.mechanisms.rights > 0.0:
        carbon = carbon_rates(firms, sectors, policy, factors)
        net = base_energy_intensity(firms) - firms.electricity_sold - firms.heat_sold
        covered = 4.0 * firms.base_output * net >= policy.energy_rights_threshold * firms.weight
        right = np.where(covered, policy.energy_rights_price * 0.0001, 0.0)
        equivalent = np.where(firms.above_scale, policy.pollution_rights_price * 0.0001, 0.0)
        used = 4.0 * firms.base_output * firms.water_intensity
        water = np.where(used >= policy.water_rights_threshold * firms.weight, policy.water_rights_price, 0.0)
    electricity = state.plant.electricity[row]
    allowed = policy.tiered_electricity_threshold * sectors.electricity
    above = np.where(electricity > allowed, electricity - allowed, 0.0) > 0.0
    tier = np.where(above, policy.tiered_electricity_surcharge, 0.0)
    extra = np.where(sectors.intensive, surcharge(policy) + tier, 0.0)
    usual = prices.electricity_price * prices.energy_part
    power = np.where(firms.small_power, prices.small_electricity_price, usual)
    energy = Carriers(
        prices.coal_price + carbon * factors.coal_emission + right,
        prices.gas_price + carbon * factors.gas_emission + right,
        prices.oil_price + carbon * factors.oil_emission + right,
        tariff(power + extra, factors.electricity_energy) + right,
        prices.heat_price + right,
    )
    return energy, equivalent, water


def carbon_rates(firms: Any, sectors: Any, policy: Any, factors: Any) -> Floats:
    """Prices of CO2 to firms, 万元 per t, by what they emitted in 2020."""
    emissions = 4.0 * firms.base_output * base_emission_intensity(firms, factors)
    listed = sectors.power | (sectors.intensive & (policy.national_carbon_extension >= 0.5))
    national = listed & (policy.national_carbon_price > 0.0)
    national &= emissions >= policy.national_carbon_threshold * firms.weight
    pilot = np.where(emissions >= policy.carbon_price_threshold * firms.weight, carbon_price(policy), 0.0)
    return np.where(national, policy.national_carbon_price * policy.national_carbon_multiplier * 0.0001, pilot)


def obey(pairs: Pairs, moment: Moment, state: State) -> Pairs:
    """Those options ordered that firms build; for the others they pay the fine."""
    fine = moment.policy.emission_limits_penalty
    annuity = state.costs.annuity[pairs.option]
    complying = pairs.capex / annuity - pairs.saving <= fine * pairs.capex
    paid = nearest(0.25 * fine * pairs.capex[~complying] * codes.FEN)
    np.add.at(state.proposals.penalty, pairs.row[~complying], paid)
    return pairs.where(complying)


class Verdicts(NamedTuple):
    """What firms think of options that nobody orders by limits."""

    demanded: Pairs  # by benchmarks
    waiting: Pairs  # acceptable, outside the repair window
    later: Pairs  # acceptable and not yet
    firing: Pairs


def judge(pairs: Pairs, inspected: Bools, world: World, setting: Setting, moment: Moment, state: State) -> Verdicts:
    """Which options are demanded, acceptable, in their window, and fire."""
    pairs = pairs.where(pairs.saving > 0.0)
    net = net_capex(pairs, claims(pairs, world, setting, moment), setting, moment, state)
    years = payback(net, pairs.saving, state.costs.financing[pairs.option])
    benchmarked = inspected[pairs.row] & (years <= moment.policy.efficiency_benchmark_payback)
    if benchmarked.any():
        at, coverage = np.flatnonzero(benchmarked), moment.policy.efficiency_benchmark_coverage
        benchmarked[at] = under_orders(pairs.row[at], pairs.option[at], coverage, world, moment)
    noticed = has_each(state.agenda.noticed[pairs.row], pairs.option)
    asked = np.flatnonzero(noticed & ~benchmarked)
    some = Pairs(*(column[asked] for column in pairs))
    accepted = finds_acceptable(some, years[asked], net[asked], world, setting, moment, state)
    fine = some.where(accepted)
    open_now = in_window(fine, world, setting, moment)
    ready = fine.where(open_now)
    draw = uniform(moment.seed, world.firms.firm[ready.row], ready.option, moment.quarter, codes.FIRE, moment.replicate)
    fires = draw < firing_probability(setting.behaviour.implemented_share, setting.behaviour.implementation_years)
    return Verdicts(pairs.where(benchmarked), fine.where(~open_now), ready.where(~fires), ready.where(fires))


def claims(pairs: Pairs, world: World, setting: Setting, moment: Moment) -> Floats:
    """Grants that firms may claim, 万元."""
    found, offer, firms = np.zeros(len(pairs.row)), setting.options[pairs.option], world.firms.weight[pairs.row]
    if setting.mechanisms.grants <= 0.0:
        return found
    base = np.where(offer.programme == PV, pairs.units, offer.equipment_share * pairs.capex)
    for programme in np.unique(offer.programme[offer.programme > 0]):
        terms = programme_terms(int(programme), moment.policy)
        if terms.share > 0.0 and terms.purse > 0.0:
            claim = np.minimum(terms.share * base, terms.cap * firms)
            asks = (offer.programme == programme) & (base >= terms.threshold * firms)
            found[asks] = claim[asks]
    return found


def net_capex(pairs: Pairs, grant: Any, setting: Setting, moment: Moment, state: State) -> Floats:
    """What is left to pay after tax credit and grant, 万元; at least a hundredth of the price."""
    return np.maximum(pairs.capex - credits(pairs, setting, moment, state) - grant, 0.01 * pairs.capex)


def credits(pairs: Pairs, setting: Setting, moment: Moment, state: State) -> Floats:  # noqa: A001 - a tax credit
    """Equipment credits, 万元: only firms that earn something can use them."""
    credit = moment.policy.equipment_credit_share * setting.options.equipment_share[pairs.option] * pairs.capex
    ledger = state.till.ledger[pairs.row]
    surplus = ledger[:, : codes.INTEREST].sum(axis=1) + ledger[:, BEYOND_RUNNING].sum(axis=1)
    return np.where(surplus > 0, credit, 0.0)


def finds_acceptable(
    pairs: Pairs, years: Floats, net: Floats, world: World, setting: Setting, moment: Moment, state: State
) -> Bools:
    """Whether firms find options worth their money; peers are asked where they can change the answer."""
    rules, firms, costs = setting.behaviour, world.firms, state.costs
    row, option = pairs.row, pairs.option
    luck = uniform(moment.seed, firms.firm[row], option, 0, codes.ACCEPTANCE, moment.replicate)
    irreversible = setting.options.irreversible[option]
    cutoff = np.where(irreversible, costs.irreversible_cutoff[option], firms.payback_cutoff[row])
    worth = log(cutoff / years) - (rules.cost_weight - 1.0) * log(net / pairs.capex)
    pressure = request_pressure(state.standing.requests[row].astype(np.float64))

    def share(peers: Any, at: Any) -> Floats:
        others = rules.peer_weight * peers + rules.request_weight * pressure[at]
        return logistic(rules.payback_slope * worth[at] + others)

    everybody, weights, near = slice(None), peer_weights(setting), near_peers(row, option, world, setting, state)
    alone, among = share(near / weights, everybody), share((near + rules.partner_peers) / weights, everybody)
    accepted = luck < np.minimum(alone, among) - BEYOND_ROUNDING
    open_cases = np.flatnonzero(~accepted & ~(luck > np.maximum(alone, among) + BEYOND_ROUNDING))
    peers = peer_shares(row[open_cases], option[open_cases], near[open_cases], world, setting, state)
    accepted[open_cases] = share(peers, open_cases) >= luck[open_cases]
    return accepted


def peer_weights(setting: Setting) -> float:
    """Weights of the three kinds of peers together; infinite where nobody looks at peers."""
    rules = setting.behaviour
    weights = float(rules.sector_peers + rules.park_peers + rules.partner_peers)
    return weights if setting.mechanisms.peers > 0.0 and weights > 0.0 else np.inf


def near_peers(row: Places, option: Places, world: World, setting: Setting, state: State) -> Floats:
    """Shares of peers in firms' sectors and parks that have options, each share by its weight."""
    rules, counts, firms = setting.behaviour, state.counts, world.firms
    sector, park = firms.sector[row], firms.park[row]
    share = rules.sector_peers * counts.sector[sector, option] / counts.sector_fitting[sector, option]
    return np.asarray(share + rules.park_peers * counts.park[park, option] / counts.park_fitting[park, option])


def peer_shares(row: Places, option: Places, near: Floats, world: World, setting: Setting, state: State) -> Floats:
    """Shares of firms' peers in sector, park and trade that have options; `near` are those in sector and park."""
    rules = setting.behaviour
    pair, partner = partners(row, world, state)
    fits = has_each(state.peers.fitting[partner], option[pair])
    having = has_each(state.peers.having[partner], option[pair])
    fitting = np.bincount(pair[fits], minlength=len(row))
    having_it = np.bincount(pair[having], minlength=len(row))
    share = near + np.where(fitting > 0, rules.partner_peers * having_it / np.maximum(fitting, 1), 0.0)
    return np.asarray(share / peer_weights(setting))


def partners(row: Places, world: World, state: State) -> tuple[Places, Places]:
    """Suppliers and customers of firms: the place in `row`, and the partner's row, an entry each."""
    links, supply = world.links, state.supply
    found = []
    at, link = ranges(links.supplier_start, row)
    found.append((at, links.customer[link], supply.kept[link] > 0))
    at, place = ranges(links.substitute_start, row)
    found.append((at, links.customer[links.instead[place]], supply.moved[place] > 0))
    at, k = ranges(links.customer_start, row)
    link = links.link[k]
    found.append((at, links.supplier[k], supply.kept[link] > 0))
    divided = supply.kept[link] < WHOLE_LINK
    for substitute in range(N_PLACES - 1):
        place = links.place[link, substitute]
        moved = divided & (place >= 0) & (supply.moved[place] > 0)
        found.append((at, links.substitute[link, substitute], moved))
    return joined(at[now] for at, _, now in found), joined(partner[now] for _, partner, now in found)


def joined(parts: Iterable[Any]) -> Places:
    """Arrays one after the other."""
    return np.concatenate(list(parts)).astype(np.intp)


def ranges(start: Any, row: Places) -> tuple[Places, Places]:
    """All entries from start[i] to start[i + 1] for each row i: the place in `row` and the entry."""
    first, size = start[row], start[row + 1] - start[row]
    at = np.repeat(np.arange(len(row)), size)
    return at, np.arange(len(at)) - np.repeat(np.cumsum(size) - size, size) + first[at]


def in_window(pairs: Pairs, world: World, setting: Setting, moment: Moment) -> Bools:
    """Whether kilns and furnaces stand for repair."""
    window, phase = setting.options.window_quarters[pairs.option], world.firms.repair_phase[pairs.row]
    position = moment.quarter + phase * window
    cycles = (position / np.maximum(window, 1.0)).astype(np.int64)
    return (window <= 1.0) | (position - window * cycles < 1.0)


def pick(
    choosing: Places,
    obeying: Pairs,
    verdicts: Verdicts,
    world: World,
    setting: Setting,
    moment: Moment,
    state: State,
) -> None:
    """Write the proposal of each firm – what it must build before what it may, then the highest value – or why none."""
    chances = Pairs(*(np.concatenate(parts) for parts in zip(obeying, verdicts.demanded, verdicts.firing, strict=True)))
    may = np.arange(len(chances.row)) >= len(obeying.row) + len(verdicts.demanded.row)
    value = net_value(chances.saving, chances.capex, state.costs.annuity[chances.option])
    order = np.lexsort((chances.option, -value, may, chances.row))
    first = order[np.diff(chances.row[order], prepend=-1) != 0]
    best = Pairs(*(column[first] for column in chances))
    acceptable, waiting, without = (np.zeros(len(world.firms), bool) for _ in range(3))
    acceptable[verdicts.later.row] = True
    waiting[verdicts.waiting.row] = True
    without[choosing] = True
    without[best.row] = False
    blocked = without & (waiting | ~acceptable)
    state.proposals.reason[blocked] = np.where(waiting[blocked], codes.WAITING_WINDOW, codes.CUTOFF)
    propose(best, ~may[first], world, setting, moment, state)


def propose(best: Pairs, ordered: Bools, world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write applications: price, grant claimed, credit, saving, and whether they stand without the grant."""
    stands, alone = ordered.copy(), np.flatnonzero(~ordered)
    some = Pairs(*(column[alone] for column in best))
    net = net_capex(some, 0.0, setting, moment, state)
    years = payback(net, some.saving, state.costs.financing[some.option])
    stands[alone] = finds_acceptable(some, years, net, world, setting, moment, state)
    written = SimpleNamespace(
        option=best.option,
        ordered=ordered,
        needs_grant=~stands,
        capex=nearest(best.capex * codes.FEN),
        grant=nearest(claims(best, world, setting, moment) * codes.FEN),
        programme=setting.options.programme[best.option],
        credit=nearest(credits(best, setting, moment, state) * codes.FEN),
        saving=nearest(best.saving * codes.FEN),
    )
    for name, column in vars(written).items():
        state.proposals[name][best.row] = column
