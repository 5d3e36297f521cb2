"""Rows of a published folder made again from what the folder says: scenario, seed, replicate, population."""

import csv
import json
import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from experiments.captions import WHOLE_RUN
from experiments.designs.design import Design, point_of
from experiments.designs.design_file import DesignFile
from experiments.designs.factors import AXES
from sim import Scenario
from sim.configuration.declarations import root_folder
from sim.configuration.parameters import load_declarations
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
    """Every replicate of a bundle of `lvjin run`, or every run of a sweep of a design.

    Raises:
        ConfigError: the folder holds neither, or was made by other code, configuration or data.
    """
    if (folder / "run.json").exists() and (folder / "years.csv").exists():
        record = json.loads((folder / "run.json").read_bytes())
        different = _other_world(folder / "run.json", {**record, "code_sha256": record["code"]["sha256"]})
        refuse_if([*different, *_other_posterior(folder / "run.json", record)])
        return _bundle_rows(folder, record)
    if (folder / "sweep.json").exists() and (folder / "runs.csv").exists():
        record = json.loads((folder / "sweep.json").read_bytes())
        refuse_if(_other_world(folder / "sweep.json", {**record, "data_sha256": None}))
        return _sweep_rows(folder, record)
    found = "neither a bundle of `lvjin run` nor a finished sweep of a design"
    refuse_if([Problem(str(folder), None, "", found, "a folder whose rows can be run again; or --sample 0")])
    return []


def sampled(rows: Sequence[Row], number: int, seed: int) -> list[Row]:
    """Some of the rows, the same for the same seed, in their order."""
    places = sorted(random.Random(seed).sample(range(len(rows)), min(number, len(rows))))
    return [rows[place] for place in places]


def _other_world(path: Path, record: Mapping[str, Any]) -> list[Problem]:
    """What differs between the makers of a folder and this installation."""
    here = {"code_sha256": digest(CODE), "settings_sha256": digest(SETTINGS), "data_sha256": digest(DATA)}
    return [
        Problem(
            str(path), None, name, f"{str(record[name])[:12]}, here {value[:12]}", "the same: the commit in the file"
        )
        for name, value in here.items()
        if record.get(name) not in (None, value)
    ]


def _other_posterior(path: Path, record: Mapping[str, Any]) -> list[Problem]:
    """Whether a scenario of a bundle was drawn from another posterior than that of this installation."""
    here = posterior_digest(root_folder())
    allowed = "the same configs/posterior.csv: the commit in the file"
    return [
        Problem(str(path), None, f"scenarios.{facts['name']}.posterior", f"{drawn[:12]}, here {here[:12]}", allowed)
        for facts in record["scenarios"]
        if (drawn := (facts.get("posterior") or {}).get("sha256", here)) != here
    ]


def _bundle_rows(folder: Path, record: Mapping[str, Any]) -> list[Row]:
    published = _lines(folder / "years.csv", ("scenario", "replicate"))
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


def _sweep_rows(folder: Path, record: Mapping[str, Any]) -> list[Row]:
    names = [name for name in record["names"] if name not in AXES]
    declared = load_declarations()
    if any(name.partition("@")[0] not in declared for name in names):
        found = "a sweep whose points are no settings of declared keys"
        refuse_if([Problem(str(folder), None, "names", found, "a sweep of a design; or --sample 0")])
    file = DesignFile.model_validate_json(json.dumps({**record["design"], "points": [{}], "kind": "list"}))
    published = _lines(folder / "years.csv", ("run",))
    rows = []
    with (folder / "runs.csv").open(encoding="utf-8", newline="") as stream:
        for cells in csv.DictReader(stream):
            if cells["status"] == "done":
                lines = published.get((cells["run"],), [])
                rows.append(Row(f"run {cells['run']}", lines, _run_again(file, cells, record["names"])))
    return rows


def _setting(name: str, cell: str) -> float | int | str:
    """A setting of a point, as it was before it was written."""
    if name in AXES:
        return cell if name == "scenario" else int(cell)
    try:
        return float(cell)
    except ValueError:
        return cell


def _run_again(file: DesignFile, cells: Mapping[str, str], names: Sequence[str]) -> Callable[[], Lines]:
    def make() -> Lines:
        from experiments.sweeps.kept import Kept
        from experiments.sweeps.model_work import ModelRun, run_model
        from experiments.sweeps.store import DONE, Shard
        from experiments.sweeps.tables import years_schema, years_table

        settings = {name: _setting(name, cells[name]) for name in names if cells[name] != ""}
        point = point_of(file, int(cells["point"]), settings, root_folder())
        header, payload = run_model(ModelRun(point.scenario, int(cells["population"]), int(cells["replicate"])))
        kept = Kept(file)
        kept.take(Shard("again", DONE, header, payload))
        single = Design(file.model_copy(update={"replicates": 1}), (), (point._replace(number=0),))
        table = years_table(single, ["again"], kept)
        table[["run", "point", "replicate"]] = [int(cells[name]) for name in ("run", "point", "replicate")]
        schema = years_schema()
        return written(schema.names, checked_columns(table, schema)).decode().splitlines()[1:]

    return make


def _lines(path: Path, key: Sequence[str]) -> dict[tuple[str, ...], Lines]:
    """The lines of a table by the cells of some columns."""
    header, *lines = path.read_text(encoding="utf-8").splitlines()
    places = [next(csv.reader([header])).index(name) for name in key]
    found: dict[tuple[str, ...], Lines] = {}
    for line, cells in zip(lines, csv.reader(lines), strict=True):
        found.setdefault(tuple(cells[place] for place in places), []).append(line)
    return found
