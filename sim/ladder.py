"""The ladder of certificates as records that kernels read: configs/tables/certificates.csv, and what sectors emit."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.certification import Benchmarks, pollution_equivalents
from agents.codes import CARRIER_NAMES, CERTIFICATE_NAMES, N_CERTIFICATES, N_SECTORS
from agents.energy import Carriers, Factors, fuel_emissions, total
from sim.configuration.tables import load_table

CERTIFICATE = np.dtype(
    [
        ("fee", "f8"),  # 万元
        ("system_cost", "f8"),
        ("preparation", "f8"),
        ("renewal_cost", "f8"),
        ("city_award", "f8"),
        ("district_award", "f8"),
        ("city_quota", "f8"),  # firms a year, 0 no limit
        ("attention", "f8"),
        ("regard", "f8"),
        ("needs", "i8"),  # step that must be held before, -1 none
        ("option", "i8"),  # that must be in use before, -1 none
        ("system_option", "i8"),  # -1 none
        ("system_kin", "i8"),  # set of the steps that ask for the same system
        ("contest_quarter", "i8"),  # of the year, from 0
        ("delay_quarters", "i8"),
        ("validity_quarters", "i8"),  # 0 never expires
        ("rivals", "i8"),
        ("opening_stock", "i8"),
        ("opening_pending", "i8"),
        ("green_product", "?"),
        ("gated", "?"),
        ("self_declared", "?"),
    ],
    align=True,
)


@cache
def certificates() -> NDArray[np.void]:
    """Return the ladder, shape (N_CERTIFICATES,)."""
    table = load_table("certificates")
    names, options = list(table["certificate"]), list(load_table("options")["option"])
    assert tuple(names) == CERTIFICATE_NAMES, "agents/codes.py must follow certificates.csv"
    records = np.recarray(N_CERTIFICATES, CERTIFICATE)
    for name in CERTIFICATE.names or ():
        if name in table.columns and table[name].dtype.kind in "ifb":
            records[name] = table[name].to_numpy()
    records.needs = [names.index(name) if name else -1 for name in table["needs"]]
    systems = table["system_option"]
    for column in ("option", "system_option"):
        records[column] = [options.index(name) if name else -1 for name in table[column]]
    records.system_kin = [sum(1 << k for k, other in enumerate(systems) if other == name != "") for name in systems]
    records.contest_quarter = table["contest_quarter"] - 1
    records.validity_quarters = 4 * table["validity_years"]
    return records


def benchmarks(factors: Factors) -> NDArray[np.void]:
    """Return the footprint of each sector's mean firm, shape (n_sectors,)."""
    of = _intensities()
    use = Carriers(*(of[name] for name in CARRIER_NAMES))
    rows = Benchmarks.zeros(N_SECTORS)
    rows.energy = total(use)
    rows.emissions = fuel_emissions(use, factors) + of["process"]
    rows.water = of["water"]
    rows.waste = of["waste"]
    rows.pollution = pollution_equivalents(of["nox"], of["voc"], of["cod"], of["ammonia"], factors)
    rows.land = of["roof"]
    return rows


@cache
def _intensities() -> dict[str, Any]:
    """What each sector's mean firm uses and emits per output, shape (n_sectors,); `roof` is its roof."""
    sectors = load_table("sectors")
    names = (*CARRIER_NAMES, "process", "water", "waste", "nox", "voc", "cod", "ammonia")
    of = {name: sectors[f"{name}_intensity"].to_numpy(np.float64) for name in names}
    return of | {"roof": sectors["roof_area"].to_numpy(np.float64)}
