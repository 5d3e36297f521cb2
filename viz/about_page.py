"""The page About: what the model can and cannot say, on what it rests, and how it was run."""

from collections import Counter
from typing import Any

import pandas as pd
import solara

from experiments.languages import Say, inside
from experiments.results import declared_target
from sim.configuration.declarations import root_folder
from sim.configuration.parameters import load_declarations
from sim.configuration.tables import load_table
from sim.results.provenance import version
from sim.scenario import Scenario
from viz import widgets
from viz.cards import EVIDENCE


@solara.component
def About(scenario: Scenario, replicates: int, populations: int, say: Say) -> None:
    """The page."""
    parts = solara.use_memo(lambda: texts(scenario, replicates, populations, say), [scenario.digest(), say("zh", "en")])
    with solara.Div(classes=["lv-panel"]):
        widgets.Text(parts=parts)


def texts(scenario: Scenario, replicates: int, populations: int, say: Say) -> list[dict[str, Any]]:
    """The sections of the page."""
    return [
        purpose(say),
        can_say(say),
        cannot_say(say),
        scopes(say),
        run_facts(scenario, replicates, populations, say),
        tests(say),
        evidence(say),
        sources(say),
    ]


def purpose(say: Say) -> dict[str, Any]:
    """What it is."""
    zh = (
        "绿津是重庆市江津区绿色产业的多主体模型：数千家（合成）企业逐季决定改造、扩产、转向绿色产品或放弃，"
        "银行放贷，区里发放补助直至资金用完，市场自行变化。"
    )
    en = (
        "Lvjin is an agent-based model of the green industry of Jiangjin District, Chongqing: thousands of "
        "synthetic firms "
        "decide quarter by quarter to retrofit, expand, turn to greener products or give up; banks lend, the "
        "district pays "
        "grants until the purse is empty, and markets move on their own."
    )
    return {"title": say("这是什么", "What this is"), "lines": [say(zh, en)]}


def can_say(say: Say) -> dict[str, Any]:
    """What may be read from it."""
    target = declared_target()
    return {
        "title": say("可以回答", "What it can say"),
        "points": [
            say(
                f"在给定政策下，{target.year}年绿色产业营收的分布，及达到{target.value:g}亿元的概率。",
                f"How revenue of green industry may be distributed in {target.year} under given policies, and the "
                f"chance of {target.value:g} 亿元.",
            ),
            say(
                "两种政策之差：各次重复使用同样的企业、参数与运气，差别只来自政策。",
                "The difference between two settings: every replicate meets the same firms, numbers and luck, so "
                "the difference is the policy.",
            ),
            say("政策花费区财政多少，用在哪些项目。", "What a setting costs the district, and for which programme."),
        ],
    }


def cannot_say(say: Say) -> dict[str, Any]:
    """What must not be read from it."""
    return {
        "title": say("不能回答", "What it cannot say"),
        "points": [
            say(
                "某一家真实企业会怎样：企业是合成的，只有少数公开记录所载的大企业单列，规模为估计。",
                "What a single real firm will do: firms are synthetic, save a few large plants named by public "
                "records, whose sizes are judged.",
            ),
            say(
                "没有参数描述的意外：新法律、重大停产、战争。区间不包含这些。",
                "What no parameter describes: a new law, a closed plant, a war. Bands do not contain these.",
            ),
            say(
                "生态农林、生态旅游、绿色服务与循环经济在2021年的营收从未公布，取自宽先验；规划口径的大部分不确定性来自于此。",
                "What ecological farming, eco-tourism, green services and the circular economy earned in 2021 "
                "was never published and comes from a wide prior; most of the spread in the plan's scope is this.",
            ),
            say(
                "规划列出措施而很少给出资金；各项政策力度多为假设，见每个杠杆的依据。",
                "The plan names measures and hardly any money; most strengths are assumed: see the evidence of "
                "each lever.",
            ),
            say(
                "2021年以后的事实模型一概不知（规划文本除外）。",
                "Nothing after 2021 is known to the model, except the text of the plan.",
            ),
        ],
    }


