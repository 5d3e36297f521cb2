"""Gaussian processes that stand for the model: the mean of each fitted statistic over the cube of priors.

Source: Rasmussen and Williams (2006). What a single run adds to the mean (luck, population, all other parameters) is
the covariance of residuals, taken to be the same everywhere.
"""

import warnings
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CHUNK = 512  # places that are predicted at once


@dataclass(frozen=True)
class Emulator:
    """Means of statistics, standardised; what the processes learnt, as arrays that predict all of them at once.

    Attributes:
        points: places that it learnt from, shape (n_points, n_parameters).
        scales: length scales of each statistic, shape (n, n_parameters).
        height: variance of each statistic's process, shape (n,).
        weights: of the points in each mean, shape (n, n_points).
        inverse: of the covariance of what was learnt, shape (n, n_points, n_points).
        centre: mean of each statistic over the runs, shape (n,).
        spread: standard deviation of each over the runs.
        covariance: of a single run around the mean, standardised, shape (n, n).
        residuals: of the runs, standardised, shape (n_runs, n).
    """

    points: Floats
    scales: Floats
    height: Floats
    weights: Floats
    inverse: Floats
    centre: Floats
    spread: Floats
    covariance: Floats
    residuals: Floats

    def predicted(self, places: Floats) -> tuple[Floats, Floats]:
        """Mean of each statistic and the variance of that mean, standardised, shapes (n_places, n)."""
        parts = [self._predicted(places[start : start + CHUNK]) for start in range(0, len(places), CHUNK)]
        return np.concatenate([mean for mean, _ in parts]), np.concatenate([doubt for _, doubt in parts])

    def _predicted(self, places: Floats) -> tuple[Floats, Floats]:
        apart = (places[:, None] - self.points[None]) ** 2
        near = self.height[:, None, None] * np.exp(-0.5 * np.einsum("ijp,np->nij", apart, self.scales**-2.0))
        mean = np.einsum("nij,nj->in", near, self.weights)
        known = np.einsum("nij,nij->in", near @ self.inverse, near)
        return mean, np.maximum(self.height - known, 0.0)

    def standardised(self, statistics: Floats) -> Floats:
        """Statistics on the scales of the emulator."""
        found: Floats = (statistics - self.centre) / self.spread
        return found


def emulated(places: Floats, runs: Floats, seed: int) -> Emulator:
    """Fit an emulator.

    Args:
        places: where the model was run, shape (n_places, n_parameters).
        runs: statistics of each run, shape (n_places, n_replicates, n).
        seed: of the restarts of the search for length scales.
    """
    flat = runs.reshape(-1, runs.shape[-1])
    centre, spread = flat.mean(axis=0), np.maximum(flat.std(axis=0), 1e-9)
    scaled = (runs - centre) / spread
    within = scaled - scaled.mean(axis=1, keepdims=True)
    noise = (within**2).sum(axis=(0, 1)) / (scaled.shape[0] * (scaled.shape[1] - 1)) / scaled.shape[1]
    learnt = [
        _learnt(places, scaled[:, :, column].mean(axis=1), max(float(noise[column]), 1e-6), seed)
        for column in range(scaled.shape[-1])
    ]
    scales, height, weights, inverse = (np.array(part) for part in zip(*learnt, strict=True))
    blank = Emulator(
        places, scales, height, weights, inverse, centre, spread, np.eye(len(centre)), np.zeros((0, len(centre)))
    )
    residuals = (scaled - blank.predicted(places)[0][:, None, :]).reshape(-1, len(centre))
    return replace(blank, covariance=residuals.T @ residuals / len(residuals), residuals=residuals)


def _learnt(places: Floats, values: Floats, noise: float, seed: int) -> tuple[Floats, float, Floats, Floats]:
    """Length scales, height, weights and inverse of one process; the noise of means is learnt from, not predicted."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    shape = ConstantKernel(0.1, (1e-4, 10.0)) * RBF(np.ones(places.shape[1]), (0.2, 20.0))
    process = GaussianProcessRegressor(
        shape + WhiteKernel(noise, (1e-6, 10.0)), n_restarts_optimizer=1, random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a length scale at its bound: the statistic is flat there
        process.fit(places, values)
    signal, white = process.kernel_.k1, process.kernel_.k2
    whole = signal(places) + (white.noise_level + process.alpha) * np.eye(len(places))
    return signal.k2.length_scale, signal.k1.constant_value, process.alpha_, np.linalg.inv(whole)


def implausibility(emulator: Emulator, places: Floats, observed: Floats, variance: Floats) -> Floats:
    """How many standard deviations the worst statistic lies from its fact, shape (n_places,).

    I = max |z − E f| / √(V_emulator + V_ensemble + V_observation + V_discrepancy).
    Source: Craig et al. (1997); McCulloch et al. (2022).

    Args:
        emulator: of the fitted statistics.
        places: shape (n_places, n_parameters).
        observed: the facts on the scales of the statistics.
        variance: of observation and discrepancy on those scales.
    """
    mean, doubt = emulator.predicted(places)
    whole = doubt + np.diag(emulator.covariance) + variance / emulator.spread**2
    found: Floats = (np.abs(emulator.standardised(observed) - mean) / np.sqrt(whole)).max(axis=1)
    return found
