"""The time of a cold compilation by kernel, and how much of it LLVM takes, which makes machine code for numba."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import NamedTuple

from benchmarks.measures import ROOT
from benchmarks.profiles.watch import WALL, watching
from benchmarks.tables import largest, table

MOST = 12  # kernels that are told one by one
LLVM = "llvm"
STAGES = {
    LLVM: (
        "numba.core.codegen.CPUCodeLibrary._optimize_functions",
        "numba.core.codegen.CPUCodeLibrary._optimize_final_module",
        "numba.core.codegen.CPUCodeLibrary._finalize_final_module",
    )
}


class Step(NamedTuple):
    """Something that was compiled."""

    name: str
    seconds: float
    llvm: float  # seconds of them


def compiling() -> Iterator[str]:
    """Kernels that take longest first."""
    steps = cold_compilation()
    whole, llvm = (sum(step[place] for step in steps) for place in (1, 2))
    yield "Seconds from one line of the progress to the next; a phase also pays for rules that it is the first to use."
    yield "`opening` is a second process that compiles population and opening meanwhile, and is waited for there."
    yield f"LLVM takes {llvm / whole:.0%} of the time of the first process."
    yield ""
    told = largest({step.name: step.seconds for step in steps}, MOST)
    shares = {step.name: step.llvm for step in steps if step.name in told}
    others = llvm - sum(shares.values())
    rows = [(name, took, shares.get(name, others)) for name, took in told.items()]
    columns = ["compiled", "s", "of them LLVM"]
    yield from table(
        columns, ([name, f"{took:.2f}", f"{part:.2f}"] for name, took, part in [*rows, ("all", whole, llvm)])
    )


@cache
def cold_compilation() -> list[Step]:
    """What a process with an empty cache does from its start to its end, in that order."""
    code = "from benchmarks.profiles.compiling import tell; tell()"
    with tempfile.TemporaryDirectory() as folder:
        cold = os.environ | {"NUMBA_CACHE_DIR": folder}
        started = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, env=cold
        )
        ended = time.monotonic()
    return steps_between(started, json.loads(done.stdout), ended)


def steps_between(started: float, looks: list[tuple[str, float, float]], ended: float) -> list[Step]:
    """Steps from looks at the clocks: what comes next, when, and for how long LLVM has worked; the last at the end."""
    looks = [
        ("Python and its modules", started, 0.0),
        *looks[:-1],
        ("end of the process", *looks[-1][1:]),
        ("", ended, looks[-1][2]),
    ]
    return [
        Step(f"`{name}`" if name.isidentifier() else name, then - now, after - before)
        for (name, now, before), (_, then, after) in pairwise(looks)
    ]


def tell() -> None:
    """Compile everything, and print what `cold_compilation` reads."""
    from sim.warmup import warm_up

    looks: list[tuple[str, float, float]] = []
    with watching(STAGES) as watch:
        warm_up(lambda done, in_all, name: looks.append((name, time.monotonic(), watch.told(WALL)[LLVM])))
    print(json.dumps(looks))
