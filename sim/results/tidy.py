"""Results as tables: one row for each scenario, replicate, variable and period, and what replicates have in common."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from agents.firm import Floats
from sim.configuration.periods import quarter_name
from sim.results.bridge import TERMS, bridge_values
from sim.results.parts import Part
from sim.results.probability import explained_share, probability
from sim.results.reducing import quarterly_variables
from sim.results.revenue import SCOPES, clusters, members, target_year
from sim.results.targets import plan_target
from sim.results.variable_list import Variable, load_variables
from sim.results.wording import worded

KEYS = ["scenario", "population", "replicate", "seed"]
QUANTILES = {"p5": 0.05, "p25": 0.25, "p50": 0.5, "p75": 0.75, "p95": 0.95}
SCOPE_VARIABLES = {"plan": "Revenue|Green Industry", "manufacturing": "Revenue|Green Industry|Manufacturing"}
BASE_THIRDS = ("low", "central", "high")
BASE_COLUMNS = ["scenario", "scope", "base", "base_from", "base_to", "replicates", "mean", "p_hit", "p_low", "p_high"]
BASE_COLUMNS += ["variance_share"]


def quarters(parts: Sequence[Part]) -> pd.DataFrame:
    """Every variable by quarter: scenario, population, replicate, seed, period, variable, unit, value."""
    frames = []
    for part in parts:
        names = [quarter_name(quarter) for quarter in range(part.scenario.quarters)]
        frames.append(_tidy(part, part.quarterly(), quarterly_variables(), names))
    return joined(frames)


def years(parts: Sequence[Part]) -> pd.DataFrame:
    """Every variable by complete year; `period` is the year."""
    return joined([_tidy(part, part.yearly(), load_variables(), part.years) for part in parts])


def joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One table of several scenarios, words as categories."""
    table = pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]
    words = [name for name in ("scenario", "variable", "unit") if name in table]
    return table.astype(dict.fromkeys(words, "category"))


def _tidy(part: Part, values: Floats, variables: Sequence[Variable], periods: Sequence[Any]) -> pd.DataFrame:
    shape = (len(part.replicates), len(variables), len(periods))
    replicate, variable, period = (axis.ravel() for axis in np.indices(shape))
    return pd.DataFrame(
        {
            **_keys(part, replicate),
            "period": np.array(periods)[period] if len(periods) else np.array([], np.int64),
            "variable": worded(variable, [one.name for one in variables]),
            "unit": np.array([one.unit for one in variables])[variable],
            "value": values.swapaxes(1, 2).ravel(),
        }
    )


def _keys(part: Part, place: np.ndarray) -> dict[str, Any]:
    """The columns that say which replicate a row is of; `place` is its place in the part."""
    population = np.array([one.population for one in part.replicates])
    replicate = np.array([one.replicate for one in part.replicates])
    return {
        "scenario": worded(np.zeros(len(place), np.int64), [part.scenario.name]),
        "population": population[place],
        "replicate": replicate[place],
        "seed": np.full(len(place), part.scenario.seed),
    }


def summary(parts: Sequence[Part]) -> pd.DataFrame:
    """Mean and quantiles over replicates by scenario, variable and year, and P(hit) where the plan has a target."""
    return joined([_summary(part) for part in parts])


def _summary(part: Part) -> pd.DataFrame:
    values, variables, periods = part.yearly(), load_variables(), part.years
    variable, period = (axis.ravel() for axis in np.indices((len(variables), len(periods))))
    columns: dict[str, Any] = {
        "scenario": worded(np.zeros(len(variable), np.int64), [part.scenario.name]),
        "variable": worded(variable, [one.name for one in variables]),
        "year": np.array(periods, np.int64)[period],
        "unit": np.array([one.unit for one in variables])[variable],
        "replicates": np.full(len(variable), len(values)),
        "mean": values.mean(axis=0).T.ravel(),
    }
    for name, found in zip(QUANTILES, np.quantile(values, [*QUANTILES.values()], axis=0), strict=True):
        columns[name] = found.T.ravel()
    return pd.DataFrame(columns | _hits(part, values))


def _hits(part: Part, values: Floats) -> dict[str, np.ndarray]:
    variables, periods = load_variables(), part.years
    found = {name: np.full((len(variables), len(periods)), np.nan) for name in ("target", "p_hit", "p_low", "p_high")}
    rules = part.replicates[0].rules
    for k, variable in enumerate(variables):
        target = plan_target(variable, rules)
        if target is not None and target.year in periods:
            year = periods.index(target.year)
            odds = probability(target.hit(values[:, year, k]), rules.confidence)
            found["target"][k, year] = target.value
            found["p_hit"][k, year], found["p_low"][k, year], found["p_high"][k, year] = odds[:3]
    return {name: table.ravel() for name, table in found.items()}


