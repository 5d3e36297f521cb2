"""The time from the start of a process to the end of its first quarter, as the process itself sees it."""

import importlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median

from benchmarks.profiles.watch import Watch, watching
from benchmarks.tables import milliseconds, table

FIRMS, ROUNDS = 5_000, 3
PYTHON, END, ALL = "Python itself", "end of the process", "all"
LOADED = {  # in this order, as each loads what those before it have not loaded
    "load numpy": ("numpy",),
    "load numba": ("numba",),
    "load pandas": ("pandas",),
    "load pydantic and YAML": ("pydantic", "yaml"),
    "load this project": ("benchmarks.measures",),
}
STAGES = {
    "numba learns its own functions": ("numba.core.base.BaseContext.refresh",),
    "machine code of kernels is loaded": (
        "numba.core.dispatcher._DispatcherBase._compile_for_args",
        "numba.core.caching.Cache.load_overload",
    ),
    "declared parameters are read and checked": ("sim.scenario.load_declarations",),
    "tables are read and checked": ("sim.configuration.tables._frame",),
    "population": ("benchmarks.measures.build_world",),
    "numbers of the run are drawn": ("benchmarks.measures.prepare_run",),
    "district is opened": ("sim.run.open_replicate",),
    "first quarter": ("sim.run.take_quarter",),
}
REST = "all else"


def starting() -> Iterator[str]:
    """What happens, in the order in which it begins."""
    yield f"Processor time of a fresh process that runs one quarter of {FIRMS:,} firms, machine code being on the disk:"
    yield f"medians of {ROUNDS} processes. Each line leaves out what stands in a line of its own."
    yield ""
    first_quarter()
    rounds = [first_quarter() for _ in range(ROUNDS)]
    middle = {name: median(one[name] for one in rounds) for name in rounds[0]}
    yield from table(["what", "ms", "share"], (
        [name, milliseconds(value), f"{value / middle[ALL]:.0%}"] for name, value in middle.items()
    ))  # fmt: skip


def first_quarter() -> dict[str, float]:
    """Seconds of processor time of a process by what it did, and of all of it."""
    from benchmarks.measures import ROOT

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    words = [sys.executable, "-c", "from benchmarks.profiles.starting import tell; tell()"]
    done = subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    whole = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    told: dict[str, float] = json.loads(done.stdout)
    return told | {END: whole - sum(told.values()), ALL: whole}


def tell() -> None:
    """Run one quarter, and print what `first_quarter` reads."""
    from experiments.starting import collect_rarely

    python = time.process_time()
    collect_rarely()
    loading = Watch()
    for name, modules in LOADED.items():
        with loading.stage(name):
            for module in modules:
                importlib.import_module(module)
    measures = importlib.import_module("benchmarks.measures")
    with watching(STAGES) as running, running.stage(REST):
        measures.first_quarter(FIRMS)
    print(json.dumps({PYTHON: python} | loading.told() | running.told()))
