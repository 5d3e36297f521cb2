"""The levers as cards for the page: name, unit, bounds, where they stand, and what each rests on."""

from typing import Any

from experiments.languages import Say
from sim.configuration.declarations import root_folder
from sim.configuration.parameters import load_declarations
from sim.configuration.periods import PLAN_START
from sim.configuration.scenario_files import read_scenario_file, scenario_names
from sim.scenario import Lever
from viz.plan_sections import order, section_title
from viz.view import View, path_after, preset_levers

WIDE = 20.0  # bounds that reach so far beyond the usual value get a slider that is finer below
PERCENT = {"share": ("%", "%"), "1/yr": ("%/年", "% a year")}
EVIDENCE = {
    "law": ("法规文件", "law or rule"),
    "statistic": ("统计数据", "statistics"),
    "literature": ("文献", "literature"),
    "calibrated": ("校准", "calibrated"),
    "assumed": ("假设", "assumed"),
}


def sections(view: View, say: Say) -> list[dict[str, Any]]:
    """The levers of a view, grouped by the sections of the plan."""
    found = preset_levers(view.scenario)
    moved = dict(view.changes)
    grouped: dict[str, list[dict[str, Any]]] = {}
    for lever in found.values():
        grouped.setdefault(lever.plan_section, []).append(card(lever, view, moved.get(lever.key), say))
    return [
        {"section": section, "title": say(*section_title(section)), "levers": grouped[section]}
        for section in sorted(grouped, key=order)
    ]


def card(lever: Lever, view: View, moved: float | None, say: Say) -> dict[str, Any]:
    """One lever; numbers are in the unit that is shown, `factor` times the declared one."""
    entry = load_declarations()[lever.key]
    factor, unit = shown_unit(lever.unit, say)
    usual = max(abs(lever.value), preset_levers("plan")[lever.key].value, preset_levers("baseline")[lever.key].value)
    path = path_after(view.scenario, lever.key)
    return {
        "key": lever.key,
        "name": say(lever.name_zh, lever.name_en),
        "search": f"{lever.key} {lever.name_zh} {lever.name_en}".lower(),
        "unit": unit,
        "factor": factor,
        "value": rounded(factor * (lever.value if moved is None else moved)),
        "preset": rounded(factor * lever.value),
        "lower": rounded(factor * lever.lower),
        "upper": rounded(factor * lever.upper),
        "power": 3 if factor == 1.0 and lever.upper - lever.lower > WIDE * max(usual, 1e-9) else 1,
        "moved": moved is not None,
        "path": path_text(path, factor) if moved is None else "",
        "details": details(entry, lever, say),
    }


def shown_unit(unit: str, say: Say) -> tuple[float, str]:
    """What declared numbers are multiplied by and the unit they are then in."""
    if unit in PERCENT:
        return 100.0, say(*PERCENT[unit])
    if unit == "1":
        return 1.0, ""
    known = load_declarations().units[unit]
    short = unit.replace("firm", "firms")
    return 1.0, say(known.name_zh, short if short.isascii() or "万" in short or "元" in short else known.name_en)


def path_text(path: tuple[tuple[int, float], ...], factor: float) -> str:
    """A dated path in short: `2022: 20 → 2025: 50`."""
    if not path:
        return ""
    (first, start), (last, end) = path[0], path[-1]
    return f"{first}: {rounded(factor * start):g} → {last}: {rounded(factor * end):g}"


def details(entry: Any, lever: Lever, say: Say) -> list[list[str]]:
    """What the card tells when opened: pairs of a word and a text."""
    sources = [load_declarations().sources[key] for key in lever.source]
    titles = "；".join(say(one.title, one.title_en or one.title) for one in sources)
    note = " ".join(entry.note.split())
    since = f"{PLAN_START:%Y-%m-%d}"
    rows = [
        [say("规划条款", "Clause of the plan"), say(*section_title(lever.plan_section))],
        [say("何时生效", "In force from"), say(f"{since}（2022年前不变）", f"{since} (nothing before 2022 changes)")],
        [say("依据", "Evidence"), say(*EVIDENCE[entry.evidence])],
        [say("来源", "Source"), titles],
        [say("备注（英文）", "Note"), note] if note else [],
        [say("键", "Key"), lever.key],
    ]
    return [row for row in rows if row]


def rounded(number: float) -> float:
    """A number as people write it, seven digits."""
    return float(f"{number:.7g}")


def presets(view: View, say: Say) -> list[dict[str, Any]]:
    """The scenarios to start from; those of the district first, then in the order of their names."""
    root = root_folder()
    first = ["none", "baseline", "plan"]
    names = scenario_names()
    ordered = [name for name in first if name in names] + [name for name in names if name not in first]
    found = []
    for name in ordered:
        file = read_scenario_file(root / "scenarios" / f"{name}.yaml", root, [])[0]
        if file is not None:
            title, sentence = say(file.name_zh, file.name_en), say(file.sentence_zh, file.sentence_en)
            found.append({"name": name, "title": title, "sentence": sentence, "chosen": name == view.scenario})
    return found
