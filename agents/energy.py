"""What a firm pays for energy and what it emits.

Energy is calorific (tce); electricity is bought from the grid at a tariff of which only the energy part is saved by
using less. Emission factors follow the national inventory guidelines (configs/factor.yaml).
"""

from typing import NamedTuple

from agents._compiled import rule
from agents._rows import Number, Row


class Prices(NamedTuple):
    """Outside prices of one quarter; one tuple per quarter, from the dated paths of configs/price.yaml."""

    coal_price: float  # 万元 per tce
    gas_price: float
    oil_price: float
    heat_price: float
    electricity_price: float  # 元 per kWh, two-part tariff users, all in
    small_electricity_price: float  # 元 per kWh, one-part tariff users
    energy_part: float  # share of a two-part electricity bill that falls with use
    water_price: float  # 元 per m3, sewage fee included
    loan_rate: float  # per year, average corporate loan
    station_dispatch: float  # running hours of the coal station over those of 2020


class Factors(NamedTuple):
    """Physical constants and legal conversion factors (configs/factor.yaml)."""

    coal_emission: float  # t CO2 per tce
    gas_emission: float
    oil_emission: float
    grid_emission: float  # t CO2 per MWh, fixed for the indicators
    electricity_energy: float  # tce per MWh, calorific
    energy_content: float  # kJ per tce
    nox_equivalent: float  # kg per pollution equivalent
    voc_equivalent: float
    cod_equivalent: float
    ammonia_equivalent: float
    largest_cut: float  # of one carrier by one option, share
    own_use_share: float  # of electricity that own generation can replace at most


class Carriers(NamedTuple):
    """One number for each energy carrier: a use in tce, a share, or a price in 万元 per tce."""

    coal: float
    gas: float
    oil: float
    electricity: float
    heat: float


class Plant(Row):
    """What producing one 万元 of output takes and leaves, as the firm's equipment stands now; shape (n_firms,)."""

    coal: Number  # tce per 万元
    gas: Number
    oil: Number
    electricity: Number
    heat: Number
    process: Number  # t CO2 per 万元
    nox: Number  # kg per 万元
    voc: Number
    cod: Number
    ammonia: Number
    water: Number  # m3 per 万元
    waste: Number  # t per 万元
    pv: Number  # kW, the row's total


@rule
def total(carriers: Carriers) -> float:
    """Sum over the carriers, tce."""
    return carriers.coal + carriers.gas + carriers.oil + carriers.electricity + carriers.heat


@rule
def changed(intensity: float, added: float, output: float) -> float:
    """Intensity after a yearly change of use, tce per 万元; rounding never takes it below zero."""
    after = intensity + added / output
    return after if after > 0.0 else 0.0


@rule
def tariff(yuan_per_kwh: float, electricity_energy: float) -> float:
    """Electricity price in 万元 per tce from 元 per kWh; a tce holds 1/electricity_energy MWh."""
    return yuan_per_kwh * 0.1 / electricity_energy


@rule
def carrier_prices(prices: Prices, small_power: bool, surcharge: float, electricity_energy: float) -> Carriers:
    """Prices a firm pays, 万元 per tce; the surcharge (元 per kWh) is that of differential electricity pricing."""
    yuan_per_kwh = prices.small_electricity_price if small_power else prices.electricity_price
    electricity = tariff(yuan_per_kwh + surcharge, electricity_energy)
    return Carriers(prices.coal_price, prices.gas_price, prices.oil_price, electricity, prices.heat_price)


@rule
def saving_prices(
    prices: Prices, small_power: bool, surcharge: float, carbon_price: float, energy_right: float, factors: Factors
) -> Carriers:
    """What a saved tce is worth, 万元: the part of the tariff that falls with use and the carbon price on own fuel.

    An energy-use right (万元 per tce) is saved with every carrier. Carbon is never counted through electricity, whose
    price already carries it. One-part tariffs fall wholly with use.
    """
    saved = prices.small_electricity_price if small_power else prices.electricity_price * prices.energy_part
    electricity = tariff(saved + surcharge, factors.electricity_energy)
    return Carriers(
        prices.coal_price + carbon_price * factors.coal_emission + energy_right,
        prices.gas_price + carbon_price * factors.gas_emission + energy_right,
        prices.oil_price + carbon_price * factors.oil_emission + energy_right,
        electricity + energy_right,
        prices.heat_price + energy_right,
    )


@rule
def energy_bill(use: Carriers, price: Carriers) -> float:
    """Cost of energy, 万元."""
    return (
        use.coal * price.coal
        + use.gas * price.gas
        + use.oil * price.oil
        + use.electricity * price.electricity
        + use.heat * price.heat
    )


@rule
def fuel_emissions(use: Carriers, factors: Factors) -> float:
    """CO2 from own fuel, t (scope 1 without process emissions)."""
    return use.coal * factors.coal_emission + use.gas * factors.gas_emission + use.oil * factors.oil_emission


@rule
def power_emissions(electricity: float, factors: Factors) -> float:
    """CO2 behind bought electricity, t (scope 2); never added to the scope 1 of local generation."""
    return electricity / factors.electricity_energy * factors.grid_emission
