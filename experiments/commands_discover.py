"""`lvjin discover`: in which corner of a sweep or a run an outcome is frequent (PRIM), and what is worth knowing."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.languages import both
from experiments.questions.asking import Asked, Floats, tell_answer, write_answer
from experiments.questions.knowing import QUANTILES, Knowing, known
from experiments.questions.prim import Box, chosen, information, p_values, pasted, peeled
from experiments.questions.unknowns import Unknowns, read_unknowns, unknown_name
from experiments.summary import Section
from sim.configuration.problems import Problem, did_you_mean, one_of, quoted, refuse_if
from sim.results.bundle import bundle_schema
from sim.results.variable_list import variable_named

FEWEST = 20  # points from which a box is made
MOST_FACTORS = 12  # from so many on, only those that go most with the result make the box
TOP = 8


def ask_discovery(
    folder: Path,
    asked: Asked,
    variable: str = "Revenue|Green Industry",
    year: int | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
    coverage: float = 0.6,
    seed: int = 1,
    scenario: str | None = None,
) -> int:
    """Find the box in the tables of a sweep or a run, and what is worth knowing; write, tell, return the exit code.

    Args:
        folder: of a sweep that came to its end, or of a run, whose drawn numbers are the factors.
        asked: where the answer goes.
        variable: of the outcome.
        year: of the outcome, by default the last one kept.
        at_least: cases of interest are values from here on …
        at_most: … or up to here; neither: from 400 on.
        coverage: least share of the cases of interest that the box must hold.
        seed: of the shuffles that tell chance.
        scenario: of a run that holds several.

    Raises:
        ConfigError: no tables, or options that do not fit them.
    """
    unknowns = read_unknowns(folder, scenario)
    year = int(unknowns.rows["period"].max()) if year is None else year
    refuse_if(_problems(unknowns, variable, year, at_least, at_most))
    low = 400.0 if at_least is None and at_most is None else -np.inf if at_least is None else at_least
    high = np.inf if at_most is None else at_most
    values = unknowns.values(variable, year)
    cases = share_of_points(unknowns, (values >= low) & (values <= high))
    if len(cases) < FEWEST:
        refuse_if([Problem("FOLDER", None, "", f"{len(cases)} points", f"at least {FEWEST} points or replicates")])
    worth = known(unknowns.factors[unknowns.points], values, seed)
    chosen_places = box_factors(worth)
    names, factors = [unknowns.names[place] for place in chosen_places], unknowns.factors[:, chosen_places]
    boxes = peeled(factors, cases)
    box = pasted(factors, cases, chosen(boxes, coverage))
    table = box_table(factors, cases, names, box, seed)
    worth_table, band = knowing_table(unknowns.names, worth), tuple(np.quantile(values, QUANTILES).tolist())
    from experiments.figures import drawn_files
    from experiments.figures.box import box_figure
    from experiments.figures.knowing import knowing_figure

    outcome = outcome_words(variable, year, low, high)
    figures = dict(drawn_files("box", partial(box_figure, factors, cases, names, box, table, outcome)))
    figures |= dict(drawn_files("knowing", partial(knowing_figure, worth_table, band, variable, year)))
    told = {"folder": str(folder), "variable": variable, "year": year, "from": _finite(low), "to": _finite(high)}
    frames = {"box": table, "peeling": peeling_table(boxes, box), "knowing": worth_table}
    write_answer(asked, [(frame, bundle_schema(name)) for name, frame in frames.items()], figures, told)
    sections = [
        box_section(table, box, float(cases.mean()), outcome),
        knowing_section(worth_table, band, variable, year),
    ]
    return tell_answer(asked, sections, [])


def share_of_points(unknowns: Unknowns, hit: NDArray[np.bool_]) -> Floats:
    """Share of the runs of each point with the outcome."""
    counts = np.bincount(unknowns.points, minlength=len(unknowns.factors))
    shares: Floats = np.bincount(unknowns.points, weights=hit, minlength=len(unknowns.factors)) / counts
    return shares


def box_factors(worth: Knowing) -> NDArray[np.int64]:
    """The factors that make the box: all of a few, of many those that go most with the result."""
    count = len(worth.narrowing)
    if count <= MOST_FACTORS:
        return np.arange(count)
    return np.sort(np.argsort(-np.abs(worth.rank_correlation), kind="stable")[:TOP])


def knowing_table(names: Sequence[str], worth: Knowing) -> pd.DataFrame:
    """One row for each unknown."""
    return pd.DataFrame(
        {
            "unknown": list(names),
            "narrowing": worth.narrowing,
            "low": worth.low,
            "high": worth.high,
            "told_from_chance": worth.told,
            "rank_correlation": worth.rank_correlation,
        }
    )


def knowing_section(table: pd.DataFrame, band: tuple[float, ...], variable: str, year: int) -> Section:
    """What narrows the band most, first."""
    told = variable_named(variable)
    rows = []
    for _, row in table.sort_values("narrowing", ascending=False, kind="stable").head(TOP).iterrows():
        share = f"{100 * row['narrowing']:.0f} % ({100 * row['low']:.0f}–{100 * row['high']:.0f} %)"
        seen = "" if row["told_from_chance"] else both("与偶然无法区分", "not told from chance")
        cells = [share, f"{row['rank_correlation']:+.2f}", seen]
        rows.append([both(*unknown_name(str(row["unknown"]))), *cells])
    note = both(
        f"{told.name_zh}，{year}年，5%–95%区间现为{band[0]:,.0f}–{band[1]:,.0f} {told.unit}；"
        "表中为弄清该未知量后区间变窄的份额及95%区间。",
        f"{told.name_en} in {year}: the 5–95 % band now runs from {band[0]:,.0f} to {band[1]:,.0f} {told.unit}. "
        "Told is the share of its width that goes when the unknown is known, with its 95 % interval.",
    )
    header = ["未知量 unknown", "变窄 narrower", "秩相关 rank corr.", ""]
    return Section("信息价值 Value of information", header, rows, [note])


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
        rows.append([both(*unknown_name(str(row["factor"]))), limits, span, chance, worth])
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
    unknowns: Unknowns, variable: str, year: int, at_least: float | None, at_most: float | None
) -> list[Problem]:
    found = []
    kept, held = sorted(unknowns.rows["variable"].unique()), sorted(unknowns.rows["period"].unique())
    if variable not in kept:
        allowed = one_of(kept) if len(kept) < 20 else "a variable of years.csv"
        found.append(Problem("--variable", None, "", quoted(variable), allowed, did_you_mean(variable, kept)))
    if year not in held:
        found.append(Problem("--year", None, "", quoted(year), one_of(map(str, held))))
    if not unknowns.names:
        what = "no factor that is a number and varies"
        found.append(Problem("FOLDER", None, "", what, "a sweep with such factors, or a run that draws parameters"))
    if at_least is None and at_most is None and variable != "Revenue|Green Industry":
        found.append(Problem("--at-least", None, "", "no value", "--at-least or --at-most"))
    return found
