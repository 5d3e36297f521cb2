"""One run of the model as a task of a sweep, and what it leaves as bytes."""

import hashlib
import json
import threading
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.results.reducing import StoppedError, run_and_reduce
from sim.results.variable_list import load_variables
from sim.scenario import Scenario
from sim.world import build_world

Values = NDArray[np.float64]


class ModelRun(NamedTuple):
    """One replicate of a scenario."""

    scenario: Scenario
    population: int
    replicate: int


def run_model(order: ModelRun) -> tuple[dict[str, Any], bytes]:
    """Run one replicate; return what its values are and the values of all variables by year."""
    return _kept(order, None)


def run_model_within(order: ModelRun, seconds: float) -> tuple[dict[str, Any], bytes]:
    """The same, given up at the first quarter that ends after so many seconds.

    Raises:
        StoppedError: it took longer.
    """
    stop = threading.Event()
    clock = threading.Timer(seconds, stop.set)
    clock.daemon = True
    clock.start()
    try:
        return _kept(order, stop)
    finally:
        clock.cancel()


def _kept(order: ModelRun, stop: threading.Event | None) -> tuple[dict[str, Any], bytes]:
    world = build_world(order.scenario, order.population)
    done = run_and_reduce(order.scenario, world, order.population, order.replicate, stop=stop)
    values = np.ascontiguousarray(done.years, dtype="<f8")
    return {"shape": list(values.shape)}, values.tobytes()


def values_of(header: Mapping[str, Any], payload: bytes) -> Values:
    """The values of a shard, shape (n_complete_years, n_variables)."""
    return np.frombuffer(payload, "<f8").reshape(header["shape"])


def variable_places() -> dict[str, int]:
    """Column of each variable in the values."""
    return {variable.name: place for place, variable in enumerate(load_variables())}


def key_of(scenario_digest: str, population: int, replicate: int, made_of: Mapping[str, Any]) -> str:
    """The name of a run: SHA-256 of everything that its result follows from."""
    content = [scenario_digest, population, replicate, *(made_of[name] for name in sorted(made_of))]
    return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


__all__ = ["ModelRun", "StoppedError", "key_of", "run_model", "run_model_within", "values_of", "variable_places"]
