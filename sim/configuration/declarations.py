"""What a parameter must say about itself: names, unit, bounds, evidence, source and, where it is law, dates.

One declaration serves the loader, the sliders, the samplers, the JSON schema for editors and the docs. Numbers of
unit `switch` are written on or off (1 and 0 in the model), those of unit `date` as days (quarters since 2021Q1).
"""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from sim.configuration.periods import first_day, quarter_of
from sim.configuration.problems import Problem, did_you_mean, one_of, quoted
from sim.configuration.yaml_reader import Document, number_text

Raw = float | date | Literal["on", "off"]
Steps = tuple[tuple[date, float], ...]  # a step function: each value holds from its day on

EVIDENCE = ("law", "statistic", "literature", "calibrated", "assumed")
_STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)


class Unit(BaseModel):
    """A unit of the closed list, configs/units.yaml."""

    model_config = _STRICT
    name_zh: str = Field(min_length=1, description="the unit in Chinese")
    name_en: str = Field(min_length=1, description="the unit in English")


class Source(BaseModel):
    """A law, statistic or paper that numbers come from, configs/sources/."""

    model_config = _STRICT
    title: str = Field(min_length=1, description="the publisher's title, as a text")
    title_en: str = Field(default="", description="the title in English")
    publisher: str = Field(default="", description="who published it, as a text")
    url: str = Field(default="", description="the address, as a text")
    year: int | None = Field(default=None, ge=1900, le=2100, description="the year of publication, as a number")
    file: str = Field(default="", description="the research table it was taken from, as a text")
    note: str = Field(default="", description="a text")


class Entry(BaseModel):
    """A parameter as a file in configs/ declares it."""

    model_config = _STRICT
    name_zh: str = Field(min_length=1, description="the name in Chinese")
    name_en: str = Field(min_length=1, description="the name in English")
    unit: str = Field(description="a unit of configs/units.yaml, in quotes where it is a number")
    value: Raw | None = Field(default=None, description="a number, on or off for a switch, a day for a date")
    values: dict[date, Raw] | None = Field(default=None, description="a dated path: {2020-01-01: 0.1, …}")
    actual: dict[date, Raw] | None = Field(default=None, description="later facts, a dated path: {2022-01-01: 0.1, …}")
    lower: Raw | None = Field(default=None, description="the smallest value that may be set")
    upper: Raw | None = Field(default=None, description="the largest value that may be set")
    low: float | None = Field(default=None, description="the lowest value thought possible, a number")
    high: float | None = Field(default=None, description="the highest value thought possible, a number")
    spread_low: float | None = Field(default=None, description="the lowest multiplier of a dated path, at most 1")
    spread_high: float | None = Field(default=None, description="the highest multiplier of a dated path, at least 1")
    drawn_with: str = Field(default="", description="the key of the parameter whose luck this one shares")
    evidence: Literal["law", "statistic", "literature", "calibrated", "assumed"] = Field(description=one_of(EVIDENCE))
    quality: Literal["A", "B", "C"] = Field(description="A, B or C")
    source: list[str] = Field(default_factory=list, description="keys of configs/sources/, as [key, key]")
    note: str = Field(default="", description="a text in English")
    note_zh: str = Field(default="", description="the same in Chinese")
    plan_section: str = Field(default="", description="the section of the plan, in quotes: '5.2'")
    lever: bool = Field(default=False, description="true for a policy that users may move")
    moves: str = Field(default="", description="the output that a lever moves: a variable of configs/variables.yaml")
    mechanism: str = Field(default="", description="the switch of configs/model.yaml through which a lever acts")
    beside: dict[str, float] = Field(
        default_factory=dict, description="other settings that must be on for a lever to act, {key: value}"
    )

    def path(self, information: str = "as_of_2021") -> Steps:
        """Central values as a step function, by date; `conditional` takes later facts where they are declared."""
        steps = {date.min: self.value} if self.values is None else dict(self.values)
        path = tuple((day, as_number(value)) for day, value in steps.items())
        if information == "conditional" and self.actual:
            path = overlaid(path, tuple((day, as_number(value)) for day, value in self.actual.items()))
        return path

    def value_at(self, day: date, information: str = "as_of_2021") -> float:
        """Central value on a day."""
        return held_at(self.path(information), day)


