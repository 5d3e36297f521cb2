"""What a firm is to a by-product stream: what it has, what others ask of it, how far its partner is."""

from math import sqrt

from agents._compiled import part
from agents._rows import Rows
from agents.mathematics import whole
from agents.symbiosis import PerOutput, base_amount


@part
def per_output(plant: Rows) -> PerOutput:
    """What the plant of a firm takes in and leaves per 万元, as it stands now."""
    fuel = plant.coal + plant.gas + plant.oil
    return PerOutput(plant.coal, fuel, plant.electricity, plant.water, plant.waste, plant.cod)


@part
def arising(role: Rows, output: float, now: PerOutput) -> int:
    """What arises of a by-product at a firm, kg."""
    return whole(role.giver_rate * base_amount(role.giver_base, output, now))


@part
def usable(amount: int, recoverable_share: float) -> int:
    """What partners can use of so much by-product, kg."""
    return int(float(amount) * recoverable_share)


@part
def outside_claim(of: Rows, before: float, amount: int) -> int:
    """What outside takers and the giver itself ask for, kg: a share of the larger of what arises now and in 2020.

    `before` is what arose in 2020, nothing at one that came later.
    """
    return whole(of.outside_share * max(before, float(amount)))


@part
def outside_part(outside: int, supply: int) -> float:
    """Share of a giver's usable by-product that would go outside without links."""
    if outside >= supply:
        return 1.0
    return float(outside) / float(supply)


@part
def pair_distance(giver: Rows, taker: Rows) -> float:
    """Straight-line distance between two firms, km."""
    east, north = giver.east - taker.east, giver.north - taker.north
    return sqrt(east * east + north * north)
