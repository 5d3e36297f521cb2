"""Rows of a published folder made again from what the folder says: scenario, seed, replicate, population."""

import csv
import json
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from experiments.captions import WHOLE_RUN
from sim import Scenario
from sim.configuration.declarations import root_folder
from sim.configuration.posterior import posterior_digest
from sim.configuration.problems import Problem, refuse_if
from sim.results import tidy
from sim.results.bundle import bundle_schema
from sim.results.canonical import checked_columns, written
from sim.results.parts import Part
from sim.results.provenance import CODE, DATA, SETTINGS, digest
from sim.results.reducing import run_and_reduce
from sim.scenario import Change
from sim.world import build_world

Lines = list[str]


class Row(NamedTuple):
    """One replicate that can be run again."""

    name: str  # for messages
    published: Lines  # of years.csv
    again: Callable[[], Lines]  # the same lines, made anew


def rows_of(folder: Path) -> list[Row]:
    """What can be run again of a folder, by what lies in it.

    Every replicate of a bundle of `lvjin run`, every run of a sweep, every run of the sweeps of an answer
    (`attribute`, `sensitivity`, `search`), or the whole of a comparison, whose rows are means over all pairs.

    Raises:
        ConfigError: nothing in the folder can be run again, or other code, configuration, data or libraries made it.
    """
    from experiments.rerunning_comparisons import comparison_rows
    from experiments.rerunning_sweeps import sweep_rows

    if (folder / "run.json").exists():
        path = folder / "run.json"
        record = json.loads(path.read_bytes())
        refuse_if(other_makers(path, record))
        return comparison_rows(folder, record) if (folder / "compare.csv").exists() else _bundle_rows(folder, record)
    if (folder / "sweep.json").exists() and (folder / "runs.csv").exists():
        return sweep_rows(folder)
    parts = sorted(path.parent for path in folder.glob("*/sweep.json"))
    if (folder / "answer.json").exists() and parts:
        rows = [(part.name, row) for part in parts for row in sweep_rows(part)]
        return [row._replace(name=f"{name}, {row.name}") for name, row in rows]
    found = "nothing that can be run again: no bundle, comparison or finished sweep"
    if (folder / "answer.json").exists():
        found = "an answer from runs that lie in another folder (answer.json names it)"
    refuse_if([Problem(str(folder), None, "", found, "a folder with runs of its own; or --sample 0")])
    return []


def sampled(rows: Sequence[Row], number: int, seed: int) -> list[Row]:
    """Some of the rows, the same for the same seed, in their order."""
    places = sorted(random.Random(seed).sample(range(len(rows)), min(number, len(rows))))
    return [rows[place] for place in places]


def other_world(path: Path, record: Mapping[str, Any], data: str = "") -> list[Problem]:
    """What differs between the makers of a folder and this installation."""
    here = {"code_sha256": digest(CODE), "settings_sha256": digest(SETTINGS), "data_sha256": data or digest(DATA)}
    return [
        Problem(
            str(path), None, name, f"{str(record[name])[:12]}, here {value[:12]}", "the same: the commit in the file"
        )
        for name, value in here.items()
        if record.get(name) not in (None, value)
    ]


def other_makers(path: Path, record: Mapping[str, Any]) -> list[Problem]:
    """What differs between the makers of the folder of a run, by its run.json, and this installation."""
    return [*other_world(path, {**record, "code_sha256": record["code"]["sha256"]}), *_posterior(path, record)]


def _posterior(path: Path, record: Mapping[str, Any]) -> list[Problem]:
    """Whether a scenario of a bundle was drawn from another posterior than that of this installation."""
    here = posterior_digest(root_folder())
    allowed = "the same configs/posterior.csv: the commit in the file"
    return [
        Problem(str(path), None, f"scenarios.{facts['name']}.posterior", f"{drawn[:12]}, here {here[:12]}", allowed)
        for facts in record["scenarios"]
        if (drawn := (facts.get("posterior") or {}).get("sha256", here)) != here
    ]


def _bundle_rows(folder: Path, record: Mapping[str, Any]) -> list[Row]:
    published = lines_of(folder / "years.csv", ("scenario", "replicate"))
    rows = []
    for facts in record["scenarios"]:
        scenario = scenario_of(facts)
        failed = {failure["replicate"] for failure in facts["failures"]}
        for replicate in range(facts["replicates"]):
            if replicate not in failed:
                name = f"{scenario.name}, replicate {replicate}"
                lines = published.get((scenario.name, str(replicate)), [])
                rows.append(Row(name, lines, _again(scenario, replicate, facts["populations"])))
    return rows


def scenario_of(facts: Mapping[str, Any]) -> Scenario:
    """The scenario that run.json tells."""
    changes = [
        Change(key, None if day == WHOLE_RUN else date.fromisoformat(day), float(value))
        for key, steps in facts["changes"].items()
        for day, value in steps.items()
    ]
    names = ("name", "firms", "until", "seed", "information", "parameters")
    return Scenario(**{name: facts[name] for name in names}, changes=tuple(changes))


def _again(scenario: Scenario, replicate: int, populations: int) -> Callable[[], Lines]:
    def make() -> Lines:
        population = replicate % populations
        one = run_and_reduce(scenario, build_world(scenario, population), population, replicate)
        part = Part(scenario, populations, (one,), ())
        schema = bundle_schema("years")
        content = written(schema.names, checked_columns(tidy.years([part]), schema))
        return content.decode().splitlines()[1:]

    return make


def lines_of(path: Path, key: Sequence[str]) -> dict[tuple[str, ...], Lines]:
    """The lines of a table by the cells of some columns."""
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    places = [next(csv.reader([header])).index(name) for name in key]
    found: dict[tuple[str, ...], Lines] = {}
    for line, cells in zip(lines, csv.reader(lines), strict=True):
        found.setdefault(tuple(cells[place] for place in places), []).append(line)
    return found
