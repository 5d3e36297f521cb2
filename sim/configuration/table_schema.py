"""What a table says about its columns: a Frictionless Table Schema in YAML, with units, both titles and sources.

Source: Frictionless Data, Table Schema (Data Package 2.0).
"""

import re
import warnings
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.configuration.declarations import Unit
from sim.configuration.problems import Problem, did_you_mean, one_of, quoted, shown
from sim.configuration.yaml_reader import Document, read_yaml

Cell = str | int | float | bool | date
Names = str | list[str]
_STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)


class Constraints(BaseModel):
    """What the cells of a column must obey."""

    model_config = _STRICT
    required: bool = False
    unique: bool = False
    enum: list[Cell] | None = None
    minimum: float | date | None = None
    maximum: float | date | None = None
    minLength: int | None = None  # noqa: N815 (the names are those of the standard)
    maxLength: int | None = None  # noqa: N815
    pattern: str | None = None


class Column(BaseModel):
    """One column of a table."""

    model_config = _STRICT
    name: str = Field(min_length=1)
    type: Literal["string", "integer", "number", "boolean", "date"]
    unit: str = ""
    title: str = ""
    title_zh: str = Field(min_length=1)
    title_en: str = Field(min_length=1)
    description: str = ""
    description_zh: str = ""
    description_en: str = ""
    format: str = "default"
    constraints: Constraints = Constraints()
    source: Names = ""
    evidence: str = ""
    quality: str = ""
    note: str = ""
    example: Cell | None = None


class Reference(BaseModel):
    """The table and columns that a foreign key points to; an empty resource is the table itself."""

    model_config = _STRICT
    resource: str = ""
    fields: Names


class ForeignKey(BaseModel):
    """Columns whose cells must stand in another table."""

    model_config = _STRICT
    fields: Names
    reference: Reference


class TableSchema(BaseModel):
    """The schema of a table."""

    model_config = _STRICT
    fields: list[Column] = Field(min_length=1, description="a list of columns: name, type, unit, title_zh, title_en, …")
    primaryKey: Names = Field(default_factory=list, description="a column or a list of columns")  # noqa: N815
    foreignKeys: list[ForeignKey] = Field(  # noqa: N815
        default_factory=list, description="a list of {fields, reference: {resource, fields}}"
    )
    missingValues: list[str] = Field(default_factory=lambda: [""], description="texts of empty cells")  # noqa: N815
    name: str = Field(default="", description="a text")
    title: str = Field(default="", description="a text")
    title_zh: str = Field(default="", description="a text")
    title_en: str = Field(default="", description="a text")
    description: str = Field(default="", description="a text")
    description_zh: str = Field(default="", description="a text")
    description_en: str = Field(default="", description="a text")
    source: Names = Field(default="", description="keys of configs/sources/")
    quality: str = Field(default="", description="a letter")
    note: str = Field(default="", description="a text")

    @property
    def names(self) -> list[str]:
        """Names of the columns, in order."""
        return [column.name for column in self.fields]


def listed(names: Names) -> list[str]:
    """One name or several, as a list."""
    return [name for name in ([names] if isinstance(names, str) else names) if name]


def read_schema(
    path: Path, root: Path, units: dict[str, Unit], sources: dict[str, object], problems: list[Problem]
) -> TableSchema | None:
    """The schema in a file; what is wrong is appended to `problems`, and None returned when it cannot be used."""
    file = shown(path, root)
    before = len(problems)
    document = read_yaml(path, file, problems)
    if len(problems) > before:
        return None
    try:
        schema = TableSchema.model_validate(document.content)
    except ValidationError as error:
        problems.extend(_told(error, document, file))
        return None
    problems.extend(_schema_problems(schema, document, file, units, sources))
    return schema if len(problems) == before else None


def _told(error: ValidationError, document: Document, file: str) -> Iterator[Problem]:
    """Pydantic's errors as ours; those of a column name its own key and the keys allowed there."""
    seen: set[tuple[object, ...]] = set()
    for wrong in error.errors(include_url=False):
        place = wrong["loc"][:4] if "constraints" in wrong["loc"] else wrong["loc"][:3]
        if place in seen:
            continue
        seen.add(place)
        line, key = document.line(*place), ".".join(str(part) for part in place)
        inside: dict[bool, type[BaseModel]] = {True: Constraints, False: Column if len(place) == 3 else TableSchema}
        names = list(inside["constraints" in place[:-1]].model_fields)
        found = {"missing": "nothing", "extra_forbidden": "an unknown key"}.get(wrong["type"], quoted(wrong["input"]))
        if wrong["type"] == "extra_forbidden":
            yield Problem(file, line, key, found, one_of(names, len(names)), did_you_mean(place[-1], names))
        else:
            yield Problem(file, line, key, found, wrong["msg"].lower())


def _schema_problems(
    schema: TableSchema, document: Document, file: str, units: dict[str, Unit], sources: dict[str, object]
) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, column in enumerate(schema.fields):

        def problem(
            key: str, found: str, allowed: str, hint: str = "", at: int = index, name: str = column.name
        ) -> Problem:
            return Problem(file, document.line("fields", at, key), f"{name}.{key}", found, allowed, hint)

        if column.name in seen:
            yield problem("name", "a second column of this name", "each name once")
        seen.add(column.name)
        if units and column.unit and column.unit not in units:
            hint = did_you_mean(column.unit, units)
            yield problem("unit", repr(column.unit), "a unit of configs/units.yaml", hint)
        if column.type == "number" and not column.unit:
            yield problem("unit", "no unit", "a unit of configs/units.yaml, as the column holds numbers")
        for key in listed(column.source):
            if key not in sources:
                yield problem("source", repr(key), "keys of configs/sources/", did_you_mean(key, sources))
        kinds: dict[str, tuple[type, ...]] = {"integer": (int, float), "number": (int, float), "date": (date,)}
        for limit in ("minimum", "maximum"):
            value = getattr(column.constraints, limit)
            if value is not None and not isinstance(value, kinds.get(column.type, ())):
                yield problem("constraints", f"{limit} {value}", f"a {limit} only where it fits the type {column.type}")
        if column.constraints.pattern is not None and not _compiles(column.constraints.pattern):
            yield problem("constraints", repr(column.constraints.pattern), "a regular expression")
    for key in listed(schema.source):
        if key not in sources:
            hint = did_you_mean(key, sources)
            yield Problem(file, document.line("source"), "source", repr(key), "keys of configs/sources/", hint)
    for key, names in [("primaryKey", schema.primaryKey)] + [("foreignKeys", key.fields) for key in schema.foreignKeys]:
        for name in listed(names):
            if name not in seen:
                yield Problem(file, document.line(key), key, repr(name), one_of(seen), did_you_mean(name, seen))


def _compiles(pattern: str) -> bool:
    try:
        with warnings.catch_warnings(action="error"):
            re.compile(pattern)
    except (re.error, FutureWarning):
        return False
    return True
