"""What authorities order or forbid: abatement, small coal boilers, outdated capacity, energy-intensive growth.

Orders reach the share of firms that the policy names; which firms is drawn once for each firm and option, and outdated
capacity goes by energy per output, the highest first.
"""

from agents._compiled import rule
from agents.government import Policy


@rule
def limit_coverage(policy: Policy) -> float:
    """Share of the firms an abatement option fits that are under orders to have it."""
    share = policy.emission_limits_coverage + policy.emission_limits_offset
    if share < 0.0:
        return 0.0
    return share if share < 1.0 else 1.0


@rule
def boiler_coverage(coal: float, firms: float, policy: Policy) -> float:
    """Share of such firms ordered to replace their coal boilers; `coal` is the yearly use in 2020 of the row, tce."""
    small = 0.0 < coal <= policy.coal_substitution_size * firms
    return policy.coal_substitution_boilers if small else 0.0


@rule
def dispatch(hours: float, policy: Policy) -> float:
    """Running hours of the coal station over those of 2020, after what the district's coal plan takes off."""
    return hours * (1.0 - policy.coal_substitution_station_cut)


@rule
def closed_part(first: float, last: float, policy: Policy) -> int:
    """Hundredths of a row's ordinary capacity that count as outdated by now.

    The row takes the places from `first` to `last` of its sector's capacity in the order of energy per output, as
    shares; the law closes the beginning of that order.
    """
    ordered = policy.phase_out_share - first
    if ordered <= 0.0 or last <= first:
        return 0
    part = ordered / (last - first)
    return int(100.0 * (part if part < 1.0 else 1.0))


@rule
def compensation(closed: float, policy: Policy) -> float:
    """What the district pays for closed capacity, 万元; `closed` in 万元 of output a quarter."""
    return policy.phase_out_compensation * 4.0 * closed


@rule
def allowed_expansion(wanted: float, intensive: bool, policy: Policy) -> float:
    """Ordinary capacity that a firm may add, 万元 a quarter: less in energy-intensive sectors."""
    return wanted * (1.0 - policy.high_energy_limits_expansion) if intensive else wanted


@rule
def allowed_arrivals(hazard: float, intensive: bool, green: bool, policy: Policy) -> float:
    """Yearly hazard of an arrival after limits on energy-intensive projects; makers of green products are let in."""
    return hazard * (1.0 - policy.high_energy_limits_entry) if intensive and not green else hazard
