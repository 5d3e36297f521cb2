"""Measure, print and write benchmarks/README.md. `--quick` leaves out what takes long and writes nothing."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks import headlines, measures, scaling
from benchmarks.lever import clicks
from benchmarks.machine import machine
from benchmarks.marks import Mark, Result, row
from benchmarks.profiles.compiling import cold_compilation
from benchmarks.profiles.index import (
    BUILDING,
    COMPILING,
    LEVER,
    MEMORY,
    PROFILES,
    QUARTER,
    STARTING,
    SWEEPING,
    THREADS,
)
from benchmarks.rivals.comparing import choice_times
from benchmarks.rivals.in_c import compiler
from benchmarks.scaling import Point
from benchmarks.sweeping import efficiencies
from benchmarks.tables import table

PAGE = Path(__file__).resolve().parent / "README.md"
LARGE = 1_000_000
HEAD = (
    "# Speed, measured",
    "",
    "Written by `make bench`. Medians and quartiles over rounds; rivals alternate within a round.",
    "*must* and *aim* are the project's own marks; a line that misses its aim says so, and leads to a profile.",
    "",
)
PROFILED = """\
## Where time and bytes go

What lines that miss their aim are made of; `python -m benchmarks.profiles` measures that alone. Profiles look at the
clock within what they measure, and so take a little longer than the same above. What each line would take:
[notes.md](notes.md#what-stands-in-the-way-of-the-marks-that-are-missed)."""
READING = """\
## How to read it

Per firm means per row of the district, spare rows for arrivals included. Ratios are formed by round.
The twin, numpy and C write the same numbers as the model, to the bit, before they are timed; numpy and C are one phase,
the choice of retrofits, on the plan's district at the end of 2023 ([rivals/](rivals/); C as the compiler makes it
with -O3 -march=native -ffp-contract=off). A moved lever goes the way of a visitor's click: queue, replicates, bands,
chart, without page and network. The baseline was on screen before, or another setting of the lever: what they lived
through to the end of 2021 is not run again, as nothing of a policy acts before 2022. A sweep's tasks use the processor
for a known time; its overhead is all else, flushes to the disk among it. What was tried for speed, and what it gave:
[notes.md](notes.md)."""


def results(quick: bool, points: list[Point]) -> Iterator[Result]:
    """All measurements, one after the other; those by number of firms are added to the points of the figure."""
    rounds = 3 if quick else 5
    yield Result(
        "build 5,000 firms with their network", measures.building(5000, rounds), "s", Mark(0.3, 0.05, BUILDING)
    )
    yield Result("build 100,000 firms", measures.building(100_000, 1 if quick else 3), "s", Mark(10, 1, BUILDING))
    yield from quarters(quick, rounds, points)
    yield from rivalries(rounds, points)
    yield Result("replicate of 5,000 firms × 20 quarters", measures.replicates(5000, 20, rounds), "s")
    speedups = measures.speedups(5000, 20, 8, rounds)
    yield Result("speed-up of two threads, 8 replicates", speedups, "×", Mark(1.6, 1.85, THREADS, True))
    yield Result("lever to data, 20 replicates", measures.answering(5000, 20, 20, rounds), "s", Mark(1, 0.4, LEVER))
    unkept = measures.answering(5000, 20, 20, rounds, kept=False)
    yield Result("lever to data, 20 replicates, nothing run before", unkept, "s")
    yield Result(
        "lever to first sketch, 1 replicate", measures.answering(5000, 20, 1, rounds), "s", Mark(0.15, 0.05, LEVER)
    )
    sketches, bands = clicks(5000, 20, 20, rounds)
    yield Result("moved lever to chart in the application, 20 replicates", bands, "s", Mark(1, 0.4, LEVER))
    yield Result("moved lever to sketch in the application, 1 replicate", sketches, "s", Mark(0.15, 0.05, LEVER))
    yield from small_things(quick, rounds)


def quarters(quick: bool, rounds: int, points: list[Point]) -> Iterator[Result]:
    """A quarter and the memory it takes, by number of firms."""
    stepped = measures.stepping(scaling.SMALL_SIZES if quick else scaling.SIZES, rounds)
    points += [scaling.point(scaling.MODEL, firms, values) for firms, values in stepped.items()]
    for firms, values in stepped.items():
        yield Result(f"quarter of {firms:,} firms, per firm", values, "ns")
    if not quick:
        large = measures.largest_run(LARGE, 6)
        small = float(np.median(stepped[5000]))
        points.append(scaling.point(scaling.MODEL, LARGE, large["step"]))
        yield Result("build 1,000,000 firms", large["build"], "s", Mark(150, 15, BUILDING))
        yield Result("quarter of 1,000,000 firms, per firm", large["step"], "ns")
        yield Result("the same over 5,000 firms", [step / small for step in large["step"]], "×", Mark(2, 1.6, QUARTER))
        yield Result("peak memory of 1,000,000 firms × 6 quarters", large["peak"], "GiB", Mark(4, 4, MEMORY))
    kept = list(scaling.memory(list(stepped)))
    points += kept
    shared, own = (
        [one.middle for one in kept if (one.series, one.firms) == (name, max(stepped))]
        for name in (scaling.SHARED, scaling.OWN)
    )
    yield Result(f"memory per firm, shared with links, {max(stepped):,} firms", shared, "KiB", Mark(1, 0.4, MEMORY))
    yield Result(f"memory per firm and replicate, {max(stepped):,} firms", own, "KiB", Mark(1, 0.5, MEMORY))


def rivalries(rounds: int, points: list[Point]) -> Iterator[Result]:
    """The same work as plain Mesa objects, as whole-array numpy and as C: ratios of each round, results equal."""
    times = measures.twin_times(5000, rounds)
    points.append(scaling.per_row(scaling.TWIN, 5000, [twin for twin, _ in times]))
    points += scaling.twins([1000], rounds)
    ratios = [twin / core for twin, core in times]
    yield Result("plain Mesa twin over the model, 5,000 firms", ratios, "×", Mark(100, 300, QUARTER, True))
    ratios = [rival / core for rival, core in choice_times("numpy", 5000, rounds)]
    yield Result("whole-array numpy over the model, choice of retrofits", ratios, "×", Mark(1.8, 4, QUARTER, True))
    if compiler():
        ratios = [core / rival for rival, core in choice_times("C", 5000, rounds)]
        yield Result("the model over C, choice of retrofits", ratios, "×", Mark(1.4, 1.25, QUARTER))


def small_things(quick: bool, rounds: int) -> Iterator[Result]:
    """What runs cost beside their quarters: sweeps, compiling, starting."""
    overheads = [100.0 * (1.0 / one - 1.0) for one in efficiencies(0.01, 300, 2, rounds)]
    yield Result("overhead of a sweep, two workers, tasks of 10 ms", overheads, "%", Mark(8, 3, SWEEPING))
    if not quick:
        long = efficiencies(1.0, 6, 2, rounds)
        yield Result("efficiency of two workers, tasks of 1 s", long, "×", Mark(0.9, 0.9, SWEEPING, True))
        whole = sum(step.seconds for step in cold_compilation())
        yield Result("compile everything from cold", [whole], "s", Mark(60, 20, COMPILING))
    yield Result("process start to first quarter, warm", measures.starting(rounds), "s", Mark(1.5, 1, STARTING))
    words = [sys.executable, "-m", "experiments.cli", "--help"]
    yield Result("`lvjin --help`", measures.processes(words, rounds), "s", Mark(0.3, 0.15, STARTING))


def main() -> None:
    """Measure, print, and write the page unless asked to be quick."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out what takes long; write nothing")
    quick = parser.parse_args().quick
    lines = []
    for line in page(quick):
        lines.append(line)
        print(line, flush=True)
    if not quick:
        PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")
        headlines.write()


def page(quick: bool) -> Iterator[str]:
    """The lines of the page, as they are measured; without figure and profiles if it has to be quick."""
    yield from HEAD
    yield from machine()
    yield ""
    yield from table(["what", "median", "quartiles", "rounds", "must", "aim", "reached"], [])
    points: list[Point] = []
    missing = {QUARTER}  # the hottest phases are of interest in any case
    for result in results(quick, points):
        yield row(result)
        if result.missing is not None:
            missing.add(result.missing)
    if quick:
        return
    points += scaling.rivals([1_000, 20_000, 100_000], 3)
    yield ""
    yield from scales(points)
    yield ""
    yield PROFILED
    for profile in PROFILES:
        if profile in missing:
            yield ""
            yield from profile.section()
    yield ""
    yield READING


def scales(points: list[Point]) -> Iterator[str]:
    """The figure and the table of scaling, drawn and written from the points."""
    scaling.write(points)
    yield "Time and memory by number of firms, one thread, medians ([scaling.csv](scaling.csv) with quartiles):"
    yield ""
    yield "![Time and memory by number of firms](figures/scaling.en.png)"
    yield ""
    yield from scaling.table(points)


if __name__ == "__main__":
    main()
