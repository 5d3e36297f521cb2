"""Buyers change suppliers: by draws that anybody can repeat, at the published rate, and towards the certified."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from random_worlds import (
    Sketch,
    Story,
    changed,
    differing,
    division,
    sketched_run,
    sketched_world,
    sketches,
    snapshot,
    told,
    with_firms,
    with_mechanisms,
    with_policy,
)

from agents import codes
from agents.firm import quarterly_hazard
from agents.government import PLATFORM, SUPPLY_CHAIN
from agents.mathematics import whole
from agents.network import CERTIFIED, MOST_REQUESTS, N_PLACES, WHOLE_LINK
from sim.draws import four_uniforms, uniform
from sim.opening import open_district, opening_cash
from sim.phases.link_places import add_parts, mark, next_place
from sim.phases.recording import SUPPLY_COLUMNS, empty_record
from sim.population.supply import degree_facts, links_now
from sim.quarter import step_quarter
from sim.run import prepare_run
from sim.scenario import Scenario
from sim.world import build_world

MANAGER = 1 << codes.GREEN_SUPPLY_CHAIN_MANAGER
LEADERS = {"supply_chain_leader_number": 100.0, "supply_chain_leader_shift": 0.3, "supply_chain_leader_cost": 7.0}
NOTHING = {"supply_chain_leader_number": 0.0, "digital_platform_matching": 0.0}
SKETCHES = [
    Sketch(n=40, seed=61, quarters=4, moved=0.0),
    Sketch(n=60, seed=62, quarters=4, moved=0.0, busy=True),
    Sketch(n=40, seed=63, quarters=4, moved=0.5, busy=True),
]


def told_with(world, run, certificates):
    """Run a world whose firms hold given certificates after every quarter, and return the copies of its state."""
    state, record = open_district(world, run.setting, run.moments[0]), empty_of(world, run)
    cash = opening_cash(state)
    states = []
    for moment in run.moments:
        state.standing.certificates[:] = certificates
        states.append(snapshot(state))
        step_quarter(world, run.setting, moment, cash, state, record)
    return Story([*states, snapshot(state)], record)


def empty_of(world, run):
    return empty_record(
        len(run.moments), int((world.firms.product >= 0).sum()), len(run.setting.markets) - codes.N_SECTORS
    )


def some_certificates(n, seed, share=0.3):
    """Return certificates of firms: a share is certified, and some manage their supply chain."""
    luck = np.random.default_rng([seed, 7])
    certified = np.where(luck.random(n) < share, luck.choice([8, 24, 32], n), luck.choice([0, 1, 4], n))
    return (certified | np.where(luck.random(n) < 0.2, MANAGER, 0)).astype(np.int8)


# A second opinion


class Quarter:
    """What a quarter does to links, worked out link by link from the state before and the keyed draws."""

    def __init__(self, world, run, moment, before, after):
        self.world, self.rules, self.moment = world, run.setting.switching, moment
        self.policy, self.firms, self.there = moment.policy, world.firms, before.standing.active
        self.event = before.works.event
        self.certificates = before.standing.certificates
        self.requests = before.standing.requests.astype(int)
        self.parts = {}  # (link, place): parts
        links, supplier = world.links, np.repeat(np.arange(len(world.firms)), np.diff(world.links.supplier_start))
        self.seller = {(link, 0): int(supplier[link]) for link in range(len(links.link))}
        self.seller |= {(link, 1 + t): int(row) for (link, t), row in np.ndenumerate(links.substitute) if row >= 0}
        for link, place in self.seller:
            moved = links.place[link, place - 1]
            self.parts[link, place] = int(before.kept[link] if place == 0 else before.moved[moved])

    def draw(self, buyer, other, decision):
        moment = self.moment
        return uniform(moment.seed, buyer, other, moment.quarter, decision, moment.replicate)

    def certified(self, row):
        return bool(self.there[row]) and bool(self.certificates[row] & CERTIFIED)

    def forget(self):
        lapse = quarterly_hazard(self.rules.request_lapse)
        for row in np.flatnonzero(self.requests):
            luck = self.draw(self.firms.firm[row], 0, codes.REQUEST_LAPSE)
            kept = self.requests[row] - int(lapse * self.requests[row] + luck)
            self.requests[row] = kept if self.there[row] else 0

    def places(self, link):
        return [place for place in range(N_PLACES) if (link, place) in self.seller]

    def replace(self, link, leaving):
        buyer = self.firms.firm[self.world.links.customer[link]]
        favour = self.rules.certified_odds + self.policy.digital_platform_matching
        others = [p for p in self.places(link) if p != leaving and self.there[self.seller[link, p]]]
        odds = [favour if self.certified(self.seller[link, place]) else 1.0 for place in others]
        if self.parts[link, leaving] > 0 and sum(odds) > 0.0:
            draw = self.draw(buyer, self.firms.firm[self.seller[link, leaving]], codes.SUPPLIER_CHOICE)
            reach = zip(others, odds, np.cumsum(odds), strict=True)
            taker = next(place for place, one, top in reach if one > 0.0 and draw * sum(odds) < top)
            self.parts[link, taker] += self.parts[link, leaving]
            self.parts[link, leaving] = 0

    def replace_leavers(self):
        for link, place in sorted(self.seller):
            row, buyer = self.seller[link, place], self.world.links.customer[link]
            if not self.there[buyer]:
                continue
            if self.event[row] < 0 or (self.event[buyer] > 0 and place == 0 and not self.there[row]):
                self.replace(link, place)

    def main(self, link):
        return max(self.places(link), key=lambda place: (self.parts[link, place], -place))

    def favour(self, link, shift):
        green = [place for place in self.places(link) if self.certified(self.seller[link, place])]
        for place in self.places(link) if green and shift > 0.0 else ():
            if place not in green:
                moved = min(self.parts[link, place], int(shift * self.parts[link, place]) + 1)
                self.parts[link, place] -= moved
                self.parts[link, green[0]] += moved

    def ask(self, link, buyer):
        chance = quarterly_hazard(self.rules.request_rate)
        for place in self.places(link):
            row = self.seller[link, place]
            asked = self.parts[link, place] > 0 and self.there[row] and not self.certified(row)
            if asked and self.draw(buyer, self.firms.firm[row], codes.REQUEST) < chance:
                self.requests[row] = min(MOST_REQUESTS, self.requests[row] + 1)

    def review(self):
        self.forget()
        self.replace_leavers()
        links, moment = self.world.links, self.moment
        for i in np.flatnonzero(self.there):
            leads = 0 < self.firms.chain_rank[i] <= self.policy.supply_chain_leader_number
            manages = bool(self.certificates[i] & MANAGER)
            shifts = [leads * self.policy.supply_chain_leader_shift, manages * self.rules.manager_shift]
            buyer = self.firms.firm[i]
            own = links.link[links.customer_start[i] : links.customer_start[i + 1]]
            for at, link in enumerate(own):
                block, rest = divmod(at, 4)
                if (block + buyer) % 4 == moment.quarter % 4:
                    key = (moment.seed, buyer, block, moment.quarter, codes.SUPPLIER_SURVIVAL, moment.replicate)
                    if four_uniforms(*key)[rest] < 1.0 - self.rules.supplier_survival:
                        self.replace(link, self.main(link))
            for link in own if leads or manages else ():
                self.favour(link, quarterly_hazard(max(shifts)))
                self.ask(link, buyer)


def check_quarters(world, run, story):
    """Check links, requests and what the programmes cost against the second opinion."""
    for moment, before, after in zip(run.moments, story.states, story.states[1:], strict=False):
        if run.setting.mechanisms.switching > 0.0:
            wanted = Quarter(world, run, moment, before, after)
            wanted.review()
            for (link, place), parts in wanted.parts.items():
                got = after.kept[link] if place == 0 else after.moved[world.links.place[link, place - 1]]
                assert got == parts, (moment.quarter, link, place)
            wanted.requests[~after.standing.active] = 0  # who closes this quarter is asked for nothing more
            np.testing.assert_array_equal(after.standing.requests, wanted.requests)
            number = moment.policy.supply_chain_leader_number
            rank = world.firms.chain_rank[before.standing.active]
            enrolled = int(((rank > 0) & (rank <= number)).sum())
            cost = whole(0.25 * moment.policy.supply_chain_leader_cost * enrolled * codes.FEN)
            assert story.record.purses[moment.quarter, SUPPLY_CHAIN, 0] == cost
        cost = whole(0.25 * moment.policy.digital_platform_cost * codes.FEN)
        assert story.record.purses[moment.quarter, PLATFORM, 0] == cost


def led(sketch):
    """A run with chain leaders and a platform; nobody is certified anew, so that the certificates stay as given."""
    return with_policy(with_mechanisms(sketched_run(sketch), certification=0.0), **LEADERS)


@pytest.mark.kernels
@pytest.mark.parametrize("sketch", SKETCHES, ids=lambda sketch: f"seed{sketch.seed}")
def test_links_go_where_rules_and_draws_send_them(sketch):
    world, run = sketched_world(sketch), led(sketch)
    story = told_with(world, run, some_certificates(sketch.n, sketch.seed))
    check_quarters(world, run, story)
    assert story.record.supply[:, SUPPLY_COLUMNS.index("asked")].sum() > 0


@settings(max_examples=2 * settings.default.max_examples)
@given(sketches(60))
@example(Sketch(n=60, seed=1, quarters=8, moved=0.0, busy=True))
@example(Sketch(n=60, seed=2, quarters=8, moved=1.0, one_sector=True))
def test_links_of_any_world_go_where_rules_and_draws_send_them(sketch):
    world, run = sketched_world(sketch), led(sketch)
    check_quarters(world, run, told_with(world, run, some_certificates(sketch.n, sketch.seed)))


# What must not change


@pytest.mark.kernels
def test_a_programme_without_leaders_and_a_platform_without_effect_change_nothing():
    sketch = Sketch(n=40, seed=64, quarters=4, moved=0.0)
    world, run = sketched_world(sketch), with_policy(sketched_run(sketch), **NOTHING)
    certificates = some_certificates(sketch.n, sketch.seed)
    idle = with_policy(
        run, supply_chain_leader_number=0.0, supply_chain_leader_shift=0.9, supply_chain_leader_cost=50.0
    )
    one, other = (told_with(world, these, certificates) for these in (run, idle))
    assert not differing(one.states[-1], other.states[-1])
    assert not differing(one.record, other.record)


@pytest.mark.kernels
def test_without_the_mechanism_links_stay_as_drawn():
    sketch = Sketch(n=40, seed=65, quarters=3, moved=0.0, busy=True)
    world = sketched_world(sketch)
    run = with_mechanisms(with_policy(sketched_run(sketch), **LEADERS), switching=0.0)
    story = told_with(world, run, some_certificates(sketch.n, sketch.seed))
    assert (story.states[-1].kept == WHOLE_LINK).all()
    assert not story.states[-1].moved.any()
    assert not story.states[-1].standing.requests.any()


def test_what_supply_is_asked_for_does_not_depend_on_who_serves_it():
    """Moving a link between suppliers moves their orders and nobody else's; the buyer's own are the same."""
    sketch = Sketch(n=60, seed=66, quarters=1, moved=0.0)
    world, run = sketched_world(sketch), sketched_run(sketch)
    links = world.links
    link = int(np.flatnonzero(links.substitute[:, 0] >= 0)[0])
    stories = []
    for moved in (0, 5000):
        state, record = open_district(world, run.setting, run.moments[0]), empty_of(world, run)
        add_parts(link, 0, -moved, links, state.supply)
        add_parts(link, 1, moved, links, state.supply)
        step_quarter(world, run.setting, run.moments[0], opening_cash(state), state, record)
        stories.append(snapshot(state))
    orders = [story.trade.brown_orders + story.trade.green_orders for story in stories]
    added = orders[1] - orders[0]
    buyer, giver, taker = (
        links.customer[link],
        np.searchsorted(links.supplier_start, link, "right") - 1,
        links.substitute[link, 0],
    )
    amount = 5000 / WHOLE_LINK * links.purchase_share[link] * stories[0].trade.previous_output[buyer]
    np.testing.assert_allclose([added[giver], added[taker]], [-amount, amount], rtol=1e-9)
    others = np.delete(np.arange(sketch.n), [giver, taker])
    assert not added[others].any()


@pytest.mark.parametrize("n_places", [1, 31, 32, 33, 200])
def test_a_walk_over_places_in_use_meets_those_and_no_others(n_places):
    """Also across the borders of words, at the last place, and after parts went back."""
    words, luck = np.zeros(n_places // 32 + 1, np.uint32), np.random.default_rng(n_places)
    for used in (*(luck.random(n_places) < share for share in (0.1, 0.5, 0.03, 0.0)), np.arange(n_places) >= 0):
        for place in luck.permutation(n_places):
            mark(int(place), bool(used[place]), words)
        met, place = [], next_place(0, words)
        while place < n_places:
            met.append(place)
            place = next_place(place + 1, words)
        assert met == np.flatnonzero(used).tolist()


# What must happen


def certified_share(world, state):
    """Return the share of all links' purchases that goes to certified suppliers."""
    who = division(world, state)
    certified = state.standing.certificates[who.supplier] & CERTIFIED != 0
    return who.share[certified].sum() / who.share.sum()


