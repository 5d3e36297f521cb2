"""The machine code of the quarter: it allots no memory, exists once, is one piece, and vectorises where it should."""

import re
from fractions import Fraction

import numba
import numpy as np
import pytest
from llvmlite.binding import get_host_cpu_features
from numba.core.runtime import _nrt_python, rtsys
from random_worlds import Sketch, declared_run, sketched_run, sketched_world

from agents._compiled import LEAN, OPTIONS, SETTINGS, lean_kernel, part, rule
from sim.opening import open_district, open_rows
from sim.phases.markets import draw_luck
from sim.quarter import step_quarter
from sim.run import step_replicate

pytestmark = pytest.mark.skipif(bool(SETTINGS.DISABLE_JIT), reason="interpreted, there is no machine code")

BUSY = Sketch(n=120, seed=1, quarters=8, moved=0.0, busy=True)


@pytest.fixture
def allotted():
    """Count what compiled code allots; numba counts nothing unless asked to."""
    _nrt_python.memsys_enable_stats()
    yield lambda: rtsys.get_allocation_stats().alloc
    _nrt_python.memsys_disable_stats()


def test_a_warm_run_allots_no_memory(allotted):
    steps = step_replicate(sketched_world(BUSY), sketched_run(BUSY))
    next(steps)
    before = allotted()
    assert sum(1 for _ in steps) == BUSY.quarters - 1
    assert allotted() == before


def test_memory_that_is_allotted_is_counted(allotted):
    before = allotted()
    assert numba.njit(lambda n: np.ones(n).sum())(3) == 3.0
    assert allotted() > before


def test_a_lean_kernel_that_allots_memory_is_refused():
    def ones(n):
        return np.ones(n).sum()

    with pytest.raises(numba.TypingError):
        lean_kernel(ones)(3)


def test_one_version_of_each_kernel_serves_all_worlds_and_runs():
    last = None
    for sketch in (BUSY, Sketch(n=1, linked=False), Sketch(n=40, seed=2, moved=1.0, all_entrants=True)):
        list(step_replicate(sketched_world(sketch), sketched_run(sketch)))
        versions = [len(kernel.signatures) for kernel in (open_rows, step_quarter)]
        assert last in (None, versions)
        last = versions


@rule
def doubled(x):
    return x + x


@part
def add_doubled(x, total):
    total[0] += doubled(x)


def fill(small, exact, total):
    for i in range(small.size):
        add_doubled(small[i], total)
        add_doubled(exact[i], total)
        add_doubled(3, total)


def compiled_fill():
    """Return a compiled `fill` that was called, and its arguments."""
    kernel = numba.njit(**OPTIONS, **LEAN)(fill)
    arguments = np.ones(2, np.int8), np.arange(2, dtype=np.uint32), np.zeros(1, np.int64)
    kernel(*arguments)
    return kernel, arguments


def test_called_from_python_a_rule_is_the_plain_function():
    assert doubled(Fraction(1, 3)) == Fraction(2, 3)
    assert doubled("ha") == "haha"


def test_a_rule_exists_once_whatever_whole_numbers_it_is_given():
    _, (*_, total) = compiled_fill()
    assert total[0] == 2 * (1 + 1 + 0 + 1 + 3 + 3)
    assert [len(piece.overloads) for piece in (doubled, add_doubled)] == [1, 1]


def test_rules_and_parts_are_taken_into_the_kernel():
    kernel, _ = compiled_fill()
    code = kernel.inspect_llvm(kernel.signatures[0])
    assert not [line for line in code.splitlines() if "call" in line and "doubled" in line]


def wide():
    """Whether the code is for this processor, and it has vectors of four numbers with names that we know."""
    return SETTINGS.CPU_NAME is None and get_host_cpu_features().get("avx2", False)


@pytest.mark.skipif(not wide(), reason="other names of instructions, or none")
def test_the_luck_of_firms_is_drawn_several_firms_at_a_time():
    world, run = sketched_world(BUSY), declared_run()
    state = open_district(world, run.setting, run.moments[0])

    def draw(firms, rules, moment, state):
        draw_luck(firms, rules, moment, state)

    kernel = numba.njit(**OPTIONS, **LEAN)(draw)
    kernel(world.firms, run.setting.market, run.moments[0], state)
    code = kernel.inspect_asm(kernel.signatures[0])
    assert len(re.findall(r"\bv?(?:mul|div|add)pd\b", code)) > 50
    assert not state.column.any()
