"""The option tables hold all 58 options, fit together, and give the paybacks and savings that their sources name.

The reference firm has the energy mix of its sector's mean and an output of 100 million yuan, or the smallest output
that the option asks for. Exceptions are data (tests/data/option_exceptions.csv), each with its reason.
"""

import csv
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from sim.configuration.tables import load_table

OPTIONS = load_table("options").set_index("option", drop=False)
SIZING = load_table("option_sizing")
WORDS = load_table("sector_words")
SECTORS = load_table("sectors").set_index("sector")

CARRIERS = ("coal", "gas", "oil", "electricity", "heat")
PRICES = {"coal": 0.12, "gas": 0.20, "oil": 0.45, "electricity": 0.537 * 0.775, "heat": 0.19}  # 万元 per tce saved
WATER_PRICE = 0.0004  # 万元 per m3, sewage fee included
OUTPUT = 10_000.0  # 万元 a year
OWN_USE = 0.9  # of electricity that own generation can replace
SHORTEST, LONGEST = 0.4, 2.5  # of the source's payback range
ROUNDING = 0.02
NAMES = [f"T{number:02d}" for number in range(1, 59)]
STREAMS = {f"S{number:02d}" for number in range(1, 31)}
DRIVES = ("T10", "T11", "T12", "T13", "T14")


def exceptions(check: str) -> dict[str, set[str]]:
    path = Path(__file__).parent / "data" / "option_exceptions.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(len(row["reason"]) > 20 for row in rows)
    return {row["option"]: set(row["sectors"].split(";")) for row in rows if row["check"] == check}


class Firm(NamedTuple):
    """A reference firm and what the option does for it in a year."""

    capex: float  # 万元
    saving: float  # 万元 a year
    cut: float  # tce a year, before switch and extra use
    share: float  # of all energy saved, net

    @property
    def payback(self) -> float:
        return self.capex / self.saving if self.saving > 0.0 else float("inf")


def quantities(row: pd.Series, use: dict[str, float], cut: dict[str, float], output: float) -> float:
    """The quantity the plant is sized on."""
    sector = SECTORS.loc[row["sector"]]
    known = dict(use, fuel=use["coal"] + use["gas"] + use["oil"], energy=sum(use.values()), output=output, firm=1.0)
    known |= {"roof": sector["roof_area"] * output, "saved_energy": sum(cut.values())}
    known |= {name: sector[f"{name}_intensity"] * output for name in ("water", "waste", "voc", "nox", "cod")}
    return known[row["sizing_base"]]


def with_option(row: pd.Series) -> Firm:
    option, sector = OPTIONS.loc[row["option"]], SECTORS.loc[row["sector"]]
    output = max(OUTPUT, row["min_size"])
    use = {carrier: sector[f"{carrier}_intensity"] * output for carrier in CARRIERS}
    cut = {carrier: row[f"cut_{carrier}"] * use[carrier] for carrier in CARRIERS}
    units = row["units_per_base"] * quantities(row, use, cut, output)
    units = min(units, row["max_units"]) if row["max_units"] else units
    if row["yield_tce_per_unit"]:
        units = min(units, OWN_USE * use["electricity"] / row["yield_tce_per_unit"])
        cut["electricity"] = units * row["yield_tce_per_unit"]
    capex = units * option["unit_capex"]
    total, removed = sum(use.values()), sum(cut.values())
    added = {"electricity": row["extra_electricity"] * total, "gas": row["extra_gas"] * total}
    if row["switch_carrier"] != "none":
        added[row["switch_carrier"]] = added.get(row["switch_carrier"], 0.0) + row["switch_ratio"] * removed
    saving = sum(PRICES[carrier] * tce for carrier, tce in cut.items())
    saving -= sum(PRICES[carrier] * tce for carrier, tce in added.items())
    saving += option["water_cut"] * sector["water_intensity"] * output * WATER_PRICE
    saving += (option["nonenergy_benefit"] - option["opex_share"]) * capex
    return Firm(capex, saving, removed, (removed - sum(added.values())) / total)


FIRMS = {(row["option"], row["sector"]): with_option(row) for _, row in SIZING.iterrows()}


def listed_sectors(option: str) -> set[str]:
    """Sectors that the words of the source stand for."""
    used = WORDS["used_by"].map(lambda text: option in text.split(";"))
    return {sector for text in WORDS.loc[used, "sectors"] for sector in text.split(";")} - {"outside"}


def test_all_58_options_stand_in_order():
    assert OPTIONS["option"].tolist() == NAMES


def test_every_option_is_sized_for_some_sector():
    assert set(SIZING["option"]) == set(NAMES)
    assert set(SIZING["sector"]) <= set(SECTORS.index)


def test_own_generation_is_not_also_a_cut():
    own = SIZING["yield_tce_per_unit"] > 0
    assert set(SIZING.loc[own, "option"]) == {"T05", "T06", "T09", "T22"}
    assert (SIZING.loc[own, "cut_electricity"] == 0).all()


@pytest.mark.parametrize("name", [*(f"cut_{carrier}" for carrier in CARRIERS), "process_cut"])
def test_cuts_leave_something_even_at_the_high_multiplier(name):
    high = SIZING["option"].map(OPTIONS["saving_high"])
    assert ((SIZING[name] >= 0) & (SIZING[name] * high <= 0.96)).all()


