"""Grants, the green window and who pays for projects, worked out a second time with sorted lists and plain sums."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from oracle import Quarter, converts, expected_choice, expected_noticed, options_of, price_after_support
from random_worlds import Sketch, changed, sketched_run, sketched_world, sketches, told, with_mechanisms, with_policy

from agents import codes
from agents.bank import creditworthy, leverage, loan_rate, repayment, service_fee
from agents.codes import FEN
from agents.government import CONTRACTING, CONVERSION, GUARANTEE, RETROFIT, programme_terms
from agents.mathematics import whole
from agents.retrofit import annuity_factor

SKETCHES = [
    Sketch(n=40, seed=1, quarters=8, moved=0.0, one_sector=True, busy=True),
    Sketch(n=40, seed=51, quarters=6, moved=0.0, busy=True),
    Sketch(n=40, seed=52, quarters=6, moved=0.0, one_sector=True, busy=True),
    Sketch(n=40, seed=53, quarters=6, moved=0.1, one_sector=True, busy=True),
    Sketch(n=30, seed=54, quarters=4, moved=0.3),
]
SETTLED = (*range(codes.GRANT), codes.REPAYMENT, codes.PENALTY)  # terms posted before money is sought


LENT = ("yes", "guaranteed", "bond")  # a bank that does not lend says no, or that the cash flow is too small


class Seeker:
    """One firm looking for money: its balance sheet as accounts left it, and what it wants to pay for."""

    def __init__(self, quarter, i, worth_it):
        self.worth_it = worth_it  # the planned conversion, even without its grant
        before, after, years = quarter.before.money, quarter.after, quarter.setting.finance.loan_years
        self.quarter, self.i = quarter, i
        overdraft = int(after.money.debt[i] - before.debt[i])
        self.cash = int(before.cash[i] + after.ledger[i, list(SETTLED)].sum()) + overdraft
        self.debt = int(after.money.debt[i])
        self.term_debt, self.green_debt = (
            owed - repayment(owed, years) if owed > 0 else 0
            for owed in (int(before.term_debt[i]), int(before.green_debt[i]))
        )
        spent = after.ledger[i, [codes.RETROFIT_CAPEX, codes.EXPANSION_CAPEX, codes.CONVERSION_CAPEX]].sum()
        self.capital = int(after.money.capital[i] + spent)
        costs = -after.ledger[i, codes.MATERIALS_LOCAL : codes.INTEREST].sum()
        self.kept = whole(quarter.setting.firm.cash_floor * max(costs, 0))
        plans = quarter.before.proposals[i]
        self.conversion, self.expansion = int(plans.conversion_cost), int(plans.expansion_cost)
        self.conversion_grant = int(plans.conversion_grant) if self.conversion > 0 else 0
        known, _ = expected_noticed(quarter, i)
        self.option, self.ordered, _, _ = expected_choice(quarter, i, known)
        self.capex = self.grant = self.saving = 0
        self.needs_grant, self.window = False, False
        if self.option is not None:
            self.apply()
        self.refusals = []
        self.posted = dict.fromkeys(("grant", "retrofit", "conversion", "expansion", "loan", "fee", "serviced"), 0)

    def apply(self):
        """Write what the firm's application says."""
        quarter, i, option = self.quarter, self.i, self.option
        units, capex, saving = sized = quarter.size_price_saving(i, option)
        self.capex, self.saving = whole(capex * FEN), whole(saving * FEN)
        self.grant = whole(quarter.claim(i, option, units, capex) * FEN)
        alone = price_after_support(quarter, i, option, sized, grant=False)
        self.needs_grant = not self.ordered and not quarter.accepts(i, option, alone, capex, saving)

    def own_funds(self):
        """Return cash above what is kept in hand."""
        return max(self.cash - self.kept, 0)

    def bankable(self, cost, amount, saving, bonds=False):
        """Return whether a bank lends: not at all, by itself, or with a guarantee; the project's saving counts."""
        quarter, i = self.quarter, self.i
        if quarter.setting.mechanisms.lending <= 0.0:
            return "cash"
        finance, policy = quarter.setting.finance, quarter.policy
        owed = float(self.debt + self.term_debt + self.green_debt + amount)
        assets = float(self.capital + max(self.cash, 0) + cost)
        surplus = 4.0 * quarter.surplus(i) + saving
        small = bool(quarter.firms.size_class[i] <= 1)
        rate = loan_rate(quarter.moment.prices.loan_rate, small, leverage(owed, assets), 0.0, finance)
        if surplus < finance.interest_cover * rate * owed:
            return "cash"
        limit = finance.leverage_limit + quarter.certified_bonus(i)
        if creditworthy(owed, assets, surplus, rate, limit, finance.interest_cover):
            return "yes"
        limit += policy.guarantee_limit
        backed = small and policy.guarantee_limit > 0.0
        if backed and creditworthy(owed, assets, surplus, rate, limit, finance.interest_cover):
            return "guaranteed"
        limit = finance.leverage_limit + quarter.certified_bonus(i) + policy.green_bonds_limit
        large = quarter.firms.size_class[i] == 3 and cost / FEN >= policy.green_bonds_size * quarter.firms.weight[i]
        backed = bonds and large and policy.green_bonds_limit > 0.0
        if backed and creditworthy(owed, assets, surplus, rate, limit, finance.interest_cover):
            return "bond"
        return "no"

    def pay(self, cost, green, saving=0, bonds=True):
        """Find money for a project and return whether it was found."""
        amount = cost - self.own_funds()
        if amount <= 0:
            return True
        answer = "yes" if green else self.bankable(cost, amount, saving, bonds)
        if answer not in LENT:
            self.refusals.append(answer)
            return False
        if answer == "guaranteed":
            fee = 0.5 * self.quarter.policy.guarantee_fee * self.quarter.setting.finance.loan_years * amount
            self.posted["fee"] += whole(fee)
        self.posted["loan"] += amount
        self.cash += amount
        self.green_debt += amount if green else 0
        self.term_debt += 0 if green else amount
        return True

    def buy(self, what, price, grant):
        """Pay for a project that starts."""
        self.posted[what] += price
        self.posted["grant"] += grant
        self.cash += grant - price
        self.capital += price

    def start(self):
        """Start what finds money: retrofit, conversion, expansion."""
        if self.option is not None:
            if self.pay(self.capex - self.grant, self.window, self.saving):
                self.buy("retrofit", self.capex, self.grant)
            elif self.signs():
                self.posted["serviced"] = self.capex
        if self.conversion > 0 and self.pay(self.conversion - self.conversion_grant, self.window):
            self.buy("conversion", self.conversion, self.conversion_grant)
        if self.expansion > 0 and self.pay(self.expansion, green=False, bonds=False):
            self.buy("expansion", self.expansion, 0)

    def signs(self):
        """Return whether a contractor takes the retrofit."""
        quarter = self.quarter
        free = quarter.before.works.service_left[self.i] <= 1  # the last fee was paid this quarter
        willing = quarter.luck(self.i, 0, codes.CREDIT) < quarter.setting.behaviour.contracting_share
        on = quarter.setting.mechanisms.contracting > 0.0
        return on and bool(quarter.setting.options[self.option].esco) and free and willing and self.saving > 0


