"""How each variable of configs/variables.yaml follows from whole numbers of a period: the one place where units change.

A measure takes the totals of all periods and returns one value a period, or one a period and member of its family.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from agents import codes
from agents.firm import Floats
from sim.configuration.tables import load_table
from sim.phases.recording import (
    BOOK_COLUMNS,
    CERTIFICATE_ROWS,
    FIRM_COLUMNS,
    PRODUCT_COLUMNS,
    PURSE_COLUMNS,
    SUPPLY_COLUMNS,
    THOUSANDTHS,
)
from sim.results.by_products import BY_PRODUCTS
from sim.results.district_measures import DISTRICT_MEASURES
from sim.results.revenue import FEN_PER_YI, scope_total
from sim.results.sums import (
    CARRIERS,
    CO2,
    GRAMS_PER_TONNE,
    KG_PER_TONNE,
    LITRES_PER_M3,
    SOLD,
    TEN_THOUSAND,
    WATT_PER_MW,
    Measure,
    by_park,
    by_sector,
    everywhere,
    in_industry,
    industry,
    of_group,
    product,
    quantity,
    ratio,
)
from sim.results.totals import Totals
from sim.results.variable_list import Variable


@cache
def option_groups() -> tuple[str, ...]:
    """The group of each option."""
    return tuple(load_table("options")["group"])


def paid(term: int) -> Measure:
    """What firms pay under a term of their ledgers, 万元."""
    return lambda totals: -totals.sectors[:, :, term].sum(axis=1) / codes.FEN


def surplus_of(flows: NDArray[np.int64]) -> Floats:
    """What firms earn before interest, depreciation and income tax by group, 亿元."""
    terms = [*range(codes.INTEREST), codes.PENALTY, codes.BY_PRODUCT_TRADE, codes.BY_PRODUCT_BALANCE]
    return flows[:, :, terms].sum(axis=2) / FEN_PER_YI


def surplus(totals: Totals) -> Floats:
    """Operating surplus by sector, 亿元."""
    return surplus_of(totals.sectors)


def firms(column: str) -> Measure:
    """A count of firms."""
    return lambda totals: totals.firms[:, :, FIRM_COLUMNS.index(column)].sum(axis=1) / THOUSANDTHS


def loans(*columns: str) -> Measure:
    """Sum over banks of columns of their books, 万元."""
    at = [BOOK_COLUMNS.index(column) for column in columns]
    return lambda totals: totals.books[:, :, at].sum(axis=(1, 2)) / codes.FEN


def green(scope: str) -> Measure:
    """Aligned green revenue of a scope, 亿元."""
    return lambda totals: scope_total(totals.products("green_sales"), scope)


def part_of_revenue(column: str) -> Measure:
    """Aligned part of green revenue in scope `plan`, 亿元."""
    return lambda totals: scope_total(totals.products(column), "plan")


def without_relocations(totals: Totals) -> Floats:
    """Green revenue less that of firms that moved in, 亿元."""
    return scope_total(totals.products("green_sales") - totals.products("relocated_sales"), "plan")


def net_energy(totals: Totals) -> Floats:
    """Energy taken in by industry less what it sells, 万tce: each unit of power counts once."""
    kilojoules = quantity(totals, *CARRIERS) - quantity(totals, *SOLD)
    return kilojoules[:, industry()].sum(axis=1) / totals.energy_content / TEN_THOUSAND


def above_scale(per_unit: float, *quantities: int) -> Measure:
    """Sum over industrial firms above scale, in units of `per_unit`."""
    at = [codes.N_TERMS + q for q in quantities]
    return lambda totals: totals.above_scale[:, at].sum(axis=1) / per_unit


def net_energy_above_scale(totals: Totals) -> Floats:
    """Net energy of industrial firms above scale, 万tce: what the plan's 360.8 counts."""
    taken, sold = above_scale(1.0, *CARRIERS)(totals), above_scale(1.0, *SOLD)(totals)
    return (taken - sold) / totals.energy_content / TEN_THOUSAND


def intensity_above_scale(totals: Totals) -> Floats:
    """Net energy over value added of industrial firms above scale, tce per 万元."""
    added = above_scale(codes.FEN, codes.VALUE_ADDED)(totals)
    return ratio(net_energy_above_scale(totals) * TEN_THOUSAND, added)


