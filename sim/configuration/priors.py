"""Draws of the priors of parameters: triangular, each by the keyed uniform of its own key."""

from agents._compiled import kernel
from agents.codes import PARAMETER_DRAW
from agents.firm import Floats, Whole
from agents.mathematics import triangular_quantile
from sim.draws import uniform


@kernel
def draw_priors(seed: int, draw: int, identity: Whole, low: Floats, mode: Floats, high: Floats, drawn: Floats) -> None:
    """Write `drawn`, one value within [low, high] for each prior, its mode where that is all; shape (n_priors,)."""
    for i in range(identity.size):
        if low[i] >= high[i]:
            drawn[i] = mode[i]
            continue
        luck = uniform(seed, identity[i], 0, 0, PARAMETER_DRAW, draw)
        drawn[i] = min(max(triangular_quantile(luck, low[i], mode[i], high[i]), low[i]), high[i])
