"""Phase 8: grant programmes rank the applications and pay until the purse is empty."""

from agents import codes
from agents._compiled import part
from agents._rows import Rows
from agents.government import CONVERSION, RETROFIT, programme_terms
from agents.mathematics import whole
from agents.retrofit import ranking_merit
from sim.draws import uniform
from sim.phases.noting import note
from sim.phases.rationing import ration
from sim.setting import Moment, Setting, World
from sim.state import Log, State


@part
def grant_subsidies(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write grants allowed; firms that need one and get none withdraw. Nothing is paid before money is found."""
    for programme in range(1, CONVERSION + 1):
        purse = state.till.purses[programme]
        if moment.quarter % 4 == 0:
            purse.left = whole(programme_terms(programme, moment.policy).purse * codes.FEN)
        n_applicants = 0
        for i in range(world.firms.size):
            proposal, desk = state.proposals[i], state.desk[i]
            amount = claim(programme, proposal)
            if amount > 0:
                state.order[n_applicants] = i
                desk.amount = amount
                desk.rank = rank_of(programme, amount, world.firms[i], moment, proposal)
                purse.asked += amount
                purse.applicants += thousandths(world.firms[i])
                note_application(i, codes.APPLIED, programme, amount, proposal, state.log)
                n_applicants += 1
        ration(n_applicants, purse.left, world.firms, state)
        for place in range(n_applicants):
            i = state.order[place]
            proposal, amount = state.proposals[i], state.desk[i].amount
            if not proposal.granted:
                purse.refused += thousandths(world.firms[i])
                note_application(i, codes.REFUSED, programme, amount, proposal, state.log)
                refuse(programme, proposal)


@part
def claim(programme: int, proposal: Rows) -> int:
    """What a firm asks of a programme this quarter, fen."""
    if programme == CONVERSION:
        return proposal.conversion_grant if proposal.conversion_cost > 0 else 0
    if proposal.option >= 0 and proposal.programme == programme:
        return proposal.grant
    return 0


@part
def note_application(i: int, kind: int, programme: int, amount: int, proposal: Rows, log: Log) -> None:
    """Note an application or its refusal, and whether the firm wants to go ahead without the grant."""
    subject, needs = proposal.option, proposal.needs_grant
    if programme == CONVERSION:
        subject, needs = codes.CONVERSION_PROJECT, proposal.conversion_needs_grant
    note(i, kind, subject, programme, codes.INDUCED if needs else codes.ALWAYS, amount, log)


@part
def thousandths(firm: Rows) -> int:
    """Real firms behind a row in thousandths, since weights need not be whole."""
    return whole(1000.0 * firm.weight)


@part
def rank_of(programme: int, amount: int, firm: Rows, moment: Moment, proposal: Rows) -> float:
    """Place of an application in the programme's order: saving per yuan asked, or a lot."""
    if programme == RETROFIT and moment.policy.retrofit_grant_ranking >= 0.5:
        return ranking_merit(float(proposal.saving), float(amount))
    return uniform(moment.seed, firm.firm, programme, moment.quarter, codes.GRANT_TIE, moment.replicate)


@part
def refuse(programme: int, proposal: Rows) -> None:
    """Write the refusal of one application."""
    if programme == CONVERSION:
        proposal.conversion_grant = 0
        if proposal.conversion_needs_grant:
            proposal.conversion_cost = 0
        return
    proposal.grant = 0
    if proposal.needs_grant:
        proposal.option = -1
        proposal.reason = codes.PURSE_EMPTY
