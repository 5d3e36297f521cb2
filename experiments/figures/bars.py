"""Bars with intervals, one row for each thing, largest on top: what figures of questions have in common."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from experiments.colours import INK, SERIES, SOFT

Floats = NDArray[np.float64]


def draw_bars_with_intervals(
    axis: Axes,
    labels: Sequence[str],
    values: Floats,
    low: Floats,
    high: Floats,
    colour: str = SERIES[0],
    height: float = 0.62,
    raised: float = 0.0,
) -> None:
    """Draw a horizontal bar for each value, its interval, and its label at the left; raised where a row has several."""
    rows = np.arange(len(values))[::-1]
    place = rows + raised
    axis.barh(place, values, height=height, color=colour, alpha=0.85, linewidth=0)
    axis.hlines(place, low, high, color=INK, linewidth=1.1)
    axis.set_yticks(rows, list(labels))
    axis.tick_params(axis="y", labelcolor=INK)
    axis.axvline(0.0, color=SOFT, linewidth=0.8)
    axis.grid(visible=True, axis="x")
    axis.grid(visible=False, axis="y")
    axis.spines["left"].set_visible(False)
    axis.set_ylim(-0.6, len(values) - 0.4)
