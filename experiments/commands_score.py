"""`lvjin score`: a frozen forecast and its rivals against facts that nobody had when it was frozen."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pandas as pd
import typer

from experiments.commands_run import RESULTS
from experiments.figures import drawn_files
from experiments.figures.scores import CLASSES, KNOWLEDGE, scores_figure
from experiments.languages import both
from experiments.printing import print_table
from experiments.scoring.facts import read_facts
from experiments.scoring.frozen import Frozen, newest, read_frozen
from experiments.scoring.scores import ALL, claim, rival_table, score_table, summary_table
from sim.results.atomic import Folder
from sim.results.bundle import bundle_schema, json_bytes
from sim.results.canonical import csv_bytes
from sim.results.datapackage import data_package
from sim.results.provenance import revision, version

WORDS = {
    "skill": ("技巧（对手的分布）", "skill against rivals' distributions"),
    "skill_against_medians": ("技巧（对手的中位数）", "skill against rivals' medians"),
    "coverage_50": ("50%区间覆盖率", "coverage of the 50 % band"),
    "coverage_90": ("90%区间覆盖率", "coverage of the 90 % band"),
    "bias": ("平均偏差（占变量水平）", "mean bias, of the level"),
    "absolute_bias": ("平均绝对偏差（占变量水平）", "mean absolute bias, of the level"),
    "sign_right": ("变化方向正确", "sign of change right"),
}
CLAIMS = {
    "A": ("优于朴素对手", "better than the naive rivals"),
    "B": ("与事实相符，但不优于对手", "consistent with the facts, not superior"),
    "C": ("只可用于解释", "explanatory only"),
}


def score_facts(
    path: Path, forecast: Path | None, out: Path | None, seed: int, quiet: bool, command: Sequence[str]
) -> int:
    """Score, write and tell; return the exit code.

    Raises:
        ConfigError: everything that is wrong with the facts, or no frozen forecast.
        IntegrityError: the frozen forecast is not as it was sealed.
    """
    frozen = read_frozen(forecast or newest())
    facts = read_facts(path, frozen.units, frozen.years)
    scores = score_table(frozen, facts)
    summary = summary_table(scores, seed)
    folder = out or Path(RESULTS) / f"scores-{path.stem}"
    frames = [
        (scores, bundle_schema("scores")),
        (summary, bundle_schema("score_summary")),
        (rival_table(frozen, facts), bundle_schema("rival_scores")),
    ]
    record = {
        "project": "lvjin",
        "version": version(),
        **revision(),
        "command": list(command),
        "frozen_on": frozen.frozen_on,
        "forecast_sha256": frozen.sha256,
        "claims": {str(one): claim(summary, str(one)) for one in scores["information"].unique()},
    }
    with Folder(folder) as into:
        files = [(into.write(f"{schema.name}.csv", csv_bytes(frame, schema)), schema) for frame, schema in frames]
        for name, content in drawn_files("scores", partial(scores_figure, scores, summary, frozen.frozen_on)):
            into.write(name, content)
        into.write("scores.json", json_bytes(record))
        into.write("datapackage.json", json_bytes(data_package("lvjin-scores", files, version())))
        into.publish()
    if not quiet:
        tell_scores(frozen, summary, folder)
    return 0


def tell_scores(frozen: Frozen, summary: pd.DataFrame, folder: Path) -> None:
    """Show the summary of each state of knowledge, and what may be claimed."""
    for information in sorted(summary["information"].unique()):
        rows = summary[(summary["information"] == information) & (summary["class"] == ALL)]
        count = f"{int(rows['facts'].iloc[0])} {both('个事实', 'facts')}"
        title = f"{both(*KNOWLEDGE.get(information, (information, information)))}: {count}"
        cells = [
            [both(*WORDS[row["measure"]]), cell(row["value"]), span(row["low"], row["high"])]
            for row in rows.to_dict("records")
        ]
        typer.echo(f"\n{title}")
        print_table(title, [both("指标", "measure"), both("数值", "value"), both("90%区间", "90 % interval")], cells)
        level = claim(summary, information)
        typer.echo(f"{level}: {both(*CLAIMS[level])}")
    by_class = summary[(summary["measure"] == "skill") & (summary["class"] != ALL)]
    cells = [
        [class_name(row["class"]), row["information"], cell(row["value"]), span(row["low"], row["high"])]
        for row in by_class.to_dict("records")
    ]
    header = [
        both("类别", "class"),
        both("信息", "information"),
        both("技巧", "skill"),
        both("90%区间", "90 % interval"),
    ]
    typer.echo("")
    print_table(both("分类技巧", "Skill by class"), header, cells)
    typer.echo(f"{both('冻结于', 'frozen on')} {frozen.frozen_on}; {both('结果', 'results')}: {folder}/")


def class_name(kind: str) -> str:
    """The name of a class in both languages."""
    return both(*CLASSES.get(kind, (kind, kind)))


def cell(value: float) -> str:
    """A number for the screen."""
    return f"{value:.3f}"


def span(low: float, high: float) -> str:
    """An interval for the screen, empty where there is none."""
    return "" if low != low else f"{low:.3f} – {high:.3f}"
