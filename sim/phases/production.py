"""Phase 3: output within capacity, and what it takes in energy and leaves in emissions, water and waste."""

from typing import NamedTuple

from agents import codes
from agents._compiled import part
from agents._rows import Rows
from agents.energy import Carriers, fuel_emissions, power_emissions
from agents.firm import Whole
from agents.mathematics import whole
from agents.programmes import farm_runoff
from sim.setting import Moment, Setting, World
from sim.state import State


@part
def produce(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write output and physical quantities; ledgers start empty."""
    for i in range(world.firms.size):
        state.quantities[i, :] = 0
        state.till.ledger[i, :] = 0
        trade = state.trade[i]
        trade.output = 0.0
        trade.green_output = 0.0
        if state.standing[i].active:
            fill_orders(trade)
            write_quantities(trade.output, state.plant[i], setting.factors, state.quantities[i])
            if setting.mechanisms.ecology > 0.0 and world.sectors[world.firms[i].sector].farm:
                keep_from_water(farm_runoff(moment.policy), state.quantities[i])
        else:
            trade.project_output = 0.0


@part
def fill_orders(trade: Rows) -> None:
    """Write the output of one firm; what it cannot make, its customers import at the same price."""
    brown = min(trade.brown_orders, trade.brown_capacity)
    green = min(trade.green_orders, trade.green_capacity)
    trade.output = brown + green
    trade.green_output = green
    trade.project_output *= filled(trade.green_orders, trade.green_capacity)


@part
def filled(orders: float, capacity: float) -> float:
    """Share of orders that a capacity can fill."""
    return min(orders, capacity) / orders if orders > 0.0 else 1.0


@part
def delivered_share(trade: Rows) -> float:
    """Share of intermediate orders that a firm delivers; they go to its two products as its capacity does."""
    capacity = trade.brown_capacity + trade.green_capacity
    if capacity <= 0.0:
        return 0.0
    green_part = trade.green_capacity / capacity
    brown_filled = filled(trade.brown_orders, trade.brown_capacity)
    return (1.0 - green_part) * brown_filled + green_part * filled(trade.green_orders, trade.green_capacity)


@part
def energy_use(output: float, plant: Rows) -> Carriers:
    """Energy for so much output, tce by carrier."""
    return Carriers(
        output * plant.coal,
        output * plant.gas,
        output * plant.oil,
        output * plant.electricity,
        output * plant.heat,
    )


class Made(NamedTuple):
    """What the quarter's output and traits of a firm tell, not yet rounded: its last quantities (agents/codes.py)."""

    output: float  # fen, 2020 prices
    value_added: float
    green_output: float
    electricity_sold: float  # kJ
    heat_sold: float


@part
def made_by(firm: Rows, trade: Rows, factors: Rows) -> Made:
    """What one firm made; of columns of many firms, what all of them made."""
    output = trade.output
    return Made(
        output * codes.FEN,
        output * firm.value_added_share * codes.FEN,
        trade.green_output * codes.FEN,
        output * firm.electricity_sold * factors.energy_content,
        output * firm.heat_sold * factors.energy_content,
    )


@part
def write_quantities(output: float, plant: Rows, factors: Rows, row: Whole) -> None:
    """Write the physical quantities of one firm in whole units (agents/codes.py)."""
    use = energy_use(output, plant)
    row[codes.COAL] = whole(use.coal * factors.energy_content)
    row[codes.GAS] = whole(use.gas * factors.energy_content)
    row[codes.OIL] = whole(use.oil * factors.energy_content)
    row[codes.ELECTRICITY] = whole(use.electricity * factors.energy_content)
    row[codes.HEAT] = whole(use.heat * factors.energy_content)
    row[codes.CO2_FUEL] = whole(fuel_emissions(use, factors) * 1000.0)
    row[codes.CO2_PROCESS] = whole(output * plant.process * 1000.0)
    row[codes.CO2_POWER] = whole(power_emissions(use.electricity, factors) * 1000.0)
    row[codes.NOX] = whole(output * plant.nox * 1000.0)
    row[codes.VOC] = whole(output * plant.voc * 1000.0)
    row[codes.COD] = whole(output * plant.cod * 1000.0)
    row[codes.AMMONIA] = whole(output * plant.ammonia * 1000.0)
    row[codes.WATER] = whole(output * plant.water * 1000.0)
    row[codes.WASTE] = whole(output * plant.waste * 1000.0)


@part
def keep_from_water(left: float, row: Whole) -> None:
    """Write what is left of the COD and ammonia of a farm."""
    row[codes.COD] = whole(row[codes.COD] * left)
    row[codes.AMMONIA] = whole(row[codes.AMMONIA] * left)