def alignment(parts: Sequence[Part]) -> pd.DataFrame:
    """The factor of every cluster and replicate: alignment of 2021, reported."""
    frames = []
    for part in parts:
        names, observed = clusters().names, clusters().observed
        place, cluster = (axis.ravel() for axis in np.indices((len(part.replicates), len(names))))
        found = [one.alignment for one in part.replicates]
        frames.append(
            pd.DataFrame(
                {
                    **_keys(part, place),
                    "cluster": np.array(names)[cluster],
                    "observed": observed[cluster],
                    "aligned": np.stack([one.aligned for one in found]).ravel(),
                    "fact": np.stack([one.fact for one in found]).ravel(),
                    "simulated": np.stack([one.simulated for one in found]).ravel(),
                    "factor": np.stack([one.factor for one in found]).ravel(),
                    "revenue_factor": np.stack([one.revenue_factor for one in found]).ravel(),
                }
            )
        )
    return joined(frames)


def bridge(parts: Sequence[Part]) -> pd.DataFrame:
    """From the revenue of 2021 to that of the target year by scope or cluster and term, 亿元; residual is zero."""
    return joined([_bridge(part) for part in parts])


def _bridge(part: Part) -> pd.DataFrame:
    scopes, terms = [*SCOPES, *clusters().names], [*TERMS, "residual"]
    found = [one for one in part.replicates if one.bridge is not None]
    place, scope, term = (axis.ravel() for axis in np.indices((len(found), len(scopes), len(terms))))
    values = np.zeros((len(found), len(scopes), len(terms)))
    for row, one in enumerate(found):
        assert one.bridge is not None
        values[row, :, :-1] = bridge_values(one.bridge, one.alignment)
    last = found[0].bridge.last_year if found and found[0].bridge else 0
    first = found[0].bridge.first_year if found and found[0].bridge else 0
    return pd.DataFrame(
        {
            **_keys(part, place),
            "scope": np.array(scopes)[scope],
            "step": term,
            "term": worded(term, terms),
            "first_year": np.full(len(place), first),
            "last_year": np.full(len(place), last),
            "value": values.ravel(),
        }
    )


def variables() -> pd.DataFrame:
    """The dictionary of variables: unit, kind and meaning in both languages."""
    names = ["unit", "kind", "name_zh", "name_en", "description_zh", "description_en", "part_of"]
    rows = [[one.name, *(getattr(one, name) for name in names)] for one in load_variables()]
    return pd.DataFrame(rows, columns=["variable", *names])


def base_dependence(parts: Sequence[Part]) -> pd.DataFrame:
    """How far the answer hangs on what nobody has measured: P(hit) by third of the unobserved base of 2021.

    `variance_share` is the squared correlation of the base with revenue over replicates; empty where the base does not
    vary or there are fewer than three replicates.
    """
    rows = [row for part in parts for scope in SCOPES for row in _base_rows(part, scope)]
    return joined([pd.DataFrame(rows, columns=BASE_COLUMNS)])


def unobserved_base(part: Part) -> Floats:
    """Sum of the bases that were drawn, 亿元 in 2021, shape (n_replicates,)."""
    hidden = members("plan") & ~clusters().observed
    return np.array([float(one.alignment.fact[hidden].sum()) for one in part.replicates])


def _base_rows(part: Part, scope: str) -> Iterator[tuple[Any, ...]]:
    rules = part.replicates[0].rules
    if target_year(rules) not in part.years:
        return
    base, revenue = unobserved_base(part), part.values(SCOPE_VARIABLES[scope], target_year(rules))
    share = explained_share(base, revenue)
    order = np.argsort(base, kind="stable")
    groups = {"all": order}
    if len(base) >= len(BASE_THIRDS) and base.min() < base.max():
        groups |= dict(zip(BASE_THIRDS, np.array_split(order, len(BASE_THIRDS)), strict=True))
    for name, rows in groups.items():
        odds = probability(revenue[rows] >= rules.target, rules.confidence)
        ends = (float(base[rows].min()), float(base[rows].max()))
        shown = share if name == "all" and share is not None else np.nan
        mean = float(revenue[rows].mean())
        yield (part.scenario.name, scope, name, *ends, odds.n, mean, *odds[:3], shown)
