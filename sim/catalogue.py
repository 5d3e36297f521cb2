"""The tables that kernels read, as record arrays, with one draw of what is uncertain in them.

Costs and savings of options and the growth and prices of markets carry a low, a central and a high value; a parameter
draw takes a triangular one of each, with its own key, so that scenarios share them.
"""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from agents.codes import CARRIER_NAMES, N_OPTIONS, N_SECTORS, PARAMETER_DRAW, SIZING_BASES
from agents.firm import Floats
from agents.government import DIGITAL, PV, RETROFIT
from agents.mathematics import triangular_quantile
from sim.configuration.priors import draw_priors
from sim.configuration.tables import load_table
from sim.draws import uniform
from sim.setting import Makers

OPTION = np.dtype(
    [
        ("unit_capex", "f8"),  # 万元 per sizing unit
        ("saving_factor", "f8"),
        ("opex_share", "f8"),
        ("lifetime", "f8"),
        ("outside_trend", "f8"),
        ("nox_cut", "f8"),
        ("voc_cut", "f8"),
        ("cod_cut", "f8"),
        ("ammonia_cut", "f8"),
        ("water_cut", "f8"),
        ("waste_cut", "f8"),
        ("nonenergy_benefit", "f8"),
        ("equipment_share", "f8"),
        ("attention", "f8"),
        ("build_quarters", "f8"),
        ("window_quarters", "f8"),
        ("irreversible", "?"),
        ("esco", "?"),
        ("mandate_only", "?"),
        ("abatement", "?"),
        ("coal_boiler", "?"),
        ("product_line", "?"),
        ("photovoltaic", "?"),
        ("programme", "i8"),
        ("segment", "i8"),
        ("excludes", "i8"),
    ],
    align=True,
)
FIT = np.dtype(
    [
        ("eligible_share", "f8"),
        ("min_size", "f8"),
        ("units_per_base", "f8"),
        ("max_units", "f8"),
        ("cut_coal", "f8"),
        ("cut_gas", "f8"),
        ("cut_oil", "f8"),
        ("cut_electricity", "f8"),
        ("cut_heat", "f8"),
        ("switch_ratio", "f8"),
        ("extra_electricity", "f8"),
        ("extra_gas", "f8"),
        ("yield_tce_per_unit", "f8"),
        ("process_cut", "f8"),
        ("sizing_base", "i8"),
        ("switch_carrier", "i8"),
    ],
    align=True,
)
MARKET = np.dtype(
    [
        ("growth_2021", "f8"),
        ("growth", "f8"),
        ("growth_after", "f8"),
        ("price_2021", "f8"),
        ("price_growth", "f8"),
        ("margin_premium", "f8"),
        ("conversion_capex", "f8"),
        ("conversion_quarters", "f8"),
        ("line", "i8"),  # option that stands for the line the product is made on, -1 for none
        ("convertible", "?"),
        ("green", "?"),
        ("dispatched", "?"),
        ("tourism", "?"),
    ],
    align=True,
)
PROGRAMMES = {"none": 0, "retrofit": RETROFIT, "digital": DIGITAL, "pv": PV}

# Identities of the keyed draws of tables; those of parameters are checksums of their keys, none of them the same.
CAPEX_DRAW, SAVING_DRAW, SECTOR_GROWTH, SECTOR_PRICE, PRODUCT_GROWTH, PRODUCT_PRICE = (
    1_000_000 + 1_000 * step for step in range(6)
)

Records = NDArray[np.void]


def drawn(seed: int, draw: int | None, identity: int, low: Any, central: Any, high: Any) -> float:
    """Return a triangular draw between low and high, or the central value for no draw."""
    if draw is None or not low < high:
        return float(central)
    return float(triangular_quantile(uniform(seed, identity, 0, 0, PARAMETER_DRAW, draw), low, central, high))


