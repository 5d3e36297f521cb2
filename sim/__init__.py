"""The district simulated: the one door for everything above. Names load what they need when asked for."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.ensemble import Ensemble, IntegrityError, StoppedError, combine, simulate
    from sim.model import Jiangjin
    from sim.scenario import Lever, Scenario, levers

ROOMS = {
    "Scenario": "sim.scenario",
    "Lever": "sim.scenario",
    "levers": "sim.scenario",
    "simulate": "sim.ensemble",
    "combine": "sim.ensemble",
    "Ensemble": "sim.ensemble",
    "IntegrityError": "sim.ensemble",
    "StoppedError": "sim.ensemble",
    "Jiangjin": "sim.model",  # the only name that waits for Mesa
}

__all__ = [
    "Ensemble",
    "IntegrityError",
    "Jiangjin",
    "Lever",
    "Scenario",
    "StoppedError",
    "combine",
    "levers",
    "simulate",
]


def __getattr__(name: str) -> Any:
    """Load a name of the door from its room."""
    if name not in ROOMS:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(ROOMS[name]), name)
