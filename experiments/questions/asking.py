"""What questions have in common: sweeps in folders of their own, so that an interrupted question goes on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import typer
from numpy.typing import NDArray

from experiments.commands_run import FAILED_RUNS
from experiments.commands_sweep import BROKEN, warm_up_with
from experiments.designs.design import Design
from experiments.progress import Reporter
from experiments.summary import Section, print_sections
from experiments.sweeps.sweep import Sweep, run_sweep
from sim.configuration.problems import Problem, did_you_mean, one_of, quoted, refuse_if
from sim.configuration.table_schema import TableSchema
from sim.results.atomic import Folder
from sim.results.canonical import csv_bytes
from sim.results.datapackage import data_package
from sim.results.provenance import CODE, DATA, SETTINGS, digest, revision, version
from sim.results.replicating import processors
from sim.results.variable_list import load_variables

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Asked:
    """What every question is asked with.

    Attributes:
        out: the folder; its sweeps lie in folders below.
        workers: processes, None for as many as processors.
        quiet: say nothing but errors.
        command: what the user typed.
    """

    out: Path
    workers: int | None = None
    quiet: bool = False
    command: Sequence[str] = ()


def swept(design: Design, name: str, asked: Asked, tell: Reporter) -> Sweep:
    """Run a design in a folder of the question.

    Raises:
        ConfigError: the folder holds something else.
        RuntimeError: no replicate came to its end at every point.
    """
    warm_up_with(tell)
    try:
        return run_sweep(design, asked.out / name, workers=asked.workers or processors(), count=tell.counter(name))
    except (KeyboardInterrupt, SystemExit):
        again = " ".join(asked.command)
        tell.say(f"已中断，完成的运行已保存。Interrupted; finished runs are kept. 同一命令续跑 To go on: {again}")
        raise


def complete(sweep: Sweep, variable: str, year: int) -> Floats:
    """One variable in one year, shape (n_points, n_replicates), of the replicates that are there at every point."""
    values = sweep.values(variable, year)
    kept = np.isfinite(values).all(axis=0)
    if not kept.any():
        number, kind, message = sweep.failures[0]
        raise RuntimeError(f"no replicate came to its end at every point; run {number} failed ({kind}): {message}")
    found: Floats = values[:, kept]
    return found


def wanted(variable: str | None, year: int | None, design: Design) -> tuple[str, int]:
    """The variable and year that are asked about: by default the first and last that the design keeps."""
    from sim.configuration.periods import FIRST_YEAR

    file = design.file
    years = file.years or [FIRST_YEAR + place for place in range(design.points[0].scenario.quarters // 4)]
    variable, year = variable or file.variables[0], years[-1] if year is None else year
    problems = []
    kept = set(file.variables) & {one.name for one in load_variables()}
    if variable not in kept:
        allowed = "a variable that the runs keep: " + one_of(sorted(kept))
        problems.append(Problem("--variable", None, "", quoted(variable), allowed, did_you_mean(variable, kept)))
    if year not in years:
        problems.append(Problem("--year", None, "", quoted(year), one_of(map(str, years))))
    refuse_if(problems)
    return variable, year


def write_answer(
    asked: Asked,
    tables: Sequence[tuple[pd.DataFrame, TableSchema]],
    figures: Mapping[str, bytes],
    told: Mapping[str, Any],
) -> None:
    """Write the tables and figures of an answer, with what it was made of."""
    record = {
        "project": "lvjin",
        "version": version(),
        **revision(),
        "code_sha256": digest(CODE),
        "settings_sha256": digest(SETTINGS),
        "data_sha256": digest(DATA),
        "command": list(asked.command),
        **told,
    }
    from sim.results.bundle import json_bytes

    with Folder(asked.out) as into:
        files = [(into.write(f"{schema.name}.csv", csv_bytes(frame, schema)), schema) for frame, schema in tables]
        for name, content in figures.items():
            into.write(name, content)
        into.write("answer.json", json_bytes(record))
        into.write("datapackage.json", json_bytes(data_package("lvjin-answer", files, version())))
        into.publish()


def tell_answer(asked: Asked, sections: Sequence[Section], sweeps: Sequence[Sweep]) -> int:
    """Say what came out; return the exit code."""
    if not asked.quiet:
        print_sections(sections)
        typer.echo(f"\n结果 Results: {asked.out}/")
    failed = [failure for sweep in sweeps for failure in sweep.failures]
    for number, kind, message in failed[:10]:
        typer.echo(f"运行 run {number} 失败 failed ({kind}): {message}", err=True)
    if any(sweep.broken for sweep in sweeps):
        return BROKEN
    return FAILED_RUNS if failed else 0
