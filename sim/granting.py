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
            state.purses[programme].left = whole(programme_terms(programme, moment.policy).purse * codes.FEN)
        n_applicants = 0
        for i in range(world.firms.size):
            amount = claim(i, programme, state.proposals)
            if amount > 0:
                state.order[n_applicants] = i
                state.desk[i].amount = amount
                state.desk[i].rank = rank_of(i, programme, amount, world.firms, moment, state)
                state.purses[programme].asked += amount
                n_applicants += 1
        ration(n_applicants, state.purses[programme].left, world.firms, state)
        for place in range(n_applicants):
            answer(state.order[place], programme, state)


@kernel
def claim(i, programme, proposals):
    """What a firm asks of a programme this quarter, fen."""
    if programme == CONVERSION:
        return proposals[i].conversion_grant if proposals[i].conversion_cost > 0 else 0
    if proposals[i].option >= 0 and proposals[i].programme == programme:
        return proposals[i].grant
    return 0


@kernel
def rank_of(i, programme, amount, firms, moment, state):
    """Place of an application in the programme's order: saving per yuan asked, or a lot."""
    if programme < PV and moment.policy.retrofit_grant_ranking >= 0.5:
        return ranking_merit(float(state.proposals[i].saving), float(amount))
    return uniform(moment.seed, firms[i].firm, programme, moment.quarter, codes.GRANT_TIE, moment.replicate)


@kernel
def answer(i, programme, state):
    """Write the refusal of one application."""
    proposals = state.proposals
    if state.desk[i].granted:
        return
    if programme == CONVERSION:
        proposals[i].conversion_grant = 0
        return
    proposals[i].grant = 0
    if proposals[i].needs_grant:
        proposals[i].option = -1
        state.agenda[i].reason = codes.PURSE_EMPTY
