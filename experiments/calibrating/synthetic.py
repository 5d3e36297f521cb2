"""The second method: a synthetic likelihood on the emulator, sampled by an affine-invariant ensemble (emcee).

Statistics of a run are taken to be normal around the emulator's mean, with the covariance of its residuals and that of
the facts. Source: Wood (2010); Goodman and Weare (2010); Foreman-Mackey et al. (2013).
"""

import numpy as np
from numpy.typing import NDArray

from experiments.calibrating.waves import CANDIDATES, Matched
from experiments.designs.samples import sobol

Floats = NDArray[np.float64]
WALKERS = 32
BURNT = 0.3  # of the steps


def log_likelihood(matched: Matched, places: Floats, observed: Floats) -> Floats:
    """Logarithm of the synthetic likelihood at places, shape (n_places,); minus infinity where ruled out."""
    found = np.full(len(places), -np.inf)
    inside = matched.plausible(places, observed)
    if inside.any():
        emulator = matched.emulator
        mean, doubt = emulator.predicted(places[inside])
        apart = emulator.standardised(observed) - mean
        fixed = emulator.covariance + np.diag(matched.facts.variance / emulator.spread**2)
        whole = fixed + doubt[:, :, None] * np.eye(len(observed))
        near = np.linalg.solve(whole, apart[:, :, None])[:, :, 0]
        found[inside] = -0.5 * ((apart * near).sum(axis=1) + np.linalg.slogdet(whole)[1])
    return found


def sample(matched: Matched, observed: Floats, steps: int, seed: int) -> Floats:
    """Draws of the posterior, shape (n, n_parameters).

    Args:
        matched: the emulator, and what it rules out.
        observed: the facts on the scales of their statistics.
        steps: of each walker.
        seed: same seed, same draws.
    """
    import emcee

    n = matched.places.shape[1]
    candidates = sobol(CANDIDATES, n, seed)
    start = candidates[matched.plausible(candidates, observed)]
    if len(start) < WALKERS:
        return start
    sampler = emcee.EnsembleSampler(
        WALKERS, n, lambda places: log_likelihood(matched, places, observed), vectorize=True
    )
    state = np.random.RandomState(seed).get_state()  # emcee takes no other
    sampler.run_mcmc(emcee.State(start[:WALKERS], random_state=state), steps)
    found: Floats = sampler.get_chain(discard=int(BURNT * steps), flat=True)
    return found
