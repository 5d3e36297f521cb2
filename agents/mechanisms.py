"""Which parts of the economy are switched on: one float switch (0 or 1) per mechanism, for ablation.

`--set model.<mechanism>=off` takes a mechanism out of the whole run; its books still close.
"""

from typing import NamedTuple


class Mechanisms(NamedTuple):
    """Switches, 1.0 on and 0.0 off (configs/model.yaml)."""

    market_growth: float  # outside markets and prices move
    market_shocks: float  # yearly ups and downs of whole markets
    firm_shocks: float  # luck of single firms
    retrofits: float  # noticing, choosing and building of options
    peers: float  # neighbours and partners count in noticing and choosing
    grants: float
    lending: float  # off: firms invest from cash alone
    contracting: float  # energy-performance contracts
    expansion: float  # capacity follows orders
    conversion: float  # brown to green products
    entry: float
    closure: float  # firms leave
    local_demand: float  # money spent on projects is demand for local makers
    learning: float
    certification: float
    rights: float  # trade in carbon, energy, pollution and water rights
    orders: float  # what authorities demand: limits, benchmarks, closures
    green_pull: float  # policies that widen the markets of green products
    ecology: float  # circular farming, eco-tourism and forest carbon
    switching: float  # buyers change suppliers and ask them to be certified
    by_products: float  # by-products are exchanged
    link_changes: float  # links between givers and takers form and fail
