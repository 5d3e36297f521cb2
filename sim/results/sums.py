"""Sums of quantities over sectors, and quotients of them: what measures are made of."""

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from agents import codes
from agents.firm import Flags, Floats
from sim.configuration.tables import load_table
from sim.results.totals import Totals

Measure = Callable[[Totals], Floats]


@cache
def industry() -> Flags:
    """Which sectors are industry, shape (n_sectors,)."""
    return load_table("sectors")["industry"].to_numpy(bool)


def quantity(totals: Totals, *quantities: int) -> NDArray[np.int64]:
    """Physical quantities by period and sector, summed over `quantities`."""
    return totals.sectors[:, :, [codes.N_TERMS + q for q in quantities]].sum(axis=2)


def ratio(above: Floats, below: Floats) -> Floats:
    """Quotient; zero where nothing stands below."""
    return np.where(below > 0.0, above / np.where(below > 0.0, below, 1.0), 0.0)
