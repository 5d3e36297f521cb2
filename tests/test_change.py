"""Markets, luck, conversions, exits, arrivals and the opening agenda, worked out a second time with plain loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from oracle import Quarter, conversion_of, converts, options_of
from random_worlds import Sketch, sketched_run, sketched_world, sketches, told, with_mechanisms

from agents import codes
from agents.codes import FEN, N_OPTIONS, N_SECTORS
from agents.firm import desired_expansion, quarterly_hazard
from agents.market import growth_spread, local_demand, luck, market_shock, quarterly
from agents.mathematics import exp, normal_quantile, whole
from agents.retrofit import acceptance, irreversible_cutoff, payback
from sim.draws import uniform

SKETCHES = [
    Sketch(n=40, seed=61, quarters=6, moved=0.0, busy=True),
    Sketch(n=40, seed=62, quarters=5, moved=0.3, one_sector=True, busy=True),
    Sketch(n=30, seed=63, quarters=5, moved=0.3),
    Sketch(n=40, seed=65, quarters=5, moved=0.0, one_sector=True, busy=True),
    Sketch(n=25, seed=64, quarters=8, moved=0.1, all_entrants=True, busy=True),
]


def growth_of(quarter, c):
    """Return the yearly growth of a market."""
    market, setting, number = quarter.setting.markets[c], quarter.setting, quarter.moment.quarter
    if setting.mechanisms.market_growth <= 0.0:
        return 0.0
    growth = market.growth_2021 if number < 4 else market.growth if number < 20 else market.growth_after
    return growth + setting.market.growth_shift


def check_markets(quarter):
    """Check volume, price, shock and demand of every segment."""
    setting, before, after, moment = quarter.setting, quarter.before.segments, quarter.after.segments, quarter.moment
    grows, shocked = setting.mechanisms.market_growth > 0.0, setting.mechanisms.market_shocks > 0.0
    capacity = capacities(quarter)
    for c in range(len(after)):
        market = setting.markets[c]
        volume = before.volume[c] * quarterly(growth_of(quarter, c))
        if market.dispatched and grows:
            cut = quarter.policy.coal_substitution_station_cut * (setting.mechanisms.orders > 0.0)
            volume = moment.prices.station_dispatch * (1.0 - cut)
        assert after.volume[c] == pytest.approx(volume, rel=1e-14)
        inflation = (market.price_2021 if moment.quarter < 4 else market.price_growth) if grows else 0.0
        assert after.price[c] == pytest.approx(before.price[c] * quarterly(inflation), rel=1e-14)
        shock = before.shock[c]
        if shocked and not market.dispatched:
            draw = uniform(moment.seed, c, 0, moment.quarter, codes.MARKET_SHOCK, moment.replicate)
            rules = setting.market
            shock = market_shock(shock, rules.shock_spread, rules.shock_persistence, normal_quantile(draw))
        assert after.shock[c] == pytest.approx(shock, rel=1e-14)
        assert after.capacity[c] == pytest.approx(capacity[c], rel=1e-9, abs=1e-4)
        assert after.demand[c] == pytest.approx(demand_for(quarter, c), rel=1e-12)


def capacities(quarter):
    """Return what the firms of each segment could make at the beginning of the quarter."""
    trade, firms = quarter.before.trade, quarter.firms
    capacity = np.zeros(len(quarter.after.segments))
    for i in quarter.there:
        capacity[firms.sector[i]] += trade.brown_capacity[i]
        if firms.product[i] >= 0:
            capacity[N_SECTORS + firms.product[i]] += trade.green_capacity[i]
    return capacity


def demand_for(quarter, c):
    """Return the final demand that a segment's makers meet."""
    setting, segment, policy = quarter.setting, quarter.after.segments[c], quarter.policy
    market, rules = setting.markets[c], setting.market
    outside = segment.volume * exp(segment.shock)
    if c >= N_SECTORS:
        pull = policy.green_consumption_pull + policy.green_procurement_pull
        outside *= 1.0 + pull * (setting.mechanisms.green_pull > 0.0)
    if market.tourism:
        outside *= 1.0 + policy.eco_tourism_pull * (setting.mechanisms.ecology > 0.0)
    if market.dispatched:
        return segment.base_demand * outside
    if segment.base_capacity <= 0.0:
        return rules.newcomer_sales * segment.capacity
    ratio = segment.capacity / segment.base_capacity
    return local_demand(segment.base_demand, outside, ratio, rules.capacity_elasticity, rules.share_cap)


