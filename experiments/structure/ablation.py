"""Each mechanism of configs/model.yaml switched off for the whole run: what is left of the forecast, and of the fit.

All variants meet the same firms, numbers and luck, so that differences are paired.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from experiments.scoring.rivalry import history
from experiments.scoring.scored import LAST_KNOWN, Floats, back
from sim import Ensemble, Scenario, simulate
from sim.configuration.parameters import load_declarations
from sim.results.parts import Part
from sim.results.probability import probability
from sim.results.variable_list import load_variables

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


def known_facts() -> dict[str, float]:
    """Published values of 2021 of the district's own variables."""
    units = {variable.name: variable.unit for variable in load_variables()}
    return {
        name: float(back(units[name], series.places[-1:])[0])
        for name, series in history().items()
        if name in units and series.years[-1] == LAST_KNOWN
    }


def judged_facts(full: Part) -> dict[str, float]:
    """Those that the model is not aligned to: their simulated values differ between replicates."""
    return {name: fact for name, fact in known_facts().items() if np.ptp(full.values(name, LAST_KNOWN)) > 1e-9}


def misfit(part: Part, facts: dict[str, float]) -> float:
    """Mean absolute log of simulated over published value of 2021, medians over replicates."""
    ratios = [max(float(np.median(part.values(name, LAST_KNOWN))), 1e-6) / fact for name, fact in facts.items()]
    return float(np.mean(np.abs(np.log(ratios)))) if ratios else np.nan


def ablation_table(found: dict[str, Part], confidence: float, seed: int) -> pd.DataFrame:
    """A row for each variant: revenue in both scopes, chance of the target, paired difference, fit to 2021."""
    full, rows = found[FULL], []
    facts = judged_facts(full)
    base = full.values(PLAN, YEAR)
    for name, part in found.items():
        values, scope = part.values(PLAN, YEAR), part.values(MANUFACTURING, YEAR)
        odds = probability(values >= TARGET, confidence)
        difference, low, high = paired(values - base, seed)
        quantiles = np.quantile(values, [0.05, 0.5, 0.95]).tolist()
        told = [name, len(values), *quantiles, float(np.median(scope)), odds.estimate, odds.low, odds.high]
        rows.append([*told, difference, low, high, misfit(part, facts), len(facts)])
    names = ["mechanism", "replicates", "p5", "p50", "p95", "manufacturing_p50", "p_hit", "p_low", "p_high"]
    return pd.DataFrame(rows, columns=[*names, "difference", "low", "high", "misfit_2021", "facts_2021"])


def paired(differences: Floats, seed: int) -> tuple[float, float, float]:
    """Mean of paired differences and its 90 % interval by bootstrap."""
    random, n = np.random.default_rng(seed), len(differences)
    means = differences[random.integers(0, n, (DRAWS, n))].mean(axis=1)
    low, high = np.percentile(means, BAND)
    return float(differences.mean()), float(low), float(high)
