"""Where public money goes and who gains: flows of one replicate, and changes of surplus over all of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from experiments.languages import Say
from experiments.results import declared_target, family, member_name
from sim.configuration.periods import FIRST_YEAR
from sim.configuration.tables import load_table
from sim.results.reducing import Replicate
from sim.results.variable_list import Variable
from viz import charts
from viz.answers import yearly
from viz.charts import Chart
from viz.district import District
from viz.firm_words import PROGRAMMES, programme_words, told

PAID = ("granted", "supported", "diagnosed")  # events that carry public money
SURPLUS = "Operating Surplus|{member}"
MOST_SECTORS = 10
SMALL = 0.02  # of all spending, below which programmes are told together
CENT = 1e-6  # 万元
WIDE = 1.96  # standard errors of a 95 % interval
WAN_PER_YI = 1e4
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


def sector_groups() -> dict[str, str]:
    """The group of each sector."""
    table = load_table("sectors")
    return dict(zip(table["sector"].astype(str), table["group"].astype(str), strict=True))


def paid(district: District) -> pd.DataFrame:
    """Public money to firms from 2022 to the target's year by programme and group of sectors, 万元."""
    first, last = f"{FIRST_YEAR + 1}Q1", f"{declared_target().year}Q4"
    events = district.events
    rows = events[events["kind"].isin(PAID) & events["period"].astype(str).between(first, last)]
    people = district.firms.drop_duplicates("firm").set_index("firm")["sector"].astype(str)
    groups = rows["firm"].map(people).map(sector_groups())
    programme = np.where(rows["kind"] == "diagnosed", "diagnosis", rows["programme"].astype(str))
    table = pd.DataFrame({"programme": programme, "group": groups.to_numpy(), "amount": rows["amount"].to_numpy()})
    return table.groupby(["programme", "group"], as_index=False)["amount"].sum()


def spent(replicate: Replicate) -> dict[str, float]:
    """What each programme of a replicate cost from 2022 to the target's year, 万元, by its variable."""
    years = range(FIRST_YEAR + 1, declared_target().year + 1)
    return {
        one.name: sum(float(yearly([replicate], one.name, year)[0]) for year in years) for one in family(PROGRAMMES)
    }


def flows(district: District, replicate: Replicate, say: Say) -> Chart | None:
    """From the district's budget through programmes to firms by group; what firms do not get pays for the programme."""
    costs = spent(replicate)
    total = sum(costs.values())
    if total <= 0.0:
        return None
    to_firms = paid(district)
    by_name = {programme_words(code, say): rows for code, rows in to_firms.groupby("programme")}
    budget, running = say("区财政", "District budget"), say("项目运行", "Running the programme")
    links: list[dict[str, Any]] = []
    for one in family(PROGRAMMES):
        cost, own = costs[one.name], member_name(one, say("zh", "en"))
        if cost <= 0.0:
            continue
        name = own if cost >= SMALL * total else say("其他项目", "Other programmes")
        links.append(link(budget, name, cost))
        given = by_name.get(own)
        rest = cost
        if given is not None:
            for row in given.itertuples():
                links.append(link(name, told(GROUPS, row.group, say), row.amount))
                rest -= row.amount
        if rest > CENT:
            links.append(link(name, running, rest))
    links = merged(links)
    ends = dict.fromkeys(end for one in links for end in (one["source"], one["target"]))
    colours = {budget: charts.INK, running: charts.GHOST}
    groups = {say(*words) for words in GROUPS.values()}
    option = {
        "animation": False,
        "textStyle": {"fontFamily": charts.FONT},
        "tooltip": {"trigger": "item", "confine": True},
        "series": [
            {
                "type": "sankey",
                "left": 4,
                "right": 150,
                "top": 8,
                "bottom": 8,
                "nodeGap": 12,
                "nodeWidth": 12,
                "draggable": False,
                "emphasis": {"focus": "adjacency"},
                "lineStyle": {"color": "#b9c4c6", "opacity": 0.6},
                "label": {"color": charts.INK, "fontSize": charts.SMALL, "fontFamily": charts.FONT},
                "data": [
                    {
                        "name": end,
                        "itemStyle": {"color": colours.get(end, charts.PAST if end in groups else charts.NOW)},
                        "reading": [end, f"{through(links, end):,.2f} 亿元"],
                    }
                    for end in ends
                ],
                "links": links,
            }
        ],
    }
    rows = [[one["source"], one["target"], f"{one['value']:.3f}"] for one in links]
    return Chart(option, [], [say("从", "From"), say("到", "To"), "亿元"], rows)


