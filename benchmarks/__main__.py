"""Measure, print and write benchmarks/README.md. `--quick` leaves out what takes long and writes nothing."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks import measures, scaling
from benchmarks.lever import clicks
from benchmarks.machine import machine
from benchmarks.phases import phase_times
from benchmarks.rivals.comparing import choice_times
from benchmarks.rivals.in_c import compiler
from benchmarks.scaling import Point
from benchmarks.sweeping import efficiencies

PAGE = Path(__file__).resolve().parent / "README.md"
LARGE = 1_000_000
READING = """\
How to read it. Per firm means per row of the district, spare rows for arrivals included. Ratios are formed by round.
The twin, numpy and C write the same numbers as the model, to the bit, before they are timed; numpy and C are one phase,
the choice of retrofits, on the plan's district at the end of 2023 ([rivals/](rivals/); C as the compiler makes it
with -O3 -march=native -ffp-contract=off). A moved lever goes the way of a visitor's click: queue, replicates, bands,
chart, without page and network. The baseline was on screen before, or another setting of the lever: what they lived
through to the end of 2021 is not run again, as nothing of a policy acts before 2022. A sweep's tasks use the processor
for a known time; its overhead is all else, flushes to the disk among it. What was tried for speed, and what it gave:
[notes.md](notes.md)."""


class Result(NamedTuple):
    """One line of the table: values of single rounds, and what must and should be reached."""

    what: str
    values: list[float]
    unit: str
    must: float
    aim: float
    more_is_better: bool = False

    def verdict(self) -> str:
        """Whether the median reaches what must and what should be."""
        middle = float(np.median(self.values))
        reached = [middle >= one if self.more_is_better else middle <= one for one in (self.must, self.aim)]
        return "aim" if all(reached) else "must" if reached[0] else "missed"


def results(quick: bool, points: list[Point]) -> Iterator[Result]:
    """All measurements, one after the other; those by number of firms are added to the points of the figure."""
    rounds, nan = 3 if quick else 5, float("nan")
    yield Result("build 5,000 firms with their network", measures.building(5000, rounds), "s", 0.3, 0.05)
    yield Result("build 100,000 firms", measures.building(100_000, 1 if quick else 3), "s", 10, 1)
    yield from quarters(quick, rounds, points)
    yield from rivalries(rounds, points)
    yield Result("replicate of 5,000 firms × 20 quarters", measures.replicates(5000, 20, rounds), "s", nan, nan)
    speedups = measures.speedups(5000, 20, 8, rounds)
    yield Result("speed-up of two threads, 8 replicates", speedups, "×", 1.6, 1.85, more_is_better=True)
    yield Result("lever to data, 20 replicates", measures.answering(5000, 20, 20, rounds), "s", 1, 0.4)
    unkept = measures.answering(5000, 20, 20, rounds, kept=False)
    yield Result("lever to data, 20 replicates, nothing run before", unkept, "s", nan, nan)
    yield Result("lever to first sketch, 1 replicate", measures.answering(5000, 20, 1, rounds), "s", 0.15, 0.05)
    sketches, bands = clicks(5000, 20, 20, rounds)
    yield Result("moved lever to chart in the application, 20 replicates", bands, "s", 1, 0.4)
    yield Result("moved lever to sketch in the application, 1 replicate", sketches, "s", 0.15, 0.05)
    yield from small_things(quick, rounds)


def quarters(quick: bool, rounds: int, points: list[Point]) -> Iterator[Result]:
    """A quarter and the memory it takes, by number of firms."""
    nan = float("nan")
    stepped = measures.stepping(scaling.SMALL_SIZES if quick else scaling.SIZES, rounds)
    points += [scaling.point(scaling.MODEL, firms, values) for firms, values in stepped.items()]
    for firms, values in stepped.items():
        yield Result(f"quarter of {firms:,} firms, per firm", values, "ns", nan, nan)
    if not quick:
        large = measures.largest_run(LARGE, 6)
        small = float(np.median(stepped[5000]))
        points.append(scaling.point(scaling.MODEL, LARGE, large["step"]))
        yield Result("build 1,000,000 firms", large["build"], "s", 150, 15)
        yield Result("quarter of 1,000,000 firms, per firm", large["step"], "ns", nan, nan)
        yield Result("the same over 5,000 firms", [step / small for step in large["step"]], "×", 2, 1.6)
        yield Result("peak memory of 1,000,000 firms × 6 quarters", large["peak"], "GiB", 4, 4)
    kept = list(scaling.memory(list(stepped)))
    points += kept
    shared, own = (
        [one.middle for one in kept if (one.series, one.firms) == (name, max(stepped))]
        for name in (scaling.SHARED, scaling.OWN)
    )
    yield Result(f"memory per firm, shared with links, {max(stepped):,} firms", shared, "KiB", 1, 0.4)
    yield Result(f"memory per firm and replicate, {max(stepped):,} firms", own, "KiB", 1, 0.5)


def rivalries(rounds: int, points: list[Point]) -> Iterator[Result]:
    """The same work as plain Mesa objects, as whole-array numpy and as C: ratios of each round, results equal."""
    times = measures.twin_times(5000, rounds)
    points.append(scaling.per_row(scaling.TWIN, 5000, [twin for twin, _ in times]))
    points += scaling.twins([1000], rounds)
    ratios = [twin / core for twin, core in times]
    yield Result("plain Mesa twin over the model, 5,000 firms", ratios, "×", 100, 300, more_is_better=True)
    ratios = [rival / core for rival, core in choice_times("numpy", 5000, rounds)]
    yield Result("whole-array numpy over the model, choice of retrofits", ratios, "×", 1.8, 4, more_is_better=True)
    if compiler():
        ratios = [core / rival for rival, core in choice_times("C", 5000, rounds)]
        yield Result("the model over C, choice of retrofits", ratios, "×", 1.4, 1.25)


def small_things(quick: bool, rounds: int) -> Iterator[Result]:
    """What runs cost beside their quarters: sweeps, compiling, starting."""
    overheads = [100.0 * (1.0 / one - 1.0) for one in efficiencies(0.01, 300, 2, rounds)]
    yield Result("overhead of a sweep, two workers, tasks of 10 ms", overheads, "%", 8, 3)
    if not quick:
        long = efficiencies(1.0, 6, 2, rounds)
        yield Result("efficiency of two workers, tasks of 1 s", long, "×", 0.9, 0.9, more_is_better=True)
        yield Result("compile everything from cold", measures.compiling(), "s", 60, 20)
    yield Result("process start to first quarter, warm", measures.starting(rounds), "s", 1.5, 1)
    words = [sys.executable, "-m", "experiments.cli", "--help"]
    yield Result("`lvjin --help`", measures.processes(words, rounds), "s", 0.3, 0.15)


def phase_table(firms: int, quarters: int, rounds: int) -> Iterator[str]:
    """Where the time of a quarter goes, one thread, in the order of the quarter's table of contents."""
    times = phase_times(measures.scenario_of(firms, quarters, name="plan"), rounds)
    middle = {phase: float(np.median(values)) for phase, values in times.items()}
    yield f"Phases of a quarter of the plan, {firms:,} firms, median of {rounds} replicates, one thread:"
    yield ""
    yield "| phase | µs a quarter | share |"
    yield "| --- | ---: | ---: |"
    whole = sum(middle.values())
    for phase, value in middle.items():
        yield f"| `{phase}` | {value:.0f} | {value / whole:.1%} |"
    yield f"| all | {whole:.0f} | |"


