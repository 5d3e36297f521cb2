"""A second opinion on one quarter: sets, plain loops, the rules and the keyed draws instead of kernels.

The draws are public: anybody can say from the state before a quarter what each firm will notice and apply for, and why.
Nothing here knows how the kernels are written; tests compare the two.
"""

import numpy as np
from random_worlds import division

from agents import codes
from agents.codes import FEN, N_OPTIONS, N_SECTORS
from agents.energy import Carriers, energy_bill, saving_prices, total
from agents.government import CONVERSION, PV, grant_claim, pollution_tax, programme_terms
from agents.mathematics import whole
from agents.product import conversion_advantage, conversion_probability
from agents.retrofit import (
    Site,
    acceptance,
    added_carriers,
    annuity_factor,
    complies,
    cut_carriers,
    firing_probability,
    in_window,
    irreversible_cutoff,
    notice_probability,
    payback,
    project_units,
    running_saving,
    sizing_quantity,
)
from sim.draws import four_uniforms, uniform

CARRIERS = ("coal", "gas", "oil", "electricity", "heat")
FLOWS = ("water", "waste", "voc", "nox", "cod", "ammonia")


def options_of(bits):
    """Return the options of a set."""
    return {option for option in range(N_OPTIONS) if int(bits) >> option & 1}


