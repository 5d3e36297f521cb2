"""Tests that are tested: mistakes planted in the ledger, the policies, the draws and the store must be noticed."""

import os
import subprocess
import sys

import mutants
import pytest
from conftest import ROOT
from soaking import soak

MOST, OVERLOOKED = 40, 0.1  # mistakes for each module, and the share that may go unnoticed
QUICK = "-mkernels"  # of tests that run the model those that are quick without the compiler
SUBJECTS = {  # quick tests first
    "sim.phases.accounts": (
        "账本",
        (QUICK, *(f"tests/test_{name}.py" for name in ("quarter", "flows", "finance", "identities"))),
    ),
    "agents.government": (
        "政策",
        (QUICK, *(f"tests/test_{name}.py" for name in ("rules", "finance", "choices", "flows"))),
    ),
    "sim.draws": ("随机数", ("tests/test_draws.py",)),
    "experiments.sweeps.store": ("分片存储", ("tests/test_sweep_store.py", "tests/test_power_failure.py")),
}
SOURCE = '''
def fare(age: int | None, riders: int) -> float:
    """What a group pays."""
    if not riders:
        raise ValueError(riders)
    paid = 2.0 * riders
    if age < 7 or riders > 9:
        paid -= 1
    return -paid
'''


def test_every_kind_of_mistake_is_planted_once():
    found = [*mutants.mutants(SOURCE)]
    told = [name.partition(": ")[2] for name, _ in found]
    assert len(told) == len(set(told)) == 11
    assert {name.partition(":")[0] for name in told} == {"turned", "swapped", "one more", "dropped"}
    assert not any("None" in name for name in told)  # types are no behaviour
    right = fares(compile(SOURCE, "plain", "exec"))
    assert all(fares(compile(tree, name, "exec")) != right for name, tree in found)


def fares(code) -> list[float | None]:
    """What groups pay by the function in some code."""
    place: dict = {}
    exec(code, place)
    return [_fare(place["fare"], *group) for group in ((6, 2), (7, 9), (8, 2), (30, 9), (30, 10), (30, 0))]


def _fare(fare, age, riders):
    try:
        return fare(age, riders)
    except ValueError:
        return None


@pytest.mark.soak
@pytest.mark.parametrize("module", SUBJECTS)
def test_planted_mistakes_are_noticed(module):
    zh, tests = SUBJECTS[module]
    name = f"Planted mistakes, {module.rpartition('.')[2]}"
    words = [sys.executable, "tests/mutants.py", module, str(MOST), *tests]
    with soak(name, f"植入的错误，{zh}", script=__file__, seed=1, allowed=OVERLOOKED) as found:
        own = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
        said = subprocess.run(words, cwd=ROOT, env=own, check=True, capture_output=True, text=True)
        planted, *left = said.stdout.splitlines()
        found.trial(int(planted))
        found.failures += left
        found.told = {"noticed_share": round(1.0 - len(left) / found.trials, 3), "not_noticed": left}
