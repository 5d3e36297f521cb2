"""Recovery: pseudo-data from known parameters, calibrated as the facts are, to see how often intervals hold the truth.

Pseudo-data are runs of the model itself, with the noise of facts added. While they are calibrated the emulator with
residuals of real runs stands for the model, so that many can be. Nothing is ruled out on the way, since data of one
outlying fact would leave no place at all; how often history matching rules the truth out is told beside it.
Source: Cook et al. (2006).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.calibrating import sequential, synthetic
from experiments.calibrating.sequential import Summaries
from experiments.calibrating.simulator import Simulator
from experiments.calibrating.targets import fitted
from experiments.calibrating.waves import Matched
from experiments.designs.samples import latin_hypercube
from experiments.progress import Reporter
from sim.results.probability import probability

Floats = NDArray[np.float64]
FIRST = 400_000  # replicate of the first pseudo-data set, beyond those of waves and of the sampler
GENERATIONS = 3
FEWER = 3  # times fewer particles and steps than for the facts
LOW, HIGH = 0.05, 0.95


class Recovery(NamedTuple):
    """Truth and 90 % intervals by both methods, places in the cube, shape (n_sets, n_parameters)."""

    truth: Floats
    low: Floats
    high: Floats
    low_second: Floats
    high_second: Floats
    ruled_out: float  # share of sets whose truth history matching would rule out


class Coverage(NamedTuple):
    """Share of pseudo-data sets whose interval holds the truth, with its own 95 % interval."""

    share: float
    low: float
    high: float


def recover(simulator: Simulator, matched: Matched, told: Summaries, tell: Reporter) -> Recovery:
    """Calibrate pseudo-data."""
    settings, effort = simulator.settings, simulator.effort
    truth = latin_hypercube(effort.recoveries, len(settings.free), settings.seed + 1)
    count = tell.counter("伪数据 pseudo-data")
    runs = simulator.many(truth, range(FIRST, FIRST + len(truth)), count)
    random = np.random.default_rng([settings.seed, 4])
    data = matched.facts.scaled(runs[:, fitted(simulator.targets)])
    data = data + random.normal(size=data.shape) * np.sqrt(matched.facts.variance)
    kept = [bool(matched.plausible(place[None], seen)[0]) for place, seen in zip(truth, data, strict=True)]
    anywhere = matched._replace(cut=np.inf)
    count = tell.counter("恢复检验 recovery")
    intervals = []
    for number, observed in enumerate(data):
        intervals.append(
            _intervals(anywhere, told, observed, effort.particles // FEWER, effort.steps // FEWER, number + 1)
        )
        count(number + 1, len(data))
    low, high, low_second, high_second = np.moveaxis(np.array(intervals), 1, 0)
    return Recovery(truth, low, high, low_second, high_second, 1.0 - float(np.mean(kept)))


def _intervals(
    matched: Matched, told: Summaries, observed: Floats, particles: int, steps: int, seed: int
) -> tuple[Floats, Floats, Floats, Floats]:
    emulator, random = matched.emulator, np.random.default_rng([seed, 5])

    def simulate(place: Floats) -> Floats:
        mean = emulator.predicted(place[None])[0][0]
        chosen = emulator.residuals[random.integers(len(emulator.residuals))]
        found: Floats = emulator.centre + emulator.spread * (mean + chosen)
        return found

    size = (max(particles, 10), GENERATIONS)
    found = sequential.sample(simulate, matched, told, observed, size, seed)
    places = sequential.drawn(found, 10 * size[0], seed)
    second = synthetic.sample(matched, observed, steps, seed)
    low, high = np.quantile(places, (LOW, HIGH), axis=0)
    return low, high, *np.quantile(second, (LOW, HIGH), axis=0)


def coverage(truth: Floats, low: Floats, high: Floats, confidence: float = 0.95) -> list[Coverage]:
    """Coverage of each parameter, with Wilson's interval."""
    found = []
    for k in range(truth.shape[1]):
        share = probability((low[:, k] <= truth[:, k]) & (truth[:, k] <= high[:, k]), confidence)
        found.append(Coverage(share.estimate, share.low, share.high))
    return found