def served(applicants, money):
    """Return who gets what it asks while money lasts: by falling rank, then by id; a smaller wish may still be met."""
    lucky = set()
    for _, _, i, amount in sorted(applicants, key=lambda one: (-one[0], one[1])):
        if amount <= money:
            money -= amount
            lucky.add(i)
    return lucky


def hand_out_grants(quarter, seekers):
    """Refuse the claims that no longer fit into the purses."""
    moment, firms = quarter.moment, quarter.firms
    for programme in range(1, CONVERSION + 1):
        left = int(quarter.before.purses.left[programme])
        if moment.quarter % 4 == 0:
            left = whole(programme_terms(programme, quarter.policy).purse * FEN)
        claims = []
        for i, seeker in seekers.items():
            amount = seeker.conversion_grant if programme == CONVERSION else seeker.grant
            mine = seeker.option is not None and quarter.setting.options[seeker.option].programme == programme
            if amount > 0 and (programme == CONVERSION or mine):
                rank = quarter.luck(i, programme, codes.GRANT_TIE, moment.quarter)
                if programme == RETROFIT and quarter.policy.retrofit_grant_ranking >= 0.5:
                    rank = float(seeker.saving) / float(amount)
                claims.append((rank, firms.firm[i], i, amount))
        for i in {i for _, _, i, _ in claims} - served(claims, left):
            refuse(seekers[i], programme)


def refuse(seeker, programme):
    """Take a grant away, and the project where it was not worth its money without."""
    if programme == CONVERSION:
        seeker.conversion_grant = 0
        if not seeker.worth_it:
            seeker.conversion = 0
        return
    seeker.grant = 0
    if seeker.needs_grant:
        seeker.option, seeker.saving = None, 0


def open_window(quarter, seekers):
    """Let the green window choose whom it lends to."""
    quota = whole(0.25 * (quarter.policy.green_credit_quota + quarter.policy.relending_quota) * FEN)
    applicants = []
    for i, seeker in seekers.items():
        retrofit = seeker.capex - seeker.grant if seeker.option is not None else 0
        cost = retrofit + seeker.conversion - seeker.conversion_grant
        amount = cost - seeker.own_funds()
        if quota > 0 and cost > 0 and amount > 0 and seeker.bankable(cost, amount, seeker.saving) in LENT:
            applicants.append((float(seeker.saving) / float(amount), quarter.firms.firm[i], i, amount))
    for i in served(applicants, quota):
        seekers[i].window = True


