"""The places of a link: who sells on it and how many parts of its purchases; place 0 is the supplier it was drawn with.

Links are counted as `k`, in the order of customers, so that a buyer's links stand together.
"""

from agents._compiled import part
from agents.network import N_PLACES, Links, Supply


@part
def supplier_at(k: int, place: int, links: Links) -> int:
    """Row of the supplier at a place of a link, -1 nobody; `k` counts links in the order of customers."""
    if place == 0:
        return links.supplier[k]
    return links.substitute[links.link[k], place - 1]


@part
def parts_at(k: int, place: int, links: Links, supply: Supply) -> int:
    """Parts of a link's purchases that go to the supplier at a place."""
    link = links.link[k]
    if place == 0:
        return int(supply.kept[link])
    at = links.place[link, place - 1]
    return int(supply.moved[at]) if at >= 0 else 0


@part
def add_parts(k: int, place: int, parts: int, links: Links, supply: Supply) -> None:
    """Give parts of a link to the supplier at a place, or take them where they are below zero."""
    link = links.link[k]
    if place == 0:
        supply.kept[link] += parts
    else:
        supply.moved[links.place[link, place - 1]] += parts


def suppliers_of(i: int, links: Links, supply: Supply) -> list[int]:
    """Return the rows that a firm buys from now, each once."""
    pairs = [(k, place) for k in range(*links.customer_start[i : i + 2]) for place in range(N_PLACES)]
    return sorted({int(supplier_at(*pair, links)) for pair in pairs if parts_at(*pair, links, supply) > 0})


def customers_of(i: int, links: Links, supply: Supply) -> list[int]:
    """Return the rows that buy from a firm now, each once."""
    first, last = links.supplier_start[i : i + 2]
    first_place, last_place = links.substitute_start[i : i + 2]
    kept = links.customer[first:last][supply.kept[first:last] > 0]
    moved = links.customer[links.instead[first_place:last_place][supply.moved[first_place:last_place] > 0]]
    return sorted({*kept.tolist(), *moved.tolist()})
