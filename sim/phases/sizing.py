"""How large an option is at one firm: what is left to save is measured at the plant as it stands now."""

from typing import NamedTuple

from agents._compiled import part
from agents._rows import Rows
from agents.energy import Carriers, total
from agents.retrofit import Site, added_carriers, cut_carriers, project_units, sizing_quantity
from sim.phases.production import energy_use


class Size(NamedTuple):
    """An option at one firm: units of the catalogue, and energy cut and added, tce a year."""

    units: float
    cut: Carriers
    added: Carriers


@part
def site_of(firm: Rows, trade: Rows, plant: Rows) -> Site:
    """A firm's premises and yearly flows at this quarter's output."""
    output = 4.0 * trade.output
    return Site(
        energy_use(output, plant),
        output,
        firm.roof_area,
        firm.weight,
        output * plant.water,
        output * plant.waste,
        output * plant.voc,
        output * plant.nox,
        output * plant.cod,
        output * plant.ammonia,
    )


@part
def size_of(offer: Rows, fit: Rows, site: Site, factors: Rows) -> Size:
    """Units and energy of an option, given its rows of options.csv and option_sizing.csv."""
    share_cut = cut_carriers(fit, site.use, offer.saving_factor, 0.0, factors)
    quantity = sizing_quantity(fit.sizing_base, site, total(share_cut))
    units = project_units(fit, quantity, site.firms, factors.own_use_share * site.use.electricity)
    cut = cut_carriers(fit, site.use, offer.saving_factor, units, factors)
    return Size(units, cut, added_carriers(fit, cut, site.use))
