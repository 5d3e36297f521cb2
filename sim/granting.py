"""Phase 8: grant programmes rank the applications and pay until the purse is empty."""

from agents import codes
from agents._compiled import kernel
from agents.government import CONVERSION, PV, programme_terms
from agents.mathematics import whole
from agents.retrofit import ranking_merit
from sim.draws import uniform
from sim.rationing import ration


@kernel
def grant_subsidies(world, setting, moment, state):
    """Write grants allowed; firms that need one and get none withdraw. Nothing is paid before money is found."""
    for programme in range(1, CONVERSION + 1):
        if moment.quarter % 4 == 0:
            state.purses.left[programme] = whole(programme_terms(programme, moment.policy).purse * codes.FEN)
        n_applicants = 0
        for i in range(world.firms.firm.size):
            amount = claim(i, programme, state.proposals)
            if amount > 0:
                state.workspace.order[n_applicants] = i
                state.workspace.amount[i] = amount
                state.workspace.rank[i] = rank_of(i, programme, amount, world.firms, moment, state)
                state.purses.asked[programme] += amount
                n_applicants += 1
        ration(n_applicants, state.purses.left[programme], world.firms.firm, state.workspace)
        for place in range(n_applicants):
            answer(state.workspace.order[place], programme, state)


@kernel
def claim(i, programme, proposals):
    """What a firm asks of a programme this quarter, fen."""
    if programme == CONVERSION:
        return proposals.conversion_grant[i] if proposals.conversion_cost[i] > 0 else 0
    if proposals.option[i] >= 0 and proposals.programme[i] == programme:
        return proposals.grant[i]
    return 0


@kernel
def rank_of(i, programme, amount, firms, moment, state):
    """Place of an application in the programme's order: saving per yuan asked, or a lot."""
    if programme < PV and moment.policy.retrofit_grant_ranking >= 0.5:
        return ranking_merit(float(state.proposals.saving[i]), float(amount))
    return uniform(moment.seed, firms.firm[i], programme, moment.quarter, codes.GRANT_TIE, moment.replicate)


@kernel
def answer(i, programme, state):
    """Write the refusal of one application."""
    proposals = state.proposals
    if state.workspace.granted[i]:
        return
    if programme == CONVERSION:
        proposals.conversion_grant[i] = 0
        return
    proposals.grant[i] = 0
    if proposals.needs_grant[i]:
        proposals.option[i] = -1
        state.agenda.reason[i] = codes.PURSE_EMPTY
