"""What happens to firms, in words: events, reasons, projects, money, certificates."""

from functools import cache

import pandas as pd

from experiments.languages import Say
from experiments.results import family, member_name
from viz.district import titles

PROGRAMMES = "Policy Cost|Government|{member}"
EVENTS = {
    "applied": ("申请补助", "applied for a grant"),
    "refused": ("补助资金已用尽", "the purse was empty"),
    "granted": ("获得补助", "got a grant"),
    "started": ("项目启动", "project started"),
    "borrowed": ("借款", "borrowed"),
    "unfunded": ("项目未筹得资金", "project found no money"),
    "completed": ("项目建成", "project done"),
    "arrived": ("进入本区", "came to the district"),
    "left": ("退出", "left"),
    "diagnosed": ("接受免费诊断", "free diagnosis"),
    "supported": ("获得其他公共支持", "other public support"),
    "certified": ("获得证书", "certified"),
    "delisted": ("失去证书", "lost a certificate"),
    "linked": ("建立副产物链路", "by-product link formed"),
    "unlinked": ("副产物链路终止", "by-product link ended"),
    "switched": ("更换供应商", "changed a supplier"),
}
GROUPS = {
    "energy": ("能源", "Energy"),
    "materials": ("材料", "Materials"),
    "consumer": ("消费品", "Consumer goods"),
    "equipment": ("装备", "Equipment"),
    "vehicles": ("车辆", "Vehicles"),
    "electronics": ("电子", "Electronics"),
    "services": ("服务业", "Services"),
    "agriculture": ("农林", "Farming and forestry"),
}
PROJECTS = {"conversion": ("转产绿色产品", "Conversion to a green product"), "expansion": ("扩产", "Expansion")}
LABELS = {
    "always": ("无补助也会实施", "would have done it anyway"),
    "accelerated": ("无补助则推迟", "would have waited without it"),
    "induced": ("因补助而实施", "because of the grant"),
}
MONEY = {
    "cash": ("自有资金", "own cash"),
    "green_loan": ("绿色贷款", "green loan"),
    "loan": ("普通贷款", "ordinary loan"),
    "guaranteed_loan": ("担保贷款", "guaranteed loan"),
    "contract": ("合同能源管理", "energy service contract"),
    "bond": ("债券或基金", "bond or fund"),
}
CAUSES = {"insolvent": ("资不抵债", "insolvent"), "other": ("其他原因", "other causes")}
SIZES = {
    "large": ("大型", "large"),
    "medium": ("中型", "medium"),
    "small": ("小型（规上）", "small, above scale"),
    "below_scale": ("规模以下", "below scale"),
}
REASONS = {
    "none": ("无", "nothing"),
    "unaware": ("不了解", "not aware of any"),
    "ineligible": ("无适用技术", "no option fits"),
    "cutoff": ("回收期过长", "payback too long"),
    "cash": ("现金不足", "short of cash"),
    "credit_refused": ("贷款被拒", "loan refused"),
    "purse_empty": ("补助资金用尽", "purse empty"),
    "no_supplier": ("无供应商", "no supplier"),
    "waiting_window": ("等待检修窗口", "waiting for a repair window"),
}
PROGRAMME_CODES = (
    *("retrofit", "digital", "pv", "conversion", "guarantee", "contracting", "diagnosis", "training", "phase_out"),
    *("incubation", "circular_agriculture", "eco_tourism", "supply_chain", "platform", "park_renovation"),
    *("symbiosis_platform", "interest", "certification"),
)


def told(table: dict[str, tuple[str, str]], code: str, say: Say) -> str:
    """A code in words; itself where it has none."""
    return say(*table[code]) if code in table else code


@cache
def _family_words(template: str, codes: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    members = family(template)
    return {codes[one.code]: (member_name(one, "zh"), member_name(one, "en")) for one in members}


def reason_words(code: str, say: Say) -> str:
    """What bound a firm."""
    return told(REASONS, code, say)


def programme_words(code: str, say: Say) -> str:
    """A programme of the district."""
    return told(_family_words(PROGRAMMES, PROGRAMME_CODES), code, say)


def project_words(code: str, say: Say) -> str:
    """An option of the catalogue, a conversion or an expansion."""
    return told(PROJECTS | titles("options"), code, say)


def member_words(by: str, code: str, say: Say) -> str:
    """A sector or a size."""
    return told(SIZES if by == "size" else titles("sectors"), code, say)


def park_words(code: str, say: Say) -> str:
    """A park."""
    return told(titles("parks"), code, say)


def firm_title(row: "pd.Series", say: Say) -> str:
    """A firm in short: number, sector, park."""
    sector, park = member_words("sector", str(row["sector"]), say), park_words(str(row["park"]), say)
    return say(f"{row['firm']}号 {sector}，{park}", f"No. {row['firm']}: {sector}, {park}")


def event_row(row: "pd.Series", say: Say) -> list[str]:
    """An event as quarter, what happened, what it was about, and money in 万元."""
    about = [
        project_words(str(row["project"]), say) if row["project"] else "",
        told(titles("certificates"), str(row["certificate"]), say) if row["certificate"] else "",
        programme_words(str(row["programme"]), say) if row["programme"] and not row["project"] else "",
        told(MONEY, str(row["money"]), say) if row["money"] else "",
        told(LABELS, str(row["label"]), say) if row["label"] else "",
        reason_words(str(row["reason"]), say) if row["reason"] else "",
        told(CAUSES, str(row["cause"]), say) if row["cause"] else "",
    ]
    amount = f"{row['amount']:,.0f}" if row["amount"] >= 0.5 else ""
    return [str(row["period"]), told(EVENTS, str(row["kind"]), say), say("；", "; ").join(filter(None, about)), amount]
