"""The rules against worked examples that anybody can read and add to: tests/cases/<module>.yaml, one entry a rule.

An argument that is a tuple or a row is given by the fields it names; all other fields are no numbers, so a rule that
reads a field its example does not name fails.
"""

import ast
import importlib
import inspect
import math
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import pytest
import yaml

from sim.catalogue import FIT, OPTION

pytestmark = pytest.mark.kernels

CASES = Path(__file__).parent / "cases"
ROWS = {"fit": FIT, "option": OPTION}
WORDS = {"cases", "source"}
CASE_WORDS = {"name", "given", "expected", "note"}


def examples():
    """Return module, rule and example of every case."""
    return [
        pytest.param(path.stem, rule, case, id=f"{path.stem}.{rule}-{case['name'].replace(' ', '_')}")
        for path in sorted(CASES.glob("*.yaml"))
        for rule, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items()
        for case in entry["cases"]
    ]


def declared_rules():
    """Return the names of all rules of agents/, by module."""
    folder = Path(importlib.import_module("agents").__path__[0])
    return {
        path.stem: {node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if is_rule(node)}
        for path in sorted(folder.glob("*.py"))
    }


def is_rule(node):
    """Whether a statement of a module is a function marked as a rule."""
    decorators = getattr(node, "decorator_list", [])
    return any(isinstance(mark, ast.Name) and mark.id == "rule" for mark in decorators)


def argument(name: str, kind: Any, value: Any) -> Any:
    """Return a value of an example as the rule takes it."""
    if isinstance(value, dict):
        return row(ROWS[name], value) if name in ROWS else filled(kind, value)
    return kind(value)


def filled(kind: Any, fields: dict[str, Any]) -> Any:
    """Return a tuple of numbers with the fields that are given."""
    hints = get_type_hints(kind)
    assert set(fields) <= set(hints), f"{kind.__name__} has no {set(fields) - set(hints)}"
    return kind(
        **{name: argument(name, hints[name], fields[name]) if name in fields else math.nan for name in kind._fields}
    )


def row(dtype: np.dtype, fields: dict[str, Any]) -> Any:
    """Return a row of a table with the fields that are given."""
    record = np.zeros(1, dtype).view(np.recarray)
    for name in dtype.names or ():
        if name in fields or dtype[name].kind == "f":
            record[name] = fields.get(name, math.nan)
    assert set(fields) <= set(dtype.names or ())
    return record[0]


def same(got: Any, expected: Any, within: float) -> bool:
    """Whether a result is what an example expects: truth and whole numbers exactly, others within a tolerance."""
    if isinstance(expected, dict):
        names = got._fields
        assert set(names) == set(expected)
        return all(same(getattr(got, name), expected[name], within) for name in names)
    if isinstance(expected, bool):
        return isinstance(got, bool | np.bool_) and bool(got) is expected
    return abs(got - expected) <= within


@pytest.mark.parametrize(("module", "rule", "case"), examples())
def test_a_rule_gives_what_was_worked_out_by_hand(module, rule, case):
    function = getattr(importlib.import_module(f"agents.{module}"), rule)
    plain = getattr(function, "py_func", function)
    hints = get_type_hints(plain)
    assert set(case["given"]) == set(inspect.signature(plain).parameters), "an example names every argument"
    arguments = [argument(name, hints[name], case["given"][name]) for name in inspect.signature(plain).parameters]
    got = function(*arguments)
    assert same(got, case["expected"], case.get("within", 0.0)), (
        f"{got!r} instead of {case['expected']}: {case['note']}"
    )


def test_every_rule_has_an_example():
    written = {}
    for path in CASES.glob("*.yaml"):
        written[path.stem] = set(yaml.safe_load(path.read_text(encoding="utf-8")))
    declared = {module: rules for module, rules in declared_rules().items() if rules}
    assert sum(map(len, declared.values())) > 50
    assert {module: rules - written.get(module, set()) for module, rules in declared.items()} == {
        module: set() for module in declared
    }
    assert {module: rules - declared.get(module, set()) for module, rules in written.items()} == {
        module: set() for module in written
    }


@pytest.mark.parametrize("path", sorted(CASES.glob("*.yaml")), ids=lambda path: path.stem)
def test_examples_say_where_they_come_from_and_how_they_were_worked_out(path):
    for rule, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        assert set(entry) == WORDS, rule
        assert entry["source"], rule
        names = [case["name"] for case in entry["cases"]]
        assert len(names) == len(set(names)) > 0, rule
        for case in entry["cases"]:
            assert set(case) - {"within"} == CASE_WORDS, (rule, case["name"])
            assert str(case["note"]).strip(), (rule, case["name"])
            assert 0.0 <= float(case.get("within", 0.0)) <= 0.005, (rule, case["name"])


def test_a_wrong_result_is_found():
    assert not same(1.0 + 1e-15, 1.0, 0.0)
    assert not same(1.0, True, 0.0)
    assert not same(math.nan, 1.0, 0.005)


def test_every_programme_has_the_place_of_its_name():
    """Public spending is told by name, in the order of the codes."""
    government, names = (importlib.import_module(f"agents.{name}") for name in ("government", "codes"))
    other = {"farming": "circular_agriculture", "tourism": "eco_tourism"}
    found = {name.lower(): code for name, code in vars(government).items() if name.isupper() and isinstance(code, int)}
    number = found.pop("n_programmes")
    assert {other.get(name, name): code for name, code in found.items()} == {
        name: code for code, name in enumerate(names.PROGRAMME_NAMES) if code > 0
    }
    assert number == len(names.PROGRAMME_NAMES) - 1
