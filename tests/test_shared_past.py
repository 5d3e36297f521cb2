"""Runs that take their first quarters from another one: the same numbers, and only where all that was read is equal."""

import gc

import numpy as np
import pytest
import small_runs

from sim.results.reducing import run_and_reduce
from sim.run import open_replicate, prepare_run, step_replicate
from sim.setting import World
from sim.shared_past import KEPT, SHARED_QUARTERS, Pasts, key_of, may_share, step_after_shared_past
from sim.world import build_world

UNTIL = "2022Q4"
MOVED = {"policy.retrofit_grant.share": 0.4, "policy.carbon_price.price@2022-07-01": 120.0}


def parts(name="baseline", replicate=0, **inputs):
    scenario = small_runs.scenario(name, **{"until": UNTIL, **inputs})
    return build_world(scenario, 0), prepare_run(scenario, replicate)


def content(part) -> list[bytes]:
    """The bytes of all fields."""
    if isinstance(part, tuple):
        return [raw for one in part for raw in content(one)]
    values = np.asarray(part)
    return [values[name].tobytes() for name in values.dtype.names or ()] or [values.tobytes()]


def final(steps) -> list[bytes]:
    return content(list(steps)[-1])


def test_a_moved_lever_after_the_baseline_leaves_the_same_bytes():
    pasts = Pasts()
    for inputs in ({}, {"changes": MOVED}, {"name": "plan"}, {"until": "2023Q2"}, {}):
        world, run = parts(**inputs)
        assert final(step_after_shared_past(world, run, pasts)) == final(step_replicate(world, run))
    assert pasts.served == 3  # a longer run has other rooms for its record


def test_shared_quarters_are_silent():
    pasts = Pasts()
    world, run = parts()
    assert len(list(step_after_shared_past(world, run, pasts))) == len(run.moments)
    assert len(list(step_after_shared_past(world, run, pasts))) == len(run.moments) - SHARED_QUARTERS


@pytest.mark.parametrize(
    "inputs",
    [
        {"changes": {"behaviour.base_attention": 0.3}},
        {"changes": {"model.certification": "off"}},
        {"parameters": "central"},
        {"seed": 2},
        {"replicate": 1},
        {"until": "2021Q4"},
    ],
    ids=str,
)
def test_another_past_is_not_shared(inputs):
    pasts = Pasts()
    list(step_after_shared_past(*parts(), pasts))
    world, run = parts(**inputs)
    assert final(step_after_shared_past(world, run, pasts)) == final(step_replicate(world, run))
    assert pasts.served == 0


def leaves(part):
    if isinstance(part, (tuple, list)):
        return [leaf for one in part for leaf in leaves(one)]
    return [part]


def test_everything_that_the_quarters_read_is_in_the_key():
    world, run = parts()
    key = key_of(world, run)
    assert key == key_of(*parts(changes=MOVED))
    read = [
        leaf for leaf in leaves((run.setting, run.moments[:SHARED_QUARTERS])) if isinstance(leaf, np.ndarray | np.void)
    ]
    assert len(read) > 20
    for leaf in read:
        flat = np.asarray(leaf).reshape(-1).view(np.uint8)
        flat[0] ^= 1  # the first byte is one of a field
        assert key_of(world, run) != key
        flat[0] ^= 1
    assert key_of(world, run) == key
    later = [*run.moments[:1], run.moments[1]._replace(seed=2), *run.moments[2:]]
    assert key_of(world, run._replace(moments=later)) != key
    assert key_of(world, run._replace(setting=run.setting._replace(machinery=0))) != key


def test_equal_numbers_elsewhere_are_another_population():
    world, run = parts()
    pasts = Pasts()
    list(step_after_shared_past(world, run, pasts))
    other = frozen_copy(world)
    list(step_after_shared_past(other, run, pasts))
    assert pasts.served == 0


def test_what_could_be_written_to_between_two_runs_is_not_shared():
    world, run = parts()
    assert may_share(world, run)
    assert not may_share(world._replace(input_mix=world.input_mix.copy()), run)
    assert not may_share(world, run._replace(moments=run.moments[:SHARED_QUARTERS]))


def size_of(opened) -> int:
    return sum(leaf.nbytes for leaf in leaves(opened) if isinstance(leaf, np.ndarray))


def frozen_copy(world: World) -> World:
    def copied(part):
        if isinstance(part, tuple):
            return type(part)(*map(copied, part))
        copy = part.copy()
        copy.flags.writeable = False
        return copy

    return copied(world)


def test_the_first_stay_within_their_bytes_as_long_as_they_are_of_use():
    runs = [parts(replicate=r) for r in range(4)]
    size = size_of(open_replicate(*runs[0]))
    pasts = Pasts(most_bytes=2 * size + 1, patience=5)
    for _ in range(3):
        for world, run in runs[:3]:
            assert final(step_after_shared_past(world, run, pasts)) == final(step_replicate(world, run))
    assert pasts.served == 4  # the first two, twice
    for _ in range(8):
        list(step_after_shared_past(*runs[3], pasts))
    assert pasts.served > 4  # nobody asked for the first two any more


def test_pasts_of_a_population_that_is_gone_give_way():
    world, run = parts()
    size = size_of(open_replicate(world, run))
    pasts = Pasts(most_bytes=size + 1)
    gone = frozen_copy(world)
    list(step_after_shared_past(gone, run, pasts))
    del gone
    gc.collect()
    for _ in range(2):
        list(step_after_shared_past(world, run, pasts))
    assert pasts.served == 1


def test_results_are_the_same_with_a_kept_past_and_without():
    KEPT.forget()
    scenario = small_runs.scenario("plan", until=UNTIL, changes=MOVED)
    world, before = build_world(scenario, 0), KEPT.served
    found = [run_and_reduce(scenario, world, 0, 0) for _ in range(2)]
    assert KEPT.served == before + 1
    assert content(found[0]) == content(found[1])
