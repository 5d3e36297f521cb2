"""Where a quarter's time goes: `step_quarter` with a look at the clock after each of its phases.

The copy is made from the source of the table of contents, so it has the phases that the quarter has, in their order.
It is compiled anew in each process, which takes about as long as compiling the model.
"""

import ast
import ctypes
import inspect
import textwrap
from functools import cache
from typing import Any

import numba
import numpy as np

from agents._compiled import LEAN, OPTIONS
from sim import quarter
from sim.run import open_replicate, prepare_run
from sim.scenario import Scenario
from sim.world import build_world

TICKS_PER_SECOND = 1_000_000  # of `clock`, by POSIX


def c_clock() -> Any:
    """The processor time of this process as C tells it, a function that compiled code may call."""
    clock = ctypes.CDLL(None).clock
    clock.restype = ctypes.c_long
    clock.argtypes = []
    return clock


class Watched(ast.NodeTransformer):
    """Puts a look at the clock after each call that is a statement."""

    def __init__(self) -> None:
        self.phases: list[str] = []

    def visit_Expr(self, node: ast.Expr) -> Any:
        """Follow a phase with the time it took."""
        if not isinstance(node.value, ast.Call):
            return node
        assert isinstance(node.value.func, ast.Name)
        look = f"now = clock()\nticks[{len(self.phases)}] += now - before\nbefore = now"
        self.phases.append(node.value.func.id)
        return [node, *ast.parse(look).body]


@cache
def watched_quarter() -> tuple[Any, list[str]]:
    """A quarter that takes one argument more, `ticks`, and the names of its phases."""
    step: Any = quarter.step_quarter
    plain = getattr(step, "py_func", step)
    tree = ast.parse(textwrap.dedent(inspect.getsource(plain)))
    function, watched = tree.body[0], Watched()
    assert isinstance(function, ast.FunctionDef)
    function.decorator_list = []
    function.args.args.append(ast.arg("ticks"))
    watched.visit(function)
    function.body[1:1] = ast.parse("before = clock()").body
    names = vars(quarter) | {"clock": c_clock()}
    exec(compile(ast.fix_missing_locations(tree), "watched quarter", "exec"), names)
    return numba.njit(**OPTIONS, **LEAN)(names[function.name]), watched.phases


def phase_times(scenario: Scenario, rounds: int) -> dict[str, list[float]]:
    """Microseconds of processor time per quarter by phase, one value for each replicate."""
    step, phases = watched_quarter()
    world = build_world(scenario, 0)
    found: dict[str, list[float]] = {phase: [] for phase in phases}
    for replicate in range(rounds + 1):
        run = prepare_run(scenario, replicate)
        opened, ticks = open_replicate(world, run), np.zeros(len(phases), np.int64)
        for moment in run.moments:
            step(world, run.setting, moment, opened.cash, opened.state, opened.record, ticks)
        if replicate > 0:  # in the first one memory and machine code are met for the first time
            for phase, count in zip(phases, ticks, strict=True):
                found[phase].append(1e6 * count / TICKS_PER_SECOND / len(run.moments))
    return found
