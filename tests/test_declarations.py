"""Every number that a rule reads is declared once, with names, unit, bounds, evidence and source; none is unused."""

import csv
import importlib
from datetime import date
from pathlib import Path

import conftest
import pytest

from sim.configuration.declarations import Declaration
from sim.configuration.parameters import PARAMETER_GROUPS, load_declarations, read_units
from sim.configuration.problems import Problem
from sim.configuration.scenario_files import scenario_names
from sim.configuration.tables import load_table
from sim.configuration.yaml_reader import read_yaml
from sim.scenario import Scenario

CONFIGS = conftest.ROOT / "configs"
DECLARED = load_declarations()
KNOWN_UNTIL = date(2021, 12, 31)  # what a forecast as of 2021 may know
SCENARIOS = ("none", "baseline", "plan", "finance_led", "subsidy_led", "mandate_led", "symbiosis_led")
KINDS = {"flow_year", "stock", "share", "price", "count"}
TABLE_ROWS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 20)  # the plan prints no rows 12 and 19


def content_of(path: Path):
    problems: list[Problem] = []
    document = read_yaml(path, path.name, problems)
    assert problems == []
    return document.content


VARIABLES = content_of(CONFIGS / "variables.yaml")


def fields_of(group: str) -> set[str]:
    """Fields of the tuple that a group fills."""
    return set(PARAMETER_GROUPS[group]._fields)


def entries() -> list[Declaration]:
    return list(DECLARED.values())


@pytest.mark.parametrize("group", sorted(PARAMETER_GROUPS.places))
def test_what_is_declared_is_what_a_rule_reads(group):
    assert set(DECLARED.of_group(group)) == fields_of(group)


def test_every_tuple_of_numbers_of_the_rules_is_a_group():
    docstring = "Numbers of configs/"
    places = set(PARAMETER_GROUPS.places.values())
    for path in sorted((conftest.ROOT / "agents").glob("*.py")):
        module = importlib.import_module(f"agents.{path.stem}")
        for name, thing in vars(module).items():
            if isinstance(thing, type) and thing.__module__ == module.__name__ and docstring in (thing.__doc__ or ""):
                assert f"{module.__name__}.{name}" in places


@pytest.mark.parametrize("entry", entries(), ids=list(DECLARED))
def test_a_declaration_is_complete(entry):
    assert entry.source
    assert any("\u4e00" <= letter <= "\u9fff" for letter in entry.name_zh)
    assert entry.name_en.isascii()
    assert entry.unit in DECLARED.units
    assert set(entry.source) <= set(DECLARED.sources)


@pytest.mark.parametrize("entry", entries(), ids=list(DECLARED))
def test_values_lie_within_bounds_and_priors_around_them(entry):
    lower, upper = entry.bounds
    assert lower < upper or entry.unit == "date"
    for information in ("as_of_2021", "conditional"):
        assert all(lower <= value <= upper for _, value in entry.path(information))
    if entry.low is not None:
        assert lower <= entry.low <= entry.value <= entry.high <= upper
        assert entry.low < entry.high
    if entry.spread_low is not None:
        assert 0.0 < entry.spread_low <= 1.0 <= entry.spread_high


@pytest.mark.parametrize("entry", entries(), ids=list(DECLARED))
def test_nothing_later_than_2021_is_known_as_of_2021(entry):
    assert all(day <= KNOWN_UNTIL for day in entry.values or {})
    assert all(day > KNOWN_UNTIL for day in entry.actual or {})


def test_names_tell_parameters_apart():
    for language in ("name_zh", "name_en"):
        names = [getattr(entry, language) for entry in entries()]
        assert sorted({name for name in names if names.count(name) > 1}) == []


def test_levers_are_policies_with_a_section_of_the_plan():
    levers = [entry for entry in entries() if entry.lever]
    assert all(entry.group == "policy" and entry.plan_section for entry in levers)
    assert {entry.key for entry in levers} >= {"policy.carbon_price.price", "policy.retrofit_grant.share"}


