"""What a scenario or a user sets differently: checked, merged, and freed of what changes nothing.

Prices and policies change from a day on, never before 2022. Every other parameter is structural: a changed one
describes another world and holds for the whole run. A value equal to the one that holds anyway is no change at all.
"""

import math
import numbers
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sim.configuration.declaration_checks import bound_complaint
from sim.configuration.declarations import Declaration, Steps, as_number, held_at, overlaid
from sim.configuration.parameters import DATED_GROUPS, Declarations
from sim.configuration.periods import PLAN_START, day_of
from sim.configuration.problems import Problem, did_you_mean, quoted

WHOLE_RUN = date.min  # the day of a structural change
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")

Complain = Callable[..., None]


def read_changes(
    raw: Mapping[Any, Any],
    declarations: Declarations,
    file: str,
    problems: list[Problem],
    line: Callable[[str], int | None] = lambda key: None,
) -> dict[str, Steps]:
    """Changes as steps by key; `KEY`, `KEY@DATE` and `KEY: {DATE: value}` may stand side by side.

    What is wrong is appended to `problems`, as found in `file`; `line` tells the line of a written key there.
    """
    found: dict[str, dict[date, float]] = {}
    for written, content in raw.items():

        def complain(found: str, allowed: str, suggestion: str = "", written: str = str(written)) -> None:
            problems.append(Problem(file, line(written), written, found, allowed, suggestion))

        key, at, day = str(written).partition("@")
        if key not in declarations:
            complain("an unknown key", "a declared key (`lvjin list parameters`)", did_you_mean(key, declarations))
            continue
        dated = {day: content} if at else content if isinstance(content, Mapping) else {None: content}
        for when, value in dated.items():
            _take(declarations[key], when, value, found.setdefault(key, {}), complain)
    return {key: tuple(sorted(steps.items())) for key, steps in found.items() if steps}


def _take(entry: Declaration, when: Any, value: Any, steps: dict[date, float], complain: Complain) -> None:
    day, number = _day(entry, when, complain), _number(entry, value, complain)
    if day is None or number is None:
        return
    if day in steps:
        complain(f"a second value for {entry.key}", "one value for each key and date")
    steps[day] = number


def _day(entry: Declaration, when: Any, complain: Complain) -> date | None:
    if entry.group not in DATED_GROUPS:
        if when is not None:
            complain("a date", f"no date: a change of {entry.group}.* is structural and holds for the whole run")
            return None
        return WHOLE_RUN
    if when is None:
        return PLAN_START
    try:
        day = day_of(when)
    except ValueError:
        complain(f"the date {quoted(str(when))}", "a date such as 2022-07-01 or 2022Q3")
        return None
    if day < PLAN_START:
        complain(f"the date {day}", f"{PLAN_START} or later", "Nothing before 2022 ever changes.")
        return None
    return day


def _number(entry: Declaration, value: Any, complain: Complain) -> float | None:
    """The value as a float of the parameter's unit within its bounds, else None and a complaint."""
    number = _read(entry.unit, value)
    if number is None:
        kinds = {"switch": "on or off", "date": "a day such as 2025-12-31"}
        complain(quoted(value), f"{kinds.get(entry.unit, 'a number')} (unit {entry.unit})")
        return None
    outside = bound_complaint(number, *entry.bounds)
    if outside:
        complain(f"{outside[0]} {entry.unit}", outside[1], outside[2])
        return None
    return number


def _read(unit: str, value: Any) -> float | None:
    text = value.strip() if isinstance(value, str) else value
    if unit == "switch":
        return {"on": 1.0, "off": 0.0, True: 1.0, False: 0.0}.get(text) if _hashable(text) else None
    if unit == "date":
        try:
            return as_number(day_of(text))
        except ValueError:
            return None
    if isinstance(text, str):
        number = float(text) if len(text) < 100 and _NUMBER.fullmatch(text) else math.nan
    elif isinstance(text, numbers.Real) and not isinstance(text, bool):
        number = float(text)
    else:
        return None
    return number if math.isfinite(number) else None


def _hashable(value: Any) -> bool:
    return isinstance(value, (str, bool, int, float))


def merged(first: Mapping[str, Steps], then: Mapping[str, Steps]) -> dict[str, Steps]:
    """Both sets of changes; where they meet, `then` replaces the path from its first day on."""
    return {key: overlaid(first.get(key, ()), then.get(key, ())) for key in sorted({*first, *then})}


def effective(changes: Mapping[str, Steps], declarations: Declarations, information: str) -> dict[str, Steps]:
    """The changes without what changes nothing, so that equal worlds are described, and computed, equally."""
    trimmed = {key: _trimmed(declarations[key].path(information), steps) for key, steps in changes.items()}
    return {key: steps for key, steps in sorted(trimmed.items()) if steps}


def _trimmed(path: Steps, steps: Steps) -> Steps:
    after = overlaid(path, steps)
    days = sorted({day for day, _ in (*path, *steps) if day >= steps[0][0]})
    differing = [day for day in days if held_at(path, day) != held_at(after, day)]
    if not differing:
        return ()
    start = differing[0]
    kept = [(start, held_at(after, start))]
    for day, value in steps:
        if day > start and value != kept[-1][1]:
            kept.append((day, value))
    return tuple(kept)
