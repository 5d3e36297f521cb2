"""Aggregates of one replicate added up again from the rows of its files, by another way than the kernels'.

Reads firms.csv, events.csv and alignment.csv as a user does, fills the whole numbers that variables are made from, and
measures them: what then differs from years.csv was lost between the kernel and the files.
"""

from fnmatch import fnmatch

import numpy as np
import pandas as pd

from agents import codes, stream_codes
from agents.government import N_PROGRAMMES
from sim.configuration.tables import load_table
from sim.phases.recording import BOOK_COLUMNS, FIRM_COLUMNS, N_SIZES, PRODUCT_COLUMNS, PURSE_COLUMNS, empty_record
from sim.results.measures import measured
from sim.results.microdata import FLOW_COLUMNS, SIZE_NAMES
from sim.results.revenue import Alignment, clusters
from sim.results.totals import quarter_totals
from sim.results.variable_list import load_variables

YEARS = 5
FEN = codes.FEN
CREDITS = {"green_sales": "green_sales", "green_output": "green_output", "project_sales": "green_project_sales"}
CREDITS["local_sales"] = "green_local_sales"


def read(folder, name):
    """A file of a bundle, numbers to the last bit."""
    return pd.read_csv(folder / f"{name}.csv", keep_default_na=False)


def thousandths(rows):
    """Real firms behind rows in thousandths."""
    return np.rint(rows["weight"].to_numpy() * 1000.0).astype(np.int64)


def fen(column):
    """万元 as the whole fen that they were."""
    return np.rint(column.to_numpy() * FEN).astype(np.int64)


def place(column, names):
    """Places of words in a list."""
    return column.map({name: k for k, name in enumerate(names)}).to_numpy(np.int64)


def recomputed(folder, scenario, energy_content):
    """Values by variable and year, shape (n_years,) each, from the files of a scenario's one replicate with rows."""
    firms, events = (read(folder, name) for name in ("firms", "events"))
    firms, events = firms[firms["scenario"] == scenario], events[events["scenario"] == scenario]
    replicate = int(firms["replicate"].iloc[0])
    record = empty_record(YEARS, 0, len(load_table("products")))
    for year in range(YEARS):
        add_rows(record, year, firms[firms["year"] == 2021 + year])
        add_events(record, year, events[events["period"].str[:4] == str(2021 + year)], firms)
    totals = quarter_totals(record, aligned(folder, scenario, replicate), energy_content, 0.0)
    values = measured(totals, load_variables())
    return replicate, {one.name: values[:, k] for k, one in enumerate(load_variables())}


def aligned(folder, scenario, replicate):
    """The factors of 2021."""
    table = read(folder, "alignment").query("scenario == @scenario and replicate == @replicate").set_index("cluster")
    table = table.loc[list(clusters().names)]
    columns = [table[name].to_numpy() for name in ("fact", "simulated", "factor", "revenue_factor", "aligned")]
    return Alignment(*columns)


def add_rows(record, year, rows):
    """Add the firms of a year to their groups."""
    flows = rows[list(FLOW_COLUMNS)].to_numpy(np.int64)
    sector = place(rows["sector"], load_table("sectors")["sector"])
    groups = (
        (record.sectors[year], sector),
        (record.parks[year], place(rows["park"], load_table("parks")["park"])),
        (record.sizes[year], place(rows["size"], SIZE_NAMES)),
    )
    assert len(SIZE_NAMES) == N_SIZES
    for table, member in groups:
        np.add.at(table, member, flows)
    record.above_scale[year] = flows[truth(rows["above_scale"])].sum(axis=0)
    add_products(record, year, rows)
    active, makers = truth(rows["active"]), truth(rows["green_maker"])
    weight = thousandths(rows)
    for column, who in (("active", active), ("green_makers", makers)):
        np.add.at(record.firms[year, :, FIRM_COLUMNS.index(column)], sector[who], weight[who])
    active, weight = rows[active], weight[active]
    np.add.at(record.reasons[year], place(active["reason"], codes.REASON_NAMES), weight)
    record.pv[year] = active["pv"].sum()
    options = list(load_table("options")["option"])
    for names, count in zip(active["options"], weight.tolist(), strict=True):
        for name in filter(None, names.split(";")):
            record.adopters[year, options.index(name)] += count
    for names, count in zip(active["certificates"], weight.tolist(), strict=True):
        for name in filter(None, names.split(";")):
            record.certificates[year, 0, codes.CERTIFICATE_NAMES.index(name)] += count
    green = fen(active["green_debt"]).sum()
    record.books[year, 0, BOOK_COLUMNS.index("green_loans")] = green
    record.books[year, 0, BOOK_COLUMNS.index("loans")] = fen(active["debt"]).sum() - green


