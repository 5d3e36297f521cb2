"""History matching: wave after wave, the model is run where nothing speaks against it, and places are ruled out."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.calibrating.emulator import Emulator, emulated, implausibility
from experiments.calibrating.simulator import Simulator
from experiments.calibrating.targets import Target, fitted
from experiments.designs.samples import latin_hypercube, sobol
from experiments.progress import Reporter
from sim.configuration.problems import Problem, refuse_if

Floats = NDArray[np.float64]
CANDIDATES = 4096  # places, a power of two, that are asked of the emulator


class Facts(NamedTuple):
    """The fitted facts on the scales of their statistics, shape (n_fitted,)."""

    targets: tuple[Target, ...]
    observed: Floats
    variance: Floats

    def scaled(self, values: Floats) -> Floats:
        """Statistics on their scales, the last axis is facts; what a toy world has none of is left at the fact."""
        columns = [target.scaled(values[..., k]) for k, target in enumerate(self.targets)]
        found = np.stack(columns, axis=-1)
        return np.where(np.isfinite(found), found, self.observed)


class Wave(NamedTuple):
    """What one wave did."""

    number: int
    points: int
    runs: int
    left: float  # share of the cube of priors that is not ruled out after it
    doubt: float  # largest standard deviation of the emulator over that of a single run


class Matched(NamedTuple):
    """What history matching leaves."""

    facts: Facts
    emulator: Emulator
    places: Floats  # of all runs, shape (n_runs, n_parameters)
    runs: Floats  # statistics on their scales, shape (n_runs, n_fitted)
    waves: tuple[Wave, ...]
    cut: float

    def plausible(self, places: Floats, observed: Floats | None = None) -> NDArray[np.bool_]:
        """Which places are not ruled out, by the facts or by other values of the same statistics."""
        told = self.facts.observed if observed is None else observed
        inside = ((places >= 0.0) & (places <= 1.0)).all(axis=1)
        found: NDArray[np.bool_] = inside & (
            implausibility(self.emulator, places, told, self.facts.variance) <= self.cut
        )
        return found


def facts_of(targets: tuple[Target, ...]) -> Facts:
    """The fitted facts among all."""
    chosen = tuple(targets[place] for place in fitted(targets))
    return Facts(chosen, np.array([t.observed for t in chosen]), np.array([t.variance for t in chosen]))


def match(simulator: Simulator, tell: Reporter) -> Matched:
    """Run the waves; raises `ConfigError` when every place is ruled out, for then the model is rejected."""
    settings, effort = simulator.settings, simulator.effort
    facts, chosen = facts_of(simulator.targets), fitted(simulator.targets)
    n = len(settings.free)
    candidates = sobol(CANDIDATES, n, settings.seed)
    places, runs, waves = np.empty((0, n)), np.empty((0, effort.replicates, len(chosen))), list[Wave]()
    design = latin_hypercube(effort.points, n, settings.seed)
    for number in range(1, effort.waves + 1):
        start = len(places) * effort.replicates
        repeated = np.repeat(design, effort.replicates, axis=0)
        count = tell.counter(f"历史匹配 history matching {number}/{effort.waves}")
        replicates = range(start, start + len(repeated))
        found = facts.scaled(simulator.many(repeated, replicates, count)[:, chosen])
        places = np.concatenate([places, design])
        runs = np.concatenate([runs, found.reshape(len(design), effort.replicates, -1)])
        emulator = emulated(places, runs, settings.seed)
        flat = runs.reshape(-1, len(chosen))
        matched = Matched(facts, emulator, np.repeat(places, effort.replicates, axis=0), flat, (), settings.cut)
        kept = candidates[matched.plausible(candidates)]
        if not len(kept):
            problem = "every place is ruled out: the model cannot meet the facts within tolerance and discrepancy"
            refuse_if([Problem("tables/calibration_targets.csv", None, f"wave {number}", problem, "a model that can")])
        doubt = float(np.sqrt(emulator.predicted(kept)[1].max() / np.diag(emulator.covariance).min()))
        waves.append(Wave(number, len(design), len(repeated), len(kept) / len(candidates), doubt))
        design = kept[: effort.points]
    return matched._replace(waves=tuple(waves))