@pytest.mark.parametrize("seed", range(3))
def test_leaders_managers_and_a_platform_bring_purchases_to_certified_firms(seed):
    sketch = Sketch(n=200, seed=seed, quarters=8, moved=0.0)
    world, run = sketched_world(sketch), with_policy(sketched_run(sketch), **NOTHING)
    run = with_mechanisms(run, closure=0.0, entry=0.0)
    plain = some_certificates(sketch.n, seed) & ~np.int8(MANAGER)
    shares = [
        certified_share(world, told_with(world, with_policy(run, **policy), held).states[-1])
        for policy, held in (
            ({}, plain),
            (LEADERS, plain),
            ({}, plain | np.int8(MANAGER)),
            ({"digital_platform_matching": 20.0}, plain),
        )
    ]
    assert min(shares[1:]) > shares[0]


def test_who_is_asked_notices_and_accepts_more():
    """The same firms with and without standing requests, which are not forgotten."""
    sketch = Sketch(n=150, seed=67, quarters=6, moved=0.0)
    world, run = sketched_world(sketch), sketched_run(sketch)
    run = run._replace(setting=run.setting._replace(switching=changed(run.setting.switching, request_lapse=0.0)))
    found = []
    for requests in (0, 3):
        state, record = open_district(world, run.setting, run.moments[0]), empty_of(world, run)
        state.standing.requests[:] = requests
        cash = opening_cash(state)
        for moment in run.moments:
            step_quarter(world, run.setting, moment, cash, state, record)
        sets = [state.agenda.noticed, state.agenda.adopted | state.agenda.building]
        found.append([sum(int(bits).bit_count() for bits in options.tolist()) for options in sets])
    assert all(more > fewer for fewer, more in zip(*found, strict=True))


