"""What was unknown in a folder of results: the factors of a sweep, or the numbers that each replicate of a run drew."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.rerunning import scenario_of
from sim.configuration.parameters import load_declarations
from sim.configuration.posterior import read_posterior
from sim.configuration.problems import Problem, did_you_mean, one_of, quoted, refuse_if
from sim.configuration.sampling import Sampler, drawn_values
from sim.configuration.tables import load_table
from sim.scenario import Scenario

Floats = NDArray[np.float64]
FIXED = {"run", "point", "replicate", "population", "seed", "scenario", "key", "status", "kind", "message"}
BASE = "base."  # the revenue of a cluster in 2021 that nobody has measured


class Unknowns(NamedTuple):
    """Runs with what was unknown and what came out.

    Attributes:
        names: keys of factors or parameters, or `base.CLUSTER`.
        factors: (n_points, n_names).
        points: (n_runs,) which point each run belongs to.
        rows: tidy values of the runs: place (of the run), period, variable, value.
    """

    names: list[str]
    factors: Floats
    points: NDArray[np.int64]
    rows: pd.DataFrame

    def values(self, variable: str, year: int) -> Floats:
        """One variable in one year, shape (n_runs,)."""
        rows = self.rows[(self.rows["variable"] == variable) & (self.rows["period"] == year)]
        return rows.sort_values("place")["value"].to_numpy(np.float64)


def read_unknowns(folder: Path, scenario: str | None = None) -> Unknowns:
    """The unknowns of a finished sweep or of a run.

    Args:
        folder: of `lvjin sweep` or `lvjin run`.
        scenario: of a run that holds several.

    Raises:
        ConfigError: neither lies there, or the scenario is not in it.
    """
    if (folder / "runs.csv").exists() and (folder / "years.csv").exists():
        return _of_sweep(folder)
    if (folder / "run.json").exists() and (folder / "years.csv").exists():
        return _of_run(folder, scenario)
    allowed = "the folder of a sweep that came to its end (`lvjin sweep`), or of a run (`lvjin run`)"
    refuse_if([Problem("FOLDER", None, "", f"no runs.csv or run.json with years.csv in {folder}", allowed)])
    raise AssertionError


def unknown_name(name: str) -> tuple[str, str]:
    """The names of an unknown for readers, in both languages."""
    if name.startswith(BASE):
        row = load_table("clusters").set_index("cluster").loc[name.removeprefix(BASE)]
        return f"2021年营收：{row['name_zh']}", f"2021 revenue: {row['name_en']}"
    entry = load_declarations().get(name.partition("@")[0])
    return (entry.name_zh, entry.name_en) if entry else (name, name)


def _of_sweep(folder: Path) -> Unknowns:
    runs, years = (pd.read_csv(folder / name) for name in ("runs.csv", "years.csv"))
    numbers = [name for name in runs.columns if name not in FIXED and runs[name].dtype.kind in "if"]
    names = [name for name in numbers if runs[name].nunique() > 1]
    done = runs[runs["run"].isin(years["run"].unique())]
    points, place = np.unique(done["point"].to_numpy(np.int64), return_inverse=True)
    factors = runs.drop_duplicates("point").set_index("point").loc[points, names].to_numpy(np.float64)
    places = {run: number for number, run in enumerate(done["run"])}
    rows = years[["period", "variable", "value"]].assign(place=years["run"].map(places))
    return Unknowns(names, factors, np.asarray(place, np.int64), rows)


def _of_run(folder: Path, wanted: str | None) -> Unknowns:
    record = json.loads((folder / "run.json").read_bytes())
    found = {facts["name"]: facts for facts in record["scenarios"]}
    name = wanted or ("plan" if "plan" in found else next(iter(found)))
    if name not in found:
        refuse_if([Problem("--scenario", None, "", quoted(name), one_of(sorted(found)), did_you_mean(name, found))])
    years = pd.read_csv(folder / "years.csv", usecols=["scenario", "replicate", "period", "variable", "value"])
    years = years[years["scenario"] == name]
    replicates = sorted(years["replicate"].unique().tolist())
    drawn = [_drawn(scenario_of(found[name]), replicate) for replicate in replicates]
    names = [key for key in drawn[0] if len({draw[key] for draw in drawn}) > 1] if drawn else []
    factors = np.array([[draw[key] for key in names] for draw in drawn]).reshape(len(drawn), len(names))
    bases = _bases(folder, name, replicates)
    places = {replicate: number for number, replicate in enumerate(replicates)}
    rows = years[["period", "variable", "value"]].assign(place=years["replicate"].map(places))
    together = np.hstack([factors, bases.to_numpy(np.float64)])
    return Unknowns([*names, *bases.columns], together, np.arange(len(replicates)), rows)


def _drawn(scenario: Scenario, replicate: int) -> Mapping[str, float]:
    """What a replicate drew, less what the scenario sets."""
    if scenario.parameters == "central":
        return {}
    row: Mapping[str, float] = {}
    if scenario.parameters == "posterior":
        draws = read_posterior(scenario.declarations.root)
        row = draws[replicate % len(draws)]
    drawn = drawn_values(scenario.declarations, Sampler(scenario.seed, replicate, row))
    return {key: value for key, value in drawn.items() if key not in scenario.steps}


def _bases(folder: Path, scenario: str, replicates: list[int]) -> pd.DataFrame:
    """The drawn revenue of clusters in 2021 by replicate; published ones do not vary and are left out."""
    table: Any = pd.read_csv(folder / "alignment.csv")
    table = table[table["scenario"] == scenario].pivot(index="replicate", columns="cluster", values="fact")
    varied = table.loc[replicates, table.nunique() > 1]
    return varied.rename(columns=lambda name: f"{BASE}{name}")
