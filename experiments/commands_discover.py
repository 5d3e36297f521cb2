"""`lvjin discover`: in which corner of a sweep an outcome is frequent (PRIM), and which factors are worth knowing."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.commands_sensitivity import factor_name
from experiments.languages import both
from experiments.questions.asking import Asked, Floats, tell_answer, write_answer
from experiments.questions.prim import Box, chosen, information, p_values, pasted, peeled
from experiments.summary import Section
from sim.configuration.problems import Problem, did_you_mean, one_of, quoted, refuse_if
from sim.results.bundle import bundle_schema
from sim.results.variable_list import variable_named

FIXED = {"run", "point", "replicate", "population", "seed", "scenario", "key", "status", "kind", "message"}
FEWEST = 20  # points from which a box is made


def ask_discovery(
    folder: Path,
    asked: Asked,
    variable: str = "Revenue|Green Industry",
    year: int | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    coverage: float = 0.6,
    seed: int = 1,
) -> int:
    """Find the box in the tables of a sweep, write and tell; return the exit code.

    Args:
        folder: of a sweep that came to its end.
        asked: where the answer goes.
        variable: of the outcome.
        year: of the outcome, by default the last one kept.
        at_least: cases of interest are values from here on …
        at_most: … or up to here; neither: from 400 on.
        coverage: least share of the cases of interest that the box must hold.
        seed: of the shuffles that tell chance.

    Raises:
        ConfigError: no tables, or options that do not fit them.
    """
    runs, years = read_sweep(folder)
    year = int(years["period"].max()) if year is None else year
    names = factor_columns(runs)
    refuse_if(_problems(years, names, variable, year, at_least, at_most))
    low = 400.0 if at_least is None and at_most is None else -np.inf if at_least is None else at_least
    high = np.inf if at_most is None else at_most
    factors, cases = points_of(runs, years, names, variable, year, (low, high))
    if len(cases) < FEWEST:
        refuse_if([Problem("SWEEP", None, "", f"{len(cases)} points", f"a sweep of at least {FEWEST} points")])
    boxes = peeled(factors, cases)
    box = pasted(factors, cases, chosen(boxes, coverage))
    table = box_table(factors, cases, names, box, seed)
    steps = peeling_table(boxes, box)
    from experiments.figures import drawn_files
    from experiments.figures.box import box_figure

    outcome = outcome_words(variable, year, low, high)
    figures = dict(drawn_files("box", partial(box_figure, factors, cases, names, box, table, outcome)))
    told = {"sweep": str(folder), "variable": variable, "year": year, "from": _finite(low), "to": _finite(high)}
    tables = [(table, bundle_schema("box")), (steps, bundle_schema("peeling"))]
    write_answer(asked, tables, figures, told)
    return tell_answer(asked, [box_section(table, box, float(cases.mean()), outcome)], [])


def read_sweep(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The tables of a sweep."""
    for name in ("runs.csv", "years.csv"):
        if not (folder / name).exists():
            allowed = "the folder of a sweep that came to its end (`lvjin sweep`)"
            refuse_if([Problem("SWEEP", None, "", f"no {name} in {folder}", allowed)])
    return tuple(pd.read_csv(folder / name) for name in ("runs.csv", "years.csv"))  # type: ignore[return-value]


def factor_columns(runs: pd.DataFrame) -> list[str]:
    """The factors that are numbers and vary."""
    numbers = [name for name in runs.columns if name not in FIXED and runs[name].dtype.kind in "if"]
    return [name for name in numbers if runs[name].nunique() > 1]


def points_of(
    runs: pd.DataFrame, years: pd.DataFrame, names: Sequence[str], variable: str, year: int, span: tuple[float, float]
) -> tuple[Floats, Floats]:
    """Factors of each point, and the share of its replicates with the outcome."""
    rows = years[(years["variable"] == variable) & (years["period"] == year)]
    hit = ((rows["value"] >= span[0]) & (rows["value"] <= span[1])).astype(float)
    cases = hit.groupby(rows["point"]).mean()
    factors = runs.drop_duplicates("point").set_index("point").loc[cases.index, list(names)]
    return np.asarray(factors, np.float64), np.asarray(cases, np.float64)


