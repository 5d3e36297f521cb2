"""What is frozen to be scored: variables with scope, prices and class, from configs/tables/scored.csv."""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.configuration.tables import load_table
from sim.results.variable_list import variable_named

Floats = NDArray[np.float64]
LAST_KNOWN = 2021  # the last year that any fit may have seen
TINY = 1e-9  # shares and levels stay this far from where a logarithm ends


class Scored(NamedTuple):
    """One variable that is frozen."""

    variable: str
    kind: str  # class within which rivals are chosen
    unit: str
    scope_zh: str
    scope_en: str
    price_base: str  # current, constant_2020 or none
    like: str  # series that lends its growth, empty for none


@cache
def scored_variables() -> tuple[Scored, ...]:
    """The variables in the order of the table."""
    return tuple(
        Scored(
            row["variable"],
            row["class"],
            variable_named(row["variable"]).unit,
            row["scope_zh"],
            row["scope_en"],
            row["price_base"],
            row["like"],
        )
        for row in load_table("scored").to_dict("records")
    )


def stretched(unit: str, values: Floats) -> Floats:
    """Values on the scale that rivals work on: log odds of shares, logs of everything else."""
    if unit == "share":
        inside = np.clip(values, TINY, 1.0 - TINY)
        return np.asarray(np.log(inside / (1.0 - inside)), np.float64)
    return np.asarray(np.log(np.maximum(values, TINY)), np.float64)


def back(unit: str, places: Floats) -> Floats:
    """Values from places on that scale."""
    places = np.clip(places, -700.0, 700.0)
    if unit == "share":
        return np.asarray(1.0 / (1.0 + np.exp(-places)), np.float64)
    return np.asarray(np.exp(places), np.float64)