def drawn_column(
    seed: int, draw: int | None, first_identity: int, table: str, low: str, central: str | None, high: str
) -> Floats:
    """Return a triangular draw for each row of a table, from its columns `low`, `central` and `high`.

    Central values for no draw; `central` None means a multiplier, whose central value is one.
    """
    least, mode, most = _prior_columns(table, low, central, high)
    if draw is None:
        return mode
    values = np.empty(len(mode))
    draw_priors(seed, draw, first_identity + np.arange(len(mode)), least, mode, most, values)
    return values


@cache
def _prior_columns(table: str, low: str, central: str | None, high: str) -> tuple[Floats, Floats, Floats]:
    def column(name: str) -> Floats:
        return load_table(table)[name].to_numpy(np.float64).copy()

    least, most = column(low), column(high)
    return least, np.ones(len(least)) if central is None else column(central), most


def options(seed: int, draw: int | None) -> Records:
    """Return the option catalogue, shape (n_options,), with costs and savings of one parameter draw."""
    records = _central_options().copy()
    capex = ("unit_capex_low", "unit_capex", "unit_capex_high")
    records["unit_capex"] = drawn_column(seed, draw, CAPEX_DRAW, "options", *capex)
    records["saving_factor"] = drawn_column(seed, draw, SAVING_DRAW, "options", "saving_low", None, "saving_high")
    return records


@cache
def _central_options() -> Records:
    table = load_table("options")
    assert len(table) == N_OPTIONS, "codes.N_OPTIONS must follow options.csv"
    records = np.recarray(len(table), OPTION)
    for name in OPTION.names or ():
        if name in table.columns:
            records[name] = table[name].to_numpy()
    records.saving_factor = 1.0
    records.window_quarters = 4.0 * table["window_years"].to_numpy()
    records.mandate_only = table["payback_central"].isna().to_numpy()
    records.abatement = (table["kind"] == "abatement").to_numpy()
    records.coal_boiler = records.abatement & (table["group"] == "fuel_switch").to_numpy()
    records.product_line = (table["kind"] == "product").to_numpy()
    records.photovoltaic = _solar_options(table)
    records.programme = [PROGRAMMES[name] for name in table["grant_programme"]]
    records.segment = [equipment_segment(sector) for sector in table["supplier_sector"]]
    records.excludes = _exclusive_sets(table)
    return records


def _solar_options(table: pd.DataFrame) -> list[bool]:
    """Return which options are sized by roof: photovoltaics."""
    sizing = load_table("option_sizing")
    roofed = set(sizing.loc[sizing["sizing_base"] == "roof", "option"])
    return [
        option in roofed and group == "pv_storage"
        for option, group in zip(table["option"], table["group"], strict=True)
    ]


def _exclusive_sets(table: pd.DataFrame) -> list[int]:
    """Return for each option the set of the others of its exclusive group."""
    groups = [set(filter(None, str(group).split(";"))) for group in table["exclusive_group"]]
    return [
        sum(1 << other for other in range(len(groups)) if other != k and groups[k] & groups[other])
        for k in range(len(groups))
    ]


@cache
def equipment_segment(sector: str) -> int:
    """Return the segment that sells a sector's equipment: its energy-saving product if any, else its ordinary one."""
    names = list(load_table("sectors")["sector"])
    if sector not in names:
        return names.index("machinery")
    made = [(N_SECTORS + k, row) for k, row in enumerate(_products()) if row.sector == sector]
    saving = [k for k, row in made if row.cluster == "energy_saving_environmental"]
    wholly = [k for k, row in made if row.base_share >= 1 and row.firm_share >= 1]
    return (saving or wholly or [names.index(sector)])[0]


@cache
def _products() -> list[Any]:
    return list(load_table("products").itertuples())


@cache
def makers() -> Makers:
    """Return the segments that sell solar, wind and biomass plants."""
    products = list(load_table("products")["product"])
    names = ("new_energy_electrical", "wind_equipment", "environmental_equipment")
    return Makers(*(N_SECTORS + products.index(name) for name in names))


