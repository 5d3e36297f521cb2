"""How a scarce thing is given out: apply, ration by a stated rule, book. The result does not depend on row order."""

from agents._compiled import part
from agents._rows import Rows
from agents.firm import Whole
from sim.state import State


@part
def ration(n_applicants: int, purse: int, firms: Rows, state: State) -> int:
    """Grant whole amounts in order of falling rank, ties by firm id, while the purse lasts; return what is left.

    Reads the first `n_applicants` rows of `order` and the `amount` and `rank` on their desks; writes what is `granted`.
    An applicant whose amount no longer fits is refused, a smaller one further down may still be served.
    """
    sort_applicants(n_applicants, firms, state.order, state.desk)
    left = purse
    for place in range(n_applicants):
        i = state.order[place]
        amount = state.desk[i].amount
        state.proposals[i].granted = amount <= left
        if amount <= left:
            left -= amount
    return left


@part
def sort_applicants(n: int, firms: Rows, order: Whole, desks: Rows) -> None:
    """Heap-sort the first n rows of `order` by falling rank, then rising firm id; no memory is allotted."""
    for start in range(n // 2 - 1, -1, -1):
        sift_down(start, n, firms, order, desks)
    for end in range(n - 1, 0, -1):
        order[0], order[end] = order[end], order[0]
        sift_down(0, end, firms, order, desks)


@part
def sift_down(root: int, end: int, firms: Rows, order: Whole, desks: Rows) -> None:
    """Let one row sink to its place in the heap, the last to be served on top."""
    while 2 * root + 1 < end:
        child = 2 * root + 1
        if child + 1 < end and served_before(order[child], order[child + 1], firms, desks):
            child += 1
        if not served_before(order[root], order[child], firms, desks):
            return
        order[root], order[child] = order[child], order[root]
        root = child


@part
def served_before(one: int, other: int, firms: Rows, desks: Rows) -> bool:
    """Whether one row is served before another."""
    if desks[one].rank != desks[other].rank:
        return desks[one].rank > desks[other].rank
    return firms[one].firm < firms[other].firm
