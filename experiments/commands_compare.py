"""`lvjin compare`: what one scenario changes against another, pair by pair, and which firms do something else."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import typer

from experiments.commands_run import (
    FAILED_RUNS,
    RESULTS,
    SHORT,
    Order,
    claimed,
    load_scenarios,
    number_problems,
    read_settings,
    simulated,
)
from experiments.languages import both
from experiments.progress import reporter
from experiments.summary import Section
from sim.configuration.problems import Problem, refuse_if
from sim.results.variable_list import variable_named

if TYPE_CHECKING:
    from sim.ensemble import Ensemble
    from sim.scenario import Scenario

TOLD = (
    "Revenue|Green Industry",
    "Revenue|Green Industry|Manufacturing",
    "Emissions|CO2|Industry",
    "Energy Intensity|Industry",
    "Policy Cost|Government",
)
MOST_REASONS = 8


@dataclass(frozen=True)
class CompareOrder:
    """What the user asked for: two scenarios, and changes of the second one alone."""

    first: str
    second: str
    common: Order
    second_changes: Sequence[str] = ()


def compare_scenarios(order: CompareOrder) -> int:
    """Run both, write and tell; return the exit code.

    Raises:
        ConfigError: everything that is wrong with the order.
        OSError: the folder cannot be written.
    """
    first, second = load_pair(order)
    common = replace(order.common, micro=order.common.micro or 0)
    folder = common.out or default_place(first, second)
    with claimed(folder), reporter(common.quiet) as tell:
        ensemble = simulated((first, second), common, tell)
        tables = write_comparison(ensemble, first.name, second.name, folder, common)
    if not common.quiet:
        tell_comparison(tables, first.name, second.name, folder)
    for failure in ensemble.failures:
        typer.echo(f"{failure.scenario}: 重复 replicate {failure.replicate} 失败 failed: {failure.error}", err=True)
    return FAILED_RUNS if ensemble.failures else 0


def load_pair(order: CompareOrder) -> tuple["Scenario", "Scenario"]:
    """Both scenarios, under different names."""
    problems: list[Problem] = []
    own = read_settings(order.second_changes, problems)
    refuse_if([problem._replace(file="--set-b") for problem in problems])
    shared = {name: value for name, value in read_settings(order.common.changes, problems).items() if name not in own}
    mixed = [f"{name}={value}" for name, value in {**shared, **own}.items()]
    first = load_scenarios(replace(order.common, scenarios=[order.first]))[0]
    second = load_scenarios(replace(order.common, scenarios=[order.second], changes=mixed))[0]
    refuse_if(number_problems(order.common))
    if first.changes == second.changes:
        refuse_if([Problem("B", None, "", f"the same world as A ({first.name})", "another scenario, or --set-b")])
    if first.name == second.name:
        second = replace(second, name=f"{second.name}-b")
    return first, second


def default_place(first: "Scenario", second: "Scenario") -> Path:
    """Where a comparison goes that is given no folder."""
    from hashlib import sha256

    from sim.results.bundle import slugs

    digest = sha256(f"{first.digest()} {second.digest()}".encode()).hexdigest()[:SHORT]
    return Path(RESULTS) / "-".join(["compare", *slugs([first.name, second.name]), digest])


def write_comparison(
    ensemble: "Ensemble", first: str, second: str, folder: Path, order: Order
) -> dict[str, pd.DataFrame]:
    """Write tables, figure and record; return the tables."""
    from experiments.figures import drawn_files
    from experiments.figures.difference import revenue_difference
    from experiments.rerunning_comparisons import comparison_tables
    from experiments.results import QUARTERS, Results
    from sim.results.atomic import Folder
    from sim.results.bundle import bundle_schema, json_bytes
    from sim.results.canonical import csv_bytes
    from sim.results.datapackage import data_package
    from sim.results.provenance import run_record, version

    a = ensemble.part(first)
    tables = comparison_tables(ensemble, first, second)
    results = Results.of(ensemble)
    if results.branches[0].name != first:
        results = replace(results, branches=results.branches[::-1])
    with Folder(folder) as into:
        schemas = {name: bundle_schema(name) for name in tables}
        files = [
            (into.write(f"{name}.csv", csv_bytes(frame, schemas[name])), schemas[name])
            for name, frame in tables.items()
        ]
        if a.scenario.quarters >= 2 * QUARTERS and len(results.branches[0].yearly):
            for name, content in drawn_files("revenue_difference", partial(revenue_difference, results)):
                into.write(name, content)
        pair = {"first": first, "second": second, "micro": order.micro}
        into.write("run.json", json_bytes({**run_record(ensemble, order.command), "pair": pair}))
        into.write("datapackage.json", json_bytes(data_package("lvjin-compare", files, version())))
        into.publish()
    return tables


def tell_comparison(tables: dict[str, pd.DataFrame], first: str, second: str, folder: Path) -> None:
    """Say what differs, how sure that is, and for whom, in both languages."""
    from experiments.summary import print_sections

    sections = [difference_section(tables["compare"], first, second)]
    if "changed_firms" in tables:
        sections.append(firms_section(tables["changed_firms"]))
    print_sections(sections)
    typer.echo(f"\n结果 Results: {folder}/")


def difference_section(table: pd.DataFrame, first: str, second: str) -> Section:
    """What differs in the last year."""
    last = table[table["year"] == table["year"].max()].set_index("variable")
    rows = []
    for name in TOLD:
        row, variable = last.loc[name], variable_named(name)
        gain = "–" if math.isnan(row["variance_ratio"]) else f"{row['variance_ratio']:.1f}"
        means = [f"{row[side]:,.4g}" for side in ("mean_a", "mean_b")]
        span = f"{row['difference']:+,.3g} ({row['low']:+,.3g} … {row['high']:+,.3g})"
        rows.append([both(variable.name_zh, variable.name_en), str(row["unit"]), *means, span, gain])
    year, pairs = int(table["year"].max()), int(table["replicates"].iloc[0])
    note = both(
        "括号内为均值之差的95%区间；方差缩减：独立种子要达到同样的区间，需要多少倍的重复。",
        "In brackets the 95 % interval of the mean difference. Pairing: how many times more replicates independent "
        "seeds would need for the same interval.",
    )
    title = f"{year}年之差，{pairs} 对重复 Difference in {year}, {pairs} pairs of replicates"
    header = ["", "单位 unit", f"A: {first}", f"B: {second}", "B − A", "方差缩减 pairing"]
    return Section(title, header, rows, [note])


def firms_section(changed: pd.DataFrame) -> Section:
    """The firms that act differently, by what bound them."""
    from experiments.comparing.firms import constraint_table

    acted = changed[changed["change"] != "sales"]
    rows, firms, others = len(acted), f"{acted['weight'].sum():,.0f}", len(changed) - len(acted)
    note = both(
        f"{rows} 行企业行为改变，代表 {firms} 家；另有 {others} 行仅绿色销售不同。约束取首次出现差别的那一年。",
        f"{rows} rows act differently and stand for {firms} firms; {others} others differ in green sales only. "
        "What bound them is that of the first year that differs.",
    )
    told = constraint_table(changed).head(MOST_REASONS)
    shown = told.assign(firms=told["firms"].map("{:,.0f}".format))
    cells = [[str(cell) for cell in row] for row in shown.itertuples(index=False)]
    header = ["变化 change", "A 中的约束 bound in A", "B 中的约束 bound in B", "行 rows", "家 firms"]
    return Section("行为改变的企业 Firms that act differently", header, cells, [note])
