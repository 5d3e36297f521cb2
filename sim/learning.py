"""Phase 15: options get cheaper with the outside trend and with local experience of installing them."""

from agents._compiled import part
from agents.codes import N_OPTIONS
from agents.retrofit import has, next_capex_index
from sim.setting import Setting, World
from sim.state import State


@part
def learn(world: World, setting: Setting, state: State) -> None:
    """Write the cost index of every option; reads what share of the rows it fits has it."""
    if setting.mechanisms.learning <= 0.0:
        return
    for option in range(N_OPTIONS):
        fitting, having = 0, 0
        for i in range(world.firms.size):
            if state.trade[i].active and has(world.firms[i].eligible, option):
                fitting += 1
                if has(state.agenda[i].adopted, option):
                    having += 1
        gained = having / fitting if fitting > 0 else 0.0
        offer = setting.options[option]
        state.costs[option].outside_index *= 1.0 - 0.25 * offer.outside_trend
        state.costs[option].capex_index = next_capex_index(
            state.costs[option].outside_index,
            setting.behaviour.soft_cost_share,
            gained,
            state.costs[option].opening_share,
        )
