"""The calendar of the model: quarter 0 is 2021Q1, and no policy moves before 2022.

Dated values are step functions of the day; a quarter takes the value of its first day.
"""

import re
from datetime import date
from functools import cache

FIRST_YEAR = 2021
START = date(FIRST_YEAR, 1, 1)  # first day of quarter 0
PLAN_START = date(2022, 1, 1)  # nothing that a user changes acts before this day
LAST_YEAR = 2035

_QUARTER = re.compile(r"([0-9]{4})Q([1-4])")


def quarter_name(quarter: int) -> str:
    """Name of a quarter: 0 is `2021Q1`."""
    return f"{FIRST_YEAR + quarter // 4}Q{quarter % 4 + 1}"


def quarter_index(name: str) -> int:
    """Index of a quarter: `2021Q1` is 0; raises ValueError for anything that is not `yyyyQn`."""
    match = _QUARTER.fullmatch(name)
    if not match:
        raise ValueError(f"{name!r} is no quarter; write for example 2025Q4")
    return 4 * (int(match[1]) - FIRST_YEAR) + int(match[2]) - 1


@cache
def first_day(quarter: int) -> date:
    """First day of a quarter."""
    return date(FIRST_YEAR + quarter // 4, 3 * (quarter % 4) + 1, 1)


def quarter_of(day: date) -> int:
    """Index of the quarter in which a day lies; negative before 2021."""
    return 4 * (day.year - FIRST_YEAR) + (day.month - 1) // 3


def day_of(text: object) -> date:
    """A day from a date, `2022-07-01` or `2022Q3` (its first day); raises ValueError for anything else."""
    if isinstance(text, date):
        return text
    name = str(text)
    if _QUARTER.fullmatch(name):
        return first_day(quarter_index(name))
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", name):
        raise ValueError(f"{name!r} is no day; write for example 2022-07-01 or 2022Q3")
    return date.fromisoformat(name)