def test_every_lever_has_room_to_move():
    for entry in entries():
        if entry.lever:
            assert entry.value_at(date(2022, 1, 1)) < entry.bounds[1]


def test_the_three_weights_of_peers_sum_to_one():
    peers = [DECLARED[f"behaviour.{kind}_peers"] for kind in ("sector", "park", "partner")]
    assert sum(entry.value for entry in peers) == pytest.approx(1.0)
    assert not any(entry.sampled for entry in peers)


def test_cash_is_paid_out_only_above_what_is_kept():
    assert DECLARED["firm.cash_floor"].high <= DECLARED["firm.cash_ceiling"].low


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_loads_and_acts_from_2022_on(name):
    scenario = Scenario.load(name, parameters="central")
    assert scenario.name == name
    for change in scenario.changes:
        assert change.key.startswith("policy.")
        assert change.day is not None
        assert change.day > KNOWN_UNTIL


def test_the_scenarios_are_those_of_the_model():
    assert set(scenario_names()) == set(SCENARIOS)


def test_the_baseline_is_the_declared_world():
    assert Scenario.load("baseline", parameters="central").changes == ()


def test_without_district_policies_no_programme_pays():
    steps = Scenario.load("none", parameters="central").steps
    for programme in ("retrofit_grant", "digital_grant", "pv_grant", "conversion_grant"):
        assert steps[f"policy.{programme}.purse"][-1][1] == 0.0


def test_the_plan_never_weakens_what_it_supports_in_any_draw():
    for key, steps in Scenario.load("plan", parameters="central").steps.items():
        entry = DECLARED[key]
        assert all(value > entry.value_at(day) for day, value in steps), key
        assert entry.high is None or all(value >= entry.high for _, value in steps), key
        assert entry.spread_high is None or all(v >= entry.spread_high * entry.value_at(day) for day, v in steps), key


def test_the_plan_says_which_section_each_change_comes_from():
    lines = (CONFIGS / "scenarios" / "plan.yaml").read_text(encoding="utf-8").splitlines()
    comment, told = "", False
    for line in lines[lines.index("changes:") + 1 :]:
        if line.strip().startswith("#"):
            comment = comment + line if not told else line
            told = False
        else:
            told = True
            assert any(f"{chapter}." in comment or f"chapter {chapter}" in comment for chapter in range(3, 8)), line


def test_no_source_is_left_without_a_reader():
    paths = [path for path in CONFIGS.rglob("*.yaml") if path.parent.name != "sources"]
    paths += [*(CONFIGS / "tables").glob("*.csv"), *(conftest.ROOT / "agents").glob("*.py")]
    text = "".join(path.read_text(encoding="utf-8") for path in paths)
    assert [key for key in content_of(CONFIGS / "sources" / "numbers.yaml") if key not in text] == []


