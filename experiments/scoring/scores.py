"""Scores of a frozen forecast against facts: CRPS and skill, coverage, bias, sign of change.

CRPS by probability-weighted moments, fair for small ensembles (Taillardat et al. 2016), from the library scoringrules.
Intervals: bootstrap that draws whole variables, as the years of one variable are no independent evidence.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from experiments.scoring.facts import Fact
from experiments.scoring.frozen import Frozen
from experiments.scoring.rivalry import history, rival_draws
from experiments.scoring.scored import LAST_KNOWN, Floats, back, scored_variables

BOOTSTRAPS = 2000
BAND = (5.0, 95.0)  # of the intervals
ALL = "all"
WORST = -0.1  # skill that still passes for not inferior
CRITERIA = (75, 98)  # coverage of the 90 % band that passes for honest, per cent


def score_table(frozen: Frozen, facts: Sequence[Fact]) -> pd.DataFrame:
    """A row for each fact and state of knowledge."""
    kinds = {one.variable: one.kind for one in scored_variables()}
    best = frozen.rivals[frozen.rivals["chosen"].astype(str).str.lower() == "true"]
    chosen = {(row["variable"], row["year"]): row for row in best.to_dict("records")}
    rows = []
    for information in sorted(frozen.forecast["information"].unique()):
        for fact in facts:
            values = frozen.replicates(information, fact.variable, fact.year)
            start = np.median(frozen.replicates(information, fact.variable, LAST_KNOWN))
            rival, unit = chosen[(fact.variable, fact.year)], frozen.units[fact.variable]
            edges = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95])
            scale = float(max(abs(start), abs(edges[2]))) or 1.0
            rows.append(
                {
                    "information": information,
                    "variable": fact.variable,
                    "year": fact.year,
                    "unit": unit,
                    "class": kinds.get(fact.variable, "other"),
                    "fact": fact.value,
                    "source": fact.source,
                    **dict(zip(("p5", "p25", "p50", "p75", "p95"), edges.tolist(), strict=True)),
                    "scale": scale,
                    "crps": crps(values, fact.value),
                    "rival": rival["rival"],
                    "rival_crps": crps(rival_draws(unit, float(rival["place"]), float(rival["width"])), fact.value),
                    "rival_error": abs(float(rival["p50"]) - fact.value),
                    "place": float(np.mean(values < fact.value) + 0.5 * np.mean(values == fact.value)),
                    "in_50": bool(edges[1] <= fact.value <= edges[3]),
                    "in_90": bool(edges[0] <= fact.value <= edges[4]),
                    "bias": float(edges[2] - fact.value) / scale,
                    "sign_right": bool(np.sign(edges[2] - start) == np.sign(fact.value - known(fact, float(start)))),
                }
            )
    return pd.DataFrame(rows)


def rival_table(frozen: Frozen, facts: Sequence[Fact]) -> pd.DataFrame:
    """A row for each fact and rival."""
    rows = []
    for fact in facts:
        mine = frozen.rivals[(frozen.rivals["variable"] == fact.variable) & (frozen.rivals["year"] == fact.year)]
        for rival in mine.to_dict("records"):
            values = rival_draws(frozen.units[fact.variable], float(rival["place"]), float(rival["width"]))
            error = abs(float(rival["p50"]) - fact.value)
            told = [fact.variable, rival["rival"], fact.year, crps(values, fact.value), error]
            rows.append([*told, str(rival["chosen"]).lower() == "true"])
    return pd.DataFrame(rows, columns=["variable", "rival", "year", "crps", "error", "chosen"])


def crps(values: Floats, fact: float) -> float:
    """Continuous ranked probability score of equally likely values, in their unit."""
    # Loaded only here: it compiles as it is loaded, which takes time and needs a compiler that is not switched off.
    import scoringrules

    return float(scoringrules.crps_ensemble(fact, values, estimator="pwm", backend="numpy"))  # numba would compile it


def known(fact: Fact, simulated: float) -> float:
    """Where a variable stood in 2021: as published, else as simulated."""
    series = history().get(fact.variable)
    if series is None or series.years[-1] != LAST_KNOWN:
        return simulated
    unit = next(one.unit for one in scored_variables() if one.variable == fact.variable)
    return float(back(unit, series.places[-1:])[0])


class Sums(NamedTuple):
    """What every measure is made of, summed over facts; the first axis of each is the variable, or the draw."""

    facts: Floats
    crps: Floats  # over scale, as the next two
    rival_crps: Floats
    rival_error: Floats
    in_50: Floats
    in_90: Floats
    bias: Floats
    absolute_bias: Floats
    sign_right: Floats


def sums_by_variable(rows: pd.DataFrame) -> Sums:
    """The sums of each variable."""
    scale, bias = rows["scale"], rows["bias"]
    columns = {
        "facts": pd.Series(1.0, rows.index),
        **{name: rows[name] / scale for name in ("crps", "rival_crps", "rival_error")},
        "in_50": rows["in_50"].astype(float),
        "in_90": rows["in_90"].astype(float),
        "bias": bias,
        "absolute_bias": bias.abs(),
        "sign_right": rows["sign_right"].astype(float),
    }
    grouped = pd.DataFrame(columns).groupby(rows["variable"], sort=True).sum()
    return Sums(*(grouped[name].to_numpy(np.float64) for name in Sums._fields))


def better_than(mine: Floats, theirs: Floats) -> Floats:
    """Skill: 1 − Σ mine ÷ Σ theirs; above zero is better than they, not a number where they were never wrong."""
    return np.where(theirs > 0.0, 1.0 - mine / np.where(theirs > 0.0, theirs, 1.0), np.nan)


# Against medians: no wide band of a rival can flatter the forecast.
MEASURES: dict[str, Callable[[Sums], Floats]] = {
    "skill": lambda sums: better_than(sums.crps, sums.rival_crps),
    "skill_against_medians": lambda sums: better_than(sums.crps, sums.rival_error),
    "coverage_50": lambda sums: sums.in_50 / sums.facts,
    "coverage_90": lambda sums: sums.in_90 / sums.facts,
    "bias": lambda sums: sums.bias / sums.facts,
    "absolute_bias": lambda sums: sums.absolute_bias / sums.facts,
    "sign_right": lambda sums: sums.sign_right / sums.facts,
}


def summary_table(scores: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Measures by state of knowledge and class, with 90 % intervals; intervals need two variables."""
    rows = []
    for information, known_rows in scores.groupby("information", sort=True):
        for kind, mine in [(ALL, known_rows), *known_rows.groupby("class", sort=True)]:
            sums = sums_by_variable(mine)
            whole, drawn = drawn_anew(sums, 1, None), drawn_anew(sums, BOOTSTRAPS, seed)
            for name, measure in MEASURES.items():
                value, found = float(measure(whole)[0]), measure(drawn)
                found = found[np.isfinite(found)]
                low, high = np.percentile(found, BAND) if len(sums.facts) > 1 and len(found) else (np.nan, np.nan)
                rows.append([information, kind, name, value, low, high, len(mine), len(sums.facts)])
    names = ["information", "class", "measure", "value", "low", "high", "facts", "variables"]
    return pd.DataFrame(rows, columns=names).dropna(subset=["value"])


def drawn_anew(sums: Sums, times: int, seed: int | None) -> Sums:
    """The sums over all variables, or over as many drawn with replacement, `times` times."""
    n = len(sums.facts)
    if seed is None:
        counts = np.ones((times, n))
    else:
        counts = np.random.default_rng(seed).multinomial(n, np.full(n, 1.0 / n), times).astype(np.float64)
    return Sums(*(counts @ one for one in sums))


def claim(summary: pd.DataFrame, information: str) -> str:
    """What may be claimed: A better than the rivals, B consistent with the facts, C explanatory only."""
    rows = summary[(summary["information"] == information) & (summary["class"] == ALL)]
    told: dict[Any, dict[Any, Any]] = rows.set_index("measure")[["value", "low"]].to_dict("index")
    if told["skill"]["low"] > 0.0:
        return "A"
    inside = CRITERIA[0] <= 100.0 * told["coverage_90"]["value"] <= CRITERIA[1]
    return "B" if told["skill"]["value"] >= WORST and inside else "C"
