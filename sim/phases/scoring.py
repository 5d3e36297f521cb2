"""What a firm can show for a certificate: its score, the gates, the systems it has. Only reads."""

from agents._compiled import part
from agents._rows import Rows
from agents.certification import Footprint, green_score, passes_gates, pollution_equivalents, water_reuse
from agents.codes import CLAIM, CLEANER_PRODUCTION_AUDIT, POPULATION_WATER_REUSE
from agents.energy import Carriers, fuel_emissions, total
from agents.retrofit import has
from sim.draws import uniform
from sim.setting import Moment, Setting
from sim.state import State


@part
def score_of(i: int, firm: Rows, setting: Setting, state: State) -> float:
    """Score of a firm as it stands now, points of 100."""
    trade, factors = state.trade[i], setting.factors
    capacity = trade.brown_capacity + trade.green_capacity
    green_share = trade.green_capacity / capacity if capacity > 0.0 else 0.0
    audited = has(state.standing[i].certificates, CLEANER_PRODUCTION_AUDIT)
    land = firm.roof_area / (4.0 * firm.base_output) if firm.base_output > 0.0 else 0.0
    now = present_footprint(state.plant[i], land, factors)
    start = opening_footprint(firm, land, factors)
    return green_score(now, start, setting.benchmarks[firm.sector], green_share, audited, setting.certification)


@part
def present_footprint(plant: Rows, land: float, factors: Rows) -> Footprint:
    """What one 万元 of a firm's output takes and leaves now."""
    use = Carriers(plant.coal, plant.gas, plant.oil, plant.electricity, plant.heat)
    return Footprint(
        total(use),
        fuel_emissions(use, factors) + plant.process,
        plant.water,
        plant.waste,
        pollution_equivalents(plant.nox, plant.voc, plant.cod, plant.ammonia, factors),
        land,
    )


@part
def opening_footprint(firm: Rows, land: float, factors: Rows) -> Footprint:
    """What one 万元 of a firm's output took and left at the end of 2020."""
    use = Carriers(
        firm.coal_intensity,
        firm.gas_intensity,
        firm.oil_intensity,
        firm.electricity_intensity,
        firm.heat_intensity,
    )
    return Footprint(
        total(use),
        fuel_emissions(use, factors) + firm.process_intensity,
        firm.water_intensity,
        firm.waste_intensity,
        pollution_equivalents(
            firm.nox_intensity, firm.voc_intensity, firm.cod_intensity, firm.ammonia_intensity, factors
        ),
        land,
    )


@part
def qualified(i: int, firm: Rows, terms: Rows, setting: Setting, moment: Moment, state: State) -> bool:
    """Whether a firm truly passes the gates of a step."""
    if not terms.gated:
        return True
    rules = setting.certification
    draw = uniform(moment.seed, firm.firm, 0, 0, POPULATION_WATER_REUSE, moment.replicate)
    reuse = water_reuse(draw, state.plant[i].water, firm.water_intensity, rules)
    return passes_gates(reuse, state.standing[i].offence, rules)


@part
def pretends(firm: Rows, step: int, terms: Rows, setting: Setting, moment: Moment) -> bool:
    """Whether a firm would claim to pass gates that it does not pass: once and for all for each step."""
    if not terms.self_declared:
        return False
    draw = uniform(moment.seed, firm.firm, step, 0, CLAIM, moment.replicate)
    return draw < setting.certification.false_claim_share


@part
def fits_step(i: int, step: int, terms: Rows, state: State) -> bool:
    """Whether a firm lacks a step and has what it builds on: the step below, the product."""
    standing = state.standing[i]
    if has(standing.certificates | standing.pending, step):
        return False
    if terms.needs >= 0 and not has(standing.certificates, terms.needs):
        return False
    return state.trade[i].green_capacity > 0.0 if terms.green_product else True


@part
def application_cost(terms: Rows, adopted: int, certificates: int) -> float:
    """Fee of an application, and the system it asks for where neither an option nor a certificate brought it, 万元."""
    there = certificates & terms.system_kin != 0
    if terms.system_option < 0 or there or has(adopted, terms.system_option):
        return terms.fee
    return terms.fee + terms.system_cost
