"""What firms pay, or are paid, for energy, carbon, pollution and water beside the price: tiers, rights, tax reliefs.

A right is settled outside like an allowance: a firm buys what it uses above its baseline and sells what it leaves of
it. Tiered prices follow the rules for cement, steel and aluminium: only use above the tier is dearer.
"""

from typing import NamedTuple

from agents._compiled import rule
from agents.energy import Carriers, Factors
from agents.firm import FirmRules
from agents.government import Policy, carbon_price


class Worth(NamedTuple):
    """What a firm saves by using or leaving a unit less."""

    energy: Carriers  # 万元 per tce
    equivalent: float  # 万元 per pollution equivalent, beside the environmental tax
    water: float  # 元 per m3, beside the water price


@rule
def carbon_rate(emissions: float, firms: float, power: bool, intensive: bool, policy: Policy) -> float:
    """Price of a tonne of CO2 to a firm, 万元: of the national market, of the pilot, or none where it is in neither.

    `emissions` are yearly, of all the firms behind the row. The national market takes power stations, and other
    energy-intensive firms once it is extended to them.
    """
    listed = power or (intensive and policy.national_carbon_extension >= 0.5)
    if listed and policy.national_carbon_price > 0.0 and emissions >= policy.national_carbon_threshold * firms:
        return policy.national_carbon_price * policy.national_carbon_multiplier * 0.0001
    if emissions >= policy.carbon_price_threshold * firms:
        return carbon_price(policy)
    return 0.0


@rule
def tier_excess(intensity: float, reference: float, policy: Policy) -> float:
    """Share of a firm's electricity that is above the tier: `reference` is the mean use per output of its sector."""
    allowed = policy.tiered_electricity_threshold * reference
    return (intensity - allowed) / intensity if intensity > allowed else 0.0


@rule
def tier_worth(intensity: float, reference: float, policy: Policy) -> float:
    """What a saved kWh is worth beside its price, 元: the surcharge for a firm above the tier."""
    return policy.tiered_electricity_surcharge if tier_excess(intensity, reference, policy) > 0.0 else 0.0


@rule
def energy_right(use: float, firms: float, policy: Policy) -> float:
    """Price of an energy-use right, 万元 per tce; none for firms that used less than the threshold in a year."""
    return policy.energy_rights_price * 0.0001 if use >= policy.energy_rights_threshold * firms else 0.0


@rule
def pollution_right(above_scale: bool, policy: Policy) -> float:
    """Price of an emission right, 万元 per pollution equivalent; firms above scale hold permits."""
    return policy.pollution_rights_price * 0.0001 if above_scale else 0.0


@rule
def water_right(use: float, firms: float, policy: Policy) -> float:
    """Price of a water right, 元 per m3; none for firms that used less than the threshold in a year."""
    return policy.water_rights_price if use >= policy.water_rights_threshold * firms else 0.0


@rule
def equivalents(nox: float, voc: float, cod: float, ammonia: float, factors: Factors) -> float:
    """Pollution equivalents of emissions in kg. Source: environmental_protection_tax_law."""
    air = nox / factors.nox_equivalent + voc / factors.voc_equivalent
    return air + cod / factors.cod_equivalent + ammonia / factors.ammonia_equivalent


@rule
def tax_relief(green_share: float, certified: bool, policy: Policy) -> float:
    """Share of the tax on profit that a firm is spared: for what it sells of green products, and for a certificate."""
    relief = policy.income_tax_relief_green * green_share
    if certified:
        relief = relief + policy.income_tax_relief_certified
    return relief if relief < 1.0 else 1.0


@rule
def relief_worth(margin: float, rules: FirmRules, policy: Policy) -> float:
    """What the relief adds to the margin of green sales, share of sales: part of why firms turn to green products."""
    return policy.income_tax_relief_green * rules.profit_tax_rate * margin if margin > 0.0 else 0.0
