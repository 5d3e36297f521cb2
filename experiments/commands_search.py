"""`lvjin search`: the cheapest package of levers that reaches a target with a wanted chance, and the front of its aims:
public cost, revenue and emissions.

The winners of a search were lucky in part. So the finalists are run again with fresh seeds, and the gap is told.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from experiments.designs.design import Design, design_of, load_design
from experiments.designs.samples import sobol
from experiments.languages import both
from experiments.progress import Reporter, reporter
from experiments.questions.asking import Asked, Floats, complete, swept, tell_answer, write_answer
from experiments.questions.packages import Searcher, Whole, Worth, finalists
from experiments.summary import Section
from experiments.sweeps.sweep import Sweep
from sim.configuration.periods import PLAN_START
from sim.configuration.problems import Problem, did_you_mean, quoted, refuse_if
from sim.configuration.table_schema import Column, Constraints, TableSchema
from sim.results.bundle import bundle_schema
from sim.results.probability import probability
from sim.results.variable_list import load_variables, variable_named

LIMIT = re.compile(r"(?P<variable>.+?)(?P<sign><=|>=)(?P<value>[-+0-9.eE]+)")
COST = "Policy Cost|Government"
EMISSIONS = "Emissions|CO2|Industry"
CONFIDENCE = 0.95
FRESH = 1_000_003  # added to the seed for the finalists


class Limit(NamedTuple):
    """A bound on the mean of a variable in the target's year."""

    variable: str
    most: bool
    value: float

    def miss(self, values: Floats) -> Floats:
        """How far the mean over replicates breaks it, in parts of the value."""
        mean = values.mean(axis=1)
        over = mean - self.value if self.most else self.value - mean
        return np.maximum(over, 0.0) / max(abs(self.value), 1e-9)


@dataclass(frozen=True)
class Search:
    """What is looked for.

    Attributes:
        variable: that is to reach the target.
        at_least: the target.
        year: when.
        chance: how likely it must be.
        cost: variable that is summed from 2022 on and kept low.
        limits: `VARIABLE<=VALUE` or `VARIABLE>=VALUE`.
        size: packages of the first sample, a power of two.
        generations: after it, of half that size.
        emissions: variable of the target's year that is kept low.
        finalists: packages that are run again with fresh seeds.
        fresh: replicates of these.
    """

    variable: str = "Revenue|Green Industry"
    at_least: float = 400.0
    year: int = 2025
    chance: float = 0.5
    cost: str = COST
    limits: Sequence[str] = ()
    size: int = 32
    generations: int = 3
    emissions: str = EMISSIONS
    finalists: int = 5
    fresh: int = 100


class Found(NamedTuple):
    """Packages and what is known of them."""

    places: Floats  # (n_packages, n_levers) in the unit cube
    worth: Worth
    front: Whole


def ask_search(path: Path, search: Search, asked: Asked, seed: int | None = None) -> int:
    """Search, run the finalists again, write and tell; return the exit code.

    Raises:
        ConfigError: everything that is wrong with the design or the options.
    """
    design = load_design(path, seed=seed)
    limits = checked_limits(design, search)
    kept = sorted({search.variable, search.cost, search.emissions, *(limit.variable for limit in limits)})
    years = list(range(PLAN_START.year, search.year + 1))
    file = design.file.model_copy(update={"variables": kept, "years": years})
    design = Design(file, design.names, design.points, design.factors)
    with reporter(asked.quiet) as tell:
        found, sweeps = searched(design, search, limits, asked, tell)
        chosen = different_finalists(found, search)
        again = fresh_design(design, found.places[chosen], search)
        sweep = swept(again, "finalists", asked, tell)
        sweeps.append(sweep)
        table = final_table(design, found, chosen, sweep, search, limits)
        front = front_table(design, found)
        names = list(design.names)
        tables = [
            (table, package_schema(design, "finalists", search)),
            (front, package_schema(design, "packages", search)),
        ]
        from experiments.figures import drawn_files
        from experiments.figures.front import front_figure

        figures = dict(drawn_files("front", partial(front_figure, front, table, search)))
        told = {"search": {**vars(search), "limits": list(search.limits)}, "levers": names}
        write_answer(asked, tables, figures, told)
    return tell_answer(asked, [final_section(design, table, search)], sweeps)