def check_luck(quarter):
    """Check how the places of firms in their markets drift."""
    rules, on = quarter.setting.market, quarter.setting.mechanisms.firm_shocks > 0.0
    before, after, firms = quarter.before.trade, quarter.after.trade, quarter.firms
    for i in quarter.there:
        step = 1.0
        if on:
            size = 4.0 * before.output[i] / firms.weight[i]
            draw = quarter.luck(i, 0, codes.FIRM_SHOCK, quarter.moment.quarter)
            step = luck(growth_spread(size, firms.weight[i], rules), rules.firm_shock_cap, draw)
        assert after.brown_appeal[i] == before.brown_appeal[i] * step
        if before.green_capacity[i] > 0.0:
            assert after.green_appeal[i] == before.green_appeal[i] * step
        elif after.green_capacity[i] > 0.0 and quarter.after.standing.active[i]:
            segment = quarter.after.segments[N_SECTORS + firms.product[i]]
            mean = segment.base_demand / segment.base_capacity if segment.base_capacity > 0.0 else rules.newcomer_sales
            assert after.green_appeal[i] == mean


def check_plans(quarter):
    """Check who plans to expand or to convert, how much and at what price; of firms that stay."""
    works = quarter.after.works
    for i in quarter.there:
        if not quarter.after.standing.active[i]:
            continue
        idle = works.expansion_left[i] == 0 and works.conversion_left[i] == 0
        price = check_expansion(quarter, i) if idle else 0
        free = idle and price == 0
        planned = quarter.after.proposals.conversion_cost[i] > 0
        wanted = free and converts(quarter, i) and whole(conversion_of(quarter, i)[0] * FEN) > 0
        assert planned == wanted
        if planned:
            cost, grant, size = conversion_of(quarter, i)
            assert works.conversion[i] == pytest.approx(size, rel=1e-14)
            assert abs(quarter.after.proposals.conversion_cost[i] - cost * FEN) <= 1.0 + 1e-12 * cost * FEN
            assert abs(quarter.after.proposals.conversion_grant[i] - grant * FEN) <= 1.0 + 1e-12 * grant * FEN


def check_expansion(quarter, i):
    """Check the plan of a firm to expand and return its price."""
    setting, firms, trade, proposals = quarter.setting, quarter.firms, quarter.after.trade, quarter.after.proposals
    sector = int(firms.sector[i])
    brown = green = 0.0
    if setting.mechanisms.expansion > 0.0 and not setting.markets[sector].dispatched:
        growth = growth_of(quarter, sector)
        brown = desired_expansion(trade.brown_expected[i], trade.brown_capacity[i], growth, setting.firm)
        if quarter.world.sectors[sector].intensive and setting.mechanisms.orders > 0.0:
            brown = brown * (1.0 - quarter.policy.high_energy_limits_expansion)
        if firms.product[i] >= 0:
            growth = growth_of(quarter, N_SECTORS + int(firms.product[i]))
            green = desired_expansion(trade.green_expected[i], trade.green_capacity[i], growth, setting.firm)
    price = quarter.after.segments.price[setting.machinery]
    capital = quarter.world.sectors[sector].capital_output
    cost = whole(4.0 * setting.firm.target_utilisation * (brown + green) * capital * price * FEN)
    assert abs(proposals.expansion_cost[i] - cost) <= 1
    assert min(brown, green) >= 0.0
    if cost > 0:
        works = quarter.after.works
        assert (works.brown_expansion[i], works.green_expansion[i]) == (brown, green)
    return cost


