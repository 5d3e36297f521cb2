"""The time of a quarter by phase: in the cache and beyond it."""

from collections.abc import Iterator

import numpy as np

from benchmarks import measures
from benchmarks.phases import phase_times
from benchmarks.tables import table

SIZES = ((5_000, 20, 5), (100_000, 9, 3))  # firms, quarters, replicates


def quarter() -> Iterator[str]:
    """Phases in the order of the quarter's table of contents."""
    columns = [per_row(*size) for size in SIZES]
    (firms, _, rounds), (many, _, few) = SIZES
    yield f"A quarter of the plan, one thread, processor time: medians of {rounds} replicates of {firms:,} firms and of"
    yield f"{few} of {many:,}, whose rows and links do not find room in the cache."
    yield ""
    heads = [f"{firms:,} firms, ns a row", "share", f"{many:,} firms, ns a row", "share", "ratio"]
    whole = [sum(column.values()) for column in columns]
    rows = [(f"`{phase}`", *(column[phase] for column in columns)) for phase in columns[0]]
    yield from table(["phase", *heads], (told(*row, *whole) for row in [*rows, ("all", *whole)]))


def per_row(firms: int, quarters: int, rounds: int) -> dict[str, float]:
    """Nanoseconds per row and quarter by phase."""
    times = phase_times(measures.scenario_of(firms, quarters, name="plan"), rounds)
    rows = measures.rows(firms)
    return {phase: 1000.0 * float(np.median(values)) / rows for phase, values in times.items()}


def told(name: str, small: float, large: float, all_small: float, all_large: float) -> list[str]:
    """A line of the table."""
    ratio = f"{large / small:.2f}" if small >= 1.0 else ""
    return [name, f"{small:.1f}", f"{small / all_small:.1%}", f"{large:.1f}", f"{large / all_large:.1%}", ratio]
