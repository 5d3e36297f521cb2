"""`lvjin freeze`: a dated, hashed forecast with naive rivals beside it, to be scored when facts come."""

import datetime
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import typer

from experiments.commands_run import Order, claimed, load_scenarios, simulated
from experiments.figures import drawn_files
from experiments.figures.frozen import frozen_figure
from experiments.languages import both
from experiments.printing import print_table
from experiments.progress import reporter
from experiments.scoring.freezing import forecast_table, frozen_numbers, frozen_rivals, numbers_schema
from experiments.scoring.rivalry import selection
from experiments.sealing import SEAL, seal
from sim.configuration.declarations import root_folder
from sim.configuration.posterior import posterior_file
from sim.configuration.problems import Problem, quoted, refuse_if
from sim.results.atomic import Folder
from sim.results.bundle import bundle_schema, json_bytes
from sim.results.canonical import csv_bytes
from sim.results.datapackage import data_package
from sim.results.provenance import CODE, DATA, SETTINGS, digest, run_record, version
from sim.scenario import INFORMATION

FIRST_SCORED = "2022Q4"
SHOWN = ("Revenue|Green Industry", "Revenue|Green Industry|Manufacturing", "GDP", "Energy per GDP", "Capacity|PV")


def freeze(order: Order, knowledge: Sequence[str] = INFORMATION) -> int:
    """Run, freeze, seal and tell; return the exit code.

    Args:
        order: scenario, size and replicates; its folder must not hold a frozen forecast yet.
        knowledge: the states of knowledge that are frozen, each on its own.

    Raises:
        ConfigError: everything that is wrong with the order, before anything is run.
        RuntimeError: a replicate failed; a forecast with holes is not frozen.
    """
    folder = order.out or Path("results") / "forecasts" / datetime.date.today().isoformat()
    orders = [replace(order, information=one) for one in knowledge]
    scenarios = [load_scenarios(one)[0] for one in orders]
    refuse_if(_problems(order, folder))
    tables, runs = [], []
    with claimed(folder), reporter(order.quiet) as tell:
        for one, scenario in zip(orders, scenarios, strict=True):
            tell.say(f"{scenario.name}，{one.information}")
            ensemble = simulated([scenario], one, tell)
            if ensemble.failures:
                raise RuntimeError(f"{len(ensemble.failures)} replicates failed, first: {ensemble.failures[0].error}")
            tables.append(frozen_numbers(ensemble.part(), one.information))
            runs.append(run_record(ensemble, order.command))
        numbers = pd.concat(tables, ignore_index=True)
        written_out(folder, numbers, scenarios[0].name, runs)
    if not order.quiet:
        tell_frozen(folder, forecast_table(numbers, scenarios[0].name))
    return 0


def written_out(folder: Path, numbers: pd.DataFrame, scenario: str, runs: Sequence[dict[str, Any]]) -> None:
    """Write tables and record, then seal the folder."""
    forecast = forecast_table(numbers, scenario)
    rivals, today = frozen_rivals(forecast), datetime.date.today().isoformat()
    frames = [
        (forecast, bundle_schema("frozen")),
        (numbers, numbers_schema(numbers)),
        (rivals, bundle_schema("frozen_rivals")),
        (selection(), bundle_schema("rival_selection")),
    ]
    record = {
        "project": "lvjin",
        "version": version(),
        "frozen_on": today,
        "scenario": scenario,
        "code_sha256": digest(CODE),
        "settings_sha256": digest(SETTINGS),
        "data_sha256": digest(DATA),
        "posterior_sha256": posterior_digest(),
        "runs": list(runs),
    }
    with Folder(folder) as into:
        files = [(into.write(f"{schema.name}.csv", csv_bytes(frame, schema)), schema) for frame, schema in frames]
        for name, content in drawn_files("frozen", partial(frozen_figure, forecast, rivals, today)):
            if name.endswith(".png"):
                into.write(name, content)
        into.write("freeze.json", json_bytes(record))
        into.write("datapackage.json", json_bytes(data_package("lvjin-forecast", files, version())))
        into.publish()
    seal(folder, {"project": "lvjin", "version": version(), "frozen_on": today})


def posterior_digest() -> str | None:
    """SHA-256 of the posterior that draws come from; None where there is none."""
    path = posterior_file(root_folder(None))
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None


def _problems(order: Order, folder: Path) -> list[Problem]:
    problems = []
    if len(order.scenarios) != 1:
        problems.append(Problem("SCENARIO", None, "", quoted(list(order.scenarios)), "one scenario"))
    if order.until < FIRST_SCORED:
        problems.append(Problem("--until", None, "", quoted(order.until), f"{FIRST_SCORED} or later"))
    if order.replicates < 2:
        problems.append(Problem("--replicates", None, "", str(order.replicates), "2 or more"))
    if (folder / SEAL).exists():
        problems.append(Problem("--out", None, "", f"a frozen forecast in {folder}", "a new folder: none is replaced"))
    return problems


def tell_frozen(folder: Path, forecast: pd.DataFrame) -> None:
    """Show a few of the frozen numbers, and where all lie."""
    last = forecast["year"].max()
    rows = forecast[(forecast["year"] == last) & forecast["variable"].isin(SHOWN)]
    header = (
        both("变量", "variable"),
        both("信息", "information"),
        both("单位", "unit"),
        both("中位数", "median"),
        "5 %",
        "95 %",
    )
    cells = rows[["variable", "information", "unit", "p50", "p5", "p95"]].to_numpy().tolist()
    print_table(both(f"{last}年的冻结预测", f"Frozen forecast of {last}"), header, cells)
    count, n = forecast["variable"].nunique(), int(forecast["replicates"].iloc[0])
    typer.echo(f"{count} 个变量，每种信息 {n} 次重复 variables, replicates of each state of knowledge: {folder}/")
