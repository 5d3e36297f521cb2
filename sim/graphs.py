"""The networks of the district as networkx graphs, so that its algorithms and drawings work on them."""

from typing import Any

import networkx
import numpy as np
from numpy.typing import NDArray

from sim.population.supply import links_now
from sim.setting import World
from sim.state import State
from sim.views import names


def supply_graph(world: World, state: State) -> networkx.DiGraph:
    """Who buys from whom now: an edge from supplier to customer, among the firms that are there.

    Nodes are the stable numbers of firms with `sector` and `park`; the `purchase_share` of an edge is what the customer
    spends on the supplier per yuan of its own output.
    """
    active = state.trade["active"]
    links = links_now(world.firms["firm"], world.links, state.supply, active)
    supplier = np.repeat(np.arange(len(active)), np.diff(links.supplier_start))
    graph = networkx.DiGraph()
    add_firms(graph, world, np.flatnonzero(active))
    firm = world.firms["firm"]
    ends = zip(firm[supplier].tolist(), firm[links.customer].tolist(), strict=True)
    for (start, end), share in zip(ends, links.purchase_share.tolist(), strict=True):
        graph.add_edge(start, end, purchase_share=share)
    return graph


def symbiosis_graph(world: World, state: State) -> networkx.MultiDiGraph:
    """Who gives by-products to whom; without edges as long as the model exchanges none."""
    return networkx.MultiDiGraph()


def add_firms(graph: Any, world: World, rows: NDArray[np.intp]) -> None:
    """Add firms as nodes, with sector and park as words."""
    sectors, parks = names("sectors", "sector"), names("parks", "park")
    columns = (world.firms[name][rows].tolist() for name in ("firm", "sector", "park"))
    for firm, sector, park in zip(*columns, strict=True):
        graph.add_node(firm, sector=sectors[sector], park=parks[park])