def test_public_buyers_can_prefer_certified_makers():
    sketch = Sketch(n=120, seed=68, quarters=2, moved=0.0)
    world = sketched_world(sketch)
    run = with_policy(sketched_run(sketch), green_procurement_pull=0.5, green_consumption_pull=0.0)
    held = some_certificates(sketch.n, 68)
    makers = (world.firms.product >= 0) & (world.firms.base_green_share > 0.0)
    sold = []
    for share in (0.0, 1.0):
        after = told_with(world, with_policy(run, green_procurement_certified_share=share), held).states[1]
        sold.append(after.trade.green_orders)
    certified = held & CERTIFIED != 0
    assert sold[1][makers & certified].sum() > sold[0][makers & certified].sum()
    assert sold[1][makers & ~certified].sum() < sold[0][makers & ~certified].sum()
    assert sold[1].sum() == pytest.approx(sold[0].sum(), rel=1e-9)


@pytest.fixture(scope="module")
def five_years():
    """The district after five years without closures and arrivals, and with them."""
    scenario = Scenario.load("baseline", firms=5000, until="2025Q4", parameters="central")
    world, run = build_world(scenario, 0), prepare_run(scenario, 0)
    still = with_mechanisms(run, closure=0.0, entry=0.0)
    return world, told(world, still).states, told(world, run).states[-1]


