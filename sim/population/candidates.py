"""Which firms could pass which by-product to which: candidates for links, drawn once per population.

A giver meets takers of its stream by what they can use, by distance and within its range; large givers meet more of
them. Givers that do not fill a truck on their own send through outside collectors and meet nobody. Work grows linearly
with firms, as each giver draws a few takers from sorted parks. Nothing depends on the order of rows: draws and sums
follow stable ids.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents._compiled import kernel
from agents.codes import NETWORK_SYMBIOSIS
from agents.mathematics import exp
from agents.network import Candidates
from agents.stream_codes import N_STREAMS
from agents.symbiosis import BASES
from sim.draws import uniform
from sim.population.chances import ELSEWHERE, N_PARKS, distance, first_above
from sim.streams import base_per_output, feeds, roles, streams

Rows = NDArray[np.int32]
Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

FEWEST, MOST = 2, 200  # takers that a giver looks for in a stream
MET_ALL = 12  # a stream with so few takers: every giver knows them all


def build_candidates(firms: Any, seed: int, decay: float) -> Candidates:
    """Draw the candidate pairs of a population.

    Args:
        firms: columns of `agents.firm.Firms`, or rows with these fields; any number of them.
        seed: of the population.
        decay: 1/km, fall of the odds of a trucked pair with distance.
    """
    order, firm = np.argsort(firms.firm, kind="stable"), np.asarray(firms.firm)
    bases = np.stack([base_per_output(base, _columns(firms)) for base in BASES])
    sector, park, catalogue = np.asarray(firms.sector), np.asarray(firms.park), streams(0, None)
    found: list[list[NDArray[Any]]] = [[] for _ in range(7)]
    for stream in range(N_STREAMS):
        of, role = catalogue[stream], roles()[stream]
        supply = _quantities(role.giver_rate, role.giver_base, sector, bases, firms)
        use = _quantities(role.taker_rate, role.taker_base, sector, bases, firms)
        givers, takers = order[supply[order] > 0.0], order[use[order] > 0.0]
        source, sink = _pairs(stream, of, firms, supply, use, givers, takers, seed, decay)
        arose = _amounts(role, sector, bases, firms)
        meets, fed = _among(givers, source, len(order)), feeds()[np.asarray(firms.product)[takers], stream] > 0.0
        fed &= np.asarray(firms.product)[takers] >= 0
        found[0].append(givers[meets])
        found[1].append(takers[_among(takers, sink, len(order)) | fed])
        found[2].append(np.stack([source, sink]))
        found[3].append(givers[~meets])
        found[4].append(arose[givers[meets]])
        found[5].append(arose[givers[~meets]])
        found[6].append(arose[source])
    (giver_start, giver), (taker_start, taker) = _joined(found[0]), _joined(found[1])
    pair_start, (source, sink) = _joined(found[2])
    stream_of = np.repeat(np.arange(N_STREAMS), np.diff(pair_start))
    return Candidates(
        giver_start,
        giver,
        np.concatenate(found[4]),
        taker_start,
        taker,
        pair_start,
        source.copy(),
        sink.copy(),
        _places(found[0], [pairs[0] for pairs in found[2]]),
        _places(found[1], [pairs[1] for pairs in found[2]]),
        np.concatenate(found[6]),
        firm[source].astype(np.uint32),
        (firm[sink] * N_STREAMS + stream_of).astype(np.uint32),
        (park[source] == park[sink]) & (park[source] != ELSEWHERE),
        *_by_firm(found[3], found[5], len(order)),
    )


def _by_firm(rows: list[NDArray[Any]], amounts: list[Floats], n_firms: int) -> tuple[Whole, NDArray[np.uint8], Floats]:
    """Start of each firm, and the streams and amounts of each, of the rows and amounts of each stream."""
    row, stream = np.concatenate(rows), np.repeat(np.arange(len(rows)), [len(one) for one in rows])
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=n_firms))]).astype(np.int64)
    order = np.argsort(row, kind="stable")
    return start, stream[order].astype(np.uint8), np.concatenate(amounts)[order]


def _places(members: list[NDArray[Any]], partners: list[NDArray[Any]]) -> Rows:
    """Where the partner of each pair stands among the givers or takers of its stream."""
    places = []
    for rows, wanted in zip(members, partners, strict=True):
        order = np.argsort(rows)
        places.append(order[np.searchsorted(rows[order], wanted)])
    return np.concatenate(places).astype(np.int32)


def _columns(firms: Any) -> Any:
    return firms._asdict() if hasattr(firms, "_asdict") else firms


def _among(rows: Whole, chosen: Whole, n_firms: int) -> NDArray[np.bool_]:
    """Which of the rows are among those chosen."""
    flags = np.zeros(n_firms, np.bool_)
    flags[chosen] = True
    return flags[rows]


def _quantities(rate: Any, base: Any, sector: Any, bases: Floats, firms: Any) -> Floats:
    """Kilograms a year of each row at base output."""
    quantities = np.zeros(len(sector))
    for k in np.flatnonzero(rate > 0.0):
        rows = np.flatnonzero(sector == k)
        quantities[rows] = 4.0 * firms.base_output[rows] * bases[base[k], rows] * rate[k]
    return quantities


def _amounts(role: Any, sector: Any, bases: Floats, firms: Any) -> Floats:
    """Kilograms a quarter that arose at each row in 2020, none at spare rows: as `ports.arising`, not rounded."""
    per_output = bases[role.giver_base[sector], np.arange(len(sector))]
    amounts = role.giver_rate[sector] * (np.asarray(firms.base_output) * per_output)
    return np.where(np.asarray(firms.entrant), 0.0, amounts)


def _joined(parts: list[NDArray[Any]]) -> tuple[Whole, Rows]:
    """Start of each part along the last axis, and all of them in one array."""
    start = np.concatenate([[0], np.cumsum([part.shape[-1] for part in parts])]).astype(np.int64)
    return start, np.concatenate(parts, axis=-1).astype(np.int32)


def _pairs(
    stream: int, of: Any, firms: Any, supply: Floats, use: Floats, givers: Whole, takers: Whole, seed: int, decay: float
) -> tuple[Whole, Whole]:
    """Rows of givers and takers of the candidate pairs of one stream."""
    full = supply[givers] >= of.truck_load * 1000.0 * np.asarray(firms.weight)[givers]
    givers = givers[full]
    if len(givers) == 0 or len(takers) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    park = np.asarray(firms.park)
    by_park = takers[np.argsort(park[takers], kind="stable")]
    start = np.searchsorted(park[by_park], np.arange(N_PARKS + 1)).astype(np.int64)
    mean_use = float(np.cumsum(use[by_park])[-1]) / len(by_park)
    wanted = np.minimum(FEWEST + np.minimum(supply[givers] / mean_use, MOST), min(MOST, len(takers))).astype(np.int64)
    if len(takers) <= MET_ALL:
        wanted[:] = len(takers)
    east, north = (np.ascontiguousarray(getattr(firms, name), np.float64) for name in ("east", "north"))
    room = np.zeros((2, int(wanted.sum())), np.int64)
    met = meet_takers(
        stream,
        np.ascontiguousarray(firms.firm, np.int64),
        np.ascontiguousarray(park, np.int64),
        east,
        north,
        givers,
        wanted,
        by_park,
        start,
        np.cumsum(use[by_park]),
        0.0 if of.piped else decay,
        float(of.range_km),
        seed,
        np.zeros(N_PARKS),
        room,
    )
    return room[0, :met], room[1, :met]


@kernel
def meet_takers(
    stream: int,
    firm: Whole,
    park: Whole,
    east: Floats,
    north: Floats,
    givers: Whole,
    wanted: Whole,
    takers: Whole,
    start: Whole,
    cumulative: Floats,
    decay: float,
    range_km: float,
    seed: int,
    odds: Floats,
    pairs: Whole,
) -> int:
    """Write givers and takers of the pairs that meet, by stable ids, and return their number.

    A giver draws a park by use and nearness of its middle, then a taker there by use; whoever is out of range, met
    already or itself does not count. Where takers are few it meets them all.
    """
    n_pairs = 0
    for place in range(givers.size):
        giver, first = givers[place], n_pairs
        meets_all = wanted[place] >= takers.size
        weigh_parks(giver, east, north, takers, start, cumulative, decay, range_km, odds)
        for draw in range(wanted[place]):
            taker = takers[draw]
            if not meets_all:
                if odds[N_PARKS - 1] <= 0.0:
                    break
                luck = uniform(seed, firm[giver], 2 * (stream * MOST + draw), 0, NETWORK_SYMBIOSIS, 0)
                inside = uniform(seed, firm[giver], 2 * (stream * MOST + draw) + 1, 0, NETWORK_SYMBIOSIS, 0)
                chosen = 0
                while odds[chosen] <= luck * odds[N_PARKS - 1]:
                    chosen += 1
                low, high = start[chosen], start[chosen + 1]
                before = cumulative[low - 1] if low > 0 else 0.0
                value = before + inside * (cumulative[high - 1] - before)
                taker = takers[first_above(cumulative, low, high, value)]
            far = distance(east[giver] - east[taker], north[giver] - north[taker]) > range_km
            if taker != giver and not far:
                n_pairs = insert_pair(giver, taker, firm, first, n_pairs, pairs)
    return n_pairs


@kernel
def weigh_parks(
    giver: int,
    east: Floats,
    north: Floats,
    takers: Whole,
    start: Whole,
    cumulative: Floats,
    decay: float,
    range_km: float,
    odds: Floats,
) -> None:
    """Write the cumulative odds of the parks for one giver: use there, by the distance of its middle taker."""
    total = 0.0
    for park in range(N_PARKS):
        low, high = start[park], start[park + 1]
        if high > low:
            middle = takers[(low + high) >> 1]
            before = cumulative[low - 1] if low > 0 else 0.0
            away = distance(east[giver] - east[middle], north[giver] - north[middle])
            total += (cumulative[high - 1] - before) * exp(-decay * min(away, 2.0 * range_km))
        odds[park] = total


@kernel
def insert_pair(giver: int, taker: int, firm: Whole, first: int, n_pairs: int, pairs: Whole) -> int:
    """Add a pair to those of its giver in the order of takers' ids, if it is new; return how many pairs there are."""
    place = n_pairs
    while place > first and firm[pairs[1, place - 1]] >= firm[taker]:
        if pairs[1, place - 1] == taker:
            return n_pairs
        place -= 1
    for later in range(n_pairs, place, -1):
        pairs[0, later], pairs[1, later] = pairs[0, later - 1], pairs[1, later - 1]
    pairs[0, place], pairs[1, place] = giver, taker
    return n_pairs + 1