def scopes(say: Say) -> dict[str, Any]:
    """The two scopes and the price base."""
    return {
        "title": say("口径与价格", "Scope and prices"),
        "points": [
            say(
                "规划的400亿元是全部绿色产业（九个集群）的营收；2021年的200亿元是绿色制造业（五个集群）的产值，二者口径不同，须并列查看。",
                "The plan's 400 亿元 are revenue of all green industry (nine clusters); the 200 of 2021 are output "
                "of green manufacturing (five). They differ and are shown side by side.",
            ),
            say(
                "营收为现价、不含增值税；2021年按集群对齐至公布值或先验，这是对齐，不是验证。",
                "Revenue is at current prices, net of VAT. 2021 is aligned by cluster to published or drawn "
                "values: alignment, not validation.",
            ),
            say("1 亿元 = 1 亿人民币；1 万元 = 一万人民币。", "1 亿元 = 100 million yuan; 1 万元 = 10 thousand yuan."),
        ],
    }


def run_facts(scenario: Scenario, replicates: int, populations: int, say: Say) -> dict[str, Any]:
    """How the shown numbers were made."""
    parameters = {
        "prior": say("取自先验", "drawn from priors"),
        "posterior": say("取自后验", "drawn from the posterior"),
        "central": say("取中值", "central values"),
    }
    return {
        "title": say("本页如何计算", "How the numbers here are made"),
        "facts": [
            [say("企业行数", "Firms"), f"{scenario.firms:,}"],
            [say("重复次数", "Replicates"), str(replicates)],
            [say("合成总体", "Populations"), str(populations)],
            [say("参数", "Parameters"), parameters[scenario.parameters]],
            [say("种子", "Seed"), str(scenario.seed)],
            [say("版本", "Version"), f"Lvjin {version()}"],
            [say("参数文件指纹", "Hash of the declared parameters"), scenario.declarations.digest()[:16]],
        ],
    }


def tests(say: Say) -> dict[str, Any]:
    """What the model was not told and does, or does not, get right; see docs/patterns.md."""
    title = say("检验结果", "How it was tested")
    path = root_folder().parent / "docs" / "patterns.csv"
    unknown = say(
        "2021年以后的事实没有进入预测，所以预测的好坏尚未得知。",
        "No fact after 2021 has entered the forecast, so how good its forecast is nobody knows yet.",
    )
    if not path.is_file():
        return {"title": title, "points": [unknown]}
    found, words = pd.read_csv(path), load_table("patterns").set_index("pattern")

    def listed(verdict: str) -> str:
        rows = words.loc[found.loc[found["verdict"] == verdict, "pattern"]]
        names = rows["name_zh"] if say("zh", "en") == "zh" else rows["name_en"].map(inside)
        return say("；", "; ").join(names.astype(str)) or say("无", "none")

    held = int((found["verdict"] == "holds").sum())
    lead = say(
        f"未参与拟合的{len(found)}条规律中{held}条成立，区间在计算之前就已设定。",
        f"Of {len(found)} patterns that nothing was fitted to, {held} hold; bands were set before anything was run.",
    )
    points = [lead, f"{say('成立', 'They hold')}{say('：', ': ')}{listed('holds')}{say('。', '.')}"]
    points.append(f"{say('不成立', 'They fail')}{say('：', ': ')}{listed('fails')}{say('。', '.')}")
    return {"title": title, "points": [*points, unknown]}


def evidence(say: Say) -> dict[str, Any]:
    """How many parameters rest on what."""
    counted = Counter(entry.evidence for entry in load_declarations().values())
    facts = [[say(*EVIDENCE[kind]), str(counted[kind])] for kind in EVIDENCE if counted[kind]]
    return {"title": say("参数的依据", "What the parameters rest on"), "facts": facts}


def sources(say: Say) -> dict[str, Any]:
    """All sources that a parameter names."""
    declarations = load_declarations()
    used = sorted({key for entry in declarations.values() for key in entry.source})
    found = [declarations.sources[key] for key in used]
    points = [
        say("，", ", ").join(
            filter(None, (say(one.title, one.title_en or one.title), one.publisher, str(one.year or "")))
        )
        for one in found
    ]
    return {"title": say("来源", "Sources"), "points": list(dict.fromkeys(points))}  # some are told under two keys
