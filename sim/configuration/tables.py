"""Tables of the configuration: CSV files, each checked against the schema beside it before anyone uses a number.

Every problem of a table is told at once, with its line. Texts stay texts: `NA`, `null` and `001` are read as written.
"""

import csv
import functools
import io
import math
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.configuration.declarations import Source, Unit, root_folder
from sim.configuration.parameters import read_sources, read_units
from sim.configuration.problems import Problem, decoded, did_you_mean, one_of, quoted, read_bytes, refuse_if, shown
from sim.configuration.table_schema import Column, TableSchema, listed, read_schema

if TYPE_CHECKING:
    import pandas

LARGEST_FILE = 1 << 26  # bytes
_BOOLEANS = {"true": True, "True": True, "TRUE": True, "1": True} | {"false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BETWEEN_SOURCES = re.compile(r"[;|]")


class Table(NamedTuple):
    """A checked table: its schema and the cells of each column, None where a cell is empty."""

    schema: TableSchema
    cells: dict[str, list[Any]]


class Rows(NamedTuple):
    """The rows of a CSV file as texts, each with its line."""

    header: list[str]
    rows: list[list[str]]
    lines: list[int]


def load_table(name: str, root: Path | None = None) -> "pandas.DataFrame":
    """A table of configs/tables/, checked against its schema; every call returns a frame of its own.

    Args:
        name: for example `sectors` for configs/tables/sectors.csv.
        root: another folder of configuration.

    Returns:
        Columns in the order of the file: string as text (empty where empty), integer as int64, number as float64
        (NaN where empty), boolean as bool, date as datetime64. An integer or boolean column with empty cells has
        pandas' nullable type.

    Raises:
        ConfigError: with every problem of the table and its schema, by line.

    Example:
        >>> from sim.configuration.tables import load_table
        >>> load_table("sectors")["sector"].iloc[0]  # doctest: +SKIP
        'coal_power'
    """
    return _frame(name, root_folder(root)).copy()


def load_schema(name: str, root: Path | None = None) -> TableSchema:
    """The schema of a table of configs/tables/; raises `ConfigError` as `load_table` does."""
    return _load(name, root_folder(root)).schema


def table_names(root: Path | None = None) -> list[str]:
    """Names of the tables in configs/tables/."""
    return sorted(path.stem for path in ((root or root_folder()) / "tables").glob("*.csv"))


@functools.cache
def _frame(name: str, root: Path) -> "pandas.DataFrame":
    import pandas

    table = _load(name, root)
    return pandas.DataFrame({column.name: _series(column, table.cells[column.name]) for column in table.schema.fields})


def _series(column: Column, cells: list[Any]) -> "pandas.Series[Any]":
    import pandas

    complete = None not in cells
    kinds = {"integer": "int64" if complete else "Int64", "boolean": "bool" if complete else "boolean"}
    if column.type == "date":
        return pandas.to_datetime(pandas.Series(cells, dtype="object"))
    if column.type == "string":
        return pandas.Series(["" if cell is None else cell for cell in cells], dtype="str")
    return pandas.Series(cells, dtype=kinds.get(column.type, "float64"))


@functools.cache
def _load(name: str, root: Path) -> Table:
    names = table_names(root)
    if name not in names:
        hint = did_you_mean(name, names)
        refuse_if([Problem(shown(root / "tables", root), None, "", f"no table {name!r}", one_of(names), hint)])
    problems: list[Problem] = []
    table = read_table(root / "tables" / f"{name}.csv", root, problems)
    refuse_if(problems)
    assert table is not None
    return table


@functools.cache
def _units_and_sources(root: Path) -> tuple[dict[str, Unit], dict[str, Source]]:
    """What a schema may name; what is wrong with these files is told where the declarations are read."""
    return read_units(root, []), read_sources(root, [])


def read_table(path: Path, root: Path, problems: list[Problem]) -> Table | None:
    """The table in a CSV file; what is wrong with it or its schema is appended to `problems`."""
    units, sources = _units_and_sources(root)
    schema = read_schema(path.with_suffix(".schema.yaml"), root, units, dict(sources), problems)
    file = shown(path, root)
    found = read_rows(path, file, problems)
    if schema is None or found is None:
        return None
    before = len(problems)
    problems += _header_problems(found.header, schema, file)
    if len(problems) > before:
        return None
    table = Table(schema, {column.name: [] for column in schema.fields})
    for place, column in enumerate(schema.fields):
        texts = [row[place] for row in found.rows]
        table.cells[column.name] = _cells(column, texts, found.lines, file, schema.missingValues, problems)
    problems += _key_problems(table, found, file)
    problems += _reference_problems(table, found, path, root, file)
    problems += _source_problems(table, found, dict(sources), file)
    return table


def read_rows(path: Path, file: str, problems: list[Problem]) -> Rows | None:
    """Header and rows of a CSV file (UTF-8, commas); blank, ragged or unreadable lines are problems."""
    before = len(problems)
    text = decoded(read_bytes(path, file, LARGEST_FILE, problems), file, problems)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows, lines, end = [], [], 0
    try:
        for row in reader:
            rows.append(row)
            lines.append(end + 1)
            end = reader.line_num
    except csv.Error as error:
        problems.append(Problem(file, reader.line_num, "", f"no CSV ({error})", "cells separated by commas"))
    while rows and not rows[-1]:
        rows.pop()
    if not rows and len(problems) == before:
        problems.append(Problem(file, 1, "", "an empty file", "a header line and rows"))
    for row, line in zip(rows[1:], lines[1:], strict=False):
        if len(row) != len(rows[0]):
            found = f"{len(row)} cells" if row else "a blank line"
            problems.append(Problem(file, line, "", found, f"{len(rows[0])} cells, as in the header"))
    return Rows(rows[0], rows[1:], lines[1 : len(rows)]) if len(problems) == before else None


def _header_problems(header: list[str], schema: TableSchema, file: str) -> Iterator[Problem]:
    if header == schema.names:
        return
    if len(header) == 1 and re.search(r"[;\t]", header[0]):
        yield Problem(file, 1, "", "semicolons or tabs between the columns", "commas", "Save the file as plain CSV.")
        return
    known = one_of(schema.names, len(schema.names))
    unknown = [name for name in header if name not in schema.names]
    missing = [name for name in schema.names if name not in header]
    for name in unknown:
        yield Problem(file, 1, name, "an unknown column", known, did_you_mean(name, schema.names))
    for name in missing:
        yield Problem(file, 1, name, "no such column", known)
    if not unknown and not missing:
        yield Problem(file, 1, "", f"the columns {', '.join(header)}", f"each once and in this order: {known}")


def _cells(
    column: Column, texts: list[str], lines: list[int], file: str, missing: list[str], problems: list[Problem]
) -> list[Any]:
    read, allowed = _READERS[column.type]
    check, rule = column.constraints, _rule(column)
    pattern = None if check.pattern is None else re.compile(check.pattern)
    cells: list[Any] = []
    for text, line in zip(texts, lines, strict=True):
        cell = None if text in missing else read(text)
        cells.append(cell)
        if cell is None:
            if text not in missing:
                problems.append(Problem(file, line, column.name, quoted(text), allowed))
            elif check.required:
                problems.append(Problem(file, line, column.name, "an empty cell", f"{allowed}; the cell is required"))
        elif not _obeys(cell, text, column, pattern):
            hint = did_you_mean(text, map(str, check.enum)) if check.enum else ""
            problems.append(Problem(file, line, column.name, quoted(text), rule, hint))
    return cells


def _obeys(cell: Any, text: str, column: Column, pattern: re.Pattern[str] | None) -> bool:
    check = column.constraints
    return (
        (check.enum is None or cell in check.enum)
        and (check.minimum is None or cell >= check.minimum)
        and (check.maximum is None or cell <= check.maximum)
        and (check.minLength is None or len(text) >= check.minLength)
        and (check.maxLength is None or len(text) <= check.maxLength)
        and (pattern is None or pattern.fullmatch(text) is not None)
    )


def _rule(column: Column) -> str:
    check = column.constraints
    parts = [] if check.enum is None else [one_of(str(word) for word in check.enum)]
    limits = {name: getattr(check, name) for name in ("minimum", "maximum", "minLength", "maxLength", "pattern")}
    return ", ".join(parts + [f"{name} {limit}" for name, limit in limits.items() if limit is not None])


def _integer(text: str) -> int | None:
    return int(text) if _INTEGER.fullmatch(text) else None


def _number(text: str) -> float | None:
    number = float(text) if len(text) < 100 and _NUMBER.fullmatch(text) else math.nan
    return number if math.isfinite(number) else None


def _boolean(text: str) -> bool | None:
    return _BOOLEANS.get(text, False if text == "0" else None)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


_READERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "string": (lambda text: text, "a text"),
    "integer": (_integer, "a whole number"),
    "number": (_number, "a number with a decimal point"),
    "boolean": (_boolean, "true or false"),
    "date": (_date, "a day such as 2021-12-31"),
}


