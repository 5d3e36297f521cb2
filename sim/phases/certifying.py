"""Phase 12: the ladder of certificates – records, renewals, reviews and checks, awards, and the yearly contests.

A contest runs once a year in each step's quarter: firms that want and can apply, places go by score against applicants
from the rest of Chongqing, and the certificate comes some quarters later. Only firms above scale take part.
"""

from agents import codes
from agents._compiled import part
from agents._rows import Rows
from agents.certification import (
    application_probability,
    certificate_benefit,
    district_award,
    next_rival,
    rival_points,
    willingness,
    without_step,
)
from agents.government import CERTIFICATION
from agents.mathematics import whole
from agents.retrofit import has, with_option
from sim.draws import uniform
from sim.phases.accounts import post
from sim.phases.delisting import drop
from sim.phases.granting import thousandths
from sim.phases.lending import own_funds
from sim.phases.noting import note
from sim.phases.rationing import ration, sort_applicants
from sim.phases.scoring import application_cost, fits_step, pretends, qualified, score_of
from sim.setting import Moment, Setting, World
from sim.state import Account, State

NO_LIMIT = 1 << 62
# Items of the draws of a step, beside the step itself.
RENEWED, CHECKED = 8, 8


@part
def certify(world: World, setting: Setting, moment: Moment, state: State) -> None:
    """Write who holds which certificate after this quarter, what it cost and what it brought."""
    state.register[:, :] = 0
    purse = state.till.purses[CERTIFICATION]
    if moment.quarter % 4 == 0:
        purse.left = whole(moment.policy.certification_award_purse * codes.FEN)
    for i in range(world.firms.size):
        if state.standing[i].active:
            keep_record(i, setting.certification, state)
            if state.standing[i].certificates != 0:
                expire(i, world.firms[i], setting, moment, state)
    for step in range(codes.N_CERTIFICATES):
        terms = setting.certificates[step]
        if (moment.quarter - terms.delay_quarters) % 4 == terms.contest_quarter:
            award_step(step, terms, world.firms, moment, state)
        if moment.quarter % 4 == terms.contest_quarter:
            review_step(step, terms, world.firms, setting, moment, state)
            contest_step(step, terms, world.firms, setting, moment, state)


@part
def keep_record(i: int, rules: Rows, state: State) -> None:
    """Note a penalty of the quarter, or let time pass over old ones and over a lost reputation."""
    standing = state.standing[i]
    if standing.barred > 0:
        standing.barred -= 1
    if state.till.ledger[i, codes.PENALTY] < 0:
        standing.offence = int(4.0 * rules.clean_years)
    elif standing.offence > 0:
        standing.offence -= 1


@part
def expire(i: int, firm: Rows, setting: Setting, moment: Moment, state: State) -> None:
    """Renew or let go the certificates of a firm that end this quarter."""
    standing = state.standing[i]
    for step in range(codes.N_CERTIFICATES):
        if has(standing.certificates, step) and state.validity[i, step].until == moment.quarter:
            if renewed(i, step, firm, setting, moment, state):
                extend(i, step, setting.certificates[step], moment, state)
            else:
                drop(i, step, codes.EXPIRED, firm, state)


@part
def renewed(i: int, step: int, firm: Rows, setting: Setting, moment: Moment, state: State) -> bool:
    """Whether a firm pays for another term of a certificate; one that a higher step rests on is renewed with that."""
    terms, rules = setting.certificates[step], setting.certification
    for higher in range(codes.N_CERTIFICATES):
        if setting.certificates[higher].needs == step and has(state.standing[i].certificates, higher):
            return True
    if not (qualified(i, firm, terms, setting, moment, state) or has(state.standing[i].unfounded, step)):
        return False
    output = 4.0 * state.trade[i].output / firm.weight
    benefit = certificate_benefit(0.0, output, terms.regard, state.standing[i].requests, rules)
    draw = uniform(moment.seed, firm.firm, step + RENEWED, moment.quarter, codes.CERTIFY, moment.replicate)
    if draw >= willingness(benefit, terms.renewal_cost, rules):
        return False
    return pay(i, whole(terms.renewal_cost * firm.weight * codes.FEN), setting.firm, state)


