"""Phase 11: firms plan to turn part of their capacity from the ordinary to the green product."""

from agents import codes
from agents._compiled import part
from agents._rows import Rows
from agents.charges import relief_worth
from agents.government import CONVERSION, grant_claim, programme_terms
from agents.mathematics import whole
from agents.product import conversion_advantage, conversion_probability
from agents.retrofit import annuity_factor
from sim.draws import uniform
from sim.phases.markets import green_segment
from sim.setting import Moment, Setting, World
from sim.state import State


@part
def convert_products(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write next quarter's conversion plans; reads markets and what share of each sector's makers is green."""
    if setting.mechanisms.conversion <= 0.0:
        return
    count_green_makers(world.firms, state)
    annuity = annuity_factor(moment.prices.loan_rate, setting.finance.loan_years)
    for i in range(world.firms.size):
        firm, trade, works, proposal = world.firms[i], state.trade[i], state.works[i], state.proposals[i]
        if state.standing[i].active and firm.product >= 0 and not occupied(trade, works, proposal):
            plan_conversion(firm, state.tally[firm.sector], annuity, setting, moment, trade, works, proposal)


@part
def count_green_makers(firms: Rows, state: State) -> None:
    """Write how many active rows of each sector could make a green product, and how many of them do."""
    for sector in range(state.tally.size):
        state.tally[sector].rows = 0
        state.tally[sector].green_rows = 0
    for i in range(firms.size):
        if state.standing[i].active and firms[i].product >= 0:
            counted = state.tally[firms[i].sector]
            counted.rows += 1
            if state.trade[i].green_capacity > 0.0:
                counted.green_rows += 1


@part
def occupied(trade: Rows, works: Rows, proposal: Rows) -> bool:
    """Whether a firm is busy with its capacity already, or has nothing left to convert."""
    busy = works.conversion_left > 0 or works.expansion_left > 0 or proposal.expansion_cost > 0
    return busy or trade.brown_capacity <= 0.0


@part
def plan_conversion(
    firm: Rows, peers: Rows, annuity: float, setting: Setting, moment: Moment, trade: Rows, works: Rows, proposal: Rows
) -> None:
    """Write the plan of one firm, if it makes one; `peers` is the tally of its sector."""
    market = setting.markets[green_segment(firm.product)]
    if not market.convertible:
        return
    growth = setting.markets[firm.sector].growth
    premium = market.margin_premium + relief_worth(firm.base_margin, setting.firm, moment.policy)
    advantage = conversion_advantage(premium, market.growth, growth, setting.conversion.horizon)
    size = setting.conversion.step * trade.brown_capacity
    cost = 4.0 * setting.firm.target_utilisation * size * market.conversion_capex
    grant = conversion_grant(cost, firm.weight, setting, moment)
    paid_share = (cost - grant) / cost if cost > 0.0 else 1.0
    cost_share = paid_share * market.conversion_capex / annuity
    share = peers.green_rows / peers.rows
    chance = conversion_probability(advantage, cost_share, share, setting.conversion)
    draw = uniform(moment.seed, firm.firm, 0, moment.quarter, codes.CONVERT, moment.replicate)
    if draw < chance:
        works.conversion = size
        proposal.conversion_cost = whole(cost * codes.FEN)
        proposal.conversion_grant = whole(grant * codes.FEN)
        unaided = conversion_probability(advantage, market.conversion_capex / annuity, share, setting.conversion)
        proposal.conversion_needs_grant = draw >= unaided


@part
def conversion_grant(cost: float, weight: float, setting: Setting, moment: Moment) -> float:
    """Grant that a conversion may claim, 万元."""
    if setting.mechanisms.grants <= 0.0:
        return 0.0
    return grant_claim(cost, weight, programme_terms(CONVERSION, moment.policy))
