"""What firms notice and choose is what the rules and the keyed draws say, as tests/oracle.py works it out anew."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from oracle import Quarter, expected_choice, expected_noticed, options_of, price_after_support
from random_worlds import Sketch, sketched_run, sketched_world, sketches, told, with_mechanisms

from agents import codes
from agents.codes import FEN
from agents.government import DIAGNOSIS, TRAINING
from agents.mathematics import whole

SKETCHES = [
    Sketch(n=40, seed=41, quarters=5, moved=0.0),
    Sketch(n=40, seed=42, quarters=4, moved=0.0, busy=True),
    Sketch(n=30, seed=43, quarters=4, moved=0.3, busy=True),
    Sketch(n=30, seed=44, quarters=4, moved=0.1, one_sector=True, busy=True),
    Sketch(n=30, seed=45, quarters=4, moved=0.3, linked=False),
]


def check_choice(quarter, i):
    """Check what one firm noticed and applied for."""
    agenda, proposal = quarter.after.agenda[i], quarter.after.proposals[i]
    known, visited = expected_noticed(quarter, i)
    assert options_of(agenda.noticed) == known
    assert bool(quarter.after.standing.diagnosed[i]) == (bool(quarter.before.standing.diagnosed[i]) or visited)
    option, ordered, fine, reason = expected_choice(quarter, i, known)
    assert proposal.penalty == fine
    if option is None:
        assert proposal.option == -1
        assert proposal.reason == reason
        return
    units, capex, saving = sized = quarter.size_price_saving(i, option)
    alone = price_after_support(quarter, i, option, sized, grant=False)
    needs_grant = not ordered and not quarter.accepts(i, option, alone, capex, saving)
    assert (bool(proposal.ordered), bool(proposal.needs_grant)) == (ordered, needs_grant)
    wanted = {"capex": capex, "saving": saving, "credit": quarter.credit(i, option, capex)}
    for name, amount in wanted.items():
        assert abs(proposal[name] - amount * FEN) <= 0.51 + 1e-12 * abs(amount * FEN), name
    claim = whole(quarter.claim(i, option, units, capex) * FEN)
    assert proposal.grant in (0, claim)
    refused = proposal.grant < claim
    if needs_grant and refused:
        assert (proposal.option, proposal.reason) == (-1, codes.PURSE_EMPTY)
    else:
        assert proposal.option == option


@pytest.mark.kernels
@pytest.mark.parametrize("sketch", SKETCHES, ids=lambda sketch: f"seed{sketch.seed}")
def test_firms_notice_and_choose_what_the_rules_say(sketch):
    check_choices(sketch)


@settings(max_examples=settings.default.max_examples // 2)
@given(sketches(40))
@example(Sketch(n=2, seed=105, quarters=1, moved=0.5, linked=False, one_sector=True))  # two options are ordered
def test_firms_of_any_world_notice_and_choose_what_the_rules_say(sketch):
    check_choices(sketch)


def check_choices(sketch):
    """Check what every firm of a world does in every quarter."""
    world, run = sketched_world(sketch), sketched_run(sketch)
    run = with_mechanisms(run, retrofits=1.0)
    story = told(world, run)
    for moment, before, after in zip(run.moments, story.states, story.states[1:], strict=False):
        quarter = Quarter(world, run.setting, moment, before, after)
        for i in np.flatnonzero(before.standing.active & after.standing.active):
            check_choice(quarter, i)
        visits = (after.standing.diagnosed & ~before.standing.diagnosed)[before.standing.active]
        cost = world.firms.weight[before.standing.active][visits] * moment.policy.free_diagnosis_cost
        spent = story.record.purses[moment.quarter, :, 0]
        assert abs(spent[DIAGNOSIS] - cost.sum() * FEN) <= visits.sum()
        assert spent[TRAINING] == whole(0.25 * moment.policy.training_cost * FEN)
