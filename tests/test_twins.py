"""The compiled quarter and the same Python under an interpreter: the same bits in every column after every quarter.

Run as a program, this file prints the hashes of its worlds; the test runs it with the compiler switched off and every
warning an error, so that a wrapped integer, a division by zero or an inexact cast in a rule cannot hide.
"""

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from random_worlds import Sketch, digest, sketched_run, sketched_world, told, with_mechanisms, with_policy

HERE = Path(__file__).resolve()
# Between them every branch of the quarter is taken: many decisions, odd numbers, arrivals, and hardly anything.
SKETCHES = (
    Sketch(n=60, seed=17, quarters=4, moved=0.0, busy=True),
    Sketch(n=40, seed=18, quarters=4, moved=0.3, busy=True),
    Sketch(n=40, seed=11, quarters=3, moved=0.0),
    Sketch(n=30, seed=12, quarters=4, moved=0.3),
    Sketch(n=30, seed=13, quarters=4, moved=1.0),
    Sketch(n=20, seed=14, quarters=8, all_entrants=True),
    Sketch(n=25, seed=15, quarters=3, one_sector=True, moved=0.2),
    Sketch(n=1, seed=16, quarters=2, linked=False),
)


def hashes():
    """Return for each sketch the hash of the state at the start and after every quarter, and of the record."""
    return [world_hashes(sketch) for sketch in (*SKETCHES,)]


def world_hashes(sketch):
    """Return the hashes of one world."""
    run = with_policy(sketched_run(sketch), green_credit_quota=1e5)
    run = with_mechanisms(run, retrofits=1.0, firm_shocks=1.0, market_shocks=1.0)
    story = told(sketched_world(sketch), run)
    return [digest(state) for state in story.states] + [digest(story.record)]


def interpreted_hashes():
    """Return the same from a process without the compiler."""
    done = subprocess.run(
        [sys.executable, str(HERE)],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1", "PYTHONPATH": str(HERE.parent.parent)},
        cwd=HERE.parent.parent,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def interpreted():
    return interpreted_hashes()


@pytest.mark.parametrize("place", range(len(SKETCHES)), ids=lambda place: f"seed{SKETCHES[place].seed}")
def test_compiled_and_interpreted_quarters_are_the_same_bits(place, interpreted):
    compiled = world_hashes(SKETCHES[place])
    same = [one == other for one, other in zip(compiled, interpreted[place], strict=True)]
    assert all(same), f"first difference: {'opening' if not same[0] else f'quarter {same.index(False)}'}"


def test_another_world_has_other_hashes():
    assert (
        len({tuple(world_hashes(sketch._replace(n=5, seed=seed))) for seed in (1, 2) for sketch in SKETCHES[:1]}) == 2
    )


if __name__ == "__main__":
    warnings.simplefilter("error")
    print(json.dumps(hashes()))
