"""What a page tells of firms and links in one replicate: aggregated for the map, one by one on demand.

Numbers only. The replicate is one of equally likely histories, so nothing here is a forecast of the district.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
import pandas as pd

from experiments.languages import sentence_case
from experiments.results import place_names
from sim.configuration.tables import load_table
from sim.results.reducing import Replicate
from viz.engine import Kind

BY = ("sector", "size")
SIZES = ("large", "medium", "small", "below_scale")
KEPT_COLUMNS = [
    *("firm", "year", "sector", "park", "size", "weight", "product", "entrant", "relocated", "active", "output"),
    *("green_share", "green_sales", "energy", "emissions", "options", "certificates", "reason", "cash", "debt"),
]
COUNTED = {"firms": "weight", "output": "output", "green": "green", "emissions": "emissions", "energy": "energy"}
MOST_PARTNERS = 9  # of each side that are shown one by one
TONNES = "tonnes"
FEN = 1e6  # of a 万元
# Terms of the ledger that tell who pays for what firms invest.
LEDGER = ("new_loan", "new_equity", "grant", "award", "retrofit_capex", "conversion_capex", "link_capex")
LEDGER += ("certification", "expansion_capex", "replacement", "repayment", "liquidation", "interest")


@dataclass(frozen=True)
class District:
    """Firms by year, supply links at the end, events, and links of by-products by year.

    Attributes:
        firms: a row for each firm and year.
        links: supplier, customer, purchases per yuan of the customer's output.
        events: what happened to firms, quarter by quarter.
        exchanges: giver, taker, stream, year, tonnes.
        ledgers: year, sector, and the sums of `LEDGER` over its firms, fen; money in is positive.
    """

    firms: pd.DataFrame
    links: pd.DataFrame
    events: pd.DataFrame
    exchanges: pd.DataFrame
    ledgers: pd.DataFrame

    @property
    def years(self) -> list[int]:
        """Complete years."""
        return [int(year) for year in np.unique(self.firms["year"])]

    @cached_property
    def _by_year(self) -> Mapping[int, pd.DataFrame]:
        return {int(str(year)): rows for year, rows in self.firms.groupby("year", observed=True)}

    def at(self, year: int) -> pd.DataFrame:
        """The firms that made something in a year."""
        rows = self._by_year[year]
        return rows[rows["active"] | (rows["output"] > 0.0)]

    def cells(self, year: int, by: str) -> pd.DataFrame:
        """Real firms, output, green output, CO2 and energy by park and sector or size, in the order of the tables."""
        rows = self.at(year)
        rows = rows.assign(green=rows["output"] * rows["green_share"])
        found = rows.groupby(["park", by], observed=True).agg(**{name: (c, "sum") for name, c in COUNTED.items()})
        order = {name: place for place, name in enumerate(members(by))}
        parks = {name: place for place, name in enumerate(words("parks"))}
        table = found.reset_index().astype({"park": str, by: str}).rename(columns={by: "member"})
        keys = table["park"].map(parks) * len(order) + table["member"].map(order)
        return table.iloc[np.argsort(keys.to_numpy(), kind="stable")].reset_index(drop=True)

    def chosen(self, year: int, park: str = "", by: str = "sector", member: str = "") -> pd.DataFrame:
        """The firms of a park, of one of its sectors or sizes, or of all, the largest output first."""
        rows = self.at(year)
        if park:
            rows = rows[rows["park"] == park]
        if member:
            rows = rows[rows[by] == member]
        return rows.sort_values(["output", "firm"], ascending=[False, True], kind="stable")

    def story(self, firm: int) -> pd.DataFrame:
        """One firm by year; empty where there is none."""
        return self.firms[self.firms["firm"] == firm]

    def events_of(self, firm: int) -> pd.DataFrame:
        """What happened to one firm, in its order."""
        return self.events[self.events["firm"] == firm]

    def partners(self, firm: int, year: int) -> dict[str, pd.DataFrame]:
        """Suppliers and customers of a firm, with what is bought a year, 万元, the largest first."""
        output = self._by_year[year].set_index("firm")["output"]
        found = {}
        for side, own, other in (("suppliers", "customer", "supplier"), ("customers", "supplier", "customer")):
            rows = self.links[self.links[own] == firm]
            bought = rows["purchase_share"].to_numpy() * output.reindex(rows["customer"]).fillna(0.0).to_numpy()
            table = pd.DataFrame({"firm": rows[other].to_numpy(), "amount": bought})
            found[side] = table[table["amount"] > 0.0].sort_values("amount", ascending=False, kind="stable")
        return found

    def exchanges_of(self, firm: int, year: int) -> pd.DataFrame:
        """Links of by-products that a firm has in a year, the most tonnes first."""
        rows = self.exchanges[self.exchanges["year"] == year]
        rows = rows[(rows["giver"] == firm) | (rows["taker"] == firm)]
        return rows.sort_values(TONNES, ascending=False, kind="stable")

    def streams(self, year: int) -> pd.DataFrame:
        """Tonnes and links by stream in a year, the most tonnes first."""
        rows = self.exchanges[self.exchanges["year"] == year]
        found = rows.groupby("stream", observed=True).agg(tonnes=(TONNES, "sum"), links=(TONNES, "size"))
        return found.reset_index().astype({"stream": str}).sort_values(TONNES, ascending=False, kind="stable")

    def flows(self, year: int, stream: str = "") -> pd.DataFrame:
        """Links of by-products in a year with the parks of both ends, the most tonnes first."""
        rows = self.exchanges[self.exchanges["year"] == year]
        if stream:
            rows = rows[rows["stream"] == stream]
        park = self._by_year[year].set_index("firm")["park"].astype(str)
        ends = {f"{side}_park": park.reindex(rows[side]).to_numpy() for side in ("giver", "taker")}
        return rows.assign(**ends).dropna().sort_values(TONNES, ascending=False, kind="stable")

    def arcs(self, year: int, stream: str = "") -> pd.DataFrame:
        """Tonnes and links between parks in a year, of one stream or of all."""
        found = self.flows(year, stream).groupby(["giver_park", "taker_park"])
        table = found.agg(tonnes=(TONNES, "sum"), links=(TONNES, "size")).reset_index()
        return table.sort_values(TONNES, ascending=False, kind="stable")


def district(replicate: Replicate) -> District:
    """What is kept of a replicate with its firms."""
    micro = replicate.micro
    assert micro is not None, "the kind of the job asks for firms"
    sums = micro.firms.groupby(["year", "sector"], observed=True)[[f"ledger_{term}" for term in LEDGER]].sum()
    ledgers = sums.rename(columns=lambda name: name.removeprefix("ledger_")).reset_index()
    return District(micro.firms[KEPT_COLUMNS], micro.links, micro.events, micro.by_product_links, ledgers)


FIRMS = Kind("firms", district, micro=True, kept=6)


@cache
def sector_groups() -> dict[str, str]:
    """The group of each sector."""
    table = load_table("sectors")
    return dict(zip(table["sector"].astype(str), table["group"].astype(str), strict=True))


def members(by: str) -> list[str]:
    """Sectors or sizes in their order."""
    return words("sectors") if by == "sector" else list(SIZES)


def words(table: str) -> list[str]:
    """The codes of a table of configs/tables/."""
    return [str(word) for word in load_table(table)[table.removesuffix("s")]]


@cache
def titles(table: str) -> dict[str, tuple[str, str]]:
    """Names in both languages by the codes of a table, those in English in sentence case."""
    rows = load_table(table)
    names = zip(rows[table.removesuffix("s")], rows.name_zh, rows.name_en, strict=True)
    return {str(code): (str(zh), sentence_case(str(en), place_names())) for code, zh, en in names}


def adopted(story: pd.DataFrame, column: str, year: int) -> set[str]:
    """Options or certificates that a firm had at the end of a year."""
    rows = story[story["year"] == year]
    return set(filter(None, str(rows[column].iloc[0]).split(";"))) if len(rows) else set()


def first_event(events: pd.DataFrame, kind: str, column: str) -> dict[str, Any]:
    """The quarter in which a kind of event first happened, by project or certificate."""
    rows = events[events["kind"] == kind]
    found: dict[str, Any] = {}
    for name, period in zip(rows[column].astype(str), rows["period"].astype(str), strict=True):
        found.setdefault(name, period)
    return found
