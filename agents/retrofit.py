"""Whether a firm takes up one option of the retrofit catalogue: four gates, after Anderson and Newell (2004).

Gate 1 it must have noticed the option; gate 2 the payback must be short enough for this firm and this option; gate 3
is the bank's (agents/bank.py); gate 4, large irreversible options wait for a repair window and a higher hurdle
(Löfgren et al. 2008). Each firm carries one fixed draw per option, so a policy turns exactly the firms in between.
"""

from typing import NamedTuple

from agents._compiled import rule
from agents._rows import Code, Flag, Row, Rows, Whole
from agents.energy import Carriers, Factors, total
from agents.mathematics import exp, log, logistic, power

N_SLOTS = 4  # projects a firm can build at the same time


class Behaviour(NamedTuple):
    """Numbers of configs/behaviour.yaml."""

    base_attention: float  # 1/yr, hazard of noticing an option unprompted
    peer_attention: float  # 1/yr at a peer share of one
    diagnosis_recommendations: float  # options a free diagnosis puts on the agenda
    payback_slope: float  # of the acceptance logit on log payback
    cost_weight: float  # weight of a yuan off the price over a yuan of yearly saving
    peer_weight: float  # logit per unit peer share
    sector_peers: float  # weights of the three kinds of peers, summing to one
    park_peers: float
    partner_peers: float
    implemented_share: float  # share of acceptable options carried out ...
    implementation_years: float  # ... within so many years
    irreversible_hurdle: float  # 1/yr, discount rate of large irreversible options
    option_multiple: float  # of break-even value that waiting demands
    history_years: float  # how long the catalogue has been on offer before 2021
    history_share: float  # of what was then noticed and acceptable that was carried out by the end of 2020
    contracting_share: float  # share of firms that would sign an energy-performance contract
    soft_cost_share: float  # of capex that falls with local experience
    request_attention: float  # 1/yr, hazard of noticing an option at full pressure of customers' requests
    request_weight: float  # logit at full pressure of requests


class Agenda(Row):
    """What every firm knows of, has, and is building; bit k of a set stands for option k. Shape (n_firms,)."""

    noticed: Whole
    adopted: Whole
    building: Whole
    operating_cost: Whole  # fen a quarter, running cost of adopted options
    benefit: Whole  # fen a quarter, savings other than energy


class Proposals(Row):
    """What a firm asks for this quarter: money for at most one investment of each kind. Shape (n_firms,); fen."""

    option: Code  # -1 none
    ordered: Flag  # demanded by an emission limit or benchmark
    needs_grant: Flag  # not worth its money without the grant
    capex: Whole
    grant: Whole
    programme: Code
    credit: Whole  # off the profit tax
    saving: Whole  # a year
    penalty: Whole  # this quarter, for an abatement ordered and not built
    expansion_cost: Whole  # of what stands in Works
    conversion_cost: Whole
    conversion_grant: Whole
    conversion_needs_grant: Flag  # not planned without the grant
    granted: Flag  # a purse or the green window pays, or a contest gives a place
    reason: Code  # why no retrofit was started (agents/codes.py)


class Projects(Row):
    """Retrofits under construction, shape (n_firms, N_SLOTS)."""

    option: Code  # -1 for a free place
    quarters_left: Code


class Site(NamedTuple):
    """What a row uses and leaves in a year at its present output: what options are sized on."""

    use: Carriers  # tce
    output: float  # 万元
    roof: float  # m2
    firms: float  # real firms
    water: float  # m3
    waste: float  # t
    voc: float  # kg
    nox: float
    cod: float
    ammonia: float


class Case(NamedTuple):
    """One option as one firm sees it."""

    units: float
    capex: float  # 万元 before grants
    saving: float  # 万元 a year, net of running cost


@rule
def has(options: int, option: int) -> bool:
    """Whether a set of options contains one."""
    return (options >> int(option)) & 1 == 1


@rule
def with_option(options: int, option: int) -> int:
    """The set with one more option."""
    return options | (1 << int(option))


@rule
def notice_probability(attention: float, peer_attention: float, peer_share: float) -> float:
    """Chance of noticing one option in a quarter, 1 − exp(−hazard/4). Source: notes_decision_rule."""
    return 1.0 - exp(-0.25 * (attention + peer_attention * peer_share))


@rule
def bounded(share: float, largest: float) -> float:
    """A share between 0 and the largest that an option may take away."""
    if share < 0.0:
        return 0.0
    return share if share < largest else largest


@rule
def cut_carriers(fit: Rows, use: Carriers, saving_factor: float, units: float, factors: Factors) -> Carriers:
    """Energy a firm no longer needs, tce a year by carrier, before any switch to another carrier.

    `fit` is the row of option_sizing.csv; `units` of own generation are within the firm's own use of electricity.
    """
    generated = units * fit.yield_tce_per_unit
    electricity = bounded(fit.cut_electricity * saving_factor, factors.largest_cut) * use.electricity
    return Carriers(
        bounded(fit.cut_coal * saving_factor, factors.largest_cut) * use.coal,
        bounded(fit.cut_gas * saving_factor, factors.largest_cut) * use.gas,
        bounded(fit.cut_oil * saving_factor, factors.largest_cut) * use.oil,
        generated if generated > 0.0 else electricity,
        bounded(fit.cut_heat * saving_factor, factors.largest_cut) * use.heat,
    )


