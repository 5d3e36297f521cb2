"""What a run says of public money: what it costs against a reference, per tonne and per 亿元, and who rides free."""

from typing import Any

import numpy as np
import pandas as pd

from experiments.captions import scenario_title
from experiments.languages import LANGUAGES, Say, speaker
from experiments.results import Branch, Floats, Results
from sim.configuration.periods import FIRST_YEAR

WAN_PER_YI = 1e4
YUAN_PER_WAN = 1e4
PERCENT = 100.0
NOTHING = "–"
# Rows on unit costs: effect, words, yuan or 万元, decimals.
UNIT_COSTS = {
    "co2_with_power_trade": ("每吨CO2（计净调入电力），元", "per t CO2 with net power trade, yuan", YUAN_PER_WAN),
    "green_revenue": ("每亿元绿色营收，万元", "per 亿元 of green revenue, 万元", 1.0),
}
BASES = {
    "gross": ("", ""),
    "net_of_free_riders": ("，扣除搭便车", ", net of free riders"),
}


def cost_rows(results: Results, say: Say) -> tuple[list[str], list[list[str]], list[str]]:
    """Header, rows and notes of the section on public money; no rows where nothing can be compared."""
    table = results.costs
    if not len(table):
        return [], [], []
    table = table.astype({"scenario": str, "reference": str})
    branches = [branch for branch in results.branches if branch.name in set(table["scenario"])]
    zh, en = (scenario_title(table["reference"].iloc[0], speaker(language)) for language in LANGUAGES[::-1])
    header = ["", *(scenario_title(branch.name, say) for branch in branches)]
    same = table[(table["effect"] == "green_revenue") & (table["basis"] == "gross")].set_index("scenario")["cost"]
    rows = [
        [
            say("公共成本（支出与减免税）之差，亿元", "public cost (spending and tax foregone), difference, 亿元"),
            *(f"{same[branch.name] / WAN_PER_YI:,.2f}" for branch in branches),
        ],
        [
            say("其中补助付给照做项目的比例", "share of grants that went to free riders"),
            *(free_riders(branch) for branch in branches),
        ],
    ]
    for effect, (*words, factor) in UNIT_COSTS.items():
        for basis, more in BASES.items():
            found = table[(table["effect"] == effect) & (table["basis"] == basis)].set_index("scenario")
            cells = [unit_cost(found.loc[branch.name], factor) for branch in branches]
            rows.append([say(words[0] + more[0], words[1] + more[1]), *cells])
    first, last = int(table["first_year"].iloc[0]), int(table["last_year"].iloc[0])
    notes = [
        say(
            f"与“{zh}”按共同随机数配对，{first}–{last}年合计；{NOTHING}：效果可能为零或相反。"
            "分工具、分行业与迁入退出见 policy_accounts.csv、winners.csv、displacement.csv。",
            f'Paired with "{en}" by common random numbers, {first} to {last}; {NOTHING} where the effect may be '
            "nothing or of the wrong sign. By instrument, sector, size and park: policy_accounts.csv, winners.csv, "
            "displacement.csv.",
        )
    ]
    return header, rows, notes


def unit_cost(row: Any, factor: float) -> str:
    """A quotient with its interval."""
    if pd.isna(row.cost_per_unit):
        return NOTHING
    if pd.isna(row.low):
        return f"{factor * row.cost_per_unit:,.0f}"
    return f"{factor * row.cost_per_unit:,.0f} ({factor * row.low:,.0f}–{factor * row.high:,.0f})"


def free_riders(branch: Branch) -> str:
    """Grants to projects that would have gone ahead without over all grants, from the first year of the plan on."""
    programmes = ("Retrofit Grant", "Digital Grant", "PV Grant", "Conversion Grant")
    paid = np.sum([plan_years(branch, f"Policy Cost|Government|{name}") for name in programmes], axis=0).sum()
    free = plan_years(branch, "Grants To Free Riders").sum()
    return f"{PERCENT * free / paid:.0f} %" if paid > 0.0 else NOTHING


def plan_years(branch: Branch, variable: str) -> Floats:
    """A flow summed over the years after the first, by replicate."""
    later = [place for place, year in enumerate(branch.years) if year > FIRST_YEAR]
    return branch.yearly[variable][:, later].sum(axis=1)
