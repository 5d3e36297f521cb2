"""One firm as a Mesa agent: what it is, owns and plans are its attributes, what it does in a quarter its methods.

Rules, and pieces of phases that look at one firm, are the model's own. Everything that goes over many firms, partners
or applicants is written anew here, with Python's own loops, sorting and sets.
"""

from collections.abc import Iterator
from typing import Any

import mesa

from agents import codes
from agents.certification import price_factor
from agents.firm import expected_orders
from agents.market import growth_spread, luck
from agents.mathematics import whole
from agents.network import leads_chain, standing_requests
from agents.programmes import farm_runoff, incubated_closure
from sim.draws import uniform
from sim.phases.accounts import post, settle_firm
from sim.phases.building import adopt_line, finish_expansion, finish_retrofit, plan_expansion, turn_capacity
from sim.phases.certifying import applies, claim_award, expire, hand_out, keep_record, pay_from_purse, review
from sim.phases.choosing import choose_one
from sim.phases.closing import close_outdated
from sim.phases.converting import occupied, plan_conversion
from sim.phases.delisting import lapse
from sim.phases.demography import SMALL, arrives, close_firm, leaves, open_firm
from sim.phases.granting import rank_of, refuse, thousandths
from sim.phases.lending import bankable, debt_limit, green_cost, lend_one, own_funds
from sim.phases.markets import green_segment
from sim.phases.noticing import diagnose, notice_unprompted, open_options
from sim.phases.orders import place_firm_orders
from sim.phases.production import delivered_share, fill_orders, keep_from_water, write_quantities
from sim.phases.programmes import in_incubator
from sim.phases.scoring import qualified, score_of
from sim.phases.switching import review_links
from sim.state import Account


