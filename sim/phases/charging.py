"""What one firm is charged for its energy, carbon, emissions and water, and what leaving some of it is worth to it.

Coverage goes by the end of 2020, so that no firm shrinks out of a market.
"""

from agents._compiled import part
from agents._rows import Rows
from agents.charges import (
    Worth,
    carbon_rate,
    energy_right,
    equivalents,
    pollution_right,
    tier_excess,
    tier_worth,
    water_right,
)
from agents.energy import Carriers, fuel_emissions, saving_prices, total
from agents.government import carbon_cost, surcharge
from sim.setting import Moment, Setting


@part
def power_surcharge(sector: Rows, plant: Rows, policy: Rows) -> float:
    """Mean surcharge on the electricity of a firm, 元 per kWh: differential, and tiered on what is above the tier."""
    if not sector.intensive:
        return 0.0
    tiered = policy.tiered_electricity_surcharge * tier_excess(plant.electricity, sector.electricity, policy)
    return surcharge(policy) + tiered


@part
def carbon_bill(
    firm: Rows, sector: Rows, output: float, use: Carriers, plant: Rows, policy: Rows, factors: Rows
) -> float:
    """Carbon cost of one firm this quarter, 万元; none outside the carbon markets."""
    rate = carbon_rate_of(firm, sector, policy, factors)
    emissions = fuel_emissions(use, factors) + output * plant.process
    free = policy.carbon_price_free_share * output * base_emission_intensity(firm, factors)
    return carbon_cost(emissions, free, rate)


@part
def base_emission_intensity(firm: Rows, factors: Rows) -> float:
    """Scope-1 emissions per 万元 of output at the end of 2020, t."""
    use = Carriers(firm.coal_intensity, firm.gas_intensity, firm.oil_intensity, 0.0, 0.0)
    return fuel_emissions(use, factors) + firm.process_intensity


@part
def carbon_rate_of(firm: Rows, sector: Rows, policy: Rows, factors: Rows) -> float:
    """Price of CO2 to a firm, 万元 per t, by what it emitted in 2020."""
    yearly = 4.0 * firm.base_output * base_emission_intensity(firm, factors)
    return carbon_rate(yearly, firm.weight, sector.power, sector.intensive, policy)


@part
def rights_bill(firm: Rows, output: float, use: Carriers, plant: Rows, policy: Rows, factors: Rows) -> float:
    """Energy, pollution and water rights bought above the baseline of 2020, or sold below it, 万元 this quarter."""
    sold = firm.electricity_sold + firm.heat_sold
    free = policy.energy_rights_baseline * output * (base_energy_intensity(firm) - sold)
    bill = carbon_cost(total(use) - output * sold, free, energy_right_of(firm, policy))
    left = equivalents(output * plant.nox, output * plant.voc, output * plant.cod, output * plant.ammonia, factors)
    free = policy.pollution_rights_baseline * equivalents(
        output * firm.nox_intensity,
        output * firm.voc_intensity,
        output * firm.cod_intensity,
        output * firm.ammonia_intensity,
        factors,
    )
    bill += carbon_cost(left, free, pollution_right(firm.above_scale, policy))
    free = policy.water_rights_baseline * output * firm.water_intensity
    return bill + carbon_cost(output * plant.water, free, water_right_of(firm, policy) * 0.0001)


@part
def base_energy_intensity(firm: Rows) -> float:
    """Energy of all carriers per 万元 of output at the end of 2020, tce."""
    return (
        firm.coal_intensity + firm.gas_intensity + firm.oil_intensity + firm.electricity_intensity + firm.heat_intensity
    )


@part
def energy_right_of(firm: Rows, policy: Rows) -> float:
    """Price of energy-use rights to a firm, 万元 per tce, by what it used net of what it sold in 2020."""
    net = base_energy_intensity(firm) - firm.electricity_sold - firm.heat_sold
    return energy_right(4.0 * firm.base_output * net, firm.weight, policy)


@part
def water_right_of(firm: Rows, policy: Rows) -> float:
    """Price of water rights to a firm, 元 per m3, by what it used in 2020."""
    return water_right(4.0 * firm.base_output * firm.water_intensity, firm.weight, policy)


@part
def worth_of_saving(firm: Rows, sector: Rows, plant: Rows, setting: Setting, moment: Moment) -> Worth:
    """What a saved tce, pollution equivalent or cubic metre is worth to a firm of a sector."""
    policy, factors = moment.policy, setting.factors
    carbon, right, equivalent, water = 0.0, 0.0, 0.0, 0.0
    if setting.mechanisms.rights > 0.0:
        carbon = carbon_rate_of(firm, sector, policy, factors)
        right = energy_right_of(firm, policy)
        equivalent = pollution_right(firm.above_scale, policy)
        water = water_right_of(firm, policy)
    extra = 0.0
    if sector.intensive:
        extra = surcharge(policy) + tier_worth(plant.electricity, sector.electricity, policy)
    energy = saving_prices(moment.prices, firm.small_power, extra, carbon, right, factors)
    return Worth(energy, equivalent, water)
