"""How a scarce thing is given out: apply, ration by a stated rule, book. The result does not depend on row order."""

from agents._compiled import kernel


@kernel
def ration(n_applicants, purse, firm, workspace):
    """Grant whole amounts in order of falling rank, ties by firm id, while the purse lasts; return what is left.

    Reads the first `n_applicants` rows of `workspace.order` and their `amount` and `rank`; writes `granted`. An
    applicant whose amount no longer fits is refused, a smaller one further down may still be served.
    """
    sort_applicants(n_applicants, firm, workspace)
    left = purse
    for place in range(n_applicants):
        i = workspace.order[place]
        workspace.granted[i] = workspace.amount[i] <= left
        if workspace.granted[i]:
            left -= workspace.amount[i]
    return left


@kernel
def sort_applicants(n, firm, workspace):
    """Heap-sort the first n rows of `order` by falling rank, then rising firm id; no memory is allotted."""
    order = workspace.order
    for start in range(n // 2 - 1, -1, -1):
        sift_down(start, n, firm, workspace)
    for end in range(n - 1, 0, -1):
        order[0], order[end] = order[end], order[0]
        sift_down(0, end, firm, workspace)


@kernel
def sift_down(root, end, firm, workspace):
    """Let one row sink to its place in the heap, the last to be served on top."""
    order = workspace.order
    while 2 * root + 1 < end:
        child = 2 * root + 1
        if child + 1 < end and served_before(order[child], order[child + 1], firm, workspace.rank):
            child += 1
        if not served_before(order[root], order[child], firm, workspace.rank):
            return
        order[root], order[child] = order[child], order[root]
        root = child


@kernel
def served_before(one, other, firm, rank):
    """Whether one row is served before another."""
    if rank[one] != rank[other]:
        return rank[one] > rank[other]
    return firm[one] < firm[other]
