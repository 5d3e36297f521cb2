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
        firms: columns firm, sector, park, entrant, weight, base_output.
        tail_share: share of firms, the best linked, whose degrees the tail exponents are estimated from.
        n_sources: number of firms, the largest, from which path lengths are measured, directions ignored.

    Returns:
        links, mean_suppliers and mean_customers of rows (the latter of those that have any); supplier_tail_exponent
        and customer_tail_exponent of the cumulative distributions among the firms that rows stand for; community_share,
        of rows with at most the mean number of suppliers those whose suppliers are all in their own park;
        reached_share and path_length from the sources; purchases_share, bought through links over output;
        orders_share, the largest share of a firm's output that links order. Not a number where there is nothing.
    """
    rows = np.argsort(firms.firm, kind="stable")
    rows = rows[~firms.entrant[rows] & (firms.base_output[rows] > 0.0)]
    n, today = len(firms.firm), np.zeros(len(firms.firm), np.bool_)
    today[rows] = True
    supplier = np.repeat(np.arange(n), np.diff(links.supplier_start))
    counted = today[links.customer]
    n_suppliers = np.diff(links.customer_start)
    n_customers = np.bincount(supplier[counted], minlength=n)
    weight = np.where(today, firms.weight, 1.0)
    firm_customers = np.bincount(supplier[counted], weight[links.customer[counted]], n) / weight
    purchases = links.purchase_share * firms.base_output[links.customer]
    orders = np.bincount(supplier[counted], purchases[counted], n)[rows]
    output = firms.base_output[rows]
    at_home = np.bincount(links.customer, firms.park[supplier] == firms.park[links.customer], n)
    low = rows[(n_suppliers[rows] > 0) & (n_suppliers[rows] <= mean(n_suppliers[rows]))]
    sources = rows[np.argsort(-output, kind="stable")][:n_sources]
    reached, steps = measure_paths(links, today, sources)
    return {
        "links": float(counted.sum()),
        "mean_suppliers": mean(n_suppliers[rows]),
        "mean_customers": mean(n_customers[rows][n_customers[rows] > 0]),
        "supplier_tail_exponent": tail_exponent(n_suppliers[rows], weight[rows], tail_share),
        "customer_tail_exponent": tail_exponent(firm_customers[rows], weight[rows], tail_share),
        "community_share": mean(at_home[low] == n_suppliers[low]),
        "reached_share": reached / max(1, len(sources) * (len(rows) - 1)),
        "path_length": steps / reached if reached else float("nan"),
        "purchases_share": float(orders.sum() / output.sum()) if len(rows) else float("nan"),
        "orders_share": float((orders / output).max(initial=0.0)),
    }


def mean(values: NDArray[Any]) -> float:
    """Return the mean, or not a number of nothing."""
    return float(values.mean()) if len(values) else float("nan")


def tail_exponent(degrees: NDArray[Any], weight: NDArray[np.float64], tail_share: float) -> float:
    """Return the exponent of the cumulative distribution above the degree that `tail_share` of firms reach.

    The Hill estimator, each row counted with its weight; half a link is subtracted from the threshold, as degrees are
    whole numbers.
    """
    best = np.argsort(-degrees, kind="stable")
    best = best[degrees[best] > 0]
    if len(best) == 0:
        return float("nan")
    above = np.cumsum(weight[best])
    threshold = degrees[best[np.searchsorted(above, tail_share * above[-1])]]
    tail = best[degrees[best] >= threshold]
    return float(above[len(tail) - 1] / weighted_logs(degrees[tail] / (threshold - 0.5), weight[tail]))


@kernel
def weighted_logs(values: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    """Return the sum of the logarithms times their weights, in the order given."""
    total = 0.0
    for i in range(len(values)):
        total += weight[i] * log(values[i])
    return total


@kernel
def measure_paths(links: Links, today: NDArray[np.bool_], sources: Whole) -> tuple[int, int]:
    """Return how many firms the sources reach and the steps to them altogether, walking links both ways."""
    supplier_start, customer = links.supplier_start, links.customer
    customer_start, supplier = links.customer_start, links.supplier
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
