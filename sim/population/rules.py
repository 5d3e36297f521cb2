"""The numbers that shape a population beside its tables, and the error of a population that cannot be built."""

from typing import NamedTuple


class PopulationError(ValueError):
    """A population that its numbers do not allow; the message names the marginal."""


class PopulationRules(NamedTuple):
    """How a population is drawn; declared in configs/population.yaml."""

    size_sigma: float  # standard deviation of log size, above-scale firms
    size_zipf: float  # exponent of the tail
    tail_share: float  # share of firms in the tail
    size_jitter: float  # share of its place in the order of sizes within which a firm is drawn
    arrival_rank: float  # highest rank among present firms that the size of an arrival can take
    small_size_sigma: float  # standard deviation of log size, units below scale
    above_scale_revenue: float  # 万元 a year, least revenue of an above-scale firm
    medium_revenue: float  # 万元 a year from which a firm counts as medium
    large_revenue: float  # 万元 a year from which a firm counts as large
    intensity_sigma: float  # standard deviation of the log intensity of a carrier or pollutant within a sector
    intensity_common_share: float  # share of that variance common to all carriers of a firm
    intensity_bound: float  # largest intensity over the median, and median over the smallest
    counted_size: float  # 万元 a year, size from which the published counts call a firm large
    counted_larger_size: float  # 万元 a year, size from which they call it one of the largest
    value_added_sigma: float  # standard deviation of the log value-added share within a sector
    value_added_bound: float  # largest value-added share over the sector mean, before raking
    margin_sigma: float  # standard deviation of the margin over its sector mean
    green_spread: float  # largest deviation of a maker's green share from that of its product, over the latter
    roof_sigma: float  # standard deviation of log roof per output
    balance_sigma: float  # standard deviation of log cash and log debt over sales
    low_utilisation: float  # of capacity at the end of 2020
    base_utilisation: float
    high_utilisation: float
    cash_months: float  # months of sales kept as cash
    interest_bearing_share: float  # of liabilities that are loans
    interest_cover: float  # yearly margin over interest that banks asked for at the start
    base_loan_rate: float  # 1/yr
    debt_limit: float  # debt over net fixed capital
    payback_small_low: float  # yr, small firms' longest payback, triangular
    payback_small: float
    payback_small_high: float
    payback_large_low: float  # yr, medium and large firms
    payback_large: float
    payback_large_high: float
    mean_age: float  # yr
    largest_age: float  # yr
    elsewhere_large_ratio: float  # odds of a medium or large firm outside the parks over those of a small one
    spare_share: float  # rows kept for arrivals over initial rows
    spare_above_share: float  # of the spare rows of industry that will be above scale
    relocated_share: float  # of spare rows that move in from another district
    service_row_share: float  # rows per unit outside industry over rows per small industrial unit
    toy_above_share: float  # rows of above-scale firms in a run too small for all of them
    solar_host_share: float  # of above-scale firms with solar panels at the end of 2020
    minimum_margin: float  # share of output
    minimum_material: float  # share of output
    energy_factor_low: float  # bounds of the factor on sector energy intensities
    energy_factor_high: float
    value_added_factor_low: float  # bounds of the factor on sector value-added shares
    value_added_factor_high: float
