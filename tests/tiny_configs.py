"""A small tree of configuration that a test can write, break and read again."""

from pathlib import Path
from typing import NamedTuple

import pytest

from sim.configuration.parameters import PARAMETER_GROUPS


class Behaviour(NamedTuple):
    base_attention: float
    peer_weight: float
    shared_luck: float


class Prices(NamedTuple):
    coal_price: float


class Policy(NamedTuple):
    carbon_price_price: float
    carbon_price_multiplier: float
    grant_share: float
    grant_open: float
    grant_deadline: float


class Mechanisms(NamedTuple):
    peers: float


class Nothing(NamedTuple):
    """A group without parameters."""


CLASSES = {"behaviour": "Behaviour", "price": "Prices", "policy": "Policy", "model": "Mechanisms"}

REST = "evidence: assumed, quality: C, source: [paper]"

FILES = {
    "units.yaml": "share: {name_zh: 比例, name_en: share}\n"
    "'1': {name_zh: 无量纲, name_en: number}\n"
    "元/t: {name_zh: 元/吨, name_en: yuan per tonne}\n"
    "switch: {name_zh: 开关, name_en: on or off}\n"
    "date: {name_zh: 日期, name_en: day}\n",
    "sources/tests.yaml": "paper: {title: A paper}\nlaw: {title: 一部法律, year: 2018}\n",
    "behaviour.yaml": f"""\
base_attention: {{name_zh: 关注, name_en: attention, unit: share, value: 0.15,
                 lower: 0.0, upper: 1.0, low: 0.1, high: 0.2, {REST}}}
peer_weight: {{name_zh: 同伴, name_en: peers, unit: '1', value: 1.0, lower: 0, upper: 5, {REST}}}
shared_luck: {{name_zh: 同运, name_en: luck, unit: '1', value: 1.5, lower: 0, upper: 5,
              low: 1, high: 2, drawn_with: behaviour.base_attention, {REST}}}
""",
    "price.yaml": f"""\
coal_price:
  name_zh: 煤价
  name_en: coal price
  unit: 元/t
  values: {{2020-01-01: 600.0, 2021-07-01: 900.0}}
  actual: {{2022-04-01: 1100.0, 2023-01-01: 1000.0}}
  spread_low: 0.8
  spread_high: 1.3
  lower: 0.0
  upper: 5000.0
  {REST.replace(", ", chr(10) + "  ")}
""",
    "model.yaml": "peers: {name_zh: 同伴, name_en: peers, unit: switch, value: on, evidence: assumed, quality: C}\n",
    "policy/carbon_price.yaml": """\
price:
  name_zh: 碳价
  name_en: carbon price
  unit: 元/t
  values:
    2020-01-01: 24.0
    2021-07-01: 36.0
  lower: 0.0
  upper: 2000.0
  evidence: law
  quality: A
  source: [law]
  plan_section: '7.2'
  lever: true
multiplier:
  name_zh: 碳价倍数
  name_en: carbon price multiplier
  unit: '1'
  value: 1.0
  lower: 0.0
  upper: 10.0
  evidence: assumed
  quality: C
  lever: true
""",
    "policy/grant.yaml": """\
share:
  name_zh: 补助比例
  name_en: grant share
  unit: share
  value: 0.06
  lower: 0.0
  upper: 0.5
  evidence: law
  quality: A
  source: [law]
  lever: true
open:
  name_zh: 开放
  name_en: open
  unit: switch
  value: off
  evidence: assumed
  quality: C
  lever: true
deadline:
  name_zh: 截止
  name_en: deadline
  unit: date
  value: 2025-12-31
  lower: 2021-01-01
  upper: 2035-12-31
  evidence: law
  quality: A
  source: [law]
""",
    "scenarios/baseline.yaml": "name_zh: 基准\nname_en: Baseline\nsentence_zh: 不变。\nsentence_en: Nothing changes.\n"
    "changes: {}\n",
    "scenarios/plan.yaml": "name_zh: 规划\nname_en: Plan\nsentence_zh: 规划。\nsentence_en: The plan.\n"
    "changes:\n  policy.grant.share: {2022-01-01: 0.1, 2024-01-01: 0.12}\n  policy.grant.open: on\n",
}


def write_tree(root: Path, **changed: str) -> Path:
    """Write the tree under `root`, with some files (named `folder__stem`) replaced; return the folder to load."""
    root = root / "configs"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(changed.pop(name.removesuffix(".yaml").replace("/", "__"), text), encoding="utf-8")
    assert not changed, f"no such file: {changed}"
    return root


def use_tiny_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the groups of parameters be the small ones of this module."""
    places = {group: f"tiny_configs.{CLASSES.get(group, 'Nothing')}" for group in PARAMETER_GROUPS}
    monkeypatch.setattr(PARAMETER_GROUPS, "places", places)
