"""Phase 10: projects are finished and change the plant; capacity arrives; firms plan the next expansion."""

from agents import codes
from agents._compiled import part
from agents._rows import Rows
from agents.energy import Carriers, changed, total
from agents.firm import desired_expansion
from agents.mathematics import whole
from agents.retrofit import (
    Site,
    added_carriers,
    cut_carriers,
    project_units,
    sizing_quantity,
    with_option,
)
from sim.choosing import site_of
from sim.markets import green_segment, market_growth
from sim.setting import Moment, Setting, World
from sim.state import State


@part
def build(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write finished options, plant, capacities and new expansion plans."""
    for i in range(world.firms.size):
        if state.trade[i].active:
            for slot in range(state.projects.shape[1]):
                if state.projects[i, slot].option >= 0:
                    state.projects[i, slot].quarters_left -= 1
                    if state.projects[i, slot].quarters_left == 0:
                        finish_retrofit(i, state.projects[i, slot].option, world, setting, state)
                        state.projects[i, slot].option = -1
            finish_expansion(state.works[i], state.trade[i])
            turn_capacity(i, setting.market, world.firms, state.works, state.trade, state.segments)
            plan_expansion(i, world, setting, moment, state.trade, state.works, state.proposals, state.segments)


@part
def finish_retrofit(i: int, option: int, world: World, setting: Setting, state: State) -> None:
    """Write what a finished option changes: energy, emissions, water, waste, running cost and other benefits."""
    agenda = state.agenda
    agenda[i].building = agenda[i].building & ~with_option(0, option)
    agenda[i].adopted = with_option(agenda[i].adopted, option)
    if state.trade[i].output <= 0.0:
        return
    offer, fit, factors = setting.options[option], setting.fits[option, world.firms[i].sector], setting.factors
    site = site_of(i, world.firms, state.trade, state.plant)
    share_cut = cut_carriers(fit, site.use, offer.saving_factor, 0.0, factors)
    quantity = sizing_quantity(fit.sizing_base, site, total(share_cut))
    units = project_units(fit, quantity, site.firms, factors.own_use_share * site.use.electricity)
    cut = cut_carriers(fit, site.use, offer.saving_factor, units, factors)
    added = added_carriers(fit, cut, site.use)
    note_abatement(offer, site, total(cut) - total(added), factors, state.quantities[i])
    change_plant(i, offer, fit, site.output, cut, added, state.plant)
    if offer.photovoltaic:
        state.plant[i].pv += units
    capex = units * offer.unit_capex * state.costs[option].capex_index * codes.FEN
    agenda[i].operating_cost += whole(0.25 * offer.opex_share * capex)
    agenda[i].benefit += whole(0.25 * offer.nonenergy_benefit * capex)


@part
def note_abatement(offer: Rows, site: Site, saved: float, factors: Rows, row: Rows) -> None:
    """Write what the finished project takes away in a year at the activity before it."""
    row[codes.NOX_ABATED] += whole(offer.nox_cut * site.nox * 1000.0)
    row[codes.VOC_ABATED] += whole(offer.voc_cut * site.voc * 1000.0)
    row[codes.COD_ABATED] += whole(offer.cod_cut * site.cod * 1000.0)
    row[codes.AMMONIA_ABATED] += whole(offer.ammonia_cut * site.ammonia * 1000.0)
    row[codes.ENERGY_SAVED] += whole(saved * factors.energy_content)


@part
def change_plant(i: int, offer: Rows, fit: Rows, output: float, cut: Carriers, added: Carriers, plant: Rows) -> None:
    """Write the plant after an option; `cut` and `added` are yearly at the yearly `output`."""
    plant[i].coal = changed(plant[i].coal, added.coal - cut.coal, output)
    plant[i].gas = changed(plant[i].gas, added.gas - cut.gas, output)
    plant[i].oil = changed(plant[i].oil, added.oil - cut.oil, output)
    plant[i].electricity = changed(plant[i].electricity, added.electricity - cut.electricity, output)
    plant[i].heat = changed(plant[i].heat, added.heat - cut.heat, output)
    plant[i].process *= 1.0 - fit.process_cut
    plant[i].nox *= 1.0 - offer.nox_cut
    plant[i].voc *= 1.0 - offer.voc_cut
    plant[i].cod *= 1.0 - offer.cod_cut
    plant[i].ammonia *= 1.0 - offer.ammonia_cut
    plant[i].water *= 1.0 - offer.water_cut
    plant[i].waste *= 1.0 - offer.waste_cut


@part
def finish_expansion(works: Rows, trade: Rows) -> None:
    """Write capacity that was under construction."""
    if works.expansion_left > 0:
        works.expansion_left -= 1
        if works.expansion_left == 0:
            trade.brown_capacity += works.brown_expansion
            trade.green_capacity += works.green_expansion


@part
def turn_capacity(i: int, rules: Rows, firms: Rows, works: Rows, trade: Rows, segments: Rows) -> None:
    """Move an even part of a conversion from the ordinary to the green product."""
    if works[i].conversion_left <= 0:
        return
    part = works[i].conversion / works[i].conversion_left
    part = min(part, trade[i].brown_capacity)
    works[i].conversion -= part
    works[i].conversion_left -= 1
    if trade[i].green_capacity <= 0.0:
        trade[i].green_appeal = newcomer_appeal(segments[green_segment(firms[i].product)], rules)
    trade[i].brown_capacity -= part
    trade[i].green_capacity += part
    works[i].converted += part


@part
def newcomer_appeal(segment: Rows, rules: Rows) -> float:
    """Final demand per unit of capacity that a newcomer to a segment draws: the segment's mean at the start."""
    if segment.base_capacity <= 0.0:
        return rules.newcomer_sales
    return segment.base_demand / segment.base_capacity


@part
def plan_expansion(
    i: int, world: World, setting: Setting, moment: Moment, trade: Rows, works: Rows, proposals: Rows, segments: Rows
) -> None:
    """Write next quarter's request for new capacity when expected orders strain what is there."""
    if setting.mechanisms.expansion <= 0.0 or works[i].expansion_left > 0 or works[i].conversion_left > 0:
        return
    sector = world.firms[i].sector
    if setting.markets[sector].dispatched:
        return
    market = setting.markets[sector]
    brown = desired_expansion(
        trade[i].brown_expected, trade[i].brown_capacity, market_growth(market, moment, setting), setting.firm
    )
    green = 0.0
    if world.firms[i].product >= 0:
        market = setting.markets[green_segment(world.firms[i].product)]
        green = desired_expansion(
            trade[i].green_expected, trade[i].green_capacity, market_growth(market, moment, setting), setting.firm
        )
    if brown + green > 0.0:
        yearly_output = 4.0 * setting.firm.target_utilisation * (brown + green)
        price = segments[setting.machinery].price
        proposals[i].brown_expansion = brown
        proposals[i].green_expansion = green
        proposals[i].expansion_cost = whole(yearly_output * world.sectors[sector].capital_output * price * codes.FEN)
