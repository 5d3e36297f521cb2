"""The district as a plain Mesa model: a list of agents, and a quarter that asks each of them in turn."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import mesa

from agents import codes
from agents.certification import district_award, rival_points
from agents.firm import quarterly_hazard
from agents.government import (
    CERTIFICATION,
    CONVERSION,
    FARMING,
    INCUBATION,
    PLATFORM,
    SUPPLY_CHAIN,
    TOURISM,
    TRAINING,
    programme_terms,
)
from agents.green_finance import green_quota
from agents.mathematics import fixed, from_fixed, whole
from agents.network import LINKS, LINKS_SWITCHED, REQUESTS_SENT, certified_supplier, link_share
from agents.programmes import incubating
from agents.retrofit import annuity_factor, next_capex_index, ranking_merit
from benchmarks.twin.firm import Firm, members
from benchmarks.twin.objects import objects
from sim.phases.accounts import balance_budgets, refinance_banks
from sim.phases.certifying import rival_after
from sim.phases.choosing import terms_of, write_loan_terms
from sim.phases.exchanging import exchange_by_products
from sim.phases.granting import claim
from sim.phases.markets import advance_segment, green_segment, segment_demand, segment_reserve
from sim.phases.noticing import spend, write_ceilings
from sim.phases.option_sets import product_lines
from sim.phases.programmes import order_renewables
from sim.phases.recording import record_quarter
from sim.phases.switching import replace_leavers, terms_of_links
from sim.run import Opened, Run
from sim.setting import World


class District(mesa.Model):
    """All firms, segments, banks and programmes.

    Args:
        world: a population.
        run: setting and moments.
        opened: the district at the end of 2020; it is copied.
    """

    def __init__(self, world: World, run: Run, opened: Opened) -> None:
        super().__init__(rng=run.moments[0].seed)
        self.world, self.setting = objects(world), objects(run.setting)
        self.moments = objects(tuple(run.moments))
        self.state, self.record, self.cash = objects(opened.state), objects(opened.record), opened.cash
        self.quarters = 0
        self.firms = [Firm(self, place) for place in range(len(self.world.firms))]
        getattr(mesa.Agent, "_ids", {}).pop(self, None)  # Mesa before 3.4 never forgets a model
        self._link_firms()

    def _link_firms(self) -> None:
        """Tell everybody who buys from it now: on links that it was drawn for, then as a substitute of others."""
        links, supply = self.world.links, self.state.supply
        for firm in self.firms:
            first, last = links.supplier_start[firm.place : firm.place + 2]
            parts = [(link, supply.kept[link]) for link in range(first, last)]
            first, last = links.substitute_start[firm.place : firm.place + 2]
            parts += [(links.instead[place], supply.moved[place]) for place in range(first, last)]
            firm.customers = [
                (links.purchase_share[link] * link_share(part), self.firms[links.customer[link]])
                for link, part in parts
                if part > 0
            ]

    @property
    def moment(self) -> Any:
        """The quarter that is under way."""
        return self.moments[self.quarters]

    def step(self) -> None:
        """Take everybody through one quarter."""
        self.advance_markets()
        self.place_orders()
        self.produce()
        self.exchange_by_products()
        self.settle_accounts()
        if self.setting.mechanisms.retrofits > 0.0:
            self.notice_options()
            self.choose_retrofits()
        self.grant_subsidies()
        self.lend()
        self.build()
        self.convert_products()
        if self.setting.mechanisms.certification > 0.0:
            self.certify()
        self.switch_suppliers()
        self.enter_and_exit()
        self.learn()
        self.pay_programmes()
        self.balance_budgets()
        self.record_quarter()
        self.quarters += 1
        self.running = self.quarters < len(self.moments)

    # Markets and production

    def advance_markets(self) -> None:
        """Move markets and firms' luck in them; local demand follows local capacity."""
        setting, moment, segments = self.setting, self.moment, self.state.segments
        for c, segment in enumerate(segments):
            advance_segment(c, setting.markets[c], setting, moment, segment)
        if setting.mechanisms.firm_shocks > 0.0:
            for firm in self.firms:
                firm.meet_luck()
        self.gather_capacity()
        for c, segment in enumerate(segments):
            segment.demand = segment_demand(setting.markets[c], setting, moment.policy, segment)
            segment.reserved = segment_reserve(setting.markets[c], setting, moment.policy, segment)

    def gather_capacity(self) -> None:
        """Sum capacity, and capacity times appeal, by segment."""
        capacity, pull, certified = Counter[int](), Counter[int](), Counter[int]()
        for firm in self.firms:
            if firm.active:
                trade, product = firm.trade, firm.traits.product
                capacity[firm.traits.sector] += fixed(trade.brown_capacity)
                pull[firm.traits.sector] += fixed(trade.brown_capacity * trade.brown_appeal)
                if product >= 0:
                    capacity[green_segment(product)] += fixed(trade.green_capacity)
                    pull[green_segment(product)] += fixed(trade.green_capacity * trade.green_appeal)
                    if certified_supplier(firm.standing.certificates):
                        certified[green_segment(product)] += fixed(trade.green_capacity * trade.green_appeal)
        for c, segment in enumerate(self.state.segments):
            segment.capacity, segment.pull = from_fixed(capacity[c]), from_fixed(pull[c])
            segment.certified_pull = from_fixed(certified[c])

    def place_orders(self) -> None:
        """Let everybody take orders."""
        for firm in self.firms:
            firm.remember_output()
        for firm in self.firms:
            firm.place_orders()
        for segment in self.state.segments:
            segment.project_orders = 0.0

    def produce(self) -> None:
        """Let everybody make what is ordered."""
        for firm in self.firms:
            firm.produce()

    def exchange_by_products(self) -> None:
        """Pass by-products on: the phase goes over streams, not firms, so its own code does it on our objects."""
        exchange_by_products(self.world, self.setting, self.moment, self.state)

    def settle_accounts(self) -> None:
        """Price what was made, deliver locally, and close the books."""
        mix, segments = self.world.input_mix, self.state.segments
        for buyer, tally in enumerate(self.state.tally):
            price = 0.0
            for supplier, shares in enumerate(mix):
                price += shares[buyer] * segments[supplier].price
            tally.material_price = price
        for firm in self.firms:
            firm.price_sales()
        self.state.counts.links[LINKS] = sum(firm.deliver() for firm in self.firms)
        for firm in self.firms:
            firm.settle_accounts()
        refinance_banks(self.setting.finance.refinance_rate, self.moment.policy, self.state.till)

    # Decisions

    def count_adopters(self) -> None:
        """Tell others what each firm has, and count firms by sector and park that an option fits or that have it."""
        counts, peers = self.state.counts, self.state.peers
        for table in (counts.sector, counts.park, counts.sector_fitting, counts.park_fitting):
            table[:, :] = 0
        for firm, peer in zip(self.firms, peers, strict=True):
            peer.fitting = firm.traits.eligible if firm.active else 0
            peer.having = peer.fitting & firm.agenda.adopted
            if firm.active:
                sector, park = firm.traits.sector, firm.traits.park
                for option in members(firm.traits.eligible):
                    counts.sector_fitting[sector][option] += 1
                    counts.park_fitting[park][option] += 1
                for option in members(firm.agenda.adopted):
                    counts.sector[sector][option] += 1
                    counts.park[park][option] += 1

    def notice_options(self) -> None:
        """Let everybody notice options; send advisers, train."""
        write_ceilings(self.setting, self.moment, self.state.costs)
        policy, lines = self.moment.policy, product_lines(self.setting.options)
        waiting = sum(fixed(firm.traits.weight) for firm in self.firms if firm.active and not firm.standing.diagnosed)
        chance = 0.25 * policy.free_diagnosis_firms / from_fixed(waiting) if waiting else 0.0
        for firm in self.firms:
            firm.notice_options(lines, chance)
        spend(TRAINING, whole(0.25 * policy.training_cost * codes.FEN), self.state.till)

    def choose_retrofits(self) -> None:
        """Let everybody apply for at most one option."""
        write_loan_terms(self.setting, self.moment, self.state.costs)
        terms = terms_of(self.setting, self.moment)
        for firm in self.firms:
            firm.choose_retrofit(terms)

    def grant_subsidies(self) -> None:
        """Serve the applicants of each programme by rank until its purse is empty."""
        for programme in range(1, CONVERSION + 1):
            purse = self.state.till.purses[programme]
            if self.moment.quarter % 4 == 0:
                purse.left = whole(programme_terms(programme, self.moment.policy).purse * codes.FEN)
            asked = {firm: claim(programme, firm.proposal) for firm in self.firms}
            asked = {firm: amount for firm, amount in asked.items() if amount > 0}
            purse.asked += sum(asked.values())
            purse.applicants += sum(firm.thousandths for firm in asked)
            ranks = {firm: firm.grant_rank(programme, amount) for firm, amount in asked.items()}
            for firm in refused(asked, ranks, purse.left):
                purse.refused += firm.thousandths
                firm.withdraw(programme)

    def lend(self) -> None:
        """Give out the green window by merit, then let everybody start what finds money."""
        for segment in self.state.segments:
            segment.started = 0
        quota = whole(0.25 * green_quota(self.moment.policy) * codes.FEN)
        asked = {}
        if quota > 0 and self.setting.mechanisms.lending > 0.0:
            asked = {firm: amount for firm in self.firms if (amount := firm.green_loan_wanted()) > 0}
        ranks = {firm: ranking_merit(float(firm.proposal.saving), float(amount)) for firm, amount in asked.items()}
        turned_down = set(refused(asked, ranks, quota))
        for firm in self.firms:
            firm.proposal.granted = firm in asked and firm not in turned_down
        order_renewables(self.setting, self.moment, self.state.segments)
        for firm in self.firms:
            firm.start_projects()
        for segment in self.state.segments:
            segment.project_orders = from_fixed(segment.started)

    def build(self) -> None:
        """Let everybody finish and plan."""
        for firm in self.firms:
            firm.build()

    def convert_products(self) -> None:
        """Let makers of ordinary products plan to turn green."""
        if self.setting.mechanisms.conversion <= 0.0:
            return
        makers = [firm for firm in self.firms if firm.active and firm.traits.product >= 0]
        able = Counter(firm.traits.sector for firm in makers)
        green = Counter(firm.traits.sector for firm in makers if firm.trade.green_capacity > 0.0)
        for sector, tally in enumerate(self.state.tally):
            tally.rows, tally.green_rows = able[sector], green[sector]
        annuity = annuity_factor(self.moment.prices.loan_rate, self.setting.finance.loan_years)
        for firm in self.firms:
            firm.plan_conversion(annuity)

    # Partners, population and what is public

    def certify(self) -> None:
        """Let certificates end, hand out those won, review holders, and hold the contests of the quarter."""
        self.state.register[:, :] = 0
        quarter = self.moment.quarter
        if quarter % 4 == 0:
            purse = whole(self.moment.policy.certification_award_purse * codes.FEN)
            self.state.till.purses[CERTIFICATION].left = purse
        for firm in self.firms:
            if firm.active:
                firm.keep_certificates()
        for step, terms in enumerate(self.setting.certificates):
            if (quarter - terms.delay_quarters) % 4 == terms.contest_quarter:
                self.hand_out_certificates(step, terms)
            if quarter % 4 == terms.contest_quarter:
                for firm in self.firms:
                    if firm.standing.certificates >> step & 1:
                        firm.be_reviewed(step, terms)
                self.hold_contest(step, terms)

    def hand_out_certificates(self, step: int, terms: Any) -> None:
        """Hand out the certificates won a contest ago, and awards by lot while the purse lasts."""
        purse, award = self.state.till.purses[CERTIFICATION], district_award(terms.district_award, self.moment.policy)
        winners = [firm for firm in self.firms if firm.standing.pending >> step & 1]
        for firm in winners:
            firm.receive_certificate(step, terms)
        asked = {firm: whole(award * firm.traits.weight * codes.FEN) for firm in winners}
        asked = {firm: amount for firm, amount in asked.items() if amount > 0}
        ranks = {firm: firm.claim_award(amount) for firm, amount in asked.items()}
        unpaid = set(refused(asked, ranks, purse.left))
        for firm, amount in asked.items():
            if firm not in unpaid:
                firm.receive_award(amount)

    def hold_contest(self, step: int, terms: Any) -> None:
        """Give the places of the year to the best, rivals from outside among them."""
        applicants = [firm for firm in self.firms if firm.applies(step, terms)]
        self.state.register[codes.SOUGHT][step] += sum(firm.thousandths for firm in applicants)
        scores = {firm: firm.score for firm in applicants}
        places = whole(1000.0 * terms.city_quota) if terms.city_quota > 0.0 else float("inf")
        rivals = self.rivals(step, terms)
        rival = next(rivals, None)
        winners = []
        for firm in sorted(applicants, key=lambda one: (-scores[one], one.traits.firm)):
            while rival is not None and rival > scores[firm] and places > 0:
                places -= 1000
                rival = next(rivals, None)
            if firm.thousandths <= places:
                places -= firm.thousandths
                winners.append(firm)
        for firm in winners:
            firm.win(step, terms)

    def rivals(self, step: int, terms: Any) -> Iterator[float]:
        """Scores of the applicants from outside, the best first."""
        moment, quantile = self.moment, 1.0
        for left in range(terms.rivals, 0, -1):
            quantile = rival_after(quantile, left, step, moment)
            yield rival_points(quantile, 0.25 * moment.quarter, self.setting.certification)

    def switch_suppliers(self) -> None:
        """Let links break and buyers ask; pay leaders of chains and the platform."""
        counts, till, policy = self.state.counts.links, self.state.till, self.moment.policy
        counts[LINKS_SWITCHED], counts[REQUESTS_SENT] = 0, 0
        terms, enrolled = terms_of_links(self.setting, self.moment), 0
        if self.setting.mechanisms.switching > 0.0:
            for firm in self.firms:
                firm.forget_requests(terms.lapsing)
            replace_leavers(terms.certified_odds, self.world, self.moment, self.state)
            buyers = [firm for firm in self.firms if firm.active]
            for buyer in buyers:
                buyer.review_links(terms)
            enrolled = sum(buyer.leads_chain(terms.leaders) for buyer in buyers)
            self._link_firms()
        spend(SUPPLY_CHAIN, whole(0.25 * policy.supply_chain_leader_cost * enrolled * codes.FEN), till)
        spend(PLATFORM, whole(0.25 * policy.digital_platform_cost * codes.FEN), till)

    def enter_and_exit(self) -> None:
        """Let firms leave and arrive."""
        for book in self.state.till.books:
            book.write_offs = 0
        hazard = quarterly_hazard(self.setting.firm.closure_rate)
        hazard_above = quarterly_hazard(self.setting.firm.closure_rate_above)
        for firm in self.firms:
            firm.leave_or_arrive(hazard, hazard_above)

    def learn(self) -> None:
        """Make options cheaper."""
        self.count_adopters()
        if self.setting.mechanisms.learning <= 0.0:
            return
        fitting, having = (
            zip(*table, strict=True) for table in (self.state.counts.park_fitting, self.state.counts.park)
        )
        soft = self.setting.behaviour.soft_cost_share
        for fits, has, offer, cost in zip(fitting, having, self.setting.options, self.state.costs, strict=True):
            gained = sum(has) / sum(fits) if sum(fits) > 0 else 0.0
            cost.outside_index *= 1.0 - 0.25 * offer.outside_trend
            cost.capex_index = next_capex_index(cost.outside_index, soft, gained, cost.opening_share)

    def pay_programmes(self) -> None:
        """Pay for incubators, circular farming and eco-tourism."""
        policy, till = self.moment.policy, self.state.till
        if incubating(policy):
            for firm in self.firms:
                if firm.in_incubator:
                    spend(INCUBATION, whole(0.25 * policy.incubation_cost * firm.traits.weight * codes.FEN), till)
        if self.setting.mechanisms.ecology > 0.0:
            farming = policy.circular_agriculture_cost * policy.circular_agriculture_coverage
            spend(FARMING, whole(0.25 * farming * codes.FEN), till)
            spend(TOURISM, whole(0.25 * policy.eco_tourism_cost * policy.eco_tourism_pull * codes.FEN), till)

    def balance_budgets(self) -> None:
        """Divide taxes; the budget closes."""
        balance_budgets(self.setting, self.state)

    def record_quarter(self) -> None:
        """Write down the sums of the quarter."""
        record_quarter(self.world, self.setting.factors, self.cash, self.moment, self.state, self.record)


def refused(asked: dict[Firm, int], ranks: dict[Firm, float], purse: int) -> list[Firm]:
    """Who gets nothing when amounts are given whole by falling rank, ties by number, while the purse lasts."""
    empty_handed = []
    for firm in sorted(asked, key=lambda one: (-ranks[one], one.traits.firm)):
        if asked[firm] <= purse:
            purse -= asked[firm]
        else:
            empty_handed.append(firm)
    return empty_handed
