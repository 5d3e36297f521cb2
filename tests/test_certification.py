"""Certificates are counted, won, kept and lost as the rules say: identities I-17 and I-18, contests, gates, awards.

Worlds are random; contests are also judged by a plain simulation of all rivals at once.
"""

from functools import cache

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from random_worlds import (
    BUSY_POLICY,
    Sketch,
    changed,
    differing,
    sketched_run,
    sketched_world,
    sketches,
    told,
    with_mechanisms,
    with_policy,
)

from agents import codes
from agents.certification import next_rival, rival_points
from agents.codes import EXPIRED, FEN, ISSUED, N_CERTIFICATES, REVOKED, SOUGHT
from agents.government import CERTIFICATION
from agents.mathematics import whole
from sim.configuration.tables import load_table
from sim.draws import uniform
from sim.ladder import certificates
from sim.opening import open_district
from sim.phases.certifying import give_places
from sim.phases.lending import debt_limit
from sim.phases.recording import CERTIFICATE_ROWS, PURSE_COLUMNS, THOUSANDTHS
from sim.run import prepare_run, run_replicate
from sim.scenario import Scenario
from sim.world import build_world

WORLDS = settings(max_examples=2 * settings.default.max_examples)  # 200 in the quick profile
SOME = settings(max_examples=settings.default.max_examples // 4)
STEPS = range(N_CERTIFICATES)
LADDER = certificates()
BUSY = Sketch(n=60, seed=31, quarters=8, moved=0.0, busy=True)


def held(sets, step):
    """Return which rows hold a step."""
    return (sets >> step) & 1 == 1


def firms_of(world, rows):
    """Return thousandths of real firms behind rows."""
    return sum(whole(weight * THOUSANDTHS) for weight in world.firms.weight[rows].tolist())


def with_rules(run, **values):
    """Return a run with other numbers of configs/certification.yaml."""
    return run._replace(setting=run.setting._replace(certification=changed(run.setting.certification, **values)))


def certified_run(sketch):
    """Return the run of a sketch with the mechanism on."""
    return with_mechanisms(sketched_run(sketch), certification=1.0)


# Identities


def check_story(world, run, story):
    """Check every quarter of a story."""
    for quarter, moment in enumerate(run.moments):
        before, after = story.states[quarter], story.states[quarter + 1]
        check_counts(quarter, world, before, after, story.record)
        check_sets(world, after)
        check_new_certificates(quarter, world, before, after)
        check_money(quarter, moment, world, before, after, story.record)


def check_counts(quarter, world, before, after, record):
    """I-17: held now = held before + issued − expired − revoked, for each step and exactly."""
    moves = dict(zip(CERTIFICATE_ROWS, record.certificates[quarter], strict=True))
    for step in STEPS:
        stock = [firms_of(world, held(state.standing.certificates, step)) for state in (before, after)]
        assert moves["held"][step] == stock[1]
        assert stock[1] == stock[0] + moves["issued"][step] - moves["expired"][step] - moves["revoked"][step]
    assert (record.certificates[quarter] >= 0).all()


def check_sets(world, after):
    """Nobody holds what it waits for; claims belong to certificates; only firms above scale that are there hold any."""
    standing = after.standing
    assert not (standing.certificates & standing.pending).any()
    assert not (standing.unfounded & ~(standing.certificates | standing.pending)).any()
    holding = (standing.certificates | standing.pending) != 0
    assert not (holding & ~after.standing.active).any()
    assert not (holding & ~world.firms.above_scale).any()
    assert not (standing.pending[standing.barred > 0] & standing.unfounded[standing.barred > 0]).any()
    for name in ("certificates", "pending", "unfounded", "barred", "offence", "requests"):
        assert (standing[name] >= 0).all(), name
    for step in STEPS:
        if LADDER[step].option >= 0:
            rows = held(standing.certificates | standing.pending, step)
            assert held(after.agenda.adopted[rows], int(LADDER[step].option)).all()


def check_new_certificates(quarter, world, before, after):
    """I-18: issued ⊆ won before; won ⊆ applied, within the quota, in the quarter of the contest and with its needs."""
    for step in STEPS:
        terms = LADDER[step]
        new = held(after.standing.certificates, step) & ~held(before.standing.certificates, step)
        assert not (new & ~held(before.standing.pending, step)).any()
        won = held(after.standing.pending, step) & ~held(before.standing.pending, step)
        places = firms_of(world, won)
        contest = quarter % 4 == terms.contest_quarter
        assert contest or not places
        assert contest or not after.register[SOUGHT, step]
        assert terms.city_quota == 0.0 or places <= whole(terms.city_quota * THOUSANDTHS)
        # A winner that closes in the same quarter has nothing left.
        assert places <= after.register[SOUGHT, step]
        if terms.needs >= 0:
            assert held(after.standing.certificates[won], int(terms.needs)).all()
        until = after.validity.until[:, step][held(after.standing.certificates, step)]
        assert ((until > quarter) | (until == -1)).all()
        assert ((until == -1) == (terms.validity_quarters == 0)).all()


def check_money(quarter, moment, world, before, after, record):
    """Fees leave firms, awards come from city and purse; the purse holds what it did not pay."""
    fees, awards = -after.ledger[:, codes.CERTIFICATION], after.ledger[:, codes.AWARD]
    assert (fees >= 0).all()
    assert (awards >= 0).all()
    spent, asked, left = record.purses[quarter, CERTIFICATION, :3]
    assert PURSE_COLUMNS[:3] == ("spent", "asked", "left")
    assert 0 <= spent <= asked
    assert left >= 0
    year = quarter - quarter % 4
    city = 0
    for step in STEPS:
        due = (quarter - LADDER[step].delay_quarters) % 4 == LADDER[step].contest_quarter
        rows = held(before.standing.pending, step) & due
        city += sum(whole(LADDER[step].city_award * weight * FEN) for weight in world.firms.weight[rows].tolist())
    assert awards.sum() == spent + city
    start = whole(float(record_policy(moment, quarter, year)) * FEN)
    if quarter == year:
        assert spent + left == start


def record_policy(moment, quarter, year):
    """Return the purse of the year that begins with this moment."""
    return moment.policy.certification_award_purse if quarter == year else 0.0


@pytest.mark.kernels
@pytest.mark.parametrize("seed", range(4))
def test_the_certificates_of_a_tiny_world_are_counted(seed):
    sketch = Sketch(n=14, seed=seed, quarters=5, moved=0.0, busy=True)
    world, run = sketched_world(sketch), certified_run(sketch)
    check_story(world, run, told(world, run))


@WORLDS
@given(sketches(120))
@example(Sketch(n=300, quarters=8, moved=0.0, busy=True))
@example(Sketch(n=300, quarters=8, moved=1.0))
def test_the_certificates_of_any_world_are_counted(sketch):
    world, run = sketched_world(sketch), certified_run(sketch)
    check_story(world, run, told(world, run))


def test_all_that_can_happen_to_a_certificate_happens_in_these_worlds():
    seen = np.zeros((len(CERTIFICATE_ROWS), N_CERTIFICATES), np.int64)
    for seed in range(12):
        sketch = Sketch(n=150, seed=seed, quarters=8, moved=0.0, busy=True)
        seen += told(sketched_world(sketch), certified_run(sketch)).record.certificates.sum(axis=0)
    moves = seen[1:]
    assert (moves[ISSUED] > 0).all()
    assert (moves[SOUGHT] > 0).sum() >= 6
    assert (moves[EXPIRED] > 0).sum() >= 6
    assert (moves[REVOKED] > 0).sum() >= 3


def test_a_certificate_too_many_is_found():
    world, run = sketched_world(BUSY), certified_run(BUSY)
    story = told(world, run)
    for row in range(len(CERTIFICATE_ROWS) - 1):
        story.record.certificates[4, row, 3] += 1
        with pytest.raises(AssertionError):
            check_story(world, run, story)
        story.record.certificates[4, row, 3] -= 1
    story.states[-1].standing.certificates[np.flatnonzero(~world.firms.above_scale)[:1]] = 1
    with pytest.raises(AssertionError):
        check_story(world, run, story)


# Contests


@cache
def busy_opening():
    """Return the run of the busy world and its opening, whose desks are scribbled on."""
    run = certified_run(BUSY)
    return run, open_district(sketched_world(BUSY), run.setting, run.moments[0])


@given(
    scores=st.lists(st.floats(0.0, 100.0), max_size=12, unique=True),
    rivals=st.integers(0, 30),
    quota=st.integers(0, 20),
    replicate=st.integers(0, 1000),
)
def test_places_go_to_the_best_of_all_applicants(scores, rivals, quota, replicate):
    """The merge of sorted applicants and rivals drawn best first is the head of one sorted list of all."""
    run, state = busy_opening()
    moment = run.moments[1]._replace(replicate=replicate)
    terms, rules, step = LADDER[3].copy(), run.setting.certification, 3
    terms["rivals"], terms["city_quota"] = rivals, quota
    order = sorted(scores, reverse=True)
    for place, score in enumerate(order):
        state.order[place] = place
        state.desk[place].rank, state.desk[place].amount = score, THOUSANDTHS
    give_places(len(order), step, terms, rules, moment, state)
    points, quantile = [], 1.0
    for left in range(rivals, 0, -1):
        draw = uniform(moment.seed, left, step, moment.quarter, codes.RIVAL, moment.replicate)
        quantile = next_rival(quantile, left, draw)
        points.append(rival_points(quantile, 0.25 * moment.quarter, rules))
    everybody = sorted([(-score, 0) for score in order] + [(-score, 1) for score in points])
    winners = everybody if quota == 0 else everybody[:quota]
    expected = [(-score, 0) in winners for score in order]
    assert [bool(state.proposals[place].granted) for place in range(len(order))] == expected


def test_rivals_are_a_sample_of_their_distribution():
    """Drawn best first, all rivals together are uniform: mean and spread of 200 samples of 40."""
    quantiles = []
    for replicate in range(200):
        quantile = 1.0
        for left in range(40, 0, -1):
            quantile = next_rival(quantile, left, uniform(7, left, 3, 1, codes.RIVAL, replicate))
            quantiles.append(quantile)
    assert abs(np.mean(quantiles) - 0.5) < 0.01
    assert abs(np.std(quantiles) - np.sqrt(1 / 12)) < 0.01


# What must not change a run, and what must


@SOME
@given(sketches(80))
def test_switched_off_nobody_is_certified(sketch):
    world = sketched_world(sketch)
    story = told(world, with_mechanisms(sketched_run(sketch), certification=0.0))
    assert not story.record.certificates.any()
    assert not story.states[-1].ledger[:, [codes.CERTIFICATION, codes.AWARD]].any()
    for state in story.states:
        assert not state.standing.certificates.any()


@SOME
@given(sketches(80))
def test_no_award_and_an_empty_purse_are_the_same(sketch):
    world, run = sketched_world(sketch), certified_run(sketch)
    none = told(world, with_policy(run, certification_award_multiplier=0.0, certification_award_purse=0.0))
    for terms in ({"multiplier": 0.0, "purse": 500.0}, {"multiplier": 3.0, "purse": 0.0}):
        other = told(world, with_policy(run, **{f"certification_award_{name}": at for name, at in terms.items()}))
        names = {name for a, b in zip(none.states, other.states, strict=True) for name in differing(a, b)}
        assert names | set(differing(none.record, other.record)) <= {"purses.left", "purses"}
        np.testing.assert_array_equal(none.record.purses[:, :, 0], other.record.purses[:, :, 0])


@SOME
@given(sketches(80))
def test_a_fee_that_nobody_can_pay_leaves_no_applicant(sketch):
    """M-02: what is held at the start and on its way stays; nobody applies."""
    world, run = sketched_world(sketch), certified_run(sketch)
    ladder = run.setting.certificates.copy()
    ladder["fee"] = 1e9
    story = told(world, run._replace(setting=run.setting._replace(certificates=ladder)))
    assert not story.record.certificates[:, CERTIFICATE_ROWS.index("applied")].any()


@SOME
@given(sketches(80))
def test_honest_firms_are_never_exposed(sketch):
    world, run = sketched_world(sketch), with_rules(certified_run(sketch), false_claim_share=0.0, check_rate=1.0)
    for state in told(world, run).states:
        assert not state.standing.unfounded.any()
        assert not state.standing.barred.any()


def test_checks_expose_false_claims_and_cost_the_good_name():
    exposed = 0
    for seed in range(8):
        sketch = Sketch(n=150, seed=seed, quarters=8, moved=0.0, busy=True)
        world = sketched_world(sketch)
        run = with_rules(certified_run(sketch), false_claim_share=1.0, check_rate=1.0, water_reuse_gate=0.9)
        story = told(world, run)
        for before, after in zip(story.states[:-1], story.states[1:], strict=True):
            new = (after.standing.barred > before.standing.barred) & after.standing.active
            exposed += int(new.sum())
            assert not after.standing.unfounded[new].any()
            assert (after.standing.barred[new] == whole(4.0 * run.setting.certification.bar_years)).all()
            waiting = after.standing.barred > 0
            won = after.standing.pending & ~before.standing.pending
            assert not won[waiting].any()
    assert exposed > 0


def test_a_green_factory_may_owe_more_and_a_barred_one_may_not():
    run = with_rules(certified_run(BUSY), credit_bonus=0.05)
    state = open_district(sketched_world(BUSY), run.setting, run.moments[0])
    standing, usual = state.standing[0], run.setting.finance.leverage_limit
    standing.certificates, standing.barred = 0, 0
    assert debt_limit(standing, run.setting) == usual
    standing.certificates = 1 << codes.MUNICIPAL_GREEN_FACTORY
    assert debt_limit(standing, run.setting) == usual + 0.05
    standing.barred = 1
    assert debt_limit(standing, run.setting) == usual


def test_a_premium_raises_the_sales_of_green_factories_only():
    world, run = sketched_world(BUSY), certified_run(BUSY)
    plain, dear = told(world, run), told(world, with_rules(run, revenue_premium=0.1))
    first, second = plain.states[1], dear.states[1]
    sales = [state.ledger[:, codes.SALES_LOCAL] + state.ledger[:, codes.SALES_FINAL] for state in (first, second)]
    green = held(plain.states[0].standing.certificates, 3) | held(plain.states[0].standing.certificates, 4)
    assert green.any()
    np.testing.assert_array_equal(sales[0][~green], sales[1][~green])
    np.testing.assert_allclose(sales[1][green], 1.1 * sales[0][green], rtol=1e-9)
    assert run.setting.certification.revenue_premium == 0.0
    assert "certification_award_multiplier" in BUSY_POLICY


# The district


def records(replicates):
    """Return the records of the declared district, and its world."""
    scenario = Scenario.load("baseline", firms=600, until="2021Q4")
    world = build_world(scenario, 0)
    return world, [run_replicate(scenario, world, replicate) for replicate in range(replicates)]


def test_simulated_2021_ends_about_where_the_plan_says_it_did():
    """Alignment: seven national and thirteen municipal green factories, eight smart factories, 42 workshops, …"""
    _, found = records(16)
    held_2021 = np.mean([record.certificates[3, 0] for record in found], axis=0) / THOUSANDTHS
    facts = dict(zip(load_table("certificates")["certificate"], held_2021, strict=True))
    assert abs(facts["national_green_factory"] - 7.0) <= 1.0
    assert abs(facts["municipal_green_factory"] - 13.0) <= 2.0
    assert abs(facts["smart_factory"] - 8.0) <= 1.0
    assert abs(facts["digital_workshop"] - 42.0) <= 3.0
    assert abs(facts["cleaner_production_audit"] - 17.0) <= 3.0
    assert abs(facts["green_product"] - 10.0) <= 2.0
    assert abs(facts["green_supply_chain_manager"] - 1.0) <= 0.6


def test_larger_firms_are_certified_earlier_without_being_told_to():
    """No rule reads a size class: a fee is small beside a large output, so firms of a large output apply sooner."""
    scenario = Scenario.load("baseline", firms=600, until="2021Q2")
    world, places = build_world(scenario, 0), []
    above = world.firms.above_scale & ~world.firms.entrant
    order = np.argsort(np.argsort(world.firms.base_output[above])) / above.sum()
    for replicate in range(8):
        run = prepare_run(scenario, replicate)
        standing = open_district(world, run.setting, run.moments[0]).standing
        places += order[held(standing.certificates[above], codes.MUNICIPAL_GREEN_FACTORY)].tolist()
    assert len(places) >= 60
    assert np.mean(places) > 0.55
