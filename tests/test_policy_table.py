"""docs/policies.md tells of every lever and every section of the plan, and all that it names exists."""

import importlib
import re

import conftest
import pytest

from sim.configuration.parameters import load_declarations
from sim.configuration.tables import load_table
from sim.results.variable_list import load_variables
from sim.scenario import levers

PAGE = (conftest.ROOT / "docs" / "policies.md").read_text(encoding="utf-8")
SECTIONS = [
    f"{chapter}.{part}" for chapter, parts in ((3, 7), (4, 5), (5, 3), (6, 3), (7, 4)) for part in range(1, parts + 1)
]
VARIABLES = {variable.name for variable in load_variables()}
INDICATORS = set(load_table("indicators")["indicator"])
DECLARED = load_declarations()


def rows(part):
    """Return the cells of a table of the page, without its header."""
    table = PAGE.split(f"<!-- {part}: begin -->")[1].split(f"<!-- {part}: end -->")[0]
    lines = [re.split(r"(?<!\\)\|", line)[1:-1] for line in table.strip().splitlines()]
    return [[cell.strip().replace("\\|", "|") for cell in line] for line in lines[2:]]


def names(cell):
    """Return what a cell names in code quotes."""
    return re.findall(r"`([^`]+)`", cell)


REPRESENTED, LEFT_OUT = rows("represented"), rows("left out")


def test_every_lever_stands_in_the_table_once():
    told = [f"policy.{name}" for row in REPRESENTED for name in names(row[3])]
    assert sorted(told) == sorted(lever.key for lever in levers())


@pytest.mark.parametrize("row", REPRESENTED, ids=lambda row: f"{row[0]} {row[2]}")
def test_a_row_names_what_exists(row):
    assert len(row) == 6
    assert all(row)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in row[1])
    assert row[2].isascii()
    for rule in names(row[4]):
        module, _, name = rule.rpartition(".")
        assert callable(getattr(importlib.import_module(module), name)), rule
    assert names(row[4])
    for output in names(row[5]):
        assert output in VARIABLES | INDICATORS, output
    moved = {DECLARED[f"policy.{name}"].moves for name in names(row[3])}
    assert moved & set(names(row[5])), f"the row does not name an output that its levers move: {moved}"


def test_every_section_of_the_plan_is_accounted_for():
    text = " ".join(row[0] + " " + row[1] for row in (*REPRESENTED, *LEFT_OUT))
    assert [section for section in SECTIONS if section not in text] == []
    assert {row[0] for row in (*REPRESENTED, *LEFT_OUT)} <= set(SECTIONS)


@pytest.mark.parametrize("row", LEFT_OUT, ids=lambda row: f"{row[0]} {row[2]}")
def test_what_is_left_out_has_a_reason_in_both_languages(row):
    assert len(row) == 4
    assert any("\u4e00" <= letter <= "\u9fff" for letter in row[3])
    assert re.match(r"[a-zA-Z]", row[3])
