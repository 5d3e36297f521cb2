"""The tables of a sweep: its runs with their settings, and the values that they left. Same runs, same bytes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.designs.design import Design
from experiments.designs.factors import AXES
from experiments.sweeps.kept import Kept
from sim.configuration.parameters import load_declarations
from sim.configuration.table_schema import Column, Constraints, TableSchema
from sim.results.atomic import Folder
from sim.results.canonical import csv_bytes
from sim.results.datapackage import data_package
from sim.results.provenance import version
from sim.results.variable_list import load_variables
from sim.results.wording import worded

NEEDED = Constraints(required=True)
RUN_COLUMNS = {
    "run": ("integer", "运行编号", "number of the run", "count"),
    "point": ("integer", "设计点编号", "number of the point of the design", "count"),
    "replicate": ("integer", "重复编号，也是参数抽样号", "replicate, also the draw of parameters", "count"),
    "population": ("integer", "合成总体编号", "number of the population", "count"),
    "seed": ("integer", "随机种子", "key of all draws", "count"),
    "scenario": ("string", "情景", "scenario", ""),
}
END_COLUMNS = {
    "key": ("运行的内容地址", "name of the shard: SHA-256 of what the run follows from"),
    "status": ("状态：done 完成，failed 失败", "done or failed"),
    "kind": ("失败类型", "why it failed: error, integrity, killed, time or memory"),
    "message": ("失败说明", "what was said when it failed"),
}
YEAR_COLUMNS = {
    "run": ("integer", "运行编号", "number of the run", "count"),
    "point": ("integer", "设计点编号", "number of the point of the design", "count"),
    "replicate": ("integer", "重复编号", "replicate", "count"),
    "period": ("integer", "年份", "year", "year"),
    "variable": ("string", "变量", "variable", ""),
    "unit": ("string", "单位", "unit of the value", ""),
    "value": ("number", "值", "value", "row unit"),
}


def write_tables(folder: Path, design: Design, keys: Sequence[str], kept: Kept) -> None:
    """Write runs.csv, years.csv and datapackage.json into the folder of a sweep.

    Args:
        folder: of the sweep.
        design: what was run.
        keys: of its runs, in order.
        kept: values or failures by key.

    Raises:
        IntegrityError: a value is no number; nothing is written.
    """
    tables = [(runs_table(design, keys, kept), runs_schema(design)), (years_table(design, keys, kept), years_schema())]
    with Folder(folder) as into:
        files = [(into.write(f"{schema.name}.csv", csv_bytes(frame, schema)), schema) for frame, schema in tables]
        package = data_package("lvjin-sweep", files, version())
        into.write("datapackage.json", (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode())
        into.publish()


def runs_table(design: Design, keys: Sequence[str], kept: Kept) -> pd.DataFrame:
    """One row for each run: where it stands in the design, its settings, and how it ended."""
    runs = list(design.runs())
    failures = [kept.failures.get(key) for key in keys]
    columns: dict[str, Any] = {
        "run": [run.number for run in runs],
        "point": [run.point.number for run in runs],
        "replicate": [run.replicate for run in runs],
        "population": [run.population for run in runs],
        "seed": [run.point.scenario.seed for run in runs],
        "scenario": [run.point.scenario.name for run in runs],
    }
    for name in _columns(design):
        missing: Any = np.nan if _numeric(design, name) else ""
        columns[name] = [run.point.settings.get(name, missing) for run in runs]
    columns["key"] = list(keys)
    columns["status"] = ["done" if failure is None else "failed" for failure in failures]
    columns["kind"] = ["" if failure is None else failure["kind"] for failure in failures]
    columns["message"] = ["" if failure is None else failure["message"] for failure in failures]
    return pd.DataFrame(columns)


def runs_schema(design: Design) -> TableSchema:
    """The schema of runs.csv, with a column for each factor."""
    declared = load_declarations()
    fields = [_column(name, *words) for name, words in RUN_COLUMNS.items()]
    for name in _columns(design):
        entry = declared.get(name.partition("@")[0])
        zh, en, unit = (entry.name_zh, entry.name_en, entry.unit) if entry else (name, name, "1")
        kind = "number" if _numeric(design, name) else "string"
        fields.append(Column(name=name, type=kind, title_zh=zh, title_en=en, unit=unit))
    for name, (zh, en) in END_COLUMNS.items():
        needed = NEEDED if name in ("key", "status") else Constraints()
        fields.append(Column(name=name, type="string", title_zh=zh, title_en=en, constraints=needed))
    return TableSchema(
        fields=fields,
        primaryKey=["run"],
        name="runs",
        title_zh="运行",
        title_en="Runs",
        description_zh="每次运行一行：设计点、取值、状态。",
        description_en="One row for each run: its point of the design, its settings and how it ended.",
    )


def years_table(design: Design, keys: Sequence[str], kept: Kept) -> pd.DataFrame:
    """The values that runs left: run, point, replicate, period, variable, unit, value."""
    runs = [run for run, key in zip(design.runs(), keys, strict=True) if key in kept.values]
    done = [key for key in keys if key in kept.values]
    shape = (len(runs), len(kept.years), len(kept.variables))
    values = np.stack([kept.values[key] for key in done]) if done else np.empty(shape)
    place, year, variable = (axis.ravel() for axis in np.indices(shape))
    units = {one.name: one.unit for one in load_variables()}
    return pd.DataFrame(
        {
            "run": np.array([run.number for run in runs], np.int64)[place],
            "point": np.array([run.point.number for run in runs], np.int64)[place],
            "replicate": np.array([run.replicate for run in runs], np.int64)[place],
            "period": np.array(kept.years, np.int64)[year],
            "variable": worded(variable, list(kept.variables)),
            "unit": np.array([units[name] for name in kept.variables])[variable],
            "value": values.ravel(),
        }
    )


def years_schema() -> TableSchema:
    """The schema of years.csv."""
    return TableSchema(
        fields=[_column(name, *words) for name, words in YEAR_COLUMNS.items()],
        primaryKey=["run", "variable", "period"],
        name="years",
        title_zh="逐年结果",
        title_en="Results by year",
        description_zh="完成的运行所留下的逐年变量值。",
        description_en="Values of variables by complete year, of the runs that came to their end.",
    )


def _columns(design: Design) -> list[str]:
    return [name for name in design.names if name not in AXES]


def _numeric(design: Design, name: str) -> bool:
    values = [point.settings[name] for point in design.points if name in point.settings]
    return all(isinstance(value, (int, float)) for value in values)


def _column(name: str, kind: Any, zh: str, en: str, unit: str) -> Column:
    return Column(name=name, type=kind, title_zh=zh, title_en=en, unit=unit, constraints=NEEDED)