def row(result: Result) -> str:
    """A line of the table."""
    low, middle, high = np.quantile(result.values, [0.25, 0.5, 0.75])
    spread = f"{number(low)}–{number(high)}" if len(result.values) > 1 else ""
    bounds = [
        "" if np.isnan(one) else f"{'≥' if result.more_is_better else '≤'} {one:g}" for one in (result.must, result.aim)
    ]
    verdict = "" if np.isnan(result.must) else result.verdict()
    cells = [result.what, f"{number(middle)} {result.unit}", spread, str(len(result.values)), *bounds, verdict]
    return f"| {' | '.join(cells)} |"


def number(value: float) -> str:
    """Three digits."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def main() -> None:
    """Measure, print, and write the page unless asked to be quick."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out what takes long; write nothing")
    quick = parser.parse_args().quick
    lines = [
        "# Speed, measured",
        "",
        "Written by `make bench`. Medians and quartiles over rounds; rivals alternate within a round.",
        "*must* and *aim* are the project's own marks; a line that misses its mark says so.",
        "",
        *machine(),
        "",
        "| what | median | quartiles | rounds | must | aim | reached |",
        "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
    ]
    print("\n".join(lines), flush=True)
    points: list[Point] = []
    for result in results(quick, points):
        lines.append(row(result))
        print(lines[-1], flush=True)
    if not quick:
        shown = len(lines)
        points += scaling.rivals([1_000, 20_000, 100_000], 3)
        lines += ["", *scales(points)]
        print("\n".join(lines[shown:]), flush=True)
        for line in ["", *phase_table(5000, 20, 5), "", READING]:
            lines.append(line)
            print(line, flush=True)
        PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


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
