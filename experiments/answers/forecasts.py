"""Answers about what will be: the chance of the target, when it is missed, what the plan changes, the sealed folder."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.answers.asking import runs_in
from experiments.answers.parts import REVENUE, YEAR, Record, figure, heading, name_of, number, percent, span, table
from experiments.captions import scenario_title
from experiments.languages import Say
from experiments.questions.unknowns import unknown_name

COMPARED = {
    REVENUE: 1,
    "Revenue|Green Industry|Manufacturing": 1,
    "Emissions|CO2|Industry": 0,
    "Energy Intensity|Industry": 3,
    "Policy Cost|Government": 0,
}
MOST_KNOWN, MOST_MOVES = 8, 6
CLEAR = 0.05  # p-value of a restriction that is told


def run(folder: Path, record: Record, say: Say) -> Iterator[str]:
    """Chance of the target by scenario."""
    summary = pd.read_csv(folder / "summary.csv")
    rows = summary[(summary["variable"] == REVENUE) & (summary["year"] == YEAR)].set_index("scenario")
    odds = pd.read_csv(folder / "base_dependence.csv")
    odds = odds[(odds["scope"] == "plan") & (odds["base"] == "all")].set_index("scenario")
    facts = json.loads((folder / "run.json").read_bytes())["scenarios"][0]
    more = say(f"每个情景重复{facts['replicates']}次", f"{facts['replicates']} replicates of each scenario")
    question = say("2025年绿色产业营收能达到400亿元吗？", "Is 400 亿元 of green revenue reached in 2025?")
    yield from heading(question, record, say, more)
    told = []
    for name, row in rows.iterrows():
        found: Any = odds.loc[str(name)]
        chance, low, high = (float(found[part]) for part in ("p_hit", "p_low", "p_high"))
        band = f"{row['p50']:.0f} ({row['p5']:.0f} … {row['p95']:.0f})"
        told.append([scenario_title(str(name), say), band, f"{percent(chance)} ({percent(low)} … {percent(high)})"])
    header = (
        say("中位数（5%–95%）", "median (5–95 %)"),
        say("达到400的概率（95%区间）", "chance of 400 (95 % interval)"),
    )
    yield from table(["", *header], told)


def discover(folder: Path, record: Record, say: Say) -> Iterator[str]:
    """Under which draws the plan fails, and what is worth knowing."""
    steps = pd.read_csv(folder / "peeling.csv")
    chosen, first = steps[steps["chosen"]].iloc[0], steps.iloc[0]
    question = say(
        "规划在什么条件下达不到400亿元，最值得弄清的是什么？",
        "When does the plan miss 400 亿元, and what is most worth knowing?",
    )
    replicates = runs_in(folder.with_name("draws"))
    more = say(f"规划重复{replicates}次", f"{replicates} replicates of the plan")
    yield from heading(question, record, say, more)
    box = pd.read_csv(folder / "box.csv")
    box = box[box["restricted"]]
    clear = box[box["p_value"] < CLEAR]
    limits = say("；", "; ").join(limit(row, say) for _, row in clear.iterrows())
    shares, mass = [percent(one["density"]) for one in (first, chosen)], percent(chosen["mass"])
    unclear = len(box) - len(clear)
    yield say(
        f"全部重复中{shares[0]}不超过400亿元；在以下条件同时成立的重复中（占全部的{mass}），这一比例为{shares[1]}："
        f"{limits or '没有与偶然可区分的条件'}。"
        + (f"区域另限制了{unclear}个未知量，与偶然无法区分。" if unclear else ""),
        f"{shares[0]} of all replicates stay at or below 400; of those in which all that follows holds ({mass} of "
        f"all), {shares[1]} do: {limits or 'no limit that is told from chance'}."
        + (f" The box also limits {unclear} other unknowns, which is not told from chance." if unclear else ""),
    )
    yield ""
    worth = pd.read_csv(folder / "knowing.csv").sort_values("narrowing", ascending=False).head(MOST_KNOWN)
    rows = [
        [
            f"{say(*unknown_name(row['unknown']))} `{row['unknown']}`",
            f"{percent(row['narrowing'])} ({percent(row['low'])} … {percent(row['high'])})",
            f"{row['rank_correlation']:+.2f}",
            "" if row["told_from_chance"] else say("与偶然无法区分", "not told from chance"),
        ]
        for _, row in worth.iterrows()
    ]
    header = [
        say("若弄清这一项", "if this were known"),
        say("5%–95%区间变窄（95%区间）", "the 5–95 % band narrows by (95 %)"),
        say("秩相关", "rank correlation"),
        "",
    ]
    yield from table(header, rows)
    yield from figure("knowing", "最值得弄清的未知量", "Which unknown is most worth knowing", say)
    yield from figure("box", "规划达不到目标的区域", "Where the plan misses the target", say)


def limit(row: pd.Series, say: Say) -> str:
    """One side, or both, of the box."""
    name = say(*unknown_name(str(row["factor"])))
    low, high = row["from"] > row["sample_from"], row["to"] < row["sample_to"]
    if low and high:
        return f"{name} {number(row['from'])}–{number(row['to'])}"
    return f"{name} {'≥' if low else '≤'} {number(row['from'] if low else row['to'])}"


def compare(folder: Path, record: Record, say: Say) -> Iterator[str]:
    """Differences, what the pairing is worth, and what bound the firms that act differently."""
    found = pd.read_csv(folder / "compare.csv")
    found = found[found["year"] == YEAR].set_index("variable")
    rows = []
    for name, digits in COMPARED.items():
        row: Any = found.loc[name]
        means = [f"{row[side]:,.{digits}f}" for side in ("mean_a", "mean_b")]
        spread = span(row["difference"], row["low"], row["high"], digits)
        times = f"{row['variance_ratio']:.0f}"
        worth = say(f"{times} 倍重复", f"{times} times the replicates")
        rows.append([name_of(name, say), *means, spread, "–" if np.isnan(row["variance_ratio"]) else worth])
    pairs = int(found["replicates"].iloc[0])
    question = say("规划比基准改变了什么？", "What does the plan change against the baseline?")
    yield from heading(question, record, say, say(f"{pairs}对重复", f"{pairs} pairs of replicates"))
    header = ["2025", *(scenario_title(name, say) for name in ("baseline", "plan"))]
    yield from table([*header, say("差（95%）", "difference (95 %)"), say("配对相当于", "pairing is worth")], rows)
    changed = pd.read_csv(folder / "changed_firms.csv", keep_default_na=False)
    acted = changed[changed["change"] != "sales"]
    moved = acted[acted["reason_a"] != acted["reason_b"]]
    moved = moved.assign(told=moved["reason_a"].map("`{}`".format) + " → " + moved["reason_b"].map("`{}`".format))
    pairs_of = moved.groupby("told")["weight"].sum().sort_values(ascending=False).head(MOST_MOVES)
    told = say("、", ", ").join(f"{name} {firms:,.0f}" for name, firms in pairs_of.items())
    firms = f"{acted['weight'].sum():,.0f}"
    yield say(
        f"在第0次重复中，{len(acted)}行企业的行为不同，代表{firms}家。首次出现差别的那一年，"
        f"约束它们的是（基准 → 规划，家数）：{told}。`none`：已行动；`absent`：不在场。",
        f"In replicate 0, {len(acted)} rows act differently and stand for {firms} firms. What bound them, baseline → "
        f"plan, in the first year that differs (firms): {told}. `none`: acted; `absent`: not there.",
    )
    yield ""
    yield from figure("revenue_difference", "绿色产业营收，规划减基准", "Green revenue, plan less baseline", say)


def verify(folder: Path, record: Record, say: Say) -> Iterator[str]:
    """The folder of the first answer, sealed, and what came of checking it."""
    said = [folder.with_name(f"{name}.txt").read_text(encoding="utf-8").strip() for name in ("publish", "verify")]
    yield from heading(say("结果能重新得到吗？", "Do the results come again?"), record, say)
    yield say(
        "第一个问题的结果目录已封存（[封存清单](answers/publish/seal.json)：每个文件的SHA-256），附"
        "[数据字典](answers/publish/DICTIONARY.md)、[方法](answers/publish/METHODS.md)与可离线打开、可打印的"
        "[简报](answers/publish/report.html)。封存与核验的输出：",
        "The folder of the first question is sealed ([seal](answers/publish/seal.json): SHA-256 of every file) with a "
        "[data dictionary](answers/publish/DICTIONARY.md), the [methods](answers/publish/METHODS.md) and a "
        "[brief](answers/publish/report.html) that opens offline and prints. Sealing and checking said:",
    )
    yield ""
    yield from ("```", *"\n".join(said).splitlines(), "```", "")