def searched(
    design: Design, search: Search, limits: Sequence[Limit], asked: Asked, tell: Reporter
) -> tuple[Found, list[Sweep]]:
    """The first sample and the generations after it."""
    searcher = Searcher(len(design.factors), search.size // 2, design.file.seed)
    searcher.first(sobol(search.size, len(design.factors), design.file.seed))
    sweeps, places, worths = [], [], []
    for generation in range(search.generations + 1):
        places.append(searcher.asked(search.size // 2 if generation else search.size))
        sweep = swept(packages_design(design, places[-1]), f"generation-{generation}", asked, tell)
        worths.append(worth_of(sweep, search, limits))
        searcher.tell(worths[-1])
        sweeps.append(sweep)
    worth = Worth(*(np.concatenate(values) for values in zip(*worths, strict=True)))
    return Found(np.vstack(places), worth, searcher.front()), sweeps


def different_finalists(found: Found, search: Search) -> np.ndarray:
    """Places of the finalists; a package that came twice is one."""
    first = np.sort(np.unique(found.places, axis=0, return_index=True)[1])
    worth = Worth(*(values[first] for values in found.worth))
    return np.asarray(first[finalists(worth, search.chance, search.finalists)])


def packages_design(design: Design, places: Floats) -> Design:
    """A point for each package."""
    settings = [
        {factor.name: factor.at(place) for factor, place in zip(design.factors, row, strict=True)}
        for row in places.tolist()
    ]
    return design_of(design.file, design.factors, settings)


def fresh_design(design: Design, places: Floats, search: Search) -> Design:
    """The finalists with other firms, numbers and luck."""
    seed = (design.file.seed + FRESH) % 2**63
    file = design.file.model_copy(update={"seed": seed, "replicates": search.fresh})
    return packages_design(Design(file, design.names, design.points, design.factors), places)


def worth_of(sweep: Sweep, search: Search, limits: Sequence[Limit]) -> Worth:
    """Cost, chance and broken limits of the points of a sweep."""
    cost = total_cost(sweep, search).mean(axis=1)
    revenue = complete(sweep, search.variable, search.year)
    emissions = complete(sweep, search.emissions, search.year).mean(axis=1)
    chance = (revenue >= search.at_least).mean(axis=1)
    misses = [limit.miss(complete(sweep, limit.variable, search.year)) for limit in limits]
    miss = np.sum(misses, axis=0) if misses else np.zeros(len(cost))
    return Worth(cost, revenue.mean(axis=1), emissions, chance, miss)


def total_cost(sweep: Sweep, search: Search) -> Floats:
    """Cost summed from 2022 to the target's year, shape (n_points, n_replicates)."""
    years = range(PLAN_START.year, search.year + 1)
    total: Floats = np.sum([complete(sweep, search.cost, year) for year in years], axis=0)
    return total


def front_table(design: Design, found: Found) -> pd.DataFrame:
    """Every package that was tried, and whether no other beats it."""
    table = _settings(design, found.places)
    first = set(found.front.tolist())
    table.insert(0, "package", np.arange(len(table)))
    for name, values in found.worth._asdict().items():
        table[name] = values
    table["on_front"] = [number in first for number in range(len(table))]
    return table


def final_table(
    design: Design, found: Found, chosen: np.ndarray, sweep: Sweep, search: Search, limits: Sequence[Limit]
) -> pd.DataFrame:
    """The finalists: what the search saw, what fresh seeds say, and the gap."""
    table = _settings(design, found.places[chosen])
    table.insert(0, "package", chosen)
    hits = complete(sweep, search.variable, search.year) >= search.at_least
    odds = [probability(row, CONFIDENCE) for row in hits]
    fresh = worth_of(sweep, search, limits)
    table["chance"], table["cost"] = found.worth.chance[chosen], found.worth.cost[chosen]
    table["fresh_chance"] = [one.estimate for one in odds]
    table["fresh_low"], table["fresh_high"] = [one.low for one in odds], [one.high for one in odds]
    table["fresh_cost"], table["fresh_revenue"], table["fresh_emissions"] = fresh.cost, fresh.revenue, fresh.emissions
    table["fresh_miss"] = fresh.miss
    table["optimism"] = table["chance"] - table["fresh_chance"]
    good = (table["fresh_chance"] >= search.chance) & (table["fresh_miss"] == 0.0)
    best = table["fresh_cost"].where(good).idxmin() if good.any() else -1
    table["cheapest"] = [place == best for place in table.index]
    return table


def _settings(design: Design, places: Floats) -> pd.DataFrame:
    rows = [[factor.at(place) for factor, place in zip(design.factors, row, strict=True)] for row in places.tolist()]
    return pd.DataFrame(rows, columns=list(design.names))


def package_schema(design: Design, name: str, search: Search) -> TableSchema:
    """The schema of a table of packages, with a column for each lever and the units of what was looked for."""
    from experiments.commands_sensitivity import factor_name
    from sim.configuration.parameters import load_declarations

    declared = load_declarations()
    fixed = bundle_schema(name)
    levers = []
    for factor in design.factors:
        zh, en = factor_name(factor.name)
        text = bool(factor.values) and isinstance(factor.values[0], str)
        entry = declared.get(factor.name.partition("@")[0])
        unit = entry.unit if entry else "1"
        levers.append(
            Column(
                name=factor.name,
                type="string" if text else "number",
                unit=unit,
                title_zh=zh,
                title_en=en,
                constraints=Constraints(required=True),
            )
        )
    units = {"revenue": variable_named(search.variable).unit, "emissions": variable_named(search.emissions).unit}
    known = [
        column.model_copy(update={"unit": units.get(column.name.removeprefix("fresh_"), column.unit)})
        for column in fixed.fields
    ]
    return fixed.model_copy(update={"fields": [known[0], *levers, *known[1:]]})


def final_section(design: Design, table: pd.DataFrame, search: Search) -> Section:
    """The finalists, cheapest first."""
    told = variable_named(search.variable)
    rows = []
    for _, row in table.sort_values("fresh_cost", kind="stable").iterrows():
        fresh = f"{100 * row['fresh_chance']:.0f} % ({100 * row['fresh_low']:.0f}–{100 * row['fresh_high']:.0f} %)"
        mark = both("最省", "cheapest") if row["cheapest"] else ""
        seen = f"{100 * row['chance']:.0f} %"
        gap = f"{100 * row['optimism']:+.0f}"
        outcomes = [f"{row[name]:,.0f}" for name in ("fresh_cost", "fresh_revenue", "fresh_emissions")]
        rows.append([f"{row['package']}", *outcomes, fresh, seen, gap, mark])
    best = table[table["cheapest"]]
    notes = [
        both(
            f"目标：{told.name_zh}≥{search.at_least:g}（{search.year}年），概率≥{100 * search.chance:.0f}%。",
            f"Target: {told.name_en} of at least {search.at_least:g} in {search.year}, with a chance of at least "
            f"{100 * search.chance:.0f} %.",
        )
    ]
    if len(best):
        values = ", ".join(f"{name}={best.iloc[0][name]:.6g}" for name in design.names)
        notes.append(both(f"最省的组合：{values}", f"The cheapest package: {values}"))
    else:
        notes.append(both("没有组合在新种子下达到该概率。", "No package reaches that chance with fresh seeds."))
    emitted = variable_named(search.emissions)
    units = [both("费用", "cost") + ", 万元", f"{both('目标变量', 'revenue')}, {told.unit}"]
    units.append(f"{both('排放', 'emissions')}, {emitted.unit}")
    header = ["组合 package", *units, "新种子概率 fresh chance", "搜索时 in search", "乐观差 gap, pp", ""]
    return Section("决赛组合（新种子重算） Finalists with fresh seeds", header, rows, notes)


def checked_limits(design: Design, search: Search) -> list[Limit]:
    """The limits; raises `ConfigError` with everything that is wrong with the options."""
    known = [variable.name for variable in load_variables()]
    problems, limits = [], []
    if not design.factors or any(factor.name in ("scenario", "population", "seed") for factor in design.factors):
        problems.append(Problem("DESIGN", None, "factors", "no levers", "factors that are levers or parameters"))
    for option, name in (("--variable", search.variable), ("--cost", search.cost)):
        if name not in known:
            problems.append(Problem(option, None, "", quoted(name), "a variable", did_you_mean(name, known)))
    for text in search.limits:
        match = LIMIT.fullmatch(text)
        if match is None or match["variable"] not in known:
            hint = did_you_mean(match["variable"], known) if match else ""
            problems.append(Problem("--limit", None, "", quoted(text), "VARIABLE<=VALUE or VARIABLE>=VALUE", hint))
        else:
            limits.append(Limit(match["variable"], match["sign"] == "<=", float(match["value"])))
    last = design.points[0].scenario.quarters // 4 + 2020
    if not PLAN_START.year <= search.year <= last:
        problems.append(Problem("--year", None, "", quoted(search.year), f"{PLAN_START.year} to {last}"))
    if not 0.0 <= search.chance <= 1.0:
        problems.append(Problem("--chance", None, "", quoted(search.chance), "a number from 0 to 1"))
    if search.size < 4 or search.size & (search.size - 1):
        problems.append(Problem("--size", None, "", quoted(search.size), "a power of two from 4"))
    refuse_if(problems)
    return limits
