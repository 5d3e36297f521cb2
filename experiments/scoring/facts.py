"""Files of facts: variable, year, value, unit, source. Everything wrong with one is told at once, with its line."""

import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

from experiments.scoring.scored import LAST_KNOWN
from sim.configuration.problems import Problem, did_you_mean, one_of, quoted, refuse_if
from sim.configuration.tables import load_table, read_rows
from sim.results.variable_list import load_variables

COLUMNS = ("variable", "year", "value", "unit", "source")


class Fact(NamedTuple):
    """One published number, in the unit of its variable."""

    variable: str
    year: int
    value: float
    source: str


@cache
def conversions() -> dict[tuple[str, str], float]:
    """Factor by unit given and unit wanted."""
    rows = load_table("unit_conversions").to_dict("records")
    return {(row["given"], row["wanted"]): float(row["factor"]) for row in rows}


def read_facts(path: Path, units: dict[str, str], years: Sequence[int]) -> list[Fact]:
    """Read and check a file of facts.

    Args:
        path: of the file.
        units: unit by variable that was frozen.
        years: that were frozen.

    Raises:
        ConfigError: every problem of the file, by line.
    """
    problems: list[Problem] = []
    found = read_rows(path, str(path), problems)
    refuse_if(problems)
    assert found is not None
    refuse_if(list(_header_problems(found.header, str(path))))
    place = {name: found.header.index(name) for name in COLUMNS}
    facts, first = [], dict[tuple[str, int], int]()
    for row, line in zip(found.rows, found.lines, strict=True):
        cells = {name: row[at].strip() for name, at in place.items()}
        fact = _fact(cells, units, years, str(path), line, problems)
        if fact is None:
            continue
        key = (fact.variable, fact.year)
        if first.setdefault(key, line) != line:
            told = f"{fact.variable}, {fact.year} a second time"
            problems.append(Problem(str(path), line, "variable", told, f"each once (first on line {first[key]})"))
        facts.append(fact)
    if not found.rows:
        problems.append(Problem(str(path), 1, "", "no facts", "a row for each fact"))
    refuse_if(problems)
    return facts


def _header_problems(header: list[str], file: str) -> list[Problem]:
    known = one_of(COLUMNS)
    unknown = [name for name in header if name not in COLUMNS]
    problems = [
        Problem(file, 1, name, "an unknown column", known, did_you_mean(name, COLUMNS))
        for name in dict.fromkeys(unknown)
    ]
    problems += [Problem(file, 1, name, "no such column", known) for name in COLUMNS if name not in header]
    twice = {name for name in header if header.count(name) > 1}
    return problems + [Problem(file, 1, name, "the column twice", "each once") for name in sorted(twice)]


def _fact(
    cells: dict[str, str], units: dict[str, str], years: Sequence[int], file: str, line: int, problems: list[Problem]
) -> Fact | None:
    """The fact of a row; None, and problems, where something is wrong with it."""
    before = len(problems)
    variable, unit = cells["variable"], ""
    if variable in units:
        unit = units[variable]
    else:
        told = "a variable that was not frozen" if variable in _names() else "an unknown variable"
        hint = did_you_mean(variable, units)
        problems.append(Problem(file, line, "variable", f"{quoted(variable)}, {told}", "frozen variables", hint))
    year = _year(cells["year"], years, file, line, problems)
    value = _number(cells["value"])
    if value is None:
        problems.append(Problem(file, line, "value", quoted(cells["value"]), "a number with a decimal point"))
    factor = 1.0 if cells["unit"] == unit else conversions().get((cells["unit"], unit))
    if unit and factor is None:
        others = [given for given, wanted in conversions() if wanted == unit]
        problems.append(Problem(file, line, "unit", quoted(cells["unit"]), one_of([unit, *others])))
    if not cells["source"]:
        problems.append(Problem(file, line, "source", "an empty cell", "where the number was published"))
    if unit == "share" and value is not None and factor is not None and not 0.0 <= value * factor <= 1.0:
        problems.append(
            Problem(file, line, "value", f"{cells['value']} {cells['unit']}", "a share from 0 to 1, or in %")
        )
    if len(problems) > before or value is None or factor is None or year is None:
        return None
    return Fact(variable, year, value * factor, cells["source"])


def _year(text: str, years: Sequence[int], file: str, line: int, problems: list[Problem]) -> int | None:
    if not (text.isascii() and text.isdecimal() and len(text) == 4):
        problems.append(Problem(file, line, "year", quoted(text), "a year of four digits"))
        return None
    year = int(text)
    if year <= LAST_KNOWN:
        allowed = f"{LAST_KNOWN + 1} or later: the fit may have seen anything up to {LAST_KNOWN}"
        problems.append(Problem(file, line, "year", text, allowed))
    elif year not in years:
        problems.append(Problem(file, line, "year", text, f"frozen years: {one_of(map(str, years))}"))
    return year


def _number(text: str) -> float | None:
    try:
        value = float(text) if len(text) < 60 and "_" not in text else math.nan
    except ValueError:
        return None
    return value if math.isfinite(value) else None


@cache
def _names() -> frozenset[str]:
    return frozenset(variable.name for variable in load_variables())
