"""Tables are checked against the schema beside them, and every mistake is told with its line."""

import datetime
import math

import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_configs import write_tree

from sim.configuration.parameters import ConfigError
from sim.configuration.tables import load_schema, load_table, read_rows, read_table, table_names

SCHEMA = """\
name: firms
fields:
  - name: firm
    type: string
    title_zh: 企业
    title_en: Firm
    constraints: {required: true, unique: true, pattern: '[A-Za-z0-9]+'}
  - {name: sector, type: string, title_zh: 行业, title_en: Sector, constraints: {enum: [paper, power]}}
  - {name: rank, type: integer, title_zh: 序, title_en: Rank, constraints: {minimum: 0, maximum: 9}}
  - {name: share, type: number, unit: share, title_zh: 比例, title_en: Share, source: law, constraints: {maximum: 1.0}}
  - {name: large, type: boolean, title_zh: 大, title_en: Large, constraints: {required: true}}
  - {name: since, type: date, title_zh: 起, title_en: Since, constraints: {minimum: 2000-01-01}}
  - {name: source, type: string, title_zh: 来源, title_en: Source}
primaryKey: [firm, sector]
foreignKeys:
  - {fields: sector, reference: {resource: sectors, fields: sector}}
"""
ROWS = """\
firm,sector,rank,share,large,since,source
NA,paper,1,0.5,true,2001-02-03,law
001,power,2,,false,,law;paper
null,paper,3,1e-1,true,2020-01-01,paper
"""
SECTORS = "sector,name\npaper,纸\npower,电\n"
SECTORS_SCHEMA = """\
fields:
  - {name: sector, type: string, title_zh: 行业, title_en: Sector}
  - {name: name, type: string, title_zh: 名, title_en: Name}
primaryKey: sector
"""


def write_tables(tmp_path, rows: str | bytes = ROWS, schema: str = SCHEMA, sectors: str = SECTORS):
    root = write_tree(tmp_path)
    (root / "tables").mkdir(exist_ok=True)
    raw = rows if isinstance(rows, bytes) else rows.encode()
    (root / "tables" / "firms.csv").write_bytes(raw)
    (root / "tables" / "firms.schema.yaml").write_text(schema, encoding="utf-8")
    (root / "tables" / "sectors.csv").write_text(sectors, encoding="utf-8")
    (root / "tables" / "sectors.schema.yaml").write_text(SECTORS_SCHEMA, encoding="utf-8")
    return root


def told(root, name: str = "firms") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_table(name, root)
    return [problem.sentence() for problem in caught.value.problems]


def test_a_table_is_read_with_the_types_of_its_schema(tmp_path):
    frame = load_table("firms", write_tables(tmp_path))
    assert list(frame["firm"]) == ["NA", "001", "null"]
    assert frame["rank"].dtype == "int64"
    assert list(frame["share"])[::2] == [0.5, 0.1]
    assert math.isnan(frame["share"][1])
    assert frame["large"].dtype == "bool"
    assert frame["since"][0] == pandas.Timestamp(2001, 2, 3)
    assert pandas.isna(frame["since"][1])


def test_empty_cells_of_integers_stay_empty(tmp_path):
    rows = ROWS.replace("power,2,", "power,,")
    assert pandas.isna(load_table("firms", write_tables(tmp_path, rows))["rank"][1])


def test_every_call_returns_a_frame_of_its_own(tmp_path):
    root = write_tables(tmp_path)
    frame = load_table("firms", root)
    frame.loc[0, "rank"] = 7
    assert load_table("firms", root)["rank"][0] == 1


def test_byte_order_mark_windows_lines_and_trailing_blank_lines_are_accepted(tmp_path):
    plain = load_table("firms", write_tables(tmp_path / "plain"))
    raw = b"\xef\xbb\xbf" + ROWS.replace("\n", "\r\n").encode() + b"\r\n\r\n"
    pandas.testing.assert_frame_equal(load_table("firms", write_tables(tmp_path / "windows", raw)), plain)


def test_a_header_without_rows_is_an_empty_table(tmp_path):
    frame = load_table("firms", write_tables(tmp_path, ROWS.splitlines()[0] + "\n"))
    assert frame.shape == (0, 7)
    assert frame["rank"].dtype == "int64"


