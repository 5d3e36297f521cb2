"""docs/validation.md and its Chinese twin: what was fitted, how well, what failed, and how wide the honest band is.

Every number on them is read from files that commands left: the posterior's record, the patterns, the ablation and the
newest frozen forecast. `python -m experiments.validation_page` writes both anew.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.figures.ablation import FACTOR_NAMES, mechanism_name
from experiments.figures.patterns import VERDICTS, written
from experiments.languages import LANGUAGES, Language, Say, speaker
from experiments.scoring.frozen import Frozen, newest, read_frozen
from experiments.scoring.scored import Floats
from experiments.structure.ablation import FULL, MANUFACTURING, PLAN, TARGET, YEAR
from sim.configuration.declarations import root_folder
from sim.configuration.parameters import load_declarations
from sim.configuration.tables import load_table

FILES: dict[Language, str] = {"en": "validation.md", "zh": "validation.zh.md"}
MOST = 6  # mechanisms that are named
UNCONDITIONAL = "as_of_2021"


def write_pages(docs: Path) -> list[Path]:
    """Write both pages into the folder of the documentation."""
    places = []
    for language in LANGUAGES:
        place = docs / FILES[language]
        place.write_text(page(docs, language), encoding="utf-8")
        places.append(place)
    return places


def page(docs: Path, language: Language) -> str:
    """The page in one language, from what lies in docs/ and configs/."""
    say = speaker(language)
    frozen = read_frozen(newest())
    patterns, ablation, variance = (pd.read_csv(docs / f"{name}.csv") for name in ("patterns", "ablation", "variance"))
    parts = [
        f"# {say('检验：预测凭什么可信，在哪里不可信', 'Validation: why to believe the forecast, and where not to')}",
        in_short(frozen, patterns, say),
        f"## {say('拟合了什么，拟合得怎样', 'What was fitted, and how well')}",
        fitted(ablation, say),
        f"## {say('没有告诉它的，它是否显现', 'What it was not told')}",
        not_told(patterns, say),
        f"![]({'figures/patterns.' + language + '.png'})",
        f"## {say('预测依赖什么，带宽从何而来', 'What the forecast rests on, and what makes its band')}",
        rests_on(ablation, variance, say),
        f"![]({'figures/ablation.' + language + '.png'})",
        f"## {say('诚实的区间有多宽', 'How wide the honest band is')}",
        band(frozen, variance, say),
        f"## {say('怎样接受评判', 'How it will be judged')}",
        judged(frozen, say),
        f"![]({'forecasts/' + frozen.folder.name + '/figures/frozen.' + language + '.png'})",
        f"## {say('什么不能由此相信', 'What none of this shows')}",
        limits(say),
    ]
    return "\n\n".join(parts) + "\n"


def values_of(frozen: Frozen, variable: str) -> Floats:
    """Replicates of the target year as of 2021."""
    return frozen.replicates(UNCONDITIONAL, variable, YEAR)


def revenue(values: Floats) -> str:
    """Median and 90 % band."""
    low, middle, high = pd.Series(values).quantile([0.05, 0.5, 0.95])
    return f"{middle:.0f} ({low:.0f}–{high:.0f})"


def chance(values: Floats) -> str:
    """Share of replicates that reach the target."""
    return f"{100 * float((values >= TARGET).mean()):.0f} %"


def in_short(frozen: Frozen, patterns: pd.DataFrame, say: Say) -> str:
    """The page in a paragraph."""
    plan, scope = values_of(frozen, PLAN), values_of(frozen, MANUFACTURING)
    held, n = int((patterns["verdict"] == "holds").sum()), len(patterns)
    replicates = len(plan)
    return say(
        f"{frozen.frozen_on}冻结的预测（情景 `plan`，{replicates}次重复，只知2021年）：{YEAR}年绿色产业营收规划口径 "
        f"{revenue(plan)} 亿元，达到{TARGET:g}亿元的概率 {chance(plan)}；制造业口径 {revenue(scope)} 亿元，"
        f"{chance(scope)}。"
        f"未参与拟合的{n}条规律中{held}条成立。2021年以后的任何事实都没有进入这一预测，所以预测的好坏尚未得知。",
        f"The forecast frozen on {frozen.frozen_on} (scenario `plan`, {replicates} replicates, as of 2021): revenue of "
        f"green industry in {YEAR} of {revenue(plan)} 亿元 in the scope of the plan, with a chance of "
        f"{chance(plan)} of "
        f"{TARGET:g}; {revenue(scope)} 亿元 in manufacturing alone, {chance(scope)}. Of {n} patterns that nothing was "
        f"fitted to, {held} hold. No fact after 2021 has entered that forecast, so how good the forecast is nobody "
        "knows yet.",
    )


def fitted(ablation: pd.DataFrame, say: Say) -> str:
    """What the posterior says of itself, or that there is none; the fit to 2021."""
    full = ablation[ablation["mechanism"] == FULL].iloc[0]
    n, met = int(full["facts_2021"]), int(full["met_2021"])
    fit = say(
        f"在{n}个并非按构造相符、由变量给出的2021年事实中，模拟中位数有{met}个落在容差之内，平均相差 "
        f"{100 * full['misfit_2021']:.0f}%（占两者较大者）。2021年五个制造业集群的营收与0.616等总量按构造相符，"
        "什么也不证明。",
        f"Of {n} facts of 2021 that are not met by construction and that variables tell, simulated medians meet "
        f"{met} within "
        f"tolerance; on average they are {100 * full['misfit_2021']:.0f} % apart, of the larger of both. Revenue "
        "of the "
        "five clusters of manufacturing and totals such as 0.616 are met by construction and prove nothing.",
    )
    record = posterior_record()
    if record is None:
        prior = say("目前没有后验，参数取自先验。", "There is no posterior at present: parameters come from priors.")
        return f"{prior} {fit}"
    kept, left = identified(record), left_to_priors(record)
    link = say("[校准](calibration.zh.md)", "[calibration](calibration.md)")
    told = say(
        f"见{link}：{record['day']}用2021年及以前的事实估计；数据能识别的参数为 {names(kept, say)}；"
        f"{'数据不能识别、因而保留先验的为 ' + names(left, say) + '；' if left else ''}其余参数从未估计，"
        "以先验进入每一次预测。",
        f"See {link}: estimated on {record['day']} from facts of 2021 and before. The data identify "
        f"{names(kept, say)}; "
        f"{'they cannot identify ' + names(left, say) + ', which keep their priors; ' if left else ''}all other "
        "parameters were never estimated and enter every forecast with their priors.",
    )
    return f"{told} {fit}"


def posterior_record() -> dict[str, Any] | None:
    """The record that `lvjin calibrate` leaves beside the posterior; None where there is none."""
    place = root_folder(None) / "posterior.json"
    return dict(json.loads(place.read_bytes())) if place.exists() else None


def identified(record: dict[str, Any]) -> list[str]:
    """Keys that the posterior holds."""
    with (root_folder(None) / "posterior.csv").open(encoding="utf-8") as file:
        return file.readline().strip().split(",")


def left_to_priors(record: dict[str, Any]) -> list[str]:
    """Keys that were tried and not identified."""
    return [str(one["key"]) for one in record["parameters"] if one["key"] not in identified(record)]


def names(keys: Sequence[str], say: Say) -> str:
    """Names of parameters."""
    declared = load_declarations()
    told = [say(declared[key].name_zh, declared[key].name_en.lower()) for key in keys]
    return say("、".join(told), ", ".join(told)) if told else say("无", "nothing")


def not_told(patterns: pd.DataFrame, say: Say) -> str:
    """Patterns by verdict; those that fail with their numbers."""
    words = load_table("patterns").set_index("pattern")

    def listed(verdict: str, with_numbers: bool) -> str:
        found = []
        for row in patterns[patterns["verdict"] == verdict].to_dict("records"):
            name = say(str(words.loc[row["pattern"], "name_zh"]), str(words.loc[row["pattern"], "name_en"]).lower())
            numbers = f"{written(row['median'])}; {written(row['low'])} … {written(row['high'])}"
            found.append(f"{name} ({numbers})" if with_numbers else name)
        return say("、".join(found), ", ".join(found)) or say("无", "none")

    lines = [
        f"- **{say(*VERDICTS['holds'])}**: {listed('holds', False)}.",
        f"- **{say(*VERDICTS['fails'])}** {say('（统计量；区间）', '(statistic; band)')}: {listed('fails', True)}.",
        f"- **{say(*VERDICTS['null_too'])}**: {listed('null_too', True)}.",
    ]
    lead = say(
        "见[规律](patterns.md)：每条有统计量、来源、事先设定的区间和一个必须不满足它的零模型；"
        "区间先于任何计算提交，没有为任何一条调整过模型。",
        "See [patterns](patterns.md): each has a statistic, a source, a band that was set beforehand and a null "
        "model that "
        "has to fail it. The bands were committed before anything was computed, and nothing was tuned to any of them.",
    )
    return lead + "\n\n" + "\n".join(lines)


def rests_on(ablation: pd.DataFrame, variance: pd.DataFrame, say: Say) -> str:
    """The mechanisms that move revenue most, and the sources of the width."""
    rest = ablation[ablation["mechanism"] != FULL]
    strongest = rest.reindex(rest["difference"].abs().sort_values(ascending=False).index).head(MOST)
    told = [
        f"{mechanism_name(str(row['mechanism']), say)} {row['difference']:+.0f} ({row['low']:+.0f} … "
        f"{row['high']:+.0f})"
        for row in strongest.to_dict("records")
    ]
    shares = [
        f"{say(*FACTOR_NAMES[row['factor']])} {100 * row['total']:.0f} % "
        f"({100 * row['total_low']:.0f}–{100 * row['total_high']:.0f})"
        for row in variance.sort_values("total", ascending=False).to_dict("records")
    ]
    return say(
        f"见[消融](ablation.md)。关闭后{YEAR}年营收（规划口径，亿元，成对，90%区间）变动最大的机制：{'；'.join(told)}。"
        f"方差来源（含交互，90%区间）：{'；'.join(shares)}。",
        f"See [ablation](ablation.md). Mechanisms whose absence moves revenue of {YEAR} most (scope of the plan, 亿元, "
        f"paired, 90 % interval): {'; '.join(told)}. Sources of variance with interactions (90 % interval): "
        f"{'; '.join(shares)}.",
    )


def band(frozen: Frozen, variance: pd.DataFrame, say: Say) -> str:
    """The width in numbers, and what it leaves out."""
    plan = pd.Series(values_of(frozen, PLAN))
    low, high = plan.quantile([0.05, 0.95])
    rival = frozen.rivals[(frozen.rivals["variable"] == PLAN) & (frozen.rivals["year"] == YEAR)]
    chosen = rival[rival["chosen"].astype(str).str.lower() == "true"].iloc[0]
    structure = variance[variance["factor"] == "structure"].iloc[0]
    return say(
        f"规划口径{YEAR}年的90%区间宽 {high - low:.0f} 亿元，为中位数的 {100 * (high - low) / plan.median():.0f}%。"
        "它含先验与后验、"
        f"合成总体与运气，不含模型结构：{int(structure['levels'])}种结构之间的差别占交叉设计方差的 "
        f"{100 * structure['total']:.0f}%，"
        "而结构由本项目列出，不是抽样。"
        f"只看公布数的朴素对手（{chosen['rival']}）给出 {chosen['p50']:.0f} ({chosen['p5']:.0f}–{chosen['p95']:.0f})。"
        "制造业以外四个集群2021年的基数从未测量，取自先验；规划口径的概率须以它为条件来读。",
        f"The 90 % band of {YEAR} in the scope of the plan is {high - low:.0f} 亿元 wide, "
        f"{100 * (high - low) / plan.median():.0f} % of its median. It holds priors and posterior, populations and "
        "luck, "
        f"and leaves out the structure of the model: the {int(structure['levels'])} structures that were compared "
        "carry "
        f"{100 * structure['total']:.0f} % of the variance of the crossed design, and they are a list, no sample. The "
        f"naive rival that looks at published numbers alone ({chosen['rival']}) says {chosen['p50']:.0f} "
        f"({chosen['p5']:.0f}–{chosen['p95']:.0f}). The base of the four clusters outside manufacturing was never "
        "measured "
        "and comes from a prior: read the chance in the scope of the plan given that base.",
    )


def judged(frozen: Frozen, say: Say) -> str:
    """Where the frozen forecast lies and what will be done with it."""
    count, seal = frozen.forecast["variable"].nunique(), frozen.sha256[:12]
    folder = f"forecasts/{frozen.folder.name}"
    return say(
        f"[`docs/{folder}`]({folder}/frozen.csv) 冻结了{count}个变量2022—2025年的预测（无条件与有条件各一），"
        "连同朴素对手，"
        f"摘要 `{seal}…`。待事实公布，`lvjin score FACTS.csv` 给出CRPS、相对于按2021年前数据挑选的对手的技巧、"
        "50%与90%区间的覆盖率、"
        "偏差与方向，均带自助区间，并给出等级：A 优于对手；B 与事实相符但不更优；C 只可用于解释。"
        "2021年及以前的事实会被拒收。",
        f"[`docs/{folder}`]({folder}/frozen.csv) holds the forecast of {count} variables for 2022 to 2025, once "
        f"unconditional and once conditional, with naive rivals beside it, sealed as `{seal}…`. When facts come, "
        "`lvjin score FACTS.csv` gives CRPS, skill against the rival that was chosen on data up to 2021, coverage "
        "of the "
        "50 and 90 % bands, bias and sign of change, with bootstrap intervals, and a level: A better than the "
        "rivals, B "
        "consistent but not superior, C explanatory only. Facts up to 2021 are refused.",
    )


def limits(say: Say) -> str:
    """What readers should not conclude."""
    lines = [
        say(
            "没有找到2021年以后绿色产业营收的任何公布数，因此总目标400亿元可能永远不能直接评分，只能评分其组成与旁证。",
            "No published number of green revenue after 2021 was found, so the headline of 400 may never be scored "
            "directly; its parts and witnesses can be.",
        ),
        say(
            "很多区级变量没有2021年以前的公布数，其对手从模拟的2021年出发，因而并不独立于模型。",
            "Many variables of the district were never published up to 2021: their rivals start from the simulated "
            "2021 "
            "and so are not independent of the model.",
        ),
        say(
            "用来挑选对手的序列很短；「证书」一类只有两次回测。",
            "Series on which rivals are chosen are short; for certificates there are two back-tests.",
        ),
        say(
            "规则中已写入数值的规律（**）只说明没有什么在途中毁掉它。",
            "A pattern whose number the rules were told (**) shows only that nothing destroyed it on the way.",
        ),
        say(
            "指标中由先验给定的部分（水电、市政工程、其余服务业）不是模型的预测，评分时也会计入。",
            "Parts of indicators that are priors (hydropower, public works, other services) are no forecast of the "
            "model, "
            "yet count in its scores.",
        ),
    ]
    return "\n".join(f"- {line}" for line in lines)


if __name__ == "__main__":
    for written_page in write_pages(root_folder(None).parent / "docs"):
        print(written_page)
