"""Measures of the exchange of by-products: streams, links, use of waste, linkage of the parks."""

from functools import cache

import numpy as np

from agents import codes, stream_codes
from agents.firm import Floats
from sim.configuration.tables import load_table
from sim.results.sums import Measure, industry, quantity, ratio
from sim.results.totals import Totals

KG_PER_TONNE = 1e3


def by_stream(column: int, per_unit: float) -> Measure:
    """A column of the by-product streams, in units of `per_unit`."""
    return lambda totals: totals.streams[:, :, column] / per_unit


def all_streams(column: int, per_unit: float) -> Measure:
    """Sum of a column over the by-product streams, in units of `per_unit`."""
    return lambda totals: totals.streams[:, :, column].sum(axis=1) / per_unit


def used_share(streams: Floats) -> Floats:
    """Share of what arises that partners, outside takers or the givers use; the last axis is columns."""
    used = streams[..., stream_codes.SENT] + streams[..., stream_codes.USED_OUTSIDE]
    return ratio(used, streams[..., stream_codes.GENERATED])


def used_of(*names: str) -> Measure:
    """Share of some streams that is used."""
    return lambda totals: used_share(totals.streams[:, places(names)].sum(axis=1).astype(np.float64))


@cache
def places(names: tuple[str, ...]) -> list[int]:
    """Places of streams in streams.csv by their English names."""
    return [list(load_table("streams")["name_en"]).index(name) for name in names]


def solid_waste_used(totals: Totals) -> Floats:
    """Used over generated general solid waste of industry."""
    used, made = (quantity(totals, kind)[:, industry()].sum(axis=1) for kind in (codes.WASTE_USED, codes.WASTE))
    return ratio(used.astype(np.float64), made.astype(np.float64))


def reported_solid_waste(totals: Totals) -> Floats:
    """The share reported for 2021 with a prior of its drift, and what links have changed since then."""
    used, made = totals.waste_2021[industry()].sum(axis=0).astype(np.float64)
    return moved(totals.standing.solid_waste, solid_waste_used(totals) - ratio(used, made))


def reported(share: str, *names: str) -> Measure:
    """As for solid waste, a share of some streams."""
    used = used_of(*names)

    def measure(totals: Totals) -> Floats:
        before = used_share(totals.streams_2021[places(names)].sum(axis=0).astype(np.float64))
        return moved(getattr(totals.standing, share), used(totals) - before)

    return measure


def moved(share: Floats, change: Floats) -> Floats:
    """A share after a change, between zero and one."""
    return np.clip(share + change, 0.0, 1.0)


def linkage_degree(totals: Totals) -> Floats:
    """Share of above-scale firms in the four parks that passed on or took a by-product in the quarter."""
    return ratio(totals.linked[:, 0].astype(np.float64), totals.linked[:, 1].astype(np.float64))


def between_parks(totals: Totals) -> Floats:
    """What lorries take from park to park, t: givers first, then takers."""
    return totals.arcs.reshape(len(totals.arcs), codes.N_PARKS * codes.N_PARKS) / KG_PER_TONNE


def link_investment(totals: Totals) -> Floats:
    """What firms pay for setting up links, 万元."""
    return -totals.sectors[:, :, codes.LINK_CAPEX].sum(axis=1) / codes.FEN


BY_PRODUCTS: dict[str, Measure] = {
    "Solid Waste|Used Share": solid_waste_used,
    "Share|Solid Waste Used": reported_solid_waste,
    "Share|Straw Used": reported("straw", "Straw"),
    "Share|Manure Used": reported("manure", "Manure to Fertiliser", "Manure to Biogas"),
    "Share|Reclaimed Water": reported("reclaimed", "Reclaimed Water"),
    "By-products|{member}|Generated": by_stream(stream_codes.GENERATED, KG_PER_TONNE),
    "By-products|{member}|Exchanged": by_stream(stream_codes.RECEIVED, KG_PER_TONNE),
    "By-products|{member}|Used Outside": by_stream(stream_codes.USED_OUTSIDE, KG_PER_TONNE),
    "By-products|{member}|Disposed": by_stream(stream_codes.DISPOSED, KG_PER_TONNE),
    "By-products|{member}|Bought Outside": by_stream(stream_codes.BOUGHT_OUTSIDE, KG_PER_TONNE),
    "By-products|{member}|Links": by_stream(stream_codes.LINKS, 1.0),
    "By-products by Park|{member}": between_parks,
    "By-products|Links": all_streams(stream_codes.LINKS, 1.0),
    "By-products|Links Formed": all_streams(stream_codes.FORMED, 1.0),
    "By-products|Links Ended": all_streams(stream_codes.ENDED, 1.0),
    "By-products|Linkage Degree": linkage_degree,
    "By-products|Sales": all_streams(stream_codes.STREAM_SALES, codes.FEN),
    "By-products|CO2 Avoided": all_streams(stream_codes.CO2_AVOIDED, KG_PER_TONNE),
    "By-products|Straw Used Share": used_of("Straw"),
    "By-products|Manure Used Share": used_of("Manure to Fertiliser", "Manure to Biogas"),
    "By-products|Reclaimed Water Share": used_of("Reclaimed Water"),
    "By-products|Hazardous Waste Treated Share": used_of("Hazardous Waste", "Spent Solvent and Oil", "Plating Sludge"),
    "Investment|By-product Links": link_investment,
}