def makes_green(quarter, i, left):
    """Return whether a firm had green capacity when its luck was drawn; of one that left, at the beginning."""
    return (quarter.before if left else quarter.after).trade.green_capacity[i] > 0.0


def check_exits(quarter):
    """Check that those leave whose luck or whose debts say so, and nobody else."""
    rules, firms, after = quarter.setting.firm, quarter.firms, quarter.after
    on = quarter.setting.mechanisms.closure > 0.0
    written_off = 0
    for i in quarter.there:
        left = not after.standing.active[i]
        yearly = rules.closure_rate_above if firms.above_scale[i] else rules.closure_rate
        chance = quarterly_hazard(yearly)
        if firms.entrant[i] and firms.size_class[i] <= 1 and makes_green(quarter, i, left):
            chance = chance * (1.0 - quarter.policy.incubation_survival)
        unlucky = quarter.luck(i, 0, codes.FAILURE, quarter.moment.quarter) < chance
        if left:
            assert on
            assert firms.anchor[i] == 0
            written_off += not unlucky
        elif on and firms.anchor[i] == 0:
            assert not unlucky
            money = after.money[i]
            owed = money.debt + money.term_debt + money.green_debt
            assert owed <= rules.exit_leverage * (money.capital + max(money.cash, 0))
    # Who left without bad luck owed more than it had.
    assert written_off == 0 or after.books.write_offs.sum() > 0 or rules.exit_leverage < 1.0


def check_arrivals(quarter):
    """Check who decides for the district, and when it opens."""
    rules, policy, firms = quarter.setting.firm, quarter.policy, quarter.firms
    on = quarter.setting.mechanisms.entry > 0.0
    before, after = quarter.before.works.arrival_left, quarter.after.works.arrival_left
    for i in np.flatnonzero(~quarter.before.standing.active):
        if not on or not firms.entrant[i]:
            assert after[i] == before[i]
            assert not quarter.after.standing.active[i]
            continue
        if before[i] < 0:
            yearly = rules.entry_rate * quarter.world.sectors[firms.sector[i]].spare_ratio
            yearly *= policy.investment_attraction_multiplier
            if firms.base_green_share[i] > 0.0:
                yearly *= policy.investment_attraction_green_multiplier
                yearly *= policy.incubation_entry if firms.size_class[i] <= 1 else 1.0
            elif quarter.world.sectors[firms.sector[i]].intensive and quarter.setting.mechanisms.orders > 0.0:
                yearly *= 1.0 - policy.high_energy_limits_entry
            decides = quarter.luck(i, 0, codes.ENTRY, quarter.moment.quarter) < quarterly_hazard(min(yearly, 1.0))
            assert after[i] == (max(1, int(rules.arrival_quarters)) if decides else before[i])
        else:
            assert after[i] == max(before[i] - 1, 0)
        assert quarter.after.standing.active[i] == (before[i] == 1)


def check_opening(world, run, opening):
    """Check what firms know and have at the end of 2020: the same gates, without grants and peers."""
    setting, moment = run.setting, run.moments[0]
    rules = setting.behaviour
    coverage = setting.base_policy.emission_limits_coverage + setting.base_policy.emission_limits_offset
    coverage = coverage * (setting.mechanisms.orders > 0.0)
    # A quarter before the first one, at the output of the end of 2020.
    quarter = Quarter(world, setting, moment, opening, opening)
    for i in quarter.there:
        noticed, adopted = set(), lines_at_the_start(quarter, i)
        years = min(rules.history_years, world.firms.age[i])
        for option in sorted(quarter.fits[i]) if opening.trade.output[i] > 0.0 else []:
            offer = setting.options[option]
            if options_of(offer.excludes) & adopted:
                continue
            heard = 1.0 - exp(-rules.base_attention * offer.attention * years)
            if quarter.luck(i, option, codes.INITIAL_STOCK) >= heard:
                continue
            noticed.add(option)
            if offer.mandate_only:
                ordered = quarter.luck(i, option, codes.ORDERED) < coverage
                if ordered and offer.abatement:
                    adopted.add(option)
            elif carried_out(quarter, i, option):
                adopted.add(option)
        proven = proven_options(setting, opening.standing[i])
        assert options_of(opening.agenda.noticed[i]) == noticed | proven
        assert options_of(opening.agenda.adopted[i]) == adopted | proven