@cache
def fits() -> Records:
    """Return how each option fits each sector, shape (n_options, n_sectors); no row of the table means no fit."""
    table = load_table("option_sizing")
    records = np.zeros((N_OPTIONS, N_SECTORS), FIT).view(np.recarray)
    place_of_option = {name: k for k, name in enumerate(load_table("options")["option"])}
    place_of_sector = {name: s for s, name in enumerate(load_table("sectors")["sector"])}
    for row in table.itertuples():
        record = records[place_of_option[row.option], place_of_sector[row.sector]]
        for name in FIT.names[:-2] if FIT.names else ():
            record[name] = getattr(row, name)
        record["sizing_base"] = SIZING_BASES.index(row.sizing_base)
        record["switch_carrier"] = (
            CARRIER_NAMES.index(row.switch_carrier) if row.switch_carrier in CARRIER_NAMES else -1
        )
    return records


@cache
def lines_of_products() -> NDArray[np.int64]:
    """Return the option that stands for the line each green product is made on, -1 for none, shape (n_products,)."""
    options = list(load_table("options")["option"])
    return np.array([options.index(line) if line else -1 for line in load_table("products")["line"]], np.int64)


def markets(seed: int, draw: int | None) -> Records:
    """Return growth and price terms of every segment: the sectors' ordinary products, then the green products."""
    records = _central_markets().copy()
    for table, rows, growth, price in (
        ("sectors", records[:N_SECTORS], SECTOR_GROWTH, SECTOR_PRICE),
        ("products", records[N_SECTORS:], PRODUCT_GROWTH, PRODUCT_PRICE),
    ):
        rows["growth"] = drawn_column(seed, draw, growth, table, "growth_low", "growth", "growth_high")
        rows["price_growth"] = drawn_column(seed, draw, price, table, "price_low", "price_growth", "price_high")
    return records


@cache
def _central_markets() -> Records:
    sectors, products = load_table("sectors"), load_table("products")
    records = np.zeros(len(sectors) + len(products), MARKET).view(np.recarray)
    for name in ("growth_2021", "growth_after", "price_2021"):
        records[name] = np.concatenate([sectors[name], products[name]])
    records["dispatched"][: len(sectors)] = (sectors["sector"] == "coal_power").to_numpy()
    green = records[len(sectors) :]
    green["green"] = True
    green["tourism"] = (products["product"] == "ecological_tourism").to_numpy()
    for name in ("margin_premium", "conversion_capex", "conversion_quarters", "convertible"):
        green[name] = products[name].to_numpy()
    records["line"] = -1
    green["line"] = lines_of_products()
    return records


@cache
def machinery() -> int:
    """Return the segment that sells the equipment of new capacity."""
    return list(load_table("sectors")["sector"]).index("machinery")


@cache
def input_coefficients() -> NDArray[np.float64]:
    """Return yuan of a sector's product per yuan of a buyer's output, (n_sectors, n_sectors), energy rows left out."""
    names = list(load_table("sectors")["sector"])
    table = load_table("input_output").pivot(index="supplier", columns="buyer", values="coefficient")
    matrix = table.reindex(index=names, columns=names).fillna(0.0).to_numpy(np.float64).copy()
    for supplier in load_table("charged_elsewhere")["supplier"]:
        if supplier in names:
            matrix[names.index(supplier)] = 0.0
    return matrix


@cache
def input_mix() -> NDArray[np.float64]:
    """Return the shares of supplier sectors in what each buyer sector buys, columns summing to one."""
    matrix = input_coefficients()
    totals = matrix.sum(axis=0)
    return matrix / np.where(totals > 0.0, totals, 1.0)


def sector_column(name: str) -> NDArray[Any]:
    """Return one column of sectors.csv, shape (n_sectors,)."""
    return load_table("sectors")[name].to_numpy()
