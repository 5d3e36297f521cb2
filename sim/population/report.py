"""What the population was asked to add up to, what it does add up to, and the factors that were needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agents.firm import Firms
from agents.mathematics import log, normal_quantile
from sim.population.plan import CARRIERS, PER_YI, SOLD, Calibration, calibrated, codes, population_tables
from sim.population.rules import PopulationRules

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

KINDS = {
    "units_utilities": ("coal_power", "clean_power", "env_services"),
    "units_transport": ("logistics",),
    "units_trade": ("trade",),
    "units_tourism": ("ecotourism",),
    "units_agriculture": ("crops", "livestock", "forestry"),
}
GROUPS = {"energy_electronics": ("energy", "electronics")}


def marginal_report(
    firms: Firms, rules: PopulationRules, simulated_2021: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Compare a population with its marginals.

    Args:
        firms: columns from `build_population`.
        rules: the rules that it was built with.
        simulated_2021: values of the simulated year 2021 by marginal, to fill the rows of kind `target_2021`.

    Returns:
        One row per marginal: marginal, date, kind, wanted, got, difference, tolerance, unit, factor (on sector means;
        empty where none was needed). Rows of kind `detail` give the factor and green output by group and cluster.
    """
    import pandas as pd

    table = population_tables().marginals
    found = measured(firms, rules) | dict(simulated_2021 or {})
    factors = calibrated(rules)
    used = {"above_scale_energy": factors.energy, "above_scale_value_added": factors.value_added}
    report = table[["marginal", "date", "kind", "wanted", "tolerance", "unit"]].copy()
    report["got"] = [found.get(name, np.nan) for name in table["marginal"]]
    report["difference"] = report["got"] - report["wanted"]
    report["factor"] = [used.get(name, np.nan) for name in table["marginal"]]
    names = ["marginal", "date", "kind", "wanted", "got", "difference", "tolerance", "unit", "factor"]
    return pd.concat([report[names], details(firms, factors)[names]], ignore_index=True)


def measured(firms: Firms, rules: PopulationRules) -> dict[str, float]:
    """The value of every marginal in this population, in the unit of marginals.csv."""
    present = ~firms.entrant
    above = firms.above_scale & present
    yearly = 4.0 * firms.base_output
    sectors = population_tables().sectors
    name = sectors["sector"].to_numpy(dtype=object)[firms.sector]
    group = sectors["group"].to_numpy(dtype=object)[firms.sector]
    utility = np.isin(name, KINDS["units_utilities"])
    industry = sectors["industry"].to_numpy(dtype=bool)[firms.sector]
    output = total(yearly, above)
    found = {
        "above_scale_energy": total(yearly * net_energy(firms), above),
        "above_scale_value_added": total(yearly * firms.value_added_share, above) / PER_YI,
        "above_scale_units": total(firms.weight, above),
        "units_manufacturing": total(firms.weight, present & industry & ~utility),
        "pv_capacity": total(firms.pv_capacity, present) / 1000.0,
        "above_scale_output": output / PER_YI,
    }
    for marginal, members in KINDS.items():
        found[marginal] = total(firms.weight, present & np.isin(name, members))
    for marginal in population_tables().marginals["marginal"]:
        if marginal.startswith("output_share_"):
            key = marginal.removeprefix("output_share_")
            found[marginal] = total(yearly, above & np.isin(group, GROUPS.get(key, (key,)))) / output
    modelled = total(yearly * firms.value_added_share, present) / PER_YI
    found["modelled_value_added"] = modelled
    return found | park_shares(firms, above, yearly) | size_shares(firms, above, yearly, rules)


def total(values: Floats, rows: Flags) -> float:
    """Sum over some rows in the order of stable ids, so that it is the same on every machine."""
    return float(np.cumsum(np.where(rows, values, 0.0))[-1])


def net_energy(firms: Firms) -> Floats:
    """Energy taken in less energy sold, tce per 万元."""
    columns: dict[str, Any] = firms._asdict()
    net = np.zeros(len(firms.firm))
    for name in CARRIERS:
        net += columns[name]
    for name in SOLD:
        net -= columns[name]
    return net


def park_shares(firms: Firms, above: Flags, yearly: Floats) -> dict[str, float]:
    """Shares of the parks in above-scale firms and output."""
    parks = list(population_tables().parks["park"])
    inside = above & (firms.park < parks.index("elsewhere"))
    output = total(yearly, above)
    return {
        "parks_firm_share": total(firms.weight, inside) / total(firms.weight, above),
        "parks_output_share": total(yearly, inside) / output,
        "degan_output_share": total(yearly, above & (firms.park == parks.index("degan"))) / output,
    }


def size_shares(firms: Firms, above: Flags, yearly: Floats, rules: PopulationRules) -> dict[str, float]:
    """How unequal above-scale firms are, measured at the two sizes of the published counts."""
    size = yearly / firms.weight
    count = total(firms.weight, above)
    large = above & (size >= rules.counted_size)
    big = total(firms.weight, large) / count
    bigger = total(firms.weight, above & (size >= rules.counted_larger_size)) / count
    sigma = np.nan
    if 0.0 < bigger < big < 1.0:
        ratio = rules.counted_larger_size / rules.counted_size
        sigma = log(ratio) / (normal_quantile(1.0 - bigger) - normal_quantile(1.0 - big))
    share = total(yearly, large) / total(yearly, above)
    return {"size_sigma": sigma, "large_firm_output_share": share, "firms_above_2bn_share": bigger}


def green_output(firms: Firms) -> Floats:
    """Green output of the initial rows by cluster at the end of 2020, 亿元 a year, shape (n_clusters,)."""
    tables = population_tables()
    cluster = codes(tables.products["cluster"], tables.clusters["cluster"])
    green = 4.0 * firms.base_output * firms.base_green_share / PER_YI
    rows = ~firms.entrant & (firms.product >= 0)
    place = np.where(firms.product >= 0, cluster[firms.product], 0)
    return np.array([total(green, rows & (place == c)) for c in range(len(tables.clusters))])


def details(firms: Firms, factors: Calibration) -> pd.DataFrame:
    """Factor on energy by industry group and green output by cluster at the end of 2020."""
    import pandas as pd

    tables = population_tables()
    sectors = tables.sectors
    group = sectors["group"].to_numpy(dtype=object)
    above = firms.above_scale & ~firms.entrant
    day = pd.Timestamp("2020-12-31")
    use = 4.0 * firms.base_output * net_energy(firms)
    rows = []
    for name in dict.fromkeys(group[sectors["industry"].to_numpy(dtype=bool)]):
        got = total(use, above & (group[firms.sector] == name))
        factor = 1.0 if name == "energy" else factors.energy
        rows.append((f"above_scale_energy.{name}", day, "detail", np.nan, got, np.nan, np.nan, "tce/yr", factor))
    for name, value in zip(tables.clusters["cluster"], green_output(firms), strict=True):
        rows.append((f"green_output.{name}", day, "detail", np.nan, value, np.nan, np.nan, "亿元", np.nan))
    names = ["marginal", "date", "kind", "wanted", "got", "difference", "tolerance", "unit", "factor"]
    return pd.DataFrame(rows, columns=names)