def proven_options(setting, standing):
    """Return the options that a firm's certificates prove to be in use."""
    steps = options_of(standing.certificates | standing.pending)
    return {int(setting.certificates[step].option) for step in steps} - {-1}


def lines_at_the_start(quarter, i):
    """Return the line of a firm's green product, if the catalogue has it and the firm makes the product."""
    product, green = quarter.firms.product[i], quarter.before.trade.green_capacity[i]
    line = quarter.setting.markets[N_SECTORS + product].line if product >= 0 and green > 0.0 else -1
    return {int(line)} & options_of(quarter.firms.eligible[i])


def carried_out(quarter, i, option):
    """Return whether a firm that knew an option before 2021 took it up."""
    _, capex, saving = quarter.size_price_saving(i, option)
    if saving <= 0.0 or capex <= 0.0:
        return False
    offer, rules = quarter.setting.options[option], quarter.setting.behaviour
    cutoff = quarter.firms.payback_cutoff[i]
    if offer.irreversible:
        cutoff = irreversible_cutoff(rules.irreversible_hurdle, rules.option_multiple, offer.lifetime)
    share = acceptance(payback(capex, saving, 1.0), cutoff, 1.0, 0.0, 0.0, rules)
    likes = share >= quarter.luck(i, option, codes.ACCEPTANCE)
    return likes and quarter.luck(i, option, codes.INITIAL_ADOPTION) < rules.history_share


def check_run(sketch):
    """Check the opening and every quarter; plans only where all firms stay: peers are counted before they leave."""
    world = sketched_world(sketch)
    run = with_mechanisms(sketched_run(sketch), retrofits=1.0, **({"closure": 0.0} if sketch.seed % 2 else {}))
    story = told(world, run)
    check_opening(world, run, story.states[0])
    for moment, before, after in zip(run.moments, story.states, story.states[1:], strict=False):
        quarter = Quarter(world, run.setting, moment, before, after)
        for check in (check_markets, check_luck, check_exits, check_arrivals):
            check(quarter)
        if sketch.seed % 2:
            check_plans(quarter)


@pytest.mark.kernels
@pytest.mark.parametrize("sketch", SKETCHES, ids=lambda sketch: f"seed{sketch.seed}")
def test_markets_and_firms_change_as_the_rules_say(sketch):
    check_run(sketch)


@settings(max_examples=settings.default.max_examples // 2)
@given(sketches(40))
def test_markets_and_firms_of_any_world_change_as_the_rules_say(sketch):
    check_run(sketch)


def test_the_sketches_see_all_kinds_of_change():
    seen = set()
    for sketch in SKETCHES:
        story = told(sketched_world(sketch), sketched_run(sketch))
        for state in story.states[1:]:
            seen |= {int(event) for event in state.works.event}
            seen |= {"converting"} if (state.proposals.conversion_cost > 0).any() else set()
            seen |= {"expanding"} if (state.proposals.expansion_cost > 0).any() else set()
    assert seen == {-1, 0, 1, "converting", "expanding"}
    assert len(declared_options()) == N_OPTIONS


def declared_options():
    """Return the options of the catalogue."""
    return sketched_run(SKETCHES[0]).setting.options
