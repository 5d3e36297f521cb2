"""Phase 3: output within capacity, and what it takes in energy and leaves in emissions, water and waste."""

from agents import codes
from agents._compiled import kernel
from agents.energy import Carriers, fuel_emissions, power_emissions
from agents.mathematics import whole


@kernel
def produce(world, setting, state):
    """Write output, the share of intermediate orders delivered, and the physical quantities of the quarter."""
    firms, trade, quantities = world.firms, state.trade, state.quantities
    for i in range(firms.firm.size):
        quantities[i, :] = 0
        trade.output[i] = 0.0
        trade.green_output[i] = 0.0
        trade.delivered_share[i] = 0.0
        if trade.active[i]:
            fill_orders(i, trade)
            write_quantities(i, firms, trade, state.plant, quantities, setting.factors)


@kernel
def fill_orders(i, trade):
    """Write the output of one firm; what it cannot make, its customers import at the same price."""
    brown = min(trade.brown_orders[i], trade.brown_capacity[i])
    green = min(trade.green_orders[i], trade.green_capacity[i])
    capacity = trade.brown_capacity[i] + trade.green_capacity[i]
    brown_filled = brown / trade.brown_orders[i] if trade.brown_orders[i] > 0.0 else 1.0
    green_filled = green / trade.green_orders[i] if trade.green_orders[i] > 0.0 else 1.0
    trade.output[i] = brown + green
    trade.green_output[i] = green
    trade.project_output[i] *= green_filled
    if capacity > 0.0:
        green_part = trade.green_capacity[i] / capacity
        trade.delivered_share[i] = (1.0 - green_part) * brown_filled + green_part * green_filled


@kernel
def write_quantities(i, firms, trade, plant, quantities, factors):
    """Write the physical quantities of one firm in whole units (agents/codes.py)."""
    output = trade.output[i]
    use = Carriers(
        output * plant.coal[i],
        output * plant.gas[i],
        output * plant.oil[i],
        output * plant.electricity[i],
        output * plant.heat[i],
    )
    row = quantities[i]
    row[codes.OUTPUT] = whole(output * codes.FEN)
    row[codes.VALUE_ADDED] = whole(output * firms.value_added_share[i] * codes.FEN)
    row[codes.GREEN_OUTPUT] = whole(trade.green_output[i] * codes.FEN)
    row[codes.COAL] = whole(use.coal * factors.energy_content)
    row[codes.GAS] = whole(use.gas * factors.energy_content)
    row[codes.OIL] = whole(use.oil * factors.energy_content)
    row[codes.ELECTRICITY] = whole(use.electricity * factors.energy_content)
    row[codes.HEAT] = whole(use.heat * factors.energy_content)
    row[codes.ELECTRICITY_SOLD] = whole(output * firms.electricity_sold[i] * factors.energy_content)
    row[codes.HEAT_SOLD] = whole(output * firms.heat_sold[i] * factors.energy_content)
    row[codes.CO2_FUEL] = whole(fuel_emissions(use, factors) * 1000.0)
    row[codes.CO2_PROCESS] = whole(output * plant.process[i] * 1000.0)
    row[codes.CO2_POWER] = whole(power_emissions(use.electricity, factors) * 1000.0)
    row[codes.NOX] = whole(output * plant.nox[i] * 1000.0)
    row[codes.VOC] = whole(output * plant.voc[i] * 1000.0)
    row[codes.COD] = whole(output * plant.cod[i] * 1000.0)
    row[codes.AMMONIA] = whole(output * plant.ammonia[i] * 1000.0)
    row[codes.WATER] = whole(output * plant.water[i] * 1000.0)
    row[codes.WASTE] = whole(output * plant.waste[i] * 1000.0)
