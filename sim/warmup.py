"""Compile the model before it is needed, phase by phase, so that someone who waits sees how far it is.

Called by `make setup`, and by the first run after a rule was edited. The machine code stays on disk; a mark in its
folder says that it is complete.
"""

import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from agents._compiled import SETTINGS

Progress = Callable[[int, int, str], None]  # steps done, steps in all, what comes next

FIRMS = 600  # rows of the toy world
LAST_QUARTER = "2022Q4"  # two years, so that the change between them is explained, too


class Step(NamedTuple):
    """One thing to compile."""

    name: str
    compile: Callable[[], Any]


def is_warm() -> bool:
    """Whether everything was compiled before, or nothing is (NUMBA_DISABLE_JIT)."""
    return bool(SETTINGS.DISABLE_JIT) or mark().exists()


def mark() -> Path:
    """The file that says so."""
    return Path(SETTINGS.CACHE_DIR) / "complete"


def warm_up(progress: Progress | None = None) -> bool:
    """Compile what is not compiled yet.

    Args:
        progress: called before each step and once at the end.

    Returns:
        bool: whether there was anything to do.
    """
    if is_warm():
        return False
    steps = list(all_steps())
    for done, step in enumerate(steps):
        if progress is not None:
            progress(done, len(steps), step.name)
        step.compile()
    if progress is not None:
        progress(len(steps), len(steps), "")
    mark().parent.mkdir(parents=True, exist_ok=True)
    mark().touch()
    return True


def all_steps() -> Iterator[Step]:
    """What there is to compile: the population, each phase of a quarter, the quarter, and what follows a run."""
    from sim.results.reducing import run_and_reduce
    from sim.scenario import Scenario
    from sim.world import build_world

    scenario = Scenario.load("baseline", firms=FIRMS, until=LAST_QUARTER, parameters="prior")
    yield Step("build_world", partial(build_world, scenario, 0))
    for name in [*phases(), "step_quarter"]:
        yield Step(name, partial(compile_phase, name, scenario))
    yield Step("run_and_reduce", lambda: run_and_reduce(scenario, build_world(scenario, 0), 0, 0))


def phases() -> list[str]:
    """Names of the compiled functions that a quarter calls, in the order of its table of contents."""
    from sim import quarter

    step: Any = quarter.step_quarter
    names = dict.fromkeys(step.py_func.__code__.co_names)
    return [name for name in names if hasattr(getattr(quarter, name, None), "py_func")]


def compile_phase(name: str, scenario: Any) -> None:
    """Compile one phase, or the whole quarter, for the arguments that it gets."""
    from sim import quarter

    phase, arguments = getattr(quarter, name), quarter_arguments(scenario)
    if all(argument in arguments for argument in argument_names(phase)):
        phase.compile(signature(phase, arguments))


def quarter_arguments(scenario: Any) -> dict[str, Any]:
    """The arguments of `step_quarter` by name, for the first quarter of a scenario."""
    from agents.codes import N_SECTORS
    from sim.opening import open_district, opening_cash
    from sim.phases.recording import empty_record
    from sim.run import prepare_run
    from sim.world import build_world

    world, run = build_world(scenario, 0), prepare_run(scenario, 0)
    moment = run.moments[0]
    state = open_district(world, run.setting, moment)
    return {
        "world": world,
        "setting": run.setting,
        "moment": moment,
        "opening_cash": opening_cash(state),
        "state": state,
        "record": empty_record(len(run.moments), len(world.firms), len(run.setting.markets) - N_SECTORS),
    }


def signature(function: Any, arguments: dict[str, Any]) -> tuple[Any, ...]:
    """Numba's types of a compiled function's arguments."""
    import numba

    return tuple(numba.typeof(arguments[name]) for name in argument_names(function))


def argument_names(function: Any) -> tuple[str, ...]:
    """Names of a compiled function's arguments."""
    code = function.py_func.__code__
    names: tuple[str, ...] = code.co_varnames[: code.co_argcount]
    return names


def main() -> None:
    """Compile and tell how far it is, on one line of a terminal or in lines."""
    ending = "\r" if sys.stderr.isatty() else "\n"

    def tell(done: int, in_all: int, name: str) -> None:
        text = f"  {done:2d}/{in_all} {name}" if name else f"  {in_all}/{in_all}"
        sys.stderr.write(f"{text:<60}{ending if name else chr(10)}")
        sys.stderr.flush()

    warm_up(tell)


if __name__ == "__main__":
    main()
