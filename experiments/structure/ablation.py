"""Each mechanism of configs/model.yaml switched off for the whole run: what is left of the forecast, and of the fit.

All variants meet the same firms, numbers and luck, so that differences are paired.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from experiments.calibrating.statistics import MEASURES, Seen
from experiments.calibrating.targets import VARIABLES, Target, load_targets
from experiments.scoring.scored import Floats
from sim import Ensemble, Scenario, simulate
from sim.configuration.parameters import load_declarations
from sim.results.parts import Part
from sim.results.probability import probability

FULL = "full"  # the model as it is
GROUP = "model"
TARGET, YEAR = 400.0, 2025
PLAN, MANUFACTURING = "Revenue|Green Industry", "Revenue|Green Industry|Manufacturing"
BAND = (5.0, 95.0)  # of paired differences, bootstrap of their mean
DRAWS = 2000


def mechanisms() -> list[str]:
    """The mechanisms that can be switched off, in the order of configs/model.yaml."""
    return [key.removeprefix(f"{GROUP}.") for key in load_declarations() if key.startswith(f"{GROUP}.")]


def without(mechanism: str, scenario: Scenario) -> Scenario:
    """The scenario with a mechanism off; as it is for `full`."""
    changes = {} if mechanism == FULL else {f"{GROUP}.{mechanism}": "off"}
    return Scenario.load(
        scenario.name, scenario.firms, scenario.until, scenario.seed, changes, parameters=scenario.parameters
    )


def variants(
    scenario: Scenario, replicates: int, populations: int, workers: int | None, count: Callable[[int, int], None]
) -> dict[str, Part]:
    """Replicates of the full model and of the model without each mechanism."""
    names, found = [FULL, *mechanisms()], {}
    for done, name in enumerate(names, 1):
        ensemble: Ensemble = simulate(without(name, scenario), replicates, populations, workers)
        found[name] = ensemble.part()
        count(done, len(names))
    return found


def judged_targets() -> list[Target]:
    """Facts of 2021 that no alignment meets by construction and that the variables of a run tell by themselves."""
    return [target for target in load_targets() if target.role != "alignment" and target.measure in VARIABLES]


def simulated(part: Part, target: Target) -> float:
    """Median over replicates of what a target is held against."""
    nobody: Any = None  # measures of variables look at the replicate alone
    measure = MEASURES[target.measure]
    return float(np.median([measure(Seen(one, nobody, nobody, {}), target) for one in part.replicates]))


def fit_of(part: Part, targets: list[Target]) -> tuple[int, float]:
    """How many facts the medians meet within tolerance, and their mean distance over the larger of both, 0 to 1."""
    values = [simulated(part, target) for target in targets]
    met = sum(target.met(value) for target, value in zip(targets, values, strict=True))
    apart = [
        abs(value - target.fact) / max(abs(value), abs(target.fact))
        for target, value in zip(targets, values, strict=True)
    ]
    return met, float(np.mean(apart))


def ablation_table(found: dict[str, Part], confidence: float, seed: int) -> pd.DataFrame:
    """A row for each variant: revenue in both scopes, chance of the target, paired difference, fit to 2021."""
    full, rows = found[FULL], []
    targets = judged_targets()
    base = full.values(PLAN, YEAR)
    for name, part in found.items():
        values, scope = part.values(PLAN, YEAR), part.values(MANUFACTURING, YEAR)
        odds = probability(values >= TARGET, confidence)
        difference, low, high = paired(values - base, seed)
        quantiles = np.quantile(values, [0.05, 0.5, 0.95]).tolist()
        told = [name, len(values), *quantiles, float(np.median(scope)), odds.estimate, odds.low, odds.high]
        rows.append([*told, difference, low, high, *fit_of(part, targets), len(targets)])
    names = ["mechanism", "replicates", "p5", "p50", "p95", "manufacturing_p50", "p_hit", "p_low", "p_high"]
    return pd.DataFrame(rows, columns=[*names, "difference", "low", "high", "met_2021", "misfit_2021", "facts_2021"])


def paired(differences: Floats, seed: int) -> tuple[float, float, float]:
    """Mean of paired differences and its 90 % interval by bootstrap."""
    random, n = np.random.default_rng(seed), len(differences)
    means = differences[random.integers(0, n, (DRAWS, n))].mean(axis=1)
    low, high = np.percentile(means, BAND)
    return float(differences.mean()), float(low), float(high)
