"""Who pays for what firms invest, and what goes back to banks: the ledgers of one replicate, by group of sectors.

Sums are of whole fen. What firms put in or keep is the rest, so that every group is paid as much as it pays.
"""

from collections.abc import Iterable

import pandas as pd

from experiments.languages import Say
from viz import charts
from viz.charts import Chart
from viz.district import FEN, District, sector_groups
from viz.firm_words import GROUPS, told
from viz.sankey import Flow, draw

IN = {
    "new_loan": ("银行：新增贷款", "Banks: new loans"),
    "new_equity": ("所有者：新增资本", "Owners: new capital"),
    "grant": ("区财政：补助与奖励", "District: grants and awards"),
    "award": ("区财政：补助与奖励", "District: grants and awards"),
}
OUT = {
    "retrofit_capex": ("节能改造", "Retrofits"),
    "conversion_capex": ("转产绿色产品", "Turning to green products"),
    "link_capex": ("副产物链路与认证", "By-product links, certificates"),
    "certification": ("副产物链路与认证", "By-product links, certificates"),
    "expansion_capex": ("扩产", "Expansion"),
    "replacement": ("更新设备", "Replacing worn plant"),
    "repayment": ("还给银行：本金", "To banks: repayment"),
    "liquidation": ("还给银行：本金", "To banks: repayment"),
    "interest": ("还给银行：利息", "To banks: interest"),
}
OWN = ("企业自有资金", "Firms' own money")
KEPT = ("留作现金", "Kept as cash")


def sums(district: District, years: Iterable[int]) -> pd.DataFrame:
    """Fen by group of sectors and term of the ledger over years; money in is positive."""
    rows = district.ledgers[district.ledgers["year"].isin(list(years))]
    groups = rows["sector"].astype(str).map(sector_groups())
    return rows.drop(columns=["year", "sector"]).groupby(groups.to_numpy()).sum()


def closed(table: pd.DataFrame) -> list[tuple[str, str, int, bool]]:
    """Group, term, fen, whether money comes in; with the rest as `own` or `kept`, so that each group closes."""
    found = []
    for group, row in table.iterrows():
        paid_in = {term: int(row[term]) for term in IN}
        paid_out = {term: -int(row[term]) for term in OUT}
        rest = sum(paid_out.values()) - sum(paid_in.values())
        paid_in["own"], paid_out["kept"] = max(rest, 0), max(-rest, 0)
        found += [(str(group), term, amount, True) for term, amount in paid_in.items() if amount]
        found += [(str(group), term, amount, False) for term, amount in paid_out.items() if amount]
    return found


def flows(district: District, years: Iterable[int], say: Say) -> Chart | None:
    """From banks, owners and the district through groups of firms to projects and back to banks; None for nothing."""
    words = {**IN, **OUT, "own": OWN, "kept": KEPT}
    found = []
    for group, term, amount, comes_in in closed(sums(district, years)):
        firms, other = told(GROUPS, group, say), say(*words[term])
        ends = (other, firms) if comes_in else (firms, other)
        found.append(Flow(*ends, amount / FEN))
    if not found:
        return None
    colours = {told(GROUPS, group, say): charts.PAST for group in GROUPS}
    banks = ("new_loan", "repayment", "interest")
    colours |= {say(*words[term]): charts.INK for term in banks}
    colours |= {say(*words[term]): charts.GHOST for term in ("own", "kept", "new_equity")}
    return draw(found, colours, say)
