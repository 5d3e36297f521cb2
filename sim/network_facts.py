"""What a supply network looks like from outside: a networkx graph, and the facts networks of firms are known by."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agents._compiled import kernel
from agents.mathematics import log
from agents.network import Links

if TYPE_CHECKING:
    import networkx

Whole = NDArray[np.int64]


def supply_graph(firms: Any, links: Links) -> "networkx.DiGraph":
    """Return the network as a directed graph from supplier to customer.

    Nodes are stable ids with sector, park, weight and base_output; edges carry `purchase_share`, yuan per yuan of the
    customer's output, and `sales`, 万元 a quarter at base output.
    """
    import networkx

    graph = networkx.DiGraph()
    traits = ("firm", "sector", "park", "weight", "base_output")
    for firm, sector, park, weight, output in zip(*(getattr(firms, trait).tolist() for trait in traits), strict=True):
        graph.add_node(firm, sector=sector, park=park, weight=weight, base_output=output)
    sales = links.purchase_share * firms.base_output[links.customer]
    graph.add_edges_from(
        (supplier, customer, {"purchase_share": share, "sales": sale})
        for supplier, customer, share, sale in zip(
            np.repeat(firms.firm, np.diff(links.supplier_start)).tolist(),
            firms.firm[links.customer].tolist(),
            links.purchase_share.tolist(),
            sales.tolist(),
            strict=True,
        )
    )
    return graph


def degree_facts(links: Links, firms: Any, tail_share: float = 0.05, n_sources: int = 20) -> dict[str, float]:
    """Return the facts of the network among today's firms; entrants are left out.

    Args:
        links: the supply links.
        firms: columns firm, sector, park, entrant, base_output.
        tail_share: share of firms, the best linked, whose degrees the tail exponents are estimated from.
        n_sources: number of firms, the largest, from which path lengths are measured, directions ignored.

    Returns:
        links, mean_suppliers, mean_customers_of_sellers (firms without any left out); supplier_tail_exponent and
        customer_tail_exponent of the cumulative distributions (Hill); community_share (of buyers with at most the mean
        number of suppliers, those whose suppliers are all in their own park); reached_share and path_length from the
        sources; purchases_share (bought through links, over output); orders_share (largest share of a firm's output
        that links order).
        Not-a-number where there is nothing to measure.
    """
    today = ~np.asarray(firms.entrant) & (firms.base_output > 0.0)
    supplier = np.repeat(np.arange(len(firms.firm)), np.diff(links.supplier_start))
    counted = today[links.customer]
    n = len(firms.firm)
    n_suppliers = np.diff(links.customer_start)
    n_customers = np.bincount(supplier[counted], minlength=n)
    purchases = links.purchase_share * firms.base_output[links.customer]
    orders = np.bincount(supplier[counted], purchases[counted], n)
    at_home = np.bincount(links.customer, firms.park[supplier] == firms.park[links.customer], n)
    low = today & (n_suppliers > 0) & (n_suppliers <= mean(n_suppliers[today]))
    sources = np.lexsort((firms.firm, -firms.base_output))
    sources = sources[today[sources]][:n_sources].astype(np.int64)
    reached, steps = measure_paths(links, np.ascontiguousarray(today), sources)
    return {
        "links": float(counted.sum()),
        "mean_suppliers": mean(n_suppliers[today]),
        "mean_customers_of_sellers": mean(n_customers[today & (n_customers > 0)]),
        "supplier_tail_exponent": tail_exponent(n_suppliers[today], tail_share),
        "customer_tail_exponent": tail_exponent(n_customers[today], tail_share),
        "community_share": mean(at_home[low] == n_suppliers[low]),
        "reached_share": reached / max(1, len(sources) * (int(today.sum()) - 1)),
        "path_length": steps / reached if reached else float("nan"),
        "purchases_share": float(orders.sum()) / float(firms.base_output[today].sum()) if today.any() else float("nan"),
        "orders_share": float((orders[today] / firms.base_output[today]).max(initial=0.0)),
    }


def mean(values: NDArray[Any]) -> float:
    """Return the mean, or not a number of nothing."""
    return float(values.mean()) if len(values) else float("nan")


def tail_exponent(degrees: Whole, tail_share: float) -> float:
    """Return the exponent of the cumulative distribution above the degree that `tail_share` of firms reach.

    The Hill estimator with half a link subtracted from the threshold, as degrees are whole numbers.
    """
    positive = np.sort(degrees[degrees > 0])[::-1]
    if len(positive) == 0:
        return float("nan")
    threshold = positive[min(len(positive) - 1, int(len(positive) * tail_share))]
    tail = positive[positive >= threshold]
    return float(len(tail) / sum_of_logs(tail / (threshold - 0.5)))


@kernel
def sum_of_logs(values: NDArray[np.float64]) -> float:
    """Return the sum of the logarithms, in the order given."""
    total = 0.0
    for value in values:
        total += log(value)
    return total


@kernel
def measure_paths(links: Links, today: NDArray[np.bool_], sources: Whole) -> tuple[int, int]:
    """Return how many firms the sources reach and the steps to them altogether, walking links both ways."""
    supplier_start, customer, _, customer_start, supplier, _, _ = links
    queue = np.zeros(len(today), np.int64)
    reached, steps = 0, 0
    for source in sources:
        depth = np.full(len(today), -1, np.int32)
        depth[source] = 0
        queue[0] = source
        head, tail = 0, 1
        while head < tail:
            i = queue[head]
            head += 1
            steps += depth[i]
            for k in range(supplier_start[i], supplier_start[i + 1]):
                j = customer[k]
                if today[j] and depth[j] < 0:
                    depth[j] = depth[i] + 1
                    queue[tail] = j
                    tail += 1
            for k in range(customer_start[i], customer_start[i + 1]):
                j = supplier[k]
                if today[j] and depth[j] < 0:
                    depth[j] = depth[i] + 1
                    queue[tail] = j
                    tail += 1
        reached += tail - 1
    return reached, steps
