"""The sheet that every figure is drawn on: size, type, colours, title, notes, in one of two languages.

Margins are set in inches, so figures of every height look alike. Nothing here knows what is drawn.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.colours import FAINT, INK, PAPER, SOFT
from experiments.fonts import use_chinese_font
from experiments.languages import Language, Say, speaker

WIDTH = 9.6  # inches
LEFT, RIGHT = 0.62, 0.3
TICKS = 0.5
LATIN = 0.47  # em, width of the mean Latin letter
ORPHAN = 0.2  # of the width: a last line as short as that is avoided
TITLE, LINE = 13.0, 9.0  # points

STYLE: dict[str, Any] = {
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": SOFT,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.titlecolor": INK,
    "axes.titlepad": 8,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.unicode_minus": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "font.size": LINE,
    "text.color": INK,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "lines.solid_capstyle": "round",
    "hatch.linewidth": 0.7,
    "svg.hashsalt": "lvjin",  # the same figure has the same bytes
}


class Sheet(NamedTuple):
    """A figure with its axes, shape (rows, columns), and the language that it speaks."""

    figure: Figure
    axes: Any
    say: Say


def style() -> AbstractContextManager[None]:
    """The style of all figures, for a `with` around drawing and saving."""
    use_chinese_font()
    return matplotlib.rc_context(STYLE)


def sheet(
    language: Language,
    title: str,
    subtitle: str,
    notes: Iterable[str],
    rows: int = 1,
    columns: int = 1,
    height: float = 3.1,
    gap: tuple[float, float] = (0.55, 0.5),
    right: float = RIGHT,
    left: float = LEFT,
    ticks: float = TICKS,
    **axes: Any,
) -> Sheet:
    """An empty figure.

    Args:
        language: of all its words.
        title: what is shown.
        subtitle: how it is measured.
        notes: lines below, wrapped to the width.
        rows: of axes.
        columns: of axes.
        height: of one row of axes, inches.
        gap: between columns and between rows, inches.
        right: margin, inches.
        left: margin, inches.
        ticks: room for the labels below the axes, inches.
        axes: passed on to `Figure.subplots`.
    """
    below = [line for note in notes for line in wrapped(note, WIDTH - 0.6, 8)]
    under = wrapped(subtitle, WIDTH - 0.6, LINE)
    top, bottom = 0.62 + 0.17 * len(under) + 0.3, ticks + 0.16 * len(below)
    tall = top + rows * height + (rows - 1) * gap[1] + bottom
    figure = Figure(figsize=(WIDTH, tall))
    grid = {
        "left": left / WIDTH,
        "right": 1 - right / WIDTH,
        "top": 1 - top / tall,
        "bottom": bottom / tall,
        "wspace": gap[0] / ((WIDTH - left - right - (columns - 1) * gap[0]) / columns),
        "hspace": gap[1] / height,
    }
    found = figure.subplots(rows, columns, squeeze=False, gridspec_kw=grid, **axes)
    figure.text(0.3 / WIDTH, 1 - 0.24 / tall, title, size=TITLE, va="top")
    figure.text(0.3 / WIDTH, 1 - 0.56 / tall, "\n".join(under), size=LINE, va="top", color=SOFT, linespacing=1.35)
    figure.text(0.3 / WIDTH, 0.13 / tall, "\n".join(below), size=8, va="bottom", color=SOFT, linespacing=1.4)
    return Sheet(figure, found, speaker(language))


def wrapped(text: str, width: float, size: float) -> list[str]:
    """Lines of at most `width` inches in a type of `size` points; Chinese may break anywhere, Latin at spaces.

    A last line of a word or two is avoided by making all lines about equally long.
    """
    room = width * 72 / size
    lines = _filled(text, room)
    if len(lines) < 2 or _length(lines[-1]) > ORPHAN * room:
        return lines
    for twentieths in range(19, 9, -1):
        narrower = _filled(text, room * twentieths / 20)
        if len(narrower) > len(lines):
            break
        lines = narrower
    return lines


def _filled(text: str, room: float) -> list[str]:
    lines, line = [], ""
    for piece in _pieces(text):
        if line.strip() and _length(line + piece.rstrip()) > room:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _length(text: str) -> float:
    """Width of a text in ems, about."""
    return sum(1.0 if is_wide(sign) else LATIN for sign in text)


def _pieces(text: str) -> list[str]:
    pieces: list[str] = []
    for sign in text:
        if pieces and not may_break(pieces[-1][-1], sign):
            pieces[-1] += sign
        else:
            pieces.append(sign)
    return pieces


def may_break(before: str, after: str) -> bool:
    """Whether a line may end between two signs: after a space, and beside Chinese that is no bracket, stop or unit."""
    if after in "，。；：、）》”％)元" or before in "（《“(":
        return False
    return before == " " or is_wide(before) or is_wide(after)


def is_wide(sign: str) -> bool:
    """Whether a sign is as wide as it is high."""
    return "\u2e80" <= sign <= "\uffef"


def spread(places: list[float], least: float, low: float, high: float) -> list[float]:
    """Places for labels that keep `least` between them and stay within bounds, near where they want to be."""
    order = np.argsort(places, kind="stable")
    moved = np.array(places, float)[order]
    for _ in range(200):
        gaps = np.diff(moved)
        tight = np.flatnonzero(gaps < least - 1e-9)
        if not len(tight):
            break
        for k in tight:
            push = (least - (moved[k + 1] - moved[k])) / 2
            moved[k] -= push
            moved[k + 1] += push
        moved = np.clip(moved, low, high)
    found = np.empty(len(places))
    found[order] = moved
    return found.tolist()


def empty(axis: Axes, text: str) -> None:
    """Say in an axis why nothing is drawn in it."""
    axis.set_axis_off()
    axis.text(0.5, 0.5, text, transform=axis.transAxes, ha="center", va="center", color=SOFT)
