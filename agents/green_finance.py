"""Money beside the bank's own: re-lending by the central bank, and bonds of large firms for large green projects.

Re-lending refinances part of the green loans at a lower rate (carbon_reduction_facility); banks pass a part of what
they save on to borrowers. Banks hold the bonds, as they do in China: to a firm a bond is credit beyond its bank limit.
"""

from agents._compiled import rule
from agents.government import Policy


@rule
def green_quota(policy: Policy) -> float:
    """New loans of the green window, 万元 a year."""
    return policy.green_credit_quota + policy.relending_quota


@rule
def green_discount(policy: Policy) -> float:
    """What a green loan costs less than a usual one, 1/yr."""
    passed_on = policy.relending_pass_through * policy.relending_share * policy.relending_rate_cut
    return policy.green_credit_discount + passed_on


@rule
def refinancing(lent: float, green: float, rate: float, policy: Policy) -> float:
    """What banks pay outside in a quarter for money lent, in the unit of `lent`; `green` is part of it."""
    return 0.25 * (rate * lent - policy.relending_share * policy.relending_rate_cut * green)


@rule
def interest_support(green: float, policy: Policy) -> float:
    """What the district pays banks in a quarter for the discount of their green loans, in the unit of `green`."""
    return 0.25 * policy.green_credit_paid_share * policy.green_credit_discount * green


@rule
def bond_limit(cost: float, firms: float, large: bool, policy: Policy) -> float:
    """Leverage added to the bank limit for a green project of so many 万元: large firms with large projects alone."""
    return policy.green_bonds_limit if large and cost >= policy.green_bonds_size * firms else 0.0