def test_no_cut_falls_on_a_carrier_that_the_sector_does_not_use():
    unused = [
        (row["option"], row["sector"], carrier)
        for _, row in SIZING.iterrows()
        for carrier in CARRIERS
        if row[f"cut_{carrier}"] > 0 and SECTORS.loc[row["sector"], f"{carrier}_intensity"] == 0
    ]
    assert unused == []


def test_drives_cannot_save_a_fifth_of_electricity():
    drives = SIZING[SIZING["option"].isin(DRIVES)]
    assert drives["cut_electricity"].between(0, 0.12).all()


def test_a_switch_names_its_carrier_and_saves_energy_except_for_power_made_on_site():
    switched = SIZING["switch_carrier"] != "none"
    assert (SIZING["switch_ratio"] > 0).equals(switched)
    assert set(SIZING.loc[SIZING["switch_ratio"] >= 1, "option"]) == {"T21"}


def test_ranges_hold_their_centre():
    assert (OPTIONS["unit_capex_low"] < OPTIONS["unit_capex"]).all()
    assert (OPTIONS["unit_capex"] < OPTIONS["unit_capex_high"]).all()
    assert (OPTIONS["saving_low"] <= 1).all()
    assert (OPTIONS["saving_high"] >= 1).all()


def test_outside_trend_follows_from_learning_and_doubling():
    derived = 1 - (1 - OPTIONS["learning_rate"]) ** (1 / OPTIONS["doubling_years"])
    assert (derived - OPTIONS["outside_trend"]).abs().max() < 0.001


def test_the_options_that_wait_for_a_window_are_those_of_the_study():
    assert OPTIONS.index[OPTIONS["irreversible"]].tolist() == ["T07", "T21", "T34", "T35"]
    assert ((OPTIONS["window_years"] > 0) == OPTIONS["irreversible"]).all()


def test_exclusive_groups_have_at_least_two_members():
    members = OPTIONS["exclusive_group"].str.split(";").explode()
    members = members[members != ""]
    assert (members.value_counts() >= 2).all()
    assert members.index[members == "coal_boiler"].tolist() == ["T01", "T02", "T28", "T37"]
    assert members.index[members == "high_voltage_drive"].tolist() == ["T11", "T13"]


def test_compliance_options_have_no_payback_and_never_pay():
    compliance = OPTIONS[OPTIONS["kind"] == "abatement"]
    assert compliance["payback_central"].isna().all()
    assert {key for key, firm in FIRMS.items() if key[0] in compliance.index and firm.saving > 0} == set()


def test_every_word_resolves_to_sectors_of_the_model():
    for _, row in WORDS.iterrows():
        found = set(row["sectors"].split(";"))
        assert found == {"outside"} or found <= set(SECTORS.index), row["word"]
        assert len(row["reason"]) > 8 or "same name" in row["reason"], row["word"]


def test_every_option_and_stream_has_its_words():
    users = {user for text in WORDS["used_by"] for user in text.split(";")}
    assert users == set(NAMES) | STREAMS


def test_sizing_rows_stay_with_the_listed_sectors_or_say_why_not():
    astray = [
        (row["option"], row["sector"])
        for _, row in SIZING.iterrows()
        if row["sector"] not in listed_sectors(row["option"]) and "added to the source list:" not in row["derivation"]
    ]
    assert astray == []


def outside(check: str, option: str) -> set[str]:
    """Sectors in which the payback or the share of energy saved leaves the range of the source."""
    low, high = OPTIONS.loc[option, [f"{check}_low", f"{check}_high"]]
    firms = {sector: firm for (name, sector), firm in FIRMS.items() if name == option}
    if check == "payback":
        return {sector for sector, firm in firms.items() if not SHORTEST * low <= firm.payback <= LONGEST * high}
    low, high = low - ROUNDING * abs(low) - 1e-6, high + ROUNDING * abs(high) + 1e-6
    listed = firms.keys() & listed_sectors(option)
    return {sector for sector in listed if not low <= firms[sector].share <= high}


@pytest.mark.parametrize("option", [name for name in NAMES if pd.notna(OPTIONS.loc[name, "payback_central"])])
def test_payback_agrees_with_the_source(option):
    astray = outside("payback", option)
    assert astray <= exceptions("payback").get(option, set())
    assert OPTIONS.loc[option, "kind"] == "product" or len(astray) < (SIZING["option"] == option).sum() / 2


@pytest.mark.parametrize("option", [name for name in NAMES if pd.notna(OPTIONS.loc[name, "share_central"])])
def test_energy_saved_lies_within_the_range_of_the_source(option):
    assert outside("share", option) <= exceptions("share").get(option, set())


def test_exceptions_are_still_needed():
    listed = [
        (check, option, sectors) for check in ("payback", "share") for option, sectors in exceptions(check).items()
    ]
    assert [option for check, option, sectors in listed if not outside(check, option) & sectors] == []


def test_options_do_not_share_one_price_per_tonne_saved():
    prices = {option: [] for option in NAMES}
    for (option, _), firm in FIRMS.items():
        if firm.cut > 0:
            prices[option].append(firm.capex / firm.cut)
    middles = [round(sorted(each)[len(each) // 2], 3) for each in prices.values() if each]
    assert len(set(middles)) > 0.9 * len(middles)
    assert max(middles) > 50 * min(middles)


def test_sizes_differ_between_sectors_where_hours_differ():
    hourly = SIZING[SIZING["option"].isin(("T10", "T12", "T15", "T23", "T49"))]
    assert (hourly.groupby("option")["units_per_base"].nunique() > 4).all()
