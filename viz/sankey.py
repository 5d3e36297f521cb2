"""Money between those who pay and those who are paid, drawn as bands that are as wide as the sum."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from experiments.languages import Say
from viz import charts
from viz.charts import Chart

WAN_PER_YI = 1e4


class Flow(NamedTuple):
    """Money from one to another, 万元."""

    source: str
    target: str
    amount: float


def merged(flows: Iterable[Flow]) -> list[Flow]:
    """One flow for each pair of ends, in the order of their first."""
    sums: dict[tuple[str, str], float] = {}
    for source, target, amount in flows:
        sums[source, target] = sums.get((source, target), 0.0) + amount
    return [Flow(*ends, amount) for ends, amount in sums.items()]


def through(flows: Iterable[Flow], end: str) -> float:
    """What goes through an end, 万元: what it pays or is paid, whichever is more."""
    sums = [sum(one.amount for one in flows if side(one) == end) for side in (lambda f: f.source, lambda f: f.target)]
    return max(sums)


def draw(flows: Iterable[Flow], colours: Mapping[str, str], say: Say) -> Chart:
    """The picture, and a row for each flow.

    Args:
        flows: in the order in which their ends are drawn, downwards.
        colours: of ends; all others have that of the setting.
        say: picks the language.
    """
    told = merged(flows)
    ends = dict.fromkeys(end for one in told for end in (one.source, one.target))
    option = {
        "animation": False,
        "textStyle": {"fontFamily": charts.FONT},
        "tooltip": {"trigger": "item", "confine": True},
        "series": [
            {
                "type": "sankey",
                "left": 4,
                "right": 212,
                "top": 8,
                "bottom": 8,
                "nodeGap": 12,
                "nodeWidth": 12,
                "draggable": False,
                "emphasis": {"focus": "adjacency"},
                "lineStyle": {"color": "#b9c4c6", "opacity": 0.6},
                "label": {"color": charts.INK, "fontSize": charts.SMALL, "fontFamily": charts.FONT},
                "data": [node(end, told, colours) for end in ends],
                "links": [link(one) for one in told],
            }
        ],
    }
    rows = [[one.source, one.target, f"{one.amount / WAN_PER_YI:,.3f}"] for one in told]
    return Chart(option, [], [say("从", "From"), say("到", "To"), "亿元"], rows)


def node(end: str, flows: Iterable[Flow], colours: Mapping[str, str]) -> dict[str, Any]:
    """An end with what goes through it."""
    amount = f"{through(flows, end) / WAN_PER_YI:,.2f}"
    return {
        "name": end,
        "itemStyle": {"color": colours.get(end, charts.NOW)},
        "label": {"formatter": f"{end}  {amount}"},
        "reading": [end, f"{amount} 亿元"],
    }


def link(flow: Flow) -> dict[str, Any]:
    """A band."""
    value = round(flow.amount / WAN_PER_YI, 8)
    reading = [f"{flow.source} → {flow.target}", f"{value:,.3f} 亿元"]
    return {"source": flow.source, "target": flow.target, "value": value, "reading": reading}