def merged(links: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One link for each pair of ends, in the order of their first."""
    sums: dict[tuple[str, str], float] = {}
    for one in links:
        ends = one["source"], one["target"]
        sums[ends] = sums.get(ends, 0.0) + WAN_PER_YI * one["value"]
    return [link(*ends, amount) for ends, amount in sums.items()]


def link(source: str, target: str, amount: float) -> dict[str, Any]:
    """Money from one to another, 亿元."""
    value = round(amount / WAN_PER_YI, 8)
    return {
        "source": source,
        "target": target,
        "value": value,
        "reading": [f"{source} → {target}", f"{value:,.3f} 亿元"],
    }


def through(links: list[dict[str, Any]], end: str) -> float:
    """What goes through a node."""
    sums = [sum(one["value"] for one in links if one[side] == end) for side in ("source", "target")]
    return max(sums)


def gains(own: Sequence[Replicate], baseline: Sequence[Replicate], say: Say) -> Chart | None:
    """Who gains: change of operating surplus against the baseline by sector, paired, those that change most."""
    before = {one.replicate: one for one in baseline}
    pairs = [(one, before[one.replicate]) for one in own if one.replicate in before]
    if len(pairs) < 2:
        return None
    year = declared_target().year
    found = [(change(one, pairs, year), one) for one in family(SURPLUS)]
    found.sort(key=lambda item: -abs(item[0][1]))
    shown = sorted(found[:MOST_SECTORS], key=lambda item: -item[0][1])
    names = [member_name(one, say("zh", "en")) for _, one in shown]
    values = [round(middle, 3) for (_, middle, _), _ in shown]
    spans = [(round(low, 3), round(high, 3)) for (low, _, high), _ in shown]
    data = [
        {"value": value, "itemStyle": {"color": charts.NOW if value >= 0.0 else charts.LOSS, "opacity": 0.6}}
        for value in values
    ]
    marks = [[{"coord": [low, place]}, {"coord": [high, place]}] for place, (low, high) in enumerate(spans)]
    option = charts.frame() | {
        "grid": {"left": 8, "right": 16, "top": 8, "bottom": 4, "containLabel": True},
        "xAxis": charts.axis_style() | {"type": "value"},
        "yAxis": charts.axis_style()
        | {"type": "category", "data": names, "inverse": True, "axisLabel": charts.cluster_labels(say)},
        "series": [
            {
                "type": "bar",
                "data": data,
                "barWidth": "56%",
                "markLine": charts.interval_lines(marks),
            }
        ],
    }
    option["tooltip"] |= {"axisPointer": {"type": "shadow"}}
    rows = [
        [name, f"{value:+.3f}", f"{low:+.3f} … {high:+.3f}"]
        for name, value, (low, high) in zip(names, values, spans, strict=True)
    ]
    readings = [[name, f"{value} 亿元", f"95 %: {between}"] for name, value, between in rows]
    return Chart(option, readings, [say("行业", "Sector"), "亿元", "95 %"], rows)


def change(variable: Variable, pairs: Sequence[tuple[Replicate, Replicate]], year: int) -> tuple[float, float, float]:
    """Mean paired change of a variable with its 95 % interval."""
    own, before = (yearly([pair[side] for pair in pairs], variable.name, year) for side in (0, 1))
    values = own - before
    half = WIDE * float(values.std(ddof=1)) / len(values) ** 0.5
    return float(values.mean()) - half, float(values.mean()), float(values.mean()) + half
