"""Public programmes that reach firms from outside: renewable projects, incubation, farming, tourism, forest carbon."""

from agents._compiled import rule
from agents.government import Policy


@rule
def built(megawatts: float, policy: Policy) -> float:
    """Capacity of renewable projects that comes into operation in a quarter, MW; `megawatts` are those of a year."""
    return 0.25 * megawatts * policy.renewable_projects_multiplier


@rule
def project_cost(megawatts: float, unit_cost: float) -> float:
    """What developers spend on so many MW, 万元; `unit_cost` in 万元 per kW."""
    return 1000.0 * megawatts * unit_cost


@rule
def incubated_arrivals(hazard: float, small: bool, green: bool, policy: Policy) -> float:
    """Yearly hazard of an arrival, with incubation for small makers of green products."""
    return hazard * policy.incubation_entry if small and green else hazard


@rule
def incubated_closure(hazard: float, young: bool, small: bool, green: bool, policy: Policy) -> float:
    """Chance of closing for other causes than debt: incubation keeps some of the young, small and green."""
    return hazard * (1.0 - policy.incubation_survival) if young and small and green else hazard


@rule
def incubating(policy: Policy) -> bool:
    """Whether there is an incubator to pay for."""
    return policy.incubation_entry > 1.0 or policy.incubation_survival > 0.0


@rule
def farm_materials(materials: float, policy: Policy) -> float:
    """Purchased inputs of farms, 万元: recycled straw and manure replace fertiliser and feed on the land reached."""
    return materials * (1.0 - policy.circular_agriculture_coverage * policy.circular_agriculture_saving)


@rule
def farm_runoff(policy: Policy) -> float:
    """What is left of the COD and ammonia of farms, share."""
    return 1.0 - policy.circular_agriculture_coverage * policy.circular_agriculture_cut


@rule
def sink_income(share: float, policy: Policy) -> float:
    """What a forest owner earns a quarter with a share of the district's certified carbon sink, 万元."""
    return 0.25 * share * policy.forest_carbon_sink * policy.forest_carbon_price * 0.0001
