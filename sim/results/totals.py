"""What one replicate left, summed to quarters or to complete years: the whole numbers that variables are made from.

Flows of a year are the sums of its quarters, stocks stand at the end of the period; both stay whole numbers until a
variable turns them into its unit, so that parts add up.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents.codes import N_TERMS, NET_TAX, POLLUTION_TAX, PROFIT_TAX, WASTE, WASTE_USED
from agents.firm import Floats
from agents.mathematics import whole
from agents.stream_codes import LINKS
from sim.phases.recording import BOOK_COLUMNS, FIRM_COLUMNS, PRODUCT_COLUMNS, PURSE_COLUMNS, SUPPLY_COLUMNS, Record
from sim.results.district import Flows, Stocks
from sim.results.revenue import QUARTERS, SALES, Alignment, by_cluster, by_product_sales

Table = NDArray[np.int64]

FLOWING_FIRM_COLUMNS = ("arrived", "left", "relocated")
FLOWING_BOOK_COLUMNS = ("write_offs",)
FLOWING_PURSE_COLUMNS = tuple(column for column in PURSE_COLUMNS if column != "left")
FLOWING_SUPPLY_COLUMNS = ("switched", "asked", "certified_sales")


class Totals(NamedTuple):
    """One replicate by period; the first axis is the period."""

    sectors: Table  # (n, n_sectors, N_FLOWS) flows
    parks: Table  # (n, n_parks, N_FLOWS) flows
    sizes: Table  # (n, n_sizes, N_FLOWS) flows
    above_scale: Table  # (n, N_FLOWS) flows of industrial firms above scale
    clusters: Table  # (n, n_clusters, PRODUCT_COLUMNS) flows, fen
    firms: Table  # (n, n_sectors, FIRM_COLUMNS) thousandths of firms
    stocks: Table  # (n, n_sectors, STOCK_COLUMNS) fen, end of period
    adopters: Table  # (n, n_options) thousandths of firms, end of period
    reasons: Table  # (n, n_reasons) thousandths of firms, last quarter
    purses: Table  # (n, n_programmes + 1, PURSE_COLUMNS) fen
    books: Table  # (n, n_banks, BOOK_COLUMNS) fen
    streams: Table  # (n, n_streams, N_STREAM_COLUMNS) kg, fen and links of by-products
    arcs: Table  # (n, n_parks, n_parks) kg of by-products on lorries
    linked: Table  # (n, 2) thousandths of firms, summed over quarters
    taxes: Table  # (n, 2) fen, kept by the district and passed on
    pv: Table  # (n,) W, end of period
    renewables: Table  # (n, RENEWABLES) W, end of period
    rest: Flows  # flows outside the model
    standing: Stocks  # stocks outside the model, end of period
    pv_2021: int  # W at the end of 2021
    streams_2021: Table  # (n_streams, N_STREAM_COLUMNS) of the first year
    waste_2021: Table  # (n_sectors, 2) kg of solid waste used and generated in the first year
    supply: Table  # (n, SUPPLY_COLUMNS)
    certificates: Table  # (n, CERTIFICATE_ROWS, N_CERTIFICATES) thousandths of firms
    alignment: Alignment
    energy_content: float  # kJ per tce
    power_emission: float  # t CO2 per tce of electricity, grid factor

    def products(self, column: str) -> Floats:
        """Aligned value of a column of the green products by period and cluster, 亿元."""
        sales = self.clusters[:, :, PRODUCT_COLUMNS.index(column)]
        return sales / 1e10 * self.alignment.revenue_factor


def quarter_totals(
    record: Record, alignment: Alignment, energy_content: float, district_share: float, power_emission: float = 0.0
) -> Totals:
    """The quarters of a record.

    Args:
        record: what the replicate left.
        alignment: its factors on green sales.
        energy_content: kJ per tce (configs/factor.yaml).
        district_share: of taxes that the district keeps (configs/firm.yaml).
        power_emission: t CO2 per tce of electricity at the grid factor.
    """
    return Totals(
        sectors=record.sectors,
        parks=record.parks,
        sizes=record.sizes,
        above_scale=record.above_scale,
        clusters=cluster_columns(record),
        firms=record.firms,
        stocks=record.stocks,
        adopters=record.adopters,
        reasons=record.reasons,
        purses=record.purses,
        books=record.books,
        streams=record.streams,
        arcs=record.arcs,
        linked=record.linked,
        taxes=shared_taxes(record.sectors, district_share),
        pv=record.pv,
        renewables=record.renewables,
        rest=Flows(*nothing(len(record.pv), Flows)),
        standing=Stocks(*nothing(len(record.pv), Stocks)),
        streams_2021=record.streams[:QUARTERS].sum(axis=0),
        waste_2021=record.sectors[:QUARTERS][:, :, [N_TERMS + WASTE_USED, N_TERMS + WASTE]].sum(axis=0),
        pv_2021=int(record.pv[min(QUARTERS, len(record.pv)) - 1]),
        supply=record.supply,
        certificates=record.certificates,
        alignment=alignment,
        energy_content=energy_content,
        power_emission=power_emission,
    )


def cluster_columns(record: Record) -> Table:
    """Columns of the green products by quarter and cluster; sales of by-products are green sales, too."""
    columns = by_cluster(record.products.swapaxes(1, 2)).swapaxes(1, 2)
    columns[:, :, SALES] += by_product_sales(record)
    return columns


def shared_taxes(sectors: Table, district_share: float) -> Table:
    """Taxes of each quarter that the district keeps and that it passes on, fen: rounded once, as they were booked."""
    paid = -sectors[:, :, [POLLUTION_TAX, NET_TAX, PROFIT_TAX]].sum(axis=(1, 2))
    kept = np.array([whole(tax * district_share) for tax in paid.tolist()], np.int64)
    return np.stack([kept, paid - kept], axis=1)


def year_totals(quarters: Totals) -> Totals:
    """The complete years of a run."""
    return quarters._replace(
        sectors=summed(quarters.sectors),
        parks=summed(quarters.parks),
        sizes=summed(quarters.sizes),
        above_scale=summed(quarters.above_scale),
        clusters=summed(quarters.clusters),
        firms=mixed(quarters.firms, FIRM_COLUMNS, FLOWING_FIRM_COLUMNS),
        stocks=at_the_end(quarters.stocks),
        adopters=at_the_end(quarters.adopters),
        reasons=at_the_end(quarters.reasons),
        purses=mixed(quarters.purses, PURSE_COLUMNS, FLOWING_PURSE_COLUMNS),
        books=mixed(quarters.books, BOOK_COLUMNS, FLOWING_BOOK_COLUMNS),
        streams=mixed_streams(quarters.streams),
        arcs=summed(quarters.arcs),
        linked=summed(quarters.linked),
        taxes=summed(quarters.taxes),
        pv=at_the_end(quarters.pv),
        renewables=at_the_end(quarters.renewables),
        rest=Flows(*(summed(flow) for flow in quarters.rest)),
        standing=Stocks(*(at_the_end(stock) for stock in quarters.standing)),
        supply=mixed(quarters.supply, SUPPLY_COLUMNS, FLOWING_SUPPLY_COLUMNS),
        certificates=held_and_moved(quarters.certificates),
    )


def with_years(quarters: Totals) -> Totals:
    """The quarters of a run and, behind them, its complete years; what holds for the whole run stands once."""
    return _behind(quarters, year_totals(quarters))


def _behind(quarters: Any, years: Any) -> Any:
    if years is quarters:
        return quarters
    if isinstance(quarters, np.ndarray):
        return np.concatenate((quarters, years))
    return type(quarters)(*map(_behind, quarters, years))


def nothing(n_quarters: int, kind: type[Any]) -> list[Floats]:
    """Zeros for each field of what lies outside the model, until it is known."""
    return [np.zeros(n_quarters) for _ in kind._fields]


def summed(flows: NDArray[Any]) -> NDArray[Any]:
    """Sums of the quarters of each complete year."""
    n_years = len(flows) // QUARTERS
    return flows[: QUARTERS * n_years].reshape(n_years, QUARTERS, *flows.shape[1:]).sum(axis=1)


def at_the_end(stocks: NDArray[Any]) -> NDArray[Any]:
    """Last quarters of the complete years."""
    return stocks[QUARTERS - 1 :: QUARTERS]


def mixed_streams(streams: Table) -> Table:
    """Years of the by-product streams: flows add up, links are those of the last quarter."""
    years = summed(streams)
    years[:, :, LINKS] = at_the_end(streams)[:, :, LINKS]
    return years


def held_and_moved(certificates: Table) -> Table:
    """Years of certificates: those held at the end, those issued and lost in the year."""
    years = summed(certificates)
    years[:, 0] = at_the_end(certificates)[:, 0]
    return years


def mixed(columns: Table, names: tuple[str, ...], flowing: tuple[str, ...]) -> Table:
    """Years of a table whose last axis holds flows and stocks."""
    years = at_the_end(columns).copy()
    at = [names.index(name) for name in flowing]
    years[..., at] = summed(columns[..., at])
    return years
