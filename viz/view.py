"""What one visitor looks at: page, language, scenario and moved levers; read from and written to the address.

Nothing that a browser sends is trusted: unknown words fall back, numbers are held within the bounds of their lever.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sim.configuration.declarations import held_at, overlaid
from sim.configuration.parameters import load_declarations
from sim.configuration.periods import LAST_YEAR, PLAN_START
from sim.configuration.scenario_files import scenario_names
from sim.scenario import Lever, Scenario

PAGES = ("forecast", "indicators", "why", "map", "compare", "find", "files", "about")
LANGUAGES = ("zh", "en")
SCOPES = ("plan", "manufacturing")
HORIZONS = ("2025Q4", "2030Q4", "2035Q4")
LAYERS = ("firms", "streams", "chain")  # of the map
GROUPINGS = ("sector", "size")
YEARS = ("2025", "2021", "2023", "2030", "2035")  # that the map can show, the usual one first
CHANCES = ("50", "20", "35", "65", "80")  # per cent that may be wished, the usual one first
PICKED = re.compile(r"|[a-z_]{1,30}(\.[a-z_]{1,30})?|S\d\d|f\d{1,7}")  # a park, a part of one, a stream, a firm
MOST_FIELDS = 500  # of an address that are read
MOST_SAVED = 4  # settings to compare with


@dataclass(frozen=True)
class View:
    """What a visitor looks at.

    Attributes:
        language: `zh` or `en`.
        page: one of `PAGES`.
        scenario: the preset that levers are moved from.
        changes: moved levers as (`KEY` or `KEY@DATE`, value), sorted; without a date from 2022-01-01 on.
        until: last quarter.
        scope: whose revenue is shown large.
        saved: settings to compare with, as addresses.
        layer: what the map shows.
        by: how it groups firms.
        year: of the map.
        pick: what is chosen on it: a park (`degan`), a part of one (`degan.food`), a stream (`S04`), a firm (`f12`).
        wish: the chance that is looked for, per cent.
        held: levers that the search leaves where they are.
    """

    language: str = "zh"
    page: str = "forecast"
    scenario: str = "plan"
    changes: tuple[tuple[str, float], ...] = ()
    until: str = HORIZONS[0]
    scope: str = SCOPES[0]
    saved: tuple[str, ...] = ()
    layer: str = LAYERS[0]
    by: str = GROUPINGS[0]
    year: str = YEARS[0]
    pick: str = ""
    wish: str = CHANCES[0]
    held: tuple[str, ...] = ()

    def moved(self, written: str, value: Any) -> "View":
        """The view with a lever moved, from 2022 on or, as `KEY@DATE`, from a later day.

        A lever put back where it stands in the scenario is not moved; what is no lever, day or number moves nothing.
        """
        key, at, day = written.partition("@")
        number = clamped(key, value)
        if number is None or (at and not is_day(day)):
            return self
        changes = dict(self.changes) | {written: number}
        if number == own_value(self.scenario, key) and not any(one.startswith(f"{key}@") for one in changes):
            del changes[key]
        return replace(self, changes=tuple(sorted(changes.items())))

    def put(self, key: str, value: Any) -> "View":
        """The view with a lever at one value for the whole time, whatever was set before."""
        return self.put_back(key).moved(key, value) if clamped(key, value) is not None else self

    def put_back(self, key: str) -> "View":
        """The view with a lever as the scenario has it."""
        kept = (change for change in self.changes if change[0].partition("@")[0] != key)
        return replace(self, changes=tuple(kept))

    def with_changes(self, changes: Iterable[tuple[str, float]]) -> "View":
        """The view with these levers moved and no others."""
        found = replace(self, changes=())
        for written, value in changes:
            found = found.moved(written, value)
        return found

    def setting(self) -> "View":
        """What is run, without how it is looked at: a view in which all that is only looked at is as at first."""
        return View(scenario=self.scenario, changes=self.changes)

    def holding(self, key: str) -> "View":
        """The view in which a search leaves a lever where it is, or moves it if it was left; for known levers."""
        other = tuple(sorted({*self.held} ^ {key}))
        return replace(self, held=other) if key in bounds() else self

    def keeping(self, setting: "View") -> "View":
        """The view with a setting to compare with, once, as long as there is room."""
        one = setting_address(setting)
        room = one not in self.saved and len(self.saved) < MOST_SAVED
        return replace(self, saved=(*self.saved, one)) if room else self

    def without(self, saved: str) -> "View":
        """The view without a setting to compare with."""
        return replace(self, saved=tuple(one for one in self.saved if one != saved))

    def moved_keys(self) -> set[str]:
        """Keys of the levers that are moved."""
        return {written.partition("@")[0] for written, _ in self.changes}

    def preset(self, name: str) -> "View":
        """The view of a scenario as it is."""
        return replace(self, scenario=name, changes=()) if name in scenario_names() else self

    def turned(self, **words: str) -> "View":
        """The view with page, language, scope or horizon changed; a word that is none of the choices is ignored."""
        known = {name: word for name, word in words.items() if word in CHOICES[name]}
        return replace(self, **known)

    def picking(self, pick: str) -> "View":
        """The view with something chosen on the map; a firm is shown in its chain; what is no such thing is ignored."""
        if not PICKED.fullmatch(pick):
            return self
        layer = "chain" if pick.startswith("f") and pick[1:].isdigit() else self.layer
        return replace(self, pick=pick, layer=layer)

    @property
    def firm(self) -> int | None:
        """The firm that is chosen."""
        return int(self.pick[1:]) if self.pick.startswith("f") and self.pick[1:].isdigit() else None


CHOICES = {
    "page": PAGES,
    "language": LANGUAGES,
    "scope": SCOPES,
    "until": HORIZONS,
    "layer": LAYERS,
    "by": GROUPINGS,
    "year": YEARS,
    "wish": CHANCES,
}
ADDRESS = {"lang": "language"} | {name: name for name in CHOICES if name != "language"}


def read_view(search: str | None) -> View:
    """The view that an address's query tells, as far as it makes sense."""
    try:
        pairs = parse_qsl((search or "").lstrip("?"), max_num_fields=MOST_FIELDS)
    except ValueError:
        return View()
    fields = dict(pairs)
    view = View().turned(**{name: fields[short] for short, name in ADDRESS.items() if short in fields})
    view = view.preset(fields.get("scenario", view.scenario)).picking(fields.get("pick", ""))
    for key, value in fields.items():
        if key.partition("@")[0] in bounds():
            view = view.moved(key, value)
    for one in {value for key, value in pairs if key == "hold"}:
        view = view.holding(one)
    for one in [value for key, value in pairs if key == "saved"]:
        view = view.keeping(read_view(one) if "saved" not in one else View())
    return view


