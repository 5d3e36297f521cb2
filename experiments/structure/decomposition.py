"""Where the width of the forecast comes from: population, parameters, structure and chance, fully crossed.

Every population meets every parameter draw, every luck and every structure. Shares of variance are told alone (first
order) and with all interactions (total), from the variance components of the crossed design.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.scoring.scored import Floats
from experiments.structure.ablation import FULL, PLAN, TARGET, YEAR, without
from sim import Scenario
from sim.configuration.periods import FIRST_YEAR
from sim.results.parts import place_of
from sim.results.reducing import reduced
from sim.run import prepare_run, step_replicate
from sim.setting import World
from sim.world import build_world

FACTORS = ("population", "parameters", "chance", "structure")
# Structures that another modeller might have chosen: mechanisms that are plausible and that no fact up to 2021 forces.
STRUCTURES = (FULL, "peers", "lending", "local_demand", "switching", "learning")
DRAWS = 300  # bootstrap of levels
BAND = (5.0, 95.0)


class Sizes(NamedTuple):
    """Levels of each factor."""

    populations: int
    parameters: int
    chances: int
    structures: Sequence[str] = STRUCTURES


def crossed(
    scenario: Scenario, sizes: Sizes, workers: int, count: Callable[[int, int], None], variable: str = PLAN
) -> Floats:
    """A variable in the target year for all combinations, shape (populations, parameters, chances, structures)."""
    worlds = [build_world(scenario, population) for population in range(sizes.populations)]
    scenarios = [without(name, scenario) for name in sizes.structures]
    shape = (sizes.populations, sizes.parameters, sizes.chances, len(sizes.structures))
    values, places = np.zeros(shape), list(np.ndindex(*shape))

    def fill(place: tuple[int, ...]) -> None:
        population, draw, luck, structure = place
        values[place] = outcome(scenarios[structure], worlds[population], population, draw, luck, variable)

    with ThreadPoolExecutor(workers) as pool:
        for done, _ in enumerate(pool.map(fill, places), 1):
            count(done, len(places))
    return values


def outcome(scenario: Scenario, world: World, population: int, draw: int, luck: int, variable: str) -> float:
    """One run whose numbers are those of a parameter draw and whose luck is that of another replicate."""
    run = prepare_run(scenario, draw)
    run = run._replace(moments=[moment._replace(replicate=luck) for moment in run.moments])
    record = None
    for _, written in step_replicate(world, run):
        record = written
    assert record is not None
    found = reduced(record, scenario, world, run, population, draw)
    return float(found.years[YEAR - FIRST_YEAR, place_of(variable)])


def components(values: Floats) -> dict[frozenset[int], float]:
    """Variance of every main effect and interaction of a fully crossed design, factors taken as random.

    Mean squares are solved from the highest interaction down (Searle, Casella and McCulloch 1992); an estimate below
    zero stands for none.
    """
    axes = range(values.ndim)
    subsets = [frozenset(one) for size in range(values.ndim, 0, -1) for one in combinations(axes, size)]
    effects = {one: effect(values, one) for one in subsets}
    found: dict[frozenset[int], float] = {}
    for one in subsets:
        freedom = float(np.prod([values.shape[axis] - 1 for axis in one]))
        repeats = values.size / float(np.prod([values.shape[axis] for axis in one]))
        square = float((effects[one] ** 2).sum()) * repeats / freedom if freedom else 0.0
        above = sum(
            variance * values.size / float(np.prod([values.shape[axis] for axis in larger]))
            for larger, variance in found.items()
            if one < larger
        )
        found[one] = max((square - above) / repeats, 0.0)
    return found


def effect(values: Floats, factors: frozenset[int]) -> Floats:
    """Means over all other factors less every lower effect, one number for each combination of the factors' levels."""
    others = tuple(axis for axis in range(values.ndim) if axis not in factors)
    means: Floats = values.mean(axis=others, keepdims=True)
    for axis in factors:
        means = means - means.mean(axis=axis, keepdims=True)
    return means


def first_order(found: dict[frozenset[int], float], axis: int) -> float:
    """Share of variance that a factor explains alone."""
    return found[frozenset({axis})] / whole(found)


def total(found: dict[frozenset[int], float], axis: int) -> float:
    """Share of variance of a factor with all its interactions."""
    return sum(variance for factors, variance in found.items() if axis in factors) / whole(found)


def whole(found: dict[frozenset[int], float]) -> float:
    """Variance of all effects together."""
    return sum(found.values()) or 1.0


def width(values: Floats) -> float:
    """From the 5 to the 95 % quantile."""
    low, high = np.percentile(values, BAND)
    return float(high - low)


def narrowed(values: Floats, axis: int) -> float:
    """Width of the band if the factor were known, mean over its levels, over the width as it is."""
    band = width(values)
    known = [width(np.take(values, level, axis=axis)) for level in range(values.shape[axis])]
    return float(np.mean(known)) / band if band > 0.0 else np.nan


def hit_width(values: Floats, axis: int) -> tuple[float, float]:
    """Least and largest chance of the target over the levels of a factor."""
    chances = [float(np.mean(np.take(values, level, axis=axis) >= TARGET)) for level in range(values.shape[axis])]
    return min(chances), max(chances)


def measures(values: Floats) -> Floats:
    """Share alone, share in total and width if known of each factor, shape (n_factors, 3)."""
    found = components(values)
    axes = range(values.ndim)
    return np.array([[first_order(found, axis), total(found, axis), narrowed(values, axis)] for axis in axes])


def variance_table(values: Floats, seed: int) -> pd.DataFrame:
    """A row for each factor; intervals by drawing its and the others' levels anew (structures are a given list)."""
    random, drawn = np.random.default_rng(seed), []
    for _ in range(DRAWS):
        one = values
        for axis in range(values.ndim - 1):
            one = np.take(one, random.integers(0, values.shape[axis], values.shape[axis]), axis=axis)
        if one.var() > 0.0:
            drawn.append(measures(one))
    seen, rows = measures(values), []
    for axis, name in enumerate(FACTORS):
        told: list[float | int | str] = [name, values.shape[axis]]
        for place in range(seen.shape[1]):
            found = [one[axis, place] for one in drawn]
            low, high = np.nanpercentile(found, BAND) if found else (np.nan, np.nan)
            told += [float(seen[axis, place]), float(low), float(high)]
        rows.append([*told, *hit_width(values, axis)])
    names = ["factor", "levels"]
    for measure_name in ("alone", "total", "band_if_known"):
        names += [measure_name, f"{measure_name}_low", f"{measure_name}_high"]
    return pd.DataFrame(rows, columns=[*names, "least_p_hit", "largest_p_hit"])