@part
def pay(i: int, cost: int, rules: Rows, state: State) -> bool:
    """Pay for a certificate from cash that a firm can spare; return whether it could."""
    account = Account(state.till.money[i], state.till.ledger[i], state.till.accounts)
    if own_funds(rules, account) < cost:
        return False
    post(codes.CERTIFICATION, -cost, account)
    return True


@part
def extend(i: int, step: int, terms: Rows, moment: Moment, state: State) -> None:
    """Write until when a certificate holds from now on."""
    until = moment.quarter + terms.validity_quarters if terms.validity_quarters > 0 else -1
    state.validity[i, step].until = until


@part
def award_step(step: int, terms: Rows, firms: Rows, moment: Moment, state: State) -> None:
    """Hand out the certificates won a contest ago; the city's award is paid, the district's while its purse lasts."""
    purse, n_claims = state.till.purses[CERTIFICATION], 0
    award = district_award(terms.district_award, moment.policy)
    for i in range(firms.size):
        if has(state.standing[i].pending, step):
            hand_out(i, step, terms, firms[i], moment, state)
            amount = whole(award * firms[i].weight * codes.FEN)
            if amount > 0:
                claim_award(i, amount, firms[i], moment, state)
                state.order[n_claims] = i
                n_claims += 1
    ration(n_claims, purse.left, firms, state)
    for place in range(n_claims):
        i = state.order[place]
        if state.proposals[i].granted:
            pay_from_purse(i, state.desk[i].amount, state)


@part
def hand_out(i: int, step: int, terms: Rows, firm: Rows, moment: Moment, state: State) -> None:
    """Give a firm the certificate it won, and the city's award."""
    standing = state.standing[i]
    standing.pending = without_step(standing.pending, step)
    standing.certificates = with_option(standing.certificates, step)
    extend(i, step, terms, moment, state)
    state.register[codes.ISSUED, step] += thousandths(firm)
    amount = whole(terms.city_award * firm.weight * codes.FEN)
    pay_award(i, amount, codes.UPPER, state)
    note(i, codes.CERTIFIED, codes.NO_PROJECT, 0, step, amount, state.log)


@part
def claim_award(i: int, amount: int, firm: Rows, moment: Moment, state: State) -> None:
    """Enter a firm's claim to the district's award; a lot decides who comes first."""
    purse, desk = state.till.purses[CERTIFICATION], state.desk[i]
    desk.amount = amount
    desk.rank = uniform(moment.seed, firm.firm, CERTIFICATION, moment.quarter, codes.GRANT_TIE, moment.replicate)
    purse.asked += amount


@part
def pay_from_purse(i: int, amount: int, state: State) -> None:
    """Pay the district's award."""
    purse = state.till.purses[CERTIFICATION]
    pay_award(i, amount, codes.DISTRICT, state)
    purse.left -= amount
    purse.spent += amount
    note(i, codes.SUPPORTED, codes.NO_PROJECT, CERTIFICATION, 0, amount, state.log)


@part
def pay_award(i: int, amount: int, giver: int, state: State) -> None:
    """Pay an award through the district, which gets back what another level gives."""
    accounts = state.till.accounts
    post(codes.AWARD, amount, Account(state.till.money[i], state.till.ledger[i], accounts))
    accounts[codes.DISTRICT] += amount
    accounts[giver] -= amount


@part
def review_step(step: int, terms: Rows, firms: Rows, setting: Setting, moment: Moment, state: State) -> None:
    """Strike off holders that lost what a step builds on, fail its gates, or are caught with a false claim."""
    for i in range(firms.size):
        if has(state.standing[i].certificates, step):
            review(i, step, terms, firms[i], setting, moment, state)


@part
def review(i: int, step: int, terms: Rows, firm: Rows, setting: Setting, moment: Moment, state: State) -> None:
    """Review one holder of a step."""
    standing, rules = state.standing[i], setting.certification
    passing = qualified(i, firm, terms, setting, moment, state)
    if passing:
        standing.unfounded = without_step(standing.unfounded, step)
    unfounded = has(standing.unfounded, step)
    checked = uniform(moment.seed, firm.firm, step + CHECKED, moment.quarter, codes.CHECK, moment.replicate)
    if unfounded and checked < rules.check_rate:
        expose(i, rules, firm, state)
        return
    groundless = terms.needs >= 0 and not has(standing.certificates, terms.needs)
    other = uniform(moment.seed, firm.firm, step, moment.quarter, codes.CHECK, moment.replicate)
    struck_off = terms.gated and other < rules.delisting_rate
    if groundless or struck_off or not (passing or unfounded):
        drop(i, step, codes.REVOKED, firm, state)


