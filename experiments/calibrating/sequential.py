"""Approximate Bayesian computation by sequential Monte Carlo (pyabc), on summaries that tell parameters apart.

A simulated 2021 is compared with the facts after a linear regression has made of all statistics one summary for each
parameter (Fearnhead and Prangle 2012). The noise of facts and of what the model leaves out is added to every run, so
the tolerance of the sampler only blurs and does not stand for it. Source: Toni et al. (2009); Schälte et al. (2022).
"""

import logging
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from experiments.calibrating.waves import Matched

Floats = NDArray[np.float64]
Simulate = Callable[[Floats], Floats]  # a place to the fitted statistics on their scales
COPIES = 5  # of each run, with fresh noise, that the regression learns from
LEAST_ACCEPTED = 0.02  # share of runs below which no further generation is begun
WORD = 2**31


class Particles(NamedTuple):
    """Draws of a posterior: places with weights that add up to one, and how the tolerance fell."""

    places: Floats  # (n_particles, n_parameters)
    weights: Floats
    tolerances: tuple[float, ...]
    runs: int


class Summaries(NamedTuple):
    """The regression that makes summaries."""

    slope: Floats  # (n_fitted, n_parameters)
    level: Floats
    spread: Floats  # of a parameter around its summary

    def of(self, statistics: Floats) -> Floats:
        """Summaries of statistics on their scales, in units of what they leave open."""
        found: Floats = (statistics @ self.slope + self.level) / self.spread
        return found


def summaries(matched: Matched, seed: int) -> Summaries:
    """Learn the summaries from the runs of history matching."""
    from sklearn.linear_model import LinearRegression

    random = np.random.default_rng([seed, 1])
    places, runs = np.repeat(matched.places, COPIES, axis=0), np.repeat(matched.runs, COPIES, axis=0)
    noisy = runs + random.normal(size=runs.shape) * np.sqrt(matched.facts.variance)
    scale = noisy.std(axis=0) + 1e-12
    found = LinearRegression().fit(noisy / scale, places)
    spread = (places - found.predict(noisy / scale)).std(axis=0)
    return Summaries((found.coef_ / scale).T, found.intercept_, spread)


def sample(
    simulate: Simulate,
    matched: Matched,
    told: Summaries,
    observed: Floats,
    size: tuple[int, int],
    seed: int,
    count: Callable[[int, int], None] = lambda done, in_all: None,
) -> Particles:
    """Draw from the posterior of the free parameters.

    Args:
        simulate: the model, or what stands for it.
        matched: rules places out before they are run.
        told: the summaries.
        observed: the facts on the scales of their statistics.
        size: particles, and generations at most.
        seed: same seed, same draws; one process does all, so their order is fixed.
        count: told after each generation.
    """
    import pyabc

    logging.getLogger("ABC").setLevel(logging.ERROR)
    noise = np.random.default_rng([seed, 2])
    names = [f"place{k}" for k in range(matched.places.shape[1])]
    nowhere = np.full(len(names), np.nan)  # at no finite distance: never accepted
    runs = 0

    def model(parameters: Any) -> dict[str, Floats]:
        nonlocal runs
        place = np.array([parameters[name] for name in names])
        if not matched.plausible(place[None], observed)[0]:
            return {"summary": nowhere}
        runs += 1
        statistics = simulate(place)
        return {"summary": told.of(statistics + noise.normal(size=len(statistics)) * np.sqrt(matched.facts.variance))}

    class Counted(pyabc.QuantileEpsilon):  # type: ignore[misc]
        """Tells after each generation."""

        def update(self, t: int, *others: Any, **named: Any) -> None:
            count(t, size[1])
            super().update(t, *others, **named)

    prior = pyabc.Distribution(**{name: pyabc.RV("uniform", 0.0, 1.0) for name in names})
    sampler = pyabc.ABCSMC(
        model, prior, distance, population_size=size[0], eps=Counted(alpha=0.5), sampler=pyabc.SingleCoreSampler()
    )
    sampler.new("sqlite://", {"summary": told.of(observed)})
    before = np.random.get_state()  # noqa: NPY002 - pyabc draws from numpy's global state
    np.random.seed(seed % WORD)  # noqa: NPY002
    try:
        history = sampler.run(max_nr_populations=size[1], min_acceptance_rate=LEAST_ACCEPTED)
    finally:
        np.random.set_state(before)  # noqa: NPY002
    count(size[1], size[1])
    frame, weights = history.get_distribution()
    tolerances = history.get_all_populations()["epsilon"].to_numpy()[1:]
    places = frame[names].to_numpy(dtype=np.float64)
    order = np.lexsort(places.T)
    return Particles(places[order], np.asarray(weights)[order], tuple(float(e) for e in tolerances), runs)


def distance(one: dict[str, Floats], other: dict[str, Floats]) -> float:
    """Euclidean distance of summaries; infinite where nothing was run."""
    apart = float(np.sqrt(((one["summary"] - other["summary"]) ** 2).sum()))
    return apart if np.isfinite(apart) else np.inf


def drawn(particles: Particles, number: int, seed: int) -> Floats:
    """Equally weighted draws by systematic resampling, in random order, shape (number, n_parameters)."""
    random = np.random.default_rng([seed, 3])
    at = (np.arange(number) + random.random()) / number
    chosen = np.searchsorted(np.cumsum(particles.weights), at * particles.weights.sum() * (1.0 - 1e-12))
    return particles.places[random.permutation(np.minimum(chosen, len(particles.places) - 1))]
