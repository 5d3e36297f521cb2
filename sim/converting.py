"""Phase 11: firms plan to turn part of their capacity from the ordinary to the green product."""

from agents import codes
from agents._compiled import part
from agents._rows import Rows
from agents.government import CONVERSION, grant_claim, programme_terms
from agents.mathematics import whole
from agents.product import conversion_advantage, conversion_probability
from agents.retrofit import annuity_factor
from sim.draws import uniform
from sim.markets import green_segment
from sim.setting import Moment, Setting, World
from sim.state import State


@part
def convert_products(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write next quarter's conversion plans; reads markets and what share of each sector's makers is green."""
    if setting.mechanisms.conversion <= 0.0:
        return
    count_green_makers(world.firms, state.trade, state.tally)
    for i in range(world.firms.size):
        if state.trade[i].active and world.firms[i].product >= 0:
            plan_conversion(i, world, setting, moment, state)


@part
def count_green_makers(firms: Rows, trade: Rows, tally: Rows) -> None:
    """Write how many rows of each sector are active, and how many of them sell a green product."""
    for sector in range(tally.size):
        tally[sector].rows = 0
        tally[sector].green_rows = 0
    for i in range(firms.size):
        if trade[i].active:
            tally[firms[i].sector].rows += 1
            if trade[i].green_capacity > 0.0:
                tally[firms[i].sector].green_rows += 1


@part
def plan_conversion(i: int, world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write the plan of one firm, if it makes one."""
    firms, trade, works = world.firms, state.trade, state.works
    market = setting.markets[green_segment(firms[i].product)]
    busy = works[i].conversion_left > 0 or works[i].expansion_left > 0 or state.proposals[i].expansion_cost > 0
    if busy or not market.convertible or trade[i].brown_capacity <= 0.0:
        return
    sector = firms[i].sector
    growth = setting.markets[sector].growth
    advantage = conversion_advantage(market.margin_premium, market.growth, growth, setting.conversion.horizon)
    size = setting.conversion.step * trade[i].brown_capacity
    cost = 4.0 * setting.firm.target_utilisation * size * market.conversion_capex
    grant = conversion_grant(cost, firms[i].weight, setting, moment)
    paid_share = (cost - grant) / cost if cost > 0.0 else 1.0
    cost_share = paid_share * market.conversion_capex
    cost_share /= annuity_factor(moment.prices.loan_rate, setting.finance.loan_years)
    peers = state.tally[sector].green_rows / state.tally[sector].rows
    chance = conversion_probability(advantage, cost_share, peers, setting.conversion)
    draw = uniform(moment.seed, firms[i].firm, 0, moment.quarter, codes.CONVERT, moment.replicate)
    if draw < chance:
        state.proposals[i].conversion = size
        state.proposals[i].conversion_cost = whole(cost * codes.FEN)
        state.proposals[i].conversion_grant = whole(grant * codes.FEN)


@part
def conversion_grant(cost: float, firms: float, setting: Setting, moment: Moment) -> float:
    """Grant that a conversion may claim, 万元."""
    if setting.mechanisms.grants <= 0.0:
        return 0.0
    return grant_claim(cost, firms, programme_terms(CONVERSION, moment.policy))
