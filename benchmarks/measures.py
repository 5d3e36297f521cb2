"""What is measured. Every function returns seconds, or ratios, of single rounds; rounds of rivals alternate."""

import os
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from sim.ensemble import simulate
from sim.results.partial import BY_YEAR
from sim.results.reducing import run_and_reduce
from sim.run import open_replicate, prepare_run, step_replicate, take_quarter
from sim.scenario import Scenario
from sim.setting import World
from sim.shared_past import KEPT
from sim.world import build_world

ROOT = Path(__file__).resolve().parent.parent
BYTES_PER_KIB = 1024
UNSEEN_SEED = 1000


def scenario_of(firms: int, quarters: int, seed: int = 1, name: str = "baseline") -> Scenario:
    """A scenario with so many firms and quarters."""
    until = f"{2021 + (quarters - 1) // 4}Q{(quarters - 1) % 4 + 1}"
    return Scenario.load(name, firms=firms, until=until, seed=seed, parameters="prior")


def rows(firms: int) -> int:
    """Rows of the district of so many firms, spare ones for arrivals included."""
    return len(build_world(scenario_of(firms, 1), 0).firms)


def seconds(work: Callable[[], object]) -> float:
    """How long some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def building(firms: int, rounds: int) -> list[float]:
    """Seconds to draw a population with its network; every round another one."""
    build_world(scenario_of(600, 1), 0)  # compiled
    seeds = range(UNSEEN_SEED, UNSEEN_SEED + rounds)  # populations that are not in memory
    return [seconds(partial(build_world, scenario_of(firms, 1, seed), 0)) for seed in seeds]


def stepping(sizes: Iterable[tuple[int, int]], rounds: int) -> dict[int, list[float]]:
    """Nanoseconds per firm row and quarter by number of firms; sizes alternate within a round."""
    found: dict[int, list[float]] = {}
    worlds = {firms: build_world(scenario_of(firms, quarters), 0) for firms, quarters in sizes}
    for replicate in range(rounds):
        for firms, quarters in sizes:
            time_per_step = one_replicate(worlds[firms], scenario_of(firms, quarters), replicate)
            found.setdefault(firms, []).append(1e9 * time_per_step / len(worlds[firms].firms))
    return found


def one_replicate(world: World, scenario: Scenario, replicate: int) -> float:
    """Mean seconds per quarter."""
    times = quarter_times(world, scenario, replicate)
    return sum(times) / len(times)


def quarter_times(world: World, scenario: Scenario, replicate: int) -> list[float]:
    """Seconds of each quarter but the first, which meets its memory for the first time."""
    run = prepare_run(scenario, replicate)
    opened = open_replicate(world, run)
    times = [seconds(partial(take_quarter, quarter, world, run, opened)) for quarter in range(len(run.moments))]
    return times[1:]


def twin_times(firms: int, rounds: int) -> list[tuple[float, float]]:
    """Seconds of the plain Mesa twin and of the compiled core, one thread; the same quarters, in turns."""
    scenario = scenario_of(firms, rounds + 1)
    world, run = build_world(scenario, 0), prepare_run(scenario, 0)
    opened = open_replicate(world, run)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "opened"
        file.write_bytes(pickle.dumps((world, run, opened)))
        words = [sys.executable, "-m", "benchmarks.twin", str(file)]
        plain = os.environ | {"NUMBA_DISABLE_JIT": "1"}  # the twin is faster without the compiler around it
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen(words, cwd=ROOT, env=plain, **pipes) as twin:
            for quarter in range(rounds + 1):
                core = seconds(partial(take_quarter, quarter, world, run, opened))
                print(file=twin.stdin, flush=True)
                found.append((float(twin.stdout.readline()), core))
            twin.stdin.close()
    return found[1:]  # in the first quarter the core meets its memory for the first time


def replicates(firms: int, quarters: int, rounds: int) -> list[float]:
    """Seconds of one whole replicate: drawn, opened, stepped, checked, told in variables."""
    scenario = scenario_of(firms, quarters)
    world = build_world(scenario, 0)
    run_and_reduce(scenario, world, 0, 0)
    KEPT.forget()
    return [seconds(partial(run_and_reduce, scenario, world, 0, replicate)) for replicate in range(rounds)]


def speedups(firms: int, quarters: int, n_replicates: int, rounds: int) -> list[float]:
    """Time with one thread over time with two, round by round."""
    scenario = scenario_of(firms, quarters)
    simulate(scenario, 1, 1, workers=1)
    found = []
    for _ in range(rounds):
        times = []
        for workers in (1, 2):
            KEPT.forget()
            times.append(seconds(partial(simulate, scenario, n_replicates, 1, workers=workers)))
        found.append(times[0] / times[1])
    return found


def answering(
    firms: int, quarters: int, n_replicates: int, rounds: int, kept: bool = True, workers: int | None = None
) -> list[float]:
    """Seconds from a moved lever to yearly data of so many replicates, the population being in memory.

    So are the pasts that an earlier setting of the lever left, unless they are to be forgotten before every round.
    """
    until = f"{2020 + quarters // 4}Q4"

    def answer(share: float) -> None:
        changes = {"policy.retrofit_grant.share": share}
        scenario = Scenario.load("plan", firms=firms, until=until, parameters="prior", changes=changes)
        _ = simulate(scenario, n_replicates, 1, workers).summary

    answer(0.2)
    found = []
    for k in range(rounds):
        if not kept:
            KEPT.forget()
        found.append(seconds(partial(answer, 0.21 + 0.01 * k)))
    return found


def memory_per_row(firms: int) -> tuple[float, float]:
    """KiB per row: shared by all replicates, links included; and of one replicate, its state and its makers' years.

    What it keeps of whole sectors and parks, 0.6 MiB in 20 quarters, does not grow with firms and is not counted.
    """
    scenario = scenario_of(firms, 1)
    world = build_world(scenario, 0)
    opened, n_rows = open_replicate(world, prepare_run(scenario, 0)), len(world.firms)
    own = size_of(opened.state) + sum(getattr(opened.record, name).nbytes for name in BY_YEAR)
    return size_of(world) / n_rows / BYTES_PER_KIB, own / n_rows / BYTES_PER_KIB


def size_of(parts: object) -> int:
    """Bytes of the arrays in nested tuples."""
    if isinstance(parts, tuple):
        return sum(size_of(part) for part in parts)
    return int(getattr(parts, "nbytes", 0))


def processes(words: list[str], rounds: int, **environment: str) -> list[float]:
    """Seconds of a command from its start to its end."""

    def run() -> None:
        subprocess.run(words, cwd=ROOT, check=True, capture_output=True, env=os.environ | environment)

    return [seconds(run) for _ in range(rounds)]


def starting(rounds: int) -> list[float]:
    """Seconds of a fresh process to the end of its first quarter, 5,000 firms, everything compiled before."""
    code = "from experiments.starting import collect_rarely; collect_rarely(); "  # as every command does
    code += "from benchmarks.measures import first_quarter; first_quarter(5000)"
    processes([sys.executable, "-c", code], 1)
    return processes([sys.executable, "-c", code], rounds)


def first_quarter(firms: int) -> None:
    """Run one quarter."""
    scenario = scenario_of(firms, 1)
    next(step_replicate(build_world(scenario, 0), prepare_run(scenario, 0)))


def largest_run(firms: int, quarters: int) -> dict[str, list[float]]:
    """A run in a process of its own: seconds to build, ns per row of each quarter, peak memory in GiB."""
    code = f"from benchmarks.measures import tell_run; tell_run({firms}, {quarters})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    build, peak, *steps = (float(number) for number in done.stdout.split())
    return {"build": [build], "step": steps, "peak": [peak]}


def tell_run(firms: int, quarters: int) -> None:
    """Print what `largest_run` reads."""
    build_world(scenario_of(600, 1), 0)
    scenario = scenario_of(firms, quarters)
    build = seconds(lambda: build_world(scenario, 0))
    world = build_world(scenario, 0)
    steps = [1e9 * seconds_of_quarter / len(world.firms) for seconds_of_quarter in quarter_times(world, scenario, 0)]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
    print(build, peak, *steps)
