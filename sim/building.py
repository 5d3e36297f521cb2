"""Phase 10: projects are finished and change the plant; capacity arrives; firms plan the next expansion."""

from agents import codes
from agents._compiled import kernel
from agents.energy import total
from agents.firm import desired_expansion
from agents.mathematics import whole
from agents.retrofit import (
    added_carriers,
    cut_carriers,
    project_units,
    sizing_quantity,
    with_option,
)
from sim.choosing import site_of


@kernel
def build(world, setting, state):
    """Write finished options, plant, capacities and new expansion plans."""
    for i in range(world.firms.firm.size):
        if state.trade.active[i]:
            for slot in range(state.agenda.option.shape[1]):
                if state.agenda.option[i, slot] >= 0:
                    state.agenda.quarters_left[i, slot] -= 1
                    if state.agenda.quarters_left[i, slot] == 0:
                        finish_retrofit(i, state.agenda.option[i, slot], world, setting, state)
                        state.agenda.option[i, slot] = -1
            finish_expansion(i, state)
            turn_capacity(i, setting, world.firms, state)
            plan_expansion(i, world, setting, state)


@kernel
def finish_retrofit(i, option, world, setting, state):
    """Write what a finished option changes: energy, emissions, water, waste, running cost and other benefits."""
    agenda = state.agenda
    agenda.building[i] &= ~(1 << option)
    agenda.adopted[i] = with_option(agenda.adopted[i], option)
    if state.trade.output[i] <= 0.0:
        return
    offer, fit, factors = setting.options[option], setting.fits[option, world.firms.sector[i]], setting.factors
    site = site_of(i, world.firms, state)
    share_cut = cut_carriers(fit, site.use, offer.saving_factor, 0.0, factors)
    units = project_units(fit, sizing_quantity(fit.sizing_base, site, total(share_cut)), site.firms)
    cut = cut_carriers(fit, site.use, offer.saving_factor, units, factors)
    added = added_carriers(fit, cut, site.use)
    note_abatement(i, offer, site, total(cut) - total(added), factors, state)
    change_plant(i, offer, fit, site.output, cut, added, state.plant)
    if offer.photovoltaic:
        state.plant.pv[i] += units
    capex = units * offer.unit_capex * state.capex_index[option] * codes.FEN
    agenda.operating_cost[i] += whole(0.25 * offer.opex_share * capex)
    agenda.benefit[i] += whole(0.25 * offer.nonenergy_benefit * capex)


@kernel
def note_abatement(i, offer, site, saved, factors, state):
    """Write what the finished project takes away in a year at the activity before it."""
    row = state.quantities[i]
    row[codes.NOX_ABATED] += whole(offer.nox_cut * site.nox * 1000.0)
    row[codes.VOC_ABATED] += whole(offer.voc_cut * site.voc * 1000.0)
    row[codes.COD_ABATED] += whole(offer.cod_cut * site.cod * 1000.0)
    row[codes.AMMONIA_ABATED] += whole(offer.ammonia_cut * site.ammonia * 1000.0)
    row[codes.ENERGY_SAVED] += whole(saved * factors.energy_content)


@kernel
def change_plant(i, offer, fit, output, cut, added, plant):
    """Write the plant after an option; `cut` and `added` are yearly at the yearly `output`."""
    plant.coal[i] += (added.coal - cut.coal) / output
    plant.gas[i] += (added.gas - cut.gas) / output
    plant.oil[i] += (added.oil - cut.oil) / output
    plant.electricity[i] += (added.electricity - cut.electricity) / output
    plant.heat[i] += (added.heat - cut.heat) / output
    plant.process[i] *= 1.0 - fit.process_cut
    plant.nox[i] *= 1.0 - offer.nox_cut
    plant.voc[i] *= 1.0 - offer.voc_cut
    plant.cod[i] *= 1.0 - offer.cod_cut
    plant.ammonia[i] *= 1.0 - offer.ammonia_cut
    plant.water[i] *= 1.0 - offer.water_cut
    plant.waste[i] *= 1.0 - offer.waste_cut


@kernel
def finish_expansion(i, state):
    """Write capacity that was under construction."""
    works, trade = state.works, state.trade
    if works.expansion_left[i] > 0:
        works.expansion_left[i] -= 1
        if works.expansion_left[i] == 0:
            trade.brown_capacity[i] += works.brown_expansion[i]
            trade.green_capacity[i] += works.green_expansion[i]


@kernel
def turn_capacity(i, setting, firms, state):
    """Move an even part of a conversion from the ordinary to the green product."""
    works, trade = state.works, state.trade
    if works.conversion_left[i] <= 0:
        return
    part = works.conversion[i] / works.conversion_left[i]
    part = min(part, trade.brown_capacity[i])
    works.conversion[i] -= part
    works.conversion_left[i] -= 1
    if trade.green_capacity[i] <= 0.0:
        trade.green_appeal[i] = newcomer_appeal(codes.N_SECTORS + firms.product[i], setting, state)
    trade.brown_capacity[i] -= part
    trade.green_capacity[i] += part
    works.converted[i] += part


@kernel
def newcomer_appeal(segment, setting, state):
    """Final demand per unit of capacity that a newcomer to a segment draws: the segment's mean at the start."""
    if state.segments.base_capacity[segment] <= 0.0:
        return setting.market.newcomer_sales
    return state.segments.base_demand[segment] / state.segments.base_capacity[segment]


@kernel
def plan_expansion(i, world, setting, state):
    """Write next quarter's request for new capacity when expected orders strain what is there."""
    trade, works, proposals = state.trade, state.works, state.proposals
    if setting.mechanisms.expansion <= 0.0 or works.expansion_left[i] > 0 or works.conversion_left[i] > 0:
        return
    sector = world.firms.sector[i]
    if setting.markets[sector].dispatched:
        return
    brown = desired_expansion(trade.brown_expected[i], trade.brown_capacity[i], setting.firm)
    green = desired_expansion(trade.green_expected[i], trade.green_capacity[i], setting.firm)
    if brown + green > 0.0:
        yearly_output = 4.0 * setting.firm.target_utilisation * (brown + green)
        price = state.segments.price[setting.machinery]
        proposals.brown_expansion[i] = brown
        proposals.green_expansion[i] = green
        proposals.expansion_cost[i] = whole(yearly_output * world.capital_output[sector] * price * codes.FEN)
