"""The facts that a calibration is held against: configs/tables/calibration_targets.csv, checked against the model."""

import functools
import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.configuration.declarations import root_folder
from sim.configuration.parameters import read_units
from sim.configuration.problems import Problem, did_you_mean, refuse_if
from sim.configuration.tables import load_table
from sim.results.variable_list import load_variables

Floats = NDArray[np.float64]

HALF_WIDTH = 1.645  # standard deviations that a tolerance, the half width of a 90 % interval, stands for
LEAST = 0.01  # of the fact: what a quantity told on a log scale is lifted to
VARIABLES = ("variable", "fall", "growth", "kept")  # measures that name variables


class Target(NamedTuple):
    """One fact; fields as in the schema of the table."""

    target: str
    name_zh: str
    name_en: str
    role: str
    measure: str
    of: str
    base: float
    fact: float
    tolerance: float
    discrepancy: float
    scale: str
    unit: str
    speaks_zh: str
    speaks_en: str
    source: str
    quality: str
    reason_zh: str
    reason_en: str

    def scaled(self, values: Floats) -> Floats:
        """Values on the scale that they are compared on."""
        if self.scale == "linear":
            return values
        found: Floats = np.log(np.maximum(values, LEAST * self.fact))
        return found

    @property
    def observed(self) -> float:
        """The fact on its scale."""
        return math.log(self.fact) if self.scale == "log" else self.fact

    @property
    def variance(self) -> float:
        """Variance of the fact around a perfect model's value, on its scale: of observation and of what is left out."""
        unit = self.fact if self.scale == "log" else 1.0
        return (self.tolerance / HALF_WIDTH / unit) ** 2 + (self.discrepancy / unit) ** 2

    def met(self, value: float) -> bool:
        """Whether a simulated value lies within tolerance."""
        return abs(value - self.fact) <= self.tolerance + 1e-9 * abs(self.fact)


@functools.cache
def load_targets(root: Path | None = None) -> tuple[Target, ...]:
    """All facts in the order of the table; raises `ConfigError` with everything that is wrong."""
    rows = [Target(*row) for row in load_table("calibration_targets", root).itertuples(index=False)]
    units = read_units(root_folder(root), [])
    names = {variable.name for variable in load_variables(root)}
    problems: list[Problem] = []
    for row in rows:
        if row.unit not in units:
            problems.append(
                _problem(row, "unit", row.unit, "a unit of configs/units.yaml", did_you_mean(row.unit, units))
            )
        for name in row.of.split(";") if row.measure in VARIABLES else ():
            if name not in names:
                problems.append(
                    _problem(row, "of", name, "a variable of configs/variables.yaml", did_you_mean(name, names))
                )
        if row.role == "fit" and row.variance <= 0.0:
            problems.append(_problem(row, "tolerance", "0", "above 0 for a fitted fact", ""))
        if row.measure in ("fall", "growth") and not row.base > 0.0:
            problems.append(_problem(row, "base", "nothing", "the level of 2020", ""))
    refuse_if(problems)
    return tuple(rows)


def fitted(targets: tuple[Target, ...]) -> list[int]:
    """Places of the fitted facts."""
    return [place for place, target in enumerate(targets) if target.role == "fit"]


def _problem(row: Target, column: str, found: str, allowed: str, hint: str) -> Problem:
    return Problem("tables/calibration_targets.csv", None, f"{row.target}, {column}", found, allowed, hint)
