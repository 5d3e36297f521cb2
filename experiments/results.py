"""Results as figures, summaries and the README read them: of an ensemble that was just run, or of a saved bundle."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.languages import sentence_case
from sim.configuration.tables import load_table
from sim.results.variable_list import Target, Variable, load_variables, variable_named

if TYPE_CHECKING:
    from sim.ensemble import Ensemble

Floats = NDArray[np.float64]

SCOPES = {"plan": "Revenue|Green Industry", "manufacturing": "Revenue|Green Industry|Manufacturing"}
QUARTERS = 4


@dataclass(frozen=True)
class Branch:
    """One scenario's replicates.

    Attributes:
        facts: what was run, as in run.json: name, firms, until, seed, replicates, populations, changes, size, …
        years: the complete years.
        quarters: names of all quarters.
        yearly: by variable, shape (n_replicates, n_years).
        quarterly: by variable that is told by quarter, shape (n_replicates, n_quarters); flows at their annual rate.
    """

    facts: dict[str, Any]
    years: list[int]
    quarters: list[str]
    yearly: dict[str, Floats]
    quarterly: dict[str, Floats]

    @property
    def name(self) -> str:
        """The scenario's name."""
        return str(self.facts["name"])

    def at(self, variable: str, year: int) -> Floats:
        """A variable in a complete year, shape (n_replicates,); raises KeyError or ValueError for others."""
        return self.yearly[variable][:, self.years.index(year)]

    def last_four_quarters(self, variable: str) -> Floats:
        """A flow summed over the year that ends with each quarter from the fourth on, shape (n_replicates, n)."""
        rates = self.quarterly[variable]
        return np.mean([rates[:, shift : shift - QUARTERS + 1 or None] for shift in range(QUARTERS)], axis=0)


@dataclass(frozen=True)
class Results:
    """Scenarios beside each other, and the tables that only the whole tells."""

    branches: tuple[Branch, ...]
    summary: pd.DataFrame
    bridge: pd.DataFrame
    alignment: pd.DataFrame
    base_dependence: pd.DataFrame
    indicators: pd.DataFrame
    costs: pd.DataFrame  # empty where nothing is compared
    seconds: float

    @classmethod
    def of(cls, ensemble: "Ensemble") -> "Results":
        """The results of an ensemble."""
        from sim.results.provenance import scenario_record
        from sim.results.reducing import quarterly_variables

        branches = []
        for part in ensemble.parts:
            yearly, quarterly = part.yearly(), part.quarterly()
            branches.append(
                Branch(
                    scenario_record(part),
                    part.years,
                    quarter_names(part.scenario.quarters),
                    {one.name: yearly[:, :, k] for k, one in enumerate(load_variables())},
                    {one.name: quarterly[:, :, k] for k, one in enumerate(quarterly_variables())},
                )
            )
        base = ensemble.base_dependence()
        tables = (
            ensemble.summary,
            ensemble.bridge,
            ensemble.alignment,
            base,
            ensemble.indicators,
            ensemble.cost_effectiveness,
        )
        return cls(tuple(branches), *tables, ensemble.seconds)

    @classmethod
    def read(cls, folder: Path) -> "Results":
        """The results in a bundle.

        Raises:
            OSError: the folder is not a bundle, or cannot be read.
        """
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        years, quarters = (pd.read_csv(folder / f"{name}.csv") for name in ("years", "quarters"))
        branches = []
        for facts in record["scenarios"]:
            of_years, yearly = _arrays(years[years["scenario"] == facts["name"]])
            of_quarters, quarterly = _arrays(quarters[quarters["scenario"] == facts["name"]])
            branches.append(Branch(facts, [int(year) for year in of_years], of_quarters, yearly, quarterly))
        names = ("summary", "bridge", "alignment", "base_dependence", "indicators")
        tables = {name: pd.read_csv(folder / f"{name}.csv", keep_default_na=False, na_values=[""]) for name in names}
        costs = folder / "cost_effectiveness.csv"
        tables["costs"] = pd.read_csv(costs) if costs.exists() else pd.DataFrame()
        return cls(branches=tuple(branches), seconds=float(record["seconds"]), **tables)

    @cached_property
    def last_year(self) -> int:
        """The last complete year that all scenarios have, 0 where there is none."""
        return min((branch.years[-1] if branch.years else 0) for branch in self.branches)

    @cached_property
    def headline(self) -> pd.DataFrame:
        """Rows of the summary that tell how often green revenue reaches the plan's target, by scenario and variable."""
        rows = self.summary[self.summary["target"].notna()]
        rows = rows[rows["variable"].astype(str).str.startswith(SCOPES["plan"])]
        return rows.astype({"scenario": str, "variable": str}).set_index(["scenario", "variable"])

    @property
    def target(self) -> float:
        """What the plan wants of green revenue, 亿元."""
        return float(self.headline["target"].iloc[0]) if len(self.headline) else declared_target().value

    @property
    def target_year(self) -> int:
        """The year that the plan wants it in."""
        return int(self.headline["year"].iloc[0]) if len(self.headline) else declared_target().year

    @property
    def year(self) -> int:
        """The year that is told: the target's, or the last complete one where the run does not hold it; 0 for none."""
        held = all(self.target_year in branch.years for branch in self.branches)
        return self.target_year if held else self.last_year

    @property
    def size(self) -> str:
        """`toy`, `standard` or `benchmark`; only a standard run may print the headline."""
        sizes = {str(branch.facts["size"]) for branch in self.branches}
        return "standard" if sizes == {"standard"} else sorted(sizes - {"standard"})[0]


def declared_target() -> Target:
    """What the plan wants of green revenue."""
    target = variable_named(SCOPES["plan"]).target
    assert target is not None, "configs/variables.yaml declares the headline's target"
    return target


def quarter_names(n_quarters: int) -> list[str]:
    """Names of the first quarters of a run."""
    from sim.configuration.periods import quarter_name

    return [quarter_name(quarter) for quarter in range(n_quarters)]


def family(template: str) -> list[Variable]:
    """The variables of a family of configs/variables.yaml, in the order of its members."""
    return sorted((one for one in load_variables() if one.template == template), key=lambda one: one.code)


def member_name(variable: Variable, language: str) -> str:
    """The name of the member that a variable of a family stands for, as a chart wants it."""
    if language == "zh":
        return variable.name_zh.rpartition("：")[2]
    return sentence_case(variable.name_en.rpartition(": ")[2], place_names())


@cache
def place_names() -> frozenset[str]:
    """Words of the names of parks, which keep their capitals."""
    return frozenset(word for name in load_table("parks")["name_en"] for word in str(name).split())


def total(branch: Branch, variables: Sequence[Variable]) -> Floats:
    """Sum of variables by replicate and year."""
    return np.sum([branch.yearly[one.name] for one in variables], axis=0)


def _arrays(frame: pd.DataFrame) -> tuple[list[str], dict[str, Floats]]:
    """Tidy rows of one scenario as periods and arrays by variable, shape (n_replicates, n_periods)."""
    periods = sorted(frame["period"].unique().tolist())
    ordered = frame.sort_values(["variable", "replicate", "period"])
    arrays = {
        str(name): rows["value"].to_numpy(np.float64).reshape(-1, len(periods))
        for name, rows in ordered.groupby("variable", observed=True)
    }
    return periods, arrays
