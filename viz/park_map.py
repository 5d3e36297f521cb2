"""The map: parks as circles that hold their firms by sector or size, or the by-products that flow between them."""

import math
from typing import Any

import numpy as np
import pandas as pd

from experiments.languages import Say
from sim.configuration.tables import load_table
from viz.district import District, words
from viz.firm_words import member_words, park_words
from viz.layout import packed, spread_out

WIDTH, HEIGHT = 640.0, 480.0
FILLED = 0.33  # of the map that all bubbles cover
SHRINK, MOST_SHRINKS = 0.88, 12  # where parks would not find room
SMALLEST = 3.5  # radius, so that every part can be met
NAME = 20.0  # room for the names above the parks
MARGIN = 5.0  # around what a park holds
SHORTEST = 4  # signs of a line
LABELLED = 24.0  # radius from which a bubble carries its name
# Green share of output, from its lower end on; told apart by lightness.
STEPS = ((0.0, "#e3e6e4"), (0.02, "#c4dcdc"), (0.1, "#8cc0c4"), (0.3, "#3f97a1"), (0.6, "#00626f"))
DARK = 0.3  # from which letters are white
FLOW = "#8a5a9e"
WIDEST, NARROWEST = 26.0, 1.2  # of an arc
KNOT, TIP = 34.0, 5.0  # radius of a park between which by-products flow, and room for the tip of an arrow
BEND = 0.2
TOP_LABELS = 6
PER_YI, PER_KILO = 1e4, 1e3


def shade(share: float) -> str:
    """The colour of a green share."""
    return [colour for least, colour in STEPS if share >= least][-1]


def scale() -> list[list[str]]:
    """The colours and what they mean."""
    ends = [f"{100 * least:.0f}" for least, _ in STEPS] + ["100"]
    return [[f"{low}–{high}%", colour] for (_, colour), low, high in zip(STEPS, ends[:-1], ends[1:], strict=True)]


def laid_out(cells: pd.DataFrame) -> tuple[dict[str, tuple[float, float, float]], pd.DataFrame]:
    """Centre and radius of each park, and the cells with their places; areas are outputs on one scale.

    Where parks would not find room, all circles shrink together.
    """
    for shrunk in range(MOST_SHRINKS):
        filled = FILLED * SHRINK**shrunk
        scale_of = math.sqrt(filled * WIDTH * HEIGHT / math.pi / max(float(cells["output"].sum()), 1.0))
        radius = np.maximum(np.sqrt(cells["output"].to_numpy()) * scale_of, SMALLEST).round(1)
        found = cells.assign(r=radius, x=0.0, y=0.0)
        places, outer = {}, {}
        for park in words("parks"):
            places[park], reach = packed(tuple(found.loc[found["park"] == park, "r"].tolist()))
            outer[park] = max(reach, SMALLEST) + MARGIN
        parks = placed(outer)
        if apart(parks):
            break
    for park, (x, y, _) in parks.items():
        for row, (dx, dy) in zip(found.index[found["park"] == park], places[park], strict=True):
            found.loc[row, ["x", "y"]] = round(x + dx, 1), round(y + dy, 1)
    return parks, found


def apart(parks: dict[str, tuple[float, float, float]]) -> bool:
    """Whether no two parks cover each other."""
    marks = list(parks.values())
    return all(math.hypot(x - a, y - b) >= r + c for place, (x, y, r) in enumerate(marks) for a, b, c in marks[:place])


def placed(outer: dict[str, float]) -> dict[str, tuple[float, float, float]]:
    """Centre and radius of parks that need so much room, from where they lie."""
    table = load_table("parks")
    lie = np.stack([table["east_km"].to_numpy(float), table["north_km"].to_numpy(float)], axis=1)
    centres = spread_out(lie, [outer[park] for park in words("parks")], WIDTH, HEIGHT - NAME)
    return {
        park: (round(float(x), 1), round(float(y) + NAME, 1), round(outer[park], 1))
        for park, (x, y) in zip(words("parks"), centres, strict=True)
    }


def knots() -> dict[str, tuple[float, float, float]]:
    """Parks as small circles, so that there is room for what flows between them."""
    found = placed(dict.fromkeys(words("parks"), 2.0 * KNOT))
    return {park: (x, y, KNOT) for park, (x, y, _) in found.items()}


def firm_layer(district: District, year: int, by: str, pick: str, say: Say) -> dict[str, Any]:
    """Firms aggregated by park and sector or size: area is output, colour the green share of it."""
    parks, cells = laid_out(district.cells(year, by))
    bubbles = []
    for row in cells.itertuples():
        share = row.green / row.output if row.output > 0.0 else 0.0
        name = member_words(by, row.member, say)
        bubbles.append(
            {
                "key": f"{row.park}.{row.member}",
                "x": row.x,
                "y": row.y,
                "r": row.r,
                "colour": shade(share),
                "ink": "#ffffff" if share >= DARK else "#1d2527",
                "chosen": pick == f"{row.park}.{row.member}",
                "lines": name_lines(name, row.r),
                "reading": [f"{park_words(row.park, say)} › {name}", *cell_reading(row, share, say)],
            }
        )
    return {
        "parks": [park_mark(park, place, cells, pick, say) for park, place in parks.items()],
        "bubbles": bubbles,
        "arcs": [],
        "lines": [],
        "scale": scale(),
        "scale_title": say("绿色产出占比", "Green share of output"),
    }


def cell_reading(row: Any, share: float, say: Say) -> list[str]:
    """What is said of firms together."""
    return [
        say(f"{row.firms:,.0f} 家企业", f"{row.firms:,.0f} firms"),
        say(f"产出 {row.output / PER_YI:,.1f} 亿元", f"output {row.output / PER_YI:,.1f} 亿元"),
        say(f"绿色 {100 * share:.0f}%", f"green {100 * share:.0f} %"),
        say(f"二氧化碳 {row.emissions / PER_YI:,.1f} 万吨", f"CO2 {row.emissions / PER_KILO:,.0f} kt"),
    ]