class Firm(mesa.Agent):
    """One row of the district."""

    def __init__(self, district: Any, place: int) -> None:
        super().__init__(district)
        state = district.state
        self.place = place
        self.traits = district.world.firms[place]
        self.trade, self.works, self.plant = state.trade[place], state.works[place], state.plant[place]
        self.agenda, self.projects, self.proposal = state.agenda[place], state.projects[place], state.proposals[place]
        self.money, self.ledger = state.till.money[place], state.till.ledger[place]
        self.desk, self.quantities, self.standing = state.desk[place], state.quantities[place], state.standing[place]
        self.account = Account(self.money, self.ledger, state.till.accounts)
        self.customers: list[tuple[float, Firm]] = []  # with what they buy from it per yuan of their output

    @property
    def active(self) -> bool:
        """Whether it is there."""
        return bool(self.standing.active)

    @property
    def size(self) -> float:
        """Yearly output of one of its real firms, 万元."""
        return 4.0 * self.trade.output / self.traits.weight

    def draw(self, decision: int, quarter: int) -> float:
        """Its luck in a decision of a quarter."""
        moment = self.model.moment
        return float(uniform(moment.seed, self.traits.firm, 0, quarter, decision, moment.replicate))

    # 1 to 3: markets and production

    def meet_luck(self) -> None:
        """Move its appeal to customers."""
        rules = self.model.setting.market
        spread = growth_spread(self.size, self.traits.weight, rules)
        step = luck(spread, rules.firm_shock_cap, self.draw(codes.FIRM_SHOCK, self.model.moment.quarter))
        if self.active:
            self.trade.brown_appeal *= step
            self.trade.green_appeal *= step

    def remember_output(self) -> None:
        """Keep last quarter's output: what this quarter's orders follow."""
        self.trade.previous_output = self.trade.output if self.active else 0.0

    def place_orders(self) -> None:
        """Take orders from outside, from local customers, and for local projects."""
        trade, weight = self.trade, self.model.setting.firm.expectation_weight
        trade.brown_orders, trade.green_orders = 0.0, 0.0
        if self.active:
            intermediate = 0.0
            for share, customer in self.customers:
                intermediate += share * customer.trade.previous_output
            place_firm_orders(self.traits, intermediate, self.standing.certificates, self.model.state.segments, trade)
            trade.brown_expected = expected_orders(trade.brown_expected, trade.brown_orders, weight)
            trade.green_expected = expected_orders(trade.green_expected, trade.green_orders, weight)

    def produce(self) -> None:
        """Make what is ordered, within capacity; its ledger starts empty."""
        trade = self.trade
        self.ledger[:] = 0
        self.quantities[:] = 0
        trade.output, trade.green_output = 0.0, 0.0
        if self.active:
            district = self.model
            fill_orders(trade)
            write_quantities(trade.output, self.plant, district.setting.factors, self.quantities)
            if district.setting.mechanisms.ecology > 0.0 and district.world.sectors[self.traits.sector].farm:
                keep_from_water(farm_runoff(district.moment.policy), self.quantities)
        else:
            trade.project_output = 0.0

    # 5: books

    def price_sales(self) -> None:
        """Put prices to what it made."""
        trade, desk, segments = self.trade, self.desk, self.model.state.segments
        self.model.state.order[self.place] = 0
        brown = trade.output - trade.green_output
        premium = price_factor(self.standing.certificates, self.model.setting.certification)
        desk.amount = whole(brown * segments[self.traits.sector].price * premium * codes.FEN)
        if self.traits.product >= 0:
            price = segments[green_segment(self.traits.product)].price * premium
            green = whole(trade.green_output * price * codes.FEN)
            desk.amount += green
            self.quantities[codes.GREEN_SALES] = green
            self.quantities[codes.GREEN_PROJECT_SALES] = whole(trade.project_output * price * codes.FEN)

    def deliver(self) -> int:
        """Sell local customers what they ordered a quarter ago; return to how many."""
        if self.trade.output <= 0.0:
            return 0
        sales = self.desk.amount
        price, delivered = sales / self.trade.output, delivered_share(self.trade)
        green_part = self.quantities[codes.GREEN_SALES] / sales if sales > 0 else 0.0
        for share, customer in self.customers:
            amount = whole(share * customer.trade.previous_output * delivered * price)
            post(codes.SALES_LOCAL, amount, self.account)
            self.model.state.order[customer.place] += amount
            if customer.trade.green_output > 0.0:
                self.quantities[codes.GREEN_LOCAL_SALES] += whole(amount * green_part)
        return sum(customer.trade.previous_output > 0.0 for _, customer in self.customers)

    def settle_accounts(self) -> None:
        """Write its books."""
        if self.active:
            district = self.model
            sectors = district.world.sectors
            settle_firm(self.place, self.traits, sectors, district.setting, district.moment, district.state)

    # 6 to 9: decisions

    def notice_options(self, lines: int, chance: float) -> None:
        """Notice options by itself, from peers, or from an adviser, who comes with a chance."""
        district, agenda = self.model, self.agenda
        unseen = open_options(self.traits, agenda) & ~(agenda.noticed | lines)
        if self.active and unseen != 0:
            moment, state, setting = district.moment, district.state, district.setting
            notice_unprompted(self.place, self.traits, unseen, district.world, setting, moment, state)
            if not self.standing.diagnosed:
                diagnose(self.place, self.traits, chance, unseen, setting.behaviour, moment, state)

    def choose_retrofit(self, terms: Any) -> None:
        """Apply for at most one option."""
        district = self.model
        self.proposal.option, self.proposal.penalty, self.proposal.saving = -1, 0, 0
        self.proposal.reason = codes.NONE
        if self.active:
            choose_one(self.place, terms, district.world, district.setting, district.moment, district.state)

    def grant_rank(self, programme: int, amount: int) -> float:
        """Its place in the order of a programme."""
        return float(rank_of(programme, amount, self.traits, self.model.moment, self.proposal))

    @property
    def thousandths(self) -> int:
        """Real firms behind it, in thousandths."""
        return int(thousandths(self.traits))

    def withdraw(self, programme: int) -> None:
        """Learn that there is no grant."""
        refuse(programme, self.proposal)

    def green_loan_wanted(self) -> int:
        """What it would borrow from the green window, fen; nothing if no bank would lend."""
        cost = green_cost(self.proposal)
        if not self.active or cost <= 0:
            return 0
        district = self.model
        amount = cost - own_funds(district.setting.firm, self.account)
        if amount <= 0:
            return 0
        saving, setting, moment = self.proposal.saving, district.setting, district.moment
        limit = debt_limit(self.standing, setting)
        answer = bankable(cost, amount, saving, False, limit, self.traits, setting, moment, self.account)
        return int(amount) if answer > 0 else 0

    def start_projects(self) -> None:
        """Start what finds money."""
        if self.active:
            district = self.model
            lend_one(self.place, self.traits, district.setting, district.moment, district.state)

    # 10 to 14: capacity, products, certificates, partners, life

    def build(self) -> None:
        """Finish projects, receive capacity, plan the next."""
        if not self.active:
            return
        district = self.model
        setting, state = district.setting, district.state
        for project in self.projects:
            if project.option >= 0:
                project.quarters_left -= 1
                if project.quarters_left == 0:
                    finish_retrofit(self.place, project.option, self.traits, setting, state)
                    project.option = -1
        sectors, moment = district.world.sectors, district.moment
        if sectors[self.traits.sector].intensive and setting.mechanisms.orders > 0.0:
            close_outdated(self.place, self.traits, setting, moment, state)
        finish_expansion(self.works, self.trade)
        if turn_capacity(setting.market, self.traits, self.works, self.trade, state.segments):
            adopt_line(self.traits, setting.markets, self.trade, self.agenda)
        plan_expansion(self.traits, sectors, setting, moment, self.trade, self.works, self.proposal, state.segments)

    def plan_conversion(self, annuity: float) -> None:
        """Plan to turn capacity to its green product."""
        district = self.model
        if self.active and self.traits.product >= 0 and not occupied(self.trade, self.works, self.proposal):
            peers, setting, moment = district.state.tally[self.traits.sector], district.setting, district.moment
            plan_conversion(self.traits, peers, annuity, setting, moment, self.trade, self.works, self.proposal)

    def keep_certificates(self) -> None:
        """Keep its record, and renew or let go what ends now."""
        district = self.model
        keep_record(self.place, district.setting.certification, district.state)
        if self.standing.certificates != 0:
            expire(self.place, self.traits, district.setting, district.moment, district.state)

    def receive_certificate(self, step: int, terms: Any) -> None:
        """Take the certificate that it won, with the city's award."""
        hand_out(self.place, step, terms, self.traits, self.model.moment, self.model.state)

    def claim_award(self, amount: int) -> float:
        """Claim the district's award; its lot says who comes first."""
        claim_award(self.place, amount, self.traits, self.model.moment, self.model.state)
        return float(self.desk.rank)

    def receive_award(self, amount: int) -> None:
        """Take the district's award."""
        pay_from_purse(self.place, amount, self.model.state)

    def be_reviewed(self, step: int, terms: Any) -> None:
        """Stand a review of a certificate."""
        district = self.model
        review(self.place, step, terms, self.traits, district.setting, district.moment, district.state)

    def applies(self, step: int, terms: Any) -> bool:
        """Whether it applies for a certificate in this contest."""
        if not (self.active and self.traits.above_scale):
            return False
        district = self.model
        return bool(applies(self.place, step, terms, self.traits, district.setting, district.moment, district.state))

    @property
    def score(self) -> float:
        """What a contest gives it."""
        return float(score_of(self.place, self.traits, self.model.setting, self.model.state))

    def win(self, step: int, terms: Any) -> None:
        """Win a certificate, rightly or not."""
        district = self.model
        self.standing.pending |= 1 << step
        if not qualified(self.place, self.traits, terms, district.setting, district.moment, district.state):
            self.standing.unfounded |= 1 << step

    def forget_requests(self, lapse: float) -> None:
        """Forget a share of what customers asked for; all of it on leaving."""
        if self.standing.requests > 0:
            draw = self.draw(codes.REQUEST_LAPSE, self.model.moment.quarter)
            left = standing_requests(self.standing.requests, lapse, draw)
            self.standing.requests = left if self.active else 0

    def leads_chain(self, leaders: float) -> bool:
        """Whether it is one of so many enrolled leaders of a supply chain."""
        return bool(leads_chain(self.traits.chain_rank, leaders))

    def review_links(self, terms: Any) -> None:
        """Look for other suppliers, prefer certified ones, ask the others."""
        district, leads = self.model, self.leads_chain(terms.leaders)
        review_links(self.place, leads, terms, district.world, district.moment, district.state)

    @property
    def in_incubator(self) -> bool:
        """Whether it is young, small and makes a green product."""
        return self.active and bool(in_incubator(self.traits, self.trade))

    def leave_or_arrive(self, hazard: float, hazard_above: float) -> None:
        """Close, or decide for the district, build and open."""
        district, traits, works = self.model, self.traits, self.works
        setting, moment, state = district.setting, district.moment, district.state
        works.event = 0
        if self.active:
            chance, small, green = hazard, traits.size_class <= SMALL, self.trade.green_capacity > 0.0
            if traits.above_scale:
                chance = hazard_above
            chance = incubated_closure(chance, traits.entrant, small, green, moment.policy)
            if leaves(traits, chance, self.draw(codes.FAILURE, moment.quarter), setting, self.money):
                lapse(self.place, traits, state)
                close_firm(self.place, traits, setting, state)
        elif traits.entrant and self._opens():
            open_firm(self.place, traits, setting, state)

    def _opens(self) -> bool:
        district, draw = self.model, self.draw(codes.ENTRY, self.model.moment.quarter)
        return bool(arrives(self.traits, draw, district.world.sectors, district.setting, district.moment, self.works))


def members(options: int) -> Iterator[int]:
    """The options of a set, from the first on."""
    while options:
        lowest = options & -options
        yield lowest.bit_length() - 1
        options ^= lowest
