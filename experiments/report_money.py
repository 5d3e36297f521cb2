"""Who pays, and who gains or loses: the parts of the brief on money."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.captions import scenario_title
from experiments.languages import Say
from experiments.results import Results, family, member_name
from experiments.summary import Section, scenario_headers, span
from experiments.summary_costs import cost_rows, plan_years
from sim.configuration.periods import FIRST_YEAR
from sim.configuration.tables import load_table

WAN_PER_YI = 1e4
LEAST = 0.005  # 亿元 that are shown
MOST_PROGRAMMES = 8
MOST_SECTORS = 4  # that gain, and that lose
PAYERS = {
    "Policy Cost|Government": ("区财政：补助、奖励与项目支出", "District: grants, awards and projects"),
    "Tax Foregone": ("财政：减免的税", "Budget: tax given up"),
    "Investment|Retrofit": ("企业：自己投资的改造", "Firms: retrofits at their own expense"),
    "Investment|Retrofit By Contract": ("节能服务公司：合同投资", "Contractors: retrofits that they finance"),
    "Rights Bought": ("企业：购买碳配额与用能、排污、水权", "Firms: allowances and rights bought"),
    "Tax|Environmental": ("企业：环境保护税", "Firms: environmental tax"),
}


def payers(results: Results, say: Say) -> Section:
    """What each side pays over the years of the plan."""
    rows = [
        [say(*words), *(span(plan_years(branch, variable) / WAN_PER_YI, 2) for branch in results.branches)]
        for variable, words in PAYERS.items()
        if any(plan_years(branch, variable).any() for branch in results.branches)
    ]
    years = f"{FIRST_YEAR + 1}–{results.year}"
    title = say(f"谁出钱：{years}年合计，亿元，中位数（5%–95%）", f"Who pays: sum of {years}, 亿元, median (5–95 %)")
    note = say(
        "现价。企业的改造投资含其获得的补助，勿与区财政支出相加。",
        "Current prices. Investment of firms includes the grants that they get: never add it to the spending of the "
        "district.",
    )
    return Section(title, ["", *scenario_headers(results, say, with_year=False)], rows, [note])


def programmes(results: Results, say: Say) -> Section:
    """The largest programmes of the district."""
    found = []
    for variable in family("Policy Cost|Government|{member}"):
        sums = [plan_years(branch, variable.name) / WAN_PER_YI for branch in results.branches]
        largest = max(float(values.mean()) for values in sums)
        if largest >= LEAST:
            name = member_name(variable, say("zh", "en"))
            found.append((largest, [name, *(span(values, 2) for values in sums)]))
    rows = [row for _, row in sorted(found, key=lambda one: -one[0])[:MOST_PROGRAMMES]]
    title = say("区财政支出最多的项目，亿元，同上", "Largest programmes of the district, 亿元, as above")
    return Section(title, ["", *scenario_headers(results, say, with_year=False)], rows, [])


def unit_costs(results: Results, say: Say) -> Section:
    """Public cost per tonne and per 亿元, against the reference."""
    return Section(say("花得值吗", "What the money buys"), *cost_rows(results, say))


def winners(folder: Path, results: Results, say: Say) -> Section | None:
    """The sectors that gain and lose most; none where nothing was compared."""
    path = folder / "winners.csv"
    table: Any = pd.read_csv(path) if path.exists() else pd.DataFrame()
    if not len(table):
        return None
    name = (
        results.branches[-1].name if results.branches[-1].name in set(table["scenario"]) else table["scenario"].iloc[0]
    )
    rows = table[(table["scenario"] == name) & (table["group"] == "sector") & (table["measure"] == "value_added")]
    rows = rows[(rows["low"] > 0.0) | (rows["high"] < 0.0)].sort_values("change", kind="stable")
    if not len(rows):
        return None
    loses, gains = rows[rows["change"] < 0.0].head(MOST_SECTORS), rows[rows["change"] > 0.0].tail(MOST_SECTORS)
    names = load_table("sectors").set_index("name_en")["name_zh"]
    cells = []
    for row in pd.concat([gains[::-1], loses[::-1]]).itertuples():
        title = say(str(names.get(row.member, row.member)), str(row.member))
        change = f"{row.change:+,.2f} ({row.low:+,.2f} … {row.high:+,.2f})"
        share = 100.0 * row.change / row.before if row.before else np.nan
        cells.append([title, change, "–" if np.isnan(share) else f"{share:+,.1f}"])
    one, other = (scenario_title(which, say) for which in (name, str(rows["reference"].iloc[0])))
    year = int(rows["year"].iloc[0])
    title = say(
        f"哪些行业受益、受损：{one}相对{other}，{year}年增加值",
        f"Which sectors gain and lose: value added in {year}, {one} against {other}",
    )
    note = say(
        "按共同随机数配对之差的均值及95%区间，2020年价；只列区间不含零的行业，各至多四个。",
        "Mean of paired differences with its 95 % interval, prices of 2020; only sectors whose interval leaves out "
        "zero, at most four on each side.",
    )
    return Section(title, ["", say("变化，亿元/年", "change, 亿元 a year"), say("变化，%", "change, %")], cells, [note])