@part
def expose(i: int, rules: Rows, firm: Rows, state: State) -> None:
    """Take from a firm all that rests on false claims, and its good name for some years."""
    standing = state.standing[i]
    standing.barred = int(4.0 * rules.bar_years)
    standing.pending = standing.pending & (standing.pending ^ standing.unfounded)
    for step in range(codes.N_CERTIFICATES):
        if has(standing.certificates & standing.unfounded, step):
            drop(i, step, codes.REVOKED, firm, state)
    standing.unfounded = 0


@part
def contest_step(step: int, terms: Rows, firms: Rows, setting: Setting, moment: Moment, state: State) -> None:
    """Take applications and give the places of the year to the highest scores."""
    n_applicants = 0
    for i in range(firms.size):
        able = firms[i].above_scale and state.standing[i].active
        if able and applies(i, step, terms, firms[i], setting, moment, state):
            weight = thousandths(firms[i])
            state.register[codes.SOUGHT, step] += weight
            state.desk[i].amount = weight
            state.desk[i].rank = score_of(i, firms[i], setting, state)
            state.order[n_applicants] = i
            n_applicants += 1
    sort_applicants(n_applicants, firms, state.order, state.desk)
    give_places(n_applicants, step, terms, setting.certification, moment, state)
    for place in range(n_applicants):
        i = state.order[place]
        standing = state.standing[i]
        if state.proposals[i].granted:
            standing.pending = with_option(standing.pending, step)
            if not qualified(i, firms[i], terms, setting, moment, state):
                standing.unfounded = with_option(standing.unfounded, step)


@part
def applies(i: int, step: int, terms: Rows, firm: Rows, setting: Setting, moment: Moment, state: State) -> bool:
    """Whether a firm applies for a step in this contest; it then pays for the application."""
    standing, agenda, rules = state.standing[i], state.agenda[i], setting.certification
    if standing.barred > 0 or not fits_step(i, step, terms, state):
        return False
    if terms.option >= 0 and not has(agenda.adopted, terms.option):
        return False
    cost = application_cost(terms, agenda.adopted, standing.certificates)
    award = terms.city_award + district_award(terms.district_award, moment.policy)
    output = 4.0 * state.trade[i].output / firm.weight
    benefit = certificate_benefit(award, output, terms.regard, standing.requests, rules)
    chance = application_probability(terms.attention, willingness(benefit, cost + terms.preparation, rules), rules)
    if uniform(moment.seed, firm.firm, step, moment.quarter, codes.CERTIFY, moment.replicate) >= chance:
        return False
    claimed = qualified(i, firm, terms, setting, moment, state) or pretends(firm, step, terms, setting, moment)
    return claimed and pay(i, whole(cost * firm.weight * codes.FEN), setting.firm, state)


@part
def give_places(n_applicants: int, step: int, terms: Rows, rules: Rows, moment: Moment, state: State) -> None:
    """Write which of the sorted applicants win a place: rivals from outside take theirs by score, best first."""
    places = whole(1000.0 * terms.city_quota) if terms.city_quota > 0.0 else NO_LIMIT
    left, years = terms.rivals, 0.25 * moment.quarter
    quantile = rival_after(1.0, left, step, moment)
    score = rival_points(quantile, years, rules)
    for place in range(n_applicants):
        i = state.order[place]
        desk = state.desk[i]
        while left > 0 and score > desk.rank and places > 0:
            places -= 1000
            left -= 1
            quantile = rival_after(quantile, left, step, moment)
            score = rival_points(quantile, years, rules)
        state.proposals[i].granted = desk.amount <= places
        if desk.amount <= places:
            places -= desk.amount


@part
def rival_after(quantile: float, left: int, step: int, moment: Moment) -> float:
    """Quantile of the best rival that is left; zero without one."""
    if left <= 0:
        return 0.0
    draw = uniform(moment.seed, left, step, moment.quarter, codes.RIVAL, moment.replicate)
    return next_rival(quantile, left, draw)
