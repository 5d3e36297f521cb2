"""Phase 10: projects are finished and change the plant; capacity arrives; firms plan the next expansion."""

from agents import codes
from agents._compiled import part
from agents._rows import Rows
from agents.energy import Carriers, changed, total
from agents.firm import Whole, desired_expansion
from agents.mandates import allowed_expansion
from agents.mathematics import whole
from agents.retrofit import Site, has, with_option
from sim.phases.closing import close_outdated
from sim.phases.markets import green_segment, market_growth
from sim.phases.noting import note
from sim.phases.sizing import site_of, size_of
from sim.setting import Moment, Setting, World
from sim.state import State


@part
def build(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write finished options, plant, capacities and new expansion plans."""
    for i in range(world.firms.size):
        firm, trade, works, log = world.firms[i], state.trade[i], state.works[i], state.log
        if state.standing[i].active:
            for slot in range(state.projects.shape[1]):
                project = state.projects[i, slot]
                if project.option >= 0:
                    project.quarters_left -= 1
                    if project.quarters_left == 0:
                        finish_retrofit(i, project.option, firm, setting, state)
                        note(i, codes.COMPLETED, project.option, 0, 0, 0, log)
                        project.option = -1
            if world.sectors[firm.sector].intensive and setting.mechanisms.orders > 0.0:
                close_outdated(i, firm, setting, moment, state)
            if finish_expansion(works, trade):
                note(i, codes.COMPLETED, codes.EXPANSION_PROJECT, 0, 0, 0, log)
            if turn_capacity(setting.market, firm, works, trade, state.segments):
                adopt_line(firm, setting.markets, trade, state.agenda[i])
                note(i, codes.COMPLETED, codes.CONVERSION_PROJECT, 0, 0, 0, log)
            plan_expansion(firm, world.sectors, setting, moment, trade, works, state.proposals[i], state.segments)


@part
def finish_retrofit(i: int, option: int, firm: Rows, setting: Setting, state: State) -> None:
    """Write what a finished option changes: energy, emissions, water, waste, running cost and other benefits."""
    agenda, plant = state.agenda[i], state.plant[i]
    agenda.building = agenda.building & ~with_option(0, option)
    agenda.adopted = with_option(agenda.adopted, option)
    if state.trade[i].output <= 0.0:
        return
    offer, fit = setting.options[option], setting.fits[option, firm.sector]
    site = site_of(firm, state.trade[i], plant)
    size = size_of(offer, fit, site, setting.factors)
    saved = total(size.cut) - total(size.added)
    note_abatement(offer, site, saved, setting.factors, state.quantities[i])
    change_plant(offer, fit, site.output, size.cut, size.added, plant)
    if offer.photovoltaic:
        plant.pv += size.units
    capex = size.units * offer.unit_capex * state.costs[option].capex_index * codes.FEN
    agenda.operating_cost += whole(0.25 * offer.opex_share * capex)
    agenda.benefit += whole(0.25 * offer.nonenergy_benefit * capex)


@part
def note_abatement(offer: Rows, site: Site, saved: float, factors: Rows, row: Whole) -> None:
    """Write what the finished project takes away in a year at the activity before it."""
    row[codes.NOX_ABATED] += whole(offer.nox_cut * site.nox * 1000.0)
    row[codes.VOC_ABATED] += whole(offer.voc_cut * site.voc * 1000.0)
    row[codes.COD_ABATED] += whole(offer.cod_cut * site.cod * 1000.0)
    row[codes.AMMONIA_ABATED] += whole(offer.ammonia_cut * site.ammonia * 1000.0)
    row[codes.ENERGY_SAVED] += whole(saved * factors.energy_content)


@part
def change_plant(offer: Rows, fit: Rows, output: float, cut: Carriers, added: Carriers, plant: Rows) -> None:
    """Write the plant after an option; `cut` and `added` are yearly at the yearly `output`."""
    plant.coal = changed(plant.coal, added.coal - cut.coal, output)
    plant.gas = changed(plant.gas, added.gas - cut.gas, output)
    plant.oil = changed(plant.oil, added.oil - cut.oil, output)
    plant.electricity = changed(plant.electricity, added.electricity - cut.electricity, output)
    plant.heat = changed(plant.heat, added.heat - cut.heat, output)
    plant.process *= 1.0 - fit.process_cut
    plant.nox *= 1.0 - offer.nox_cut
    plant.voc *= 1.0 - offer.voc_cut
    plant.cod *= 1.0 - offer.cod_cut
    plant.ammonia *= 1.0 - offer.ammonia_cut
    plant.water *= 1.0 - offer.water_cut
    plant.waste *= 1.0 - offer.waste_cut


@part
def finish_expansion(works: Rows, trade: Rows) -> bool:
    """Write capacity that was under construction; return whether it is ready this quarter."""
    if works.expansion_left <= 0:
        return False
    works.expansion_left -= 1
    if works.expansion_left > 0:
        return False
    trade.brown_capacity += works.brown_expansion
    trade.green_capacity += works.green_expansion
    return True


@part
def turn_capacity(rules: Rows, firm: Rows, works: Rows, trade: Rows, segments: Rows) -> bool:
    """Move an even part of a conversion from the ordinary to the green product; return whether that was the last."""
    if works.conversion_left <= 0:
        return False
    moved = min(works.conversion / works.conversion_left, trade.brown_capacity)
    works.conversion -= moved
    works.conversion_left -= 1
    if trade.green_capacity <= 0.0:
        trade.green_appeal = newcomer_appeal(segments[green_segment(firm.product)], rules)
    trade.brown_capacity -= moved
    trade.green_capacity += moved
    works.converted += moved
    return works.conversion_left == 0


@part
def adopt_line(firm: Rows, markets: Rows, trade: Rows, agenda: Rows) -> None:
    """Write that a maker of a green product has the line it is made on, where the catalogue lists one."""
    if firm.product < 0 or trade.green_capacity <= 0.0:
        return
    line = markets[green_segment(firm.product)].line
    if line >= 0 and has(firm.eligible, line):
        agenda.adopted = with_option(agenda.adopted, line)


@part
def newcomer_appeal(segment: Rows, rules: Rows) -> float:
    """Final demand per unit of capacity that a newcomer to a segment draws: the segment's mean at the start."""
    if segment.base_capacity <= 0.0:
        return rules.newcomer_sales
    return segment.base_demand / segment.base_capacity


@part
def plan_expansion(
    firm: Rows,
    sectors: Rows,
    setting: Setting,
    moment: Moment,
    trade: Rows,
    works: Rows,
    proposal: Rows,
    segments: Rows,
) -> None:
    """Write next quarter's request for new capacity when expected orders strain what is there."""
    market = setting.markets[firm.sector]
    busy = works.expansion_left > 0 or works.conversion_left > 0
    if setting.mechanisms.expansion <= 0.0 or busy or market.dispatched:
        return
    growth = market_growth(market, moment, setting)
    brown = desired_expansion(trade.brown_expected, trade.brown_capacity, growth, setting.firm)
    if setting.mechanisms.orders > 0.0:
        brown = allowed_expansion(brown, sectors[firm.sector].intensive, moment.policy)
    green = 0.0
    if firm.product >= 0:
        growth = market_growth(setting.markets[green_segment(firm.product)], moment, setting)
        green = desired_expansion(trade.green_expected, trade.green_capacity, growth, setting.firm)
    if brown + green > 0.0:
        yearly_output = 4.0 * setting.firm.target_utilisation * (brown + green)
        price = segments[setting.machinery].price
        works.brown_expansion = brown
        works.green_expansion = green
        proposal.expansion_cost = whole(yearly_output * sectors[firm.sector].capital_output * price * codes.FEN)
