"""What a quarter is told: the world of one population, the setting of one run, and the moment.

Every phase takes `(world, setting, moment, state)`: the first three are read, the last is written.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents._rows import Flag, Number, Row, Rows
from agents.bank import Finance
from agents.certification import CertificationRules
from agents.energy import Factors, Prices
from agents.firm import FirmRules, Floats
from agents.government import Policy
from agents.market import MarketRules
from agents.mechanisms import Mechanisms
from agents.network import Candidates, Links, SwitchingRules
from agents.product import ConversionRules
from agents.retrofit import Behaviour
from agents.symbiosis import SymbiosisRules


class SectorTraits(Row):
    """What a sector is to the law and to a planner, shape (n_sectors,)."""

    intensive: Flag  # energy-intensive by law
    capital_output: Number  # capital per yearly output
    farm: Flag  # crops and livestock
    forest: Flag
    output: Number  # of the firms present at the end of 2020, 万元 a quarter
    power: Flag  # power stations under the national carbon market
    electricity: Number  # mean use of electricity at the end of 2020, tce per 万元
    spare_ratio: Number  # rows present at the start over spare rows for arrivals


class Makers(NamedTuple):
    """Segments that sell the equipment of renewable projects."""

    pv: int
    wind: int
    biomass: int


class World(NamedTuple):
    """One population: shared by all its replicates and never written to."""

    firms: Rows  # agents.firm.Firms and Fitness, one record for each row
    links: Links
    candidates: Candidates  # who could pass by-products to whom
    sectors: Rows  # SectorTraits
    input_mix: Floats  # (n_sectors, n_sectors) shares of supplier sectors in what a buyer sector buys


class Setting(NamedTuple):
    """What holds for a whole run: catalogues as record arrays and numbers drawn once per parameter draw."""

    options: NDArray[np.void]  # (n_options,) options.csv
    fits: NDArray[np.void]  # (n_options, n_sectors) option_sizing.csv
    markets: NDArray[np.void]  # (n_segments,) growth, prices and conversion of segments
    behaviour: Behaviour
    firm: FirmRules
    finance: Finance
    market: MarketRules
    conversion: ConversionRules
    switching: SwitchingRules
    symbiosis: SymbiosisRules
    certificates: NDArray[np.void]  # (N_CERTIFICATES,) certificates.csv
    benchmarks: Rows  # agents.certification.Benchmarks, (n_sectors,)
    certification: CertificationRules
    factors: Factors
    mechanisms: Mechanisms
    makers: Makers
    machinery: int  # segment that sells the equipment of new capacity
    streams: NDArray[np.void]  # (n_streams,) agents.symbiosis.Stream
    roles: NDArray[np.void]  # (n_streams, n_sectors) agents.symbiosis.Role
    feeds: Floats  # (n_products, n_streams) kg of by-product per 万元 of green product
    rest_waste: Floats  # (n_sectors,) share of solid waste that no stream describes
    base_policy: Policy  # in force at the end of 2020: part of the base year's costs


class Moment(NamedTuple):
    """The quarter, its outside prices and policies, and whose luck it is."""

    quarter: int  # 0 is 2021Q1
    seed: int
    replicate: int
    prices: Prices
    policy: Policy
