"""The players of an attribution: the differences of two scenarios, grouped by chapter, section or instrument."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from sim.configuration.parameters import Declarations
from sim.configuration.problems import Problem, did_you_mean, one_of, quoted, refuse_if
from sim.scenario import Change, Scenario

WAYS = ("chapter", "section", "instrument")
TITLES = {  # of the plan's chapters and sections
    "3": ("三、生产方式绿色化转型", "3: greener production"),
    "3.1": ("3.1 产业结构", "3.1: structure of industry"),
    "3.2": ("3.2 产业碳达峰", "3.2: carbon peak"),
    "3.3": ("3.3 能源消费低碳化", "3.3: low-carbon energy"),
    "3.4": ("3.4 生产过程清洁化", "3.4: cleaner production"),
    "3.5": ("3.5 资源利用循环化", "3.5: circular use of resources"),
    "3.6": ("3.6 生产方式数字化", "3.6: digital production"),
    "3.7": ("3.7 全产业链绿色化", "3.7: greening the whole chain"),
    "4": ("四、绿色新兴产业", "4: new green industries"),
    "4.1": ("4.1 清洁能源与新能源汽车", "4.1: clean energy and vehicles"),
    "4.2": ("4.2 节能产业", "4.2: energy saving"),
    "4.3": ("4.3 环保产业", "4.3: environmental protection"),
    "4.4": ("4.4 循环经济", "4.4: circular economy"),
    "4.5": ("4.5 生态经济", "4.5: ecological economy"),
    "5": ("五、市场主体与平台载体", "5: firms, parks and settings"),
    "5.1": ("5.1 市场主体", "5.1: firms"),
    "5.2": ("5.2 园区载体", "5.2: parks"),
    "5.3": ("5.3 场景与环境", "5.3: settings"),
    "6": ("六、支撑体系", "6: support"),
    "6.1": ("6.1 技术体系", "6.1: technology"),
    "6.2": ("6.2 绿色金融", "6.2: green finance"),
    "6.3": ("6.3 人才队伍", "6.3: skills"),
    "7": ("七、实施保障", "7: measures of the district"),
    "7.1": ("7.1 组织领导与招商", "7.1: leadership and attraction"),
    "7.2": ("7.2 综合施策", "7.2: incentives and rights"),
    "7.3": ("7.3 交流合作", "7.3: exchange"),
    "7.4": ("7.4 社会宣传", "7.4: publicity"),
}


class Player(NamedTuple):
    """A group of changed keys that comes or stays away as one."""

    name: str
    name_zh: str
    name_en: str
    keys: tuple[str, ...]


def players_of(first: Scenario, second: Scenario, by: str) -> list[Player]:
    """The differences of two scenarios as players, sorted by name.

    Raises:
        ConfigError: an unknown way of grouping, or scenarios that do not differ.
    """
    if by not in WAYS:
        refuse_if([Problem("--by", None, "", quoted(by), one_of(WAYS), did_you_mean(by, WAYS))])
    steps = first.steps, second.steps
    keys = sorted(key for key in {*steps[0], *steps[1]} if steps[0].get(key) != steps[1].get(key))
    if not keys:
        refuse_if([Problem("SCENARIO", None, "", "two scenarios without a difference", "two that differ")])
    grouped: dict[str, list[str]] = {}
    for key in keys:
        grouped.setdefault(_group(key, by, second.declarations), []).append(key)
    return [Player(name, *_words(name), tuple(grouped[name])) for name in sorted(grouped)]


def _group(key: str, by: str, declarations: Declarations) -> str:
    section = declarations[key].plan_section
    if by == "instrument":
        return key.rpartition(".")[0]
    return (section if by == "section" else section.partition(".")[0]) or "other"


def _words(name: str) -> tuple[str, str]:
    if name in TITLES:
        return TITLES[name]
    short = name.removeprefix("policy.")
    return short, short.replace("_", " ")


def coalition_scenario(first: Scenario, second: Scenario, players: Sequence[Player], coalition: int) -> Scenario:
    """The first scenario, with the second one's values for the keys of the players that are in."""
    inside = {key for place, player in enumerate(players) if coalition >> place & 1 for key in player.keys}
    kept = [change for change in first.changes if change.key not in inside]
    taken = [change for change in second.changes if change.key in inside]
    changes: list[Change] = sorted(kept + taken, key=lambda change: change.key)  # stable: days stay in order
    return replace(first, changes=tuple(changes), name=first.name)


def settings_of(players: Sequence[Player], coalition: int) -> Mapping[str, str]:
    """Who is in, as the settings of a point."""
    return {player.name: "on" if coalition >> place & 1 else "off" for place, player in enumerate(players)}
