"""A measured line of the table, and what the project wants of it."""

from typing import NamedTuple

import numpy as np

from benchmarks.profiles import Profile
from benchmarks.tables import number


class Mark(NamedTuple):
    """What must and what should be reached, and the profile that shows what stands in the way."""

    must: float
    aim: float
    profile: Profile
    more_is_better: bool = False

    def reached(self, value: float) -> str:
        """How far a value comes: aim, must, or neither."""
        fine = [value >= one if self.more_is_better else value <= one for one in (self.must, self.aim)]
        return "aim" if all(fine) else "must" if fine[0] else "missed"


class Result(NamedTuple):
    """One line of the table: values of single rounds."""

    what: str
    values: list[float]
    unit: str
    mark: Mark | None = None

    @property
    def missing(self) -> Profile | None:
        """The profile that explains why the median misses the aim; none where it does not."""
        reached = self.mark is None or self.mark.reached(float(np.median(self.values))) == "aim"
        return None if reached or self.mark is None else self.mark.profile


def row(result: Result) -> str:
    """A line of the table; one that misses its aim leads to its profile."""
    low, middle, high = np.quantile(result.values, [0.25, 0.5, 0.75])
    spread = f"{number(low)}–{number(high)}" if len(result.values) > 1 else ""
    bounds, verdict = ["", ""], ""
    if result.mark is not None:
        sign = "≥" if result.mark.more_is_better else "≤"
        bounds = [f"{sign} {one:g}" for one in (result.mark.must, result.mark.aim)]
        verdict = result.mark.reached(float(middle))
    if result.missing is not None:
        verdict = f"{verdict}, [profile](#{result.missing.anchor})"
    cells = [result.what, f"{number(middle)} {result.unit}", spread, str(len(result.values)), *bounds, verdict]
    return f"| {' | '.join(cells)} |"
