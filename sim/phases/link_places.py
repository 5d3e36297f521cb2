"""The places of a link: who sells on it, and how many parts; place 0 is the supplier that it was drawn with."""

from agents._compiled import part
from agents.network import N_PLACES, Links, Supply, Words
from sim.phases.option_sets import first_option


@part
def supplier_at(link: int, place: int, links: Links) -> int:
    """Row of the supplier at a place of a link, -1 nobody; links are counted in the order of suppliers."""
    if place == 0:
        return links.seller[link]
    return links.substitute[link, place - 1]


@part
def parts_at(link: int, place: int, links: Links, supply: Supply) -> int:
    """Parts of a link's purchases that go to the supplier at a place."""
    if place == 0:
        return int(supply.kept[link])
    at = links.place[link, place - 1]
    return int(supply.moved[at]) if at >= 0 else 0


@part
def add_parts(link: int, place: int, parts: int, links: Links, supply: Supply) -> None:
    """Give parts of a link to the supplier at a place, or take them where they are below zero."""
    if place == 0:
        supply.kept[link] += parts
    else:
        at = int(links.place[link, place - 1])
        supply.moved[at] += parts
        mark(at, supply.moved[at] > 0, supply.in_use)


@part
def mark(at: int, used: bool, words: Words) -> None:
    """Write whether a place among the substitutes has parts."""
    word, bit = at >> 5, 1 << (at & 31)
    marks = int(words[word]) | bit
    words[word] = marks if used else marks - bit


@part
def next_place(first: int, words: Words) -> int:
    """The first place in use from `first` on; past the last place where there is none."""
    word = first >> 5
    marks = int(words[word]) >> (first & 31)
    if marks != 0:
        return first + first_option(marks)
    word += 1
    while word < words.size and words[word] == 0:
        word += 1
    return (word << 5) + (first_option(int(words[word])) if word < words.size else 0)


def suppliers_of(i: int, links: Links, supply: Supply) -> list[int]:
    """Return the rows that a firm buys from now, each once."""
    own = links.link[links.customer_start[i] : links.customer_start[i + 1]].tolist()
    pairs = [(link, place) for link in own for place in range(N_PLACES)]
    return sorted({int(supplier_at(*pair, links)) for pair in pairs if parts_at(*pair, links, supply) > 0})


def customers_of(i: int, links: Links, supply: Supply) -> list[int]:
    """Return the rows that buy from a firm now, each once."""
    first, last = links.supplier_start[i : i + 2]
    first_place, last_place = links.substitute_start[i : i + 2]
    kept = links.customer[first:last][supply.kept[first:last] > 0]
    moved = links.customer[links.instead[first_place:last_place][supply.moved[first_place:last_place] > 0]]
    return sorted({*kept.tolist(), *moved.tolist()})
