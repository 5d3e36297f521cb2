"""Who buys from whom: the supply links inside the district, one entry per link and both ways to walk them.

A link is a standing share of the customer's output spent on one supplier; what no link covers is bought outside.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Starts = NDArray[np.int64]
Rows = NDArray[np.int32]
Shares = NDArray[np.float64]


class Links(NamedTuple):
    """Supply links in two orders, n firms and m links; made once per population and shared by all replicates.

    Row i of the supplier order is `supplier_start[i] : supplier_start[i + 1]`, likewise for customers. Rows are array
    positions of firms; within a row, entries are sorted by the partner's stable id.
    """

    supplier_start: Starts  # (n + 1,) first link of each supplier
    customer: Rows  # (m,) row of the buyer
    purchase_share: Shares  # (m,) yuan bought from this supplier per yuan of the buyer's output
    customer_start: Starts  # (n + 1,) first link of each customer
    supplier: Rows  # (m,) row of the supplier, in customer order
    link: Rows  # (m,) index of that link in the supplier order
    link_id: Starts  # (m,) buyer's stable id · 2³² + supplier's, in supplier order; for draws and for output
