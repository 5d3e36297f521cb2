"""The things that a design varies: a declared key within its bounds, or scenario, population or seed.

Bounds that a file leaves out come from the declaration: of a prior its lowest and highest value, of a lever the bounds
within which it may be set, of a switch both positions.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from experiments.designs.design_file import FactorFile
from sim.configuration.changes import read_changes
from sim.configuration.declarations import Declaration, as_number
from sim.configuration.parameters import DATED_GROUPS, Declarations
from sim.configuration.problems import Problem, did_you_mean, one_of, quoted
from sim.configuration.scenario_files import scenario_names
from sim.configuration.yaml_reader import Document

Value = float | int | str
AXES = ("scenario", "population", "seed")  # what may vary besides declared keys
MOST_POPULATIONS = 10_000
DIGITS = 6  # of a sampled value: enough to tell points apart, few enough to read


class Factor(NamedTuple):
    """One axis of a design: either the values it takes, or a range."""

    name: str  # the key, with @ and a day where it does not hold from 2022-01-01 on
    values: tuple[Value, ...]  # empty for a range
    lower: float
    upper: float
    steps: int | None

    def at(self, place: float) -> Value:
        """The value at a place from 0 to 1 along the axis."""
        if self.values:
            return self.values[min(int(place * len(self.values)), len(self.values) - 1)]
        value = float(f"{self.lower + place * (self.upper - self.lower):.{DIGITS}g}")
        return min(max(value, self.lower), self.upper)

    def grid(self) -> tuple[Value, ...]:
        """The values of a grid."""
        steps = self.steps or 2
        return self.values or tuple(self.at(step / (steps - 1)) for step in range(steps))


class Place(NamedTuple):
    """Where in a file a factor stands, for messages."""

    file: str
    document: Document
    declarations: Declarations
    problems: list[Problem]

    def complain(self, name: str, field: str, found: str, allowed: str, hint: str = "") -> None:
        """Add a problem of a factor."""
        key = ".".join(filter(None, ("factors", name, field)))
        line = self.document.line("factors", name, *filter(None, [field]))
        self.problems.append(Problem(self.file, line, key, found, allowed, hint))


def build_factor(name: str, entry: FactorFile, kind: str, place: Place) -> Factor | None:
    """A factor with its bounds; what is wrong is appended to the problems."""
    if name in AXES:
        return _axis(name, entry, place)
    if name not in place.declarations:
        hint = did_you_mean(name, (*place.declarations, *AXES))
        place.complain(name, "", "an unknown key", "a declared key (`lvjin list parameters`) or " + one_of(AXES), hint)
        return None
    declared, before = place.declarations[name], len(place.problems)
    if entry.since is not None and declared.group not in DATED_GROUPS:
        place.complain(name, "since", "a date", f"no date: {declared.group}.* holds for the whole run")
        return None
    key = name if entry.since is None else f"{name}@{entry.since}"
    if entry.values is not None:
        return _listed(key, declared, entry, place)
    if declared.unit == "switch":
        return Factor(key, ("off", "on"), 0.0, 0.0, None)
    lower, upper = _range(declared, entry, place)
    if kind == "grid" and entry.steps is None:
        place.complain(name, "", "no values", "values: [a, b] or steps: 3, as the design is a grid")
    if lower is not None and upper is not None and lower >= upper:
        place.complain(name, "", f"lower {lower:g} and upper {upper:g}", "a lower value below the upper one")
    _check(key, [value for value in (lower, upper) if value is not None], place)
    if len(place.problems) > before or lower is None or upper is None:
        return None
    return Factor(key, (), lower, upper, entry.steps)


def _axis(name: str, entry: FactorFile, place: Place) -> Factor | None:
    if entry.values is None or (entry.lower, entry.upper, entry.steps, entry.since) != (None,) * 4:
        place.complain(name, "", "no plain list of values", f"values: [a, b], as {name} has no bounds")
        return None
    before = len(place.problems)
    for value in entry.values:
        if name == "scenario":
            known = scenario_names(place.declarations.root)
            if value not in known and not str(value).endswith((".yaml", ".yml")):
                place.complain(name, "values", quoted(value), one_of(known), did_you_mean(value, known))
        else:
            most = MOST_POPULATIONS - 1 if name == "population" else 2**63 - 1
            if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
                place.complain(name, "values", quoted(value), f"whole numbers from 0 to {most}")
    _once(name, entry.values, place)
    return None if len(place.problems) > before else Factor(name, tuple(entry.values), 0.0, 0.0, None)


def _listed(key: str, declared: Declaration, entry: FactorFile, place: Place) -> Factor | None:
    before = len(place.problems)
    name = declared.key
    if (entry.lower, entry.upper, entry.steps) != (None,) * 3:
        place.complain(name, "", "values beside lower, upper or steps", "either values or a range")
    values = list(entry.values or ())
    _check(key, values, place)
    _once(name, values, place)
    if len(place.problems) > before:
        return None
    plain = tuple(str(value) if isinstance(value, (date, str)) else float(value) for value in values)
    return Factor(key, plain, 0.0, 0.0, None)


def _once(name: str, values: Iterable[Any], place: Place) -> None:
    texts = [str(value) for value in values]
    if len(set(texts)) < len(texts):
        place.complain(name, "values", "a value twice", "every value once")


def _range(declared: Declaration, entry: FactorFile, place: Place) -> tuple[float | None, float | None]:
    if declared.unit == "date":
        place.complain(declared.key, "", "a range of days", "values: [2024-01-01, 2025-01-01], as its unit is date")
        return None, None
    lower, upper = declared.bounds
    if declared.low is not None and declared.high is not None:
        lower, upper = declared.low, declared.high
    return (
        lower if entry.lower is None else as_number(entry.lower),
        upper if entry.upper is None else as_number(entry.upper),
    )


def _check(key: str, values: Iterable[Any], place: Place) -> None:
    """Hold each value against the declaration, in the words of scenario files."""
    name = key.partition("@")[0]
    for value in values:
        read_changes(
            {key: value}, place.declarations, place.file, place.problems, lambda _: place.document.line("factors", name)
        )
