"""The cheapest package of levers that reaches the target with a wished chance; see `lvjin search`.

A sample of the whole box of levers, generations near the best (NSGA-II), and finalists that are run again with fresh
seeds, as the winners of a search were lucky in part.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from experiments.commands_search import CONFIDENCE, FRESH
from experiments.designs.design import load_design
from experiments.designs.factors import Factor
from experiments.designs.samples import sobol
from experiments.questions.packages import Searcher, Worth, finalists
from experiments.results import SCOPES, declared_target
from sim.configuration.declarations import root_folder
from sim.results.probability import Probability, probability
from sim.scenario import Scenario
from viz.questions import CARBON, COST_PLACE, NUMBERS, Batch, Batches, Floats
from viz.view import HORIZONS, View, scenario_of

DESIGN = "designs/plan_strengths.yaml"  # whose levers and bounds are offered
SIZE, GENERATIONS, FINALISTS = 16, 3, 3  # packages of the first sample, a power of two; later ones have half
WAN_PER_YI = 10_000.0


@lru_cache(maxsize=1)
def levers() -> tuple[Factor, ...]:
    """The levers that may be searched, with the bounds of the search."""
    return load_design(root_folder() / DESIGN).factors


class Package(NamedTuple):
    """A finalist: its levers, what the search saw, and what fresh seeds say; costs in 亿元 up to the target's year."""

    settings: dict[str, float]
    seen: float
    chance: Probability
    cost: Floats
    revenue: Floats


@dataclass(frozen=True)
class Found:
    """What a search came to.

    Attributes:
        cost: of every package tried, 亿元.
        chance: of every package, as the search saw it.
        front: places of those that no other beats.
        finalists: run again with fresh seeds; empty while the search goes on.
        wished: the chance that was asked for.
    """

    cost: Floats
    chance: Floats
    front: np.ndarray
    finalists: tuple[Package, ...]
    wished: float

    @property
    def best(self) -> Package | None:
        """The cheapest finalist that reaches the chance with fresh seeds; None where none does."""
        good = [one for one in self.finalists if one.chance.estimate >= self.wished]
        return min(good, key=lambda one: float(one.cost.mean())) if good else None

    @property
    def likeliest(self) -> Package:
        """The finalist with the best chance."""
        return max(self.finalists, key=lambda one: (one.chance.estimate, -float(one.cost.mean())))


@dataclass(frozen=True)
class Search:
    """What is looked for.

    Attributes:
        setting: what all other levers are.
        keys: the levers that are searched.
        chance: that is wished.
        firms: rows of the population.
        seed: of the search.
        replicates: of every package.
        fresh: replicates of a finalist.
    """

    setting: View
    keys: tuple[str, ...]
    scope: str
    chance: float
    firms: int
    seed: int
    replicates: int
    fresh: int

    @property
    def factors(self) -> list[Factor]:
        """The levers with their bounds."""
        return [factor for factor in levers() if factor.name in self.keys]

    @property
    def size(self) -> int:
        """Runs in all."""
        packages = SIZE + GENERATIONS * SIZE // 2
        return packages * self.replicates + FINALISTS * self.fresh

    @property
    def key(self) -> tuple[object, ...]:
        """What decides the answer."""
        return "search", self.setting, self.keys, self.scope, self.chance, self.replicates

    def settings(self, place: Floats) -> dict[str, float]:
        """The levers of a package."""
        return {factor.name: float(factor.at(at)) for factor, at in zip(self.factors, place.tolist(), strict=True)}

    def scenario(self, settings: Mapping[str, float], seed: int) -> Scenario:
        """What is run for a package."""
        kept = [change for change in self.setting.changes if change[0].partition("@")[0] not in settings]
        changes = tuple(sorted([*kept, *settings.items()]))
        return scenario_of(self.setting.scenario, changes, HORIZONS[0], self.firms, seed)

    def batches(self) -> Batches:
        """The first sample, the generations, the finalists."""
        searcher = Searcher(len(self.factors), SIZE // 2, self.seed)
        searcher.first(sobol(SIZE, len(self.factors), self.seed))
        found, worth = np.empty((0, len(self.factors))), Worth(*(np.empty(0) for _ in Worth._fields))
        for generation in range(GENERATIONS + 1):
            places = searcher.asked(SIZE // 2 if generation else SIZE)
            scenarios = tuple(self.scenario(self.settings(place), self.seed) for place in places)
            values = yield Batch("search", scenarios, self.replicates)
            told = self.worth(values)
            searcher.tell(told)
            found = np.vstack([found, places])
            worth = Worth(*(np.concatenate(pair) for pair in zip(worth, told, strict=True)))
        chosen = self.chosen(found, worth)
        packages = [self.settings(place) for place in found[chosen]]
        values = yield Batch("fresh", tuple(self.scenario(one, self.seed + FRESH) for one in packages), self.fresh)
        final = [
            self.package(one, seen, numbers)
            for one, seen, numbers in zip(packages, worth.chance[chosen].tolist(), values, strict=True)
        ]
        return Found(worth.cost, worth.chance, cheapest_first(worth), tuple(final), self.chance)

    def sketch(self, values: Floats) -> None:
        """Nothing before the end: half a search says nothing of the other half."""

    def reached(self, values: Floats) -> np.ndarray:
        """Whether the target is reached, by package and replicate."""
        return values[..., NUMBERS.index(SCOPES[self.scope])] >= declared_target().value

    def worth(self, values: Floats) -> Worth:
        """Cost, revenue, emissions and chance of packages."""
        means = values.mean(axis=1)
        cost, revenue = means[:, COST_PLACE] / WAN_PER_YI, means[:, NUMBERS.index(SCOPES[self.scope])]
        carbon = means[:, NUMBERS.index(CARBON)]
        return Worth(cost, revenue, carbon, self.reached(values).mean(axis=1), np.zeros(len(cost)))

    def chosen(self, found: Floats, worth: Worth) -> np.ndarray:
        """Places of the finalists; a package that came twice is one."""
        first = np.sort(np.unique(found, axis=0, return_index=True)[1])
        picked = finalists(Worth(*(values[first] for values in worth)), self.chance, FINALISTS)
        return np.asarray(first[picked])

    def package(self, settings: dict[str, float], seen: float, values: Floats) -> Package:
        """A finalist as fresh seeds tell it."""
        chance = probability(self.reached(values), CONFIDENCE)
        revenue = values[:, NUMBERS.index(SCOPES[self.scope])]
        return Package(settings, seen, chance, values[:, COST_PLACE] / WAN_PER_YI, revenue)


def cheapest_first(worth: Worth) -> np.ndarray:
    """Places of the packages that no cheaper one equals in its chance, from the cheapest on."""
    order = np.lexsort((-worth.chance, worth.cost))
    best = np.maximum.accumulate(np.concatenate([[-1.0], worth.chance[order][:-1]]))
    return order[worth.chance[order] > best]


def taken_over(view: View, package: Package) -> View:
    """The view with the levers of a package."""
    moved = view
    for key, value in package.settings.items():
        moved = moved.put(key, value)
    return replace(moved, page="forecast")