class Quarter:
    """One quarter as a firm that chooses sees it."""

    def __init__(self, world, setting, moment, before, after):
        self.world, self.setting, self.moment = world, setting, moment
        self.before, self.after = before, after
        self.firms, self.policy = world.firms, moment.policy
        self.there = np.flatnonzero(before.standing.active)
        self.has = [options_of(bits) for bits in before.agenda.adopted]
        self.builds = [options_of(bits) for bits in before.agenda.building]
        lines = {option for option in range(N_OPTIONS) if setting.options[option].product_line}
        self.fits = [options_of(bits) - lines for bits in world.firms.eligible]  # what may be chosen
        who = division(world, before)
        alive = who.parts > 0
        pairs = list(zip(who.supplier[alive].tolist(), who.customer[alive].tolist(), strict=True))
        self.partners = [[] for _ in world.firms]
        for supplier, customer in pairs:
            self.partners[supplier].append(customer)
            self.partners[customer].append(supplier)

    def luck(self, i, item, decision, quarter=0):
        """Return the draw of a firm."""
        moment = self.moment
        return uniform(moment.seed, self.firms[i].firm, item, quarter, decision, moment.replicate)

    def surplus(self, i):
        """Return what a firm earned this quarter before interest, tax and depreciation, fen."""
        terms = [*range(codes.INTEREST), codes.PENALTY, codes.BY_PRODUCT_TRADE, codes.BY_PRODUCT_BALANCE]
        return int(self.after.ledger[i, terms].sum())

    def certified_bonus(self, i):
        """Return what a green factory with a good name may owe above the usual limit."""
        standing, rules = self.before.standing[i], self.setting.certification
        green = {codes.MUNICIPAL_GREEN_FACTORY, codes.NATIONAL_GREEN_FACTORY} & options_of(standing.certificates)
        return rules.credit_bonus if green and standing.barred <= 0 else 0.0

    def peer_share(self, i, option):
        """Return the weighted share of a firm's sector, park and partners that have an option."""
        rules, firms = self.setting.behaviour, self.firms
        weights = (rules.sector_peers, rules.park_peers, rules.partner_peers)
        if self.setting.mechanisms.peers <= 0.0 or sum(weights) <= 0.0:
            return 0.0
        shares = []
        for trait in (firms.sector, firms.park):
            fitting = [j for j in self.there if trait[j] == trait[i] and option in self.fits[j]]
            shares.append(sum(option in self.has[j] for j in fitting) / len(fitting))
        there = set(self.there.tolist())
        partners = [j for j in self.partners[i] if j in there and option in self.fits[j]]
        shares.append(sum(option in self.has[j] for j in partners) / len(partners) if partners else 0.0)
        return sum(weight * share for weight, share in zip(weights, shares, strict=True)) / sum(weights)

    def site(self, i):
        """Return what a firm uses and leaves in a year."""
        output, plant, firm = 4.0 * self.after.trade.output[i], self.before.plant[i], self.firms[i]
        use = Carriers(*(output * float(plant[name]) for name in CARRIERS))
        flows = (output * float(plant[name]) for name in FLOWS)
        return Site(use, output, float(firm.roof_area), float(firm.weight), *flows)

    def carbon(self, i):
        """Return what a tonne of CO2 costs a firm, 万元."""
        firm, factors, policy = self.firms[i], self.setting.factors, self.policy
        intensity = sum(firm[f"{name}_intensity"] * factors[f"{name}_emission"] for name in ("coal", "gas", "oil"))
        each = 4.0 * firm.base_output * (intensity + firm.process_intensity) / firm.weight
        sector = self.world.sectors[firm.sector]
        national = policy.national_carbon_price > 0.0 and each >= policy.national_carbon_threshold
        if national and (sector.power or (sector.intensive and policy.national_carbon_extension >= 0.5)):
            return policy.national_carbon_price * policy.national_carbon_multiplier * 0.0001
        pilot = policy.carbon_price_price * policy.carbon_price_multiplier * 0.0001
        return pilot if each >= policy.carbon_price_threshold else 0.0

    def prices(self, i):
        """Return what a saved tce is worth to a firm."""
        firm, policy, sector = self.firms[i], self.policy, self.world.sectors[self.firms[i].sector]
        extra = policy.differential_electricity_surcharge * policy.differential_electricity_multiplier
        above = self.before.plant.electricity[i] > policy.tiered_electricity_threshold * sector.electricity
        extra = (extra + policy.tiered_electricity_surcharge * above) * sector.intensive
        trades = self.setting.mechanisms.rights > 0.0
        energy = sum(firm[f"{name}_intensity"] for name in ("coal", "gas", "oil", "electricity", "heat"))
        each = 4.0 * firm.base_output * (energy - firm.electricity_sold - firm.heat_sold) / firm.weight
        right = policy.energy_rights_price * 0.0001 * (each >= policy.energy_rights_threshold) * trades
        carbon = self.carbon(i) if trades else 0.0
        small = bool(firm.small_power)
        return saving_prices(self.moment.prices, small, extra, carbon, right, self.setting.factors)

    def size_price_saving(self, i, option):
        """Return units, capex and yearly saving of an option at a firm."""
        site, factors = self.site(i), self.setting.factors
        offer, fit = self.setting.options[option], self.setting.fits[option, self.firms[i].sector]
        shared = cut_carriers(fit, site.use, offer.saving_factor, 0.0, factors)
        quantity = sizing_quantity(fit.sizing_base, site, total(shared))
        units = project_units(fit, quantity, site.firms, factors.own_use_share * site.use.electricity)
        cut = cut_carriers(fit, site.use, offer.saving_factor, units, factors)
        added = added_carriers(fit, cut, site.use)
        bill = energy_bill(cut, self.prices(i)) - energy_bill(added, self.prices(i))
        gone = [offer[f"{name}_cut"] * getattr(site, name) for name in ("nox", "voc", "cod", "ammonia")]
        tax = pollution_tax(*gone, self.policy, factors)
        firm, trades = self.firms[i], self.setting.mechanisms.rights > 0.0
        permit = self.policy.pollution_rights_price * 0.0001 * (firm.above_scale and trades)
        per = [factors[f"{name}_equivalent"] for name in ("nox", "voc", "cod", "ammonia")]
        tax += permit * sum(cut / unit for cut, unit in zip(gone, per, strict=True))
        taken = 4.0 * firm.base_output * firm.water_intensity / firm.weight
        right = self.policy.water_rights_price * (taken >= self.policy.water_rights_threshold) * trades
        water = offer.water_cut * site.water * (self.moment.prices.water_price + right) * 0.0001
        capex = units * offer.unit_capex * self.before.costs.capex_index[option]
        return units, capex, running_saving(offer, capex, bill, tax, water)

    def claim(self, i, option, units, capex):
        """Return the grant a firm may claim, 万元."""
        offer = self.setting.options[option]
        if self.setting.mechanisms.grants <= 0.0:
            return 0.0
        base = units if offer.programme == PV else offer.equipment_share * capex
        return grant_claim(base, float(self.firms[i].weight), programme_terms(int(offer.programme), self.policy))

    def credit(self, i, option, capex):
        """Return what a firm that earns something takes off its tax, 万元."""
        earns = self.surplus(i) > 0
        return self.policy.equipment_credit_share * self.setting.options[option].equipment_share * capex * earns

    def annuity(self, option, green=False):
        """Return the value of a yuan a year at the usual rate, or at that of the green window where it lends."""
        policy = self.policy
        quota = policy.green_credit_quota + policy.relending_quota
        open_window = quota > 0.0 and self.setting.mechanisms.lending > 0.0
        passed_on = policy.relending_share * policy.relending_rate_cut * policy.relending_pass_through
        discount = policy.green_credit_discount + passed_on if green and open_window else 0.0
        rate = self.moment.prices.loan_rate - discount
        return annuity_factor(rate, self.setting.options[option].lifetime)

    def accepts(self, i, option, net, capex, saving):
        """Return whether a firm finds an option worth a price, by its own unchanging luck."""
        offer, rules = self.setting.options[option], self.setting.behaviour
        cutoff = self.firms[i].payback_cutoff
        if offer.irreversible:
            cutoff = irreversible_cutoff(rules.irreversible_hurdle, rules.option_multiple, offer.lifetime)
        share = acceptance(
            self.years(option, net, saving), cutoff, net / capex, self.peer_share(i, option), self.pressure(i), rules
        )
        return share >= self.luck(i, option, codes.ACCEPTANCE)

    def pressure(self, i):
        """Return how much the requests of customers weigh with a firm."""
        requests = int(self.before.standing.requests[i])
        return requests / (1 + requests)

    def years(self, option, net, saving):
        """Return the payback of an option at a price."""
        return payback(net, saving, self.annuity(option) / self.annuity(option, green=True))