def test_every_mistake_of_a_table_is_told_with_its_line(tmp_path):
    rows = (
        "firm,sector,rank,share,large,since,source\n"
        "a b,paper,1,0.5,true,2001-02-03,law\n"
        ",pappr,10,1.5,yes,1999-01-01,law\n"
        'N1,paper,1.0,nan,,2021-13-45,"lawe; paper"\n'
        "N1,paper,1,0x1,true,soon,law\n"
    )
    assert [sentence.removesuffix(".") for sentence in told(write_tables(tmp_path, rows))] == [
        "configs/tables/firms.csv:2: firm: found 'a b'; allowed: pattern [A-Za-z0-9]+",
        "configs/tables/firms.csv:3: firm: found an empty cell; allowed: a text; the cell is required",
        "configs/tables/firms.csv:3: sector: found 'pappr'; allowed: paper or power. Did you mean paper?",
        "configs/tables/firms.csv:3: rank: found '10'; allowed: minimum 0.0, maximum 9.0",
        "configs/tables/firms.csv:3: share: found '1.5'; allowed: maximum 1.0",
        "configs/tables/firms.csv:3: large: found 'yes'; allowed: true or false",
        "configs/tables/firms.csv:3: since: found '1999-01-01'; allowed: minimum 2000-01-01",
        "configs/tables/firms.csv:3: sector: found 'pappr'; allowed: a row of sectors.csv. Did you mean paper?",
        "configs/tables/firms.csv:4: rank: found '1.0'; allowed: a whole number",
        "configs/tables/firms.csv:4: share: found 'nan'; allowed: a number with a decimal point",
        "configs/tables/firms.csv:4: large: found an empty cell; allowed: true or false; the cell is required",
        "configs/tables/firms.csv:4: since: found '2021-13-45'; allowed: a day such as 2021-12-31",
        "configs/tables/firms.csv:4: source: found 'lawe'; allowed: keys of configs/sources/. Did you mean law?",
        "configs/tables/firms.csv:5: share: found '0x1'; allowed: a number with a decimal point",
        "configs/tables/firms.csv:5: since: found 'soon'; allowed: a day such as 2021-12-31",
        "configs/tables/firms.csv:5: firm: found N1 a second time; allowed: each once (first on line 4)",
        "configs/tables/firms.csv:5: firm, sector: found N1, paper a second time; allowed: each once (first on line 4)",
    ]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ("", "firms.csv:1: found an empty file"),
        ("\n\n", "firms.csv:1: found an empty file"),
        (ROWS.replace(",", ";"), "found semicolons or tabs between the columns; allowed: commas"),
        (ROWS.replace("rank", "rnak", 1), "rnak: found an unknown column"),
        (ROWS.replace("rank", "rnak", 1), "rank: found no such column"),
        (ROWS.replace("firm,sector", "sector,firm", 1), "allowed: each once and in this order: firm, sector,"),
        (ROWS.replace("rank", "firm", 1), "rank: found no such column"),
        (ROWS.replace("0.5,true", "0.5", 1), "firms.csv:2: found 6 cells; allowed: 7 cells, as in the header."),
        (ROWS.replace("\n001", "\n\n001", 1), "firms.csv:3: found a blank line"),
        (ROWS.replace("paper,1", '"paper,1', 1), "found no CSV"),
        (ROWS.replace("paper,1", '"pa"per,1', 1), "firms.csv:2: found no CSV"),
        (ROWS.encode().replace(b"null", "江津".encode("gb18030")), "firms.csv:4: found bytes that are not UTF-8"),
        (ROWS.encode("utf-16"), "found bytes that are not UTF-8"),
        (ROWS.replace("0.5", "0,5"), "firms.csv:2: found 8 cells"),
        (ROWS.replace("0.5", "1_0"), "share: found '1_0'"),
        (ROWS.replace("0.5", "1e999"), "share: found '1e999'"),
        (ROWS.replace("paper,1,", f"paper,{'9' * 5000},"), "rank: found '999"),
    ],
)
def test_a_broken_file_is_told(tmp_path, rows, sentence):
    sentences = told(write_tables(tmp_path, rows))
    assert any(sentence in line for line in sentences), sentences


