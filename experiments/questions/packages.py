"""The search for packages, by Optuna's NSGA-II: asked for generations of packages, and told what they are worth.

Three aims pull apart: a low public cost, a high revenue, low emissions. Packages that break a limit lose against those
that do not. Source: Deb et al. (2002).
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

AIMS: dict[str, Literal["minimize", "maximize"]] = {"cost": "minimize", "revenue": "maximize", "emissions": "minimize"}
LIMITS = "limits"
SEEDS = 2**32  # what the sampler takes


class Worth(NamedTuple):
    """What is known of packages, arrays of shape (n_packages,).

    Attributes:
        cost: mean over replicates, summed over the years.
        revenue: mean over replicates of the variable with the target.
        emissions: mean over replicates.
        chance: share of replicates that reach the target.
        miss: how far limits are broken, 0 where none is.
    """

    cost: Floats
    revenue: Floats
    emissions: Floats
    chance: Floats
    miss: Floats


class Searcher:
    """Generations of packages in the unit cube; the same for the same seed and the same worths."""

    def __init__(self, levers: int, parents: int, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        sampler = optuna.samplers.NSGAIISampler(population_size=parents, seed=seed % SEEDS)
        self._study = optuna.create_study(directions=[*AIMS.values()], sampler=sampler)
        unit = optuna.distributions.FloatDistribution(0.0, 1.0)
        self._levers: dict[str, optuna.distributions.BaseDistribution] = {
            f"lever{place}": unit for place in range(levers)
        }

    def first(self, places: Floats) -> None:
        """The packages of the first generation, shape (n_packages, n_levers)."""
        for row in places.tolist():
            self._study.enqueue_trial(dict(zip(self._levers, row, strict=True)))

    def asked(self, number: int) -> Floats:
        """The next packages, shape (number, n_levers); `tell` must follow."""
        self._trials = [self._study.ask(self._levers) for _ in range(number)]
        return np.array([[trial.params[name] for name in self._levers] for trial in self._trials])

    def tell(self, worth: Worth) -> None:
        """What the packages that were asked for are worth."""
        for place, trial in enumerate(self._trials):
            trial.set_constraint(LIMITS, float(worth.miss[place]))
            self._study.tell(trial, [float(getattr(worth, aim)[place]) for aim in AIMS])

    def front(self) -> Whole:
        """Numbers of the packages, in the order of asking, that break no limit and that no other beats."""
        return np.array(sorted(trial.number for trial in self._study.best_trials), np.int64)


def finalists(worth: Worth, chance: float, number: int) -> Whole:
    """The cheapest packages that reach the chance within the limits; where there are none, the likeliest."""
    good = np.flatnonzero((worth.miss == 0.0) & (worth.chance >= chance))
    if len(good):
        return good[np.argsort(worth.cost[good], kind="stable")][:number]
    order = np.lexsort((worth.cost, -worth.chance, worth.miss))
    return np.asarray(order[:number], np.int64)
