"""Answers about what to do: the cheapest package, strengths that the plan does not name, two levers together."""

import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from experiments.answers.parts import (
    COST,
    EMISSIONS,
    REVENUE,
    TARGET,
    Record,
    figure,
    heading,
    name_of,
    number,
    paired,
    percent,
    settings,
    span,
    table,
    values,
)
from experiments.commands_sensitivity import factor_name
from experiments.languages import Say

SHARE, PRICE = "policy.retrofit_grant.share", "policy.carbon_price.price"
WAN_PER_YI = 1e4


def search(folder: Path, record: Record, say: Say) -> Iterator[str]:
    """The finalists, and how hopeful the search was."""
    answer = json.loads((folder / "answer.json").read_bytes())
    found = pd.read_csv(folder / "finalists.csv").sort_values("fresh_cost", kind="stable")
    tried, wanted = len(pd.read_csv(folder / "packages.csv")), percent(answer["search"]["chance"])
    rows = []
    for _, row in found.iterrows():
        ends = f"{percent(row['fresh_low'])} … {percent(row['fresh_high'])}"
        mark = say("（最省）", " (cheapest)") if row["cheapest"] else ""
        outcome = [f"{row['fresh_revenue']:.0f}", f"{row['fresh_emissions']:,.0f}"]
        gap = say("{:+.0f}个百分点", "{:+.0f} points").format(100 * row["optimism"])
        chances = [f"{percent(row['fresh_chance'])} ({ends})", percent(row["chance"]), gap]
        rows.append([f"{row['package']}{mark}", f"{row['fresh_cost'] / WAN_PER_YI:.2f}", *outcome, *chances])
    question = say(
        f"哪个政策组合以{wanted}的概率达到400亿元，而公共支出最少？",
        f"Which package reaches 400 亿元 with a chance of {wanted} at the least public cost?",
    )
    fresh = answer["search"]["fresh"]
    more = say(
        f"试过{tried}个组合，{len(found)}个决赛组合换新种子各重复{fresh}次",
        f"{tried} packages tried, {len(found)} finalists with {fresh} replicates of fresh seeds",
    )
    yield from heading(question, record, say, more)
    header = [
        say("决赛组合", "finalist"),
        say("2022–25年支出，亿元", "cost 2022–25, 亿元"),
        say("营收，亿元", "revenue, 亿元"),
        say("CO2，万t", "CO2, 万t"),
        say("新种子下的概率（95%）", "chance, fresh seeds (95 %)"),
        say("搜索时", "in the search"),
        say("乐观差", "optimism"),
    ]
    yield from table(header, rows)
    best = found[found["cheapest"]]
    if len(best):
        tried_of = pd.read_csv(folder / "packages.csv")[answer["levers"]]
        told = [
            [lever(str(name), say), number(best.iloc[0][name]), f"{number(one.min())} … {number(one.max())}"]
            for name, one in tried_of.items()
        ]
        yield from table([say("最省的组合", "the cheapest"), say("取值", "value"), say("试过", "tried")], told)
    else:
        yield say(
            "没有一个在新种子下达到该概率：这些杠杆对概率的影响小于运气与未测基数。",
            "None of them reaches that chance with fresh seeds: the levers move the chance less than luck and the "
            "unmeasured base do.",
        )
    yield ""
    words = "各组合的费用、概率、营收与排放", "Cost, chance, revenue and emissions of packages"
    yield from figure("front", *words, say)


def lever(name: str, say: Say) -> str:
    """A lever for readers, with its key."""
    return f"{say(*factor_name(name))} `{name}`"


def strengths(folder: Path, record: Record, say: Say) -> Iterator[str]:
    """How much revenue and the chance differ over the sampled strengths."""
    found = values(folder, REVENUE)
    points, means, chances = settings(folder), found.mean(axis=1), (found >= TARGET).mean(axis=1)
    factors = [name for name in points.columns if name.startswith("policy.")]
    ranks = {name: float(points[name].rank().corr(means.rank())) for name in factors}
    question = say("规划未写明的力度，影响有多大？", "How much hangs on strengths that the plan does not name?")
    more = say(
        f"{len(found)}个点，每点重复{found.shape[1]}次", f"{len(found)} points, {found.shape[1]} replicates of each"
    )
    yield from heading(question, record, say, more)
    low, high, luck = means.min(), means.max(), found.std(axis=1, ddof=1).mean()
    yield say(
        f"各点的平均营收为{low:.0f}–{high:.0f}亿元，达到400亿元的概率为{percent(chances.min())}–{percent(chances.max())}；"
        f"同一点内各重复相差{luck:.0f}亿元（标准差）。与平均营收的秩相关：",
        f"Mean revenue runs from {low:.0f} to {high:.0f} 亿元 over the sample and the chance of 400 from "
        f"{percent(chances.min())} to {percent(chances.max())}; within a point, replicates differ by {luck:.0f} "
        "(standard deviation). Rank correlations with the mean revenue:",
    )
    yield ""
    rows = [
        [
            lever(name, say),
            f"{number(points[name].min())} … {number(points[name].max())}",
            f"{ranks[name]:+.2f}",
        ]
        for name in sorted(ranks, key=lambda name: -abs(ranks[name]))
    ]
    yield from table([say("力度", "strength"), say("取值", "values"), say("秩相关", "rank correlation")], rows)


def grid(folder: Path, record: Record, say: Say) -> Iterator[str]:
    """Two levers against each other, as differences to the smallest of both."""
    points = settings(folder)
    least = int(points.sort_values([SHARE, PRICE]).index[0])
    found = values(folder, REVENUE)
    question = say(
        "提高技改补助与碳价，合起来有什么作用？", "What do a larger grant and a higher carbon price do together?"
    )
    more = say(f"每点重复{found.shape[1]}次，配对", f"{found.shape[1]} replicates of each, paired")
    yield from heading(question, record, say, more)
    prices = sorted(points[PRICE].unique())
    for name, digits in ((REVENUE, 2), (EMISSIONS, 2), (COST, 0)):
        found = values(folder, name)
        yield say(
            f"{name_of(name, say)}：左上角为均值，其余为与之之差（95%）",
            f"{name_of(name, say)}: the mean in the first cell, elsewhere the difference to it (95 %)",
        )
        yield ""
        rows = []
        for share, line in points.sort_values(PRICE).groupby(SHARE):
            cells = [
                f"{found.loc[least].mean():,.{digits}f}"
                if point == least
                else span(*paired(found, point, least), digits)
                for point in line.index
            ]
            rows.append([f"{share:g}", *cells])
        yield from table([say("补助比例", "share of the grant"), *(f"{price:g} 元/t" for price in prices)], rows)