def test_lines_are_counted_through_cells_of_several_lines(tmp_path):
    rows = ROWS.replace(",law\n", ',"law\n"\n', 1).replace("power,2", "power,x")
    start = "configs/tables/firms.csv:4: rank: found 'x'"
    assert any(line.startswith(start) for line in told(write_tables(tmp_path, rows)))


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("type: integer", "type: int", "fields.2.type: found 'int'; allowed: input should be 'string', 'integer'"),
        ("    title_zh: 企业\n", "", "fields.0.title_zh: found nothing"),
        ("required: true", "requird: true", "fields.0.constraints.requird: found an unknown key"),
        ("required: true", "requird: true", "Did you mean required?"),
        ("unit: share", "unit: shares", "share.unit: found 'shares'; allowed: a unit of configs/units.yaml."),
        ("unit: share, ", "", "share.unit: found no unit"),
        ("source: law", "source: laws", "share.source: found 'laws'; allowed: keys of configs/sources/."),
        ("primaryKey: [firm", "primaryKey: [frm", "primaryKey: found 'frm'; allowed:"),
        ("resource: sectors", "resource: sector", "found a key to sector.csv: sector; allowed: an existing table"),
        ("fields: sector}}", "fields: secto}}", "found a key to sectors.csv: secto"),
        ("pattern: '[A", "pattern: '[[(A", "allowed: a regular expression"),
        ("minimum: 2000-01-01", "minimum: 3", "allowed: a minimum only where it fits the type date"),
        ("name: rank", "name: firm", "found a second column of this name"),
        ("primaryKey", "primarKey", "Did you mean primaryKey?"),
        ("fields:\n", "field:\n", "fields: found nothing"),
        ("name: firms", "- x", "found no YAML"),
    ],
)
def test_a_mistake_of_the_schema_is_told(tmp_path, old, new, sentence):
    assert old in SCHEMA
    sentences = told(write_tables(tmp_path, schema=SCHEMA.replace(old, new, 1)))
    assert any(sentence in line for line in sentences), sentences


def test_a_missing_table_is_told_with_the_closest_name(tmp_path):
    assert told(write_tables(tmp_path), "sector") == [
        "configs/tables: found no table 'sector'; allowed: firms or sectors. Did you mean sectors?"
    ]


def test_a_table_without_schema_is_told(tmp_path):
    root = write_tables(tmp_path)
    (root / "tables" / "firms.schema.yaml").unlink()
    assert "firms.schema.yaml: found no readable file" in told(root)[0]


@given(st.one_of(st.binary(max_size=300), st.text("firmsecto,1.5\n\r\"'ae;江\0", max_size=200).map(str.encode)))
def test_no_content_makes_the_reader_fail(tmp_path_factory, raw):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(raw)
    problems = []
    rows = read_rows(path, "any.csv", problems)
    assert (rows is None) == bool(problems)
    if rows is not None:
        assert len(rows.rows) == len(rows.lines)
        assert all(len(row) == len(rows.header) for row in rows.rows)


@given(cells=st.lists(st.text(max_size=6), min_size=7, max_size=7))
def test_no_cell_makes_the_checks_fail(tmp_path_factory, cells):
    root = write_tables(tmp_path_factory.getbasetemp() / "cells")
    path = root / "tables" / "firms.csv"
    line = ",".join('"' + cell.replace('"', '""').replace("\0", "") + '"' for cell in cells)
    path.write_text(ROWS.splitlines()[0] + "\n" + line + "\n", encoding="utf-8", errors="ignore", newline="")
    problems = []
    table = read_table(path, root, problems)
    assert all(problem.sentence() for problem in problems)
    if not problems:
        assert table is not None
        assert isinstance(table.cells["since"][0], (datetime.date, type(None)))


# The configuration of this project: what must hold of it in every commit that lands.


def test_every_table_of_the_project_is_correct():
    names = table_names()
    assert {"sectors", "options", "parks"} <= set(names)
    for name in names:
        assert list(load_table(name).columns) == load_schema(name).names
