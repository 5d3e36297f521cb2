"""`lvjin ablate`: what is left of the forecast without each mechanism, and where the width of its band comes from."""

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
from experiments.figures.ablation import FACTOR_NAMES, ablation_figure, mechanism_name
from experiments.languages import both
from experiments.printing import print_table
from experiments.progress import reporter
from sim.configuration.problems import Problem, refuse_if
from sim.results.atomic import Folder
from sim.results.bundle import bundle_schema, json_bytes
from sim.results.canonical import csv_bytes
from sim.results.provenance import CODE, DATA, SETTINGS, digest, revision, version
from sim.results.replicating import processors

LAST = "2025Q4"


@dataclass(frozen=True)
class AblateOrder:
    """What the user asked for."""

    scenario: str = "plan"
    firms: int = 5000
    replicates: int = 20
    populations: int = 4
    draws: int = 10
    lucks: int = 3
    parameters: str = "posterior"
    out: Path | None = None
    seed: int = 1
    workers: int | None = None
    quiet: bool = False
    command: Sequence[str] = ()


def ablate(order: AblateOrder) -> int:
    """Run, compute, write and tell; return the exit code.

    Raises:
        ConfigError: an unknown scenario, or too few levels of a factor.
    """
    from experiments.structure.ablation import ablation_table, variants
    from experiments.structure.decomposition import Sizes, crossed, variance_table
    from experiments.structure.page import ablation_page
    from sim import Scenario

    numbers = {"--replicates": order.replicates, "--populations": order.populations}
    numbers |= {"--draws": order.draws, "--lucks": order.lucks}
    refuse_if([Problem(name, None, "", str(n), "2 or more") for name, n in numbers.items() if n < 2])
    scenario = Scenario.load(order.scenario, order.firms, LAST, order.seed, parameters=order.parameters)
    folder, workers = order.out or Path(RESULTS) / "ablation", order.workers or processors()
    sizes = Sizes(order.populations, order.draws, order.lucks)
    with claimed(folder), reporter(order.quiet) as tell:
        warm_up_with(tell)
        found = variants(scenario, order.replicates, order.populations, workers, tell.counter("机制 mechanisms"))
        values = crossed(scenario, sizes, workers, tell.counter("来源 sources of width"))
        confidence = next(iter(found.values())).replicates[0].rules.confidence
        table, variance = ablation_table(found, confidence, order.seed), variance_table(values, order.seed)
        record = {
            "project": "lvjin",
            "version": version(),
            **revision(),
            "date": datetime.date.today().isoformat(),
            "command": list(order.command) or ["lvjin", "ablate"],
            "scenario": order.scenario,
            "firms": order.firms,
            "replicates": order.replicates,
            "combinations": int(values.size),
            "parameters": scenario.parameters,
            "seed": order.seed,
            "code_sha256": digest(CODE),
            "settings_sha256": digest(SETTINGS),
            "data_sha256": digest(DATA),
        }
        with Folder(folder) as into:
            into.write("ablation.csv", csv_bytes(table, bundle_schema("ablation")))
            into.write("variance.csv", csv_bytes(variance, bundle_schema("variance")))
            for name, content in drawn_files("ablation", partial(ablation_figure, table, variance)):
                if name.endswith(".png"):
                    into.write(name, content)
            into.write("ablation.md", ablation_page(table, variance, record).encode())
            into.write("ablation.json", json_bytes(record))
            into.publish()
    if not order.quiet:
        tell_ablation(table, variance, folder)
    return 0


def tell_ablation(table: pd.DataFrame, variance: pd.DataFrame, folder: Path) -> None:
    """Show both tables."""
    cells = [
        [
            mechanism_name(row["mechanism"], both),
            f"{row['p50']:.0f} ({row['p5']:.0f}–{row['p95']:.0f})",
            f"{100 * row['p_hit']:.0f} %",
            f"{row['difference']:+.1f} ({row['low']:+.1f} – {row['high']:+.1f})",
        ]
        for row in table.sort_values("difference").to_dict("records")
    ]
    header = [
        both("关闭", "off"),
        both("2025年营收，亿元", "revenue of 2025, 亿元"),
        both("P(≥400)", "P(≥400)"),
        both("差别", "difference"),
    ]
    print_table(both("逐一关闭机制", "Without each mechanism"), header, cells)
    shares = [
        [
            both(*FACTOR_NAMES[row["factor"]]),
            *(f"{100 * row[name]:.0f} %" for name in ("alone", "total", "band_if_known")),
        ]
        for row in variance.to_dict("records")
    ]
    names = [
        both("来源", "source"),
        both("单独", "alone"),
        both("含交互", "total"),
        both("已知时带宽", "band if known"),
    ]
    typer.echo("")
    print_table(both("预测带宽的来源", "Where the width comes from"), names, shares)
    typer.echo(f"{both('结果', 'Results')}: {folder}/")
