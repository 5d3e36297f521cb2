"""Whether a declaration agrees with itself: kinds of values, bounds, order of dates, priors around the value."""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from sim.configuration.declarations import Entry, Raw, as_number
from sim.configuration.periods import START, first_day
from sim.configuration.problems import quoted
from sim.configuration.yaml_reader import number_text


class Complaint(NamedTuple):
    """What is wrong with one field of a declaration."""

    field: str
    found: str
    allowed: str
    suggestion: str = ""


def complaints(entry: Entry, group: str, dated: bool) -> Iterator[Complaint]:
    """What is wrong with a declaration whose fields are each of the right type."""
    if (entry.value is None) == (entry.values is None):
        yield Complaint("value", "both or neither of `value` and `values`", "one of them")
        return
    if not dated and (entry.values is not None or entry.actual is not None):
        yield Complaint("values", f"a dated path in the group {group}", "dated paths in price and policy only")
    if entry.lever and group != "policy":
        yield Complaint("lever", f"a lever in the group {group}", "levers in configs/policy/ only")
    if not entry.lever and (entry.moves or entry.mechanism or entry.beside):
        yield Complaint("lever", "what a number moves that is no lever", "moves, mechanism and beside for levers only")
    if not entry.source and entry.evidence != "assumed":
        yield Complaint("source", f"no source for evidence `{entry.evidence}`", "a source, or evidence `assumed`")
    kinds = list(_kind_complaints(entry))
    yield from kinds
    if not kinds:
        yield from _path_complaints(entry)
        yield from _bound_complaints(entry)
        yield from _prior_complaints(entry)


def _numbers(entry: Entry) -> Iterator[tuple[str, Raw]]:
    for field in ("value", "lower", "upper", "low", "high", "spread_low", "spread_high"):
        value = getattr(entry, field)
        if value is not None:
            yield field, value
    for field in ("values", "actual"):
        for day, value in (getattr(entry, field) or {}).items():
            yield f"{field}.{day}", value


def _kind_complaints(entry: Entry) -> Iterator[Complaint]:
    kind, allowed = {
        "switch": (str, "on or off, as the unit is switch"),
        "date": (date, "a day such as 2022-01-01, as the unit is date"),
    }.get(entry.unit, (float, "a number"))
    for field, value in _numbers(entry):
        if not isinstance(value, (int, float) if kind is float else kind):
            yield Complaint(field, quoted(value), allowed)
    if entry.unit != "switch":
        for field in ("lower", "upper"):
            if getattr(entry, field) is None:
                yield Complaint(field, "nothing", f"{Entry.model_fields[field].description}")
    if entry.unit in {"switch", "date"} and (entry.low is not None or entry.spread_low is not None):
        yield Complaint("low", f"a prior for a {entry.unit}", "low and high for numbers only")


def _path_complaints(entry: Entry) -> Iterator[Complaint]:
    for field in ("values", "actual"):
        days = list(getattr(entry, field) or {})
        if getattr(entry, field) is not None and not days:
            yield Complaint(field, "no dates", "at least one `date: value`")
        if days != sorted(days):
            yield Complaint(field, "dates out of order", "earlier dates first")
    if entry.values and min(entry.values) > START:
        yield Complaint("values", f"{min(entry.values)} as the first date", f"a first date up to {START}")
    if entry.actual and entry.values != {}:
        for quarter in range(4):
            day = first_day(quarter)
            if entry.value_at(day) != entry.value_at(day, "conditional"):
                hint = "Write facts up to 2021 under `values`."
                yield Complaint("actual", f"a value for {day} that differs", "later facts, from 2022 on", hint)
                break


def _bound_complaints(entry: Entry) -> Iterator[Complaint]:
    if entry.unit == "switch":
        return
    lower, upper = as_number(entry.lower), as_number(entry.upper)
    if lower > upper:
        yield Complaint("lower", f"{quoted(entry.lower)} above the upper bound", f"at most {quoted(entry.upper)}")
        return
    for field, value in _numbers(entry):
        if field not in {"lower", "upper", "spread_low", "spread_high"}:
            found = bound_complaint(as_number(value), lower, upper)
            if found:
                yield Complaint(field, *found)


def bound_complaint(value: float, lower: float, upper: float) -> tuple[str, str, str] | None:
    """What was found, what is allowed and what may be meant, for a number outside its bounds; None inside them."""
    if lower <= value <= upper:
        return None
    per_cent = value / 100.0
    hint = f"Was it meant in per cent? Write {number_text(per_cent)}." if lower < per_cent <= upper <= 1.0 else ""
    return number_text(value), f"{number_text(lower)} to {number_text(upper)}", hint


def _prior_complaints(entry: Entry) -> Iterator[Complaint]:
    if (entry.low is None) != (entry.high is None):
        yield Complaint("low", "one of `low` and `high`", "both or neither")
    if (entry.spread_low is None) != (entry.spread_high is None):
        yield Complaint("spread_low", "one of `spread_low` and `spread_high`", "both or neither")
    if entry.values is not None and entry.low is not None:
        yield Complaint("low", "`low` beside a dated path", "`spread_low` and `spread_high`, multipliers around 1")
    if entry.values is None and entry.spread_low is not None:
        yield Complaint("spread_low", "`spread_low` without a dated path", "`low` and `high`, in the parameter's unit")
    if entry.low is not None and entry.high is not None and entry.value is not None:
        value = as_number(entry.value)
        if not entry.low <= value <= entry.high:
            yield Complaint("low", f"{entry.low} to {entry.high}", f"a range that holds the value, {value}")
    low, high = entry.spread_low, entry.spread_high
    if low is not None and high is not None and not 0.0 <= low <= 1.0 <= high:
        yield Complaint("spread_low", f"{low} to {high}", "a range that holds 1")
    if entry.drawn_with and entry.low is None and entry.spread_low is None:
        yield Complaint("drawn_with", "shared luck without a prior", "`drawn_with` beside low and high")