def members_of(family: str) -> list[tuple[str, str]]:
    """Chinese and English names of the members of a family of variables."""
    told = VARIABLES["families"][family]
    if "members" in told:
        return [(member["name_zh"], member["name_en"]) for member in told["members"].values()]
    with (CONFIGS / "tables" / f"{told['table']}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    chosen = [row for row in rows if all(row[k] == str(v).lower() for k, v in told.get("where", {}).items())]
    return [(row["name_zh"], row["name_en"]) for row in chosen]


def expanded() -> list[str]:
    """Keys of all variables, families written out."""
    keys = []
    for key, told in VARIABLES["variables"].items():
        if "family" in told:
            keys += [key.replace("{member}", name) for _, name in members_of(told["family"])]
        else:
            keys.append(key)
    return keys


def test_every_variable_is_described_in_both_languages():
    units = read_units(CONFIGS, [])
    for key, told in VARIABLES["variables"].items():
        assert told["unit"] in units, key
        assert told["kind"] in KINDS, key
        assert all(told[f"{text}_{language}"] for text in ("name", "description") for language in ("zh", "en")), key
        assert ("{member}" in key) == ("family" in told), key
        assert not set(told) - {
            "unit", "kind", "family", "part_of", "target", "name_zh", "name_en", "description_zh", "description_en"
        }  # fmt: skip


def test_families_write_out_to_variables_that_differ():
    keys = expanded()
    assert len(keys) == len(set(keys))
    assert sum(key.startswith("Adoption|") for key in keys) == 58
    assert (
        sum(key.startswith("Output|Industry|") for key in keys)
        + sum(key.startswith("Output|Outside Industry|") for key in keys)
        == 28
    )
    assert {"Adoption|Rooftop PV", "Final Energy|Industry|Coal", "Policy Cost|Government", "Loans|Green"} <= set(keys)
    assert {told.get("part_of", "Output") for told in VARIABLES["variables"].values()} <= set(keys)


def test_reasons_and_programmes_are_those_of_the_codes():
    codes = importlib.import_module("agents.codes")
    families = VARIABLES["families"]
    assert tuple(families["reason"]["members"]) == codes.REASON_NAMES
    assert tuple(families["programme"]["members"]) == codes.PROGRAMME_NAMES[1:]
    assert tuple(families["carrier"]["members"]) == codes.CARRIER_NAMES


def test_groups_of_options_are_those_of_the_catalogue():
    assert set(VARIABLES["families"]["option_group"]["members"]) == set(load_table("options")["group"])


def test_the_plan_has_eighteen_indicators():
    table = load_table("indicators")
    assert tuple(table["row"]) == TABLE_ROWS
    assert set(table["unit"]) <= set(read_units(CONFIGS, []))
    without_target = table[table["target_2025"].isna()]
    assert list(without_target["indicator"]) == ["co2_per_gdp"]
    assert list(without_target["sense"]) == ["none"]
    assert ((table["target_alternative"].isna()) | (table["reading_alternative_en"] != "")).all()


def test_drivers_of_indicators_are_variables_policies_or_items_of_the_district():
    variables, items = set(expanded()), set(load_table("district")["item"])
    instruments = {path.stem for path in (CONFIGS / "policy").glob("*.yaml")}
    for drivers in load_table("indicators")["drivers"]:
        for driver in drivers.split(";"):
            kind, _, name = driver.partition(".")
            known = {"policy": instruments, "district": items}.get(kind, variables)
            assert (name or driver) in known, driver


def test_every_ledger_term_and_quantity_has_its_words():
    codes = importlib.import_module("agents.codes")
    assert tuple(load_table("ledger_terms")["term"]) == codes.TERM_NAMES, "a row of ledger_terms.csv for each term"
    assert sorted(load_table("quantities")["quantity"]) == sorted(codes.QUANTITY_NAMES), (
        "a row of quantities.csv for each"
    )
    assert set(load_table("quantities")["unit"]) <= set(read_units(CONFIGS, []))


def test_items_of_the_district_are_read_and_their_levers_are_policies():
    table = load_table("district")
    assert list(table["item"]) == list(importlib.import_module("sim.results.district").District._fields)
    assert ((table["low"] <= table["central"]) & (table["central"] <= table["high"])).all()
    assert set(table["lever"]) - {""} <= set(importlib.import_module("agents.government").Policy._fields)
    assert set(table["unit"]) <= set(read_units(CONFIGS, []))


def test_indicators_point_at_variables_and_targets_agree():
    table, keys = load_table("indicators").set_index("indicator"), set(expanded())
    for column in ("variable", "variable_alternative"):
        assert set(table[column]) - {""} <= keys
    for told in VARIABLES["variables"].values():
        if "target" in told:
            row = table.loc[told["target"]["indicator"]]
            assert told["target"]["value"] == row["target_2025"]
            assert (told["target"]["sense"], told["target"]["year"]) == (row["sense"], 2025)
            assert told["target"]["source"] in DECLARED.sources