def box_table(factors: Floats, cases: Floats, names: Sequence[str], box: Box, seed: int) -> pd.DataFrame:
    """One row for each factor."""
    known = [information(factors[:, place], cases, seed + place) for place in range(len(names))]
    low, high = factors.min(axis=0), factors.max(axis=0)
    return pd.DataFrame(
        {
            "factor": list(names),
            "from": np.where(np.isfinite(box.low), box.low, low),
            "to": np.where(np.isfinite(box.high), box.high, high),
            "sample_from": low,
            "sample_to": high,
            "restricted": box.restricted,
            "p_value": p_values(factors, cases, box),
            "information": [share for share, _ in known],
            "information_noise": [noise for _, noise in known],
        }
    )


def peeling_table(boxes: Sequence[Box], box: Box) -> pd.DataFrame:
    """The trajectory, and the box that was chosen as its last row."""
    rows: list[list[Any]] = []
    for step, one in enumerate([*boxes, box]):
        rows.append([step, one.coverage, one.density, one.mass, int(one.restricted.sum()), step == len(boxes)])
    return pd.DataFrame(rows, columns=["step", "coverage", "density", "mass", "factors", "chosen"])


def outcome_words(variable: str, year: int, low: float, high: float) -> tuple[str, str]:
    """The outcome in both languages."""
    told = variable_named(variable)
    sign, value = ("≥", low) if np.isfinite(low) else ("≤", high)
    span = f"{sign}{value:g}" if not (np.isfinite(low) and np.isfinite(high)) else f"{low:g}–{high:g}"
    return f"{told.name_zh}{span}（{year}年）", f"{told.name_en} {span} in {year}"


def box_section(table: pd.DataFrame, box: Box, share: float, outcome: tuple[str, str]) -> Section:
    """The box in words."""
    rows = []
    order = table.sort_values(["restricted", "information"], ascending=False, kind="stable")
    for _, row in order.iterrows():
        limits = f"{row['from']:.4g} … {row['to']:.4g}" if row["restricted"] else both("不限", "any")
        chance = "" if np.isnan(row["p_value"]) else f"{row['p_value']:.2g}"
        worth = f"{100 * row['information']:.0f} %" if row["information"] > row["information_noise"] else "–"
        span = f"{row['sample_from']:.4g} … {row['sample_to']:.4g}"
        rows.append([both(*factor_name(str(row["factor"]))), limits, span, chance, worth])
    note = both(
        f"{outcome[0]}：全部样本中{100 * share:.0f}%，区域内{100 * box.density:.0f}%；"
        f"区域含样本的{100 * box.mass:.0f}%、该结果的{100 * box.coverage:.0f}%。"
        "信息价值：得知该因素后，是否达到这一结果的方差减少的份额；–为与偶然无法区分。",
        f"{outcome[1]}: {100 * share:.0f} % of the sample, {100 * box.density:.0f} % inside the box, which holds "
        f"{100 * box.mass:.0f} % of the sample and {100 * box.coverage:.0f} % of these cases. Worth knowing: the share "
        "of the outcome's variance that goes when the factor is known; – where it cannot be told from chance.",
    )
    header = ["因素 factor", "区域 box", "样本 sample", "p", "信息价值 worth knowing"]
    return Section("区域 Box", header, rows, [note])


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _problems(
    years: pd.DataFrame, names: Sequence[str], variable: str, year: int, at_least: float | None, at_most: float | None
) -> list[Problem]:
    found = []
    kept, held = sorted(years["variable"].unique()), sorted(years["period"].unique())
    if variable not in kept:
        found.append(Problem("--variable", None, "", quoted(variable), one_of(kept), did_you_mean(variable, kept)))
    if year not in held:
        found.append(Problem("--year", None, "", quoted(year), one_of(map(str, held))))
    if not names:
        found.append(Problem("SWEEP", None, "", "no factor that is a number and varies", "a sweep with such factors"))
    if at_least is None and at_most is None and variable != "Revenue|Green Industry":
        found.append(Problem("--at-least", None, "", "no value", "--at-least or --at-most"))
    return found