class Declaration(Entry):
    """A declared parameter: what its file says, and its full key."""

    key: str
    file: str
    line: int

    @property
    def group(self) -> str:
        """First part of the key: `policy` of `policy.carbon_price.price`."""
        return self.key.partition(".")[0]

    @property
    def field(self) -> str:
        """Name of the NamedTuple field that holds it: `carbon_price_price` of `policy.carbon_price.price`."""
        return self.key.partition(".")[2].replace(".", "_")

    @property
    def sampled(self) -> bool:
        """Whether parameter draws vary it."""
        return self.low is not None or self.spread_low is not None

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest value that may be set."""
        if self.unit == "switch":
            return 0.0, 1.0
        return as_number(self.lower), as_number(self.upper)

    def written(self, number: float) -> str:
        """A value as the configuration files write it."""
        if self.unit == "switch":
            return "on" if number else "off"
        return str(first_day(int(number))) if self.unit == "date" else number_text(number)


def as_number(value: Raw | None) -> float:
    """A written value as the model's float: on 1, off 0, a day its quarter since 2021Q1."""
    if isinstance(value, date):
        return float(quarter_of(value))
    if isinstance(value, str):
        return 1.0 if value == "on" else 0.0
    assert value is not None
    return float(value)


def held_at(path: Steps, day: date) -> float:
    """Value of a step function on a day; its first value before its first day."""
    held = path[0][1]
    for start, value in path:
        if start > day:
            break
        held = value
    return held


def overlaid(path: Steps, steps: Steps) -> Steps:
    """The path until the first of the steps, the steps from then on; both sorted by day."""
    return tuple(step for step in path if step[0] < steps[0][0]) + steps if steps else path


def read_entries(
    document: Document, model: type[BaseModel], prefix: str, file: str, problems: list[Problem]
) -> dict[str, Any]:
    """The entries `name: {…}` of a file as `model`, by name; what is wrong is appended to `problems`."""
    content = document.content
    if not isinstance(content, dict):
        problems.append(Problem(file, 1, "", f"a {type(content).__name__}", "a mapping of names to declarations"))
        return {}
    known_bad = {(problem.file, problem.line) for problem in problems}
    entries = {}
    for name, fields in content.items():
        # A date is no field, but as a text it has a line.
        by_name = {str(key): value for key, value in fields.items()} if isinstance(fields, dict) else fields
        try:
            entries[str(name)] = model.model_validate(by_name)
        except ValidationError as error:
            wrong = told(error, model, document, (str(name),), f"{prefix}{name}", file)
            problems.extend(problem for problem in wrong if (file, problem.line) not in known_bad)
    return entries


def told(
    error: ValidationError, model: type[BaseModel], document: Document, at: tuple[str, ...], key: str, file: str
) -> Iterator[Problem]:
    """Pydantic's errors as ours: one for a field, in words of the field's own description.

    `at` is where in the document the validated part lies, `key` how messages call it.
    """
    seen: set[tuple[str, ...]] = set()
    for wrong in error.errors(include_url=False):
        place = tuple(str(part) for part in wrong["loc"])
        path = place[:2] if place[:1] in {("values",), ("actual",), ("changes",)} else place[:1]
        if path not in seen:
            seen.add(path)
            where = ".".join(filter(None, (key, *path)))
            yield Problem(file, document.line(*at, *path), where, *_words(wrong, model, place))


def _words(wrong: Mapping[str, Any], model: type[BaseModel], place: tuple[str, ...]) -> tuple[str, str, str]:
    names = list(model.model_fields)
    if not place:
        return quoted(wrong["input"]), f"a mapping with {one_of(names)}", ""
    if place[0] not in names:
        return "an unknown key", one_of(names, most=len(names)), did_you_mean(place[0], names)
    allowed = str(model.model_fields[place[0]].description)
    return ("nothing" if wrong["type"] == "missing" else quoted(wrong["input"])), allowed, ""


def entry_schema() -> dict[str, Any]:
    """JSON schema of a file of declarations, for editors."""
    entry = Entry.model_json_schema()
    definitions = entry.pop("$defs", {})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Parameter declarations of Lvjin",
        "type": "object",
        "additionalProperties": {"$ref": "#/$defs/Entry"},
        "$defs": {**definitions, "Entry": entry},
    }


@cache
def root_folder(root: Path | None = None) -> Path:
    """The folder of the configuration, whole path: `root`, or the folder `configs` of this installation."""
    return (Path(__file__).parents[2] / "configs" if root is None else Path(root)).resolve()