def park_mark(park: str, place: tuple[float, float, float], cells: pd.DataFrame, pick: str, say: Say) -> dict[str, Any]:
    """A park with what it holds."""
    own = cells[cells["park"] == park]
    total = own[["firms", "output", "green", "emissions"]].sum()
    share = float(total["green"] / total["output"]) if total["output"] > 0.0 else 0.0
    x, y, r = place
    reading = [park_words(park, say), *cell_reading(total, share, say)]
    mark = {"key": park, "x": x, "y": y, "r": r, "title": park_words(park, say), "under": ""}
    return mark | {"chosen": pick == park, "reading": reading}


def name_lines(name: str, radius: float) -> list[str]:
    """A name in the lines that fit a bubble, or nothing."""
    if radius < LABELLED:
        return []
    chinese = any(ord(sign) > 0x2E80 for sign in name)
    room = int(1.75 * radius / (12.0 if chinese else 6.4))
    most = 3 if radius > 30.0 else 2
    if chinese:
        lines = [name[at : at + room] for at in range(0, len(name), room)]
    else:
        lines = [""]
        for word in name.split():
            longer = f"{lines[-1]} {word}".strip()
            if len(longer) <= room or not lines[-1]:
                lines[-1] = longer
            else:
                lines.append(word)
    fits = len(lines) <= most and all(len(line) <= room for line in lines)
    return lines if fits else shortened(lines, most, room)


def shortened(lines: list[str], most: int, room: int) -> list[str]:
    """The first lines with a sign that more is left out; nothing where not even a word fits."""
    if len(lines[0]) > room or room < SHORTEST:
        return []
    kept = lines[:1] if len(lines) > 1 and len(lines[1]) > room else lines[:most]
    return [*kept[:-1], f"{kept[-1][: room - 1].rstrip(',')}…"]


def stream_layer(district: District, year: int, by: str, stream: str, say: Say) -> dict[str, Any]:
    """By-products between parks: an arrow from givers to takers, as wide as the tonnes; a ring for what stays."""
    parks, cells = laid_out(district.cells(year, by))
    arcs = district.arcs(year, stream)
    most = float(arcs["tonnes"].max()) if len(arcs) else 1.0
    between = arcs[arcs["giver_park"] != arcs["taker_park"]]
    within = {row.giver_park: row for row in arcs[arcs["giver_park"] == arcs["taker_park"]].itertuples()}
    marks = []
    parks = knots()
    for park, place in parks.items():
        mark = park_mark(park, place, cells, "", say)
        if park in within:
            inside = within[park]
            kilo = kilotonnes(inside.tonnes)
            mark["under"] = say(f"{kilo} 千吨", f"{kilo} kt")
            links = say(
                f"园区内 {kilo} 千吨，{inside.links} 条链路", f"{kilo} kt in {inside.links} links inside the park"
            )
            mark["reading"] = [park_words(park, say), links]
        else:
            mark["reading"] = [park_words(park, say), say("园区内无链路", "no links inside the park")]
        marks.append(mark)
    drawn = [arc(row, place, parks, most, say) for place, row in enumerate(between.itertuples())]
    return {"parks": marks, "bubbles": [], "arcs": drawn, "lines": [], "scale": [], "scale_title": ""}


def kilotonnes(tonnes: float) -> str:
    """Thousand tonnes with the decimals that matter."""
    return f"{tonnes / PER_KILO:,.0f}" if tonnes >= 10 * PER_KILO else f"{tonnes / PER_KILO:,.2g}"


def arc(row: Any, place: int, parks: dict[str, tuple[float, float, float]], most: float, say: Say) -> dict[str, Any]:
    """An arrow between two parks, bent so that both directions are seen."""
    (x0, y0, r0), (x1, y1, r1) = parks[row.giver_park], parks[row.taker_park]
    distance = math.hypot(x1 - x0, y1 - y0) or 1.0
    ux, uy = (x1 - x0) / distance, (y1 - y0) / distance
    # Both directions leave and arrive beside each other.
    aside = 0.45
    start = x0 + r0 * (ux - aside * uy), y0 + r0 * (uy + aside * ux)
    end = x1 - (r1 + TIP) * (ux + aside * uy), y1 - (r1 + TIP) * (uy - aside * ux)
    middle = ((start[0] + end[0]) / 2 - uy * BEND * distance, (start[1] + end[1]) / 2 + ux * BEND * distance)
    low, high = (60.0, 20.0), (WIDTH - 60.0, HEIGHT - 12.0)
    middle = (min(max(middle[0], low[0]), high[0]), min(max(middle[1], low[1]), high[1]))
    width = max(NARROWEST, WIDEST * row.tonnes / most)
    at = [0.25 * a + 0.5 * m + 0.25 * b for a, m, b in zip(start, middle, end, strict=True)]
    names = f"{park_words(row.giver_park, say)} → {park_words(row.taker_park, say)}"
    kilo = kilotonnes(row.tonnes)
    return {
        "path": "M{:.1f},{:.1f} Q{:.1f},{:.1f} {:.1f},{:.1f}".format(*start, *middle, *end),
        "width": round(width, 1),
        "colour": FLOW,
        "tip": True,
        "text": say(f"{kilo} 千吨", f"{kilo} kt") if place < TOP_LABELS else "",
        "x": round(at[0], 1),
        "y": round(at[1] + 4, 1),
        "reading": [names, say(f"{kilo} 千吨", f"{kilo} kt"), say(f"{row.links} 条链路", f"{row.links} links")],
    }
