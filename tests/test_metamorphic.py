"""What must not change a run, and does not, bit for bit; numbers M-01 to M-16 of the reliability study.

Runs are compared column by column over all quarters; a failing test names the columns that differ.
"""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import example, given, settings
from random_worlds import (
    Sketch,
    changed,
    columns,
    declared_run,
    differing,
    linked,
    parts,
    seen,
    sketched_firms,
    sketched_run,
    sketched_world,
    sketches,
    told,
    with_firms,
    with_mechanisms,
    with_policy,
)

from agents.codes import ACCEPTANCE, N_BANKS, N_OPTIONS
from agents.government import CONVERSION
from agents.network import Links
from sim.draws import uniform
from sim.phases.recording import PURSE_COLUMNS
from sim.run import prepare_run, run_replicate, step_replicate
from sim.scenario import Scenario
from sim.state import Desk, Giver, Taker
from sim.world import assemble, build_world

SOME = settings(max_examples=settings.default.max_examples // 4)
FAR = 2**31 - 1  # an id that no random firm has
PURSES = ("retrofit_grant", "digital_grant", "pv_grant", "conversion_grant", "park_renovation")
NO_PURSE = {f"{name}_purse": 0.0 for name in PURSES}
NO_SHARE = {
    "retrofit_grant_share": 0.0,
    "digital_grant_share": 0.0,
    "pv_grant_rate": 0.0,
    "conversion_grant_share": 0.0,
    "park_renovation_share": 0.0,
}
LUSH = {
    "retrofit_grant_share": 0.3,
    "digital_grant_share": 0.3,
    "pv_grant_rate": 0.1,
    "conversion_grant_share": 0.3,
    "park_renovation_share": 0.5,
    "retrofit_grant_threshold": 0.0,
    "digital_grant_threshold": 0.0,
}
TINY = Sketch(n=20, seed=21, quarters=3, moved=0.0, busy=True)


def same(one, other, but=()):
    """Assert that two stories are the same bits, some columns of the record aside."""
    names = set()
    for mine, theirs in zip(one.states, other.states, strict=True):
        names |= set(differing(mine, theirs))
    names |= set(differing(one.record, other.record))
    assert not names - set(but)


def without_purse_columns(story):
    """Return a story without what purses hold and were asked: money left over is no matter of the firms."""
    for state in story.states:
        state.purses.left[:] = 0
    story.record.purses[:, :, PURSE_COLUMNS.index("left")] = 0
    return story


def started(story):
    """Return for each row and option the quarter in which it was first had or built; the end if never."""
    n_quarters = len(story.states)
    first = np.full((len(story.states[0].money), N_OPTIONS), n_quarters)
    for quarter in range(n_quarters - 1, -1, -1):
        agenda = story.states[quarter].agenda
        held = (agenda.adopted | agenda.building)[:, None] >> np.arange(N_OPTIONS) & 1 == 1
        first[held] = quarter
    return first


# The same run


@pytest.mark.kernels
def test_a_run_told_twice_is_the_same():
    world, run = sketched_world(TINY), sketched_run(TINY)
    same(told(world, run), told(world, run))


@SOME
@given(sketches(60))
def test_a_run_told_twice_in_other_threads_is_the_same(sketch):
    world, run = sketched_world(sketch), sketched_run(sketch)
    first = told(world, run)
    with ThreadPoolExecutor(2) as threads:
        for story in threads.map(lambda _: told(world, run), range(2)):
            same(first, story)


def test_replicates_are_the_same_in_any_order_and_company():
    scenario = Scenario.load("plan", firms=600, until="2022Q4")
    world = build_world(scenario, 0)
    alone = [run_replicate(scenario, world, replicate) for replicate in range(4)]
    with ThreadPoolExecutor(2) as threads:
        together = list(threads.map(lambda replicate: run_replicate(scenario, world, replicate), [3, 1, 2, 0]))
    for replicate, record in zip([3, 1, 2, 0], together, strict=True):
        assert not differing(alone[replicate], record)
    assert differing(alone[0], alone[1]), "replicates must differ as well as repeat"


@pytest.mark.parametrize(
    "key",
    ["policy.retrofit_grant.share", "policy.carbon_price.price", "policy.green_credit.quota", "model.peers"],
)
def test_a_lever_at_its_own_value_changes_nothing(key):
    plain = Scenario.load("plan", firms=600, until="2022Q4")
    value = dict(levers_of(plain)).get(key, "on")
    same_again = Scenario.load("plan", firms=600, until="2022Q4", changes={key: value})
    world = build_world(plain, 0)
    assert not differing(run_replicate(plain, world, 0), run_replicate(same_again, world, 0))


def levers_of(scenario):
    """Yield key and value of every policy at the beginning of 2022."""
    policy = scenario.tuples(None).policies[4]
    for field in policy._fields:
        for instrument in ("retrofit_grant", "carbon_price", "green_credit"):
            if field.startswith(instrument):
                yield f"policy.{instrument}.{field[len(instrument) + 1 :]}", getattr(policy, field)


def test_every_number_of_a_setting_can_be_set_to_itself():
    sketch = Sketch(n=30, seed=22, quarters=4)
    world, run = sketched_world(sketch), sketched_run(sketch)
    policy = run.moments[0].policy
    itself = with_policy(run, **{name: float(policy[name]) for name in policy.dtype.names})
    changing = len({moment.policy.tobytes() for moment in run.moments}) > 1
    assert changing or not differing(told(world, run).record, told(world, itself).record)


# Money


@pytest.mark.kernels
def test_an_empty_purse_is_no_grant_in_a_tiny_world():
    check_no_grants(TINY)


@SOME
@given(sketches(120))
def test_an_empty_purse_no_share_and_no_mechanism_are_the_same(sketch):
    check_no_grants(sketch)


def check_no_grants(sketch):
    world, run = sketched_world(sketch), with_policy(sketched_run(sketch), **LUSH)
    purseless, shareless = told(world, with_policy(run, **NO_PURSE)), told(world, with_policy(run, **NO_SHARE))
    off = told(world, with_mechanisms(run, grants=0.0))
    same(without_purse_columns(purseless), without_purse_columns(shareless))
    same(purseless, without_purse_columns(off))


@SOME
@given(sketches(120))
def test_no_quota_is_no_green_credit(sketch):
    world, run = sketched_world(sketch), sketched_run(sketch)
    same(
        told(world, with_policy(run, green_credit_quota=0.0, relending_quota=0.0, green_credit_discount=0.02)),
        told(world, with_policy(run, green_credit_quota=0.0, relending_quota=0.0, green_credit_discount=0.0)),
    )


@SOME
@given(sketches(120))
def test_more_money_in_a_purse_that_was_never_empty_changes_nothing(sketch):
    world, run = sketched_world(sketch), with_policy(sketched_run(sketch), **LUSH)
    plenty = dict.fromkeys(NO_PURSE, 1000000000.0)
    story = told(world, with_policy(run, **plenty))
    left, asked = (story.record.purses[:, 1 : CONVERSION + 1, PURSE_COLUMNS.index(name)] for name in ("left", "asked"))
    assert (left > asked).all()
    more = told(world, with_policy(run, **dict.fromkeys(NO_PURSE, 2000000000.0)))
    same(without_purse_columns(story), without_purse_columns(more))


# Rows


@pytest.mark.kernels
def test_the_order_of_the_rows_does_not_matter_in_a_tiny_world():
    check_order(TINY)


@SOME
@given(sketches(200))
@example(Sketch(n=200, seed=1, quarters=8, moved=0.0, busy=True))
@example(Sketch(n=200, seed=2, quarters=8, moved=0.0, busy=True))
def test_the_order_of_the_rows_does_not_matter(sketch):
    check_order(sketch)


def check_order(sketch):
    firms, run = sketched_firms(sketch), sketched_run(sketch)
    order = np.random.default_rng(sketch.seed).permutation(sketch.n)
    shuffled = firms._replace(**{name: column[order] for name, column in firms._asdict().items()})
    worlds = [assemble(these, linked(these, sketch), sketch.seed) for these in (firms, shuffled)]
    mine, theirs = (told(world, run) for world in worlds)
    same(without_places(mine, order, worlds[0]), without_places(theirs, np.arange(sketch.n), worlds[1]))


def without_places(story, order, world):
    """Return a story with its rows in another order and its links in that of their ids, without passing notes."""
    by_id, place = np.argsort(world.links.link_id), world.links.place
    for state in story.states:
        state.kept = state.kept[by_id]
        state.moved = np.where(place >= 0, np.append(state.moved, 0)[place], 0)[by_id]
        del state.order, state.desk, state.givers, state.takers, state.in_use
        for name, part in vars(state).items():
            if name in ROWS_OF_FIRMS:
                setattr(state, name, part[order])
    makes = world.firms.product >= 0
    makers = (np.cumsum(makes) - 1)[order[makes[order]]]
    rows = {
        name: getattr(story.record, name)[:, makers]
        for name in ("green_sales", "project_sales", "green_capacity", "converted")
    }
    return story._replace(record=story.record._replace(**rows))


@pytest.mark.kernels
def test_an_inert_firm_changes_nothing_in_a_tiny_world():
    check_inert(TINY)


@SOME
@given(sketches(120))
@example(Sketch(n=120, seed=1, quarters=8, moved=0.0, one_sector=True))
@example(Sketch(n=120, seed=2, quarters=8, moved=0.0, one_sector=True))
@example(Sketch(n=120, seed=3, quarters=8, moved=0.0, one_sector=True))
@example(Sketch(n=100, seed=1, quarters=8, moved=0.0, one_sector=True, busy=True))
@example(Sketch(n=100, seed=7, quarters=8, moved=0.0, one_sector=True, busy=True))
def test_an_inert_firm_changes_nothing_for_others(sketch):
    check_inert(sketch)


def check_inert(sketch):
    """Add a firm that makes nothing, knows nobody and can do nothing; compare the rows of the others and all money."""
    firms, run = sketched_firms(sketch), sketched_run(sketch)
    run = with_mechanisms(run, entry=0.0)  # how many rows are present sets the rate of arrivals
    setting = run.setting._replace(
        behaviour=changed(run.setting.behaviour, peer_attention=3.0, peer_weight=5.0),
        conversion=changed(run.setting.conversion, peer_weight=5.0),
    )
    run = run._replace(setting=setting)
    links = linked(firms, sketch)
    place = int(np.random.default_rng(sketch.seed).integers(0, sketch.n + 1))
    mine = told(assemble(firms, links, sketch.seed), run)
    world = assemble(with_inert(firms, place), with_unlinked(links, place), sketch.seed)
    eligible = world.firms.eligible.copy()
    eligible[place] = 0
    world = with_firms(world, eligible=eligible)
    theirs = told(world, run)
    others = np.delete(np.arange(sketch.n + 1), place)
    for before, after in zip(mine.states, theirs.states, strict=True):
        for name, column in columns(before):
            group = name.partition(".")[0]
            if group in ROWS_OF_FIRMS:
                assert column.tobytes() == dict(columns(after))[name][others].tobytes(), name
        for name in ("accounts", "segments", "books", "purses", "costs", "kept", "moved"):
            assert getattr(before, name).tobytes() == getattr(after, name).tobytes(), name
    assert mine.record.sectors.tobytes() == theirs.record.sectors.tobytes()


ROWS_OF_FIRMS = {
    "standing",
    "validity",
    "trade",
    "works",
    "peers",
    "plant",
    "agenda",
    "projects",
    "proposals",
    "money",
    "ledger",
    "quantities",
    "base_money",
    "base_tax",
}


def with_inert(firms, place):
    """Return firms with one more row that is there, and weighs, makes, owns and owes nothing."""
    values = {name: np.insert(column, place, np.zeros(1, column.dtype)[0]) for name, column in firms._asdict().items()}
    neighbour = {"sector": firms.sector[0], "park": firms.park[0]}
    traits = {"firm": FAR, "product": -1, "weight": 1e-9, "payback_cutoff": 1.0, "anchor": 1} | neighbour
    for name, value in traits.items():
        values[name][place] = value
    return firms._replace(**values)


def with_unlinked(links, place):
    """Return links among the same firms when another row without links stands before row `place`."""

    def moved(rows):
        return np.where(rows >= place, rows + 1, rows).astype(rows.dtype)

    return Links(
        np.insert(links.supplier_start, place, links.supplier_start[place]),
        moved(links.customer),
        links.purchase_share,
        np.insert(links.customer_start, place, links.customer_start[place]),
        moved(links.supplier),
        links.link,
        moved(links.seller),
        links.link_id,
        moved(links.substitute),
        links.place,
        np.insert(links.substitute_start, place, links.substitute_start[place]),
        links.instead,
    )


# Time


@SOME
@given(sketches(120))
def test_a_policy_changes_nothing_before_it_begins(sketch):
    start = sketch.seed % 8
    world, run = sketched_world(sketch), sketched_run(sketch._replace(quarters=8))
    change = LUSH | {
        "carbon_price_price": 500.0,
        "emission_limits_coverage": 0.9,
        "phase_out_share": 0.3,
        "high_energy_limits_entry": 1.0,
        "coal_substitution_station_cut": 0.5,
        "energy_rights_price": 500.0,
        "tiered_electricity_surcharge": 0.5,
        "renewable_projects_wind": 50.0,
        "incubation_survival": 0.9,
        "eco_tourism_pull": 0.5,
        "circular_agriculture_coverage": 0.9,
        "investment_attraction_multiplier": 9,
        "supply_chain_leader_number": 50,
        "digital_platform_attention": 0.5,
    }
    plain, with_change = told(world, run), told(world, with_policy(run, start, **change))
    for quarter in range(start + 1):
        assert not differing(plain.states[quarter], with_change.states[quarter])


@SOME
@given(sketches(120))
def test_a_shorter_run_is_the_beginning_of_a_longer_one(sketch):
    world, run = sketched_world(sketch), sketched_run(sketch._replace(quarters=8))
    long = told(world, run)
    short = told(world, run._replace(moments=run.moments[: sketch.quarters]))
    for mine, theirs in zip(short.states, long.states, strict=False):
        assert not differing(mine, theirs)
    check_prefix(short.record, long.record)


def check_prefix(short, long):
    """Assert that what a record says of its quarters and complete years is the beginning of a longer record."""
    n_quarters = len(short.residuals)
    alike = short.kept_years.tolist() == long.kept_years.tolist()
    for name, column in columns(short):
        if name in {"kept_years", *YEARLY} and not alike:
            continue  # single firms are kept for the years between which the bridge leads: not the same ones
        n_periods = n_quarters // 4 if name in YEARLY else n_quarters
        assert column[:n_periods].tobytes() == dict(columns(long))[name][:n_periods].tobytes(), name


YEARLY = {"green_sales", "project_sales", "green_capacity", "converted"}


def test_a_change_in_2023_leaves_2021_and_2022_as_they_were():
    plain = Scenario.load("plan", firms=600, until="2023Q4")
    changes = {"policy.retrofit_grant.share@2023-01-01": 0.4, "policy.carbon_price.price@2023-01-01": 300.0}
    later = Scenario.load("plan", firms=600, until="2023Q4", changes=changes)
    shorter = Scenario.load("plan", firms=600, until="2022Q4")
    world = build_world(plain, 0)
    records = [run_replicate(scenario, world, 1) for scenario in (plain, later, shorter)]
    check_prefix(records[2], records[0])
    check_prefix(records[2], records[1])
    assert differing(records[0], records[1])


@SOME
@given(sketches(120))
@example(Sketch(n=200, seed=1, quarters=8, moved=0.0, busy=True))
@example(Sketch(n=200, seed=3, quarters=8, moved=0.1, busy=True))
def test_what_was_noted_in_earlier_quarters_means_nothing(sketch):
    """Desks, counts of links and last quarter's applications for retrofits are written anew before they are read."""
    world, run = sketched_world(sketch), with_mechanisms(sketched_run(sketch), retrofits=1.0)
    plain = told(world, run)
    for quarter, (state, _) in enumerate(step_replicate(world, run)):
        assert not set(differing(plain.states[quarter + 1], seen(world, run, state))) - notes()
        forget(dict(parts(state)))


APPLICATION = ("ordered", "needs_grant", "capex", "grant", "programme", "credit", "saving", "granted")
NOTES = ("desk", "order", "links", "givers", "takers")
PORTS = {"givers": Giver, "takers": Taker}


def notes():
    """Return the columns that are scribbled over between the quarters."""
    fields = [f"proposals.{name}" for name in APPLICATION]
    ports = [f"{group}.{name}" for group, kind in PORTS.items() for name in kind.fields()]
    return {*fields, *NOTES, *(f"desk.{name}" for name in Desk.fields()), *ports}


def forget(groups):
    """Scribble over what means nothing between quarters."""
    for name in NOTES:
        groups[name].view(np.uint8)[:] = 1
    for name in APPLICATION:
        groups["proposals"][name] = 1


# Luck


@SOME
@given(sketches(120))
def test_a_grant_turns_firms_between_and_delays_none_when_nothing_is_scarce(sketch):
    """M-13, with one option for everybody: the draw of a firm and option is the same whatever the policy."""
    option = 24 + sketch.seed % 20
    world = sketched_world(sketch._replace(linked=False))
    only = world.firms.eligible & (np.int64(1) << option)
    world = with_firms(world, eligible=only, cash=10**14, debt=0)
    run = calm(sketched_run(sketch._replace(quarters=8, moved=0.0, without_purses=False, huge_prices=False)))
    without = told(world, with_policy(run, **NO_SHARE))
    with_grant = told(world, with_policy(run, **LUSH, **dict.fromkeys(NO_PURSE, 1000000000.0)))
    assert (started(with_grant) <= started(without)).all()


def calm(run):
    """Return a run in which firms decide alone: nobody's choice reaches another, and cash is no matter."""
    run = with_mechanisms(
        run, peers=0.0, local_demand=0.0, learning=0.0, expansion=0.0, conversion=0.0, entry=0.0, closure=0.0
    )
    generous = changed(run.setting.firm, cash_ceiling=8.0, cash_floor=0.0)
    return run._replace(setting=run.setting._replace(firm=generous))


def test_luck_belongs_to_firm_option_and_replicate_alone():
    plan, none = (Scenario.load(name, firms=600, until="2021Q2") for name in ("plan", "none"))
    moments = [prepare_run(scenario, 3).moments[1] for scenario in (plan, none)]
    draws = [
        [
            uniform(moment.seed, firm, option, 0, ACCEPTANCE, moment.replicate)
            for firm in range(20)
            for option in (0, 57)
        ]
        for moment in moments
    ]
    assert draws[0] == draws[1]
    assert len(set(draws[0])) == 40
    assert declared_run().setting.options.shape == (N_OPTIONS,)
    assert len(told(sketched_world(TINY), sketched_run(TINY)).states[0].books) == N_BANKS
