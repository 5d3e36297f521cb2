"""Public programmes: what developers of renewable plants order from local makers, and what the district pays."""

from agents import codes
from agents._compiled import part
from agents._rows import Rows
from agents.government import FARMING, INCUBATION, TOURISM
from agents.mathematics import whole
from agents.programmes import built, incubating, project_cost
from sim.phases.demography import SMALL
from sim.phases.noticing import spend
from sim.phases.orders import order_locally
from sim.setting import Moment, Setting, World
from sim.state import State


@part
def pay_programmes(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Book what incubation, circular farming and eco-tourism cost the district this quarter."""
    policy, till = moment.policy, state.till
    if incubating(policy):
        for i in range(world.firms.size):
            if state.standing[i].active and in_incubator(world.firms[i], state.trade[i]):
                spend(INCUBATION, whole(0.25 * policy.incubation_cost * world.firms[i].weight * codes.FEN), till)
    if setting.mechanisms.ecology > 0.0:
        farming = policy.circular_agriculture_cost * policy.circular_agriculture_coverage
        spend(FARMING, whole(0.25 * farming * codes.FEN), till)
        spend(TOURISM, whole(0.25 * policy.eco_tourism_cost * policy.eco_tourism_pull * codes.FEN), till)


@part
def in_incubator(firm: Rows, trade: Rows) -> bool:
    """Whether a firm is young, small and makes a green product."""
    return firm.entrant and firm.size_class <= SMALL and trade.green_capacity > 0.0


@part
def order_renewables(setting: Setting, moment: Moment, segments: Rows) -> None:
    """Add what developers spend on renewable plants to the orders of local makers."""
    policy, makers = moment.policy, setting.makers
    order_plant(policy.renewable_projects_pv, policy.renewable_projects_pv_cost, setting, moment, segments[makers.pv])
    order_plant(
        policy.renewable_projects_wind, policy.renewable_projects_wind_cost, setting, moment, segments[makers.wind]
    )
    order_plant(
        policy.renewable_projects_biomass,
        policy.renewable_projects_biomass_cost,
        setting,
        moment,
        segments[makers.biomass],
    )


@part
def order_plant(megawatts: float, unit_cost: float, setting: Setting, moment: Moment, segment: Rows) -> None:
    """Order one kind of plant of so many MW a year."""
    cost = project_cost(built(megawatts, moment.policy), unit_cost)
    order_locally(whole(cost * codes.FEN), setting, segment)
