"""Runs of a finished sweep made again from its tables: the settings of a point, or the coalition that it stands for."""

import csv
import importlib.metadata
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from experiments.designs.design import Design, Point, point_of
from experiments.designs.design_file import DesignFile
from experiments.designs.factors import AXES
from experiments.questions.groups import Player, coalition_scenario
from experiments.rerunning import Lines, Row, lines_of, other_world, scenario_of
from experiments.sweeps.kept import Kept
from experiments.sweeps.model_work import ModelRun, run_model
from experiments.sweeps.store import DONE, MANIFEST, Shard
from experiments.sweeps.sweep import POSTERIOR
from experiments.sweeps.tables import years_schema, years_table
from sim.configuration.declarations import root_folder
from sim.configuration.problems import Problem, refuse_if
from sim.results.canonical import checked_columns, written
from sim.results.provenance import DATA, digest


def sweep_rows(folder: Path) -> list[Row]:
    """Every run of a sweep that came to its end.

    Raises:
        ConfigError: other code, configuration, data, posterior or libraries made it.
    """
    path = folder / MANIFEST
    record = json.loads(path.read_bytes())
    refuse_if([*other_world(path, record, digest((*DATA, *POSTERIOR))), *_other_libraries(path, record)])
    file = DesignFile.model_validate_json(json.dumps({**record["design"], "points": [{}], "kind": "list"}))
    published = lines_of(folder / "years.csv", ("run",))
    rows = []
    with (folder / "runs.csv").open(encoding="utf-8", newline="") as stream:
        for cells in csv.DictReader(stream):
            if cells["status"] == "done":
                lines = published.get((cells["run"],), [])
                rows.append(Row(f"run {cells['run']}", lines, _run_again(file, cells, record)))
    return rows


def _setting(name: str, cell: str) -> float | int | str:
    """A setting of a point, as it was before it was written."""
    if name in AXES:
        return cell if name == "scenario" else int(cell)
    try:
        return float(cell)
    except ValueError:
        return cell


def _other_libraries(path: Path, record: Mapping[str, Any]) -> list[Problem]:
    """Libraries that results could depend on, in another version here."""
    return [
        Problem(str(path), None, f"libraries.{name}", f"{made_with}, here {here}", "the same version")
        for name, made_with in record["libraries"].items()
        if (here := importlib.metadata.version(name)) != made_with
    ]


def point_again(file: DesignFile, cells: Mapping[str, str], record: Mapping[str, Any]) -> Point:
    """The point of a run: settings of declared keys, or a coalition of groups of them."""
    names, number = record["names"], int(cells["point"])
    if record.get("coalitions"):
        told = record["coalitions"]
        players = [Player(name, "", "", tuple(keys)) for name, keys in told["players"].items()]
        inside = sum(1 << place for place, player in enumerate(players) if cells[player.name] == "on")
        scenario = coalition_scenario(scenario_of(told["first"]), scenario_of(told["second"]), players, inside)
        return Point(number, {name: cells[name] for name in names}, scenario, None)
    settings = {name: _setting(name, cells[name]) for name in names if cells[name] != ""}
    return point_of(file, number, settings, root_folder())


def _run_again(file: DesignFile, cells: Mapping[str, str], record: Mapping[str, Any]) -> Callable[[], Lines]:
    def make() -> Lines:
        point = point_again(file, cells, record)
        header, payload = run_model(ModelRun(point.scenario, int(cells["population"]), int(cells["replicate"])))
        kept = Kept(file)
        kept.take(Shard("again", DONE, header, payload))
        single = Design(file.model_copy(update={"replicates": 1}), (), (point._replace(number=0),))
        table = years_table(single, ["again"], kept)
        table[["run", "point", "replicate"]] = [int(cells[name]) for name in ("run", "point", "replicate")]
        schema = years_schema()
        return written(schema.names, checked_columns(table, schema)).decode().splitlines()[1:]

    return make
