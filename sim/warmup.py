"""Compile the model before it is needed, phase by phase, so that someone who waits sees how far it is.

Called by `make setup`, and by the first run after a rule was edited. The machine code stays on disk; a mark in its
folder says that it is complete. Where there are two processors, a second process compiles the population and the
opening while the first compiles the quarter.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_type_hints

from agents._compiled import ROOT, SETTINGS, STAMP

Progress = Callable[[int, int, str], None]  # steps done, steps in all, what comes next

OPENING = "opening"  # the word that asks for the second process's part
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
    """What there is to compile: each phase of a quarter, the quarter, the population, and what follows a run."""
    from sim.results.reducing import run_and_reduce
    from sim.world import build_world

    scenario, beside = toy_scenario(), start_beside()
    for name in [*phases(), "step_quarter"]:
        yield Step(name, partial(compile_phase, name, scenario))
    if beside is not None:
        yield Step("opening", beside.wait)
    yield Step("build_world", partial(build_world, scenario, 0))
    yield Step("run_and_reduce", lambda: run_and_reduce(scenario, build_world(scenario, 0), 0, 0))


def toy_scenario() -> Any:
    """What is run to compile everything."""
    from sim.scenario import Scenario

    return Scenario.load("baseline", firms=FIRMS, until=LAST_QUARTER, parameters="prior")


def start_beside() -> "subprocess.Popen[bytes] | None":
    """Start to compile population and opening in a process of its own; none with one processor or a passing cache."""
    from sim.results.replicating import processors

    folder = Path(SETTINGS.CACHE_DIR)
    if processors() < 2 or folder.name != STAMP:
        return None
    words, quiet = [sys.executable, "-m", "sim.warmup", OPENING], subprocess.DEVNULL
    same_cache = os.environ | {"NUMBA_CACHE_DIR": str(folder.parent)}
    return subprocess.Popen(words, cwd=ROOT, env=same_cache, stdin=quiet, stdout=quiet, stderr=quiet)


def compile_opening() -> None:
    """Compile the population and the opening. What fails here is compiled, and told, by the process that waits."""
    from sim.run import open_replicate, prepare_run
    from sim.world import build_world

    scenario = toy_scenario()
    open_replicate(build_world(scenario, 0), prepare_run(scenario, 0))


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
    """Arguments of the kinds that `step_quarter` gets, by name; nobody is there."""
    from agents.codes import N_SECTORS
    from sim.phases.recording import empty_record
    from sim.run import prepare_run
    from sim.state import empty_state

    world, run = empty_world(), prepare_run(scenario, 0)
    n_segments = len(run.setting.markets)
    return {
        "world": world,
        "setting": run.setting,
        "moment": run.moments[0],
        "opening_cash": 0,
        "state": empty_state(0, n_segments, world.links, world.candidates),
        "record": empty_record(len(run.moments), 0, n_segments - N_SECTORS),
    }


def empty_world() -> Any:
    """A world without firms, whose arrays are of the kinds that kernels are compiled for."""
    import numpy as np

    from agents.codes import N_SECTORS
    from agents.firm import Firms
    from agents.network import Candidates
    from sim.population.supply import no_links
    from sim.setting import SectorTraits, World
    from sim.world import firm_rows, protect

    sectors, mix = SectorTraits.zeros(N_SECTORS), np.zeros((N_SECTORS, N_SECTORS))
    return protect(World(firm_rows(nobody(Firms)), no_links(0, 0), nobody(Candidates), sectors, mix))


def nobody(columns: Any) -> Any:
    """A NamedTuple of columns without entries, of the kinds that it declares."""
    import numpy as np

    kinds = [get_args(get_args(hint)[1])[0] for hint in get_type_hints(columns).values()]
    return columns(*(np.zeros(0, kind) for kind in kinds))


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
    """Compile and tell how far it is, on one line of a terminal or in lines; or compile the opening alone, silently."""
    if sys.argv[1:] == [OPENING]:
        compile_opening()
        return
    ending = "\r" if sys.stderr.isatty() else "\n"

    def tell(done: int, in_all: int, name: str) -> None:
        text = f"  {done:2d}/{in_all} {name}" if name else f"  {in_all}/{in_all}"
        sys.stderr.write(f"{text:<60}{ending if name else chr(10)}")
        sys.stderr.flush()

    warm_up(tell)


if __name__ == "__main__":
    main()