def test_links_survive_as_published(five_years):
    world, states, _ = five_years
    buyer_there = ~world.firms.entrant[world.links.customer]
    can_break = (world.links.substitute[:, 0] >= 0) & buyer_there
    for year in range(1, 6):
        alive = (states[4 * year].kept == WHOLE_LINK) & (states[4 * year - 4].kept == WHOLE_LINK) & can_break
        start = (states[4 * year - 4].kept == WHOLE_LINK) & can_break
        assert alive.sum() / start.sum() == pytest.approx(0.92, abs=0.005)


def facts_of(world, state):
    """Return the facts of the network among the firms that are there."""
    firms = with_firms(world, entrant=~state.standing.active).firms
    return degree_facts(links_now(world.firms.firm, world.links, state, state.standing.active), firms)


def test_the_network_is_lifelike_after_five_years(five_years):
    """Within the published ranges while firms stay; arrivals are larger than those they join and buy from more."""
    world, states, with_turnover = five_years
    facts, moved = facts_of(world, states[-1]), facts_of(world, with_turnover)
    assert 6.0 <= facts["mean_suppliers"] <= 7.0
    assert 1.3 <= facts["supplier_tail_exponent"] <= 1.7
    assert 0.9 <= facts["customer_tail_exponent"] <= 1.2
    assert 6.0 <= moved["mean_suppliers"] <= 7.5
    assert 1.2 <= moved["supplier_tail_exponent"] <= 1.7
    assert 0.9 <= moved["customer_tail_exponent"] <= 1.2
    for found in (facts, moved):
        assert found["community_share"] == pytest.approx(0.4, abs=0.04)
        assert found["reached_share"] > 0.99


