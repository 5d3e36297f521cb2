"""Phase 8: grant programmes rank the applications and pay until the purse is empty."""

from agents import codes
from agents._compiled import part
from agents._rows import Rows
from agents.government import CONVERSION, RETROFIT, programme_terms
from agents.mathematics import whole
from agents.retrofit import ranking_merit
from sim.draws import uniform
from sim.rationing import ration
from sim.setting import Moment, Setting, World
from sim.state import State


@part
def grant_subsidies(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write grants allowed; firms that need one and get none withdraw. Nothing is paid before money is found."""
    for programme in range(1, CONVERSION + 1):
        if moment.quarter % 4 == 0:
            state.till.purses[programme].left = whole(programme_terms(programme, moment.policy).purse * codes.FEN)
        n_applicants = 0
        for i in range(world.firms.size):
            amount = claim(i, programme, state.proposals)
            if amount > 0:
                state.order[n_applicants] = i
                state.desk[i].amount = amount
                state.desk[i].rank = rank_of(i, programme, amount, world.firms, moment, state.proposals)
                state.till.purses[programme].asked += amount
                n_applicants += 1
        ration(n_applicants, state.till.purses[programme].left, world.firms, state.order, state.desk)
        for place in range(n_applicants):
            i = state.order[place]
            answer(i, programme, state.proposals, state.agenda, state.desk[i].granted)


@part
def claim(i: int, programme: int, proposals: Rows) -> int:
    """What a firm asks of a programme this quarter, fen."""
    if programme == CONVERSION:
        return proposals[i].conversion_grant if proposals[i].conversion_cost > 0 else 0
    if proposals[i].option >= 0 and proposals[i].programme == programme:
        return proposals[i].grant
    return 0


@part
def rank_of(i: int, programme: int, amount: int, firms: Rows, moment: Moment, proposals: Rows) -> float:
    """Place of an application in the programme's order: saving per yuan asked, or a lot."""
    if programme == RETROFIT and moment.policy.retrofit_grant_ranking >= 0.5:
        return ranking_merit(float(proposals[i].saving), float(amount))
    return uniform(moment.seed, firms[i].firm, programme, moment.quarter, codes.GRANT_TIE, moment.replicate)


@part
def answer(i: int, programme: int, proposals: Rows, agenda: Rows, granted: bool) -> None:
    """Write the refusal of one application."""
    if granted:
        return
    if programme == CONVERSION:
        proposals[i].conversion_grant = 0
        return
    proposals[i].grant = 0
    if proposals[i].needs_grant:
        proposals[i].option = -1
        agenda[i].reason = codes.PURSE_EMPTY
