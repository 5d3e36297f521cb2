"""Where public money goes and who gains: flows of one replicate, and changes of surplus over all of them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from experiments.languages import Say
from experiments.results import declared_target, family, member_name
from sim.results.reducing import Replicate
from sim.results.variable_list import Variable
from viz import charts
from viz.answers import yearly
from viz.charts import Chart
from viz.district import District, sector_groups
from viz.firm_words import GROUPS, PROGRAMMES, programme_words, told
from viz.sankey import Flow, draw

PAID = ("granted", "supported", "diagnosed")  # events that carry public money
SURPLUS = "Operating Surplus|{member}"
MOST_SECTORS = 10
SMALL = 0.02  # of all spending, below which programmes are told together
CENT = 1e-6  # 万元
INTEREST = "|Interest Support"  # end of the name of the programme that pays banks
WIDE = 1.96  # standard errors of a 95 % interval


def paid(district: District, years: Sequence[int]) -> pd.DataFrame:
    """Public money to firms in years that follow each other by programme and group of sectors, 万元."""
    first, last = f"{years[0]}Q1", f"{years[-1]}Q4"
    events = district.events
    rows = events[events["kind"].isin(PAID) & events["period"].astype(str).between(first, last)]
    people = district.firms.drop_duplicates("firm").set_index("firm")["sector"].astype(str)
    groups = rows["firm"].map(people).map(sector_groups())
    programme = np.where(rows["kind"] == "diagnosed", "diagnosis", rows["programme"].astype(str))
    table = pd.DataFrame({"programme": programme, "group": groups.to_numpy(), "amount": rows["amount"].to_numpy()})
    return table.groupby(["programme", "group"], as_index=False)["amount"].sum()


def spent(replicate: Replicate, years: Sequence[int]) -> dict[str, float]:
    """What each programme of a replicate cost in years, 万元, by its variable."""
    return {
        one.name: sum(float(yearly([replicate], one.name, year)[0]) for year in years) for one in family(PROGRAMMES)
    }


def flows(district: District, replicate: Replicate, years: Sequence[int], say: Say) -> Chart | None:
    """From the district's budget through programmes to those who are paid; None where nothing is spent.

    Support of interest goes to the banks that ask for less; what no firm gets pays for running the programme.
    """
    costs = spent(replicate, years)
    total = sum(costs.values())
    if total <= 0.0:
        return None
    by_name = {programme_words(code, say): rows for code, rows in paid(district, years).groupby("programme")}
    budget, running = say("区财政", "District budget"), say("项目运行", "Running the programme")
    banks = say("银行：少收的利息", "Banks, for lower interest")
    found: list[Flow] = []
    for one in family(PROGRAMMES):
        cost, own = costs[one.name], member_name(one, say("zh", "en"))
        if cost <= 0.0:
            continue
        name = own if cost >= SMALL * total else say("其他项目", "Other programmes")
        found.append(Flow(budget, name, cost))
        given = [] if own not in by_name else list(by_name[own].itertuples())
        found += [Flow(name, told(GROUPS, row.group, say), row.amount) for row in given]
        rest = cost - sum(row.amount for row in given)
        if rest > CENT:
            found.append(Flow(name, banks if one.name.endswith(INTEREST) else running, rest))
    colours = {told(GROUPS, group, say): charts.PAST for group in GROUPS}
    return draw(found, colours | {budget: charts.INK, running: charts.GHOST, banks: charts.GHOST}, say)


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
        [name, charts.signed(value, 3), charts.between(low, high, 3, say)]
        for name, value, (low, high) in zip(names, values, spans, strict=True)
    ]
    readings = [[name, f"{value} 亿元", f"95 %: {span}"] for name, value, span in rows]
    return Chart(option, readings, [say("行业", "Sector"), "亿元", "95 %"], rows)


def change(variable: Variable, pairs: Sequence[tuple[Replicate, Replicate]], year: int) -> tuple[float, float, float]:
    """Mean paired change of a variable with its 95 % interval."""
    own, before = (yearly([pair[side] for pair in pairs], variable.name, year) for side in (0, 1))
    values = own - before
    half = WIDE * float(values.std(ddof=1)) / len(values) ** 0.5
    return float(values.mean()) - half, float(values.mean()), float(values.mean()) + half