@pytest.mark.kernels
def test_links_that_nobody_switched_are_those_drawn():
    world = sketched_world(Sketch(n=80, seed=69))
    run = sketched_run(Sketch(n=80, seed=69))
    supply = open_district(world, run.setting, run.moments[0]).supply
    now = links_now(world.firms.firm, world.links, supply, np.ones(80, np.bool_))
    for name in ("supplier_start", "customer", "purchase_share", "customer_start", "supplier", "link", "link_id"):
        np.testing.assert_array_equal(getattr(now, name), getattr(world.links, name), err_msg=name)


@pytest.mark.kernels
def test_substitutes_sell_the_same_have_room_and_are_nobody_the_buyer_has():
    world = sketched_world(Sketch(n=150, seed=70))
    links, firms = world.links, world.firms
    supplier = np.repeat(np.arange(len(firms)), np.diff(links.supplier_start))
    pairs = set(zip(links.customer.tolist(), supplier.tolist(), strict=True))
    found = 0
    for (link, t), row in np.ndenumerate(links.substitute):
        if row < 0:
            assert links.place[link, t] == -1
            continue
        found += 1
        buyer, place = int(links.customer[link]), links.place[link, t]
        assert links.instead[place] == link
        assert links.substitute_start[row] <= place < links.substitute_start[row + 1]
        assert firms.sector[row] == firms.sector[supplier[link]]
        assert (buyer, int(row)) not in pairs
        assert row != buyer
        assert not firms.entrant[row]
        assert links.purchase_share[link] * firms.base_output[buyer] <= 0.5 * firms.base_output[row] * (1 + 1e-12)
    assert found == len(links.instead) > 50
    assert (links.substitute[:, 0] != links.substitute[:, 1])[links.substitute[:, 1] >= 0].all()
