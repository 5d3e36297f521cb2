"""Phase 11: firms plan to turn part of their capacity from the ordinary to the green product."""

from agents import codes
from agents._compiled import kernel
from agents.government import CONVERSION, grant_claim, programme_terms
from agents.mathematics import whole
from agents.product import conversion_advantage, conversion_probability
from agents.retrofit import annuity_factor
from sim.draws import uniform
from sim.markets import green_segment


@kernel
def convert_products(world, setting, moment, state):
    """Write next quarter's conversion plans; reads markets and what share of each sector's makers is green."""
    if setting.mechanisms.conversion <= 0.0:
        return
    count_green_makers(world.firms, state)
    for i in range(world.firms.firm.size):
        if state.trade.active[i] and world.firms.product[i] >= 0:
            plan_conversion(i, world, setting, moment, state)


@kernel
def count_green_makers(firms, state):
    """Write how many rows of each sector are active, and how many of them sell a green product."""
    work = state.workspace
    work.sector_rows[:] = 0
    work.green_rows[:] = 0
    for i in range(firms.firm.size):
        if state.trade.active[i]:
            work.sector_rows[firms.sector[i]] += 1
            if state.trade.green_capacity[i] > 0.0:
                work.green_rows[firms.sector[i]] += 1


@kernel
def plan_conversion(i, world, setting, moment, state):
    """Write the plan of one firm, if it makes one."""
    firms, trade, works = world.firms, state.trade, state.works
    market = setting.markets[green_segment(firms.product[i])]
    busy = works.conversion_left[i] > 0 or works.expansion_left[i] > 0 or state.proposals.expansion_cost[i] > 0
    if busy or not market.convertible or trade.brown_capacity[i] <= 0.0:
        return
    sector = firms.sector[i]
    advantage = conversion_advantage(
        market.margin_premium, market.growth, setting.markets[sector].growth, setting.conversion.horizon
    )
    cost_share = market.conversion_capex / annuity_factor(moment.prices.loan_rate, setting.finance.loan_years)
    peers = state.workspace.green_rows[sector] / max(1, state.workspace.sector_rows[sector])
    chance = conversion_probability(advantage, cost_share, peers, setting.conversion)
    draw = uniform(moment.seed, firms.firm[i], 0, moment.quarter, codes.CONVERT, moment.replicate)
    if draw < chance:
        write_plan(i, market, firms, setting, moment, state)


@kernel
def write_plan(i, market, firms, setting, moment, state):
    """Write size, cost and grant claimed of a conversion."""
    size = setting.conversion.step * state.trade.brown_capacity[i]
    yearly_output = 4.0 * setting.firm.target_utilisation * size
    cost = yearly_output * market.conversion_capex
    grant = 0.0
    if setting.mechanisms.grants > 0.0:
        grant = grant_claim(cost, firms.weight[i], programme_terms(CONVERSION, moment.policy))
    state.proposals.conversion[i] = size
    state.proposals.conversion_cost[i] = whole(cost * codes.FEN)
    state.proposals.conversion_grant[i] = whole(grant * codes.FEN)
