"""Phase 3: output within capacity, and what it takes in energy and leaves in emissions, water and waste."""

from agents import codes
from agents._compiled import part
from agents._rows import Rows
from agents.energy import Carriers, fuel_emissions, power_emissions
from agents.mathematics import whole
from sim.setting import Setting, World
from sim.state import State


@part
def produce(world: World, setting: Setting, state: State) -> None:
    """Write output, the share of intermediate orders delivered, and the physical quantities of the quarter."""
    firms, trade, quantities = world.firms, state.trade, state.quantities
    for i in range(firms.size):
        quantities[i, :] = 0
        trade[i].output = 0.0
        trade[i].green_output = 0.0
        trade[i].delivered_share = 0.0
        if not trade[i].active:
            trade[i].project_output = 0.0
        if trade[i].active:
            fill_orders(i, trade)
            write_quantities(i, firms, trade, state.plant, quantities, setting.factors)


@part
def fill_orders(i: int, trade: Rows) -> None:
    """Write the output of one firm; what it cannot make, its customers import at the same price."""
    brown = min(trade[i].brown_orders, trade[i].brown_capacity)
    green = min(trade[i].green_orders, trade[i].green_capacity)
    capacity = trade[i].brown_capacity + trade[i].green_capacity
    brown_filled = brown / trade[i].brown_orders if trade[i].brown_orders > 0.0 else 1.0
    green_filled = green / trade[i].green_orders if trade[i].green_orders > 0.0 else 1.0
    trade[i].output = brown + green
    trade[i].green_output = green
    trade[i].project_output *= green_filled
    if capacity > 0.0:
        green_part = trade[i].green_capacity / capacity
        trade[i].delivered_share = (1.0 - green_part) * brown_filled + green_part * green_filled


@part
def write_quantities(i: int, firms: Rows, trade: Rows, plant: Rows, quantities: Rows, factors: Rows) -> None:
    """Write the physical quantities of one firm in whole units (agents/codes.py)."""
    output = trade[i].output
    use = Carriers(
        output * plant[i].coal,
        output * plant[i].gas,
        output * plant[i].oil,
        output * plant[i].electricity,
        output * plant[i].heat,
    )
    row = quantities[i]
    row[codes.OUTPUT] = whole(output * codes.FEN)
    row[codes.VALUE_ADDED] = whole(output * firms[i].value_added_share * codes.FEN)
    row[codes.GREEN_OUTPUT] = whole(trade[i].green_output * codes.FEN)
    row[codes.COAL] = whole(use.coal * factors.energy_content)
    row[codes.GAS] = whole(use.gas * factors.energy_content)
    row[codes.OIL] = whole(use.oil * factors.energy_content)
    row[codes.ELECTRICITY] = whole(use.electricity * factors.energy_content)
    row[codes.HEAT] = whole(use.heat * factors.energy_content)
    row[codes.ELECTRICITY_SOLD] = whole(output * firms[i].electricity_sold * factors.energy_content)
    row[codes.HEAT_SOLD] = whole(output * firms[i].heat_sold * factors.energy_content)
    row[codes.CO2_FUEL] = whole(fuel_emissions(use, factors) * 1000.0)
    row[codes.CO2_PROCESS] = whole(output * plant[i].process * 1000.0)
    row[codes.CO2_POWER] = whole(power_emissions(use.electricity, factors) * 1000.0)
    row[codes.NOX] = whole(output * plant[i].nox * 1000.0)
    row[codes.VOC] = whole(output * plant[i].voc * 1000.0)
    row[codes.COD] = whole(output * plant[i].cod * 1000.0)
    row[codes.AMMONIA] = whole(output * plant[i].ammonia * 1000.0)
    row[codes.WATER] = whole(output * plant[i].water * 1000.0)
    row[codes.WASTE] = whole(output * plant[i].waste * 1000.0)
