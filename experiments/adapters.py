"""The model as a plain function of named numbers, for tools of other fields: EMA Workbench, SALib, an optimiser.

A point is the same run as in `lvjin sweep`: the same firms with the same luck at every point, so differences are those
of the values. docs/ema_workbench.ipynb and docs/salib.ipynb show it at work.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.designs.design_file import HEADLINES
from sim import Scenario, simulate
from sim.configuration.parameters import load_declarations
from sim.configuration.problems import Problem, did_you_mean, quoted, refuse_if
from sim.results.replicating import processors
from sim.results.variable_list import load_variables

Floats = NDArray[np.float64]
WITHOUT_A_RANGE = ("switch", "date")


@dataclass(frozen=True)
class ModelFunction:
    """A function from values of declared keys to outcomes; it can be pickled, so other processes may call it.

    Attributes:
        scenario: that the values change, a name of configs/scenarios/ or a file.
        firms: rows of the population.
        until: the last quarter.
        year: of the outcomes; None: arrays of all complete years.
        variables: the outcomes, by default the four headlines.
        seed: of all draws.
        replicates: runs of each point; an outcome is their mean.
        populations: replicate r takes population r mod their number.
        parameters: where values that are not given come from: central, posterior or prior.
        information: `as_of_2021` or `conditional`.

    Example:
        >>> from experiments.adapters import ModelFunction
        >>> model = ModelFunction("plan", firms=600, replicates=4)
        >>> model(**{"policy.retrofit_grant.share": 0.2})["Revenue|Green Industry"]  # doctest: +SKIP
        372.1
    """

    scenario: str = "plan"
    firms: int = 5000
    until: str = "2025Q4"
    year: int | None = 2025
    variables: tuple[str, ...] = HEADLINES
    seed: int = 1
    replicates: int = 1
    populations: int = 1
    parameters: str = "central"
    information: str = "as_of_2021"

    def __call__(self, **values: Any) -> dict[str, Any]:
        """Run one point.

        Args:
            values: by declared key (`**{"policy.carbon_price.price": 80}`), as `changes` of a scenario.

        Returns:
            By variable the mean over replicates, a number, or an array over the complete years if no year is set.

        Raises:
            ConfigError: a ValueError for an unknown key or variable, a value out of bounds, or a year without results.
        """
        scenario = Scenario.load(
            self.scenario,
            firms=self.firms,
            until=self.until,
            seed=self.seed,
            changes={key: _plain(value) for key, value in values.items()},
            information=self.information,
            parameters=self.parameters,
        )
        self._check(scenario)
        part = simulate(scenario, self.replicates, self.populations, workers=1).part()
        if self.year is not None:
            return {name: float(part.values(name, self.year).mean()) for name in self.variables}
        return {name: np.array([part.values(name, year).mean() for year in part.years]) for name in self.variables}

    def of_rows(self, keys: Sequence[str], variable: str, workers: int | None = None) -> Callable[[Floats], Floats]:
        """The same as a function of a matrix, one point a row, as SALib's `ProblemSpec.evaluate` wants it.

        Args:
            keys: of the columns.
            variable: the one outcome.
            workers: threads, as many as processors by default; no result depends on it.

        Returns:
            A function from shape (n_points, n_keys) to (n_points,).
        """

        def outcomes(rows: Floats) -> Floats:
            with ThreadPoolExecutor(workers or processors()) as pool:
                found = pool.map(lambda row: self(**dict(zip(keys, row, strict=True)))[variable], rows.tolist())
                return np.array(list(found), np.float64)

        return outcomes

    def _check(self, scenario: Scenario) -> None:
        known = [variable.name for variable in load_variables()]
        problems = [
            Problem("variables", None, "", quoted(name), "a variable", did_you_mean(name, known))
            for name in self.variables
            if name not in known
        ]
        last = 2020 + scenario.quarters // 4
        if self.year is not None and not 2021 <= self.year <= last:
            problems.append(Problem("year", None, "", quoted(self.year), f"a complete year of the run, up to {last}"))
        refuse_if(problems)


def ranges(keys: Iterable[str]) -> dict[str, tuple[float, float]]:
    """Lowest and highest value by key: of a prior where there is one, else the bounds of the declaration.

    Raises:
        ConfigError: a ValueError for an unknown key, or a key whose values are no range of numbers.
    """
    declared, problems, found = load_declarations(), [], {}
    for key in keys:
        if key not in declared:
            hint = did_you_mean(key, declared)
            problems.append(Problem(key, None, "", "an unknown key", "a declared key (`lvjin list parameters`)", hint))
        elif declared[key].unit in WITHOUT_A_RANGE:
            problems.append(Problem(key, None, "", f"a {declared[key].unit}", "a key whose values are a range"))
        else:
            entry = declared[key]
            drawn = entry.low is not None and entry.high is not None
            found[key] = (float(entry.low or 0.0), float(entry.high or 0.0)) if drawn else entry.bounds
    refuse_if(problems)
    return found


def salib_problem(keys: Sequence[str], bounds: Mapping[str, tuple[float, float]] | None = None) -> dict[str, Any]:
    """Keys with their ranges in SALib's words; own bounds go before the declared ones."""
    limits = ranges(keys) | dict(bounds or {})
    return {"num_vars": len(keys), "names": list(keys), "bounds": [list(limits[key]) for key in keys]}


def _plain(value: Any) -> Any:
    """A value without numpy's type, and a truth value as the switch that it stands for."""
    plain = value.item() if isinstance(value, np.generic) else value
    return ("on" if plain else "off") if isinstance(plain, bool) else plain
