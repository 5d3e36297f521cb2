"""What a firm is: its fixed traits, its state, and the rules of its accounts.

Columns are NamedTuples of 1-D arrays with one entry per row of the district. A row of weight w stands for w real
firms; extensive columns hold the total of the row. Money is kept in whole fen (int64); rules compute in 万元.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents._compiled import rule

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Codes = NDArray[np.int8]
Flags = NDArray[np.bool_]


class Firms(NamedTuple):
    """Fixed traits of every row, shape (n_firms,); made once per population and shared by all replicates."""

    firm: Whole  # stable id; never the array position
    sector: Codes  # row of sectors.csv
    park: Codes  # row of parks.csv
    product: Codes  # row of products.csv, the one green product it makes or could turn to; -1 none
    bank: Codes
    size_class: Codes  # 0 below scale, 1 small, 2 medium, 3 large
    anchor: Codes  # 1 + row of anchors.csv, 0 for none
    above_scale: Flags  # yearly revenue of 20 million yuan or more
    entrant: Flags  # spare row, not active at the start
    relocated: Flags  # entrant that moves in from another district
    small_power: Flags  # buys electricity at the one-part tariff
    weight: Floats  # real firms behind the row
    east: Floats  # km
    north: Floats  # km
    payback_cutoff: Floats  # yr
    age: Floats  # yr at the end of 2020
    base_output: Floats  # 万元 a quarter, 2020 prices
    base_capacity: Floats  # 万元 a quarter
    base_green_share: Floats  # share of capacity that makes the green product
    value_added_share: Floats  # share of output, base prices
    wage_share: Floats
    net_tax_share: Floats  # taxes less subsidies on production
    depreciation_share: Floats
    base_margin: Floats  # operating surplus over output
    material_share: Floats  # purchased inputs other than energy
    coal_intensity: Floats  # tce per 万元 output, coke included
    gas_intensity: Floats
    oil_intensity: Floats
    electricity_intensity: Floats
    heat_intensity: Floats
    electricity_sold: Floats  # tce per 万元 output, power stations
    heat_sold: Floats
    process_intensity: Floats  # t CO2 per 万元
    nox_intensity: Floats  # kg per 万元
    voc_intensity: Floats
    cod_intensity: Floats
    ammonia_intensity: Floats
    water_intensity: Floats  # m3 per 万元
    waste_intensity: Floats  # t per 万元
    roof_area: Floats  # m2
    pv_capacity: Floats  # kW at the end of 2020
    cash: Whole  # fen at the end of 2020
    debt: Whole
    capital: Whole  # net fixed capital