def energy(*quantities: int) -> Measure:
    """Energy of industry, 万tce."""

    def measure(totals: Totals) -> Floats:
        return in_industry(1.0, *quantities)(totals) / totals.energy_content / TEN_THOUSAND

    return measure


def carriers(totals: Totals) -> Floats:
    """Energy taken in by industry by carrier, 万tce."""
    return np.stack([energy(carrier)(totals) for carrier in CARRIERS], axis=1)


def energy_saved(totals: Totals) -> Floats:
    """Yearly saving of the projects completed, 万tce a year."""
    return quantity(totals, codes.ENERGY_SAVED).sum(axis=1) / totals.energy_content / TEN_THOUSAND


def green_share(totals: Totals) -> Floats:
    """Green output over all output."""
    made = totals.clusters[:, :, PRODUCT_COLUMNS.index("green_output")].sum(axis=1)
    return ratio(made.astype(np.float64), everywhere(1.0, codes.OUTPUT)(totals))


def energy_intensity(totals: Totals) -> Floats:
    """Net energy over value added of industry, tce per 万元."""
    return ratio(net_energy(totals) * TEN_THOUSAND, in_industry(codes.FEN, codes.VALUE_ADDED)(totals))


def options_by_group(totals: Totals) -> Floats:
    """Options in use by group, in the order in which configs/variables.yaml lists the groups."""
    return (totals.adopters @ grouped_options()) / THOUSANDTHS


@cache
def grouped_options() -> NDArray[np.int64]:
    """One where an option is of a group, shape (n_options, n_groups)."""
    listed = [name for name in GROUP_ORDER if name in option_groups()]
    return np.array([[group == name for name in listed] for group in option_groups()], np.int64)


def by_group(per_unit: float, *columns: int) -> Measure:
    """Sum of columns of flows over the sectors of each group of industry, in the order of configs/variables.yaml."""
    at = list(columns)
    return lambda totals: (totals.sectors[:, :, at].sum(axis=2) @ grouped_sectors()) / per_unit


@cache
def grouped_sectors() -> NDArray[np.int64]:
    """One where a sector is of a group of industry, shape (n_sectors, n_groups)."""
    return np.stack([of_group(name) & industry() for name in INDUSTRY_GROUPS], axis=1).astype(np.int64)


def renovation(*capex: int) -> Measure:
    """What industrial firms, and contractors for them, pay for projects, 万元."""

    def measure(totals: Totals) -> Floats:
        own = -totals.sectors[:, industry()][:, :, list(capex)].sum(axis=(1, 2)) / codes.FEN
        return own + in_industry(codes.FEN, codes.SERVICED_CAPEX)(totals)

    return measure


def supply(column: str) -> Measure:
    """A number of the supply network."""
    return lambda totals: totals.supply[:, SUPPLY_COLUMNS.index(column)].astype(np.float64)


def certified_purchases(totals: Totals) -> Floats:
    """What firms buy from certified firms of the district over all that they buy in it."""
    sold = totals.sectors[:, :, codes.SALES_LOCAL].sum(axis=1)
    return ratio(supply("certified_sales")(totals), sold.astype(np.float64))


def spending(totals: Totals) -> Floats:
    """What each programme spent, 万元; programme 0 is none."""
    return totals.purses[:, 1:, PURSE_COLUMNS.index("spent")] / codes.FEN


def programmes(column: str, per_unit: float) -> Measure:
    """A column of the purses by programme; programme 0 is none."""
    return lambda totals: totals.purses[:, 1:, PURSE_COLUMNS.index(column)] / per_unit


def certificates(row: str) -> Measure:
    """Certificates held, issued or lost, by step of the ladder."""
    at = CERTIFICATE_ROWS.index(row)
    return lambda totals: totals.certificates[:, at] / THOUSANDTHS


def total_spending(totals: Totals) -> Floats:
    """What all programmes spent, 万元."""
    return totals.purses[:, 1:, PURSE_COLUMNS.index("spent")].sum(axis=1) / codes.FEN


GROUP_ORDER = (
    "fuel_switch",
    "process",
    "waste_heat",
    "drives_motors",
    "digital",
    "management",
    "buildings",
    "pv_storage",
    "abatement",
    "product",
    "carbon",
)

INDUSTRY_GROUPS = ("energy", "materials", "consumer", "equipment", "vehicles", "electronics")

