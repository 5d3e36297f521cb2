"""`lvjin patterns`: what the model should show without having been told, held against bands set beforehand."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import typer

from experiments.commands_run import RESULTS, claimed
from experiments.commands_sweep import warm_up_with
from experiments.figures import drawn_files
from experiments.figures.patterns import VERDICTS, patterns_figure, written
from experiments.languages import both
from experiments.printing import print_table
from experiments.progress import reporter
from sim.configuration.tables import load_table
from sim.results.atomic import Folder
from sim.results.bundle import bundle_schema, json_bytes
from sim.results.canonical import csv_bytes
from sim.results.provenance import CODE, DATA, SETTINGS, digest, revision, version


@dataclass(frozen=True)
class PatternOrder:
    """What the user asked for."""

    firms: int = 5000
    replicates: int = 5
    populations: int = 2
    parameters: str = "posterior"
    out: Path | None = None
    seed: int = 1
    quiet: bool = False
    command: Sequence[str] = ()


def show_patterns(order: PatternOrder) -> int:
    """Run, compute, write and tell; return the exit code: a pattern that fails is a result, not an error."""
    from experiments.patterns.evidence import BASE, collect
    from experiments.patterns.page import patterns_page
    from experiments.patterns.table import judged, statistics_of
    from sim import Scenario

    folder = order.out or Path(RESULTS) / "patterns"
    parameters = Scenario.load(BASE, order.firms, seed=order.seed, parameters=order.parameters).parameters
    with claimed(folder), reporter(order.quiet) as tell:
        warm_up_with(tell)
        count, found = tell.counter("规律 patterns"), []
        for replicate in range(order.replicates):
            evidence = collect(replicate, order.firms, order.parameters, order.seed, order.populations)
            found.append(statistics_of(evidence, replicate))
            count(replicate + 1, order.replicates)
        statistics = pd.concat(found, ignore_index=True)
        table = judged(statistics)
        record = {
            "project": "lvjin",
            "version": version(),
            **revision(),
            "date": datetime.date.today().isoformat(),
            "command": list(order.command) or ["lvjin", "patterns"],
            "firms": order.firms,
            "replicates": order.replicates,
            "populations": order.populations,
            "parameters": parameters,
            "seed": order.seed,
            "code_sha256": digest(CODE),
            "settings_sha256": digest(SETTINGS),
            "data_sha256": digest(DATA),
        }
        with Folder(folder) as into:
            into.write("patterns.csv", csv_bytes(table, bundle_schema("pattern_results")))
            into.write("patterns_by_replicate.csv", csv_bytes(statistics, bundle_schema("pattern_statistics")))
            for name, content in drawn_files("patterns", partial(patterns_figure, table, order.replicates)):
                if name.endswith(".png"):
                    into.write(name, content)
            into.write("patterns.md", patterns_page(table, record).encode())
            into.write("patterns.json", json_bytes(record))
            into.publish()
    if not order.quiet:
        tell_patterns(table, folder)
    return 0


def tell_patterns(table: pd.DataFrame, folder: Path) -> None:
    """Show the table."""
    words = load_table("patterns").set_index("pattern")
    cells = [
        [
            f"{words.loc[row['pattern'], 'name_zh']} {words.loc[row['pattern'], 'name_en']}",
            written(row["median"]),
            f"[{written(row['low'])}, {written(row['high'])}]",
            written(row["null_model"]),
            both(*VERDICTS[row["verdict"]]),
        ]
        for row in table.to_dict("records")
    ]
    header = [
        both("规律", "pattern"),
        both("统计量", "statistic"),
        both("区间", "band"),
        both("零模型", "null"),
        both("结论", "verdict"),
    ]
    print_table(both("未参与拟合的规律", "Patterns that nothing was fitted to"), header, cells)
    typer.echo(f"{both('结果', 'Results')}: {folder}/")