def check_finance(quarter, last, spent):
    """Check grants, loans, projects and public spending of one quarter; conversions were planned in the last one."""
    seekers = {i: Seeker(quarter, i, worth_it=planned_alone(last, i)) for i in quarter.there.tolist()}
    hand_out_grants(quarter, seekers)
    open_window(quarter, seekers)
    for seeker in seekers.values():
        seeker.start()
        check_seeker(quarter, seeker)
    assert spent[GUARANTEE] == sum(seeker.posted["fee"] for seeker in seekers.values())
    contracts = [seeker.posted["serviced"] for seeker in seekers.values() if seeker.posted["serviced"]]
    assert spent[CONTRACTING] == sum(check_terms(quarter, capex)[1] for capex in contracts)


def planned_alone(last, i):
    """Return whether a firm would have planned its conversion without the grant, too."""
    return last is None or not last.after.proposals.conversion_cost[i] or converts(last, i, with_grant=False)


def check_seeker(quarter, seeker):
    """Check what one firm started and what it owes."""
    i, after, posted = seeker.i, quarter.after, seeker.posted
    ledger = after.ledger[i]
    assert ledger[codes.GRANT] == posted["grant"]
    assert -ledger[codes.RETROFIT_CAPEX] == posted["retrofit"]
    assert -ledger[codes.CONVERSION_CAPEX] == posted["conversion"]
    assert -ledger[codes.EXPANSION_CAPEX] == posted["expansion"]
    assert after.quantities[i, codes.SERVICED_CAPEX] == posted["serviced"]
    seeker.cash += ledger[codes.CERTIFICATION] + ledger[codes.AWARD]  # paid after all projects
    for name in ("cash", "term_debt", "green_debt", "capital"):
        assert after.money[name][i] == getattr(seeker, name), name
    begun = options_of(after.agenda.building[i] | after.agenda.adopted[i])
    begun -= quarter.has[i] | quarter.builds[i]
    wanted = {seeker.option} if posted["retrofit"] or posted["serviced"] else set()
    assert begun == wanted
    if posted["serviced"]:
        assert after.money.service_fee[i] == check_terms(quarter, posted["serviced"])[0]
        assert after.works.service_left[i] == int(4.0 * quarter.setting.finance.contract_years)
    if seeker.option is not None and not wanted:
        assert after.proposals.reason[i] == (codes.CASH if seeker.refusals[0] == "cash" else codes.CREDIT_REFUSED)


def check_terms(quarter, capex):
    """Return the quarterly fee of a contract and what the district pays the contractor, fen."""
    finance, cut = quarter.setting.finance, quarter.policy.contracting_rate_cut
    worth = annuity_factor(finance.contract_rate, finance.contract_years)
    full = service_fee(float(capex), worth)
    fee = service_fee(float(capex), annuity_factor(finance.contract_rate - cut, finance.contract_years))
    return whole(0.25 * fee), whole((full - fee) * worth)


def check_run(sketch):
    """Check every quarter of a world whose firms all stay; those of odd seeds spend no cash of their own."""
    world = sketched_world(sketch)
    run = with_mechanisms(sketched_run(sketch), retrofits=1.0, closure=0.0, by_products=0.0)
    # Closures and by-product links move cash and capital beside finance.
    run = with_policy(run, phase_out_share=0.0)
    if sketch.seed % 2 == 1:
        run = with_policy(run, conversion_grant_purse=5e4, green_credit_quota=2e4)
        run = run._replace(setting=run.setting._replace(firm=changed(run.setting.firm, cash_floor=4.0)))
    story = told(world, run)
    quarter = None
    for moment, before, after in zip(run.moments, story.states, story.states[1:], strict=False):
        quarter, last = Quarter(world, run.setting, moment, before, after), quarter
        check_finance(quarter, last, story.record.purses[moment.quarter, :, 0])
    return story


@pytest.mark.kernels
@pytest.mark.parametrize("sketch", SKETCHES, ids=lambda sketch: f"seed{sketch.seed}")
def test_projects_find_the_money_that_the_rules_say(sketch):
    check_run(sketch)


@settings(max_examples=settings.default.max_examples // 2)
@given(sketches(40))
@example(Sketch(n=60, seed=55, quarters=8, moved=0.0, one_sector=True, busy=True))
@example(Sketch(n=40, seed=1, quarters=8, moved=0.0, one_sector=True, busy=True))  # a grant of years ago
def test_projects_of_any_world_find_the_money_that_the_rules_say(sketch):
    check_run(sketch)


def test_the_sketches_try_every_way_to_pay():
    ways = np.zeros(6, np.int64)
    for sketch in (*SKETCHES, Sketch(n=60, seed=55, quarters=8, moved=0.0, one_sector=True, busy=True)):
        story = check_run(sketch)
        flows = sum(state.ledger.sum(axis=0) for state in story.states[1:])
        green = max(state.money.green_debt.sum() for state in story.states)
        spent = story.record.purses[:, :, 0].sum(axis=0)
        terms = (codes.GRANT, codes.CONVERSION_CAPEX, codes.EXPANSION_CAPEX)
        ways += np.abs([*(flows[term] for term in terms), green, spent[GUARANTEE], spent[CONVERSION]]) > 0
    assert (ways > 0).all(), ways