def expected_noticed(quarter, i):
    """Return what a firm knows after a quarter, and whether an adviser came."""
    rules, policy, moment = quarter.setting.behaviour, quarter.policy, quarter.moment
    known = options_of(quarter.before.agenda.noticed[i])
    unseen = quarter.fits[i] - quarter.has[i] - quarter.builds[i] - known
    attention = rules.base_attention + policy.training_attention + policy.digital_platform_attention
    heard = set()
    for option in unseen:
        identity = quarter.firms[i].firm
        draws = four_uniforms(moment.seed, identity, option // 4, moment.quarter, codes.NOTICE, moment.replicate)
        own = attention * quarter.setting.options[option].attention
        own += rules.request_attention * quarter.pressure(i)
        if draws[option % 4] < notice_probability(own, rules.peer_attention, quarter.peer_share(i, option)):
            heard.add(option)
    waiting = [j for j in quarter.there if not quarter.before.standing.diagnosed[j]]
    weight = sum(quarter.firms.weight[j] for j in waiting)
    visit = bool(unseen) and i in waiting
    visit = visit and quarter.luck(i, 0, codes.DIAGNOSIS, moment.quarter) < 0.25 * policy.free_diagnosis_firms / weight
    if visit:
        share = rules.diagnosis_recommendations / len(unseen)
        heard |= {k for k in unseen if quarter.luck(i, k + 1, codes.DIAGNOSIS, moment.quarter) < share}
    return known | heard, visit


def ordered_share(quarter, i, option):
    """Return the share of such firms that limits, or coal plans for small boilers, order to have an option."""
    policy, firm = quarter.policy, quarter.firms[i]
    share = min(max(policy.emission_limits_coverage + policy.emission_limits_offset, 0.0), 1.0)
    coal = 4.0 * firm.base_output * firm.coal_intensity
    small = 0.0 < coal <= policy.coal_substitution_size * firm.weight
    if small and quarter.setting.options[option].coal_boiler:
        share = max(share, policy.coal_substitution_boilers)
    return share


def expected_choice(quarter, i, known):
    """Return the option a firm applies for or None, whether it is ordered, its fine and what held it back."""
    policy, options, firms = quarter.policy, quarter.setting.options, quarter.firms
    unbuilt = quarter.fits[i] - quarter.has[i] - quarter.builds[i]
    held = quarter.has[i] | quarter.builds[i]
    orders = quarter.setting.mechanisms.orders > 0.0
    inspected = (
        orders and policy.efficiency_benchmark_coverage > 0.0 and quarter.world.sectors[firms[i].sector].intensive
    )
    ordered = {
        option
        for option in unbuilt
        if options[option].mandate_only
        and options[option].abatement
        and orders
        and quarter.luck(i, option, codes.ORDERED) < ordered_share(quarter, i, option)
    }
    looked_at = (unbuilt if inspected else unbuilt & known) | ordered
    if not looked_at:
        return None, False, 0, codes.UNAWARE if unbuilt else codes.INELIGIBLE
    if (quarter.before.projects.option[i] >= 0).all() or quarter.after.trade.output[i] <= 0.0:
        return None, False, 0, codes.NONE
    must, may, fine, reasons = {}, {}, 0, set()
    for option in sorted(looked_at):
        if options_of(options[option].excludes) & held:
            continue
        _, capex, saving = sized = quarter.size_price_saving(i, option)
        if capex <= 0.0:
            continue
        value = saving * quarter.annuity(option) - capex
        if option in ordered:
            if complies(capex, saving, quarter.annuity(option), policy.emission_limits_penalty):
                must[option] = value
            else:
                fine += whole(0.25 * policy.emission_limits_penalty * capex * FEN)
            continue
        if options[option].mandate_only or saving <= 0.0:
            continue
        net = price_after_support(quarter, i, option, sized)
        under_benchmark = inspected and quarter.years(option, net, saving) <= policy.efficiency_benchmark_payback
        if under_benchmark and quarter.luck(i, option, codes.ORDERED) < policy.efficiency_benchmark_coverage:
            must[option] = value
        elif option in known and quarter.accepts(i, option, net, capex, saving):
            reasons.add(codes.NONE)
            if not in_window(options[option].window_quarters, firms[i].repair_phase, quarter.moment.quarter):
                reasons.add(codes.WAITING_WINDOW)
            elif fires(quarter, i, option):
                may[option] = value
    best = must or may
    if best:
        return max(best, key=lambda option: (best[option], -option)), bool(must), fine, codes.NONE
    return None, False, fine, max(reasons, default=codes.CUTOFF)


def price_after_support(quarter, i, option, sized, grant=True):
    """Return what is left to pay after grant and credit; at least a hundredth."""
    units, capex, _ = sized
    left = capex - quarter.credit(i, option, capex)
    if grant:
        left -= quarter.claim(i, option, units, capex)
    return max(left, 0.01 * capex)


def fires(quarter, i, option):
    """Return whether an acceptable option is begun this quarter."""
    rules = quarter.setting.behaviour
    chance = firing_probability(rules.implemented_share, rules.implementation_years)
    return quarter.luck(i, option, codes.FIRE, quarter.moment.quarter) < chance


def conversion_of(quarter, i):
    """Return cost and grant of a conversion, 万元, and the capacity it would turn."""
    setting = quarter.setting
    market = setting.markets[N_SECTORS + int(quarter.firms.product[i])]
    size = setting.conversion.step * quarter.after.trade.brown_capacity[i]
    cost = 4.0 * setting.firm.target_utilisation * size * market.conversion_capex
    grant = 0.0
    if setting.mechanisms.grants > 0.0:
        grant = grant_claim(cost, quarter.firms.weight[i], programme_terms(CONVERSION, quarter.policy))
    return cost, grant, size


def converts(quarter, i, with_grant=True):
    """Return whether a firm plans to turn capacity green; its peers are those of its sector with a green product."""
    setting, firms, trade = quarter.setting, quarter.firms, quarter.after.trade
    if setting.mechanisms.conversion <= 0.0 or firms.product[i] < 0 or trade.brown_capacity[i] <= 0.0:
        return False
    market = setting.markets[N_SECTORS + int(firms.product[i])]
    if not market.convertible:
        return False
    brown_growth = setting.markets[int(firms.sector[i])].growth
    horizon = setting.conversion.horizon
    spared = quarter.policy.income_tax_relief_green * setting.firm.profit_tax_rate
    premium = market.margin_premium + spared * max(float(firms.base_margin[i]), 0.0)
    advantage = conversion_advantage(premium, market.growth, brown_growth, horizon)
    cost, grant, _ = conversion_of(quarter, i)
    paid = (cost - grant) / cost if cost > 0.0 and with_grant else 1.0
    yearly = (
        paid * market.conversion_capex / annuity_factor(quarter.moment.prices.loan_rate, setting.finance.loan_years)
    )
    peers = [j for j in quarter.there if firms.sector[j] == firms.sector[i] and firms.product[j] >= 0]
    share = sum(trade.green_capacity[j] > 0.0 for j in peers) / len(peers)
    chance = conversion_probability(advantage, yearly, share, setting.conversion)
    return quarter.luck(i, 0, codes.CONVERT, quarter.moment.quarter) < chance