@rule
def sizing_quantity(base: int, site: Site, saved: float) -> float:
    """The quantity an option is sized on; codes are the places in codes.SIZING_BASES."""
    use = site.use
    if base < 5:
        return carrier(use, base)
    if base == 5:
        return use.coal + use.gas + use.oil
    if base == 6:
        return total(use)
    if base == 7:
        return site.output
    if base == 8:
        return site.roof
    if base == 9:
        return site.firms
    return other_quantity(base, site, saved)


@rule
def carrier(use: Carriers, code: int) -> float:
    """Use of one carrier by its place in codes.CARRIER_NAMES."""
    if code == 0:
        return use.coal
    if code == 1:
        return use.gas
    if code == 2:
        return use.oil
    if code == 3:
        return use.electricity
    return use.heat


@rule
def other_quantity(base: int, site: Site, saved: float) -> float:
    """Water, waste, saved energy and pollutants as sizing quantities."""
    if base == 10:
        return site.water
    if base == 11:
        return site.waste
    if base == 12:
        return saved
    if base == 13:
        return site.voc
    if base == 14:
        return site.nox
    return site.cod


@rule
def project_units(fit: Rows, quantity: float, firms: float, own_use: float) -> float:
    """Size of the project in the option's own unit: within what one firm can hold and, for generation, can use."""
    units = fit.units_per_base * quantity
    most = fit.max_units * firms
    if 0.0 < most < units:
        units = most
    if fit.yield_tce_per_unit > 0.0 and units * fit.yield_tce_per_unit > own_use:
        units = own_use / fit.yield_tce_per_unit
    return units


@rule
def running_saving(option: Rows, capex: float, bill: float, avoided_tax: float, water: float) -> float:
    """Net yearly saving, 万元: energy bill, environmental tax, water and other benefits less running cost."""
    return bill + avoided_tax + water + (option.nonenergy_benefit - option.opex_share) * capex


@rule
def added_carriers(fit: Rows, cut: Carriers, use: Carriers) -> Carriers:
    """Energy an option needs in place of what it cuts, tce a year by carrier."""
    switched = total(cut) * fit.switch_ratio
    extra = total(use)
    return Carriers(
        switched if fit.switch_carrier == 0 else 0.0,
        (switched if fit.switch_carrier == 1 else 0.0) + fit.extra_gas * extra,
        switched if fit.switch_carrier == 2 else 0.0,
        (switched if fit.switch_carrier == 3 else 0.0) + fit.extra_electricity * extra,
        switched if fit.switch_carrier == 4 else 0.0,
    )


@rule
def annuity_factor(rate: float, lifetime: float) -> float:
    """Present value of one yuan a year, (1 − (1+r)^−n)/r."""
    if rate <= 0.0:
        return lifetime
    return (1.0 - power(1.0 + rate, -lifetime)) / rate


@rule
def payback(net_capex: float, saving: float, financing: float) -> float:
    """Years until the saving has paid the price; `financing` is the annuity of the loan over that of a usual loan."""
    return net_capex * financing / saving


@rule
def irreversible_cutoff(hurdle: float, multiple: float, lifetime: float) -> float:
    """Payback that a large irreversible option must beat, yr: value at the hurdle over the option multiple."""
    return annuity_factor(hurdle, lifetime) / multiple


@rule
def acceptance(
    payback_years: float, cutoff: float, price_ratio: float, peer_share: float, pressure: float, behaviour: Behaviour
) -> float:
    """Share of such firms that find the option worth its money.

    logistic(b·[ln(PB*/PB) − (w − 1)·ln(C/C_ref)] + peers + requests), C over its catalogue price, so that the extra
    weight of a yuan off the price holds whatever the money unit. Source: notes_decision_rule, cost_vs_saving_weight.
    """
    worth = log(cutoff / payback_years) - (behaviour.cost_weight - 1.0) * log(price_ratio)
    others = behaviour.peer_weight * peer_share + behaviour.request_weight * pressure
    return logistic(behaviour.payback_slope * worth + others)


@rule
def firing_probability(share: float, years: float) -> float:
    """Chance that an acceptable option is started in a quarter, so that `share` are within `years`."""
    return 1.0 - power(1.0 - share, 0.25 / years)


@rule
def ranking_merit(saving: float, money: float) -> float:
    """What scarce public money or credit is ranked by: yearly saving per yuan asked."""
    return saving / money if money > 0.0 else 0.0


@rule
def complies(capex: float, saving: float, annuity: float, penalty_share: float) -> bool:
    """Whether an ordered abatement costs less a year than the fine for going without it."""
    return capex / annuity - saving <= penalty_share * capex


@rule
def net_value(saving: float, capex: float, annuity: float) -> float:
    """Net present value at the loan rate, 万元: what the firm ranks the options that fire by."""
    return saving * annuity - capex


@rule
def next_capex_index(outside: float, soft_share: float, gained: float, opening: float) -> float:
    """Cost of an option over its price in 2020: the outside trend, and local experience on the soft part of it."""
    return outside * (1.0 - soft_share * (gained - opening))


@rule
def in_window(option_window: float, phase: float, quarter: int) -> bool:
    """Whether a kiln or furnace stands for repair; `phase` in [0, 1) is the firm's own place in the repair cycle."""
    if option_window <= 1.0:
        return True
    position = quarter + phase * option_window
    return position - option_window * int(position / option_window) < 1.0
