"""Who buys from whom: numbers of partners, their relation to size, and whether adoption runs along links."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import linregress

from experiments.patterns.evidence import LAST, Evidence, Floats, micro
from experiments.patterns.growth import hill
from sim.results.reducing import Replicate

Places = NDArray[np.integer[Any]]  # of firms among those that are there

REWIRINGS = 60  # networks that the real one is held against
SWAPS_FIRST, SWAPS_BETWEEN = 60, 6  # rounds of swaps before the first of them, and between two


def counts(links: pd.DataFrame, side: str) -> Floats:
    """Partners of each firm that has any."""
    return np.asarray(links.groupby(side).size(), np.float64)


def random_counts(links: pd.DataFrame, side: str, evidence: Evidence) -> Floats:
    """Partners in a random graph with as many links and firms."""
    n_firms = links[side].nunique()
    drawn = np.bincount(evidence.random.integers(0, n_firms, len(links)), minlength=n_firms)
    return drawn[drawn > 0].astype(np.float64)


def customers_tail(evidence: Evidence) -> tuple[float, float]:
    """Tail of numbers of customers."""
    links = micro(evidence.base).links
    return hill(counts(links, "supplier")), hill(random_counts(links, "supplier", evidence))


def suppliers_tail(evidence: Evidence) -> tuple[float, float]:
    """Tail of numbers of suppliers."""
    links = micro(evidence.base).links
    return hill(counts(links, "customer")), hill(random_counts(links, "customer", evidence))


def customers_size(evidence: Evidence) -> tuple[float, float]:
    """Slope of log customers on log output within sectors, and with output shuffled within sectors."""
    firms = evidence.firms(LAST)
    customers = micro(evidence.base).links.groupby("supplier").size()
    table = firms.assign(customers=firms["firm"].map(customers)).dropna(subset=["customers"])
    table = table[table["output"] > 0.0]
    sector = table["sector"].astype(str)
    output = np.log(table["output"])
    shuffled = output.groupby(sector).transform(lambda one: evidence.random.permutation(one.to_numpy()))
    partners = within(pd.Series(np.log(table["customers"].astype(float))), sector)
    found = [float(linregress(within(one, sector), partners).slope) for one in (output, shuffled)]
    return found[0], found[1]


def within(values: "pd.Series[float]", group: "pd.Series[str]") -> Floats:
    """Values less the mean of their group."""
    found: Floats = (values - values.groupby(group).transform("mean")).to_numpy(np.float64)
    return found


def option_sets(firms: pd.DataFrame) -> dict[int, int]:
    """Options of each firm as bits, by stable id."""
    sets = firms["options"].astype(str)
    bits = {text: sum(1 << int(name[1:]) for name in text.split(";") if name) for text in sets.unique()}
    return {int(firm): bits[text] for firm, text in zip(firms["firm"], sets, strict=True)}


def clustering(one: Replicate, evidence: Evidence) -> float:
    """Shared options over links, in standard deviations above rewired networks.

    Rewiring swaps the customers of two links between the same two sectors unless a link would come twice, so every firm
    keeps its numbers of suppliers and customers, and every pair of sectors its number of links.
    """
    rows = micro(one).firms
    firms = rows[(rows["year"] == LAST) & rows["active"]]
    links = micro(one).links
    links = links[links["supplier"].isin(firms["firm"]) & links["customer"].isin(firms["firm"])]
    place = {int(firm): k for k, firm in enumerate(firms["firm"])}
    bits = option_sets(firms)
    options = np.array([bits[firm] for firm in place], np.uint64)
    _, sector = np.unique(firms["sector"].astype(str), return_inverse=True)
    supplier, customer = (links[side].map(place).to_numpy(np.int64) for side in ("supplier", "customer"))
    pair = sector[supplier] * (sector.max() + 1) + sector[customer]
    seen, others = shared(options, supplier, customer), []
    for step in range(SWAPS_FIRST + REWIRINGS * SWAPS_BETWEEN):
        customer = swapped(supplier, customer, pair, evidence.random)
        if step >= SWAPS_FIRST and (step - SWAPS_FIRST) % SWAPS_BETWEEN == 0:
            others.append(shared(options, supplier, customer))
    return float((seen - np.mean(others)) / np.std(others, ddof=1))


def shared(options: NDArray[np.uint64], supplier: Places, customer: Places) -> float:
    """Options that both ends of a link have, summed over links."""
    return float(np.bitwise_count(options[supplier] & options[customer]).sum())


def swapped(supplier: Places, customer: Places, pair: Places, random: np.random.Generator) -> Places:
    """Customers after every link was offered one swap with another of the same two sectors (Maslov and Sneppen)."""
    order = np.lexsort((random.random(len(pair)), pair))
    first, second = order[:-1:2], order[1::2]
    same = pair[first] == pair[second]
    first, second = first[same], second[same]
    n = int(max(supplier.max(), customer.max())) + 1
    ones, others = supplier[first] * n + customer[second], supplier[second] * n + customer[first]
    known = np.concatenate([supplier * n + customer, ones, others])
    _, place, count = np.unique(known, return_inverse=True, return_counts=True)
    once = (count[place] == 1)[len(supplier) :].reshape(2, -1).all(axis=0)  # neither there already nor offered twice
    once &= (supplier[first] != customer[second]) & (supplier[second] != customer[first])
    moved = customer.copy()
    moved[first[once]], moved[second[once]] = customer[second[once]], customer[first[once]]
    return moved


def adoption_links(evidence: Evidence) -> tuple[float, float]:
    """Clustering of adoption with peer effects and without."""
    return clustering(evidence.base, evidence), clustering(evidence.no_peers, evidence)
