"""A comparison made again as a whole: each of its rows is a mean over all pairs, so no row can come alone."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.comparing.differences import difference_table
from experiments.comparing.firms import changed_firms
from experiments.rerunning import Lines, Row, scenario_of
from sim.ensemble import Ensemble, combine, simulate
from sim.results.bundle import bundle_schema
from sim.results.canonical import csv_bytes

TABLES = ("compare", "changed_firms")


def comparison_rows(folder: Path, record: Mapping[str, Any]) -> list[Row]:
    """The tables of a comparison, which are run again together, once."""
    made: dict[str, Lines] = {}
    names = [name for name in TABLES if (folder / f"{name}.csv").exists()]

    def again(name: str) -> Callable[[], Lines]:
        def make() -> Lines:
            if not made:
                made.update({one: _lines(csv_bytes(table, bundle_schema(one))) for one, table in tables_again(record)})
            return made.get(name, [])

        return make

    return [Row(f"{name}.csv", _lines((folder / f"{name}.csv").read_bytes()), again(name)) for name in names]


def tables_again(record: Mapping[str, Any]) -> list[tuple[str, pd.DataFrame]]:
    """The tables of a comparison from the two scenarios that its record names, all pairs run again."""
    facts = {one["name"]: one for one in record["scenarios"]}
    pair = record["pair"]
    names = pair["first"], pair["second"]
    ensembles = []
    for name in names:
        replicates, populations = facts[name]["replicates"], facts[name]["populations"]
        ensembles.append(simulate(scenario_of(facts[name]), replicates, populations, micro=pair["micro"]))
    return list(comparison_tables(combine(ensembles), *names).items())


def comparison_tables(ensemble: Ensemble, first: str, second: str) -> dict[str, pd.DataFrame]:
    """What `lvjin compare` tells: differences by variable and year, and the firms that do something else."""
    tables = {"compare": difference_table(ensemble.part(first), ensemble.part(second))}
    firms = ensemble.firms
    if len(firms):
        sides = [firms[firms["scenario"] == name] for name in (first, second)]
        tables["changed_firms"] = changed_firms(*sides)
    return tables


def _lines(content: bytes) -> Lines:
    return content.decode().splitlines()[1:]