def address(view: View) -> str:
    """The query that restores a view; what is as at first is left out."""
    plain = View()
    fields = {
        short: getattr(view, name) for short, name in ADDRESS.items() if getattr(view, name) != getattr(plain, name)
    }
    if view.pick:
        fields["pick"] = view.pick
    if view.scenario != plain.scenario:
        fields["scenario"] = view.scenario
    numbers = {key: f"{value:.12g}" for key, value in view.changes}
    many = [*(("hold", key) for key in view.held), *(("saved", one) for one in view.saved)]
    return urlencode([*fields.items(), *numbers.items(), *many])


def setting_address(view: View) -> str:
    """The query that restores what is run in a view; it always names the scenario, so that it is never empty."""
    numbers = {key: f"{value:.12g}" for key, value in view.changes}
    return urlencode({"scenario": view.scenario} | numbers)


def is_day(text: str) -> bool:
    """Whether a text is a day after the beginning of 2022 within the reach of a run."""
    try:
        return len(text) == len("2022-01-01") and PLAN_START < date.fromisoformat(text) < date(LAST_YEAR + 1, 1, 1)
    except ValueError:
        return False


def clamped(key: str, value: Any) -> float | None:
    """A number within the bounds of its lever; None where there is no such lever or no number."""
    if key not in bounds() or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    low, high = bounds()[key]
    return min(max(number, low), high) if math.isfinite(number) else None


@lru_cache(maxsize=1)
def bounds() -> dict[str, tuple[float, float]]:
    """Lower and upper bound of each policy: all that a visitor may set, levers on the page and the rest by file."""
    return {key: entry.bounds for key, entry in load_declarations().items() if entry.group == "policy"}


@lru_cache(maxsize=64)
def preset_levers(name: str) -> dict[str, Lever]:
    """The levers as a scenario sets them at the beginning of 2022."""
    return {lever.key: lever for lever in Scenario.load(name).levers()}


@lru_cache(maxsize=4096)
def own_value(scenario: str, key: str) -> float | None:
    """Where a lever stands in a scenario, None where it moves with time, so that no single value is the scenario's."""
    path = overlaid(load_declarations()[key].path(), Scenario.load(scenario).steps.get(key, ()))
    return None if path_of(Scenario.load(scenario), key) else held_at(path, PLAN_START)


def path_of(scenario: Scenario, key: str) -> tuple[tuple[int, float], ...]:
    """Years and values of a lever after the beginning of 2022; empty for one that stays."""
    path = overlaid(load_declarations()[key].path(), scenario.steps.get(key, ()))
    start = held_at(path, PLAN_START)
    later = [(day.year, value) for day, value in path if day > PLAN_START]
    return ((PLAN_START.year, start), *later) if any(value != start for _, value in later) else ()


@lru_cache(maxsize=512)
def scenario_of(name: str, changes: tuple[tuple[str, float], ...], until: str, firms: int, seed: int = 1) -> Scenario:
    """What is run for a view; the same as `lvjin run NAME --set KEY=VALUE …`.

    Raises:
        ConfigError: levers that are allowed alone and not together.
    """
    return Scenario.load(name, firms=firms, until=until, seed=seed, changes=dict(changes))
