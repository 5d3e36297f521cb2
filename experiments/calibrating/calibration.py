"""The whole of a calibration: history matching, two samplers, recovery, and what the draws make of the facts."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.calibrating import sequential, synthetic
from experiments.calibrating.recovery import Coverage, Recovery, coverage, recover
from experiments.calibrating.sequential import Particles
from experiments.calibrating.settings import Effort, Settings
from experiments.calibrating.simulator import Simulator
from experiments.calibrating.targets import Target, fitted
from experiments.calibrating.waves import Matched, match
from experiments.progress import Reporter
from sim.configuration.declarations import Declaration
from sim.configuration.sampling import prior

Floats = NDArray[np.float64]
QUANTILES = (0.05, 0.5, 0.95)
SEQUENTIAL = 200_000  # replicate of the sequential sampler's first run
PREDICTIVE = 600_000  # of the first run with draws of the posterior


class Estimate(NamedTuple):
    """What the facts say about one free parameter, in its own unit.

    Attributes:
        entry: its declaration.
        prior: 5, 50 and 95 % quantiles of the prior.
        posterior: of the posterior.
        second: of the second method.
        draws: of the posterior.
        contraction: 1 − standard deviation of the posterior over that of the prior.
        identified: whether the contraction is large enough; if not, the parameter keeps its prior.
        agree: whether each method's median lies within the other's 90 % interval.
        covered: of the sequential sampler on pseudo-data.
        covered_second: of the second method.
    """

    entry: Declaration
    prior: tuple[float, float, float]
    posterior: tuple[float, float, float]
    second: tuple[float, float, float]
    draws: Floats
    contraction: float
    identified: bool
    agree: bool
    covered: Coverage
    covered_second: Coverage


class Fit(NamedTuple):
    """One fact beside what the priors and the posterior make of it, in its own unit; quantiles 5, 50, 95 %."""

    target: Target
    prior: tuple[float, float, float]
    posterior: tuple[float, float, float]
    within: float  # share of posterior runs within tolerance
    met: bool  # whether the posterior median is


class Calibration(NamedTuple):
    """Everything that a calibration found."""

    settings: Settings
    effort: Effort
    matched: Matched
    particles: Particles
    estimates: tuple[Estimate, ...]
    fits: tuple[Fit, ...]
    recovery: Recovery

    @property
    def identified(self) -> list[Estimate]:
        """The parameters that the posterior holds."""
        return [one for one in self.estimates if one.identified]


def calibrated(simulator: Simulator, tell: Reporter) -> Calibration:
    """Calibrate; raises `ConfigError` when history matching rejects the model."""
    settings, effort = simulator.settings, simulator.effort
    matched = match(simulator, tell)
    told = sequential.summaries(matched, settings.seed)
    chosen, at = fitted(simulator.targets), SEQUENTIAL

    def simulate(place: Floats) -> Floats:
        nonlocal at
        at += 1
        return matched.facts.scaled(simulator.at(place, at - 1)[chosen])

    observed, size = matched.facts.observed, (effort.particles, effort.generations)
    count = tell.counter("序贯蒙特卡洛 sequential Monte Carlo")
    particles = sequential.sample(simulate, matched, told, observed, size, settings.seed, count)
    draws = sequential.drawn(particles, effort.draws, settings.seed)
    second = synthetic.sample(matched, observed, effort.steps, settings.seed)
    recovery = recover(simulator, matched, told, tell)
    estimates = _estimates(simulator, draws, second, recovery)
    fits = _fits(simulator, draws, estimates, tell)
    return Calibration(settings, effort, matched, particles, estimates, fits, recovery)


def _estimates(simulator: Simulator, draws: Floats, second: Floats, recovery: Recovery) -> tuple[Estimate, ...]:
    values, others = (valued(simulator, places) for places in (draws, second))
    first_cover = coverage(recovery.truth, recovery.low, recovery.high)
    second_cover = coverage(recovery.truth, recovery.low_second, recovery.high_second)
    found = []
    for k, entry in enumerate(simulator.settings.parameters):
        middle, here, there = _quantiles_of_prior(simulator, k), quantiles(values[:, k]), quantiles(others[:, k])
        contraction = 1.0 - float(values[:, k].std()) / prior_spread(entry)
        agree = here[0] <= there[1] <= here[2] and there[0] <= here[1] <= there[2]
        identified = contraction >= simulator.settings.identified
        covered = (first_cover[k], second_cover[k])
        found.append(Estimate(entry, middle, here, there, values[:, k], contraction, identified, agree, *covered))
    return tuple(found)


def _fits(simulator: Simulator, draws: Floats, estimates: Sequence[Estimate], tell: Reporter) -> tuple[Fit, ...]:
    """Runs with draws of the posterior beside runs with draws of the priors, replicate by replicate."""
    number = simulator.effort.predictive
    rows = draws[np.arange(number) % len(draws)].copy()
    rows[:, [not one.identified for one in estimates]] = np.nan
    replicates = range(PREDICTIVE, PREDICTIVE + number)
    count = tell.counter("先验模拟 runs of the priors")
    before = simulator.many(np.full_like(rows, np.nan), replicates, count)
    after = simulator.many(rows, replicates, tell.counter("后验模拟 runs of the posterior"))
    found = []
    for k, target in enumerate(simulator.targets):
        within = float(np.mean([target.met(value) for value in after[:, k]]))
        here = quantiles(after[:, k])
        found.append(Fit(target, quantiles(before[:, k]), here, within, target.met(here[1])))
    return tuple(found)


def quantiles(values: Floats) -> tuple[float, float, float]:
    """5, 50 and 95 % quantiles; what is not a number is left out."""
    kept = values[np.isfinite(values)]
    low, middle, high = np.quantile(kept, QUANTILES) if len(kept) else (np.nan,) * 3
    return float(low), float(middle), float(high)


def valued(simulator: Simulator, places: Floats) -> Floats:
    """Places as values of the free parameters, shape (n, n_parameters)."""
    return np.array([list(simulator.values(place).values()) for place in places]).reshape(-1, places.shape[1])


def _quantiles_of_prior(simulator: Simulator, k: int) -> tuple[float, float, float]:
    key = simulator.settings.free[k]
    n = len(simulator.settings.free)
    low, middle, high = (simulator.values(np.full(n, share))[key] for share in QUANTILES)
    return low, middle, high


def prior_spread(entry: Declaration) -> float:
    """Standard deviation of a triangular prior."""
    a, c, b = prior(entry)
    return float(np.sqrt((a * a + b * b + c * c - a * b - a * c - b * c) / 18.0))
