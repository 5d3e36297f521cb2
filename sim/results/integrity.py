"""What must hold of every result. A result that breaks it is not handed out."""

import numpy as np

from agents.stream_codes import DISPOSED, GENERATED, RECEIVED, SENT, USED_OUTSIDE
from sim.configuration.periods import quarter_name
from sim.phases.recording import RESIDUALS, Record


class IntegrityError(RuntimeError):
    """An identity of the model or a rule of its files is broken; nothing is published."""


def check_books(record: Record, replicate: int) -> None:
    """Refuse a record whose books do not close in every quarter, to the fen."""
    broken = np.argwhere(record.residuals != 0)
    if len(broken):
        quarter, kind = (int(place) for place in broken[0])
        left = int(record.residuals[quarter, kind])
        raise IntegrityError(
            f"replicate {replicate}: the books of {quarter_name(quarter)} do not close: {RESIDUALS[kind]} by {left} fen"
            f" ({len(broken)} such residuals in all)"
        )


def check_streams(record: Record, replicate: int) -> None:
    """Refuse a record in which a kilogram of a by-product came from nowhere or went there."""
    streams = record.streams
    kept = streams[:, :, SENT] + streams[:, :, USED_OUTSIDE] + streams[:, :, DISPOSED]
    broken = np.argwhere((streams[:, :, GENERATED] != kept) | (streams[:, :, RECEIVED] > streams[:, :, SENT]))
    if len(broken):
        quarter, stream = (int(place) for place in broken[0])
        raise IntegrityError(
            f"replicate {replicate}: by-product {stream} of {quarter_name(quarter)} is not where it came from"
        )


def check_bridge(residual: np.ndarray, replicate: int) -> None:
    """Refuse a bridge that leaves part of the change of green revenue unexplained."""
    if residual.any():
        raise IntegrityError(
            f"replicate {replicate}: the bridge of green revenue leaves {int(np.abs(residual).sum())} fen unexplained"
        )


def check_finite(values: np.ndarray, replicate: int, names: list[str]) -> None:
    """Refuse values that are no numbers; the last axis is variables."""
    broken = np.argwhere(~np.isfinite(values))
    if len(broken):
        raise IntegrityError(f"replicate {replicate}: {names[int(broken[0][-1])]} is no number")
