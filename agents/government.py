"""What the district, the city and the state offer and demand, quarter by quarter, and what it costs them.

Every instrument is a file in configs/policy/. A programme pays from a yearly purse that runs dry.
"""

from typing import NamedTuple

from agents._compiled import rule
from agents._rows import Row, Whole
from agents.energy import Factors


class Policy(NamedTuple):
    """The instruments of one quarter, from configs/policy/; one tuple per quarter."""

    retrofit_grant_share: float  # of eligible equipment
    retrofit_grant_threshold: float  # 万元 of equipment per firm
    retrofit_grant_cap: float  # 万元 per project and firm
    retrofit_grant_purse: float  # 万元 a year
    retrofit_grant_ranking: float  # 0 by lot, 1 by saving per yuan of grant
    digital_grant_share: float
    digital_grant_threshold: float
    digital_grant_cap: float
    digital_grant_purse: float
    pv_grant_rate: float  # 万元 per kW
    pv_grant_cap: float
    pv_grant_purse: float
    conversion_grant_share: float  # of conversion capex
    conversion_grant_cap: float
    conversion_grant_purse: float
    equipment_credit_share: float  # of equipment capex, off the profit tax
    free_diagnosis_firms: float  # firms a year
    free_diagnosis_cost: float  # 万元 per firm, paid by the district
    training_attention: float  # 1/yr added to attention
    training_cost: float  # 万元 a year, paid by the district
    green_credit_discount: float  # 1/yr off the loan rate
    green_credit_quota: float  # 万元 a year of new green loans
    green_credit_paid_share: float  # share of the discount that the district pays the banks
    guarantee_limit: float  # added to the leverage limit of small firms
    guarantee_fee: float  # 1/yr of the loan, paid by the district
    contracting_rate_cut: float  # 1/yr off the contractor's return, paid by the district
    carbon_price_price: float  # 元 per t CO2
    carbon_price_multiplier: float
    carbon_price_threshold: float  # t CO2 a year per firm
    carbon_price_free_share: float  # of the firm's intensity of 2020
    differential_electricity_surcharge: float  # 元 per kWh, energy-intensive sectors
    differential_electricity_multiplier: float
    environmental_tax_air: float  # 元 per pollution equivalent
    environmental_tax_water: float
    environmental_tax_multiplier: float
    emission_limits_coverage: float  # share of the firms an abatement option fits that are ordered to have it
    emission_limits_penalty: float  # yearly fine over the capex avoided
    efficiency_benchmark_coverage: float  # share of firms in energy-intensive sectors under orders
    efficiency_benchmark_payback: float  # yr, options that pay back faster must be taken
    green_consumption_pull: float  # added to the outside market of green products, share
    green_procurement_pull: float  # added to the outside market of local green products, share
    investment_attraction_multiplier: float  # on arrivals
    investment_attraction_green_multiplier: float  # on arrivals that make green products
    tiered_electricity_surcharge: float  # 元 per kWh above the tier, energy-intensive sectors
    tiered_electricity_threshold: float  # use per output over the mean of the sector, from which it is dearer
    national_carbon_price: float  # 元 per t CO2; 0 before the market began
    national_carbon_multiplier: float
    national_carbon_threshold: float  # t CO2 a year per firm
    national_carbon_extension: float  # 0 power stations alone, 1 all energy-intensive sectors
    energy_rights_price: float  # 元 per tce
    energy_rights_baseline: float  # free over the use per output of 2020
    energy_rights_threshold: float  # tce a year per firm
    pollution_rights_price: float  # 元 per pollution equivalent
    pollution_rights_baseline: float  # free over the emissions per output of 2020
    water_rights_price: float  # 元 per m3
    water_rights_baseline: float  # free over the use per output of 2020
    water_rights_threshold: float  # m3 a year per firm
    income_tax_relief_green: float  # share of the tax on profit from green products
    income_tax_relief_certified: float  # share of the tax on profit of certified firms
    emission_limits_offset: float  # added to the coverage
    phase_out_share: float  # of the capacity of energy-intensive sectors, the least efficient first, closed by now
    phase_out_compensation: float  # 万元 per 万元 of yearly output, paid by the district
    high_energy_limits_expansion: float  # share of ordinary expansion of energy-intensive sectors forbidden
    high_energy_limits_entry: float  # share of ordinary arrivals of energy-intensive sectors turned away
    coal_substitution_station_cut: float  # share of the running hours of the coal station
    coal_substitution_boilers: float  # share of the firms with small coal boilers ordered to replace them
    coal_substitution_size: float  # tce of coal a year per firm, up to which boilers are small
    relending_quota: float  # 万元 a year added to the green window
    relending_share: float  # of green loans, refinanced by the central bank
    relending_rate_cut: float  # 1/yr, central-bank money below the banks' own cost of money
    relending_pass_through: float  # share of the banks' saving that borrowers get
    green_bonds_limit: float  # leverage added to the bank limit of large firms, green projects
    green_bonds_size: float  # 万元 per project, at least
    renewable_projects_pv: float  # MW a year, outside the firms of the model
    renewable_projects_wind: float
    renewable_projects_biomass: float
    renewable_projects_multiplier: float
    renewable_projects_pv_cost: float  # 万元 per kW
    renewable_projects_wind_cost: float
    renewable_projects_biomass_cost: float
    incubation_entry: float  # on arrivals of small makers of green products
    incubation_survival: float  # share of their closures prevented
    incubation_cost: float  # 万元 a year per firm in the incubator, paid by the district
    circular_agriculture_coverage: float  # share of farming reached beyond 2021
    circular_agriculture_saving: float  # share of purchased inputs that recycling replaces there
    circular_agriculture_cut: float  # share of COD and ammonia kept out of the water there
    circular_agriculture_cost: float  # 万元 a year for the whole district, paid by the district
    eco_tourism_pull: float  # added to the outside market of eco-tourism, share
    eco_tourism_cost: float  # 万元 a year for a market twice as large, paid by the district
    forest_carbon_sink: float  # t CO2 a year certified and sold
    forest_carbon_price: float  # 元 per t CO2
    green_procurement_certified_share: float  # of what procurement adds, reserved for certified makers
    supply_chain_leader_number: float  # firms enrolled as chain leaders
    supply_chain_leader_shift: float  # share of purchases that each moves to certified suppliers a year
    supply_chain_leader_cost: float  # 万元 a year per chain leader, paid by the district
    digital_platform_matching: float  # added to the odds of certified firms where a link is redrawn
    digital_platform_attention: float  # 1/yr added to attention
    digital_platform_cost: float  # 万元 a year, paid by the district
    park_renovation_share: float  # of the set-up of by-product links
    park_renovation_cap: float  # 万元 per link
    park_renovation_purse: float  # 万元 a year
    symbiosis_platform_multiplier: float  # on the hazard of links that a platform helps to find
    symbiosis_platform_cost: float  # 万元 a year, paid by the district
    certification_award_multiplier: float  # on the district's awards of certificates.csv
    certification_award_purse: float  # 万元 a year