MEASURES: dict[str, Measure] = {
    **BY_PRODUCTS,
    **DISTRICT_MEASURES,
    "Revenue|Green Industry": green("plan"),
    "Revenue|Green Industry|Manufacturing": green("manufacturing"),
    "Revenue|Green Industry|{member}": lambda totals: totals.products("green_sales"),
    "Revenue|Green Industry|Without Relocations": without_relocations,
    "Revenue|Green Industry|Sold To Local Green Firms": part_of_revenue("local_sales"),
    "Revenue|Green Industry|Sold To Local Projects": part_of_revenue("project_sales"),
    "Share|Green Output": green_share,
    "Output": everywhere(FEN_PER_YI, codes.OUTPUT),
    "Output|Industry": in_industry(FEN_PER_YI, codes.OUTPUT),
    "Output|Industry|{member}": by_sector(FEN_PER_YI, codes.OUTPUT),
    "Output by Group|{member}": by_group(FEN_PER_YI, codes.N_TERMS + codes.OUTPUT),
    "Sales by Group|{member}": by_group(FEN_PER_YI, codes.SALES_LOCAL, codes.SALES_FINAL),
    "Output|Outside Industry|{member}": by_sector(FEN_PER_YI, codes.OUTPUT),
    "Output by Park|{member}": by_park(FEN_PER_YI, codes.OUTPUT),
    "GDP": product,
    "Value Added": everywhere(FEN_PER_YI, codes.VALUE_ADDED),
    "Value Added|Industry": in_industry(FEN_PER_YI, codes.VALUE_ADDED),
    "Final Energy|Industry": net_energy,
    "Final Energy|Industry|{member}": carriers,
    "Final Energy|Industry|Above Scale": net_energy_above_scale,
    "Energy Intensity|Industry|Above Scale": intensity_above_scale,
    "Value Added|Industry|Above Scale": above_scale(FEN_PER_YI, codes.VALUE_ADDED),
    "Energy Sold|Industry": energy(*SOLD),
    "Energy Intensity|Industry": energy_intensity,
    "Energy Saved|Retrofit": energy_saved,
    "Emissions|CO2|Industry": in_industry(KG_PER_TONNE * TEN_THOUSAND, *CO2),
    "Emissions|CO2|Industry|Fuel": in_industry(KG_PER_TONNE * TEN_THOUSAND, codes.CO2_FUEL),
    "Emissions|CO2|Industry|Process": in_industry(KG_PER_TONNE * TEN_THOUSAND, codes.CO2_PROCESS),
    "Emissions|CO2|Electricity Bought": in_industry(KG_PER_TONNE * TEN_THOUSAND, codes.CO2_POWER),
    "Emissions|NOx": everywhere(GRAMS_PER_TONNE, codes.NOX),
    "Emissions|VOC": everywhere(GRAMS_PER_TONNE, codes.VOC),
    "Emissions|COD": everywhere(GRAMS_PER_TONNE, codes.COD),
    "Emissions|NH3-N": everywhere(GRAMS_PER_TONNE, codes.AMMONIA),
    "Emissions Abated|NOx": everywhere(GRAMS_PER_TONNE, codes.NOX_ABATED),
    "Emissions Abated|VOC": everywhere(GRAMS_PER_TONNE, codes.VOC_ABATED),
    "Emissions Abated|COD": everywhere(GRAMS_PER_TONNE, codes.COD_ABATED),
    "Emissions Abated|NH3-N": everywhere(GRAMS_PER_TONNE, codes.AMMONIA_ABATED),
    "Emissions by Park|CO2|{member}": by_park(KG_PER_TONNE * TEN_THOUSAND, *CO2),
    "Water": everywhere(LITRES_PER_M3 * TEN_THOUSAND, codes.WATER),
    "Solid Waste|Generated": everywhere(KG_PER_TONNE * TEN_THOUSAND, codes.WASTE),
    "Capacity|Rooftop PV": lambda totals: totals.pv / WATT_PER_MW,
    "Capacity|Renewable Projects|{member}": lambda totals: totals.renewables / WATT_PER_MW,
    "Adoption|{member}": lambda totals: totals.adopters / THOUSANDTHS,
    "Adoption by Group|{member}": options_by_group,
    "Certificates|{member}": certificates("held"),
    "Certificates Issued|{member}": certificates("issued"),
    "Certificates Expired|{member}": certificates("expired"),
    "Certificates Revoked|{member}": certificates("revoked"),
    "Certificates Applied|{member}": certificates("applied"),
    "Certification|Cost": paid(codes.CERTIFICATION),
    "Certification|Awards": lambda totals: totals.sectors[:, :, codes.AWARD].sum(axis=1) / codes.FEN,
    "Investment|Retrofit": paid(codes.RETROFIT_CAPEX),
    "Investment|Retrofit By Contract": everywhere(codes.FEN, codes.SERVICED_CAPEX),
    "Investment|Technical Renovation": renovation(codes.RETROFIT_CAPEX, codes.CONVERSION_CAPEX),
    "Investment|Technical Renovation|With Expansion": renovation(
        codes.RETROFIT_CAPEX, codes.CONVERSION_CAPEX, codes.EXPANSION_CAPEX
    ),
    "Investment|Expansion": paid(codes.EXPANSION_CAPEX),
    "Investment|Conversion": paid(codes.CONVERSION_CAPEX),
    "Policy Cost|Government": total_spending,
    "Policy Cost|Government|{member}": spending,
    "Tax|District": lambda totals: totals.taxes[:, 0] / codes.FEN,
    "Tax|Upper": lambda totals: totals.taxes[:, 1] / codes.FEN,
    "Tax|Environmental": paid(codes.POLLUTION_TAX),
    "Tax|Profit": paid(codes.PROFIT_TAX),
    "Tax|Production": paid(codes.NET_TAX),
    "Tax|Fines": paid(codes.PENALTY),
    "Tax Foregone": lambda totals: totals.purses[:, 0, PURSE_COLUMNS.index("foregone")] / codes.FEN,
    "Rights Bought": paid(codes.RIGHTS),
    "Grants To Free Riders": lambda totals: programmes("always", codes.FEN)(totals).sum(axis=1),
    "Grants Asked|{member}": programmes("asked", codes.FEN),
    "Grants To Free Riders|{member}": programmes("always", codes.FEN),
    "Grants Accelerating|{member}": programmes("accelerated", codes.FEN),
    "Grant Applicants|{member}": programmes("applicants", THOUSANDTHS),
    "Grants Refused|{member}": programmes("refused", THOUSANDTHS),
    "Grant Recipients|{member}": programmes("recipients", THOUSANDTHS),
    "Value Added by Sector|{member}": by_sector(FEN_PER_YI, codes.VALUE_ADDED),
    "Value Added by Size|{member}": lambda totals: totals.sizes[:, :, codes.N_TERMS + codes.VALUE_ADDED] / FEN_PER_YI,
    "Value Added by Park|{member}": by_park(FEN_PER_YI, codes.VALUE_ADDED),
    "Operating Surplus by Size|{member}": lambda totals: surplus_of(totals.sizes),
    "Operating Surplus by Park|{member}": lambda totals: surplus_of(totals.parks),
    "Loans|Green": loans("green_loans"),
    "Loans|Ordinary": loans("loans", "term_loans"),
    "Loans|Written Off": loans("write_offs"),
    "Operating Surplus": lambda totals: surplus(totals).sum(axis=1),
    "Operating Surplus|{member}": surplus,
    "Dividends": paid(codes.DIVIDENDS),
    "Supply|Links": supply("links"),
    "Supply|Links Switched": supply("switched"),
    "Supply|Requests Sent": supply("asked"),
    "Supply|Requests": lambda totals: supply("requests")(totals) / THOUSANDTHS,
    "Supply|Purchases From Certified Firms": certified_purchases,
    "Firms|Active": firms("active"),
    "Firms|Green Makers": firms("green_makers"),
    "Firms|Arrived": firms("arrived"),
    "Firms|Relocated": firms("relocated"),
    "Firms|Left": firms("left"),
    "Firms|Reason|{member}": lambda totals: totals.reasons / THOUSANDTHS,
}


def measured(totals: Totals, variables: tuple[Variable, ...]) -> Floats:
    """Values of variables, shape (n_periods, n_variables); flows as they fell in the period."""
    n = len(totals.sectors)
    templates = dict.fromkeys(variable.template for variable in variables)
    found = {template: MEASURES[template](totals).reshape(n, -1) for template in templates}
    ends = np.cumsum([values.shape[1] for values in found.values()]).tolist()
    starts = dict(zip(found, [0, *ends], strict=False))
    places = [starts[variable.template] + max(variable.code, 0) for variable in variables]
    return np.concatenate([*found.values()], axis=1).take(places, axis=1)
