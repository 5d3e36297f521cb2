"""The networks of the district as networkx graphs, so that its algorithms and drawings work on them."""

from typing import Any

import networkx
import numpy as np
from numpy.typing import NDArray

from agents.symbiosis import FIRST_LINK, NO_LINK
from sim.population.supply import links_now
from sim.setting import World
from sim.state import State
from sim.views import names


def supply_graph(world: World, state: State) -> networkx.DiGraph:
    """Who buys from whom now: an edge from supplier to customer, among the firms that are there.

    Nodes are the stable numbers of firms with `sector` and `park`; the `purchase_share` of an edge is what the customer
    spends on the supplier per yuan of its own output.
    """
    active = state.standing["active"]
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
    """Who gives by-products to whom: an edge from giver to taker for each agreed link, with the stream as its key.

    `since` is the quarter of agreement, 0 for 2021Q1, -1 for links that stood at the end of 2020; a new link carries
    nothing until it is set up.
    """
    pairs, tie, active = world.candidates, state.ties.tie, state.standing["active"]
    stream = np.repeat(np.arange(len(pairs.pair_start) - 1), np.diff(pairs.pair_start))
    agreed = np.flatnonzero((tie != NO_LINK) & active[pairs.source] & active[pairs.sink])
    graph = networkx.MultiDiGraph()
    add_firms(graph, world, np.unique(np.concatenate([pairs.source[agreed], pairs.sink[agreed]])))
    firm, words = world.firms["firm"], names("streams", "stream")
    for pair in agreed.tolist():
        since = max(int(tie[pair]) - FIRST_LINK, -1)
        ends = int(firm[pairs.source[pair]]), int(firm[pairs.sink[pair]])
        graph.add_edge(*ends, key=words[stream[pair]], since=since)
    return graph


def add_firms(graph: Any, world: World, rows: NDArray[np.intp]) -> None:
    """Add firms as nodes, with sector and park as words."""
    sectors, parks = names("sectors", "sector"), names("parks", "park")
    columns = (world.firms[name][rows].tolist() for name in ("firm", "sector", "park"))
    for firm, sector, park in zip(*columns, strict=True):
        graph.add_node(firm, sector=sectors[sector], park=parks[park])
