"""The levers as cards for the page: name, unit, bounds, where they stand, and what each rests on."""

from functools import lru_cache
from pathlib import Path
from typing import Any

from experiments.languages import Say
from sim.configuration.declarations import root_folder
from sim.configuration.parameters import load_declarations
from sim.configuration.periods import PLAN_START
from sim.configuration.problems import ConfigError
from sim.configuration.scenario_files import read_scenario_file, scenario_names
from sim.scenario import Lever, Scenario
from viz.plan_sections import order, section_title
from viz.view import View, path_of, preset_levers, scenario_of

WIDE = 20.0  # bounds that reach so far beyond the usual value get a slider that is finer below
PERCENT = {"share": ("%", "%"), "1/yr": ("%/年", "% a year")}
EVIDENCE = {
    "law": ("法规文件", "law or rule"),
    "statistic": ("统计数据", "statistics"),
    "literature": ("文献", "literature"),
    "calibrated": ("校准", "calibrated"),
    "assumed": ("假设", "assumed"),
}


# What a first look should offer: the strongest and the most discussed; they stand in their sections, too.
USUAL = (
    "policy.retrofit_grant.share",
    "policy.retrofit_grant.purse",
    "policy.conversion_grant.share",
    "policy.conversion_grant.purse",
    "policy.digital_grant.purse",
    "policy.carbon_price.price",
    "policy.green_credit.quota",
    "policy.investment_attraction.green_multiplier",
    "policy.green_consumption.pull",
    "policy.training.attention",
)
FIRST = "first"
USUAL_FIRMS = 5000  # any size: levers do not depend on it


def sections(view: View, say: Say) -> list[dict[str, Any]]:
    """The levers of a view: a first choice, then all, grouped by the sections of the plan."""
    scenario = setting_of(view)
    grouped: dict[str, list[dict[str, Any]]] = {}
    for lever in scenario.levers():
        grouped.setdefault(lever.plan_section, []).append(card(lever, scenario, view, say))
    cards = {one["key"]: one for group in grouped.values() for one in group}
    usual = [cards[key] for key in USUAL if key in cards]
    first = {"section": FIRST, "title": say("常用政策", "Often asked about"), "levers": usual}
    return [first] + [
        {"section": section, "title": say(*section_title(section)), "levers": grouped[section]}
        for section in sorted(grouped, key=order)
    ]


def setting_of(view: View) -> Scenario:
    """The scenario that a view describes; the preset alone where its levers do not go together."""
    try:
        return scenario_of(view.scenario, view.changes, view.until, USUAL_FIRMS)
    except ConfigError:
        return scenario_of(view.scenario, (), view.until, USUAL_FIRMS)


def card(lever: Lever, scenario: Scenario, view: View, say: Say) -> dict[str, Any]:
    """One lever; numbers are in the unit that is shown, `factor` times the declared one."""
    entry = load_declarations()[lever.key]
    factor, unit = shown_unit(lever.unit, say)
    preset = preset_levers(view.scenario)[lever.key].value
    usual = max(abs(preset_levers(name)[lever.key].value) for name in (view.scenario, "plan", "baseline"))
    return {
        "key": lever.key,
        "name": say(lever.name_zh, lever.name_en),
        "search": f"{lever.key} {lever.name_zh} {lever.name_en}".lower(),
        "unit": unit,
        "factor": factor,
        "value": rounded(factor * lever.value),
        "preset": rounded(factor * preset),
        "lower": rounded(factor * lever.lower),
        "upper": rounded(factor * lever.upper),
        "power": 3 if factor == 1.0 and lever.upper - lever.lower > WIDE * max(usual, 1e-9) else 1,
        "moved": lever.key in view.moved_keys(),
        "path": path_text(path_of(scenario, lever.key), factor),
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
    return f"{first}: {factor * start:,.7g} → {last}: {factor * end:,.7g}"


def details(entry: Any, lever: Lever, say: Say) -> list[list[str]]:
    """What the card tells when opened: pairs of a word and a text."""
    sources = [load_declarations().sources[key] for key in lever.source]
    titles = say("；", "; ").join(say(one.title, one.title_en or one.title) for one in sources)
    note = " ".join(say(entry.note_zh or entry.note, entry.note).split())
    since = f"{PLAN_START:%Y-%m-%d}"
    rows = [
        [say("规划条款", "Clause of the plan"), say(*section_title(lever.plan_section))],
        [say("何时生效", "In force from"), say(f"{since}（2022年前不变）", f"{since} (nothing before 2022 changes)")],
        [say("依据", "Evidence"), say(*EVIDENCE[entry.evidence])],
        [say("来源", "Source"), titles],
        [say("备注", "Note"), note] if note else [],
        [say("键", "Key"), lever.key],
    ]
    return [row for row in rows if row]


def rounded(number: float) -> float:
    """A number as people write it, seven digits."""
    return float(f"{number:.7g}")


def presets(view: View, say: Say) -> list[dict[str, Any]]:
    """The scenarios to start from; those of the district first, then in the order of their names."""
    return [
        {"name": name, "title": say(*title), "sentence": say(*sentence), "chosen": name == view.scenario}
        for name, title, sentence in preset_words(root_folder())
    ]


@lru_cache(maxsize=4)
def preset_words(root: Path) -> tuple[tuple[str, tuple[str, str], tuple[str, str]], ...]:
    """Name, title and sentence of each scenario, read once for all visitors."""
    first = ["none", "baseline", "plan"]
    names = scenario_names()
    ordered = [name for name in first if name in names] + [name for name in names if name not in first]
    found = []
    for name in ordered:
        file = read_scenario_file(root / "scenarios" / f"{name}.yaml", root, [])[0]
        if file is not None:
            found.append((name, (file.name_zh, file.name_en), (file.sentence_zh, file.sentence_en)))
    return tuple(found)
