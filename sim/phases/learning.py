"""Phase 15: options get cheaper with the outside trend and with local experience of installing them."""

from agents._compiled import part
from agents.codes import N_OPTIONS, N_PARKS
from agents.retrofit import next_capex_index
from sim.phases.noticing import count_adopters
from sim.setting import Setting, World
from sim.state import Counts, State


@part
def learn(world: World, setting: Setting, state: State) -> None:
    """Write who has what at the end of the quarter, and the cost index of every option, which follows it."""
    count_adopters(world.firms, state)
    if setting.mechanisms.learning <= 0.0:
        return
    for option in range(N_OPTIONS):
        cost = state.costs[option]
        gained = adopter_share(option, state.counts)
        cost.outside_index *= 1.0 - 0.25 * setting.options[option].outside_trend
        cost.capex_index = next_capex_index(
            cost.outside_index, setting.behaviour.soft_cost_share, gained, cost.opening_share
        )


@part
def adopter_share(option: int, counts: Counts) -> float:
    """Share of the active rows that an option fits that have it; 0 where it fits none."""
    fitting, having = 0, 0
    for park in range(N_PARKS):
        fitting += counts.park_fitting[park, option]
        having += counts.park[park, option]
    return having / fitting if fitting > 0 else 0.0
