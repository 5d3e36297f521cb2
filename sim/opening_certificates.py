"""Who held which certificate at the end of 2020: the back-cast of what is known of 2021 (certificates.csv).

A certificate that asks for an option proves that the option is in use, so the firm has it from the start.
"""

from agents import codes
from agents._compiled import part
from agents._rows import Rows
from agents.certification import certificate_benefit, willingness
from agents.mathematics import INFINITY, log
from agents.retrofit import has, with_option
from sim.draws import uniform
from sim.phases.granting import thousandths
from sim.phases.rationing import ration
from sim.phases.scoring import application_cost, fits_step, pretends, qualified, score_of
from sim.setting import Moment, Setting
from sim.state import State

AGE = 8  # items of the draws of ages, after those of the steps


@part
def open_standing(firms: Rows, setting: Setting, moment: Moment, state: State) -> None:
    """Write the certificates of the end of 2020, likelier for firms that want them more and score higher."""
    for step in range(codes.N_CERTIFICATES):
        terms, n_candidates = setting.certificates[step], 0
        for i in range(firms.size):
            if firms[i].above_scale and candidate(i, step, terms, firms[i], setting, moment, state):
                state.desk[i].amount = thousandths(firms[i])
                state.desk[i].rank = opening_rank(i, step, terms, firms[i], setting, moment, state)
                state.order[n_candidates] = i
                n_candidates += 1
        stock = 1000 * terms.opening_stock
        ration(n_candidates, stock + 1000 * terms.opening_pending, firms, state)
        for place in range(n_candidates):
            i = state.order[place]
            if state.proposals[i].granted:
                stock = open_certificate(i, step, stock, terms, firms[i], setting, moment, state)


@part
def candidate(i: int, step: int, terms: Rows, firm: Rows, setting: Setting, moment: Moment, state: State) -> bool:
    """Whether a firm can have held a step, or won it, by the end of 2020."""
    trade, agenda = state.trade[i], state.agenda[i]
    if not (state.standing[i].active and trade.output > 0.0 and fits_step(i, step, terms, state)):
        return False
    if terms.option >= 0:
        ruled_out = setting.options[terms.option].excludes & agenda.adopted != 0
        if ruled_out or not has(firm.eligible, terms.option):
            return False
    return qualified(i, firm, terms, setting, moment, state) or pretends(firm, step, terms, setting, moment)


@part
def opening_rank(i: int, step: int, terms: Rows, firm: Rows, setting: Setting, moment: Moment, state: State) -> float:
    """Place of a candidate: those that have the option first, then a lot weighted by willingness times score."""
    rules, adopted = setting.certification, state.agenda[i].adopted
    benefit = certificate_benefit(terms.city_award, 4.0 * state.trade[i].output / firm.weight, terms.regard, 0, rules)
    cost = application_cost(terms, adopted, state.standing[i].certificates)
    weight = willingness(benefit, cost + terms.preparation, rules) * (1.0 + score_of(i, firm, setting, state))
    lot = uniform(moment.seed, firm.firm, step, 0, codes.INITIAL_CERTIFICATE, moment.replicate)
    if terms.option >= 0 and has(adopted, terms.option):
        return weight
    return log(lot) / weight if weight > 0.0 else -INFINITY


@part
def open_certificate(
    i: int, step: int, stock: int, terms: Rows, firm: Rows, setting: Setting, moment: Moment, state: State
) -> int:
    """Write one certificate, held or on its way, and what it rests on; return what is left of the stock."""
    standing, amount = state.standing[i], state.desk[i].amount
    if amount <= stock:
        stock -= amount
        standing.certificates = with_option(standing.certificates, step)
        age = uniform(moment.seed, firm.firm, step + AGE, 0, codes.INITIAL_CERTIFICATE, moment.replicate)
        state.validity[i, step].until = int(age * terms.validity_quarters) if terms.validity_quarters > 0 else -1
    else:
        standing.pending = with_option(standing.pending, step)
    if not qualified(i, firm, terms, setting, moment, state):
        standing.unfounded = with_option(standing.unfounded, step)
    if terms.option >= 0:
        state.agenda[i].noticed = with_option(state.agenda[i].noticed, terms.option)
        state.agenda[i].adopted = with_option(state.agenda[i].adopted, terms.option)
    return stock