def truth(column):
    """A column of true and false."""
    return (column.astype(str).str.lower() == "true").to_numpy()


def add_products(record, year, rows):
    """Add makers of green products to their products."""
    makers = rows[rows["product"] != ""]
    product = place(makers["product"], load_table("products")["product"])
    table = record.products[year]
    for column, quantity in CREDITS.items():
        np.add.at(table[:, PRODUCT_COLUMNS.index(column)], product, makers[f"flow_{quantity}"].to_numpy(np.int64))
    sales = makers["flow_green_sales"].to_numpy(np.int64)
    for column, who in (("relocated_sales", truth(makers["relocated"])), ("arrived_sales", truth(makers["entrant"]))):
        np.add.at(table[:, PRODUCT_COLUMNS.index(column)], product[who], sales[who])


def add_events(record, year, events, firms):
    """Add what happened in a year: who came and left, and public money."""
    traits = firms.drop_duplicates("firm").set_index("firm")
    sectors = list(load_table("sectors")["sector"])
    for kind, column in (("arrived", "arrived"), ("left", "left")):
        found = events[events["kind"] == kind]
        sector = place(found["firm"].map(traits["sector"]), sectors)
        np.add.at(record.firms[year, :, FIRM_COLUMNS.index(column)], sector, thousandths(found))
    moved = events[(events["kind"] == "arrived") & truth(events["firm"].map(traits["relocated"]))]
    sector = place(moved["firm"].map(traits["sector"]), sectors)
    np.add.at(record.firms[year, :, FIRM_COLUMNS.index("relocated")], sector, thousandths(moved))
    record.books[year, 0, BOOK_COLUMNS.index("write_offs")] = fen(events[events["kind"] == "left"]["amount"]).sum()
    issued = events[events["kind"] == "certified"]
    np.add.at(record.certificates[year, 1], place(issued["certificate"], codes.CERTIFICATE_NAMES), thousandths(issued))
    streams = load_table("streams")["stream"]
    for kind, column in (("linked", stream_codes.FORMED), ("unlinked", stream_codes.ENDED)):
        links = events[events["kind"] == kind]  # told of both partners
        ends = np.bincount(place(links["stream"], streams), minlength=stream_codes.N_STREAMS)
        assert not (ends % 2).any()
        record.streams[year, :, column] = ends // 2
    for programme, name in enumerate(codes.PROGRAMME_NAMES[: N_PROGRAMMES + 1]):
        add_programme(record.purses[year, programme], events[events["programme"] == name])


def add_programme(purse, events):
    """Add the events of one programme."""
    paid = events[events["kind"].isin(("granted", "supported", "diagnosed", "linked"))]
    purse[PURSE_COLUMNS.index("spent")] = fen(paid["amount"]).sum()
    for column, kind in (("applicants", "applied"), ("refused", "refused"), ("recipients", "granted")):
        purse[PURSE_COLUMNS.index(column)] = thousandths(events[events["kind"] == kind]).sum()
    purse[PURSE_COLUMNS.index("asked")] = fen(events[events["kind"] == "applied"]["amount"]).sum()
    for label in ("always", "accelerated"):
        granted = events[(events["kind"] == "granted") & (events["label"] == label)]
        purse[PURSE_COLUMNS.index(label)] = fen(granted["amount"]).sum()


def beyond(name):
    """Whether rows of firms do not add up to a variable (configs/tables/beyond_micro.csv)."""
    return any(fnmatch(name, pattern) for pattern in load_table("beyond_micro")["variables"])