def _key_problems(table: Table, found: Rows, file: str) -> Iterator[Problem]:
    keys = [[column.name] for column in table.schema.fields if column.constraints.unique]
    if listed(table.schema.primaryKey):
        keys.append(listed(table.schema.primaryKey))
    for names in keys:
        first: dict[tuple[Any, ...], int] = {}
        for cells, line in zip(zip(*(table.cells[name] for name in names), strict=True), found.lines, strict=True):
            if first.setdefault(cells, line) != line:
                key = ", ".join(str(cell) for cell in cells)
                allowed = f"each once (first on line {first[cells]})"
                yield Problem(file, line, ", ".join(names), f"{key} a second time", allowed)


def _reference_problems(table: Table, found: Rows, path: Path, root: Path, file: str) -> Iterator[Problem]:
    for key in table.schema.foreignKeys:
        names, theirs = listed(key.fields), listed(key.reference.fields)
        resource = key.reference.resource
        other = path if not resource else path.with_name(f"{resource}.csv")
        problems: list[Problem] = []
        rows = read_rows(other, shown(other, root), problems)
        if rows is None or not set(theirs) <= set(rows.header) or len(names) != len(theirs):
            yield Problem(file, 1, ", ".join(names), f"a key to {other.name}: {', '.join(theirs)}", "an existing table")
            continue
        places = [rows.header.index(name) for name in theirs]
        known = {tuple(row[place] for place in places) for row in rows.rows}
        mine = [found.header.index(name) for name in names]
        for row, line in zip(found.rows, found.lines, strict=True):
            cells = tuple(row[place] for place in mine)
            if cells not in known and any(cell not in table.schema.missingValues for cell in cells):
                hint = did_you_mean(cells[0], (words[0] for words in known)) if len(cells) == 1 else ""
                allowed = f"a row of {other.name}"
                yield Problem(file, line, ", ".join(names), quoted(", ".join(cells)), allowed, hint)


def _source_problems(table: Table, found: Rows, sources: dict[str, Any], file: str) -> Iterator[Problem]:
    for cell, line in zip(table.cells.get("source", []), found.lines, strict=False):
        for key in _BETWEEN_SOURCES.split(str(cell or "")):
            if key.strip() and key.strip() not in sources:
                hint = did_you_mean(key.strip(), sources)
                yield Problem(file, line, "source", quoted(key.strip()), "keys of configs/sources/", hint)
