"""Calibrated draws of parameters, where `lvjin calibrate` has left some: configs/posterior.csv.

One row for each draw, one column for each estimated key. Draw r of a run takes row r modulo the number of rows; keys
without a column keep their priors.
"""

import csv
import functools
import hashlib
import math
from pathlib import Path

from sim.configuration.parameters import Declarations, load_declarations
from sim.configuration.problems import Problem, decoded, did_you_mean, read_bytes, refuse_if, shown

LARGEST_FILE = 1 << 26  # bytes


def posterior_file(root: Path) -> Path:
    """Where the posterior lies, if there is one."""
    return root / "posterior.csv"


def posterior_digest(root: Path) -> str:
    """SHA-256 of the posterior, by which results name the one that they are drawn from; empty without one."""
    path = posterior_file(root)
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


@functools.cache
def read_posterior(root: Path) -> tuple[dict[str, float], ...]:
    """The rows of the posterior, each a value by key; raises `ConfigError` with everything that is wrong."""
    path, declarations = posterior_file(root), load_declarations(root)
    problems: list[Problem] = []
    file = shown(path, root)
    text = decoded(read_bytes(path, file, LARGEST_FILE, problems), file, problems)
    keys, *rows = list(csv.reader(text.splitlines())) or [[]]
    for key in keys:
        if not (key in declarations and declarations[key].sampled):
            hint = did_you_mean(key, declarations)
            problems.append(Problem(file, 1, key, "no parameter with a prior", "keys with a prior", hint))
    if not rows:
        problems.append(Problem(file, None, "", "no rows", "one row for each draw"))
    refuse_if(problems)
    draws = tuple(_draw(keys, row, file, number, declarations, problems) for number, row in enumerate(rows, 2))
    refuse_if(problems)
    return draws


def _draw(
    keys: list[str], row: list[str], file: str, line: int, declarations: Declarations, problems: list[Problem]
) -> dict[str, float]:
    if len(row) != len(keys):
        problems.append(Problem(file, line, "", f"{len(row)} values", f"{len(keys)} values"))
        return {}
    draw = {}
    for key, text in zip(keys, row, strict=True):
        entry = declarations[key]
        lower, upper = entry.bounds if entry.spread_low is None else (0.0, math.inf)
        try:
            draw[key] = float(text)
        except ValueError:
            draw[key] = math.nan
        if not (math.isfinite(draw[key]) and lower <= draw[key] <= upper):
            problems.append(Problem(file, line, key, repr(text), f"a number from {lower} to {upper}"))
    return draw
