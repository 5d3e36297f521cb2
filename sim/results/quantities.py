"""Quantities of single firms in a quarter, whole units: what the state keeps, and what output and traits tell."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.phases.production import made_by
from sim.setting import World
from sim.state import State


def quantities(world: World, state: State, factors: Any, rows: Any = slice(None)) -> NDArray[np.int64]:
    """All quantities of agents/codes.py, shape (n_rows, N_QUANTITIES); of one row, shape (N_QUANTITIES,)."""
    made = np.stack(made_by(world.firms[rows], state.trade[rows], factors), axis=-1)
    return np.concatenate([state.quantities[rows], nearest(made)], axis=-1)


def nearest(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    """Nearest integers, halves away from zero: `agents.mathematics.whole` for columns."""
    cut = np.trunc(numbers)
    return np.asarray(cut + np.trunc(2.0 * (numbers - cut)), np.int64)
