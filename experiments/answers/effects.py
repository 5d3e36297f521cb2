"""Answers about why: mechanisms, chapters of the plan, assumptions."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.answers.parts import REVENUE, Record, figure, heading, paired, span, table, values
from experiments.commands_sensitivity import factor_name
from experiments.comparing.differences import half_width
from experiments.languages import Say
from experiments.questions.groups import TITLES

MECHANISMS = {  # first of two points in configs/designs/mechanisms_off.yaml: baseline, then plan
    0: ("全部机制", "all mechanisms"),
    2: ("没有信贷", "without lending"),
    4: ("没有同行影响", "without peers"),
    6: ("没有产品转型", "without conversion"),
    8: ("没有新企业", "without arrivals"),
}
MOST_INTERACTIONS = 3


def mechanisms(folder: Path, record: Record, say: Say) -> Iterator[str]:
    """The effect of the plan with a mechanism switched off."""
    found = values(folder, REVENUE)
    of = {point: found.loc[point].to_numpy(np.float64) for point in found.index}
    effects = {point: of[point + 1] - of[point] for point in MECHANISMS}
    rows = []
    for point, words in MECHANISMS.items():
        means = [f"{found.loc[one].mean():.1f}" for one in (point, point + 1)]
        lost = effects[point] - effects[0]
        mean, half = float(lost.mean()), float(half_width(lost[:, None])[0])
        less = span(mean, mean - half, mean + half) if point else ""
        rows.append([say(*words), *means, span(*paired(found, point + 1, point)), less])
    question = say("没有某个机制，规划的效果还剩多少？", "What is left of the effect of the plan without a mechanism?")
    more = say(f"每点重复{found.shape[1]}次，配对", f"{found.shape[1]} replicates of each, paired")
    yield from heading(question, record, say, more)
    header = [
        say("绿色产业营收，亿元", "green revenue, 亿元"),
        say("基准", "baseline"),
        say("规划", "plan"),
        say("规划的效果（95%）", "effect of the plan (95 %)"),
        say("比全部机制时（95%）", "less that with all (95 %)"),
    ]
    yield from table(header, rows)


def attribute(folder: Path, record: Record, say: Say) -> Iterator[str]:
    """Shapley shares by chapter."""
    found = pd.read_csv(folder / "shares.csv", dtype={"player": str})
    found = found.reindex(found["share"].abs().sort_values(ascending=False).index)
    rows = []
    for _, row in found.iterrows():
        title = say(*TITLES.get(str(row["player"]), (str(row["player"]),) * 2))
        spread = span(row["share"], row["low"], row["high"], 2)
        rows.append([title, spread, f"{100 * row['part']:.0f} %", f"{row['alone']:+.2f}", f"{row['last']:+.2f}"])
    rows.append([say("合计", "all"), f"{found['share'].sum():+.2f}", "100 %", "", ""])
    question = say(
        "规划对绿色产业营收的效果由哪些章节带来？", "Which chapters of the plan carry its effect on green revenue?"
    )
    yield from heading(question, record, say, say("章节的全部组合", "every coalition of chapters"))
    header = [
        say("章节", "chapter"),
        say("Shapley份额，亿元（95%）", "Shapley share, 亿元 (95 %)"),
        say("占效果", "of the effect"),
        say("单独", "alone"),
        say("最后", "last"),
    ]
    yield from table(header, rows)
    pairs = pd.read_csv(folder / "interactions.csv", dtype={"player_a": str, "player_b": str})
    pairs = pairs.reindex(pairs["interaction"].abs().sort_values(ascending=False).index).head(MOST_INTERACTIONS)
    told = say("；", "; ").join(
        say("第{}章与第{}章", "chapters {} and {}").format(row["player_a"], row["player_b"])
        + f" {span(row['interaction'], row['low'], row['high'], 2)}"
        for _, row in pairs.iterrows()
    )
    yield say(f"最强的交互：{told}。", f"Strongest interactions: {told}.")
    yield ""
    yield from figure("shares", "各章节在规划效果中的份额", "Shares of the chapters in the effect of the plan", say)


def sensitivity(folder: Path, record: Record, say: Say) -> Iterator[str]:
    """Effects of assumptions, and Sobol indices of the strongest."""
    effects = pd.read_csv(folder / "effects.csv").sort_values("strength", ascending=False)
    indices = pd.read_csv(folder / "indices.csv").set_index("factor")
    rows = []
    for _, row in effects.iterrows():
        shares = ["", ""]
        if row["factor"] in indices.index:
            one = indices.loc[row["factor"]]
            shares = [span(one[name], one[f"{name}_low"], one[f"{name}_high"], 2, "") for name in ("first", "total")]
        unclear = "" if row["told_from_luck"] else say("（与运气无法区分）", " (not told from luck)")
        name = f"{say(*factor_name(row['factor']))} `{row['factor']}`{unclear}"
        strength = span(row["strength"], row["low"], row["high"], 2, "")
        rows.append([name, strength, f"{row['mean']:+.2f}", f"{row['luck']:.2f}", *shares])
    points = record["command"].split("--size ")[1].split()[0]
    question = say("哪些假设影响2025年的绿色产业营收？", "Which assumptions move green revenue in 2025?")
    more = say(
        f"其余参数取中值；Morris筛选后，对最强的几项作{points}点的Sobol分解",
        f"other parameters central; Morris screening, then Sobol indices of the strongest with {points} points",
    )
    yield from heading(question, record, say, more)
    header = [
        say("假设，在其先验范围内变动", "assumption, over its prior range"),
        say("μ*，亿元（95%）", "μ*, 亿元 (95 %)"),
        "μ",
        say("仅因运气", "luck alone"),
        say("Sobol单独（95%）", "Sobol alone (95 %)"),
        say("含交互（95%）", "with interactions (95 %)"),
    ]
    yield from table(header, rows)
    left = percent_of_luck(indices)
    yield say(
        f"Sobol指数为所示因素同时变动时的方差份额，其中运气占{left}；含抽样误差，故各份额之和可略异于1。",
        f"Sobol indices are shares of the variance when the factors shown vary together; luck is {left} of it. They "
        "carry the error of the sample, so that their sum may differ a little from 1.",
    )
    yield ""
    yield from figure("sensitivity", "哪些假设影响绿色产业营收", "Which assumptions move green revenue", say)


def percent_of_luck(indices: pd.DataFrame) -> str:
    """What luck makes of the variance."""
    return f"{100 * indices['luck_share'].iloc[0]:.1f} %"
