"""The parts of the page that are written for the browser: each takes plain data and calls back with plain data."""

from collections.abc import Callable
from typing import Any

import solara

Call = Callable[[Any], None]


@solara.component_vue("components/bar.vue")
def Bar(words: dict, pages: list, language: str, address: str, event_open: Call, event_speak: Call):
    """The bar above all pages: name, pages, language; keeps the address of the browser as it should be."""


@solara.component_vue("components/levers.vue")
def Levers(
    words: dict,
    presets: list,
    sections: list,
    n_moved: int,
    event_choose: Call,
    event_move: Call,
    event_put_back: Call,
    event_reset: Call,
):
    """Presets, search and the levers by section of the plan."""


@solara.component_vue("components/tiles.vue")
def Tiles(tiles: list, settling: bool):
    """The few numbers that matter, large."""


@solara.component_vue("components/progress.vue")
def ProgressLine(
    words: dict,
    run: str,
    share: float,
    text: str,
    tone: str,
    over: bool,
    can_stop: bool,
    can_go_on: bool,
    event_halt: Call,
    event_go_on: Call,
):
    """How far the run is, with Stop."""


@solara.component_vue("components/choice.vue")
def Choice(label: str, choices: list, chosen: str, event_choose: Call):
    """A few words, of which one is chosen."""


@solara.component_vue("components/actions.vue")
def Actions(label: str, choices: list, event_act: Call):
    """Buttons: a key, a word, and what is read aloud where the word alone says too little."""


@solara.component_vue("components/chart.vue")
def ChartFigure(
    option: dict,
    readings: list,
    label: str,
    height: int,
    numbers_word: str,
    columns: list,
    rows: list,
    tall: bool = False,
    event_pick: Call = lambda key: None,
):
    """A chart of ECharts, what it says under the pointer, and its numbers as a table; a click tells a datum's key."""


@solara.component_vue("components/map.vue")
def ParkMap(
    label: str,
    width: int,
    height: int,
    parks: list,
    bubbles: list,
    arcs: list,
    lines: list,
    hint: str,
    scale_title: str,
    scale: list,
    event_pick: Call,
):
    """Parks, what is in them and what flows between them; every mark can be reached and chosen by keyboard."""


@solara.component_vue("components/list.vue")
def PickList(columns: list, numeric: list, rows: list, none: str, event_pick: Call):
    """A table whose rows can be chosen."""


@solara.component_vue("components/table.vue")
def Table(columns: list, numeric: list, rows: list):
    """A table whose cells may carry a second line and an interval."""


@solara.component_vue("components/text.vue")
def Text(parts: list):
    """Sections of text, points and facts."""


@solara.component_vue("components/costs.vue")
def CostList(title: str, total: str, rows: list):
    """A sum that opens to its parts."""


@solara.component_vue("components/take.vue")
def TakeFile(words: dict, largest: int, event_take: Call):
    """A file that the visitor brings; its text is handed over, or None where it is too large."""


@solara.component_vue("components/copy.vue")
def CopyText(words: dict, text: str, link: bool):
    """A text to copy; as a link, the address of the page is put before it."""


@solara.component_vue("components/ask.vue")
def Ask(
    words: dict,
    share: float,
    text: str,
    tone: str,
    over: bool,
    can_start: bool,
    can_stop: bool,
    event_start: Call,
    event_halt: Call,
):
    """A question that is put when asked for, how far it is, and Stop."""


@solara.component_vue("components/toggles.vue")
def Toggles(label: str, choices: list, chosen: list, event_toggle: Call):
    """Words of which any number may be chosen."""
