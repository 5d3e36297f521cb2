"""The model as a function of a place in the cube of priors; every run is kept, so an interrupted calibration goes on.

A place has a coordinate from 0 to 1 for each free parameter, the probability that its prior gives to less. Replicate r
takes population r mod P, and draw r of all other parameters.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.mathematics import triangular_quantile
from experiments.calibrating.settings import Effort, Settings
from experiments.calibrating.statistics import Seen, drawn_with, statistics
from experiments.calibrating.targets import load_targets
from experiments.sweeps.store import DONE, Shard, Store
from sim.configuration.sampling import prior
from sim.results.provenance import CODE, DATA, SETTINGS, digest
from sim.results.reducing import reduced
from sim.run import prepare_run, step_replicate
from sim.scenario import Change, Scenario
from sim.world import build_world

Floats = NDArray[np.float64]
Count = Callable[[int, int], None]
YEAR_END = "2021Q4"


class Simulator:
    """Simulated 2021 at places, memory on disk.

    Attributes:
        targets: the facts, in the order of the statistics that come back.
        store: where runs are kept.
    """

    def __init__(self, settings: Settings, effort: Effort, folder: Path, workers: int) -> None:
        self.settings, self.effort, self.workers = settings, effort, workers
        self.targets = load_targets()
        self.store = Store(folder)
        self.store.prepare()
        self.made_of = made_of()
        self.scenario = Scenario(
            "calibration", firms=effort.firms, until=YEAR_END, seed=settings.seed, parameters="prior"
        )
        self.worlds = [build_world(self.scenario, population) for population in range(effort.populations)]
        self.drawn = [drawn_with(world, self.scenario) for world in self.worlds]

    def values(self, place: Floats) -> dict[str, float]:
        """The values of the free parameters at a place; not a number leaves a parameter to its prior."""
        found = {}
        for entry, share in zip(self.settings.parameters, place.tolist(), strict=True):
            if np.isfinite(share):
                low, mode, high = prior(entry)
                found[entry.key] = min(max(triangular_quantile(share, low, mode, high), low), high)
        return found

    def at(self, place: Floats, replicate: int) -> Floats:
        """The simulated value of every fact at a place, shape (n_targets,)."""
        values = self.values(place)
        key = hashlib.sha256(json.dumps([self.made_of, self.scenario.digest(), values, replicate]).encode()).hexdigest()
        shard = self.store.read(key)
        if shard is not None:
            return np.frombuffer(shard.payload)
        found = self._run(values, replicate)
        self.store.write(Shard(key, DONE, {"replicate": replicate}, found.tobytes()))
        return found

    def many(self, places: Floats, replicates: Sequence[int], count: Count) -> Floats:
        """`at` for each place and replicate, side by side in threads, shape (n, n_targets)."""
        found = []
        with ThreadPoolExecutor(self.workers, "calibration") as pool:
            for values in pool.map(self.at, places, replicates):
                found.append(values)
                count(len(found), len(places))
        return np.array(found)

    def _run(self, values: dict[str, float], replicate: int) -> Floats:
        changes = tuple(Change(key, None, value) for key, value in sorted(values.items()))
        scenario = Scenario("calibration", self.effort.firms, YEAR_END, self.settings.seed, changes, parameters="prior")
        population = replicate % self.effort.populations
        world, run = self.worlds[population], prepare_run(scenario, replicate)
        *_, (state, record) = step_replicate(world, run)
        one = reduced(record, scenario, world, run, population, replicate)
        return statistics(Seen(one, state, world, self.drawn[population]), self.targets)


def made_of() -> dict[str, Any]:
    """What the runs follow from: code, settings and data of the model."""
    return {"code_sha256": digest(CODE), "settings_sha256": digest(SETTINGS), "data_sha256": digest(DATA)}