RETROFIT, DIGITAL, PV, CONVERSION = 1, 2, 3, 4  # programmes that pay grants; 0 is none
GUARANTEE, CONTRACTING, DIAGNOSIS, TRAINING = 5, 6, 7, 8  # other public spending, without a purse of its own
PHASE_OUT, INCUBATION, FARMING, TOURISM = 9, 10, 11, 12
SUPPLY_CHAIN, PLATFORM = 13, 14
PARK_RENOVATION = 15  # pays grants, to links of firms
SYMBIOSIS_PLATFORM = 16  # without a purse
INTEREST = 17  # of green loans, paid for borrowers
CERTIFICATION = 18  # awards for certificates, from a purse
N_PROGRAMMES = 18


class Programme(NamedTuple):
    """Terms of one grant programme in 万元."""

    share: float
    threshold: float
    cap: float
    purse: float


class Purses(Row):
    """Money of the programmes, fen, shape (N_PROGRAMMES + 1,); entry 0 is unused."""

    left: Whole  # of this year's purse
    spent: Whole  # this quarter
    asked: Whole  # this quarter
    applicants: Whole  # thousandths of firms that asked this quarter
    refused: Whole  # thousandths of firms for whom too little was left
    recipients: Whole  # thousandths of firms that were paid a grant
    always: Whole  # part of what was spent, to projects that need no grant
    accelerated: Whole  # part of it, to projects that would have had to wait for money
    foregone: Whole  # tax not taken this quarter, entry 0


@rule
def programme_terms(programme: int, policy: Policy) -> Programme:
    """Share, threshold, cap and yearly purse of a programme; none has a share of zero."""
    if programme == RETROFIT:
        return Programme(
            policy.retrofit_grant_share,
            policy.retrofit_grant_threshold,
            policy.retrofit_grant_cap,
            policy.retrofit_grant_purse,
        )
    if programme == DIGITAL:
        return Programme(
            policy.digital_grant_share,
            policy.digital_grant_threshold,
            policy.digital_grant_cap,
            policy.digital_grant_purse,
        )
    if programme == CONVERSION:
        return Programme(policy.conversion_grant_share, 0.0, policy.conversion_grant_cap, policy.conversion_grant_purse)
    if programme == PV:
        return Programme(policy.pv_grant_rate, 0.0, policy.pv_grant_cap, policy.pv_grant_purse)
    if programme == PARK_RENOVATION:
        return Programme(policy.park_renovation_share, 0.0, policy.park_renovation_cap, policy.park_renovation_purse)
    return Programme(0.0, 0.0, 0.0, 0.0)


@rule
def grant_claim(base: float, firms: float, terms: Programme) -> float:
    """Grant a project may claim, 万元; `base` is equipment capex (or kW), `firms` the real firms behind the row."""
    if terms.share <= 0.0 or terms.purse <= 0.0 or base < terms.threshold * firms:
        return 0.0
    claim = terms.share * base
    cap = terms.cap * firms
    return claim if claim < cap else cap


@rule
def carbon_price(policy: Policy) -> float:
    """Price of a tonne of CO2 for covered firms, 万元."""
    return policy.carbon_price_price * policy.carbon_price_multiplier * 0.0001


@rule
def carbon_cost(emissions: float, free: float, price: float) -> float:
    """Allowances bought (or, below zero, sold) outside, 万元."""
    return (emissions - free) * price


@rule
def surcharge(policy: Policy) -> float:
    """Differential electricity surcharge, 元 per kWh."""
    return policy.differential_electricity_surcharge * policy.differential_electricity_multiplier


@rule
def pollution_tax(nox: float, voc: float, cod: float, ammonia: float, policy: Policy, factors: Factors) -> float:
    """Environmental tax on emissions in kg, 万元. Source: environmental_protection_tax_law."""
    air = nox / factors.nox_equivalent + voc / factors.voc_equivalent
    water = cod / factors.cod_equivalent + ammonia / factors.ammonia_equivalent
    rate = policy.environmental_tax_air * air + policy.environmental_tax_water * water
    return rate * policy.environmental_tax_multiplier * 0.0001
