"""The answers of docs/experiments.md as Markdown: a table for each question, from the files that its command wrote."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.commands_sensitivity import factor_name
from experiments.comparing.differences import half_width
from experiments.questions.groups import TITLES
from experiments.questions.unknowns import unknown_name
from sim.results.variable_list import variable_named

REVENUE, EMISSIONS, YEAR = "Revenue|Green Industry", "Emissions|CO2|Industry", 2025
COMPARED = {
    REVENUE: 1,
    "Revenue|Green Industry|Manufacturing": 1,
    EMISSIONS: 0,
    "Energy Intensity|Industry": 3,
    "Policy Cost|Government": 0,
}
SHORT = 12
MOST_KNOWN = 8
MOST_MOVES = 6
MOST_INTERACTIONS = 3

Record = Mapping[str, Any]


def page(folder: Path, record: Mapping[str, Record]) -> str:
    """All answers that are there, each with its question, command and tables."""
    writers = {
        "run": run,
        "compare": compare,
        "mechanisms": mechanisms,
        "attribute": attribute,
        "sensitivity": sensitivity,
        "search": search,
        "strengths": strengths,
        "discover": discover,
        "grid": grid,
    }
    lines = ["", *opening(record)]
    for name, writer in writers.items():
        if name in record:
            lines += [*writer(folder / name, record[name]), ""]
    return "\n".join([*lines, *closing(record)])


def opening(record: Mapping[str, Record]) -> Iterator[str]:
    """What all answers have in common."""
    codes = {one["code"][:SHORT] for one in record.values()}
    posteriors = {one["posterior"][:SHORT] for one in record.values() if one["drawn"]}
    dates = sorted({one["date"] for one in record.values()})
    drawn = "from the posterior" if all(posteriors) else "from the posterior where an answer names it, else from priors"
    if not any(posteriors):
        drawn = "from priors, as there is no posterior"
    yield (
        f"Answers of the default model (5,000 firms, to 2025, two populations, parameters drawn {drawn}, in the "
        f"sensitivity central, information as of 2021, seed 1), run on {' and '.join(dates)} with the code whose "
        f"SHA-256 begins with `{'`, `'.join(sorted(codes))}`, on two cores shared with other work – hence few "
        "replicates. Revenue is in 亿元 a year of 2025 at current prices."
    )
    yield ""


def heading(question: str, record: Record, more: str = "") -> Iterator[str]:
    """The question, and the command that was typed."""
    posterior = f" (posterior `{record['posterior'][:SHORT]}`)" if record["posterior"] else ""
    yield f"**{question}** `{record['command']}`{more}{posterior}"
    yield ""


def table(header: list[str], rows: list[list[str]]) -> Iterator[str]:
    """A Markdown table, numbers to the right."""
    yield f"| {' | '.join(header)} |"
    yield f"| --- |{' ---: |' * (len(header) - 1)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)
    yield ""


def figure(name: str, words: str) -> str:
    """A figure of the page."""
    return f"![{words}](figures/{name}.en.png)"


def values(folder: Path, variable: str) -> pd.DataFrame:
    """A variable of a sweep in the year, points down, replicates across."""
    years = pd.read_csv(folder / "years.csv")
    rows = years[(years["period"] == YEAR) & (years["variable"] == variable)]
    return rows.pivot(index="point", columns="replicate", values="value")


def run(folder: Path, record: Record) -> Iterator[str]:
    """Chance of the target by scenario."""
    summary = pd.read_csv(folder / "summary.csv")
    rows = summary[(summary["variable"] == REVENUE) & (summary["year"] == YEAR)].set_index("scenario")
    odds = pd.read_csv(folder / "base_dependence.csv")
    odds = odds[(odds["scope"] == "plan") & (odds["base"] == "all")].set_index("scenario")
    facts = json.loads((folder / "run.json").read_bytes())["scenarios"][0]
    yield from heading("Is 400 亿元 of green revenue reached in 2025?", record, f" ({facts['replicates']} replicates)")
    rows_told = []
    for name, row in rows.iterrows():
        found: Any = odds.loc[str(name)]
        chance, low, high = (100 * float(found[part]) for part in ("p_hit", "p_low", "p_high"))
        band = f"{row['p50']:.0f} ({row['p5']:.0f}–{row['p95']:.0f})"
        rows_told.append([str(name), band, f"{chance:.0f} % ({low:.0f}–{high:.0f} %)"])
    yield from table(["", "median (5–95 %)", "chance of 400 (95 % interval)"], rows_told)


def compare(folder: Path, record: Record) -> Iterator[str]:
    """Differences, what the pairing is worth, and what bound the firms that act differently."""
    found = pd.read_csv(folder / "compare.csv")
    found = found[found["year"] == YEAR].set_index("variable")
    rows = []
    for name, digits in COMPARED.items():
        row = found.loc[name]
        means = [f"{row[side]:,.{digits}f}" for side in ("mean_a", "mean_b")]
        spread = f"{row['difference']:,.{digits}f} ({row['low']:,.{digits}f} to {row['high']:,.{digits}f})"
        worth = "–" if np.isnan(row["variance_ratio"]) else f"{row['variance_ratio']:.0f} times the replicates"
        rows.append([f"{name.replace('|', ' · ')}, {row['unit']}", *means, spread, worth])
    yield from heading("What does the plan change against the baseline?", record)
    yield from table(["2025", "baseline", "plan", "difference (95 %)", "pairing is worth"], rows)
    changed = pd.read_csv(folder / "changed_firms.csv", keep_default_na=False)
    acted = changed[changed["change"] != "sales"]
    moved = acted[acted["reason_a"] != acted["reason_b"]]
    moved = moved.assign(told=moved["reason_a"].map("`{}`".format) + " → " + moved["reason_b"].map("`{}`".format))
    pairs = moved.groupby("told")["weight"].sum().sort_values(ascending=False).head(MOST_MOVES)
    told = ", ".join(f"{name} {firms:,.0f}" for name, firms in pairs.items())
    yield (
        f"In replicate 0, {len(acted)} rows act differently and stand for {acted['weight'].sum():,.0f} firms. What "
        f"bound them, baseline → plan, in the first year that differs (firms): {told}. `none`: acted; "
        "`absent`: not there."
    )
    yield ""
    yield figure("revenue_difference", "Green revenue, plan less baseline")


def mechanisms(folder: Path, record: Record) -> Iterator[str]:
    """The plan with a mechanism switched off."""
    found = values(folder, REVENUE)
    names = [
        "baseline",
        "plan",
        "plan without lending",
        "plan without peers",
        "plan without conversion",
        "plan without arrivals",
    ]
    rows = []
    for point, name in enumerate(names):
        difference = found.loc[point].to_numpy(np.float64) - found.loc[0].to_numpy(np.float64)
        mean, half = difference.mean(), half_width(difference[:, None])[0]
        told = "" if point == 0 else f"{mean:+.1f} ({mean - half:+.1f} to {mean + half:+.1f})"
        rows.append([name, f"{found.loc[point].mean():.1f}", told])
    more = f" ({found.shape[1]} replicates, paired)"
    yield from heading("What is left of the plan without a mechanism?", record, more)
    yield from table(["", "green revenue", "less baseline with all mechanisms (95 %)"], rows)
    yield "The last column is no effect of the plan where a mechanism is off: the baseline would lose it, too."


def attribute(folder: Path, record: Record) -> Iterator[str]:
    """Shapley shares by chapter."""
    found = pd.read_csv(folder / "shares.csv", dtype={"player": str})
    found = found.reindex(found["share"].abs().sort_values(ascending=False).index)
    rows = []
    for _, row in found.iterrows():
        zh, en = TITLES.get(str(row["player"]), (str(row["player"]), str(row["player"])))
        spread = f"{row['share']:+.2f} ({row['low']:+.2f} to {row['high']:+.2f})"
        rows.append([f"{en} {zh}", spread, f"{100 * row['part']:.0f} %", f"{row['alone']:+.2f}", f"{row['last']:+.2f}"])
    rows.append(["all", f"{found['share'].sum():+.2f}", "100 %", "", ""])
    yield from heading("Which chapters of the plan carry its effect on green revenue?", record)
    yield from table(["chapter", "Shapley share (95 %)", "of the effect", "alone", "last"], rows)
    pairs = pd.read_csv(folder / "interactions.csv", dtype={"player_a": str, "player_b": str})
    pairs = pairs.reindex(pairs["interaction"].abs().sort_values(ascending=False).index).head(MOST_INTERACTIONS)
    told = "; ".join(
        f"chapters {row['player_a']} and {row['player_b']}: {row['interaction']:+.2f} "
        f"({row['low']:+.2f} to {row['high']:+.2f})"
        for _, row in pairs.iterrows()
    )
    yield f"Strongest interactions: {told}."
    yield ""
    yield figure("shares", "Shares of the chapters in the effect of the plan")


def sensitivity(folder: Path, record: Record) -> Iterator[str]:
    """Effects of assumptions, and Sobol indices of the strongest."""
    effects = pd.read_csv(folder / "effects.csv").sort_values("strength", ascending=False)
    indices = pd.read_csv(folder / "indices.csv").set_index("factor")
    rows = []
    for _, row in effects.iterrows():
        shares = ["", ""]
        if row["factor"] in indices.index:
            one = indices.loc[row["factor"]]
            shares = [
                f"{one[name]:.2f} ({one[f'{name}_low']:.2f} to {one[f'{name}_high']:.2f})"
                for name in ("first", "total")
            ]
        told = "" if row["told_from_luck"] else " (not told from luck)"
        name = f"{factor_name(row['factor'])[1]} `{row['factor']}`{told}"
        spread = f"{row['strength']:.2f} ({row['low']:.2f}–{row['high']:.2f})"
        rows.append([name, spread, f"{row['mean']:+.2f}", f"{row['luck']:.2f}", *shares])
    more = " (8 trajectories, 4 replicates; Sobol indices of so few points are rough)"
    yield from heading("Which assumptions move green revenue in 2025?", record, more)
    header = ["assumption, over its prior range", "μ* (95 %)", "μ", "luck alone", "Sobol alone", "with interactions"]
    yield from table(header, rows)
    yield figure("sensitivity", "Which assumptions move green revenue")


def search(folder: Path, record: Record) -> Iterator[str]:
    """The finalists, and how hopeful the search was."""
    answer = json.loads((folder / "answer.json").read_bytes())
    found = pd.read_csv(folder / "finalists.csv").sort_values("fresh_cost", kind="stable")
    rows = []
    for _, row in found.iterrows():
        fresh = f"{100 * row['fresh_chance']:.0f} % ({100 * row['fresh_low']:.0f}–{100 * row['fresh_high']:.0f} %)"
        name = f"{row['package']}{' (cheapest)' if row['cheapest'] else ''}"
        outcome = [f"{row['fresh_revenue']:.0f}", f"{row['fresh_emissions']:,.0f}"]
        gap = f"{100 * row['optimism']:+.0f} points"
        rows.append([name, f"{row['fresh_cost'] / 1e4:.2f}", *outcome, fresh, f"{100 * row['chance']:.0f} %", gap])
    wanted = f"{100 * answer['search']['chance']:.0f} %"
    question = f"Which package of eight levers reaches 400 亿元 with a chance of {wanted} at the least public cost?"
    yield from heading(question, record)
    header = [
        "finalist",
        "cost 2022–25, 亿元",
        "revenue, 亿元",
        "CO2, 万t",
        "chance, fresh seeds (95 %)",
        "in the search",
    ]
    yield from table([*header, "optimism"], rows)
    best = found[found["cheapest"]]
    if len(best):
        yield "The cheapest: " + ", ".join(f"`{name}` {best.iloc[0][name]:g}" for name in answer["levers"]) + "."
    else:
        yield (
            "None of them reaches that chance with fresh seeds: the search has few replicates of each package, and the "
            "levers move the chance less than luck and the unmeasured base do."
        )
    yield ""
    yield figure("front", "Cost, chance, revenue and emissions of packages, with fresh seeds for the finalists")


def strengths(folder: Path, record: Record) -> Iterator[str]:
    """How much revenue differs over the sampled strengths."""
    found = values(folder, REVENUE)
    runs = pd.read_csv(folder / "runs.csv").drop_duplicates("point").set_index("point")
    means = found.mean(axis=1)
    factors = [name for name in runs.columns if name.startswith("policy.")]
    ranks = {name: float(runs[name].rank().corr(means.rank())) for name in factors}
    strongest = sorted(ranks, key=lambda name: -abs(ranks[name]))[:3]
    told = ", ".join(f"`{name}` {ranks[name]:+.2f}" for name in strongest)
    more = f" ({len(found)} points, {found.shape[1]} replicates)"
    yield from heading("How much hangs on strengths that the plan does not name?", record, more)
    yield (
        f"Mean revenue runs from {means.min():.0f} to {means.max():.0f} over the sample; within a point, replicates "
        f"differ by {found.std(axis=1, ddof=1).mean():.0f} (standard deviation). Rank correlations with "
        f"the mean: {told}."
    )


def discover(folder: Path, record: Record) -> Iterator[str]:
    """Under which draws the plan fails, and what is worth knowing."""
    steps = pd.read_csv(folder / "peeling.csv")
    chosen, first = steps[steps["chosen"]].iloc[0], steps.iloc[0]
    box = pd.read_csv(folder / "box.csv")
    limits = "; ".join(
        f"{unknown_name(row['factor'])[1]} {row['from']:.3g} to {row['to']:.3g} (of {row['sample_from']:.3g} to "
        f"{row['sample_to']:.3g})"
        for _, row in box[box["restricted"]].iterrows()
    )
    yield from heading("When does the plan miss 400 亿元, and what is most worth knowing?", record)
    shares = [f"{100 * one['density']:.0f} %" for one in (first, chosen)]
    yield (
        f"{shares[0]} of all replicates stay at or below 400; inside the box {shares[1]}. It holds "
        f"{100 * chosen['mass']:.0f} % of the replicates: {limits or 'no limit'}."
    )
    yield ""
    worth = pd.read_csv(folder / "knowing.csv").sort_values("narrowing", ascending=False).head(MOST_KNOWN)
    rows = [
        [
            f"{unknown_name(row['unknown'])[1]} `{row['unknown']}`",
            f"{100 * row['narrowing']:.0f} % ({100 * row['low']:.0f}–{100 * row['high']:.0f} %)",
            f"{row['rank_correlation']:+.2f}",
            "" if row["told_from_chance"] else "not told from chance",
        ]
        for _, row in worth.iterrows()
    ]
    yield from table(["if this were known", "the 5–95 % band narrows by (95 %)", "rank correlation", ""], rows)
    yield figure("knowing", "Which unknown is most worth knowing")
    yield ""
    yield figure("box", "Where the plan misses the target")


def grid(folder: Path, record: Record) -> Iterator[str]:
    """Two levers against each other."""
    settings = pd.read_csv(folder / "runs.csv").drop_duplicates("point").set_index("point")
    share, price = "policy.retrofit_grant.share", "policy.carbon_price.price"
    yield from heading("What do a larger grant and a higher carbon price do together?", record)
    for name, digits in ((REVENUE, 1), (EMISSIONS, 0)):
        found = values(folder, name)
        shown = settings.assign(mean=found.mean(axis=1)).pivot(index=share, columns=price, values="mean")
        unit = variable_named(name).unit
        yield f"{name.replace('|', ' · ')}, {unit}, mean of {found.shape[1]} replicates:"
        yield ""
        header = ["share of the grant", *(f"{one:g} 元/t" for one in shown.columns)]
        rows = [[f"{one:g}", *(f"{value:,.{digits}f}" for value in line)] for one, line in shown.iterrows()]
        yield from table(header, rows)


def closing(record: Mapping[str, Record]) -> Iterator[str]:
    """How long it took."""
    told = ", ".join(f"{name} {one['seconds']:.0f}" for name, one in record.items())
    loads = [one["load"] for one in record.values()]
    yield f"Seconds, with {min(loads):g} to {max(loads):g} processes waiting for the two cores: {told}."
