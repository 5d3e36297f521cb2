"""The tables of by-products that kernels read, as record arrays, with one draw of what is uncertain in them."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.codes import N_SECTORS
from agents.stream_codes import N_STREAMS
from agents.symbiosis import BASES, INDUSTRIAL_SOLID, WASTE_CLASSES, Role, Stream
from sim.catalogue import drawn_column
from sim.configuration.tables import load_table

STREAM_PRICE = 1_006_000  # identity of the first stream's keyed draw; those of other tables lie around it
KG_PER_TONNE = 1000.0
BASE_COLUMNS = {
    "coal": ("coal_intensity",),
    "fuel": ("coal_intensity", "gas_intensity", "oil_intensity"),
    "electricity": ("electricity_intensity",),
    "water": ("water_intensity",),
    "waste": ("waste_intensity",),
    "cod": ("cod_intensity",),
}  # what a base is per output


def streams(seed: int, draw: int | None) -> Any:
    """Return the streams, shape (n_streams,), with prices of one parameter draw."""
    records = _central_streams().copy()
    records.price = drawn_column(seed, draw, STREAM_PRICE, "streams", "price_low", "price", "price_high")
    return records


@cache
def _central_streams() -> Any:
    table = load_table("streams")
    assert len(table) == N_STREAMS, "stream_codes.N_STREAMS must follow streams.csv"
    records = Stream.zeros(N_STREAMS)
    for name in Stream.fields():
        if name != "waste_class":
            records[name] = table[name].to_numpy()
    records.waste_class = [WASTE_CLASSES.index(name) for name in table["waste_class"]]
    return records


@cache
def roles() -> Any:
    """Return what each sector is to each stream, shape (n_streams, n_sectors); no row of the table means nothing."""
    records = Role.zeros(N_STREAMS, N_SECTORS)
    stream = {name: s for s, name in enumerate(load_table("streams")["stream"])}
    sector = {name: s for s, name in enumerate(load_table("sectors")["sector"])}
    for row in load_table("stream_roles").itertuples():
        record = records[stream[row.stream], sector[row.sector]]
        record[f"{row.role}_rate"] = row.kg_per_base
        record[f"{row.role}_base"] = BASES.index(row.base)
        record["own_product"] |= row.own_product
    return records


@cache
def feeds() -> NDArray[np.float64]:
    """Return kilograms of each stream per 万元 of each green product, shape (n_products, n_streams)."""
    products, table = list(load_table("products")["product"]), load_table("stream_feeds")
    names = list(load_table("streams")["stream"])
    matrix = np.zeros((len(products), N_STREAMS))
    for product, stream, kilograms in zip(table["product"], table["stream"], table["kg_per_output"], strict=True):
        matrix[products.index(product), names.index(stream)] = kilograms
    return matrix


@cache
def rest_waste() -> NDArray[np.float64]:
    """Return the share of each sector's solid waste that no stream describes, at its mean intensities."""
    sectors = load_table("sectors")
    described = np.zeros(N_SECTORS)
    per_output = {base: base_per_output(base, sectors) for base in BASES}
    for s in np.flatnonzero(_central_streams().waste_class == INDUSTRIAL_SOLID):
        for k in range(N_SECTORS):
            role = roles()[s, k]
            described[k] += role.giver_rate * per_output[BASES[role.giver_base]][k]
    waste = KG_PER_TONNE * sectors["waste_intensity"].to_numpy()
    return np.maximum(0.0, 1.0 - described / np.where(waste > 0.0, waste, 1.0))


def base_per_output(base: str, columns: Any) -> NDArray[np.float64]:
    """Return a base per 万元 of output from columns of intensities: of sectors, or of firms."""
    names = BASE_COLUMNS.get(base, ())
    if not names:
        return np.ones(len(columns["waste_intensity"]))
    return np.sum([np.asarray(columns[name], np.float64) for name in names], axis=0)
