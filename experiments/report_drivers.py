"""What drives the result: the part of the brief on what nobody knows, and how much knowing it would help."""

import json
from pathlib import Path

import numpy as np

from experiments.captions import scenario_title
from experiments.languages import Say
from experiments.questions.knowing import FEWEST, QUANTILES, known
from experiments.questions.unknowns import read_unknowns, unknown_name
from experiments.rerunning import other_makers
from experiments.results import SCOPES, Results
from experiments.summary import Section

MOST = 6
SEED = 1  # of the shuffles that tell chance


def drivers(folder: Path, results: Results, say: Say) -> Section | None:
    """Which unknown, were it known, narrows the band most; none for few replicates or central parameters."""
    branch = results.branches[-1]
    if results.size != "standard" or len(branch.at(SCOPES["plan"], results.year)) < FEWEST:
        return None
    title = say("弄清什么最有用", "What is most worth knowing")
    if other_makers(folder / "run.json", json.loads((folder / "run.json").read_bytes())):
        note = say(
            "本目录由另一版代码、配置或后验生成，各重复所抽取的数值无从得知，此处从略。",
            "Other code, configuration or posterior made this folder, so what each replicate drew is not known.",
        )
        return Section(title, [], [], [note])
    unknowns = read_unknowns(folder, branch.name)
    if not unknowns.names:
        return None
    values = unknowns.values(SCOPES["plan"], results.year)
    worth = known(unknowns.factors[unknowns.points], values, SEED)
    rows = []
    for place in np.argsort(-worth.narrowing, kind="stable")[:MOST].tolist():
        spread = f"{100 * worth.narrowing[place]:.0f} % ({100 * worth.low[place]:.0f}–{100 * worth.high[place]:.0f} %)"
        sign = say("越高越高", "raises it") if worth.rank_correlation[place] > 0.0 else say("越高越低", "lowers it")
        seen = sign if worth.told[place] else say("与偶然无法区分", "not told from chance")
        rows.append([say(*unknown_name(unknowns.names[place])), spread, seen])
    low, high = np.quantile(values, QUANTILES)
    note = say(
        f"{scenario_title(branch.name, say)}：{results.year}年绿色产业营收5%–95%区间为{low:,.0f}–{high:,.0f}亿元。"
        f"表中为在{len(unknowns.names)}个未知量中弄清这一个后区间变窄的份额（95%区间）。",
        f"{scenario_title(branch.name, say)}: green revenue in {results.year} runs from {low:,.0f} to {high:,.0f} 亿元 "
        f"(5–95 %). Told is the share of that band that goes when this one of {len(unknowns.names)} unknowns is known, "
        "with its 95 % interval.",
    )
    header = ["", say("区间变窄", "band narrows by"), say("对营收的影响", "effect on revenue")]
    return Section(title, header, rows, [note])
