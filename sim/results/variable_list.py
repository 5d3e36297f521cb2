"""The list of variables that results are told in: configs/variables.yaml, read and expanded over its families.

Names follow the IAMC style (`Final Energy|Industry|Coal`). A family stands for one variable per member: the rows of a
table, or codes listed in the file.
"""

import functools
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from sim.configuration.declarations import read_entries, root_folder
from sim.configuration.parameters import read_units
from sim.configuration.problems import Problem, did_you_mean, one_of, refuse_if, shown
from sim.configuration.tables import load_table
from sim.configuration.yaml_reader import Document, read_yaml

_STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)
PLACEHOLDER = "{member}"
Kind = Literal["flow_year", "stock", "share", "count"]


class Member(BaseModel):
    """One member of a family."""

    model_config = _STRICT
    name_zh: str = Field(min_length=1, description="the name in Chinese")
    name_en: str = Field(min_length=1, description="the name in English")


class Family(BaseModel):
    """Members listed in the file, or the rows of a table (those that `where` selects)."""

    model_config = _STRICT
    table: str = Field(default="", description="a table of configs/tables/")
    where: dict[str, bool | str] = Field(default_factory=dict, description="{column: value}")
    members: dict[str, Member] = Field(default_factory=dict, description="{code: {name_zh, name_en}}")
    yearly: bool = Field(default=False, description="true where it is told by year only")


class Target(BaseModel):
    """What the plan wants of a variable in a year."""

    model_config = _STRICT
    value: float
    year: int
    sense: Literal["at_least", "at_most"]
    source: str
    indicator: str = ""

    def hit(self, value: Any) -> Any:
        """Whether a value, or each value of an array, reaches the target."""
        return value >= self.value if self.sense == "at_least" else value <= self.value


class Entry(BaseModel):
    """A variable, or a family of them, as the file tells it."""

    model_config = _STRICT
    unit: str = Field(description="a unit of configs/units.yaml")
    kind: Kind = Field(description="flow_year, stock, share or count")
    name_zh: str = Field(min_length=1, description="the name in Chinese")
    name_en: str = Field(min_length=1, description="the name in English")
    description_zh: str = Field(min_length=1, description="a sentence in Chinese")
    description_en: str = Field(min_length=1, description="a sentence in English")
    family: str = Field(default="", description="a family of the file")
    part_of: str = Field(default="", description="the variable that it is a part of")
    target: Target | None = Field(default=None, description="{value, year, sense, source, indicator}")


class Variable(NamedTuple):
    """One variable of the results."""

    name: str
    template: str  # its key in the file, what is measured
    code: int  # place of the member in its table or in the listed codes; -1 without a family
    unit: str
    kind: str
    name_zh: str
    name_en: str
    description_zh: str
    description_en: str
    part_of: str
    target: Target | None
    yearly: bool  # told by year only


def load_variables(root: Path | None = None) -> tuple[Variable, ...]:
    """All variables, sorted by name; read once.

    Raises:
        ConfigError: with everything that is wrong with the list.

    Example:
        >>> from sim.results.variable_list import load_variables
        >>> len(load_variables()) > 100  # doctest: +SKIP
        True
    """
    return _load(root_folder(root))


def variable_named(name: str, root: Path | None = None) -> Variable:
    """The variable of this name; raises `ConfigError` with a suggestion when there is none."""
    found = _by_name(root_folder(root))
    if name not in found:
        hint = did_you_mean(name, found)
        refuse_if([Problem("variable", None, "", repr(name), "a variable of configs/variables.yaml", hint)])
    return found[name]


@functools.cache
def _by_name(root: Path) -> dict[str, Variable]:
    return {variable.name: variable for variable in _load(root)}


@functools.cache
def _load(root: Path) -> tuple[Variable, ...]:
    problems: list[Problem] = []
    path = root / "variables.yaml"
    file = shown(path, root)
    document = read_yaml(path, file, problems)
    families = _part(document, "families", Family, file, problems)
    entries = _part(document, "variables", Entry, file, problems)
    units = read_units(root, problems)
    variables: list[Variable] = []
    for key, entry in entries.items():
        problems += _entry_problems(key, entry, families, dict(units), file, document)
        variables += _expanded(key, entry, families.get(entry.family), root)
    problems += _double_names(variables, file)
    refuse_if(problems)
    return tuple(sorted(variables, key=lambda variable: variable.name))


def _part(document: Document, part: str, model: type[BaseModel], file: str, problems: list[Problem]) -> dict[str, Any]:
    content = document.content if isinstance(document.content, dict) else {}
    lines = {keys[1:]: line for keys, line in document.lines.items() if keys[0] == part}
    return read_entries(Document(content.get(part, {}), lines), model, f"{part}.", file, problems)


def _entry_problems(
    key: str, entry: Entry, families: dict[str, Family], units: dict[str, Any], file: str, document: Document
) -> list[Problem]:
    line = document.line("variables", key)
    problems = []
    if units and entry.unit not in units:
        hint = did_you_mean(entry.unit, units)
        problems.append(Problem(file, line, f"{key}.unit", repr(entry.unit), "a unit of configs/units.yaml", hint))
    if entry.family and entry.family not in families:
        hint = did_you_mean(entry.family, families)
        problems.append(Problem(file, line, f"{key}.family", repr(entry.family), one_of(families), hint))
    if bool(entry.family) != (PLACEHOLDER in key):
        allowed = f"{PLACEHOLDER} in the key of a family, and only there"
        problems.append(Problem(file, line, key, "no match of family and key", allowed))
    return problems


def _expanded(key: str, entry: Entry, family: Family | None, root: Path) -> list[Variable]:
    if family is None:
        return [_variable(key, entry, -1, Member(name_zh="-", name_en="-"), False)]
    return [_variable(key, entry, code, member, family.yearly) for code, member in _members(family, root)]


def _members(family: Family, root: Path) -> list[tuple[int, Member]]:
    if not family.table:
        return list(enumerate(family.members.values()))
    table = load_table(family.table, root)
    chosen = [True] * len(table)
    for column, wanted in family.where.items():
        chosen = [before and value == wanted for before, value in zip(chosen, table[column], strict=True)]
    names = zip(table["name_zh"], table["name_en"], strict=True)
    members = [Member(name_zh=str(zh), name_en=str(en).replace("|", "/")) for zh, en in names]
    return [(code, member) for code, member in enumerate(members) if chosen[code]]


def _variable(key: str, entry: Entry, code: int, member: Member, yearly: bool) -> Variable:
    def filled(text: str, name: str) -> str:
        return text.replace(PLACEHOLDER, name)

    return Variable(
        name=filled(key, member.name_en),
        template=key,
        code=code,
        unit=entry.unit,
        kind=entry.kind,
        name_zh=filled(entry.name_zh, member.name_zh),
        name_en=filled(entry.name_en, member.name_en),
        description_zh=filled(entry.description_zh, member.name_zh),
        description_en=filled(entry.description_en, member.name_en),
        part_of=entry.part_of,
        target=entry.target,
        yearly=yearly,
    )


def _double_names(variables: list[Variable], file: str) -> list[Problem]:
    seen: set[str] = set()
    problems = []
    for variable in variables:
        if variable.name in seen:
            problems.append(Problem(file, None, variable.template, repr(variable.name), "each variable once"))
        seen.add(variable.name)
    return problems
